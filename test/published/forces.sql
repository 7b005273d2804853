-- A published table of forces: officers trained and administrations of naloxone in England and Wales, as at December 2024. Each force
-- is a division of a deployment of its own: that is what lets every one be shown beside the others.
--
--     psql -d DATABASE -v shared=DIRECTORY -f forces.sql
--     psql -d DATABASE -c "CALL naloxone_kpi.refresh('forces', as_of => '2025-12-31')"
--
-- DIRECTORY/data/published has the file. These are totals, and stay totals: from a number of officers no officers are made up, from a
-- number of administrations no administrations. There are no records here at all.

\set ON_ERROR_STOP on

SELECT naloxone_kpi.deploy('forces');

-- The file as it is, all text. \copy reads no variables, but a variable may hold the whole command.
CREATE TEMP TABLE force_carriage (force text, adder_site text, provision text, officers_trained text, administrations text);
\set file :shared '/data/published/force_carriage_december_2024.csv'
\set load '\\copy force_carriage FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load

INSERT INTO forces.division_record (division_code, division_name, valid_from)
SELECT force, force, '-infinity' FROM force_carriage;

-- Each figure is a running total: of all there were up to the month that the table names. It says of no force since when. What it
-- leaves blank was not published, and is no row.
INSERT INTO forces.published_count_record (indicator, division_code, period_from, period_to, cumulative_since, value, source)
SELECT f.indicator, c.force, '-infinity', '2024-12-31', '-infinity', f.value::bigint,
       'Home Office / Ipsos, Police carriage of naloxone: process evaluation, May 2025, table 1'
FROM force_carriage c
CROSS JOIN LATERAL (VALUES ('officers_trained', c.officers_trained), ('naloxone_administrations', c.administrations)) AS f (indicator, value)
WHERE f.value IS NOT NULL;
