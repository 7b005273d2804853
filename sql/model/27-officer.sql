-- By the officers' own division: the administrations that they gave, and for how long they were eligible, carried and were trained.

-- The division is that of the incident, so that a changed record's day and division say what is to be computed again; the officer's
-- own stands beside it.
CREATE VIEW administration_officer_day_source AS
    SELECT a.day, a.division_code, coalesce(a.officer_division_code, 'UNKNOWN') AS officer_division_code,
           count(*) AS administrations,
           count(*) FILTER (WHERE num_doses(a.doses) IS NOT NULL) AS with_doses_recorded,
           coalesce(sum(num_doses(a.doses)), 0)::bigint AS doses,
           count(*) FILTER (WHERE a.kits_needed >= 0) AS with_kits_needed_recorded,
           coalesce(sum(a.kits_needed) FILTER (WHERE a.kits_needed >= 0), 0)::bigint AS kits_needed
    FROM dated_administration a
    GROUP BY a.day, a.division_code, coalesce(a.officer_division_code, 'UNKNOWN');

CREATE TABLE administration_officer_day AS TABLE administration_officer_day_source WITH NO DATA;
ALTER TABLE administration_officer_day ADD PRIMARY KEY (day, division_code, officer_division_code);

-- The same in the officer's division, UNKNOWN where that does not hold on the day, and on the days that count there.
CREATE VIEW counted_administration_officer_day AS
    SELECT r.day, c.division_code, period_start('month', r.day) AS month,
           sum(r.administrations)::bigint AS administrations, sum(r.with_doses_recorded)::bigint AS with_doses_recorded, sum(r.doses)::bigint AS doses,
           sum(r.with_kits_needed_recorded)::bigint AS with_kits_needed_recorded, sum(r.kits_needed)::bigint AS kits_needed
    FROM administration_officer_day r
    LEFT JOIN division_day d ON d.division_code = r.officer_division_code AND d.held @> r.day
    JOIN counted c ON c.source = 'administration' AND c.division_code = coalesce(d.division_code, 'UNKNOWN') AND c.days @> r.day
    GROUP BY r.day, c.division_code;

-- Officers --------------------------------------------------------------------

-- The days on which an officer was eligible and carried, in one division at a time, so that officers add up: where an officer's
-- records overlap, the one that begins last holds. Who carries is eligible: carriage ends with its record. Days of a division that
-- does not hold are UNKNOWN's. Dates that nobody means (a year 20240) are cut at the years 1900 and 9999.
CREATE VIEW officer_span_source AS
    WITH record AS (
        SELECT o.officer_key, coalesce(o.division_code, 'UNKNOWN') AS division_code, o.eligible_from, o.recorded_at, o.carries_from, o.carries_to,
               daterange(greatest(o.eligible_from, '1900-01-01'), least(o.eligible_to, '9999-12-31'), '[]') AS eligible,
               CASE WHEN o.carries_from <= '9999-12-31' AND least(o.carries_to, '9999-12-31') >= greatest(o.carries_from, '1900-01-01')
                    THEN daterange(greatest(o.carries_from, '1900-01-01'), least(o.carries_to, '9999-12-31'), '[]')
                    ELSE 'empty' END AS carries
        FROM officer_carriage o
        WHERE o.officer_key IS NOT NULL AND o.eligible_from <= '9999-12-31'
          AND least(o.eligible_to, '9999-12-31') >= greatest(o.eligible_from, '1900-01-01')
    ), held AS (
        SELECT r.officer_key, r.division_code, r.carries,
               datemultirange(r.eligible) - coalesce(range_agg(r.eligible) OVER (
                   PARTITION BY r.officer_key
                   ORDER BY r.eligible_from, r.recorded_at NULLS FIRST, r.division_code, r.carries_from, r.carries_to, r.eligible
                   ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), '{}') AS eligible
        FROM record r
    )
    SELECT h.officer_key, p.division_code, range_agg(p.eligible) AS eligible, range_agg(p.eligible * datemultirange(h.carries)) AS carrying
    FROM held h
    LEFT JOIN division_day d ON d.division_code = h.division_code
    CROSS JOIN LATERAL (VALUES (h.division_code, h.eligible * coalesce(d.held, '{}')),
                               ('UNKNOWN', h.eligible - coalesce(d.held, '{}'))) AS p (division_code, eligible)
    WHERE NOT isempty(p.eligible)
    GROUP BY h.officer_key, p.division_code;

