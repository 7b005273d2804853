-- Every row of harm_alerts in the sample warehouse, beside alerts worked out from the records: kits by their movements; calls by ranks, the normal
-- distribution's series, Benjamini and Hochberg's q one by one, and the median of all differences; figures beyond thresholds by counting. Divisions
-- worse than the others are those of the funnel plots, which indicator_funnel.sql works out.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(13);
\ir preamble/records.psql
\ir preamble/kits.psql

-- The sample's one threshold is reached nowhere. Other ones, until the end of this file: one that is, one of a division's own above and one
-- below it, and one from below.
SELECT is(count(*), 1::bigint, 'one threshold in the sample') FROM kpi.alert_threshold
WHERE (identifier, statistic, grain, ambulance_category, at_least) = ('doses_by_division', 'rate', 'rolling_12_months', 'NONE', 20) AND area_key IS NULL AND at_most IS NULL;
-- Weeks with more than usual come at the end.
CREATE TEMP TABLE found ON COMMIT DROP AS SELECT * FROM kpi_bi.kpi_harm_alerts_period WHERE alert_kind <> 'more_than_usual';
ALTER TABLE found DROP evidence;
CREATE TEMP TABLE found_by_month ON COMMIT DROP AS SELECT * FROM kpi_bi.kpi_harm_alerts WHERE alert_kind <> 'more_than_usual';
UPDATE kpi.alert_threshold SET at_least = 6;
INSERT INTO kpi.alert_threshold (identifier, statistic, grain, area_key, at_least, at_most)
VALUES ('doses_by_division', 'rate', 'rolling_12_months', 'division D', 9, NULL), ('doses_by_division', 'rate', 'rolling_12_months', 'force', 4, NULL),
       ('doses_by_division', 'rate', 'fiscal_quarter', NULL, NULL, 2), ('late_records', 'share', 'month', NULL, 0.25, NULL);
REFRESH MATERIALIZED VIEW kpi.harm_alerts;
CREATE TEMP TABLE found_beyond ON COMMIT DROP AS SELECT * FROM kpi_bi.kpi_harm_alerts_period WHERE alert_kind <> 'more_than_usual';
ALTER TABLE found_beyond DROP evidence;
CREATE TEMP TABLE found_beyond_by_month ON COMMIT DROP AS SELECT * FROM kpi_bi.kpi_harm_alerts WHERE alert_kind <> 'more_than_usual';

-- What is looked at: the figure of each alert, period and area, and whether it is one.
CREATE TEMP TABLE looked_at (alert_kind text, alert text, ambulance_category text, clock text, urban_rural text, period_key text, area_key text, value float8,
                             threshold float8, q_value float8, is_raised boolean) ON COMMIT DROP;
INSERT INTO looked_at
SELECT 'kits_past_expiry', 'naloxone_supply past_expiry', 'NONE', 'NONE', 'NONE', c.period_key, 'division ' || s.division_code, sum(s.past_expiry), NULL, NULL,
       sum(s.past_expiry) > 0
FROM stock s JOIN calendar c ON c.period_key LIKE 'month %' AND c.last_day = s.day
GROUP BY c.period_key, s.division_code;

-- Calls: each activation that arrived within a day, in settled years and twelve months: those that ended 45 days ago or earlier.
CREATE TEMP TABLE arrival ON COMMIT DROP AS
SELECT c.period_key, s.division_code, r.category_first AS category, r.clock, r.urban_rural, r.call_source = 'police_on_scene' AS by_police,
       floor(extract(epoch FROM r.arrived_at) - extract(epoch FROM r.clock_started_at)) AS seconds
FROM kpi.ambulance_activation_record r
JOIN since s ON s.source = 'ambulance_activation' AND s.division_code = r.division_code AND r.clock_started_at::date BETWEEN s.covered_from AND '2025-12-31'
JOIN calendar c ON (c.period_key LIKE 'fiscal_year %' OR c.period_key LIKE 'rolling_12_months %') AND r.clock_started_at::date BETWEEN c.first_day AND c.last_day
     AND (c.first_day + interval '1 year')::date - 1 + 45 <= date '2025-12-31'
WHERE r.category_first <> 'UNKNOWN' AND r.clock <> 'UNKNOWN' AND r.urban_rural <> 'UNKNOWN' AND r.call_source IN ('police_on_scene', 'public')
  AND r.arrived_at BETWEEN r.clock_started_at AND r.clock_started_at + interval '24 hours';
