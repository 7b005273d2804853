-- When records exist (source_coverage), and totals that someone else published (published_count).

CREATE TABLE source_coverage_record (
    source         text NOT NULL,
    division_code  text NOT NULL,
    covered_from   date NOT NULL,
    covered_to     date,                                 -- last day; NULL: still covered
    recorded_at    timestamptz,
    PRIMARY KEY (source, division_code, covered_from)
);

CREATE TABLE published_count_record (
    indicator         text NOT NULL,
    division_code     text,                              -- NULL: the force
    period_from       date NOT NULL,
    period_to         date NOT NULL,                     -- last day
    cumulative_since  date,
    value             bigint NOT NULL,
    source            text NOT NULL,
    recorded_at       timestamptz
);
CREATE UNIQUE INDEX published_count_record_key ON published_count_record
    (indicator, coalesce(division_code, ''), period_from, period_to, source);
