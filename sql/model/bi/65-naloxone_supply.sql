-- Are there kits, and are they in date: for analysts. How many there are at a moment is no sum: it is in the view by period.

CREATE VIEW kpi_naloxone_supply WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.received::bigint, k.issued::bigint, k.used::bigint, k.returned::bigint,
           k.transferred::bigint, k.transferred_in_hand::bigint, k.expired::bigint, k.expired_in_hand::bigint, k.lost::bigint,
           k.lost_in_hand::bigint, k.invalid_movements::bigint, k.counts_of_store::bigint, k.counts_in_hand::bigint,
           k.unaccounted_in_store::bigint, k.unaccounted_in_hand::bigint, k.administrations::bigint, k.with_doses_recorded::bigint,
           k.doses_on_forms::bigint, k.kits_on_forms::float8, k.with_kits_needed_recorded::bigint, k.kits_needed::bigint
    FROM naloxone_supply k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_naloxone_supply_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.opening_in_store::bigint, k.opening_in_hand::bigint, k.received::bigint, k.issued::bigint,
           k.used::bigint, k.returned::bigint, k.transferred::bigint, k.transferred_in_hand::bigint, k.expired::bigint,
           k.expired_in_hand::bigint, k.lost::bigint, k.lost_in_hand::bigint, k.invalid_movements::bigint, k.counts_of_store::bigint,
           k.counts_in_hand::bigint, k.counted_in_store::bigint, k.counted_in_hand::bigint, k.unaccounted_in_store::bigint,
           k.unaccounted_in_hand::bigint, k.in_store::bigint, k.in_hand::bigint, k.on_hand::bigint, k.past_expiry_in_store::bigint, k.past_expiry::bigint,
           k.expiring_in_30_days::bigint, k.expiring_in_90_days::bigint, k.expiry_not_known::bigint, k.used_a_day::float8,
           k.days_of_supply::float8, k.days_of_supply_in_store::float8, k.administrations::bigint, k.with_doses_recorded::bigint, k.doses_on_forms::bigint,
           k.kits_on_forms::float8, k.used_per_kit_on_forms::float8, k.with_kits_needed_recorded::bigint, k.kits_needed::bigint,
           k.issued_per_kit_needed::float8
    FROM naloxone_supply k
    JOIN visible_area v USING (area_key);
