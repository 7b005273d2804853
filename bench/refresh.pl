#!/usr/bin/perl
# What refresh() costs after a small change beside a rebuild. Prints a table of ratios; status 1 where verify() lists a difference.
# Connects as psql does, to the database that bench/data.sql and bench/refresh.sql have filled.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Report;
use Session;

$| = 1;
my $runs = $ENV{BENCH_RUNS} // 5;
my $session = Session->new(client_min_messages => 'warning');

# The seconds of the last refresh: in rollups (taking the marks included), and in all.
sub seconds
{
	return split /\|/, $session->value(q{
		SELECT sum(l.seconds) FILTER (WHERE l.step = 'mark' OR u.name IS NOT NULL), extract(epoch FROM max(r.finished_at - r.started_at))
		FROM refresh_bench.refresh_log l JOIN refresh_bench.refresh_run r USING (run) LEFT JOIN refresh_bench.rollup u ON u.name = l.step
		WHERE l.run = (SELECT max(run) FROM refresh_bench.refresh_run)});
}

sub refresh
{
	my ($arguments) = @_;
	$session->value("CALL naloxone_kpi.refresh('refresh_bench', as_of => '2024-12-31'$arguments)");
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
		WHERE refresh_bench.day_of(occurred_at) BETWEEN date '2019-01-01' + interval '$month months' AND date '2019-01-01' + interval '$month months 30 days'
		ORDER BY n LIMIT 10000},
		q{UPDATE refresh_bench.administration_record a SET doses = '{9 x 1800 mcg intranasal}' FROM chosen c WHERE c.administration_id = a.administration_id AND n <= 8000},
		q{DELETE FROM refresh_bench.administration_record a USING chosen c WHERE c.administration_id = a.administration_id AND n > 9000},
		q{INSERT INTO refresh_bench.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key)
		  SELECT 'new' || a.administration_id, 'new' || a.administration_id, incident_division_code, occurred_at, person_key
		  FROM refresh_bench.administration_record a JOIN chosen c USING (administration_id) WHERE n BETWEEN 8001 AND 9000}, 'COMMIT';
	return $session->value("SELECT count(*) FROM refresh_bench.mark WHERE key_kind IS NULL");
}

print "Refreshing:\n";
my ($rebuilt, $rebuilt_all) = refresh(', full => true');
# A rebuild reads everything in its order and a refresh little of it here and there, so only that would wait for a disk, which is not measured here.
$session->query(q{SELECT pg_prewarm(oid) FROM pg_class WHERE relnamespace = 'refresh_bench'::regnamespace AND relkind IN ('r', 'i')});
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
my $differences = $session->value(q{SELECT count(*) FROM naloxone_kpi.verify('refresh_bench')});
print "  verify lists $differences differences\n";

print_table();
exit($differences ? 1 : 0);
