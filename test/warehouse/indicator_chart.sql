-- Every row of indicator_chart in the sample warehouse, and the scorecard's flags: charts worked out by the formulas of their limits and by counting
-- months for the rules, in plain SQL over the scorecard's counts. No function of charts is called. Where months are whole is from the records'
-- coverage, which months are settled from the calendar. What is drawn between events is in rare_event_chart, whose own test works it out: here, what the months say of it.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(9);
\ir preamble/records.psql
\ir preamble/source_of.psql

-- Months that ended 45 days ago or earlier, with records on all days; but for those of which no view speaks.
CREATE TEMP TABLE month ON COMMIT DROP AS
SELECT k.indicator_key, k.ambulance_category, k.clock, k.area_key, k.period_key, c.first_day, k.numerator, k.denominator, k.value, k.target, k.better, k.reason_missing,
       k.indicator_key LIKE 'recorded_police_warning %' AND c.first_day = date '2021-09-01' AS policy_changed,
       CASE WHEN k.indicator_key LIKE 'recorded_police_warning %' AND c.first_day > date '2021-09-01' THEN 2 ELSE 1 END AS phase
FROM kpi_bi.kpi_scorecard k
JOIN source_of o ON o.identifier = split_part(k.indicator_key, ' ', 1)
JOIN cover c ON c.source = o.source AND c.period_key = k.period_key AND c.area_key = k.area_key
WHERE k.period_key LIKE 'month %' AND k.area_key <> 'division UNKNOWN' AND c.is_whole AND (c.first_day + interval '1 month')::date - 1 + 45 <= date '2025-12-31'
  AND k.reason_missing IS DISTINCT FROM 'no figure is given';

-- Records begin once in the sample and go on, so only the change of policy divides a chart.
CREATE TEMP TABLE chart ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, area_key, phase, count(value) AS points, max(first_day) FILTER (WHERE value IS NOT NULL) AS last_day,
       CASE WHEN indicator_key ~ '^(drug_deaths_re|carriage|refresher)' OR count(value) < 12 THEN NULL
            WHEN indicator_key LIKE '% rate' THEN CASE WHEN avg(numerator) >= 10 THEN 'u''' WHEN avg(numerator) >= 1 THEN 'u' ELSE 't' END
            WHEN indicator_key ~ '^(ambulance_response|repeat)' OR bool_or(numerator NOT BETWEEN 0 AND denominator) THEN CASE WHEN avg(denominator) >= 10 THEN 'XmR' END
            WHEN avg(numerator) >= 10 AND avg(denominator - numerator) >= 10 THEN 'p'''
            WHEN avg(numerator) >= 1 AND avg(denominator - numerator) >= 1 THEN 'p' ELSE 'g' END AS chart,
       CASE WHEN indicator_key LIKE '% rate' THEN 1e5 * sum(numerator) / nullif(sum(denominator), 0)
            WHEN indicator_key ~ '^(ambulance_response|repeat)' OR bool_or(numerator NOT BETWEEN 0 AND denominator) THEN avg(value)
            ELSE sum(numerator) / nullif(sum(denominator), 0) END AS centre
FROM (SELECT indicator_key, ambulance_category, clock, area_key, phase, first_day, value, CASE WHEN value IS NOT NULL THEN numerator END AS numerator,
             CASE WHEN value IS NOT NULL THEN denominator END AS denominator FROM month WHERE NOT policy_changed) m
GROUP BY 1, 2, 3, 4, 5;

-- Of those between events the ones that are drawn, whose points are the intervals.
CREATE TEMP TABLE rare ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, area_key, period_key, to_date(split_part(period_key, ' ', 2), 'YYYY-MM') AS first_day, event_number, chart, points, rule, variation, event, too_long_from
FROM kpi_bi.kpi_rare_event_chart;
UPDATE chart c SET chart = r.chart, points = coalesce(r.points, c.points)
FROM chart o LEFT JOIN (SELECT DISTINCT indicator_key, ambulance_category, clock, area_key, chart, points FROM rare) r USING (indicator_key, ambulance_category, clock, area_key)
WHERE c.chart IN ('t', 'g') AND (o.indicator_key, o.ambulance_category, o.clock, o.area_key, o.phase) = (c.indicator_key, c.ambulance_category, c.clock, c.area_key, c.phase);

