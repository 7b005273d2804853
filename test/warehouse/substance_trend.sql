-- substance_trend on the demonstration's warehouse: every row against the same figure from the records by plain dates.
SET search_path = kpi_bi, naloxone_kpi, public;
BEGIN;
SELECT plan(8);

CREATE TEMP TABLE signal AS
SELECT s.signal_id, s.observed_on, to_char(s.observed_on, 'YYYY-MM') AS month, s.kind, s.basis, s.substances, a.area_key
FROM kpi.substance_signal_record s
JOIN (SELECT 'division ' || division_code AS area_key, division_code FROM kpi.division_record
	  UNION ALL SELECT 'region ' || region, division_code FROM kpi.division_record
	  UNION ALL SELECT 'force', division_code FROM kpi.division_record
	  UNION ALL VALUES ('force', 'UNKNOWN'), ('division UNKNOWN', 'UNKNOWN')) a ON a.division_code = coalesce(s.division_code, 'UNKNOWN')
WHERE s.observed_on BETWEEN '2022-04-01' AND '2025-12-31';

CREATE TEMP TABLE named AS
SELECT DISTINCT signal_id, observed_on, month, kind, basis, area_key, trim(lower(n)) AS substance
FROM signal, unnest(CASE WHEN substances IS NULL THEN '{unknown}' WHEN cardinality(substances) = 0 THEN '{none}' ELSE substances END) AS n;
-- Neither is a substance's name in these records.
UPDATE named SET substance = upper(substance) WHERE substance IN ('unknown', 'none');

SELECT is_empty($$
	SELECT period_key, area_key
	FROM (SELECT p.period_key, p.period_end, a.area_key, count(s.*) AS signals, count(*) FILTER (WHERE s.basis = 'suspected') AS suspected, count(*) FILTER (WHERE s.basis = 'tested') AS tested,
			count(*) FILTER (WHERE s.kind = 'seizure') AS seizure, count(*) FILTER (WHERE s.kind = 'toxicology') AS toxicology, count(*) FILTER (WHERE s.kind = 'pathology') AS pathology,
			count(*) FILTER (WHERE s.kind = 'drug_check') AS drug_check, count(*) FILTER (WHERE s.kind = 'intelligence') AS intelligence,
			count(*) FILTER (WHERE s.basis = 'suspected' AND s.substances IS NOT NULL) AS named_suspected,
			count(*) FILTER (WHERE s.basis = 'tested' AND s.substances IS NOT NULL) AS named_tested
		  FROM dim_period p CROSS JOIN dim_area a
		  LEFT JOIN signal s ON s.area_key = a.area_key AND s.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
		  GROUP BY 1, 2, 3) c
	FULL JOIN kpi_substance_signals_period k USING (period_key, area_key)
	WHERE CASE WHEN c.period_end < '2022-04-01' THEN k.signals IS NOT NULL
		ELSE (k.signals, k.signals_suspected, k.signals_tested, k.signals_seizure, k.signals_toxicology, k.signals_pathology, k.signals_drug_check, k.signals_intelligence, k.signals_other,
			  k.named_suspected, k.named_tested, k.without_substances)
			IS DISTINCT FROM (c.signals, c.suspected, c.tested, c.seizure, c.toxicology, c.pathology, c.drug_check, c.intelligence, 0,
			  c.named_suspected, c.named_tested, c.signals - c.named_suspected - c.named_tested) END
$$, 'every count of signals is that of the records');

CREATE TEMP TABLE counted AS
SELECT p.period_key, n.area_key, n.substance, count(*) AS mentions, count(*) FILTER (WHERE n.basis = 'tested') AS tested,
	count(*) FILTER (WHERE n.kind = 'seizure') AS seizure, count(*) FILTER (WHERE n.kind = 'toxicology') AS toxicology, count(*) FILTER (WHERE n.kind = 'pathology') AS pathology,
	count(*) FILTER (WHERE n.kind = 'drug_check') AS drug_check, count(*) FILTER (WHERE n.kind = 'intelligence') AS intelligence
FROM dim_period p JOIN named n ON n.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
GROUP BY 1, 2, 3;
SELECT cmp_ok(count(*), '>', 10000::bigint, 'thousands of rows are compared') FROM counted;

