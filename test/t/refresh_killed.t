#!/usr/bin/perl
# Whatever ends a refresh, at whatever moment (a cancel, a terminated session, the whole server killed), the next one completes it: no
# mark is lost, nothing is counted twice, no lock remains, and readers notice nothing. In a cluster of its own, which is killed.
#
# KILLED_ROUNDS is how often each of the first two happens, by default 25, and KILLED_SEED where the random numbers begin.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);
use lib dirname(abs_path(__FILE__));
use Records;

my $bin = `@{[ $ENV{PG_CONFIG} // 'pg_config' ]} --bindir`;
chomp $bin;
my $rounds = $ENV{KILLED_ROUNDS} // 25;
my $server_rounds = int(($rounds + 2) / 3);
my $seed = $ENV{KILLED_SEED} // 1;
srand($seed);

# The cluster is this test's own: what was set for another one must not lead there.
delete $ENV{$_} foreach grep { /^PG/ && $_ ne 'PG_CONFIG' } keys %ENV;

# A server does not run as root. It is told a port and listens to no network, so the port need only be free in its directory.
my $dir = tempdir('nkpi_killed_XXXXXX', TMPDIR => 1);
my $port = 50434;
my @as;
if ($> == 0)
{
	my (undef, undef, $uid, $gid) = getpwnam('postgres') or plan(skip_all => 'root cannot run a server, and there is no user postgres');
	chown $uid, $gid, $dir;
	@as = ('setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups');
}
$ENV{TZ} = 'UTC';
my $is_running;
my %background;    # processes that have not been waited for

sub run
{
	my (@command) = @_;
	my $status = system("cd '$dir' && " . join(' ', map { "'" . s/'/'\\''/gr . "'" } @as, @command) . " >>'$dir/log' 2>&1");
	if ($status != 0)
	{
		diag("exit status $status: @command");
		diag(`tail -40 '$dir/log'`);
	}
	return $status == 0;
}

sub start
{
	run("$bin/pg_ctl", '-D', "$dir/data", '-l', "$dir/server.log", '-w', '-t', '60',
		'-o', "-p $port -k $dir -c listen_addresses= -c fsync=off -c jit=off -c autovacuum_naptime=1s", 'start') or die "the server did not start\n";
	$is_running = 1;
}

