-- Directly and indirectly standardised rates, against figures made with R (test/oracle/standardisation.R) and, where the shared folder is
-- there, with PHEindicatormethods.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.is_close(have float8, want float8, tolerance float8 DEFAULT 1e-10) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT (have IS NULL AND want IS NULL) OR coalesce(abs(have - want) <= tolerance * abs(want), false) $$;

CREATE TEMP TABLE band (case_id text, events bigint, squared_events bigint, population float8, standard_population float8,
                        reference_events bigint, reference_population float8);
CREATE TEMP TABLE oracle (case_id text, confidence float8, events bigint, rate float8, lower float8, upper float8, repeated_lower float8,
                          repeated_upper float8, expected float8, ratio float8, ratio_lower float8, ratio_upper float8,
                          indirect_rate float8, indirect_lower float8, indirect_upper float8);
\copy band FROM 'test/oracle/standardisation_inputs.csv' CSV HEADER
\copy oracle FROM 'test/oracle/standardisation.csv' CSV HEADER
CREATE TEMP TABLE state AS
    SELECT case_id, count(*) AS num_bands, sum(population) AS population, direct_standardisation(events, population, standard_population) AS direct,
           direct_standardisation(events, squared_events, population, standard_population) AS repeated,
           indirect_standardisation(events, population, reference_events, reference_population) AS indirect
    FROM band GROUP BY case_id;

SELECT is((SELECT count(*) FROM state JOIN oracle USING (case_id)), 30::bigint, 'directly standardised, with and without repeats, indirectly: 30 cases each');
SELECT is_empty($$
    SELECT o.*, r FROM state JOIN oracle o USING (case_id), directly_standardised_rate(direct, confidence => o.confidence, minimum_events => 0) r
    WHERE (pg_temp.is_close(r.value, rate) AND pg_temp.is_close(r.lower, o.lower) AND pg_temp.is_close(r.upper, o.upper)
               AND r.events = o.events AND r.bands = num_bands AND pg_temp.is_close(r.population, state.population, 1e-14) AND r.method = 'Dobson'
               AND r.reason IS NOT DISTINCT FROM CASE WHEN o.events = 0 THEN 'no events' END) IS NOT TRUE $$, 'direct');
SELECT is_empty($$
    SELECT o.*, r FROM state JOIN oracle o USING (case_id), directly_standardised_rate(repeated, 1000, o.confidence, 1) r
    WHERE (CASE WHEN o.events = 0 THEN num_nulls(r.value, r.lower, r.upper) = 3 AND r.reason = 'too few events'
                   ELSE pg_temp.is_close(r.value, rate / 100) AND pg_temp.is_close(r.lower, o.repeated_lower / 100)
                        AND pg_temp.is_close(r.upper, o.repeated_upper / 100)
                        AND r.method = CASE WHEN case_id = 'no_repeats' THEN 'Dobson' ELSE 'Dobson, repeat events' END END) IS NOT TRUE $$,
    'direct, of people who may have several events');
SELECT is_empty($$
    SELECT o.*, r FROM state JOIN oracle o USING (case_id), directly_standardised_rate(direct) r
    WHERE (r.value IS NULL) <> (o.events < 10) OR (r.reason IS NOT DISTINCT FROM 'too few events') <> (o.events < 10) $$,
    'below ten events nothing is said, and why');
SELECT is_empty($$
    SELECT o.*, r FROM state JOIN oracle o USING (case_id), indirectly_standardised_ratio(indirect, confidence => o.confidence) r
    WHERE (pg_temp.is_close(r.value, ratio) AND pg_temp.is_close(r.lower, ratio_lower) AND pg_temp.is_close(r.upper, ratio_upper)
               AND r.observed = o.events AND pg_temp.is_close(r.expected, o.expected) AND r.bands = num_bands
               AND r.method = CASE WHEN o.events < 10 THEN 'exact' ELSE 'Byar' END AND r.reason IS NULL) IS NOT TRUE $$, 'indirect, the ratio');
