-- naloxone_supply in the sample warehouse, row by row, beside the same worked out from the movements by their times, one at a time.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(4);

\ir preamble/records.psql
\ir preamble/kits.psql

CREATE TEMP TABLE form ON COMMIT DROP AS
SELECT coalesce(a.officer_division_code, 'UNKNOWN') AS division_code, a.occurred_at::date AS day, a.kits_needed,
       CASE WHEN cardinality(a.doses) > 0 THEN (SELECT sum(split_part(d::text, ' ', 1)::integer) FROM unnest(a.doses) AS d) END AS doses
FROM kpi.administration_record a
JOIN since s ON s.source = 'administration' AND s.division_code = coalesce(a.officer_division_code, 'UNKNOWN') AND a.occurred_at::date BETWEEN s.covered_from AND '2025-12-31'
JOIN since k ON k.source = 'kit_movement' AND k.division_code = s.division_code AND a.occurred_at::date >= k.covered_from;

CREATE TEMP TABLE expected ON COMMIT DROP AS
WITH key AS (
    SELECT c.period_key, t.area_key, c.first_day, c.last_day, array_agg(t.division_code) AS divisions,
           sum(c.last_day - c.first_day + 1) FILTER (WHERE t.division_code <> 'UNKNOWN') AS days,
           coalesce(sum(greatest(c.last_day - greatest(c.first_day, s.covered_from) + 1, 0)) FILTER (WHERE t.division_code <> 'UNKNOWN'), 0) AS covered,
           bool_or(s.covered_from <= c.last_day) AS is_covered
    FROM calendar c CROSS JOIN territory t JOIN since s ON s.source = 'kit_movement' AND s.division_code = t.division_code
    GROUP BY 1, 2, 3, 4
)
SELECT k.period_key, k.area_key, coalesce(k.days, 0) AS division_days, k.covered AS covered_division_days, o.in_store AS opening_in_store, o.in_hand AS opening_in_hand,
       m.received, m.issued, m.used, m.returned, m.transferred, m.transferred_in_hand, m.expired, m.expired_in_hand, m.lost, m.lost_in_hand,
       CASE WHEN k.is_covered THEN 0 END AS invalid_movements, CASE WHEN k.is_covered THEN u.counts_of_store END AS counts_of_store,
       CASE WHEN k.is_covered THEN u.counts_in_hand END AS counts_in_hand, l.counted_in_store, l.counted_in_hand, u.unaccounted_in_store, u.unaccounted_in_hand,
       e.in_store, e.in_hand, e.on_hand, e.past_expiry_in_store, e.past_expiry, e.in_30 AS expiring_in_30_days, e.in_90 AS expiring_in_90_days, e.not_known AS expiry_not_known,
       d.used_a_day, (e.on_hand - e.past_expiry) / nullif(d.used_a_day, 0) AS days_of_supply,
       (e.in_store - e.past_expiry_in_store) / nullif(d.used_a_day, 0) AS days_of_supply_in_store,
       f.administrations, f.with_doses_recorded, f.doses AS doses_on_forms, f.doses / 2.0 AS kits_on_forms, m.used / nullif(f.doses / 2.0, 0) AS used_per_kit_on_forms,
       f.with_kits_needed_recorded, f.kits_needed, m.issued::float8 / nullif(f.kits_needed, 0) AS issued_per_kit_needed
FROM key k
LEFT JOIN LATERAL (
    SELECT coalesce(sum(kits) FILTER (WHERE movement = 'received'), 0) AS received, coalesce(sum(kits) FILTER (WHERE movement = 'issued'), 0) AS issued,
           coalesce(sum(kits) FILTER (WHERE movement = 'used'), 0) AS used, coalesce(sum(kits) FILTER (WHERE movement = 'returned'), 0) AS returned,
           coalesce(sum(kits) FILTER (WHERE movement = 'transferred'), 0) AS transferred,
           coalesce(sum(kits) FILTER (WHERE movement = 'transferred' AND in_hand), 0) AS transferred_in_hand,
           coalesce(sum(kits) FILTER (WHERE movement = 'expired'), 0) AS expired, coalesce(sum(kits) FILTER (WHERE movement = 'expired' AND in_hand), 0) AS expired_in_hand,
           coalesce(sum(kits) FILTER (WHERE movement = 'lost'), 0) AS lost, coalesce(sum(kits) FILTER (WHERE movement = 'lost' AND in_hand), 0) AS lost_in_hand
    FROM movement WHERE day BETWEEN k.first_day AND k.last_day AND division_code = ANY (k.divisions)) m ON k.is_covered
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE place = 'store') AS counts_of_store, count(*) FILTER (WHERE place = 'hand') AS counts_in_hand,
           sum(unaccounted) FILTER (WHERE place = 'store') AS unaccounted_in_store, sum(unaccounted) FILTER (WHERE place = 'hand') AS unaccounted_in_hand
    FROM found_less WHERE day BETWEEN k.first_day AND k.last_day AND division_code = ANY (k.divisions)) u ON true
