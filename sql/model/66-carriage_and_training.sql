-- Who carries naloxone, and whose training is current? No figure is by officer.

-- Whether a division's records of a source exist on the last day of a period: officers are counted on that day.
CREATE VIEW counted_period_end AS
    SELECT c.source, p.period_key, ad.area_key, array_agg(c.division_code ORDER BY c.division_code) AS division_codes
    FROM period p
    JOIN counted c ON c.days @> p.elapsed_to
    LEFT JOIN division_day h ON h.division_code = c.division_code
    JOIN area_division ad ON ad.division_code = c.division_code
    WHERE c.division_code = 'UNKNOWN' OR h.held @> p.elapsed_to
    GROUP BY c.source, p.period_key, ad.area_key;

-- Officers of a standing on the last day of a period, NULL where that day is not one with records.
CREATE VIEW officers_at_period_end AS
    SELECT s.standing, s.course, p.period_key, ad.area_key, sum(s.officers)::bigint AS officers
    FROM period p
    JOIN officer_standing s ON s.day = p.elapsed_to
    JOIN area_division ad ON ad.division_code = s.division_code
    GROUP BY s.standing, s.course, p.period_key, ad.area_key;

CREATE MATERIALIZED VIEW carriage_and_training AS
    WITH counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days,
               CASE WHEN e.period_key IS NOT NULL THEN coalesce(eligible.officers, 0) END AS eligible,
               CASE WHEN e.period_key IS NOT NULL THEN coalesce(carrying.officers, 0) END AS carrying,
               CASE WHEN ap.is_covered THEN coalesce(eligible_years.officer_years, 0) END AS officer_years_eligible,
               CASE WHEN ap.is_covered THEN coalesce(carrying_years.officer_years, 0) END AS officer_years_carrying
        FROM area_period ap
        LEFT JOIN counted_period_end e ON e.source = ap.source AND e.period_key = ap.period_key AND e.area_key = ap.area_key
        LEFT JOIN officers_at_period_end eligible ON eligible.standing = 'eligible'
             AND eligible.period_key = ap.period_key AND eligible.area_key = ap.area_key
        LEFT JOIN officers_at_period_end carrying ON carrying.standing = 'carrying'
             AND carrying.period_key = ap.period_key AND carrying.area_key = ap.area_key
        LEFT JOIN officer_years eligible_years ON eligible_years.standing = 'eligible'
             AND eligible_years.period_key = ap.period_key AND eligible_years.area_key = ap.area_key
        LEFT JOIN officer_years carrying_years ON carrying_years.standing = 'carrying'
             AND carrying_years.period_key = ap.period_key AND carrying_years.area_key = ap.area_key
        WHERE ap.source = 'officer_carriage'
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days, c.eligible, c.carrying,
           share.value AS carrying_share, share.lower AS carrying_share_lower, share.upper AS carrying_share_upper,
           c.officer_years_eligible, c.officer_years_carrying
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.carrying, c.eligible, setting.confidence) AS share;
CREATE UNIQUE INDEX carriage_and_training_key ON carriage_and_training (period_key, area_key);

-- Courses completed on a counted day, with the officer's division on that day. Scores that are no numbers, or none that a course
-- gives, are not recorded ones; an officer who completed a course twice on a day completed it once, with the scores recorded last.
CREATE VIEW course_completion AS
    WITH completion AS MATERIALIZED (
        SELECT t.course, t.day, coalesce(o.division_code, 'UNKNOWN') AS division_code, t.score_before, t.score_after
        FROM (
            SELECT DISTINCT ON (r.officer_key, coalesce(r.course, 'UNKNOWN'), day_of(r.completed_on))
                   r.officer_key, coalesce(r.course, 'UNKNOWN') AS course, day_of(r.completed_on) AS day,
                   CASE WHEN r.score_before BETWEEN -1000000 AND 1000000 THEN r.score_before END AS score_before,
                   CASE WHEN r.score_after BETWEEN -1000000 AND 1000000 THEN r.score_after END AS score_after
            FROM officer_training r
            ORDER BY r.officer_key, coalesce(r.course, 'UNKNOWN'), day_of(r.completed_on), r.recorded_at DESC NULLS LAST, r.score_after, r.score_before
        ) t
        LEFT JOIN officer_span o ON o.officer_key = t.officer_key AND o.eligible @> t.day
    )
    SELECT f.course, f.day, f.division_code, f.score_before, f.score_after
    FROM completion f
    JOIN counted c ON c.source = 'officer_training' AND c.division_code = f.division_code AND c.days @> f.day;