SELECT is_empty($$
    SELECT o.*, r FROM state JOIN oracle o USING (case_id), indirectly_standardised_rate(indirect, confidence => o.confidence) r
    WHERE (pg_temp.is_close(r.value, indirect_rate) AND pg_temp.is_close(r.lower, indirect_lower) AND pg_temp.is_close(r.upper, indirect_upper)) IS NOT TRUE $$,
    'indirect, the rate');
SELECT is_empty($$
    SELECT o.*, r, b FROM state JOIN oracle o USING (case_id), indirectly_standardised_ratio(o.events, o.expected, 100, o.confidence) r,
                          indirectly_standardised_ratio(indirect, 100, o.confidence) b
    WHERE (pg_temp.is_close(r.value, b.value) AND pg_temp.is_close(r.upper, b.upper) AND r.bands IS NULL AND r.method = b.method) IS NOT TRUE $$,
    'the ratio of what is known without bands');

-- A rate of the standard itself is its crude rate; a weight for all counts is the crude rate with Byar's interval.
SELECT ok(pg_temp.is_close(r.value, c.value) AND pg_temp.is_close(r.lower, c.lower) AND pg_temp.is_close(r.upper, c.upper),
          'one band is the crude rate')
FROM directly_standardised_rate('{71/16791*5000}') r, rate_interval(71, 16791, 100000) c;
SELECT ok(pg_temp.is_close(r.value, 100000.0 * 30 / 6000), 'of its own standard a rate is crude')
FROM directly_standardised_rate('{5/1000*1000, 10/2000*2000, 15/3000*3000}') r;

-- The order of rows, and what is stored and read again, change no bit.
SELECT is_empty($$
    SELECT case_id FROM state s JOIN band b USING (case_id) GROUP BY case_id, s.direct::text, s.repeated::text, s.indirect::text
    HAVING direct_standardisation(events, b.population, standard_population ORDER BY md5(b::text))::text <> s.direct::text
        OR direct_standardisation(events, squared_events, b.population, standard_population ORDER BY md5(b::text))::text <> s.repeated::text
        OR indirect_standardisation(events, b.population, reference_events, reference_population ORDER BY md5(b::text))::text <> s.indirect::text $$,
    'rows in another order');
SELECT is_empty($$
    SELECT case_id FROM state WHERE direct_standardisation_send(repeated::text::direct_standardisation) <> direct_standardisation_send(repeated)
        OR indirect_standardisation_send(indirect::text::indirect_standardisation) <> indirect_standardisation_send(indirect) $$, 'text and back');
SET LOCAL extra_float_digits = -10;
SELECT is('{1/0.1234567890123456*1e300}'::direct_standardisation::text, '{1/0.1234567890123456*1e+300}', 'all digits are written, whatever the session wants of numbers');
RESET extra_float_digits;
SELECT is(t::direct_standardisation::text, canonical, 'written as ' || t)
FROM (VALUES (' { 3/5*7,1/2*3 } ', '{1/2*3, 3/5*7}'), ('{}', '{}'), ('{12^20/3000.5*5500}', '{12^20/3000.5*5500}'), ('{12^12/1e3*0}', '{12/1000*0}')) AS v (t, canonical);
SELECT throws_ok(format('SELECT %L::direct_standardisation', bad), '22P02', NULL, format('not a text: %s', bad))
FROM unnest('{"","{","1/2*3","{1/2*3","{1/2*3}}","{1/2*3,}","{,1/2*3}","{-1/2*3}","{1/-2*3}","{1/2*NaN}","{1/2*inf}","{1/0x10*3}","{9223372036854775808/1*1}",
              "{1/1e999*1}","{3^2/10*10}","{3^10/10*10}","{1/2:3/4}","{1/2*3} x"}'::text[]) AS bad;
SELECT throws_ok(format('SELECT %L::indirect_standardisation', bad), '22P02', NULL, format('not a text: %s', bad))
FROM unnest('{"{1/2*3}","{1/2:-1/4}","{1^1/2:1/4}","{1/2:1}"}'::text[]) AS bad;

