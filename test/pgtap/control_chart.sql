-- Control charts and run charts: figures made with R from formulas (test/oracle/control_chart_*.csv), cases by hand, what is refused, and,
-- where the shared folder is there, the figures in it, made with NHSRplotthedots and qicharts2.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- The same to a relative error, or both NULL.
CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8 DEFAULT 1e-10) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT have IS NOT DISTINCT FROM want OR coalesce(abs(have - want) <= tolerance * abs(want), false) $$;

-- Figures made with R from the formulas, by other means than ours.
CREATE TEMP TABLE input (case_id text, i int, value float8, events bigint, trials bigint, exposure float8, phase text, excluded boolean);
CREATE TEMP TABLE expected (case_id text, chart text, baseline_points int, screened boolean, variant text, i int, value float8, centre float8,
    lower float8, upper float8, lower2 float8, upper2 float8, rule text, points bigint);
CREATE TEMP TABLE expected_run (case_id text, baseline_points int, i int, value float8, centre float8, useful bigint, longest bigint, longest_limit bigint,
    crossings bigint, crossings_limit bigint, points bigint);
\copy input FROM 'test/oracle/control_chart_inputs.csv' CSV HEADER
\copy expected FROM 'test/oracle/control_chart.csv' CSV HEADER
\copy expected_run FROM 'test/oracle/control_chart_runs.csv' CSV HEADER

ANALYZE input, expected, expected_run;
CREATE TEMP TABLE asked AS
    SELECT i.*, baseline_points, screened, variant
    FROM input i CROSS JOIN (VALUES (NULL::int), (8)) b (baseline_points) CROSS JOIN unnest('{f,t}'::boolean[]) AS screened CROSS JOIN unnest('{between,beyond}'::text[]) AS variant
    -- Not in the order of the points.
    ORDER BY md5(i.*::text);
CREATE TEMP TABLE ours AS
    SELECT chart, case_id, baseline_points, screened, variant, i, (point).*
    FROM (SELECT a.*, xmr_chart(value, baseline_points, phase, excluded, two_sigma_variant => variant, screen_moving_ranges => screened) OVER w AS xmr,
                 moving_range_chart(value, baseline_points, phase) OVER w AS mr,
                 c_chart(events, baseline_points, phase, excluded, two_sigma_variant => variant) OVER w AS c,
                 p_chart(events, trials, baseline_points, phase, excluded, two_sigma_variant => variant) OVER w AS p,
                 p_prime_chart(events, trials, baseline_points, phase, excluded, two_sigma_variant => variant, screen_moving_ranges => screened) OVER w AS p_prime,
                 u_chart(events, exposure, baseline_points, phase, excluded, two_sigma_variant => variant) OVER w AS u,
                 u_prime_chart(events, exposure, baseline_points, phase, excluded, two_sigma_variant => variant, screen_moving_ranges => screened) OVER w AS u_prime,
                 g_chart(events, baseline_points, phase, excluded) OVER w AS g,
                 t_chart(abs(value), baseline_points, phase, excluded, two_sigma_variant => variant, screen_moving_ranges => screened) OVER w AS t
          FROM asked a WINDOW w AS (PARTITION BY case_id, baseline_points, screened, variant ORDER BY i)) s,
         LATERAL (VALUES ('xmr', xmr), ('mr', mr), ('c', c), ('p', p), ('p_prime', p_prime), ('u', u), ('u_prime', u_prime), ('g', g), ('t', t)) v (chart, point)
    WHERE point IS NOT NULL OR (point).value IS NOT NULL;
ANALYZE ours;
CREATE TEMP TABLE compared AS
    SELECT e.chart, e.case_id, e.baseline_points, e.screened, e.variant, e.i, e AS e, o AS o FROM expected e LEFT JOIN ours o
    ON (o.chart, o.case_id, o.screened, o.variant, o.i, coalesce(o.baseline_points, 0)) = (e.chart, e.case_id, e.screened, e.variant, e.i, coalesce(e.baseline_points, 0));
