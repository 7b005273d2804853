-- Every row and column of referral_conversion beside the same worked out from the records themselves: episodes cut one by one, stages
-- looked up for each.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
\set as_of '''2025-12-31'''
BEGIN;
SELECT plan(9);

-- What the comparison takes for granted.
SELECT is_empty($$ SELECT * FROM kpi.source_coverage_record WHERE source IN ('administration', 'referral_event') AND covered_to IS NOT NULL $$, 'records have not ended anywhere');
SELECT is_empty($$ SELECT * FROM kpi.division_record WHERE valid_from > '2013-04-01' OR valid_to IS NOT NULL $$, 'nor has any division');
SELECT is((SELECT episode_days FROM kpi.setting), 90, 'episodes are of 90 days');

CREATE TEMP TABLE of_area AS
    SELECT a.area_key::text AS area_key, d.division_code
    FROM kpi_bi.dim_area a JOIN (SELECT division_code, region FROM kpi.division_record UNION ALL SELECT 'UNKNOWN', NULL) d
      ON a.area_key IN ('force', 'division ' || d.division_code, 'region ' || d.region);
CREATE TEMP TABLE covered AS
    SELECT source, division_code, covered_from FROM kpi.source_coverage_record
    UNION ALL SELECT source, 'UNKNOWN', min(covered_from) FROM kpi.source_coverage_record GROUP BY source;

CREATE TEMP TABLE given AS
    SELECT r.administration_id AS id, r.person_key, r.occurred_at AS at, (r.occurred_at AT TIME ZONE 'Europe/London')::date AS day,
           coalesce((SELECT division_code FROM kpi.division_record WHERE division_code = r.incident_division_code), 'UNKNOWN') AS division_code,
           r.survival IS NOT NULL AND r.survival = 'died' AND (r.survival_as_at IS NULL OR r.survival_as_at = 'handover') AS is_dead, NULL::integer AS episode
    FROM kpi.administration_record r;

-- One after the other: an administration 90 days or more after its person's last episode began begins another.
DO $$
DECLARE
    g record;
    person text := '';
    began timestamptz;
    number integer := 0;
BEGIN
    FOR g IN SELECT * FROM given WHERE person_key IS NOT NULL AND NOT is_dead ORDER BY person_key, at, id LOOP
        IF g.person_key <> person OR g.at - began >= interval '90 days' THEN
            number := number + 1;
            began := g.at;
            person := g.person_key;
        END IF;
        UPDATE given SET episode = number WHERE id = g.id;
    END LOOP;
END $$;
CREATE TEMP TABLE episode AS
    SELECT DISTINCT ON (episode) episode, person_key, at AS began, day, division_code FROM given WHERE episode IS NOT NULL ORDER BY episode, at, id;

-- The first time of every step in an episode, and of the step or a later one.
CREATE TEMP TABLE step AS
    SELECT e.episode, s.stage, s.route, s.basis, s.occurred_at AS at,
           array_position(ARRAY['reviewed', 'offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks'], s.stage) AS rank
    FROM episode e JOIN kpi.referral_event_record s ON s.person_key = e.person_key AND s.occurred_at BETWEEN e.began AND e.began + interval '2160 hours' - interval '1 microsecond';