-- NULLs, zeros, and what cannot be.
SELECT is(direct_standardisation(e, p, s)::text, '{1/2*3}', 'rows with NULLs are skipped')
FROM (VALUES (1, 2, 3), (NULL, 2, 3), (1, NULL, 3), (1, 2, NULL)) AS v (e, p, s);
SELECT is(direct_standardisation(NULL, 1, 1)::text, NULL, 'nothing but NULLs');
SELECT is((SELECT direct_standardisation(1, 1, 1)::text WHERE false), NULL, 'no rows');
SELECT is(directly_standardised_rate(NULL)::text, NULL, 'NULL of NULL');
SELECT is(r::text, want, format('%s: %s', t, want))
FROM (VALUES ('{}', '(,,,0,0,0,Dobson,"no standard population")'), ('{5/10*0}', '(,,,5,10,1,Dobson,"no standard population")'),
             ('{5/0*7, 20/10*7}', '(,,,25,10,2,Dobson,"band without population")'), ('{0/0*0, 0/10*7}', '(0,,,0,10,2,Dobson,"no events")'),
             ('{1/1e-320*1e300}', '(,,,1,1e-320,1,Dobson,"out of range")'), ('{1/1e308*1, 1/1e308*1}', '(,,,2,,2,Dobson,"out of range")')) AS v (t, want),
     directly_standardised_rate(t::direct_standardisation, minimum_events => 0) r;
SELECT is(r::text, want, format('%s: %s', t, want))
FROM (VALUES ('{}', '(,,,0,0,0,,"no expected events")'), ('{5/0:1/10}', '(,,,5,0,1,,"no expected events")'), ('{5/10:0/0}', '(,,,5,,1,,"band without reference population")'),
             ('{5/1e308:100/1e-300}', '(,,,5,,1,,"out of range")')) AS v (t, want),
     indirectly_standardised_ratio(t::indirect_standardisation) r;
SELECT is((indirectly_standardised_rate('{5/0:0/0}')).reason, 'no reference population', 'nor a rate without a reference');
SELECT is(indirectly_standardised_ratio(3, 0)::text, '(,,,3,0,,,"no expected events")', 'nothing expected');
SELECT throws_ok(format('SELECT %s', call), '22023', NULL, call)
FROM unnest('{"direct_standardisation(-1, 1, 1)","direct_standardisation(1, -1, 1)","direct_standardisation(1, 1, -1)","direct_standardisation(1, ''NaN'', 1)",
              "direct_standardisation(1, ''Infinity'', 1)","direct_standardisation(1, 1, ''NaN'')","direct_standardisation(3, 2, 1, 1)","direct_standardisation(3, 10, 1, 1)",
              "indirect_standardisation(1, 1, -1, 1)","indirect_standardisation(1, 1, 1, ''NaN'')","directly_standardised_rate(''{}'', 0)",
              "directly_standardised_rate(''{}'', confidence => 95)","directly_standardised_rate(''{}'', confidence => ''NaN'')",
              "directly_standardised_rate(''{}'', minimum_events => -1)","indirectly_standardised_ratio(-1, 1)","indirectly_standardised_ratio(1, ''NaN'')",
              "indirectly_standardised_ratio(1, ''Infinity'')","indirectly_standardised_rate(''{}'', ''Infinity'')","european_standard_population_2013(92)",
              "european_standard_population_2013(0)","european_standard_population_2013(95)"}'::text[]) AS call;
SELECT throws_ok($$ SELECT directly_standardised_rate('{9223372036854775807/1*1, 1/1*1}') $$, '22003', NULL, 'more events than a bigint holds');
SELECT ok((r).value > 0 AND (r).lower <= (r).value AND (r).value <= (r).upper, 'the most that a bigint holds')
FROM (SELECT directly_standardised_rate('{9223372036854775807/1*1}') AS r) s;
SET LOCAL search_path = public;
SELECT ok((naloxone_kpi.directly_standardised_rate(naloxone_kpi.direct_standardisation(5, 10, population), 1, 0.9, 1)).value = 0.5, 'whatever the search_path')
FROM naloxone_kpi.european_standard_population_2013();
SET LOCAL search_path = naloxone_kpi, public;
SELECT throws_ok($$ SELECT direct_standardisation(1, 1, i) FROM generate_series(1, 1000001) AS i $$, '54000', NULL, 'rows that were not added up');
SELECT throws_ok($$ SELECT direct_standardisation_add(NULL, 1, 1, 1) $$, '0A000', NULL, 'a transition function on its own');

