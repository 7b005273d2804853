-- Deploying the model: three schemas of ordinary objects that belong to whoever deploys them. doc/deployment.md

CREATE TABLE deployment_part (
    position  integer PRIMARY KEY,
    floor     text NOT NULL CHECK (floor IN ('engine_room', 'bi', 'public')),
    name      text NOT NULL,
    sql       text NOT NULL
);
COMMENT ON TABLE deployment_part IS 'the SQL that deploy() runs, in order, and the schema in which each part''s objects belong';
GRANT SELECT ON deployment_part TO PUBLIC;

-- Every function here runs with the caller's rights, except refresh(), which checks them itself. So PUBLIC may execute them.

CREATE FUNCTION deployment_schemas(deployment name, OUT engine_room name, OUT bi name, OUT public name, OUT owner name)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT pg_get_userbyid(c.relowner) INTO owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = deployment_schemas.deployment AND c.relname = 'deployment' AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'engine_room' AND a.atttypid = 'regclass'::regtype);
    IF NOT FOUND THEN
        RAISE undefined_object USING
            MESSAGE = format('there is no deployment "%s" in this database', deployment),
            HINT = format('Create it with SELECT naloxone_kpi.deploy(%L), or name the schema that an existing one''s records are in.', deployment);
    END IF;
    EXECUTE format($q$
        SELECT (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.engine_room),
               (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.bi),
               (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.public)
        FROM %I.deployment d $q$, deployment)
    INTO STRICT engine_room, bi, public;
END
$$;
COMMENT ON FUNCTION deployment_schemas(name) IS 'the three schemas of a deployment and its owner, whatever they were renamed to';

-- The roles, other than the owner of the schema, that may create objects in it: what they put there could be found first.
CREATE FUNCTION schema_creators(schema_name name) RETURNS SETOF text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)::text) END
    FROM pg_catalog.pg_namespace n
    CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) acl
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = acl.grantee
    WHERE n.nspname = schema_name AND acl.privilege_type = 'CREATE' AND acl.grantee <> n.nspowner
      AND r.rolsuper IS NOT TRUE AND r.rolname IS DISTINCT FROM current_user;
END;
COMMENT ON FUNCTION schema_creators(name) IS
    'roles that may create objects in a schema although they neither own it nor are superusers nor the current user';

CREATE FUNCTION deploy(deployment name, sources text DEFAULT 'tables') RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floors constant name[] := ARRAY[deployment, deployment || '_bi', deployment || '_public'];
    postgis_schema name;
    existing record;
    creators text;
    part record;
    own_schema name;
