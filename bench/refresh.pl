#!/usr/bin/perl
# What refresh() costs after a small change beside a rebuild, and what marking costs a load. Prints a table of ratios.
# Connects as psql does, to the database that bench/data.sql and bench/refresh.sql have filled.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Temp qw(tempdir);
use List::Util qw(max);
use Session;

$| = 1;
my $runs = $ENV{BENCH_RUNS} // 5;
my $session = Session->new(client_min_messages => 'warning');
my @table = (['measured', 'goal', 'ours', 'peer', 'ratio', '']);

sub value
{
	my ($first) = $session->query($_[0]);
	return $first;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub report
{
	my ($what, $goal, $ours, $peer, $ratio, $met) = @_;
	push @table, [$what, $goal, (map { sprintf '%.3f s', $_ } $ours, $peer), sprintf('%.2f', $ratio), $met ? 'met' : 'MISSED'];
	printf "  %s: %.3f s beside %.3f s, %.2f\n", $what, $ours, $peer, $ratio;
}

# The seconds of the last refresh: in rollups (taking the marks included), and in all.
sub seconds
{
	return split /\|/, value(q{
		SELECT sum(l.seconds) FILTER (WHERE l.step = 'mark' OR u.name IS NOT NULL), extract(epoch FROM max(r.finished_at - r.started_at))
		FROM refresh_bench.refresh_log l JOIN refresh_bench.refresh_run r USING (run) LEFT JOIN refresh_bench.rollup u ON u.name = l.step
		WHERE l.run = (SELECT max(run) FROM refresh_bench.refresh_run)});
}

sub refresh
{
	my ($arguments) = @_;
	value("CALL naloxone_kpi.refresh('refresh_bench', as_of => '2024-12-31'$arguments)");
	return seconds();
}

# 10,000 records of a month, 31 days of 13 divisions: most are changed, some deleted, some new.
sub change
{
	my ($month) = @_;
	$session->query($_) foreach 'BEGIN', qq{
		CREATE TEMP TABLE chosen ON COMMIT DROP AS
		SELECT administration_id, row_number() OVER (ORDER BY hashtextextended(administration_id, $month)) AS n
		FROM refresh_bench.administration
		WHERE occurred_at >= date '2019-01-01' + interval '$month months' AND occurred_at < date '2019-01-01' + interval '$month months 31 days'
		ORDER BY n LIMIT 10000},
		q{UPDATE refresh_bench.administration_record a SET doses = '{9 x 1800 mcg intranasal}' FROM chosen c WHERE c.administration_id = a.administration_id AND n <= 8000},
		q{DELETE FROM refresh_bench.administration_record a USING chosen c WHERE c.administration_id = a.administration_id AND n > 9000},
		q{INSERT INTO refresh_bench.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key)
		  SELECT 'new' || a.administration_id, 'new' || a.administration_id, incident_division_code, occurred_at, person_key
		  FROM refresh_bench.administration_record a JOIN chosen c USING (administration_id) WHERE n BETWEEN 8001 AND 9000}, 'COMMIT';
	return value("SELECT count(*) FROM refresh_bench.mark WHERE key_kind IS NULL");
}

print "Refreshing:\n";
refresh('');
my ($rebuilt, $rebuilt_all) = refresh(', full => true');
my (@changed, @changed_all, $buckets);
foreach my $run (1 .. $runs)
{
	$buckets = change(7 * $run);
	my ($rollups, $all) = refresh('');
	push @changed, $rollups;
	push @changed_all, $all;
}
my ($ours, $ours_all) = (median(@changed), median(@changed_all));
report("rollups, 10,000 changes on $buckets division-days, beside a rebuild", '>= 100', $ours, $rebuilt, $rebuilt / $ours, $rebuilt / $ours >= 100);
report('the whole refresh beside a rebuild', '>= 20', $ours_all, $rebuilt_all, $rebuilt_all / $ours_all, $rebuilt_all / $ours_all >= 20);
my $differences = value(q{SELECT count(*) FROM naloxone_kpi.verify('refresh_bench')});
print "  verify lists $differences differences\n";

