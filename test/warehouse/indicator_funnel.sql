-- Every row of indicator_funnel in the sample warehouse, and the verdicts that other views show: probabilities added up term by term from the counts of
-- the scorecard, with logarithms of factorials, in plain SQL. No function of funnel plots, nor of limits, is called. Which years are whole is from the
-- records' coverage, which are settled from the calendar.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(9);
\ir preamble/records.psql
\ir preamble/source_of.psql

-- Years and twelve months that ended 45 days ago or earlier, with records on all days. Rates are per 100,000; the other indicators of counts are shares.
CREATE TEMP TABLE unit ON COMMIT DROP AS
SELECT k.indicator_key, k.ambulance_category, k.clock, k.area_key, k.period_key, k.numerator, k.denominator, k.value, k.better, k.reason_missing,
       CASE WHEN k.value IS NULL OR k.numerator IS NULL OR k.indicator_key ~ '^(naloxone_supply|reviewed_within|service_notified|ambulance_response)' THEN NULL
            WHEN k.indicator_key LIKE '% rate' THEN 'rate' ELSE 'share' END AS kind,
       CASE WHEN k.indicator_key LIKE '% rate' THEN 100000 ELSE 1 END AS multiplier
FROM kpi_bi.kpi_scorecard k
JOIN source_of o ON o.identifier = split_part(k.indicator_key, ' ', 1)
JOIN cover c ON c.source = o.source AND c.period_key = k.period_key AND c.area_key = k.area_key
JOIN calendar l ON l.period_key = k.period_key
WHERE k.period_key ~ '^(fiscal_year|rolling_12_months) ' AND k.area_key LIKE 'division %' AND k.area_key <> 'division UNKNOWN' AND c.is_whole
  AND (l.first_day + interval '1 year')::date - 1 + 45 <= date '2025-12-31' AND k.reason_missing IS DISTINCT FROM 'no figure is given';

CREATE TEMP TABLE beside ON COMMIT DROP AS
SELECT s.*, (events / nullif(size, 0))::float8 AS centre, denominator > size AS is_most
FROM (SELECT u.*, count(*) OVER w - 1 AS others, sum(numerator) OVER w - numerator AS events, sum(denominator) OVER w - denominator AS size
      FROM unit u WHERE kind IS NOT NULL WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, period_key, kind)
      UNION ALL SELECT u.*, NULL, NULL, NULL FROM unit u WHERE kind IS NULL) s;

-- Spiegelhalter's dispersion: z on the scale of the root, or its arcsine, the outermost tenths drawn in.
CREATE TEMP TABLE dispersion ON COMMIT DROP AS
WITH scored AS (
    SELECT u.*, 2 * sqrt(denominator) * CASE kind WHEN 'rate' THEN sqrt(numerator / denominator) - sqrt(sum(numerator) OVER w / sum(denominator) OVER w)
                                                  ELSE asin(sqrt(numerator / denominator)) - asin(sqrt(sum(numerator) OVER w / sum(denominator) OVER w)) END AS z
    FROM unit u WHERE kind IS NOT NULL
    WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, period_key)
)
SELECT s.indicator_key, s.ambulance_category, s.clock, s.period_key, avg(least(greatest(s.z, e.low), e.high) ^ 2) AS ratio
FROM scored s
JOIN (SELECT indicator_key, ambulance_category, clock, period_key, percentile_cont(0.1) WITHIN GROUP (ORDER BY z) AS low, percentile_cont(0.9) WITHIN GROUP (ORDER BY z) AS high,
             count(*) AS units FROM scored GROUP BY 1, 2, 3, 4) e USING (indicator_key, ambulance_category, clock, period_key)
WHERE e.units > 1
GROUP BY 1, 2, 3, 4;

