-- Where naloxone kits went, and who carries them.

CREATE TABLE kit_movement_record (
    division_code  text,
    moved_at       timestamptz NOT NULL,
    movement       text NOT NULL,        -- received, issued, used, returned, transferred, expired, lost, counted
    kits           integer NOT NULL,     -- transferred: negative where they left, positive where they arrived
    batch          text,
    expires_on     date,
    officer_key    text,                 -- who held them; NULL: the store
    recorded_at    timestamptz
);
CREATE INDEX ON kit_movement_record (day_of(moved_at), coalesce(division_code, 'UNKNOWN'));

CREATE TABLE officer_carriage_record (
    officer_key    text NOT NULL,
    division_code  text,
    role           text,
    eligible_from  date NOT NULL,
    eligible_to    date,                 -- last day; NULL: still eligible
    carries_from   date,
    carries_to     date,                 -- last day; NULL: still carries
    recorded_at    timestamptz
);
CREATE INDEX ON officer_carriage_record (officer_key);

CREATE TABLE officer_training_record (
    officer_key   text NOT NULL,
    course        text NOT NULL,         -- naloxone, first_aid, trauma_informed
    completed_on  date NOT NULL,
    score_before  float8,
    score_after   float8,
    recorded_at   timestamptz
);
CREATE INDEX ON officer_training_record (officer_key);
