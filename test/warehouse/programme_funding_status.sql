-- programme_funding_status in the sample warehouse, row by row, beside the records: all of them the force's, one a year, strand and funder.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);
\ir preamble/records.psql

SELECT is(count(*), 0::bigint, 'every record of the sample is of the force, with both sums') FROM kpi.programme_funding_record
WHERE division_code IS NOT NULL OR allocated IS NULL OR spent IS NULL;
CREATE TEMP TABLE money ON COMMIT DROP AS
SELECT to_date(left(fiscal_year::text, 4) || '-04-01', 'YYYY-MM-DD') AS first_day, s.strand, f.funder, allocated, spent
FROM kpi.programme_funding_record r, LATERAL (VALUES (r.strand), ('ALL')) AS s (strand), LATERAL (VALUES (r.funder), ('ALL')) AS f (funder);
CREATE TEMP TABLE expected ON COMMIT DROP AS
SELECT c.period_key, 'force' AS area_key, m.strand, m.funder, sum(m.allocated) AS allocated, sum(m.spent) AS spent, sum(m.allocated) - sum(m.spent) AS remaining,
       t.remaining_to_date, t.allocated_later,
       (t.remaining_to_date + t.allocated_later) * (c.last_day - c.first_day + 1)
       / (sum(m.spent) * ((c.first_day + interval '1 year')::date - c.first_day)) AS years_to_run
FROM money m JOIN calendar c ON c.first_day = m.first_day AND c.period_key LIKE 'fiscal_year %'
CROSS JOIN LATERAL (SELECT sum(o.allocated - o.spent) FILTER (WHERE o.first_day <= m.first_day) AS remaining_to_date,
                           coalesce(sum(o.allocated) FILTER (WHERE o.first_day > m.first_day), 0) AS allocated_later
                    FROM money o WHERE o.strand = m.strand AND o.funder = m.funder) t
GROUP BY c.period_key, m.strand, m.funder, t.remaining_to_date, t.allocated_later, c.last_day, c.first_day;
CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_programme_funding_status_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key, strand, funder'), 0::bigint, 'every fiscal year, strand and funder');
SELECT cmp_ok(count(*), '>=', 30::bigint, 'of which there are tens') FROM found JOIN expected USING (period_key, area_key, strand, funder);
CREATE TEMP TABLE found_once ON COMMIT DROP AS TABLE kpi_bi.kpi_programme_funding_status;
CREATE TEMP TABLE expected_once ON COMMIT DROP AS
SELECT period_key, area_key, strand, funder, allocated, spent, remaining FROM expected WHERE strand <> 'ALL' AND funder <> 'ALL';
SELECT is(pg_temp.differences('found_once', 'expected_once', 'period_key, area_key, strand, funder'), 0::bigint, 'every pound once');
SELECT is(sum(f.allocated), (SELECT sum(allocated) FROM kpi.programme_funding_record), 'and all of them') FROM found_once f;

SELECT * FROM finish();
ROLLBACK;
