-- What the views mean, how fresh they are, and who may see what.

-- Every column that is here, whether somebody has defined it or not: a gap shows.
CREATE VIEW kpi_dictionary AS
    SELECT c.relname::varchar(63) AS view_name,
           a.attname::varchar(63) AS column_name,
           d.definition::varchar(1000) AS definition,
           d.unit::varchar(100) AS unit,
           d.additive::integer::smallint AS additive,
           d.counting_rule::varchar(1000) AS counting_rule,
           d.source::varchar(200) AS source
    FROM deployment
    JOIN pg_catalog.pg_class anchor ON anchor.oid = deployment.bi
    JOIN pg_catalog.pg_class c ON c.relnamespace = anchor.relnamespace AND c.relkind IN ('r', 'v')
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN LATERAL (
        SELECT * FROM dictionary n
        WHERE n.column_name = a.attname AND (n.kpi IS NULL OR c.relname::text = ANY (ARRAY[n.kpi, 'kpi_' || n.kpi, 'kpi_' || n.kpi || '_period']))
        ORDER BY n.kpi NULLS LAST LIMIT 1
    ) d ON true;

CREATE VIEW kpi_refresh_status AS
    SELECT ('kpi_' || s.name)::varchar(63) AS view_name,
           (success.finished_at AT TIME ZONE setting.time_zone)::timestamp(0) AS last_success,
           success.as_of AS data_through,
           last_try.error_code::varchar(5) AS last_failure_code,
           (last_try.mode IS NULL OR last_try.mode = 'failed')::integer::smallint AS is_stale
    FROM refresh_step s
    CROSS JOIN setting
    LEFT JOIN LATERAL (SELECT l.finished_at, r.as_of FROM refresh_log l JOIN refresh_run r USING (run)
                       WHERE l.step = s.name AND l.mode <> 'failed' ORDER BY l.finished_at DESC LIMIT 1) success ON true
    LEFT JOIN LATERAL (SELECT l.mode, l.error_code FROM refresh_log l WHERE l.step = s.name
                       ORDER BY l.finished_at DESC LIMIT 1) last_try ON true
    WHERE s.position >= 400;

-- Only what concerns the current user's own roles.
CREATE VIEW division_entitlement WITH (security_barrier) AS
    SELECT e.role_name::varchar(63) AS user_name, e.division_code::varchar(40) AS division_code
    FROM entitlement e
    JOIN pg_catalog.pg_roles r ON r.rolname = e.role_name
    WHERE pg_catalog.pg_has_role(current_user, r.oid, 'USAGE');
