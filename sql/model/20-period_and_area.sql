-- When and where: the periods and areas that every KPI has a row for, and on which of their days records exist.

-- Up to which day a source's records have been retired: what was counted of them before it stays as it is.
CREATE TABLE sealed_source (
    source         text PRIMARY KEY,
    sealed_before  date NOT NULL
);

-- The days on which each division held.
CREATE VIEW division_day AS
    SELECT division_code, range_agg(daterange(valid_from, valid_to, '[]')) AS held
    FROM division
    WHERE valid_to IS NULL OR valid_to >= valid_from
    GROUP BY division_code;

-- A record counts on its day, under the division that it names; which division that is on that day is for later.
CREATE VIEW source_day_source AS
    SELECT 'administration' AS source, day, division_code, administrations AS records
    FROM administration_day
    UNION ALL
    SELECT 'overdose_incident', day_of(occurred_at), coalesce(incident_division_code, 'UNKNOWN'), count(*)
    FROM overdose_incident GROUP BY 2, 3
    UNION ALL
    SELECT 'ambulance_activation', day_of(clock_started_at), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM ambulance_activation GROUP BY 2, 3
    UNION ALL
    SELECT 'direct_measure', day_of(issued_on), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM direct_measure GROUP BY 2, 3
    UNION ALL
    SELECT 'recorded_crime', day_of(recorded_on), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM recorded_crime GROUP BY 2, 3
    UNION ALL
    SELECT 'kit_movement', day_of(moved_at), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM kit_movement GROUP BY 2, 3
    UNION ALL
    SELECT 'drug_death', day_of(died_on), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM drug_death GROUP BY 2, 3
    UNION ALL
    SELECT 'substance_signal', day_of(observed_on), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM substance_signal GROUP BY 2, 3
    UNION ALL
    SELECT 'survey_response', day_of(answered_on), coalesce(division_code, 'UNKNOWN'), count(*)
    FROM survey_response GROUP BY 2, 3;

CREATE TABLE source_day AS TABLE source_day_source WITH NO DATA;
ALTER TABLE source_day ADD PRIMARY KEY (source, day, division_code);

-- The days on which records of a source exist. Of UNKNOWN they exist where they exist of any division. None do before 1900: a
-- slip of the pen would make periods for a thousand years.
CREATE VIEW coverage AS
    WITH span AS (
        SELECT source, division_code, daterange(covered_from, covered_to, '[]') * daterange('1900-01-01', NULL) AS covered
        FROM source_coverage
        WHERE (covered_to IS NULL OR covered_to >= covered_from) AND division_code <> 'UNKNOWN'
    )
    SELECT source, division_code, range_agg(covered) AS covered FROM span GROUP BY source, division_code
    UNION ALL
    SELECT source, 'UNKNOWN', range_agg(covered) FROM span GROUP BY source;

-- The days of a source that are counted: with records, and not after the day of the refresh.
CREATE VIEW counted AS
    SELECT c.source, c.division_code, c.covered * datemultirange(daterange(NULL, (SELECT day FROM as_of), '[]')) AS days
    FROM coverage c;

-- For every day and division that records name, the division that they count in: UNKNOWN where the one named does not hold on
-- the day. Days that are not counted are not here. This and what periods and areas are made of are tables, small as they are: every
-- KPI joins them, and of a view over views the planner would know nothing.
CREATE VIEW counted_day_source AS
    SELECT s.source, s.day, s.division_code AS recorded_division_code, c.division_code, period_start('month', s.day) AS month
    FROM source_day s
    LEFT JOIN division_day d ON d.division_code = s.division_code AND d.held @> s.day
    JOIN counted c ON c.source = s.source AND c.division_code = coalesce(d.division_code, 'UNKNOWN') AND c.days @> s.day;

CREATE TABLE counted_day AS TABLE counted_day_source WITH NO DATA;
ALTER TABLE counted_day ADD PRIMARY KEY (source, day, recorded_division_code);
CREATE INDEX counted_day_month ON counted_day (month, division_code, source);

-- Periods ---------------------------------------------------------------------