BEGIN
    IF deployment = '' OR starts_with(deployment, 'pg_') OR octet_length(deployment::text || '_public') > 63 THEN
        RAISE invalid_schema_name USING
            MESSAGE = format('"%s" cannot name a deployment', deployment),
            HINT = 'Take up to 56 bytes, not beginning with pg_.';
    END IF;
    IF sources NOT IN ('tables', 'none') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('sources "%s" is neither "tables" nor "none"', sources),
            HINT = 'With "tables" every contract gets a table to load; with "none" it is an empty view for you to replace.';
    END IF;

    SELECT n.nspname INTO STRICT postgis_schema
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis';

    -- What another role could put into a schema on the path could be run by every refresh.
    FOREACH own_schema IN ARRAY floors || ARRAY['naloxone_kpi', postgis_schema]::name[] LOOP
        SELECT string_agg(creator, ', ') INTO creators FROM naloxone_kpi.schema_creators(own_schema) AS creator;
        IF creators IS NOT NULL THEN
            RAISE insufficient_privilege USING
                MESSAGE = format('other roles may create objects in schema "%s": %s', own_schema, creators),
                HINT = format('A deployment would trust what they create there: REVOKE CREATE ON SCHEMA %I FROM %s', own_schema, creators);
        END IF;
    END LOOP;

    FOREACH own_schema IN ARRAY floors LOOP
        SELECT n.oid, pg_has_role(n.nspowner, 'USAGE') AS is_own,
               EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'deployment' AND c.relkind = 'r') AS is_deployment,
               EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)
               OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid)
               OR EXISTS (SELECT FROM pg_type t WHERE t.typnamespace = n.oid)
               OR EXISTS (SELECT FROM pg_operator o WHERE o.oprnamespace = n.oid) AS is_used
        INTO existing FROM pg_namespace n WHERE n.nspname = own_schema;
        IF NOT FOUND THEN
            IF NOT has_database_privilege(current_database(), 'CREATE') THEN
                RAISE insufficient_privilege USING
                    MESSAGE = format('permission denied to create schema "%s" in database "%s"', own_schema, current_database()),
                    HINT = format('Ask the owner of the database for: GRANT CREATE ON DATABASE %I TO %I', current_database(), current_user);
            END IF;
            EXECUTE format('CREATE SCHEMA %I', own_schema);
        ELSIF existing.is_deployment THEN
            RAISE duplicate_schema USING
                MESSAGE = format('deployment "%s" exists already', own_schema),
                HINT = 'SELECT * FROM naloxone_kpi.check_deployment(...) says whether it is well.';
        ELSIF NOT existing.is_own THEN
            RAISE insufficient_privilege USING
                MESSAGE = format('schema "%s" belongs to another role', own_schema),
                HINT = 'Choose another name for the deployment.';
        ELSIF existing.is_used THEN
            RAISE duplicate_schema USING
                MESSAGE = format('schema "%s" exists already and is not empty', own_schema),
                HINT = 'A deployment needs schemas of its own: choose another name, or empty the schema.';
        END IF;
    END LOOP;

    FOR part IN SELECT * FROM naloxone_kpi.deployment_part ORDER BY position LOOP
        own_schema := floors[array_position(ARRAY['engine_room', 'bi', 'public'], part.floor)];
        -- pg_temp last, or a temporary table of the caller's would turn a view temporary.
        PERFORM set_config('search_path',
                           format('%I, %I, naloxone_kpi, %I, pg_temp', own_schema, floors[1], postgis_schema), true);
        EXECUTE part.sql;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        PERFORM naloxone_kpi.create_contracts(floors[1], sources = 'tables');
    END LOOP;

    EXECUTE format('INSERT INTO %I.deployment (model_version, engine_room, bi, public) '
                   'SELECT extversion, %L, %L, %L FROM pg_extension WHERE extname = ''naloxone_kpi''',
                   floors[1], format('%I.deployment', floors[1]), format('%I.dim_period', floors[2]), format('%I.release', floors[3]));
    EXECUTE format('INSERT INTO %I.as_of SELECT (now() AT TIME ZONE time_zone)::date FROM %1$I.setting', floors[1]);
    EXECUTE format('INSERT INTO %I.entitlement VALUES (current_user, ''*'')', floors[1]);
    EXECUTE format('INSERT INTO %I.deployment_object '
                   'SELECT (ARRAY[''engine_room'', ''bi'', ''public''])[array_position($1, n.nspname)], c.relname, c.relkind '
                   'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace '
                   'WHERE n.nspname = ANY ($1) AND c.relkind IN (''r'', ''v'', ''m'') ORDER BY 1, 2', floors[1]) USING floors;
    PERFORM naloxone_kpi.comment_deployment(deployment);
    PERFORM naloxone_kpi.create_expression_statistics(deployment);
    PERFORM naloxone_kpi.track_record_tables(floors[1]);
END
$$;
COMMENT ON FUNCTION deploy(name, text) IS
    'creates a deployment: the schemas NAME, NAME_bi and NAME_public with the whole model, owned by the caller';

