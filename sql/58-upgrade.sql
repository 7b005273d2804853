-- Moving a deployment that is in use to the newest model. doc/upgrade.md

-- Every version of the model leads to the next one; a version that changes nothing has one step of no SQL.
CREATE TABLE deployment_upgrade (
    from_version  text NOT NULL,
    to_version    text NOT NULL CHECK (to_version <> from_version),
    position      integer NOT NULL,
    floor         text NOT NULL CHECK (floor IN ('engine_room', 'bi', 'public')),
    sql           text NOT NULL,
    PRIMARY KEY (from_version, position)
);
COMMENT ON TABLE deployment_upgrade IS
    'the SQL that upgrade_deployment() runs, in order, from one version of the model to the next, and the schema in which each step''s objects belong';
GRANT SELECT ON deployment_upgrade TO PUBLIC;

-- Where a deployment's unqualified names are looked for, as deploy() has it: what belongs to a floor first, temporary tables last.
CREATE FUNCTION deployment_path(own_schema name, engine_room name) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.format('%I, %I, naloxone_kpi, %I, pg_temp', own_schema, engine_room, n.nspname)
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis';
END;
COMMENT ON FUNCTION deployment_path(name, name) IS 'the search path under which the SQL of a deployment''s floor is run';

CREATE FUNCTION upgrade_deployment(deployment name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    floors constant name[] := ARRAY[floor.engine_room, floor.bi, floor.public];
    newest constant text := (SELECT extversion FROM pg_extension WHERE extname = 'naloxone_kpi');
    version text;
    next_version text;
    has_tables boolean;
    before text[];    -- what was there, as floor.name
    step record;
    tracked record;
    own_schema name;
    creators text;
    taken name;
    added text;
BEGIN
    -- As the owner and nobody else: what the steps make is the owner's, and what the owner has put on its tables runs as the owner.
    IF current_user <> floor.owner THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('must be owner of deployment "%s"', deployment),
            HINT = format('Connect as the owner, or as a member of it: SET ROLE %I', floor.owner);
    END IF;
    EXECUTE format('SELECT model_version FROM %I.deployment', floor.engine_room) INTO STRICT version;
    IF version = newest THEN
        RAISE NOTICE 'deployment "%" is of the newest model already, %', deployment, newest;
        RETURN;
    END IF;
    FOREACH own_schema IN ARRAY floors || (SELECT array_agg(n.nspname ORDER BY n.nspname) FROM pg_namespace n
                                           WHERE n.oid IN (SELECT extnamespace FROM pg_extension WHERE extname IN ('naloxone_kpi', 'postgis'))) LOOP
        SELECT string_agg(creator, ', ') INTO creators FROM naloxone_kpi.schema_creators(own_schema) AS creator;
        IF creators IS NOT NULL THEN
            RAISE insufficient_privilege USING
                MESSAGE = format('other roles may create objects in schema "%s": %s', own_schema, creators),
                HINT = format('A deployment would trust what they create there: REVOKE CREATE ON SCHEMA %I FROM %s', own_schema, creators);
        END IF;
    END LOOP;
    -- The lock of a refresh: neither runs while the other does.
    BEGIN
        EXECUTE format('LOCK TABLE %I.deployment IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', floor.engine_room);
    EXCEPTION WHEN lock_not_available THEN
        RAISE lock_not_available USING
            MESSAGE = format('deployment "%s" is being refreshed or upgraded', deployment),
            HINT = 'Wait until it is done, and try again.';
    END;
    -- Another may have upgraded it in the meantime.
    EXECUTE format('SELECT model_version FROM %I.deployment', floor.engine_room) INTO STRICT version;

    SELECT array_agg(o.floor || '.' || o.name) INTO before FROM naloxone_kpi.deployment_relation(floors) o;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.deployment_object WHERE floor = ''engine_room'' AND name LIKE ''%%\_record'')', floor.engine_room)
    INTO has_tables;

    WHILE version <> newest LOOP
        SELECT min(to_version) INTO next_version FROM naloxone_kpi.deployment_upgrade WHERE from_version = version;
        IF next_version IS NULL THEN
            RAISE feature_not_supported USING
                MESSAGE = format('there is no way from model %s, which deployment "%s" is of, to %s', version, deployment, newest),
                HINT = 'If the deployment is of a newer model than the extension: ALTER EXTENSION naloxone_kpi UPDATE.';
        END IF;
        FOR step IN SELECT * FROM naloxone_kpi.deployment_upgrade WHERE from_version = version ORDER BY position LOOP
            PERFORM set_config('search_path', naloxone_kpi.deployment_path(
                floors[array_position(ARRAY['engine_room', 'bi', 'public'], step.floor)], floor.engine_room), true);
            EXECUTE step.sql;
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            -- A new source gets its contract. A table of the owner's own must not be taken for one.
            CONTINUE WHEN NOT EXISTS (SELECT FROM naloxone_kpi.deployment_relation(floors) o
                                      WHERE o.floor = 'engine_room' AND o.name LIKE '%\_record' AND o.floor || '.' || o.name <> ALL (before));
            SELECT c.name INTO taken FROM naloxone_kpi.deployment_relation(floors) c
            WHERE c.floor = 'engine_room' AND c.name LIKE '%\_record' AND c.kind = 'r' AND c.floor || '.' || c.name = ANY (before)
              AND NOT EXISTS (SELECT FROM naloxone_kpi.deployment_relation(floors) v
                              WHERE v.floor = 'engine_room' AND v.name = left(c.name, -length('_record')))
            ORDER BY 1 LIMIT 1;
            IF FOUND THEN
                RAISE object_not_in_prerequisite_state USING
                    MESSAGE = format('table %I.%I would be taken for the records of a contract', floor.engine_room, taken),
                    HINT = 'Give it a name that does not end in _record, or move it to a schema of your own.';
            END IF;
            PERFORM naloxone_kpi.create_contracts(floor.engine_room, has_tables);
        END LOOP;
        version := next_version;
    END LOOP;

    -- What came and what went; what was missing before is missed still, and what is the owner's own stays that.
    EXECUTE format('DELETE FROM %I.deployment_object o WHERE o.floor || ''.'' || o.name = ANY ($1) '
                   'AND NOT EXISTS (SELECT FROM naloxone_kpi.deployment_relation($2) n WHERE n.floor = o.floor AND n.name = o.name)', floor.engine_room)
    USING before, floors;
    EXECUTE format('INSERT INTO %I.deployment_object SELECT n.floor, n.name, n.kind FROM naloxone_kpi.deployment_relation($2) n '
                   'WHERE n.floor || ''.'' || n.name <> ALL ($1)', floor.engine_room)
    USING before, floors;
    EXECUTE format('UPDATE %I.deployment SET model_version = $1', floor.engine_room) USING newest;
    PERFORM naloxone_kpi.comment_deployment(deployment);
    PERFORM naloxone_kpi.create_expression_statistics(deployment);
    FOR tracked IN EXECUTE format('SELECT m.source, m.days, m.keys, format(''%%I.%%I'', $2, n.name)::regclass AS relation '
                                  'FROM %I.source_mark m JOIN naloxone_kpi.deployment_relation($3) n ON n.floor = ''engine_room'' AND n.name = m.source || ''_record'' '
                                  'WHERE n.kind = ''r'' AND n.floor || ''.'' || n.name <> ALL ($1)', floor.engine_room)
                   USING before, floor.engine_room, floors LOOP
        PERFORM naloxone_kpi.track_changes(floor.engine_room, tracked.source, tracked.relation, tracked.days, tracked.keys);
    END LOOP;

    SELECT string_agg(format('%I.%I', floor.bi, n.name), ', ' ORDER BY n.name) INTO added
    FROM naloxone_kpi.deployment_relation(floors) n WHERE n.floor = 'bi' AND n.floor || '.' || n.name <> ALL (before);
    RAISE NOTICE 'deployment "%" is now of model %', deployment, newest USING HINT = 'A refresh brings up to date what is new.';
    IF added IS NOT NULL THEN
        RAISE NOTICE 'new for analysts: %', added USING HINT = 'Readers see it when they are granted it: SELECT naloxone_kpi.grant_reader(...)';
    END IF;
