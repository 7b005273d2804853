-- Every row of rare_event_chart in the sample warehouse: events and other cases from the records, charts by the formulas of their limits and by counting for the rules, in
-- plain SQL. No rollup and no function of charts is called. Which months are whole is from the records' coverage, which are settled from the calendar; and how many
-- events a month there are, which decides whether there is a chart, from the records too.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(9);
\ir preamble/records.psql
\ir preamble/source_of.psql

-- Of several activations of an incident the first to arrive, else one that was stood down, as in ambulance_response.sql; and what its forms say where it has none.
CREATE TEMP TABLE activation ON COMMIT DROP AS
SELECT DISTINCT ON (incident_id) *
FROM (SELECT incident_id, category_first, category_last, clock, arrived_at, stood_down_at, floor(extract(epoch FROM arrived_at) - extract(epoch FROM clock_started_at)) AS seconds, activation_id
      FROM kpi.ambulance_activation_record) v
WHERE incident_id IS NOT NULL
ORDER BY incident_id, seconds BETWEEN 0 AND 86400 DESC NULLS LAST, stood_down_at IS NULL, arrived_at, activation_id;
CREATE TEMP TABLE incident ON COMMIT DROP AS
SELECT a.incident_id, (array_agg(a.occurred_at::date ORDER BY a.occurred_at, a.administration_id))[1] AS day,
       (array_agg(coalesce(a.incident_division_code, 'UNKNOWN') ORDER BY a.occurred_at, a.administration_id))[1] AS division_code,
       min(CASE WHEN v.incident_id IS NOT NULL THEN v.clock ELSE coalesce(a.clock, CASE WHEN a.ambulance_called_at IS NOT NULL THEN 'call' ELSE 'UNKNOWN' END) END) AS clock,
       min(array_position('{Purple,Red,Amber,Yellow,Green}'::text[], CASE WHEN v.category_first IS NOT NULL THEN v.category_last ELSE a.ambulance_category_last END)
           - array_position('{Purple,Red,Amber,Yellow,Green}'::text[], coalesce(v.category_first, a.ambulance_category_first))) AS change,
       array_agg(floor(extract(epoch FROM CASE WHEN v.incident_id IS NOT NULL THEN v.arrived_at ELSE a.ambulance_arrived_at END) - extract(epoch FROM a.naloxone_first_at))) AS waits
FROM kpi.administration_record a LEFT JOIN activation v USING (incident_id) GROUP BY 1;

-- Episodes, one after the other: an administration 90 days or more after its person's last episode began begins another.
CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT administration_id AS id, person_key, occurred_at AS at, coalesce(incident_division_code, 'UNKNOWN') AS division_code, false AS begins
FROM kpi.administration_record
WHERE person_key IS NOT NULL AND (survival = 'died' AND coalesce(survival_as_at, 'handover') = 'handover') IS NOT TRUE;
DO $$
DECLARE
    g record;
    person text := '';
    began timestamptz;
BEGIN
    FOR g IN SELECT * FROM given ORDER BY person_key, at, id LOOP
        IF g.person_key <> person OR g.at - began >= interval '90 days' THEN
            UPDATE given SET begins = true WHERE id = g.id;
            began := g.at;
            person := g.person_key;
        END IF;
    END LOOP;
END $$;

-- Every case that an indicator is about, and whether it is one that it counts.
CREATE TEMP TABLE record ON COMMIT DROP AS
SELECT 'doses_by_division rate' AS indicator_key, 'NONE' AS ambulance_category, 'NONE' AS clock, occurred_at::date AS day, coalesce(incident_division_code, 'UNKNOWN') AS division_code,
       true AS is_counted FROM kpi.administration_record
