#!/usr/bin/perl
# naloxone_kpi beside its peers: runs the queries of both, alternately, and prints one table of ratios. bench/README.md
#
# The database is the one that psql finds by its environment, filled by bench/data.sql. BENCH_RUNS says how often each query is
# measured. The exit status is 1 where results differ that must be equal; a goal that is missed does not change it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use List::Util qw(max min sum);
use Session;

$| = 1;
my $runs = $ENV{BENCH_RUNS} || 5;
my (@table, @notes);
my ($different, $wait, $processor_time) = (0, 0, 0);
my %two_workers = (max_parallel_workers_per_gather => 2);

sub median
{
	my @sorted = sort { $a <=> $b } @_;

	return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# The median, and the least and the greatest.
sub spread
{
	my $digits = median(@_) < 20 ? 2 : 0;

	return sprintf("%.${digits}f (%.${digits}f..%.${digits}f)", median(@_), min(@_), max(@_));
}

# What a statement prints, run in a session of its own.
sub value
{
	my ($sql, %settings) = @_;
	my $session = Session->new(%settings);
	my @lines = $session->query($sql);

	$session->close;
	return join("\n", @lines);
}

# How many rows one query gives and the other does not.
sub differences
{
	my ($settings, $ours, $peer) = @_;
	my $count =
		value("SELECT count(*) FROM (($ours EXCEPT ALL $peer) UNION ALL ($peer EXCEPT ALL $ours)) AS difference", %$settings);

	$different += $count;
	return $count;
}

# One line of the table. A goal reads "<= 1.15", for our figure over the peer's, or ">= 4", for the peer's over ours; it is met
# where the median of each of the lists of ratios meets it.
sub report
{
	my ($what, $goal, $ours, $peer, $differences, @ratios) = @_;
	my $verdict = '';

	if ($goal =~ /^(..) (.*)$/)
	{
		my $missed = grep { $1 eq '<=' ? median(@$_) > $2 : median(@$_) < $2 } @ratios;
		$verdict = $missed ? 'MISSED' : 'met';
	}
	$verdict = 'WRONG' if $differences;
	my @spreads = map { spread(@$_) } @ratios;
	push @table, [$what, $goal, $spreads[0], $spreads[1] // '', $ours, $peer, $differences, $verdict];
	print "  $what: $spreads[0]\n";
}

# The ratios of a goal's kind, round by round.
sub ratios
{
	my ($goal, $ours, $peer) = @_;

	return [map { $goal =~ /^<=/ ? $ours->[$_] / $peer->[$_] : $peer->[$_] / $ours->[$_] } 0 .. $#$ours];
}

# Measures our query and the peer's in turn in one session, which of them is first changing from round to round, after one run
# of each that is not counted. Options: settings, or ours_settings and peer_settings where they are not the same; runs; same,
# where the results must be equal: the two queries that show it.
sub compare
{
	my ($what, $goal, $ours, $peer, %option) = @_;
	my @query = ($ours, $peer);
	my @settings = map { $option{$_} // $option{settings} // {} } qw(ours_settings peer_settings);
	my $session = Session->new;
	my (@elapsed, @processor);

	foreach my $round (0 .. $option{runs} // $runs)
	{
		foreach my $who ($round % 2 ? (1, 0) : (0, 1))
		{
			$session->query('RESET ALL');
			$session->set(%{ $settings[$who] });
			my ($elapsed, $processor) = $session->timed($query[$who]);
			next if $round == 0;
			push @{ $elapsed[$who] }, $elapsed;
			push @{ $processor[$who] }, $processor;
		}
	}
	$session->close;

	my @ratios = ratios($goal, @elapsed);
	# The processor time of workers is not known, so of parallel queries only the wait is compared.
	if (!grep { $_->{max_parallel_workers_per_gather} } @settings)
	{
		push @ratios, ratios($goal, @processor);
		$wait += sum(map { @$_ } @elapsed);
		$processor_time += sum(map { @$_ } @processor);
	}
	report($what, $goal, (map { sprintf('%.0f ms', median(@$_)) } @elapsed),
		$option{same} ? differences($settings[0], @{ $option{same} }) : '', @ratios);
}

# Returns what the expression catches in the executed plan of a query; notes where it catches nothing.
sub check_plan
{
	my ($what, $meant, $expected, $settings, $sql) = @_;
	my @caught = value("EXPLAIN (ANALYZE) $sql", %$settings) =~ $expected;

	push @notes, "$what was not executed as meant, $meant" unless @caught;
	return @caught;
}

# The peak memory of our query and the peer's, each run in a new backend.
sub compare_memory
{
	my ($what, $goal, $ours, $peer, $settings) = @_;
	my @memory;

	foreach my $round (1 .. $runs)
	{
		foreach my $who (0, 1)
		{
			my $session = Session->new(%$settings);
			push @{ $memory[$who] }, $session->peak_memory(($ours, $peer)[$who]);
			$session->close;
		}
	}
	report($what, $goal, (map { sprintf('%.0f MB', median(@$_) / 1024) } @memory), '', ratios($goal, @memory));

	my @used = map { check_plan($what, 'in one hash table', qr/HashAggregate.*Batches: 1  Memory Usage: (\d+)kB/s, $settings, $_) }
		$ours, $peer;
	push @notes, sprintf('%s: EXPLAIN says %.0f MB and %.0f MB', $what, map { $_ / 1024 } @used) if @used == 2;
}

# The queries ------------------------------------------------------------------

my $fractions = 'ARRAY[0.5, 0.9, 0.95, 0.99]';
my $cont = "percentile_cont($fractions) WITHIN GROUP (ORDER BY response_s)";
my $month = "period_start('month', occurred_at, 'Europe/London', 4)";

sub from_rows
{
	my ($period, $figures) = @_;

	return "SELECT division, $period AS period, $figures FROM administration GROUP BY 1, 2";
}

print "From rows:\n";
compare('duration_dist beside avg, by division and month', '<= 1.15',
	from_rows($month, 'mean(duration_dist(response_s))'), from_rows($month, 'avg(response_s)'),
	same => [from_rows($month, 'total(duration_dist(response_s)), num_values(duration_dist(response_s))'),
		from_rows($month, 'sum(response_s), count(response_s)')]);

my $percentiles = from_rows($month, "percentile(duration_dist(response_s), $fractions)");
my $percentiles_cont = from_rows($month, $cont);
my $percentiles_tdigest = from_rows($month, "tdigest_percentile(response_s, 100, $fractions)");
my @same_percentiles = (same => [$percentiles, $percentiles_cont]);
compare('4 percentiles beside percentile_cont', '>= 4', $percentiles, $percentiles_cont, @same_percentiles);
compare('4 percentiles beside tdigest(100)', '>= 1.6', $percentiles, $percentiles_tdigest);
foreach (['duration_dist', $percentiles], ['tdigest', $percentiles_tdigest])
{
	my ($name, $sql) = @$_;
	my $partial = qr/Workers Launched: 2.*Partial HashAggregate/s;

	check_plan("$name with two workers", 'aggregating in each worker', $partial, \%two_workers, $sql);
}
compare('4 percentiles beside percentile_cont, two workers', '>= 5', $percentiles, $percentiles_cont,
	settings => \%two_workers, @same_percentiles);
compare('4 percentiles beside tdigest(100), two workers', '>= 1.6', $percentiles, $percentiles_tdigest,
	settings => \%two_workers);
compare('4 percentiles, two workers beside none', '>= 1.7', $percentiles, $percentiles, ours_settings => \%two_workers);

# In the zone of the session, since that is the one whose months date_trunc gives.
foreach my $zone ('Europe/London', 'America/Toronto')
{
	my $ours = "SELECT period_start('month', occurred_at, '$zone', 4), count(*) FROM administration GROUP BY 1";
	my $peer = "SELECT date_trunc('month', occurred_at), count(*) FROM administration GROUP BY 1";
	my $dates = "SELECT date_trunc::date, count FROM ($peer) AS month";

	compare("period_start beside date_trunc, $zone", '<= 0.7', $ours, $peer,
		settings => { TimeZone => $zone }, same => [$ours, $dates]);
}

my $daily = "(occurred_at AT TIME ZONE 'Europe/London')::date";
compare_memory('peak memory, by division and day', '<= 1',
	from_rows($daily, "percentile(duration_dist(response_s), $fractions)"),
	from_rows($daily, "tdigest_percentile(response_s, 100, $fractions)"), { work_mem => '4GB', enable_sort => 'off' });

# Stored states ----------------------------------------------------------------

print "From stored states:\n";
sub from_states
{
	my ($table, $figures) = @_;

	return "SELECT division, period_start('fiscal_year', day, 4) AS period, $figures FROM $table GROUP BY 1, 2";
}

my @size = map { value("SELECT avg(pg_column_size(response)) FROM $_") } qw(daily_duration_dist daily_tdigest);
report('stored size of a daily state beside tdigest(100)', '<= 0.45', (map { sprintf('%.0f B', $_) } @size), '',
	[$size[0] / $size[1]]);

my $years = from_states('daily_duration_dist', "percentile(rollup(response), $fractions)");
my $years_rows = from_rows("period_start('fiscal_year', occurred_at, 'Europe/London', 4)", $cont);
compare('daily states to years beside tdigest(100)', '>= 1.3', $years,
	from_states('daily_tdigest', "tdigest_percentile(response, $fractions)"), runs => 4 * $runs);
compare('daily states to years beside percentile_cont, rows', '>= 100', $years, $years_rows,
	same => [$years, $years_rows]);

sub moving
{
	my ($figure) = @_;

	return "SELECT day, $figure FROM daily_duration_dist WHERE division = 1 WINDOW year AS (ORDER BY day ROWS 364 PRECEDING)";
}

my $moving = moving('moving_percentile(response, 0.9) OVER year');
my $moving_rollup = moving('percentile(rollup(response) OVER year, 0.9)');
compare('moving_percentile beside rollup, 365 days', '', $moving, $moving_rollup, same => [$moving, $moving_rollup]);

# Funnel -----------------------------------------------------------------------

print "Funnel:\n";
my $funnel = <<'SQL';
SELECT furthest_stage(f), count(*)
FROM (SELECT person_id, funnel(stage, at, '30 days') AS f FROM referral GROUP BY person_id) AS person
GROUP BY 1
SQL
# The fastest plain SQL that was found: one sort serves every window, and what is too late leaves after the first. Whoever has
# no event of stage 1 stays, to be counted.
my $windows = <<'SQL';
SELECT furthest, count(*)
FROM (
	SELECT person_id, CASE
		WHEN count(*) FILTER (WHERE stage = 4 AND at >= third) > 0 THEN 4
		WHEN min(third) IS NOT NULL THEN 3 WHEN min(second) IS NOT NULL THEN 2 WHEN min(first) IS NOT NULL THEN 1 ELSE 0
	END AS furthest
	FROM (
		SELECT *, min(at) FILTER (WHERE stage = 3 AND at >= second) OVER (PARTITION BY person_id) AS third
		FROM (
			SELECT *, min(at) FILTER (WHERE stage = 2 AND at >= first) OVER (PARTITION BY person_id) AS second
			FROM (
				SELECT *, min(at) FILTER (WHERE stage = 1) OVER (PARTITION BY person_id) AS first
				FROM referral
			) AS referral
			WHERE first IS NULL OR at BETWEEN first AND first + interval '30 days'
		) AS referral
	) AS referral
	GROUP BY person_id
) AS person
GROUP BY 1
SQL
value('DROP INDEX IF EXISTS referral_person');
compare('funnel beside nested windows', '>= 2.5', $funnel, $windows, same => [$funnel, $windows]);
value($_) foreach 'CREATE INDEX referral_person ON referral (person_id, at) INCLUDE (stage)', 'VACUUM (ANALYZE) referral';
# The planner would rather read the table and hash it than read a whole index.
my %index = (enable_seqscan => 'off');
check_plan('funnel with a covering index', 'reading the index alone', qr/Index Only Scan/, \%index, $funnel);
check_plan('nested windows with a covering index', 'reading the index alone', qr/Index Only Scan/, \%index, $windows);
compare('funnel beside nested windows, covering index', '>= 6', $funnel, $windows,
	settings => \%index, same => [$funnel, $windows]);

# The table --------------------------------------------------------------------

open(my $cpuinfo, '<', '/proc/cpuinfo') or die "cannot read /proc/cpuinfo: $!\n";
my @models = map { /^model name\s*: (.*)/ ? $1 : () } readline($cpuinfo);
my ($version, $rows, $events) = map { value($_) } 'SHOW server_version', 'SELECT count(*) FROM administration',
	'SELECT count(*) FROM referral';
print "\nPostgreSQL $version", @models ? ', ' . @models . " x $models[0]" : '', "\n";
print "Administrations: $rows; referral events: $events; rounds: $runs\n";
printf "Where one process did the work, it had a processor for %.0f %% of the time.\n", 100 * $processor_time / $wait;
print "Ratios, median (least..greatest) of rounds: ours over the peer's where the goal is <=, else the peer's over ours.\n\n";

unshift @table, ['measured', 'goal', 'time, or size', 'processor time', 'ours', 'peer', 'differences', ''];
my @width = map { my $column = $_; max(map { length $_->[$column] } @table) } 0 .. $#{ $table[0] };
foreach my $line (@table)
{
	my $text = join('  ', map { sprintf($_ =~ /^[45]$/ ? "%$width[$_]s" : "%-$width[$_]s", $line->[$_]) } 0 .. $#$line);

	$text =~ s/ +$//;
	print "$text\n";
}
print "\n", map { "$_\n" } @notes;
exit($different ? 1 : 0);
