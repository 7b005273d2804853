-- Kits of naloxone, from nothing in each division on the day on which it begins to carry. Officers get one when they begin to carry,
-- bring it back when they leave, use it as the forms of administrations say, and ask for others. Of a first batch a second takes the
-- place before it expires, three years on. All of it is invented, made to agree with the invented officers and administrations: but a few
-- kits get lost unseen, which the stock counts find. Whoever counts what officers hold writes one word for all of them.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'kit_movement', division_code, carriage_from, reference_recorded_at FROM place, known ORDER BY division_code;

CREATE TEMP TABLE kit_flow ON COMMIT DROP AS
WITH renewal AS MATERIALIZED (
	SELECT division_code, carriage_from, (carriage_from + interval '33 months')::date AS renewed_on, (carriage_from + interval '36 months')::date AS first_expiry,
		(carriage_from + interval '69 months')::date AS second_expiry,
		(SELECT count(*) FROM officer_carriage_record o
		 WHERE o.division_code = place.division_code AND carries_from < carriage_from + interval '33 months'
		   AND (eligible_to IS NULL OR eligible_to > carriage_from + interval '33 months')) AS carriers
	FROM place
), movement AS (
	SELECT division_code, carriage_from + time '08:30' AS local_time, 'received' AS movement, 1150 AS kits, false AS in_hand, true AS batch_noted
	FROM place
	UNION ALL
	SELECT division_code, renewed_on - 14 + time '10:00', 'received', (carriers * 1.15)::integer, false, true FROM renewal
	-- A kit when an officer begins to carry, on a Monday; one back when they leave, mostly.
	UNION ALL
	SELECT division_code, date_trunc('week', carries_from) + interval '7 days 12 hours', 'issued', count(*), false, true
	FROM officer_carriage_record WHERE carries_from IS NOT NULL GROUP BY 1, 2
	UNION ALL
	SELECT division_code, date_trunc('week', eligible_to) + interval '7 days 15 hours', 'returned', count(*), false, true
	FROM officer_carriage_record
	WHERE carries_from <= eligible_to AND pg_temp.uniform('kit returned', substr(officer_key, 19)::bigint) < 0.93 GROUP BY 1, 2
	-- As many kits as hold the doses given; the batch is noted for most. What officers ask for comes days later.
	UNION ALL
	SELECT officer_division_code, date_trunc('minute', occurred_at AT TIME ZONE 'Europe/London' + pg_temp.seconds('use noted', k, 3600, 90000)),
		'used', (num_doses(doses) + 1) / 2, true, pg_temp.uniform('batch noted', k) < 0.7
	FROM administration_record, LATERAL (SELECT substr(administration_id, 11)::bigint AS k) n
	WHERE num_doses(doses) > 0 AND pg_temp.uniform('use recorded', k) < 0.97
	UNION ALL
	SELECT officer_division_code, date_trunc('minute', occurred_at AT TIME ZONE 'Europe/London' + pg_temp.seconds('resupply', k, 90000, 700000)),
		'issued', kits_needed, false, true
	FROM administration_record, LATERAL (SELECT substr(administration_id, 11)::bigint AS k) n
	WHERE kits_needed > 0 AND pg_temp.uniform('resupplied', k) < 0.95
	-- Reported lost.
	UNION ALL
	SELECT division_code, carriage_from + 20 + floor(1000 * pg_temp.uniform('kit lost', number + 100 * ascii(division_code)))::integer + time '11:00',
		'lost', 1, number % 8 <> 0, true
	FROM place, generate_series(1, 14) AS number
	-- The first batch goes before it expires, except for a few that officers do not bring in time.
	UNION ALL
	SELECT division_code, renewed_on + 3 * week + time '12:00', movement, carriers / 4 - CASE movement WHEN 'expired' THEN 20 ELSE 0 END, in_hand, true
	FROM renewal, generate_series(0, 3) AS week, (VALUES ('issued', false), ('expired', true)) AS swap(movement, in_hand)
	UNION ALL
	-- A transfer between two neighbours, both sides recorded.
	SELECT division_code, timestamp '2024-06-12 10:00', 'transferred', kits, false, true FROM (VALUES ('G', 60), ('K', -60)) AS t(division_code, kits)
)
SELECT m.division_code, m.local_time, m.movement, m.kits::integer AS kits, m.in_hand,
	CASE WHEN m.movement <> 'expired' AND m.local_time >= r.renewed_on - 14 THEN 2 ELSE 1 END AS batch, m.batch_noted,
	r.first_expiry, r.second_expiry
