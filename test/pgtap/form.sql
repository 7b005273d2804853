-- What people write on forms, read without guessing.
SET search_path = naloxone_kpi, public;
SET client_min_messages = warning;
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(77);
-- Neither matters.
SET LOCAL TimeZone = 'Pacific/Kiritimati';
SET LOCAL DateStyle = 'SQL, MDY';

-- The moments are written in UTC. Scotland's clocks: forward on 31 March 2024 at 01:00 UTC, back on 27 October 2024 at 01:00 UTC.
CREATE FUNCTION pg_temp.read(written text, date_order text, zone text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), problem) FROM naloxone_kpi.form_time(written, date_order, zone) $$;
SELECT is(pg_temp.read(written, date_order, zone), expected, format('%s, %s, %s', written, date_order, zone))
FROM (VALUES
    ('2024-02-29 23:59:59', 'YMD', 'Europe/London', '2024-02-29 23:59:59'),
    ('2024-07-01T00:30', 'DMY', 'Europe/London', '2024-06-30 23:30:00'),
    ('2024-7-1 0:30', 'MDY', 'Europe/London', '2024-06-30 23:30:00'),
    ('2024/07/01 00:30:15.999', 'YMD', 'Europe/London', '2024-06-30 23:30:15'),
    ('01/07/2024 00:30', 'DMY', 'Europe/London', '2024-06-30 23:30:00'),
    ('01/07/2024 00:30', 'MDY', 'Europe/London', '2024-01-07 00:30:00'),
    ('01/07/2024 00:30', 'YMD', 'Europe/London', 'ambiguous_date'),
    ('31/12/2024 00:30', 'YMD', 'Europe/London', 'ambiguous_date'),
    ('31/12/2024 00:30', 'DMY', 'Europe/London', '2024-12-31 00:30:00'),
    ('31/12/2024 00:30', 'MDY', 'Europe/London', 'no_such_day'),
    ('12/31/2024 00:30', 'DMY', 'Europe/London', 'no_such_day'),
    ('1.7.2024 9:05', 'DMY', 'Europe/London', '2024-07-01 08:05:00'),
    ('1/7-2024 9:05', 'DMY', 'Europe/London', 'not_a_time'),
    ('3 Apr 2024 14:05', 'YMD', 'Europe/London', '2024-04-03 13:05:00'),
    ('03-SEPTEMBER-2024 14:05:00', 'MDY', 'Europe/London', '2024-09-03 13:05:00'),
    ('3 Foo 2024 14:05', 'YMD', 'Europe/London', 'no_such_day'),
    ('01/07/24 00:30', 'DMY', 'Europe/London', 'two_digit_year'),
    ('24-07-01 00:30', 'YMD', 'Europe/London', 'two_digit_year'),
    ('01/07/024 00:30', 'DMY', 'Europe/London', 'not_a_time'),
    ('0024-07-01 00:30', 'YMD', 'Europe/London', 'implausible_year'),
    ('1899-12-31 23:59', 'YMD', 'Europe/London', 'implausible_year'),
    ('2101-01-01 00:00', 'YMD', 'Europe/London', 'implausible_year'),
    ('2023-02-29 12:00', 'YMD', 'Europe/London', 'no_such_day'),
    ('2024-00-10 12:00', 'YMD', 'Europe/London', 'no_such_day'),
    ('2024-04-31 12:00', 'YMD', 'Europe/London', 'no_such_day'),
    ('2024-04-00 12:00', 'YMD', 'Europe/London', 'no_such_day'),
    ('2024-04-03 24:00', 'YMD', 'Europe/London', 'no_such_time'),
    ('2024-04-03 23:60', 'YMD', 'Europe/London', 'no_such_time'),
    ('2024-04-03 23:59:60', 'YMD', 'Europe/London', 'no_such_time'),
    ('04/03/2024 12:05 AM', 'MDY', 'America/New_York', '2024-04-03 04:05:00'),
    ('04/03/2024 12:05 pm', 'MDY', 'America/New_York', '2024-04-03 16:05:00'),
    ('04/03/2024 1:05PM', 'MDY', 'America/New_York', '2024-04-03 17:05:00'),
    ('04/03/2024 13:05 PM', 'MDY', 'America/New_York', 'no_such_time'),
    ('04/03/2024 0:05 PM', 'MDY', 'America/New_York', 'no_such_time'),
    ('2024-04-03', 'YMD', 'Europe/London', 'no_time_of_day'),
    ('14:05', 'YMD', 'Europe/London', 'not_a_time'),
    ('yesterday', 'YMD', 'Europe/London', 'not_a_time'),
    ('now', 'YMD', 'Europe/London', 'not_a_time'),
    ('infinity', 'YMD', 'Europe/London', 'not_a_time'),
    ('', 'YMD', 'Europe/London', 'not_a_time'),
    (' 2024-04-03 12:00', 'YMD', 'Europe/London', 'not_a_time'),
    -- An hour that did not exist, to its edges; one that came twice, to its edges; and what says which.
    ('2024-03-31 00:59:59', 'YMD', 'Europe/London', '2024-03-31 00:59:59'),
    ('2024-03-31 01:00:00', 'YMD', 'Europe/London', 'time_does_not_exist'),
    ('2024-03-31 01:59:59', 'YMD', 'Europe/London', 'time_does_not_exist'),
    ('2024-03-31 02:00:00', 'YMD', 'Europe/London', '2024-03-31 01:00:00'),
    ('2024-10-27 00:59:59', 'YMD', 'Europe/London', '2024-10-26 23:59:59'),
    ('2024-10-27 01:00:00', 'YMD', 'Europe/London', '2024-10-27 00:00:00 hour_occurs_twice'),
    ('2024-10-27 01:59:59', 'YMD', 'Europe/London', '2024-10-27 00:59:59 hour_occurs_twice'),
    ('2024-10-27 02:00:00', 'YMD', 'Europe/London', '2024-10-27 02:00:00'),
    ('2024-10-27 01:30 GMT', 'YMD', 'Europe/London', '2024-10-27 01:30:00'),
    ('2024-10-27 01:30 BST', 'YMD', 'Europe/London', '2024-10-27 00:30:00'),
    ('2024-10-27 01:30+01:00', 'YMD', 'Europe/London', '2024-10-27 00:30:00'),
    ('2024-10-27T01:30Z', 'YMD', 'Europe/London', '2024-10-27 01:30:00'),
    ('2024-10-27 01:30-0430', 'YMD', 'Europe/London', '2024-10-27 06:00:00'),
    ('2024-10-27 01:30+16', 'YMD', 'Europe/London', 'no_such_time'),
    ('2024-11-03 01:30', 'YMD', 'America/New_York', '2024-11-03 05:30:00 hour_occurs_twice'),
    ('2024-03-10 02:30', 'YMD', 'America/New_York', 'time_does_not_exist'),
    -- Half an hour only.
    ('2024-04-07 01:45', 'YMD', 'Australia/Lord_Howe', '2024-04-06 14:45:00 hour_occurs_twice'),
    ('2024-10-06 02:15', 'YMD', 'Australia/Lord_Howe', 'time_does_not_exist')
) AS time (written, date_order, zone, expected);