sub psql
{
	my ($user, @arguments) = @_;
	return (@as, "$bin/psql", '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $dir, '-p', $port, '-U', $user, '-d', 'postgres', @arguments);
}

sub sql
{
	my ($statements, $role) = @_;

	open my $psql, '-|', psql($role // 'nkpi_owner', '-c', 'SET client_min_messages = warning', '-c', $statements) or die "psql: $!";
	my $out = do { local $/; <$psql> } // '';
	close $psql or die "failed: " . substr($statements =~ s{\s+}{ }gr, 0, 200) . "\n";
	chomp $out;
	return $out;
}

# Starts a psql whose output goes to a file, and that says at once which backend it has; its process.
sub start_psql
{
	my ($file, @statements) = @_;

	unlink $file;
	my $process = fork() // die "cannot fork: $!";
	if ($process == 0)
	{
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', $file);
		open(STDERR, '>&', \*STDOUT);
		exec(psql('nkpi_owner', map { ('-c', $_) } 'SET client_min_messages = warning',
				q{DO $$ BEGIN RAISE WARNING 'backend %', pg_backend_pid(); END $$}, @statements)) or exit 127;
	}
	$background{$process} = 1;
	return $process;
}

sub wait_for
{
	my ($process) = @_;
	waitpid $process, 0;
	delete $background{$process};
}

sub contents
{
	my ($file) = @_;
	open my $handle, '<', $file or return '';
	my $out = do { local $/; <$handle> } // '';
	return $out;
}

# The process of the session that writes to the file; undefined where it ended first.
sub backend
{
	my ($file) = @_;
	my $end = time + 30;

	while (time < $end)
	{
		return $1 if contents($file) =~ /backend (\d+)\n/;
		sleep 0.005;
	}
	return undef;
}

# What a refresh, killed or not, must never leave. Empty: nothing.
sub wrongs
{
	my ($when) = @_;
	my @wrong;

	# The session ends a moment after its client.
	for (my $end = time + 10; time < $end && sql("SELECT count(*) FROM pg_locks WHERE relation = 'kpi.deployment'::regclass AND mode = 'ShareUpdateExclusiveLock'") ne '0';)
	{
		sleep 0.02;
	}
	foreach my $row (split /\n/, sql(q{
		SELECT 'a lock remains' WHERE EXISTS (SELECT FROM pg_locks WHERE relation = 'kpi.deployment'::regclass AND mode = 'ShareUpdateExclusiveLock')
		UNION ALL SELECT 'taken marks remain' WHERE EXISTS (SELECT FROM kpi.taken_mark)
		UNION ALL SELECT format('%s: %s %s', rollup, key, finding) FROM naloxone_kpi.verify('kpi') WHERE finding <> 'pending'}))
	{
		push @wrong, "$when: $row";
	}
	return @wrong;
}

sub change
{
	my ($writer, $changes) = @_;
	return sprintf 'SELECT setseed(%.6f); SELECT count(workload.change(%d)) FROM generate_series(1, %d)', rand(), $writer, $changes;
}

my $refresh = q{CALL naloxone_kpi.refresh('kpi', '2025-07-31')};

# Changes records, starts a refresh, and does to it what the function does with its backend; beside it, every other time, a
# transaction that began to change records before and commits after.
sub round
{
	my ($longest, $end_it) = @_;
	my $is_atomic = rand() < 0.25;
	my $writer;

	sql(change(int(rand(3)), 1 + int(rand(6)))) for 1 .. 1 + int(rand(3));
	$writer = start_psql("$dir/writer", change(3, 4) . sprintf('; SELECT pg_sleep(%.3f)', rand($longest))) if rand() < 0.5;
	my $refresher = start_psql("$dir/refresher", $is_atomic ? ('BEGIN', $refresh, 'COMMIT') : $refresh);
	my $backend = backend("$dir/refresher") // die "the refresh did not start\n";
	sleep rand($longest);
	$end_it->($backend);
	wait_for($refresher);
	wait_for($writer) if defined $writer;
	return contents("$dir/refresher");
}

# The whole server at once, as when the power fails but for the disk.
sub kill_server
{
	my ($postmaster) = contents("$dir/data/postmaster.pid") =~ /^(\d+)/ or die "there is no server\n";
	my @processes = split ' ', `ps -o pid= --ppid $postmaster`;

	kill 'STOP', $postmaster;
	kill 'KILL', $postmaster, @processes;
	for (my $end = time + 30; time < $end && grep { kill 0, $_ } $postmaster, @processes;)
	{
		sleep 0.02;
	}
	$is_running = 0;
}

sub test
{
	my @wrong;
	my $hits;

	run("$bin/initdb", '-D', "$dir/data", '-U', 'nkpi_superuser', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync') or die "no cluster\n";
	start();
	sql('CREATE EXTENSION naloxone_kpi CASCADE; CREATE ROLE nkpi_owner LOGIN; GRANT CREATE ON DATABASE postgres TO nkpi_owner', 'nkpi_superuser');
	sql("SELECT naloxone_kpi.deploy('kpi')");
	sql("SELECT setseed(0.5); " . workload('kpi', 2000, 4));
	is(sql('SELECT workload.forgotten()'), '', 'the records of every source that a rollup is made of change here');
	sql($refresh);
	sql(change(0, 50));
	my $started = time;
	sql($refresh);
	my $longest = time - $started;
	is(sql("SELECT count(*) FROM naloxone_kpi.verify('kpi')"), '0', 'a refresh that is left alone leaves no difference');
	is(sql('SELECT count(*) FROM workload.figures() WHERE num_rows = 0'), '0', 'there are rows in every view');

	# Someone reads every view all the time.
	my $reader = start_psql("$dir/reader", q{DO $$ BEGIN LOOP
		RAISE WARNING 'at least % rows', (SELECT min(num_rows) FROM workload.figures());
		COMMIT;
		PERFORM pg_sleep(0.5);
	END LOOP; END $$});
	foreach my $kind (['INT', 'cancelled', 'canceling statement'], ['TERM', 'terminated', 'terminating connection'])
	{
		my ($signal, $how, $message) = @$kind;

		($hits, @wrong) = (0);
		foreach my $number (1 .. $rounds)
		{
			my $output = round($longest, sub { kill $signal, $_[0] });

			$hits++ if $output =~ /$message/;
			push @wrong, "$how $number: $output" if $output =~ /ERROR|FATAL/ && $output !~ /$message/;
			push @wrong, wrongs("$how $number");
		}
		is_deeply(\@wrong, [], "$how at a random moment, a refresh leaves nothing that is wrong");
		cmp_ok($hits, '>=', $rounds / 2, "most were $how before their end: $hits of $rounds");
	}
	kill 'TERM', $reader;
	wait_for($reader);
	my (undef, @read) = split /\n/, contents("$dir/reader");
	is_deeply([ grep { !/ at least [1-9][0-9]* rows$/ } @read ], [], 'who reads all the while sees rows in every view, and no error');
	cmp_ok(scalar(@read), '>', 10, 'and did read');

	# (A session that is waited for ends with the server.)
	($hits, @wrong) = (0);
	foreach my $number (1 .. $server_rounds)
	{
		$hits++ if round($longest, \&kill_server) =~ /server closed the connection|terminating connection/;
		start();
		push @wrong, wrongs("killed $number");
		push @wrong, "killed $number: a view has no rows" if sql('SELECT count(*) FROM workload.figures() WHERE num_rows = 0') ne '0';
	}
	is_deeply(\@wrong, [], 'the server killed, it leaves nothing that is wrong');
	cmp_ok($hits, '>=', $server_rounds / 2, "most were killed before their end: $hits of $server_rounds");
	my $recovered = () = contents("$dir/server.log") =~ /not properly shut down/g;
	is($recovered, $server_rounds, 'each time the server recovered');

	sql($refresh);
	is(sql("SELECT * FROM naloxone_kpi.verify('kpi')"), '', 'the next refresh completes what was left: nothing differs, nothing is pending');
	is(sql('SELECT (SELECT count(*) FROM kpi.mark) + (SELECT count(*) FROM kpi.rollup_due)'), '0', 'no mark remains');
	my $figures = sql('SELECT * FROM workload.figures()');
	sql(q{CALL naloxone_kpi.refresh('kpi', '2025-07-31', full => true)});
	is(sql('SELECT * FROM workload.figures()'), $figures, 'every view is what a refresh of everything makes of it');
	is(sql("SELECT * FROM naloxone_kpi.check_deployment('kpi') WHERE finding NOT LIKE 'records %' AND finding NOT LIKE '%are not counted' AND finding NOT LIKE '%records %'"), '',
		'nothing is wrong with the deployment');
	my $failed = sql('SELECT count(*) FROM kpi.refresh_run WHERE failed_steps > 0');
	is($failed, '0', 'no step of any refresh failed') or diag(sql("SELECT step, error, count(*) FROM kpi.refresh_log WHERE error IS NOT NULL GROUP BY 1, 2"));
}

local $SIG{INT} = local $SIG{TERM} = sub { die "stopped\n" };
eval { test(); 1 } or fail("it went on: $@");
diag("the random numbers began at KILLED_SEED=$seed") unless Test::More->builder->is_passing;
kill 'TERM', $_ foreach keys %background;
run("$bin/pg_ctl", '-D', "$dir/data", '-w', '-m', 'immediate', 'stop') if $is_running;
waitpid $_, 0 foreach keys %background;
remove_tree($dir);
done_testing();
