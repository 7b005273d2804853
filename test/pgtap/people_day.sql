-- People counted from sums that hold no key, against count(DISTINCT) and the like over the records themselves: for every period and
-- area, as of several days, and after changes of which only what they concern is computed again.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(54);

SELECT deploy('test_people');

INSERT INTO test_people.division_record (division_code, division_name, region, valid_from, valid_to) VALUES
    ('A', 'Alpha', 'North', '2010-01-01', NULL), ('B', 'Beta', 'North', '2010-01-01', '2023-02-14'), ('C', 'Gamma', 'South', '2022-11-10', NULL),
    ('D', 'Delta', NULL, '2010-01-01', NULL);
-- Records of A have a gap, those of D end, and referral is recorded for a part of the time.
INSERT INTO test_people.source_coverage_record (source, division_code, covered_from, covered_to)
SELECT source, division, covered_from, covered_to
FROM (VALUES ('A', date '2021-05-20', date '2022-08-09'), ('A', '2022-10-03', NULL), ('B', '2021-05-20', NULL), ('C', '2021-01-01', 'infinity'), ('D', '2021-07-01', '2023-06-17')) AS t (division, covered_from, covered_to)
CROSS JOIN (VALUES ('administration'), ('direct_measure')) AS s (source);
INSERT INTO test_people.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('referral_event', 'A', '2021-08-01', '2023-05-31'), ('referral_event', 'B', '2021-05-20', '5000000-01-01'), ('referral_event', 'C', '2022-02-02', 'infinity');

