-- Overdoses that police attended, with or without naloxone, or were told of as near-fatal.

CREATE TABLE overdose_incident_record (
    incident_id             text PRIMARY KEY,
    incident_division_code  text,
    occurred_at             timestamptz NOT NULL,
    notified_by             text,
    naloxone_given          boolean,
    why_not                 text,        -- in the force's own codes, where naloxone was not given
    recorded_at             timestamptz
);
CREATE INDEX ON overdose_incident_record (day_of(occurred_at), coalesce(incident_division_code, 'UNKNOWN'));
