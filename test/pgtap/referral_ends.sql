-- The KPI referral_conversion: how long until a contact, with its competing ends; who was screened; who stays. Every figure by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(29);

SELECT deploy('test_ends');
INSERT INTO test_ends.division_record (division_code, division_name, valid_from) VALUES ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01'), ('C', 'Gamma', '2020-01-01');
-- Records of referral begin in A on 2 January, end in B on 10 March, and there are none in C.
INSERT INTO test_ends.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('administration', 'A', '2024-01-01', NULL), ('administration', 'B', '2024-01-01', NULL), ('administration', 'C', '2024-01-01', NULL),
    ('referral_event', 'A', '2024-01-02', 'infinity'), ('referral_event', 'B', '2024-01-01', '2024-03-10');

INSERT INTO test_ends.administration_record (administration_id, incident_id, incident_division_code, person_key, occurred_at)
SELECT person || at, person || at, division, person, at::timestamptz
FROM (VALUES
    -- Ten people of January.
    ('e1', 'A', '2024-01-10 10:00Z'), ('e2', 'A', '2024-01-10 10:00Z'), ('e3', 'A', '2024-01-10 10:00Z'), ('e4', 'A', '2024-01-10 10:00Z'), ('e5', 'A', '2024-01-10 10:00Z'),
    ('e6', 'A', '2024-01-10 10:00Z'), ('e7', 'A', '2024-01-10 10:00Z'), ('e8', 'A', '2024-01-10 10:00Z'), ('e9', 'A', '2024-01-10 10:00Z'), ('e10', 'A', '2024-01-10 10:00Z'),
    -- One of them again in May, contacted at once: another episode of the same person.
    ('e6', 'A', '2024-05-10 10:00Z'),
    -- A day before records of referral: not observed then, but in the episode that follows.
    ('p', 'A', '2024-01-01 10:00Z'), ('p', 'A', '2024-06-01 10:00Z'),
    -- Four people of B, near the end of its records; one of C.
    ('g1', 'B', '2024-03-01 10:00Z'), ('g2', 'B', '2024-03-01 10:00Z'), ('g3', 'B', '2024-03-08 10:00Z'), ('g4', 'B', '2024-03-08 23:59:59Z'), ('c', 'C', '2024-03-01 10:00Z'),
    -- Who is screened, in February; who stays, in April.
    ('s1', 'A', '2024-02-05 10:00Z'), ('s2', 'A', '2024-02-05 10:00Z'), ('s3', 'A', '2024-02-05 10:00Z'), ('s4', 'A', '2024-02-05 10:00Z'), ('s5', 'A', '2024-02-05 10:00Z'),
    ('k1', 'A', '2024-04-01 10:00Z'), ('k2', 'A', '2024-04-01 10:00Z'), ('k3', 'A', '2024-04-01 10:00Z'), ('k4', 'A', '2024-04-01 10:00Z'), ('k5', 'A', '2024-04-01 10:00Z')
) AS t (person, division, at);

INSERT INTO test_ends.referral_event_record (person_key, stage, occurred_at) VALUES
    -- 72 hours to the second, and a second over.
    ('e1', 'contacted', '2024-01-13 10:00:00Z'), ('e2', 'contacted', '2024-01-13 10:00:01Z'),
    -- Declined, and contacted all the same: the time ended with the refusal.
    ('e3', 'declined', '2024-01-11 10:00Z'), ('e3', 'contacted', '2024-01-12 10:00Z'),
    ('e4', 'died', '2024-01-15 10:00Z'), ('e5', 'moved_away', '2024-01-16 10:00Z'), ('e5', 'died', '2024-01-20 10:00Z'),
    -- An engagement is a contact; of two ends at one moment the contact counts; later than 30 days; after the end of the episode.
    ('e7', 'engaged', '2024-01-30 10:00Z'), ('e8', 'declined', '2024-01-18 10:00Z'), ('e8', 'contacted', '2024-01-18 10:00Z'),
    ('e9', 'contacted', '2024-02-19 10:00Z'), ('e10', 'contacted', '2024-04-09 10:00Z'),
    ('e6', 'contacted', '2024-05-10 11:00Z'), ('p', 'contacted', '2024-01-02 10:00Z'), ('p', 'declined', '2024-06-02 10:00Z'),
    -- After 54 hours, after the end of the records, and after an hour.
    ('g1', 'contacted', '2024-03-03 16:00Z'), ('g2', 'contacted', '2024-03-13 10:00Z'), ('g4', 'contacted', '2024-03-09 00:59:59Z'), ('c', 'contacted', '2024-03-02 10:00Z'),
    -- Screened: known to a service, a service notified, offered. Not: reviewed only, nothing.
    ('s1', 'known_to_service', '2024-02-08 10:00:00Z'), ('s2', 'service_notified', '2024-02-08 10:00:01Z'), ('s3', 'offered', '2024-02-06 10:00Z'), ('s4', 'reviewed', '2024-02-06 10:00Z'),
    -- Engaged on the 11th day: one still there twelve weeks later, one not, one a second too late; on the 80th day; and only known to have stayed.
    ('k1', 'engaged', '2024-04-11 10:00Z'), ('k1', 'retained_12_weeks', '2024-07-04 10:00Z'), ('k2', 'engaged', '2024-04-11 10:00Z'), ('k2', 'disengaged', '2024-05-11 10:00Z'),
    ('k3', 'engaged', '2024-04-11 10:00Z'), ('k3', 'retained_12_weeks', '2024-07-10 10:00:00Z'), ('k4', 'engaged', '2024-06-20 10:00Z'), ('k4', 'retained_12_weeks', '2024-09-12 10:00Z'),
    ('k5', 'retained_12_weeks', '2024-06-28 10:00Z');

