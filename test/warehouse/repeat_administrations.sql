-- Every row of repeat_administrations, and every count of people of the other KPIs on administrations and warnings, beside the same
-- worked out from the records themselves.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
\set as_of '''2025-12-31'''
BEGIN;
SELECT plan(9);

-- What the comparison takes for granted.
SELECT is_empty($$ SELECT * FROM kpi.source_coverage_record WHERE source IN ('administration', 'direct_measure') AND covered_to IS NOT NULL $$, 'records have not ended anywhere');
SELECT is_empty($$ SELECT * FROM kpi.division_record WHERE valid_from > '2013-04-01' OR valid_to IS NOT NULL $$, 'nor has any division');

CREATE TEMP TABLE of_area AS
    SELECT a.area_key::text AS area_key, d.division_code
    FROM kpi_bi.dim_area a JOIN (SELECT division_code, region FROM kpi.division_record UNION ALL SELECT 'UNKNOWN', NULL) d
      ON a.area_key IN ('force', 'division ' || d.division_code, 'region ' || d.region);
CREATE TEMP TABLE covered AS
    SELECT source, division_code, covered_from FROM kpi.source_coverage_record
    UNION ALL SELECT source, 'UNKNOWN', min(covered_from) FROM kpi.source_coverage_record GROUP BY source;

-- All records that count, a person's in order; and what ended the time to the next.
CREATE TEMP TABLE given AS
    SELECT r.administration_id AS id, r.person_key, r.day, c.division_code, CASE WHEN r.survival = 'died' AND r.survival_as_at IS DISTINCT FROM '24_hours' AND r.survival_as_at IS DISTINCT FROM '30_days' THEN r.day END AS died_there
    FROM (SELECT *, (occurred_at AT TIME ZONE 'Europe/London')::date AS day FROM kpi.administration_record) r
    JOIN covered c ON c.source = 'administration' AND c.division_code = coalesce((SELECT division_code FROM kpi.division_record WHERE division_code = r.incident_division_code), 'UNKNOWN') AND r.day >= c.covered_from
    WHERE r.day <= :as_of;
CREATE TEMP TABLE warned AS
    SELECT r.measure_person_key AS person_key, r.issued_on AS day, c.division_code
    FROM kpi.direct_measure_record r
    JOIN covered c ON c.source = 'direct_measure' AND c.division_code = coalesce((SELECT division_code FROM kpi.division_record WHERE division_code = r.division_code), 'UNKNOWN') AND r.issued_on >= c.covered_from
    WHERE r.issued_on <= :as_of AND r.measure_person_key IS NOT NULL AND r.offence = 'drug_possession' AND r.kind = 'recorded_police_warning' AND r.refused IS NOT TRUE AND r.withdrawn_on IS NULL;
CREATE INDEX ON given (person_key);
CREATE INDEX ON warned (day);
CREATE TEMP TABLE died AS
    SELECT g.person_key, min(x.died_on) AS died_on
    FROM given g
    CROSS JOIN LATERAL (SELECT g.died_there UNION ALL SELECT d.died_on FROM kpi.drug_death_record d WHERE d.administration_id = g.id AND d.status <> 'excluded' AND d.died_on >= g.day) AS x (died_on)
    WHERE g.person_key IS NOT NULL AND x.died_on IS NOT NULL
    GROUP BY 1;
CREATE TEMP TABLE timed AS
    SELECT g.*, (SELECT max(b.day) FROM given b WHERE b.person_key = g.person_key AND (b.day, b.division_code, b.id) < (g.day, g.division_code, g.id)) AS before,
           (SELECT min(b.day) FROM given b WHERE b.person_key = g.person_key AND (b.day, b.division_code, b.id) > (g.day, g.division_code, g.id)) AS next,
           CASE WHEN d.died_on >= g.day THEN d.died_on END AS died_on, least(:as_of, g.day + 365) AS last
    FROM given g LEFT JOIN died d USING (person_key);

-- Every period and area that has a row, and whether anything is recorded there.
CREATE TEMP TABLE cell AS
    SELECT p.period_key::text AS period_key, o.area_key, p.period_start, p.period_end, array_agg(o.division_code) AS divisions,
           coalesce(bool_or(a.covered_from <= least(p.period_end, :as_of)), false) AS is_covered, coalesce(bool_or(w.covered_from <= least(p.period_end, :as_of)), false) AS is_warned_covered
    FROM kpi_bi.dim_period p CROSS JOIN of_area o
    LEFT JOIN covered a ON a.source = 'administration' AND a.division_code = o.division_code
    LEFT JOIN covered w ON w.source = 'direct_measure' AND w.division_code = o.division_code
    GROUP BY 1, 2, 3, 4;

CREATE TEMP TABLE expected AS
    SELECT c.period_key, c.area_key, c.is_covered,
           count(t.id) AS administrations, count(*) FILTER (WHERE t.id IS NOT NULL AND t.person_key IS NULL) AS without_person_key,
           count(*) FILTER (WHERE t.day <= t.before + 30) AS r30, count(*) FILTER (WHERE t.day <= t.before + 90) AS r90, count(*) FILTER (WHERE t.day <= t.before + 365) AS r365,
           count(DISTINCT t.person_key) AS people
    FROM cell c LEFT JOIN timed t ON t.day BETWEEN c.period_start AND c.period_end AND t.division_code = ANY (c.divisions)
    GROUP BY 1, 2, 3;
