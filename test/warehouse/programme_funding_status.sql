-- programme_funding_status in the sample warehouse, row by row, beside the records: all of them the force's, one a year, strand and funder.
SET search_path = pg_catalog, public, pg_temp;
SET client_min_messages = warning;
SET jit = off;
SET TimeZone = 'Europe/London';
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);

-- Periods and areas by the calendar and by the divisions, none of which ends.
CREATE TEMP TABLE calendar ON COMMIT DROP AS
SELECT grain || ' ' || to_char(first_day, 'YYYY-MM') AS period_key, first_day, least((first_day + length)::date - 1, date '2025-12-31') AS last_day
FROM (VALUES ('month', interval '1 month', interval '1 month'), ('fiscal_quarter', interval '3 months', interval '3 months'),
             ('fiscal_year', interval '1 year', interval '1 year'), ('rolling_12_months', interval '1 month', interval '1 year')) AS g (grain, step, length),
     LATERAL (SELECT f::date AS first_day FROM generate_series(timestamp '2019-04-01', timestamp '2025-12-31', step) AS f) s
WHERE grain <> 'rolling_12_months' OR first_day + length <= date '2026-01-01';
CREATE TEMP TABLE territory ON COMMIT DROP AS
SELECT 'division ' || division_code AS area_key, division_code FROM kpi.division_record
UNION ALL SELECT 'region ' || region, division_code FROM kpi.division_record
UNION ALL SELECT 'force', division_code FROM kpi.division_record
UNION ALL VALUES ('division UNKNOWN', 'UNKNOWN'), ('force', 'UNKNOWN');
-- From when on records of a source exist; of UNKNOWN, since they do of any division.
CREATE TEMP TABLE since ON COMMIT DROP AS
SELECT source, division_code, covered_from FROM kpi.source_coverage_record
UNION ALL SELECT source, 'UNKNOWN', min(covered_from) FROM kpi.source_coverage_record GROUP BY source;

-- How many rows and columns of two tables differ by more than rounding.
CREATE FUNCTION pg_temp.differences(here regclass, there regclass, keys text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format($q$
        SELECT count(*)
        FROM (SELECT to_jsonb(f) AS j, %3$s FROM %1$s f) f FULL JOIN (SELECT to_jsonb(e) AS j, %3$s FROM %2$s e) e USING (%3$s)
        CROSS JOIN LATERAL (
            SELECT FROM jsonb_each_text(f.j) a FULL JOIN jsonb_each_text(e.j) b USING (key)
            WHERE a.value IS DISTINCT FROM b.value
              AND NOT coalesce(CASE WHEN a.value ~ '^-?[0-9.]+(e[-+0-9]+)?$' AND b.value ~ '^-?[0-9.]+(e[-+0-9]+)?$'
                                    THEN abs(a.value::float8 - b.value::float8) <= 1e-9 * abs(b.value::float8) END, false)) d
        $q$, here, there, keys) INTO n;
    RETURN n;
END
$$;

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
