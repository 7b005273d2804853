-- What a deployment knows of itself: its schemas, its settings, what a refresh does and has done, and who may see what.

-- The anchors are relations, not names: whatever the schemas are called, it finds them.
CREATE TABLE deployment (
    is_only        boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    model_version  text NOT NULL,        -- the extension's version when the model was deployed; it needs that or a newer one
    engine_room    regclass NOT NULL,
    bi             regclass NOT NULL,
    public         regclass NOT NULL
);

-- Today, set once at the start of a refresh: nothing else in the model reads a clock.
CREATE TABLE as_of (day date NOT NULL);
CREATE UNIQUE INDEX as_of_only ON as_of ((true));

CREATE TABLE setting (
    is_only               boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    time_zone             text NOT NULL DEFAULT 'Europe/London'
                          CHECK (period_start('month', timestamptz '2000-01-01 00:00+00', time_zone) IS NOT NULL),
    fiscal_first_month    integer NOT NULL DEFAULT 4 CHECK (fiscal_first_month BETWEEN 1 AND 12),
    confidence            float8 NOT NULL DEFAULT 0.95 CHECK (confidence > 0 AND confidence < 1),
    episode_days          integer NOT NULL DEFAULT 90 CHECK (episode_days BETWEEN 1 AND 3650),
    reporting_delay_days  integer NOT NULL DEFAULT 45 CHECK (reporting_delay_days BETWEEN 0 AND 3650),
    late_record_hours     integer NOT NULL DEFAULT 72 CHECK (late_record_hours BETWEEN 0 AND 87600),  -- for data quality only
    kit_contents          naloxone_dose NOT NULL DEFAULT '2 x 1800 mcg intranasal',
    refresher_months      integer CHECK (refresher_months BETWEEN 1 AND 1200),     -- NULL: training does not lapse
    funnel_dispersion     text NOT NULL DEFAULT 'none' CHECK (funnel_dispersion IN ('none', 'multiplicative', 'additive')),
    region_rows_visible   boolean NOT NULL DEFAULT true,  -- to roles that are not entitled to all divisions
    force_rows_visible    boolean NOT NULL DEFAULT true,
    form_date_order       text NOT NULL DEFAULT 'YMD' CHECK (form_date_order IN ('YMD', 'DMY', 'MDY')),  -- of dates on forms
    keep_rejected_rows    boolean NOT NULL DEFAULT false  -- whole, for 30 days; else only the field and the reason
);
INSERT INTO setting DEFAULT VALUES;

-- The day on which a record counts: in the time zone that is set, or infinity where it is no day from 1900 to 9999. The zone is
-- written here as a constant, so that an index on the day serves; setting another zone writes it anew.
CREATE FUNCTION day_of(moment timestamptz) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(local_day(moment, 'Europe/London'), date 'infinity');