UNION ALL SELECT 'drug_deaths rate', 'NONE', 'NONE', died_on, coalesce(division_code, 'UNKNOWN'), true FROM kpi.drug_death_record WHERE status IS DISTINCT FROM 'excluded'
UNION ALL SELECT 'survived_after_naloxone share', 'NONE', 'NONE', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN'), survival = 'survived' FROM kpi.administration_record
WHERE survival IN ('survived', 'died') AND believed_dead_on_arrival IS NOT TRUE
UNION ALL SELECT 'first_aid_use share', 'NONE', 'NONE', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN'), first_aid::text ~ ': yes' FROM kpi.administration_record
WHERE first_aid::text ~ ': yes' OR (SELECT count(*) FROM regexp_matches(first_aid::text, ': no', 'g')) = 8
UNION ALL SELECT 'late_records share', 'NONE', 'NONE', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN'), recorded_at - occurred_at >= interval '72 hours 1 second'
FROM kpi.administration_record WHERE recorded_at IS NOT NULL
UNION ALL SELECT 'overdoses_attended share', 'NONE', 'NONE', occurred_at::date, coalesce(incident_division_code, 'UNKNOWN'), naloxone_given FROM kpi.overdose_incident_record
WHERE naloxone_given OR NOT naloxone_given AND why_not IN ('not_carried', 'none_left', 'expired')
UNION ALL SELECT 'recorded_police_warning share', 'NONE', 'NONE', issued_on, coalesce(division_code, 'UNKNOWN'), kind = 'recorded_police_warning' AND refused IS NOT TRUE AND withdrawn_on IS NULL
FROM kpi.direct_measure_record WHERE offence = 'drug_possession'
UNION ALL SELECT 'substance_signals_tested share', 'NONE', 'NONE', observed_on, coalesce(division_code, 'UNKNOWN'), basis = 'tested' FROM kpi.substance_signal_record WHERE basis IN ('suspected', 'tested')
UNION ALL SELECT 'agency_information_sharing share', 'NONE', 'NONE', due_by::date, coalesce(incident_division_code, 'UNKNOWN'), coalesce(shared_at <= due_by OR acknowledged_at <= due_by, false)
FROM kpi.information_share_record i LEFT JOIN kpi.administration_record a USING (administration_id) WHERE shared_at IS NOT NULL OR acknowledged_at IS NULL OR acknowledged_at <= due_by
UNION ALL SELECT 'ambulance_downgraded share', 'ALL', clock, day, division_code, change > 0 FROM incident WHERE change IS NOT NULL
UNION ALL SELECT 'naloxone_to_ambulance_over_40_mins share', 'ALL', clock, day, division_code, wait > 2400 FROM incident, unnest(waits) AS wait WHERE wait BETWEEN 0 AND 86400
UNION ALL SELECT v.stage || '_within_72_hours share', 'NONE', 'NONE', g.at::date, g.division_code,
    EXISTS (SELECT FROM kpi.referral_event_record r WHERE r.person_key = g.person_key AND r.stage = ANY (v.stages) AND r.occurred_at BETWEEN g.at AND g.at + interval '72 hours')
FROM given g JOIN since s ON s.source = 'referral_event' AND s.division_code = g.division_code AND s.covered_from <= g.at::date
CROSS JOIN (VALUES ('reviewed', '{reviewed,offered,referred,contacted,assessed,engaged,retained_12_weeks}'::text[]), ('service_notified', '{service_notified}')) AS v (stage, stages)
WHERE g.begins AND g.at::date + 90 <= date '2025-12-31';

-- Months that ended 45 days ago or earlier, with records on all days, and their cases by area. Rates are of divisions only; all in the sample are territorial.
SELECT is_empty($$ SELECT division_code FROM kpi.division_record WHERE division_type <> 'territorial' OR valid_to IS NOT NULL OR valid_from > '2019-04-01' $$, 'no division begins, ends or is no territory');
CREATE TEMP TABLE month ON COMMIT DROP AS
SELECT k.indicator_key, k.ambulance_category, k.clock, c.area_key, c.period_key, c.first_day, (c.first_day + interval '1 month')::date - 1 AS last_day,
       CASE WHEN k.indicator_key LIKE 'recorded_police_warning %' AND c.first_day > date '2021-09-01' THEN 2 ELSE 1 END AS phase
