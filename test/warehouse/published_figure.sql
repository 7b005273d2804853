-- published_figure on the demonstration's warehouse: every total of the records, all of the force and none of them to come.
SET search_path = kpi_bi, public;
SET client_min_messages = warning;
BEGIN;
SELECT plan(3);

SELECT bag_eq($$ SELECT indicator::text, area_key::text, period_from, period_to, is_running_total::integer, cumulative_since, value, source::text FROM kpi_published_figure $$,
    $$ SELECT indicator, 'force', period_from, period_to, CASE WHEN cumulative_since IS NULL THEN 0 ELSE 1 END, cumulative_since, value, source
       FROM kpi.published_count_record WHERE division_code IS NULL $$, 'every figure is that of the records');
SELECT is(count(*), (SELECT count(*) FROM kpi.published_count_record), 'and all of them are shown') FROM kpi_published_figure;
SELECT cmp_ok(count(DISTINCT indicator), '>=', 4::bigint, 'of several kinds') FROM kpi_published_figure;

SELECT * FROM finish();
ROLLBACK;
