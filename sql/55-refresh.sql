-- Bringing a deployment up to date. src/refresh.c, doc/refresh.md

CREATE PROCEDURE refresh(deployment name, as_of date DEFAULT NULL, full boolean DEFAULT false)
    AS 'MODULE_PATHNAME', 'nkpi_refresh' LANGUAGE C;
COMMENT ON PROCEDURE refresh(name, date, boolean) IS
    'brings a deployment''s KPI views up to date as they stand on a day (default: today), from what changed or, with full, from all records; each step commits where the caller allows it';

CREATE PROCEDURE refresh_if_stale(deployment name, max_age interval)
    AS 'MODULE_PATHNAME', 'nkpi_refresh_if_stale' LANGUAGE C;
COMMENT ON PROCEDURE refresh_if_stale(name, interval) IS
    'does what refresh() does, unless everything was brought up to date, as of today, within max_age';
