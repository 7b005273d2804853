-- The type duration_dist, its aggregates and accessors, against core's own aggregates on the rows.
SET search_path = naloxone_kpi, public;
\set ON_ERROR_STOP 1
BEGIN;
SELECT no_plan();

-- Rows of several kinds, the same on every machine: response times, wide ones, few and many.
CREATE TEMP TABLE duration AS
    SELECT kind, i, CASE kind
               WHEN 'minutes' THEN 120 + h % 1300
               WHEN 'few' THEN h % 3
               WHEN 'wide' THEN h
               WHEN 'edge' THEN (ARRAY[0, 65535, 65536, 2147483647])[h % 4 + 1]
               ELSE 300 END AS seconds
    FROM unnest('{minutes,few,wide,edge,same}'::text[]) AS kind
    CROSS JOIN generate_series(1, 20000) AS i
    CROSS JOIN LATERAL (SELECT (('x' || substr(md5(kind || i), 1, 8))::bit(32)::bigint & 2147483647)::integer AS h) h;
INSERT INTO duration SELECT kind, -i, NULL FROM duration WHERE i <= 10;

-- Text.
SELECT is('{}'::duration_dist::text, '{}', 'an empty distribution');
SELECT is(E' {120:3 ,\n131 : 1}\t'::duration_dist::text, '{120:3, 131:1}', 'white space is free');
SELECT is('{0:9223372036854775807}'::duration_dist::text, '{0:9223372036854775807}', 'as many as 2^63 - 1');
SELECT is('{2147483647:1}'::duration_dist::text, '{2147483647:1}', 'as long as 2^31 - 1 seconds');
CREATE TEMP TABLE bad_text (value text);
INSERT INTO bad_text VALUES
    (''), (' '), ('120'), ('{'), ('}'), ('{120}'), ('{120:}'), ('{120:0}'), ('{120:-1}'), ('{-1:1}'), ('{1.5:1}'), ('{1:1.5}'),
    ('{120:3,}'), ('{,120:3}'), ('{120:3 131:1}'), ('{131:1, 120:3}'), ('{120:1, 120:2}'), ('{2147483648:1}'),
    ('{1:9223372036854775808}'), ('{01:1}'), ('{1:01}'), ('{1:1}x'), ('{1:1}}'), ('{1:1'), (repeat('{', 100000));
SELECT throws_ok(format('SELECT %L::duration_dist', value), '22P02', NULL, format('"%s" is refused', left(value, 30))) FROM bad_text;
SELECT throws_ok($$ SELECT '{1:9223372036854775807, 2:1}'::duration_dist $$, '22003', NULL, 'more than 2^63 - 1 in all');
SELECT throws_ok($$ SELECT '{1:1'::duration_dist $$, '22P02', 'invalid input syntax for type duration_dist: "{1:1"', 'the error quotes the text');

-- What is added is what is held.
SELECT is(duration_dist(seconds)::text, (SELECT '{' || string_agg(seconds || ':' || n, ', ' ORDER BY seconds) || '}' FROM
              (SELECT seconds, count(*) AS n FROM duration d2 WHERE d2.kind = d.kind AND seconds IS NOT NULL GROUP BY seconds) c),
          kind || ': every value with its count')
FROM duration d GROUP BY kind;
SELECT is((SELECT duration_dist(s) FROM (VALUES (NULL::integer)) v (s))::text, NULL, 'only NULLs give NULL');
SELECT is((SELECT duration_dist(s) FROM (SELECT 1 WHERE false) v (s))::text, NULL, 'no rows give NULL');
SELECT is(duration_dist(d)::text, '{90:1, 90061:1}', 'intervals of days, hours, minutes and seconds')
FROM unnest('{1 minute 30 seconds, 1 day 01:01:01}'::interval[]) AS d;

