-- Administrations by local day and the division they count in: what the KPIs on them start from.

CREATE VIEW dated_administration AS
    SELECT a.*, day_of(a.occurred_at) AS day, coalesce(a.incident_division_code, 'UNKNOWN') AS division_code
    FROM administration a;

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

-- Before source_day, which takes the number of records from it.
INSERT INTO refresh_step VALUES (5, 'engine_room', 'administration_day');
INSERT INTO rollup VALUES ('administration_day', '{day,division_code}');
INSERT INTO rollup_source VALUES ('administration_day', 'administration', 'marked_day');

INSERT INTO object_definition VALUES
    ('dated_administration', 'administrations with their local day and the division that they name'),
    ('administration_day_source', 'what a refresh fills administration_day with'),
    ('administration_day', 'administrations, forms and doses by day and division, and to whom a service could be offered');