-- The same on every machine: a number from 0 to 1 of a name and a row.
CREATE FUNCTION pg_temp.uniform(name text, row_number bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || substr(md5(name || row_number), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

-- Few people, so that most have many administrations, and many on one day. A few on the edges of days, months and what can be a day.
CREATE FUNCTION pg_temp.add_records(first_row bigint, last_row bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO test_people.administration_record (administration_id, incident_id, incident_division_code, person_key, occurred_at, survival, survival_as_at)
    SELECT 'a' || i, 'a' || i, (ARRAY['A', 'B', 'C', 'D', 'ZZ', NULL])[1 + floor(6 * pg_temp.uniform('division', i))],
           CASE WHEN pg_temp.uniform('key', i) < 0.95 THEN 'p' || floor(90 * pg_temp.uniform('person', i) ^ 2) END,
           CASE WHEN pg_temp.uniform('never', i) < 0.01 THEN 'infinity'
                WHEN pg_temp.uniform('edge', i) < 0.1 THEN (date '2021-04-01' + make_interval(months => floor(34 * pg_temp.uniform('when', i))::integer)) AT TIME ZONE 'Europe/London' - interval '1 second'
                ELSE date_trunc('second', timestamptz '2021-04-01Z' + 1000 * pg_temp.uniform('when', i) * interval '1 day') END,
           CASE WHEN pg_temp.uniform('survival', i) < 0.02 THEN 'died' END, CASE WHEN pg_temp.uniform('as at', i) < 0.3 THEN '30_days' END
    FROM generate_series(first_row, last_row) AS i;
    INSERT INTO test_people.direct_measure_record (measure_id, division_code, issued_on, offence, kind, measure_person_key)
    SELECT 'm' || i, (ARRAY['A', 'B', 'C', 'D', 'ZZ', NULL])[1 + floor(6 * pg_temp.uniform('warned division', i))],
           CASE WHEN pg_temp.uniform('warned never', i) < 0.01 THEN 'infinity' ELSE date '2021-04-01' + floor(1000 * pg_temp.uniform('warned on', i))::integer END,
           'drug_possession', 'recorded_police_warning', CASE WHEN pg_temp.uniform('warned key', i) < 0.95 THEN 'w' || floor(150 * pg_temp.uniform('warned', i) ^ 2) END
    FROM generate_series(first_row, last_row) AS i;
    INSERT INTO test_people.referral_event_record (person_key, occurred_at, stage, route)
    SELECT a.person_key, a.occurred_at + date_trunc('second', interval '70 days' * pg_temp.uniform('step wait', 10 * substr(a.administration_id, 2)::bigint + s) ^ 3),
           (ARRAY['reviewed', 'known_to_service', 'declined', 'contacted', 'engaged', 'died', 'moved_away', 'referred', 'retained_12_weeks'])[1 + floor(9 * pg_temp.uniform('stage', 10 * substr(a.administration_id, 2)::bigint + s))],
           (ARRAY['mash', 'concern_report', NULL])[1 + floor(3 * pg_temp.uniform('route', 10 * substr(a.administration_id, 2)::bigint + s))]
    FROM test_people.administration_record a, generate_series(1, 2) AS s
    WHERE a.person_key IS NOT NULL AND substr(a.administration_id, 2)::bigint BETWEEN first_row AND last_row AND pg_temp.uniform('step', 10 * substr(a.administration_id, 2)::bigint + s) < 0.5;
    INSERT INTO test_people.drug_death_record (death_id, died_on, status, administration_id)
    SELECT 'd' || i, (occurred_at AT TIME ZONE 'Europe/London')::date + floor(250 * pg_temp.uniform('died', i))::integer - 20,
           CASE WHEN pg_temp.uniform('status', i) < 0.8 THEN 'confirmed' ELSE 'excluded' END, administration_id
    FROM generate_series(first_row, last_row) AS i JOIN test_people.administration_record ON administration_id = 'a' || i
    WHERE pg_temp.uniform('death', i) < 0.08 AND isfinite(occurred_at);
$$;
SELECT pg_temp.add_records(1, 700);

-- In which division each record counts, and from when to when it is followed there, by plain comparison of days; and in which areas.
CREATE TEMP VIEW placed AS
    SELECT r.source, r.id, r.person_key, r.day, r.recorded, c.division_code, f.covered_to
    FROM (
        SELECT 'administration' AS source, administration_id AS id, person_key, (occurred_at AT TIME ZONE 'Europe/London')::date AS day, incident_division_code AS recorded
        FROM test_people.administration_record WHERE isfinite(occurred_at) AND person_key IS NOT NULL
        UNION ALL
        SELECT 'direct_measure', measure_id, measure_person_key, issued_on, division_code FROM test_people.direct_measure_record WHERE isfinite(issued_on) AND measure_person_key IS NOT NULL
    ) r
    CROSS JOIN LATERAL (SELECT coalesce((SELECT d.division_code FROM test_people.division_record d
                                         WHERE d.division_code = r.recorded AND r.day >= d.valid_from AND (d.valid_to IS NULL OR r.day <= d.valid_to)), 'UNKNOWN') AS division_code) c
    -- UNKNOWN has records where any division has, and here that is without a gap.
    CROSS JOIN LATERAL (SELECT CASE WHEN c.division_code = 'UNKNOWN' THEN (SELECT date '9999-12-31' WHERE r.day >= '2021-01-01')
                                    ELSE (SELECT coalesce(least(v.covered_to, date '9999-12-31'), '9999-12-31') FROM test_people.source_coverage_record v
                                          WHERE v.source = r.source AND v.division_code = c.division_code AND r.day >= v.covered_from AND (v.covered_to IS NULL OR r.day <= v.covered_to)) END AS covered_to) f
    WHERE f.covered_to IS NOT NULL;
CREATE TEMP TABLE of_area AS
    SELECT * FROM (VALUES ('division A', 'A'), ('division B', 'B'), ('division C', 'C'), ('division D', 'D'), ('division UNKNOWN', 'UNKNOWN'), ('region North', 'A'), ('region North', 'B'), ('region South', 'C'),
                          ('force', 'A'), ('force', 'B'), ('force', 'C'), ('force', 'D'), ('force', 'UNKNOWN')) AS t (area_key, division_code);

-- Every person's number of records, in every period and area.
CREATE FUNCTION pg_temp.times(of_source text, as_of date) RETURNS TABLE (period_key text, area_key text, person_key text, times bigint) LANGUAGE sql AS $$
    SELECT p.period_key::text, o.area_key, r.person_key, count(*)
    FROM test_people_bi.dim_period p
    JOIN pg_temp.placed r ON r.source = of_source AND r.day BETWEEN p.period_start AND p.period_end AND r.day <= as_of
    JOIN of_area o USING (division_code)
    GROUP BY 1, 2, 3 $$;

-- What follows everybody's first administration in every period and area. The earliest next is looked for among all that count.
CREATE FUNCTION pg_temp.followed(as_of date) RETURNS TABLE (period_key text, area_key text, durations life_table) LANGUAGE sql AS $$
    WITH placed AS MATERIALIZED (
        SELECT r.*, (SELECT min(x.died_on) FROM (
                         SELECT d.died_on, a.day AS given_on FROM test_people.drug_death_record d JOIN pg_temp.placed a ON a.source = 'administration' AND a.id = d.administration_id AND a.person_key = r.person_key
                         WHERE d.status <> 'excluded'
                         UNION ALL
                         SELECT b.day, b.day FROM pg_temp.placed b JOIN test_people.administration_record w ON w.administration_id = b.id
                         WHERE b.source = 'administration' AND b.person_key = r.person_key AND w.survival = 'died' AND w.survival_as_at IS NULL) x
                     WHERE x.died_on >= x.given_on) AS died_on
        FROM pg_temp.placed r WHERE r.source = 'administration'
    ), next AS MATERIALIZED (
        SELECT a.*, (SELECT min(b.day) FROM placed b WHERE b.person_key = a.person_key
                     AND (b.day, coalesce(b.recorded, 'UNKNOWN'), b.id) > (a.day, coalesce(a.recorded, 'UNKNOWN'), a.id)) AS next_day
        FROM placed a
    ), first AS (
        SELECT DISTINCT ON (p.period_key, o.area_key, n.person_key) p.period_key::text AS period_key, o.area_key, n.*,
               least(as_of, n.covered_to, n.day + 365) AS last_day, CASE WHEN n.died_on >= n.day THEN n.died_on END AS death
        FROM test_people_bi.dim_period p JOIN next n ON n.day BETWEEN p.period_start AND p.period_end AND n.day <= as_of JOIN of_area o USING (division_code)
        ORDER BY p.period_key, o.area_key, n.person_key, n.day, coalesce(n.recorded, 'UNKNOWN'), n.id
    )
    SELECT period_key, area_key,
           life_table(day, least(next_day, death, last_day),
                      CASE WHEN next_day <= last_day AND (death IS NULL OR next_day <= death) THEN 1 WHEN death <= last_day THEN 2 ELSE 0 END)
    FROM first GROUP BY 1, 2 $$;

-- Everybody's first episode in every period and area: of all, of those observed, of those followed, all by ranking the episodes themselves.
CREATE FUNCTION pg_temp.episodes(as_of date) RETURNS TABLE (period_key text, area_key text, people bigint, people_followed bigint, people_referred bigint, people_contacted bigint, people_engaged bigint,
                                                            durations life_table) LANGUAGE sql AS $$
    WITH episode AS (
        SELECT c.*, d.division_code AS counted, v.covered_to, v.covered_to IS NOT NULL AS observed, v.covered_to IS NOT NULL AND c.day + 90 <= least(as_of, v.covered_to) AS followed,
               (SELECT min(e.occurred_at) FROM test_people.referral_event_record e WHERE e.person_key = c.person_key AND e.occurred_at >= c.started_at
                AND e.occurred_at < c.started_at + interval '2160 hours' AND e.stage IN ('contacted', 'engaged', 'retained_12_weeks', 'declined', 'died', 'moved_away')) AS ended_at
        FROM test_people.person_course c
        JOIN LATERAL (SELECT DISTINCT p.division_code FROM pg_temp.placed p WHERE p.source = 'administration' AND p.day = c.day AND coalesce(p.recorded, 'UNKNOWN') = c.division_code) d ON true
        LEFT JOIN LATERAL (SELECT CASE WHEN d.division_code = 'UNKNOWN' THEN (SELECT date '9999-12-31' WHERE c.day >= '2021-05-20')
                                       ELSE (SELECT least(coalesce(v.covered_to, '9999-12-31'), date '9999-12-31') FROM test_people.source_coverage_record v
                                             WHERE v.source = 'referral_event' AND v.division_code = d.division_code AND c.day >= v.covered_from AND (v.covered_to IS NULL OR c.day <= v.covered_to)) END AS covered_to) v ON true
        WHERE c.day <= as_of
    ), ranked AS (
        SELECT p.period_key::text AS period_key, o.area_key, e.*,
               row_number() OVER (PARTITION BY p.period_key, o.area_key, e.person_key ORDER BY e.started_at) AS nth,
               row_number() OVER (PARTITION BY p.period_key, o.area_key, e.person_key, e.observed ORDER BY e.started_at) AS nth_observed,
               row_number() OVER (PARTITION BY p.period_key, o.area_key, e.person_key, e.followed ORDER BY e.started_at) AS nth_followed,
               -- To the second, and no longer than known of everything that began on the same day.
               least(7776000, extract(epoch FROM ((least(as_of, e.covered_to, e.day + 91) + 1)::timestamp AT TIME ZONE 'Europe/London')
                                                 - ((e.day + 1)::timestamp AT TIME ZONE 'Europe/London')))::integer AS last_second,
               floor(extract(epoch FROM e.ended_at - e.started_at))::integer AS seconds,
               -- Of stages at one moment the first in this order.
               (SELECT min(CASE s.stage WHEN 'declined' THEN 2 WHEN 'died' THEN 3 WHEN 'moved_away' THEN 4 ELSE 1 END) FROM test_people.referral_event_record s
                WHERE s.person_key = e.person_key AND s.occurred_at = e.ended_at AND s.stage IN ('contacted', 'engaged', 'retained_12_weeks', 'declined', 'died', 'moved_away')) AS cause
        FROM test_people_bi.dim_period p JOIN episode e ON e.day BETWEEN p.period_start AND p.period_end JOIN of_area o ON o.division_code = e.counted
    )
    SELECT period_key, area_key, count(DISTINCT person_key), count(*) FILTER (WHERE followed AND nth_followed = 1), count(referred_at) FILTER (WHERE followed AND nth_followed = 1),
           count(contacted_at) FILTER (WHERE followed AND nth_followed = 1), count(engaged_at) FILTER (WHERE followed AND nth_followed = 1),
           life_table(CASE WHEN seconds <= last_second THEN seconds ELSE last_second END, CASE WHEN seconds <= last_second THEN cause ELSE 0 END) FILTER (WHERE observed AND nth_observed = 1)
    FROM ranked GROUP BY 1, 2 $$;

-- Compares everything as of a day.
CREATE FUNCTION pg_temp.compare(as_of date, what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT results_eq(format($q$
        SELECT period_key::text, area_key::text, people FROM test_people_bi.kpi_doses_by_division_period WHERE people > 0 ORDER BY 1, 2 $q$), format($q$
        SELECT period_key, area_key, count(*) FROM pg_temp.times('administration', %L) GROUP BY 1, 2 ORDER BY 1, 2 $q$, as_of), what || ': different people given naloxone');
    RETURN NEXT results_eq(format($q$
        SELECT period_key::text, area_key::text, people, people_with_two, people_with_three, people_with_four_or_more
        FROM test_people_bi.kpi_repeat_administrations_period WHERE people > 0 ORDER BY 1, 2 $q$), format($q$
        SELECT period_key, area_key, count(*), count(*) FILTER (WHERE times = 2), count(*) FILTER (WHERE times = 3), count(*) FILTER (WHERE times >= 4)
        FROM pg_temp.times('administration', %L) GROUP BY 1, 2 ORDER BY 1, 2 $q$, as_of), what || ': how often');
    RETURN NEXT results_eq(format($q$
        SELECT period_key::text, area_key::text, people_warned, people_warned_repeatedly FROM test_people_bi.kpi_recorded_police_warning_trend_period WHERE people_warned > 0 ORDER BY 1, 2 $q$), format($q$
        SELECT period_key, area_key, count(*), count(*) FILTER (WHERE times > 1) FROM pg_temp.times('direct_measure', %L) GROUP BY 1, 2 ORDER BY 1, 2 $q$, as_of), what || ': different people warned');
    RETURN NEXT results_eq(format($q$
        SELECT period_key::text, area_key::text, people_repeated, people_died, people_not_repeated, repeated_within_30_days_share, repeated_within_90_days_share, repeated_within_365_days_share,
               repeated_within_365_days_share_lower, died_within_365_days_share
        FROM test_people_bi.kpi_repeat_administrations_period WHERE people > 0 ORDER BY 1, 2 $q$), format($q$
        SELECT period_key, area_key, num_events(durations, 1), num_events(durations, 2), num_censored(durations), (incidence(durations, 1, 30)).value, (incidence(durations, 1, 90)).value,
               (incidence(durations, 1, 365)).value, (incidence(durations, 1, 365)).lower, (incidence(durations, 2, 365)).value
        FROM pg_temp.followed(%L) ORDER BY 1, 2 $q$, as_of), what || ': what followed the first administration');
    RETURN NEXT results_eq(format($q$
        SELECT period_key::text, area_key::text, people, people_followed, people_referred, people_contacted, people_engaged, people_observed,
               contacted_within_72_hours_share, contacted_within_30_days_share, contacted_within_30_days_share_upper, declined_within_7_days_share, died_within_30_days_share, moved_away_within_30_days_share
        FROM test_people_bi.kpi_referral_conversion_period WHERE people > 0 AND route = 'ALL' AND people_followed IS NOT NULL ORDER BY 1, 2 $q$), format($q$
        SELECT period_key, area_key, e.people, e.people_followed, e.people_referred, e.people_contacted, e.people_engaged, coalesce(num_values(durations), 0),
               (incidence(durations, 1, 259200)).value, (incidence(durations, 1, 2592000)).value, (incidence(durations, 1, 2592000)).upper, (incidence(durations, 2, 604800)).value,
               (incidence(durations, 3, 2592000)).value, (incidence(durations, 4, 2592000)).value
        FROM pg_temp.episodes(%L) e JOIN test_people_bi.kpi_referral_conversion_period k USING (period_key, area_key)
        WHERE k.route = 'ALL' AND k.people_followed IS NOT NULL ORDER BY 1, 2 $q$, as_of), what || ': first episodes');
END $$;

CALL refresh('test_people', '2023-12-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_people.refresh_log WHERE mode = 'failed';
SELECT cmp_ok(count(DISTINCT (period_key, area_key)), '>=', 300::bigint, 'hundreds of periods and areas are compared') FROM pg_temp.times('administration', '2023-12-31');
SELECT cmp_ok(max(people_with_four_or_more), '>=', 10::bigint, 'with people who come again and again') FROM test_people_bi.kpi_repeat_administrations_period;
SELECT cmp_ok(min(n), '>=', 3::bigint, 'of every grain') FROM (SELECT count(*) AS n FROM test_people_bi.dim_period GROUP BY grain) g;
SELECT * FROM pg_temp.compare('2023-12-31', 'at the end of a year');

-- The tables that the KPIs are made of hold no key.
SELECT is_empty($$ SELECT table_name, column_name FROM information_schema.columns
                   WHERE table_schema = 'test_people' AND column_name LIKE '%person%key%' AND table_name IN ('people_day', 'warned_people_day', 'repeat_day', 'episode_day', 'episode_people_day') $$,
    'what people are counted from holds no key');

-- What concerns a few people is computed of their records alone: by an index, nothing else is read.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
SET LOCAL enable_seqscan = off;
SELECT doesnt_match(pg_temp.plan_of(format('SELECT s.* FROM (VALUES (%L), (%L)) AS d (person_key) CROSS JOIN LATERAL (SELECT * FROM test_people.%I s WHERE s.person_key = d.person_key OFFSET 0) s', 'p1', 'p2', view)),
    'Seq Scan on (administration|referral_event|direct_measure|drug_death|warned_person|person_course)', view || ' for a few people')
FROM unnest(ARRAY['administration_person_day_source', 'warned_person_day_source', 'person_course_source',
                  'people_day_part', 'warned_people_day_part', 'repeat_day_part', 'episode_day_part', 'episode_people_day_part']) AS view;
SET LOCAL enable_seqscan = on;

-- A few people's records change. What they gave before, subtracted, and what they give now, added, is the whole computed again.
CREATE TEMP TABLE part_rollup AS
    SELECT r.name, r.parts_of,
           (SELECT string_agg(quote_ident(k), ', ') FROM unnest(r.key) AS k) AS key,
           (SELECT string_agg(format(CASE WHEN c.data_type = 'bigint' THEN 'sum(%1$I)::bigint AS %1$I' ELSE 'rollup(%1$I) AS %1$I' END, c.column_name), ', ' ORDER BY c.ordinal_position) FROM information_schema.columns c
            WHERE c.table_schema = 'test_people' AND c.table_name = r.name AND c.column_name <> ALL (r.key)) AS sums,
           (SELECT string_agg(format('coalesce(coalesce(y.%1$I + a.%1$I, y.%1$I, a.%1$I) - b.%1$I, y.%1$I + a.%1$I, y.%1$I, a.%1$I) AS %1$I', c.column_name), ', ' ORDER BY c.ordinal_position) FROM information_schema.columns c
            WHERE c.table_schema = 'test_people' AND c.table_name = r.name AND c.column_name <> ALL (r.key)) AS changes,
           (SELECT string_agg(format('(t.%1$I = t.%1$I - t.%1$I)', c.column_name), ' AND ' ORDER BY c.ordinal_position) FROM information_schema.columns c
            WHERE c.table_schema = 'test_people' AND c.table_name = r.name AND c.column_name <> ALL (r.key)) AS is_nothing
    FROM test_people.rollup r WHERE r.parts_of IS NOT NULL;
SELECT set_eq('SELECT name FROM part_rollup', ARRAY['people_day', 'warned_people_day', 'repeat_day', 'episode_day', 'episode_people_day'], 'the rollups that are sums of what people give');
CREATE FUNCTION pg_temp.note(suffix text, which text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM part_rollup LOOP
        EXECUTE format('CREATE TEMP TABLE %1$I AS SELECT %2$s, %3$s FROM test_people.%4$I WHERE %5$s GROUP BY %2$s', r.name || suffix, r.key, r.sums, r.name || '_part', which);
    END LOOP;
END $$;
SELECT pg_temp.note('_before', $$person_key ~ '^[pw][1-9]$'$$);
UPDATE test_people.administration_record SET incident_division_code = 'A' WHERE person_key IN ('p1', 'p2');
UPDATE test_people.administration_record SET person_key = 'p3' WHERE person_key = 'p4' AND occurred_at < '2022-07-01';
DELETE FROM test_people.administration_record WHERE person_key = 'p5';
UPDATE test_people.administration_record SET occurred_at = occurred_at - interval '40 days' WHERE person_key = 'p6';
INSERT INTO test_people.administration_record (administration_id, incident_id, incident_division_code, person_key, occurred_at) VALUES ('n1', 'n1', 'C', 'p7', '2023-05-05 12:00Z'), ('n2', 'n2', 'C', 'p7', '2023-05-05 13:00Z');
INSERT INTO test_people.referral_event_record (person_key, occurred_at, stage, route) VALUES ('p7', '2023-05-06 12:00Z', 'engaged', 'mash');
INSERT INTO test_people.drug_death_record (death_id, died_on, status, administration_id) VALUES ('n2', '2023-05-09', 'suspected', 'n2');
DELETE FROM test_people.referral_event_record WHERE person_key IN ('p8', 'p9');
UPDATE test_people.direct_measure_record SET measure_person_key = 'w' || right(measure_person_key, 1)::integer % 3 + 1 WHERE measure_person_key ~ '^w[1-9]$';
CREATE FUNCTION pg_temp.recompute(which text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    FOR r IN SELECT DISTINCT parts_of FROM part_rollup LOOP
        EXECUTE format('CREATE TEMP TABLE %I AS SELECT * FROM test_people.%I WHERE %s', r.parts_of || '_kept', r.parts_of, which);
        EXECUTE format('DELETE FROM test_people.%I WHERE %s', r.parts_of, which);
        EXECUTE format('INSERT INTO test_people.%I SELECT * FROM test_people.%I WHERE %s', r.parts_of, r.parts_of || '_source', which);
    END LOOP;
END $$;
SELECT pg_temp.recompute($$person_key ~ '^[pw][1-9]$'$$);
SELECT pg_temp.note('_after', $$person_key ~ '^[pw][1-9]$'$$);
SELECT bag_eq(format('SELECT %1$s, %2$s FROM test_people.%3$I y FULL JOIN %4$I a USING (%1$s) FULL JOIN %5$I b USING (%1$s)', key, changes, name, name || '_after', name || '_before'),
              -- What has become nothing is a row of zeros there, and none here.
              format('SELECT * FROM test_people.%1$I UNION ALL SELECT * FROM (SELECT %2$s, %3$s FROM test_people.%4$I y FULL JOIN %5$I a USING (%2$s) FULL JOIN %6$I b USING (%2$s)) t WHERE %7$s',
                     name || '_source', key, changes, name, name || '_after', name || '_before', is_nothing), name || ': parts subtracted and added are the whole')
FROM part_rollup ORDER BY name;
SELECT isnt_empty('SELECT * FROM people_day_before EXCEPT SELECT * FROM people_day_after', 'and something did change');
SELECT is_empty(format('SELECT * FROM test_people.%I t WHERE %s', name || '_source', is_nothing), name || ': no row of nothing') FROM part_rollup ORDER BY name;

-- As it was before, so that the refresh finds what it left, and does the same by itself.
CREATE FUNCTION pg_temp.restore(which text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
    FOR r IN SELECT DISTINCT parts_of FROM part_rollup LOOP
        EXECUTE format('DELETE FROM test_people.%I WHERE %s', r.parts_of, which);
        EXECUTE format('INSERT INTO test_people.%I SELECT * FROM %I', r.parts_of, r.parts_of || '_kept');
    END LOOP;
END $$;
SELECT pg_temp.restore($$person_key ~ '^[pw][1-9]$'$$);
CALL refresh('test_people', '2023-12-31');
SELECT * FROM pg_temp.compare('2023-12-31', 'after changes');
-- A change that leaves what is kept of people as it was makes them due, and nothing is replaced; of one person something differs, and that person alone is.
UPDATE test_people.administration_record SET doses = '{7 x 1800 mcg intranasal}' WHERE person_key IS NOT NULL;
CALL refresh('test_people', '2023-12-31');
CREATE FUNCTION pg_temp.last_step(which text) RETURNS text LANGUAGE sql AS $$
    SELECT mode || ' ' || num_rows FROM test_people.refresh_log WHERE step = which ORDER BY run DESC LIMIT 1 $$;
SELECT is(pg_temp.last_step(step), 'incremental 0', step || ': nothing is replaced where nothing differs') FROM unnest('{administration_person_day,person_course}'::text[]) AS step;
UPDATE test_people.administration_record SET person_key = 'one' WHERE administration_id = (SELECT min(administration_id) FROM test_people.administration_record WHERE person_key IS NOT NULL);
CALL refresh('test_people', '2023-12-31');
SELECT isnt(pg_temp.last_step('administration_person_day'), 'incremental 0', 'but of whom something does');
SELECT is_empty($$ SELECT * FROM verify('test_people') $$, 'and all is as in a rebuild');
SELECT * FROM pg_temp.compare('2023-12-31', 'after a change of one person');

-- In the middle of a month, on the day that clocks change, and before records of some divisions begin.
CALL refresh('test_people', '2022-10-17');
SELECT * FROM pg_temp.compare('2022-10-17', 'in the middle of a month');
CALL refresh('test_people', '2022-03-27');
SELECT * FROM pg_temp.compare('2022-03-27', 'on the day on which clocks go forward');

SELECT * FROM finish();
ROLLBACK;
