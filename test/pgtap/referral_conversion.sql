-- The KPI referral_conversion: episodes, their stages and who is followed, every figure worked out by hand.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
SET jit = off;
SET extra_float_digits = 1;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(48);

SELECT deploy('test_referral');
INSERT INTO test_referral.division_record (division_code, division_name, valid_from) VALUES
    ('A', 'Alpha', '2020-01-01'), ('B', 'Beta', '2020-01-01'), ('C', 'Gamma', '2020-01-01');
-- Records of referral end in B on 30 June, and there never were any in C.
INSERT INTO test_referral.source_coverage_record (source, division_code, covered_from, covered_to) VALUES
    ('administration', 'A', '2024-01-01', NULL), ('administration', 'B', '2024-01-01', NULL), ('administration', 'C', '2024-01-01', NULL),
    ('referral_event', 'A', '2024-01-01', NULL), ('referral_event', 'B', '2024-01-01', '2024-06-30');

-- Every person's administrations begin in a month of their own, so that a month is a case.
INSERT INTO test_referral.administration_record (administration_id, incident_id, incident_division_code, person_key, occurred_at, survival, survival_as_at) VALUES
    -- January, A. One person, three administrations: the second a second before the episode of 90 days ends.
    ('j1', 'j1', 'A', 'j', '2024-01-02 10:00Z', 'survived', 'handover'), ('j2', 'j2', 'A', 'j', '2024-02-10 10:00Z', 'survived', 'handover'),
    ('j3', 'j3', 'A', 'j', '2024-04-01 09:59:59Z', NULL, NULL),
    -- February, A. The second begins another episode: 90 days to the second after the first. (From winter to summer time.)
    ('f1', 'f1', 'A', 'f', '2024-02-02 10:00Z', 'survived', 'handover'), ('f2', 'f2', 'A', 'f', '2024-05-02 10:00Z', 'survived', 'handover'),
    -- March, A. Who died before handover, who died later, who is not known, and two at the same moment.
    ('m1', 'm1', 'A', 'm1', '2024-03-01 10:00Z', 'died', 'handover'), ('m2', 'm2', 'A', 'm2', '2024-03-01 10:00Z', 'died', NULL),
    ('m3', 'm3', 'A', 'm3', '2024-03-01 10:00Z', 'died', '24_hours'), ('m4', 'm4', 'A', 'm4', '2024-03-01 10:00Z', 'died', '30_days'),
    ('m5', 'm5', 'A', NULL, '2024-03-01 10:00Z', 'survived', 'handover'), ('m6', 'm6', 'A', NULL, '2024-03-01 10:00Z', 'died', 'handover'),
    ('m7', 'm7', 'A', NULL, '2024-03-01 10:00Z', NULL, NULL), ('m8', 'm8', 'A', NULL, '2024-03-01 10:00Z', 'died', '30_days'),
    ('m9', 'm9', 'A', 'm9', '2024-03-01 10:00Z', 'not_known', NULL), ('m0', 'm0', 'A', 'm9', '2024-03-01 10:00Z', 'not_known', NULL),
    -- April, A. The stages.
    ('s1', 's1', 'A', 's1', '2024-04-10 10:00Z', NULL, NULL), ('s2', 's2', 'A', 's2', '2024-04-10 10:00Z', NULL, NULL),
    ('s3', 's3', 'A', 's3', '2024-04-10 10:00Z', NULL, NULL), ('s4', 's4', 'A', 's4', '2024-04-10 10:00Z', NULL, NULL),
    ('s5', 's5', 'A', 's5', '2024-04-10 10:00Z', NULL, NULL), ('s6', 's6', 'A', 's6', '2024-04-10 10:00Z', NULL, NULL),
    ('s7', 's7', 'A', 's7', '2024-04-10 10:00Z', NULL, NULL),
    -- July, A. Within 72 hours, and later.
    ('h1', 'h1', 'A', 'h1', '2024-07-10 10:00Z', NULL, NULL), ('h2', 'h2', 'A', 'h2', '2024-07-10 10:00Z', NULL, NULL),
    -- June, A. One person with two episodes in a fiscal year, the other with one.
    ('r1', 'r1', 'A', 'r', '2024-06-01 10:00Z', NULL, NULL), ('r2', 'r2', 'A', 'r', '2024-09-15 10:00Z', NULL, NULL),
    -- April, B. The last day that records of referral follow for 90 days, and the next.
    ('b1', 'b1', 'B', 'b1', '2024-04-01 10:00Z', NULL, NULL), ('b2', 'b2', 'B', 'b2', '2024-04-02 10:00Z', NULL, NULL),
    -- April, C. Nobody records referrals.
    ('c1', 'c1', 'C', 'c1', '2024-04-01 10:00Z', NULL, NULL),
    -- May, in no division.
    ('u1', 'u1', NULL, 'u1', '2024-05-01 10:00Z', NULL, NULL),
    -- October, A. The last day whose episode has lasted 90 days on the day of the refresh, and the next.
    ('o1', 'o1', 'A', 'o1', '2024-10-02 10:00Z', NULL, NULL), ('o2', 'o2', 'A', 'o2', '2024-10-03 10:00Z', NULL, NULL),
    -- Never.
    ('x1', 'x1', 'A', 'x1', 'infinity', NULL, NULL), ('x2', 'x2', 'A', 'x1', '-infinity', NULL, NULL);