-- Mann and Whitney: the sum of the ranks of the calls from police, ties sharing theirs, against what it would be by chance.
CREATE TEMP TABLE ranked ON COMMIT DROP AS
SELECT a.*, rank() OVER w + (count(*) OVER (PARTITION BY period_key, division_code, category, clock, urban_rural, seconds) - 1) / 2.0 AS place,
       count(*) OVER (PARTITION BY period_key, division_code, category, clock, urban_rural, seconds) AS tied
FROM arrival a WINDOW w AS (PARTITION BY period_key, division_code, category, clock, urban_rural ORDER BY seconds);
-- 1 - erf(x), by a series of positive terms.
CREATE FUNCTION pg_temp.beyond(z float8) RETURNS float8 IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    x float8 := z / sqrt(2::float8);
    term float8 := x;
    total float8 := x;
BEGIN
    FOR i IN 1 .. 400 LOOP
        term := term * 2 * x * x / (2 * i + 1);
        total := total + term;
        EXIT WHEN term < 1e-20;
    END LOOP;
    RETURN 1 - 2 / sqrt(pi()) * exp(-x * x) * total;
END
$$;
CREATE TEMP TABLE tested ON COMMIT DROP AS
SELECT t.*, pg_temp.beyond(greatest(abs(u - m * n / 2.0) - 0.5, 0) / sqrt(m * n / 12.0 * ((m + n + 1) - ties / ((m + n) * (m + n - 1.0))))) AS p
FROM (SELECT period_key, division_code, category, clock, urban_rural, count(*) FILTER (WHERE by_police) AS m, count(*) FILTER (WHERE NOT by_police) AS n,
             sum(place) FILTER (WHERE by_police) - count(*) FILTER (WHERE by_police) * (count(*) FILTER (WHERE by_police) + 1) / 2.0 AS u,
             -- Each of t that are tied stands for (t^3 - t) / t.
             sum(tied ^ 2 - 1) AS ties
      FROM ranked GROUP BY 1, 2, 3, 4, 5) t
WHERE m >= 20 AND n >= 20;
ANALYZE tested;
CREATE TEMP TABLE adjusted ON COMMIT DROP AS
SELECT t.*, (SELECT least(1, min(g.p * f.tests / g.no_larger))
             FROM (SELECT h.p, (SELECT count(*) FROM tested l WHERE (l.period_key, l.category, l.clock, l.urban_rural) = (t.period_key, t.category, t.clock, t.urban_rural)
                                                              AND l.p <= h.p) AS no_larger
                   FROM tested h WHERE (h.period_key, h.category, h.clock, h.urban_rural) = (t.period_key, t.category, t.clock, t.urban_rural) AND h.p >= t.p) g) AS q
FROM tested t
CROSS JOIN LATERAL (SELECT count(*) AS tests FROM tested h WHERE (h.period_key, h.category, h.clock, h.urban_rural) = (t.period_key, t.category, t.clock, t.urban_rural)) f
WHERE f.tests > 1;
SELECT cmp_ok(count(*), '>', 300::bigint, 'hundreds of comparisons with a q') FROM adjusted;
-- The median of all differences is made where chance hardly explains them: elsewhere it is no alert whatever it is.
CREATE TEMP TABLE heard ON COMMIT DROP AS
SELECT period_key, division_code, category, clock, urban_rural, array_agg(seconds) FILTER (WHERE by_police) AS police, array_agg(seconds) FILTER (WHERE NOT by_police) AS public
FROM arrival GROUP BY 1, 2, 3, 4, 5;
INSERT INTO looked_at
SELECT 'police_calls_answered_later', 'ambulance_response_comparison', a.category, a.clock, a.urban_rural, a.period_key, 'division ' || a.division_code, d.mins, NULL, a.q,
       a.q < 0.05 AND coalesce(d.mins > 0, false)
FROM adjusted a
JOIN heard h USING (period_key, division_code, category, clock, urban_rural)
LEFT JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x - y) / 60 AS mins FROM unnest(h.police) AS x, unnest(h.public) AS y) d ON a.q < 0.05;
INSERT INTO looked_at
SELECT 'worse_than_others', indicator_key, ambulance_category, clock, 'NONE', period_key, area_key, value,
       CASE WHEN value < value_of_others THEN outer_lower_limit ELSE outer_upper_limit END, q_value, verdict = 'worse'
