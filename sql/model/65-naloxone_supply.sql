-- Are there kits, and are they in date?
--
-- Kits are in the store of a division or in its officers' hands. Received: into the store. Issued: from the store into hands. Returned:
-- back. Used: out of hands. Transferred, expired, lost and counted: of hands where the record names an officer, else of the store.
-- A count is no movement: it says how many there are at that moment, and the reckoning starts from it. What the reckoning had and the
-- count has not is unaccounted for.

CREATE VIEW kit_movement_day_source AS
    SELECT m.day, m.division_code, m.batch, m.expires_on,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'received'), 0)::bigint AS received,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'issued'), 0)::bigint AS issued,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'used'), 0)::bigint AS used,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'returned'), 0)::bigint AS returned,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'transferred'), 0)::bigint AS transferred,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'transferred' AND m.names_officer), 0)::bigint AS transferred_in_hand,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'expired'), 0)::bigint AS expired,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'expired' AND m.names_officer), 0)::bigint AS expired_in_hand,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'lost'), 0)::bigint AS lost,
           coalesce(sum(m.kits) FILTER (WHERE m.movement = 'lost' AND m.names_officer), 0)::bigint AS lost_in_hand,
           count(*) FILTER (WHERE NOT m.is_valid) AS invalid_movements,
           -- NULL: none of the batch was counted on the day.
           sum(m.kits) FILTER (WHERE m.movement = 'counted' AND NOT m.names_officer)::bigint AS counted_in_store,
           sum(m.kits) FILTER (WHERE m.movement = 'counted' AND m.names_officer)::bigint AS counted_in_hand,
           -- What came in and went out; and of that, what did after the day's last count, where there was one.
           coalesce(sum(m.store_change), 0)::bigint AS store_change,
           coalesce(sum(m.store_change) FILTER (WHERE m.moved_at > m.store_counted_at), 0)::bigint AS store_change_after_count,
           coalesce(sum(m.hand_change), 0)::bigint AS hand_change,
           coalesce(sum(m.hand_change) FILTER (WHERE m.moved_at > m.hand_counted_at), 0)::bigint AS hand_change_after_count
    FROM (
        SELECT day_of(r.moved_at) AS day, coalesce(r.division_code, 'UNKNOWN') AS division_code, left(coalesce(r.batch, 'NONE'), 100) AS batch,
               day_of(r.expires_on) AS expires_on, r.moved_at, r.is_valid, r.names_officer,
               CASE WHEN r.is_valid THEN r.movement END AS movement,
               CASE WHEN r.is_valid THEN r.kits END AS kits,
               CASE WHEN NOT r.is_valid THEN 0
                    WHEN r.movement IN ('received', 'returned') OR (r.movement = 'transferred' AND NOT r.names_officer) THEN r.kits
                    WHEN r.movement = 'issued' OR (r.movement IN ('expired', 'lost') AND NOT r.names_officer) THEN - r.kits
                    ELSE 0 END AS store_change,
               CASE WHEN NOT r.is_valid THEN 0
                    WHEN r.movement = 'issued' OR (r.movement = 'transferred' AND r.names_officer) THEN r.kits
                    WHEN r.movement IN ('used', 'returned') OR (r.movement IN ('expired', 'lost') AND r.names_officer) THEN - r.kits
                    ELSE 0 END AS hand_change,
               max(r.moved_at) FILTER (WHERE r.is_valid AND r.movement = 'counted' AND NOT r.names_officer) OVER same_day AS store_counted_at,
               max(r.moved_at) FILTER (WHERE r.is_valid AND r.movement = 'counted' AND r.names_officer) OVER same_day AS hand_counted_at
        FROM (SELECT k.division_code, k.moved_at, k.movement, k.kits::bigint AS kits, k.batch, k.expires_on, k.officer_key IS NOT NULL AS names_officer,
                     coalesce(k.movement IN ('received', 'issued', 'used', 'returned', 'transferred', 'expired', 'lost')
                              -- Nobody counts fewer than none.
                              OR (k.movement = 'counted' AND k.kits >= 0), false) AND k.kits IS NOT NULL AS is_valid
              FROM kit_movement k) r
        WINDOW same_day AS (PARTITION BY day_of(r.moved_at), coalesce(r.division_code, 'UNKNOWN'))
    ) m
    GROUP BY m.day, m.division_code, m.batch, m.expires_on;