INSERT INTO test_referral.referral_event_record (person_key, stage, occurred_at, route, basis) VALUES
    -- Before the episode, in it, and when it is over: only the second counts.
    ('j', 'referred', '2024-01-02 09:59:59Z', 'concern_report', 'consent'),
    ('j', 'offered', '2024-01-03 10:00Z', NULL, NULL),
    ('j', 'engaged', '2024-04-01 10:00:00Z', 'concern_report', 'consent'),
    -- To the second: the end of the one episode is the beginning of the next.
    ('f', 'referred', '2024-05-02 09:59:59Z', 'overdose_coordinator', 'consent'),
    ('f', 'contacted', '2024-05-02 10:00:00Z', 'overdose_coordinator', 'consent'),
    -- The last stage alone implies those before it, but neither a notice to a service nor consent.
    ('s1', 'retained_12_weeks', '2024-07-05 10:00Z', NULL, NULL),
    ('s2', 'reviewed', '2024-04-11 10:00Z', NULL, NULL), ('s2', 'known_to_service', '2024-04-11 10:00Z', NULL, NULL),
    ('s2', 'service_notified', '2024-04-12 10:00Z', NULL, NULL),
    -- Declined, and engaged all the same.
    ('s3', 'offered', '2024-04-11 10:00Z', NULL, NULL), ('s3', 'declined', '2024-04-12 10:00Z', NULL, NULL), ('s3', 'engaged', '2024-05-12 10:00Z', NULL, NULL),
    -- Consented, and nothing came of it.
    ('s4', 'consented', '2024-04-11 10:00Z', NULL, 'consent'),
    -- Contacted, the basis recorded once and once not; engaged, for which no basis is asked.
    ('s5', 'contacted', '2024-04-13 11:00Z', 'ambulance_service', 'vital_interests'), ('s5', 'contacted', '2024-04-14 10:00Z', 'ambulance_service', NULL),
    ('s6', 'assessed', '2024-04-13 11:00Z', 'harm_reduction_lead', NULL),
    -- Referred by one way and contacted by another; a stage nobody has heard of; a person nobody has heard of; times that are none.
    ('s7', 'referred', '2024-04-12 10:00Z', 'concern_report', 'consent'), ('s7', 'contacted', '2024-04-13 10:00Z', 'harm_reduction_lead', 'consent'),
    ('s7', 'abducted', '2024-04-13 10:00Z', 'harm_reduction_lead', 'consent'), ('nobody', 'engaged', '2024-04-13 10:00Z', 'concern_report', 'consent'),
    ('s4', 'engaged', 'infinity', 'concern_report', 'consent'), ('s4', 'engaged', '-infinity', 'concern_report', 'consent'),
    -- 72 hours to the second, and a second over.
    ('h1', 'reviewed', '2024-07-13 10:00Z', NULL, NULL), ('h1', 'service_notified', '2024-07-13 10:00:01Z', NULL, NULL),
    ('h2', 'reviewed', '2024-07-13 10:00:01Z', NULL, NULL), ('h2', 'service_notified', '2024-07-13 10:00Z', NULL, NULL),
    -- The first episode leads nowhere, the second does.
    ('r', 'engaged', '2024-09-20 10:00Z', 'concern_report', 'consent'),
    -- Not followed, so no share of theirs counts, though something is recorded.
    ('b1', 'referred', '2024-04-05 10:00Z', 'concern_report', 'consent'), ('b2', 'referred', '2024-04-05 10:00Z', 'concern_report', 'consent'),
    ('c1', 'referred', '2024-04-05 10:00Z', 'concern_report', 'consent'), ('u1', 'referred', '2024-05-05 10:00Z', 'concern_report', 'consent'),
    ('o1', 'referred', '2024-10-05 10:00Z', 'concern_report', 'consent'), ('o2', 'referred', '2024-10-05 10:00Z', 'concern_report', 'consent'),
    ('o2', 'known_to_service', '2024-10-05 10:00Z', NULL, NULL);

