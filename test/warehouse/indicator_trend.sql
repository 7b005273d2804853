-- Every row of indicator_trend in the sample warehouse: pairs of months compared one by one, their slopes sorted, the model's slope by halving, in plain SQL
-- over the scorecard's months; warnings are counted in the records. No function of trends is called. Where months are whole is from the records'
-- coverage, which months are settled from the calendar. Some series with R beside: test/oracle/indicator_trend.R.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(10);
\ir preamble/records.psql
\ir preamble/source_of.psql

-- Months that ended 45 days ago or earlier, with records on all days; but for those of which no view speaks. Warnings may be given for class A since
-- 22 September 2021: from October on.
CREATE TEMP TABLE settled ON COMMIT DROP AS
SELECT k.indicator_key, k.title, k.unit, k.better, k.ambulance_category, k.clock, k.area_key, c.first_day,
       (extract(year FROM c.first_day) * 12 + extract(month FROM c.first_day))::integer AS month, k.numerator, k.denominator, k.value
FROM kpi_bi.kpi_scorecard k
JOIN source_of o ON o.identifier = split_part(k.indicator_key, ' ', 1)
JOIN cover c ON c.source = o.source AND c.period_key = k.period_key AND c.area_key = k.area_key
WHERE k.period_key LIKE 'month %' AND k.area_key <> 'division UNKNOWN' AND c.is_whole AND (c.first_day + interval '1 month')::date - 1 + 45 <= date '2025-12-31'
  AND k.reason_missing IS DISTINCT FROM 'no figure is given' AND (k.indicator_key NOT LIKE 'recorded_police_warning %' OR c.first_day >= date '2021-10-01')
UNION ALL
-- How many warnings: those that stand, for each of 365.25 / 12 days.
SELECT 'recorded_police_warning count', 'Recorded Police Warnings, number', 'warnings a month', 'neutral', 'NONE', 'NONE', w.area_key, w.first_day,
       (extract(year FROM w.first_day) * 12 + extract(month FROM w.first_day))::integer, w.warnings, w.days, 30.4375 * w.warnings / w.days
FROM (SELECT c.area_key, c.first_day, c.last_day - c.first_day + 1 AS days, count(r.measure_id)::float8 AS warnings
      FROM cover c
      JOIN territory t ON t.area_key = c.area_key
      LEFT JOIN kpi.direct_measure_record r ON coalesce(r.division_code, 'UNKNOWN') = t.division_code AND r.issued_on BETWEEN c.first_day AND c.last_day
           AND r.offence = 'drug_possession' AND r.kind = 'recorded_police_warning' AND r.refused IS NOT TRUE AND r.withdrawn_on IS NULL
      WHERE c.source = 'direct_measure' AND c.period_key LIKE 'month %' AND c.area_key <> 'division UNKNOWN' AND c.is_whole
        AND c.first_day BETWEEN '2021-10-01' AND '2025-10-01'
      GROUP BY 1, 2, 3) w;
-- The months after which none is missing up to the last.
CREATE TEMP TABLE point ON COMMIT DROP AS
SELECT s.*, count(value) OVER (PARTITION BY indicator_key, ambulance_category, clock, area_key) AS points,
       min(first_day) OVER (PARTITION BY indicator_key, ambulance_category, clock, area_key) AS first_month
FROM (SELECT s.*, max(first_day) OVER series AS last_month, max(month) OVER series - month + 1 = count(*) OVER (series ORDER BY first_day DESC) AS is_linked
      FROM settled s WINDOW series AS (PARTITION BY indicator_key, ambulance_category, clock, area_key)) s
WHERE is_linked;

CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT *, CASE WHEN indicator_key ~ '^drug_deaths_re' THEN 'older months have had longer' WHEN indicator_key ~ '^(carriage|refresher)' THEN 'much the same are counted every month'
               WHEN points < 8 THEN 'too few' END AS why_none, points >= 24 AS by_season, CASE WHEN points >= 24 THEN month % 12 ELSE 0 END AS season
