-- The KPI recorded_police_warning_trend: disposals, classes, people, crimes and the year before, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
SET extra_float_digits = 1;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(59);

SELECT deploy('test_warnings');
INSERT INTO test_warnings.division_record (division_code, division_name, valid_from) VALUES ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01');
INSERT INTO test_warnings.source_coverage_record (source, division_code, covered_from) VALUES
    ('direct_measure', 'A', '2022-04-01'), ('direct_measure', 'B', '2023-04-01'),
    ('recorded_crime', 'A', '2022-04-01'), ('recorded_crime', 'B', '2023-10-01');

-- Warnings that stand, by division and day, over the edges of what is compared; some people more than once.
INSERT INTO test_warnings.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, measure_person_key)
SELECT 'warning ' || row_number() OVER (), division, day::date, 'drug_possession', 'recorded_police_warning', 'B', person
FROM (VALUES
    ('A', '2022-03-31', NULL),  -- a day before coverage
    ('A', '2022-04-01', NULL), ('A', '2022-07-10', NULL), ('A', '2022-07-11', NULL), ('A', '2023-03-31', NULL),
    ('A', '2023-04-01', NULL), ('A', '2023-07-10', 'k1'), ('A', '2023-07-11', NULL), ('A', '2023-07-11', NULL), ('A', '2024-02-29', NULL), ('A', '2024-03-31', NULL),
    ('A', '2024-04-01', NULL), ('A', '2024-04-01', NULL), ('A', '2024-04-01', NULL), ('A', '2024-07-10', NULL),
    ('A', '2024-07-11', NULL),  -- a day after the refresh
    ('B', '2023-03-31', NULL),  -- a day before coverage
    ('B', '2023-04-10', NULL), ('B', '2024-04-10', NULL), ('B', '2024-07-10', NULL),
    (NULL, '2023-05-01', NULL), ('ZZ', '2024-05-01', NULL),
    ('A', 'infinity', NULL), ('A', '-infinity', NULL)
) AS t (division, day, person);