-- The standard.
SELECT results_eq('SELECT * FROM european_standard_population_2013()', $$ VALUES ('0-4', 5000), ('5-9', 5500), ('10-14', 5500), ('15-19', 5500), ('20-24', 6000),
    ('25-29', 6000), ('30-34', 6500), ('35-39', 7000), ('40-44', 7000), ('45-49', 7000), ('50-54', 7000), ('55-59', 6500), ('60-64', 6000), ('65-69', 5500),
    ('70-74', 5000), ('75-79', 4000), ('80-84', 2500), ('85-89', 1500), ('90+', 1000) $$, 'as Eurostat prints it');
SELECT is(sum(population), 100000::bigint, format('100,000 people with the last band from %s', open_from))
FROM generate_series(5, 90, 5) AS open_from, european_standard_population_2013(open_from) GROUP BY open_from;
SELECT is((SELECT population FROM european_standard_population_2013(open_from => 85) WHERE age_band = '85+'), 2500, 'with the forms'' last band');
SELECT is_empty($$ SELECT age FROM generate_series(0, 120) AS age, form_age_band(age::text) f
                   WHERE f.age_band NOT IN (SELECT age_band FROM european_standard_population_2013(85)) $$, 'a form''s bands are the standard''s');

-- What PHEindicatormethods answers, where the shared folder is there.
\getenv shared NALOXONE_KPI_SHARED
\if :{?shared}
CREATE TEMP TABLE dsr_input (case_id text, band integer, x bigint, n float8, stdpop float8);
CREATE TEMP TABLE dsr (case_id text, conf float8, multiplier float8, total_count bigint, total_pop float8, value float8, lower float8, upper float8, statistic text, method text);
CREATE TEMP TABLE dsr_unsuppressed (case_id text, conf float8, multiplier float8, o bigint, value float8, var float8, lower float8, upper float8);
CREATE TEMP TABLE repeat_input (case_id text, band integer, eventfreq integer, x bigint, n float8, stdpop float8);
CREATE TEMP TABLE repeat (case_id text, total_count bigint, total_pop float8, value float8, lower float8, upper float8, confidence text, statistic text, method text);
CREATE TEMP TABLE isr_input (case_id text, band integer, x bigint, n float8, xref bigint, nref float8);
CREATE TEMP TABLE isratio (case_id text, observed bigint, expected float8, value float8, lower float8, upper float8, confidence text, statistic text, method text);
CREATE TEMP TABLE israte (case_id text, observed bigint, expected float8, ref_rate float8, value float8, lower float8, upper float8, confidence text, statistic text, method text);
\set load '\\copy dsr_input FROM ' :shared '/oracles/dsr_inputs.csv CSV HEADER'
:load
\set load '\\copy dsr FROM ' :shared '/oracles/dsr_expected.csv CSV HEADER'
:load
\set load '\\copy dsr_unsuppressed FROM ' :shared '/oracles/dsr_expected_unsuppressed.csv CSV HEADER'
:load
\set load '\\copy repeat_input FROM ' :shared '/oracles/dsr_nonindependent_inputs.csv CSV HEADER'
:load
\set load '\\copy repeat FROM ' :shared '/oracles/dsr_nonindependent_expected.csv CSV HEADER'
:load
\set load '\\copy isr_input FROM ' :shared '/oracles/isr_inputs.csv CSV HEADER'
:load
\set load '\\copy isratio FROM ' :shared '/oracles/isratio_expected.csv CSV HEADER'
:load
\set load '\\copy israte FROM ' :shared '/oracles/israte_expected.csv CSV HEADER'
:load
CREATE TEMP TABLE dsr_state AS SELECT case_id, direct_standardisation(x, n, stdpop) AS s FROM dsr_input GROUP BY case_id;
CREATE TEMP TABLE isr_state AS SELECT case_id, indirect_standardisation(x, n, xref, nref) AS s FROM isr_input GROUP BY case_id;
SELECT is_empty($$
    SELECT d.*, r FROM dsr d LEFT JOIN dsr_state USING (case_id) LEFT JOIN LATERAL directly_standardised_rate(s, d.multiplier, d.conf) r ON true
    WHERE (pg_temp.is_close(r.value, d.value) AND pg_temp.is_close(r.lower, d.lower) AND pg_temp.is_close(r.upper, d.upper)
               AND r.events = d.total_count AND r.population = d.total_pop AND (r.reason IS NOT NULL) = (d.total_count < 10)) IS NOT TRUE $$,
    format('calculate_dsr: %s rates with their limits, or none below ten events', (SELECT count(*) FROM dsr)));