-- One standard deviation of each point: Poisson's, the binomial's; times what the series varies beyond it (Laney); or by the moving ranges.
CREATE TEMP TABLE point ON COMMIT DROP AS
WITH own AS (
    SELECT m.*, c.chart, c.points, c.centre, c.last_day, row_number() OVER w AS n,
           CASE WHEN c.chart LIKE 'u%' THEN 1e5 * sqrt(c.centre / 1e5 / nullif(m.denominator, 0)) WHEN c.chart LIKE 'p%' THEN sqrt(c.centre * (1 - c.centre) / nullif(m.denominator, 0)) ELSE 1 END AS own_sd
    FROM month m JOIN chart c USING (indicator_key, ambulance_category, clock, area_key, phase)
    WHERE c.chart IS NOT NULL AND c.chart NOT IN ('t', 'g') AND NOT m.policy_changed
    WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY first_day)
), ranged AS (
    SELECT o.*, abs((o.value - o.centre) / o.own_sd - (b.value - b.centre) / b.own_sd) AS moving_range, sign(o.value - b.value) AS step
    FROM own o LEFT JOIN own b ON (b.indicator_key, b.ambulance_category, b.clock, b.area_key, b.phase, b.n) = (o.indicator_key, o.ambulance_category, o.clock, o.area_key, o.phase, o.n - 1)
)
SELECT r.*, CASE WHEN r.value IS NOT NULL THEN r.own_sd * CASE WHEN r.chart IN ('u', 'p') THEN 1 WHEN r.chart = 'XmR' THEN 2.66 / 3 * g.average ELSE g.average / 1.128 END END AS sd,
       CASE WHEN abs(r.value - r.centre) > 1e-12 * abs(r.centre) THEN sign(r.value - r.centre) ELSE 0 END AS side
FROM ranged r
JOIN (SELECT indicator_key, ambulance_category, clock, area_key, phase, avg(moving_range) AS average FROM ranged GROUP BY 1, 2, 3, 4, 5) g
     USING (indicator_key, ambulance_category, clock, area_key, phase);
-- The rules by what ends in each month: seven on one side, six steps one way, two of three near a limit. Then which months lie in what.
CREATE TEMP TABLE judged ON COMMIT DROP AS
WITH beyond AS (
    SELECT p.*, CASE WHEN abs(value - centre) > 3 * sd THEN side ELSE 0 END AS outside,
           CASE WHEN abs(value - centre) > 2 * sd AND abs(value - centre) <= 3 * sd THEN side ELSE 0 END AS near
    FROM point p
), ending AS (
    SELECT b.*, sum(side) OVER (w ROWS 6 PRECEDING) / 7 AS run, sum(step) OVER (w ROWS 5 PRECEDING) / 6 AS trend,
           CASE WHEN abs(sum(side) OVER (w ROWS 2 PRECEDING)) = 3 AND abs(sum(near) OVER (w ROWS 2 PRECEDING)) >= 2 THEN sum(side) OVER (w ROWS 2 PRECEDING) / 3 END AS two_of_three
    FROM beyond b WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY n)
), lying AS (
    SELECT e.*, bool_or(abs(run) = 1) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS in_run,
           bool_or(two_of_three IS NOT NULL) OVER (w ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS in_three,
           array_agg(trend) FILTER (WHERE abs(trend) = 1) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS trends
    FROM ending e WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY n)
)
SELECT l.*,
       CASE WHEN outside > 0 THEN 'above upper limit' WHEN outside < 0 THEN 'below lower limit'
            WHEN trends[cardinality(trends)] = 1 THEN 'increasing trend' WHEN trends[cardinality(trends)] = -1 THEN 'decreasing trend'
            WHEN near > 0 AND in_three THEN 'two of three near upper limit' WHEN near < 0 AND in_three THEN 'two of three near lower limit'
            WHEN side > 0 AND in_run THEN 'run above centre' WHEN side < 0 AND in_run THEN 'run below centre' END AS rule
FROM lying l;