FROM point;
CREATE INDEX ON judged (indicator_key, ambulance_category, clock, area_key);
CREATE TEMP TABLE pair ON COMMIT DROP AS
SELECT a.indicator_key, a.ambulance_category, a.clock, a.area_key, a.season, sign(b.value - a.value) AS rise, (b.value - a.value) / ((b.month - a.month) / 12.0) AS slope
FROM judged a JOIN judged b USING (indicator_key, ambulance_category, clock, area_key, season)
WHERE a.why_none IS NULL AND a.value IS NOT NULL AND b.value IS NOT NULL AND a.month < b.month;
-- S and its variance, less what ties take.
CREATE TEMP TABLE ranked ON COMMIT DROP AS
SELECT p.indicator_key, p.ambulance_category, p.clock, p.area_key, p.s, v.variance, p.s / nullif(p.comparable, 0) AS tau, p.slope, p.pairs, (abs(p.s) - (p.s <> 0)::integer) / sqrt(nullif(v.variance, 0)) AS z
FROM (SELECT indicator_key, ambulance_category, clock, area_key, sum(s) AS s, sum(pairs) AS pairs, sum(sqrt(pairs * untied)) AS comparable, slope
      FROM (SELECT indicator_key, ambulance_category, clock, area_key, season, sum(rise) AS s, count(*) AS pairs, count(*) FILTER (WHERE rise <> 0) AS untied FROM pair GROUP BY 1, 2, 3, 4, 5) q
      JOIN (SELECT indicator_key, ambulance_category, clock, area_key, percentile_cont(0.5) WITHIN GROUP (ORDER BY slope) AS slope FROM pair GROUP BY 1, 2, 3, 4) m
           USING (indicator_key, ambulance_category, clock, area_key)
      GROUP BY 1, 2, 3, 4, m.slope) p
JOIN (SELECT indicator_key, ambulance_category, clock, area_key, sum(n * (n - 1) * (2 * n + 5) - ties) / 18 AS variance
      FROM (SELECT indicator_key, ambulance_category, clock, area_key, season, sum(equal) AS n, sum(equal * (equal - 1) * (2 * equal + 5)) AS ties
            FROM (SELECT indicator_key, ambulance_category, clock, area_key, season, value, count(*)::float8 AS equal FROM judged
                  WHERE why_none IS NULL AND value IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6) e
            GROUP BY 1, 2, 3, 4, 5) o
      GROUP BY 1, 2, 3, 4) v USING (indicator_key, ambulance_category, clock, area_key);