FROM movement m JOIN renewal r USING (division_code), known
WHERE m.local_time AT TIME ZONE 'Europe/London' < before AND m.local_time >= r.carriage_from;

-- What is left of the first batch in the store goes as the month begins in which it expires.
INSERT INTO kit_flow
SELECT f.division_code, expired_at, 'expired', sum(CASE WHEN f.movement IN ('received', 'returned', 'transferred') THEN f.kits
		WHEN f.movement = 'issued' OR NOT f.in_hand AND f.movement IN ('expired', 'lost') THEN - f.kits ELSE 0 END),
	false, 1, true, f.first_expiry, f.second_expiry
FROM kit_flow f, known, LATERAL (SELECT date_trunc('month', f.first_expiry) - interval '3 days 14 hours' AS expired_at) e
WHERE f.batch = 1 AND f.local_time < expired_at AND expired_at AT TIME ZONE 'Europe/London' < before
GROUP BY f.division_code, expired_at, f.first_expiry, f.second_expiry;

-- Counted as carriage began, when there was nothing, then on the first morning of every quarter; Highlands and Islands left out 2024.
CREATE TEMP TABLE kit_count ON COMMIT DROP AS
SELECT division_code, local_time, place_kind, batch,
	coalesce((SELECT sum(CASE
			WHEN place_kind = 'hand' THEN CASE WHEN f.movement = 'issued' THEN f.kits
				WHEN f.movement IN ('used', 'returned') OR f.in_hand AND f.movement IN ('expired', 'lost') THEN - f.kits ELSE 0 END
			ELSE CASE WHEN f.movement IN ('received', 'returned', 'transferred') THEN f.kits
				WHEN f.movement = 'issued' OR NOT f.in_hand AND f.movement IN ('expired', 'lost') THEN - f.kits ELSE 0 END END)
		FROM kit_flow f
		WHERE f.division_code = p.division_code AND f.batch = b.batch AND f.local_time <= c.local_time), 0) AS kits,
	-- Lost unseen: about three a quarter from officers, none from stores.
	CASE place_kind WHEN 'hand' THEN coalesce((SELECT sum(floor(7 * pg_temp.uniform('lost unseen ' || p.division_code, q))) FROM generate_series(1, number) AS q), 0)
		ELSE 0 END AS lost_unseen
FROM place p,
	LATERAL (
		SELECT 0 AS number, carriage_from + time '08:00' AS local_time
		UNION ALL
		SELECT row_number() OVER (ORDER BY quarter), quarter + interval '7 hours'
		FROM generate_series(timestamp '2021-04-01', timestamp '2025-10-01', interval '3 months') AS quarter
		WHERE quarter > carriage_from AND NOT (division_code = 'N' AND extract(year FROM quarter) = 2024)) c,
	(VALUES ('store'), ('hand')) AS k(place_kind), (VALUES (1), (2)) AS b(batch);

INSERT INTO kit_movement_record (division_code, moved_at, movement, kits, batch, expires_on, officer_key, recorded_at)
SELECT CASE WHEN movement <> 'used' OR pg_temp.uniform('no division of use', n) >= 0.01 THEN division_code END,
	moved_at, movement, kits,
	CASE WHEN batch_noted THEN 'synthetic-batch-' || division_code || batch END,
	-- Officers note no more than the batch.
	CASE WHEN batch_noted AND movement <> 'used' THEN CASE batch WHEN 1 THEN first_expiry ELSE second_expiry END END,
	CASE WHEN in_hand THEN 'synthetic-officers' END,
	moved_at + interval '1 hour'
FROM (
	SELECT *, local_time AT TIME ZONE 'Europe/London' AS moved_at,
		row_number() OVER (ORDER BY local_time, division_code, movement, in_hand, kits, batch_noted) AS n
	FROM (
		SELECT division_code, local_time, movement, kits, in_hand, batch, batch_noted, first_expiry, second_expiry FROM kit_flow WHERE kits <> 0
		UNION ALL
		-- What was lost is of the first batch as far as there is any.
		SELECT c.division_code, c.local_time, 'counted',
			greatest(c.kits - CASE c.batch WHEN 1 THEN c.lost_unseen
				ELSE greatest(c.lost_unseen - max(c.kits) FILTER (WHERE c.batch = 1) OVER same_count, 0) END, 0)::integer,
			c.place_kind = 'hand', c.batch, true, (p.carriage_from + interval '36 months')::date, (p.carriage_from + interval '69 months')::date
		FROM kit_count c JOIN place p USING (division_code)
		WINDOW same_count AS (PARTITION BY c.division_code, c.local_time, c.place_kind)) m
) numbered
ORDER BY n;
