-- Reports to other agencies about every administration from 2023 on, and now and then about a batch of drugs: invented, with times to
-- share that suit a 24-hour, a 72-hour and a seven-day rule without always keeping it.

INSERT INTO source_coverage_record (source, division_code, covered_from, recorded_at)
SELECT 'information_share', division_code, greatest(carriage_from, date '2023-01-01'), reference_recorded_at
FROM place, known ORDER BY division_code;

INSERT INTO information_share_record (administration_id, signal_id, agency, due_by, shared_at, acknowledged_at, recorded_at)
SELECT administration_id, signal_id, agency, due_by, CASE WHEN shared_at < before THEN shared_at END,
	CASE WHEN acknowledged_at < before THEN acknowledged_at END, noted_at
FROM (
	SELECT k, administration_id, NULL AS signal_id, agency, occurred_at AS noted_at, occurred_at + allowed AS due_by,
		CASE WHEN pg_temp.uniform('shared with ' || agency, k) < shared THEN occurred_at + pg_temp.wait('shared wait ' || agency, k, mean_days) END AS shared_at
	FROM administration_record, LATERAL (SELECT substr(administration_id, 11)::bigint AS k) n,
		(VALUES ('ambulance', interval '24 hours', 0.95, 0.4), ('health_board', interval '72 hours', 0.88, 1.8),
			('adp', interval '7 days', 0.80, 4.5)) AS a(agency, allowed, shared, mean_days)
	WHERE occurred_at >= timestamptz '2023-01-01 00:00+00'
	UNION ALL
	SELECT 100000 + number, NULL, 'synthetic-signal-' || lpad(number::text, 4, '0'), agency, seen_at, seen_at + interval '7 days',
		CASE WHEN pg_temp.uniform('signal shared with ' || agency, number) < 0.85 THEN seen_at + pg_temp.wait('signal wait ' || agency, number, 3) END
	FROM generate_series(1, 36) AS number, (VALUES ('radar'), ('ldis')) AS a(agency),
		LATERAL (SELECT timestamptz '2023-01-05 10:00+00' + number * interval '30 days' AS seen_at) s
) r
CROSS JOIN known
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.uniform('acknowledged ' || agency, k) < 0.72
	THEN shared_at + pg_temp.wait('acknowledged wait ' || agency, k, 1.5) END AS acknowledged_at) a
WHERE noted_at < before
ORDER BY k, agency;
