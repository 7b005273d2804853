-- Money, reports to other agencies, and answers to surveys.

CREATE TABLE programme_funding_record (
    division_code  text,                 -- NULL: the force
    fiscal_year    fiscal_year NOT NULL,
    strand         text NOT NULL,        -- initial_rollout, ongoing_training, monitoring_and_supply
    funder         text NOT NULL,
    allocated      numeric(14,2),
    spent          numeric(14,2),
    recorded_at    timestamptz
);
CREATE UNIQUE INDEX programme_funding_record_key ON programme_funding_record
    (coalesce(division_code, ''), fiscal_year, strand, funder);

CREATE TABLE information_share_record (
    administration_id  text,
    signal_id          text,
    agency             text NOT NULL,    -- ambulance, health_board, adp, drug_service, ldis, radar
    due_by             timestamptz NOT NULL,
    shared_at          timestamptz,
    acknowledged_at    timestamptz,
    recorded_at        timestamptz
);
CREATE INDEX ON information_share_record (administration_id);

CREATE TABLE survey_response_record (
    survey            text NOT NULL,
    wave              text NOT NULL,     -- before, after, follow_up
    respondent_group  text,
    respondent_key    text,
    division_code     text,
    answered_on       date NOT NULL,
    question          text NOT NULL,
    score             smallint,
    theme             text,              -- coded
    recorded_at       timestamptz
);
CREATE INDEX ON survey_response_record (day_of(answered_on), coalesce(division_code, 'UNKNOWN'));