-- A month between events: what the last one of it says, or if it has none, of the one before it whether it is too long since. From the second event on.
CREATE TEMP TABLE between_events ON COMMIT DROP AS
SELECT m.indicator_key, m.ambulance_category, m.clock, m.area_key, m.period_key,
       CASE WHEN r.first_day = m.first_day THEN r.rule WHEN r.too_long_from <= m.period_key THEN 'above upper limit' END AS rule,
       CASE WHEN r.first_day = m.first_day THEN r.variation WHEN r.too_long_from > m.period_key OR r.too_long_from IS NULL THEN 'common cause'
            WHEN m.better = 'neutral' THEN 'special cause' WHEN (m.better = 'lower') = (r.event = 'counted') THEN 'improvement' ELSE 'concern' END AS variation
FROM month m
CROSS JOIN LATERAL (SELECT * FROM rare r WHERE (r.indicator_key, r.ambulance_category, r.clock, r.area_key) = (m.indicator_key, m.ambulance_category, m.clock, m.area_key)
                    AND r.first_day <= m.first_day ORDER BY r.event_number DESC LIMIT 1) r
WHERE m.value IS NOT NULL AND r.event_number > 1;

CREATE TEMP TABLE expected ON COMMIT DROP AS
SELECT m.indicator_key, m.ambulance_category, m.clock, m.period_key, m.area_key, m.numerator, m.denominator, m.value, m.target,
       CASE WHEN NOT m.policy_changed THEN c.chart END AS chart, CASE WHEN NOT m.policy_changed AND c.chart IS NOT NULL THEN c.points END AS points, j.centre, j.lower_limit, j.upper_limit,
       coalesce(b.rule, j.rule) AS rule,
       CASE WHEN b.variation IS NOT NULL THEN b.variation WHEN j.centre IS NULL THEN NULL WHEN j.rule IS NULL THEN 'common cause' WHEN m.better = 'neutral' THEN 'special cause'
            WHEN (m.better = 'higher') = (j.rule ~ '^(above|increasing|two of three near upper|run above)') THEN 'improvement' ELSE 'concern' END AS variation,
       CASE WHEN m.better <> 'neutral' AND m.target IS NOT NULL AND j.centre IS NOT NULL
            THEN CASE WHEN m.target BETWEEN j.lower_limit AND j.upper_limit THEN 'inconsistent'
                      WHEN (m.better = 'higher') = (m.target < j.lower_limit) THEN 'consistently passes' ELSE 'consistently fails' END END AS assurance,
       CASE WHEN m.indicator_key ~ '^drug_deaths_re' THEN 'older months have had longer' WHEN m.indicator_key ~ '^(carriage|refresher)' THEN 'much the same are counted every month'
            WHEN m.policy_changed THEN 'policy changed in the month' WHEN m.value IS NULL THEN m.reason_missing WHEN c.chart IS NULL THEN 'too few'
            WHEN c.chart IN ('t', 'g') THEN 'drawn between events' END AS reason,
       coalesce(c.chart IS NOT NULL AND NOT m.policy_changed AND m.first_day = max(c.last_day) OVER (PARTITION BY m.indicator_key, m.ambulance_category, m.clock, m.area_key), false)::integer AS is_latest
FROM month m
LEFT JOIN chart c USING (indicator_key, ambulance_category, clock, area_key, phase)
LEFT JOIN (SELECT indicator_key, ambulance_category, clock, area_key, period_key, CASE WHEN value IS NOT NULL THEN centre END AS centre,
                  CASE WHEN chart = 'XmR' THEN centre - 3 * sd ELSE greatest(centre - 3 * sd, 0) END AS lower_limit,
                  CASE WHEN value IS NOT NULL THEN CASE WHEN chart LIKE 'p%' THEN least(centre + 3 * sd, 1) ELSE centre + 3 * sd END END AS upper_limit, rule
           FROM (SELECT * FROM judged WHERE value IS NOT NULL) j) j USING (indicator_key, ambulance_category, clock, area_key, period_key)
LEFT JOIN between_events b USING (indicator_key, ambulance_category, clock, area_key, period_key);
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, period_key, area_key, numerator, denominator, value, target, chart, CASE WHEN chart IS NOT NULL THEN points END AS points, centre, lower_limit, upper_limit, rule, variation, assurance,
       reason, is_latest
FROM kpi_bi.kpi_indicator_chart;

