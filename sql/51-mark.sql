-- Marking what changes: triggers on the tables beneath a deployment's contracts. sql/model/21-mark.sql, doc/refresh.md

-- The engine room's functions that hold the time zone as a constant, and the indexes on them.
CREATE FUNCTION write_time_zone(engine_room name, time_zone text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zoned record;
    index_name regclass;
BEGIN
    FOR zoned IN
        SELECT p.oid, p.proname, replacement
        FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        CROSS JOIN LATERAL (VALUES
            ('day_of', 'moment timestamp with time zone',
             format('CREATE OR REPLACE FUNCTION %I.day_of(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE '
                    'RETURN coalesce(naloxone_kpi.local_day(moment, %L), date ''infinity'')', engine_room, time_zone)),
            ('hour_of_week', 'moment timestamp with time zone',
             format('CREATE OR REPLACE FUNCTION %I.hour_of_week(moment timestamptz) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE '
                    'RETURN naloxone_kpi.hour_of_week(moment, %L)', engine_room, time_zone))
        ) AS known (name, arguments, replacement)
        WHERE n.nspname = engine_room AND p.proname = known.name AND pg_get_function_arguments(p.oid) = known.arguments
    LOOP
        EXECUTE zoned.replacement;
        FOR index_name IN
            SELECT i.indexrelid FROM pg_index i JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
            WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = zoned.oid
        LOOP
            EXECUTE format('REINDEX INDEX %s', index_name);
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION write_time_zone(name, text) IS
    'part of setting a deployment''s time zone: writes it into the functions that give a record''s day, and makes the indexes on them anew';

-- The table and what hangs on it: partitions and inheriting tables. A statement on one of them by its own name fires its triggers only.
CREATE FUNCTION tables_beneath(relation regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE beneath AS (
        SELECT relation AS found
        UNION
        SELECT i.inhrelid::regclass FROM beneath b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.found
    )
    SELECT found FROM beneath;
END;
COMMENT ON FUNCTION tables_beneath(regclass) IS 'a table, its partitions and the tables that inherit from it';

CREATE FUNCTION check_marked_source(engine_room name, source text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.source_mark s WHERE s.source = $1)', engine_room) INTO known USING source;
    IF NOT known THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('"%s" is not a source whose changes are marked', source),
            HINT = format('SELECT source FROM %I.source_mark lists them; the others are read as a whole by every refresh.', engine_room);
    END IF;
END
$$;
COMMENT ON FUNCTION check_marked_source(name, text) IS 'part of track_changes() and invalidate(): refuses what is no source with marks';

CREATE FUNCTION track_changes(deployment name, source text, relation regclass, days text DEFAULT NULL, keys text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    function_name name;
    trigger_name name;
    leaf regclass;
    event record;
    key_marks text := '';
    day_marks text;
BEGIN
    IF num_nulls(deployment, source, relation) > 0 THEN
        RAISE null_value_not_allowed USING MESSAGE = 'the deployment, the source and the table must not be NULL';
    END IF;
    IF NOT pg_has_role(floor.owner, 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of deployment "%s"', deployment);
    END IF;
    PERFORM naloxone_kpi.check_marked_source(floor.engine_room, source);

    -- What the queries give is looked at once, here, rather than by the first load.
    PERFORM set_config('search_path', format('%I, naloxone_kpi, pg_temp', floor.engine_room), true);
    IF days IS NOT NULL THEN
        EXECUTE format('EXPLAIN WITH changed AS (SELECT * FROM %s) SELECT m.day::date, m.division_code::text FROM (%s) m (day, division_code)', relation, days);
    END IF;
    IF keys IS NOT NULL THEN
        EXECUTE format('EXPLAIN WITH changed AS (SELECT * FROM %s) SELECT m.key_kind::text, m.key::text FROM (%s) m (key_kind, key)', relation, keys);
    END IF;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);

    -- Several deployments may track a table, and a deployment a table for several sources.
    function_name := CASE WHEN relation IN (to_regclass(format('%I.%I', floor.engine_room, source || '_record')), to_regclass(format('%I.%I', floor.engine_room, source)))
                          THEN 'mark_' || source ELSE format('mark_%s_of_%s', source, relation::oid) END;
    trigger_name := function_name || CASE WHEN function_name = 'mark_' || source THEN ''
                                          ELSE format('_for_%s', format('%I.deployment', floor.engine_room)::regclass::oid) END;
    IF days IS NULL AND keys IS NULL THEN
        day_marks := format('INSERT INTO mark (source) VALUES (%L) ON CONFLICT DO NOTHING;', source);
    ELSE
        -- By keys alone a record is found where it is now, not where it was.
        day_marks := CASE WHEN days IS NULL THEN format($f$
        IF TG_OP <> 'INSERT' OR num_changed > 100000 THEN
            INSERT INTO mark (source) VALUES (%L) ON CONFLICT DO NOTHING;
        END IF;$f$, source) ELSE format($f$
        INSERT INTO mark (source, day, division_code)
        WITH changed AS (%%1$s)
        SELECT DISTINCT %L, CASE WHEN octet_length(m.division_code) <= 1000 THEN m.day END,
               CASE WHEN m.day IS NOT NULL AND octet_length(m.division_code) <= 1000 THEN m.division_code END
        FROM (%s) m (day, division_code)
        ON CONFLICT DO NOTHING;$f$, source, replace(days, '%', '%%')) END;
        key_marks := CASE WHEN keys IS NULL THEN '' ELSE format($f$
        IF num_changed > 100000 THEN
            INSERT INTO mark (source, key_kind) VALUES (%1$L, 'person'), (%1$L, 'incident') ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO mark (source, key_kind, key)
            WITH changed AS (%%1$s)
            SELECT DISTINCT %1$L, m.key_kind, CASE WHEN octet_length(m.key) <= 1000 THEN m.key END
            FROM (%2$s) m (key_kind, key) WHERE m.key IS NOT NULL
            ON CONFLICT DO NOTHING;
        END IF;$f$, source, replace(keys, '%', '%%')) END;
    END IF;
    EXECUTE format($create$
CREATE OR REPLACE FUNCTION %1$I.%2$I() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $mark$
-- Written by naloxone_kpi.track_changes(). It finds its deployment by its own schema, whatever that is called by now.
DECLARE
    engine_room name := (SELECT n.nspname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
                         WHERE t.tgrelid = TG_RELID AND t.tgname = TG_NAME);
    num_changed bigint := 0;
BEGIN
    IF to_regclass(format('%%I.mark', engine_room)) IS NULL THEN
        RAISE WARNING 'changes of %% are not marked: schema %% holds no deployment', TG_RELID::regclass, engine_room
            USING HINT = 'Drop the triggers, or SELECT naloxone_kpi.track_changes(...) for a deployment that is there.';
        RETURN NULL;
    END IF;
    IF NOT has_any_column_privilege(format('%%I.mark', engine_room), 'INSERT') THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('permission denied to mark changes of %%s', TG_RELID::regclass),
            HINT = format('Whoever loads it also marks what is to be computed again: SELECT naloxone_kpi.grant_loader(%%L, %%L)', engine_room, current_user);
    END IF;
    PERFORM set_config('search_path', format('%%I, naloxone_kpi, pg_temp', engine_room), true);
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO mark (source) VALUES (%3$L) ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT count(*) INTO num_changed FROM (SELECT FROM new_rows LIMIT 100001) n;
        IF num_changed = 0 THEN RETURN NULL; END IF;%4$s
    ELSIF TG_OP = 'DELETE' THEN
        SELECT count(*) INTO num_changed FROM (SELECT FROM old_rows LIMIT 100001) n;
        IF num_changed = 0 THEN RETURN NULL; END IF;%5$s
    ELSE
        SELECT count(*) INTO num_changed FROM (SELECT FROM new_rows LIMIT 100001) n;
        IF num_changed = 0 THEN RETURN NULL; END IF;%6$s
    END IF;
    RETURN NULL;
END
$mark$ $create$,
        floor.engine_room, function_name, source,
        format(day_marks || key_marks, 'SELECT * FROM new_rows'),
        format(day_marks || key_marks, 'SELECT * FROM old_rows'),
        format(day_marks || key_marks, 'SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows'));
    EXECUTE format('COMMENT ON FUNCTION %I.%I() IS %L', floor.engine_room, function_name, format('marks changes of %s for the source %s', relation, source));

    FOR leaf IN SELECT * FROM naloxone_kpi.tables_beneath(relation) LOOP
        FOR event IN
            SELECT * FROM (VALUES ('insert', 'REFERENCING NEW TABLE AS new_rows'), ('delete', 'REFERENCING OLD TABLE AS old_rows'),
                                  ('update', 'REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows'), ('truncate', '')) AS e (name, tables)
        LOOP
            EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %I.%I()',
                           trigger_name || '_' || event.name, event.name, leaf, event.tables, floor.engine_room, function_name);
        END LOOP;
    END LOOP;
    EXECUTE format('INSERT INTO %I.tracked_table VALUES ($1, $2, $3, $4) ON CONFLICT (relation, source) DO UPDATE SET days = $3, keys = $4', floor.engine_room)
        USING relation, source, days, keys;
    -- What changed before is not known.
    EXECUTE format('INSERT INTO %I.mark (source) VALUES ($1) ON CONFLICT DO NOTHING', floor.engine_room) USING source;
END
$$;
COMMENT ON FUNCTION track_changes(name, text, regclass, text, text) IS
    'marks what changes in a table beneath a contract, so that a refresh computes only that again; again after partitions were added';

CREATE FUNCTION invalidate(deployment name, source text, from_day date DEFAULT NULL, to_day date DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    days_query text;
BEGIN
    IF num_nulls(deployment, source) > 0 THEN
        RAISE null_value_not_allowed USING MESSAGE = 'the deployment and the source must not be NULL';
    END IF;
    PERFORM naloxone_kpi.check_marked_source(floor.engine_room, source);
    EXECUTE format('SELECT days FROM %I.source_mark WHERE source = $1', floor.engine_room) INTO days_query USING source;
    IF num_nulls(from_day, to_day) = 2 OR days_query IS NULL THEN
        EXECUTE format('INSERT INTO %I.mark (source) VALUES ($1) ON CONFLICT DO NOTHING', floor.engine_room) USING source;
        RETURN;
    END IF;
    PERFORM set_config('search_path', format('%I, naloxone_kpi, pg_temp', floor.engine_room), true);
    -- The days and divisions that records have now, and those that they had.
    EXECUTE format('INSERT INTO mark (source, day, division_code)
                    WITH changed AS (SELECT * FROM %I)
                    SELECT $1, m.day, m.division_code FROM (%s) m (day, division_code)
                    WHERE m.day >= coalesce($2, m.day) AND m.day <= coalesce($3, m.day)
                    UNION
                    SELECT $1, s.day, s.division_code FROM source_day s
                    WHERE s.source = $1 AND s.day >= coalesce($2, s.day) AND s.day <= coalesce($3, s.day)
                    ON CONFLICT DO NOTHING', source, days_query) USING source, from_day, to_day;
    INSERT INTO mark (source, key_kind) VALUES (source, 'person'), (source, 'incident') ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION invalidate(name, text, date, date) IS
    'marks a source''s records, of all days or of some, so that the next refresh computes them again: after a change that no trigger sees';