-- The probability of so many or more, or of so many or fewer, term by term.
CREATE TEMP TABLE log_factorial ON COMMIT DROP AS
SELECT n, coalesce(sum(CASE WHEN n > 0 THEN ln(n::float8) END) OVER (ORDER BY n), 0) AS value
FROM generate_series(0, (SELECT max(CASE kind WHEN 'rate' THEN 3 * numerator + 1000 ELSE denominator END)::integer FROM unit WHERE kind IS NOT NULL)) AS n;
CREATE INDEX ON log_factorial (n);
ANALYZE log_factorial;
CREATE TEMP TABLE tail ON COMMIT DROP AS
SELECT b.indicator_key, b.ambulance_category, b.clock, b.period_key, b.area_key,
       CASE WHEN b.value = b.centre * b.multiplier THEN 1
            ELSE least(1, 2 * CASE WHEN b.value > b.centre * b.multiplier THEN 1 - t.fewer ELSE t.fewer + t.same END) END AS p
FROM beside b
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN term.log > -700 THEN exp(term.log) END) FILTER (WHERE f.n < b.numerator), 0) AS fewer, coalesce(sum(CASE WHEN term.log > -700 THEN exp(term.log) END) FILTER (WHERE f.n = b.numerator), 0) AS same
    FROM log_factorial f
    LEFT JOIN log_factorial size ON b.kind = 'share' AND size.n = b.denominator
    LEFT JOIN log_factorial rest ON b.kind = 'share' AND rest.n = b.denominator - f.n
    CROSS JOIN LATERAL (SELECT CASE b.kind WHEN 'rate' THEN f.n * ln(b.centre * b.denominator) - b.centre * b.denominator - f.value
                                           ELSE size.value - f.value - rest.value + f.n * ln(b.centre) + (b.denominator - f.n) * ln(1 - b.centre) END AS log) term
    WHERE f.n <= b.numerator
) t
WHERE b.kind IS NOT NULL AND b.others > 0 AND NOT b.is_most AND b.centre * b.denominator >= 7 AND (b.kind = 'rate' OR (1 - b.centre) * b.denominator >= 7);

-- Benjamini and Hochberg's: the least, over all p as large or larger, of p times how many there are through its rank.
CREATE TEMP TABLE tail_with_q ON COMMIT DROP AS
SELECT r.*, least(1, min(r.p * r.tests / r.rank) OVER (PARTITION BY indicator_key, ambulance_category, clock, period_key ORDER BY p DESC)) AS q
FROM (SELECT x.*, count(*) OVER (PARTITION BY indicator_key, ambulance_category, clock, period_key) AS tests,
             count(*) OVER (PARTITION BY indicator_key, ambulance_category, clock, period_key ORDER BY p) AS rank FROM tail x) r;

CREATE TEMP TABLE expected ON COMMIT DROP AS
SELECT b.indicator_key, b.ambulance_category, b.clock, b.period_key, b.area_key, b.numerator, b.denominator, b.value, b.centre * b.multiplier AS value_of_others, d.ratio AS dispersion_ratio,
       t.p, t.q AS q_value,
       CASE WHEN t.p IS NULL THEN NULL WHEN t.p >= 0.05 THEN 'as the others' WHEN t.p >= 0.002 THEN 'not clear' WHEN b.better = 'neutral' THEN 'different'
            WHEN (b.value > b.centre * b.multiplier) = (b.better = 'higher') THEN 'better' ELSE 'worse' END AS verdict,
       CASE WHEN b.value IS NULL THEN b.reason_missing WHEN b.kind IS NULL THEN 'not a count of what happens independently' WHEN b.others = 0 THEN 'no other division'
            WHEN b.is_most THEN 'most of it is the division''s own' WHEN t.p IS NULL THEN 'too few' END AS reason
