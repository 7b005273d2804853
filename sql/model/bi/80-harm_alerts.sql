-- What needs a call: for analysts. How many alerts may be summed; what each says may not.

CREATE VIEW kpi_harm_alerts WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.alert_kind::varchar(40) AS alert_kind, count(*)::bigint AS alerts
    FROM harm_alerts k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
    GROUP BY k.period_key, k.area_key, k.alert_kind;

CREATE VIEW kpi_harm_alerts_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.alert_kind::varchar(40) AS alert_kind,
           k.alert::varchar(150) AS alert, k.ambulance_category::varchar(20) AS ambulance_category, k.clock::varchar(20) AS clock,
           k.urban_rural::varchar(30) AS urban_rural, k.value::float8, k.threshold::float8, k.q_value::float8, k.first_seen, k.last_seen,
           k.is_current::integer::smallint AS is_current, k.evidence::varchar(200) AS evidence
    FROM harm_alerts k
    JOIN visible_area v USING (area_key);

-- The weeks themselves, with those that raised no alarm. Of areas with a place: a record of UNKNOWN is in the force's count, and in no
-- division's, so that nothing here may be summed over areas.
CREATE VIEW kpi_harm_watch WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.alert::varchar(150) AS alert, k.week_start, k.cases::bigint,
           k.expected::float8, k.upper_bound::float8, k.p_value::float8, k.q_value::float8, k.alarm::integer::smallint AS alarm, k.reason::varchar(40) AS reason
    FROM harm_watch k
    JOIN visible_area v USING (area_key);
