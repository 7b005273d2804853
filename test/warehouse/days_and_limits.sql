-- What many KPIs have alike, in the sample warehouse: days and days with records of every row, by the calendar; and Wilson's limits
-- of shares, as the roots of a quadratic equation, from counts that each KPI's own file sets beside the records.
\set ON_ERROR_STOP 1
BEGIN;
\ir preamble/records.psql

-- Of which source a view's days are: the name, or the column that has it.
CREATE TEMP TABLE has_days ON COMMIT DROP AS
SELECT c.relname, CASE
           WHEN c.relname LIKE 'kpi_recorded_police_warning_trend%' THEN '''direct_measure'''
           WHEN c.relname LIKE 'kpi_ambulance_response_comparison%' THEN '''ambulance_activation'''
           WHEN c.relname LIKE 'kpi_overdoses_attended%' THEN '''overdose_incident''' WHEN c.relname LIKE 'kpi_naloxone_supply%' THEN '''kit_movement'''
           WHEN c.relname LIKE 'kpi_carriage_and_training_course%' THEN '''officer_training''' WHEN c.relname LIKE 'kpi_carriage_and_training%' THEN '''officer_carriage'''
           WHEN c.relname LIKE 'kpi_agency_information_sharing%' THEN '''information_share''' WHEN c.relname LIKE 'kpi_drug_deaths%' THEN '''drug_death'''
           WHEN c.relname LIKE 'kpi_substance%' THEN '''substance_signal''' WHEN c.relname LIKE 'kpi_data_quality%' THEN 'k.source' ELSE '''administration''' END AS source
FROM pg_class c
WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relname <> 'dim_area'
  AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('division_days', 'covered_division_days')) = 2;
-- Shares whose limits no other file here looks at: the view, the share, what is counted and of what.
CREATE TEMP TABLE has_limits (relname text, share text, x text, n text) ON COMMIT DROP;
INSERT INTO has_limits VALUES
    ('kpi_ambulance_response_period', 'downgraded_share', 'downgraded', 'category_known_at_both_ends'),
    ('kpi_ambulance_response_period', 'waiting_over_40_mins_share', 'waiting_over_40_mins', 'naloxone_to_ambulance_known'),
    ('kpi_attitudes_period', 'favourable_share', 'favourable', 'scored'),
    ('kpi_drug_deaths_period', 'reviewed_share', 'over_six_months_old_reviewed', 'over_six_months_old'),
    ('kpi_drug_deaths_period', 'reported_share', 'over_six_months_old_reported', 'over_six_months_old'),
    ('kpi_referral_conversion_period', 'people_referred_share', 'people_referred', 'people_followed'),
    ('kpi_referral_conversion_period', 'people_contacted_share', 'people_contacted', 'people_followed'),
    ('kpi_referral_conversion_period', 'people_engaged_share', 'people_engaged', 'people_followed'),
    ('kpi_substance_trend_period', 'suspected_share', 'mentions_suspected', 'named_suspected'),
    ('kpi_substance_trend_period', 'tested_share', 'mentions_tested', 'named_tested');

SELECT plan((SELECT count(*) FROM has_days)::integer + 2 * (SELECT count(*) FROM has_limits)::integer + 1);
SELECT cmp_ok(count(*), '>=', 30::bigint, 'views with days') FROM has_days;

CREATE FUNCTION pg_temp.other_days(view text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format($q$
        SELECT count(*) FROM kpi_bi.%I k LEFT JOIN cover c ON c.source = %s AND c.period_key = k.period_key AND c.area_key = k.area_key
        WHERE (k.division_days, k.covered_division_days) IS DISTINCT FROM (c.division_days, c.covered_division_days) $q$, view, source) INTO n;
    RETURN n;
END
$$;
SELECT is(pg_temp.other_days(relname, source), 0::bigint, relname || ': days, and those with records') FROM has_days ORDER BY relname;

-- How many shares there are, and how many of them, or of their limits, are others.
CREATE FUNCTION pg_temp.other_limits(view text, share text, x text, n text, OUT shares bigint, OUT others bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($q$
        WITH counts AS (
            SELECT k.%2$I AS share, k.%3$I AS lower, k.%4$I AS upper, k.%5$I AS x, k.%6$I AS n FROM kpi_bi.%1$I k)
        SELECT count(share),
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM (VALUES (share, x / nullif(n, 0)::float8), (lower, pg_temp.wilson(x, n, -1)), (upper, pg_temp.wilson(x, n, 1))) AS v (found, expected)
                   WHERE (found IS NULL) <> (expected IS NULL) OR abs(found - expected) > 1e-9))
        FROM counts $q$, view, share, share || '_lower', share || '_upper', x, n) INTO shares, others;
END
$$;
SELECT CASE t.test WHEN 1 THEN is(o.others, 0::bigint, h.relname || '.' || h.share || ': shares and limits')
                   ELSE cmp_ok(o.shares, '>', 500::bigint, 'of which there are hundreds') END
FROM has_limits h CROSS JOIN LATERAL pg_temp.other_limits(h.relname, h.share, h.x, h.n) AS o CROSS JOIN generate_series(1, 2) AS t (test)
ORDER BY h.relname, h.share, t.test;

SELECT * FROM finish();
ROLLBACK;