CREATE TABLE kit_movement_day AS TABLE kit_movement_day_source WITH NO DATA;
ALTER TABLE kit_movement_day ADD PRIMARY KEY (day, division_code, batch, expires_on);

-- What the reckoning is made from, by division, place, day and expiry. Where a record gives only the batch, its kits expire when the
-- batch does by other records: on the first of their days, where they differ.
CREATE VIEW kit_ledger_source AS
    SELECT c.division_code, p.place, m.day, CASE WHEN m.expires_on < 'infinity' THEN m.expires_on ELSE coalesce(b.expires_on, 'infinity') END AS expires_on,
           sum(p.change)::bigint AS change, sum(p.change_after_count)::bigint AS change_after_count, sum(p.counted)::bigint AS counted
    FROM kit_movement_day m
    JOIN counted_day c ON c.source = 'kit_movement' AND c.day = m.day AND c.recorded_division_code = m.division_code
    LEFT JOIN (SELECT batch, min(expires_on) AS expires_on FROM kit_movement_day WHERE batch <> 'NONE' GROUP BY batch) b ON b.batch = m.batch
    CROSS JOIN LATERAL (VALUES ('store', m.store_change, m.store_change_after_count, m.counted_in_store),
                               ('hand', m.hand_change, m.hand_change_after_count, m.counted_in_hand)) AS p (place, change, change_after_count, counted)
    WHERE c.division_code <> 'UNKNOWN'
    GROUP BY 1, 2, 3, 4;

CREATE TABLE kit_ledger AS TABLE kit_ledger_source WITH NO DATA;
ALTER TABLE kit_ledger ADD PRIMARY KEY (division_code, place, day, expires_on);