ANALYZE compared;
-- A limit is a difference from the centre: where little is left of it, neither we nor R have more digits than the centre has.
CREATE FUNCTION pg_temp.is_near(have float8, want float8, centre float8) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT pg_temp.is_close(have, want) OR coalesce(abs(have - want) <= 1e-12 * abs(centre), false) $$;
SELECT is((SELECT count(*) FROM compared WHERE o IS NULL), 0::bigint, (SELECT 'figures of ' || count(*) || ' points made with R are there' FROM expected));
SELECT is_empty(format($$
    SELECT e, o FROM compared WHERE chart = %L
        AND NOT (pg_temp.is_close((o).value, (e).value) AND pg_temp.is_close((o).centre, (e).centre) AND (o).points_in_phase = (e).points
                 AND pg_temp.is_near((o).lower_limit, (e).lower, (e).centre) AND pg_temp.is_near((o).upper_limit, (e).upper, (e).centre)
                 AND pg_temp.is_near((o).lower_two_sigma, (e).lower2, (e).centre) AND pg_temp.is_near((o).upper_two_sigma, (e).upper2, (e).centre)) $$, chart),
    chart || ': ' || count(*) || ' points with their lines, as R has them') FROM compared GROUP BY chart;
SELECT is_empty(format($$ SELECT e, o FROM compared WHERE chart = %L AND (o).rule IS DISTINCT FROM (e).rule $$, chart),
    chart || ': ' || count((e).rule) || ' of them flagged, by ' || count(DISTINCT (e).rule) || ' rules') FROM compared GROUP BY chart;
SELECT is((SELECT count(*) FROM ours o WHERE NOT screened AND variant = 'between' AND baseline_points IS NULL),
          (SELECT count(*) FROM expected WHERE NOT screened AND variant = 'between' AND baseline_points IS NULL), 'and no point but these');
SELECT cmp_ok((SELECT count(*) FROM compared a JOIN compared b USING (chart, case_id, screened, i)
               WHERE a.variant = 'between' AND b.variant = 'beyond' AND a.baseline_points IS NULL AND b.baseline_points IS NULL AND (a.o).rule IS DISTINCT FROM (b.o).rule), '>', 2::bigint,
              'the two variants of two in three differ in some');
CREATE TEMP TABLE our_run AS
    SELECT case_id, baseline_points, i, (run_chart(value, baseline_points, phase, excluded) OVER (PARTITION BY case_id, baseline_points ORDER BY i)).* FROM asked WHERE NOT screened AND variant = 'between';
SELECT is_empty($$
    SELECT e, o FROM expected_run e LEFT JOIN our_run o ON (o.case_id, o.i) = (e.case_id, e.i) AND o.baseline_points IS NOT DISTINCT FROM e.baseline_points
    WHERE o.value IS DISTINCT FROM e.value OR NOT pg_temp.is_close(o.centre, e.centre)
       OR (useful_points, o.longest_run, longest_run_limit, o.crossings, o.crossings_limit, points_in_phase)
          IS DISTINCT FROM (useful, longest, longest_limit, e.crossings, e.crossings_limit, points)
       OR o.rule IS DISTINCT FROM nullif(concat_ws(' and ', CASE WHEN longest > longest_limit THEN 'long run' END, CASE WHEN e.crossings < e.crossings_limit THEN 'few crossings' END), '') $$,
    (SELECT 'run charts: ' || count(*) || ' points of them, as R has them' FROM expected_run));

-- By hand. c: mean 9 of the first four, limits 9 - 9 and 9 + 9, two sigma 3 and 15.
CREATE TEMP TABLE small (i int, n bigint);
INSERT INTO small VALUES (1, 4), (2, 16), (3, 9), (4, 7), (5, 18), (6, 9), (7, 19), (8, NULL), (9, 0);
SELECT results_eq($$ SELECT i, (c_chart(n, baseline_points => 4, target => CASE WHEN i <> 6 THEN n END, improvement_direction => 'decrease') OVER (ORDER BY i))::text FROM small $$,
    $$ VALUES (1, '(4,9,0,18,3,15,,"common cause",inconsistent,8)'), (2, '(16,9,0,18,3,15,,"common cause",inconsistent,8)'), (3, '(9,9,0,18,3,15,,"common cause",inconsistent,8)'),
              (4, '(7,9,0,18,3,15,,"common cause",inconsistent,8)'), (5, '(18,9,0,18,3,15,,"common cause",inconsistent,8)'), (6, '(9,9,0,18,3,15,,"common cause",,8)'),
              (7, '(19,9,0,18,3,15,"above upper limit",concern,"consistently passes",8)'), (8, NULL), (9, '(0,9,0,18,3,15,,"common cause",inconsistent,8)') $$,
    'a c chart: what is on a limit is not beyond it, a target may differ from row to row');
