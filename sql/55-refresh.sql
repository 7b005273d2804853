-- Bringing a deployment up to date. src/refresh.c, doc/refresh.md

CREATE PROCEDURE refresh(deployment name, as_of date DEFAULT NULL, "full" boolean DEFAULT false)
    AS 'MODULE_PATHNAME', 'nkpi_refresh' LANGUAGE C;
COMMENT ON PROCEDURE refresh(name, date, boolean) IS
    'recomputes a deployment''s KPI views as they stand on a day (default: today); each step commits where the caller allows it';
