#!/usr/bin/perl
# Readers, writers of every source and two refreshers at once: nobody waits for ever, no reader sees an error, only the second of two
# refreshers is refused, and afterwards every figure is what a refresh of everything makes of it.
#
# NALOXONE_LIVE_SECONDS is for how long, by default 15; 60 before a release.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);
use lib dirname(abs_path(__FILE__));
use Psql;
use Records;

my $seconds = $ENV{NALOXONE_LIVE_SECONDS} // 15;
my $dir = tempdir(CLEANUP => 1);
my $refresh = q{CALL naloxone_kpi.refresh('kpi', '2025-07-31')};
my %workers;    # processes, and the files of what they print

# One piece of work after the other in a process of its own, until the time is up: each is psql with the arguments that the function gives.
sub work
{
	my ($name, $pause, $arguments) = @_;
	my $file = "$dir/$name";
	my $process = fork() // die "cannot fork: $!";

	if ($process == 0)
	{
		my $end = time + $seconds;

		open(my $log, '>', $file) or exit 1;
		$log->autoflush;
		for (my $number = 1; time < $end; $number++)
		{
			my ($status, @lines) = psql('-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-At', $arguments->($number));
			print $log map { "$_\n" } @lines, $status == 0 ? 'did it' : "exit status $status";
			sleep $pause;
		}
		# Not the database: that is the parent's to drop.
		require POSIX;
		POSIX::_exit(0);
	}
	$workers{$name} = $process;
	return;
}

# What the worker of a name printed, and how many times it did its work.
sub finish
{
	my ($name) = @_;

	waitpid delete $workers{$name}, 0;
	open my $log, '<', "$dir/$name" or return ('', 0);
	my $out = do { local $/; <$log> } // '';
	my $done = () = $out =~ /^did it$/mg;
	return ($out, $done);
}

# The errors in it, but for those that match.
sub errors
{
	my ($out, $expected) = @_;
	return grep { !defined $expected || !/$expected/ } $out =~ /^.*(?:ERROR|FATAL|PANIC): .*$/mg;
}

sub test
{
	create_database('live');
	my ($status, @lines) = psql('-v', 'ON_ERROR_STOP=1', '-c', 'CREATE EXTENSION naloxone_kpi CASCADE', '-c', "SELECT naloxone_kpi.deploy('kpi')",
		'-c', 'SELECT setseed(0.25)', '-c', workload('kpi', 2000, 4), '-c', 'CREATE TABLE workload.kept AS TABLE kpi.survey_response_record');
	die join("\n", @lines) . "\n" if $status != 0;
	is(value('SELECT workload.forgotten()'), '', 'the records of every source that a rollup is made of change here');
	query($refresh);
	query('INSERT INTO workload.filled SELECT view FROM workload.figures() WHERE num_rows > 0');
	cmp_ok(value('SELECT count(*) FROM workload.filled'), '>=', 10, 'there are views with rows');

	open my $kits, '>', "$dir/kits" or die;
	printf $kits "%s\t2025-0%d-%02d 12:00+00\tissued\t%d\t2025-07-04 00:00+00\n", (qw(A G D))[$_ % 3], 4 + $_ % 4, 1 + $_ % 30, 1 + $_ % 5 foreach 1 .. 500;
	close $kits;

	foreach my $reader (1, 2)
	{
		work("reader $reader", 0.1, sub { ('-c', q{SELECT 'emptied: ' || workload.emptied()}) });
	}
	foreach my $writer (0 .. 2)
	{
		# Small transactions and large ones; some give up.
		work("writer $writer", 0, sub { ('-c', "SELECT setseed((($_[0] + $writer * 0.1)::numeric * 0.618) % 1)", '-c', "DO \$\$ BEGIN
			FOR i IN 1..20 LOOP
				PERFORM workload.change($writer) FROM generate_series(0, floor(random() * 5)::integer);
				PERFORM pg_sleep(random() * 0.05);
				IF random() < 0.2 THEN ROLLBACK; ELSE COMMIT; END IF;
			END LOOP; END \$\$") });
	}
	work('loader', 0.3, sub { ('-c', "\\copy kpi.kit_movement_record (division_code, moved_at, movement, kits, recorded_at) FROM '$dir/kits'",
		'-c', "DELETE FROM kpi.kit_movement_record WHERE recorded_at = '2025-07-04' AND random() < 0.5") });
	# A table that is emptied and filled in one transaction is never seen empty, though whoever held a snapshot before it would.
	work('replacer', 0.5, sub { ('-c', 'BEGIN', '-c', 'TRUNCATE kpi.survey_response_record', '-c', 'INSERT INTO kpi.survey_response_record TABLE workload.kept', '-c', 'COMMIT') });
	work('refresher 1', 0, sub { ('-c', $refresh) });
	work('refresher 2', 0.02, sub { $_[0] % 5 == 0 ? ('-c', 'BEGIN', '-c', $refresh, '-c', 'COMMIT') : ('-c', $refresh) });

	my ($refreshed, $refused) = (0, 0);
	foreach my $name (sort keys %workers)
	{
		my ($out, $done) = finish($name);

		if ($name =~ /^refresher/)
		{
			is_deeply([ errors($out, qr/ 55P03: .* is being refreshed already/) ], [], "$name is refused at most because the other is at it");
			$refreshed += $done;
			$refused += () = $out =~ / 55P03: /g;
		}
		else
		{
			is_deeply([ errors($out) ], [], "$name has no error");
			cmp_ok($done, '>', 0, "and did something: $done times");
		}
		is_deeply([ grep { $_ ne 'none' } $out =~ /^emptied: (.*)$/mg ], [], "$name sees no view emptied") if $name =~ /^reader/;
	}
	cmp_ok($refreshed, '>=', 1, "there were refreshes: $refreshed");
	cmp_ok($refused, '>=', 1, "and refusals: $refused");
	is(value("SELECT count(*) FROM kpi.refresh_run r LEFT JOIN kpi.refresh_log l USING (run) WHERE failed_steps IS DISTINCT FROM 0 OR mode = 'failed'"), '0',
		'no refresh that began failed')
	  or diag(join("\n", query("SELECT step, error_code, error FROM kpi.refresh_log WHERE mode = 'failed'")));
	is(value("SELECT count(*) FROM pg_locks WHERE relation = 'kpi.deployment'::regclass AND mode = 'ShareUpdateExclusiveLock'"), '0', 'no lock remains');
	is(value("SELECT * FROM naloxone_kpi.verify('kpi') WHERE finding <> 'pending'"), '', 'what no mark waits for is right');
	query($refresh);
	is(value("SELECT * FROM naloxone_kpi.verify('kpi')"), '', 'after one more refresh all is');
	is(value('SELECT (SELECT count(*) FROM kpi.mark) + (SELECT count(*) FROM kpi.rollup_due) + (SELECT count(*) FROM kpi.taken_mark)'), '0', 'no mark remains');
	my $figures = value('SELECT * FROM workload.figures()');
	query(q{CALL naloxone_kpi.refresh('kpi', '2025-07-31', full => true)});
	is(value('SELECT * FROM workload.figures()'), $figures, 'every view is what a refresh of everything makes of it');
}

local $SIG{INT} = local $SIG{TERM} = sub { die "stopped\n" };
eval { test(); 1 } or fail("it went on: $@");
kill 'TERM', values %workers;
waitpid $_, 0 foreach values %workers;
done_testing();