CREATE TEMP TABLE often AS
    SELECT period_key, area_key, count(*) FILTER (WHERE n = 2) AS two, count(*) FILTER (WHERE n = 3) AS three, count(*) FILTER (WHERE n > 3) AS four
    FROM (SELECT c.period_key, c.area_key, t.person_key, count(*) AS n
          FROM cell c JOIN given t ON t.day BETWEEN c.period_start AND c.period_end AND t.division_code = ANY (c.divisions) WHERE t.person_key IS NOT NULL GROUP BY 1, 2, 3) x
    GROUP BY 1, 2;
CREATE TEMP TABLE followed AS
    SELECT period_key, area_key, life_table(day, least(next, died_on, last), CASE WHEN next <= last AND (died_on IS NULL OR next <= died_on) THEN 1 WHEN died_on <= last THEN 2 ELSE 0 END) AS t
    FROM (SELECT DISTINCT ON (c.period_key, c.area_key, t.person_key) c.period_key, c.area_key, t.*
          FROM cell c JOIN timed t ON t.day BETWEEN c.period_start AND c.period_end AND t.division_code = ANY (c.divisions)
          WHERE t.person_key IS NOT NULL ORDER BY c.period_key, c.area_key, t.person_key, t.day, t.division_code, t.id) f
    GROUP BY 1, 2;

CREATE TEMP VIEW expected_row AS
    SELECT e.period_key, e.area_key, CASE WHEN is_covered THEN administrations END AS administrations, CASE WHEN is_covered THEN without_person_key END AS without_person_key,
           CASE WHEN is_covered THEN r30 END AS repeats_within_30_days, CASE WHEN is_covered THEN r90 END AS repeats_within_90_days, CASE WHEN is_covered THEN r365 END AS repeats_within_365_days,
           CASE WHEN is_covered THEN people END AS people, CASE WHEN is_covered THEN coalesce(two, 0) END AS people_with_two, CASE WHEN is_covered THEN coalesce(three, 0) END AS people_with_three,
           CASE WHEN is_covered THEN coalesce(four, 0) END AS people_with_four_or_more, CASE WHEN is_covered THEN coalesce(num_events(t, 1), 0) END AS people_repeated,
           CASE WHEN is_covered THEN coalesce(num_events(t, 2), 0) END AS people_died, CASE WHEN is_covered THEN coalesce(num_censored(t), 0) END AS people_not_repeated,
           (i30).value AS v30, (i30).lower AS l30, (i30).upper AS u30, (i90).value AS v90, (i90).lower AS l90, (i90).upper AS u90, (i365).value AS v365, (i365).lower AS l365, (i365).upper AS u365,
           (d).value AS vd, (d).lower AS ld, (d).upper AS ud
    FROM expected e LEFT JOIN often USING (period_key, area_key) LEFT JOIN followed USING (period_key, area_key)
    CROSS JOIN LATERAL (SELECT incidence(t, 1, 30) AS i30, incidence(t, 1, 90) AS i90, incidence(t, 1, 365) AS i365, incidence(t, 2, 365) AS d) i;

SELECT cmp_ok(count(*), '>', 2000::bigint, 'thousands of rows with counts are compared') FROM expected_row WHERE people IS NOT NULL;
SELECT cmp_ok(max(people_with_three + people_with_four_or_more), '>', 5::bigint, 'with people who came again and again') FROM expected_row;
SELECT bag_eq($$ SELECT period_key::text, area_key::text, administrations, without_person_key, repeats_within_30_days, repeats_within_90_days, repeats_within_365_days, people, people_with_two, people_with_three,
                        people_with_four_or_more, people_repeated, people_died, people_not_repeated, repeated_within_30_days_share, repeated_within_30_days_share_lower, repeated_within_30_days_share_upper,
                        repeated_within_90_days_share, repeated_within_90_days_share_lower, repeated_within_90_days_share_upper, repeated_within_365_days_share, repeated_within_365_days_share_lower,
                        repeated_within_365_days_share_upper, died_within_365_days_share, died_within_365_days_share_lower, died_within_365_days_share_upper
                 FROM kpi_bi.kpi_repeat_administrations_period $$, 'SELECT * FROM expected_row', 'kpi_repeat_administrations_period');
SELECT bag_eq($$ SELECT period_key::text, area_key::text, administrations, without_person_key, repeats_within_30_days, repeats_within_90_days, repeats_within_365_days FROM kpi_bi.kpi_repeat_administrations $$,
              $$ SELECT period_key, area_key, administrations, without_person_key, repeats_within_30_days, repeats_within_90_days, repeats_within_365_days FROM expected_row
                 WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' $$, 'kpi_repeat_administrations');
SELECT bag_eq('SELECT period_key::text, area_key::text, people FROM kpi_bi.kpi_doses_by_division_period', 'SELECT period_key, area_key, people FROM expected_row', 'people of kpi_doses_by_division_period');
SELECT bag_eq($$ SELECT period_key::text, area_key::text, people_warned, people_warned_repeatedly FROM kpi_bi.kpi_recorded_police_warning_trend_period $$,
    $$ SELECT c.period_key, c.area_key, CASE WHEN bool_or(c.is_warned_covered) THEN count(x.n) END AS warned, CASE WHEN bool_or(c.is_warned_covered) THEN count(*) FILTER (WHERE x.n > 1) END AS repeatedly
       FROM cell c LEFT JOIN LATERAL (SELECT count(*) AS n FROM warned w WHERE w.day BETWEEN c.period_start AND c.period_end AND w.division_code = ANY (c.divisions) GROUP BY w.person_key) x ON true
       GROUP BY 1, 2 $$, 'people of kpi_recorded_police_warning_trend_period');
SELECT cmp_ok(max(people_warned_repeatedly), '>', 100::bigint, 'of whom many were warned again') FROM kpi_bi.kpi_recorded_police_warning_trend_period;

SELECT * FROM finish();
ROLLBACK;
