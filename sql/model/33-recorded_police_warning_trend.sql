-- Are Recorded Police Warnings rising, and is it more than recording?

-- Disposals of drug possession. A warning that was refused or withdrawn is no warning; each is counted apart.
CREATE VIEW direct_measure_day_source AS
    SELECT m.day, m.division_code,
           count(*) AS disposals,
           count(*) FILTER (WHERE m.kind = 'recorded_police_warning') AS warnings_offered,
           count(*) FILTER (WHERE m.is_warning) AS warnings,
           count(*) FILTER (WHERE m.kind = 'recorded_police_warning' AND m.refused) AS warnings_refused,
           count(*) FILTER (WHERE m.kind = 'recorded_police_warning' AND m.refused IS NOT TRUE AND m.withdrawn_on IS NOT NULL) AS warnings_withdrawn,
           count(*) FILTER (WHERE m.kind = 'fixed_penalty_notice') AS fixed_penalty_notices,
           count(*) FILTER (WHERE m.kind = 'report_to_prosecutor') AS reports_to_prosecutor,
           count(*) FILTER (WHERE m.kind = 'diversion_requested') AS diversions_requested,
           count(*) FILTER (WHERE m.kind NOT IN ('recorded_police_warning', 'fixed_penalty_notice', 'report_to_prosecutor', 'diversion_requested')) AS other_disposals,
           count(*) FILTER (WHERE m.is_warning AND m.drug_class = 'A') AS warnings_class_a,
           count(*) FILTER (WHERE m.is_warning AND m.drug_class = 'B') AS warnings_class_b,
           count(*) FILTER (WHERE m.is_warning AND m.drug_class = 'C') AS warnings_class_c,
           count(*) FILTER (WHERE m.is_warning AND m.drug_class = 'multiple') AS warnings_class_multiple,
           count(*) FILTER (WHERE m.is_warning AND (m.drug_class IS NULL OR m.drug_class NOT IN ('A', 'B', 'C', 'multiple'))) AS warnings_class_unknown
    FROM (
        SELECT day_of(r.issued_on) AS day, coalesce(r.division_code, 'UNKNOWN') AS division_code, coalesce(r.kind, 'other') AS kind, r.drug_class,
               r.refused, r.withdrawn_on,
               r.kind IS NOT DISTINCT FROM 'recorded_police_warning' AND r.refused IS NOT TRUE AND r.withdrawn_on IS NULL AS is_warning
        FROM direct_measure r
        WHERE r.offence = 'drug_possession'
    ) m
    GROUP BY m.day, m.division_code;

CREATE TABLE direct_measure_day AS TABLE direct_measure_day_source WITH NO DATA;
ALTER TABLE direct_measure_day ADD PRIMARY KEY (day, division_code);

CREATE VIEW warned_person_day_source AS
    SELECT r.measure_person_key AS person_key, day_of(r.issued_on) AS day, coalesce(r.division_code, 'UNKNOWN') AS division_code, count(*) AS warnings
    FROM direct_measure r
    WHERE r.offence = 'drug_possession' AND r.kind = 'recorded_police_warning'
      AND r.refused IS NOT TRUE AND r.withdrawn_on IS NULL AND r.measure_person_key IS NOT NULL
    GROUP BY 1, 2, 3;

CREATE TABLE warned_person_day AS TABLE warned_person_day_source WITH NO DATA;
ALTER TABLE warned_person_day ADD PRIMARY KEY (person_key, day, division_code);