CALL refresh('test_referral', '2024-12-31');
SELECT is(count(*), 0::bigint, 'the refresh fails nowhere, infinite times or not') FROM test_referral.refresh_log WHERE mode = 'failed';

-- Counts of whatever columns are asked for.
CREATE FUNCTION pg_temp.counts(period text, area text, by_route text, variadic columns text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(to_jsonb(k) ->> c, '-'), ' ' ORDER BY n)
    FROM test_referral_bi.kpi_referral_conversion_period k, unnest(columns) WITH ORDINALITY AS u (c, n)
    WHERE period_key = period AND area_key = area AND route = by_route $$;

-- Episodes.
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'ALL', 'administrations', 'episodes', 'people', 'administrations_in_episodes', 'episodes_followed'),
    '1 1 1 3 1', 'administrations within 90 days, to the second, are of one episode, which counts where it began');
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'ALL', 'reviewed', 'offered', 'referred', 'engaged'),
    '1 1 0 0', 'what happened before the episode or after its end is not of it');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'ALL', 'administrations', 'episodes', 'administrations_in_episodes', 'referred', 'contacted'),
    '2 1 1 1 0', 'an episode ends after 90 days of 24 hours, to the second');
SELECT is(pg_temp.counts('month 2024-05', 'division A', 'ALL', 'administrations', 'episodes', 'administrations_in_episodes', 'referred', 'contacted'),
    '1 1 1 1 1', 'and then another begins');
SELECT results_eq($$ SELECT person_key, episode::integer, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), cardinality(administration_days)::bigint FROM test_referral.person_course
                     WHERE person_key IN ('j', 'f', 'm9', 'r', 'x1') ORDER BY 1, 2 $$,
    $$ VALUES ('f', 1, '2024-02-02 10:00', 1::bigint), ('f', 2, '2024-05-02 10:00', 1), ('j', 1, '2024-01-02 10:00', 3), ('m9', 1, '2024-03-01 10:00', 2),
              ('r', 1, '2024-06-01 10:00', 1), ('r', 2, '2024-09-15 10:00', 1) $$, 'a row a person''s episode; no time, no episode');

-- Who can be referred.
SELECT is(pg_temp.counts('month 2024-03', 'division A', 'ALL', 'administrations', 'died_before_handover', 'not_identifiable', 'episodes', 'people', 'administrations_in_episodes'),
    '10 3 3 3 3 4', 'who died at handover, or at a time not recorded, begins no episode; who died later, or is not known to live, does');
SELECT is(pg_temp.counts('fiscal_year 2023-04', 'force', 'ALL', 'administrations', 'died_before_handover', 'not_identifiable', 'episodes', 'administrations_in_episodes'),
    '13 3 3 5 8', 'administrations of the force; an episode counts later ones where it began');