FROM kpi_bi.kpi_indicator_funnel;
ANALYZE looked_at;

-- When an alert began and how long it lasts: back and on from each, while the periods of its grain all have it. It is current in the last
-- period that any figure of it is known of.
CREATE FUNCTION pg_temp.alerts() RETURNS TABLE (period_key text, area_key text, alert_kind text, alert text, ambulance_category text, clock text, urban_rural text,
                                               value float8, threshold float8, q_value float8, first_seen date, last_seen date, is_current integer) LANGUAGE sql AS $$
    WITH raised AS (
        SELECT l.*, split_part(l.period_key, ' ', 1) AS grain, c.first_day, c.last_day FROM looked_at l JOIN calendar c USING (period_key) WHERE l.is_raised
    ), ordered AS (
        SELECT r.*, lag(r.first_day) OVER w AS before, lead(r.first_day) OVER w AS after,
               (r.first_day - CASE r.grain WHEN 'fiscal_year' THEN interval '1 year' WHEN 'fiscal_quarter' THEN interval '3 months'
                                           ELSE interval '1 month' END)::date AS day_before,
               (r.first_day + CASE r.grain WHEN 'fiscal_year' THEN interval '1 year' WHEN 'fiscal_quarter' THEN interval '3 months'
                                           ELSE interval '1 month' END)::date AS day_after
        FROM raised r
        WINDOW w AS (PARTITION BY r.alert_kind, r.alert, r.ambulance_category, r.clock, r.urban_rural, r.area_key, r.grain ORDER BY r.first_day)
    )
    SELECT o.period_key, o.area_key, o.alert_kind, o.alert, o.ambulance_category, o.clock, o.urban_rural, o.value, o.threshold, o.q_value,
           (SELECT max(b.first_day) FROM ordered b WHERE (b.alert_kind, b.alert, b.ambulance_category, b.clock, b.urban_rural, b.area_key, b.grain)
                                                         = (o.alert_kind, o.alert, o.ambulance_category, o.clock, o.urban_rural, o.area_key, o.grain)
                                                     AND b.first_day <= o.first_day AND b.before IS DISTINCT FROM b.day_before),
           (SELECT min(b.last_day) FROM ordered b WHERE (b.alert_kind, b.alert, b.ambulance_category, b.clock, b.urban_rural, b.area_key, b.grain)
                                                        = (o.alert_kind, o.alert, o.ambulance_category, o.clock, o.urban_rural, o.area_key, o.grain)
                                                    AND b.first_day >= o.first_day AND b.after IS DISTINCT FROM b.day_after),
           (o.period_key = (SELECT max(l.period_key) FROM looked_at l WHERE l.alert = o.alert AND l.period_key LIKE o.grain || ' %' AND l.is_raised IS NOT NULL))::integer
    FROM ordered o
$$;
CREATE TEMP TABLE expected ON COMMIT DROP AS SELECT * FROM pg_temp.alerts();
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key, alert_kind, alert, ambulance_category, clock, urban_rural'), 0::bigint, 'every alert');
SELECT ok(count(*) > 100 AND count(DISTINCT alert_kind) = 3 AND count(DISTINCT ambulance_category) > 2 AND sum(is_current) BETWEEN 1 AND 50
          AND bool_or(last_seen - first_seen < 40) AND bool_or(last_seen - first_seen > 400), 'of which there are many, past and current, short and long') FROM found;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, alert_kind, count(*) AS alerts FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' GROUP BY 1, 2, 3;
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key, alert_kind'), 0::bigint, 'every month and division');

-- Beyond thresholds: administrations per 100,000 people a year in periods that are over, and, from below, settled; late records a month.
CREATE TEMP TABLE form ON COMMIT DROP AS
SELECT r.occurred_at::date AS day, s.division_code, r.recorded_at, r.recorded_at >= r.occurred_at + interval '72 hours 1 second' AS is_late
FROM kpi.administration_record r
JOIN since s ON s.source = 'administration' AND s.division_code = coalesce(r.incident_division_code, 'UNKNOWN') AND r.occurred_at::date BETWEEN s.covered_from AND '2025-12-31';
CREATE TEMP TABLE figure ON COMMIT DROP AS
SELECT c.period_key, k.area_key, split_part(c.period_key, ' ', 1) AS grain, c.last_day,
       1e5 * n.here / e.person_years AS rate, n.late / nullif(n.dated, 0)::float8 AS late
