-- One's own records through the contracts, by example: overdoses that police officers in Pennsylvania responded to, as the
-- Commonwealth's Overdose Information Network (ODIN) publishes them. Nothing is copied into the deployment: the records stay
-- in a table of their own, as they came, and a view for each contract says what they mean.
--
--     psql -d DATABASE -v shared=DIRECTORY -f mapping.sql
--     psql -d DATABASE -c "CALL naloxone_kpi.refresh('pennsylvania', as_of => '2020-01-31')"
--
-- DIRECTORY/data/pennsylvania/overdose_responses.csv is the file. The database has the extension; PostGIS's schema is on the
-- search path, for the type geometry.

\set ON_ERROR_STOP on

-- 1. The records as they came: all text, so that whatever is in the file can be loaded and looked at. One row is one person in
--    one incident. The primary key makes a second load of the same file an error instead of a doubled count.

CREATE SCHEMA odin;

CREATE TABLE odin.overdose_response (
    incident_id            text,
    incident_date          text,    -- MM/DD/YYYY, local
    incident_time          text,    -- HH:MM:SS, local; 00:00:00 so often that it must also mean not recorded: the day still holds,
                                    -- but the hours of the week from midnight to 1 have too many
    county                 text,
    county_lat             text,    -- the middle of the county, not the place of the incident: not mapped to administration_place
    county_lon             text,
    person_id              text PRIMARY KEY,
    gender                 text,
    age_range              text,
    naloxone_administered  text,    -- Y, N
    revival_time           text,    -- a label, or NA; no contract asks for it, so it is kept here and nowhere else
    survived               text,    -- Y, N, U
    suspected_drugs        text     -- separated by semicolons
);

-- \copy reads no variables, but a variable may hold the whole command. HEADER MATCH refuses a file whose columns have moved.
\set file :shared '/data/pennsylvania/overdose_responses.csv'
\set load '\\copy odin.overdose_response FROM ' :'file' ' WITH (FORMAT csv, HEADER MATCH)'
:load

-- 2. The deployment. Every contract is to be a view of ours, so it needs no tables; the contracts for which there are no
--    records stay empty views.

SELECT naloxone_kpi.deploy('pennsylvania', sources => 'none');

UPDATE pennsylvania.setting SET time_zone = 'America/New_York', fiscal_first_month = 7;

-- What is Scotland's alone.
DELETE FROM pennsylvania.policy_marker;
DELETE FROM pennsylvania.target;

-- 3. The contracts. A view has every column of its contract, in order and of its type: the server refuses one that has not.

-- Only rows with naloxone are administrations. The others are in odin.response_without_naloxone below: every row is in one of
-- the two, and in no more than one.
CREATE OR REPLACE VIEW pennsylvania.administration AS
    SELECT r.person_id::text                    AS administration_id,
           r.incident_id::text                  AS incident_id,
           -- Over everybody in the incident, so that a number stays when somebody else's naloxone is corrected.
           r.person_in_incident::smallint       AS person_in_incident,
           1::smallint                          AS forms,
           r.county::text                       AS incident_division_code,
           NULL::text                           AS officer_division_code,
           NULL::text                           AS subdivision,
           NULL::text                           AS council_code,
           -- The zone of the clock on the wall, said here: neither the session's zone nor its DateStyle may change a record.
           ((to_date(r.incident_date, 'MM/DD/YYYY') + r.incident_time::time) AT TIME ZONE 'America/New_York')::timestamptz
                                                AS occurred_at,
           NULL::timestamptz                    AS police_arrived_at,
           NULL::timestamptz                    AS naloxone_first_at,
           NULL::text                           AS setting,
           NULL::text                           AS officer_key,
           NULL::text                           AS officer_role,
           -- person_id is another one on every row, so it knows nobody again: as a key it would make everybody a new person.
           NULL::text                           AS person_key,
           CASE r.gender WHEN 'Male' THEN 'male' WHEN 'Female' THEN 'female' END::text AS sex,
           CASE WHEN r.age_range LIKE '% - *' THEN split_part(r.age_range, ' ', 1) || '+'
                WHEN r.age_range <> 'NA' THEN replace(r.age_range, ' ', '') END::text AS age_band,
           -- 'unknown' stays: somebody looked and could not tell, which is not the same as nothing written down.
           CASE WHEN r.suspected_drugs <> 'NA' THEN string_to_array(lower(r.suspected_drugs), ';') END::text[] AS substances,
           -- Not recorded is NULL. An empty array, or no dose, would say that none was given.
           NULL::naloxone_kpi.naloxone_dose[]   AS doses,
           NULL::text                           AS condition_on_arrival,
           NULL::boolean                        AS believed_dead_on_arrival,
           NULL::boolean                        AS paraphernalia_present,
           NULL::naloxone_kpi.first_aid         AS first_aid,
           NULL::text                           AS outcome,
           CASE r.survived WHEN 'Y' THEN 'survived' WHEN 'N' THEN 'died' WHEN 'U' THEN 'not_known' END::text AS survival,
           NULL::text                           AS survival_as_at,  -- the file does not say until when
           NULL::timestamptz                    AS person_left_at,
           NULL::boolean                        AS refused_care,
           NULL::boolean                        AS relapsed_before_ambulance,
           NULL::text                           AS call_source,
           NULL::boolean                        AS police_first_on_scene,
           NULL::timestamptz                    AS ambulance_called_at,
           NULL::text                           AS ambulance_category_first,
           NULL::text                           AS ambulance_category_last,
           NULL::timestamptz                    AS ambulance_clock_started_at,
           NULL::text                           AS clock,
           NULL::boolean                        AS ambulance_attended,
           NULL::timestamptz                    AS ambulance_arrived_at,
           NULL::timestamptz                    AS ambulance_stood_down_at,
           NULL::smallint                       AS ambulance_response_mins,
           NULL::boolean                        AS seen_by_paramedics,
           NULL::boolean                        AS further_care_given,
           NULL::boolean                        AS handover_given,
           NULL::boolean                        AS taken_to_hospital,
           NULL::smallint                       AS kits_needed,
           NULL::boolean                        AS officer_injured,
           NULL::boolean                        AS complaint,
           NULL::timestamptz                    AS recorded_at
    FROM (SELECT o.*, row_number() OVER (PARTITION BY o.incident_id ORDER BY o.person_id::bigint) AS person_in_incident
          FROM odin.overdose_response o) r
    WHERE r.naloxone_administered = 'Y';