-- Ten years, by steps that come to every quarter of an hour of the day: what is read is what the server's own clock of the zone wrote.
SELECT is(count(*), 0::bigint, 'each moment is read back, or as the same local time an hour before')
FROM generate_series(timestamptz '2015-01-01 00:00+00', timestamptz '2024-12-31 23:45+00', interval '6 hours 45 minutes') AS m
CROSS JOIN LATERAL form_time(to_char(m AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI'), 'YMD', 'Europe/London') AS t
WHERE t.moment IS DISTINCT FROM m AND NOT (t.problem = 'hour_occurs_twice' AND t.moment = m - interval '1 hour');

SELECT is(format('%s|%s', age_band, problem), expected, format('age %s', written))
FROM (VALUES ('0', '0-4|'), ('4', '0-4|'), ('27', '25-29|'), ('84', '80-84|'), ('85', '85+|'), ('120', '85+|'), ('121', '|not_an_age'), ('-1', '|not_an_age'),
             ('25 - 29', '25-29|'), ('50 - 59', '50-59|'), ('80 - *', '80+|'), ('85 and over', '85+|'), ('90-94', '85+|'), ('29-25', '|not_an_age'),
             ('twenty', '|not_an_age')) AS age (written, expected)
CROSS JOIN LATERAL form_age_band(written);
SELECT is(string_agg(format('%s|%s', doses, problem), ' ; ' ORDER BY n),
          '{"2 x unknown"}| ; {"2 x unknown intranasal"}| ; {"2 x 1800 mcg intranasal","1 x 400 mcg intramuscular"}| ; |no_dose_given ; |not_doses ; |not_doses ; |not_doses ; |',
          'doses')
FROM (VALUES (1, '2', NULL), (2, '2', 'intranasal'), (3, '2 X 1800 mcg Intranasal; 1x400mcg intramuscular', NULL), (4, '0', NULL), (5, '2 x 1800 mcg intranasal', 'intramuscular'),
             (6, 'two', NULL), (7, '1001', NULL), (8, NULL, 'intranasal')) AS d (n, written, route)
CROSS JOIN LATERAL form_doses(written, route);
SELECT is(string_agg(coalesce(form_yes_no(w)::text, 'null'), ' ' ORDER BY n), 'true true true true true false false false false false null null',
          'yes and no')
FROM unnest('{yes,Y,1,true,T,NO,n,0,False,f,maybe,NULL}'::text[]) WITH ORDINALITY AS y (w, n);

SELECT * FROM finish();
ROLLBACK;