CREATE MATERIALIZED VIEW carriage_and_training_course AS
    WITH key AS (
        SELECT DISTINCT course FROM officer_course
    ), by_month AS (
        SELECT period_start('month', t.day) AS month, t.division_code, t.course, count(*) AS completions,
               count(t.score_before + t.score_after) AS with_both_scores,
               sum(t.score_before::numeric) FILTER (WHERE t.score_after IS NOT NULL) AS total_before,
               sum(t.score_after::numeric) FILTER (WHERE t.score_before IS NOT NULL) AS total_after
        FROM course_completion t
        GROUP BY 1, 2, 3
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.course, sum(m.completions)::bigint AS completions, sum(m.with_both_scores)::bigint AS with_both_scores,
               sum(m.total_before) AS total_before, sum(m.total_after) AS total_after
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3
    ), standing AS (
        SELECT period_key, area_key, course,
               max(officers) FILTER (WHERE standing = 'trained') AS trained,
               max(officers) FILTER (WHERE standing = 'in date') AS in_date,
               max(officers) FILTER (WHERE standing = 'carrying, trained') AS carrying_trained
        FROM officers_at_period_end WHERE course <> 'ALL'
        GROUP BY period_key, area_key, course
    ), counts AS (
        SELECT ap.period_key, ap.area_key, k.course, ap.division_days, ap.covered_division_days,
               CASE WHEN e.is_counted THEN coalesce(eligible.officers, 0) END AS eligible,
               CASE WHEN e.is_counted THEN coalesce(s.trained, 0) END AS trained,
               CASE WHEN e.is_counted AND setting.refresher_months IS NOT NULL THEN coalesce(s.in_date, 0) END AS in_date,
               CASE WHEN e.is_counted THEN coalesce(carrying.officers, 0) END AS carrying,
               CASE WHEN e.is_counted THEN coalesce(s.carrying_trained, 0) END AS carrying_trained,
               CASE WHEN ap.is_covered THEN coalesce(d.completions, 0) END AS completions,
               CASE WHEN ap.is_covered THEN coalesce(d.with_both_scores, 0) END AS with_both_scores,
               -- Of fewer than ten a mean would tell too much of each officer.
               CASE WHEN d.with_both_scores >= 10 THEN (d.total_before / d.with_both_scores)::float8 END AS mean_score_before,
               CASE WHEN d.with_both_scores >= 10 THEN (d.total_after / d.with_both_scores)::float8 END AS mean_score_after
        FROM area_period ap
        CROSS JOIN key k
        CROSS JOIN setting
        -- Both who there is and who is trained must be recorded.
        LEFT JOIN counted_period_end training ON training.source = ap.source AND training.period_key = ap.period_key AND training.area_key = ap.area_key
        LEFT JOIN counted_period_end carriage ON carriage.source = 'officer_carriage' AND carriage.period_key = ap.period_key AND carriage.area_key = ap.area_key
        CROSS JOIN LATERAL (SELECT coalesce(training.division_codes && carriage.division_codes, false) AS is_counted) e
        LEFT JOIN officers_at_period_end eligible ON eligible.standing = 'eligible, training recorded'
             AND eligible.period_key = ap.period_key AND eligible.area_key = ap.area_key
        LEFT JOIN officers_at_period_end carrying ON carrying.standing = 'carrying, training recorded'
             AND carrying.period_key = ap.period_key AND carrying.area_key = ap.area_key
        LEFT JOIN standing s ON s.period_key = ap.period_key AND s.area_key = ap.area_key AND s.course = k.course
        LEFT JOIN summed d ON d.period_key = ap.period_key AND d.area_key = ap.area_key AND d.course = k.course
        WHERE ap.source = 'officer_training'
    )
    SELECT c.period_key, c.area_key, c.course, c.division_days, c.covered_division_days,
           c.eligible, c.trained,
           trained.value AS trained_share, trained.lower AS trained_share_lower, trained.upper AS trained_share_upper,
           c.in_date, c.trained - c.in_date AS overdue,
           in_date.value AS in_date_share, in_date.lower AS in_date_share_lower, in_date.upper AS in_date_share_upper,
           c.carrying, c.carrying - c.carrying_trained AS carrying_not_trained,
           c.completions, c.with_both_scores, c.mean_score_before, c.mean_score_after, c.mean_score_after - c.mean_score_before AS mean_score_change
    FROM counts c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.trained, c.eligible, setting.confidence) AS trained
    CROSS JOIN LATERAL proportion_interval(c.in_date, c.eligible, setting.confidence) AS in_date;
CREATE UNIQUE INDEX carriage_and_training_course_key ON carriage_and_training_course (period_key, area_key, course);

INSERT INTO refresh_step VALUES
    (660, 'engine_room', 'carriage_and_training'),
    (661, 'engine_room', 'carriage_and_training_course');

INSERT INTO object_definition VALUES
    ('counted_period_end', 'the divisions of an area whose records of a source exist on the last day of a period'),
    ('officers_at_period_end', 'officers eligible, carrying and trained on the last day of every period, by area'),
    ('course_completion', 'courses completed, in the division that the officer was in'),
    ('carriage_and_training', 'who carries naloxone: by period and area'),
    ('carriage_and_training_course', 'who is trained, and whose training is current: by period, area and course');

