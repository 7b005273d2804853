#!/usr/bin/perl
# The demonstration's warehouse: it is like the published totals that it is made after, the same wherever it is made, and in
# every KPI what may be summed over months and divisions is the force's year.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Pages;
use Psql;
use Test::More;

my $top = "$FindBin::RealBin/../..";

sub lives
{
	my ($name, @arguments) = @_;
	my ($status, @output) = psql('-v', 'ON_ERROR_STOP=1', @arguments);

	is($status, 0, $name) or BAIL_OUT(join("\n", @output));
}

create_database('demo_warehouse');
lives('the warehouse is made', '-c', 'CREATE EXTENSION naloxone_kpi CASCADE', '-c', q{SELECT naloxone_kpi.deploy('kpi')},
	'-f', "$top/demo/warehouse.sql");
lives('and refreshed', '-c', q{CALL naloxone_kpi.refresh('kpi', '2025-12-31')});
is(value(q{SELECT count(*) FROM naloxone_kpi.check_deployment('kpi')}), 0, 'nothing is wrong with it');
is(value(q{SELECT count(*) FROM naloxone_kpi.bi_check('kpi')}), 0, 'nor with what BI tools see');
is(value(q{SELECT count(*) FROM kpi_bi.kpi_dictionary WHERE definition IS NULL OR unit IS NULL OR additive IS NULL}), 0,
	'every column that they see is defined');

# Like what was published: Scottish Police Authority, Police Scotland and HMICS, as demo/warehouse.sql says.
my %published = ('2022-12-07' => 91, '2023-03-01' => 128, '2023-05-17' => 201, '2023-08-30' => 325);
foreach my $day (sort keys %published)
{
	my $made = value("SELECT count(*) FROM kpi.administration WHERE occurred_at < date '$day' + 1");

	cmp_ok(abs($made / $published{$day} - 1), '<=', 0.03, "$made administrations to $day, and $published{$day} published");
}
cmp_ok(value(q{SELECT count(*) FROM kpi.administration WHERE occurred_at < '2025-12-02'}), '>', 900, 'more than 900 to December 2025');
is(value(q{SELECT min(naloxone_kpi.num_doses(doses)), max(naloxone_kpi.num_doses(doses)) FROM kpi.administration}), '1,8', '1 to 8 doses each');
is(value(q{SELECT count(*) FROM kpi.division}), 13, '13 divisions');
is(value(q{SELECT min(extract(epoch FROM ambulance_arrived_at - ambulance_clock_started_at))::integer / 60,
	max(extract(epoch FROM ambulance_arrived_at - ambulance_clock_started_at))::integer / 60 <= 24
	FROM kpi.administration WHERE ambulance_arrived_at >= ambulance_clock_started_at}), '2,t', 'ambulances took 2 minutes at the shortest, 24 at the longest');
cmp_ok(value(q{SELECT avg((extract(epoch FROM ambulance_arrived_at - ambulance_clock_started_at) < 600)::integer)
	FROM kpi.administration WHERE ambulance_arrived_at >= ambulance_clock_started_at}), '>', 0.5, 'mostly under 10');
is(value(q{SELECT bool_and(administration_id LIKE 'synthetic-%') FROM kpi.administration}), 't', 'every record says that it is synthetic');
is(value(q{SELECT string_agg(value::text, ' ' ORDER BY period_from) FROM kpi.published_count WHERE indicator = 'recorded_police_warnings'}),
	'1901 1862 2451 5411 5814 5738', 'the published warnings are those of HMICS, figure 3');

# The same on every machine: a digest of all that was made.
my $digest = q{SELECT md5(string_agg(r, '' ORDER BY r COLLATE "C")) FROM (SELECT a::text AS r FROM kpi.administration_record a
	UNION ALL SELECT e::text FROM kpi.referral_event_record e UNION ALL SELECT m::text FROM kpi.direct_measure_record m
	UNION ALL SELECT o::text FROM kpi.overdose_incident_record o
	UNION ALL SELECT c::text FROM kpi.recorded_crime_record c) x};
my $first = value("SET TimeZone = 'UTC'; $digest");
lives('made anew in another time zone and date style', '-c', q{SELECT naloxone_kpi.deploy('second')},
	'-c', q{SET TimeZone = 'Asia/Tokyo'}, '-c', q{SET DateStyle = 'SQL, DMY'}, '-v', 'kpi=second', '-f', "$top/demo/warehouse.sql");
is(value("SET TimeZone = 'UTC'; " . $digest =~ s/kpi\./second./gr), $first, 'it is the same');

# What may be summed. The dictionary says which columns; ALL stands for the keys that a period's row can pool. The groups have
# columns of their own by month: test/warehouse sums them.
foreach my $line (query(q{
	SELECT d.view_name, d.column_name, coalesce((SELECT string_agg(format('k.%I = ''ALL''', a.attname), ' AND ')
		FROM pg_attribute a WHERE a.attrelid = ('kpi_bi.' || d.view_name || '_period')::regclass
		AND a.attname IN ('ambulance_category', 'call_source', 'route', 'why_not', 'strand', 'funder', 'agency', 'respondent_group')), 'true')
	FROM kpi_bi.kpi_dictionary d
	WHERE d.additive = 1 AND to_regclass('kpi_bi.' || d.view_name || '_period') IS NOT NULL AND d.view_name <> 'kpi_administrations_by_group'
	AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('kpi_bi.' || d.view_name || '_period') AND a.attname = d.column_name)
	ORDER BY 1, 2}))
{
	my ($view, $column, $pooled) = split /,/, $line, 3;
	# Beside the eight techniques the periods have what is made of them.
	$pooled = 'k.technique = ANY (naloxone_kpi.first_aid_techniques())' if $view eq 'kpi_first_aid_use';
	my $sums = value(qq{
		SELECT count(*), count(*) FILTER (WHERE abs(year.total - months.total) <= 1e-9 * abs(year.total))
		FROM (SELECT y.period_key, sum(k.$column)::float8 AS total
		      FROM kpi_bi.$view k JOIN kpi_bi.dim_period m USING (period_key)
		      JOIN kpi_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end GROUP BY 1) months
		JOIN (SELECT k.period_key, sum(k.$column)::float8 AS total
		      FROM kpi_bi.${view}_period k JOIN kpi_bi.dim_period p USING (period_key)
		      WHERE p.grain = 'fiscal_year' AND k.area_key = 'force' AND $pooled GROUP BY 1) year USING (period_key)
		WHERE year.total IS NOT NULL OR months.total IS NOT NULL});
	my ($years, $same) = split /,/, $sums;

	ok($years >= 3 && $same == $years, "$view.$column adds up to the force in each of $years years") or diag($sums);
}

# What the pages show of it, in blocks marked ```sql warehouse.
foreach my $page (pages())
{
	foreach my $block (blocks($page, 'sql warehouse'))
	{
		my ($status, @lines) = psql('-At', '-c', 'SET search_path = naloxone_kpi, public', '-c', $block->{sql});

		is(trimmed(join("\n", @lines)), trimmed($block->{answer} // ''), "$block->{name}: answers as shown");
	}
}

# Every KPI, row by row, beside the same figures worked out from the records in another way.
query('CREATE EXTENSION pgtap SCHEMA public');
foreach my $file (sort glob("$top/test/warehouse/*.sql"))
{
	my ($name) = $file =~ m{([^/]+)\.sql$};
	my $database = database();
	my $output = `pg_prove --verbose --dbname "$database" "$file" 2>&1`;

	is($?, 0, "warehouse: $name") or diag($output);
}

done_testing();