SELECT is((xmr_chart(7.5) OVER ())::text, '(7.5,7.5,,,,,,"common cause",,1)', 'of one value only the mean can be said');
SELECT is((p_chart(0, 0) OVER ())::text, NULL, 'no trials');
SELECT is((u_chart(3, 0) OVER ())::text, NULL, 'no exposure');
SELECT is((c_chart(NULL) OVER ())::text, NULL, 'no count');
SELECT is((run_chart(NULL) OVER ())::text, NULL, 'no value');
SELECT is((run_chart(7.5) OVER ())::text, '(7.5,7.5,,0,,0,,0,1)', 'a run chart of one value');
SELECT is_empty('SELECT xmr_chart(i) OVER () FROM generate_series(1, 0) i', 'no rows');
SELECT is((SELECT string_agg(DISTINCT concat_ws('|', (c).lower_limit, (c).centre, (c).upper_limit, (c).rule), ' ') FROM (SELECT xmr_chart(0.1) OVER () AS c FROM generate_series(1, 50)) s),
    '0.1|0.1|0.1', 'a constant series has its value as mean and limits, and no flag');
SELECT is((SELECT string_agg(DISTINCT (c)::text, ' ') FROM (SELECT xmr_chart(0.1, screen_moving_ranges => true) OVER () AS c FROM generate_series(1, 50)) s),
    '(0.1,0.1,,,,,,"common cause",,50)', 'screening leaves it no moving range');
SELECT is((SELECT string_agg(DISTINCT concat_ws('|', (c).value, (c).centre, (c).rule), ' ') FROM (SELECT u_chart(i, i * 0.1::float8, multiplier => 100000) OVER () AS c FROM unnest('{1,2,4,8,16,32,64,1,2,4}'::int[]) i) s),
    '1000000|1000000', 'nor has a rate that is always the same');
SELECT is((SELECT string_agg(DISTINCT (c)::text, ' ') FROM (SELECT p_chart(0, i) OVER () AS c FROM generate_series(0, 9) i) s), '(0,0,0,0,0,0,,"common cause",,9)', 'no events at all');
SELECT is((SELECT string_agg(DISTINCT (c)::text, ' ') FROM (SELECT p_prime_chart(i, i) OVER () AS c FROM generate_series(1, 9) i) s), '(1,1,1,1,1,1,,"common cause",,9)', 'all of them events');