-- Disposals of every kind, in B in May 2023.
INSERT INTO test_warnings.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, refused, withdrawn_on, measure_person_key) VALUES
    ('w1', 'B', '2023-05-01', 'drug_possession', 'recorded_police_warning', 'A', NULL, NULL, 'k1'),
    ('w2', 'B', '2023-05-31', 'drug_possession', 'recorded_police_warning', 'B', false, NULL, 'k1'),
    ('w3', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'C', NULL, NULL, 'k2'),
    ('w4', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'multiple', NULL, NULL, NULL),
    ('w5', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', NULL, NULL, NULL, NULL),
    ('w6', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'unknown', NULL, NULL, NULL),
    ('w7', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'Z', NULL, NULL, NULL),
    ('w8', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'A', true, NULL, 'k3'),
    ('w9', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'A', true, '2023-06-01', 'k3'),
    ('w10', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'A', false, '2023-06-01', 'k2'),
    ('w11', 'B', '2023-05-10', 'drug_possession', 'recorded_police_warning', 'B', NULL, NULL, 'k4'),
    ('f1', 'B', '2023-05-10', 'drug_possession', 'fixed_penalty_notice', 'B', NULL, NULL, 'k5'),
    ('f2', 'B', '2023-05-10', 'drug_possession', 'fixed_penalty_notice', 'B', NULL, '2023-06-01', 'k5'),
    ('r1', 'B', '2023-05-10', 'drug_possession', 'report_to_prosecutor', 'A', NULL, NULL, NULL),
    ('r2', 'B', '2023-05-10', 'drug_possession', 'report_to_prosecutor', 'A', NULL, NULL, NULL),
    ('r3', 'B', '2023-05-10', 'drug_possession', 'report_to_prosecutor', 'A', NULL, NULL, NULL),
    ('d1', 'B', '2023-05-10', 'drug_possession', 'diversion_requested', 'A', NULL, NULL, NULL),
    ('x1', 'B', '2023-05-10', 'drug_possession', 'stern look', 'A', NULL, NULL, NULL),
    ('o1', 'B', '2023-05-10', 'other', 'recorded_police_warning', NULL, NULL, NULL, 'k6'),
    ('o2', 'B', '2023-05-10', 'other', 'report_to_prosecutor', NULL, NULL, NULL, 'k6');

INSERT INTO test_warnings.recorded_crime_record (division_code, recorded_on, kind, crimes) VALUES
    ('A', '2023-07-05', 'possession', 100), ('A', '2023-07-20', 'possession', 60), ('A', '2023-07-20', 'supply', 500), ('A', '2023-07-20', 'other', 500),
    ('A', '2024-03-31', 'possession', 40), ('B', '2023-09-30', 'possession', 7), ('B', '2023-11-01', 'possession', 10), ('A', 'infinity', 'possession', 9);

INSERT INTO test_warnings.policy_marker VALUES
    ('recorded_police_warning', '2023-07-11', 'first change'), ('recorded_police_warning', '2024-04-01', 'third change'),
    ('recorded_police_warning', '2024-03-30', 'second change'), ('ambulance_response', '2023-08-01', 'another KPI''s');

CALL refresh('test_warnings', '2024-07-10');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite dates or not') FROM test_warnings.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.counts(period text, area text, variadic columns text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(to_jsonb(k) ->> c, '-'), ' ' ORDER BY n)
    FROM test_warnings_bi.kpi_recorded_police_warning_trend_period k, unnest(columns) WITH ORDINALITY AS u (c, n)
    WHERE period_key = period AND area_key = area $$;
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$ SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;

-- Kinds and classes.
SELECT is(pg_temp.counts('month 2023-05', 'division B', 'disposals', 'warnings_offered', 'warnings', 'warnings_refused', 'warnings_withdrawn',
                         'fixed_penalty_notices', 'reports_to_prosecutor', 'diversions_requested', 'other_disposals'),
    '18 11 8 2 1 2 3 1 1', 'kinds of disposal: other offences are none of them, and a warning refused and withdrawn is refused');
SELECT is(pg_temp.counts('month 2023-05', 'division B', 'warnings_class_a', 'warnings_class_b', 'warnings_class_c', 'warnings_class_multiple', 'warnings_class_unknown'),
    '1 2 1 1 3', 'classes of the warnings that stand: none, unknown and one that nobody has heard of are unknown');
SELECT is(count(*), 0::bigint, 'warnings offered stand, were refused or withdrawn; classes add up to warnings, kinds to disposals, in every row')
FROM test_warnings_bi.kpi_recorded_police_warning_trend_period
WHERE warnings_offered <> warnings + warnings_refused + warnings_withdrawn
   OR warnings <> warnings_class_a + warnings_class_b + warnings_class_c + warnings_class_multiple + warnings_class_unknown
   OR disposals <> warnings_offered + fixed_penalty_notices + reports_to_prosecutor + diversions_requested + other_disposals;
SELECT ok(warnings_share = 8 / 18::float8 AND pg_temp.near(warnings_share_lower, 0.24559518127005635) AND pg_temp.near(warnings_share_upper, 0.66283584357957228),
    'warnings as a share of disposals: 8 of 18, Wilson')
FROM test_warnings_bi.kpi_recorded_police_warning_trend_period WHERE period_key = 'month 2023-05' AND area_key = 'division B';
SELECT is(pg_temp.counts('month 2023-06', 'division B', 'disposals', 'warnings', 'people_warned', 'warnings_share'), '0 0 0 -', 'of no disposals there is no share; a warning counts when it was issued, not when it was withdrawn');

-- People.
SELECT is(pg_temp.counts('month 2023-05', 'division B', 'people_warned', 'people_warned_repeatedly'), '3 1', 'people whose warnings stand, and who has two of them');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'division A', 'people_warned', 'people_warned_repeatedly'), '1 0', 'in another division once');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'force', 'people_warned', 'people_warned_repeatedly'), '3 1', 'in the force the same people');