FROM (SELECT DISTINCT indicator_key, ambulance_category, clock FROM record) k
JOIN source_of o ON o.identifier = split_part(k.indicator_key, ' ', 1)
JOIN cover c ON c.source = o.source AND c.is_whole AND c.period_key LIKE 'month %' AND c.area_key <> 'division UNKNOWN' AND (c.first_day + interval '1 month')::date - 1 + 45 <= date '2025-12-31'
WHERE NOT (k.indicator_key LIKE 'recorded_police_warning %' AND c.first_day = date '2021-09-01');
CREATE TEMP TABLE found_case ON COMMIT DROP AS
SELECT m.indicator_key, m.ambulance_category, m.clock, m.area_key, m.phase, m.period_key, r.day, r.is_counted
FROM record r
JOIN territory t USING (division_code)
JOIN month m ON (m.indicator_key, m.ambulance_category, m.clock, m.area_key) = (r.indicator_key, r.ambulance_category, r.clock, t.area_key) AND r.day BETWEEN m.first_day AND m.last_day
WHERE r.indicator_key NOT LIKE '% rate' OR r.division_code <> 'UNKNOWN';

CREATE INDEX ON found_case (indicator_key, clock, area_key, day);
ANALYZE found_case, month, territory;
-- Which are charts, by how many a month are counted and how many are not in months with any; in which the fewer are the events.
CREATE TEMP TABLE chart ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, area_key, phase, indicator_key LIKE '% rate' AS is_rate, indicator_key NOT LIKE '% rate' AND counted > not_counted AS is_of_not_counted,
       CASE WHEN indicator_key LIKE '% rate' THEN counted ELSE least(counted, not_counted) END - 1 AS points
FROM (SELECT m.indicator_key, m.ambulance_category, m.clock, m.area_key, m.phase, count(*) FILTER (WHERE m.indicator_key LIKE '% rate' OR f.cases > 0) AS months,
             coalesce(sum(f.counted), 0) AS counted, coalesce(sum(f.cases - f.counted), 0) AS not_counted
      FROM month m
      LEFT JOIN (SELECT indicator_key, ambulance_category, clock, area_key, period_key, count(*) AS cases, count(*) FILTER (WHERE is_counted) AS counted FROM found_case GROUP BY 1, 2, 3, 4, 5) f
           USING (indicator_key, ambulance_category, clock, area_key, period_key)
      GROUP BY 1, 2, 3, 4, 5) s
WHERE months >= 12 AND CASE WHEN indicator_key LIKE '% rate' THEN counted ELSE least(counted, not_counted) END BETWEEN 13 AND months - 1;

-- Each event with the days since the one before, or the other cases: up to its own day, less those up to the day of the one before.
CREATE TEMP TABLE event ON COMMIT DROP AS
SELECT c.*, f.period_key, f.day, row_number() OVER w AS n, o.others,
       CASE WHEN c.is_rate THEN CASE WHEN f.day = lag(f.day) OVER w THEN 0.5 ELSE f.day - lag(f.day) OVER w END ELSE o.others - lag(o.others) OVER w END::float8 AS gap
FROM chart c
JOIN found_case f USING (indicator_key, ambulance_category, clock, area_key, phase)
CROSS JOIN LATERAL (SELECT count(*) AS others FROM found_case b
                    WHERE (b.indicator_key, b.ambulance_category, b.clock, b.area_key, b.phase) = (c.indicator_key, c.ambulance_category, c.clock, c.area_key, c.phase)
                      AND b.is_counted = c.is_of_not_counted AND b.day <= f.day) o
WHERE f.is_counted <> c.is_of_not_counted
WINDOW w AS (PARTITION BY c.indicator_key, c.ambulance_category, c.clock, c.area_key, c.phase ORDER BY f.day);

-- t: on the scale of the power of 1 / 3.6, three times the average moving range / 1.128 about the mean. g: of a geometric distribution, about its mean; runs about the median.
CREATE TEMP TABLE point ON COMMIT DROP AS
WITH scaled AS (
    SELECT e.*, CASE WHEN is_rate THEN gap ^ (1 / 3.6::float8) ELSE gap END AS x FROM event e
), ranged AS (
    SELECT s.*, x - lag(x) OVER (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY n) AS step FROM scaled s
), line AS (
    SELECT indicator_key, ambulance_category, clock, area_key, phase, avg(x) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median,
           CASE WHEN bool_and(is_rate) THEN avg(abs(step)) / 1.128 ELSE sqrt(avg(x) * (avg(x) + 1)) END AS sd
    FROM ranged GROUP BY 1, 2, 3, 4, 5
)
SELECT r.*, l.mean, l.sd, CASE WHEN r.is_rate THEN l.mean ELSE l.median END AS middle, sign(r.step) AS direction,
       CASE WHEN abs(r.x - CASE WHEN r.is_rate THEN l.mean ELSE l.median END) > 1e-12 * l.mean THEN sign(r.x - CASE WHEN r.is_rate THEN l.mean ELSE l.median END) ELSE 0 END AS side,
       CASE WHEN r.x > l.mean + 3 * l.sd THEN 1 WHEN r.x < l.mean - 3 * l.sd THEN -1 ELSE 0 END AS outside,
       CASE WHEN NOT r.is_rate OR abs(r.x - l.mean) > 3 * l.sd THEN 0 WHEN r.x > l.mean + 2 * l.sd THEN 1 WHEN r.x < l.mean - 2 * l.sd THEN -1 ELSE 0 END AS near