-- A row for every substance that the area ever names, in every period; of 0 where nothing names it then.
SELECT is_empty($$
	SELECT period_key, area_key, substance
	FROM (SELECT p.period_key, p.period_end, e.* FROM dim_period p CROSS JOIN (SELECT area_key, substance, min(observed_on) AS first_seen, min(observed_on) FILTER (WHERE basis = 'tested') AS first_tested FROM named GROUP BY 1, 2) e) e
	FULL JOIN kpi_substance_trend_period k USING (period_key, area_key, substance)
	LEFT JOIN counted c USING (period_key, area_key, substance)
	WHERE k.area_key IS NULL OR e.area_key IS NULL OR k.first_seen_on IS DISTINCT FROM e.first_seen OR k.first_tested_on IS DISTINCT FROM e.first_tested
	   OR CASE WHEN e.period_end < '2022-04-01' THEN k.mentions IS NOT NULL
		ELSE (k.mentions, k.mentions_suspected, k.mentions_tested, k.mentions_seizure, k.mentions_toxicology, k.mentions_pathology, k.mentions_drug_check, k.mentions_intelligence, k.mentions_other)
			IS DISTINCT FROM (coalesce(c.mentions, 0), coalesce(c.mentions - c.tested, 0), coalesce(c.tested, 0), coalesce(c.seizure, 0), coalesce(c.toxicology, 0), coalesce(c.pathology, 0),
				coalesce(c.drug_check, 0), coalesce(c.intelligence, 0), 0) END
$$, 'every count of mentions is that of the records, and so is the first day');

SELECT is_empty($$
	SELECT k.period_key, k.area_key, k.substance
	FROM kpi_substance_trend_period k JOIN kpi_substance_signals_period s USING (period_key, area_key), LATERAL (SELECT 1.959963984540054::float8 AS z) z
	WHERE CASE WHEN k.substance = 'UNKNOWN' THEN k.tested_share IS NOT NULL OR k.suspected_share IS NOT NULL
		ELSE (k.named_suspected, k.named_tested) IS DISTINCT FROM (s.named_suspected, s.named_tested)
		  OR (k.tested_share IS NULL) <> (coalesce(s.named_tested, 0) = 0) OR (k.suspected_share IS NULL) <> (coalesce(s.named_suspected, 0) = 0)
		  OR abs(k.tested_share - k.mentions_tested / nullif(s.named_tested, 0)::float8) > 1e-12 OR abs(k.suspected_share - k.mentions_suspected / nullif(s.named_suspected, 0)::float8) > 1e-12
		  OR abs(k.tested_share_lower - ((2 * k.mentions_tested + z * z - z * sqrt(z * z + 4 * k.mentions_tested * (1 - k.tested_share))) / (2 * (s.named_tested + z * z)))) > 1e-12
		  OR abs(k.suspected_share_upper - ((2 * k.mentions_suspected + z * z + z * sqrt(z * z + 4 * k.mentions_suspected * (1 - k.suspected_share))) / (2 * (s.named_suspected + z * z)))) > 1e-12 END
$$, 'shares are as their formulas say');

SELECT is_empty($$
	SELECT period_key, area_key, substance FROM kpi_substance_trend k
	FULL JOIN (SELECT c.* FROM counted c WHERE c.period_key LIKE 'month%' AND c.area_key LIKE 'division%') c USING (period_key, area_key, substance)
	WHERE coalesce(k.mentions, 0) <> coalesce(c.mentions, 0) OR coalesce(k.mentions_tested, 0) <> coalesce(c.tested, 0)
$$, 'by month and division too');
SELECT is_empty($$
	SELECT period_key, area_key FROM kpi_substance_signals k
	FULL JOIN (SELECT 'month ' || month AS period_key, area_key, count(*) AS signals FROM signal WHERE area_key LIKE 'division%' GROUP BY 1, 2) c USING (period_key, area_key)
	WHERE coalesce(k.signals, 0) <> coalesce(c.signals, 0)
$$, 'and the signals');
-- Months with more mentions than usual: mean and standard deviation of the twelve months that end two before, and an exact test: of all mentions
-- of the month and of the twelve, each fell to the month with the chance 1 in 13; how likely is what is no likelier than this.
CREATE FUNCTION pg_temp.exact_p(here bigint, before bigint) RETURNS float8 IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
	mentions bigint := here + before;
	chance float8[] := ARRAY[power(12 / 13.0::float8, here + before)];
	total float8 := 0;