CREATE FUNCTION day_of(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(plausible_day(day), date 'infinity');

-- The hour of the week, 1 from Monday midnight to 168, on the clock of the same zone; NULL where there is no such day. An hour that the
-- clocks repeat in autumn is one hour.
CREATE FUNCTION hour_of_week(moment timestamptz) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hour_of_week(moment, 'Europe/London');

CREATE TABLE policy_marker (
    indicator  text NOT NULL,
    day        date NOT NULL,
    label      text NOT NULL,
    PRIMARY KEY (indicator, day)
);
INSERT INTO policy_marker VALUES
    ('recorded_police_warning', '2021-09-22', 'Recorded Police Warnings may be given for class A possession');

CREATE TABLE target (
    indicator           text NOT NULL,
    area_key            text,            -- NULL: everywhere
    ambulance_category  text,
    clock               text,
    valid_from          date NOT NULL,
    valid_to            date,            -- last day; NULL: still valid
    statistic           text NOT NULL,
    value               float8 NOT NULL CHECK (value > '-Infinity' AND value < 'Infinity')
);
CREATE UNIQUE INDEX target_key ON target
    (indicator, coalesce(area_key, ''), coalesce(ambulance_category, ''), coalesce(clock, ''), valid_from, statistic);
-- Scottish Ambulance Service, in minutes from when the acuity was first assigned.
INSERT INTO target (indicator, ambulance_category, clock, valid_from, statistic, value) VALUES
    ('ambulance_response', 'Purple', 'acuity_assigned', '2016-11-23', 'median', 7),
    ('ambulance_response', 'Purple', 'acuity_assigned', '2016-11-23', 'percentile_95', 20),
    ('ambulance_response', 'Red', 'acuity_assigned', '2016-11-23', 'median', 8),
    ('ambulance_response', 'Red', 'acuity_assigned', '2016-11-23', 'percentile_95', 24);

-- How urgent, so that a change of category is known for up or down; within a service only.
CREATE TABLE ambulance_category (
    ambulance_category  text PRIMARY KEY,
    service             text NOT NULL,
    urgency             smallint NOT NULL    -- 1 is the most urgent
);
INSERT INTO ambulance_category VALUES
    ('Purple', 'Scotland', 1), ('Red', 'Scotland', 2), ('Amber', 'Scotland', 3), ('Yellow', 'Scotland', 4), ('Green', 'Scotland', 5),
    ('C1', 'England', 1), ('C2', 'England', 2), ('C3', 'England', 3), ('C4', 'England', 4), ('C5', 'England', 5);

-- Which divisions a role sees in the views for analysts; '*' is all of them and UNKNOWN. Role names, so that a dump restores.
CREATE TABLE entitlement (
    role_name      text NOT NULL,
    division_code  text NOT NULL,
    PRIMARY KEY (role_name, division_code)
);

-- What a refresh does, in order: fills a table from the view of its name with _source, or refreshes a materialised view. Below
-- position 200 is what rollups read beside records: where a step of it failed, what is due of the rollups after it stays due.
CREATE TABLE refresh_step (
    position  integer PRIMARY KEY,
    floor     text NOT NULL CHECK (floor IN ('engine_room', 'bi')),
    name      text NOT NULL UNIQUE
);

-- The tables among them that are brought up to date key by key: only what changed is computed again. But for those by month they hold
-- nothing that depends on today, on divisions' dates or on coverage, so that only their records' changes change them.
CREATE TABLE rollup (
    name      text PRIMARY KEY REFERENCES refresh_step (name),
    key       text[] NOT NULL,           -- its columns that are computed again together: {day,division_code} or {person_key}
    -- A rollup of counts without people: made of what each person contributes by the rollup named here, it is brought up to date by
    -- taking away what changed people contributed and adding what they do now. Its key is its primary key, its other columns add up.
    parts_of  text REFERENCES rollup,
    -- A rollup by month and the division counted in, {month,division_code}, of the rollup by day named here: what views sum, so that
    -- they need not read every day of many years. It changes with its days, and with which of them are counted.
    months_of  text REFERENCES rollup
);

-- Which source's changes make which of a rollup's keys due: due names a view that has them, with the column source.
CREATE TABLE rollup_source (
    rollup  text NOT NULL REFERENCES rollup,
    source  text NOT NULL,
    due     text NOT NULL,
    PRIMARY KEY (rollup, source, due)
);

CREATE TABLE refresh_run (
    run           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    as_of         date NOT NULL,
    started_by    text NOT NULL,
    started_at    timestamptz NOT NULL,
    process_id    integer NOT NULL,
    finished_at   timestamptz,
    failed_steps  integer
);

CREATE TABLE refresh_log (
    run          bigint NOT NULL REFERENCES refresh_run ON DELETE CASCADE,
    step         text NOT NULL,
    mode         text NOT NULL,          -- recomputed, concurrently, populated, failed
    num_rows     bigint,
    seconds      float8 NOT NULL,
    error_code   text,                   -- SQLSTATE
    error        text,                   -- may quote a record: for the owner alone
    finished_at  timestamptz NOT NULL,
    PRIMARY KEY (run, step)
);
CREATE INDEX ON refresh_log (step, finished_at);

CREATE TABLE dictionary (
    kpi            text,                 -- NULL: the column means the same in every KPI
    column_name    text NOT NULL,
    definition     text NOT NULL,
    unit           text NOT NULL,
    additive       boolean NOT NULL,     -- may be summed over areas and periods
    counting_rule  text,
    source         text
);
CREATE UNIQUE INDEX dictionary_key ON dictionary (coalesce(kpi, ''), column_name);

CREATE TABLE object_definition (
    object      text PRIMARY KEY,
    definition  text NOT NULL
);

-- What the model made, so that what is missing, and what was added, is known.
CREATE TABLE deployment_object (
    floor  text NOT NULL,
    name   text NOT NULL,
    kind   "char" NOT NULL,
    PRIMARY KEY (floor, name)
);

INSERT INTO object_definition VALUES
    ('deployment', 'this deployment: the version of its model and an anchor in each of its schemas'),
    ('as_of', 'the day as of which everything is computed'),
    ('setting', 'what the owner may set: one row'),
    ('policy_marker', 'days on which a change of policy changed what a series means'),
    ('target', 'targets by indicator, area, ambulance category and clock'),
    ('ambulance_category', 'ambulance categories and their urgency'),
    ('entitlement', 'the divisions that a role sees in the views for analysts'),
    ('refresh_step', 'what a refresh brings up to date, in order'),
    ('refresh_run', 'every refresh: by whom, from when to when'),
    ('refresh_log', 'every step of every refresh'),
    ('dictionary', 'what every column of every KPI means'),
    ('object_definition', 'what every table and view is for'),
    ('deployment_object', 'the tables and views that the model made'),
    ('rollup', 'the tables that a refresh brings up to date key by key'),
    ('rollup_source', 'which source''s changes make which keys of a rollup due'),
    ('division', 'contract: the divisions of the force, each while it held'),
    ('council_area', 'contract: the council areas'),
    ('overdose_incident', 'contract: an overdose attended, with or without naloxone, or a near-fatal one notified'),
    ('ambulance_activation', 'contract: one ambulance response, from the service''s own feed'),
    ('kit_movement', 'contract: movements of kits'),
    ('officer_carriage', 'contract: an officer''s eligibility and carriage while it held'),
    ('officer_training', 'contract: a course completed'),
    ('programme_funding', 'contract: money, a fiscal year'),
    ('information_share', 'contract: a report due to another agency'),
    ('survey_response', 'contract: an answer to a repeated question'),
    ('drug_death', 'contract: a suspected or confirmed drug death'),
    ('substance_signal', 'contract: a toxicology, pathology, seizure or drug-checking result'),
    ('population', 'contract: people in an area and year'),
    ('source_coverage', 'contract: from when to when a division''s records of a source exist'),
    ('published_count', 'contract: totals published elsewhere'),
    ('administration', 'contract: one person given naloxone in one incident'),
    ('administration_place', 'contract: where an administration was; for the owner alone'),
    ('referral_event', 'contract: a step of a person''s way into support'),
    ('direct_measure', 'contract: one disposal short of court'),
    ('recorded_crime', 'contract: crimes recorded'),
    ('division_record', 'records beneath the contract division'),
    ('population_record', 'records beneath the contract population'),
    ('source_coverage_record', 'records beneath the contract source_coverage'),
    ('published_count_record', 'records beneath the contract published_count'),
    ('administration_record', 'records beneath the contract administration'),
    ('administration_place_record', 'records beneath the contract administration_place'),
    ('referral_event_record', 'records beneath the contract referral_event'),
    ('direct_measure_record', 'records beneath the contract direct_measure'),
    ('recorded_crime_record', 'records beneath the contract recorded_crime'),
    ('council_area_record', 'records beneath the contract council_area'),
    ('overdose_incident_record', 'records beneath the contract overdose_incident'),
    ('ambulance_activation_record', 'records beneath the contract ambulance_activation'),
    ('kit_movement_record', 'records beneath the contract kit_movement'),
    ('officer_carriage_record', 'records beneath the contract officer_carriage'),
    ('officer_training_record', 'records beneath the contract officer_training'),
    ('programme_funding_record', 'records beneath the contract programme_funding'),
    ('information_share_record', 'records beneath the contract information_share'),
    ('survey_response_record', 'records beneath the contract survey_response'),
    ('drug_death_record', 'records beneath the contract drug_death'),
    ('substance_signal_record', 'records beneath the contract substance_signal');