SELECT is_empty($$
    SELECT d.*, r FROM dsr_unsuppressed d LEFT JOIN dsr_state USING (case_id) LEFT JOIN LATERAL directly_standardised_rate(s, d.multiplier, d.conf, 0) r ON true
    WHERE (pg_temp.is_close(r.value, d.value) AND pg_temp.is_close(r.lower, d.lower) AND pg_temp.is_close(r.upper, d.upper)) IS NOT TRUE $$,
    format('%s more without a threshold', (SELECT count(*) FROM dsr_unsuppressed)));
SELECT is_empty($$
    SELECT d.*, r FROM repeat d
    LEFT JOIN (SELECT case_id, direct_standardisation(events, squares, n, stdpop) AS s
               FROM (SELECT case_id, band, n, stdpop, sum(x * eventfreq)::bigint AS events, sum(x * eventfreq * eventfreq)::bigint AS squares
                     FROM repeat_input GROUP BY case_id, band, n, stdpop) b GROUP BY case_id) g USING (case_id)
    LEFT JOIN LATERAL directly_standardised_rate(s) r ON true
    WHERE (pg_temp.is_close(r.value, d.value) AND pg_temp.is_close(r.lower, d.lower) AND pg_temp.is_close(r.upper, d.upper)
               AND r.events = d.total_count AND r.method = 'Dobson, repeat events') IS NOT TRUE $$,
    format('%s of events that are not independent', (SELECT count(*) FROM repeat)));
SELECT is_empty($$
    SELECT d.*, r FROM isratio d LEFT JOIN isr_state USING (case_id) LEFT JOIN LATERAL indirectly_standardised_ratio(s, 100) r ON true
    WHERE (pg_temp.is_close(r.value, d.value) AND pg_temp.is_close(r.lower, d.lower) AND pg_temp.is_close(r.upper, d.upper) AND r.observed = d.observed
               AND pg_temp.is_close(r.expected, d.expected) AND r.method = CASE d.method WHEN 'Exact' THEN 'exact' ELSE 'Byar' END) IS NOT TRUE $$,
    format('calculate_ISRatio: %s', (SELECT count(*) FROM isratio)));
SELECT is_empty($$
    SELECT d.*, r FROM israte d LEFT JOIN isr_state USING (case_id) LEFT JOIN LATERAL indirectly_standardised_rate(s) r ON true
    WHERE (pg_temp.is_close(r.value, d.value) AND pg_temp.is_close(r.lower, d.lower) AND pg_temp.is_close(r.upper, d.upper)) IS NOT TRUE $$,
    format('calculate_ISRate: %s', (SELECT count(*) FROM israte)));
SELECT cmp_ok((SELECT count(*) FROM dsr) + (SELECT count(*) FROM dsr_unsuppressed) + (SELECT count(*) FROM repeat) + (SELECT count(*) FROM isratio)
              + (SELECT count(*) FROM israte), '>', 30::bigint, 'figures were compared');
\else
SELECT skip('NALOXONE_KPI_SHARED is not set: the figures of PHEindicatormethods are not here', 6);
\endif

SELECT * FROM finish();
ROLLBACK;