CREATE TEMP TABLE course AS
    SELECT e.*, c.covered_from <= e.day AND e.day <= :as_of AS is_counted, r.covered_from <= e.day AS is_observed, r.covered_from <= e.day AND e.day + 90 <= :as_of AS is_followed,
           (SELECT count(*) FROM given g WHERE g.episode = e.episode AND g.day <= :as_of) AS administrations, s.*,
           (SELECT count(*) > 0 FROM kpi.referral_event_record x WHERE x.person_key = e.person_key AND x.stage = 'retained_12_weeks' AND x.occurred_at >= s.engaged AND x.occurred_at < s.engaged + interval '2160 hours') AS has_stayed
    FROM episode e
    LEFT JOIN covered c ON c.source = 'administration' AND c.division_code = e.division_code
    LEFT JOIN covered r ON r.source = 'referral_event' AND r.division_code = e.division_code
    CROSS JOIN LATERAL (
        SELECT min(CASE WHEN rank >= 1 THEN at END) AS reviewed, min(CASE WHEN rank >= 2 THEN at END) AS offered, min(CASE WHEN rank >= 3 THEN at END) AS referred, min(CASE WHEN rank >= 4 THEN at END) AS contacted,
               min(CASE WHEN rank >= 5 THEN at END) AS assessed, min(CASE WHEN rank >= 6 THEN at END) AS engaged, min(CASE WHEN rank >= 7 THEN at END) AS retained,
               min(CASE stage WHEN 'known_to_service' THEN at END) AS known, min(CASE stage WHEN 'service_notified' THEN at END) AS notified, min(CASE stage WHEN 'consented' THEN at END) AS consented,
               min(CASE stage WHEN 'declined' THEN at END) AS declined, min(CASE stage WHEN 'died' THEN at END) AS died, min(CASE stage WHEN 'moved_away' THEN at END) AS moved,
               count(CASE WHEN stage = 'contacted' AND (basis IS NULL OR basis = 'not_recorded') THEN 1 END) > 0 AS without_basis
        FROM step t WHERE t.episode = e.episode) s;

CREATE TEMP TABLE cell AS
    SELECT p.period_key::text AS period_key, o.area_key, p.period_start, p.period_end, array_agg(o.division_code) AS divisions,
           coalesce(bool_or(a.covered_from <= least(p.period_end, :as_of)), false) AS known, coalesce(bool_or(r.covered_from <= least(p.period_end, :as_of)), false) AS known_followed
    FROM kpi_bi.dim_period p CROSS JOIN of_area o
    LEFT JOIN covered a ON a.source = 'administration' AND a.division_code = o.division_code
    LEFT JOIN covered r ON r.source = 'referral_event' AND r.division_code = o.division_code
    GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE counted AS
    SELECT c.period_key, c.area_key, e.*,
           row_number() OVER (PARTITION BY c.period_key, c.area_key, e.person_key, e.is_followed ORDER BY e.began) = 1 AND e.is_followed AS is_first_followed,
           row_number() OVER (PARTITION BY c.period_key, c.area_key, e.person_key, e.is_observed ORDER BY e.began) = 1 AND e.is_observed AS is_first_observed
    FROM cell c JOIN course e ON e.is_counted AND e.day BETWEEN c.period_start AND c.period_end AND e.division_code = ANY (c.divisions);
