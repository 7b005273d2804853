#!/usr/bin/perl
# What marking what changes costs a load: the same rows into the same empty table, with and without the triggers that mark. In processor time.
# Prints a table of ratios. Connects as psql does, to the database that bench/data.sql and bench/refresh.sql have filled.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Temp qw(tempdir);
use Report;
use Session;

$| = 1;
my $runs = $ENV{BENCH_RUNS} // 5;
my $session = Session->new(client_min_messages => 'warning');

print "Loading:\n";
my $rows = 500000;
my $file = tempdir(CLEANUP => 1) . "/rows";
my $columns = join ', ', grep { $_ ne 'recorded_at' } $session->query(q{SELECT attname FROM pg_attribute WHERE attrelid = 'refresh_bench.administration_record'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum});
$session->value("\\copy (SELECT $columns FROM refresh_bench.administration_record LIMIT $rows) TO '$file'");
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
	$session->value(qq{SELECT naloxone_kpi.track_changes('refresh_bench', 'administration', 'refresh_bench.$table', days, keys) FROM refresh_bench.source_mark WHERE source = 'administration'});
	foreach my $run (0 .. $runs)
	{
		foreach my $marking ($run % 2 ? (1, 0) : (0, 1))
		{
			$session->query($_) foreach "ALTER TABLE refresh_bench.$table DISABLE TRIGGER USER", "TRUNCATE refresh_bench.$table";
			$session->query("ALTER TABLE refresh_bench.$table ENABLE TRIGGER USER") if $marking;
			my $before = $session->processor;
			$session->value("\\copy refresh_bench.$table ($columns) FROM '$file'");
			push @{ $marking ? \@with : \@without }, ($session->processor - $before) / 1000 if $run > 0;
			$session->query('DELETE FROM refresh_bench.mark');
		}
	}
	my @ratios = map { $with[$_] / $without[$_] } 0 .. $#with;
	report("COPY of $rows rows into $name, marked, beside unmarked", "<= $limit", median(@with), median(@without), median(@ratios), median(@ratios) <= $limit);
	next unless $table eq 'plain_load';
	my (@single, @single_without);
	$session->query($_) foreach "CREATE TEMP TABLE single AS SELECT row_number() OVER () AS number, r.* FROM (SELECT $columns FROM refresh_bench.administration_record LIMIT 500) r",
		'CREATE INDEX ON single (number)', 'ANALYZE single';
	foreach my $marking (0, 1)
	{
		$session->query($_) foreach "ALTER TABLE refresh_bench.$table DISABLE TRIGGER USER", "TRUNCATE refresh_bench.$table";
		$session->query("ALTER TABLE refresh_bench.$table ENABLE TRIGGER USER") if $marking;
		my $before = $session->processor;
		$session->query("INSERT INTO refresh_bench.$table ($columns) SELECT $columns FROM single WHERE number = $_") foreach 1 .. 500;
		push @{ $marking ? \@single : \@single_without }, ($session->processor - $before) / 500 / 1000;
	}
	report('one row in a transaction, marked, beside unmarked', '', $single[0], $single_without[0], $single[0] / $single_without[0]);
}
$session->query("DROP TABLE refresh_bench.$_") foreach qw(plain_load partitioned_load);
$session->query("DELETE FROM refresh_bench.tracked_table WHERE relation::text ~ '^[0-9]+\$'");

print_table();
