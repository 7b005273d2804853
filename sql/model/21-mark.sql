-- What changed since the last refresh. doc/refresh.md
--
-- Whoever changes a record also writes, in the same transaction, a mark that names what has to be computed again: the record's day and
-- division, and the keys (of its person, incident or administration) by which other days are found. Marks are only added and deleted,
-- never updated, and a transaction never relies on another's mark: else a refresh could consume the mark of a transaction that it
-- does not see yet.

CREATE TABLE mark (
    source         text NOT NULL,
    day            date,             -- of a record, as day_of() says
    division_code  text,             -- as the record names it
    key_kind       text,             -- person, incident, administration
    key            text,             -- NULL: all of the kind. All NULL: everything of the source
    writer         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- In a restored copy transactions are numbered anew, and one must not take another's mark for its own.
    written_at     timestamptz NOT NULL DEFAULT transaction_timestamp()
);
CREATE UNIQUE INDEX mark_once ON mark (source, day, division_code, key_kind, key, writer, written_at) NULLS NOT DISTINCT;

-- Marks that a refresh has taken, while it finds what they make due; then it is empty again.
CREATE TABLE taken_mark (
    source         text NOT NULL,
    day            date,
    division_code  text,
    key_kind       text,
    key            text
);

-- What rollups have still to compute again. A key that is NULL: all of it.
CREATE TABLE rollup_due (
    rollup         text NOT NULL REFERENCES rollup ON DELETE CASCADE,
    source         text,
    day            date,
    month          date,
    division_code  text,             -- of a day as the record names it, of a month that counted in
    person_key     text
);
CREATE UNIQUE INDEX rollup_due_once ON rollup_due (rollup, source, day, month, division_code, person_key) NULLS NOT DISTINCT;

-- Of which days a rollup by month was made. It is due where others are counted by now: a day more has passed, or a division's dates or
-- what its records cover have changed.
CREATE TABLE rollup_month (
    rollup         text NOT NULL REFERENCES rollup ON DELETE CASCADE,
    month          date,
    division_code  text,
    days_digest    text NOT NULL,
    PRIMARY KEY (rollup, month, division_code)
);

CREATE VIEW counted_month AS
    SELECT month, division_code, md5(string_agg(source || ' ' || day || ' ' || recorded_division_code, ',' ORDER BY source, day, recorded_division_code)) AS days_digest
    FROM counted_day
    GROUP BY month, division_code;

CREATE VIEW recounted_month AS
    SELECT rollup, month, division_code
    FROM rollup_month made
    FULL JOIN (SELECT r.name AS rollup, c.month, c.division_code, c.days_digest FROM counted_month c CROSS JOIN rollup r WHERE r.months_of IS NOT NULL) AS counted
         USING (rollup, month, division_code)
    WHERE made.days_digest IS DISTINCT FROM counted.days_digest;

-- Tables whose changes are marked, for which source, and how: queries over the rows that changed.
CREATE TABLE tracked_table (
    relation  regclass NOT NULL,
    source    text NOT NULL,
    days      text,                  -- gives day and division_code
    keys      text,                  -- gives key_kind and key
    PRIMARY KEY (relation, source)
);

-- How changed records of a source are marked, of its own table.
CREATE TABLE source_mark (
    source  text PRIMARY KEY,
    days    text,                    -- NULL: everything of the source
    keys    text,
    -- The rows r of its table that retiring what is before the day $1 deletes; NULL: it cannot be retired. What belongs to something
    -- after that day stays, so that nothing is counted twice.
    retired_when  text,
    companions    text[]             -- the tables from which rows of the same <source>_id go with them
);
INSERT INTO source_mark (source, days, keys) VALUES
    ('administration',
     'SELECT day_of(c.occurred_at) AS day, coalesce(d.division_code, ''UNKNOWN'') AS division_code FROM changed c CROSS JOIN LATERAL (VALUES (c.incident_division_code), (c.officer_division_code)) AS d (division_code)',
     'SELECT ''incident'' AS key_kind, incident_id AS key FROM changed UNION ALL SELECT ''person'', person_key FROM changed WHERE person_key IS NOT NULL'),
    ('overdose_incident',
     'SELECT day_of(occurred_at) AS day, coalesce(incident_division_code, ''UNKNOWN'') AS division_code FROM changed',
     'SELECT ''incident'' AS key_kind, incident_id AS key FROM changed'),
    ('ambulance_activation',
     'SELECT day_of(clock_started_at) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed',
     'SELECT ''incident'' AS key_kind, incident_id AS key FROM changed WHERE incident_id IS NOT NULL'),
    ('referral_event',
     'SELECT NULL::date AS day, NULL::text AS division_code FROM changed WHERE false',
     'SELECT ''person'' AS key_kind, person_key AS key FROM changed WHERE person_key IS NOT NULL'),
    ('direct_measure',
     'SELECT day_of(issued_on) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed',
     'SELECT ''person'' AS key_kind, measure_person_key AS key FROM changed WHERE measure_person_key IS NOT NULL'),
    ('recorded_crime',
     'SELECT day_of(recorded_on) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed', NULL),
    ('kit_movement',
     'SELECT day_of(moved_at) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed', NULL),
    ('drug_death',
     'SELECT day_of(died_on) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed',
     'SELECT ''administration'' AS key_kind, administration_id AS key FROM changed WHERE administration_id IS NOT NULL'),
    ('substance_signal',
     'SELECT day_of(observed_on) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed', NULL),
    ('survey_response',
     'SELECT day_of(answered_on) AS day, coalesce(division_code, ''UNKNOWN'') AS division_code FROM changed', NULL),
    ('division', NULL, NULL),
    ('source_coverage', NULL, NULL),
    -- How urgent a category is says whether a change of it was up or down.
    ('ambulance_category', NULL, NULL);