CREATE TEMP TABLE all_routes AS
    SELECT period_key, area_key, count(DISTINCT person_key) AS people, count(*) AS episodes, sum(administrations)::bigint AS administrations,
           count(*) FILTER (WHERE (known AT TIME ZONE 'Europe/London')::date <= :as_of) AS known_to_service, count(*) FILTER (WHERE is_followed) AS followed,
           count(reviewed) FILTER (WHERE is_followed) AS reviewed, count(*) FILTER (WHERE is_followed AND reviewed - began <= interval '72 hours') AS reviewed_72,
           count(*) FILTER (WHERE is_followed AND least(known, notified, offered) IS NOT NULL) AS screened, count(*) FILTER (WHERE is_followed AND least(known, notified, offered) - began <= interval '72 hours') AS screened_72,
           count(notified) FILTER (WHERE is_followed) AS notified, count(*) FILTER (WHERE is_followed AND notified - began <= interval '72 hours') AS notified_72,
           count(offered) FILTER (WHERE is_followed) AS offered, count(consented) FILTER (WHERE is_followed) AS consented, count(declined) FILTER (WHERE is_followed) AS declined,
           count(referred) FILTER (WHERE is_followed) AS referred, count(contacted) FILTER (WHERE is_followed) AS contacted, count(assessed) FILTER (WHERE is_followed) AS assessed,
           count(engaged) FILTER (WHERE is_followed) AS engaged, count(retained) FILTER (WHERE is_followed) AS retained,
           count(*) FILTER (WHERE is_followed AND (engaged AT TIME ZONE 'Europe/London')::date + 90 <= :as_of) AS engaged_followed,
           count(*) FILTER (WHERE is_followed AND (engaged AT TIME ZONE 'Europe/London')::date + 90 <= :as_of AND has_stayed) AS stayed,
           count(*) FILTER (WHERE is_followed AND without_basis) AS without_basis,
           count(*) FILTER (WHERE is_first_followed) AS people_followed, count(referred) FILTER (WHERE is_first_followed) AS people_referred,
           count(contacted) FILTER (WHERE is_first_followed) AS people_contacted, count(engaged) FILTER (WHERE is_first_followed) AS people_engaged,
           -- As if opened when it began, and closed as many days of 24 hours later as have passed since that day, 90 at the most. (From winter
           -- to summer an hour is missing, and one is too many on the way back.)
           life_table(least(seconds, last_second), CASE WHEN seconds <= last_second THEN CASE stopped WHEN contacted THEN 1 WHEN declined THEN 2 WHEN died THEN 3 ELSE 4 END ELSE 0 END) FILTER (WHERE is_first_observed) AS t
    FROM counted
    CROSS JOIN LATERAL (SELECT least(contacted, declined, died, moved) AS stopped) s
    CROSS JOIN LATERAL (SELECT coalesce(floor(extract(epoch FROM stopped) - extract(epoch FROM began)), 99999999)::integer AS seconds,
                               least(90 * 86400, 86400 * (:as_of - day) + 3600 * CASE WHEN day >= '2025-10-26' OR day < '2025-03-30' THEN 0 ELSE 1 END) AS last_second) l
    GROUP BY 1, 2;
CREATE TEMP TABLE administered AS
    SELECT c.period_key, c.area_key, count(*) AS administrations, count(*) FILTER (WHERE g.is_dead) AS dead, count(*) FILTER (WHERE NOT g.is_dead AND g.person_key IS NULL) AS unknown
    FROM cell c JOIN given g ON g.day BETWEEN c.period_start AND c.period_end AND g.division_code = ANY (c.divisions) AND g.day <= :as_of
    JOIN covered v ON v.source = 'administration' AND v.division_code = g.division_code AND g.day >= v.covered_from
    GROUP BY 1, 2;

CREATE TEMP TABLE expected AS
    SELECT c.period_key, c.area_key, c.known, c.known_followed, coalesce(g.administrations, 0) AS given, coalesce(g.dead, 0) AS dead, coalesce(g.unknown, 0) AS unknown,
           coalesce(a.people, 0) AS people, coalesce(a.episodes, 0) AS episodes, coalesce(a.administrations, 0) AS administrations, coalesce(a.known_to_service, 0) AS known_to_service, coalesce(a.followed, 0) AS followed,
           coalesce(a.reviewed, 0) AS reviewed, coalesce(a.reviewed_72, 0) AS reviewed_72, coalesce(a.screened, 0) AS screened, coalesce(a.screened_72, 0) AS screened_72, coalesce(a.notified, 0) AS notified,
           coalesce(a.notified_72, 0) AS notified_72, coalesce(a.offered, 0) AS offered, coalesce(a.consented, 0) AS consented, coalesce(a.declined, 0) AS declined, coalesce(a.referred, 0) AS referred,
           coalesce(a.contacted, 0) AS contacted, coalesce(a.assessed, 0) AS assessed, coalesce(a.engaged, 0) AS engaged, coalesce(a.retained, 0) AS retained, coalesce(a.engaged_followed, 0) AS engaged_followed,
           coalesce(a.stayed, 0) AS stayed, coalesce(a.without_basis, 0) AS without_basis, coalesce(a.people_followed, 0) AS people_followed, coalesce(a.people_referred, 0) AS people_referred,
           coalesce(a.people_contacted, 0) AS people_contacted, coalesce(a.people_engaged, 0) AS people_engaged, a.t
    FROM cell c LEFT JOIN administered g USING (period_key, area_key) LEFT JOIN all_routes a USING (period_key, area_key);

