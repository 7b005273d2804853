-- How many different people, exactly, from counts that add up and hold no key.
--
-- People cannot be summed: who was given naloxone in April and in May is one person of the quarter. But of a person's
-- administrations in a period exactly one is the first, and it is the one whose predecessor lies before the period. So an
-- administration is kept with the number of whole months between its month and the month of the same person's last one
-- before it in the same area, 12 where there is none or it is longer ago. In a period that begins i months before the
-- administration's month, it is the first of its person where that number is above i. Of the numbers of months since the k-th
-- before it, likewise: an administration is its person's (k+1)-th or a later one of the period where it is at most i. Hence
--     people                   = administrations - (those with since_1st at most i)
--     people with k or more    = (those with since_(k-1)th at most i) - (those with since_kth at most i),   k from 2
-- each summed over the period's months. Periods are of whole months, twelve at the most, and only look back, so
-- neither the month of the refresh nor what comes after it matters. In which order those of one day are taken does not either.
--
-- Which administrations count depends on coverage and on the dates of divisions, but not on today: what is not yet to be
-- counted is left out by its day.

-- Who was given naloxone, and when: what people are counted from. A death is of the person's administration that it is linked to, or
-- of one after which the form says that the person died before handover; a day of death before the administration is a slip and left out.
CREATE VIEW administration_person_day_source AS
    SELECT person_key, day, division_code, sum(administrations)::bigint AS administrations, min(died_on) AS died_on
    FROM (
        SELECT a.person_key, a.day, a.division_code, 1 AS administrations,
               CASE WHEN a.survival = 'died' AND coalesce(a.survival_as_at, 'handover') = 'handover' THEN a.day END AS died_on
        FROM dated_administration a
        WHERE a.person_key IS NOT NULL
        UNION ALL
        SELECT a.person_key, a.day, a.division_code, 0,
               CASE WHEN d.status IS DISTINCT FROM 'excluded' AND day_of(d.died_on) BETWEEN a.day AND date '9999-12-31' THEN day_of(d.died_on) END
        FROM dated_administration a
        JOIN drug_death d ON d.administration_id = a.administration_id
        WHERE a.person_key IS NOT NULL
    ) p
    GROUP BY person_key, day, division_code;

CREATE TABLE administration_person_day AS TABLE administration_person_day_source WITH NO DATA;
ALTER TABLE administration_person_day ADD PRIMARY KEY (person_key, day, division_code);

-- The months of every period, from 0.
CREATE VIEW period_month_number AS
    SELECT p.period_key, m.period_start AS month,
           (12 * (extract(year FROM m.period_start) - extract(year FROM p.period_start))
            + extract(month FROM m.period_start) - extract(month FROM p.period_start))::integer AS months_before
    FROM period p JOIN period m ON m.grain = 'month' AND m.period_start BETWEEN p.period_start AND p.period_end;

-- Administrations to known people that count, a row each: in which division, and what came next. A person is followed up
-- anywhere in the force, for as long as the division that the administration counts in has records.
CREATE VIEW person_administration AS
    SELECT p.person_key, p.day, p.division_code AS recorded_division_code, n.number, c.division_code,
           (12 * extract(year FROM p.day) + extract(month FROM p.day))::integer AS month_number,
           lag(p.day) OVER (PARTITION BY p.person_key ORDER BY p.day, p.division_code, n.number) AS previous_day,
           lead(p.day) OVER (PARTITION BY p.person_key ORDER BY p.day, p.division_code, n.number) AS next_day,
           min(p.died_on) OVER (PARTITION BY p.person_key) AS died_on,
           (SELECT upper(span) FROM unnest(c.covered) AS span WHERE span @> p.day) AS followed_before
    FROM administration_person_day p
    LEFT JOIN division_day d ON d.division_code = p.division_code AND d.held @> p.day
    JOIN coverage c ON c.source = 'administration' AND c.division_code = coalesce(d.division_code, 'UNKNOWN') AND c.covered @> p.day
    CROSS JOIN LATERAL generate_series(1, p.administrations) AS n (number)
    WHERE p.day < 'infinity';

-- The same in every area that it is of, with the months since the person's administrations before it there.
CREATE VIEW area_administration AS
    SELECT a.person_key, ad.area_key, a.day, a.previous_day, a.next_day, a.died_on, a.followed_before,
           least(a.month_number - lag(a.month_number, 1) OVER area, 12) AS since_1st,
           least(a.month_number - lag(a.month_number, 2) OVER area, 12) AS since_2nd,
           least(a.month_number - lag(a.month_number, 3) OVER area, 12) AS since_3rd,
           least(a.month_number - lag(a.month_number, 4) OVER area, 12) AS since_4th
    FROM person_administration a
    JOIN area_division ad USING (division_code)
    WINDOW area AS (PARTITION BY a.person_key, ad.area_key ORDER BY a.day, a.recorded_division_code, a.number);