-- Warnings that count, a row each, in every area that they are of, with the months since the person's before: people_day says why.
CREATE VIEW area_warning AS
    SELECT w.person_key, ad.area_key, w.day,
           least(w.month_number - lag(w.month_number, 1) OVER area, 12) AS since_1st,
           least(w.month_number - lag(w.month_number, 2) OVER area, 12) AS since_2nd
    FROM (
        SELECT p.person_key, p.day, p.division_code AS recorded_division_code, n.number, c.division_code,
               (12 * extract(year FROM p.day) + extract(month FROM p.day))::integer AS month_number
        FROM warned_person_day p
        LEFT JOIN division_day d ON d.division_code = p.division_code AND d.held @> p.day
        JOIN coverage c ON c.source = 'direct_measure' AND c.division_code = coalesce(d.division_code, 'UNKNOWN') AND c.covered @> p.day
        CROSS JOIN LATERAL generate_series(1, p.warnings) AS n (number)
        WHERE p.day < 'infinity'
    ) w
    JOIN area_division ad USING (division_code)
    WINDOW area AS (PARTITION BY w.person_key, ad.area_key ORDER BY w.day, w.recorded_division_code, w.number);

CREATE VIEW warned_people_day_part AS
    SELECT person_key, day, area_key, count(*) AS warnings, duration_dist(since_1st) AS since_1st, duration_dist(since_2nd) AS since_2nd
    FROM area_warning
    GROUP BY person_key, day, area_key;

CREATE VIEW warned_people_day_source AS
    SELECT day, area_key, count(*) AS warnings, duration_dist(since_1st) AS since_1st, duration_dist(since_2nd) AS since_2nd
    FROM area_warning
    GROUP BY day, area_key;

CREATE TABLE warned_people_day AS TABLE warned_people_day_source WITH NO DATA;
ALTER TABLE warned_people_day ADD PRIMARY KEY (day, area_key);

CREATE VIEW possession_crime_day_source AS
    SELECT day_of(c.recorded_on) AS day, coalesce(c.division_code, 'UNKNOWN') AS division_code, sum(c.crimes)::bigint AS possession_crimes
    FROM recorded_crime c
    WHERE c.kind = 'possession'
    GROUP BY 1, 2;

CREATE TABLE possession_crime_day AS TABLE possession_crime_day_source WITH NO DATA;
ALTER TABLE possession_crime_day ADD PRIMARY KEY (day, division_code);

-- Totals published elsewhere, for exactly the period and area that they cover and for the grain that is as long: never
-- spread, never added to records. Of several under one name the last recorded is shown.
CREATE VIEW published_total AS
    SELECT p.period_key, a.area_key, c.indicator,
           (array_agg(c.value ORDER BY c.recorded_at DESC NULLS LAST, c.source))[1] AS value,
           (array_agg(c.source ORDER BY c.recorded_at DESC NULLS LAST, c.source))[1] AS source,
           count(DISTINCT c.value) > 1 AS differs
    FROM published_count c
    JOIN period p ON p.period_start = c.period_from AND p.period_end = c.period_to
    JOIN area a ON a.area_key = coalesce('division ' || c.division_code, 'force')
    WHERE c.cumulative_since IS NULL
    GROUP BY 1, 2, 3;

