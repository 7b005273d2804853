-- Records past their retention: what was counted of them stays. doc/refresh.md

CREATE FUNCTION retire(deployment name, source text, before date) RETURNS bigint
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    floor record := naloxone_kpi.deployment_schemas(deployment);
    retired record;
    limits record;
    pending boolean;
    record_table regclass;
    sealed record;
    companion text;
    gone bigint := 0;
BEGIN
    IF NOT pg_has_role(floor.owner, 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = format('must be owner of deployment "%s"', deployment);
    END IF;
    PERFORM naloxone_kpi.check_marked_source(floor.engine_room, source);
    EXECUTE format('SELECT retired_when, companions FROM %I.source_mark WHERE source = $1', floor.engine_room) INTO retired USING source;
    IF retired.retired_when IS NULL THEN
        RAISE feature_not_supported USING
            MESSAGE = format('records of "%s" cannot be retired', source),
            HINT = 'Figures are computed from them directly, so that without them old years would sink.';
    END IF;
    EXECUTE format('SELECT s.fiscal_first_month, a.day AS as_of, (a.day - interval ''1 year'')::date AS latest FROM %I.setting s, %1$I.as_of a', floor.engine_room) INTO limits;
    IF before <> naloxone_kpi.period_start('fiscal_year', before, limits.fiscal_first_month) OR before > limits.latest THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('records cannot be retired before %s', before),
            DETAIL = 'Figures of whole fiscal years are sealed, and none of the last twelve months, in which what happens next still counts.',
            HINT = format('Give the first day of a fiscal year, up to %s.', naloxone_kpi.period_start('fiscal_year', limits.latest, limits.fiscal_first_month));
    END IF;

    -- As a refresh does: one at a time.
    EXECUTE format('LOCK TABLE %I.deployment IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', floor.engine_room);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.mark m WHERE m.source = $1)
                    OR EXISTS (SELECT FROM %1$I.rollup_due d JOIN %1$I.rollup_source s USING (rollup) WHERE s.source = $1)
                    OR NOT EXISTS (SELECT FROM %1$I.refresh_log l WHERE l.step = ''source_day'' AND l.mode <> ''failed'')', floor.engine_room) INTO pending USING source;
    IF pending THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('records of "%s" have changed since the last refresh', source),
            HINT = format('What is sealed is what a refresh has counted: CALL naloxone_kpi.refresh(%L), then retire.', deployment);
    END IF;

    EXECUTE format('INSERT INTO %I.sealed_source VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET sealed_before = greatest(sealed_source.sealed_before, $2)', floor.engine_room)
        USING source, before;
    record_table := to_regclass(format('%I.%I', floor.engine_room, source || '_record'));
    IF record_table IS NOT NULL THEN
        PERFORM set_config('search_path', format('%I, naloxone_kpi, pg_temp', floor.engine_room), true);
        CREATE TEMP TABLE retired_key (key text) ON COMMIT DROP;
        EXECUTE format('WITH gone AS (DELETE FROM %s r WHERE %s RETURNING r.*), listed AS (INSERT INTO retired_key SELECT %s FROM gone WHERE %s)
                        SELECT count(*) FROM gone',
                       record_table, retired.retired_when,
                       CASE WHEN retired.companions IS NULL THEN 'NULL' ELSE quote_ident(source || '_id') END,
                       CASE WHEN retired.companions IS NULL THEN 'false' ELSE 'true' END) INTO gone USING before;
        FOREACH companion IN ARRAY coalesce(retired.companions, '{}') LOOP
            EXECUTE format('DELETE FROM %I c USING retired_key k WHERE c.%I = k.key', companion, source || '_id');
        END LOOP;
        DROP TABLE retired_key;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;

    -- What is kept by person goes with the records; what is made of it, without anybody's key, is sealed, and after that day made anew
    -- of those who remain.
    FOR sealed IN EXECUTE format('SELECT DISTINCT r.name, s.position FROM %I.rollup r JOIN %1$I.rollup_source rs ON rs.rollup = r.name AND rs.source = $1
                                  JOIN %1$I.refresh_step s ON s.name = r.name WHERE r.key = ''{person_key}'' ORDER BY s.position', floor.engine_room) USING source
    LOOP
        EXECUTE format('DELETE FROM %I.%I t WHERE NOT (%s)', floor.engine_room, sealed.name, naloxone_kpi.unsealed(floor.engine_room, sealed.name, 't'));
        PERFORM naloxone_kpi.recompute_rollup(floor.engine_room, part.name, true, false)
        FROM naloxone_kpi.parts_of(floor.engine_room, sealed.name) AS part (name);
    END LOOP;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION retire(name, text, date) IS
    'deletes a source''s records of before a day, the first of a fiscal year; the figures of the years before it stay as they were counted';