END
$$;
COMMENT ON FUNCTION upgrade_deployment(name) IS
    'moves a deployment to the model of the installed extension, in one transaction: its records, grants and views of one''s own stay';

CREATE FUNCTION deployment_relation(floors name[], OUT floor text, OUT name name, OUT kind "char") RETURNS SETOF record
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT (ARRAY['engine_room', 'bi', 'public'])[pg_catalog.array_position(floors, n.nspname)], c.relname, c.relkind
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (floors) AND c.relkind IN ('r', 'p', 'f', 'v', 'm');
END;
COMMENT ON FUNCTION deployment_relation(name[]) IS 'part of upgrade_deployment(): the tables and views in a deployment''s three schemas';

-- What the steps use ------------------------------------------------------------

CREATE FUNCTION replace_materialized_view(relation regclass, definition text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    engine_room constant name := (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
BEGIN
    PERFORM naloxone_kpi.rebuild_materialized_view(relation, definition, naloxone_kpi.deployment_path(engine_room, engine_room));
END
$$;
COMMENT ON FUNCTION replace_materialized_view(regclass, text) IS
    'for steps of an upgrade: gives a materialised view another query; indexes, grants, comments and the views over it stay';

-- A materialised view cannot be given another query. So another is made beside it and filled, takes its name, and everything over the
-- old one is defined again, by the text that it had before: that finds the new one.
CREATE FUNCTION rebuild_materialized_view(relation regclass, definition text, path text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old record;
    built constant name := format('replacing_%s', relation::oid);
    replaced constant name := format('replaced_%s', relation::oid);
    unmovable text;
    dependents jsonb;
    dependent record;
    afterwards text[];
    statement text;
BEGIN
    SELECT n.nspname, c.relname, c.relowner, c.reltype, t.typarray, a.amname, s.spcname, array_to_string(c.reloptions, ', ') AS options,
           format('%I.%I', n.nspname, c.relname) AS qualified
    INTO old
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = c.reltype
    JOIN pg_am a ON a.oid = c.relam
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
    WHERE c.oid = relation AND c.relkind = 'm';
    IF NOT FOUND THEN
        RAISE wrong_object_type USING MESSAGE = format('"%s" is not a materialized view', relation);
    ELSIF pg_get_userbyid(old.relowner) <> current_user THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of materialized view %s', old.qualified);
    END IF;

    -- A view of the owner's own can be defined again, wherever it is. Nothing else can.
    SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO unmovable
    FROM pg_depend d
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    LEFT JOIN pg_class c ON c.oid = r.ev_class
    WHERE d.deptype = 'n'
      AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = relation OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (old.reltype, old.typarray))
      AND (r.rulename = '_RETURN' AND c.relkind IN ('v', 'm') AND c.relowner = old.relowner) IS NOT TRUE;
    IF unmovable IS NOT NULL THEN
        RAISE dependent_objects_still_exist USING
            MESSAGE = format('materialized view %s is used by what cannot be moved to a new one', old.qualified),
            DETAIL = unmovable,
            HINT = 'Drop it, upgrade, and make it again. What reads the views for analysts instead is not touched by an upgrade.';
    END IF;

    PERFORM set_config('search_path', path, true);
    EXECUTE format('CREATE MATERIALIZED VIEW %I.%I USING %I %s %s AS %s', old.nspname, built, old.amname, 'WITH (' || old.options || ')',
                   'TABLESPACE ' || quote_ident(old.spcname), definition);
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);

    SELECT jsonb_agg(jsonb_build_object('name', format('%I.%I', n.nspname, c.relname), 'is_view', c.relkind = 'v',
                                        'options', 'WITH (' || array_to_string(c.reloptions, ', ') || ')', 'definition', pg_get_viewdef(c.oid))
                     ORDER BY c.oid) INTO dependents
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid <> relation
      AND c.oid IN (SELECT r.ev_class FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
                    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation);

    -- What hangs on it and goes with it.
    SELECT array_agg(s.statement ORDER BY s.position, s.statement) INTO afterwards
    FROM (
        SELECT 1, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = relation
        UNION ALL
        SELECT 2, format('ALTER INDEX %I.%I SET TABLESPACE %I', old.nspname, c.relname, t.spcname)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_tablespace t ON t.oid = c.reltablespace WHERE i.indrelid = relation
        UNION ALL
        SELECT 2, format('ALTER MATERIALIZED VIEW %s CLUSTER ON %I', old.qualified, c.relname)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = relation AND i.indisclustered
        UNION ALL
        SELECT 2, format('COMMENT ON INDEX %I.%I IS %L', old.nspname, c.relname, d.description)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
        WHERE i.indrelid = relation
        UNION ALL
        SELECT 1, pg_get_statisticsobjdef(e.oid) FROM pg_statistic_ext e WHERE e.stxrelid = relation
        UNION ALL
        SELECT 2, format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, e.stxname, d.description)
        FROM pg_statistic_ext e JOIN pg_namespace n ON n.oid = e.stxnamespace
        JOIN pg_description d ON d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = e.oid WHERE e.stxrelid = relation
        UNION ALL
        SELECT 3, format('COMMENT ON MATERIALIZED VIEW %s IS %L', old.qualified, d.description)
        FROM pg_description d WHERE d.classoid = 'pg_class'::regclass AND d.objoid = relation AND d.objsubid = 0
        UNION ALL
        SELECT 3, format('GRANT %s ON %s TO %s%s', g.privilege_type, old.qualified, naloxone_kpi.grantee_name(g.grantee),
                         CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_class c CROSS JOIN aclexplode(c.relacl) AS g WHERE c.oid = relation AND g.grantee <> c.relowner
        UNION ALL
        SELECT 3, column_statement.statement
        FROM pg_attribute a
        -- Of the columns that it still has.
        JOIN pg_attribute n ON n.attname = a.attname AND n.attrelid = format('%I.%I', old.nspname, built)::regclass AND n.attnum > 0
        CROSS JOIN LATERAL (
            SELECT format('COMMENT ON COLUMN %s.%I IS %L', old.qualified, a.attname, d.description)
            FROM pg_description d WHERE d.classoid = 'pg_class'::regclass AND d.objoid = relation AND d.objsubid = a.attnum
            UNION ALL
            SELECT format('GRANT %s (%I) ON %s TO %s%s', g.privilege_type, a.attname, old.qualified, naloxone_kpi.grantee_name(g.grantee),
                          CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM aclexplode(a.attacl) AS g
            UNION ALL
            SELECT format('ALTER MATERIALIZED VIEW %s ALTER %I SET STATISTICS %s', old.qualified, a.attname, a.attstattarget) WHERE a.attstattarget >= 0
        ) column_statement (statement)
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
    ) s (position, statement);

    EXECUTE format('ALTER MATERIALIZED VIEW %s RENAME TO %I', old.qualified, replaced);
    EXECUTE format('ALTER MATERIALIZED VIEW %I.%I RENAME TO %I', old.nspname, built, old.relname);
    FOR dependent IN SELECT * FROM jsonb_to_recordset(dependents) AS d (name text, is_view boolean, options text, definition text) LOOP
        BEGIN
            IF dependent.is_view THEN
                EXECUTE format('CREATE OR REPLACE VIEW %s %s AS %s', dependent.name, dependent.options, dependent.definition);
            ELSE
                PERFORM naloxone_kpi.rebuild_materialized_view(dependent.name::regclass, dependent.definition, 'pg_catalog, pg_temp');
            END IF;
        EXCEPTION WHEN undefined_column OR undefined_function OR datatype_mismatch OR invalid_table_definition THEN
            RAISE dependent_objects_still_exist USING
                MESSAGE = format('%s does not work over the new materialized view %s: %s', dependent.name, old.qualified, SQLERRM),
                HINT = 'Drop it, upgrade, and make it again. What reads the views for analysts instead is not touched by an upgrade.';
        END;
    END LOOP;
    EXECUTE format('DROP MATERIALIZED VIEW %I.%I', old.nspname, replaced);
    FOREACH statement IN ARRAY coalesce(afterwards, '{}') LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('ANALYZE %s', old.qualified);
END
$$;
COMMENT ON FUNCTION rebuild_materialized_view(regclass, text, text) IS
    'part of replace_materialized_view(): for one materialised view, and for those over it';

CREATE FUNCTION grantee_name(role_id oid) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN role_id = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(role_id)::text) END;
COMMENT ON FUNCTION grantee_name(oid) IS 'a role as GRANT writes it; 0 is PUBLIC';
