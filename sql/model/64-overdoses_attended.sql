-- Was there naloxone when it was needed? Overdoses that the police attended, whether an officer gave it, and if not, why not.

-- The force's reasons, in its own codes, that mean that there was none at hand. The owner adds to them.
CREATE TABLE naloxone_not_at_hand (why_not text PRIMARY KEY);
INSERT INTO naloxone_not_at_hand VALUES ('not_carried'), ('none_left'), ('expired');

-- An incident that another service told of, with nothing recorded of naloxone, is one that the police heard of, not one that they
-- attended. Every incident has one reason: NONE where naloxone was given, or where it is not recorded whether it was.
CREATE VIEW overdose_incident_day_source AS
    SELECT o.day, o.division_code, o.why_not,
           count(*) FILTER (WHERE o.is_attended) AS incidents_attended,
           count(*) FILTER (WHERE o.naloxone_given) AS naloxone_given,
           count(*) FILTER (WHERE NOT o.naloxone_given) AS naloxone_not_given,
           count(*) FILTER (WHERE NOT o.is_attended) AS incidents_notified
    FROM (
        SELECT day_of(r.occurred_at) AS day, coalesce(r.incident_division_code, 'UNKNOWN') AS division_code, r.naloxone_given,
               r.naloxone_given IS NOT NULL OR coalesce(r.notified_by, 'police') = 'police' AS is_attended,
               CASE WHEN NOT r.naloxone_given THEN CASE WHEN r.why_not IN ('', 'ALL', 'NONE') THEN 'UNKNOWN' ELSE left(coalesce(r.why_not, 'UNKNOWN'), 100) END
                    ELSE 'NONE' END AS why_not
        FROM overdose_incident r
    ) o
    GROUP BY o.day, o.division_code, o.why_not;

CREATE TABLE overdose_incident_day AS TABLE overdose_incident_day_source WITH NO DATA;
ALTER TABLE overdose_incident_day ADD PRIMARY KEY (day, division_code, why_not);