-- Every month, fiscal quarter, fiscal year and twelve months from the first record or published total to the day of the refresh.
CREATE VIEW period_source AS
    WITH bounds AS (
        SELECT period_start('fiscal_year', least(
                   (SELECT min(day) FROM counted_day),
                   (SELECT min(period_from) FROM published_count WHERE isfinite(period_from) AND period_from >= '1900-01-01')), setting.fiscal_first_month) AS first_day,
               as_of.day AS last_day, setting.fiscal_first_month, setting.reporting_delay_days
        FROM setting, as_of
    ), started AS (
        SELECT g.grain, period_start(g.grain, month::date, bounds.fiscal_first_month) AS period_start
        FROM bounds
        CROSS JOIN (VALUES ('month'), ('fiscal_quarter'), ('fiscal_year')) AS g (grain)
        CROSS JOIN generate_series(bounds.first_day::timestamp, bounds.last_day::timestamp, interval '1 month') AS month
        GROUP BY 1, 2
        UNION ALL
        -- Twelve months to the end of every month that has ended.
        SELECT 'rolling_12_months' AS grain, month::date AS period_start
        FROM bounds
        CROSS JOIN generate_series(bounds.first_day::timestamp, bounds.last_day + 1 - interval '1 year', interval '1 month') AS month
    ), spanned AS (
        SELECT s.grain, s.period_start,
               (s.period_start + CASE s.grain WHEN 'month' THEN interval '1 month' WHEN 'fiscal_quarter' THEN interval '3 months'
                                              ELSE interval '1 year' END)::date - 1 AS period_end,
               (s.period_start - interval '1 year')::date AS year_before_start,
               fiscal_year(s.period_start, bounds.fiscal_first_month) AS fiscal_year,
               bounds.*
        FROM started s, bounds
    )
    SELECT s.grain || ' ' || to_char(s.period_start, 'YYYY-MM') AS period_key,
           s.grain,
           CASE s.grain
               WHEN 'month' THEN to_char(s.period_start, 'Mon YYYY')
               WHEN 'fiscal_quarter' THEN split_part(s.fiscal_year::text, ' ', 1) || ' Q' ||
                    (((extract(month FROM s.period_start)::integer - s.fiscal_first_month + 12) % 12) / 3 + 1)
               WHEN 'fiscal_year' THEN split_part(s.fiscal_year::text, ' ', 1)
               ELSE '12 months to ' || to_char(s.period_end, 'Mon YYYY')
           END AS label,
           s.period_start,
           s.period_end,
           s.period_end <= s.last_day AS is_complete,
           s.period_end + s.reporting_delay_days <= s.last_day AS is_settled,
           CASE WHEN s.year_before_start >= s.first_day
                THEN s.grain || ' ' || to_char(s.year_before_start, 'YYYY-MM') END AS year_before_key,
           least(s.period_end, s.last_day) AS elapsed_to,
           -- A period that has not ended is compared with the same elapsed days.
           CASE WHEN s.period_end <= s.last_day THEN (s.period_end + 1 - interval '1 year')::date - 1
                ELSE (s.last_day - interval '1 year')::date END AS year_before_elapsed_to
    FROM spanned s;

CREATE TABLE period AS TABLE period_source WITH NO DATA;
ALTER TABLE period ADD PRIMARY KEY (period_key);
ALTER TABLE period ALTER period_start SET NOT NULL, ALTER elapsed_to SET NOT NULL;

-- Areas -----------------------------------------------------------------------

CREATE VIEW area_source AS
    WITH latest AS (
        SELECT DISTINCT ON (division_code) division_code, division_name, division_type, region
        FROM division ORDER BY division_code, valid_from DESC
    ), held AS (
        SELECT division_code, nullif(min(valid_from), '-infinity') AS valid_from,
               nullif(max(coalesce(valid_to, 'infinity')), 'infinity') AS valid_to
        FROM division GROUP BY division_code
    )
    SELECT 'division ' || l.division_code AS area_key, 'division' AS area_type, l.division_name AS area_name,
           coalesce('region ' || l.region, 'force') AS parent_area_key, l.division_code, l.division_type,
           h.valid_from, h.valid_to
    FROM latest l JOIN held h USING (division_code)
    WHERE l.division_code <> 'UNKNOWN'
    UNION ALL
    SELECT 'division UNKNOWN', 'division', 'Unknown', 'force', 'UNKNOWN', 'unknown', NULL, NULL
    UNION ALL
    SELECT 'region ' || l.region, 'region', l.region, 'force', NULL, NULL, nullif(min(coalesce(h.valid_from, '-infinity')), '-infinity'),
           nullif(max(coalesce(h.valid_to, 'infinity')), 'infinity')
    FROM latest l JOIN held h USING (division_code) WHERE l.region IS NOT NULL AND l.division_code <> 'UNKNOWN' GROUP BY l.region
    UNION ALL
    SELECT 'force', 'force', 'Force', NULL, NULL, NULL, NULL, NULL;

CREATE TABLE area AS TABLE area_source WITH NO DATA;
ALTER TABLE area ADD PRIMARY KEY (area_key);

-- The divisions that make up an area.
CREATE VIEW area_division_source AS
    SELECT a.area_key, d.division_code, d.division_type
    FROM area a
    JOIN area d ON d.division_code IS NOT NULL
               AND (a.area_key = d.area_key OR a.area_key = d.parent_area_key OR a.area_type = 'force');

