-- What the measurements read: SYNTHETIC records, invented by this script. No row is about a person or an event that exists.
--
--     psql -d DATABASE -v rows=20000000 -v people=1000000 -f bench/data.sql      (these are the defaults)
--
-- administration: response times that are about log-normal, longer from division to division, 2 % of them unknown; 13 divisions
-- of very different sizes; 2,192 days, the rows nearly in the order of time, as records arrive. referral: one to nine events a
-- person, the first of stage 1, in the order of time. Chance comes from a hash of the row's number, never from random(): every
-- run writes the same rows.

\set ON_ERROR_STOP on
\if :{?rows}
\else
	\set rows 20000000
\endif
\if :{?people}
\else
	\set people 1000000
\endif

-- A number between 0 and 1, ends excluded, for the k-th thing in one respect: 52 bits of a hash.
CREATE FUNCTION uniform(k bigint, respect bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE
	RETURN ((hashint8extended(k, respect) & 4503599627370495)::float8 + 0.5::float8) / 4503599627370496::float8;

-- Standard normal (Box and Muller 1958).
CREATE FUNCTION normal(k bigint, respect bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE
	RETURN sqrt(-2 * ln(uniform(k, respect))) * cos(2 * pi() * uniform(k, respect + 1));

CREATE UNLOGGED TABLE administration (
	incident_id bigint NOT NULL, occurred_at timestamptz NOT NULL, latitude float8, longitude float8,
	response_s integer, person_id integer, division smallint NOT NULL, doses smallint
);
INSERT INTO administration
SELECT k, occurred_at, 55 + 0.1 * division + 0.05 * uniform(k, 1), -6 + 0.2 * division + 0.1 * uniform(k, 2),
	CASE WHEN uniform(k, 3) >= 0.02 THEN
		-- One in a hundred waits far longer than the others.
		least(14400, greatest(60, exp(6.1 + 0.03 * division + 0.55 * normal(k, 4)
			+ CASE WHEN uniform(k, 6) < 0.01 THEN 1.5 ELSE 0 END)))
	END, 1 + floor(2000000 * uniform(k, 7)), division, 1 + floor(-0.8 * ln(uniform(k, 8)))
FROM (
	SELECT k, 1 + floor(13 * power(uniform(k, 9), 1.4))::integer AS division,
		-- A record is out of its place by at most 500 rows.
		timestamptz '2019-01-01 00:00+00'
			+ interval '2192 days' * ((k - 1 + 500 * uniform(k, 10)) / (:rows + 500)) AS occurred_at
	FROM generate_series(1, :rows::bigint) AS k
	OFFSET 0	-- division and occurred_at are computed once a row
) AS record;

CREATE UNLOGGED TABLE referral (person_id integer NOT NULL, stage smallint NOT NULL, at timestamptz NOT NULL);
INSERT INTO referral
SELECT person, stage, at
FROM (
	SELECT person, CASE WHEN event = 1 THEN 1 ELSE 1 + floor(4 * uniform(16 * person + event, 11)) END AS stage,
		timestamptz '2019-01-01 00:00+00' + interval '2100 days' * uniform(person, 12)
			-- Events are 9 days apart in the mean, exponentially distributed.
			+ interval '9 days' * sum(-ln(uniform(16 * person + event, 13))) OVER (PARTITION BY person ORDER BY event) AS at
	FROM generate_series(1, :people::bigint) AS person, generate_series(1, 1 + floor(9 * uniform(person, 14))::integer) AS event
) AS event
ORDER BY at;

-- Without statistics of the expression, the planner takes every row for a group of its own, and does not aggregate in parallel.
-- Each contestant's expression has them.
CREATE STATISTICS administration_month ON (period_start('month', occurred_at, 'Europe/London', 4)) FROM administration;
CREATE STATISTICS administration_month_toronto ON (period_start('month', occurred_at, 'America/Toronto', 4))
	FROM administration;
CREATE STATISTICS administration_fiscal_year ON (period_start('fiscal_year', occurred_at, 'Europe/London', 4))
	FROM administration;
CREATE STATISTICS administration_date_trunc ON (date_trunc('month', occurred_at)) FROM administration;
CREATE STATISTICS administration_day ON ((occurred_at AT TIME ZONE 'Europe/London')::date) FROM administration;
VACUUM (ANALYZE) administration;
VACUUM (ANALYZE) referral;

-- The same response times as stored states, one a division and day.
CREATE UNLOGGED TABLE daily_duration_dist AS
SELECT division, (occurred_at AT TIME ZONE 'Europe/London')::date AS day, duration_dist(response_s) AS response
FROM administration
GROUP BY 1, 2
ORDER BY 2, 1;
CREATE UNLOGGED TABLE daily_tdigest AS
SELECT division, (occurred_at AT TIME ZONE 'Europe/London')::date AS day, tdigest(response_s, 100) AS response
FROM administration
GROUP BY 1, 2
ORDER BY 2, 1;
CREATE STATISTICS daily_duration_dist_fiscal_year ON (period_start('fiscal_year', day, 4)) FROM daily_duration_dist;
CREATE STATISTICS daily_tdigest_fiscal_year ON (period_start('fiscal_year', day, 4)) FROM daily_tdigest;
VACUUM (ANALYZE) daily_duration_dist;
VACUUM (ANALYZE) daily_tdigest;