CREATE MATERIALIZED VIEW overdoses_attended AS
    WITH by_month AS (
        SELECT c.month, c.division_code, o.why_not,
               sum(o.incidents_attended) AS incidents_attended, sum(o.naloxone_given) AS naloxone_given,
               sum(o.naloxone_not_given) AS naloxone_not_given, sum(o.incidents_notified) AS incidents_notified,
               sum(CASE WHEN h.why_not IS NOT NULL THEN o.naloxone_not_given ELSE 0 END) AS naloxone_not_at_hand,
               0::numeric AS administered, 0::numeric AS administered_not_listed, 0::numeric AS administered_recorded_not_given
        FROM overdose_incident_day o
        JOIN counted_day c ON c.source = 'overdose_incident' AND c.day = o.day AND c.recorded_division_code = o.division_code
        LEFT JOIN naloxone_not_at_hand h ON h.why_not = o.why_not
        GROUP BY 1, 2, 3
        UNION ALL
        SELECT c.month, c.division_code, 'NONE' AS why_not, 0::numeric AS incidents_attended, 0::numeric AS naloxone_given,
               0::numeric AS naloxone_not_given, 0::numeric AS incidents_notified, 0::numeric AS naloxone_not_at_hand,
               sum(i.incidents) AS administered, sum(i.incidents_not_listed) AS administered_not_listed,
               sum(i.incidents_recorded_not_given) AS administered_recorded_not_given
        FROM incident_day i
        JOIN counted_day c ON c.source = 'administration' AND c.day = i.day AND c.recorded_division_code = i.division_code
        -- On days on which overdoses were being recorded too.
        JOIN counted recorded ON recorded.source = 'overdose_incident' AND recorded.division_code = c.division_code AND recorded.days @> i.day
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key, CASE WHEN grouping(m.why_not) = 1 THEN 'ALL' ELSE m.why_not END AS why_not,
               sum(m.incidents_attended)::bigint AS incidents_attended, sum(m.naloxone_given)::bigint AS naloxone_given,
               sum(m.naloxone_not_given)::bigint AS naloxone_not_given, sum(m.incidents_notified)::bigint AS incidents_notified,
               sum(m.naloxone_not_at_hand)::bigint AS naloxone_not_at_hand, sum(m.administered)::bigint AS administered,
               sum(m.administered_not_listed)::bigint AS administered_not_listed,
               sum(m.administered_recorded_not_given)::bigint AS administered_recorded_not_given
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY GROUPING SETS ((pm.period_key, ad.area_key, m.why_not), (pm.period_key, ad.area_key))
    ), key AS (
        SELECT why_not FROM summed
        UNION
        SELECT unnest(ARRAY['ALL', 'NONE', 'UNKNOWN']) AS why_not
    ), counts AS (
        SELECT ap.period_key, ap.area_key, k.why_not, ap.division_days, ap.covered_division_days,
               CASE WHEN ap.is_covered THEN coalesce(s.incidents_attended, 0) END AS incidents_attended,
               CASE WHEN ap.is_covered THEN coalesce(s.naloxone_given, 0) END AS naloxone_given,
               CASE WHEN ap.is_covered THEN coalesce(s.naloxone_not_given, 0) END AS naloxone_not_given,
               CASE WHEN ap.is_covered THEN coalesce(s.incidents_notified, 0) END AS incidents_notified,
               CASE WHEN ap.is_covered THEN coalesce(s.naloxone_not_at_hand, 0) END AS naloxone_not_at_hand,
               CASE WHEN ap.is_covered AND given.is_covered THEN coalesce(s.administered, 0) END AS administered,
               CASE WHEN ap.is_covered AND given.is_covered THEN coalesce(s.administered_not_listed, 0) END AS administered_not_listed,
               CASE WHEN ap.is_covered AND given.is_covered THEN coalesce(s.administered_recorded_not_given, 0) END AS administered_recorded_not_given
        FROM area_period ap
        CROSS JOIN key k
        LEFT JOIN area_period given ON given.source = 'administration' AND given.period_key = ap.period_key AND given.area_key = ap.area_key
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.why_not = k.why_not
        WHERE ap.source = 'overdose_incident'
    )
    SELECT c.period_key, c.area_key, c.why_not, c.division_days, c.covered_division_days,
           c.incidents_attended, c.naloxone_given, c.naloxone_not_given,
           c.incidents_attended - c.naloxone_given - c.naloxone_not_given AS naloxone_not_recorded,
           given.value AS given_share, given.lower AS given_share_lower, given.upper AS given_share_upper,
           c.naloxone_not_at_hand,
           available.value AS available_share, available.lower AS available_share_lower, available.upper AS available_share_upper,
           c.incidents_notified, c.administered, c.administered_not_listed, c.administered_recorded_not_given
    FROM counts c
    CROSS JOIN setting
    -- Of one reason there is no share: who has a reason was not given naloxone.
    CROSS JOIN LATERAL proportion_interval(CASE WHEN c.why_not = 'ALL' THEN c.naloxone_given END, c.naloxone_given + c.naloxone_not_given,
                                           setting.confidence) AS given
    CROSS JOIN LATERAL proportion_interval(CASE WHEN c.why_not = 'ALL' THEN c.naloxone_given END, c.naloxone_given + c.naloxone_not_at_hand,
                                           setting.confidence) AS available;
CREATE UNIQUE INDEX overdoses_attended_key ON overdoses_attended (period_key, area_key, why_not);

INSERT INTO refresh_step VALUES
    (244, 'engine_room', 'overdose_incident_day'),
    (640, 'engine_room', 'overdoses_attended');
INSERT INTO rollup VALUES
    ('overdose_incident_day', '{day,division_code}');
INSERT INTO rollup_source VALUES
    ('overdose_incident_day', 'overdose_incident', 'marked_day');