INSERT INTO dictionary VALUES
    ('carriage_and_training', 'eligible', 'officers eligible to carry naloxone on the last day of the period', 'officers', false, 'an officer is in one division at a time: of overlapping records the one that begins last; NULL where that day has no records', 'officer_carriage'),
    ('carriage_and_training', 'carrying', 'of eligible, those who carried naloxone on that day', 'officers', false, 'carriage ends with the record of eligibility', 'officer_carriage'),
    ('carriage_and_training', 'carrying_share', 'carrying as a share of eligible', 'share, 0 to 1', false, 'Wilson interval', 'officer_carriage'),
    ('carriage_and_training', 'carrying_share_lower', 'lower confidence limit of carrying_share', 'share, 0 to 1', false, NULL, 'officer_carriage'),
    ('carriage_and_training', 'carrying_share_upper', 'upper confidence limit of carrying_share', 'share, 0 to 1', false, NULL, 'officer_carriage'),
    ('carriage_and_training', 'officer_years_eligible', 'officers eligible times years, in the period', 'officer-years', true, 'days on which carriage is recorded, divided by 365.25', 'officer_carriage, source_coverage'),
    ('carriage_and_training', 'officer_years_carrying', 'officers carrying times years, in the period', 'officer-years', true, 'days on which carriage is recorded, divided by 365.25', 'officer_carriage, source_coverage'),
    ('carriage_and_training_course', 'course', 'the course', 'text', false, 'courses are never added up: an officer takes several', 'officer_training'),
    ('carriage_and_training_course', 'eligible', 'officers eligible to carry naloxone on the last day of the period, where training is recorded on that day', 'officers', false, 'eligible = in_date + overdue + those never trained', 'officer_carriage'),
    ('carriage_and_training_course', 'trained', 'of eligible, those who have ever completed the course', 'officers', false, NULL, 'officer_training, officer_carriage'),
    ('carriage_and_training_course', 'trained_share', 'trained as a share of eligible', 'share, 0 to 1', false, 'Wilson interval', 'officer_training, officer_carriage'),
    ('carriage_and_training_course', 'trained_share_lower', 'lower confidence limit of trained_share', 'share, 0 to 1', false, NULL, 'officer_training, officer_carriage'),
    ('carriage_and_training_course', 'trained_share_upper', 'upper confidence limit of trained_share', 'share, 0 to 1', false, NULL, 'officer_training, officer_carriage'),
    ('carriage_and_training_course', 'in_date', 'of trained, those whose last completion is not older than the setting refresher_months', 'officers', false, 'in date up to and on the day so many months later; NULL until the setting is set', 'officer_training, officer_carriage, setting'),
    ('carriage_and_training_course', 'overdue', 'of trained, those whose last completion is older', 'officers', false, 'NULL until the setting refresher_months is set', 'officer_training, officer_carriage, setting'),
    ('carriage_and_training_course', 'in_date_share', 'in_date as a share of eligible', 'share, 0 to 1', false, 'Wilson interval', 'officer_training, officer_carriage, setting'),
    ('carriage_and_training_course', 'in_date_share_lower', 'lower confidence limit of in_date_share', 'share, 0 to 1', false, NULL, 'officer_training, officer_carriage, setting'),
    ('carriage_and_training_course', 'in_date_share_upper', 'upper confidence limit of in_date_share', 'share, 0 to 1', false, NULL, 'officer_training, officer_carriage, setting'),
    ('carriage_and_training_course', 'carrying', 'of eligible, those who carried naloxone on that day', 'officers', false, NULL, 'officer_carriage'),
    ('carriage_and_training_course', 'carrying_not_trained', 'of carrying, those with no completion of the course on record', 'officers', false, NULL, 'officer_training, officer_carriage'),
    ('carriage_and_training_course', 'completions', 'completions of the course in the period', 'completions', true, 'in the division that the officer was in on that day, UNKNOWN if in none; of an officer and day one', 'officer_training'),
    ('carriage_and_training_course', 'with_both_scores', 'of completions, those with a score before and one after', 'completions', true, NULL, 'officer_training'),
    ('carriage_and_training_course', 'mean_score_before', 'mean score before the course, over with_both_scores', 'score', false, 'NULL of fewer than 10', 'officer_training'),
    ('carriage_and_training_course', 'mean_score_after', 'mean score after the course, over with_both_scores', 'score', false, 'NULL of fewer than 10', 'officer_training'),
    ('carriage_and_training_course', 'mean_score_change', 'mean_score_after - mean_score_before: of the same officers', 'score', false, 'a comparison, not an effect; NULL of fewer than 10', 'officer_training');