CREATE MATERIALIZED VIEW recorded_police_warning_trend AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               sum(m.disposals) AS disposals, sum(m.warnings_offered) AS warnings_offered, sum(m.warnings) AS warnings,
               sum(m.warnings_refused) AS warnings_refused, sum(m.warnings_withdrawn) AS warnings_withdrawn,
               sum(m.fixed_penalty_notices) AS fixed_penalty_notices, sum(m.reports_to_prosecutor) AS reports_to_prosecutor,
               sum(m.diversions_requested) AS diversions_requested, sum(m.other_disposals) AS other_disposals,
               sum(m.warnings_class_a) AS warnings_class_a, sum(m.warnings_class_b) AS warnings_class_b,
               sum(m.warnings_class_c) AS warnings_class_c, sum(m.warnings_class_multiple) AS warnings_class_multiple,
               sum(m.warnings_class_unknown) AS warnings_class_unknown
        FROM direct_measure_day m
        JOIN counted_day c ON c.source = 'direct_measure' AND c.day = m.day AND c.recorded_division_code = m.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.disposals)::bigint AS disposals, sum(m.warnings_offered)::bigint AS warnings_offered, sum(m.warnings)::bigint AS warnings,
               sum(m.warnings_refused)::bigint AS warnings_refused, sum(m.warnings_withdrawn)::bigint AS warnings_withdrawn,
               sum(m.fixed_penalty_notices)::bigint AS fixed_penalty_notices, sum(m.reports_to_prosecutor)::bigint AS reports_to_prosecutor,
               sum(m.diversions_requested)::bigint AS diversions_requested, sum(m.other_disposals)::bigint AS other_disposals,
               sum(m.warnings_class_a)::bigint AS warnings_class_a, sum(m.warnings_class_b)::bigint AS warnings_class_b,
               sum(m.warnings_class_c)::bigint AS warnings_class_c, sum(m.warnings_class_multiple)::bigint AS warnings_class_multiple,
               sum(m.warnings_class_unknown)::bigint AS warnings_class_unknown
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), crimes AS (
        SELECT pm.period_key, ad.area_key, sum(k.possession_crimes)::bigint AS possession_crimes
        FROM possession_crime_day k
        JOIN counted_day c ON c.source = 'recorded_crime' AND c.day = k.day AND c.recorded_division_code = k.division_code
        JOIN period_month pm ON pm.month = c.month
        JOIN area_division ad ON ad.division_code = c.division_code
        GROUP BY 1, 2
    ), warned AS (
        SELECT period_start('month', p.day) AS month, p.area_key, sum(p.warnings) AS warnings,
               rollup(p.since_1st) AS since_1st, rollup(p.since_2nd) AS since_2nd
        FROM warned_people_day p
        WHERE p.day <= (SELECT day FROM as_of)
        GROUP BY 1, 2
    ), people AS (
        SELECT n.period_key, w.area_key,
               sum(w.warnings - num_within(w.since_1st, n.months_before))::bigint AS people_warned,
               sum(num_within(w.since_1st, n.months_before) - num_within(w.since_2nd, n.months_before))::bigint AS people_warned_repeatedly
        FROM warned w JOIN period_month_number n USING (month)
        GROUP BY 1, 2
    ), year_before AS (
        -- Of a period that has not ended, the same elapsed days a year before.
        SELECT p.period_key, ad.area_key, coalesce(sum(m.warnings), 0)::bigint AS warnings
        FROM period p
        JOIN period b ON b.period_key = p.year_before_key
        CROSS JOIN area_division ad
        LEFT JOIN (direct_measure_day m
                   JOIN counted_day c ON c.source = 'direct_measure' AND c.day = m.day AND c.recorded_division_code = m.division_code)
             ON c.division_code = ad.division_code
            AND m.day BETWEEN b.period_start AND p.year_before_elapsed_to
        GROUP BY 1, 2
    ), counts AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days, p.grain, p.period_start,
               ap.is_fully_covered,
               CASE WHEN ap.is_covered THEN coalesce(s.disposals, 0) END AS disposals,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_offered, 0) END AS warnings_offered,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings, 0) END AS warnings,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_refused, 0) END AS warnings_refused,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_withdrawn, 0) END AS warnings_withdrawn,
               CASE WHEN ap.is_covered THEN coalesce(s.fixed_penalty_notices, 0) END AS fixed_penalty_notices,
               CASE WHEN ap.is_covered THEN coalesce(s.reports_to_prosecutor, 0) END AS reports_to_prosecutor,
               CASE WHEN ap.is_covered THEN coalesce(s.diversions_requested, 0) END AS diversions_requested,
               CASE WHEN ap.is_covered THEN coalesce(s.other_disposals, 0) END AS other_disposals,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_class_a, 0) END AS warnings_class_a,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_class_b, 0) END AS warnings_class_b,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_class_c, 0) END AS warnings_class_c,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_class_multiple, 0) END AS warnings_class_multiple,
               CASE WHEN ap.is_covered THEN coalesce(s.warnings_class_unknown, 0) END AS warnings_class_unknown,
               CASE WHEN ap.is_covered AND NOT ap.is_across_seal THEN coalesce(people.people_warned, 0) END AS people_warned,
               CASE WHEN ap.is_covered AND NOT ap.is_across_seal THEN coalesce(people.people_warned_repeatedly, 0) END AS people_warned_repeatedly,
               CASE WHEN crime_period.is_covered THEN coalesce(crimes.possession_crimes, 0) END AS possession_crimes,
               ap.is_fully_covered AND crime_period.is_fully_covered AS crimes_are_comparable,
               CASE WHEN ap.is_fully_covered AND before_period.is_fully_covered THEN year_before.warnings END AS warnings_year_before,
               p.year_before_key, p.is_settled, marked.markers, marked.phase, marked.is_mixed
        FROM area_period ap
        JOIN period p USING (period_key)
        LEFT JOIN summed s USING (period_key, area_key)
        LEFT JOIN people USING (period_key, area_key)
        LEFT JOIN crimes USING (period_key, area_key)
        LEFT JOIN year_before USING (period_key, area_key)
        LEFT JOIN area_period crime_period ON crime_period.source = 'recorded_crime'
             AND crime_period.period_key = ap.period_key AND crime_period.area_key = ap.area_key
        LEFT JOIN area_period before_period ON before_period.source = ap.source
             AND before_period.period_key = p.year_before_key AND before_period.area_key = ap.area_key
        CROSS JOIN LATERAL (
            SELECT string_agg(k.label, '; ' ORDER BY k.day) FILTER (WHERE k.day >= p.period_start) AS markers,
                   (count(*) FILTER (WHERE k.day <= p.period_start) + 1)::smallint AS phase,
                   count(*) FILTER (WHERE k.day > p.period_start) > 0 AS is_mixed
            FROM policy_marker k WHERE k.indicator = 'recorded_police_warning' AND k.day <= p.period_end
        ) marked
        WHERE ap.source = 'direct_measure'
    ), month AS (
        -- What the months of a phase vary by, in the latest stretch of them without a gap in the records. UNKNOWN is no place.
        SELECT c.area_key, c.phase, c.period_start, c.warnings, c.month_number,
               c.month_number - row_number() OVER (PARTITION BY c.area_key ORDER BY c.month_number) AS stretch
        FROM (SELECT o.area_key, o.phase, o.period_start, o.warnings,
                     (12 * extract(year FROM o.period_start) + extract(month FROM o.period_start))::integer AS month_number
              FROM counts o
              WHERE o.grain = 'month' AND o.is_fully_covered AND o.is_settled AND NOT o.is_mixed AND o.area_key <> 'division UNKNOWN') c
    ), varied AS (
        SELECT DISTINCT ON (s.area_key, s.phase) s.area_key, s.phase, CASE WHEN s.points >= 8 THEN s.points - 2 END AS degrees_of_freedom,
               CASE WHEN s.points >= 8 THEN (poisson_trend(s.series)).dispersion END AS dispersion
        FROM (SELECT m.area_key, m.phase, m.stretch, count(*) AS points,
                     time_series(m.month_number / 12.0::float8, m.warnings::float8,
                                 ((m.period_start + interval '1 month')::date - m.period_start)::float8) AS series
              FROM month m
              GROUP BY m.area_key, m.phase, m.stretch) s
        ORDER BY s.area_key, s.phase, s.stretch DESC
    )
    SELECT c.period_key, c.area_key, c.division_days, c.covered_division_days,
           c.disposals, c.warnings_offered, c.warnings, c.warnings_refused, c.warnings_withdrawn,
           c.fixed_penalty_notices, c.reports_to_prosecutor, c.diversions_requested, c.other_disposals,
           share.value AS warnings_share, share.lower AS warnings_share_lower, share.upper AS warnings_share_upper,
           c.possession_crimes,
           rate.value AS warnings_per_1000_crimes, rate.lower AS warnings_per_1000_crimes_lower, rate.upper AS warnings_per_1000_crimes_upper,
           c.warnings_class_a, c.warnings_class_b, c.warnings_class_c, c.warnings_class_multiple, c.warnings_class_unknown,
           c.people_warned, c.people_warned_repeatedly,
           c.warnings_year_before, c.warnings::float8 / nullif(c.warnings_year_before, 0) AS ratio_to_year_before,
           ratio.exact_lower AS ratio_to_year_before_lower, ratio.exact_upper AS ratio_to_year_before_upper,
           ratio.dispersed_lower AS ratio_to_year_before_dispersed_lower, ratio.dispersed_upper AS ratio_to_year_before_dispersed_upper,
           varied.dispersion,
           c.markers AS policy_marker,
           c.phase,
           headline.value AS published_warnings, headline.source AS published_warnings_source,
           headline.value::float8 / nullif(headline_before.value, 0) AS published_ratio_to_year_before,
           possession.value AS published_possession_warnings, possession.source AS published_possession_warnings_source,
           possession.value::float8 / nullif(possession_before.value, 0) AS published_possession_ratio_to_year_before,
           published_crimes.value AS published_possession_crimes,
           -- NULL where fewer than two sources say anything.
           CASE WHEN headline.differs OR possession.differs THEN true ELSE headline.value <> possession.value END AS sources_differ
    FROM counts c
    JOIN period p USING (period_key)
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.warnings, c.disposals, setting.confidence) AS share
    CROSS JOIN LATERAL rate_interval(CASE WHEN c.crimes_are_comparable AND c.possession_crimes > 0 THEN c.warnings END, c.possession_crimes, 1000, setting.confidence) AS rate
    LEFT JOIN varied ON varied.area_key = c.area_key AND varied.phase = c.phase
    -- Both periods are as long. Of months that all lie on the line nobody could say by how much they usually do not.
    CROSS JOIN LATERAL (
        SELECT r.exact_lower, r.exact_upper, CASE WHEN varied.dispersion > 0 THEN r.dispersed_lower END AS dispersed_lower,
               CASE WHEN varied.dispersion > 0 THEN r.dispersed_upper END AS dispersed_upper
        FROM dispersed_rate_ratio(c.warnings, 1, nullif(c.warnings_year_before, 0), 1, CASE WHEN varied.dispersion > 0 THEN varied.dispersion ELSE 1 END,
                                  coalesce(varied.degrees_of_freedom, 1), setting.confidence) AS r
    ) ratio
    LEFT JOIN published_total headline ON headline.period_key = c.period_key AND headline.area_key = c.area_key AND headline.indicator = 'recorded_police_warnings'
    LEFT JOIN published_total headline_before ON headline_before.period_key = c.year_before_key AND headline_before.area_key = c.area_key AND headline_before.indicator = 'recorded_police_warnings'
    LEFT JOIN published_total possession ON possession.period_key = c.period_key AND possession.area_key = c.area_key AND possession.indicator = 'drug_possession_warnings'
    LEFT JOIN published_total possession_before ON possession_before.period_key = c.year_before_key AND possession_before.area_key = c.area_key AND possession_before.indicator = 'drug_possession_warnings'
    LEFT JOIN published_total published_crimes ON published_crimes.period_key = c.period_key AND published_crimes.area_key = c.area_key AND published_crimes.indicator = 'drug_possession_crimes';