-- What is loaded into the tables that deploy() made is marked from the first row on.
CREATE FUNCTION track_record_tables(engine_room name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tracked record;
BEGIN
    FOR tracked IN EXECUTE format($q$
        SELECT s.source, s.days, s.keys, c.oid::pg_catalog.regclass AS relation
        FROM %I.source_mark s
        JOIN pg_catalog.pg_class c ON c.relname IN (s.source || '_record', s.source) AND c.relkind = 'r'
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1 ORDER BY s.source $q$, engine_room) USING engine_room
    LOOP
        PERFORM naloxone_kpi.track_changes(engine_room, tracked.source, tracked.relation, tracked.days, tracked.keys);
    END LOOP;
END
$$;
COMMENT ON FUNCTION track_record_tables(name) IS 'part of deploy(): tracks the changes of every source''s own table, where it has one';

-- For every table <source>_record without its view: the view, and where tables are not wanted, no table.
CREATE FUNCTION create_contracts(schema_name name, keep_tables boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    contract record;
BEGIN
    FOR contract IN
        SELECT c.oid, c.relname AS table_name, left(c.relname, -length('_record')) AS view_name,
               string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
               string_agg(format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname), ', ' ORDER BY a.attnum) AS nothing
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = schema_name AND c.relkind = 'r' AND c.relname LIKE '%\_record'
          AND NOT EXISTS (SELECT FROM pg_class v WHERE v.relnamespace = n.oid AND v.relname = left(c.relname, -length('_record')))
        GROUP BY c.oid, c.relname
    LOOP
        IF keep_tables THEN
            EXECUTE format('CREATE VIEW %I.%I AS SELECT %s FROM %1$I.%4$I', schema_name, contract.view_name, contract.columns, contract.table_name);
        ELSE
            EXECUTE format('CREATE VIEW %I.%I AS SELECT %s WHERE false', schema_name, contract.view_name, contract.nothing);
            EXECUTE format('DROP TABLE %I.%I', schema_name, contract.table_name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION create_contracts(name, boolean) IS 'part of deploy(): makes the contract view of every <source>_record table';

-- The dictionary is where a definition is written; comments are its copy for those who look with \d+.
CREATE FUNCTION comment_deployment(deployment name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    object record;
BEGIN
    FOR object IN EXECUTE format($q$
        SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind,
               n.nspname, c.relname, NULL::name AS attname, d.definition
        FROM %1$I.object_definition d
        JOIN pg_catalog.pg_class c ON c.relname IN (d.object, 'kpi_' || d.object, 'kpi_' || d.object || '_period') AND c.relkind IN ('r', 'v', 'm')
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
        UNION ALL
        SELECT 'COLUMN', n.nspname, c.relname, a.attname, d.definition
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        CROSS JOIN LATERAL (SELECT definition FROM %1$I.dictionary d
                            WHERE d.column_name = a.attname
                              AND (d.kpi IS NULL OR c.relname IN (d.kpi, 'kpi_' || d.kpi, 'kpi_' || d.kpi || '_period'))
                            ORDER BY d.kpi NULLS LAST LIMIT 1) d
        WHERE c.relkind IN ('v', 'm', 'r') AND (c.relkind = 'm' OR n.nspname = $1[2])
        $q$, floor.engine_room) USING ARRAY[floor.engine_room, floor.bi, floor.public]
    LOOP
        EXECUTE format('COMMENT ON %s %I.%I%s IS %L', object.kind, object.nspname, object.relname,
                       '.' || quote_ident(object.attname), object.definition);
    END LOOP;
END
$$;
COMMENT ON FUNCTION comment_deployment(name) IS 'writes the dictionary''s definitions as comments on the deployment''s objects';

-- Statistics ----------------------------------------------------------------

-- Without statistics on what is grouped by, the planner takes it for different in every row, and then no worker aggregates.
-- An expression is written as the server shows it, so that the two can be compared. A month is the same in whatever month
-- fiscal years begin, so it is written without, as queries are.
CREATE FUNCTION lacking_statistics(deployment name, OUT table_name name, OUT statistics_name name, OUT expression text, OUT meaning text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT c.relname, (c.relname || '_' || wanted.what)::name, wanted.expression, wanted.meaning
        FROM %1$I.deployment_object o
        JOIN pg_catalog.pg_class c ON c.relname = o.name AND c.relkind IN ('r', 'p')
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'occurred_at' AND a.atttypid = 'timestamptz'::pg_catalog.regtype
        CROSS JOIN %1$I.setting s
        CROSS JOIN LATERAL (VALUES
            ('day', pg_catalog.format('naloxone_kpi.local_day(occurred_at, %%L::text)', s.time_zone),
             pg_catalog.format('days in time zone %%s', s.time_zone)),
            ('month', pg_catalog.format('naloxone_kpi.period_start(''month''::text, occurred_at, %%L::text)', s.time_zone),
             pg_catalog.format('months in time zone %%s', s.time_zone)),
            ('fiscal_quarter', pg_catalog.format('naloxone_kpi.period_start(''fiscal_quarter''::text, occurred_at, %%L::text, %%s)', s.time_zone, s.fiscal_first_month),
             pg_catalog.format('quarters in time zone %%s of fiscal years from month %%s', s.time_zone, s.fiscal_first_month)),
            ('fiscal_year', pg_catalog.format('naloxone_kpi.period_start(''fiscal_year''::text, occurred_at, %%L::text, %%s)', s.time_zone, s.fiscal_first_month),
             pg_catalog.format('fiscal years in time zone %%s from month %%s', s.time_zone, s.fiscal_first_month))
        ) AS wanted (what, expression, meaning)
        WHERE o.floor = 'engine_room' AND c.relname LIKE '%%\_record'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e
                          WHERE e.stxrelid = c.oid AND pg_catalog.pg_get_statisticsobjdef_expressions(e.oid) = ARRAY[wanted.expression])
        ORDER BY 1, 2 $q$, floor.engine_room) USING floor.engine_room;
END
$$;
COMMENT ON FUNCTION lacking_statistics(name) IS
    'the statistics on days and periods of record tables that a deployment lacks for the time zone and fiscal year that are set';

CREATE FUNCTION create_expression_statistics(deployment name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    lacking record;
BEGIN
    IF NOT pg_has_role(floor.owner, 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of deployment "%s"', deployment);
    END IF;
    -- A zone that period_start() refuses would stop every ANALYZE.
    EXECUTE format('SELECT naloxone_kpi.period_start(''month'', now(), time_zone) FROM %I.setting', floor.engine_room);
    FOR lacking IN SELECT * FROM naloxone_kpi.lacking_statistics(deployment) LOOP
        -- Those for what was set before.
        IF EXISTS (SELECT FROM pg_statistic_ext e
                   WHERE e.stxname = lacking.statistics_name AND e.stxnamespace = (SELECT oid FROM pg_namespace WHERE nspname = floor.engine_room)
                     AND e.stxrelid = format('%I.%I', floor.engine_room, lacking.table_name)::regclass) THEN
            EXECUTE format('DROP STATISTICS %I.%I', floor.engine_room, lacking.statistics_name);
        END IF;
        EXECUTE format('CREATE STATISTICS %I.%I ON (%s) FROM %1$I.%4$I', floor.engine_room, lacking.statistics_name, lacking.expression, lacking.table_name);
        EXECUTE format('COMMENT ON STATISTICS %I.%I IS %L', floor.engine_room, lacking.statistics_name, 'tells the planner of ' || lacking.meaning);
        IF current_user <> floor.owner THEN
            EXECUTE format('ALTER STATISTICS %I.%I OWNER TO %I', floor.engine_room, lacking.statistics_name, floor.owner);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION create_expression_statistics(name) IS
    'creates the statistics on days and periods of record tables, for the time zone and fiscal year that are set; ANALYZE then fills them';

-- Without a notice for each of the hundred objects that go.
CREATE FUNCTION undeploy(deployment name, drop_records boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    floors constant name[] := ARRAY[floor.engine_room, floor.bi, floor.public];
    holder record;
    has_rows boolean;
    dependents text;
BEGIN
    IF NOT pg_has_role(floor.owner, 'USAGE') THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('must be owner of deployment "%s"', deployment);
    END IF;
    -- Records, and every table that the model did not make.
    IF NOT drop_records THEN
        FOR holder IN EXECUTE format($q$
            SELECT n.nspname, c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'f')
              AND (c.relname LIKE '%%\_record'
                   OR NOT EXISTS (SELECT FROM %I.deployment_object o
                                  WHERE o.name = c.relname
                                    AND o.floor = (ARRAY['engine_room', 'bi', 'public'])[pg_catalog.array_position($1, n.nspname)]))
            ORDER BY 1, 2 $q$, floor.engine_room) USING floors
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', holder.nspname, holder.relname) INTO has_rows;
            IF has_rows THEN
                RAISE object_not_in_prerequisite_state USING
                    MESSAGE = format('table %I.%I holds rows', holder.nspname, holder.relname),
                    HINT = format('To drop the records too: SELECT naloxone_kpi.undeploy(%L, drop_records => true)', deployment);
            END IF;
        END LOOP;
    END IF;
    -- What stands elsewhere and would go too: views, foreign keys, columns of a row type, functions, defaults, policies.
    SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO dependents
    FROM (
        SELECT 'pg_class'::regclass, oid, relnamespace FROM pg_class
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
    ) own (class, oid, namespace)
    JOIN pg_namespace n ON n.oid = own.namespace AND n.nspname = ANY (floors)
    JOIN pg_depend d ON d.refclassid = own.class AND d.refobjid = own.oid AND d.deptype = 'n'
    LEFT JOIN pg_rewrite rule ON d.classid = 'pg_rewrite'::regclass AND rule.oid = d.objid
    LEFT JOIN pg_constraint con ON d.classid = 'pg_constraint'::regclass AND con.oid = d.objid
    LEFT JOIN pg_attrdef def ON d.classid = 'pg_attrdef'::regclass AND def.oid = d.objid
    -- (The triggers that mark changes elsewhere go, and nothing misses them.)
    LEFT JOIN pg_trigger trg ON d.classid = 'pg_trigger'::regclass AND trg.oid = d.objid AND d.refclassid <> 'pg_proc'::regclass
    LEFT JOIN pg_policy pol ON d.classid = 'pg_policy'::regclass AND pol.oid = d.objid
    LEFT JOIN pg_class rel ON rel.oid = coalesce(CASE d.classid WHEN 'pg_class'::regclass THEN d.objid END, rule.ev_class,
                                                 nullif(con.conrelid, 0), def.adrelid, trg.tgrelid, pol.polrelid)
    LEFT JOIN pg_proc fun ON d.classid = 'pg_proc'::regclass AND fun.oid = d.objid
    LEFT JOIN pg_type typ ON d.classid = 'pg_type'::regclass AND typ.oid = d.objid
    JOIN pg_namespace outside ON outside.oid = coalesce(rel.relnamespace, fun.pronamespace, typ.typnamespace, con.connamespace)
                             AND outside.nspname <> ALL (floors);
    IF dependents IS NOT NULL THEN
        RAISE dependent_objects_still_exist USING
            MESSAGE = format('objects outside the deployment "%s" depend on it', deployment),
            DETAIL = dependents,
            HINT = 'Drop them first.';
    END IF;
    EXECUTE format('DROP SCHEMA %I, %I, %I CASCADE', floor.engine_room, floor.bi, floor.public);
END
$$;
COMMENT ON FUNCTION undeploy(name, boolean) IS
    'drops a deployment''s three schemas; refuses where tables hold records unless drop_records is true';

CREATE FUNCTION rename_deployment(deployment name, new_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    taken name;
BEGIN
    IF NOT pg_has_role(floor.owner, 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of deployment "%s"', deployment);
    END IF;
    IF new_name = '' OR starts_with(new_name, 'pg_') OR octet_length(new_name::text || '_public') > 63 THEN
        RAISE invalid_schema_name USING
            MESSAGE = format('"%s" cannot name a deployment', new_name),
            HINT = 'Take up to 56 bytes, not beginning with pg_.';
    END IF;
    SELECT nspname INTO taken FROM pg_namespace
    WHERE nspname = ANY (ARRAY[new_name, new_name || '_bi', new_name || '_public']::name[]) ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE duplicate_schema USING
            MESSAGE = format('schema "%s" exists already', taken), HINT = 'Choose another name for the deployment.';
    END IF;
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', floor.engine_room, new_name);
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', floor.bi, new_name || '_bi');
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', floor.public, new_name || '_public');
END
$$;
COMMENT ON FUNCTION rename_deployment(name, name) IS 'renames a deployment''s three schemas';

-- Grants --------------------------------------------------------------------

CREATE FUNCTION grant_reader(deployment name, role_name name, division_codes text[] DEFAULT '{}') RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', floor.bi, role_name);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', floor.bi, role_name);
    EXECUTE format('INSERT INTO %I.entitlement SELECT $1, code FROM unnest($2) AS code ON CONFLICT DO NOTHING', floor.engine_room)
        USING role_name, division_codes;
END
$$;
COMMENT ON FUNCTION grant_reader(name, name, text[]) IS
    'lets a role read the views for analysts, and entitles it to the divisions given (''*'' is all)';

CREATE FUNCTION grant_loader(deployment name, role_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    record_table name;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', floor.engine_room, role_name);
    FOR record_table IN
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = floor.engine_room AND c.relkind IN ('r', 'p') AND c.relname LIKE '%\_record'
    LOOP
        -- Where people were is for the owner's eyes alone: it can be brought, not read.
        EXECUTE format('GRANT %s ON %I.%I TO %I',
                       CASE record_table WHEN 'administration_place_record' THEN 'INSERT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
                       floor.engine_room, record_table, role_name);
    END LOOP;
    -- Not the columns that say who wrote a mark and when.
    EXECUTE format('GRANT INSERT (source, day, division_code, key_kind, key) ON %I.mark TO %I', floor.engine_room, role_name);
END
$$;
COMMENT ON FUNCTION grant_loader(name, name) IS 'lets a role load, correct and read the record tables, and mark what it changes; places it can only load';

CREATE FUNCTION grant_refresh(deployment name, role_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
BEGIN
    EXECUTE format('GRANT INSERT ON %I.refresh_run TO %I', floor.engine_room, role_name);
END
$$;
COMMENT ON FUNCTION grant_refresh(name, name) IS 'lets a role that owns nothing call refresh(), which then runs as the deployment''s owner';

-- Checks --------------------------------------------------------------------

CREATE FUNCTION check_deployment(deployment name, OUT object text, OUT finding text, OUT hint text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    floors constant name[] := ARRAY[floor.engine_room, floor.bi, floor.public];
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT pg_catalog.format('%%I.%%I', $1[pg_catalog.array_position(ARRAY['engine_room', 'bi', 'public'], o.floor)], o.name),
               'is missing', 'Restore it from a dump, or deploy anew beside it and copy its definition.'
        FROM %1$I.deployment_object o
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                          WHERE c.relname = o.name
                            AND n.nspname = $1[pg_catalog.array_position(ARRAY['engine_room', 'bi', 'public'], o.floor)])
        UNION ALL
        SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname), 'belongs to ' || pg_catalog.pg_get_userbyid(c.relowner),
               pg_catalog.format('A refresh refuses it: ALTER TABLE %%I.%%I OWNER TO %%I', n.nspname, c.relname, $2)
        FROM %1$I.deployment_object o
        JOIN pg_catalog.pg_namespace n ON n.nspname = $1[pg_catalog.array_position(ARRAY['engine_room', 'bi', 'public'], o.floor)]
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = o.name
        WHERE pg_catalog.pg_get_userbyid(c.relowner) <> $2
        UNION ALL
        SELECT $3 || '.entitlement', pg_catalog.format('names the role "%%s", which does not exist', e.role_name),
               'Create the role, or delete the row.'
        FROM (SELECT DISTINCT role_name FROM %1$I.entitlement) e
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = e.role_name)
        UNION ALL
        SELECT $3 || '.source_coverage', pg_catalog.format('%%s of %%s records of %%s lie outside it and are not counted', a.outside_coverage, a.records, a.source),
               'Say since when each division''s records exist: a row in source_coverage for every division and source.'
        FROM %1$I.record_accounting a WHERE a.outside_coverage > 0
        UNION ALL
        SELECT $3 || '.' || a.source, pg_catalog.format('%%s records name a division that division does not hold on their day', a.division_not_held),
               'They count under UNKNOWN: add the division, or correct its dates.'
        FROM %1$I.record_accounting a WHERE a.division_not_held > 0
        UNION ALL
        SELECT $3 || '.' || a.source, pg_catalog.format('%%s records have no day and are not counted', a.day_not_known),
               'Give each the day or time at which it happened.'
        FROM %1$I.record_accounting a WHERE a.day_not_known > 0
        UNION ALL
        SELECT $3 || '.population', pg_catalog.format('has no total for territorial division %%s', d.division_code),
               'Rates for it are NULL: add a row with area_type division and no sex, age band or quintile.'
        FROM (SELECT DISTINCT division_code FROM %1$I.division WHERE division_type = 'territorial') d
        WHERE NOT EXISTS (SELECT FROM %1$I.population p
                          WHERE p.area_type = 'division' AND p.area_code = d.division_code
                            AND p.sex IS NULL AND p.age_band IS NULL AND p.deprivation_quintile IS NULL)
        UNION ALL
        SELECT $3 || '.deployment', pg_catalog.format('is of model %%s, the extension of %%s', d.model_version, e.extversion),
               pg_catalog.format('Its views still work; newer ones come with SELECT naloxone_kpi.upgrade_deployment(%%L)', $4)
        FROM %1$I.deployment d JOIN pg_catalog.pg_extension e ON e.extname = 'naloxone_kpi' AND e.extversion <> d.model_version
        $q$, floor.engine_room) USING floors, floor.owner, format('%I', floor.engine_room), floor.engine_room;

    RETURN QUERY
        SELECT format('%I.%I', floor.engine_room, l.table_name), format('has no statistics on %s', string_agg(l.meaning, ', ' ORDER BY l.statistics_name)),
               format('Queries by them do not aggregate in parallel: SELECT naloxone_kpi.create_expression_statistics(%L); ANALYZE %I.%I',
                      deployment, floor.engine_room, l.table_name)
        FROM naloxone_kpi.lacking_statistics(deployment) l
        GROUP BY l.table_name;

    RETURN QUERY
        SELECT format('schema %I', n.nspname), format('%s may create objects in it', creator),
               format('What they create there could be trusted by mistake: REVOKE CREATE ON SCHEMA %I FROM %s', n.nspname, creator)
        FROM pg_namespace n CROSS JOIN LATERAL naloxone_kpi.schema_creators(n.nspname) AS creator
        WHERE n.nspname = ANY (floors) OR n.oid IN (SELECT extnamespace FROM pg_extension WHERE extname IN ('naloxone_kpi', 'postgis'));

    RETURN QUERY
        SELECT format('%I.%I', floor.engine_room, u.source), format('changes of %s beneath it are not marked: it %s', u.relation, u.reason),
               format('Every refresh computes all of it again: SELECT naloxone_kpi.track_changes(%L, %L, %L, ...), or accept that.', deployment, u.source, u.relation)
        FROM naloxone_kpi.untracked_tables(floor.engine_room) u;

    -- Changes that triggers do not see.
    RETURN QUERY EXECUTE format($q$
        SELECT t.relation::text, pg_catalog.format('is the target of subscription "%%s": what that brings is not marked', s.subname),
               pg_catalog.format('After it has brought something: SELECT naloxone_kpi.invalidate(%%L, %%L)', $1, t.source)
        FROM %1$I.tracked_table t
        CROSS JOIN LATERAL naloxone_kpi.tables_beneath(t.relation) AS leaf (relation)
        JOIN pg_catalog.pg_subscription_rel r ON r.srrelid = leaf.relation
        JOIN pg_catalog.pg_stat_subscription s ON s.subid = r.srsubid AND s.relid IS NULL
        UNION ALL
        SELECT t.relation::text, pg_catalog.format('role "%%s" may change it but not mark what it changes: its loads fail', r.rolname),
               pg_catalog.format('SELECT naloxone_kpi.grant_loader(%%L, %%L)', $1, r.rolname)
        FROM %1$I.tracked_table t
        JOIN pg_catalog.pg_class c ON c.oid = t.relation
        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) acl
        JOIN pg_catalog.pg_roles r ON r.oid = acl.grantee
        WHERE acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
          AND NOT (pg_catalog.has_any_column_privilege(r.oid, $3, 'INSERT') AND pg_catalog.has_schema_privilege(r.oid, $2, 'USAGE'))
        GROUP BY 1, 2, 3 $q$, floor.engine_room)
        USING deployment, floor.engine_room::text, format('%I.mark', floor.engine_room)::regclass::oid;
    RETURN QUERY SELECT * FROM naloxone_kpi.check_schedule(deployment);

    IF NOT has_database_privilege(floor.owner, current_database(), 'TEMP') THEN
        object := format('role %I', floor.owner);
        finding := format('may not create temporary tables in database "%s"', current_database());
        hint := format('A refresh beside readers needs them: GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), floor.owner);
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION check_deployment(name) IS 'what is wrong with a deployment: a row a finding, none when all is well';

CREATE FUNCTION bi_check(deployment name, OUT view_name text, OUT column_name text, OUT finding text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    checked record;
    found boolean;
BEGIN
    FOR checked IN
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
               a.atttypid, a.atttypmod
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN (floor.bi, floor.public)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'v', 'm', 'p')
        ORDER BY n.nspname, c.relname, a.attnum
    LOOP
        view_name := format('%I.%I', checked.nspname, checked.relname);
        column_name := checked.attname;
        IF checked.type NOT IN ('smallint', 'integer', 'bigint', 'double precision', 'date', 'timestamp(0) without time zone')
           AND NOT (checked.atttypid IN ('numeric'::regtype, 'varchar'::regtype) AND checked.atttypmod >= 0) THEN
            finding := format('is of type %s, which BI tools read as text or not at all', checked.type);
            RETURN NEXT;
        ELSIF checked.atttypid IN ('double precision'::regtype, 'numeric'::regtype) THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE %I::float8 IN (''NaN'', ''Infinity'', ''-Infinity''))',
                           checked.nspname, checked.relname, checked.attname) INTO found;
            IF found THEN
                finding := 'holds NaN or an infinite value';
                RETURN NEXT;
            END IF;
        ELSIF checked.atttypid IN ('date'::regtype, 'timestamp'::regtype) THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE NOT isfinite(%I))',
                           checked.nspname, checked.relname, checked.attname) INTO found;
            IF found THEN
                finding := 'holds an infinite date, which reads as an ordinary one';
                RETURN NEXT;
            END IF;
        ELSIF checked.atttypid = 'varchar'::regtype THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE length(%I) >= %s)',
                           checked.nspname, checked.relname, checked.attname, checked.atttypmod - 4) INTO found;
            IF found THEN
                finding := format('holds a value that fills all %s characters: it may have been cut', checked.atttypmod - 4);
                RETURN NEXT;
            END IF;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION bi_check(name) IS
    'what BI tools would misread in a deployment''s views: a row a column, none when all is well';
