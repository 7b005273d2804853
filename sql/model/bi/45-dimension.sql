-- The dimensions that every KPI view joins to: tables, for BI tools want primary keys.

CREATE TABLE dim_period AS TABLE dim_period_source WITH NO DATA;
ALTER TABLE dim_period ADD PRIMARY KEY (period_key);

CREATE TABLE dim_area AS TABLE dim_area_source WITH NO DATA;
ALTER TABLE dim_area ADD PRIMARY KEY (area_key);

CREATE TABLE dim_date AS TABLE dim_date_source WITH NO DATA;
ALTER TABLE dim_date ADD PRIMARY KEY (day);