SELECT is(pg_temp.differences('found', 'expected', 'indicator_key, ambulance_category, clock, period_key, area_key'), 0::bigint, 'every row, by other means');
SELECT cmp_ok(count(centre), '>', 2000::bigint, 'thousands of points are drawn') FROM found;
SELECT set_eq('SELECT DISTINCT chart FROM found WHERE chart IS NOT NULL', $$ VALUES ('u'), ('u'''), ('p'), ('p'''), ('t'), ('g'), ('XmR') $$, 'on charts of every kind');
SELECT set_eq($$ SELECT DISTINCT r.period_key IS NOT NULL FROM found f LEFT JOIN rare r USING (indicator_key, ambulance_category, clock, area_key, period_key)
                 WHERE f.chart IN ('t', 'g') AND f.rule IS NOT NULL $$, ARRAY[true, false], 'of those between events months with one are flagged, and months without');
SELECT is(count(*), 0::bigint, 'limits or a reason, never both') FROM found WHERE (centre IS NULL) = (reason IS NULL);

-- The scorecard: the latest month of each chart; of each area the flags, and of each chart the chance that doc/control_chart.md found for charts of its length.
CREATE TEMP TABLE by_chance (chart text, months_12 float8, months_24 float8, months_36 float8) ON COMMIT DROP;
INSERT INTO by_chance VALUES ('u', 0.9, 1.7, 2.0), ('p', 0.9, 1.7, 2.0), ('u''', 0.9, 1.3, 1.6), ('p''', 0.9, 1.3, 1.6), ('XmR', 1.3, 1.4, 1.6),
    ('t', 0.9, 0.8, 0.8), ('g', 3.3, 3.0, 3.1);
CREATE TEMP TABLE expected_flag ON COMMIT DROP AS
SELECT e.indicator_key, e.ambulance_category, e.clock, e.period_key, e.area_key, e.rule AS chart_flag, e.variation, a.flags_shown, a.flags_expected_by_chance
FROM expected e
JOIN (SELECT x.area_key, count(*) FILTER (WHERE x.rule IS NOT NULL) AS flags_shown,
             sum(CASE WHEN c.points >= 36 THEN b.months_36 WHEN c.points >= 24 THEN b.months_24 ELSE b.months_12 END) / 100 AS flags_expected_by_chance
      FROM expected x
      JOIN chart c USING (indicator_key, ambulance_category, clock, area_key)
      JOIN by_chance b ON b.chart = c.chart
      WHERE x.is_latest = 1 AND 'month ' || to_char(c.last_day, 'YYYY-MM') = x.period_key GROUP BY 1) a USING (area_key)
WHERE e.is_latest = 1;
CREATE TEMP TABLE found_flag ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, period_key, area_key, chart_flag, variation, flags_shown, flags_expected_by_chance
FROM kpi_bi.kpi_scorecard WHERE num_nonnulls(chart_flag, variation, flags_shown, flags_expected_by_chance) > 0;
SELECT is(pg_temp.differences('found_flag', 'expected_flag', 'indicator_key, ambulance_category, clock, period_key, area_key'), 0::bigint, 'the scorecard''s flags, and those by chance');
SELECT cmp_ok(count(*), '>', 50::bigint, 'of many charts') FROM found_flag;
SELECT cmp_ok(count(chart_flag), '>', 0::bigint, 'of which some are flagged') FROM found_flag;
-- Where centre and deviation are known and points are normal, a newest point is beyond three deviations in 0.27 % of series, ends seven on one side in
-- 2 / 2^7 and a trend in 2 / 7!, and is near a limit after another near one on its side in less than 0.1 %: 2 % at most together. With limits from the same
-- few points it is less often, of small counts somewhat more. Of cases between events, which are far from normal, it is more often: a geometric interval is beyond its
-- limit in some 1.8 %.
SELECT ok(bool_and(flag_by_chance BETWEEN 0.005 AND 0.0027 + 2 / 128.0 + 2 / 5040.0 + 0.0013 + 0.0005), 'the chances are of the size that the rules have of normal points') FROM kpi_bi.kpi_indicator_chart
WHERE is_latest = 1 AND chart <> 'g';

SELECT * FROM finish();
ROLLBACK;