SELECT is(sum(administrations) - sum(died_before_handover) - sum(not_identifiable), sum(administrations_in_episodes),
    'over all months, administrations to known people alive are all in episodes') FROM test_referral_bi.kpi_referral_conversion;

-- Stages: seven people in April, all followed.
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'administrations', 'episodes', 'episodes_followed'), '8 7 7',
    'April: seven episodes, and an administration of January''s');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'retained_12_weeks', 'engaged', 'assessed', 'contacted', 'referred', 'offered', 'reviewed'),
    -- retained: s1; engaged: and s3; assessed: and s6; contacted: and s5, s7; referred: the same; offered: the same; reviewed: and s2.
    '1 2 3 5 5 5 6', 'a later stage implies the earlier ones');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'consented', 'service_notified', 'declined', 'already_known_to_service'), '1 1 1 1',
    'consent, notice and refusal are as recorded, never implied');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'contacted_without_basis'), '1', 'a contact with no basis recorded counts, though another has one');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'referred_share', 'contacted_share', 'engaged_share'),
    (5 / 7::float8) || ' ' || (5 / 7::float8) || ' ' || (2 / 7::float8), 'shares of those followed');

-- 72 hours.
SELECT is(pg_temp.counts('month 2024-07', 'division A', 'ALL', 'reviewed', 'reviewed_within_72_hours', 'service_notified', 'service_notified_within_72_hours'),
    '2 1 2 1', '72 hours to the second, and a second over');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'reviewed_within_72_hours', 'service_notified_within_72_hours'),
    -- s2 and s3 after a day, s7 after two; s5 and s6 after 73 hours, s1 after months.
    '3 1', 'a review that is implied counts from the stage that implies it');

-- Followed.
SELECT is(pg_temp.counts('month 2024-10', 'division A', 'ALL', 'episodes', 'episodes_followed', 'referred', 'already_known_to_service'), '2 1 1 1',
    'an episode is followed when 90 days have passed by the day of the refresh');
SELECT is(pg_temp.counts('month 2024-04', 'division B', 'ALL', 'episodes', 'episodes_followed', 'referred', 'people_followed'), '2 1 1 1',
    'and when records of referral exist for all of them');
SELECT is(pg_temp.counts('month 2024-07', 'division B', 'ALL', 'administrations', 'episodes', 'episodes_followed', 'referred', 'people_followed'), '0 0 - - -',
    'after records of referral end their counts are not 0');
SELECT is(pg_temp.counts('month 2024-04', 'division C', 'ALL', 'administrations', 'episodes', 'people', 'episodes_followed', 'already_known_to_service', 'reviewed',
                         'referred', 'consented', 'contacted_without_basis', 'people_followed', 'referred_share', 'people_referred_share'),
    '1 1 1 - - - - - - - - -', 'nor where there never were any');
SELECT is(pg_temp.counts('month 2024-05', 'division UNKNOWN', 'ALL', 'administrations', 'episodes', 'episodes_followed', 'referred'), '1 1 1 1',
    'an episode in no division counts in UNKNOWN');
SELECT is(pg_temp.counts('month 2023-12', 'force', 'ALL', 'administrations', 'episodes', 'episodes_followed'), '- - -', 'before coverage nothing is 0');
SELECT is(pg_temp.counts('month 2024-08', 'division A', 'ALL', 'administrations', 'episodes', 'episodes_followed', 'referred', 'referred_share', 'people_referred_share'), '0 0 0 0 - -',
    'within it a month without anybody is 0, and has no share');

