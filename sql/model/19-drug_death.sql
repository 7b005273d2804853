-- Suspected and confirmed drug deaths, and what is known of the supply.

CREATE TABLE drug_death_record (
    death_id                       text PRIMARY KEY,
    division_code                  text,       -- where the person died
    residence_division_code        text,
    died_on                        date NOT NULL,
    status                         text NOT NULL,   -- suspected, confirmed, excluded
    status_on                      date,
    sex                            text,
    age_band                       text,       -- five years wide, 85+ the last
    substances                     text[],
    administration_id              text,
    reviewed_on                    date,
    reported_to_chief_officers_on  date,
    recorded_at                    timestamptz
);
CREATE INDEX ON drug_death_record (day_of(died_on), coalesce(division_code, 'UNKNOWN'));
CREATE INDEX ON drug_death_record (administration_id) WHERE administration_id IS NOT NULL;

CREATE TABLE substance_signal_record (
    signal_id      text PRIMARY KEY,
    division_code  text,
    observed_on    date NOT NULL,
    kind           text NOT NULL,        -- seizure, toxicology, pathology, drug_check, intelligence
    basis          text NOT NULL,        -- suspected, tested
    substances     text[],
    quantity       text,
    recorded_at    timestamptz
);
CREATE INDEX ON substance_signal_record (day_of(observed_on), coalesce(division_code, 'UNKNOWN'));