INSERT INTO object_definition VALUES
    ('naloxone_not_at_hand', 'the reasons for giving no naloxone that mean that there was none at hand'),
    ('overdose_incident_day_source', 'what a refresh fills overdose_incident_day with'),
    ('overdose_incident_day', 'overdoses attended by day, division and why naloxone was not given'),
    ('overdoses_attended', 'was there naloxone when it was needed: by period, area and reason why not');

INSERT INTO dictionary VALUES
    ('overdoses_attended', 'why_not', 'why naloxone was not given, in the force''s own codes; UNKNOWN: not given, and no reason recorded; NONE: given, or not recorded whether it was; ALL: all incidents', 'key', false, 'every incident has one', 'overdose_incident'),
    ('overdoses_attended', 'incidents_attended', 'overdoses that the police attended', 'incidents', true, 'by the incident''s own day and division; incidents_attended = naloxone_given + naloxone_not_given + naloxone_not_recorded', 'overdose_incident'),
    ('overdoses_attended', 'naloxone_given', 'of incidents_attended, those in which an officer gave naloxone', 'incidents', true, 'however many people were given it', 'overdose_incident'),
    ('overdoses_attended', 'naloxone_not_given', 'of incidents_attended, those in which no officer gave naloxone', 'incidents', true, NULL, 'overdose_incident'),
    ('overdoses_attended', 'naloxone_not_recorded', 'of incidents_attended, those of which it is not recorded whether naloxone was given', 'incidents', true, 'not recorded is not No, whatever reason is recorded beside it', 'overdose_incident'),
    ('overdoses_attended', 'given_share', 'naloxone_given as a share of what is recorded. Not every overdose needs naloxone: 1 is no target', 'share, 0 to 1', false, 'of naloxone_given + naloxone_not_given, for ALL reasons; Wilson interval', 'overdose_incident'),
    ('overdoses_attended', 'given_share_lower', 'lower confidence limit of given_share', 'share, 0 to 1', false, 'Wilson interval', 'overdose_incident'),
    ('overdoses_attended', 'given_share_upper', 'upper confidence limit of given_share', 'share, 0 to 1', false, 'Wilson interval', 'overdose_incident'),
    ('overdoses_attended', 'naloxone_not_at_hand', 'of naloxone_not_given, those whose reason is that there was none at hand: not carried, none left or expired', 'incidents', true, 'the reasons in the table naloxone_not_at_hand', 'overdose_incident, naloxone_not_at_hand'),
    ('overdoses_attended', 'available_share', 'of the incidents in which naloxone was given, or was missing, the share in which it was given', 'share, 0 to 1', false, 'of naloxone_given + naloxone_not_at_hand, for ALL reasons; other reasons do not say whether it was at hand; Wilson interval', 'overdose_incident, naloxone_not_at_hand'),
    ('overdoses_attended', 'available_share_lower', 'lower confidence limit of available_share', 'share, 0 to 1', false, 'Wilson interval', 'overdose_incident, naloxone_not_at_hand'),
    ('overdoses_attended', 'available_share_upper', 'upper confidence limit of available_share', 'share, 0 to 1', false, 'Wilson interval', 'overdose_incident, naloxone_not_at_hand'),
    ('overdoses_attended', 'incidents_notified', 'near-fatal overdoses that another service told of and the police are not known to have attended', 'incidents', true, 'notified by somebody else, and nothing recorded of naloxone; not in incidents_attended', 'overdose_incident'),
    ('overdoses_attended', 'administered', 'incidents with an officer''s form of naloxone given', 'incidents', true, 'from the forms: by the day and division of the first administration, on days on which overdoses are recorded too', 'administration'),
    ('overdoses_attended', 'administered_not_listed', 'of administered, those that are not among the recorded overdoses: they are missing from incidents_attended', 'incidents', true, 'by incident_id', 'administration, overdose_incident'),
    ('overdoses_attended', 'administered_recorded_not_given', 'of administered, those of which the record of the overdose says that naloxone was not given: one of the two is wrong', 'incidents', true, 'by incident_id', 'administration, overdose_incident');