CREATE TABLE area_division AS TABLE area_division_source WITH NO DATA;
ALTER TABLE area_division ADD PRIMARY KEY (area_key, division_code);

-- For every source, period and area valid in it: the days so far, of all its divisions together, and those with records.
CREATE VIEW area_period_source AS
    WITH source AS (
        SELECT DISTINCT source FROM coverage
        UNION SELECT unnest(ARRAY['administration', 'overdose_incident', 'ambulance_activation', 'referral_event', 'direct_measure', 'recorded_crime',
                                  'kit_movement', 'officer_carriage', 'officer_training', 'information_share', 'drug_death', 'substance_signal',
                                  'survey_response'])
    ), division_period AS (
        SELECT s.source, p.period_key, a.division_code,
               -- UNKNOWN is no place: it has no days of its own, only records or none.
               CASE WHEN a.division_code <> 'UNKNOWN' THEN coalesce(days.elapsed, 0) ELSE 0 END AS division_days,
               CASE WHEN a.division_code <> 'UNKNOWN' THEN coalesce(days.covered, 0) ELSE 0 END AS covered_division_days,
               coalesce(days.covered, 0) > 0 AS is_covered,
               days.covered IS NOT DISTINCT FROM days.elapsed AS is_fully_covered
        FROM source s
        CROSS JOIN period p
        JOIN area a ON a.division_code IS NOT NULL
        LEFT JOIN division_day h ON h.division_code = a.division_code
        LEFT JOIN coverage c ON c.source = s.source AND c.division_code = a.division_code
        CROSS JOIN LATERAL (
            SELECT datemultirange(daterange(p.period_start, p.elapsed_to, '[]'))
                   * CASE WHEN a.division_code = 'UNKNOWN' THEN datemultirange(daterange(NULL, NULL)) ELSE h.held END AS span
        ) s2
        CROSS JOIN LATERAL (
            SELECT (SELECT sum(upper(r) - lower(r)) FROM unnest(s2.span) AS r)::bigint AS elapsed,
                   (SELECT sum(upper(r) - lower(r)) FROM unnest(s2.span * c.covered) AS r)::bigint AS covered
        ) days
        WHERE days.elapsed > 0
    )
    SELECT d.source, d.period_key, ad.area_key,
           sum(d.division_days)::bigint AS division_days,
           sum(d.covered_division_days)::bigint AS covered_division_days,
           bool_or(d.is_covered) AS is_covered,
           -- Of UNKNOWN alone there are no days to be compared, but those on which anything was recorded.
           CASE WHEN sum(d.division_days) > 0 THEN sum(d.division_days) = sum(d.covered_division_days) ELSE bool_and(d.is_fully_covered) END AS is_fully_covered,
           -- Of records retired from the middle of the period on, nobody knows any more whose they were.
           coalesce(bool_or(p.period_start < z.sealed_before AND p.period_end >= z.sealed_before), false) AS is_across_seal
    FROM division_period d
    JOIN area_division ad USING (division_code)
    JOIN period p USING (period_key)
    LEFT JOIN sealed_source z ON z.source = d.source
    GROUP BY d.source, d.period_key, ad.area_key;

CREATE TABLE area_period AS TABLE area_period_source WITH NO DATA;
ALTER TABLE area_period ADD PRIMARY KEY (source, period_key, area_key);

-- The days with records of what rates are made of, by the calendar year whose population they are set against.
CREATE VIEW covered_year AS
    SELECT c.source, p.period_key, c.division_code, calendar_year.n AS calendar_year, upper(cut.r) - lower(cut.r) AS days
    FROM coverage c
    JOIN area a ON a.division_code = c.division_code AND a.division_type = 'territorial'
    JOIN division_day h ON h.division_code = c.division_code
    CROSS JOIN period p
    CROSS JOIN LATERAL unnest(c.covered * h.held * datemultirange(daterange(p.period_start, p.elapsed_to, '[]'))) AS span
    CROSS JOIN generate_series(extract(year FROM lower(span))::integer, extract(year FROM upper(span) - 1)::integer) AS calendar_year (n)
    CROSS JOIN LATERAL (SELECT span * daterange(make_date(calendar_year.n, 1, 1), make_date(calendar_year.n + 1, 1, 1)) AS r) cut
    WHERE c.source IN ('administration', 'drug_death');

