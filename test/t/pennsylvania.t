#!/usr/bin/perl
# Real records through the contracts: test/pennsylvania/mapping.sql maps Pennsylvania's overdose responses, and every figure of
# the KPI views is compared with the one that test/pennsylvania/expected.py works out from the file on its own.
#
# NALOXONE_KPI_SHARED names the directory that has data/pennsylvania/overdose_responses.csv; default: shared beside the
# project's own directory. Connects as psql does by default, as a superuser; works in a database of its own.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Psql;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $shared = $ENV{NALOXONE_KPI_SHARED} // "$top/../shared";
my $file = "$shared/data/pennsylvania/overdose_responses.csv";

plan skip_all => "no $file: set NALOXONE_KPI_SHARED to the directory that has data/pennsylvania" unless -r $file;

# Compares two sets of lines, and shows the first that only one has.
sub same_lines
{
	my ($found, $expected, $name) = @_;
	my (%found, %expected);

	$found{$_}++ for @$found;
	$expected{$_}++ for @$expected;
	my @missing = grep { !$found{$_} } sort keys %expected;
	my @surplus = grep { !$expected{$_} } sort keys %found;
	ok(@$expected > 0 && @missing == 0 && @surplus == 0 && @$found == @$expected, "$name (" . @$expected . ' rows)')
	  or diag(join("\n", 'expected, not found: ' . @missing, @missing[0 .. ($#missing > 4 ? 4 : $#missing)],
				   'found, not expected: ' . @surplus, @surplus[0 .. ($#surplus > 4 ? 4 : $#surplus)]));
}

create_database('pennsylvania');

# What the figures should be.
my %expected;
open(my $computed, '-|', 'python3', "$top/test/pennsylvania/expected.py", $file) or die "cannot run expected.py: $!";
while (my $line = <$computed>)
{
	chomp $line;
	my ($name, $rest) = split(/,/, $line, 2);
	push @{ $expected{$name} }, $rest;
}
ok(close($computed), 'expected.py succeeds');

# Mapping and refreshing ------------------------------------------------------

query('CREATE EXTENSION naloxone_kpi CASCADE');
my ($status, @output) = psql('-v', "shared=$shared", '-f', "$top/test/pennsylvania/mapping.sql");
is($status, 0, 'mapping.sql runs') or die join("\n", @output) . "\n";

is(value("SELECT string_agg(naloxone_kpi.period_start('fiscal_year', day, 7)::text, ' ') FROM (VALUES (date '2018-06-30'), ('2018-07-01')) d (day)"),
	'2017-07-01 2018-07-01', 'the fiscal year begins in July');

($status, @output) = psql('-c', "CALL naloxone_kpi.refresh('pennsylvania', as_of => '2020-01-31')");
is($status, 0, 'it refreshes') or diag(join("\n", @output));
is(value("SELECT count(*) FROM pennsylvania.refresh_log WHERE mode = 'failed'"), 0, 'no step failed');

is(value(q{SELECT count(*) FROM naloxone_kpi.bi_check('pennsylvania')}), 0, 'BI tools will misread nothing');
is(value(q{SELECT count(*), count(*) FILTER (WHERE object = 'pennsylvania.population' AND finding LIKE 'has no total for %'),
                  count(*) FILTER (WHERE finding LIKE 'changes of odin.% beneath it are not marked: it is not tracked')
           FROM naloxone_kpi.check_deployment('pennsylvania')}),
	'71,67,4', 'check_deployment finds that 67 counties have no population, that the mapped tables are not tracked, and nothing else');

# Rows in = rows accounted for ------------------------------------------------

same_lines([query(q{
	WITH incident AS (
		SELECT incident_id, count(*) AS people FROM pennsylvania.administration GROUP BY incident_id
	)
	SELECT 'rows', count(*)::text FROM odin.overdose_response
	UNION ALL SELECT 'administrations', count(*)::text FROM pennsylvania.administration
	UNION ALL SELECT 'responses without naloxone', count(*)::text FROM odin.response_without_naloxone
	UNION ALL SELECT 'incidents with an administration', count(*)::text FROM incident
	UNION ALL SELECT 'incidents with several administrations', count(*)::text FROM incident WHERE people > 1
	UNION ALL SELECT 'most administrations in an incident', max(people)::text FROM incident
	UNION ALL SELECT 'administrations alike but for person_id', sum(alike - 1)::text
	          FROM (SELECT count(*) AS alike FROM odin.overdose_response WHERE naloxone_administered = 'Y'
	                GROUP BY incident_id, incident_date, incident_time, county, gender, age_range, revival_time, survived, suspected_drugs) a
	UNION ALL SELECT 'overdoses', count(*)::text FROM pennsylvania.overdose_incident
	UNION ALL SELECT 'people in overdoses', count(*)::text FROM odin.overdose_response JOIN pennsylvania.overdose_incident USING (incident_id)
	UNION ALL SELECT 'overdoses in one county and at one time', count(*) FILTER (WHERE places = 1)::text
	          FROM (SELECT count(DISTINCT (county, incident_date, incident_time)) AS places FROM odin.overdose_response GROUP BY incident_id) o
	UNION ALL SELECT 'first day', min(to_date(incident_date, 'MM/DD/YYYY'))::text FROM odin.overdose_response
	UNION ALL SELECT 'last day', max(covered_to)::text FROM pennsylvania.source_coverage
	UNION ALL SELECT 'counties', count(*)::text FROM pennsylvania.division})],
	$expected{total}, 'totals');
is(value('SELECT count(*) FROM odin.overdose_response'), 10953, 'the file has 10,953 rows');
is(value(q{SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage
           FROM pennsylvania.record_accounting WHERE source = 'administration'}),
	'7236,7236,0,0,0,0', 'all 7,236 administrations are counted in a county');
is(value(q{SELECT records, counted_in_division, counted_unknown, division_not_held, after_as_of, outside_coverage
           FROM pennsylvania.record_accounting WHERE source = 'overdose_incident'}),
	'10774,10774,0,0,0,0', 'all 10,774 overdoses, of 10,953 people, are counted in a county');
is(value('SELECT count(*) FROM odin.response_without_naloxone'), 10953 - 7236, 'the other 3,717 rows are responses without naloxone');
is(value(q{SELECT count(*) FROM (
               SELECT o.person_id FROM odin.overdose_response o
               LEFT JOIN (SELECT administration_id AS person_id FROM pennsylvania.administration
                          UNION ALL SELECT person_id FROM odin.response_without_naloxone) found ON found.person_id = o.person_id
               GROUP BY o.person_id HAVING count(found.person_id) <> 1) o}),
	0, 'every row is in exactly one of the two');
is(value(q{SELECT count(*) - count(DISTINCT administration_id), count(*) - count(DISTINCT (incident_id, person_in_incident)),
                  count(*) FILTER (WHERE person_in_incident < 1), count(*) FILTER (WHERE forms <> 1), count(person_key), count(doses)
           FROM pennsylvania.administration}),
	'0,0,0,0,0,0', 'administrations have keys of their own, one form, no person key and no doses');

# How the columns were mapped -------------------------------------------------

same_lines([query(q{
	SELECT 'age_band', age_band, count(*) FROM pennsylvania.administration GROUP BY 2
	UNION ALL SELECT 'sex', sex, count(*) FROM pennsylvania.administration GROUP BY 2
	UNION ALL SELECT 'survival', survival, count(*) FROM pennsylvania.administration GROUP BY 2
	UNION ALL SELECT 'substance', substance, count(*) FROM pennsylvania.administration, unnest(substances) AS substance GROUP BY 2
	UNION ALL SELECT 'revival_time', revival_time, count(*) FROM odin.overdose_response GROUP BY 2
	UNION ALL SELECT 'revival_time after naloxone', revival_time, count(*)
	          FROM pennsylvania.administration JOIN odin.overdose_response ON person_id = administration_id GROUP BY 2
	UNION ALL SELECT 'day', (occurred_at AT TIME ZONE 'America/New_York')::date::text, count(*) FROM pennsylvania.administration GROUP BY 2})],
	$expected{count}, 'labels, substances and days');

# The session must not matter to a record: 00:42 on 4 January in New York is 05:42 UTC.
for my $session ("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY'", "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'")
{
	is(value("$session; SELECT extract(epoch FROM occurred_at)::bigint FROM pennsylvania.administration WHERE administration_id = '1'"),
		1515044520, "the time of a record after $session");
}

# The dimensions ---------------------------------------------------------------

same_lines([query(q{SELECT period_key, grain, label, period_start, period_end, is_complete, is_settled, year_before_key FROM pennsylvania_bi.dim_period})],
	$expected{period}, 'dim_period');
same_lines([query(q{SELECT area_key, area_type, area_name, parent_area_key FROM pennsylvania_bi.dim_area})], $expected{area}, 'dim_area');

# The KPIs ----------------------------------------------------------------------

my $doses = q{period_key, area_key, division_days, covered_division_days, incidents, administrations, forms, people, without_person_key,
	with_doses_recorded, doses, over_two_doses, with_strength_known, micrograms, territorial_administrations};
same_lines([query("SELECT $doses FROM pennsylvania_bi.kpi_doses_by_division_period")], $expected{doses},
	'kpi_doses_by_division_period: every grain, county and force');
# The view without _period has the same rows for months and divisions, without what may not be summed.
$doses =~ s/people, //;
my @by_month;
for (@{ $expected{doses} })
{
	my @fields = split(/,/, $_, -1);
	next unless $fields[0] =~ /^month/ && $fields[1] =~ /^division/;
	splice(@fields, 7, 1);
	push @by_month, join(',', @fields);
}
same_lines([query("SELECT $doses FROM pennsylvania_bi.kpi_doses_by_division")], \@by_month, 'kpi_doses_by_division: month by county');
is(value(q{SELECT count(doses_per_administration), count(over_two_doses_share), count(person_years), count(administrations_per_100k)
           FROM pennsylvania_bi.kpi_doses_by_division_period}),
	'0,0,0,0', 'doses not recorded and a population not known give no mean, no share and no rate');

my $counts = q{incidents, calls, arrivals, stood_down, person_left, not_attended, not_known, invalid, arrivals_within_8_mins,
	arrivals_within_15_mins, arrivals_within_30_mins, arrivals_within_60_mins, category_known_at_both_ends, downgraded, upgraded,
	naloxone_to_ambulance_known, ambulance_before_naloxone, waiting_over_40_mins};
same_lines([query("SELECT period_key, area_key, ambulance_category, clock, call_source, division_days, covered_division_days, $counts
                   FROM pennsylvania_bi.kpi_ambulance_response_period")],
	$expected{ambulance}, 'kpi_ambulance_response_period: all incidents, and no ambulance invented');
is(value(q{SELECT count(mean_mins), count(median_mins), count(p75_mins), count(p90_mins), count(p95_mins), count(median_target_mins),
                  count(target_met), count(downgraded_share), count(naloxone_to_ambulance_median_mins), count(waiting_over_40_mins_share)
           FROM pennsylvania_bi.kpi_ambulance_response_period}),
	'0,0,0,0,0,0,0,0,0,0', 'no time of an ambulance, no target and no share');
is(value(q{SELECT count(*) FROM pennsylvania_bi.kpi_ambulance_response_histogram_period}), 0, 'no arrival, so no band of minutes');

same_lines([query(q{SELECT period_key, area_key, route, division_days, covered_division_days, administrations, died_before_handover,
                           not_identifiable, people, episodes, administrations_in_episodes
                    FROM pennsylvania_bi.kpi_referral_conversion_period})],
	$expected{referral}, 'kpi_referral_conversion_period: nobody can be followed');
is(value(q{SELECT count(*) FILTER (WHERE not_identifiable + died_before_handover IS DISTINCT FROM administrations)
           FROM pennsylvania_bi.kpi_referral_conversion_period}),
	0, 'not identifiable and died before handover are all administrations');
is(value(q{SELECT count(episodes_followed), count(already_known_to_service), count(reviewed), count(referred), count(contacted), count(engaged),
                  count(referred_share), count(people_followed), count(people_referred_share)
           FROM pennsylvania_bi.kpi_referral_conversion_period}),
	'0,0,0,0,0,0,0,0,0', 'without referral records no stage is a zero');

my $shares = sub { join(', ', map { "round($_\::numeric, 9)" } @_) };
my $survival = 'period_key, area_key, division_days, covered_division_days, administrations, believed_dead_on_arrival, believed_dead_survived, survived, died, not_known, '
  . $shares->(map { "survived_share$_" } '', '_lower', '_upper', '_lowest', '_highest')
  . ', survived_to_24_hours, survived_to_30_days, died_by_24_hours, died_by_30_days';
same_lines([query("SELECT $survival FROM pennsylvania_bi.kpi_survived_after_naloxone_period")], $expected{survival},
	'kpi_survived_after_naloxone_period: every grain, county and force, with Wilson intervals');
is(value(q{SELECT count(later_deaths), count(deaths_of_not_known), count(died_linked) FROM pennsylvania_bi.kpi_survived_after_naloxone_period}),
	'0,0,0', 'without records of drug deaths no later death is a zero');

is(value(q{SELECT count(*) > 0, sum(times_done), sum(times_not_done), count(done_share),
                  count(*) FILTER (WHERE technique <> 'breaths_or_airway_if_not_breathing' AND times_not_recorded IS DISTINCT FROM administrations)
           FROM pennsylvania_bi.kpi_first_aid_use_period}),
	't,0,0,0,0', 'first aid is not recorded, which is not none');

same_lines([query(q{SELECT period_key, area_key, group_kind, group_value, division_days, covered_division_days, administrations, administrations_recorded
                    FROM pennsylvania_bi.kpi_administrations_by_group_period})],
	$expected{group}, 'kpi_administrations_by_group_period: every grain, county, force and group');
# By month and county each kind has a column of its own.
my @groups_by_month = map { /^(month [^,]*,division .*),\d*,\d*,(\d*),\d*$/ ? "$1,$2" : () } @{ $expected{group} };
same_lines([query(q{SELECT period_key, area_key, group_kind, group_value,
                           CASE group_kind WHEN 'sex' THEN administrations_by_sex WHEN 'age_band' THEN administrations_by_age_band
                                           WHEN 'setting' THEN administrations_by_setting WHEN 'substance' THEN substance_mentions
                                           WHEN 'condition' THEN administrations_by_condition WHEN 'adp' THEN administrations_by_adp
                                           ELSE administrations_by_hour_of_week END
                    FROM pennsylvania_bi.kpi_administrations_by_group})],
	\@groups_by_month, 'kpi_administrations_by_group: month by county');
is(value(q{SELECT sum(administrations_by_sex), sum(administrations_by_age_band), sum(administrations_by_setting), sum(administrations_by_condition),
                  sum(administrations_by_adp), sum(administrations_by_hour_of_week) FROM pennsylvania_bi.kpi_administrations_by_group}),
	'7236,7236,7236,7236,7236,7236', 'a sum over all of its rows counts every administration once');

my $overdoses = 'period_key, area_key, why_not, division_days, covered_division_days, incidents_attended, naloxone_given, naloxone_not_given, naloxone_not_recorded, '
  . $shares->('given_share', 'given_share_lower', 'given_share_upper') . ', naloxone_not_at_hand, '
  . $shares->('available_share', 'available_share_lower', 'available_share_upper')
  . ', incidents_notified, administered, administered_not_listed, administered_recorded_not_given';
same_lines([query("SELECT $overdoses FROM pennsylvania_bi.kpi_overdoses_attended_period")], $expected{overdose},
	'kpi_overdoses_attended_period: all overdoses, with naloxone and without');
is(value('SELECT sum(incidents_attended), sum(naloxone_given), sum(naloxone_not_given) FROM pennsylvania_bi.kpi_overdoses_attended'),
	'10774,7167,3607', 'a sum over all rows of kpi_overdoses_attended counts every overdose once');

is(value(q{SELECT count(*) > 0, count(disposals), count(warnings), count(possession_crimes), count(published_warnings), count(policy_marker)
           FROM pennsylvania_bi.kpi_recorded_police_warning_trend_period}),
	't,0,0,0,0,0', 'without disposals nothing is said of warnings');

# What may be summed, summed: over months and counties it is the force's fiscal year, in every view and column.
my %total_row = (
	doses_by_division             => 'true',
	ambulance_response            => q{ambulance_category = 'ALL' AND call_source = 'ALL'},
	referral_conversion           => q{route = 'ALL'},
	recorded_police_warning_trend => 'true',
	survived_after_naloxone       => 'true',
	first_aid_use                 => 'technique = ANY (naloxone_kpi.first_aid_techniques())',
	overdoses_attended            => q{why_not = 'ALL'});
for my $kpi (sort keys %total_row)
{
	my @columns = query("SELECT column_name FROM pennsylvania_bi.kpi_dictionary WHERE view_name = 'kpi_$kpi' AND additive = 1
	                     ORDER BY column_name");
	my $sums = join(', ', map { "sum($_)" } @columns);
	my @months = query("SELECT y.period_key, $sums
	                    FROM pennsylvania_bi.kpi_$kpi k
	                    JOIN pennsylvania_bi.dim_period m ON m.period_key = k.period_key
	                    JOIN pennsylvania_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
	                    GROUP BY y.period_key");
	my @years = query("SELECT y.period_key, $sums
	                   FROM pennsylvania_bi.kpi_${kpi}_period k JOIN pennsylvania_bi.dim_period y ON y.period_key = k.period_key
	                   WHERE y.grain = 'fiscal_year' AND k.area_key = 'force' AND $total_row{$kpi}
	                   GROUP BY y.period_key");
	same_lines(\@months, \@years, "kpi_$kpi adds up to the force's fiscal years in " . @columns . ' columns');
}

# Outside coverage is not zero --------------------------------------------------

is(value(q{SELECT count(*), count(administrations) FROM pennsylvania_bi.kpi_doses_by_division_period
           WHERE period_key BETWEEN 'month 2017-07' AND 'month 2017-12'}),
	'12,0', 'before the first record: force and UNKNOWN, with no count');
is(value(q{SELECT administrations, division_days, covered_division_days FROM pennsylvania_bi.kpi_doses_by_division_period
           WHERE period_key = 'month 2020-01' AND area_key = 'division Forest'}),
	'0,31,15', 'within: a county without an administration in January 2020 has a zero, over 15 days of 31');

my $january = q{SELECT area_key, administrations, incidents FROM pennsylvania_bi.kpi_doses_by_division_period WHERE period_key = 'month 2020-01'};
my @january = query($january);
($status, @output) = psql('-c', "CALL naloxone_kpi.refresh('pennsylvania', as_of => '2020-03-31')");
is($status, 0, 'it refreshes as of two months later') or diag(join("\n", @output));
is(value(q{SELECT count(*), count(administrations), count(incidents), sum(covered_division_days)
           FROM pennsylvania_bi.kpi_doses_by_division_period WHERE period_key IN ('month 2020-02', 'month 2020-03')}),
	'138,0,0,0', 'after the last record: 67 counties, force and UNKNOWN, with no count');
same_lines([query($january)], \@january, 'and January 2020 is what it was');

# A contract must be kept -------------------------------------------------------

($status, @output) = psql('-c', '\set VERBOSITY sqlstate', '-c', q{CREATE OR REPLACE VIEW pennsylvania.population AS SELECT 'division'::text AS area_type});
like(join("\n", @output), qr/42P16/, 'the server refuses a view without a column of its contract');
($status, @output) = psql('-c', '\set VERBOSITY sqlstate', '-c', q{CREATE OR REPLACE VIEW pennsylvania.population AS
	SELECT 'division'::text AS area_type, 'Forest'::text AS area_code, '2018'::text AS year, NULL::text AS sex, NULL::text AS age_band,
	       NULL::smallint AS deprivation_quintile, 7000::bigint AS people, NULL::timestamptz AS recorded_at});
like(join("\n", @output), qr/42P16/, 'and one with a column of another type');

done_testing();
