-- Every row of overdoses_attended in the sample warehouse, beside the same figures counted straight from the records.
SET search_path = public, naloxone_kpi;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(5);

-- Each administration that counts, with the division that it counts in: plain dates, no rollup.
CREATE TEMP TABLE span AS
SELECT source, division_code AS division, covered_from, least(coalesce(covered_to, 'infinity'), date '2025-12-31') AS covered_to
FROM kpi.source_coverage_record;
CREATE TEMP TABLE form AS
SELECT f.*
FROM (
    SELECT r.*, (r.occurred_at AT TIME ZONE 'Europe/London')::date AS day, coalesce(d.division_code, 'UNKNOWN') AS division
    FROM kpi.administration_record r
    LEFT JOIN kpi.division_record d ON d.division_code = r.incident_division_code
         AND (r.occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity')) f
WHERE EXISTS (SELECT FROM span s WHERE s.source = 'administration' AND f.division IN (s.division, 'UNKNOWN') AND f.day BETWEEN s.covered_from AND s.covered_to);

-- Which division is in which area, and in which periods an area has records.
CREATE TEMP TABLE member AS
SELECT a.area_key, d.division_code AS division
FROM kpi_bi.dim_area a
JOIN (SELECT DISTINCT ON (division_code) division_code, region FROM kpi.division_record ORDER BY division_code, valid_from DESC) d
     ON a.area_key IN ('division ' || d.division_code, 'region ' || d.region, 'force')
UNION ALL VALUES ('division UNKNOWN', 'UNKNOWN'), ('force', 'UNKNOWN');
CREATE TEMP TABLE heard AS
SELECT DISTINCT p.period_key, m.area_key, s.source
FROM kpi_bi.dim_period p JOIN span s ON s.covered_from <= p.period_end AND s.covered_to >= p.period_start
JOIN member m ON m.division IN (s.division, 'UNKNOWN');

-- Wilson's limits are the roots of a quadratic equation in the share.
CREATE FUNCTION pg_temp.wilson(x bigint, n bigint, sign integer) RETURNS numeric LANGUAGE sql AS $$
    SELECT CASE WHEN n > 0 THEN round((((2 * x + 3.841458820694124::float8) / n
           + sign * sqrt(greatest(((2 * x + 3.841458820694124::float8) / n) ^ 2 - 4 * (1 + 3.841458820694124::float8 / n) * (x::float8 / n) ^ 2, 0)))
           / (2 * (1 + 3.841458820694124::float8 / n)))::numeric, 9) END $$;
CREATE FUNCTION pg_temp.share(x bigint, n bigint) RETURNS numeric LANGUAGE sql AS $$ SELECT round((x::float8 / nullif(n, 0))::numeric, 9) $$;

-- Each overdose that counts, and whether it is attended: by police, or by somebody who knows about the naloxone.
CREATE TEMP TABLE overdose AS
SELECT o.*
FROM (
    SELECT r.*, (r.occurred_at AT TIME ZONE 'Europe/London')::date AS day, coalesce(d.division_code, 'UNKNOWN') AS division,
           r.notified_by IS NULL OR r.notified_by = 'police' OR r.naloxone_given IS NOT NULL AS attended,
           CASE r.naloxone_given WHEN false THEN coalesce(r.why_not, 'UNKNOWN') ELSE 'NONE' END AS reason
    FROM kpi.overdose_incident_record r
    LEFT JOIN kpi.division_record d ON d.division_code = r.incident_division_code
         AND (r.occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity')) o
WHERE EXISTS (SELECT FROM span s WHERE s.source = 'overdose_incident' AND o.division IN (s.division, 'UNKNOWN') AND o.day BETWEEN s.covered_from AND s.covered_to);

-- The first form of every incident, on days on which overdoses were recorded. (All of an incident's forms count.)
CREATE TEMP TABLE incident AS
SELECT i.day, i.division, r.incident_id IS NULL AS not_listed, coalesce(NOT r.naloxone_given, false) AS denied
FROM (SELECT DISTINCT ON (incident_id) * FROM form ORDER BY incident_id, occurred_at, administration_id) i
LEFT JOIN kpi.overdose_incident_record r USING (incident_id)
WHERE EXISTS (SELECT FROM span s WHERE s.source = 'overdose_incident' AND i.division IN (s.division, 'UNKNOWN') AND i.day BETWEEN s.covered_from AND s.covered_to);

CREATE TEMP TABLE expected AS
WITH key AS (
    SELECT reason FROM overdose UNION VALUES ('ALL'), ('NONE'), ('UNKNOWN')
), counted AS (
    SELECT p.period_key, m.area_key, k.reason, count(*) FILTER (WHERE o.attended) AS attended,
           count(*) FILTER (WHERE o.naloxone_given) AS given, count(*) FILTER (WHERE NOT o.naloxone_given) AS not_given,
           count(*) FILTER (WHERE o.attended AND o.naloxone_given IS NULL) AS not_recorded,
           count(*) FILTER (WHERE NOT o.naloxone_given AND o.why_not IN ('not_carried', 'none_left', 'expired')) AS not_at_hand,
           count(*) FILTER (WHERE NOT o.attended) AS notified
    FROM overdose o
    JOIN kpi_bi.dim_period p ON o.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = o.division
    JOIN key k ON k.reason IN ('ALL', o.reason)
    GROUP BY 1, 2, 3
), forms AS (
    SELECT p.period_key, m.area_key, count(*) AS administered, count(*) FILTER (WHERE i.not_listed) AS not_listed, count(*) FILTER (WHERE i.denied) AS denied
    FROM incident i
    JOIN kpi_bi.dim_period p ON i.day BETWEEN p.period_start AND p.period_end
    JOIN member m ON m.division = i.division
    GROUP BY 1, 2
), filled AS (
    SELECT h.period_key, h.area_key, k.reason, coalesce(c.attended, 0) AS attended, coalesce(c.given, 0) AS given, coalesce(c.not_given, 0) AS not_given,
           coalesce(c.not_recorded, 0) AS not_recorded, coalesce(c.not_at_hand, 0) AS not_at_hand, coalesce(c.notified, 0) AS notified,
           CASE WHEN a.source IS NULL THEN NULL WHEN k.reason IN ('ALL', 'NONE') THEN coalesce(f.administered, 0) ELSE 0 END AS administered,
           CASE WHEN a.source IS NULL THEN NULL WHEN k.reason IN ('ALL', 'NONE') THEN coalesce(f.not_listed, 0) ELSE 0 END AS not_listed,
           CASE WHEN a.source IS NULL THEN NULL WHEN k.reason IN ('ALL', 'NONE') THEN coalesce(f.denied, 0) ELSE 0 END AS denied
    FROM heard h
    CROSS JOIN key k
    LEFT JOIN heard a ON a.source = 'administration' AND a.period_key = h.period_key AND a.area_key = h.area_key
    LEFT JOIN counted c ON c.period_key = h.period_key AND c.area_key = h.area_key AND c.reason = k.reason
    LEFT JOIN forms f ON f.period_key = h.period_key AND f.area_key = h.area_key
    WHERE h.source = 'overdose_incident'
)
SELECT k.period_key::text, k.area_key::text, k.why_not::text, f.attended, f.given, f.not_given, f.not_recorded, f.not_at_hand, f.notified, f.administered,
       f.not_listed, f.denied,
       CASE f.reason WHEN 'ALL' THEN pg_temp.share(f.given, f.given + f.not_given) END AS share,
       CASE f.reason WHEN 'ALL' THEN pg_temp.wilson(f.given, f.given + f.not_given, -1) END AS lower,
       CASE f.reason WHEN 'ALL' THEN pg_temp.wilson(f.given, f.given + f.not_given, 1) END AS upper,
       CASE f.reason WHEN 'ALL' THEN pg_temp.share(f.given, f.given + f.not_at_hand) END AS available,
       CASE f.reason WHEN 'ALL' THEN pg_temp.wilson(f.given, f.given + f.not_at_hand, -1) END AS available_lower,
       CASE f.reason WHEN 'ALL' THEN pg_temp.wilson(f.given, f.given + f.not_at_hand, 1) END AS available_upper
FROM kpi_bi.kpi_overdoses_attended_period k
LEFT JOIN filled f ON f.period_key = k.period_key AND f.area_key = k.area_key AND f.reason = k.why_not;

CREATE TEMP TABLE found (LIKE expected);
INSERT INTO found
SELECT period_key, area_key, why_not, incidents_attended, naloxone_given, naloxone_not_given, naloxone_not_recorded, naloxone_not_at_hand, incidents_notified,
       administered, administered_not_listed, administered_recorded_not_given, round(given_share::numeric, 9), round(given_share_lower::numeric, 9),
       round(given_share_upper::numeric, 9), round(available_share::numeric, 9), round(available_share_lower::numeric, 9), round(available_share_upper::numeric, 9)
FROM kpi_bi.kpi_overdoses_attended_period;

SELECT is(count(*), 0::bigint, 'every period, area and reason is as counted from the records')
FROM ((TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)) x;
SELECT cmp_ok(count(*), '>', 30000::bigint, 'over all periods, areas and reasons') FROM found;
SELECT ok(sum(given) > 500 AND sum(not_given) > 500 AND sum(not_recorded) > 10 AND sum(not_at_hand) > 50 AND sum(notified) > 500 AND sum(not_listed) > 10
          AND sum(denied) > 0, 'all of which occur')
FROM expected WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' AND why_not = 'ALL';
SELECT is(count(*), 0::bigint, 'and so is every month and division')
FROM (
    (SELECT period_key::text, area_key::text, why_not::text, incidents_attended, naloxone_given, naloxone_not_given, naloxone_not_recorded,
            naloxone_not_at_hand, incidents_notified, administered, administered_not_listed, administered_recorded_not_given FROM kpi_bi.kpi_overdoses_attended)
    EXCEPT ALL
    (SELECT period_key, area_key, why_not, attended, given, not_given, not_recorded, not_at_hand, notified, administered, not_listed, denied FROM expected
     WHERE period_key LIKE 'month%' AND area_key LIKE 'division%' AND why_not <> 'ALL')) x;
SELECT is((SELECT count(*) FROM kpi_bi.kpi_overdoses_attended),
          (SELECT count(*) FROM expected WHERE period_key LIKE 'month%' AND area_key LIKE 'division%' AND why_not <> 'ALL'), 'of which there are as many');

SELECT * FROM finish();
ROLLBACK;