CREATE UNIQUE INDEX recorded_police_warning_trend_key ON recorded_police_warning_trend (period_key, area_key);

INSERT INTO refresh_step VALUES
    (230, 'engine_room', 'direct_measure_day'),
    (231, 'engine_room', 'warned_person_day'),
    (233, 'engine_room', 'warned_people_day'),
    (232, 'engine_room', 'possession_crime_day'),
    (430, 'engine_room', 'recorded_police_warning_trend');
INSERT INTO rollup VALUES
    ('direct_measure_day', '{day,division_code}'),
    ('warned_person_day', '{person_key}'),
    ('possession_crime_day', '{day,division_code}');
INSERT INTO rollup (name, key, parts_of) VALUES ('warned_people_day', '{day,area_key}', 'warned_person_day');
INSERT INTO rollup_source VALUES
    ('direct_measure_day', 'direct_measure', 'marked_day'),
    ('warned_person_day', 'direct_measure', 'marked_person'),
    ('warned_people_day', 'division', 'everything'),
    ('warned_people_day', 'source_coverage', 'everything'),
    ('possession_crime_day', 'recorded_crime', 'marked_day');

INSERT INTO object_definition VALUES
    ('direct_measure_day_source', 'what a refresh fills direct_measure_day with'),
    ('direct_measure_day', 'disposals of drug possession by day and division'),
    ('warned_person_day_source', 'what a refresh fills warned_person_day with'),
    ('warned_person_day', 'warnings by known person, day and division'),
    ('area_warning', 'warnings to known people that count, by area, with the months since the person''s before'),
    ('warned_people_day_part', 'what each person gives to warned_people_day'),
    ('warned_people_day_source', 'what a refresh fills warned_people_day with'),
    ('warned_people_day', 'warnings to known people by day and area, with the months since each person''s before: what people are counted from'),
    ('possession_crime_day_source', 'what a refresh fills possession_crime_day with'),
    ('possession_crime_day', 'drug-possession crimes recorded by day and division'),
    ('published_total', 'totals published elsewhere, for exactly the period and area that they cover'),
    ('recorded_police_warning_trend', 'are Recorded Police Warnings rising, and is it more than recording: by period and area');