CALL refresh('test_ends', '2024-12-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere') FROM test_ends.refresh_log WHERE mode = 'failed';

CREATE FUNCTION pg_temp.values(period text, area text, variadic columns text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(round((to_jsonb(k) ->> c)::numeric, 10)::float8::text, '-'), ' ' ORDER BY n)
    FROM test_ends_bi.kpi_referral_conversion_period k, unnest(columns) WITH ORDINALITY AS u (c, n)
    WHERE period_key = period AND area_key = area AND route = 'ALL' $$;
CREATE FUNCTION pg_temp.ends(period text, area text, within text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.values(period, area, 'people_observed', 'contacted_within_' || within || '_share', 'declined_within_' || within || '_share',
                          'died_within_' || within || '_share', 'moved_away_within_' || within || '_share') $$;

-- Ten followed to the end, so that each share is a tenth of a count. (p is of January too, but not observed on its day.)
SELECT is(pg_temp.ends('month 2024-01', 'division A', '72_hours'), '10 0.1 0.1 0 0', 'by 72 hours, to the second: e1; declined: e3');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '7_days'), '10 0.2 0.1 0.1 0.1', 'by 7 days: and e2; died: e4; moved away: e5, whose death came after');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '30_days'), '10 0.4 0.1 0.1 0.1', 'by 30 days: and e7, who engaged, and e8, who did two things at once');
SELECT is(pg_temp.values('month 2024-01', 'division A', 'people', 'episodes', 'episodes_followed', 'contacted', 'declined'),
    -- Contacted in the episode: e1, e2, e3, e7, e8, e9; as many as ever were, not only first.
    '11 11 10 6 2', 'beside them the counts, of any order');
-- incidence() itself is tested against R.
SELECT is(pg_temp.values('month 2024-01', 'division A', 'contacted_within_30_days_share_lower', 'contacted_within_30_days_share_upper'),
    (SELECT round(lower::numeric, 10)::float8 || ' ' || round(upper::numeric, 10)::float8
     FROM incidence('{unit: second, censored: {7776000:2}, 1: {259200:1, 259201:1, 691200:1, 1728000:1, 3456000:1}, 2: {86400:1}, 3: {432000:1}, 4: {518400:1}}', 1, 2592000)),
    'with the limits of incidence() of that life table');

-- The end of the records: nobody of B is followed beyond 10 March.
SELECT is(pg_temp.ends('month 2024-03', 'division B', '72_hours'),
    -- g4 of 4 after an hour; g3 followed for two days; then g1 of g1 and g2: 1/4 + 3/4 * 1/2.
    '4 0.625 0 0 0', 'who is followed for two days counts for two days');
SELECT is(pg_temp.ends('month 2024-03', 'division B', '7_days'), '4 0.625 0 0 0', 'g2 is followed for nine');
SELECT is(pg_temp.ends('month 2024-03', 'division B', '30_days'), '4 - - - -', 'and nobody for thirty: the contact after the end of the records is not known');
SELECT is(pg_temp.ends('month 2024-03', 'division C', '72_hours'), '- - - - -', 'without records of referral nothing is said');
SELECT is(pg_temp.ends('month 2024-03', 'force', '72_hours'), '4 0.625 0 0 0', 'nor are those without records among the force''s');
SELECT is(pg_temp.ends('month 2024-11', 'division A', '72_hours'), '0 - - - -', 'of nobody there are no shares');