-- The distributions are of months.
CREATE VIEW people_day_part AS
    SELECT person_key, day, area_key, count(*) AS administrations,
           count(*) FILTER (WHERE day - previous_day <= 30) AS repeats_within_30_days,
           count(*) FILTER (WHERE day - previous_day <= 90) AS repeats_within_90_days,
           count(*) FILTER (WHERE day - previous_day <= 365) AS repeats_within_365_days,
           duration_dist(since_1st) AS since_1st, duration_dist(since_2nd) AS since_2nd,
           duration_dist(since_3rd) AS since_3rd, duration_dist(since_4th) AS since_4th
    FROM area_administration
    GROUP BY person_key, day, area_key;

CREATE VIEW people_day_source AS
    SELECT day, area_key, count(*) AS administrations,
           count(*) FILTER (WHERE day - previous_day <= 30) AS repeats_within_30_days,
           count(*) FILTER (WHERE day - previous_day <= 90) AS repeats_within_90_days,
           count(*) FILTER (WHERE day - previous_day <= 365) AS repeats_within_365_days,
           duration_dist(since_1st) AS since_1st, duration_dist(since_2nd) AS since_2nd,
           duration_dist(since_3rd) AS since_3rd, duration_dist(since_4th) AS since_4th
    FROM area_administration
    GROUP BY day, area_key;

CREATE TABLE people_day AS TABLE people_day_source WITH NO DATA;
ALTER TABLE people_day ADD PRIMARY KEY (day, area_key);

CREATE VIEW people_in_period AS
    WITH by_month AS (
        SELECT period_start('month', p.day) AS month, p.area_key,
               sum(p.administrations) AS administrations, sum(p.repeats_within_30_days) AS repeats_within_30_days,
               sum(p.repeats_within_90_days) AS repeats_within_90_days, sum(p.repeats_within_365_days) AS repeats_within_365_days,
               rollup(p.since_1st) AS since_1st, rollup(p.since_2nd) AS since_2nd,
               rollup(p.since_3rd) AS since_3rd, rollup(p.since_4th) AS since_4th
        FROM people_day p
        WHERE p.day <= (SELECT day FROM as_of)
        GROUP BY 1, 2
    )
    SELECT n.period_key, m.area_key,
           sum(m.repeats_within_30_days)::bigint AS repeats_within_30_days,
           sum(m.repeats_within_90_days)::bigint AS repeats_within_90_days,
           sum(m.repeats_within_365_days)::bigint AS repeats_within_365_days,
           sum(m.administrations - num_within(m.since_1st, n.months_before))::bigint AS people,
           sum(num_within(m.since_1st, n.months_before) - num_within(m.since_2nd, n.months_before))::bigint AS people_with_two_or_more,
           sum(num_within(m.since_2nd, n.months_before) - num_within(m.since_3rd, n.months_before))::bigint AS people_with_three_or_more,
           sum(num_within(m.since_3rd, n.months_before) - num_within(m.since_4th, n.months_before))::bigint AS people_with_four_or_more
    FROM by_month m JOIN period_month_number n USING (month)
    GROUP BY n.period_key, m.area_key;

INSERT INTO refresh_step VALUES
    (202, 'engine_room', 'administration_person_day'),
    (223, 'engine_room', 'people_day');
INSERT INTO rollup (name, key, parts_of) VALUES
    ('administration_person_day', '{person_key}', NULL),
    ('people_day', '{day,area_key}', 'administration_person_day');
INSERT INTO rollup_source VALUES
    ('administration_person_day', 'administration', 'marked_person'),
    ('administration_person_day', 'drug_death', 'marked_person'),
    -- Which division a record counts in, and whether, changes everything.
    ('people_day', 'division', 'everything'),
    ('people_day', 'source_coverage', 'everything');

INSERT INTO object_definition VALUES
    ('administration_person_day_source', 'what a refresh fills administration_person_day with'),
    ('administration_person_day', 'administrations by known person, day and division, and the day on which the person died'),
    ('period_month_number', 'the months of every period, numbered from 0'),
    ('person_administration', 'administrations to known people that count, in which division, and what came next'),
    ('area_administration', 'the same by area, with the months since the person''s administrations before'),
    ('people_day_part', 'what each person gives to people_day'),
    ('people_day_source', 'what a refresh fills people_day with'),
    ('people_day', 'administrations to known people by day and area, with the months since each person''s before: what people are counted from'),
    ('people_in_period', 'different people given naloxone, and how often, by period and area');
