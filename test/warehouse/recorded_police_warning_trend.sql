-- Every row and column of recorded_police_warning_trend in the sample warehouse, beside the same figures worked out from the disposals,
-- crimes and published totals: people by count(DISTINCT), the year before by its dates, limits by the quadratic equation and the Poisson sum;
-- those of the ratio to the year before by what the binomial distribution has beyond them, and by the months' own variation.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(14);
\ir preamble/records.psql
\ir preamble/model.psql

SELECT is(count(*), 0::bigint, 'every division that a disposal or crime names is one')
FROM (SELECT division_code FROM kpi.direct_measure_record UNION SELECT division_code FROM kpi.recorded_crime_record) r
WHERE NOT EXISTS (SELECT FROM territory t WHERE t.division_code = coalesce(r.division_code, 'UNKNOWN'));

-- What is made of each disposal of possession, in one word.
CREATE TEMP TABLE disposal ON COMMIT DROP AS
SELECT r.issued_on AS day, s.division_code, r.measure_person_key AS person, coalesce(r.drug_class, 'unknown') AS drug_class,
       CASE WHEN r.kind <> 'recorded_police_warning' THEN r.kind WHEN r.refused THEN 'refused' WHEN r.withdrawn_on IS NOT NULL THEN 'withdrawn' ELSE 'warned' END AS made
FROM kpi.direct_measure_record r
JOIN since s ON s.source = 'direct_measure' AND s.division_code = coalesce(r.division_code, 'UNKNOWN') AND r.issued_on BETWEEN s.covered_from AND '2025-12-31'
WHERE r.offence = 'drug_possession';
CREATE TEMP TABLE daily ON COMMIT DROP AS
SELECT t.area_key, d.day, d.made, d.drug_class, count(*) AS n FROM disposal d JOIN territory t USING (division_code) GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT period_key, area_key, count(*) AS people, count(*) FILTER (WHERE times > 1) AS repeatedly
FROM (SELECT c.period_key, t.area_key, d.person, count(*) AS times
      FROM disposal d JOIN territory t USING (division_code) JOIN calendar c ON d.day BETWEEN c.first_day AND c.last_day
      WHERE d.made = 'warned' AND d.person IS NOT NULL GROUP BY 1, 2, 3) p
GROUP BY 1, 2;

-- By how much the months since October 2021 vary, up to October 2025; before the change of September there were but five.
CREATE TEMP TABLE variation ON COMMIT DROP AS
SELECT g.area_key, g.points, m.dispersion
FROM (SELECT area_key, count(*) AS points, array_agg(years ORDER BY first_day) AS t, array_agg(warned ORDER BY first_day) AS x, array_agg(days ORDER BY first_day) AS e
      FROM (SELECT c.area_key, c.first_day, extract(year FROM c.first_day) - 2025 + extract(month FROM c.first_day) / 12.0::float8 AS years,
                   (c.last_day - c.first_day + 1)::float8 AS days, coalesce(sum(d.n) FILTER (WHERE d.made = 'warned'), 0)::float8 AS warned
            FROM cover c LEFT JOIN daily d ON d.area_key = c.area_key AND d.day BETWEEN c.first_day AND c.last_day
            WHERE c.source = 'direct_measure' AND c.is_whole AND c.period_key LIKE 'month %' AND c.first_day BETWEEN '2021-10-01' AND '2025-10-01' AND c.area_key <> 'division UNKNOWN'
            GROUP BY 1, 2, 3, 4) o
      GROUP BY 1) g, pg_temp.model(g.t, g.x, g.e) AS m
WHERE g.points >= 8;