INSERT INTO dictionary VALUES
    ('recorded_police_warning_trend', 'disposals', 'disposals of drug possession, of every kind', 'disposals', true, 'by the day of issue and the record''s division', 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_offered', 'Recorded Police Warnings for drug possession, refused and withdrawn ones included', 'disposals', true, 'warnings_offered = warnings + warnings_refused + warnings_withdrawn', 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings', 'Recorded Police Warnings for drug possession that stand: neither refused nor withdrawn', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_refused', 'warnings that the person refused', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_withdrawn', 'warnings withdrawn later', 'disposals', true, 'counted on the day of issue; a withdrawal is a correction, so it also changes what an earlier day showed', 'direct_measure'),
    ('recorded_police_warning_trend', 'fixed_penalty_notices', 'fixed penalty notices for drug possession', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'reports_to_prosecutor', 'reports to the prosecutor for drug possession', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'diversions_requested', 'diversions requested for drug possession', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'other_disposals', 'disposals of drug possession of a kind not listed', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_share', 'warnings as a share of disposals: rises only if warnings replace something', 'share, 0 to 1', false, 'Wilson interval', 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_share_lower', 'lower confidence limit of warnings_share', 'share, 0 to 1', false, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_share_upper', 'upper confidence limit of warnings_share', 'share, 0 to 1', false, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'possession_crimes', 'drug-possession crimes recorded', 'crimes', true, 'negative corrections are subtracted', 'recorded_crime'),
    ('recorded_police_warning_trend', 'warnings_per_1000_crimes', 'warnings for every 1,000 possession crimes recorded', 'per 1,000 crimes', false, 'only where both are recorded for the whole period; exact Poisson interval below 10, Byar''s from 10', 'direct_measure, recorded_crime'),
    ('recorded_police_warning_trend', 'warnings_per_1000_crimes_lower', 'lower confidence limit of warnings_per_1000_crimes', 'per 1,000 crimes', false, NULL, 'direct_measure, recorded_crime'),
    ('recorded_police_warning_trend', 'warnings_per_1000_crimes_upper', 'upper confidence limit of warnings_per_1000_crimes', 'per 1,000 crimes', false, NULL, 'direct_measure, recorded_crime'),
    ('recorded_police_warning_trend', 'warnings_class_a', 'warnings for a class A drug', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_class_b', 'warnings for a class B drug', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_class_c', 'warnings for a class C drug', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_class_multiple', 'warnings for drugs of several classes', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_class_unknown', 'warnings for a drug whose class is not known', 'disposals', true, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'people_warned', 'different people warned, of those who are known', 'people', false, 'a person counts once in every period and area', 'direct_measure'),
    ('recorded_police_warning_trend', 'people_warned_repeatedly', 'of people_warned, those with more than one warning in the period', 'people', false, NULL, 'direct_measure'),
    ('recorded_police_warning_trend', 'warnings_year_before', 'warnings in the same period a year before; of a running period, in the same elapsed days', 'disposals', false, 'NULL unless records exist for all of both', 'direct_measure'),
    ('recorded_police_warning_trend', 'ratio_to_year_before', 'warnings divided by warnings_year_before', 'ratio', false, 'a ratio of counts; where policy changed in one of the two or between them (policy_marker, phase) it is of what is not alike, whatever its intervals say', 'direct_measure'),
    ('recorded_police_warning_trend', 'ratio_to_year_before_lower', 'lower confidence limit of ratio_to_year_before, by chance alone', 'ratio', false, 'exact, of two counts over equal times; years vary by more than chance, so look at the dispersed limits too', 'direct_measure'),
    ('recorded_police_warning_trend', 'ratio_to_year_before_upper', 'upper confidence limit of ratio_to_year_before, by chance alone', 'ratio', false, 'exact, of two counts over equal times; years vary by more than chance, so look at the dispersed limits too', 'direct_measure'),
    ('recorded_police_warning_trend', 'ratio_to_year_before_dispersed_lower', 'lower confidence limit of ratio_to_year_before where months vary as much as dispersion says', 'ratio', false, 'quasi-Poisson; NULL where dispersion is, or a count is 0', 'direct_measure'),
    ('recorded_police_warning_trend', 'ratio_to_year_before_dispersed_upper', 'upper confidence limit of ratio_to_year_before where months vary as much as dispersion says', 'ratio', false, 'quasi-Poisson; NULL where dispersion is, or a count is 0', 'direct_measure'),
    ('recorded_police_warning_trend', 'dispersion', 'how many times as much as by chance alone the area''s monthly warnings vary about their trend: near 1 is chance alone', 'number', false, 'of the settled months, in a row and with records for all of the area, of the phase that the period begins in; from 8 months', 'direct_measure'),
    ('recorded_police_warning_trend', 'policy_marker', 'changes of policy that took effect in the period', 'text', false, NULL, 'policy_marker'),
    ('recorded_police_warning_trend', 'phase', 'which stretch between changes of policy the period begins in, from 1: compare within one', 'number', false, NULL, 'policy_marker'),
    ('recorded_police_warning_trend', 'published_warnings', 'Recorded Police Warnings as published for exactly this period and area', 'disposals', false, 'never spread over shorter periods, never added to records', 'published_count: recorded_police_warnings'),
    ('recorded_police_warning_trend', 'published_warnings_source', 'who published published_warnings', 'text', false, NULL, 'published_count'),
    ('recorded_police_warning_trend', 'published_ratio_to_year_before', 'published_warnings divided by the figure of the year before', 'ratio', false, 'arithmetic on published figures, not evidence of a rise', 'published_count: recorded_police_warnings'),
    ('recorded_police_warning_trend', 'published_possession_warnings', 'Recorded Police Warnings for drug possession as published by a second source', 'disposals', false, 'never spread over shorter periods, never added to records', 'published_count: drug_possession_warnings'),
    ('recorded_police_warning_trend', 'published_possession_warnings_source', 'who published published_possession_warnings', 'text', false, NULL, 'published_count'),
    ('recorded_police_warning_trend', 'published_possession_ratio_to_year_before', 'published_possession_warnings divided by the figure of the year before', 'ratio', false, 'arithmetic on published figures, not evidence of a rise', 'published_count: drug_possession_warnings'),
    ('recorded_police_warning_trend', 'published_possession_crimes', 'drug-possession crimes recorded as published for exactly this period and area', 'crimes', false, NULL, 'published_count: drug_possession_crimes'),
    ('recorded_police_warning_trend', 'sources_differ', 'whether published sources give different figures for the period: 1 yes, 0 no', 'flag', false, 'NULL where fewer than two say anything', 'published_count');
