-- What fills the dimension tables that BI tools join to: plain types, cut to the widths that bi_check() looks at.

CREATE VIEW dim_period_source AS
    SELECT p.period_key::varchar(30) AS period_key,
           p.grain::varchar(20) AS grain,
           p.label::varchar(30) AS label,
           row_number() OVER (ORDER BY array_position(ARRAY['month', 'fiscal_quarter', 'fiscal_year', 'rolling_12_months'], p.grain), p.period_start)::integer AS sort_order,
           p.period_start,
           p.period_end,
           p.is_complete::integer::smallint AS is_complete,
           p.is_settled::integer::smallint AS is_settled,
           p.year_before_key::varchar(30) AS year_before_key
    FROM period p;

CREATE VIEW dim_area_source AS
    SELECT a.area_key::varchar(60) AS area_key,
           a.area_type::varchar(20) AS area_type,
           a.area_name::varchar(100) AS area_name,
           a.parent_area_key::varchar(60) AS parent_area_key,
           a.division_code::varchar(40) AS division_code,
           row_number() OVER (ORDER BY array_position(ARRAY['force', 'region', 'division'], a.area_type),
                                       a.division_code IS NOT DISTINCT FROM 'UNKNOWN', a.area_name COLLATE "C", a.area_key COLLATE "C")::integer AS sort_order,
           a.valid_from,
           a.valid_to
    FROM area a;

CREATE VIEW dim_date_source AS
    SELECT d.day,
           extract(year FROM d.day)::smallint AS calendar_year,
           extract(month FROM d.day)::smallint AS month_number,
           trim(to_char(d.day, 'Month'))::varchar(20) AS month_name,
           extract(isodow FROM d.day)::smallint AS weekday_number,
           trim(to_char(d.day, 'Day'))::varchar(20) AS weekday_name,
           m.period_key::varchar(30) AS month_key,
           q.period_key::varchar(30) AS fiscal_quarter_key,
           y.period_key::varchar(30) AS fiscal_year_key
    FROM (SELECT generate_series(min(period_start)::timestamp, max(period_end)::timestamp, interval '1 day')::date AS day FROM period) d
    CROSS JOIN setting s
    LEFT JOIN period m ON m.grain = 'month' AND m.period_start = period_start('month', d.day)
    LEFT JOIN period q ON q.grain = 'fiscal_quarter' AND q.period_start = period_start('fiscal_quarter', d.day, s.fiscal_first_month)
    LEFT JOIN period y ON y.grain = 'fiscal_year' AND y.period_start = period_start('fiscal_year', d.day, s.fiscal_first_month);

INSERT INTO refresh_step VALUES
    (140, 'bi', 'dim_period'),
    (141, 'bi', 'dim_area'),
    (142, 'bi', 'dim_date');

INSERT INTO object_definition VALUES
    ('dim_period_source', 'what a refresh fills dim_period with'),
    ('dim_area_source', 'what a refresh fills dim_area with'),
    ('dim_date_source', 'what a refresh fills dim_date with'),
    ('dim_period', 'dimension: months, fiscal quarters, fiscal years and twelve months to the end of every month'),
    ('dim_area', 'dimension: divisions, regions and the force'),
    ('dim_date', 'dimension: days'),
    ('kpi_dictionary', 'what every column of every view here means'),
    ('kpi_refresh_status', 'how fresh every KPI is'),
    ('division_entitlement', 'which role sees which division: for a report''s own row-level security'),
    ('release', 'published releases: none yet');