CREATE TEMP TABLE expected ON COMMIT DROP AS
WITH counted AS (
    SELECT c.period_key, d.area_key, sum(n) AS disposals, sum(n) FILTER (WHERE made = 'warned') AS warned, sum(n) FILTER (WHERE made = 'refused') AS refused,
           sum(n) FILTER (WHERE made = 'withdrawn') AS withdrawn, sum(n) FILTER (WHERE made = 'fixed_penalty_notice') AS fixed_penalties,
           sum(n) FILTER (WHERE made = 'report_to_prosecutor') AS reports, sum(n) FILTER (WHERE made = 'diversion_requested') AS diversions,
           sum(n) FILTER (WHERE made = 'warned' AND drug_class = 'A') AS a, sum(n) FILTER (WHERE made = 'warned' AND drug_class = 'B') AS b,
           sum(n) FILTER (WHERE made = 'warned' AND drug_class = 'C') AS c, sum(n) FILTER (WHERE made = 'warned' AND drug_class = 'multiple') AS multiple,
           sum(n) FILTER (WHERE made = 'warned' AND drug_class = 'unknown') AS unknown
    FROM daily d JOIN calendar c ON d.day BETWEEN c.first_day AND c.last_day
    GROUP BY 1, 2
), year_before AS (
    -- A year before each period's first and last day so far; of 29 February, to the end of February.
    SELECT c.period_key, d.area_key, sum(n) AS warned
    FROM daily d
    JOIN calendar c ON d.day >= c.first_day - interval '1 year' AND d.day < (c.last_day + 1)::timestamp - interval '1 year'
    WHERE made = 'warned' GROUP BY 1, 2
), crime AS (
    SELECT c.period_key, t.area_key, sum(r.crimes) AS crimes
    FROM kpi.recorded_crime_record r
    JOIN since s ON s.source = 'recorded_crime' AND s.division_code = coalesce(r.division_code, 'UNKNOWN') AND r.recorded_on BETWEEN s.covered_from AND '2025-12-31'
    JOIN territory t ON t.division_code = s.division_code
    JOIN calendar c ON r.recorded_on BETWEEN c.first_day AND c.last_day
    WHERE r.kind = 'possession' GROUP BY 1, 2
), filled AS (
    SELECT k.period_key, k.area_key, k.first_day, k.last_day, k.division_days, k.covered_division_days, x.*,
           CASE WHEN r.is_covered THEN coalesce(q.crimes, 0)::bigint END AS crimes, r.is_whole AND k.is_whole AS crimes_are_whole,
           -- Records must exist from the first day of the year before on, of every division.
           CASE WHEN k.first_day - interval '1 year' >= e.covered_from THEN coalesce(y.warned, 0) END AS warned_before
    FROM cover k
    JOIN (SELECT t.area_key, max(s.covered_from) AS covered_from FROM since s JOIN territory t USING (division_code) WHERE s.source = 'direct_measure' GROUP BY 1) e
         USING (area_key)
    JOIN cover r ON r.source = 'recorded_crime' AND r.period_key = k.period_key AND r.area_key = k.area_key
    LEFT JOIN counted n ON n.period_key = k.period_key AND n.area_key = k.area_key
    LEFT JOIN year_before y ON y.period_key = k.period_key AND y.area_key = k.area_key
    LEFT JOIN crime q ON q.period_key = k.period_key AND q.area_key = k.area_key
    LEFT JOIN person p ON p.period_key = k.period_key AND p.area_key = k.area_key
    LEFT JOIN LATERAL (
        SELECT coalesce(n.disposals, 0)::bigint AS disposals, coalesce(n.warned, 0)::bigint AS warned, coalesce(n.refused, 0) AS refused,
               coalesce(n.withdrawn, 0) AS withdrawn, coalesce(n.fixed_penalties, 0) AS fixed_penalties, coalesce(n.reports, 0) AS reports,
               coalesce(n.diversions, 0) AS diversions, coalesce(n.a, 0) AS a,
               coalesce(n.b, 0) AS b, coalesce(n.c, 0) AS c, coalesce(n.multiple, 0) AS multiple, coalesce(n.unknown, 0) AS unknown, coalesce(p.people, 0) AS people,
               coalesce(p.repeatedly, 0) AS repeatedly) x ON k.is_covered
    WHERE k.source = 'direct_measure'
)
SELECT f.period_key, f.area_key, f.division_days, f.covered_division_days, f.disposals, f.warned + f.refused + f.withdrawn AS warnings_offered, f.warned AS warnings,
       f.refused AS warnings_refused, f.withdrawn AS warnings_withdrawn, f.fixed_penalties AS fixed_penalty_notices, f.reports AS reports_to_prosecutor,
       f.diversions AS diversions_requested,
       f.disposals - f.warned - f.refused - f.withdrawn - f.fixed_penalties - f.reports - f.diversions AS other_disposals,
       f.warned::float8 / nullif(f.disposals, 0) AS warnings_share, pg_temp.wilson(f.warned, f.disposals, -1) AS warnings_share_lower,
       pg_temp.wilson(f.warned, f.disposals, 1) AS warnings_share_upper, f.crimes AS possession_crimes,
       CASE WHEN f.crimes_are_whole THEN 1000.0 * f.warned / nullif(f.crimes, 0) END AS warnings_per_1000_crimes,
       CASE WHEN f.crimes_are_whole THEN 1000.0 * pg_temp.poisson_limit(f.warned, -1) / nullif(f.crimes, 0) END AS warnings_per_1000_crimes_lower,
       CASE WHEN f.crimes_are_whole THEN 1000.0 * pg_temp.poisson_limit(f.warned, 1) / nullif(f.crimes, 0) END AS warnings_per_1000_crimes_upper,
       f.a AS warnings_class_a, f.b AS warnings_class_b, f.c AS warnings_class_c, f.multiple AS warnings_class_multiple, f.unknown AS warnings_class_unknown,
       f.people AS people_warned, f.repeatedly AS people_warned_repeatedly, f.warned_before AS warnings_year_before,
       f.warned / nullif(f.warned_before, 0)::float8 AS ratio_to_year_before,
       CASE WHEN f.warned > 0 THEN f.warned / nullif(f.warned_before, 0)::float8 * exp(-q.quantile * sqrt(v.dispersion * (1.0 / f.warned + 1.0 / nullif(f.warned_before, 0)))) END
           AS ratio_to_year_before_dispersed_lower,
       CASE WHEN f.warned > 0 THEN f.warned / nullif(f.warned_before, 0)::float8 * exp(q.quantile * sqrt(v.dispersion * (1.0 / f.warned + 1.0 / nullif(f.warned_before, 0)))) END
           AS ratio_to_year_before_dispersed_upper, v.dispersion,
       -- Class A was included on 22 September 2021.
       CASE WHEN date '2021-09-22' BETWEEN f.first_day AND f.last_day THEN 'Recorded Police Warnings may be given for class A possession' END AS policy_marker,
       CASE WHEN f.first_day >= '2021-09-22' THEN 2 ELSE 1 END AS phase,
       h.value AS published_warnings, h.source AS published_warnings_source, h.value / h_before.value::float8 AS published_ratio_to_year_before,
       p.value AS published_possession_warnings, p.source AS published_possession_warnings_source,
       p.value / p_before.value::float8 AS published_possession_ratio_to_year_before, c.value AS published_possession_crimes,
       (h.value <> p.value)::integer AS sources_differ
