-- Loading forms: from the staging table, through the rules, into the records. doc/ingest.md

-- A part of ingest(): the administrations of the incidents in its temporary table, made anew of their forms. Forms are about one
-- person where they say the same number of person in the incident, or the same person's key, or are so linked by others.
CREATE FUNCTION join_forms(deployment name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    room constant name := floor.engine_room;
    record_columns text;
BEGIN
    EXECUTE format($q$
        CREATE TEMPORARY TABLE naloxone_kpi_group ON COMMIT DROP AS
        SELECT f.form_id, f.incident_id, f.person_in_incident, f.person_key, f.administration_id AS old_administration_id, f.gave_place,
               row_number() OVER (ORDER BY f.first_run, f.form_id COLLATE "C") AS position,
               row_number() OVER (ORDER BY f.first_run, f.form_id COLLATE "C") AS first_position,
               count(*) OVER (PARTITION BY f.incident_id) > 1 AS has_others
        FROM %1$I.accepted_form f JOIN pg_temp.naloxone_kpi_incident i USING (incident_id) $q$, room);
    CREATE UNIQUE INDEX ON pg_temp.naloxone_kpi_group (form_id);
    ANALYZE pg_temp.naloxone_kpi_group;
    -- Each form takes the first position among those it is linked to, until none changes.
    LOOP
        UPDATE pg_temp.naloxone_kpi_group g SET first_position = m.first_position
        FROM (SELECT form_id,
                     least(CASE WHEN person_in_incident IS NOT NULL THEN min(first_position) OVER (PARTITION BY incident_id, person_in_incident) END,
                           CASE WHEN person_key IS NOT NULL THEN min(first_position) OVER (PARTITION BY incident_id, person_key) END,
                           first_position) AS first_position
              FROM pg_temp.naloxone_kpi_group WHERE has_others) m
        WHERE m.form_id = g.form_id AND m.first_position < g.first_position;
        EXIT WHEN NOT FOUND;
    END LOOP;

    -- A person has the number that a form gives; the others get the numbers that are left, in order.
    CREATE TEMPORARY TABLE naloxone_kpi_person ON COMMIT DROP AS
        WITH person AS (
            SELECT incident_id, first_position, min(person_in_incident) AS given
            FROM pg_temp.naloxone_kpi_group GROUP BY incident_id, first_position
        ), without AS (
            SELECT incident_id, first_position, row_number() OVER (PARTITION BY incident_id ORDER BY first_position) AS nth
            FROM person WHERE given IS NULL
        ), vacant AS (
            SELECT i.incident_id, n, row_number() OVER (PARTITION BY i.incident_id ORDER BY n) AS nth
            FROM (SELECT incident_id, count(*) AS people FROM person GROUP BY incident_id HAVING bool_or(given IS NULL)) i
            CROSS JOIN LATERAL generate_series(1, i.people) AS n
            WHERE NOT EXISTS (SELECT FROM person p WHERE p.incident_id = i.incident_id AND p.given = n)
        )
        SELECT p.first_position, p.incident_id, f.form_id AS administration_id, coalesce(p.given, v.n)::smallint AS person_in_incident
        FROM person p
        JOIN pg_temp.naloxone_kpi_group f ON f.position = p.first_position
        LEFT JOIN without w ON w.first_position = p.first_position
        LEFT JOIN vacant v ON v.incident_id = w.incident_id AND v.nth = w.nth;
    CREATE UNIQUE INDEX ON pg_temp.naloxone_kpi_person (administration_id);
    CREATE UNIQUE INDEX ON pg_temp.naloxone_kpi_person (first_position);
    ANALYZE pg_temp.naloxone_kpi_person;

    -- A place follows the form that gave it, unless there is one already where it would go.
    EXECUTE format($q$
        UPDATE %1$I.administration_place_record a SET administration_id = m.administration_id
        FROM (SELECT DISTINCT ON (p.administration_id) g.old_administration_id, p.administration_id
              FROM pg_temp.naloxone_kpi_group g JOIN pg_temp.naloxone_kpi_person p USING (first_position)
              WHERE g.gave_place AND g.old_administration_id <> p.administration_id
                AND NOT EXISTS (SELECT FROM %1$I.administration_place_record b WHERE b.administration_id = p.administration_id)
              ORDER BY p.administration_id, g.position) m
        WHERE a.administration_id = m.old_administration_id $q$, room);
    EXECUTE format($q$
        UPDATE %1$I.accepted_form f SET administration_id = p.administration_id
        FROM pg_temp.naloxone_kpi_group g JOIN pg_temp.naloxone_kpi_person p USING (first_position)
        WHERE g.form_id = f.form_id AND f.administration_id IS DISTINCT FROM p.administration_id $q$, room);
    EXECUTE format($q$
        DELETE FROM %1$I.administration_place_record a
        USING pg_temp.naloxone_kpi_group g
        WHERE a.administration_id = g.old_administration_id
          AND NOT EXISTS (SELECT FROM pg_temp.naloxone_kpi_person p WHERE p.administration_id = g.old_administration_id) $q$, room);
    EXECUTE format($q$
        UPDATE %1$I.accepted_form f SET gave_place = false
        FROM pg_temp.naloxone_kpi_group g
        WHERE g.form_id = f.form_id AND f.gave_place
          AND (g.old_administration_id <> f.administration_id
               AND EXISTS (SELECT FROM %1$I.accepted_form o WHERE o.administration_id = f.administration_id AND o.gave_place AND o.form_id <> f.form_id)
               OR NOT EXISTS (SELECT FROM %1$I.administration_place_record a WHERE a.administration_id = f.administration_id)) $q$, room);

    -- Of what may differ: times are the first; yes is said by any; doses and kits add up; survival is what was known last; the
    -- rest is from the first form that says it. A person on whose key forms differ is nobody known.
    EXECUTE format($q$
        CREATE TEMPORARY TABLE naloxone_kpi_administration ON COMMIT DROP AS
        WITH form AS (
            SELECT p.administration_id AS person, p.person_in_incident AS number, g.position, f.*,
                   CASE f.survival WHEN 'not_known' THEN -1 ELSE array_position('{handover,24_hours,30_days}', f.survival_as_at) END AS known_at
            FROM pg_temp.naloxone_kpi_group g
            JOIN pg_temp.naloxone_kpi_person p USING (first_position)
            JOIN %1$I.accepted_form f USING (form_id)
        ), dose AS (
            SELECT person, array_agg(kind ORDER BY kind) AS doses
            FROM (SELECT person, naloxone_kpi.naloxone_dose(least(sum(naloxone_kpi.num_doses(d)), 1000)::integer, naloxone_kpi.strength_mcg(d),
                                                            naloxone_kpi.route(d)) AS kind
                  FROM form CROSS JOIN LATERAL unnest(doses) AS d
                  GROUP BY person, naloxone_kpi.strength_mcg(d), naloxone_kpi.route(d)) k
            GROUP BY person
        ), substance AS (
            SELECT person, array_agg(DISTINCT s ORDER BY s) AS substances FROM form CROSS JOIN LATERAL unnest(substances) AS s GROUP BY person
        )
        SELECT f.person AS administration_id, min(f.incident_id) AS incident_id, min(f.number) AS person_in_incident, count(*)::smallint AS forms,
               %2$s,
               min(f.occurred_at) AS occurred_at, min(f.police_arrived_at) AS police_arrived_at, min(f.naloxone_first_at) AS naloxone_first_at,
               CASE WHEN min(f.person_key) = max(f.person_key) THEN min(f.person_key) END AS person_key,
               min(s.substances) AS substances, min(d.doses) AS doses,
               CASE WHEN count(f.first_aid) > 0 THEN naloxone_kpi.first_aid(%3$s) END AS first_aid,
               (array_agg(f.survival ORDER BY f.known_at DESC NULLS LAST, f.position) FILTER (WHERE f.survival IS NOT NULL))[1] AS survival,
               (array_agg(f.survival_as_at ORDER BY f.known_at DESC NULLS LAST, f.position) FILTER (WHERE f.survival IS NOT NULL))[1] AS survival_as_at,
               min(f.person_left_at) AS person_left_at, min(f.ambulance_called_at) AS ambulance_called_at,
               (array_agg(f.ambulance_clock_started_at ORDER BY f.ambulance_clock_started_at NULLS LAST, f.position))[1] AS ambulance_clock_started_at,
               (array_agg(f.clock ORDER BY f.ambulance_clock_started_at NULLS LAST, f.position) FILTER (WHERE f.clock IS NOT NULL OR f.ambulance_clock_started_at IS NOT NULL))[1] AS clock,
               min(f.ambulance_arrived_at) AS ambulance_arrived_at, min(f.ambulance_stood_down_at) AS ambulance_stood_down_at,
               %4$s,
               sum(f.kits_needed)::smallint AS kits_needed, min(f.recorded_at) AS recorded_at
        FROM form f LEFT JOIN dose d USING (person) LEFT JOIN substance s USING (person)
        GROUP BY f.person $q$, room,
        (SELECT string_agg(format('(array_agg(f.%1$I ORDER BY f.position) FILTER (WHERE f.%1$I IS NOT NULL))[1] AS %1$I', c), ', ')
         FROM unnest('{incident_division_code,officer_division_code,subdivision,council_code,setting,officer_key,officer_role,sex,age_band,'
                     'condition_on_arrival,outcome,call_source,ambulance_category_first,ambulance_category_last,ambulance_response_mins}'::text[]) AS c),
        (SELECT string_agg(format('bool_or(naloxone_kpi.technique_done(f.first_aid, %L))', c), ', ' ORDER BY n)
         FROM unnest(naloxone_kpi.first_aid_techniques()) WITH ORDINALITY AS t (c, n)),
        (SELECT string_agg(format('bool_or(f.%1$I) AS %1$I', c), ', ')
         FROM unnest('{believed_dead_on_arrival,paraphernalia_present,refused_care,relapsed_before_ambulance,police_first_on_scene,ambulance_attended,'
                     'seen_by_paramedics,further_care_given,handover_given,taken_to_hospital,officer_injured,complaint}'::text[]) AS c));
    CREATE UNIQUE INDEX ON pg_temp.naloxone_kpi_administration (administration_id);
    ANALYZE pg_temp.naloxone_kpi_administration;

    -- Into the records: what is the same is not written, and columns that the owner added keep what they hold.
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO record_columns
    FROM pg_attribute WHERE attrelid = 'pg_temp.naloxone_kpi_administration'::regclass AND attnum > 0;
    EXECUTE format($q$
        DELETE FROM %1$I.administration_record r
        USING pg_temp.naloxone_kpi_group g
        WHERE r.administration_id = g.old_administration_id
          AND NOT EXISTS (SELECT FROM pg_temp.naloxone_kpi_administration n WHERE n.administration_id = r.administration_id) $q$, room);
    -- Numbers that change places would for a moment be there twice.
    EXECUTE format($q$
        UPDATE %1$I.administration_record r SET person_in_incident = -n.person_in_incident
        FROM pg_temp.naloxone_kpi_administration n
        WHERE n.administration_id = r.administration_id
          AND (r.incident_id, r.person_in_incident) IS DISTINCT FROM (n.incident_id, n.person_in_incident) $q$, room);
    EXECUTE format($q$
        UPDATE %1$I.administration_record r SET (%2$s) = ROW(%3$s)
        FROM (SELECT %2$s FROM pg_temp.naloxone_kpi_administration
              EXCEPT SELECT %2$s FROM %1$I.administration_record
              WHERE administration_id IN (SELECT administration_id FROM pg_temp.naloxone_kpi_administration)) n
        WHERE n.administration_id = r.administration_id $q$, room, record_columns,
        (SELECT string_agg('n.' || c, ', ') FROM unnest(string_to_array(record_columns, ', ')) AS c));
    EXECUTE format($q$
        INSERT INTO %1$I.administration_record (%2$s)
        SELECT %2$s FROM pg_temp.naloxone_kpi_administration n
        WHERE NOT EXISTS (SELECT FROM %1$I.administration_record r WHERE r.administration_id = n.administration_id) $q$, room, record_columns);
    DROP TABLE pg_temp.naloxone_kpi_group, pg_temp.naloxone_kpi_person, pg_temp.naloxone_kpi_administration;
END
$$;
COMMENT ON FUNCTION join_forms(name) IS 'part of ingest(): makes the administrations of incidents anew of their forms';

-- It runs with the caller's rights, in the caller's transaction, and executes nothing that a table holds: rules are values. No
-- message quotes what a form says.
CREATE PROCEDURE ingest(deployment name)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    room constant name := floor.engine_room;
    postgis_schema name;
    zone text;
    date_order text;
    keeps_rejected boolean;
    categories jsonb;
    routes jsonb;
    asked record;
    trimmed text[] := '{}';      -- expressions over r, the form as it came
    cleaned text[] := '{}';      -- over t, the form trimmed
    readings text[] := '{}';     -- calls over c, the form trimmed, without what says that nothing was recorded
    values text[] := '{}';       -- over all of these
    problems text[] := '{}';
    violations text[] := '{}';   -- and over p, the form as read
    value_of text;
    problem text;
    names text;
    form_columns text;
    this_run bigint;
    num_joined bigint;
    counted record;
BEGIN
    IF deployment IS NULL THEN
        RETURN;
    END IF;
    IF to_regclass(format('%I.administration_record', room)) IS NULL THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('deployment "%s" has no table administration_record', deployment),
            HINT = 'Forms are loaded into a deployment with tables; this one maps records of its own.';
    END IF;
    SELECT n.nspname INTO STRICT postgis_schema
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis';

    -- One load at a time; forms may arrive in the staging table meanwhile, and are for the next one.
    EXECUTE format('LOCK TABLE %I.ingest_run IN SHARE ROW EXCLUSIVE MODE', room);
    EXECUTE format('SELECT time_zone, form_date_order, keep_rejected_rows FROM %I.setting', room) INTO STRICT zone, date_order, keeps_rejected;
    EXECUTE format('SELECT coalesce(jsonb_object_agg(lower(ambulance_category), ambulance_category), ''{}'') FROM %I.ambulance_category', room) INTO categories;
    EXECUTE format('SELECT coalesce(jsonb_object_agg(written, value), ''{}'') FROM %I.form_value WHERE field = ''dose_route''', room) INTO routes;
    EXECUTE format('INSERT INTO %I.ingest_run (started_at, loaded_by) VALUES (clock_timestamp(), session_user) RETURNING run', room) INTO this_run;

    -- Forms are taken out of the staging table: what is not kept as a record is not kept.
    EXECUTE format('CREATE TEMPORARY TABLE naloxone_kpi_form (LIKE %I.administration_form) ON COMMIT DROP', room);
    EXECUTE format('WITH taken AS (DELETE FROM %I.administration_form RETURNING *) INSERT INTO pg_temp.naloxone_kpi_form SELECT * FROM taken', room);
    CREATE TEMPORARY TABLE naloxone_kpi_line ON COMMIT DROP AS
        SELECT line AS staged, row_number() OVER (ORDER BY line) AS line FROM pg_temp.naloxone_kpi_form;
    UPDATE pg_temp.naloxone_kpi_form r SET line = l.line FROM pg_temp.naloxone_kpi_line l WHERE l.staged = r.line AND l.line <> r.line;

    -- Reading: a value of its type for every field, or NULL and a problem.
    FOR asked IN EXECUTE format($q$
        SELECT f.field, f.kind, jsonb_object_agg(v.written, v.value) FILTER (WHERE v.written IS NOT NULL) AS listed
        FROM %1$I.form_field f LEFT JOIN %1$I.form_value v USING (field)
        GROUP BY f.field ORDER BY f.position $q$, room)
    LOOP
        names := concat_ws(', ', names, quote_ident(asked.field));
        trimmed := trimmed || format('(CASE WHEN octet_length(r.%1$I) <= 1000 THEN nullif(btrim(r.%1$I, E'' \t\r\n''), '''') END) AS %1$I', asked.field);
        cleaned := cleaned || format(CASE WHEN asked.kind IN ('text', 'list') THEN '(CASE WHEN t.%1$I !~ ''[[:cntrl:]]'' THEN t.%1$I END) AS %1$I'
                                          ELSE '(CASE WHEN t.%1$I !~ ''[[:cntrl:]]'' AND NOT naloxone_kpi.form_not_recorded(t.%1$I) THEN t.%1$I END) AS %1$I' END,
                                     asked.field);
        CASE asked.kind
        WHEN 'key' THEN
            value_of := format('c.%I', asked.field);
            problem := NULL;
        WHEN 'text' THEN
            IF asked.listed IS NULL THEN
                value_of := format('CASE WHEN NOT naloxone_kpi.form_not_recorded(c.%1$I) THEN c.%1$I END', asked.field);
                problem := NULL;
            ELSE
                value_of := format('%L::jsonb ->> naloxone_kpi.form_word(c.%I)', asked.listed, asked.field);
                problem := format('WHEN NOT naloxone_kpi.form_not_recorded(c.%2$I) AND (%1$L::jsonb ->> naloxone_kpi.form_word(c.%2$I)) IS NULL'
                                  ' THEN ''not_a_listed_value''', asked.listed, asked.field);
            END IF;
        WHEN 'category' THEN
            value_of := format('%L::jsonb ->> lower(c.%I)', categories, asked.field);
            problem := format('WHEN c.%2$I IS NOT NULL AND (%1$L::jsonb ->> lower(c.%2$I)) IS NULL THEN ''not_a_category''', categories, asked.field);
        WHEN 'list' THEN
            value_of := format('CASE WHEN c.%1$I IS NOT NULL THEN nullif(array_remove(regexp_split_to_array(lower(c.%1$I), ''\s*;\s*''), ''''), ''{}'') END', asked.field);
            problem := NULL;
        WHEN 'yes_no' THEN
            value_of := format('naloxone_kpi.form_yes_no(c.%I)', asked.field);
            problem := format('WHEN c.%1$I IS NOT NULL AND naloxone_kpi.form_yes_no(c.%1$I) IS NULL THEN ''not_yes_or_no''', asked.field);
        WHEN 'number' THEN
            value_of := format('CASE WHEN c.%1$I ~ ''^\d{1,4}$'' THEN c.%1$I::smallint END', asked.field);
            problem := format('WHEN c.%I !~ ''^\d{1,4}$'' THEN ''not_a_number''', asked.field);
        WHEN 'number_or_no' THEN
            value_of := format('CASE WHEN c.%1$I ~ ''^\d{1,4}$'' THEN c.%1$I::smallint WHEN naloxone_kpi.form_yes_no(c.%1$I) IS FALSE THEN 0::smallint END', asked.field);
            problem := format('WHEN c.%1$I !~ ''^\d{1,4}$'' AND naloxone_kpi.form_yes_no(c.%1$I) IS NOT FALSE THEN ''not_a_number''', asked.field);
        WHEN 'decimal' THEN
            value_of := format('CASE WHEN c.%1$I ~ ''^-?\d{1,8}(\.\d{1,12})?$'' THEN c.%1$I::float8 END', asked.field);
            problem := format('WHEN c.%I !~ ''^-?\d{1,8}(\.\d{1,12})?$'' THEN ''not_a_decimal''', asked.field);
        WHEN 'time' THEN
            readings := readings || format('CROSS JOIN LATERAL naloxone_kpi.form_time(c.%1$I, %2$L, %3$L) AS %4$I',
                                           asked.field, date_order, zone, 'read_' || asked.field);
            value_of := format('%I.moment', 'read_' || asked.field);
            problem := format('WHEN %1$I.problem IS NOT NULL THEN %1$I.problem', 'read_' || asked.field);
        WHEN 'age' THEN
            readings := readings || format('CROSS JOIN LATERAL naloxone_kpi.form_age_band(c.%1$I) AS %2$I', asked.field, 'read_' || asked.field);
            value_of := format('%I.age_band', 'read_' || asked.field);
            problem := format('WHEN %1$I.problem IS NOT NULL THEN %1$I.problem', 'read_' || asked.field);
            IF asked.listed IS NOT NULL THEN
                problem := problem || format(' WHEN %1$I.age_band IS NOT NULL AND (%2$L::jsonb ->> naloxone_kpi.form_word(%1$I.age_band)) IS NULL'
                                             ' THEN ''not_a_listed_value''', 'read_' || asked.field, asked.listed);
            END IF;
        WHEN 'doses' THEN
            readings := readings || format('CROSS JOIN LATERAL naloxone_kpi.form_doses(c.%1$I, %3$L::jsonb ->> naloxone_kpi.form_word(c.dose_route)) AS %2$I',
                                           asked.field, 'read_' || asked.field, routes);
            value_of := format('%I.doses', 'read_' || asked.field);
            problem := format('WHEN %1$I.problem IS NOT NULL THEN %1$I.problem', 'read_' || asked.field);
        END CASE;
        values := values || format('%s AS %I', value_of, asked.field);
        problems := problems || format('(CASE WHEN c.%1$I IS NULL AND r.%1$I IS NOT NULL THEN CASE WHEN octet_length(r.%1$I) > 1000 THEN ''too_long'''
                                       ' WHEN btrim(r.%1$I, E'' \t\r\n'') ~ ''[[:cntrl:]]'' THEN ''control_character'' END %2$s END) || %3$L',
                                       asked.field, problem, ' ' || asked.field);
    END LOOP;
    EXECUTE 'CREATE TEMPORARY TABLE naloxone_kpi_read ON COMMIT DROP AS SELECT c.line, ' || array_to_string(values, ', ')
            || ', array_remove(ARRAY[' || array_to_string(problems, ', ') || '], NULL) AS problems'
            || ' FROM pg_temp.naloxone_kpi_form r JOIN (SELECT t.line, ' || array_to_string(cleaned, ', ')
            || ' FROM (SELECT r.line, ' || array_to_string(trimmed, ', ') || ' FROM pg_temp.naloxone_kpi_form r OFFSET 0) t OFFSET 0) c ON c.line = r.line '
            || array_to_string(readings, ' ');

    -- Rules. A field that could not be read breaks no others.
    FOR asked IN EXECUTE format($q$
        SELECT u.*, f.kind AS field_kind, o.kind AS other_kind
        FROM %1$I.form_rule u JOIN %1$I.form_field f USING (field) LEFT JOIN %1$I.form_field o ON o.field = u.other_field
        ORDER BY u.rule $q$, room)
    LOOP
        IF asked.kind IN ('minutes_after', 'not_in_future') AND asked.field_kind <> 'time' OR asked.kind = 'minutes_after' AND asked.other_kind <> 'time'
           OR asked.kind = 'between' AND asked.field_kind NOT IN ('number', 'number_or_no', 'decimal', 'doses') THEN
            RAISE invalid_parameter_value USING
                MESSAGE = format('rule "%s" of form_rule is of kind "%s", which does not suit its field', asked.rule, asked.kind),
                HINT = 'minutes_after and not_in_future are for times; between is for numbers and doses.';
        END IF;
        value_of := format(CASE asked.field_kind WHEN 'doses' THEN 'naloxone_kpi.num_doses(p.%I)' ELSE 'p.%I' END, asked.field);
        violations := violations || format('(CASE WHEN %s %s THEN %L END)',
            CASE WHEN asked.when_field IS NULL THEN '' WHEN asked.when_value IS NULL THEN format('p.%I IS NOT NULL AND', asked.when_field)
                 ELSE format('p.%I::text = %L AND', asked.when_field, asked.when_value) END,
            CASE asked.kind
                WHEN 'required' THEN format('%s IS NULL', value_of)
                WHEN 'one_of' THEN format('%s::text <> ALL (%L::text[])', value_of, asked.allowed)
                WHEN 'matches' THEN format('%s::text !~ %L', value_of, asked.pattern)
                WHEN 'between' THEN format('(%1$s < %2$L::float8 OR %1$s > %3$L::float8)', value_of, asked.lower, asked.upper)
                WHEN 'minutes_after' THEN format('(%1$s < p.%2$I + make_interval(secs => 60 * %3$L::float8) OR %1$s > p.%2$I + make_interval(secs => 60 * %4$L::float8))',
                                                 value_of, asked.other_field, asked.lower, asked.upper)
                WHEN 'not_in_future' THEN format('%s > clock_timestamp() + interval ''1 hour''', value_of)
            END, asked.rule || ' ' || asked.field);
    END LOOP;
    CREATE TEMPORARY TABLE naloxone_kpi_problem (line bigint NOT NULL, field text NOT NULL, rule text NOT NULL, is_rejected boolean NOT NULL) ON COMMIT DROP;
    EXECUTE format($q$
        INSERT INTO pg_temp.naloxone_kpi_problem
        SELECT p.line, split_part(said, ' ', 2), split_part(said, ' ', 1), split_part(said, ' ', 1) <> 'hour_occurs_twice'
        FROM pg_temp.naloxone_kpi_read p CROSS JOIN unnest(p.problems) AS said
        UNION ALL
        SELECT p.line, u.field, u.rule, u.is_rejected
        FROM pg_temp.naloxone_kpi_read p
        CROSS JOIN unnest(array_remove(ARRAY[%2$s]::text[], NULL)) AS said
        JOIN %1$I.form_rule u ON u.rule = split_part(said, ' ', 1)
        WHERE NOT EXISTS (SELECT FROM unnest(p.problems) AS other
                          WHERE split_part(other, ' ', 2) = u.field AND split_part(other, ' ', 1) <> 'hour_occurs_twice') $q$,
        room, array_to_string(violations, ', '));
    CREATE INDEX ON pg_temp.naloxone_kpi_problem (line) WHERE is_rejected;
    ANALYZE pg_temp.naloxone_kpi_read, pg_temp.naloxone_kpi_problem;

    -- What accepted_form holds of a form. Of its place only whether it has one: that is for the owner alone.
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO form_columns
    FROM pg_attribute a
    WHERE a.attrelid = format('%I.accepted_form', room)::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attname NOT IN ('administration_id', 'first_run', 'run', 'gave_place');
    EXECUTE format($q$
        CREATE TEMPORARY TABLE naloxone_kpi_new ON COMMIT DROP AS
        SELECT p.line, %2$s,
               CASE WHEN p.easting IS NOT NULL THEN %3$I.st_setsrid(%3$I.st_makepoint(p.easting, p.northing), 27700)
                    WHEN p.latitude IS NOT NULL THEN %3$I.st_transform(%3$I.st_setsrid(%3$I.st_makepoint(p.longitude, p.latitude), 4326), 27700)
               END::%3$I.geometry(Point, 27700) AS location
        FROM (SELECT r.*, r.age AS age_band,
                     CASE WHEN coalesce(woken_verbally, head_tilted, breathing_checked, recovery_position, chest_compressions, rescue_breaths,
                                        airway_cleared, pulse_checked) IS NOT NULL
                          THEN naloxone_kpi.first_aid(woken_verbally, head_tilted, breathing_checked, recovery_position, chest_compressions,
                                                      rescue_breaths, airway_cleared, pulse_checked) END AS first_aid
              FROM pg_temp.naloxone_kpi_read r) p
        WHERE NOT EXISTS (SELECT FROM pg_temp.naloxone_kpi_problem x WHERE x.line = p.line AND x.is_rejected) $q$,
        room, (SELECT string_agg('p.' || c, ', ') FROM unnest(string_to_array(form_columns, ', ')) AS c), postgis_schema);
    ANALYZE pg_temp.naloxone_kpi_new;

    -- What only shows beside other forms and records.
    EXECUTE format($q$
        INSERT INTO pg_temp.naloxone_kpi_problem
        SELECT n.line, 'form_id', 'form_id_twice', true
        FROM pg_temp.naloxone_kpi_new n
        WHERE n.form_id IN (SELECT m.form_id FROM (SELECT DISTINCT %2$s FROM pg_temp.naloxone_kpi_new) m GROUP BY m.form_id HAVING count(*) > 1)
        UNION ALL
        SELECT n.line, 'incident_id', 'too_many_forms', true
        FROM pg_temp.naloxone_kpi_new n
        WHERE n.incident_id IN (
            SELECT b.incident_id
            FROM (SELECT incident_id, form_id FROM pg_temp.naloxone_kpi_new
                  UNION SELECT f.incident_id, f.form_id FROM %1$I.accepted_form f WHERE f.incident_id IN (SELECT incident_id FROM pg_temp.naloxone_kpi_new)) b
            GROUP BY b.incident_id HAVING count(*) > 1000)
        UNION ALL
        SELECT n.line, 'incident_id', 'records_without_forms', true
        FROM pg_temp.naloxone_kpi_new n
        WHERE EXISTS (SELECT FROM %1$I.administration_record a
                      WHERE a.incident_id = n.incident_id
                        AND NOT EXISTS (SELECT FROM %1$I.accepted_form f WHERE f.administration_id = a.administration_id))
        UNION ALL
        SELECT n.line, 'form_id', 'records_without_forms', true
        FROM pg_temp.naloxone_kpi_new n
        WHERE EXISTS (SELECT FROM %1$I.administration_record a WHERE a.administration_id = n.form_id)
          AND NOT EXISTS (SELECT FROM %1$I.accepted_form f WHERE f.form_id = n.form_id) $q$, room, form_columns);
    DELETE FROM pg_temp.naloxone_kpi_new n
    USING pg_temp.naloxone_kpi_problem x WHERE x.line = n.line AND x.is_rejected;

    -- Rejections: of a form that came again, and of forms that nobody can tell from others, the last ones stand.
    EXECUTE format($q$
        DELETE FROM %1$I.rejected_row w
        WHERE (w.form_id IS NULL AND EXISTS (SELECT FROM pg_temp.naloxone_kpi_read))
           OR EXISTS (SELECT FROM pg_temp.naloxone_kpi_read p WHERE p.form_id = w.form_id) $q$, room);
    EXECUTE format($q$
        INSERT INTO %1$I.rejected_row (run, line, form_id, field, rule, reason, value, day, division_code)
        SELECT $1, x.line, p.form_id, x.field, x.rule, coalesce(u.reason, 'is not accepted'),
               CASE WHEN d.show_value THEN left(to_jsonb(r) ->> x.field, 100) END,
               naloxone_kpi.local_day(p.occurred_at, $2), p.incident_division_code
        FROM pg_temp.naloxone_kpi_problem x
        JOIN pg_temp.naloxone_kpi_read p ON p.line = x.line
        JOIN pg_temp.naloxone_kpi_form r ON r.line = x.line
        LEFT JOIN %1$I.form_rule u ON u.rule = x.rule
        LEFT JOIN %1$I.form_field d ON d.field = x.field
        WHERE x.is_rejected $q$, room) USING this_run, zone;
    IF keeps_rejected THEN
        EXECUTE format($q$
            INSERT INTO %1$I.rejected_form (run, rejected_at, line, %2$s)
            SELECT $1, clock_timestamp(), r.line, %2$s FROM pg_temp.naloxone_kpi_form r
            WHERE EXISTS (SELECT FROM pg_temp.naloxone_kpi_problem x WHERE x.line = r.line AND x.is_rejected) $q$, room, names) USING this_run;
    END IF;
    EXECUTE format('DELETE FROM %I.rejected_form WHERE rejected_at < clock_timestamp() - interval ''720 hours''', room);

    -- Of forms that say the same, the first.
    DELETE FROM pg_temp.naloxone_kpi_new n
    WHERE EXISTS (SELECT FROM pg_temp.naloxone_kpi_new m WHERE m.form_id = n.form_id AND m.line < n.line);
    CREATE UNIQUE INDEX ON pg_temp.naloxone_kpi_new (form_id);
    EXECUTE format($q$
        CREATE TEMPORARY TABLE naloxone_kpi_incident ON COMMIT DROP AS
        SELECT DISTINCT i.incident_id
        FROM (SELECT n.form_id, n.incident_id FROM pg_temp.naloxone_kpi_new n) i
        LEFT JOIN %1$I.accepted_form f USING (form_id)
        WHERE f.form_id IS NULL $q$, room);
    EXECUTE format($q$
        CREATE TEMPORARY TABLE naloxone_kpi_replaced ON COMMIT DROP AS
        SELECT n.form_id, f.incident_id AS old_incident_id, n.incident_id
        FROM (SELECT %2$s FROM pg_temp.naloxone_kpi_new
              EXCEPT SELECT %2$s FROM %1$I.accepted_form WHERE form_id IN (SELECT form_id FROM pg_temp.naloxone_kpi_new)) n
        JOIN %1$I.accepted_form f USING (form_id) $q$, room, form_columns);
    INSERT INTO pg_temp.naloxone_kpi_incident
        (SELECT incident_id FROM pg_temp.naloxone_kpi_replaced UNION SELECT old_incident_id FROM pg_temp.naloxone_kpi_replaced)
        EXCEPT SELECT incident_id FROM pg_temp.naloxone_kpi_incident;

    EXECUTE format($q$
        SELECT (SELECT count(*) FROM pg_temp.naloxone_kpi_form) AS rows_in,
               (SELECT count(*) FROM pg_temp.naloxone_kpi_new n WHERE NOT EXISTS (SELECT FROM %1$I.accepted_form f WHERE f.form_id = n.form_id)) AS accepted,
               (SELECT count(*) FROM pg_temp.naloxone_kpi_replaced) AS replaced,
               (SELECT count(DISTINCT line) FROM pg_temp.naloxone_kpi_problem WHERE is_rejected) AS rejected $q$, room) INTO counted;

    -- The place that a form gave goes with it: a loader cannot read places, only bring and remove them.
    EXECUTE format($q$
        WITH given AS (
            UPDATE %1$I.accepted_form f SET gave_place = false
            FROM pg_temp.naloxone_kpi_new n
            WHERE n.form_id = f.form_id AND f.gave_place
            RETURNING f.administration_id
        )
        DELETE FROM %1$I.administration_place_record a USING given WHERE given.administration_id = a.administration_id $q$, room);
    EXECUTE format('UPDATE %1$I.accepted_form f SET (run, %2$s) = ROW($1, %3$s) FROM pg_temp.naloxone_kpi_new n'
                   ' WHERE n.form_id = f.form_id AND f.form_id IN (SELECT form_id FROM pg_temp.naloxone_kpi_replaced)', room, form_columns,
                   (SELECT string_agg('n.' || c, ', ') FROM unnest(string_to_array(form_columns, ', ')) AS c)) USING this_run;
    EXECUTE format('INSERT INTO %1$I.accepted_form (first_run, run, %2$s) SELECT $1, $1, %2$s FROM pg_temp.naloxone_kpi_new n'
                   ' WHERE NOT EXISTS (SELECT FROM %1$I.accepted_form f WHERE f.form_id = n.form_id)', room, form_columns) USING this_run;
    EXECUTE format($q$
        DELETE FROM %1$I.form_finding d USING pg_temp.naloxone_kpi_new n WHERE n.form_id = d.form_id $q$, room);
    EXECUTE format($q$
        INSERT INTO %1$I.form_finding (form_id, field, rule)
        SELECT DISTINCT n.form_id, x.field, x.rule FROM pg_temp.naloxone_kpi_new n JOIN pg_temp.naloxone_kpi_problem x ON x.line = n.line $q$, room);

    PERFORM naloxone_kpi.join_forms(deployment);

    EXECUTE format($q$
        WITH first AS (
            SELECT DISTINCT ON (f.administration_id) f.form_id, f.administration_id, n.location, n.recorded_at
            FROM pg_temp.naloxone_kpi_new n JOIN %1$I.accepted_form f ON f.form_id = n.form_id
            WHERE n.location IS NOT NULL
              AND NOT EXISTS (SELECT FROM %1$I.administration_place_record a WHERE a.administration_id = f.administration_id)
            ORDER BY f.administration_id, f.first_run, f.form_id COLLATE "C"
        ), brought AS (
            INSERT INTO %1$I.administration_place_record (administration_id, location, recorded_at)
            SELECT administration_id, location, recorded_at FROM first
        )
        UPDATE %1$I.accepted_form f SET gave_place = true FROM first WHERE first.form_id = f.form_id $q$, room);

    EXECUTE format($q$
        SELECT count(*)
        FROM %1$I.accepted_form f
        JOIN pg_temp.naloxone_kpi_new n ON n.form_id = f.form_id
        WHERE f.run = $1 AND EXISTS (SELECT FROM %1$I.accepted_form g WHERE g.administration_id = f.administration_id AND g.form_id <> f.form_id) $q$,
        room) INTO num_joined USING this_run;
    EXECUTE format('UPDATE %I.ingest_run SET (rows_in, accepted, joined, replaced, already_present, rejected) = ROW($1, $2, $3, $4, $5, $6) WHERE run = $7', room)
        USING counted.rows_in, counted.accepted, num_joined, counted.replaced,
              counted.rows_in - counted.accepted - counted.replaced - counted.rejected, counted.rejected, this_run;
    DROP TABLE pg_temp.naloxone_kpi_form, pg_temp.naloxone_kpi_line, pg_temp.naloxone_kpi_read, pg_temp.naloxone_kpi_problem,
               pg_temp.naloxone_kpi_new, pg_temp.naloxone_kpi_incident, pg_temp.naloxone_kpi_replaced;
    RAISE NOTICE '% rows in = % accepted + % replaced + % already present + % rejected; % joined to other forms', counted.rows_in, counted.accepted,
        counted.replaced, counted.rows_in - counted.accepted - counted.replaced - counted.rejected, counted.rejected, num_joined;
    IF counted.rejected > 0 THEN
        RAISE NOTICE 'why rows were rejected: SELECT * FROM %.rejected_row WHERE run = %', quote_ident(room), this_run;
    END IF;
END
$$;
COMMENT ON PROCEDURE ingest(name) IS
    'moves forms from administration_form into the records: what breaks a rule goes to rejected_row, forms about one person are joined';

CREATE FUNCTION grant_ingest(deployment name, role_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
BEGIN
    PERFORM naloxone_kpi.grant_loader(deployment, role_name);
    EXECUTE format('GRANT SELECT ON %1$I.deployment, %1$I.setting, %1$I.ambulance_category, %1$I.form_field, %1$I.form_value, %1$I.form_rule TO %2$I',
                   floor.engine_room, role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I.administration_form, %1$I.accepted_form, %1$I.form_finding TO %2$I', floor.engine_room, role_name);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I.rejected_row TO %I', floor.engine_room, role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I.ingest_run TO %I', floor.engine_room, role_name);
    -- Neither rejected forms nor places can be read back.
    EXECUTE format('GRANT INSERT, DELETE, SELECT (rejected_at) ON %I.rejected_form TO %I', floor.engine_room, role_name);
    EXECUTE format('GRANT DELETE, SELECT (administration_id), UPDATE (administration_id) ON %I.administration_place_record TO %I', floor.engine_room, role_name);
END
$$;
COMMENT ON FUNCTION grant_ingest(name, name) IS 'lets a role load forms and call ingest(), and all that grant_loader() does';

CREATE FUNCTION grant_steward(deployment name, role_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', floor.engine_room, role_name);
    EXECUTE format('GRANT SELECT ON %1$I.rejected_row, %1$I.form_rule, %1$I.form_field, %1$I.form_value TO %2$I', floor.engine_room, role_name);
    EXECUTE format('GRANT SELECT, DELETE ON %I.rejected_form TO %I', floor.engine_room, role_name);
    EXECUTE format('GRANT INSERT ON %I.administration_form TO %I', floor.engine_room, role_name);
END
$$;
COMMENT ON FUNCTION grant_steward(name, name) IS 'lets a role read rejected forms, where they are kept, and put them back corrected';
