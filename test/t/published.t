#!/usr/bin/perl
# Published totals of Recorded Police Warnings (test/published/mapping.sql) as the KPI shows them: the figures themselves, their
# arithmetic worked out here, and nothing said for any period or division that they do not cover.
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

sub refresh
{
	my ($status, @output) = psql('-c', "CALL naloxone_kpi.refresh('published', as_of => '2025-12-31')");

	is($status, 0, $_[0]) or diag(join("\n", @output));
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

done_testing();