FROM filled f
LEFT JOIN variation v ON v.area_key = f.area_key AND f.first_day >= '2021-09-22'
LEFT JOIN student q ON q.points = v.points
-- What is published is of a fiscal year and the force; twelve months from April are one too.
LEFT JOIN LATERAL (SELECT f.first_day WHERE f.area_key = 'force' AND f.period_key ~ '^(fiscal_year|rolling_12_months) \d+-04$') y (first_day) ON true
LEFT JOIN kpi.published_count_record h ON h.indicator = 'recorded_police_warnings' AND h.period_from = y.first_day
LEFT JOIN kpi.published_count_record h_before ON h_before.indicator = h.indicator AND h_before.period_to = y.first_day - 1
LEFT JOIN kpi.published_count_record p ON p.indicator = 'drug_possession_warnings' AND p.period_from = y.first_day
LEFT JOIN kpi.published_count_record p_before ON p_before.indicator = p.indicator AND p_before.period_to = y.first_day - 1
LEFT JOIN kpi.published_count_record c ON c.indicator = 'drug_possession_crimes' AND c.period_from = y.first_day;
SELECT is(count(*), 13::bigint, 'every figure published of a year is of a fiscal year and the force')
FROM kpi.published_count_record
WHERE cumulative_since IS NULL AND division_code IS NULL AND extract(month FROM period_from) = 4 AND period_to = (period_from + interval '1 year')::date - 1;

CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_recorded_police_warning_trend_period;
CREATE TEMP TABLE ratio ON COMMIT DROP AS
SELECT period_key, area_key, warnings AS x, warnings + warnings_year_before AS n, ratio_to_year_before_lower AS lower, ratio_to_year_before_upper AS upper FROM found;
ALTER TABLE found DROP ratio_to_year_before_lower, DROP ratio_to_year_before_upper;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key'), 0::bigint, 'every period and area');
-- Were the ratio at its upper limit, 2.5 % of so many warnings would be as few of the later period or fewer; at its lower limit as many or more.
CREATE TEMP TABLE factorial ON COMMIT DROP AS SELECT k, sum(ln(greatest(k, 1)::float8)) OVER (ORDER BY k) AS ln FROM generate_series(0::bigint, 20000) AS k;
ALTER TABLE factorial ADD PRIMARY KEY (k);
ANALYZE factorial;
CREATE TEMP TABLE beyond ON COMMIT DROP AS
SELECT r.period_key, r.area_key, t.tail, sum(exp(greatest(n.ln - a.ln - b.ln + s.k * ln(t.p) + (r.n - s.k) * ln(1 - t.p), -700))) AS probability
FROM ratio r
CROSS JOIN LATERAL (VALUES ('upper', r.upper / (1 + r.upper), greatest(r.x - 700, 0), r.x), ('lower', r.lower / (1 + r.lower), r.x, least(r.x + 700, r.n))) AS t (tail, p, low, high)
CROSS JOIN generate_series(t.low, t.high) AS s (k)
JOIN factorial n ON n.k = r.n JOIN factorial a ON a.k = s.k JOIN factorial b ON b.k = r.n - s.k
WHERE t.p > 0 GROUP BY 1, 2, 3;
SELECT ok(count(*) > 3000 AND bool_and(abs(probability / 0.025 - 1) < 1e-6), 'the limits by chance alone have 2.5 % beyond them') FROM beyond;
SELECT is(count(*), 0::bigint, 'none is wanting: of no warnings the lower limit is 0, and of none the year before there is no ratio')
FROM ratio r JOIN found f USING (period_key, area_key)
WHERE CASE WHEN f.ratio_to_year_before IS NULL THEN num_nonnulls(r.lower, r.upper) > 0 WHEN r.x = 0 THEN r.lower <> 0 OR r.upper IS NULL
           ELSE NOT (r.lower < f.ratio_to_year_before AND r.upper > f.ratio_to_year_before) END IS NOT FALSE;
SELECT cmp_ok(count(ratio_to_year_before_dispersed_lower), '>', 1000::bigint, 'many have limits by what months vary by') FROM found;
SELECT ok(bool_or(dispersion > 2) AND bool_or(dispersion < 1) AND count(*) FILTER (WHERE dispersion IS NULL AND ratio_to_year_before IS NOT NULL) > 0, 'which is much, little or not known') FROM found;
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found JOIN expected USING (period_key, area_key);
SELECT is(sum(other_disposals), 0::numeric, 'every disposal of the sample is of a known kind') FROM expected;
SELECT ok(bool_or(warnings_refused > 0) AND bool_or(warnings_withdrawn > 0) AND bool_or(fixed_penalty_notices > 0) AND bool_or(diversions_requested > 0)
          AND bool_or(warnings_class_a > 0) AND bool_or(warnings_class_c > 0) AND bool_or(warnings_class_multiple > 0) AND bool_or(warnings_class_unknown > 0)
          AND bool_or(people_warned < warnings) AND bool_or(people_warned_repeatedly > 0) AND bool_or(ratio_to_year_before > 1) AND bool_or(ratio_to_year_before < 1)
          AND bool_or(policy_marker IS NOT NULL) AND count(DISTINCT phase) = 2, 'in which all is found')
FROM expected WHERE area_key = 'force';
SELECT is(string_agg(concat_ws(' ', right(period_key, 7), published_warnings, published_possession_warnings, published_possession_crimes, sources_differ),
                     '; ' ORDER BY period_key),
          '2019-04 1901; 2020-04 1862 6444 30344 1; 2021-04 2451 5558 23747 1; 2022-04 5411 6610 22356 1; 2023-04 5814 6805 1; 2024-04 5738', 'as published')
FROM found WHERE area_key = 'force' AND period_key LIKE 'fiscal_year %' AND published_warnings IS NOT NULL;
SELECT ok(bool_or(warnings IS NULL) AND bool_or(warnings = 0) AND bool_or(warnings BETWEEN 1 AND 9) AND bool_or(warnings > 9),
          'there are records to come, none, few and many')
FROM expected WHERE area_key LIKE 'division %';

CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_recorded_police_warning_trend;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, disposals, warnings_offered, warnings, warnings_refused, warnings_withdrawn, fixed_penalty_notices,
       reports_to_prosecutor, diversions_requested, other_disposals, possession_crimes, warnings_class_a, warnings_class_b, warnings_class_c, warnings_class_multiple,
       warnings_class_unknown
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key'), 0::bigint, 'every month and division');
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'of which there are many') FROM found_by_month;

SELECT * FROM finish();
ROLLBACK;