SELECT cmp_ok(sum((people_engaged > 0)::integer), '>', 500::bigint, 'hundreds of rows with people who engaged are compared') FROM expected;
SELECT bag_eq($$ SELECT period_key::text, area_key::text, administrations, died_before_handover, not_identifiable, people, episodes, administrations_in_episodes
                 FROM kpi_bi.kpi_referral_conversion_period WHERE route = 'ALL' $$,
    $$ SELECT period_key, area_key, CASE WHEN known THEN given END AS v1, CASE WHEN known THEN dead END AS v2, CASE WHEN known THEN unknown END AS v3, CASE WHEN known THEN people END AS v4,
              CASE WHEN known THEN episodes END AS v5, CASE WHEN known THEN administrations END AS v6 FROM expected $$, 'what is known of administrations');
SELECT bag_eq($$ SELECT period_key::text, area_key::text, already_known_to_service, episodes_followed, reviewed, reviewed_within_72_hours, screened, screened_within_72_hours, service_notified,
                        service_notified_within_72_hours, offered, consented, declined, referred, contacted, assessed, engaged, retained_12_weeks, engaged_followed, engaged_retained_12_weeks, contacted_without_basis,
                        people_followed, people_referred, people_contacted, people_engaged, people_observed
                 FROM kpi_bi.kpi_referral_conversion_period WHERE route = 'ALL' AND people_followed IS NOT NULL $$,
    $$ SELECT period_key, area_key, known_to_service, followed, reviewed, reviewed_72, screened, screened_72, notified, notified_72, offered, consented, declined, referred, contacted, assessed, engaged, retained,
              engaged_followed, stayed, without_basis, people_followed, people_referred, people_contacted, people_engaged, coalesce(num_values(t), 0) AS observed
       FROM expected WHERE known AND known_followed $$, 'what is known of referral');
SELECT bag_eq($$ SELECT period_key::text, area_key::text, referred_share, contacted_share, engaged_share, engaged_retained_12_weeks_share, people_referred_share, people_referred_share_lower, people_contacted_share_upper,
                        people_engaged_share, people_engaged_share_lower, people_engaged_share_upper,
                        contacted_within_72_hours_share, contacted_within_72_hours_share_lower, contacted_within_72_hours_share_upper, declined_within_72_hours_share, died_within_72_hours_share, moved_away_within_72_hours_share,
                        contacted_within_7_days_share, contacted_within_7_days_share_lower, contacted_within_7_days_share_upper, declined_within_7_days_share, died_within_7_days_share, moved_away_within_7_days_share,
                        contacted_within_30_days_share, contacted_within_30_days_share_lower, contacted_within_30_days_share_upper, declined_within_30_days_share, died_within_30_days_share, moved_away_within_30_days_share
                 FROM kpi_bi.kpi_referral_conversion_period WHERE route = 'ALL' AND people_followed IS NOT NULL $$,
    $$ SELECT period_key, area_key, referred::float8 / nullif(followed, 0) AS v1, contacted::float8 / nullif(followed, 0) AS v2, engaged::float8 / nullif(followed, 0) AS v3, stayed::float8 / nullif(engaged_followed, 0) AS v4,
              (r).value AS v5, (r).lower AS v6, (k).upper AS v7, (g).value AS v8, (g).lower AS v9, (g).upper AS v10,
              (h1).value AS h1, (h1).lower AS h2, (h1).upper AS h3, (incidence(t, 2, 259200)).value AS h4, (incidence(t, 3, 259200)).value AS h5, (incidence(t, 4, 259200)).value AS h6,
              (d1).value AS d1, (d1).lower AS d2, (d1).upper AS d3, (incidence(t, 2, 604800)).value AS d4, (incidence(t, 3, 604800)).value AS d5, (incidence(t, 4, 604800)).value AS d6,
              (m1).value AS m1, (m1).lower AS m2, (m1).upper AS m3, (incidence(t, 2, 2592000)).value AS m4, (incidence(t, 3, 2592000)).value AS m5, (incidence(t, 4, 2592000)).value AS m6
       FROM expected
       CROSS JOIN LATERAL (SELECT proportion_interval(people_referred, people_followed) AS r, proportion_interval(people_contacted, people_followed) AS k, proportion_interval(people_engaged, people_followed) AS g,
                                  incidence(t, 1, 259200) AS h1, incidence(t, 1, 604800) AS d1, incidence(t, 1, 2592000) AS m1) i
       WHERE known AND known_followed $$, 'shares and their limits');

