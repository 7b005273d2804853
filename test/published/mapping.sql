-- Totals that others have published, beside one's own records: Recorded Police Warnings in Scotland by fiscal year, from two
-- sources that do not agree, drug-possession crimes, and Police Scotland's administrations of naloxone to date.
--
--     psql -d DATABASE -v shared=DIRECTORY -f mapping.sql
--     psql -d DATABASE -c "CALL naloxone_kpi.refresh('published', as_of => '2025-12-31')"
--
-- DIRECTORY/data/published has the files. There are no records here at all: what the KPI shows comes from published_count.

\set ON_ERROR_STOP on

SELECT naloxone_kpi.deploy('published');

INSERT INTO published.division_record (division_code, division_name, valid_from) VALUES
    ('A', 'North East', '2013-04-01'),
    ('C', 'Forth Valley', '2013-04-01'),
    ('D', 'Tayside', '2013-04-01'),
    ('E', 'Edinburgh', '2013-04-01'),
    ('G', 'Greater Glasgow', '2013-04-01'),
    ('J', 'Lothians and Scottish Borders', '2013-04-01'),
    ('K', 'Renfrewshire and Inverclyde', '2013-04-01'),
    ('L', 'Argyll and West Dunbartonshire', '2013-04-01'),
    ('N', 'Highlands and Islands', '2013-04-01'),
    ('P', 'Fife', '2013-04-01'),
    ('Q', 'Lanarkshire', '2013-04-01'),
    ('U', 'Ayrshire', '2013-04-01'),
    ('V', 'Dumfries and Galloway', '2013-04-01');

-- The files as they are, all text.
CREATE TEMP TABLE recorded_police_warnings (fiscal_year text, recorded_police_warnings text);
CREATE TEMP TABLE drug_possession_warnings (fiscal_year text, drug_class text, recorded_police_warnings text, source text);
CREATE TEMP TABLE drug_possession_crimes (fiscal_year text, recorded_crimes text, source text);
CREATE TEMP TABLE police_scotland_administrations (
    as_of text, cumulative text, unit text, not_survived text, officers_trained text, officers_carrying text, source text
);

-- \copy reads no variables, but a variable may hold the whole command.
\set file :shared '/data/published/recorded_police_warnings.csv'
\set load '\\copy recorded_police_warnings FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load
\set file :shared '/data/published/drug_possession_warnings.csv'
\set load '\\copy drug_possession_warnings FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load
\set file :shared '/data/published/drug_possession_crimes.csv'
\set load '\\copy drug_possession_crimes FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load
\set file :shared '/data/published/police_scotland_administrations.csv'
\set load '\\copy police_scotland_administrations FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load

-- A total covers the days that it covers: the type fiscal_year turns "2019/20" into the first and the last of them. It is shown
-- for exactly this period and area, never spread over months or divisions. division_code NULL is the force.
INSERT INTO published.published_count_record (indicator, period_from, period_to, value, source)
SELECT 'recorded_police_warnings',
       naloxone_kpi.first_day(fiscal_year::naloxone_kpi.fiscal_year), naloxone_kpi.last_day(fiscal_year::naloxone_kpi.fiscal_year),
       recorded_police_warnings::bigint,
       'HMICS, Thematic inspection of the police response to drug harm reduction, December 2025, figure 3'
FROM recorded_police_warnings;

-- A second series, by class of drug in some years and for all classes in others.
INSERT INTO published.published_count_record (indicator, period_from, period_to, value, source)
SELECT 'drug_possession_warnings',
       naloxone_kpi.first_day(fiscal_year::naloxone_kpi.fiscal_year), naloxone_kpi.last_day(fiscal_year::naloxone_kpi.fiscal_year),
       sum(recorded_police_warnings::bigint), source
FROM drug_possession_warnings
GROUP BY fiscal_year, source;

INSERT INTO published.published_count_record (indicator, period_from, period_to, value, source)
SELECT 'drug_possession_crimes',
       naloxone_kpi.first_day(fiscal_year::naloxone_kpi.fiscal_year), naloxone_kpi.last_day(fiscal_year::naloxone_kpi.fiscal_year),
       recorded_crimes::bigint, source
FROM drug_possession_crimes;

-- A running total is not the total of a period: cumulative_since says since when it runs, here since the first pilot.
INSERT INTO published.published_count_record (indicator, period_from, period_to, cumulative_since, value, source)
SELECT 'naloxone_' || unit, '2021-03-01', as_of::date, '2021-03-01', cumulative::bigint, source
FROM police_scotland_administrations;