INSERT INTO dictionary VALUES
    ('dim_period', 'grain', 'month, fiscal_quarter, fiscal_year or rolling_12_months', 'text', false, NULL, NULL),
    ('dim_period', 'label', 'the period as people write it', 'text', false, NULL, NULL),
    (NULL, 'sort_order', 'sort labels and names by this', 'number', false, NULL, NULL),
    ('dim_period', 'period_start', 'first day', 'date', false, NULL, NULL),
    ('dim_period', 'period_end', 'last day', 'date', false, NULL, NULL),
    ('dim_period', 'is_complete', 'whether the period has ended: 1 yes, 0 no', 'flag', false, NULL, 'as_of'),
    ('dim_period', 'is_settled', 'whether the reporting delay after its end has passed too: 1 yes, 0 no', 'flag', false, NULL, 'as_of, setting'),
    ('dim_period', 'year_before_key', 'the same period a year before, where there is one', 'key', false, NULL, NULL),
    ('dim_area', 'area_type', 'division, region or force', 'text', false, NULL, 'division'),
    ('dim_area', 'area_name', 'the area''s name', 'text', false, NULL, 'division'),
    ('dim_area', 'parent_area_key', 'the region of a division, the force of a region', 'key', false, NULL, 'division'),
    ('dim_area', 'division_code', 'the force''s code of a division; UNKNOWN for records without one', 'text', false, NULL, 'division'),
    ('dim_area', 'valid_from', 'first day on which the area held', 'date', false, NULL, 'division'),
    ('dim_area', 'valid_to', 'last day on which the area held; NULL: it still does', 'date', false, NULL, 'division'),
    ('dim_date', 'day', 'the day', 'date', false, NULL, NULL),
    ('dim_date', 'calendar_year', 'calendar year', 'number', false, NULL, NULL),
    ('dim_date', 'month_number', 'month of the year, 1 to 12', 'number', false, NULL, NULL),
    ('dim_date', 'month_name', 'month in words', 'text', false, NULL, NULL),
    ('dim_date', 'weekday_number', 'day of the week, Monday is 1', 'number', false, NULL, NULL),
    ('dim_date', 'weekday_name', 'day of the week in words', 'text', false, NULL, NULL),
    ('dim_date', 'month_key', 'the month; joins to dim_period', 'key', false, NULL, NULL),
    ('dim_date', 'fiscal_quarter_key', 'the fiscal quarter; joins to dim_period', 'key', false, NULL, NULL),
    ('dim_date', 'fiscal_year_key', 'the fiscal year; joins to dim_period', 'key', false, NULL, NULL),
    ('kpi_dictionary', 'view_name', 'the view', 'text', false, NULL, NULL),
    ('kpi_dictionary', 'column_name', 'the column', 'text', false, NULL, NULL),
    ('kpi_dictionary', 'definition', 'what it means', 'text', false, NULL, NULL),
    ('kpi_dictionary', 'unit', 'what it is measured in', 'text', false, NULL, NULL),
    ('kpi_dictionary', 'additive', 'whether it may be summed over areas and periods: 1 yes, 0 no', 'flag', false, NULL, NULL),
    ('kpi_dictionary', 'counting_rule', 'what is counted, where and when', 'text', false, NULL, NULL),
    ('kpi_dictionary', 'source', 'the records that it comes from', 'text', false, NULL, NULL),
    ('kpi_refresh_status', 'view_name', 'the view, and the view of its name with _period', 'text', false, NULL, NULL),
    ('kpi_refresh_status', 'last_success', 'when it was last refreshed, local time; NULL: never', 'time', false, NULL, 'refresh_log'),
    ('kpi_refresh_status', 'data_through', 'the day as of which it was computed', 'date', false, NULL, 'refresh_run'),
    ('kpi_refresh_status', 'last_failure_code', 'why the last attempt failed (SQLSTATE); NULL: it succeeded', 'text', false, NULL, 'refresh_log'),
    ('kpi_refresh_status', 'is_stale', 'whether the last attempt failed or there was none: 1 yes, 0 no', 'flag', false, NULL, 'refresh_log'),
    ('division_entitlement', 'user_name', 'the role', 'text', false, NULL, 'entitlement'),
    ('division_entitlement', 'division_code', 'the division that it sees; * is all', 'text', false, NULL, 'entitlement'),
    ('release', 'release_number', 'the release', 'number', false, NULL, NULL),
    ('release', 'title', 'its title', 'text', false, NULL, NULL),
    ('release', 'published_on', 'the day of publication', 'date', false, NULL, NULL);
