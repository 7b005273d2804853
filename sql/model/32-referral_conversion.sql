-- Who is referred after an administration, and who reaches help.

-- A row a person's episode: it begins with an administration to a known person, alive at handover, when no episode is open,
-- and stays open for the days that the setting says. Nothing here depends on today: whether the episode has been followed
-- to its end is decided when it is counted.
CREATE VIEW person_course_source AS
    WITH alive AS (
        SELECT person_key, occurred_at, day, division_code, administration_id
        FROM dated_administration
        WHERE person_key IS NOT NULL AND day < 'infinity'
          AND NOT (survival IS NOT DISTINCT FROM 'died' AND coalesce(survival_as_at, 'handover') = 'handover')
    ), episode AS (
        SELECT s.person_key, e.started_at, e.episode
        FROM (SELECT person_key, episode_starts(array_agg(occurred_at), (SELECT episode_days FROM setting)) AS starts
              FROM alive GROUP BY person_key) s
        CROSS JOIN LATERAL unnest(s.starts) WITH ORDINALITY AS e (started_at, episode)
    ), administered AS (
        -- Two administrations at the very same moment: the first identifier gives the division.
        SELECT e.person_key, e.episode, e.started_at,
               (array_agg(a.day ORDER BY a.occurred_at, a.administration_id))[1] AS day,
               (array_agg(a.division_code ORDER BY a.occurred_at, a.administration_id))[1] AS division_code,
               array_agg(a.day) AS administration_days
        FROM episode e
        JOIN alive a ON a.person_key = e.person_key AND a.occurred_at >= e.started_at
             AND a.occurred_at < e.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
        GROUP BY e.person_key, e.episode, e.started_at
    )
    SELECT a.person_key, a.episode, a.day, a.division_code, a.started_at, a.administration_days,
           r.reviewed_at, r.known_to_service_at, r.service_notified_at, r.offered_at, r.consented_at, r.declined_at, r.referred_at,
           r.contacted_at, r.assessed_at, r.engaged_at, r.retained_at,
           coalesce(r.contacted_without_basis, false) AS contacted_without_basis
    FROM administered a
    LEFT JOIN LATERAL (
        SELECT min(e.occurred_at) FILTER (WHERE e.stage IN ('reviewed', 'offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS reviewed_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'known_to_service') AS known_to_service_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'service_notified') AS service_notified_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS offered_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'consented') AS consented_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'declined') AS declined_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS referred_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS contacted_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('assessed', 'engaged', 'retained_12_weeks')) AS assessed_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('engaged', 'retained_12_weeks')) AS engaged_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'retained_12_weeks') AS retained_at,
               bool_or(e.stage = 'contacted' AND coalesce(e.basis, 'not_recorded') = 'not_recorded') AS contacted_without_basis
        FROM referral_event e
        WHERE e.person_key = a.person_key AND e.occurred_at >= a.started_at
          AND e.occurred_at < a.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
    ) r ON true;

CREATE TABLE person_course AS TABLE person_course_source WITH NO DATA;
ALTER TABLE person_course ADD PRIMARY KEY (person_key, episode);

-- The same by route, which is known only from the referral on.
CREATE VIEW person_course_route_source AS
    SELECT c.person_key, c.episode, e.route,
           min(e.occurred_at) FILTER (WHERE e.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS referred_at,
           min(e.occurred_at) FILTER (WHERE e.stage IN ('contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS contacted_at,
           min(e.occurred_at) FILTER (WHERE e.stage IN ('assessed', 'engaged', 'retained_12_weeks')) AS assessed_at,
           min(e.occurred_at) FILTER (WHERE e.stage IN ('engaged', 'retained_12_weeks')) AS engaged_at,
           min(e.occurred_at) FILTER (WHERE e.stage = 'retained_12_weeks') AS retained_at
    FROM person_course c
    JOIN referral_event e ON e.person_key = c.person_key AND e.occurred_at >= c.started_at
         AND e.occurred_at < c.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
    WHERE e.route IS NOT NULL AND e.route <> 'ALL'
      AND e.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')
    GROUP BY c.person_key, c.episode, e.route;

CREATE TABLE person_course_route AS TABLE person_course_route_source WITH NO DATA;
ALTER TABLE person_course_route ADD PRIMARY KEY (person_key, episode, route);

-- Administrations by what an episode can be made of.
CREATE VIEW identifiable_day_source AS
    SELECT day, division_code, count(*) AS administrations,
           count(*) FILTER (WHERE NOT is_alive) AS died_before_handover,
           count(*) FILTER (WHERE is_alive AND person_key IS NULL) AS not_identifiable
    FROM (SELECT day, division_code, person_key,
                 NOT (survival IS NOT DISTINCT FROM 'died' AND coalesce(survival_as_at, 'handover') = 'handover') AS is_alive
          FROM dated_administration) a
    GROUP BY day, division_code;

CREATE TABLE identifiable_day AS TABLE identifiable_day_source WITH NO DATA;
ALTER TABLE identifiable_day ADD PRIMARY KEY (day, division_code);

-- An episode is followed when its whole window has elapsed and referral records exist for all of it. Of one still open, what
-- came after the day of the refresh is not there yet.
CREATE VIEW counted_episode AS
    SELECT c.person_key, c.episode, c.day, a.division_code, a.month, c.started_at, c.reviewed_at, c.known_to_service_at, c.service_notified_at,
           c.offered_at, c.consented_at, c.declined_at, c.referred_at, c.contacted_at, c.assessed_at, c.engaged_at, c.retained_at,
           c.contacted_without_basis,
           (SELECT count(*) FROM unnest(c.administration_days) AS day WHERE day <= as_of.day) AS administrations,
           day_of(c.known_to_service_at) <= as_of.day AS is_known_to_service,
           c.day + setting.episode_days <= as_of.day
           AND r.days IS NOT NULL AND r.days @> daterange(c.day, c.day + setting.episode_days, '[]') AS is_followed
    FROM person_course c
    CROSS JOIN setting
    CROSS JOIN as_of
    JOIN counted_day a ON a.source = 'administration' AND a.day = c.day AND a.recorded_division_code = c.division_code
    LEFT JOIN counted r ON r.source = 'referral_event' AND r.division_code = a.division_code;

CREATE MATERIALIZED VIEW referral_conversion AS
    WITH episode_month AS (
        SELECT 'ALL' AS route, month, division_code, person_key, started_at, is_followed, administrations, is_known_to_service,
               reviewed_at, service_notified_at, offered_at, consented_at, declined_at, referred_at, contacted_at, assessed_at, engaged_at, retained_at,
               contacted_without_basis
        FROM counted_episode
        UNION ALL
        SELECT r.route, e.month, e.division_code, e.person_key, e.started_at, e.is_followed,
               NULL::bigint AS administrations, NULL::boolean AS is_known_to_service, NULL::timestamptz AS reviewed_at,
               NULL::timestamptz AS service_notified_at, NULL::timestamptz AS offered_at, NULL::timestamptz AS consented_at,
               NULL::timestamptz AS declined_at, r.referred_at, r.contacted_at, r.assessed_at, r.engaged_at, r.retained_at,
               NULL::boolean AS contacted_without_basis
        FROM counted_episode e JOIN person_course_route r USING (person_key, episode)
    ), in_period AS (
        SELECT pm.period_key, ad.area_key, e.*,
               -- A person's first followed episode in the period and area: what intervals are over, since a person's episodes
               -- are not independent.
               e.is_followed AND row_number() OVER (PARTITION BY pm.period_key, ad.area_key, e.route, e.person_key, e.is_followed
                                                    ORDER BY e.started_at) = 1 AS is_first_followed
        FROM episode_month e JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
    ), summed AS (
        SELECT period_key, area_key, route,
               count(DISTINCT person_key) AS people,
               count(*) AS episodes,
               coalesce(sum(administrations), 0)::bigint AS administrations_in_episodes,
               count(*) FILTER (WHERE is_known_to_service) AS already_known_to_service,
               count(*) FILTER (WHERE is_followed) AS episodes_followed,
               count(reviewed_at) FILTER (WHERE is_followed) AS reviewed,
               count(*) FILTER (WHERE is_followed AND reviewed_at <= started_at + interval '72 hours') AS reviewed_within_72_hours,
               count(service_notified_at) FILTER (WHERE is_followed) AS service_notified,
               count(*) FILTER (WHERE is_followed AND service_notified_at <= started_at + interval '72 hours') AS service_notified_within_72_hours,
               count(offered_at) FILTER (WHERE is_followed) AS offered,
               count(consented_at) FILTER (WHERE is_followed) AS consented,
               count(declined_at) FILTER (WHERE is_followed) AS declined,
               count(referred_at) FILTER (WHERE is_followed) AS referred,
               count(contacted_at) FILTER (WHERE is_followed) AS contacted,
               count(assessed_at) FILTER (WHERE is_followed) AS assessed,
               count(engaged_at) FILTER (WHERE is_followed) AS engaged,
               count(retained_at) FILTER (WHERE is_followed) AS retained_12_weeks,
               count(*) FILTER (WHERE is_followed AND contacted_without_basis) AS contacted_without_basis,
               count(*) FILTER (WHERE is_first_followed) AS people_followed,
               count(referred_at) FILTER (WHERE is_first_followed) AS people_referred,
               count(contacted_at) FILTER (WHERE is_first_followed) AS people_contacted,
               count(engaged_at) FILTER (WHERE is_first_followed) AS people_engaged
        FROM in_period
        GROUP BY 1, 2, 3
    ), identifiable AS (
        SELECT pm.period_key, ad.area_key, sum(i.administrations)::bigint AS administrations,
               sum(i.died_before_handover)::bigint AS died_before_handover, sum(i.not_identifiable)::bigint AS not_identifiable
        FROM identifiable_day i
        JOIN counted_day c ON c.source = 'administration' AND c.day = i.day AND c.recorded_division_code = i.division_code
        JOIN period_month pm ON pm.month = c.month
        JOIN area_division ad ON ad.division_code = c.division_code
        GROUP BY 1, 2
    ), route AS (
        SELECT 'ALL' AS route UNION SELECT DISTINCT route FROM person_course_route
    ), filled AS (
        SELECT ap.period_key, ap.area_key, route.route, ap.division_days, ap.covered_division_days,
               -- What is known of every episode, and what only from the referral on.
               ap.is_covered AND route.route = 'ALL' AS is_whole,
               ap.is_covered AND referrals.is_covered AND route.route = 'ALL' AS is_whole_followed,
               ap.is_covered AND referrals.is_covered AS is_route_followed,
               -- By route the share is still of everybody followed, not of those referred by it.
               everybody.episodes_followed, everybody.people_followed,
               i.administrations, i.died_before_handover, i.not_identifiable,
               s.people, s.episodes, s.administrations_in_episodes, s.already_known_to_service,
               s.reviewed, s.reviewed_within_72_hours, s.service_notified, s.service_notified_within_72_hours, s.offered, s.consented,
               s.declined, s.referred, s.contacted, s.assessed, s.engaged, s.retained_12_weeks, s.contacted_without_basis,
               s.people_referred, s.people_contacted, s.people_engaged
        FROM area_period ap
        CROSS JOIN route
        LEFT JOIN area_period referrals ON referrals.source = 'referral_event' AND referrals.period_key = ap.period_key AND referrals.area_key = ap.area_key
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.route = route.route
        LEFT JOIN summed everybody ON everybody.period_key = ap.period_key AND everybody.area_key = ap.area_key AND everybody.route = 'ALL'
        LEFT JOIN identifiable i ON i.period_key = ap.period_key AND i.area_key = ap.area_key
        WHERE ap.source = 'administration'
    ), counts AS (
        SELECT period_key, area_key, route, division_days, covered_division_days,
               CASE WHEN is_whole THEN coalesce(administrations, 0) END AS administrations,
               CASE WHEN is_whole THEN coalesce(died_before_handover, 0) END AS died_before_handover,
               CASE WHEN is_whole THEN coalesce(not_identifiable, 0) END AS not_identifiable,
               CASE WHEN is_whole THEN coalesce(people, 0) END AS people,
               CASE WHEN is_whole THEN coalesce(episodes, 0) END AS episodes,
               CASE WHEN is_whole THEN coalesce(administrations_in_episodes, 0) END AS administrations_in_episodes,
               CASE WHEN is_whole_followed THEN coalesce(already_known_to_service, 0) END AS already_known_to_service,
               CASE WHEN is_route_followed THEN coalesce(episodes_followed, 0) END AS episodes_followed,
               CASE WHEN is_whole_followed THEN coalesce(reviewed, 0) END AS reviewed,
               CASE WHEN is_whole_followed THEN coalesce(reviewed_within_72_hours, 0) END AS reviewed_within_72_hours,
               CASE WHEN is_whole_followed THEN coalesce(service_notified, 0) END AS service_notified,
               CASE WHEN is_whole_followed THEN coalesce(service_notified_within_72_hours, 0) END AS service_notified_within_72_hours,
               CASE WHEN is_whole_followed THEN coalesce(offered, 0) END AS offered,
               CASE WHEN is_whole_followed THEN coalesce(consented, 0) END AS consented,
               CASE WHEN is_whole_followed THEN coalesce(declined, 0) END AS declined,
               CASE WHEN is_route_followed THEN coalesce(referred, 0) END AS referred,
               CASE WHEN is_route_followed THEN coalesce(contacted, 0) END AS contacted,
               CASE WHEN is_route_followed THEN coalesce(assessed, 0) END AS assessed,
               CASE WHEN is_route_followed THEN coalesce(engaged, 0) END AS engaged,
               CASE WHEN is_route_followed THEN coalesce(retained_12_weeks, 0) END AS retained_12_weeks,
               CASE WHEN is_whole_followed THEN coalesce(contacted_without_basis, 0) END AS contacted_without_basis,
               CASE WHEN is_route_followed THEN coalesce(people_followed, 0) END AS people_followed,
               CASE WHEN is_route_followed THEN coalesce(people_referred, 0) END AS people_referred,
               CASE WHEN is_route_followed THEN coalesce(people_contacted, 0) END AS people_contacted,
               CASE WHEN is_route_followed THEN coalesce(people_engaged, 0) END AS people_engaged
        FROM filled
    )
    SELECT c.*,
           c.referred::float8 / nullif(c.episodes_followed, 0) AS referred_share,
           c.contacted::float8 / nullif(c.episodes_followed, 0) AS contacted_share,
           c.engaged::float8 / nullif(c.episodes_followed, 0) AS engaged_share,
           referred.value AS people_referred_share, referred.lower AS people_referred_share_lower, referred.upper AS people_referred_share_upper,
           contacted.value AS people_contacted_share, contacted.lower AS people_contacted_share_lower, contacted.upper AS people_contacted_share_upper,
           engaged.value AS people_engaged_share, engaged.lower AS people_engaged_share_lower, engaged.upper AS people_engaged_share_upper
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.people_referred, c.people_followed, setting.confidence) AS referred
    CROSS JOIN LATERAL proportion_interval(c.people_contacted, c.people_followed, setting.confidence) AS contacted
    CROSS JOIN LATERAL proportion_interval(c.people_engaged, c.people_followed, setting.confidence) AS engaged;
CREATE UNIQUE INDEX referral_conversion_key ON referral_conversion (period_key, area_key, route);

INSERT INTO refresh_step VALUES
    (220, 'engine_room', 'person_course'),
    (221, 'engine_room', 'person_course_route'),
    (222, 'engine_room', 'identifiable_day'),
    (420, 'engine_room', 'referral_conversion');

INSERT INTO object_definition VALUES
    ('person_course_source', 'what a refresh fills person_course with'),
    ('person_course', 'a row a person''s episode: when it began and when each stage was first reached in it'),
    ('person_course_route_source', 'what a refresh fills person_course_route with'),
    ('person_course_route', 'episodes by the route of the referral'),
    ('identifiable_day_source', 'what a refresh fills identifiable_day with'),
    ('identifiable_day', 'administrations by day and division: alive at handover or not, person known or not'),
    ('counted_episode', 'episodes within coverage, and whether each has been followed to its end'),
    ('referral_conversion', 'who is referred after an administration and who reaches help: by period, area and route');

INSERT INTO dictionary VALUES
    ('referral_conversion', 'route', 'how the person was referred; ALL is every route. By route only what follows a referral is known', 'key', false, 'an episode may be referred by several routes, so routes do not add up', 'referral_event'),
    ('referral_conversion', 'administrations', 'people given naloxone: one person in one incident is one administration', 'administrations', true, 'administrations = died_before_handover + not_identifiable + administrations to known people, of which administrations_in_episodes are counted where their episode began', 'administration'),
    ('referral_conversion', 'died_before_handover', 'administrations after which the person died before handover: nobody to refer', 'administrations', true, NULL, 'administration'),
    ('referral_conversion', 'not_identifiable', 'administrations to a person alive at handover who is not known: no referral can be linked', 'administrations', true, NULL, 'administration'),
    ('referral_conversion', 'people', 'different people with an episode', 'people', false, 'a person counts once in every period and area', 'administration'),
    ('referral_conversion', 'episodes', 'episodes: an administration to a known person, alive at handover, when no earlier episode is open', 'episodes', true, 'open for 90 days (setting episode_days); in the month and division of its first administration', 'administration'),
    ('referral_conversion', 'administrations_in_episodes', 'administrations within those episodes, the later ones included', 'administrations', true, 'counted in the month and division where the episode began', 'administration'),
    ('referral_conversion', 'already_known_to_service', 'episodes of people whom a service knew already', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'episodes_followed', 'episodes whose whole window has elapsed with referral records for all of it: shares are over these', 'episodes', true, 'an episode still open is neither a success nor a failure', 'administration, referral_event'),
    ('referral_conversion', 'reviewed', 'of episodes_followed, reviewed', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'reviewed_within_72_hours', 'of episodes_followed, reviewed within 72 hours of the administration', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'service_notified', 'of episodes_followed, a service was notified', 'episodes', true, 'as recorded: not implied by a later stage', 'referral_event'),
    ('referral_conversion', 'service_notified_within_72_hours', 'of episodes_followed, a service was notified within 72 hours of the administration', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'offered', 'of episodes_followed, offered support', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'consented', 'of episodes_followed, the person consented', 'episodes', true, 'as recorded: never implied, for a referral may rest on vital interests', 'referral_event'),
    ('referral_conversion', 'declined', 'of episodes_followed, the person declined', 'episodes', true, 'as recorded; some who decline engage later', 'referral_event'),
    ('referral_conversion', 'referred', 'of episodes_followed, referred', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'contacted', 'of episodes_followed, contacted by the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'assessed', 'of episodes_followed, assessed by the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'engaged', 'of episodes_followed, engaged with the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'retained_12_weeks', 'of episodes_followed, still with the service after 12 weeks', 'episodes', true, 'within the episode''s window: of 90 days it leaves 6 before somebody must have engaged, so raise the setting episode_days to look at retention', 'referral_event'),
    ('referral_conversion', 'contacted_without_basis', 'of episodes_followed, contacted with no basis for sharing recorded', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'people_followed', 'people with a followed episode: what the intervals are over', 'people', false, 'each by the first followed episode in the period and area', 'administration, referral_event'),
    ('referral_conversion', 'people_referred', 'of people_followed, referred in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted', 'of people_followed, contacted in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged', 'of people_followed, engaged in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'referred_share', 'referred as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'contacted_share', 'contacted as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'engaged_share', 'engaged as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_referred_share', 'people_referred as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_referred_share_lower', 'lower confidence limit of people_referred_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_referred_share_upper', 'upper confidence limit of people_referred_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted_share', 'people_contacted as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_contacted_share_lower', 'lower confidence limit of people_contacted_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted_share_upper', 'upper confidence limit of people_contacted_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged_share', 'people_engaged as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_engaged_share_lower', 'lower confidence limit of people_engaged_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged_share_upper', 'upper confidence limit of people_engaged_share', 'share, 0 to 1', false, NULL, 'referral_event');