SELECT throws_ok('SELECT duration_dist(-1)', '22023', 'duration of -1 seconds is negative', 'negative seconds');
SELECT throws_ok($$ SELECT duration_dist(interval '-1 second') $$, '22023', 'duration is negative', 'a negative interval');
SELECT throws_ok($$ SELECT duration_dist(interval '1.5 seconds') $$, '22023', NULL, 'a fraction of a second');
SELECT throws_ok($$ SELECT duration_dist(interval '1 month') $$, '22023', NULL, 'an interval with months');
SELECT throws_ok($$ SELECT duration_dist(interval '100 years') $$, '22023', NULL, 'an interval with years');
SELECT throws_ok($$ SELECT duration_dist(interval '30000 days') $$, '22003', NULL, 'too long an interval');
SELECT throws_ok($$ SELECT duration_dist_add(NULL, 1) $$, '0A000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT duration_dist_combine('{1:1}', '{1:1}') $$, '0A000', NULL, 'a combine function outside an aggregate');

-- Accessors, against core's aggregates.
SELECT is(num_values(duration_dist(seconds)), count(seconds), kind || ': number') FROM duration GROUP BY kind;
SELECT is(total(duration_dist(seconds)), sum(seconds), kind || ': total') FROM duration GROUP BY kind;
SELECT is(minimum(duration_dist(seconds)), min(seconds), kind || ': minimum') FROM duration GROUP BY kind;
SELECT is(maximum(duration_dist(seconds)), max(seconds), kind || ': maximum') FROM duration GROUP BY kind;
-- avg() is exact in numeric; to the bit its nearest double.
SELECT is(mean(duration_dist(seconds)), avg(seconds)::float8, kind || ': mean') FROM duration GROUP BY kind;
SELECT is(num_within(duration_dist(seconds), 480), count(*) FILTER (WHERE seconds <= 480), kind || ': how many within')
FROM duration GROUP BY kind;
SELECT is(num_within(duration_dist(seconds), '{{480,-1,2147483647},{0,NULL,480}}'::integer[]),
          ARRAY[[count(*) FILTER (WHERE seconds <= 480), count(*) FILTER (WHERE seconds <= -1), count(seconds)],
                [count(*) FILTER (WHERE seconds <= 0), NULL, count(*) FILTER (WHERE seconds <= 480)]], kind || ': how many within each limit')
FROM duration GROUP BY kind;
SELECT is(share_within(duration_dist(seconds), 480, 0.9)::text,
          proportion_interval(count(*) FILTER (WHERE seconds <= 480), count(seconds), 0.9)::text, kind || ': share within')
FROM duration GROUP BY kind;

CREATE TEMP TABLE fraction AS
    SELECT array_agg(f ORDER BY o) AS fractions FROM unnest('{0,0.01,0.05,0.07,0.1,0.25,0.3333333333333333,0.5,0.55,0.75,0.9,0.95,0.99,0.999,1,0.5}'::float8[])
        WITH ORDINALITY AS u (f, o);
SELECT is(percentile(duration_dist(seconds), fractions), percentile_cont(fractions) WITHIN GROUP (ORDER BY seconds::float8),
          kind || ': percentiles are percentile_cont''s to the bit')
FROM duration, fraction GROUP BY kind, fractions;
SELECT is(percentile(duration_dist(seconds), fractions, 'discrete'), percentile_disc(fractions) WITHIN GROUP (ORDER BY seconds::float8),
          kind || ': and percentile_disc''s') FROM duration, fraction GROUP BY kind, fractions;
-- Every small number of values, where ranks round most.
SELECT is_empty($$
    SELECT n, f FROM generate_series(1, 120) AS n, generate_series(0, 100) AS p, LATERAL (SELECT p / 100.0::float8) AS x (f)
    WHERE (SELECT percentile(duration_dist(v), f) FROM generate_series(1, n) AS v)
              IS DISTINCT FROM (SELECT percentile_cont(f) WITHIN GROUP (ORDER BY v) FROM generate_series(1, n) AS v)
       OR (SELECT percentile(duration_dist(v), f, method => 'discrete') FROM generate_series(1, n) AS v)
              IS DISTINCT FROM (SELECT percentile_disc(f) WITHIN GROUP (ORDER BY v) FROM generate_series(1, n) AS v)::float8 $$,
    'percentiles of 1 to n, for every n to 120 and every hundredth');
SELECT is((SELECT percentile(duration_dist(v), 0.07, 'discrete') FROM generate_series(1, 100) AS v), 8::float8,
          'the rounding of 0.07 * 100 is core''s too');
SELECT is(percentile('{60:1, 120:1}'::duration_dist, '{{0,0.5},{NULL,1}}'::float8[]), '{{60,90},{NULL,120}}'::float8[],
          'an array keeps its shape and its NULLs');
SELECT is(percentile('{60:1}'::duration_dist, '{}'::float8[]), '{}'::float8[], 'no fractions, no percentiles');
SELECT is(percentile('{60:1}'::duration_dist, NULL::float8[]), NULL, 'NULL fractions');

SELECT is(num_values('{}'::duration_dist), 0::bigint, 'empty: no values');
SELECT is(total('{}'::duration_dist), 0::bigint, 'empty: a total of nothing is 0');
SELECT is(mean('{}'::duration_dist), NULL, 'empty: no mean');
SELECT is(minimum('{}'::duration_dist), NULL, 'empty: no minimum');
SELECT is(maximum('{}'::duration_dist), NULL, 'empty: no maximum');
SELECT is(percentile('{}'::duration_dist, 0.5::float8), NULL, 'empty: no percentile');
SELECT is(percentile('{}'::duration_dist, '{0.5,NULL}'::float8[]), '{NULL,NULL}'::float8[], 'empty: no percentiles');
SELECT is(num_within('{}'::duration_dist, 5), 0::bigint, 'empty: none within');
SELECT is(num_within('{}'::duration_dist, '{5,NULL}'::integer[]), '{0,NULL}', 'empty: none within any limit');
SELECT is(num_within('{5:1}'::duration_dist, '{}'::integer[]), '{}', 'no limits: no counts');
SELECT is(share_within('{}'::duration_dist, 5)::text, NULL, 'empty: no share');

SELECT throws_ok(format('SELECT percentile(%L::duration_dist, %s::float8)', '{}', bad), '22003', NULL, bad || ' is no fraction')
FROM unnest('{-0.1,1.1,90,''NaN''}'::text[]) AS bad;
SELECT throws_ok($$ SELECT percentile('{1:1}'::duration_dist, '{0.5,2}'::float8[]) $$, '22003', NULL, '2 in an array is none either');
SELECT throws_ok($$ SELECT percentile('{1:1}'::duration_dist, 0.5::float8, 'nearest') $$, '22023', NULL, 'a method that is not known');
-- The rest of what is read off, against the rows.
-- (stddev_samp() rounds large ones to whole numbers, so its formula is written out in numeric.)
SELECT ok(abs(standard_deviation(d) - sqrt(variance::float8)) <= 1e-14 * sqrt(variance::float8), kind || ': standard deviation')
FROM (SELECT kind, duration_dist(seconds) AS d,
             (count(seconds) * sum(seconds::numeric ^ 2) - sum(seconds)::numeric ^ 2) / (count(seconds) * (count(seconds) - 1)) AS variance
      FROM duration GROUP BY kind) s;
SELECT is(round(standard_deviation(duration_dist(seconds))::numeric, 6), round(stddev_samp(seconds), 6), kind || ': as stddev_samp() gives it')
FROM duration WHERE kind IN ('minutes', 'few', 'same') GROUP BY kind;
SELECT is(standard_deviation(d::duration_dist), NULL, d || ' has no standard deviation') FROM unnest('{"{}","{5:1}"}'::text[]) AS d;
SELECT is(standard_deviation('{0:4611686018427387903, 2147483647:4611686018427387903}'), 1073741823.5::float8,
          'a standard deviation of 2^63 - 2 durations');
CREATE TEMP TABLE edge AS SELECT '{0,1,240,480,900,65535,65536,1000000}'::integer[] AS edges;
SELECT is_empty($$
    WITH counted AS (SELECT kind, width_bucket(seconds, edges) AS bucket, count(*) AS n FROM duration, edge WHERE seconds IS NOT NULL GROUP BY 1, 2),
         held AS (SELECT kind, bucket - 1 AS bucket, n FROM (SELECT kind, histogram(duration_dist(seconds), edges) AS h FROM duration, edge GROUP BY kind, edges) s,
                                                             unnest(h) WITH ORDINALITY AS u (n, bucket))
    SELECT * FROM counted FULL JOIN held USING (kind, bucket) WHERE coalesce(counted.n, 0) IS DISTINCT FROM held.n $$,
    'a histogram counts as width_bucket() does');
SELECT is(histogram('{5:3, 9:1}', '{}'), '{4}', 'no edges: all in one');
SELECT is(histogram('{}', '{5}'), '{0,0}', 'a histogram of nothing');
SELECT throws_ok($$ SELECT histogram('{}', '{5,5}') $$, '22023', 'edges of a histogram do not ascend: 5 is followed by 5', 'edges that do not ascend');
SELECT throws_ok($$ SELECT histogram('{}', '{5,NULL}') $$, '22004', NULL, 'a NULL edge');
SELECT throws_ok($$ SELECT histogram('{}', '{{5},{6}}') $$, '2202E', NULL, 'edges in two dimensions');
SELECT is_empty($$
    SELECT kind, b.seconds, b.n FROM (SELECT kind, duration_dist(seconds) AS d FROM duration GROUP BY kind) s, buckets(d) b
    EXCEPT SELECT kind, seconds, count(*) FROM duration GROUP BY 1, 2 $$, 'buckets are the counts of the rows');
SELECT ok((SELECT duration_dist(b.seconds, b.n) FROM buckets(d) b) = d, kind || ': a distribution is made again of its buckets')
FROM (SELECT kind, duration_dist(seconds) AS d FROM duration GROUP BY kind) s;
SELECT is_empty($$
    SELECT kind, c.seconds, c.num_within, c.share FROM (SELECT kind, duration_dist(seconds) AS d FROM duration GROUP BY kind) s, cumulative_shares(d) c
    EXCEPT
    SELECT DISTINCT kind, seconds, count(seconds) OVER w, cume_dist() OVER w FROM duration WHERE seconds IS NOT NULL
    WINDOW w AS (PARTITION BY kind ORDER BY seconds) $$, 'cumulative shares are cume_dist()');
SELECT is((SELECT count(*) FROM buckets('{}'::duration_dist)), 0::bigint, 'no buckets of an empty distribution');
SELECT is((SELECT count(*) FROM cumulative_shares(NULL)), 0::bigint, 'no shares of none');

-- Made of values and counts.
SELECT is(duration_dist(s, n)::text, '{5:3, 7:1}', 'counted values: NULLs are skipped, 0 adds nothing')
FROM (VALUES (5, 1::bigint), (7, 1), (5, 2), (NULL, 3), (9, NULL), (8, 0)) v (s, n);
SELECT is(duration_dist(s, 0)::text, '{}', 'counts of 0 give an empty distribution') FROM (VALUES (1)) v (s);
SELECT throws_ok('SELECT duration_dist(1, -1)', '22023', NULL, 'a negative count');
SELECT throws_ok('SELECT duration_dist(-1, 1)', '22023', NULL, 'a negative duration counted');
SELECT throws_ok('SELECT duration_dist(s, 9223372036854775807) FROM generate_series(1, 2) AS s', '22003', NULL, 'more than 2^63 - 1 in all');
SELECT is((SELECT duration_dist(h, n) FROM (SELECT seconds AS h, count(*) AS n FROM duration d2 WHERE d2.kind = d.kind GROUP BY 1) c),
          duration_dist(seconds), kind || ': counted values are the rows') FROM duration d GROUP BY kind;

-- Taken away, and in order.
SELECT is(('{1:3, 5:2}'::duration_dist - '{1:1, 5:2}')::text, '{1:2}', 'what is left');
SELECT is(('{1:3}'::duration_dist - '{}')::text, '{1:3}', 'nothing taken away');
SELECT is(('{1:3}'::duration_dist - NULL)::text, NULL, 'NULL taken away');
SELECT throws_ok(format('SELECT %L::duration_dist - %L', a, b), '22023', NULL, b || ' cannot be taken from ' || a)
FROM (VALUES ('{}', '{1:1}'), ('{1:1}', '{1:2}'), ('{1:1, 3:1}', '{2:1}'), ('{70000:1}', '{70000:1, 80000:1}')) v (a, b);
SELECT is(string_agg(d::text, ' ' ORDER BY d), '{} {1:1} {1:2} {1:2, 5:1} {1:1, 2:1} {1:1, 2:2} {2:1} {70000:1}', 'in the order of arrays of the sorted values')
FROM unnest('{"{1:2, 5:1}","{70000:1}","{1:1}","{}","{2:1}","{1:1, 2:2}","{1:2}","{1:1, 2:1}"}'::duration_dist[]) AS d;
SELECT is_empty($$
    SELECT a, b FROM unnest('{"{}","{1:1}","{1:2}","{1:2, 5:1}","{1:1, 2:1}","{2:1}"}'::duration_dist[]) AS a,
                     unnest('{"{}","{1:1}","{1:2}","{1:2, 5:1}","{1:1, 2:1}","{2:1}"}'::duration_dist[]) AS b,
                     LATERAL (SELECT array_agg(x.seconds ORDER BY x.seconds) AS v FROM buckets(a) x, generate_series(1, x.n)) va,
                     LATERAL (SELECT array_agg(x.seconds ORDER BY x.seconds) AS v FROM buckets(b) x, generate_series(1, x.n)) vb
    WHERE (a < b, a <= b, a = b, a >= b, a > b, a <> b) <>
          (coalesce(va.v, '{}') < coalesce(vb.v, '{}'), coalesce(va.v, '{}') <= coalesce(vb.v, '{}'), coalesce(va.v, '{}') = coalesce(vb.v, '{}'),
           coalesce(va.v, '{}') >= coalesce(vb.v, '{}'), coalesce(va.v, '{}') > coalesce(vb.v, '{}'), coalesce(va.v, '{}') <> coalesce(vb.v, '{}')) $$,
    'every comparison is that of the arrays');
CREATE TEMP TABLE keyed (dist duration_dist PRIMARY KEY);
INSERT INTO keyed SELECT duration_dist(i) FROM generate_series(1, 200) AS i GROUP BY i % 50;
SELECT throws_ok('INSERT INTO keyed SELECT dist FROM keyed LIMIT 1', '23505', NULL, 'a distribution can be a key');

SELECT throws_ok($$ SELECT total('{2147483647:9223372036854775807}'::duration_dist) $$, '22003', NULL, 'a total beyond bigint');

-- Laws: any split merged in any order is the whole, to the byte.
CREATE TEMP TABLE part AS
    SELECT kind, md5(i::text || kind) COLLATE "C" < '8' AS half, i % 37 AS part, duration_dist(seconds) AS dist
    FROM duration GROUP BY kind, half, part;
SELECT is((SELECT duration_dist_send(rollup(dist ORDER BY md5(part::text))) FROM part p WHERE p.kind = d.kind),
          duration_dist_send(duration_dist(seconds)), kind || ': parts rolled up in another order are the whole')
FROM duration d GROUP BY kind;
SELECT ok((SELECT rollup(dist) FROM part p WHERE p.kind = k AND half) + (SELECT rollup(dist) FROM part p WHERE p.kind = k AND NOT half)
          = (SELECT duration_dist(seconds) FROM duration WHERE kind = k), k || ': two halves added are the whole')
FROM unnest('{minutes,few,wide,edge,same}'::text[]) AS k;
SELECT ok('{1:2}'::duration_dist + '{}' = '{1:2}', 'adding nothing changes nothing');
SELECT ok('{1:2}'::duration_dist <> '{1:3}', 'another count is another distribution');
SELECT is(('{1:2}'::duration_dist + NULL)::text, NULL, 'NULL stays NULL');
SELECT throws_ok($$ SELECT '{1:9223372036854775807}'::duration_dist + '{1:1}' $$, '22003', NULL, 'a sum beyond 2^63 - 1 values');
SELECT is(rollup(d)::text, '{1:3}', 'NULLs are skipped') FROM (VALUES ('{1:1}'::duration_dist), (NULL), ('{1:2}')) v (d);
SELECT is((SELECT count(*) FROM (SELECT DISTINCT dist FROM (SELECT dist FROM part UNION ALL SELECT dist::text::duration_dist FROM part) t WHERE dist IS NOT NULL) u),
          (SELECT count(DISTINCT dist::text) FROM part), 'equal values hash alike, however they were made');

SELECT ok((SELECT rollup(dist) FROM part p WHERE p.kind = k) - (SELECT rollup(dist) FROM part p WHERE p.kind = k AND half)
          = (SELECT rollup(dist) FROM part p WHERE p.kind = k AND NOT half), k || ': a + b - b = a')
FROM unnest('{minutes,few,wide,edge,same}'::text[]) AS k;

-- The state is shared, and read without being changed.
SELECT is(array[num_values(d), num_values(d + '{1:1}'), num_values(d)], array[20000, 20001, 20000]::bigint[], 'an accessor changes nothing')
FROM (SELECT duration_dist(seconds) AS d FROM duration WHERE kind = 'minutes') s;
SELECT is((SELECT array_agg(num_values(d) ORDER BY i) FROM
              (SELECT i, duration_dist(seconds) OVER (ORDER BY i) AS d FROM duration WHERE kind = 'few' AND i BETWEEN 1 AND 50) w),
          (SELECT array_agg(i::bigint ORDER BY i) FROM generate_series(1, 50) AS i), 'a growing window gives each row its own state');

-- Binary and stored.
SELECT is(encode(duration_dist_send('{}'), 'hex'), '1100', 'the empty distribution is sent as two bytes');
SELECT is(encode(duration_dist_send('{5:1}'), 'hex'), '11010138', 'one duration, as worked out by hand');
CREATE TEMP TABLE stored AS SELECT kind, rollup(dist) AS dist FROM part GROUP BY kind;
SELECT ok((SELECT dist FROM stored s WHERE s.kind = d.kind) = duration_dist(seconds), kind || ': read back from a table')
FROM duration d GROUP BY kind;
SELECT cmp_ok(pg_column_size(dist), '<', 4000, 'minutes: 20,000 durations take less than 4,000 bytes') FROM stored WHERE kind = 'minutes';
CREATE TEMP TABLE received (dist duration_dist);
-- A client's bytes, in a binary COPY from a file beside the server's data.
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    large_object oid := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea
                                        || int4send(length(bytes)) || bytes || '\xffff'::bytea);
    file text := current_setting('data_directory') || '/naloxone_kpi_receive';
    result text;