-- People: by the first followed episode of the period and area.
SELECT is(pg_temp.counts('fiscal_quarter 2024-04', 'division A', 'ALL', 'episodes', 'people', 'episodes_followed', 'people_followed', 'people_referred', 'people_contacted', 'people_engaged'),
    -- s1 to s7, f's second and r's first: referred s1, s3, s5, s6, s7, f; engaged s1, s3.
    '9 9 9 9 6 6 2', 'the quarter from April');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'division A', 'ALL', 'episodes', 'people', 'episodes_followed', 'people_followed', 'engaged', 'people_engaged', 'referred', 'people_referred'),
    -- s1 to s7, f, r twice, h1, h2, o1 and o2, which is not followed. r's second episode is an episode engaged, not a person's first.
    '14 13 13 12 3 2 8 7', 'the year: of a person with two episodes the first counts for people, both for episodes');
SELECT is(pg_temp.counts('month 2024-09', 'division A', 'ALL', 'episodes_followed', 'people_followed', 'people_engaged'), '1 1 1', 'in its own month the second is the first');
CREATE FUNCTION pg_temp.near(found float8, expected float8) RETURNS boolean LANGUAGE sql AS $$ SELECT abs(found - expected) <= 1e-12 * abs(expected) $$;
SELECT ok(pg_temp.near(people_referred_share, 6 / 9::float8)
          -- (p + z^2 / 18 -+ z * sqrt(p (1 - p) / 9 + z^2 / 324)) / (1 + z^2 / 9), in 40 digits
          AND pg_temp.near(people_referred_share_lower, 0.35420213558039624) AND pg_temp.near(people_referred_share_upper, 0.87941618161308906)
          AND pg_temp.near(people_engaged_share, 2 / 9::float8)
          AND pg_temp.near(people_engaged_share_lower, 0.063225107117846717) AND pg_temp.near(people_engaged_share_upper, 0.54741103089301112), 'shares of people with Wilson''s limits: 6 and 2 of 9')
FROM test_referral_bi.kpi_referral_conversion_period WHERE period_key = 'fiscal_quarter 2024-04' AND area_key = 'division A' AND route = 'ALL';

-- Routes.
SELECT is(pg_temp.counts('month 2024-04', 'division A', r, 'episodes_followed', 'people_followed', 'referred', 'contacted', 'assessed', 'engaged', 'retained_12_weeks'), expected, 'by route: ' || r)
FROM (VALUES ('ALL', '7 7 5 5 3 2 1'), ('concern_report', '7 7 1 0 0 0 0'), ('harm_reduction_lead', '7 7 2 2 1 0 0'), ('ambulance_service', '7 7 1 1 0 0 0'),
             ('overdose_coordinator', '7 7 0 0 0 0 0')) AS t (r, expected);
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'concern_report', 'administrations', 'episodes', 'people', 'reviewed', 'offered', 'consented', 'declined', 'service_notified', 'already_known_to_service',
                         'contacted_without_basis'), '- - - - - - - - - -', 'by route nothing is said of what comes before a referral');
SELECT is(pg_temp.counts('month 2024-04', 'division C', 'concern_report', 'episodes_followed', 'referred'), '- -', 'nor anything where there are no records of referral');
SELECT is(pg_temp.counts('fiscal_year 2024-04', 'force', 'concern_report', 'episodes_followed', 'people_followed', 'referred', 'engaged', 'people_engaged'),
    -- A: 13; B: b1; UNKNOWN: u1. By concern report: s7, r (its second episode, the first by this route), b1, u1, o1.
    '15 14 5 1 1', 'the force by route');
SELECT set_eq($$ SELECT DISTINCT route::text FROM test_referral_bi.kpi_referral_conversion_period $$,
    ARRAY['ALL', 'concern_report', 'harm_reduction_lead', 'ambulance_service', 'overdose_coordinator'], 'a row for each route that there is');

