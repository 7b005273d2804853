-- What is in the supply: for analysts. Signals may be summed over months and divisions, mentions of substances over substances too.

CREATE VIEW kpi_substance_signals WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.signals::bigint, k.signals_suspected::bigint, k.signals_tested::bigint,
           k.signals_seizure::bigint, k.signals_toxicology::bigint, k.signals_pathology::bigint,
           k.signals_drug_check::bigint, k.signals_intelligence::bigint, k.signals_other::bigint, k.named_suspected::bigint,
           k.named_tested::bigint, k.without_substances::bigint
    FROM substance_signals k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_substance_signals_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.division_days::bigint,
           k.covered_division_days::bigint, k.signals::bigint, k.signals_suspected::bigint, k.signals_tested::bigint,
           k.signals_seizure::bigint, k.signals_toxicology::bigint, k.signals_pathology::bigint,
           k.signals_drug_check::bigint, k.signals_intelligence::bigint, k.signals_other::bigint, k.named_suspected::bigint,
           k.named_tested::bigint, k.without_substances::bigint
    FROM substance_signals k
    JOIN visible_area v USING (area_key);

CREATE VIEW kpi_substance_trend WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.substance::varchar(110) AS substance,
           k.mentions::bigint, k.mentions_suspected::bigint, k.mentions_tested::bigint,
           k.mentions_seizure::bigint, k.mentions_toxicology::bigint, k.mentions_pathology::bigint,
           k.mentions_drug_check::bigint, k.mentions_intelligence::bigint, k.mentions_other::bigint
    FROM substance_trend k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division';

CREATE VIEW kpi_substance_trend_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.substance::varchar(110) AS substance,
           k.division_days::bigint, k.covered_division_days::bigint, k.mentions::bigint,
           k.mentions_suspected::bigint, k.mentions_tested::bigint, k.mentions_seizure::bigint,
           k.mentions_toxicology::bigint, k.mentions_pathology::bigint, k.mentions_drug_check::bigint,
           k.mentions_intelligence::bigint, k.mentions_other::bigint, k.named_suspected::bigint, k.suspected_share::float8,
           k.suspected_share_lower::float8, k.suspected_share_upper::float8, k.named_tested::bigint, k.tested_share::float8,
           k.tested_share_lower::float8, k.tested_share_upper::float8, k.first_seen_on::date, k.first_tested_on::date,
           k.expected::float8, k.upper_bound::float8, k.alarm::integer::smallint AS alarm, k.reason::varchar(40) AS reason
    FROM substance_trend k
    JOIN visible_area v USING (area_key);