-- A person's first observed episode.
SELECT is(pg_temp.ends('month 2024-05', 'division A', '72_hours'), '1 1 0 0 0', 'in a month of its own a second episode is the first');
SELECT is(pg_temp.values('fiscal_year 2023-04', 'division A', 'people', 'people_observed', 'people_followed'), '16 15 15', 'of the year to March p is not observed');
SELECT is(pg_temp.values('fiscal_year 2024-04', 'division A', 'people', 'people_observed', 'contacted_within_72_hours_share', 'declined_within_72_hours_share'),
    -- e6, p and k1 to k5.
    '7 7 ' || round(1 / 7::numeric, 10)::float8 || ' ' || round(1 / 7::numeric, 10)::float8, 'of the next they are');
SELECT is(pg_temp.values('rolling_12_months 2024-01', 'division A', 'people', 'people_observed', 'people_followed', 'contacted_within_72_hours_share', 'declined_within_72_hours_share'),
    -- Of 21 people e1; of e6 the first episode, in which nobody came; e3, and p, observed first in June.
    '21 21 21 ' || round(1 / 21::numeric, 10)::float8 || ' ' || round(2 / 21::numeric, 10)::float8, 'over twelve months each by the first that is observed');

-- Screened.
SELECT is(pg_temp.values('month 2024-02', 'division A', 'screened', 'screened_within_72_hours', 'reviewed', 'service_notified'),
    '3 2 2 1', 'known to a service at 72 hours, notified a second later, offered; not who was only reviewed');

-- Who stays.
SELECT is(pg_temp.values('month 2024-04', 'division A', 'engaged', 'retained_12_weeks', 'engaged_followed', 'engaged_retained_12_weeks', 'engaged_retained_12_weeks_share'),
    -- k5 alone within the episode; k1, k4 and k5 within 90 days of the engagement, k3 a second late.
    '5 1 5 3 0.6', 'twelve weeks count from the engagement');

-- As of a past day: four whole days after the first administrations.
CALL refresh('test_ends', '2024-01-14');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '72_hours'), '10 0.1 0.1 0 0', 'four days later what is known of 72 hours');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '7_days'), '10 - - - -', 'nobody has been followed for seven days');
CALL refresh('test_ends', '2024-01-12');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '72_hours'), '10 - - - -', 'on the third day nobody for 72 hours');
CALL refresh('test_ends', '2024-01-17');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '7_days'), '10 0.2 0.1 0.1 0.1', 'after seven days everything of seven days');
SELECT is(pg_temp.values('month 2024-01', 'division A', 'contacted_within_30_days_share', 'episodes_followed'), '- 0', 'and nothing of thirty');
CALL refresh('test_ends', '2024-07-08');
-- The engagements of April are 88 days old on 8 July, 90 on 10 July; followed in their episode on 30 June.
SELECT is(pg_temp.values('month 2024-04', 'division A', 'engaged', 'engaged_followed', 'engaged_retained_12_weeks'), '5 0 0', 'an engagement is followed for as long again');
CALL refresh('test_ends', '2024-07-10');
SELECT is(pg_temp.values('month 2024-04', 'division A', 'engaged', 'engaged_followed', 'engaged_retained_12_weeks'), '5 3 1', '90 days after it');

-- Another length.
UPDATE test_ends.setting SET episode_days = 20;
CALL refresh('test_ends', '2024-12-31');
SELECT is(pg_temp.values('month 2024-04', 'division A', 'engaged', 'engaged_followed', 'engaged_retained_12_weeks'), '3 - -', 'in 20 days nobody is seen to stay for 84');
SELECT is(pg_temp.ends('month 2024-01', 'division A', '7_days'), '10 0.2 0.1 0.1 0.1', 'the ends of 7 days are the same');
SELECT is(pg_temp.values('month 2024-01', 'division A', 'contacted_within_30_days_share', 'contacted'), '- 4', 'nobody is followed for 30');
SELECT is(count(*), 0::bigint, 'no refresh has failed') FROM test_ends.refresh_log WHERE mode = 'failed';

SELECT * FROM finish();
ROLLBACK;