FROM cover k
JOIN calendar c USING (period_key)
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE f.division_code <> 'UNKNOWN') AS here, count(f.recorded_at) AS dated, count(*) FILTER (WHERE f.is_late) AS late
                    FROM form f JOIN territory t USING (division_code) WHERE t.area_key = k.area_key AND f.day BETWEEN c.first_day AND c.last_day) n
CROSS JOIN LATERAL (
    -- The year's people, for as many of its days as the period has with records.
    SELECT sum(p.people * (least(c.last_day, make_date(p.year, 12, 31)) - greatest(c.first_day, s.covered_from, make_date(p.year, 1, 1)) + 1)) / 365.25 AS person_years
    FROM territory t JOIN since s ON s.source = 'administration' AND s.division_code = t.division_code
    JOIN kpi.population_record p ON p.area_code = t.division_code AND p.area_type = 'division' AND p.age_band IS NULL
    WHERE t.area_key = k.area_key AND least(c.last_day, make_date(p.year, 12, 31)) >= greatest(c.first_day, s.covered_from, make_date(p.year, 1, 1))) e
WHERE k.source = 'administration' AND k.is_covered
  AND CASE split_part(c.period_key, ' ', 1) WHEN 'fiscal_quarter' THEN c.first_day + interval '3 months' WHEN 'month' THEN c.first_day + interval '1 month'
                                            WHEN 'rolling_12_months' THEN c.first_day + interval '1 year' END <= date '2026-01-01';
INSERT INTO looked_at
SELECT 'threshold', 'doses_by_division rate high', 'NONE', 'NONE', 'NONE', f.period_key, f.area_key, f.rate, t.limit, NULL::float8, f.rate >= t.limit
FROM figure f CROSS JOIN LATERAL (SELECT CASE f.area_key WHEN 'division D' THEN 9 WHEN 'force' THEN 4 ELSE 6 END AS limit) t WHERE f.grain = 'rolling_12_months'
UNION ALL
SELECT 'threshold', 'doses_by_division rate low', 'NONE', 'NONE', 'NONE', f.period_key, f.area_key, f.rate, 2, NULL, f.rate <= 2
FROM figure f WHERE f.grain = 'fiscal_quarter' AND f.last_day + 45 <= date '2025-12-31'
UNION ALL
SELECT 'threshold', 'late_records share high', 'NONE', 'NONE', 'NONE', f.period_key, f.area_key, f.late, 0.25, NULL, f.late >= 0.25 FROM figure f WHERE f.grain = 'month';
CREATE TEMP TABLE expected_beyond ON COMMIT DROP AS SELECT * FROM pg_temp.alerts();
SELECT is(pg_temp.differences('found_beyond', 'expected_beyond', 'period_key, area_key, alert_kind, alert, ambulance_category, clock, urban_rural'), 0::bigint,
          'every alert where figures are beyond thresholds');
SELECT ok(count(DISTINCT alert) = 3 AND count(DISTINCT threshold) FILTER (WHERE alert = 'doses_by_division rate high') = 3 AND min(n) > 10, 'of each of which there are some')
FROM (SELECT alert, threshold, count(*) OVER (PARTITION BY alert) AS n FROM found_beyond WHERE alert_kind = 'threshold') a;
CREATE TEMP TABLE expected_beyond_by_month ON COMMIT DROP AS
SELECT period_key, area_key, alert_kind, count(*) AS alerts FROM expected_beyond WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' GROUP BY 1, 2, 3;
SELECT is(pg_temp.differences('found_beyond_by_month', 'expected_beyond_by_month', 'period_key, area_key, alert_kind'), 0::bigint, 'those too by month and division');

