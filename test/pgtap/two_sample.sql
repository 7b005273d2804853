-- mann_whitney(), hodges_lehmann() and kolmogorov_smirnov(), against figures of every pair compared, checked with SciPy and R
-- (test/oracle/two_sample.csv).
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE oracle (a text, b text, confidence float8, u float8, z float8, p_value float8, shift float8, lower float8, upper float8,
                          d float8, d_p_value float8, checked_with text);
\copy oracle FROM 'test/oracle/two_sample.csv' CSV HEADER
CREATE TEMP TABLE compared AS
    SELECT o.*, ('{' || replace(a, ' ', ', ') || '}')::duration_dist AS first, ('{' || replace(b, ' ', ', ') || '}')::duration_dist AS second
    FROM oracle o;
CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT (have IS NULL AND want IS NULL) OR coalesce(have = want OR abs(have - want) <= tolerance * abs(want), false) $$;

SELECT cmp_ok((SELECT count(*) FROM compared), '>', 50::bigint, 'the reference figures are there');
SELECT is_empty($$
    SELECT a, b, m FROM compared, mann_whitney(first, second) m
    WHERE NOT (m.u = compared.u AND pg_temp.is_close(m.z, compared.z, 1e-10)
               AND pg_temp.is_close(m.p_value, CASE WHEN compared.z IS NULL THEN NULL ELSE compared.p_value END, 1e-10)
               AND pg_temp.is_close(m.probability_larger, compared.u / (num_values(first)::float8 * num_values(second)), 1e-15)) $$,
    'Mann-Whitney: U, z and p');
SELECT is_empty($$
    SELECT a, b, h FROM compared, hodges_lehmann(first, second, confidence) h
    WHERE (h.value, h.lower, h.upper) IS DISTINCT FROM (shift, compared.lower, compared.upper) $$, 'Hodges-Lehmann: the shift and its limits');
SELECT is_empty($$
    SELECT a, b, k FROM compared, kolmogorov_smirnov(first, second) k
    WHERE NOT (pg_temp.is_close(k.d, compared.d, 1e-15) AND pg_temp.is_close(k.p_value, d_p_value, 1e-10)) $$,
    'Kolmogorov-Smirnov: D and p');
-- What is larger in one is smaller in the other.
SELECT is_empty($$
    SELECT a, b FROM compared, mann_whitney(first, second) m, mann_whitney(second, first) w,
                     hodges_lehmann(first, second) h, hodges_lehmann(second, first) l
    WHERE NOT (pg_temp.is_close(m.probability_larger, 1 - w.probability_larger, 1e-12) AND pg_temp.is_close(m.p_value, w.p_value, 1e-12)
               AND h.value = -l.value AND h.lower IS NOT DISTINCT FROM -l.upper) $$, 'the other way round it is the other way round');

SELECT is(f, NULL, 'nothing is said of an empty distribution')
FROM (VALUES (mann_whitney('{}', '{1:1}')::text), (mann_whitney('{1:1}', '{}')::text), (hodges_lehmann('{}', '{1:1}')::text),
             (kolmogorov_smirnov('{1:1}', '{}')::text), (mann_whitney(NULL, '{1:1}')::text), (hodges_lehmann('{1:1}', NULL)::text)) v (f);
SELECT throws_ok(format('SELECT hodges_lehmann(''{1:1}'', ''{1:1}'', %L)', bad), '22023', NULL, 'confidence ' || bad)
FROM unnest('{0,1,95,NaN}'::text[]) AS bad;

-- Still in an aggregate, and stored.
SELECT is(mann_whitney(duration_dist(i), duration_dist(i + 3))::text,
          mann_whitney(duration_dist(i)::text::duration_dist, duration_dist(i + 3)::text::duration_dist)::text, 'growing or stored is the same')
FROM generate_series(1, 40) AS i;

SELECT * FROM finish();
ROLLBACK;
