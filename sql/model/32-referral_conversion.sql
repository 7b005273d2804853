-- Who is referred after an administration, and who reaches help.

-- Administrations after which there was somebody to refer.
CREATE VIEW living_administration AS
    SELECT person_key, occurred_at, day, division_code, administration_id
    FROM dated_administration
    WHERE person_key IS NOT NULL AND day < 'infinity'
      AND NOT (survival IS NOT DISTINCT FROM 'died' AND coalesce(survival_as_at, 'handover') = 'handover');

-- A row a person's episode: it begins with an administration to a known person, alive at handover, when no episode is open,
-- and stays open for the days that the setting says. Nothing here depends on today: whether the episode has been followed
-- to its end is decided when it is counted.
CREATE VIEW person_course_source AS
    SELECT a.person_key, a.episode, a.day, a.division_code, a.started_at, a.administration_days,
           r.reviewed_at, r.known_to_service_at, r.screened_at, r.service_notified_at, r.offered_at, r.consented_at, r.declined_at, r.referred_at,
           r.contacted_at, r.assessed_at, r.engaged_at, r.retained_at, r.died_at, r.moved_away_at,
           coalesce(r.contacted_without_basis, false) AS contacted_without_basis,
           -- An episode's window is hardly longer than twelve weeks, so who stays with the service is looked for in as long a one
           -- that begins with the engagement.
           EXISTS (SELECT FROM referral_event e
                   WHERE e.person_key = a.person_key AND e.stage = 'retained_12_weeks' AND e.occurred_at >= r.engaged_at
                     AND e.occurred_at < r.engaged_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))) AS stayed_after_engagement,
           w.routes, w.furthest_steps
    FROM (
        -- Two administrations at the very same moment: the first identifier gives the division.
        SELECT e.person_key, e.episode, e.started_at,
               (array_agg(l.day ORDER BY l.occurred_at, l.administration_id))[1] AS day,
               (array_agg(l.division_code ORDER BY l.occurred_at, l.administration_id))[1] AS division_code,
               array_agg(l.day ORDER BY l.occurred_at, l.administration_id) AS administration_days
        FROM (
            SELECT s.person_key, u.started_at, u.episode
            FROM (SELECT person_key, episode_starts(array_agg(occurred_at), (SELECT episode_days FROM setting)) AS starts
                  FROM living_administration GROUP BY person_key) s
            CROSS JOIN LATERAL unnest(s.starts) WITH ORDINALITY AS u (started_at, episode)
        ) e
        JOIN living_administration l ON l.person_key = e.person_key AND l.occurred_at >= e.started_at
             AND l.occurred_at < e.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
        GROUP BY e.person_key, e.episode, e.started_at
    ) a
    LEFT JOIN LATERAL (
        SELECT min(e.occurred_at) FILTER (WHERE e.stage IN ('reviewed', 'offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS reviewed_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'known_to_service') AS known_to_service_at,
               -- That a service looked whether it knows the person has no stage of its own. It did where it does know the person,
               -- and before it was notified or anything was offered.
               min(e.occurred_at) FILTER (WHERE e.stage IN ('known_to_service', 'service_notified', 'offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS screened_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'service_notified') AS service_notified_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('offered', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS offered_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'consented') AS consented_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'declined') AS declined_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS referred_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('contacted', 'assessed', 'engaged', 'retained_12_weeks')) AS contacted_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('assessed', 'engaged', 'retained_12_weeks')) AS assessed_at,
               min(e.occurred_at) FILTER (WHERE e.stage IN ('engaged', 'retained_12_weeks')) AS engaged_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'retained_12_weeks') AS retained_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'died') AS died_at,
               min(e.occurred_at) FILTER (WHERE e.stage = 'moved_away') AS moved_away_at,
               bool_or(e.stage = 'contacted' AND coalesce(e.basis, 'not_recorded') = 'not_recorded') AS contacted_without_basis
        FROM referral_event e
        WHERE e.person_key = a.person_key AND e.occurred_at >= a.started_at
          AND e.occurred_at < a.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
    ) r ON true
    LEFT JOIN LATERAL (
        -- The routes of the referral, and how far each led. What comes before a referral has none.
        SELECT array_agg(f.route ORDER BY f.route) AS routes, array_agg(f.furthest_step ORDER BY f.route) AS furthest_steps
        FROM (
            SELECT e.route,
                   max(CASE e.stage WHEN 'referred' THEN 1 WHEN 'contacted' THEN 2 WHEN 'assessed' THEN 3 WHEN 'engaged' THEN 4 ELSE 5 END) AS furthest_step
            FROM referral_event e
            WHERE e.person_key = a.person_key AND e.occurred_at >= a.started_at
              AND e.occurred_at < a.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
              AND e.route IS NOT NULL AND e.route <> 'ALL'
              AND e.stage IN ('referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks')
            GROUP BY e.route
        ) f
    ) w ON true;

CREATE TABLE person_course AS TABLE person_course_source WITH NO DATA;
ALTER TABLE person_course ADD PRIMARY KEY (person_key, episode);

-- Episodes, a row for all routes together and one for each. By route nothing is known of what comes before a referral.
CREATE VIEW course_by_route AS
    SELECT c.person_key, c.episode, c.day, c.division_code, c.started_at, 'ALL' AS route,
           c.referred_at IS NOT NULL AS is_referred, c.contacted_at IS NOT NULL AS is_contacted, c.assessed_at IS NOT NULL AS is_assessed,
           c.engaged_at IS NOT NULL AS is_engaged, c.retained_at IS NOT NULL AS is_retained,
           c.administration_days, c.known_to_service_at, c.reviewed_at, c.screened_at, c.service_notified_at, c.offered_at, c.consented_at,
           c.declined_at, c.contacted_at, c.engaged_at, c.died_at, c.moved_away_at, c.contacted_without_basis, c.stayed_after_engagement
    FROM person_course c
    UNION ALL
    SELECT c.person_key, c.episode, c.day, c.division_code, c.started_at, r.route,
           true, r.furthest_step >= 2, r.furthest_step >= 3, r.furthest_step >= 4, r.furthest_step >= 5,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM person_course c CROSS JOIN LATERAL unnest(c.routes, c.furthest_steps) AS r (route, furthest_step);

-- Episodes by the day and division in which they began. What may come after the day of the refresh is kept with the days
-- until it: administrations in the episode, that a service knows the person, engagement.
CREATE VIEW episode_day_part AS
    SELECT c.person_key, c.day, c.division_code, c.route, 1::bigint AS episodes,
           coalesce((SELECT duration_dist(administration_day - c.day) FROM unnest(c.administration_days) AS administration_day), '{}') AS administrations_after,
           coalesce((SELECT duration_dist(day_of(at) - c.day) FROM (VALUES (c.known_to_service_at)) AS known (at) WHERE day_of(at) < 'infinity'), '{}') AS known_after,
           (c.reviewed_at IS NOT NULL)::integer::bigint AS reviewed,
           (c.reviewed_at IS NOT NULL AND c.reviewed_at <= c.started_at + interval '72 hours')::integer::bigint AS reviewed_within_72_hours,
           (c.screened_at IS NOT NULL)::integer::bigint AS screened,
           (c.screened_at IS NOT NULL AND c.screened_at <= c.started_at + interval '72 hours')::integer::bigint AS screened_within_72_hours,
           (c.service_notified_at IS NOT NULL)::integer::bigint AS service_notified,
           (c.service_notified_at IS NOT NULL AND c.service_notified_at <= c.started_at + interval '72 hours')::integer::bigint AS service_notified_within_72_hours,
           (c.offered_at IS NOT NULL)::integer::bigint AS offered,
           (c.consented_at IS NOT NULL)::integer::bigint AS consented,
           (c.declined_at IS NOT NULL)::integer::bigint AS declined,
           c.is_referred::integer::bigint AS referred,
           c.is_contacted::integer::bigint AS contacted,
           c.is_assessed::integer::bigint AS assessed,
           c.is_engaged::integer::bigint AS engaged,
           c.is_retained::integer::bigint AS retained_12_weeks,
           coalesce(c.contacted_without_basis, false)::integer::bigint AS contacted_without_basis,
           coalesce((SELECT duration_dist(day_of(at) - c.day) FROM (VALUES (c.engaged_at)) AS engaged (at) WHERE day_of(at) < 'infinity'), '{}') AS engaged_after,
           coalesce((SELECT duration_dist(day_of(at) - c.day) FROM (VALUES (c.engaged_at)) AS engaged (at) WHERE day_of(at) < 'infinity' AND c.stayed_after_engagement), '{}') AS stayed_engaged_after
    FROM course_by_route c;

CREATE VIEW episode_day_source AS
    SELECT day, division_code, route, sum(episodes)::bigint AS episodes,
           rollup(administrations_after) AS administrations_after, rollup(known_after) AS known_after,
           sum(reviewed)::bigint AS reviewed, sum(reviewed_within_72_hours)::bigint AS reviewed_within_72_hours,
           sum(screened)::bigint AS screened, sum(screened_within_72_hours)::bigint AS screened_within_72_hours,
           sum(service_notified)::bigint AS service_notified, sum(service_notified_within_72_hours)::bigint AS service_notified_within_72_hours,
           sum(offered)::bigint AS offered, sum(consented)::bigint AS consented, sum(declined)::bigint AS declined,
           sum(referred)::bigint AS referred, sum(contacted)::bigint AS contacted, sum(assessed)::bigint AS assessed,
           sum(engaged)::bigint AS engaged, sum(retained_12_weeks)::bigint AS retained_12_weeks,
           sum(contacted_without_basis)::bigint AS contacted_without_basis,
           rollup(engaged_after) AS engaged_after, rollup(stayed_engaged_after) AS stayed_engaged_after
    FROM episode_day_part
    GROUP BY day, division_code, route;

CREATE TABLE episode_day AS TABLE episode_day_source WITH NO DATA;
ALTER TABLE episode_day ADD PRIMARY KEY (day, division_code, route);

-- Episodes that count, in every area that they are of, whatever today is. An episode is observed where records of referral exist
-- on its day, and can be followed where they do for all of its window. (Whether the window has passed is for later.) The months
-- since the person's episodes before it in the area, of either kind and of each: people_day says why.
--
-- What ended the time from the administration to the contact, whichever came first: contacted 1, declined 2, died 3, moved away 4.
-- Who had none of them was followed to the end of the window, or of the records, counted from the end of the episode's first day:
-- so what is known as of a day is known of all that began on one day.
CREATE VIEW area_course AS
    SELECT c.person_key, ad.area_key, c.route, c.day, c.is_observed, c.is_followable, c.is_referred, c.is_contacted, c.is_engaged,
           least(c.seconds, c.last_second) AS seconds, CASE WHEN c.seconds <= c.last_second THEN c.event ELSE 0 END AS event,
           least(c.month_number - max(c.month_number) OVER earlier, 12) AS months_since,
           least(c.month_number - max(c.month_number) FILTER (WHERE c.is_observed) OVER earlier, 12) AS months_since_observed,
           least(c.month_number - max(c.month_number) FILTER (WHERE c.is_followable) OVER earlier, 12) AS months_since_followable
    FROM (
        SELECT r.person_key, r.route, r.day, r.started_at, a.division_code, r.is_referred, r.is_contacted, r.is_engaged,
               (12 * extract(year FROM r.day) + extract(month FROM r.day))::integer AS month_number,
               f.span IS NOT NULL AS is_observed,
               f.span IS NOT NULL AND f.span @> r.day + setting.episode_days AS is_followable,
               least(86400::bigint * setting.episode_days,
                     extract(epoch FROM (least(upper(f.span), r.day + setting.episode_days + 2)::timestamp AT TIME ZONE setting.time_zone)
                                        - ((r.day + 1)::timestamp AT TIME ZONE setting.time_zone))::bigint)::integer AS last_second,
               coalesce(extract(epoch FROM date_trunc('second', least(r.contacted_at, r.declined_at, r.died_at, r.moved_away_at) - r.started_at))::integer,
                        2147483647) AS seconds,
               CASE least(r.contacted_at, r.declined_at, r.died_at, r.moved_away_at)
                   WHEN r.contacted_at THEN 1 WHEN r.declined_at THEN 2 WHEN r.died_at THEN 3 ELSE 4 END AS event
        FROM course_by_route r
        CROSS JOIN setting
        LEFT JOIN division_day d ON d.division_code = r.division_code AND d.held @> r.day
        JOIN coverage a ON a.source = 'administration' AND a.division_code = coalesce(d.division_code, 'UNKNOWN') AND a.covered @> r.day
        LEFT JOIN coverage s ON s.source = 'referral_event' AND s.division_code = a.division_code
        LEFT JOIN LATERAL (SELECT span FROM unnest(s.covered) AS span WHERE span @> r.day) f ON true
    ) c
    JOIN area_division ad USING (division_code)
    WINDOW earlier AS (PARTITION BY c.person_key, ad.area_key, c.route ORDER BY c.started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE VIEW episode_people_day_part AS
    SELECT person_key, day, area_key, route, months_since, months_since_observed, months_since_followable,
           count(*) AS episodes, count(*) FILTER (WHERE is_followable) AS followable,
           count(*) FILTER (WHERE is_followable AND is_referred) AS referred,
           count(*) FILTER (WHERE is_followable AND is_contacted) AS contacted,
           count(*) FILTER (WHERE is_followable AND is_engaged) AS engaged,
           coalesce(life_table(seconds, event, 'second'::text) FILTER (WHERE is_observed AND route = 'ALL'), '{unit: second}') AS until_contact
    FROM area_course
    WHERE route = 'ALL' OR is_followable
    GROUP BY person_key, day, area_key, route, months_since, months_since_observed, months_since_followable;

CREATE VIEW episode_people_day_source AS
    SELECT day, area_key, route, months_since, months_since_observed, months_since_followable,
           count(*) AS episodes, count(*) FILTER (WHERE is_followable) AS followable,
           count(*) FILTER (WHERE is_followable AND is_referred) AS referred,
           count(*) FILTER (WHERE is_followable AND is_contacted) AS contacted,
           count(*) FILTER (WHERE is_followable AND is_engaged) AS engaged,
           coalesce(life_table(seconds, event, 'second'::text) FILTER (WHERE is_observed AND route = 'ALL'), '{unit: second}') AS until_contact
    FROM area_course
    WHERE route = 'ALL' OR is_followable
    GROUP BY day, area_key, route, months_since, months_since_observed, months_since_followable;

CREATE TABLE episode_people_day AS TABLE episode_people_day_source WITH NO DATA;
ALTER TABLE episode_people_day ADD PRIMARY KEY (day, area_key, route, months_since, months_since_observed, months_since_followable);

-- Every episode that counts, for who asks where a record went. No KPI reads it.
CREATE VIEW counted_episode AS
    SELECT c.person_key, c.episode, c.started_at, a.division_code
    FROM person_course c
    JOIN counted_day a ON a.source = 'administration' AND a.day = c.day AND a.recorded_division_code = c.division_code;

-- An episode is followed when its whole window has elapsed and referral records exist for all of it. Of one still open, what
-- came after the day of the refresh is not there yet.
CREATE MATERIALIZED VIEW referral_conversion AS
    WITH counted_episode_day AS (
        SELECT c.month, c.division_code, e.route, e.episodes,
               num_within(e.administrations_after, as_of.day - e.day) AS administrations_in_episodes,
               num_within(e.known_after, as_of.day - e.day) AS already_known_to_service,
               coalesce(f.last_day >= e.day + setting.episode_days, false) AS is_followed,
               e.reviewed, e.reviewed_within_72_hours, e.screened, e.screened_within_72_hours, e.service_notified, e.service_notified_within_72_hours,
               e.offered, e.consented, e.declined, e.referred, e.contacted, e.assessed, e.engaged, e.retained_12_weeks, e.contacted_without_basis,
               num_within(e.engaged_after, f.last_day - setting.episode_days - e.day) AS engaged_followed,
               num_within(e.stayed_engaged_after, f.last_day - setting.episode_days - e.day) AS engaged_retained_12_weeks
        FROM episode_day e
        CROSS JOIN setting
        CROSS JOIN as_of
        JOIN counted_day c ON c.source = 'administration' AND c.day = e.day AND c.recorded_division_code = e.division_code
        LEFT JOIN counted r ON r.source = 'referral_event' AND r.division_code = c.division_code
        LEFT JOIN LATERAL (SELECT upper(span) - 1 AS last_day FROM unnest(r.days) AS span WHERE span @> e.day) f ON true
    ), by_month AS (
        SELECT month, division_code, route, sum(episodes) AS episodes, sum(administrations_in_episodes) AS administrations_in_episodes,
               sum(already_known_to_service) AS already_known_to_service,
               sum(episodes) FILTER (WHERE is_followed) AS episodes_followed,
               sum(reviewed) FILTER (WHERE is_followed) AS reviewed,
               sum(reviewed_within_72_hours) FILTER (WHERE is_followed) AS reviewed_within_72_hours,
               sum(screened) FILTER (WHERE is_followed) AS screened,
               sum(screened_within_72_hours) FILTER (WHERE is_followed) AS screened_within_72_hours,
               sum(service_notified) FILTER (WHERE is_followed) AS service_notified,
               sum(service_notified_within_72_hours) FILTER (WHERE is_followed) AS service_notified_within_72_hours,
               sum(offered) FILTER (WHERE is_followed) AS offered, sum(consented) FILTER (WHERE is_followed) AS consented,
               sum(declined) FILTER (WHERE is_followed) AS declined, sum(referred) FILTER (WHERE is_followed) AS referred,
               sum(contacted) FILTER (WHERE is_followed) AS contacted, sum(assessed) FILTER (WHERE is_followed) AS assessed,
               sum(engaged) FILTER (WHERE is_followed) AS engaged, sum(retained_12_weeks) FILTER (WHERE is_followed) AS retained_12_weeks,
               sum(contacted_without_basis) FILTER (WHERE is_followed) AS contacted_without_basis,
               sum(engaged_followed) FILTER (WHERE is_followed) AS engaged_followed,
               sum(engaged_retained_12_weeks) FILTER (WHERE is_followed) AS engaged_retained_12_weeks
        FROM counted_episode_day
        GROUP BY month, division_code, route
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.route, sum(m.episodes)::bigint AS episodes,
               sum(m.administrations_in_episodes)::bigint AS administrations_in_episodes,
               sum(m.already_known_to_service)::bigint AS already_known_to_service, sum(m.episodes_followed)::bigint AS episodes_followed,
               sum(m.reviewed)::bigint AS reviewed, sum(m.reviewed_within_72_hours)::bigint AS reviewed_within_72_hours,
               sum(m.screened)::bigint AS screened, sum(m.screened_within_72_hours)::bigint AS screened_within_72_hours,
               sum(m.service_notified)::bigint AS service_notified, sum(m.service_notified_within_72_hours)::bigint AS service_notified_within_72_hours,
               sum(m.offered)::bigint AS offered, sum(m.consented)::bigint AS consented, sum(m.declined)::bigint AS declined,
               sum(m.referred)::bigint AS referred, sum(m.contacted)::bigint AS contacted, sum(m.assessed)::bigint AS assessed,
               sum(m.engaged)::bigint AS engaged, sum(m.retained_12_weeks)::bigint AS retained_12_weeks,
               sum(m.contacted_without_basis)::bigint AS contacted_without_basis, sum(m.engaged_followed)::bigint AS engaged_followed,
               sum(m.engaged_retained_12_weeks)::bigint AS engaged_retained_12_weeks
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3
    ), people_by_month AS (
        SELECT period_start('month', e.day) AS month, e.area_key, e.route, e.months_since, e.months_since_observed, e.months_since_followable,
               sum(e.episodes) AS episodes,
               sum(e.followable) FILTER (WHERE e.day + setting.episode_days <= as_of.day) AS followed,
               sum(e.referred) FILTER (WHERE e.day + setting.episode_days <= as_of.day) AS referred,
               sum(e.contacted) FILTER (WHERE e.day + setting.episode_days <= as_of.day) AS contacted,
               sum(e.engaged) FILTER (WHERE e.day + setting.episode_days <= as_of.day) AS engaged,
               -- Known by the end of the day of the refresh: as of a past one, what came later has not been seen.
               rollup(censor_after(e.until_contact, least(86400::bigint * setting.episode_days,
                   extract(epoch FROM ((as_of.day + 1)::timestamp AT TIME ZONE setting.time_zone)
                                      - ((e.day + 1)::timestamp AT TIME ZONE setting.time_zone))::bigint)::integer)) AS until_contact
        FROM episode_people_day e
        CROSS JOIN setting
        CROSS JOIN as_of
        WHERE e.day <= as_of.day
        GROUP BY 1, 2, 3, 4, 5, 6
    ), people AS (
        -- A person's first episode of the period and area, of those that count: a person's episodes are not independent.
        SELECT n.period_key, m.area_key, m.route,
               sum(m.episodes) FILTER (WHERE m.months_since > n.months_before)::bigint AS people,
               sum(m.followed) FILTER (WHERE m.months_since_followable > n.months_before)::bigint AS people_followed,
               sum(m.referred) FILTER (WHERE m.months_since_followable > n.months_before)::bigint AS people_referred,
               sum(m.contacted) FILTER (WHERE m.months_since_followable > n.months_before)::bigint AS people_contacted,
               sum(m.engaged) FILTER (WHERE m.months_since_followable > n.months_before)::bigint AS people_engaged,
               rollup(m.until_contact) FILTER (WHERE m.months_since_observed > n.months_before) AS until_contact
        FROM people_by_month m JOIN period_month_number n USING (month)
        GROUP BY 1, 2, 3
    ), identifiable AS (
        SELECT pm.period_key, ad.area_key, sum(i.administrations)::bigint AS administrations,
               sum(i.died_before_handover)::bigint AS died_before_handover, sum(i.not_identifiable)::bigint AS not_identifiable
        FROM administration_day i
        JOIN counted_day c ON c.source = 'administration' AND c.day = i.day AND c.recorded_division_code = i.division_code
        JOIN period_month pm ON pm.month = c.month
        JOIN area_division ad ON ad.division_code = c.division_code
        GROUP BY 1, 2
    ), route AS (
        SELECT 'ALL' AS route UNION SELECT DISTINCT route FROM episode_day
    ), filled AS (
        SELECT ap.period_key, ap.area_key, route.route, ap.division_days, ap.covered_division_days,
               -- What is known of every episode, and what only from the referral on.
               ap.is_covered AND route.route = 'ALL' AS is_whole,
               ap.is_covered AND referrals.is_covered AND route.route = 'ALL' AS is_whole_followed,
               ap.is_covered AND referrals.is_covered AS is_route_followed,
               NOT ap.is_across_seal AND NOT coalesce(referrals.is_across_seal, false) AS are_people_known,
               -- By route the share is still of everybody followed, not of those referred by it.
               everybody.episodes_followed, all_people.people_followed,
               i.administrations, i.died_before_handover, i.not_identifiable,
               p.people, s.episodes, s.administrations_in_episodes, s.already_known_to_service,
               s.reviewed, s.reviewed_within_72_hours, s.screened, s.screened_within_72_hours, s.service_notified, s.service_notified_within_72_hours,
               s.offered, s.consented, s.declined, s.referred, s.contacted, s.assessed, s.engaged, s.retained_12_weeks, s.contacted_without_basis,
               s.engaged_followed, s.engaged_retained_12_weeks,
               p.people_referred, p.people_contacted, p.people_engaged, p.until_contact
        FROM area_period ap
        CROSS JOIN route
        LEFT JOIN area_period referrals ON referrals.source = 'referral_event' AND referrals.period_key = ap.period_key AND referrals.area_key = ap.area_key
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.route = route.route
        LEFT JOIN summed everybody ON everybody.period_key = ap.period_key AND everybody.area_key = ap.area_key AND everybody.route = 'ALL'
        LEFT JOIN people p ON p.period_key = ap.period_key AND p.area_key = ap.area_key AND p.route = route.route
        LEFT JOIN people all_people ON all_people.period_key = ap.period_key AND all_people.area_key = ap.area_key AND all_people.route = 'ALL'
        LEFT JOIN identifiable i ON i.period_key = ap.period_key AND i.area_key = ap.area_key
        WHERE ap.source = 'administration'
    ), counts AS (
        SELECT period_key, area_key, route, division_days, covered_division_days,
               CASE WHEN is_whole THEN coalesce(administrations, 0) END AS administrations,
               CASE WHEN is_whole THEN coalesce(died_before_handover, 0) END AS died_before_handover,
               CASE WHEN is_whole THEN coalesce(not_identifiable, 0) END AS not_identifiable,
               CASE WHEN is_whole AND are_people_known THEN coalesce(people, 0) END AS people,
               CASE WHEN is_whole THEN coalesce(episodes, 0) END AS episodes,
               CASE WHEN is_whole THEN coalesce(administrations_in_episodes, 0) END AS administrations_in_episodes,
               CASE WHEN is_whole_followed THEN coalesce(already_known_to_service, 0) END AS already_known_to_service,
               CASE WHEN is_route_followed THEN coalesce(episodes_followed, 0) END AS episodes_followed,
               CASE WHEN is_whole_followed THEN coalesce(reviewed, 0) END AS reviewed,
               CASE WHEN is_whole_followed THEN coalesce(reviewed_within_72_hours, 0) END AS reviewed_within_72_hours,
               CASE WHEN is_whole_followed THEN coalesce(screened, 0) END AS screened,
               CASE WHEN is_whole_followed THEN coalesce(screened_within_72_hours, 0) END AS screened_within_72_hours,
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
               -- Where an episode's window is shorter than twelve weeks nobody can be seen to stay so long.
               CASE WHEN is_whole_followed AND setting.episode_days >= 84 THEN coalesce(engaged_followed, 0) END AS engaged_followed,
               CASE WHEN is_whole_followed AND setting.episode_days >= 84 THEN coalesce(engaged_retained_12_weeks, 0) END AS engaged_retained_12_weeks,
               CASE WHEN is_whole_followed THEN coalesce(contacted_without_basis, 0) END AS contacted_without_basis,
               CASE WHEN is_route_followed AND are_people_known THEN coalesce(people_followed, 0) END AS people_followed,
               CASE WHEN is_route_followed AND are_people_known THEN coalesce(people_referred, 0) END AS people_referred,
               CASE WHEN is_route_followed AND are_people_known THEN coalesce(people_contacted, 0) END AS people_contacted,
               CASE WHEN is_route_followed AND are_people_known THEN coalesce(people_engaged, 0) END AS people_engaged,
               CASE WHEN is_whole_followed AND are_people_known THEN coalesce(num_values(until_contact), 0) END AS people_observed,
               CASE WHEN is_whole_followed AND are_people_known THEN until_contact END AS until_contact
        FROM filled CROSS JOIN setting
    )
    SELECT c.period_key, c.area_key, c.route, c.division_days, c.covered_division_days, c.administrations, c.died_before_handover,
           c.not_identifiable, c.people, c.episodes, c.administrations_in_episodes, c.already_known_to_service, c.episodes_followed,
           c.reviewed, c.reviewed_within_72_hours, c.screened, c.screened_within_72_hours, c.service_notified,
           c.service_notified_within_72_hours, c.offered, c.consented, c.declined, c.referred, c.contacted, c.assessed, c.engaged,
           c.retained_12_weeks, c.engaged_followed, c.engaged_retained_12_weeks, c.contacted_without_basis, c.people_followed,
           c.people_referred, c.people_contacted, c.people_engaged,
           c.referred::float8 / nullif(c.episodes_followed, 0) AS referred_share,
           c.contacted::float8 / nullif(c.episodes_followed, 0) AS contacted_share,
           c.engaged::float8 / nullif(c.episodes_followed, 0) AS engaged_share,
           c.engaged_retained_12_weeks::float8 / nullif(c.engaged_followed, 0) AS engaged_retained_12_weeks_share,
           referred.value AS people_referred_share, referred.lower AS people_referred_share_lower, referred.upper AS people_referred_share_upper,
           contacted.value AS people_contacted_share, contacted.lower AS people_contacted_share_lower, contacted.upper AS people_contacted_share_upper,
           engaged.value AS people_engaged_share, engaged.lower AS people_engaged_share_lower, engaged.upper AS people_engaged_share_upper,
           c.people_observed,
           contact_72_hours.value AS contacted_within_72_hours_share, contact_72_hours.lower AS contacted_within_72_hours_share_lower,
           contact_72_hours.upper AS contacted_within_72_hours_share_upper,
           (incidence(c.until_contact, 2, 259200)).value AS declined_within_72_hours_share,
           (incidence(c.until_contact, 3, 259200)).value AS died_within_72_hours_share,
           (incidence(c.until_contact, 4, 259200)).value AS moved_away_within_72_hours_share,
           contact_7_days.value AS contacted_within_7_days_share, contact_7_days.lower AS contacted_within_7_days_share_lower,
           contact_7_days.upper AS contacted_within_7_days_share_upper,
           (incidence(c.until_contact, 2, 604800)).value AS declined_within_7_days_share,
           (incidence(c.until_contact, 3, 604800)).value AS died_within_7_days_share,
           (incidence(c.until_contact, 4, 604800)).value AS moved_away_within_7_days_share,
           contact_30_days.value AS contacted_within_30_days_share, contact_30_days.lower AS contacted_within_30_days_share_lower,
           contact_30_days.upper AS contacted_within_30_days_share_upper,
           (incidence(c.until_contact, 2, 2592000)).value AS declined_within_30_days_share,
           (incidence(c.until_contact, 3, 2592000)).value AS died_within_30_days_share,
           (incidence(c.until_contact, 4, 2592000)).value AS moved_away_within_30_days_share
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.people_referred, c.people_followed, setting.confidence) AS referred
    CROSS JOIN LATERAL proportion_interval(c.people_contacted, c.people_followed, setting.confidence) AS contacted
    CROSS JOIN LATERAL proportion_interval(c.people_engaged, c.people_followed, setting.confidence) AS engaged
    CROSS JOIN LATERAL incidence(c.until_contact, 1, 259200, confidence => setting.confidence) AS contact_72_hours
    CROSS JOIN LATERAL incidence(c.until_contact, 1, 604800, confidence => setting.confidence) AS contact_7_days
    CROSS JOIN LATERAL incidence(c.until_contact, 1, 2592000, confidence => setting.confidence) AS contact_30_days;
CREATE UNIQUE INDEX referral_conversion_key ON referral_conversion (period_key, area_key, route);

INSERT INTO refresh_step VALUES
    (220, 'engine_room', 'person_course'),
    (221, 'engine_room', 'episode_day'),
    (224, 'engine_room', 'episode_people_day'),
    (420, 'engine_room', 'referral_conversion');
INSERT INTO rollup VALUES
    ('person_course', '{person_key}');
INSERT INTO rollup (name, key, parts_of) VALUES
    ('episode_day', '{day,division_code,route}', 'person_course'),
    ('episode_people_day', '{day,area_key,route,months_since,months_since_observed,months_since_followable}', 'person_course');
INSERT INTO rollup_source VALUES
    ('person_course', 'administration', 'marked_person'),
    ('person_course', 'referral_event', 'marked_person'),
    ('person_course', 'setting', 'everything'),
    -- Which division an episode counts in, and whether it can be followed, changes everything.
    ('episode_people_day', 'division', 'everything'),
    ('episode_people_day', 'source_coverage', 'everything');

INSERT INTO object_definition VALUES
    ('living_administration', 'administrations to known people who lived to be handed over'),
    ('person_course_source', 'what a refresh fills person_course with'),
    ('person_course', 'a row a person''s episode: when it began, when each stage was first reached in it, and by which routes'),
    ('course_by_route', 'episodes, a row for all routes together and one for each'),
    ('episode_day_part', 'what each person gives to episode_day'),
    ('episode_day_source', 'what a refresh fills episode_day with'),
    ('episode_day', 'episodes and the stages reached in them, by the day, division and route'),
    ('area_course', 'episodes that count, by area and route, with the months since the person''s before'),
    ('episode_people_day_part', 'what each person gives to episode_people_day'),
    ('episode_people_day_source', 'what a refresh fills episode_people_day with'),
    ('episode_people_day', 'episodes by day, area and route, with the months since each person''s before: what people are counted from'),
    ('counted_episode', 'episodes that count, and in which division'),
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
    ('referral_conversion', 'screened', 'of episodes_followed, a service looked whether it knows the person', 'episodes', true, 'has no stage of its own: it is taken from already known to a service, a service notified, offered or a later stage; where a service did not know the person and nothing followed, it does not show', 'referral_event'),
    ('referral_conversion', 'screened_within_72_hours', 'of episodes_followed, screened within 72 hours of the administration', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'service_notified', 'of episodes_followed, a service was notified', 'episodes', true, 'as recorded: not implied by a later stage', 'referral_event'),
    ('referral_conversion', 'service_notified_within_72_hours', 'of episodes_followed, a service was notified within 72 hours of the administration', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'offered', 'of episodes_followed, offered support', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'consented', 'of episodes_followed, the person consented', 'episodes', true, 'as recorded: never implied, for a referral may rest on vital interests', 'referral_event'),
    ('referral_conversion', 'declined', 'of episodes_followed, the person declined', 'episodes', true, 'as recorded; some who decline engage later', 'referral_event'),
    ('referral_conversion', 'referred', 'of episodes_followed, referred', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'contacted', 'of episodes_followed, contacted by the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'assessed', 'of episodes_followed, assessed by the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'engaged', 'of episodes_followed, engaged with the service', 'episodes', true, 'a later stage implies an earlier one', 'referral_event'),
    ('referral_conversion', 'retained_12_weeks', 'of episodes_followed, still with the service after 12 weeks', 'episodes', true, 'within the episode''s window: of 90 days it leaves 6 before somebody must have engaged, so it is nearly always 0; look at engaged_retained_12_weeks', 'referral_event'),
    ('referral_conversion', 'engaged_followed', 'of engaged, those whose engagement too lies as long back as an episode''s window', 'episodes', true, 'from the day of engagement, with referral records for all of it; NULL where the window (setting episode_days) is shorter than 12 weeks', 'referral_event'),
    ('referral_conversion', 'engaged_retained_12_weeks', 'of engaged_followed, still with the service after 12 weeks', 'episodes', true, 'recorded within as long a window from the engagement', 'referral_event'),
    ('referral_conversion', 'contacted_without_basis', 'of episodes_followed, contacted with no basis for sharing recorded', 'episodes', true, NULL, 'referral_event'),
    ('referral_conversion', 'people_followed', 'people with a followed episode: what the intervals are over', 'people', false, 'each by the first followed episode in the period and area', 'administration, referral_event'),
    ('referral_conversion', 'people_referred', 'of people_followed, referred in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted', 'of people_followed, contacted in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged', 'of people_followed, engaged in that episode', 'people', false, NULL, 'referral_event'),
    ('referral_conversion', 'referred_share', 'referred as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'contacted_share', 'contacted as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'engaged_share', 'engaged as a share of episodes_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'engaged_retained_12_weeks_share', 'engaged_retained_12_weeks as a share of engaged_followed', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_referred_share', 'people_referred as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_referred_share_lower', 'lower confidence limit of people_referred_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_referred_share_upper', 'upper confidence limit of people_referred_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted_share', 'people_contacted as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_contacted_share_lower', 'lower confidence limit of people_contacted_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_contacted_share_upper', 'upper confidence limit of people_contacted_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged_share', 'people_engaged as a share of people_followed', 'share, 0 to 1', false, 'Wilson interval', 'referral_event'),
    ('referral_conversion', 'people_engaged_share_lower', 'lower confidence limit of people_engaged_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_engaged_share_upper', 'upper confidence limit of people_engaged_share', 'share, 0 to 1', false, NULL, 'referral_event'),
    ('referral_conversion', 'people_observed', 'people with an episode on whose day referral records exist, whether its window is over or not: what the shares by 72 hours, 7 and 30 days are over', 'people', false, 'each by the first such episode in the period and area', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_72_hours_share', 'share of people_observed contacted within 72 hours of the administration', 'share, 0 to 1', false, 'Aalen and Johansen: who is still being followed counts for as long as that is so; declined, died and moved away end it too. NULL where nobody has been followed so long', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_72_hours_share_lower', 'lower confidence limit of contacted_within_72_hours_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_72_hours_share_upper', 'upper confidence limit of contacted_within_72_hours_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'declined_within_72_hours_share', 'share of people_observed who declined within 72 hours of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'died_within_72_hours_share', 'share of people_observed who died within 72 hours of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'moved_away_within_72_hours_share', 'share of people_observed who moved away within 72 hours of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'contacted_within_7_days_share', 'share of people_observed contacted within 7 days of the administration', 'share, 0 to 1', false, 'Aalen and Johansen: who is still being followed counts for as long as that is so; declined, died and moved away end it too. NULL where nobody has been followed so long', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_7_days_share_lower', 'lower confidence limit of contacted_within_7_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_7_days_share_upper', 'upper confidence limit of contacted_within_7_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'declined_within_7_days_share', 'share of people_observed who declined within 7 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'died_within_7_days_share', 'share of people_observed who died within 7 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'moved_away_within_7_days_share', 'share of people_observed who moved away within 7 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'contacted_within_30_days_share', 'share of people_observed contacted within 30 days of the administration', 'share, 0 to 1', false, 'Aalen and Johansen: who is still being followed counts for as long as that is so; declined, died and moved away end it too. NULL where nobody has been followed so long', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_30_days_share_lower', 'lower confidence limit of contacted_within_30_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'contacted_within_30_days_share_upper', 'upper confidence limit of contacted_within_30_days_share', 'share, 0 to 1', false, 'log-log scale; NULL where nobody, or everybody, was contacted', 'administration, referral_event'),
    ('referral_conversion', 'declined_within_30_days_share', 'share of people_observed who declined within 30 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'died_within_30_days_share', 'share of people_observed who died within 30 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event'),
    ('referral_conversion', 'moved_away_within_30_days_share', 'share of people_observed who moved away within 30 days of the administration, before any contact', 'share, 0 to 1', false, 'Aalen and Johansen, as recorded in the steps of referral', 'referral_event');