CREATE TEMP TABLE sorted ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, area_key, slope, row_number() OVER (PARTITION BY indicator_key, ambulance_category, clock, area_key ORDER BY slope) AS place
FROM pair;
CREATE INDEX ON sorted (indicator_key, ambulance_category, clock, area_key, place);
-- The area under the normal curve beyond z, by Simpson's rule.
CREATE FUNCTION pg_temp.both_tails(z float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT 2 * 9 / 4000.0 / 3 * sum(CASE WHEN i IN (0, 4000) THEN 1 WHEN i % 2 = 1 THEN 4 ELSE 2 END * exp(-0.5 * (z + 9 * i / 4000.0::float8) ^ 2)) / sqrt(2 * pi())
    FROM generate_series(0, 4000) AS i $$;

\ir preamble/model.psql
CREATE TEMP TABLE modelled ON COMMIT DROP AS
SELECT g.indicator_key, g.ambulance_category, g.clock, g.area_key, g.events, exp(m.slope) AS rate_ratio, exp(m.slope - t.quantile * m.error) AS rate_ratio_lower,
       exp(m.slope + t.quantile * m.error) AS rate_ratio_upper, m.dispersion
FROM (SELECT indicator_key, ambulance_category, clock, area_key, points, sum(numerator) AS events, array_agg((month - 24300) / 12.0::float8 ORDER BY month) AS t,
             array_agg(numerator ORDER BY month) AS x, array_agg(denominator ORDER BY month) AS e
      FROM judged WHERE indicator_key ~ ' (rate|count)$' AND why_none IS NULL AND value IS NOT NULL GROUP BY 1, 2, 3, 4, 5) g
LEFT JOIN LATERAL (SELECT * FROM pg_temp.model(g.t, g.x, g.e) AS m WHERE g.events >= 10) m ON true
LEFT JOIN student t USING (points);

CREATE TEMP TABLE expected ON COMMIT DROP AS
WITH series AS (
    SELECT DISTINCT indicator_key, title, unit, better, ambulance_category, clock, area_key, first_month, last_month, points, why_none, by_season FROM judged
), tested AS (
    SELECT s.*, r.s, r.tau, r.slope, pg_temp.both_tails(r.z) AS p_value, r.pairs, 1.959963984540054 * sqrt(r.variance) AS half, r.variance
    FROM series s LEFT JOIN ranked r USING (indicator_key, ambulance_category, clock, area_key)
)
SELECT 'month ' || to_char(t.last_month, 'YYYY-MM') AS period_key, t.area_key, t.indicator_key, t.title, t.ambulance_category, t.clock, t.unit, t.better, t.first_month, t.last_month,
       t.points, CASE WHEN t.why_none IS NULL THEN CASE WHEN t.by_season THEN 'seasonal ' ELSE '' END || 'Mann-Kendall' END AS method,
       CASE WHEN t.p_value < 0.05 THEN CASE WHEN t.s > 0 THEN 'rising' ELSE 'falling' END WHEN t.p_value IS NOT NULL THEN 'no clear trend' END AS trend, t.p_value,
       -- Of the p-values from this one up the smallest, each times how many there are over its rank.
       (SELECT min(least(o.p_value * o.all_of / o.rank, 1))
        FROM (SELECT p.p_value, rank() OVER (ORDER BY p.p_value) + count(*) OVER (PARTITION BY p.p_value) - 1 AS rank, count(*) OVER () AS all_of FROM tested p
              WHERE p.area_key LIKE 'division %' AND p.p_value IS NOT NULL
                AND (p.indicator_key, p.ambulance_category, p.clock) = (t.indicator_key, t.ambulance_category, t.clock)) o
        WHERE o.p_value >= t.p_value AND t.area_key LIKE 'division %') AS q_value,
       t.tau, t.slope AS slope_per_year, low.slope AS slope_lower, high.slope AS slope_upper, CASE WHEN t.indicator_key ~ ' (rate|count)$' THEN coalesce(m.events, e.events) END AS events, m.rate_ratio,
       m.rate_ratio_lower, m.rate_ratio_upper, m.dispersion,
       CASE WHEN t.why_none IS NOT NULL THEN t.why_none WHEN t.p_value IS NULL THEN 'always the same' WHEN m.events < 10 THEN 'too few events' END AS reason
FROM tested t
LEFT JOIN modelled m USING (indicator_key, ambulance_category, clock, area_key)
LEFT JOIN (SELECT indicator_key, ambulance_category, clock, area_key, sum(numerator) AS events FROM judged WHERE value IS NOT NULL GROUP BY 1, 2, 3, 4) e
     USING (indicator_key, ambulance_category, clock, area_key)
LEFT JOIN sorted low ON (low.indicator_key, low.ambulance_category, low.clock, low.area_key) = (t.indicator_key, t.ambulance_category, t.clock, t.area_key)
      AND t.variance > 0 AND low.place = floor((t.pairs - t.half) / 2)
LEFT JOIN sorted high ON (high.indicator_key, high.ambulance_category, high.clock, high.area_key) = (t.indicator_key, t.ambulance_category, t.clock, t.area_key)
      AND t.variance > 0 AND high.place = ceil((t.pairs + t.half) / 2) + 1;
CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_indicator_trend;

SELECT is(pg_temp.differences('found', 'expected', 'indicator_key, ambulance_category, clock, area_key'), 0::bigint, 'every row, by other means');
SELECT cmp_ok(count(p_value), '>', 300::bigint, 'of which hundreds have a trend tested') FROM found;
SELECT cmp_ok(count(rate_ratio), '>=', 40::bigint, 'and dozens a rate ratio') FROM found;
SELECT set_eq('SELECT DISTINCT method, trend FROM found WHERE trend IS NOT NULL',
    $$ SELECT m, t FROM unnest('{Mann-Kendall,seasonal Mann-Kendall}'::varchar[]) AS m, unnest('{rising,falling,no clear trend}'::varchar[]) AS t $$, 'by both methods, up, down and neither');
SELECT is(count(*), 0::bigint, 'a trend or a reason') FROM found WHERE trend IS NULL AND reason IS NULL OR trend IS NOT NULL AND reason NOT IN ('too few events', 'no rate ratio');

-- With R. What it read is what is counted here.
CREATE TEMP TABLE read_by_r (indicator_key text, area_key text, month integer, events float8, exposure float8, per float8) ON COMMIT DROP;
\copy read_by_r FROM 'test/oracle/indicator_trend_inputs.csv' CSV HEADER
CREATE TEMP TABLE counted ON COMMIT DROP AS
SELECT indicator_key, area_key, month, numerator AS events, denominator AS exposure, CASE WHEN indicator_key LIKE '% count' THEN 30.4375 ELSE 100000 END::float8 AS per
FROM judged WHERE (indicator_key, area_key) IN (('doses_by_division rate', 'force'), ('drug_deaths rate', 'division G'), ('recorded_police_warning count', 'force'));
SELECT is(pg_temp.differences('counted', 'read_by_r', 'indicator_key, area_key, month'), 0::bigint, 'R has read the same months');
CREATE TEMP TABLE by_r (indicator_key text, area_key text, points bigint, rate_ratio float8, rate_ratio_lower float8, rate_ratio_upper float8, dispersion float8,
                        p_value float8, slope_per_year float8) ON COMMIT DROP;
\copy by_r FROM 'test/oracle/indicator_trend.csv' CSV HEADER
CREATE TEMP TABLE found_of_r ON COMMIT DROP AS
SELECT f.indicator_key::text, f.area_key::text, f.points, f.rate_ratio, f.rate_ratio_lower, f.rate_ratio_upper, f.dispersion, f.p_value, f.slope_per_year
FROM found f JOIN by_r USING (indicator_key, area_key);
SELECT is(pg_temp.differences('found_of_r', 'by_r', 'indicator_key, area_key'), 0::bigint, 'R has the same figures');
SELECT is(count(*), 3::bigint, 'of three series') FROM found_of_r;

-- The force's warnings: their dispersion is that of the phase in recorded_police_warning_trend too.
SELECT ok(count(*) > 10 AND bool_and(k.dispersion = f.dispersion OR abs(k.dispersion / f.dispersion - 1) < 1e-9), 'the same dispersion beside the ratio to the year before')
FROM kpi_bi.kpi_recorded_police_warning_trend_period k JOIN found f USING (area_key)
WHERE f.indicator_key = 'recorded_police_warning count' AND k.period_key = 'fiscal_year 2024-04';
-- Of the six years as published, whose story doc/trend.md tells: 30 % more each year by a model whose dispersion, 241, says that it is none (R: test/oracle/trend.R).
SELECT is(format('%s %s %s %s', round(t.rate_ratio::numeric, 4), round(t.quasi_lower::numeric, 3), round(t.quasi_upper::numeric, 3), round(t.dispersion::numeric)), '1.2995 1.089 1.550 241',
          'the years as published rise, with a dispersion that forbids to say how fast')
FROM (SELECT naloxone_kpi.time_series(right(period_key, 7)::varchar(4)::float8, published_warnings::float8) AS series FROM kpi_bi.kpi_recorded_police_warning_trend_period
      WHERE area_key = 'force' AND period_key LIKE 'fiscal_year %' AND published_warnings IS NOT NULL) y, naloxone_kpi.poisson_trend(y.series) AS t;

SELECT * FROM finish();
ROLLBACK;