-- By route: of each the episodes and people that it led on, by a person's first followed episode that has the route.
CREATE TEMP TABLE by_route AS
    SELECT c.period_key, c.area_key, r.route, r.furthest, row_number() OVER (PARTITION BY c.period_key, c.area_key, r.route, c.person_key ORDER BY c.began) = 1 AS is_first
    FROM counted c JOIN (SELECT episode, route, max(rank) AS furthest FROM step WHERE rank >= 3 AND route IS NOT NULL GROUP BY 1, 2) r USING (episode) WHERE c.is_followed;
SELECT bag_eq($$ SELECT period_key::text, area_key::text, route::text, episodes_followed, people_followed, referred, contacted, assessed, engaged, retained_12_weeks, people_referred, people_contacted, people_engaged
                 FROM kpi_bi.kpi_referral_conversion_period WHERE route <> 'ALL' AND people_followed IS NOT NULL $$,
    $$ SELECT e.period_key, e.area_key, w.route, e.followed, e.people_followed, count(b.route) AS v1, count(*) FILTER (WHERE b.furthest >= 4) AS v2, count(*) FILTER (WHERE b.furthest >= 5) AS v3, count(*) FILTER (WHERE b.furthest >= 6) AS v4,
              count(*) FILTER (WHERE b.furthest >= 7) AS v5, count(*) FILTER (WHERE b.is_first) AS v6, count(*) FILTER (WHERE b.is_first AND b.furthest >= 4) AS v7, count(*) FILTER (WHERE b.is_first AND b.furthest >= 6) AS v8
       FROM expected e CROSS JOIN (SELECT DISTINCT route FROM step WHERE rank >= 3 AND route IS NOT NULL) w
       LEFT JOIN by_route b ON b.period_key = e.period_key AND b.area_key = e.area_key AND b.route = w.route
       WHERE e.known AND e.known_followed GROUP BY 1, 2, 3, 4, 5 $$, 'by route');
SELECT bag_eq($$ SELECT period_key::text, area_key::text, administrations, episodes, already_known_to_service, episodes_followed, screened, contacted, engaged_followed, engaged_retained_12_weeks
                 FROM kpi_bi.kpi_referral_conversion $$,
    $$ SELECT period_key, area_key, CASE WHEN known THEN given END AS v1, CASE WHEN known THEN episodes END AS v2, CASE WHEN known AND known_followed THEN known_to_service END AS v3, CASE WHEN known AND known_followed THEN followed END AS v4,
              CASE WHEN known AND known_followed THEN screened END AS v5, CASE WHEN known AND known_followed THEN contacted END AS v6, CASE WHEN known AND known_followed THEN engaged_followed END AS v7,
              CASE WHEN known AND known_followed THEN stayed END AS v8
       FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %' $$, 'kpi_referral_conversion');

SELECT * FROM finish();
ROLLBACK;