FROM beside b
LEFT JOIN dispersion d ON b.kind IS NOT NULL AND (d.indicator_key, d.ambulance_category, d.clock, d.period_key) = (b.indicator_key, b.ambulance_category, b.clock, b.period_key)
LEFT JOIN tail_with_q t ON (t.indicator_key, t.ambulance_category, t.clock, t.period_key, t.area_key) = (b.indicator_key, b.ambulance_category, b.clock, b.period_key, b.area_key);
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, period_key, area_key, numerator, denominator, value, value_of_others, dispersion_ratio, q_value, verdict, reason,
       inner_lower_limit, inner_upper_limit, outer_lower_limit, outer_upper_limit
FROM kpi_bi.kpi_indicator_funnel;

SELECT set_eq('SELECT indicator_key, ambulance_category, clock, period_key, area_key FROM found', 'SELECT indicator_key, ambulance_category, clock, period_key, area_key FROM expected', 'the rows');
SELECT is_empty($$
    SELECT e.*, f.value_of_others, f.dispersion_ratio, f.q_value, f.verdict, f.reason FROM expected e JOIN found f USING (indicator_key, ambulance_category, clock, period_key, area_key)
    WHERE (f.numerator, f.denominator, f.value, f.verdict, f.reason) IS DISTINCT FROM (e.numerator, e.denominator, e.value, e.verdict, e.reason)
       OR NOT coalesce(abs(f.value_of_others - e.value_of_others) <= 1e-12 * e.value_of_others, f.value_of_others IS NULL AND e.value_of_others IS NULL)
       OR NOT coalesce(abs(f.dispersion_ratio - e.dispersion_ratio) <= 1e-9 * (1 + e.dispersion_ratio), f.dispersion_ratio IS NULL AND e.dispersion_ratio IS NULL)
       OR NOT coalesce(abs(f.q_value - e.q_value) <= 1e-8, f.q_value IS NULL AND e.q_value IS NULL) $$, 'every row, by other means');
SELECT set_eq('SELECT DISTINCT verdict FROM found WHERE verdict IS NOT NULL', $$ VALUES ('as the others'), ('not clear'), ('better'), ('worse'), ('different') $$, 'with every verdict');
SELECT cmp_ok(count(verdict), '>', 3000::bigint, 'thousands of verdicts') FROM found;
SELECT is_empty('SELECT * FROM found WHERE (verdict IS NULL) = (reason IS NULL)', 'a verdict or a reason, never both');
SELECT is_empty($$ SELECT * FROM found WHERE verdict IS NOT NULL AND (value > outer_upper_limit OR value < outer_lower_limit, value > inner_upper_limit OR value < inner_lower_limit)
                   IS DISTINCT FROM (verdict IN ('better', 'worse', 'different'), verdict <> 'as the others') $$, 'as the limits say');
SELECT is_empty($$ SELECT * FROM found WHERE verdict IS NULL AND num_nonnulls(inner_lower_limit, inner_upper_limit, outer_lower_limit, outer_upper_limit, q_value) > 0 $$,
                'no limits where there is no verdict');

SELECT set_eq($$ SELECT indicator_key, ambulance_category, clock, period_key, area_key, funnel_verdict FROM kpi_bi.kpi_scorecard WHERE funnel_verdict IS NOT NULL $$,
              $$ SELECT indicator_key, ambulance_category, clock, period_key, area_key, verdict FROM expected WHERE verdict IS NOT NULL $$, 'the scorecard''s verdicts');
SELECT set_eq($$ SELECT period_key, area_key, chart, chart_flag, funnel_verdict FROM kpi_bi.kpi_doses_by_division_period WHERE num_nonnulls(chart, chart_flag, funnel_verdict) > 0 $$,
              $$ SELECT c.period_key, c.area_key, c.chart, c.rule, NULL FROM kpi_bi.kpi_indicator_chart c WHERE c.indicator_key = 'doses_by_division rate' AND c.chart IS NOT NULL
                 UNION ALL SELECT period_key, area_key, NULL, NULL, verdict FROM expected WHERE indicator_key = 'doses_by_division rate' AND verdict IS NOT NULL $$,
              'chart and verdict beside the doses');

SELECT * FROM finish();
ROLLBACK;