-- Weeks. Cases by the records' own days and divisions.
CREATE TEMP TABLE incident ON COMMIT DROP AS
SELECT 'administration' AS source, 'doses_by_division administrations' AS alert, occurred_at::date AS day, coalesce(incident_division_code, 'UNKNOWN') AS division_code
FROM kpi.administration_record
UNION ALL
SELECT 'overdose_incident', 'overdoses_attended incidents_attended', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN')
FROM kpi.overdose_incident_record WHERE naloxone_given IS NOT NULL OR notified_by = 'police' OR notified_by IS NULL
UNION ALL
SELECT 'drug_death', 'drug_deaths deaths', died_on, coalesce(division_code, 'UNKNOWN')
FROM kpi.drug_death_record WHERE status <> 'excluded' OR status_on > '2025-12-31'
UNION ALL
-- A signal that writes a name twice is one of it.
SELECT 'substance_signal', 'substance_trend ' || name, observed_on, coalesce(division_code, 'UNKNOWN')
FROM kpi.substance_signal_record, LATERAL (SELECT DISTINCT trim(lower(u)) AS name FROM unnest(substances) AS u) n;
CREATE TEMP TABLE week_count ON COMMIT DROP AS
WITH n AS (
    SELECT i.source, i.alert, t.area_key, i.day - (i.day - date '2001-01-01') % 7 AS week_start, count(*) AS cases
    FROM incident i
    JOIN since s ON s.source = i.source AND s.division_code = i.division_code AND i.day BETWEEN s.covered_from AND '2025-12-31'
    JOIN territory t ON t.division_code = i.division_code AND t.area_key <> 'division UNKNOWN'
    GROUP BY 1, 2, 3, 4
)
SELECT a.alert, a.area_key, w.week_start, row_number() OVER (PARTITION BY a.alert, a.area_key ORDER BY w.week_start) AS number, coalesce(n.cases, 0) AS cases
FROM (SELECT DISTINCT source, alert, area_key FROM n) a
-- An area begins with the last of its divisions; 2001 began on a Monday, and the last week that is over on 31 December 2025 on 22 December.
JOIN (SELECT f.source, t.area_key, max(f.covered_from) AS covered_from FROM since f JOIN territory t USING (division_code) WHERE t.division_code <> 'UNKNOWN' GROUP BY 1, 2) s
     USING (source, area_key)
CROSS JOIN LATERAL (SELECT d::date AS week_start FROM generate_series(timestamp '2001-01-01', timestamp '2025-12-22', interval '7 days') AS d WHERE d >= s.covered_from) w
LEFT JOIN n ON (n.alert, n.area_key, n.week_start) = (a.alert, a.area_key, w.week_start);
CREATE UNIQUE INDEX ON week_count (alert, area_key, number) INCLUDE (cases);
ANALYZE week_count;
-- The exact test: of all cases of the week and of the 26, each fell to the week with the chance 1 in 27; how likely is what is no likelier than this.
CREATE FUNCTION pg_temp.exact_p(here bigint, before bigint) RETURNS float8 IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    all_cases bigint := here + before;
    chance float8[] := ARRAY[power(26 / 27.0::float8, here + before)];
    total float8 := 0;
BEGIN
    FOR i IN 1 .. all_cases LOOP
        chance[i + 1] := CASE WHEN chance[i] < 1e-290 THEN 0 ELSE chance[i] * (all_cases - i + 1) / i / 26 END;
    END LOOP;
    FOR i IN 1 .. all_cases + 1 LOOP
        IF chance[i] <= chance[here + 1] * (1 + 1e-7) THEN total := total + chance[i]; END IF;
    END LOOP;
    RETURN least(total, 1);
END
$$;
CREATE TEMP TABLE expected_watch ON COMMIT DROP AS
WITH beside AS (
    SELECT w.*, b.weeks, b.mean, b.total, b.spread, b.is_flat, f.lately
    FROM week_count w
    CROSS JOIN LATERAL (SELECT count(*) AS weeks, avg(x.cases)::float8 AS mean, sum(x.cases)::bigint AS total, stddev_samp(x.cases)::float8 AS spread, min(x.cases) = max(x.cases) AS is_flat
                        FROM week_count x WHERE x.alert = w.alert AND x.area_key = w.area_key AND x.number BETWEEN w.number - 28 AND w.number - 3) b
    CROSS JOIN LATERAL (SELECT sum(x.cases) AS lately
                        FROM week_count x WHERE x.alert = w.alert AND x.area_key = w.area_key AND x.number BETWEEN w.number - 3 AND w.number) f
), tested AS (
    SELECT b.*, CASE WHEN weeks < 26 THEN 'history too short' WHEN is_flat THEN 'flat baseline' END AS reason,
           CASE WHEN weeks = 26 AND NOT is_flat THEN CASE WHEN cases > mean THEN pg_temp.exact_p(cases, total) ELSE 1 END END AS p
    FROM beside b
), ranked AS (
    SELECT t.*, p * count(p) OVER (PARTITION BY alert, week_start, area_key LIKE 'division %') / nullif(count(p) OVER (PARTITION BY alert, week_start, area_key LIKE 'division %' ORDER BY p), 0) AS step,
           CASE WHEN area_key LIKE 'division %' THEN count(p) OVER (PARTITION BY alert, week_start, area_key LIKE 'division %') END AS family
    FROM tested t
), adjusted AS (
    SELECT r.*, CASE WHEN family > 1 AND p IS NOT NULL THEN least(1, min(step) OVER (PARTITION BY alert, week_start, area_key LIKE 'division %' ORDER BY p DESC)) END AS q
    FROM ranked r
)
SELECT 'month ' || to_char(week_start + 6, 'YYYY-MM') AS period_key, area_key, alert, week_start, cases, CASE WHEN reason IS NULL THEN mean END AS expected,
       CASE WHEN reason IS NULL THEN mean + 3.0902323061678132 * spread END AS upper_bound, p AS p_value, q AS q_value,
       CASE WHEN reason IS NULL THEN (cases > mean + 3.0902323061678132 * spread AND lately >= 5 AND (p < 0.001 OR coalesce(q, 1) < 0.05))::integer END AS alarm, reason