-- Where, and outside coverage.
SELECT is(pg_temp.counts(period, area, 'warnings'), expected, format('%s, %s%s', period, area, what))
FROM (VALUES
    ('month 2022-04', 'division A', '1', ': the first day of coverage'), ('fiscal_year 2022-04', 'division A', '4', ''), ('fiscal_year 2023-04', 'division A', '6', ''),
    ('fiscal_year 2024-04', 'division A', '4', ': up to the day of the refresh'), ('month 2024-02', 'division A', '1', ': the leap day'),
    ('month 2023-03', 'division B', '-', ': no records yet'), ('fiscal_year 2022-04', 'division B', '-', ': no records yet'), ('fiscal_year 2023-04', 'division B', '9', ''),
    ('month 2023-05', 'division UNKNOWN', '1', ': no division'), ('month 2024-05', 'division UNKNOWN', '1', ': a division that nobody knows'),
    ('fiscal_year 2022-04', 'force', '4', ''), ('fiscal_year 2023-04', 'force', '16', ''), ('fiscal_year 2024-04', 'force', '7', '')
) AS t (period, area, expected, what);
SELECT is(pg_temp.counts('fiscal_year 2022-04', 'force', 'division_days', 'covered_division_days'), '730 365', 'of the force''s days half have records');

-- Crimes.
SELECT is(pg_temp.counts(period, area, 'possession_crimes', 'warnings_per_1000_crimes'), expected, format('possession crimes of %s, %s%s', period, area, what))
FROM (VALUES
    ('month 2023-07', 'division A', '160 18.75', ''), ('month 2023-09', 'division B', '- -', ': no records'), ('month 2023-11', 'division B', '10 0', ''),
    ('fiscal_year 2023-04', 'division A', '200 30', ''),
    ('fiscal_year 2023-04', 'division B', '10 -', ': no rate over a part of the year'), ('fiscal_year 2023-04', 'force', '210 -', ': no rate over a part of the force'),
    ('fiscal_quarter 2023-10', 'force', '10 0', ''), ('month 2024-06', 'division A', '0 -', ': no rate of no crimes')
) AS t (period, area, expected, what);
SELECT ok(pg_temp.near(a.warnings_per_1000_crimes_lower, 0.61867212289560129 / 160 * 1000) AND pg_temp.near(a.warnings_per_1000_crimes_upper, 8.767273069742326 / 160 * 1000)
          AND pg_temp.near(b.warnings_per_1000_crimes_lower, 2.2018942534908508 / 200 * 1000) AND pg_temp.near(b.warnings_per_1000_crimes_upper, 13.059474022518685 / 200 * 1000),
    'the rate''s limits are the exact ones of 3 and of 6 warnings')
FROM test_warnings_bi.kpi_recorded_police_warning_trend_period a, test_warnings_bi.kpi_recorded_police_warning_trend_period b
WHERE a.period_key = 'month 2023-07' AND a.area_key = 'division A' AND b.period_key = 'fiscal_year 2023-04' AND b.area_key = 'division A';

-- The year before.
SELECT is(pg_temp.counts(period, area, 'warnings', 'warnings_year_before', 'ratio_to_year_before'), expected, format('%s, %s: %s', period, area, what))
FROM (VALUES
    ('fiscal_year 2023-04', 'division A', '6 4 1.5', 'a whole year and the one before'),
    ('fiscal_year 2024-04', 'division A', '4 2 2', 'a running year and the same days of the one before, its last among them'),
    ('fiscal_quarter 2024-07', 'division A', '1 1 1', 'a running quarter'), ('month 2024-07', 'division A', '1 1 1', 'a running month'),
    ('month 2023-07', 'division A', '3 2 1.5', 'a whole month'), ('month 2024-02', 'division A', '1 0 -', 'no ratio to nothing'),
    ('fiscal_year 2022-04', 'division A', '4 - -', 'no year before'), ('fiscal_year 2023-04', 'division B', '9 - -', 'no records in the year before'),
    ('fiscal_year 2023-04', 'force', '16 - -', 'no records of a part of the force in the year before'),
    ('fiscal_year 2024-04', 'force', '7 12 0.5833333333333334', 'records of all of both: 2, 9 and 1 warnings before'), ('fiscal_year 2024-04', 'division UNKNOWN', '1 1 1', 'UNKNOWN too')
) AS t (period, area, expected, what);