-- On every day with a count and at the end of every month, in every division and place: the kits, and what a count did not find.
-- Nothing is known before the first count, nor across days without records.
CREATE VIEW kit_balance_source AS
    WITH recorded AS (
        SELECT c.division_code, r.span
        FROM counted c
        JOIN division_day h ON h.division_code = c.division_code
        CROSS JOIN LATERAL unnest(c.days * h.held) AS r (span)
        WHERE c.source = 'kit_movement' AND c.division_code <> 'UNKNOWN'
    ), daily AS (
        SELECT d.division_code, d.place, d.day, sum(d.change) AS change, sum(d.change_after_count) AS change_after_count,
               sum(d.counted) AS counted, bool_or(d.is_end) AS is_end
        FROM (
            SELECT division_code, place, day, change, change_after_count, counted, false AS is_end FROM kit_ledger
            UNION ALL
            SELECT r.division_code, p.place, m.day, 0, 0, NULL AS counted, true
            FROM (SELECT elapsed_to AS day FROM period WHERE grain = 'month'
                  UNION SELECT period_start - 1 FROM period WHERE grain = 'month') m
            JOIN recorded r ON r.span @> m.day
            CROSS JOIN (VALUES ('store'), ('hand')) AS p (place)
        ) d
        GROUP BY d.division_code, d.place, d.day
    ), reckoned AS MATERIALIZED (
        SELECT d.division_code, d.place, d.day, r.span, d.counted, d.is_end,
               max(d.day) FILTER (WHERE d.counted IS NOT NULL) OVER so_far AS counted_on,
               -- What stays the same from a count to the next: the count, less all that had come in and gone out until then.
               d.counted + d.change_after_count - sum(d.change) OVER so_far AS level
        FROM daily d
        JOIN recorded r ON r.division_code = d.division_code AND r.span @> d.day
        WINDOW so_far AS (PARTITION BY d.division_code, d.place, r.span ORDER BY d.day)
    ), at_end AS (
        SELECT r.division_code, r.place, r.day, sum(e.kits) AS kits,
               sum(e.kits) FILTER (WHERE l.expires_on < r.day) AS past_expiry,
               sum(e.kits) FILTER (WHERE l.expires_on BETWEEN r.day AND r.day + 30) AS expiring_in_30_days,
               sum(e.kits) FILTER (WHERE l.expires_on BETWEEN r.day AND r.day + 90) AS expiring_in_90_days,
               sum(e.kits) FILTER (WHERE l.expires_on = 'infinity') AS expiry_not_known
        FROM reckoned r
        LEFT JOIN kit_ledger l ON l.division_code = r.division_code AND l.place = r.place AND l.day BETWEEN r.counted_on AND r.day
        CROSS JOIN LATERAL (SELECT CASE WHEN l.day = r.counted_on THEN coalesce(l.counted, 0) + l.change_after_count ELSE l.change END AS kits) e
        WHERE r.is_end
        GROUP BY r.division_code, r.place, r.day
    ), at_count AS (
        SELECT division_code, place, day, counted,
               lag(level) OVER (PARTITION BY division_code, place, span ORDER BY day) - level AS unaccounted
        FROM reckoned WHERE counted IS NOT NULL
    )
    SELECT b.division_code, b.place, b.day, max(b.counted)::bigint AS counted, max(b.unaccounted)::bigint AS unaccounted, max(b.kits)::bigint AS kits,
           max(b.past_expiry)::bigint AS past_expiry, max(b.expiring_in_30_days)::bigint AS expiring_in_30_days,
           max(b.expiring_in_90_days)::bigint AS expiring_in_90_days, max(b.expiry_not_known)::bigint AS expiry_not_known
    FROM (SELECT division_code, place, day, counted, unaccounted, NULL AS kits, NULL AS past_expiry, NULL AS expiring_in_30_days,
                 NULL AS expiring_in_90_days, NULL AS expiry_not_known FROM at_count
          UNION ALL
          SELECT division_code, place, day, NULL AS counted, NULL AS unaccounted, kits, past_expiry, expiring_in_30_days, expiring_in_90_days, expiry_not_known FROM at_end) b
    GROUP BY b.division_code, b.place, b.day;

CREATE TABLE kit_balance AS TABLE kit_balance_source WITH NO DATA;
ALTER TABLE kit_balance ADD PRIMARY KEY (division_code, place, day);

