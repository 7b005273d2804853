-- Where: the divisions of the force while each held, and the people who live in them.

CREATE TABLE division_record (
    division_code  text NOT NULL,
    division_name  text NOT NULL,
    division_type  text NOT NULL DEFAULT 'territorial',  -- territorial, specialist
    region         text,
    valid_from     date NOT NULL,
    valid_to       date,                                 -- last day; NULL: still holds
    boundary       geometry(MultiPolygon, 27700),
    recorded_at    timestamptz,
    PRIMARY KEY (division_code, valid_from)
);

CREATE TABLE population_record (
    area_type             text NOT NULL,                 -- division, council_area, force
    area_code             text NOT NULL,
    year                  integer NOT NULL,              -- of the mid-year estimate
    sex                   text,
    age_band              text,                          -- 0-4, 5-9, ... and 85+, or 85-89 and 90+
    deprivation_quintile  smallint,
    people                bigint NOT NULL,
    recorded_at           timestamptz
);
CREATE UNIQUE INDEX population_record_key ON population_record
    (area_type, area_code, year, coalesce(sex, ''), coalesce(age_band, ''), coalesce(deprivation_quintile, 0::smallint));

CREATE TABLE council_area_record (
    council_code   text PRIMARY KEY,
    council_name   text NOT NULL,
    division_code  text,
    adp_name       text,                                 -- Alcohol and Drug Partnership
    boundary       geometry(MultiPolygon, 27700),
    recorded_at    timestamptz
);
