-- A step of a person's way into support.

CREATE TABLE referral_event_record (
    person_key         text NOT NULL,
    administration_id  text,
    measure_id         text,
    origin             text,             -- overdose, direct_measure, custody, other
    route              text,             -- ambulance_service, concern_report, mash, harm_reduction_lead, overdose_coordinator,
                                         -- arrest_referral, direct_measure, blood_borne_virus, child_protection, other
    stage              text NOT NULL,    -- reviewed, known_to_service, service_notified, offered, consented, declined, referred,
                                         -- contacted, assessed, engaged, retained_12_weeks, disengaged, died, moved_away
    basis              text,             -- consent, vital_interests, adult_protection, not_recorded
    occurred_at        timestamptz NOT NULL,
    service            text,
    recorded_at        timestamptz
);
CREATE INDEX ON referral_event_record (person_key, occurred_at);
