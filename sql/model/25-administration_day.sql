-- Administrations by local day and the division they count in: what the KPIs on them start from.

-- An incident counts once, on the day and in the division of its first administration.
CREATE VIEW attributed_administration AS
    SELECT a.*,
           first_value(a.day) OVER incident AS incident_day,
           first_value(a.division_code) OVER incident AS incident_division_counted,
           row_number() OVER incident = 1 AS is_first_of_incident
    FROM (
        SELECT r.*, coalesce(d.division_code, 'UNKNOWN') AS division_code
        FROM (SELECT a.*, local_day(a.occurred_at, (SELECT time_zone FROM setting)) AS day FROM administration a) r
        LEFT JOIN division_day d ON d.division_code = r.incident_division_code AND d.held @> r.day
        WHERE r.day IS NOT NULL
    ) a
    WINDOW incident AS (PARTITION BY a.incident_id ORDER BY a.occurred_at, a.administration_id);

CREATE VIEW administration_day_source AS
    SELECT day, division_code,
           count(*) AS administrations,
           sum(greatest(coalesce(forms, 1), 1))::bigint AS forms,
           count(*) FILTER (WHERE person_key IS NULL) AS without_person_key,
           count(*) FILTER (WHERE num_doses(doses) IS NOT NULL) AS with_doses_recorded,
           coalesce(sum(num_doses(doses)), 0)::bigint AS doses,
           count(*) FILTER (WHERE num_doses(doses) > 2) AS over_two_doses,
           count(*) FILTER (WHERE total_mcg(doses) IS NOT NULL) AS with_strength_known,
           coalesce(sum(total_mcg(doses)), 0)::bigint AS micrograms
    FROM attributed_administration
    GROUP BY day, division_code;

CREATE TABLE administration_day AS TABLE administration_day_source WITH NO DATA;
ALTER TABLE administration_day ADD PRIMARY KEY (day, division_code);

CREATE VIEW incident_day_source AS
    SELECT day, division_code, count(*) AS incidents
    FROM attributed_administration WHERE is_first_of_incident
    GROUP BY day, division_code;

CREATE TABLE incident_day AS TABLE incident_day_source WITH NO DATA;
ALTER TABLE incident_day ADD PRIMARY KEY (day, division_code);

-- Distinct people cannot be summed, so they are kept apart.
CREATE VIEW administration_person_day_source AS
    SELECT day, division_code, person_key, count(*) AS administrations
    FROM attributed_administration WHERE person_key IS NOT NULL
    GROUP BY day, division_code, person_key;

CREATE TABLE administration_person_day AS TABLE administration_person_day_source WITH NO DATA;
ALTER TABLE administration_person_day ADD PRIMARY KEY (day, division_code, person_key);

-- The days of a source that are counted: with records, and not after the day of the refresh.
CREATE VIEW counted AS
    SELECT c.source, c.division_code, c.covered * datemultirange(daterange(NULL, (SELECT day FROM as_of), '[]')) AS days
    FROM coverage c;

INSERT INTO refresh_step VALUES
    (200, 'engine_room', 'administration_day'),
    (201, 'engine_room', 'incident_day'),
    (202, 'engine_room', 'administration_person_day');

INSERT INTO object_definition VALUES
    ('attributed_administration', 'administrations with their local day and the division that they count in'),
    ('administration_day_source', 'what a refresh fills administration_day with'),
    ('administration_day', 'administrations, forms and doses by day and division'),
    ('incident_day_source', 'what a refresh fills incident_day with'),
    ('incident_day', 'incidents with an administration by day and division'),
    ('administration_person_day_source', 'what a refresh fills administration_person_day with'),
    ('administration_person_day', 'administrations by day, division and known person'),
    ('counted', 'the days of every source and division that KPIs count');