-- People times years in territorial divisions, over those days; a year without a figure takes the latest before it, or the first
-- after it.
CREATE VIEW person_years_source AS
    WITH division_period AS (
        SELECT y.source, y.period_key, y.division_code, sum(q.people::numeric * y.days) AS person_days, bool_and(q.people IS NOT NULL) AS is_known
        FROM covered_year y
        LEFT JOIN LATERAL (
            SELECT n.people FROM population n
            WHERE n.area_type = 'division' AND n.area_code = y.division_code
              AND n.sex IS NULL AND n.age_band IS NULL AND n.deprivation_quintile IS NULL AND n.people >= 0
            ORDER BY n.year > y.calendar_year, abs(n.year::bigint - y.calendar_year) LIMIT 1
        ) q ON true
        GROUP BY y.source, y.period_key, y.division_code
    )
    SELECT d.source, d.period_key, ad.area_key, sum(d.person_days)::float8 / 365.25 AS person_years
    FROM division_period d
    JOIN area_division ad USING (division_code)
    GROUP BY d.source, d.period_key, ad.area_key
    -- A division without a figure makes the area's exposure unknown, not smaller.
    HAVING bool_and(d.is_known);

CREATE TABLE person_years AS TABLE person_years_source WITH NO DATA;
ALTER TABLE person_years ADD PRIMARY KEY (source, period_key, area_key);

-- Which months make up a period.
CREATE VIEW period_month_source AS
    SELECT p.period_key, m.period_start AS month
    FROM period p JOIN period m ON m.grain = 'month' AND m.period_start BETWEEN p.period_start AND p.period_end;

CREATE TABLE period_month AS TABLE period_month_source WITH NO DATA;
ALTER TABLE period_month ADD PRIMARY KEY (period_key, month);

-- What the current user may see: the divisions of the roles that it holds, and with any entitlement at all the regions and the
-- force, where the settings let them be seen. Where one says '*', everything, UNKNOWN too.
CREATE VIEW visible_area WITH (security_barrier) AS
    WITH entitled AS (
        SELECT DISTINCT e.division_code
        FROM entitlement e
        JOIN pg_catalog.pg_roles r ON r.rolname = e.role_name
        WHERE pg_catalog.pg_has_role(current_user, r.oid, 'USAGE')
    )
    SELECT a.area_key
    FROM area a CROSS JOIN setting s
    WHERE EXISTS (SELECT FROM entitled e
                  WHERE e.division_code = '*'
                     OR CASE a.area_type WHEN 'region' THEN s.region_rows_visible
                                         WHEN 'force' THEN s.force_rows_visible
                                         ELSE e.division_code = a.division_code AND a.division_code <> 'UNKNOWN' END);

INSERT INTO refresh_step VALUES
    (10, 'engine_room', 'source_day'),
    (20, 'engine_room', 'counted_day'),
    (100, 'engine_room', 'period'),
    (101, 'engine_room', 'period_month'),
    (110, 'engine_room', 'area'),
    (111, 'engine_room', 'area_division'),
    (120, 'engine_room', 'area_period'),
    (130, 'engine_room', 'person_years');

INSERT INTO rollup VALUES ('source_day', '{source,day,division_code}');
INSERT INTO rollup_source
    SELECT 'source_day', source, 'marked_day'
    FROM unnest(ARRAY['administration', 'overdose_incident', 'ambulance_activation', 'direct_measure', 'recorded_crime', 'kit_movement',
                      'drug_death', 'substance_signal', 'survey_response']) AS source;

INSERT INTO object_definition VALUES
    ('division_day', 'the days on which each division held'),
    ('source_day_source', 'what a refresh fills source_day with'),
    ('source_day', 'records of every source by local day (infinity: not known) and the division that they name'),
    ('coverage', 'the days on which records of a source and division exist'),
    ('counted', 'the days of every source and division that KPIs count'),
    ('counted_day_source', 'what a refresh fills counted_day with'),
    ('counted_day', 'for every day and division that records of a source name, the division that they count in'),
    ('period_source', 'what a refresh fills period with'),
    ('period', 'months, fiscal quarters, fiscal years and twelve months from the first data to the day of the refresh'),
    ('area_source', 'what a refresh fills area with'),
    ('area', 'divisions (UNKNOWN among them), regions and the force'),
    ('area_division_source', 'what a refresh fills area_division with'),
    ('area_division', 'the divisions that make up an area'),
    ('area_period_source', 'what a refresh fills area_period with'),
    ('area_period', 'for every source, period and area: days so far, and days on which records exist'),
    ('covered_year', 'days with records in territorial divisions, by period and the calendar year whose population they are set against'),
    ('person_years_source', 'what a refresh fills person_years with'),
    ('person_years', 'people times years over the days with records, in territorial divisions'),
    ('period_month_source', 'what a refresh fills period_month with'),
    ('period_month', 'the months that make up a period'),
    ('visible_area', 'the areas that the current user is entitled to see');