FROM adjusted;
CREATE TEMP TABLE found_watch ON COMMIT DROP AS TABLE kpi_bi.kpi_harm_watch;
SELECT is(pg_temp.differences('found_watch', 'expected_watch', 'area_key, alert, week_start'), 0::bigint, 'every week, what is expected of it and how unlikely it is');
SELECT ok(count(*) > 40000 AND count(DISTINCT area_key) = 17 AND count(DISTINCT alert) > 12 AND count(*) FILTER (WHERE reason = 'flat baseline') > 1000 AND sum(alarm) > 10
          AND count(*) FILTER (WHERE alarm = 0 AND cases > upper_bound) > 10 AND count(*) FILTER (WHERE alarm = 1 AND p_value >= 0.001) > 1, 'of which there are all kinds') FROM found_watch;

-- The month's last week with an alarm, and how far back and on weeks with one follow each other.
CREATE TEMP TABLE expected_usual ON COMMIT DROP AS
SELECT e.period_key, e.area_key, 'more_than_usual' AS alert_kind, e.alert, 'NONE' AS ambulance_category, 'NONE' AS clock, 'NONE' AS urban_rural,
       e.cases::float8 AS value, e.upper_bound AS threshold, e.q_value, run.first_seen, run.last_seen, (run.last_seen = date '2025-12-28')::integer AS is_current,
       format('week from %s: %s where %s were expected, limit %s', e.week_start, e.cases, round(e.expected::numeric, 1), round(e.upper_bound::numeric, 1)) AS evidence
FROM expected_watch e
CROSS JOIN LATERAL (
    SELECT (SELECT max(x.week_start) + 7 FROM expected_watch x WHERE (x.alert, x.area_key) = (e.alert, e.area_key) AND x.week_start < e.week_start AND x.alarm IS DISTINCT FROM 1) AS first_seen,
           (SELECT coalesce(min(x.week_start), '2025-12-29') - 1 FROM expected_watch x WHERE (x.alert, x.area_key) = (e.alert, e.area_key) AND x.week_start > e.week_start AND x.alarm IS DISTINCT FROM 1) AS last_seen
) run
WHERE e.alarm = 1
  AND NOT EXISTS (SELECT FROM expected_watch x WHERE (x.alert, x.area_key, x.period_key) = (e.alert, e.area_key, e.period_key) AND x.alarm = 1 AND x.week_start > e.week_start);
CREATE TEMP TABLE found_usual ON COMMIT DROP AS SELECT * FROM kpi_bi.kpi_harm_alerts_period WHERE alert_kind = 'more_than_usual';
SELECT is(pg_temp.differences('found_usual', 'expected_usual', 'period_key, area_key, alert_kind, alert, ambulance_category, clock, urban_rural'), 0::bigint, 'every alert of a week');
SELECT cmp_ok(count(*), '>', 10::bigint, 'of which there are some') FROM found_usual;
SELECT is_empty($$ SELECT period_key, area_key
                   FROM (SELECT period_key, area_key, count(*) AS alerts FROM expected_usual WHERE area_key LIKE 'division %' GROUP BY 1, 2) e
                   FULL JOIN (SELECT * FROM kpi_bi.kpi_harm_alerts WHERE alert_kind = 'more_than_usual') k USING (period_key, area_key)
                   WHERE k.alerts IS DISTINCT FROM e.alerts $$, 'and by month and division');

SELECT * FROM finish();
ROLLBACK;