-- Months and divisions add up.
SELECT results_eq($$
    SELECT y.period_key, sum(administrations)::bigint, sum(died_before_handover)::bigint, sum(not_identifiable)::bigint, sum(episodes)::bigint, sum(administrations_in_episodes)::bigint,
           sum(episodes_followed)::bigint, sum(reviewed)::bigint, sum(referred)::bigint, sum(contacted)::bigint, sum(engaged)::bigint, sum(already_known_to_service)::bigint
    FROM test_referral_bi.kpi_referral_conversion k
    JOIN test_referral_bi.dim_period m USING (period_key)
    JOIN test_referral_bi.dim_period y ON y.grain = 'fiscal_year' AND m.period_start BETWEEN y.period_start AND y.period_end
    GROUP BY 1 ORDER BY 1 $$, $$
    SELECT period_key, administrations, died_before_handover, not_identifiable, episodes, administrations_in_episodes, episodes_followed, reviewed, referred, contacted, engaged, already_known_to_service
    FROM test_referral_bi.kpi_referral_conversion_period WHERE area_key = 'force' AND route = 'ALL' AND period_key LIKE 'fiscal_year%' ORDER BY 1 $$,
    'months and divisions add up to the force''s years');

-- Rows in = rows accounted for, of administrations and of steps.
SELECT results_eq($$ SELECT source, records, counted_in_division, counted_unknown, after_as_of, outside_coverage, day_not_known, in_no_episode
                     FROM test_referral.record_accounting ORDER BY 1 $$,
    -- Steps: 34 in all; the two infinite ones have no day; in no episode: j's two, nobody's. u1's is of UNKNOWN.
    $$ VALUES ('administration', 34::bigint, 31::bigint, 1::bigint, 0::bigint, 0::bigint, 2::bigint, 0::bigint),
              ('referral_event', 34::bigint, 28::bigint, 1::bigint, 0::bigint, 0::bigint, 2::bigint, 3::bigint) $$, 'every record is accounted for');

-- On another day: what had not been seen then.
CALL refresh('test_referral', '2024-07-08');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'episodes', 'episodes_followed', 'referred'), '7 0 0', 'a day before the 90th nobody of 10 April is followed');
SELECT is(pg_temp.counts('month 2024-04', 'division B', 'ALL', 'episodes', 'episodes_followed', 'referred'), '2 1 1', 'somebody of 1 April is');
CALL refresh('test_referral', '2024-07-09');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'episodes', 'episodes_followed', 'referred'), '7 7 5', 'on the 90th they are');

-- What came after the day of the refresh is in no count.
CALL refresh('test_referral', '2024-03-31');
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'ALL', 'episodes', 'administrations_in_episodes'), '1 2', 'an administration after the day of the refresh is in no episode yet');
CALL refresh('test_referral', '2024-10-04');
SELECT is(pg_temp.counts('month 2024-10', 'division A', 'ALL', 'episodes', 'already_known_to_service'), '2 0', 'nor is a step');

-- Another length.
UPDATE test_referral.setting SET episode_days = 30;
CALL refresh('test_referral', '2024-12-31');
SELECT is(pg_temp.counts('month 2024-01', 'division A', 'ALL', 'episodes', 'administrations_in_episodes'), '1 1', 'with episodes of 30 days the first of January''s three');
SELECT is(pg_temp.counts('month 2024-02', 'division A', 'ALL', 'episodes', 'administrations_in_episodes'), '2 2', 'the second');
SELECT is(pg_temp.counts('month 2024-04', 'division A', 'ALL', 'episodes', 'administrations_in_episodes', 'retained_12_weeks', 'engaged'), '8 8 0 1',
    -- Engaged: what followed a second after the third.
    'and the third begin episodes of their own; what came after 32 and 86 days is too late');
SELECT is(pg_temp.counts('month 2024-10', 'division A', 'ALL', 'episodes_followed'), '2', 'and everybody of October has been followed');
UPDATE test_referral.setting SET episode_days = 90, confidence = 0.9;
CALL refresh('test_referral', '2024-12-31');
SELECT ok(pg_temp.near(people_referred_share_lower, 0.39825972868840942) AND pg_temp.near(people_referred_share_upper, 0.858029098205005), 'and with 90 % confidence the limits are narrower')
FROM test_referral_bi.kpi_referral_conversion_period WHERE period_key = 'fiscal_quarter 2024-04' AND area_key = 'division A' AND route = 'ALL';

SELECT * FROM finish();
ROLLBACK;