CREATE MATERIALIZED VIEW naloxone_supply AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               sum(m.received) AS received, sum(m.issued) AS issued, sum(m.used) AS used, sum(m.returned) AS returned,
               sum(m.transferred) AS transferred, sum(m.transferred_in_hand) AS transferred_in_hand, sum(m.expired) AS expired,
               sum(m.expired_in_hand) AS expired_in_hand, sum(m.lost) AS lost, sum(m.lost_in_hand) AS lost_in_hand,
               sum(m.invalid_movements) AS invalid_movements
        FROM kit_movement_day m
        JOIN counted_day c ON c.source = 'kit_movement' AND c.day = m.day AND c.recorded_division_code = m.division_code
        GROUP BY c.month, c.division_code
    ), recorded AS (
        -- The days of a period on which a division's kits are recorded, and whether its administrations are on all of them.
        SELECT p.period_key, c.division_code,
               (SELECT sum(upper(r.span) - lower(r.span)) FROM unnest(d.days) AS r (span)) AS days,
               d.days <@ coalesce(a.days, '{}') AS has_forms
        FROM counted c
        CROSS JOIN period p
        LEFT JOIN division_day h ON h.division_code = c.division_code
        LEFT JOIN counted a ON a.source = 'administration' AND a.division_code = c.division_code
        CROSS JOIN LATERAL (
            SELECT c.days * datemultirange(daterange(p.period_start, p.elapsed_to, '[]'))
                   * CASE WHEN c.division_code = 'UNKNOWN' THEN datemultirange(daterange(NULL, NULL)) ELSE h.held END AS days
        ) d
        WHERE c.source = 'kit_movement' AND NOT isempty(d.days)
    ), by_period AS (
        SELECT r.period_key, r.division_code, r.has_forms,
               sum(m.received) AS received, sum(m.issued) AS issued, sum(m.used) AS used, sum(m.returned) AS returned,
               sum(m.transferred) AS transferred, sum(m.transferred_in_hand) AS transferred_in_hand, sum(m.expired) AS expired,
               sum(m.expired_in_hand) AS expired_in_hand, sum(m.lost) AS lost, sum(m.lost_in_hand) AS lost_in_hand,
               sum(m.invalid_movements) AS invalid_movements,
               coalesce(sum(m.used), 0) / r.days AS used_a_day
        FROM recorded r
        JOIN period_month pm ON pm.period_key = r.period_key
        LEFT JOIN by_month m ON m.month = pm.month AND m.division_code = r.division_code
        GROUP BY r.period_key, r.division_code, r.has_forms, r.days
    ), summed AS (
        SELECT b.period_key, ad.area_key, bool_and(b.has_forms) AS has_forms,
               sum(b.received)::bigint AS received, sum(b.issued)::bigint AS issued, sum(b.used)::bigint AS used, sum(b.returned)::bigint AS returned,
               sum(b.transferred)::bigint AS transferred, sum(b.transferred_in_hand)::bigint AS transferred_in_hand,
               sum(b.expired)::bigint AS expired, sum(b.expired_in_hand)::bigint AS expired_in_hand, sum(b.lost)::bigint AS lost,
               sum(b.lost_in_hand)::bigint AS lost_in_hand, sum(b.invalid_movements)::bigint AS invalid_movements,
               sum(b.used_a_day)::float8 AS used_a_day
        FROM by_period b JOIN area_division ad USING (division_code)
        GROUP BY b.period_key, ad.area_key
    ), counts AS (
        -- The last count of the period in each division and place; what is unaccounted for, by every count.
        SELECT q.period_key, ad.area_key,
               sum(q.counted) FILTER (WHERE q.place = 'store')::bigint AS counted_in_store,
               sum(q.counted) FILTER (WHERE q.place = 'hand')::bigint AS counted_in_hand,
               sum(q.unaccounted) FILTER (WHERE q.place = 'store')::bigint AS unaccounted_in_store,
               sum(q.unaccounted) FILTER (WHERE q.place = 'hand')::bigint AS unaccounted_in_hand,
               coalesce(sum(q.counts) FILTER (WHERE q.place = 'store'), 0)::bigint AS counts_of_store,
               coalesce(sum(q.counts) FILTER (WHERE q.place = 'hand'), 0)::bigint AS counts_in_hand
        FROM (
            SELECT pm.period_key, b.division_code, b.place, (array_agg(b.counted ORDER BY b.day DESC))[1] AS counted,
                   sum(b.unaccounted) AS unaccounted, count(*) AS counts
            FROM kit_balance b JOIN period_month pm ON pm.month = period_start('month', b.day)
            WHERE b.counted IS NOT NULL
            GROUP BY pm.period_key, b.division_code, b.place
        ) q
        JOIN area_division ad ON ad.division_code = q.division_code
        GROUP BY q.period_key, ad.area_key
    ), balance AS (
        -- A division whose kits are not known makes the area's unknown, not fewer.
        SELECT b.day, ad.area_key,
               CASE WHEN bool_and(b.kits IS NOT NULL) FILTER (WHERE b.place = 'store')
                    THEN sum(b.kits) FILTER (WHERE b.place = 'store') END::bigint AS in_store,
               CASE WHEN bool_and(b.kits IS NOT NULL) FILTER (WHERE b.place = 'hand')
                    THEN sum(b.kits) FILTER (WHERE b.place = 'hand') END::bigint AS in_hand,
               CASE WHEN bool_and(b.kits IS NOT NULL) THEN sum(b.kits) END::bigint AS on_hand,
               CASE WHEN bool_and(b.kits IS NOT NULL) FILTER (WHERE b.place = 'store')
                    THEN coalesce(sum(b.past_expiry) FILTER (WHERE b.place = 'store'), 0) END::bigint AS past_expiry_in_store,
               CASE WHEN bool_and(b.kits IS NOT NULL) THEN coalesce(sum(b.past_expiry), 0) END::bigint AS past_expiry,
               CASE WHEN bool_and(b.kits IS NOT NULL) THEN coalesce(sum(b.expiring_in_30_days), 0) END::bigint AS expiring_in_30_days,
               CASE WHEN bool_and(b.kits IS NOT NULL) THEN coalesce(sum(b.expiring_in_90_days), 0) END::bigint AS expiring_in_90_days,
               CASE WHEN bool_and(b.kits IS NOT NULL) THEN coalesce(sum(b.expiry_not_known), 0) END::bigint AS expiry_not_known
        FROM kit_balance b JOIN area_division ad USING (division_code)
        GROUP BY b.day, ad.area_key
    ), forms AS (
        SELECT pm.period_key, ad.area_key, sum(f.administrations)::bigint AS administrations, sum(f.with_doses_recorded)::bigint AS with_doses_recorded,
               sum(f.doses)::bigint AS doses, sum(f.with_kits_needed_recorded)::bigint AS with_kits_needed_recorded, sum(f.kits_needed)::bigint AS kits_needed
        FROM (SELECT r.month, r.division_code, sum(r.administrations) AS administrations, sum(r.with_doses_recorded) AS with_doses_recorded,
                     sum(r.doses) AS doses, sum(r.with_kits_needed_recorded) AS with_kits_needed_recorded, sum(r.kits_needed) AS kits_needed
              FROM counted_administration_officer_day r
              JOIN counted c ON c.source = 'kit_movement' AND c.division_code = r.division_code AND c.days @> r.day
              GROUP BY r.month, r.division_code) f
        JOIN period_month pm ON pm.month = f.month
        JOIN area_division ad ON ad.division_code = f.division_code
        GROUP BY pm.period_key, ad.area_key
    ), figures AS (
        SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days, ap.is_covered,
               CASE WHEN ap.is_covered THEN opening.in_store END AS opening_in_store,
               CASE WHEN ap.is_covered THEN opening.in_hand END AS opening_in_hand,
               CASE WHEN ap.is_covered THEN coalesce(s.received, 0) END AS received,
               CASE WHEN ap.is_covered THEN coalesce(s.issued, 0) END AS issued,
               CASE WHEN ap.is_covered THEN coalesce(s.used, 0) END AS used,
               CASE WHEN ap.is_covered THEN coalesce(s.returned, 0) END AS returned,
               CASE WHEN ap.is_covered THEN coalesce(s.transferred, 0) END AS transferred,
               CASE WHEN ap.is_covered THEN coalesce(s.transferred_in_hand, 0) END AS transferred_in_hand,
               CASE WHEN ap.is_covered THEN coalesce(s.expired, 0) END AS expired,
               CASE WHEN ap.is_covered THEN coalesce(s.expired_in_hand, 0) END AS expired_in_hand,
               CASE WHEN ap.is_covered THEN coalesce(s.lost, 0) END AS lost,
               CASE WHEN ap.is_covered THEN coalesce(s.lost_in_hand, 0) END AS lost_in_hand,
               CASE WHEN ap.is_covered THEN coalesce(s.invalid_movements, 0) END AS invalid_movements,
               c.counted_in_store, c.counted_in_hand, c.unaccounted_in_store, c.unaccounted_in_hand,
               CASE WHEN ap.is_covered THEN coalesce(c.counts_of_store, 0) END AS counts_of_store,
               CASE WHEN ap.is_covered THEN coalesce(c.counts_in_hand, 0) END AS counts_in_hand,
               closing.in_store, closing.in_hand, closing.on_hand, closing.past_expiry_in_store, closing.past_expiry,
               closing.expiring_in_30_days, closing.expiring_in_90_days,
               closing.expiry_not_known, s.used_a_day,
               coalesce(s.has_forms, false) AS has_forms,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.administrations, 0) END AS administrations,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.with_doses_recorded, 0) END AS with_doses_recorded,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.doses, 0) END AS doses_on_forms,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.doses, 0) END::float8 / nullif(num_doses(setting.kit_contents), 0) AS kits_on_forms,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.with_kits_needed_recorded, 0) END AS with_kits_needed_recorded,
               CASE WHEN ap.is_covered AND form_period.is_covered THEN coalesce(f.kits_needed, 0) END AS kits_needed
        FROM area_period ap
        JOIN period p ON p.period_key = ap.period_key
        CROSS JOIN setting
        LEFT JOIN area_period form_period ON form_period.source = 'administration' AND form_period.period_key = ap.period_key
             AND form_period.area_key = ap.area_key
        LEFT JOIN summed s ON s.period_key = ap.period_key AND s.area_key = ap.area_key
        LEFT JOIN counts c ON c.period_key = ap.period_key AND c.area_key = ap.area_key
        LEFT JOIN balance opening ON opening.day = p.period_start - 1 AND opening.area_key = ap.area_key
        LEFT JOIN balance closing ON closing.day = p.elapsed_to AND closing.area_key = ap.area_key
        LEFT JOIN forms f ON f.period_key = ap.period_key AND f.area_key = ap.area_key
        WHERE ap.source = 'kit_movement'
    )
    SELECT f.period_key, f.area_key, f.division_days, f.covered_division_days,
           f.opening_in_store, f.opening_in_hand,
           f.received, f.issued, f.used, f.returned, f.transferred, f.transferred_in_hand, f.expired, f.expired_in_hand, f.lost, f.lost_in_hand,
           f.invalid_movements,
           f.counts_of_store, f.counts_in_hand, f.counted_in_store, f.counted_in_hand, f.unaccounted_in_store, f.unaccounted_in_hand,
           f.in_store, f.in_hand, f.on_hand,
           f.past_expiry_in_store, f.past_expiry, f.expiring_in_30_days, f.expiring_in_90_days, f.expiry_not_known,
           f.used_a_day,
           -- Not greatest(): of NULL and 0 that is 0.
           CASE WHEN f.used_a_day > 0 THEN CASE WHEN f.on_hand < f.past_expiry THEN 0 ELSE f.on_hand - f.past_expiry END / f.used_a_day END AS days_of_supply,
           CASE WHEN f.used_a_day > 0 THEN CASE WHEN f.in_store < f.past_expiry_in_store THEN 0 ELSE f.in_store - f.past_expiry_in_store END / f.used_a_day
               END AS days_of_supply_in_store,
           f.administrations, f.with_doses_recorded, f.doses_on_forms, f.kits_on_forms,
           CASE WHEN f.has_forms THEN f.used / nullif(f.kits_on_forms, 0) END AS used_per_kit_on_forms,
           f.with_kits_needed_recorded, f.kits_needed,
           CASE WHEN f.has_forms THEN f.issued::float8 / nullif(f.kits_needed, 0) END AS issued_per_kit_needed
    FROM figures f;
