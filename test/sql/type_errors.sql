-- What users read when a value cannot be held.
\set SHOW_CONTEXT never
SET search_path = naloxone_kpi, public;
SELECT '2024/26'::fiscal_year;
SELECT fiscal_year('2024-05-01'::date, 13);
SELECT '2 x 1800 intranasal'::naloxone_dose;
SELECT naloxone_dose(0);
SELECT '{recovery_position: perhaps}'::first_aid;
SELECT technique_done('{}'::first_aid, 'massage');
SELECT '{120:3, 60:1}'::duration_dist;
SELECT duration_dist(-5);
SELECT duration_dist(interval '90.5 seconds');
SELECT percentile('{60:1}'::duration_dist, 90::float8);
SELECT proportion_interval(5, 4);
SELECT period_start('week', '2024-05-01');
SELECT deploy('pg_mine');
SELECT check_deployment('nowhere');
CALL refresh('nowhere');
