#!/usr/bin/perl
# Published totals as the KPIs show them: Recorded Police Warnings (test/published/mapping.sql), with their arithmetic worked out here, and a
# table of forces (test/published/forces.sql), whose figures are read here from the file. Nothing is said for any period, division or force
# that they do not cover.
#
# NALOXONE_KPI_SHARED names the directory that has data/published; default: shared beside the project's own directory. Connects
# as psql does by default, as a superuser; works in a database of its own.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Psql;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $shared = $ENV{NALOXONE_KPI_SHARED} // "$top/../shared";

plan skip_all => "no $shared/data/published: set NALOXONE_KPI_SHARED to the directory that has it"
  unless -r "$shared/data/published/recorded_police_warnings.csv";

# The lines of a file, each by its columns' names. Nothing in these files is quoted.
sub lines_of
{
	my ($file) = @_;
	open my $in, '<', "$shared/data/published/$file" or die "$file: $!";
	chomp(my @lines = <$in>);
	die "$file has quotes\n" if grep { /"/ } @lines;
	my @names = split /,/, shift @lines;

	return map { my %line; @line{@names} = split /,/, $_, -1; \%line } @lines;
}

sub refresh
{
	my ($what, $deployment) = ($_[0], $_[1] // 'published');
	my ($status, @output) = psql('-c', "CALL naloxone_kpi.refresh('$deployment', as_of => '2025-12-31')");

	is($status, 0, $what) or diag(join("\n", @output));
}

create_database('published');

value('CREATE EXTENSION naloxone_kpi CASCADE');
my ($status, @output) = psql('-v', "shared=$shared", '-f', "$top/test/published/mapping.sql");
is($status, 0, 'mapping.sql runs') or die join("\n", @output) . "\n";
refresh('it refreshes without a single record');

# The figures as they were published, by the calendar year in which the fiscal year begins.
my %headline = (2019 => 1901, 2020 => 1862, 2021 => 2451, 2022 => 5411, 2023 => 5814, 2024 => 5738);
my %possession = (2020 => 6444, 2021 => 5558, 2022 => 6610, 2023 => 6805);
my %crimes = (2020 => 30344, 2021 => 23747, 2022 => 22356);

my $view = 'published_bi.kpi_recorded_police_warning_trend_period';

is(value("SELECT count(*) FROM published_bi.dim_period WHERE grain = 'fiscal_year'"), 7, 'fiscal years from 2019/20 to the running one');
is(value(q{SELECT string_agg(label, ' ' ORDER BY sort_order) FROM published_bi.dim_period WHERE grain = 'fiscal_year'}),
	'2019/20 2020/21 2021/22 2022/23 2023/24 2024/25 2025/26', 'named as people write them');

for my $year (2019 .. 2025)
{
	my $shown = sub { $_[0] // '' };
	my $differ = defined $headline{$year} && defined $possession{$year} ? ($headline{$year} != $possession{$year} ? 1 : 0) : '';

	is(value("SELECT published_warnings, published_possession_warnings, published_possession_crimes, sources_differ
	          FROM $view WHERE area_key = 'force' AND period_key = 'fiscal_year $year-04'"),
		join(',', $shown->($headline{$year}), $shown->($possession{$year}), $shown->($crimes{$year}), $differ),
		"$year: both series, the crimes, and whether the sources differ");

	for my $series ([ 'published_ratio_to_year_before', \%headline ], [ 'published_possession_ratio_to_year_before', \%possession ])
	{
		my ($column, $figures) = @$series;
		my $ratio = value("SELECT $column FROM $view WHERE area_key = 'force' AND period_key = 'fiscal_year $year-04'");

		if (defined $figures->{$year} && defined $figures->{ $year - 1 })
		{
			my $expected = $figures->{$year} / $figures->{ $year - 1 };
			ok($ratio ne '' && abs($ratio - $expected) <= 1e-12 * $expected, "$year: $column is the one figure divided by the other")
			  or diag("got '$ratio', expected $expected");
		}
		else
		{
			is($ratio, '', "$year: $column is not known");
		}
	}
}

is(value("SELECT string_agg(DISTINCT published_warnings_source, '|') FROM $view"),
	'"HMICS, Thematic inspection of the police response to drug harm reduction, December 2025, figure 3"', 'the source of the first series');
is(value("SELECT string_agg(period_key || ': ' || published_possession_warnings_source, '|' ORDER BY period_key) FROM $view
          WHERE published_possession_warnings_source IS NOT NULL AND period_key LIKE 'fiscal_year %'"),
	'fiscal_year 2020-04: Scottish Parliament answer S6W-23447 (Criminal Proceedings in Scotland)|'
	. 'fiscal_year 2021-04: Scottish Parliament answer S6W-23447 (Criminal Proceedings in Scotland)|'
	. 'fiscal_year 2022-04: Criminal Proceedings in Scotland 2022-23 (section 11)|'
	. 'fiscal_year 2023-04: Criminal Proceedings in Scotland 2023-24 (section 11)', 'the sources of the second, year by year');

# Never spread.
is(value("SELECT count(*) > 0, count(published_warnings), count(published_warnings_source), count(published_ratio_to_year_before),
                 count(published_possession_warnings), count(published_possession_warnings_source),
                 count(published_possession_ratio_to_year_before), count(published_possession_crimes), count(sources_differ)
          FROM $view WHERE NOT (area_key = 'force' AND period_key ~ '^(fiscal_year .*|rolling_12_months .*-04)')"),
	't,0,0,0,0,0,0,0,0', 'nothing at months, quarters, twelve months that are no fiscal year, and divisions');
is(value("SELECT count(*) FROM $view JOIN published_bi.dim_period USING (period_key) JOIN published_bi.dim_area USING (area_key)
          WHERE grain = 'month' AND area_type = 'division'"),
	81 * 14, 'where there are rows for 81 months, 13 divisions and UNKNOWN');

# Never added to records, and no records are not none.
is(value("SELECT count(disposals), count(warnings_offered), count(warnings), count(warnings_refused), count(warnings_withdrawn),
                 count(fixed_penalty_notices), count(reports_to_prosecutor), count(diversions_requested), count(other_disposals),
                 count(warnings_class_a), count(warnings_class_unknown), count(possession_crimes), count(people_warned),
                 count(warnings_year_before), count(ratio_to_year_before), count(warnings_share), count(warnings_per_1000_crimes)
          FROM $view"),
	join(',', (0) x 17), 'without records every count of them is NULL, not 0');
is(value("SELECT DISTINCT coalesce(covered_division_days, -1) FROM $view"), 0, 'and no day is covered');

is(value("SELECT string_agg(period_key || ' ' || phase, '|' ORDER BY period_key), string_agg(DISTINCT policy_marker, '|')
          FROM $view WHERE area_key = 'force' AND period_key LIKE 'fiscal_year %'"),
	'fiscal_year 2019-04 1|fiscal_year 2020-04 1|fiscal_year 2021-04 1|fiscal_year 2022-04 2|fiscal_year 2023-04 2|'
	. 'fiscal_year 2024-04 2|fiscal_year 2025-04 2,Recorded Police Warnings may be given for class A possession',
	'the change of policy of September 2021 is marked, and what follows it is another phase');

# Running totals.
is(value(q{SELECT count(*), min(value), max(value) FROM published.published_count WHERE cumulative_since IS NOT NULL}), '5,91,900',
	'five running totals of administrations were loaded');
my $shown_anywhere = sub {
	value(qq{SELECT count(*) FROM published_bi.kpi_recorded_police_warning_trend_period k, jsonb_each_text(to_jsonb(k)) AS c (column_name, value)
	         WHERE c.column_name NOT IN ('division_days', 'covered_division_days')
	           AND c.value IN (SELECT unnest(ARRAY[value::text, source]) FROM published.published_count WHERE cumulative_since IS NOT NULL)});
};
is($shown_anywhere->(), 0, 'none of them is shown in any column');
# In the view of what was published every figure of every file is as it was, and nothing else.
sub of_year
{
	my ($indicator, $line, $value, $source) = @_;
	my $year = substr $line->{fiscal_year}, 0, 4;

	return join '|', $indicator, 'force', "$year-04-01", $year + 1 . '-03-31', 0, '', $value, $source;
}
my %by_class;
$by_class{ $_->{fiscal_year} . '|' . $_->{source} } += $_->{recorded_police_warnings} foreach lines_of('drug_possession_warnings.csv');
my @published = (
	(map { of_year('recorded_police_warnings', $_, $_->{recorded_police_warnings},
			'HMICS, Thematic inspection of the police response to drug harm reduction, December 2025, figure 3') } lines_of('recorded_police_warnings.csv')),
	(map { my ($year, $source) = split /\|/; of_year('drug_possession_warnings', { fiscal_year => $year }, $by_class{$_}, $source) } keys %by_class),
	(map { of_year('drug_possession_crimes', $_, $_->{recorded_crimes}, $_->{source}) } lines_of('drug_possession_crimes.csv')),
	(map { "naloxone_$_->{unit}|force|2021-03-01|$_->{as_of}|1|2021-03-01|$_->{cumulative}|$_->{source}" } lines_of('police_scotland_administrations.csv')));
is_deeply([ sort split(/\n/, value(q{SELECT concat_ws('|', indicator, area_key, period_from, period_to, is_running_total, coalesce(cumulative_since::text, ''), value, source)
		FROM published_bi.kpi_published_figure}) =~ s/^"(.*)"$/$1/mgr) ],
	[ sort @published ], 'every figure of every file is shown as it was published');
is(scalar @published, 18, 'all 18 of them');

# Even one that has the name and the days of a fiscal year.
value(q{INSERT INTO published.published_count_record (indicator, period_from, period_to, cumulative_since, value, source, recorded_at)
        VALUES ('recorded_police_warnings', '2024-04-01', '2025-03-31', '2019-04-01', 23177, 'a running total', '2026-01-01 00:00Z'),
               ('drug_possession_warnings', '2024-04-01', '2025-03-31', '2020-04-01', 25417, 'a running total', '2026-01-01 00:00Z'),
               ('drug_possession_crimes', '2024-04-01', '2025-03-31', '2020-04-01', 76447, 'a running total', '2026-01-01 00:00Z')});
refresh('it refreshes');
is($shown_anywhere->(), 0, 'nor is one that has the name and the days of a fiscal year');
is(value("SELECT published_warnings, published_possession_warnings, published_possession_crimes, sources_differ
          FROM $view WHERE area_key = 'force' AND period_key = 'fiscal_year 2024-04'"), '5738,,,', 'and 2024/25 is what it was');

# A total for a month and a division is shown there and nowhere else.
value(q{INSERT INTO published.published_count_record (indicator, division_code, period_from, period_to, value, source)
        VALUES ('recorded_police_warnings', 'G', '2024-04-01', '2024-04-30', 77, 'a division''s month')});
refresh('it refreshes');
is(value("SELECT period_key, area_key FROM $view WHERE published_warnings = 77"), 'month 2024-04,division G',
	'a total for a division and month is shown there alone');
is(value("SELECT published_warnings FROM $view WHERE area_key = 'force' AND period_key = 'fiscal_year 2024-04'"), 5738,
	'and is not added to the force');

# Two figures under one name for one period are a difference of sources too.
value(q{INSERT INTO published.published_count_record (indicator, period_from, period_to, value, source, recorded_at)
        VALUES ('recorded_police_warnings', '2019-04-01', '2020-03-31', 1902, 'a correction', '2026-01-01 00:00Z')});
refresh('it refreshes');
is(value("SELECT published_warnings, published_warnings_source, sources_differ FROM $view
          WHERE area_key = 'force' AND period_key = 'fiscal_year 2019-04'"), '1902,a correction,1', 'of two figures under one name the last recorded is shown, flagged');

is(value(q{SELECT count(*) FROM naloxone_kpi.bi_check('published')}), 0, 'BI tools will misread nothing');

# The table of forces ------------------------------------------------------------------------

($status, @output) = psql('-v', "shared=$shared", '-f', "$top/test/published/forces.sql");
is($status, 0, 'forces.sql runs') or die join("\n", @output) . "\n";
refresh('it refreshes', 'forces');

my @forces = lines_of('force_carriage_december_2024.csv');
my %column = (officers_trained => 'officers_trained', administrations => 'naloxone_administrations');
my (@figures, %told);
foreach my $line (@forces)
{
	foreach my $name (keys %column)
	{
		next if $line->{$name} eq '';
		push @figures, "$column{$name}|division $line->{force}|2024-12-31|1|$line->{$name}";
		$told{ $line->{force} } = 1;
	}
}
my $shown = q{SELECT concat_ws('|', indicator, area_key, period_to, is_running_total, value) FROM forces_bi.kpi_published_figure};
my $as_published = sub { is_deeply([ sort split(/\n/, value($shown) =~ s/^"(.*)"$/$1/mgr) ], [ sort @figures ], $_[0]) };

cmp_ok(scalar @figures, '>=', 12, 'the file has figures');
$as_published->('every one is shown, and nothing else');
is(value('SELECT count(period_from), count(cumulative_since) FROM forces_bi.kpi_published_figure'), '0,0', 'since when they run was not published');
is(value('SELECT string_agg(DISTINCT source, chr(10)) FROM forces_bi.kpi_published_figure') =~ s/^"(.*)"$/$1/r,
	'Home Office / Ipsos, Police carriage of naloxone: process evaluation, May 2025, table 1', 'with who published them');
my @untold = sort grep { !$told{$_} } map { $_->{force} } @forces;
is_deeply(\@untold, ['Lancashire Constabulary'], 'of one force the table has no figure');
is(value(q{SELECT string_agg(area_name, ',' ORDER BY area_name) FROM forces_bi.dim_area a WHERE area_type = 'division' AND division_code <> 'UNKNOWN'
		AND NOT EXISTS (SELECT FROM forces_bi.kpi_published_figure k WHERE k.area_key = a.area_key)}), join(',', @untold), 'and of it nothing is said');
is(value(q{SELECT count(*) FROM forces_bi.kpi_published_figure WHERE area_key NOT LIKE 'division %' OR area_key = 'division UNKNOWN'}), 0,
	'nor of all forces together, whose total nobody published');
is(value(q{SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ', ' ORDER BY a.attnum) FROM pg_attribute a
		WHERE a.attrelid = 'forces_bi.kpi_published_figure'::regclass AND a.attnum > 0}) =~ s/^"(.*)"$/$1/r,
	'indicator character varying, area_key character varying, period_from date, period_to date, is_running_total smallint, '
	. 'cumulative_since date, value bigint, source character varying', 'counts, with no column for a rate or a share');
is(value(q{SELECT count(*) FROM forces_bi.dim_period}), 0, 'no period is made of figures that begin nobody knows when');

# No rate is made of them even where there is all that one takes: people, officers, and days with records, of which there are none.
value(q{INSERT INTO forces.population_record (area_type, area_code, year, people) SELECT 'division', division_code, 2024, 1000000 FROM forces.division_record;
	INSERT INTO forces.source_coverage_record (source, division_code, covered_from)
	SELECT s, division_code, '2024-10-01' FROM forces.division_record, unnest(ARRAY['administration', 'officer_carriage', 'officer_training', 'direct_measure']) s;
	INSERT INTO forces.officer_carriage_record (officer_key, division_code, eligible_from, carries_from)
	SELECT 'o' || n, division_code, '2024-10-01', '2024-10-01' FROM forces.division_record, generate_series(1, 3) n;
	INSERT INTO forces.administration_record (administration_id, incident_id, incident_division_code, occurred_at)
	VALUES ('a', 'a', 'Durham Constabulary', '2024-10-02 12:00Z')});
refresh('it refreshes with people, officers and covered days', 'forces');
is(value(q{SELECT count(*) > 0, count(administrations) > 0, sum(administrations), count(administrations_per_100k) > 0, sum(administrations_per_100k)
		FROM forces_bi.kpi_doses_by_division_period WHERE period_key = 'month 2024-12'}), 't,t,0,t,0', 'no administration is counted in December 2024, and the rates are 0');
my @showing = query(q{SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'forces_bi'::regnamespace AND c.relkind = 'v'
	AND c.relname LIKE 'kpi\_%' AND c.relname NOT IN ('kpi_published_figure', 'kpi_dictionary', 'kpi_refresh_status')});
my $elsewhere = sub { return map { $_ . ' ' . value("SELECT count(*) || ' ' || md5(coalesce(string_agg(v::text, chr(10) ORDER BY v::text COLLATE \"C\"), '')) FROM forces_bi.$_ v") } @showing };
cmp_ok(scalar @showing, '>', 30, 'there are other views to look into');
$as_published->('the published figures are as they were');
my @with = $elsewhere->();
is(value(q{SELECT count(*) FROM naloxone_kpi.bi_check('forces')}), 0, 'BI tools will misread nothing');
value('DELETE FROM forces.published_count_record');
refresh('it refreshes without them', 'forces');
is(value('SELECT count(*) FROM forces_bi.kpi_published_figure'), 0, 'they are gone');
is_deeply([ $elsewhere->() ], \@with, 'and every other view is what it was with them: nothing was made of them');

done_testing();