FROM ranged r JOIN line l USING (indicator_key, ambulance_category, clock, area_key, phase);
CREATE TEMP TABLE judged ON COMMIT DROP AS
WITH ending AS (
    SELECT p.*, sum(side) OVER (w ROWS 6 PRECEDING) / 7 AS run, sum(direction) OVER (w ROWS 5 PRECEDING) / 6 AS trend,
           abs(sum(side) OVER (w ROWS 2 PRECEDING)) = 3 AND abs(sum(near) OVER (w ROWS 2 PRECEDING)) >= 2 AS is_third
    FROM point p WHERE gap IS NOT NULL WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY n)
), lying AS (
    SELECT e.*, bool_or(abs(run) = 1) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS in_run, bool_or(is_third) OVER (w ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS in_three,
           array_agg(trend) FILTER (WHERE abs(trend) = 1) OVER (w ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS trends
    FROM ending e WINDOW w AS (PARTITION BY indicator_key, ambulance_category, clock, area_key, phase ORDER BY n)
)
SELECT l.*,
       CASE WHEN outside > 0 THEN 'above upper limit' WHEN outside < 0 THEN 'below lower limit'
            WHEN trends[cardinality(trends)] = 1 THEN 'increasing trend' WHEN trends[cardinality(trends)] = -1 THEN 'decreasing trend'
            WHEN near > 0 AND in_three THEN 'two of three near upper limit' WHEN near < 0 AND in_three THEN 'two of three near lower limit'
            WHEN side > 0 AND in_run THEN 'run above centre' WHEN side < 0 AND in_run THEN 'run below centre' END AS rule
FROM lying l;

-- The first month without an event at whose end it was longer since the last one, or more others had come, than the limit allows.
CREATE TEMP TABLE silence ON COMMIT DROP AS
SELECT j.indicator_key, j.ambulance_category, j.clock, j.area_key, j.phase, j.n, min(m.period_key) AS too_long_from
FROM judged j
LEFT JOIN event following ON (following.indicator_key, following.ambulance_category, following.clock, following.area_key, following.phase, following.n)
                             = (j.indicator_key, j.ambulance_category, j.clock, j.area_key, j.phase, j.n + 1)
JOIN month m ON (m.indicator_key, m.ambulance_category, m.clock, m.area_key, m.phase) = (j.indicator_key, j.ambulance_category, j.clock, j.area_key, j.phase)
     AND m.first_day > j.day AND (following.day IS NULL OR m.last_day < following.day)
CROSS JOIN LATERAL (SELECT count(*) AS others FROM found_case b
                    WHERE (b.indicator_key, b.ambulance_category, b.clock, b.area_key, b.phase) = (j.indicator_key, j.ambulance_category, j.clock, j.area_key, j.phase)
                      AND b.is_counted = j.is_of_not_counted AND b.day <= m.last_day) o
WHERE CASE WHEN j.is_rate THEN (m.last_day + 1 - j.day) ^ (1 / 3.6::float8) ELSE o.others - j.others END > j.mean + 3 * j.sd + 1e-9
GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TEMP TABLE expected ON COMMIT DROP AS
SELECT e.indicator_key, e.ambulance_category, e.clock, e.area_key, row_number() OVER (PARTITION BY e.indicator_key, e.ambulance_category, e.clock, e.area_key ORDER BY e.phase, e.n) AS event_number,
       e.period_key, CASE WHEN e.is_rate THEN 't' ELSE 'g' END AS chart, e.points, CASE WHEN e.is_of_not_counted THEN 'not counted' ELSE 'counted' END AS event, e.gap AS between_events,
       CASE WHEN e.is_rate THEN 'days' ELSE 'cases' END AS unit_between,
       CASE WHEN e.is_rate THEN j.mean ^ 3.6 ELSE j.middle END AS centre, CASE WHEN j.n IS NOT NULL THEN CASE WHEN e.is_rate THEN greatest(j.mean - 3 * j.sd, 0) ^ 3.6 ELSE 0 END END AS lower_limit,
       CASE WHEN e.is_rate THEN (j.mean + 3 * j.sd) ^ 3.6 ELSE j.mean + 3 * j.sd END AS upper_limit, j.rule,
       -- Longer between events is fewer of them.
       CASE WHEN j.n IS NULL THEN NULL WHEN j.rule IS NULL THEN 'common cause' WHEN i.better = 'neutral' THEN 'special cause'
            WHEN (j.rule ~ '^(above|increasing|two of three near upper|run above)') = (i.better = CASE WHEN e.is_of_not_counted THEN 'higher' ELSE 'lower' END) THEN 'improvement' ELSE 'concern' END AS variation,
       s.too_long_from
FROM event e
JOIN kpi.indicator i ON i.identifier || ' ' || i.statistic = e.indicator_key
LEFT JOIN judged j USING (indicator_key, ambulance_category, clock, area_key, phase, n)
LEFT JOIN silence s USING (indicator_key, ambulance_category, clock, area_key, phase, n);
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT indicator_key, ambulance_category, clock, area_key, event_number, period_key, chart, points, event, between_events, unit_between, centre, lower_limit, upper_limit, rule, variation, too_long_from
FROM kpi_bi.kpi_rare_event_chart;

SELECT is(pg_temp.differences('found', 'expected', 'indicator_key, ambulance_category, clock, area_key, event_number'), 0::bigint, 'every row, by other means');
SELECT cmp_ok(count(between_events), '>', 500::bigint, 'hundreds of intervals are drawn') FROM found;
SELECT set_eq('SELECT DISTINCT chart, event FROM found', $$ VALUES ('t', 'counted'), ('g', 'counted'), ('g', 'not counted') $$, 'on charts of both kinds, and of the rarer of the two');
SELECT cmp_ok(count(rule), '>', 0::bigint, 'some are flagged') FROM found;
SELECT cmp_ok(count(too_long_from), '>', 0::bigint, 'and after some it is too long') FROM found;
SELECT cmp_ok(count(*), '>', 0::bigint, 'of rates, some are on one day') FROM found WHERE between_events = 0.5;

-- The events of every month and area, and the others, are the counts of the scorecard.
CREATE TEMP TABLE counted ON COMMIT DROP AS
SELECT k.identifier, count(*) AS compared, sum(k.numerator) AS numerator,
       count(*) FILTER (WHERE coalesce(d.events, 0) <> k.numerator OR k.statistic = 'share' AND coalesce(d.others, 0) <> k.denominator - k.numerator OR d.events + d.others > 0 AND k.numerator IS NULL) AS different
FROM kpi.scorecard k
LEFT JOIN (SELECT identifier, statistic, ambulance_category, clock, 'month ' || to_char(day, 'YYYY-MM') AS period_key, area_key, sum(events) AS events, sum(others) AS others
           FROM kpi.indicator_event_day JOIN territory USING (division_code) GROUP BY 1, 2, 3, 4, 5, 6) d USING (identifier, statistic, ambulance_category, clock, period_key, area_key)
WHERE k.period_key LIKE 'month %' AND (k.identifier, k.statistic) IN (SELECT identifier, statistic FROM kpi.indicator_event_day)
GROUP BY 1;
SELECT is_empty('SELECT identifier FROM counted WHERE different > 0', 'the days add up to the scorecard''s counts');
SELECT set_eq('SELECT identifier FROM counted WHERE compared > 500 AND (numerator > 0 OR identifier = ''naloxone_to_ambulance_over_40_mins'')', $$ SELECT DISTINCT split_part(indicator_key, ' ', 1) FROM record $$,
    'of every indicator that has days');

SELECT * FROM finish();
ROLLBACK;
