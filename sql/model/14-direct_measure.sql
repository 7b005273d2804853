-- Disposals short of court, and the crimes recorded beside which they are read.

CREATE TABLE direct_measure_record (
    measure_id          text PRIMARY KEY,
    division_code       text,
    issued_on           date NOT NULL,
    offence             text NOT NULL,   -- drug_possession, other
    kind                text NOT NULL,   -- recorded_police_warning, fixed_penalty_notice, report_to_prosecutor, diversion_requested
    drug_class          text,            -- A, B, C, multiple, unknown
    refused             boolean,
    withdrawn_on        date,
    measure_person_key  text,            -- made with the justice secret, never the health one
    recorded_at         timestamptz
);
CREATE INDEX ON direct_measure_record (day_of(issued_on), coalesce(division_code, 'UNKNOWN'));
CREATE INDEX ON direct_measure_record (measure_person_key) WHERE measure_person_key IS NOT NULL;

CREATE TABLE recorded_crime_record (
    division_code  text,
    recorded_on    date NOT NULL,
    kind           text NOT NULL,        -- possession, supply, other
    crimes         bigint NOT NULL,
    recorded_at    timestamptz
);
CREATE INDEX ON recorded_crime_record (day_of(recorded_on), coalesce(division_code, 'UNKNOWN'));
