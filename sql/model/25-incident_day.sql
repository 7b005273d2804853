-- Incidents with an administration, by local day and the division they count in.

-- An incident counts once, on the day and in the division of its first administration.
CREATE VIEW first_administration AS
    SELECT a.*
    FROM dated_administration a
    WHERE a.day < 'infinity'
      AND NOT EXISTS (SELECT FROM administration b
                      WHERE b.incident_id = a.incident_id AND day_of(b.occurred_at) < 'infinity'
                        AND (b.occurred_at, b.administration_id) < (a.occurred_at, a.administration_id));

-- Whether they are among the overdoses attended, as they should be.
CREATE VIEW incident_day_source AS
    SELECT i.day, i.division_code,
           count(*) AS incidents,
           count(*) FILTER (WHERE NOT i.is_listed) AS incidents_not_listed,
           count(*) FILTER (WHERE i.is_denied) AS incidents_recorded_not_given
    FROM (
        SELECT a.day, a.division_code,
               EXISTS (SELECT FROM overdose_incident o WHERE o.incident_id = a.incident_id) AS is_listed,
               EXISTS (SELECT FROM overdose_incident o WHERE o.incident_id = a.incident_id AND NOT o.naloxone_given) AS is_denied
        FROM first_administration a
    ) i
    GROUP BY i.day, i.division_code;

CREATE TABLE incident_day AS TABLE incident_day_source WITH NO DATA;
ALTER TABLE incident_day ADD PRIMARY KEY (day, division_code);

INSERT INTO refresh_step VALUES (201, 'engine_room', 'incident_day');
INSERT INTO rollup VALUES ('incident_day', '{day,division_code}');
INSERT INTO rollup_source VALUES
    ('incident_day', 'administration', 'marked_day'),
    ('incident_day', 'overdose_incident', 'marked_administration_day');

INSERT INTO object_definition VALUES
    ('first_administration', 'the first administration of every incident: an incident counts where it does'),
    ('incident_day_source', 'what a refresh fills incident_day with'),
    ('incident_day', 'incidents with an administration by day and division, and whether they are among the overdoses');