CREATE UNIQUE INDEX naloxone_supply_key ON naloxone_supply (period_key, area_key);

INSERT INTO refresh_step VALUES
    (271, 'engine_room', 'kit_movement_day'),
    (272, 'engine_room', 'kit_ledger'),
    (273, 'engine_room', 'kit_balance'),
    (650, 'engine_room', 'naloxone_supply');
INSERT INTO rollup VALUES ('kit_movement_day', '{day,division_code}');
INSERT INTO rollup_source VALUES ('kit_movement_day', 'kit_movement', 'marked_day');

INSERT INTO object_definition VALUES
    ('kit_movement_day_source', 'what a refresh fills kit_movement_day with'),
    ('kit_movement_day', 'kits received, issued, used and so on, by day, division, batch and expiry'),
    ('kit_ledger_source', 'what a refresh fills kit_ledger with'),
    ('kit_ledger', 'what kits came in, went out and were counted, by division, place, day and expiry'),
    ('kit_balance_source', 'what a refresh fills kit_balance with'),
    ('kit_balance', 'kits in every division''s store and hands at the end of every month, and what its counts did not find'),
    ('naloxone_supply', 'are there kits, and are they in date: by period and area');

INSERT INTO dictionary VALUES
    ('naloxone_supply', 'opening_in_store', 'kits in the stores as the period began', 'kits', false, 'the last count before, with what came in and went out since; NULL where a division with records was not counted yet', 'kit_movement'),
    ('naloxone_supply', 'opening_in_hand', 'kits that officers held as the period began', 'kits', false, 'the last count before, with what came in and went out since; NULL where a division with records was not counted yet', 'kit_movement'),
    ('naloxone_supply', 'received', 'kits that the stores received', 'kits', true, 'by the day of the movement and the record''s division; a negative number is a correction', 'kit_movement'),
    ('naloxone_supply', 'issued', 'kits issued from the stores to officers', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'used', 'kits that officers used', 'kits', true, 'as stores recorded them; the forms are counted beside', 'kit_movement'),
    ('naloxone_supply', 'returned', 'kits that officers brought back to the stores', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'transferred', 'kits transferred in, less those transferred out', 'kits', true, 'over the force 0, unless only one side of a transfer is recorded', 'kit_movement'),
    ('naloxone_supply', 'transferred_in_hand', 'of transferred, those that went with an officer: the record names one', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'expired', 'kits taken out of service because they expired', 'kits', true, 'kits past their expiry and still there are past_expiry', 'kit_movement'),
    ('naloxone_supply', 'expired_in_hand', 'of expired, those that officers held: the record names one', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'lost', 'kits recorded as lost', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'lost_in_hand', 'of lost, those that officers held: the record names one', 'kits', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'invalid_movements', 'records left out: of a movement that is not known, or counting fewer than no kits', 'records', true, NULL, 'kit_movement'),
    ('naloxone_supply', 'counts_of_store', 'stock counts of a division''s store', 'counts', true, 'all that is counted on a day is one count, of everything there: what is not in it is not there', 'kit_movement'),
    ('naloxone_supply', 'counts_in_hand', 'stock counts of what a division''s officers hold', 'counts', true, 'all that is counted on a day is one count, of everything there: what is not in it is not there', 'kit_movement'),
    ('naloxone_supply', 'counted_in_store', 'kits that the last count of the period found in the store; NULL: none was made', 'kits', false, 'over the divisions that counted', 'kit_movement'),
    ('naloxone_supply', 'counted_in_hand', 'kits that the last count of the period found in officers'' hands; NULL: none was made', 'kits', false, 'over the divisions that counted', 'kit_movement'),
    ('naloxone_supply', 'unaccounted_in_store', 'kits that counts in the period should have found in the stores and did not; below 0: more were found', 'kits', true, 'the count before + received + returned + transferred - issued - expired - lost since (of the store) - the count; NULL where nothing was counted or not before', 'kit_movement'),
    ('naloxone_supply', 'unaccounted_in_hand', 'kits that counts in the period should have found in officers'' hands and did not; below 0: more were found', 'kits', true, 'the count before + issued + transferred - used - returned - expired - lost since (in hand) - the count; NULL where nothing was counted or not before', 'kit_movement'),
    ('naloxone_supply', 'in_store', 'kits in the stores at the end of the period', 'kits', false, 'the last count, with what came in and went out since; below 0 shows what was not recorded', 'kit_movement'),
    ('naloxone_supply', 'in_hand', 'kits that officers hold at the end of the period', 'kits', false, 'the last count, with what came in and went out since; below 0 shows what was not recorded', 'kit_movement'),
    ('naloxone_supply', 'on_hand', 'kits in the stores and in officers'' hands at the end of the period', 'kits', false, 'NULL where either is not known', 'kit_movement'),
    ('naloxone_supply', 'past_expiry_in_store', 'of in_store, kits past their expiry', 'kits', false, 'as past_expiry', 'kit_movement'),
    ('naloxone_supply', 'past_expiry', 'of on_hand, kits past their expiry', 'kits', false, 'a kit may be used on the day on which it expires; a record with only a batch expires as the batch does', 'kit_movement'),
    ('naloxone_supply', 'expiring_in_30_days', 'of on_hand, kits that expire on the last day of the period or within 30 days after it', 'kits', false, 'not those past their expiry already', 'kit_movement'),
    ('naloxone_supply', 'expiring_in_90_days', 'of on_hand, kits that expire on the last day of the period or within 90 days after it', 'kits', false, 'expiring_in_30_days is a part of it', 'kit_movement'),
    ('naloxone_supply', 'expiry_not_known', 'of on_hand, kits whose expiry is not recorded; below 0: kits of a known expiry left without it being recorded', 'kits', false, NULL, 'kit_movement'),
    ('naloxone_supply', 'used_a_day', 'kits used a day in the period, over the days with records', 'kits a day', false, 'each division by its own days', 'kit_movement, source_coverage'),
    ('naloxone_supply', 'days_of_supply', 'how long the kits that are not past their expiry would last', 'days', false, '(on_hand - past_expiry) / used_a_day; NULL where none was used; a short period says little', 'kit_movement'),
    ('naloxone_supply', 'days_of_supply_in_store', 'how long the stores could replace what is used: their kits that are not past their expiry, at the rate of use', 'days', false, '(in_store - past_expiry_in_store) / used_a_day; NULL where none was used', 'kit_movement'),
    ('naloxone_supply', 'administrations', 'administrations by officers of the division, on days with records of both kits and administrations', 'administrations', true, 'by the officer''s own division', 'administration'),
    ('naloxone_supply', 'with_doses_recorded', 'of administrations, those of which the number of doses is recorded', 'administrations', true, NULL, 'administration'),
    ('naloxone_supply', 'doses_on_forms', 'doses on their forms, where recorded', 'doses', true, NULL, 'administration'),
    ('naloxone_supply', 'kits_on_forms', 'the kits that doses_on_forms come to', 'kits', true, 'doses divided by the doses in a kit (setting); kits of which one dose was given are used up too, so used may rightly be more', 'administration, setting'),
    ('naloxone_supply', 'used_per_kit_on_forms', 'used divided by kits_on_forms', 'ratio', false, 'only where administrations are recorded on every day on which kits are', 'kit_movement, administration'),
    ('naloxone_supply', 'with_kits_needed_recorded', 'of administrations, those of which it is recorded whether and how many kits are needed', 'administrations', true, NULL, 'administration'),
    ('naloxone_supply', 'kits_needed', 'kits that the forms asked for', 'kits', true, NULL, 'administration'),
    ('naloxone_supply', 'issued_per_kit_needed', 'issued divided by kits_needed', 'ratio', false, 'issued includes officers'' first kits; only where administrations are recorded on every day on which kits are', 'kit_movement, administration');