-- What the functions are given but for its first argument may be left out, NULL, or by name.
CREATE TEMP TABLE series AS SELECT s, i, (hashint4(s * 1000 + i) & 63)::bigint AS n FROM generate_series(1, 20) s, generate_series(1, 30) i;
SELECT is_empty($$ SELECT * FROM (SELECT xmr_chart(n) OVER w AS a, xmr_chart(n, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER w AS b,
                                         xmr_chart(screen_moving_ranges => false, value => n, improvement_direction => 'neutral') OVER w AS c,
                                         u_chart(n, 1) OVER w AS d, u_chart(n, 1, multiplier => NULL) OVER w AS e, c_chart(n) OVER w AS f
                                  FROM series WINDOW w AS (PARTITION BY s ORDER BY i)) q WHERE a::text <> b::text OR b::text <> c::text OR d::text <> e::text OR e::text <> f::text $$,
    'NULL for a parameter is its default; a u chart of exposures of 1 is a c chart');
SELECT is_empty($$ SELECT * FROM (SELECT xmr_chart(n) OVER (PARTITION BY s ORDER BY i) AS a, xmr_chart(n) OVER (PARTITION BY s ORDER BY i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS b
                                  FROM series) q WHERE a::text <> b::text $$, 'whatever the frame');
SELECT is_empty($$ SELECT * FROM (SELECT s, i, xmr_chart(n, phase => s::text) OVER (ORDER BY s, i) AS a, xmr_chart(n) OVER (PARTITION BY s ORDER BY i) AS b FROM series) q WHERE a::text <> b::text $$,
    'a phase is a series of its own');
SELECT is_empty($$ SELECT * FROM (SELECT s, i, xmr_chart(n, phase => repeat(chr(64 + s), 50000), baseline_points => 5 + s) OVER (ORDER BY s, i) AS a,
                                         xmr_chart(n, baseline_points => 5 + s) OVER (PARTITION BY s ORDER BY i) AS b FROM series) q WHERE a::text <> b::text $$,
    'with parameters of its own and a name of any length');
SELECT is_empty($$ SELECT * FROM (SELECT s, i, (xmr_chart(n, improvement_direction => CASE s % 3 WHEN 0 THEN 'increase' WHEN 1 THEN 'decrease' END) OVER (PARTITION BY s ORDER BY i)).* FROM series) q
                   WHERE variation IS DISTINCT FROM CASE WHEN rule IS NULL THEN 'common cause' WHEN s % 3 = 2 THEN 'special cause'
                                                         WHEN (rule ~ 'above|increasing|upper') = (s % 3 = 0) THEN 'improvement' ELSE 'concern' END $$, 'what a rule means');
SELECT cmp_ok((SELECT count(*) FROM (SELECT (xmr_chart(n) OVER (PARTITION BY s ORDER BY i)).rule FROM series) q WHERE rule IS NOT NULL), '>', 5::bigint, 'some are flagged');

-- The same from a series that does not fit in memory, and with arguments that leave something behind in every row.
SET LOCAL work_mem = '64kB';
CREATE TEMP TABLE spilled AS SELECT i, xmr_chart(n, phase => (i / 30000)::numeric::text) OVER (ORDER BY i) AS c FROM (SELECT i, (hashint4(i) & 1023)::bigint AS n FROM generate_series(0, 99999) i) s;
RESET work_mem;
CREATE TEMP TABLE kept AS SELECT i, xmr_chart(n) OVER (PARTITION BY i / 30000 ORDER BY i) AS c FROM (SELECT i, (hashint4(i) & 1023)::bigint AS n FROM generate_series(0, 99999) i) s;
SELECT is((SELECT count(*) FROM spilled JOIN kept USING (i) WHERE spilled.c::text = kept.c::text), 100000::bigint, 'a series of 100,000 in four phases, spilled or in parts');

-- In a view, which keeps the names, without a search path.
CREATE TEMP VIEW charted AS SELECT i, (c_chart(n, baseline_points => 4, improvement_direction => 'increase') OVER (ORDER BY i)).* FROM small;
SELECT matches(pg_get_viewdef('charted'::regclass), 'baseline_points => 4', 'a view');
SET LOCAL search_path = '';
CREATE TEMP TABLE pathless AS SELECT rule FROM pg_temp.charted WHERE i = 7;
SET LOCAL search_path = naloxone_kpi, public;
SELECT is((SELECT rule FROM pathless), 'above upper limit', 'without a search path');

-- The largest numbers.
SELECT is((SELECT string_agg(DISTINCT concat_ws('|', (c).value, (c).centre, (c).lower_limit, (c).rule), ' ') FROM (SELECT p_chart(9223372036854775807, 9223372036854775807) OVER () AS c FROM generate_series(1, 9)) s),
    '1|1|1', 'whole numbers to the end');
SELECT is((SELECT string_agg(DISTINCT c::text, ' ' ORDER BY c::text) FROM (SELECT xmr_chart((-1) ^ i * 1.7e308) OVER () AS c FROM generate_series(1, 4) i) s),
    '(-1.7e+308,0,,,,,,"common cause",,4) (1.7e+308,0,,,,,,"common cause",,4)', 'a moving range that is no number leaves no limits');
SELECT is((SELECT string_agg(DISTINCT c::text, ' ') FROM (SELECT xmr_chart(1.7e308) OVER () AS c FROM generate_series(1, 9)) s),
    '(1.7e+308,,,,,,,"common cause",,9)', 'a sum that is no number leaves no mean');
SELECT is((SELECT string_agg(DISTINCT c::text, ' ') FROM (SELECT u_chart(9223372036854775807, 1e-300) OVER () AS c FROM generate_series(1, 9)) s), NULL, 'nor a rate');

-- What is refused.
SELECT throws_ok('SELECT ' || call || ' OVER ()', '22023', NULL, call) FROM unnest(ARRAY[
    'xmr_chart(''NaN'')', 'xmr_chart(''Infinity'')', 'xmr_chart(''-Infinity'')', 'moving_range_chart(''NaN'')', 'run_chart(''NaN'')', 't_chart(''Infinity'')', 't_chart(-0.5)',
    'c_chart(-1)', 'g_chart(-1)', 'p_chart(-1, 2)', 'p_chart(3, 2)', 'p_chart(1, 0)', 'p_chart(-2, -1)', 'p_prime_chart(3, 2)', 'u_chart(-1, 2)', 'u_chart(1, -2)', 'u_chart(1, ''NaN'')',
    'u_chart(1, ''Infinity'')', 'u_prime_chart(-1, 2)', 'u_chart(1, 2, multiplier => 0)', 'u_chart(1, 2, multiplier => ''NaN'')', 'u_prime_chart(1, 2, multiplier => -1)',
    'xmr_chart(1, baseline_points => 1)', 'xmr_chart(1, baseline_points => 0)', 'run_chart(1, baseline_points => -8)', 'xmr_chart(1, target => ''NaN'')', 'xmr_chart(1, target => ''Infinity'')',
    'xmr_chart(1, improvement_direction => ''up'')', 'xmr_chart(NULL, improvement_direction => ''up'')', 'c_chart(1, improvement_direction => '''')',
    'xmr_chart(1, two_sigma_variant => ''around'')', 'xmr_chart(NULL, two_sigma_variant => ''around'')', 'run_chart(1, centre => ''-Infinity'')']) AS call;
SELECT throws_ok('SELECT ' || call || ' OVER (ORDER BY i) FROM generate_series(1, 9) i', '22023', 'parameters of a chart change within a phase', call) FROM unnest(ARRAY[
    'xmr_chart(i, baseline_points => 2 + i / 9)', 'xmr_chart(i, two_sigma_variant => CASE WHEN i > 5 THEN ''beyond'' END)', 'xmr_chart(i, screen_moving_ranges => i > 3)',
    'u_chart(i, 2, multiplier => i)', 'run_chart(i, centre => i)', 'run_chart(i, centre => nullif(2, i))']) AS call;

-- Figures made with R's NHSRplotthedots and qicharts2, where the shared folder is there.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE ptd_input (case_id text, i int, period date, value float8);
CREATE TEMP TABLE ptd (run_id text, case_id text, screen_outliers boolean, improvement_direction text, fix_after_n int, rebase_index int, i int, value float8,
    mean float8, lpl float8, upl float8, outside_limits boolean, relative_to_mean int, close_to_limits boolean, special_cause_type text,
    special_cause_flag boolean, point_type text, rebase_group int, short_group_warning boolean);
CREATE TEMP TABLE ptd_amr (case_id text, screen_outliers boolean, mean float8, amr float8, amr_unscreened float8, n_mr_excluded int);
CREATE TEMP TABLE ptd_assurance (case_id text, improvement_direction text, target float8, lpl float8, upl float8, assurance_type text);
CREATE TEMP TABLE ptd_variant (run_id text, i int, value float8, special_cause_type text, type_all_beyond_2s text, differs boolean);
CREATE TEMP TABLE qic_input (i int, den bigint, num bigint, cnt bigint, g bigint, gap float8, x float8, num0 bigint);
CREATE TEMP TABLE qic (chart text, screened_mr boolean, i int, y float8, n float8, cl float8, lcl float8, ucl float8, lcl95 float8, ucl95 float8,
    sigma_signal boolean, runs_signal boolean, n_useful int, longest_run int, longest_run_max int, n_crossings int, n_crossings_min int);
CREATE TEMP TABLE anhoej (n_useful int, longest_run_max int, n_crossings_min int);
\set load '\\copy ptd_input FROM ' :shared '/oracles/xmr_inputs.csv CSV HEADER'
:load
\set load '\\copy ptd FROM ' :shared '/oracles/xmr_expected.csv CSV HEADER'
:load
\set load '\\copy ptd_amr FROM ' :shared '/oracles/xmr_amr.csv CSV HEADER'
:load
\set load '\\copy ptd_assurance FROM ' :shared '/oracles/xmr_assurance.csv CSV HEADER'
:load
\set load '\\copy ptd_variant FROM ' :shared '/oracles/xmr_two_sigma_variant_expected.csv CSV HEADER'
:load
\set load '\\copy qic_input FROM ' :shared '/oracles/qic_inputs.csv CSV HEADER'
:load
\set load '\\copy qic FROM ' :shared '/oracles/qic_expected.csv CSV HEADER'
:load
\set load '\\copy anhoej FROM ' :shared '/oracles/anhoej_limits.csv CSV HEADER'
:load

-- Our words for theirs.
CREATE TEMP TABLE ptd_word (theirs text, ours text);
INSERT INTO ptd_word VALUES
    ('Common Cause', NULL), ('Above UCL', 'above upper limit'), ('Below LCL', 'below lower limit'),
    ('7 Point Trend (Increasing)', 'increasing trend'), ('7 Point Trend (Decreasing)', 'decreasing trend'),
    ('2 in 3 Above CL', 'two of three near upper limit'), ('2 in 3 Below CL', 'two of three near lower limit'),
    ('7 Points Above CL', 'run above centre'), ('7 Points Below CL', 'run below centre'),
    ('common_cause', 'common cause'), ('special_cause_concern', 'concern'), ('special_cause_improvement', 'improvement'),
    ('special_cause_neutral_high', 'special cause'), ('special_cause_neutral_low', 'special cause'),
    ('consistent_pass', 'consistently passes'), ('consistent_fail', 'consistently fails'), ('inconsistent', 'inconsistent');
CREATE TEMP TABLE ptd_ours AS
    SELECT run_id, case_id, i, screen_outliers, (chart).*, (beyond).rule AS rule_beyond
    FROM (SELECT run_id, case_id, i, screen_outliers,
                 xmr_chart(value, phase => (i >= rebase_index)::text, improvement_direction => improvement_direction, screen_moving_ranges => screen_outliers) OVER w AS chart,
                 xmr_chart(value, phase => (i >= rebase_index)::text, two_sigma_variant => 'beyond', screen_moving_ranges => screen_outliers) OVER w AS beyond
          FROM ptd WINDOW w AS (PARTITION BY run_id ORDER BY i)) s;
SELECT cmp_ok((SELECT count(*) FROM ptd), '>', 600::bigint, (SELECT 'NHSRplotthedots'' charts are there: ' || count(DISTINCT run_id) || ' of them, ' || count(*) || ' points' FROM ptd));
SELECT is_empty($$
    SELECT run_id, i, o, p FROM ptd p JOIN ptd_ours o USING (run_id, i)
    WHERE NOT (o.value = p.value AND pg_temp.is_close(o.centre, p.mean) AND pg_temp.is_close(o.lower_limit, p.lpl) AND pg_temp.is_close(o.upper_limit, p.upl)) $$,
    'mean and limits are NHSRplotthedots'', none where screening leaves no moving range');
SELECT is((SELECT count(*) FROM ptd WHERE lpl IS NULL), 45::bigint, 'which is all zeros, screened');
SELECT is_empty($$ SELECT run_id, i, o.rule, p.special_cause_type FROM ptd p JOIN ptd_ours o USING (run_id, i) JOIN ptd_word w ON theirs = special_cause_type
                   WHERE o.rule IS DISTINCT FROM w.ours $$, 'the rule that flags each point is NHSRplotthedots''');
SELECT is_empty($$ SELECT run_id, i, o.variation, p.point_type FROM ptd p JOIN ptd_ours o USING (run_id, i) JOIN ptd_word w ON theirs = point_type
                   WHERE o.variation IS DISTINCT FROM w.ours $$, 'and what it means');
SELECT is_empty($$ SELECT run_id, i, o, p FROM ptd p JOIN ptd_ours o USING (run_id, i)
                   WHERE (o.value > o.upper_two_sigma AND o.value <= o.upper_limit OR o.value < o.lower_two_sigma AND o.value >= o.lower_limit) IS DISTINCT FROM p.close_to_limits $$,
    'and which points are near the limits');
SELECT is((SELECT count(*) FROM ptd JOIN ptd_word ON theirs = special_cause_type), (SELECT count(*) FROM ptd), 'each rule has a word');
SELECT is((SELECT count(DISTINCT special_cause_type) FROM ptd), 9::bigint, 'and each word was seen');
SELECT is_empty($$ SELECT run_id, i, o.rule_beyond, v.type_all_beyond_2s FROM ptd_variant v JOIN ptd_ours o USING (run_id, i) JOIN ptd_word w ON theirs = type_all_beyond_2s
                   WHERE o.rule_beyond IS DISTINCT FROM w.ours $$,
    (SELECT 'the other variant of two in three, ' || count(*) || ' points, of which none differs' FROM ptd_variant));
SELECT is_empty($$
    SELECT a, o FROM ptd_amr a JOIN (SELECT DISTINCT case_id, screen_outliers, centre, upper_limit, points_in_phase FROM ptd_ours WHERE run_id NOT LIKE '%rebase%') o
        USING (case_id, screen_outliers)
    WHERE NOT (pg_temp.is_close(o.upper_limit, a.mean + 2.66 * a.amr) AND pg_temp.is_close(o.centre, a.mean))
       OR o.points_in_phase <> (SELECT count(*) FROM ptd_input n WHERE n.case_id = a.case_id) $$, 'average moving ranges, screened or not');
SELECT is((SELECT count(*) FROM ptd_amr JOIN (SELECT DISTINCT case_id, screen_outliers FROM ptd_ours) o USING (case_id, screen_outliers)), 20::bigint, '20 of them');
SELECT is_empty($$
    SELECT a, o FROM ptd_assurance a LEFT JOIN ptd_word ON theirs = assurance_type
    CROSS JOIN LATERAL (SELECT (xmr_chart(value, target => a.target, improvement_direction => a.improvement_direction, screen_moving_ranges => true) OVER (ORDER BY i)).*
                        FROM ptd_input n WHERE n.case_id = a.case_id) o
    WHERE o.assurance IS DISTINCT FROM ours OR NOT (pg_temp.is_close(o.lower_limit, a.lpl) AND pg_temp.is_close(o.upper_limit, a.upl)) $$,
    (SELECT 'assurance, ' || count(*) || ' targets' FROM ptd_assurance));

CREATE TEMP TABLE qic_ours AS
    SELECT chart, screened_mr, i, (c).*
    FROM (SELECT 'p' AS chart, false AS screened_mr, i, p_chart(num, den) OVER w AS c FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'p_freeze12', false, i, p_chart(num, den, baseline_points => 12) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'pp', s, i, p_prime_chart(num, den, screen_moving_ranges => s) OVER w FROM qic_input, unnest('{f,t}'::boolean[]) s WINDOW w AS (PARTITION BY s ORDER BY i)
          UNION ALL SELECT 'u', false, i, u_chart(cnt, den) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'up', s, i, u_prime_chart(cnt, den, screen_moving_ranges => s) OVER w FROM qic_input, unnest('{f,t}'::boolean[]) s WINDOW w AS (PARTITION BY s ORDER BY i)
          UNION ALL SELECT 'c', false, i, c_chart(cnt) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'g', false, i, g_chart(g) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 't', false, i, t_chart(gap) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'mr', false, i, moving_range_chart(x) OVER w FROM qic_input WINDOW w AS (ORDER BY i)
          UNION ALL SELECT 'i', s, i, xmr_chart(x, screen_moving_ranges => s) OVER w FROM qic_input, unnest('{f,t}'::boolean[]) s WINDOW w AS (PARTITION BY s ORDER BY i)
          UNION ALL SELECT 'i_exclude15', false, i, xmr_chart(x, excluded => i = 15) OVER w FROM qic_input WINDOW w AS (ORDER BY i)) s;
-- qicharts2 has 3 / 1.128 average moving ranges where Wheeler, and we, have 2.66.
UPDATE qic_ours SET lower_limit = centre + (lower_limit - centre) * (3 / 1.128 / 2.66), upper_limit = centre + (upper_limit - centre) * (3 / 1.128 / 2.66),
    lower_two_sigma = centre + (lower_two_sigma - centre) * (3 / 1.128 / 2.66), upper_two_sigma = centre + (upper_two_sigma - centre) * (3 / 1.128 / 2.66)
WHERE chart IN ('i', 'i_exclude15');
SELECT is((SELECT string_agg(DISTINCT chart, ' ') FROM qic LEFT JOIN qic_ours USING (chart, screened_mr, i) WHERE qic_ours.chart IS NULL), 'run',
    (SELECT 'qicharts2: ' || count(*) || ' points of ' || count(DISTINCT (chart, screened_mr)) || ' charts; all but the run chart have limits' FROM qic));
SELECT is_empty($$
    SELECT q, o FROM qic q JOIN qic_ours o USING (chart, screened_mr, i)
    WHERE NOT (pg_temp.is_close(o.value, q.y) AND (q.y IS NULL OR pg_temp.is_close(o.centre, q.cl) AND pg_temp.is_close(o.lower_limit, q.lcl) AND pg_temp.is_close(o.upper_limit, q.ucl))) $$,
    'centre lines and limits are those of qicharts2');
-- Two thirds of the upper limit is not two sigma of a moving range, so that there we say nothing.
SELECT is_empty($$
    SELECT q, o FROM qic q JOIN qic_ours o USING (chart, screened_mr, i)
    WHERE q.y IS NOT NULL AND CASE WHEN chart = 'mr' THEN o.lower_two_sigma IS NOT NULL OR o.upper_two_sigma IS NOT NULL
              ELSE NOT (pg_temp.is_close(o.lower_two_sigma, q.lcl95) AND pg_temp.is_close(o.upper_two_sigma, q.ucl95)) END $$, 'two sigma too');
SELECT is_empty($$ SELECT q, o FROM qic q JOIN qic_ours o USING (chart, screened_mr, i)
                   WHERE q.sigma_signal IS DISTINCT FROM (o.rule IS NOT DISTINCT FROM 'above upper limit' OR o.rule IS NOT DISTINCT FROM 'below lower limit') $$, 'and what is outside');
CREATE TEMP TABLE qic_runs AS
    SELECT chart, screened_mr, i, (run_chart(value, excluded => chart = 'i_exclude15' AND i = 15, centre => centre) OVER (PARTITION BY chart, screened_mr ORDER BY i)).*
    FROM (SELECT chart, screened_mr, i, value, max(centre) OVER (PARTITION BY chart, screened_mr) AS centre FROM qic_ours) s
    UNION ALL SELECT 'run', false, i, (run_chart(x) OVER (ORDER BY i)).* FROM qic_input;
SELECT is_empty($$
    SELECT q, o FROM qic q LEFT JOIN qic_runs o USING (chart, screened_mr, i)
    WHERE q.y IS NOT NULL AND (q.runs_signal, q.n_useful, q.longest_run, q.longest_run_max, q.n_crossings, q.n_crossings_min)
              IS DISTINCT FROM (o.rule IS NOT NULL, o.useful_points, o.longest_run, o.longest_run_limit, o.crossings, o.crossings_limit)
       OR chart = 'run' AND NOT (pg_temp.is_close(o.centre, q.cl) AND pg_temp.is_close(o.value, q.y)) $$, 'Anhoej''s runs and crossings about all of these centre lines');
SELECT is_empty($$
    SELECT a, o FROM anhoej a CROSS JOIN LATERAL (SELECT (run_chart((-1) ^ i, centre => 0) OVER (ORDER BY i)).* FROM generate_series(1, a.n_useful) i LIMIT 1) o
    WHERE (a.n_useful, a.longest_run_max, a.n_crossings_min) IS DISTINCT FROM (o.useful_points, o.longest_run_limit, o.crossings_limit) $$,
    (SELECT 'Anhoej''s limits of ' || count(*) || ' lengths' FROM anhoej));
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures made with R are not here', 18);
\endif

SELECT * FROM finish();
ROLLBACK;