CREATE TABLE officer_span AS TABLE officer_span_source WITH NO DATA;
ALTER TABLE officer_span ADD PRIMARY KEY (officer_key, division_code);

-- The days since an officer's first completion of a course, and those on which the last is not older than refresher_months.
CREATE VIEW officer_course AS
    SELECT t.officer_key, t.course, datemultirange(daterange(min(t.day), NULL)) AS trained,
           range_agg(daterange(t.day, (t.day + make_interval(months => setting.refresher_months))::date, '[]'))
               FILTER (WHERE setting.refresher_months IS NOT NULL) AS in_date
    FROM (SELECT r.officer_key, coalesce(r.course, 'UNKNOWN') AS course, day_of(r.completed_on) AS day
          FROM officer_training r WHERE r.officer_key IS NOT NULL) t
    CROSS JOIN setting
    WHERE t.day < 'infinity'
    GROUP BY t.officer_key, t.course;

-- At the end of every month, in every division: the officers of a standing, and the days that officers have been of it so far, all
-- officers together. Counted from the days on which the standing begins and ends, so that the cost is that of the records.
CREATE VIEW officer_standing_source AS
    WITH recorded AS MATERIALIZED (
        SELECT c.division_code, c.days, coalesce(a.days, '{}') AS with_administrations, coalesce(t.days, '{}') AS with_training
        FROM counted c
        LEFT JOIN counted a ON a.source = 'administration' AND a.division_code = c.division_code
        LEFT JOIN counted t ON t.source = 'officer_training' AND t.division_code = c.division_code
        WHERE c.source = 'officer_carriage'
    ), spans AS (
        SELECT v.standing, 'ALL' AS course, s.division_code, v.days
        FROM officer_span s
        JOIN recorded r ON r.division_code = s.division_code
        CROSS JOIN LATERAL (VALUES ('eligible', s.eligible * r.days),
                                   ('carrying', s.carrying * r.days),
                                   ('carrying, administrations recorded', s.carrying * r.days * r.with_administrations),
                                   ('eligible, training recorded', s.eligible * r.days * r.with_training),
                                   ('carrying, training recorded', s.carrying * r.days * r.with_training)) AS v (standing, days)
        UNION ALL
        SELECT v.standing, o.course, s.division_code, v.days
        FROM officer_course o
        JOIN officer_span s ON s.officer_key = o.officer_key
        JOIN recorded r ON r.division_code = s.division_code
        CROSS JOIN LATERAL (VALUES ('trained', s.eligible * r.days * r.with_training * o.trained),
                                   ('in date', s.eligible * r.days * r.with_training * o.in_date),
                                   ('carrying, trained', s.carrying * r.days * r.with_training * o.trained)) AS v (standing, days)
    ), change AS (
        SELECT s.standing, s.course, s.division_code, e.day, e.officers, false AS is_end
        FROM spans s
        CROSS JOIN LATERAL unnest(s.days) AS r (span)
        CROSS JOIN LATERAL (VALUES (lower(r.span), 1), (upper(r.span), -1)) AS e (day, officers)
        UNION ALL
        SELECT k.standing, k.course, a.division_code, m.day, 0, true
        FROM (SELECT DISTINCT standing, course FROM spans) k
        JOIN area a ON a.division_code IS NOT NULL
        CROSS JOIN (SELECT elapsed_to AS day FROM period WHERE grain = 'month'
                    UNION SELECT period_start - 1 FROM period WHERE grain = 'month') m
    ), changed AS (
        SELECT standing, course, division_code, day, sum(officers) AS officers, bool_or(is_end) AS is_end
        FROM change GROUP BY standing, course, division_code, day
    ), swept AS (
        SELECT standing, course, division_code, day, is_end,
               sum(officers) OVER so_far AS officers,
               -- One who began on a day has had that day by its end.
               sum(officers) OVER so_far * (day - date '1900-01-01' + 1) - sum(officers * (day - date '1900-01-01')) OVER so_far AS officer_days
        FROM changed
        WINDOW so_far AS (PARTITION BY standing, course, division_code ORDER BY day)
    )
    SELECT standing, course, division_code, day, officers::bigint AS officers, officer_days::bigint AS officer_days
    FROM swept WHERE is_end;