BEGIN
    PERFORM lo_export(large_object, file), lo_unlink(large_object);
    DELETE FROM received;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    SELECT dist::text INTO result FROM received;
    RETURN result;
END $$;
SELECT is(pg_temp.receive(duration_dist_send(dist)), dist::text, kind || ': what is sent is received') FROM stored;
SELECT throws_ok(format('SELECT pg_temp.receive(%L)', bad), '22P03', NULL, format('%s is refused', bad))
FROM unnest(ARRAY['\x'::bytea, '\x11', '\x1101', '\x110101', '\x1101013800', '\x21010138', '\x13010138', '\x01', '\x11ff',
                  -- not the canonical parameter, padding that is not zero, a number that is not the shortest, too long a value
                  '\x110100f800', '\x110101b8', '\x118100', '\x11ffffffffffffffffff01', '\x120a1300', '\x1285808080100101']) AS bad;
-- Whatever is changed in a valid form is either refused so, or another valid form.
CREATE FUNCTION pg_temp.mutate(tries integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    bytes bytea;
    sent bytea;
    received_text text;
    refused integer := 0;
BEGIN
    FOR try IN 1 .. tries LOOP
        SELECT duration_dist_send(dist) INTO bytes FROM part ORDER BY md5(try || kind || part || half) LIMIT 1;
        bytes := set_bit(bytes, ('x' || substr(md5('bit' || try), 1, 7))::bit(28)::integer % (8 * length(bytes)), try % 2);
        IF try % 3 = 0 THEN
            bytes := substr(bytes, 1, ('x' || substr(md5('cut' || try), 1, 7))::bit(28)::integer % (length(bytes) + 1));
        END IF;
        BEGIN
            received_text := pg_temp.receive(bytes);
            SELECT duration_dist_send(received_text::duration_dist) INTO sent;
            IF sent <> bytes THEN
                RETURN 'accepted what is not canonical: ' || encode(bytes, 'hex');
            END IF;
        EXCEPTION WHEN invalid_binary_representation THEN
            refused := refused + 1;
        END;
    END LOOP;
    RETURN CASE WHEN refused > tries / 3 AND refused < tries THEN 'sane' ELSE format('refused %s of %s', refused, tries) END;
END $$;
SELECT is(pg_temp.mutate(300), 'sane', 'mutated bytes are refused or valid');
COPY (SELECT 1) TO PROGRAM 'rm -f naloxone_kpi_receive';

-- Parallel: partial aggregates, and the same bytes.
CREATE TABLE parallel_duration AS SELECT * FROM duration;
ANALYZE parallel_duration;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
SELECT matches(pg_temp.plan(query), 'Partial .*Aggregate', query || ' is partial')
FROM unnest(ARRAY['SELECT duration_dist(seconds) FROM parallel_duration',
                  'SELECT kind, duration_dist(make_interval(secs => seconds)) FROM parallel_duration GROUP BY kind',
                  'SELECT rollup(CASE WHEN i > 0 THEN ''{1:1}''::duration_dist END) FROM parallel_duration']) AS query;
CREATE TEMP TABLE parallel_result AS SELECT kind, duration_dist(seconds) AS dist FROM parallel_duration GROUP BY kind;
SELECT is(p.dist::text, s.dist::text, kind || ': parallel and serial agree') FROM parallel_result p JOIN stored s USING (kind);

SELECT * FROM finish();
ROLLBACK;
