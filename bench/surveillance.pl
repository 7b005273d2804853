#!/usr/bin/perl
# farrington_flexible(), ears() and cusum() of BENCH_SERIES series (1000) of 520 weeks, beside R's surveillance package on the first BENCH_R_SERIES (5) of
# them, which takes some ten seconds for each. Prints a table of ratios; status 1 where the two answer for different weeks or with different bounds.
# Connects as psql does, to a database that has the extension.
use strict;
use warnings;
use File::Temp;
use FindBin;
use lib $FindBin::RealBin;
use Report;
use Session;

$| = 1;
my $num_series = $ENV{BENCH_SERIES} // 1000;
my $num_for_r = $ENV{BENCH_R_SERIES} // 5;
my $session = Session->new(client_min_messages => 'warning', jit => 'off', max_parallel_workers_per_gather => 0, work_mem => '256MB');

$session->query('SET search_path = naloxone_kpi, public');

# Counts made by arithmetic alone, the same in every run: a season, some noise, now and then an outbreak.
$session->query($_) foreach
	qq{CREATE TEMP TABLE weeks AS
	   SELECT series, week, floor((2 + series % 17) * (1 + 0.4 * sin(week * pi() / 26)) * (0.4 + 1.2 * (hashint8(series * 1000 + week) & 1023) / 1023))::bigint
	                        + CASE WHEN (hashint8(week * 7919 + series) & 127) = 0 THEN 12 ELSE 0 END AS count
	   FROM generate_series(1, $num_series\::bigint) AS series, generate_series(1, 520::bigint) AS week},
	'ANALYZE weeks';
my $file = File::Temp->new(SUFFIX => '.csv');
print $file "series,week,count\n", map { tr/|/,/r . "\n" } $session->query("SELECT * FROM weeks WHERE series <= $num_for_r ORDER BY series, week");
$file->flush;

# As "method|seconds|points with a result|the sum of their bounds", of the whole of the series.
my %r = map { my ($method, @answer) = split /\|/, $_, -1; $method => \@answer } map { chomp; $_ } qx(Rscript '$FindBin::RealBin/surveillance.R' '$file');
$? == 0 or die "R's surveillance package did not run\n";

my $differs = 0;
foreach my $measure (
	['Farrington, flexible', '>= 20', 'farrington_flexible(count)', 'upper_bound'],
	['Farrington, improved', '>= 20',
		q{farrington_flexible(count, no_periods => 10, past_weeks_not_included => 26, p_threshold_trend => 1, threshold_method => 'nbPlugin')}, 'upper_bound'],
	['EARS C2', '', q{ears(count, 'C2')}, 'upper_bound'],
	['CUSUM', '', 'cusum(count, baseline => 52)', 'score'])
{
	my ($method, $goal, $call, $field) = @$measure;
	my $query = "SELECT count((f).$field), sum((f).$field) FROM (SELECT $call OVER (PARTITION BY series ORDER BY week) AS f FROM weeks";
	my ($points, $sum) = split /\|/, $session->value("$query WHERE series <= $num_for_r) s");
	my ($elapsed) = $session->timed("$query) s");
	my ($r_seconds, $r_points, $r_sum) = @{$r{$method}};
	my ($ours, $peer) = ($elapsed / 1000 / $num_series, $r_seconds / $num_for_r);

	report("$method, a series of 520 weeks", $goal, $ours, $peer, $peer / $ours, $goal ? $peer / $ours >= 20 : undef);
	# R has no score of CUSUM: its alarms only.
	next if $r_sum eq '';
	next if $points == $r_points && abs($sum - $r_sum) <= 1e-6 * $r_sum;
	print "  $method WRONG: $points bounds with a sum of $sum, R's $r_points with $r_sum\n";
	$differs = 1;
}
print_table();
exit $differs;