CREATE TABLE officer_standing AS TABLE officer_standing_source WITH NO DATA;
ALTER TABLE officer_standing ADD PRIMARY KEY (standing, course, division_code, day);

-- Officer-years of a standing in every period and area. Officers add up over divisions: each is in one at a time.
CREATE VIEW officer_years AS
    SELECT s.standing, s.course, p.period_key, ad.area_key, sum(s.officer_days - b.officer_days)::float8 / 365.25 AS officer_years
    FROM period p
    JOIN officer_standing s ON s.day = p.elapsed_to
    JOIN officer_standing b ON b.standing = s.standing AND b.course = s.course AND b.division_code = s.division_code AND b.day = p.period_start - 1
    JOIN area_division ad ON ad.division_code = s.division_code
    GROUP BY s.standing, s.course, p.period_key, ad.area_key;

-- Administrations by officers of a division and the officer-years carrying to set them against, both on the days on which
-- administrations and carriage are recorded: by period and area.
CREATE VIEW administration_by_officer AS
    WITH by_month AS (
        SELECT r.month, r.division_code, sum(r.administrations) AS administrations
        FROM counted_administration_officer_day r
        JOIN counted c ON c.source = 'officer_carriage' AND c.division_code = r.division_code AND c.days @> r.day
        GROUP BY r.month, r.division_code
    ), summed AS (
        SELECT pm.period_key, ad.area_key, sum(m.administrations)::bigint AS administrations
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY pm.period_key, ad.area_key
    )
    SELECT a.period_key, a.area_key, coalesce(s.administrations, 0)::bigint AS administrations, coalesce(y.officer_years, 0)::float8 AS officer_years
    FROM area_period a
    JOIN area_period o ON o.source = 'officer_carriage' AND o.period_key = a.period_key AND o.area_key = a.area_key AND o.is_covered
    LEFT JOIN summed s ON s.period_key = a.period_key AND s.area_key = a.area_key
    LEFT JOIN officer_years y ON y.period_key = a.period_key AND y.area_key = a.area_key
         AND y.standing = 'carrying, administrations recorded'
    WHERE a.source = 'administration' AND a.is_covered;

INSERT INTO refresh_step VALUES
    (270, 'engine_room', 'administration_officer_day'),
    (274, 'engine_room', 'officer_span'),
    (275, 'engine_room', 'officer_standing');
INSERT INTO rollup VALUES ('administration_officer_day', '{day,division_code}');
INSERT INTO rollup_source VALUES ('administration_officer_day', 'administration', 'marked_day');

INSERT INTO object_definition VALUES
    ('administration_officer_day_source', 'what a refresh fills administration_officer_day with'),
    ('administration_officer_day', 'administrations, doses and kits asked for by day, division and the officer''s own division'),
    ('counted_administration_officer_day', 'administrations, doses and kits asked for by day and the officer''s own division, where they count'),
    ('officer_span_source', 'what a refresh fills officer_span with'),
    ('officer_span', 'the days on which an officer was eligible and carried, in one division at a time'),
    ('officer_course', 'the days since an officer first completed a course, and those on which the training is in date'),
    ('officer_standing_source', 'what a refresh fills officer_standing with'),
    ('officer_standing', 'officers eligible, carrying and trained at the end of every month, and their days so far'),
    ('officer_years', 'officer-years eligible, carrying and trained by period and area'),
    ('administration_by_officer', 'administrations by officers of a division and their officer-years carrying, by period and area');
