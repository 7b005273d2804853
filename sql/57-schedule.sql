-- Refreshing by schedule, where pg_cron is at work in the deployment's database. doc/schedule.md

CREATE FUNCTION schedule(deployment name, schedule text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job_name constant name := 'refresh ' || deployment;
    command constant text := format('CALL naloxone_kpi.refresh(%L)', deployment);
    other_command text;
    job_id bigint;
BEGIN
    -- From the catalogue alone: who may refresh need not be able to read the deployment.
    PERFORM FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = deployment AND c.relname = 'deployment' AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'engine_room' AND a.atttypid = 'regclass'::regtype);
    IF NOT FOUND THEN
        RAISE undefined_object USING
            MESSAGE = format('there is no deployment "%s" in this database', deployment),
            HINT = 'Name the schema that its records are in.';
    END IF;
    -- What refresh() would refuse would fail unseen, every time.
    PERFORM FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = deployment
      AND (c.relname = 'deployment' AND pg_has_role(c.relowner, 'USAGE') OR c.relname = 'refresh_run' AND has_table_privilege(c.oid, 'INSERT'));
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('permission denied to refresh deployment "%s"', deployment),
            HINT = format('Its owner can allow it: SELECT naloxone_kpi.grant_refresh(%L, %L)', deployment, current_user);
    END IF;
    PERFORM naloxone_kpi.require_cron(deployment);

    EXECUTE 'SELECT j.command FROM cron.job j WHERE j.jobname = $1 AND j.username = current_user AND (j.command, j.database) IS DISTINCT FROM ($2, current_database()::text)'
    INTO other_command USING job_name, command;
    IF other_command IS NOT NULL THEN
        RAISE duplicate_object USING
            MESSAGE = format('the job "%s" does something else than refresh deployment "%s"', job_name, deployment),
            HINT = format('Remove it, or let it be what refreshes: SELECT cron.unschedule(%L)', job_name);
    END IF;
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job_id USING job_name::text, schedule, command;
    RETURN job_id;
END
$$;
COMMENT ON FUNCTION schedule(name, text) IS
    'makes the pg_cron job that refreshes a deployment as the caller, or gives it another schedule; its number';

CREATE FUNCTION unschedule(deployment name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job_id bigint;
BEGIN
    PERFORM naloxone_kpi.require_cron(deployment);
    -- The deployment may be gone, or have another name by now: the job still goes.
    EXECUTE 'SELECT j.jobid FROM cron.job j WHERE j.jobname = $1 AND j.username = current_user AND j.command = $2 AND j.database = current_database()'
    INTO job_id USING ('refresh ' || deployment)::name, format('CALL naloxone_kpi.refresh(%L)', deployment);
    IF job_id IS NULL THEN
        RAISE undefined_object USING
            MESSAGE = format('role "%s" has no job that refreshes deployment "%s"', current_user, deployment),
            HINT = 'SELECT jobname, username, command FROM cron.job lists the jobs; each role removes its own.';
    END IF;
    EXECUTE 'SELECT cron.unschedule($1)' USING job_id;
END
$$;
COMMENT ON FUNCTION unschedule(name) IS 'removes the job that schedule() made for the caller';

CREATE FUNCTION require_cron(deployment name) RETURNS void
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RAISE feature_not_supported USING
            MESSAGE = format('pg_cron is not installed in database "%s"', current_database()),
            HINT = format('Schedule it with cron, systemd or another scheduler; or, where pg_cron works in another database, from there: '
                          'SELECT cron.schedule_in_database(%L, ''*/15 * * * *'', %L, %L)',
                          'refresh ' || deployment, format('CALL naloxone_kpi.refresh(%L)', deployment), current_database());
    END IF;
    IF NOT has_schema_privilege('cron', 'USAGE') THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('role "%s" may not schedule jobs with pg_cron', current_user),
            HINT = format('A superuser can allow it: GRANT USAGE ON SCHEMA cron TO %I', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION require_cron(name) IS 'part of schedule() and unschedule(): refuses where the caller cannot use pg_cron';

-- A job holds the deployment's name. Of the jobs that the current user may see, these refresh nothing.
CREATE FUNCTION check_schedule(deployment name, OUT object text, OUT finding text, OUT hint text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RETURN;
    ELSIF NOT has_schema_privilege('cron', 'USAGE') THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE $q$
        SELECT format('job %s of pg_cron', j.jobid), format('refreshes deployment "%s", which is not there', named.deployment),
               format('If it is now called "%s": as role %I, SELECT naloxone_kpi.unschedule(%L), naloxone_kpi.schedule(%L, %L)',
                      $1, j.username, named.deployment, $1, j.schedule)
        FROM cron.job j
        CROSS JOIN LATERAL (SELECT substr(j.jobname::text, length('refresh ') + 1) AS deployment) named
        WHERE j.database = current_database() AND starts_with(j.jobname::text, 'refresh ')
          AND j.command = format('CALL naloxone_kpi.refresh(%L)', named.deployment)
          AND NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                          WHERE n.nspname = named.deployment AND c.relname = 'deployment' AND c.relkind = 'r')
        UNION ALL
        SELECT format('job %s of pg_cron', j.jobid), 'is not active',
               format('As role %I: SELECT naloxone_kpi.unschedule(%L), naloxone_kpi.schedule(%2$L, %L)', j.username, $1, j.schedule)
        FROM cron.job j
        WHERE j.database = current_database() AND NOT j.active AND j.command = format('CALL naloxone_kpi.refresh(%L)', $1)
          AND j.jobname = ('refresh ' || $1)::name
        ORDER BY 1 $q$ USING deployment;
END
$$;
COMMENT ON FUNCTION check_schedule(name) IS
    'jobs of pg_cron that refresh nothing, of those that the caller may see: a row each, none when all is well';