-- Changes of policy: the shipped one of September 2021 ended phase 1.
SELECT results_eq($$ SELECT period_key::text, policy_marker::text, phase::integer FROM test_warnings_bi.kpi_recorded_police_warning_trend_period
                     WHERE area_key = 'force' AND period_key IN ('fiscal_year 2022-04', 'fiscal_year 2023-04', 'fiscal_year 2024-04', 'month 2023-07', 'month 2023-08', 'month 2024-03', 'month 2024-04')
                     ORDER BY 1 $$,
    $$ VALUES ('fiscal_year 2022-04', NULL, 2), ('fiscal_year 2023-04', 'first change; second change', 2), ('fiscal_year 2024-04', 'third change', 5),
              ('month 2023-07', 'first change', 2), ('month 2023-08', NULL, 3), ('month 2024-03', 'second change', 3), ('month 2024-04', 'third change', 5) $$,
    'a change is marked in the period that holds it, and a period is of the phase that it begins in');

-- Nothing has been published, so nothing is compared.
SELECT is(count(published_warnings) + count(published_possession_warnings) + count(published_possession_crimes) + count(sources_differ), 0::bigint, 'without published totals none are shown')
FROM test_warnings_bi.kpi_recorded_police_warning_trend_period;

SELECT results_eq($$ SELECT source, records, counted_in_division, counted_unknown, after_as_of, outside_coverage, day_not_known
                     FROM test_warnings.record_accounting WHERE records > 0 AND source <> 'referral_event' ORDER BY 1 $$,
    $$ VALUES ('direct_measure', 44::bigint, 37::bigint, 2::bigint, 1::bigint, 2::bigint, 2::bigint), ('recorded_crime', 8::bigint, 6::bigint, 0::bigint, 0::bigint, 1::bigint, 1::bigint) $$,
    'every record is accounted for');

-- Leap days: a whole month with a whole month, elapsed days with as many.
INSERT INTO test_warnings.direct_measure_record (measure_id, division_code, issued_on, offence, kind) VALUES
    ('y1', 'A', '2023-02-28', 'drug_possession', 'recorded_police_warning'), ('y2', 'A', '2023-03-01', 'drug_possession', 'recorded_police_warning');
CALL refresh('test_warnings', '2024-02-29');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'warnings', 'warnings_year_before'), '1 1', 'February of a leap year has ended on the 29th');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'division A', 'warnings', 'warnings_year_before'), '5 4', 'and its running year is compared up to 28 February, not 1 March');
CALL refresh('test_warnings', '2024-02-28');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'warnings', 'warnings_year_before'), '0 1', 'on the 28th it is running, and compared with 28 days');
CALL refresh('test_warnings', '2025-02-28');
SELECT is(pg_temp.counts('month 2025-02', 'division A', 'warnings', 'warnings_year_before'), '0 1', 'a whole February is compared with all 29 days of the one before');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'division A', 'warnings', 'warnings_year_before'), '5 4', 'a running year with as many days, without the 29th');

-- Months and divisions add up.
CALL refresh('test_warnings', '2024-07-10');
SELECT results_eq($$
    SELECT y.period_key, sum(disposals)::bigint, sum(warnings_offered)::bigint, sum(warnings)::bigint, sum(warnings_refused)::bigint, sum(other_disposals)::bigint,
           sum(warnings_class_b)::bigint, sum(possession_crimes)::bigint, sum(covered_division_days)::bigint
    FROM test_warnings_bi.kpi_recorded_police_warning_trend k
    JOIN test_warnings_bi.dim_period m USING (period_key)
    JOIN test_warnings_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, disposals, warnings_offered, warnings, warnings_refused, other_disposals, warnings_class_b, possession_crimes, covered_division_days
    FROM test_warnings_bi.kpi_recorded_police_warning_trend_period WHERE area_key = 'force' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions add up to the force''s years');

-- A gap in the records of the year before is an edge too.
UPDATE test_warnings.source_coverage_record SET covered_to = '2023-06-30' WHERE source = 'direct_measure' AND division_code = 'A';
INSERT INTO test_warnings.source_coverage_record (source, division_code, covered_from) VALUES ('direct_measure', 'A', '2023-07-02');
CALL refresh('test_warnings', '2024-07-10');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'division A', 'warnings', 'warnings_year_before', 'warnings_per_1000_crimes'), '6 - -', 'a day without records: no year is compared with this one, and there is no rate');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'division A', 'warnings', 'warnings_year_before'), '4 -', 'nor is this one with a later year');
SELECT is(pg_temp.counts('month 2024-06', 'division A', 'warnings', 'warnings_year_before'), '0 0', 'but months beside the gap are');