LEFT JOIN LATERAL (
    SELECT sum(kits) FILTER (WHERE place = 'store') AS counted_in_store, sum(kits) FILTER (WHERE place = 'hand') AS counted_in_hand
    FROM (SELECT DISTINCT ON (division_code, place) place, kits FROM found_less
          WHERE day BETWEEN k.first_day AND k.last_day AND division_code = ANY (k.divisions) ORDER BY division_code, place, day DESC) q) l ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN every(kits IS NOT NULL) FILTER (WHERE place = 'store') THEN sum(kits) FILTER (WHERE place = 'store') END AS in_store,
           CASE WHEN every(kits IS NOT NULL) FILTER (WHERE place = 'hand') THEN sum(kits) FILTER (WHERE place = 'hand') END AS in_hand
    FROM stock WHERE day = k.first_day - 1 AND division_code = ANY (k.divisions)) o ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN every(kits IS NOT NULL) FILTER (WHERE place = 'store') THEN sum(kits) FILTER (WHERE place = 'store') END AS in_store,
           CASE WHEN every(kits IS NOT NULL) FILTER (WHERE place = 'hand') THEN sum(kits) FILTER (WHERE place = 'hand') END AS in_hand,
           CASE WHEN every(kits IS NOT NULL) THEN sum(kits) END AS on_hand, sum(past_expiry) FILTER (WHERE place = 'store') AS past_expiry_in_store,
           sum(past_expiry) AS past_expiry, sum(in_30) AS in_30, sum(in_90) AS in_90, sum(not_known) AS not_known
    FROM stock WHERE day = k.last_day AND division_code = ANY (k.divisions)) e ON true
LEFT JOIN LATERAL (
    SELECT sum(q.used::float8 / q.days) AS used_a_day
    FROM (SELECT s.division_code, k.last_day - greatest(k.first_day, s.covered_from) + 1 AS days,
                 (SELECT coalesce(sum(kits), 0) FROM movement m WHERE m.division_code = s.division_code AND m.movement = 'used' AND m.day BETWEEN k.first_day AND k.last_day) AS used
          FROM since s WHERE s.source = 'kit_movement' AND s.division_code = ANY (k.divisions) AND s.covered_from <= k.last_day) q) d ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS administrations, count(doses) AS with_doses_recorded, coalesce(sum(doses), 0) AS doses, count(kits_needed) AS with_kits_needed_recorded,
           coalesce(sum(kits_needed), 0) AS kits_needed
    FROM form WHERE day BETWEEN k.first_day AND k.last_day AND division_code = ANY (k.divisions)) f ON k.is_covered;

CREATE TEMP TABLE found ON COMMIT DROP AS TABLE kpi_bi.kpi_naloxone_supply_period;
SELECT is(pg_temp.differences('found', 'expected', 'period_key, area_key'), 0::bigint, 'every period and area');
SELECT cmp_ok(count(*), '>=', 3000::bigint, 'of which there are thousands') FROM found JOIN expected USING (period_key, area_key);

CREATE TEMP TABLE found_by_month ON COMMIT DROP AS TABLE kpi_bi.kpi_naloxone_supply;
CREATE TEMP TABLE expected_by_month ON COMMIT DROP AS
SELECT period_key, area_key, division_days, covered_division_days, received, issued, used, returned, transferred, transferred_in_hand, expired, expired_in_hand, lost,
       lost_in_hand, invalid_movements, counts_of_store, counts_in_hand, unaccounted_in_store, unaccounted_in_hand, administrations, with_doses_recorded,
       doses_on_forms, kits_on_forms, with_kits_needed_recorded, kits_needed
FROM expected WHERE period_key LIKE 'month %' AND area_key LIKE 'division %';
SELECT is(pg_temp.differences('found_by_month', 'expected_by_month', 'period_key, area_key'), 0::bigint, 'every month and division');
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'of which there are many') FROM found_by_month;

SELECT * FROM finish();
ROLLBACK;
