-- Keeping rollups up to date: computing again what marks make due, and nothing else. src/refresh.c calls these; doc/refresh.md
--
-- Only a refresh, which is one at a time, takes marks and computes rollups.

-- The first transaction of a refresh. The marks are deleted in one statement and what they make due is looked up in later ones, which
-- see every record whose mark was deleted. The other way round a record that came in between would be lost for ever.
CREATE FUNCTION take_marks(engine_room name) RETURNS bigint
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    num_marks bigint;
    num_untracked bigint;
    num_replaced bigint;
    fan_out record;
    key_columns text;
BEGIN
    EXECUTE format('WITH taken AS (DELETE FROM %I.mark RETURNING source, day, division_code, key_kind, key)
                    INSERT INTO %1$I.taken_mark SELECT DISTINCT source, day, division_code, key_kind, key FROM taken', engine_room);
    GET DIAGNOSTICS num_marks = ROW_COUNT;
    -- Of what nothing marks, everything may have changed.
    EXECUTE format('INSERT INTO %I.taken_mark (source) SELECT DISTINCT source FROM naloxone_kpi.untracked_tables($1)', engine_room) USING engine_room;
    GET DIAGNOSTICS num_untracked = ROW_COUNT;
    EXECUTE format($q$
        WITH changed AS (
            INSERT INTO %I.contract_definition AS d
            -- Without the deployment's name, which may change.
            SELECT c.relname::text, md5(replace(pg_get_viewdef(c.oid), quote_ident($1) || '.', ''))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind = 'v' AND c.relname::text IN (SELECT source FROM %1$I.rollup_source)
            ON CONFLICT (source) DO UPDATE SET digest = excluded.digest WHERE d.digest <> excluded.digest
            RETURNING d.source)
        INSERT INTO %1$I.taken_mark (source) SELECT source FROM changed $q$, engine_room) USING engine_room;
    GET DIAGNOSTICS num_replaced = ROW_COUNT;
    IF num_marks + num_untracked + num_replaced = 0 THEN
        RETURN 0;
    END IF;
    EXECUTE format('ANALYZE %I.taken_mark', engine_room);
    EXECUTE format('INSERT INTO %I.rollup_due (rollup) SELECT DISTINCT s.rollup FROM %1$I.rollup_source s JOIN %1$I.rollup r ON r.name = s.rollup
                    WHERE (r.parts_of IS NOT NULL OR s.due = ''everything'') AND EXISTS (SELECT FROM %1$I.taken_mark t WHERE t.source = s.source)
                    ON CONFLICT DO NOTHING', engine_room);
    -- What many rollups have due for the same reason is looked up once.
    FOR fan_out IN EXECUTE format('SELECT s.source, s.due, r.key, array_agg(s.rollup ORDER BY s.rollup) AS rollups
                                   FROM %I.rollup_source s JOIN %1$I.rollup r ON r.name = s.rollup
                                   WHERE r.parts_of IS NULL AND s.due <> ''everything'' AND EXISTS (SELECT FROM %1$I.taken_mark t WHERE t.source = s.source)
                                   GROUP BY s.source, s.due, r.key ORDER BY s.source, s.due, r.key', engine_room)
    LOOP
        SELECT string_agg(quote_ident(k), ', ') INTO key_columns FROM unnest(fan_out.key) AS k;
        EXECUTE format('INSERT INTO %I.rollup_due (rollup, %s)
                        SELECT r.name, d.* FROM (SELECT DISTINCT %2$s FROM %1$I.%3$I WHERE source = $2) d CROSS JOIN unnest($1) AS r (name) ON CONFLICT DO NOTHING',
                       engine_room, key_columns, fan_out.due) USING fan_out.rollups, fan_out.source;
    END LOOP;
    EXECUTE format('DELETE FROM %I.taken_mark', engine_room);
    RETURN num_marks;
END
$$;
COMMENT ON FUNCTION take_marks(name) IS 'part of refresh(): takes the marks of what changed, and notes which keys of which rollups are due';

-- The tables beneath contracts whose changes nobody marks: not tracked, or with a partition that lacks a trigger or has it disabled.
CREATE FUNCTION untracked_tables(engine_room name, OUT source text, OUT relation regclass, OUT reason text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH RECURSIVE beneath AS (
            SELECT s.source, c.oid, c.relkind
            FROM (SELECT DISTINCT source FROM %1$I.rollup_source) s
            JOIN pg_class c ON c.relname = s.source AND c.relkind = 'v'
            JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
            UNION
            SELECT b.source, c.oid, c.relkind
            FROM beneath b
            JOIN pg_rewrite r ON r.ev_class = b.oid AND b.relkind = 'v'
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n'
            JOIN pg_class c ON c.oid = d.refobjid AND c.oid <> b.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            -- What settings change is known to refresh().
            WHERE c.oid <> format('%%I.setting', $1)::regclass
        ), base AS (
            SELECT b.source, b.oid::regclass AS relation, b.relkind, t.relation IS NOT NULL AS is_tracked
            FROM beneath b
            LEFT JOIN %1$I.tracked_table t ON t.source = b.source
                 AND t.relation IN (SELECT a.relid FROM pg_partition_ancestors(b.oid) a UNION SELECT b.oid::regclass)
            WHERE b.relkind <> 'v'
        )
        SELECT b.source, b.relation,
               CASE b.relkind WHEN 'f' THEN 'is a foreign table: no trigger sees all of its changes'
                              WHEN 'm' THEN 'is a materialised view: no trigger sees its changes'
                              ELSE 'is not tracked' END
        FROM base b WHERE NOT b.is_tracked OR b.relkind IN ('f', 'm')
        UNION ALL
        SELECT b.source, b.oid::regclass, format('reads the function %%s, and what that reads is not known', d.refobjid::regprocedure)
        FROM beneath b
        JOIN pg_rewrite r ON r.ev_class = b.oid AND b.relkind = 'v'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_proc'::regclass AND d.deptype = 'n'
        JOIN pg_proc f ON f.oid = d.refobjid AND f.provolatile <> 'i' AND f.prokind <> 'a'
        UNION ALL
        SELECT b.source, leaf.relation, 'lacks a trigger that marks changes, or has it disabled'
        FROM base b CROSS JOIN LATERAL naloxone_kpi.tables_beneath(b.relation) AS leaf (relation)
        WHERE b.is_tracked AND b.relkind IN ('r', 'p')
          AND (SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE t.tgrelid = leaf.relation AND t.tgenabled IN ('O', 'A') AND n.nspname = $1
                 AND (p.proname = 'mark_' || b.source OR p.proname LIKE replace('mark_' || b.source, '_', '\_') || '\_of\_%%')) < 4
        $q$, engine_room) USING engine_room;
END
$$;
COMMENT ON FUNCTION untracked_tables(name) IS
    'tables beneath a deployment''s contracts whose changes nothing marks: of their sources a refresh computes everything again';

-- "<alias>.day >= ..." for what has not been sealed, of a rollup with a column day; else "true".
CREATE FUNCTION unsealed(engine_room name, rollup text, alias text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    columns name[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = format('%I.%I', engine_room, rollup)::regclass AND attnum > 0);
    sealed date;
BEGIN
    IF 'day' <> ALL (columns) THEN
        RETURN 'true';
    ELSIF 'source' = ANY (columns) THEN
        RETURN format('%s.day >= coalesce((SELECT z.sealed_before FROM %I.sealed_source z WHERE z.source = %1$s.source), date ''-infinity'')', alias, engine_room);
    END IF;
    EXECUTE format('SELECT max(z.sealed_before) FROM %I.sealed_source z JOIN %1$I.rollup_source s USING (source)
                    WHERE s.rollup IN ($1, (SELECT parts_of FROM %1$I.rollup WHERE name = $1))', engine_room) INTO sealed USING rollup;
    RETURN CASE WHEN sealed IS NULL THEN 'true' ELSE format('%s.day >= date %L', alias, sealed) END;
END
$$;
COMMENT ON FUNCTION unsealed(name, text, text) IS 'part of refresh(): the condition for rows of a rollup that no retirement of records has sealed';

CREATE FUNCTION parts_of(engine_room name, rollup text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT r.name FROM %I.rollup r JOIN %1$I.refresh_step s USING (name) WHERE r.parts_of = $1 ORDER BY s.position', engine_room) USING rollup;
END
$$;
COMMENT ON FUNCTION parts_of(name, text) IS 'part of refresh(): the rollups of counts that are made of what people contribute to a rollup';

-- The columns of a rollup that are added and subtracted: all but its key.
CREATE FUNCTION additive_columns(engine_room name, rollup text, key text[]) RETURNS name[]
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relname = rollup
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = engine_room
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attname::text <> ALL (key);
END;
COMMENT ON FUNCTION additive_columns(name, text, text[]) IS 'part of refresh(): the columns of a rollup that are not of its key';

-- Adds to a rollup, or takes from it, what people contribute by what is stored of them now. A row of which nothing is left goes.
CREATE FUNCTION apply_parts(engine_room name, people text[], part text, part_key text[], operation text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    additive name[] := naloxone_kpi.additive_columns(engine_room, part, part_key);
    key_columns text := (SELECT string_agg(format('p.%I', k), ', ') FROM unnest(part_key) AS k);
    same_key text := (SELECT string_agg(format('t.%I = d.%1$I', k), ' AND ') FROM unnest(part_key) AS k);
    summed text;
    changed text;
    is_all text;
BEGIN
    SELECT string_agg(CASE WHEN a.atttypid = 'bigint'::regtype THEN format('sum(p.%I)::bigint AS %1$I', a.attname)
                           ELSE format('naloxone_kpi.rollup(p.%I) AS %1$I', a.attname) END, ', ' ORDER BY a.attnum),
           string_agg(format('%I = t.%1$I OPERATOR(%s) d.%1$I', a.attname,
                             CASE WHEN a.atttypid = 'bigint'::regtype THEN 'pg_catalog.' ELSE 'naloxone_kpi.' END || operation), ', '),
           string_agg(CASE WHEN a.atttypid = 'bigint'::regtype THEN format('t.%I = d.%1$I', a.attname)
                           ELSE format('naloxone_kpi.num_values(t.%I) = naloxone_kpi.num_values(d.%1$I)', a.attname) END, ' AND ')
    INTO summed, changed, is_all
    FROM unnest(additive) AS column_name
    JOIN pg_attribute a ON a.attrelid = format('%I.%I', engine_room, part)::regclass AND a.attname = column_name;
    PERFORM set_config('search_path', 'pg_catalog, naloxone_kpi, pg_temp', true);
    EXECUTE format('MERGE INTO %I.%I t
                    USING (SELECT %3$s, %4$s FROM %1$I.%5$I p WHERE p.person_key = ANY ($1) GROUP BY %3$s) d ON %6$s
                    %7$s WHEN MATCHED THEN UPDATE SET %8$s', engine_room, part, key_columns, summed, part || '_part', same_key,
                   CASE operation WHEN '-' THEN format('WHEN MATCHED AND %s THEN DELETE', is_all)
                                  ELSE format('WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)',
                                              (SELECT string_agg(quote_ident(c), ', ') FROM unnest(part_key || additive::text[]) AS c),
                                              (SELECT string_agg(format('d.%I', c), ', ') FROM unnest(part_key || additive::text[]) AS c)) END,
                   changed) USING people;
END
$$;
COMMENT ON FUNCTION apply_parts(name, text[], text, text[], text) IS
    'part of refresh(): adds to a rollup (+), or takes from it (-), what people contribute to it';

-- Computes people again in a rollup that is kept by person, and what is made of their parts. All in one array: a condition on a person's key
-- reaches the records' index through every view and window, and what is joined is then joined once. Most changes of a record leave what is kept of
-- its person as it was, so only those are replaced of whom something differs.
CREATE FUNCTION recompute_people(engine_room name, rollup_name text, people text[], condition text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part record;
    parts CONSTANT text := format('SELECT r.name, r.key FROM %I.rollup r WHERE r.parts_of = $1
                                   AND NOT EXISTS (SELECT FROM %1$I.rollup_due d WHERE d.rollup = r.name) ORDER BY r.name', engine_room);
    num_rows bigint;
BEGIN
    EXECUTE format($q$
        WITH computed AS MATERIALIZED (SELECT t.* FROM %1$I.%3$I t WHERE t.person_key = ANY ($1) AND %4$s),
             stored AS MATERIALIZED (SELECT t.* FROM %1$I.%2$I t WHERE t.person_key = ANY ($1) AND %4$s)
        SELECT array_agg(DISTINCT d.person_key)
        FROM ((TABLE computed EXCEPT ALL TABLE stored) UNION ALL (TABLE stored EXCEPT ALL TABLE computed)) d $q$,
        engine_room, rollup_name, rollup_name || '_source', condition) INTO people USING people;
    IF people IS NULL THEN
        RETURN 0;
    END IF;
    FOR part IN EXECUTE parts USING rollup_name LOOP
        PERFORM naloxone_kpi.apply_parts(engine_room, people, part.name, part.key, '-');
    END LOOP;
    EXECUTE format('DELETE FROM %I.%I t WHERE t.person_key = ANY ($1) AND %s', engine_room, rollup_name, condition) USING people;
    EXECUTE format('INSERT INTO %I.%I SELECT t.* FROM %1$I.%3$I t WHERE t.person_key = ANY ($1) AND %4$s',
                   engine_room, rollup_name, rollup_name || '_source', condition) USING people;
    GET DIAGNOSTICS num_rows = ROW_COUNT;
    FOR part IN EXECUTE parts USING rollup_name LOOP
        PERFORM naloxone_kpi.apply_parts(engine_room, people, part.name, part.key, '+');
    END LOOP;
    RETURN num_rows;
END
$$;
COMMENT ON FUNCTION recompute_people(name, text, text[], text) IS
    'part of refresh(): computes people again in a rollup that is kept by person, and what is made of it';

-- Where keep_due, what it is computed from is not up to date: it is computed all the same, and is still due. Doing that twice does no harm.
CREATE FUNCTION recompute_rollup(engine_room name, rollup_name text, whole boolean, keep_due boolean, OUT mode text, OUT num_rows bigint)
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key_columns text[];
    base text;
    day_rollup text;
    people text[];
    num_due bigint;
    everything_due boolean;
    is_empty boolean := false;
    condition text := naloxone_kpi.unsealed(engine_room, rollup_name, 't');
    same_key text;
BEGIN
    EXECUTE format('SELECT r.key, r.parts_of, r.months_of FROM %I.rollup r WHERE r.name = $1', engine_room) INTO STRICT key_columns, base, day_rollup USING rollup_name;
    IF day_rollup IS NOT NULL THEN
        EXECUTE format('INSERT INTO %I.rollup_due (rollup, month, division_code) SELECT rollup, month, division_code FROM %1$I.recounted_month WHERE rollup = $1
                        ON CONFLICT DO NOTHING', engine_room) USING rollup_name;
    END IF;
    EXECUTE format('SELECT count(*), coalesce(bool_or(num_nulls(%s) > 0), false) FROM %I.rollup_due WHERE rollup = $1',
                   CASE WHEN base IS NULL THEN (SELECT string_agg(quote_ident(k), ', ') FROM unnest(key_columns) AS k) ELSE 'day' END, engine_room)
        INTO num_due, everything_due USING rollup_name;
    IF num_due > 0 THEN
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I.%I)', engine_room, rollup_name) INTO is_empty;
    END IF;
    whole := whole OR everything_due OR is_empty;
    mode := CASE WHEN whole THEN 'rebuilt' WHEN num_due = 0 THEN 'unchanged' ELSE 'incremental' END;
    num_rows := 0;
    IF mode = 'rebuilt' THEN
        EXECUTE format('DELETE FROM %I.%I t WHERE %s', engine_room, rollup_name, condition);
        -- In the order of the key, so that what is replaced together lies together.
        EXECUTE format('INSERT INTO %I.%I SELECT t.* FROM %1$I.%3$I t WHERE %4$s ORDER BY %5$s', engine_room, rollup_name, rollup_name || '_source', condition,
                       (SELECT string_agg(format('t.%I', k), ', ') FROM unnest(key_columns) AS k));
        GET DIAGNOSTICS num_rows = ROW_COUNT;
        -- What is made of it comes later in the same refresh.
        EXECUTE format('INSERT INTO %I.rollup_due (rollup) SELECT name FROM %1$I.rollup WHERE $1 IN (parts_of, months_of) ON CONFLICT DO NOTHING', engine_room) USING rollup_name;
        -- What is computed from it comes next and should be planned for what is there now.
        EXECUTE format('ANALYZE %I.%I', engine_room, rollup_name);
    ELSIF mode = 'incremental' AND key_columns = '{person_key}' THEN
        -- Not all in one, or memory would have to hold whoever changed since yesterday.
        FOR people IN EXECUTE format('SELECT array_agg(person_key) FROM (SELECT person_key, row_number() OVER (ORDER BY person_key) AS number
                                      FROM %I.rollup_due WHERE rollup = $1) d GROUP BY number / 20000', engine_room) USING rollup_name
        LOOP
            num_rows := num_rows + naloxone_kpi.recompute_people(engine_room, rollup_name, people, condition);
        END LOOP;
    ELSIF mode = 'incremental' THEN
        SELECT string_agg(format('t.%I = d.%1$I', k), ' AND ') INTO same_key FROM unnest(key_columns) AS k;
        EXECUTE format('DELETE FROM %I.%I t USING %1$I.rollup_due d WHERE d.rollup = $1 AND %3$s AND %4$s', engine_room, rollup_name, same_key, condition) USING rollup_name;
        -- OFFSET 0 keeps each key's query to itself, so that the key reaches the records' index.
        EXECUTE format('INSERT INTO %I.%I SELECT k.* FROM %1$I.rollup_due d CROSS JOIN LATERAL
                        (SELECT * FROM %1$I.%3$I t WHERE %4$s AND %5$s OFFSET 0) k WHERE d.rollup = $1',
                       engine_room, rollup_name, rollup_name || '_source', same_key, condition) USING rollup_name;
        GET DIAGNOSTICS num_rows = ROW_COUNT;
        EXECUTE format('INSERT INTO %I.rollup_due (rollup, month, division_code)
                        SELECT DISTINCT r.name, c.month, c.division_code
                        FROM %1$I.rollup r JOIN %1$I.rollup_due d ON d.rollup = r.months_of
                        JOIN %1$I.counted_day c ON c.day = d.day AND c.recorded_division_code = d.division_code
                        WHERE r.months_of = $1 ON CONFLICT DO NOTHING', engine_room) USING rollup_name;
    END IF;
    IF day_rollup IS NOT NULL AND mode <> 'unchanged' THEN
        EXECUTE format('DELETE FROM %I.rollup_month WHERE rollup = $1', engine_room) USING rollup_name;
        EXECUTE format('INSERT INTO %I.rollup_month SELECT $1, month, division_code, days_digest FROM %1$I.counted_month', engine_room) USING rollup_name;
    END IF;
    IF NOT keep_due THEN
        EXECUTE format('DELETE FROM %I.rollup_due WHERE rollup = $1', engine_room) USING rollup_name;
    END IF;
END
$$;
COMMENT ON FUNCTION recompute_rollup(name, text, boolean, boolean) IS
    'part of refresh(): computes again the keys of a rollup that are due, or the whole of it';

-- Verifying -----------------------------------------------------------------------

-- STABLE, so that all of it sees one snapshot, its caller's.
CREATE FUNCTION verify(deployment name, OUT rollup text, OUT finding text, OUT key text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    checked record;
    fan_out record;
    key_columns text;
    condition text;
    pending text;
    pending_key text[];
BEGIN
    FOR checked IN EXECUTE format($q$
        SELECT r.name, r.parts_of, r.months_of, r.key,
               (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
                FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
                WHERE i.indrelid = format('%%I.%%I', %1$L, r.name)::regclass AND i.indisprimary) AS primary_key
        FROM %1$I.rollup r JOIN %1$I.refresh_step s USING (name) ORDER BY s.position $q$, floor.engine_room)
    LOOP
        -- Which keys have marks that no refresh has taken, or are still due; of a rollup made of people's parts that is all if anyone's.
        pending_key := CASE WHEN checked.parts_of IS NULL THEN checked.key ELSE '{}' END;
        pending := format('SELECT %s FROM %I.rollup_due WHERE rollup IN (%L, %L)',
                          coalesce((SELECT string_agg(quote_ident(k), ', ') FROM unnest(pending_key) AS k), '1 AS due'),
                          floor.engine_room, checked.name, checked.parts_of);
        FOR fan_out IN EXECUTE format('SELECT DISTINCT source, due FROM %I.rollup_source WHERE rollup IN ($1, $2)', floor.engine_room) USING checked.name, checked.parts_of LOOP
            pending := pending || format(' UNION ALL SELECT %s FROM %I.%I WHERE source = %L',
                                         CASE WHEN pending_key = '{}' THEN '1'
                                              WHEN fan_out.due = 'everything' THEN (SELECT string_agg(format('NULL::%s AS %I', CASE k WHEN 'day' THEN 'date' ELSE 'text' END, k), ', ') FROM unnest(pending_key) AS k)
                                              ELSE (SELECT string_agg(quote_ident(k), ', ') FROM unnest(pending_key) AS k) END,
                                         floor.engine_room, fan_out.due, fan_out.source);
        END LOOP;
        IF checked.months_of IS NOT NULL THEN
            pending := pending || format(' UNION ALL SELECT month, division_code FROM %I.recounted_month WHERE rollup = %L', floor.engine_room, checked.name);
        END IF;
        SELECT string_agg(quote_ident(k), ', ') INTO key_columns FROM unnest(checked.primary_key) AS k;
        condition := naloxone_kpi.unsealed(floor.engine_room, checked.name, 't');
        RETURN QUERY EXECUTE format($q$
            WITH stored AS MATERIALIZED (SELECT * FROM %1$I.%2$I t WHERE %4$s),
                 rebuilt AS MATERIALIZED (SELECT t.* FROM %1$I.%3$I t WHERE %4$s),
                 surplus AS (TABLE stored EXCEPT ALL TABLE rebuilt),
                 missing AS (TABLE rebuilt EXCEPT ALL TABLE stored),
                 difference AS (
                     SELECT %5$s, bool_or(is_stored) AS is_stored, bool_or(NOT is_stored) AS is_rebuilt
                     FROM (SELECT %5$s, true AS is_stored FROM surplus UNION ALL SELECT %5$s, false FROM missing) d GROUP BY %5$s),
                 pending AS MATERIALIZED (%6$s)
            SELECT %7$L::text,
                   CASE WHEN EXISTS (SELECT FROM pending p WHERE %8$s) THEN 'pending'
                        WHEN is_stored AND is_rebuilt THEN 'differs' WHEN is_stored THEN 'is not in a rebuild' ELSE 'is missing' END,
                   concat_ws(', ', %9$s)
            FROM difference d $q$,
            floor.engine_room, checked.name, checked.name || '_source', condition, key_columns, pending, checked.name,
            coalesce((SELECT string_agg(format('(p.%I IS NULL OR p.%1$I = d.%1$I)', k), ' AND ') FROM unnest(pending_key) AS k), 'true'),
            -- A person's key is a person's data, though the owner alone sees it: the row's other columns say enough.
            (SELECT string_agg(format('%L || d.%I', k || ' ', k), ', ') FROM unnest(checked.primary_key) AS k WHERE k <> 'person_key'));
    END LOOP;
END
$$;
COMMENT ON FUNCTION verify(name) IS
    'compares what refreshes have kept with a rebuild, touching nothing: a row a difference; pending where marks have still to be taken';