-- Every class and kind told from every other.
INSERT INTO test_warnings.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
SELECT format('%s %s %s', kind, class, n), 'A', '2024-06-15', 'drug_possession', kind, class
FROM (VALUES ('recorded_police_warning', 'A', 1), ('recorded_police_warning', 'B', 2), ('recorded_police_warning', 'C', 3), ('recorded_police_warning', 'multiple', 4),
             ('recorded_police_warning', 'unknown', 5), ('fixed_penalty_notice', 'A', 6), ('report_to_prosecutor', 'B', 7), ('diversion_requested', 'C', 8), ('other', NULL, 9)) AS t (kind, class, number),
     generate_series(1, number) AS n;
-- Published: a total of a year and of the next, by two sources that agree and then do not, and a running total, which is of no period.
INSERT INTO test_warnings.published_count_record (indicator, division_code, period_from, period_to, cumulative_since, value, source) VALUES
    ('recorded_police_warnings', NULL, '2022-04-01', '2023-03-31', NULL, 100, 'one'), ('drug_possession_warnings', NULL, '2022-04-01', '2023-03-31', NULL, 100, 'another'),
    ('recorded_police_warnings', NULL, '2023-04-01', '2024-03-31', NULL, 150, 'one'), ('drug_possession_warnings', NULL, '2023-04-01', '2024-03-31', NULL, 151, 'another'),
    ('recorded_police_warnings', NULL, '2023-04-01', '2024-03-31', '2019-04-01', 1000, 'a running total'), ('drug_possession_crimes', NULL, '2023-04-01', '2024-03-31', '2019-04-01', 1000, 'a running total'),
    ('recorded_police_warnings', 'A', '2023-05-01', '2023-05-31', NULL, 7, 'a division'), ('recorded_police_warnings', NULL, '2023-04-02', '2024-03-31', NULL, 9, 'a year less a day');
CALL refresh('test_warnings', '2024-07-10');
SELECT is(pg_temp.counts('month 2024-06', 'division A', 'warnings_class_a', 'warnings_class_b', 'warnings_class_c', 'warnings_class_multiple', 'warnings_class_unknown',
                         'fixed_penalty_notices', 'reports_to_prosecutor', 'diversions_requested', 'other_disposals'), '1 2 3 4 5 6 7 8 9', 'every class and kind is told from every other');
SELECT results_eq($$ SELECT period_key::text, area_key::text, published_warnings, published_ratio_to_year_before, published_possession_warnings, published_possession_crimes, sources_differ::integer
                     FROM test_warnings_bi.kpi_recorded_police_warning_trend_period
                     WHERE num_nonnulls(published_warnings, published_ratio_to_year_before, published_possession_warnings, published_possession_crimes, sources_differ) > 0 ORDER BY 1 $$,
    $$ VALUES ('fiscal_year 2022-04', 'force', 100::bigint, NULL::float8, 100::bigint, NULL::bigint, 0), ('fiscal_year 2023-04', 'force', 150, 1.5, 151, NULL, 1),
              ('month 2023-05', 'division A', 7, NULL, NULL, NULL, NULL),
              ('rolling_12_months 2022-04', 'force', 100, NULL, 100, NULL, 0), ('rolling_12_months 2023-04', 'force', 150, 1.5, 151, NULL, 1) $$,
    'totals are shown for exactly the period and area that they are of; running totals for none');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'force', 'warnings'), '16', 'and are not added to records');

-- A correction may be negative: it is subtracted, and crimes below none are no exposure.
SELECT coalesce(possession_crimes, 0) AS crimes FROM test_warnings_bi.kpi_recorded_police_warning_trend_period
WHERE period_key = 'month 2022-05' AND area_key = 'division A' \gset
INSERT INTO test_warnings.recorded_crime_record (division_code, recorded_on, kind, crimes) VALUES ('A', '2022-05-20', 'possession', -5 - :crimes);
CALL refresh('test_warnings', '2024-07-10');
SELECT is(pg_temp.counts('month 2022-05', 'division A', 'possession_crimes', 'warnings_per_1000_crimes'), '-5 -', 'crimes below none have no rate');

SELECT * FROM finish();
ROLLBACK;