# Loading: the same rows into the same empty table, with and without the triggers that mark.
print "Loading:\n";
my $rows = 500000;
my $file = tempdir(CLEANUP => 1) . "/rows";
my $columns = join ', ', grep { $_ ne 'recorded_at' } $session->query(q{SELECT attname FROM pg_attribute WHERE attrelid = 'refresh_bench.administration_record'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum});
value("\\copy (SELECT $columns FROM refresh_bench.administration_record LIMIT $rows) TO '$file'");
$session->query($_) foreach 'CREATE TABLE refresh_bench.plain_load (LIKE refresh_bench.administration_record INCLUDING ALL)',
	'CREATE TABLE refresh_bench.partitioned_load (LIKE refresh_bench.administration_record) PARTITION BY RANGE (occurred_at)',
	(map { my $next = $_ + 1; "CREATE TABLE refresh_bench.partitioned_load_$_ PARTITION OF refresh_bench.partitioned_load FOR VALUES FROM ('$_-01-01') TO ('$next-01-01')" } 2018 .. 2025),
	'CREATE UNIQUE INDEX ON refresh_bench.partitioned_load (administration_id, occurred_at)',
	'CREATE INDEX ON refresh_bench.partitioned_load (incident_id, person_in_incident)',
	'CREATE INDEX ON refresh_bench.partitioned_load (person_key, occurred_at)',
	q{CREATE INDEX ON refresh_bench.partitioned_load (refresh_bench.day_of(occurred_at), coalesce(incident_division_code, 'UNKNOWN'))};

foreach my $load (['plain_load', 'a plain table', 1.3], ['partitioned_load', 'a partitioned table', 1.6])
{
	my ($table, $name, $limit) = @$load;
	my (@with, @without);
	value(qq{SELECT naloxone_kpi.track_changes('refresh_bench', 'administration', 'refresh_bench.$table', days, keys) FROM refresh_bench.source_mark WHERE source = 'administration'});
	foreach my $run (0 .. $runs)
	{
		foreach my $marking ($run % 2 ? (1, 0) : (0, 1))
		{
			$session->query($_) foreach "ALTER TABLE refresh_bench.$table DISABLE TRIGGER USER", "TRUNCATE refresh_bench.$table";
			$session->query("ALTER TABLE refresh_bench.$table ENABLE TRIGGER USER") if $marking;
			my $before = $session->processor;
			value("\\copy refresh_bench.$table ($columns) FROM '$file'");
			push @{ $marking ? \@with : \@without }, ($session->processor - $before) / 1000 if $run > 0;
			$session->query('DELETE FROM refresh_bench.mark');
		}
	}
	my @ratios = map { $with[$_] / $without[$_] } 0 .. $#with;
	report("COPY of $rows rows into $name, marked, beside unmarked", "<= $limit", median(@with), median(@without), median(@ratios), median(@ratios) <= $limit);
	next unless $table eq 'plain_load';
	my (@single, @single_without);
	foreach my $marking (0, 1)
	{
		$session->query($_) foreach "ALTER TABLE refresh_bench.$table DISABLE TRIGGER USER", "TRUNCATE refresh_bench.$table";
		$session->query("ALTER TABLE refresh_bench.$table ENABLE TRIGGER USER") if $marking;
		my $before = $session->processor;
		$session->query("INSERT INTO refresh_bench.$table SELECT * FROM refresh_bench.administration_record LIMIT 1 OFFSET $_") foreach 1 .. 500;
		push @{ $marking ? \@single : \@single_without }, ($session->processor - $before) / 500 / 1000;
	}
	push @table, ['one row in a transaction, marked, beside unmarked', '', (map { sprintf '%.3f ms', 1000 * $_ } $single[0], $single_without[0]), sprintf('%.2f', $single[0] / $single_without[0]), ''];
}
$session->query("DROP TABLE refresh_bench.$_") foreach qw(plain_load partitioned_load);
$session->query("DELETE FROM refresh_bench.tracked_table WHERE relation::text ~ '^[0-9]+\$'");

print "\n";
my @width = map { my $column = $_; max(map { length $_->[$column] } @table) } 0 .. 5;
print join('  ', map { sprintf "%-$width[$_]s", $table[0][$_] } 0 .. 5), "\n";
foreach my $line (@table[1 .. $#table]) { print join('  ', map { sprintf "%-$width[$_]s", $line->[$_] } 0 .. 5), "\n" }
exit($differences ? 1 : 0);