BEGIN
	FOR i IN 1 .. mentions LOOP
		chance[i + 1] := CASE WHEN chance[i] < 1e-290 THEN 0 ELSE chance[i] * (mentions - i + 1) / i / 12 END;
	END LOOP;
	FOR i IN 1 .. mentions + 1 LOOP
		IF chance[i] <= chance[here + 1] * (1 + 1e-7) THEN total := total + chance[i]; END IF;
	END LOOP;
	RETURN total;
END
$$;
-- Every division has records from 1 April 2022 on; the last month that ended 45 days before 31 December 2025 is October.
CREATE TEMP TABLE month_count AS
SELECT e.area_key, e.substance, p.period_key, p.period_start, p.number, coalesce(c.mentions, 0) AS mentions
FROM (SELECT period_key, period_start, row_number() OVER (ORDER BY period_start) AS number FROM dim_period WHERE grain = 'month' AND period_start BETWEEN '2022-04-01' AND '2025-10-01') p
CROSS JOIN (SELECT DISTINCT area_key, substance FROM named WHERE substance NOT IN ('NONE', 'UNKNOWN') AND area_key <> 'division UNKNOWN') e
LEFT JOIN counted c USING (period_key, area_key, substance);
CREATE UNIQUE INDEX ON month_count (area_key, substance, number) INCLUDE (mentions);
ANALYZE month_count;
CREATE TEMP TABLE usual AS
SELECT m.*, b.* FROM month_count m
CROSS JOIN LATERAL (SELECT count(*) AS months, avg(x.mentions)::float8 AS mean, avg(x.mentions)::float8 + 3.0902323061678132 * stddev_samp(x.mentions)::float8 AS bound,
						sum(x.mentions)::bigint AS total, min(x.mentions) = max(x.mentions) AS is_flat
					FROM month_count x WHERE x.area_key = m.area_key AND x.substance = m.substance AND x.number BETWEEN m.number - 14 AND m.number - 3) b;
SELECT is_empty($$
	SELECT k.period_key, k.area_key, k.substance, k.reason
	FROM kpi_substance_trend_period k JOIN dim_period p USING (period_key) LEFT JOIN usual u USING (period_key, area_key, substance)
	WHERE k.reason IS DISTINCT FROM CASE WHEN p.grain <> 'month' THEN 'months only' WHEN k.substance IN ('NONE', 'UNKNOWN') THEN 'not a substance'
			WHEN k.area_key = 'division UNKNOWN' THEN 'not a place' WHEN p.period_start > '2025-10-01' THEN 'not settled' WHEN p.period_start < '2022-04-01' THEN 'no records'
			WHEN p.period_start < '2023-06-01' THEN 'history too short' WHEN u.is_flat THEN 'flat baseline' END
	   OR CASE WHEN k.reason IS NOT NULL THEN num_nonnulls(k.expected, k.upper_bound, k.alarm) > 0
			ELSE num_nulls(k.expected, k.upper_bound, k.alarm, u.mean, u.bound) > 0 OR abs(k.expected - u.mean) > 1e-9 OR abs(k.upper_bound - u.bound) > 1e-9
				OR k.alarm IS DISTINCT FROM (u.mentions > u.bound AND pg_temp.exact_p(u.mentions, u.total) < 0.001)::integer END
$$, 'months with more than usual are those by the formulas, or the reason is');
SELECT ok(count(*) FILTER (WHERE reason IS NULL) > 3000 AND count(*) FILTER (WHERE reason = 'flat baseline') > 100 AND sum(alarm) >= 1
		  AND count(*) FILTER (WHERE alarm = 0 AND mentions > upper_bound) > 10, 'thousands are, and some are') FROM kpi_substance_trend_period;
SELECT * FROM finish();
ROLLBACK;
