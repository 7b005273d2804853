-- Administrations by local day and the division they count in: what the KPIs on them start from.

CREATE VIEW dated_administration AS
    SELECT a.*, day_of(a.occurred_at) AS day, coalesce(a.incident_division_code, 'UNKNOWN') AS division_code
    FROM administration a;

-- An incident counts once, on the day and in the division of its first administration.
CREATE VIEW first_administration AS
    SELECT a.*
    FROM dated_administration a
    WHERE a.day < 'infinity'
      AND NOT EXISTS (SELECT FROM administration b
                      WHERE b.incident_id = a.incident_id AND day_of(b.occurred_at) < 'infinity'
                        AND (b.occurred_at, b.administration_id) < (a.occurred_at, a.administration_id));

CREATE VIEW administration_day_source AS
    SELECT day, division_code,
           count(*) AS administrations,
           sum(greatest(coalesce(forms, 1), 1))::bigint AS forms,
           count(*) FILTER (WHERE person_key IS NULL) AS without_person_key,
           count(*) FILTER (WHERE num_doses(doses) IS NOT NULL) AS with_doses_recorded,
           coalesce(sum(num_doses(doses)), 0)::bigint AS doses,
           count(*) FILTER (WHERE num_doses(doses) > 2) AS over_two_doses,
           count(*) FILTER (WHERE total_mcg(doses) IS NOT NULL) AS with_strength_known,
           coalesce(sum(total_mcg(doses)), 0)::bigint AS micrograms,
           count(*) FILTER (WHERE died_before_handover) AS died_before_handover,
           count(*) FILTER (WHERE person_key IS NULL AND NOT died_before_handover) AS not_identifiable
    FROM (SELECT day, division_code, forms, person_key, doses,
                 survival IS NOT DISTINCT FROM 'died' AND coalesce(survival_as_at, 'handover') = 'handover' AS died_before_handover
          FROM dated_administration) a
    GROUP BY day, division_code;

CREATE TABLE administration_day AS TABLE administration_day_source WITH NO DATA;
ALTER TABLE administration_day ADD PRIMARY KEY (day, division_code);

-- Incidents with an administration, and whether they are among the overdoses attended, as they should be.
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

INSERT INTO refresh_step VALUES
    (200, 'engine_room', 'administration_day'),
    (201, 'engine_room', 'incident_day'),
    (202, 'engine_room', 'administration_person_day');
INSERT INTO rollup VALUES
    ('administration_day', '{day,division_code}'),
    ('incident_day', '{day,division_code}'),
    ('administration_person_day', '{person_key}');
INSERT INTO rollup_source VALUES
    ('administration_day', 'administration', 'marked_day'),
    ('incident_day', 'administration', 'marked_day'),
    ('incident_day', 'administration', 'marked_administration_day'),
    ('incident_day', 'overdose_incident', 'marked_administration_day'),
    ('administration_person_day', 'administration', 'marked_person'),
    ('administration_person_day', 'drug_death', 'marked_person');

INSERT INTO object_definition VALUES
    ('dated_administration', 'administrations with their local day and the division that they name'),
    ('first_administration', 'the first administration of every incident: an incident counts where it does'),
    ('administration_day_source', 'what a refresh fills administration_day with'),
    ('administration_day', 'administrations, forms and doses by day and division, and to whom a service could be offered'),
    ('incident_day_source', 'what a refresh fills incident_day with'),
    ('incident_day', 'incidents with an administration by day and division, and whether they are among the overdoses'),
    ('administration_person_day_source', 'what a refresh fills administration_person_day with'),
    ('administration_person_day', 'administrations by known person, day and division, and the day on which the person died');