UPDATE source_mark SET retired_when = 'day_of(r.occurred_at) < $1' WHERE source IN ('overdose_incident', 'referral_event');
UPDATE source_mark SET retired_when = 'day_of(r.issued_on) < $1' WHERE source = 'direct_measure';
UPDATE source_mark SET retired_when = 'day_of(r.recorded_on) < $1' WHERE source = 'recorded_crime';
UPDATE source_mark SET retired_when =
    'day_of(r.occurred_at) < $1 AND NOT EXISTS (SELECT FROM administration a WHERE a.incident_id = r.incident_id AND day_of(a.occurred_at) >= $1)',
    companions = '{administration_place_record,accepted_form}' WHERE source = 'administration';
UPDATE source_mark SET retired_when =
    'day_of(r.clock_started_at) < $1 AND NOT EXISTS (SELECT FROM administration a WHERE a.incident_id = r.incident_id AND day_of(a.occurred_at) >= $1)'
    WHERE source = 'ambulance_activation';

-- How each contract read at the last refresh: one that was replaced since gives other records, which nothing marked.
CREATE TABLE contract_definition (
    source  text PRIMARY KEY,
    digest  text NOT NULL
);

-- What marks make due -----------------------------------------------------------
-- Those taken, and those that came since: they are taken once more next time, which costs little and loses nothing.

CREATE VIEW marked AS
    SELECT source, day, division_code, key_kind, key FROM taken_mark
    UNION ALL
    SELECT source, day, division_code, key_kind, key FROM mark;

-- The day and division of every administration that a mark names, itself or by its incident.
CREATE VIEW marked_administration_day AS
    SELECT m.source, day_of(a.occurred_at) AS day, coalesce(a.incident_division_code, 'UNKNOWN') AS division_code
    FROM marked m JOIN administration a ON a.incident_id = m.key
    WHERE m.key_kind = 'incident'
    UNION
    SELECT m.source, day_of(a.occurred_at), coalesce(a.incident_division_code, 'UNKNOWN')
    FROM marked m JOIN administration a ON a.administration_id = m.key
    WHERE m.key_kind = 'administration'
    UNION
    SELECT source, NULL::date, NULL::text
    FROM marked WHERE key IS NULL AND day IS NULL AND key_kind IS DISTINCT FROM 'person';

-- The days and divisions of changed records. Where a record's day is in another table than the one that changed, it may be
-- another by now: so they are also found by the keys.
CREATE VIEW marked_day AS
    SELECT source, day, division_code FROM marked WHERE key_kind IS NULL
    UNION
    SELECT source, day, division_code FROM marked_administration_day WHERE source = 'administration' AND day IS NOT NULL;

CREATE VIEW marked_person AS
    SELECT source, key AS person_key FROM marked WHERE key_kind = 'person'
    UNION
    SELECT m.source, a.person_key
    FROM marked m JOIN administration a ON a.administration_id = m.key
    WHERE m.key_kind = 'administration' AND a.person_key IS NOT NULL
    UNION
    SELECT m.source, a.person_key
    FROM marked m JOIN administration a ON a.incident_id = m.key
    WHERE m.key_kind = 'incident' AND a.person_key IS NOT NULL
    UNION
    SELECT source, NULL::text FROM marked WHERE key IS NULL AND day IS NULL AND key_kind IS DISTINCT FROM 'incident';

CREATE VIEW everything AS
    SELECT DISTINCT source, NULL::date AS day, NULL::text AS division_code, NULL::text AS person_key FROM marked;

-- Settings that what is stored depends on -----------------------------------------

CREATE FUNCTION apply_setting() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    engine_room name := (SELECT nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE c.oid = TG_RELID);
BEGIN
    IF NEW.time_zone <> OLD.time_zone THEN
        PERFORM naloxone_kpi.write_time_zone(engine_room, NEW.time_zone);
        EXECUTE format('INSERT INTO %I.mark (source) SELECT source FROM %1$I.source_mark ON CONFLICT DO NOTHING', engine_room);
    END IF;
    IF NEW.episode_days <> OLD.episode_days THEN
        EXECUTE format('INSERT INTO %I.mark (source) VALUES (''setting'') ON CONFLICT DO NOTHING', engine_room);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER apply_setting AFTER UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION apply_setting();

INSERT INTO object_definition VALUES
    ('mark', 'what changed since the last refresh took note of it'),
    ('taken_mark', 'marks that a refresh has taken, while it finds what they make due'),
    ('rollup_due', 'what rollups have still to compute again'),
    ('rollup_month', 'of which days each rollup by month was made'),
    ('counted_month', 'which days of every month and division are counted'),
    ('recounted_month', 'the months of rollups by month of which other days are counted by now'),
    ('tracked_table', 'tables whose changes are marked, and how'),
    ('contract_definition', 'how each contract read at the last refresh'),
    ('source_mark', 'how changed records of each source are marked'),
    ('sealed_source', 'up to which day each source''s records were retired'),
    ('marked', 'marks taken and since written'),
    ('marked_administration_day', 'the days and divisions of the administrations that marks name'),
    ('marked_day', 'the days and divisions that marks name'),
    ('marked_person', 'the people that marks name'),
    ('everything', 'the sources that marks name: for what must then be computed again as a whole');