-- Rows in = rows accounted for. Not = 'N': what is neither Y nor N is to be found here, not lost.
CREATE VIEW odin.response_without_naloxone AS
    SELECT * FROM odin.overdose_response WHERE naloxone_administered IS DISTINCT FROM 'Y';

-- Everybody whom the police responded to is in the file, given naloxone or not: an overdose is an incident of it, and naloxone was
-- given in it if it was to anybody. All of an incident is in one county and at one time. The file does not say why not.
CREATE OR REPLACE VIEW pennsylvania.overdose_incident AS
    SELECT r.incident_id::text                  AS incident_id,
           min(r.county)::text                  AS incident_division_code,
           min((to_date(r.incident_date, 'MM/DD/YYYY') + r.incident_time::time) AT TIME ZONE 'America/New_York')::timestamptz
                                                AS occurred_at,
           NULL::text                           AS notified_by,
           bool_or(CASE r.naloxone_administered WHEN 'Y' THEN true WHEN 'N' THEN false END) AS naloxone_given,
           NULL::text                           AS why_not,
           NULL::timestamptz                    AS recorded_at
    FROM odin.overdose_response r
    GROUP BY r.incident_id;

-- The counties are read from the records because all 67 are in them. Take a list of your own divisions instead if you have
-- one: a division with no record at all must still be there, with its zero.
CREATE OR REPLACE VIEW pennsylvania.division AS
    SELECT DISTINCT
           county::text                         AS division_code,
           county::text                         AS division_name,
           'territorial'::text                  AS division_type,
           NULL::text                           AS region,
           date '2018-01-01'                    AS valid_from,
           NULL::date                           AS valid_to,
           NULL::geometry(MultiPolygon, 27700)  AS boundary,
           NULL::timestamptz                    AS recorded_at
    FROM odin.overdose_response;

-- From when to when somebody would have recorded an overdose: what makes a month without one a zero. Records alone cannot
-- say it, so it is written down: the publisher's first day, and the last day in this file. (In truth some counties joined
-- later, and the publisher does not say when. Where you know, write a row for every division.)
CREATE OR REPLACE VIEW pennsylvania.source_coverage AS
    SELECT source::text                         AS source,
           division_code::text                  AS division_code,
           date '2018-01-01'                    AS covered_from,
           date '2020-01-15'                    AS covered_to,
           NULL::timestamptz                    AS recorded_at
    FROM pennsylvania.division, unnest('{administration,overdose_incident}'::text[]) AS source;

-- The file has no population, so population stays empty and rates by population are NULL. For the counties' figures:
-- area_type 'division', area_code the county, and NULL for sex, age_band and deprivation_quintile.
