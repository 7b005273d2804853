-- drug_deaths on the demonstration's warehouse: every row against the same figure from the records by plain dates.
SET search_path = kpi_bi, naloxone_kpi, public;
BEGIN;
SELECT plan(8);

-- The deaths that count, as they stood on 31 December 2025: those up to 30 June are over six months ago.
CREATE TEMP TABLE death AS
SELECT to_char(died_on, 'YYYY-MM') AS month, a.area_key, a.division_code, status <> 'excluded' AS is_death, status,
	reviewed_on <= '2025-12-31' AND reviewed_on >= died_on AS reviewed, reported_to_chief_officers_on <= '2025-12-31' AND reported_to_chief_officers_on >= died_on AS reported,
	died_on <= '2025-06-30' AS is_old, left(age_band, strpos(age_band, '-') - 1)::integer AS age
FROM kpi.drug_death_record d
JOIN (SELECT 'division ' || division_code AS area_key, division_code FROM kpi.division_record
	  UNION ALL SELECT 'region ' || region, division_code FROM kpi.division_record
	  UNION ALL SELECT 'force', division_code FROM kpi.division_record
	  UNION ALL VALUES ('force', 'UNKNOWN'), ('division UNKNOWN', 'UNKNOWN')) a ON a.division_code = coalesce(d.division_code, 'UNKNOWN')
WHERE died_on BETWEEN '2021-04-01' AND '2025-12-31';

-- Periods by the text of their months.
CREATE TEMP TABLE counted AS
SELECT p.period_key, a.area_key,
	count(*) FILTER (WHERE d.is_death) AS deaths,
	count(*) FILTER (WHERE d.status = 'suspected') AS suspected,
	count(*) FILTER (WHERE d.status = 'confirmed') AS confirmed,
	count(*) FILTER (WHERE NOT d.is_death) AS excluded,
	count(*) FILTER (WHERE d.is_death AND d.division_code <> 'UNKNOWN') AS territorial_deaths,
	count(d.age) FILTER (WHERE d.is_death AND d.division_code <> 'UNKNOWN') AS of_known_age,
	count(*) FILTER (WHERE d.is_death AND d.reviewed) AS reviewed,
	count(*) FILTER (WHERE d.is_death AND d.reported) AS reported,
	count(*) FILTER (WHERE d.is_death AND d.is_old) AS old,
	count(*) FILTER (WHERE d.is_death AND d.is_old AND d.reviewed) AS old_reviewed,
	count(*) FILTER (WHERE d.is_death AND d.is_old AND d.reported) AS old_reported
FROM dim_period p
CROSS JOIN dim_area a
LEFT JOIN death d ON d.area_key = a.area_key AND d.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
GROUP BY 1, 2;

SELECT is(count(*), (SELECT count(*) FROM dim_period) * (SELECT count(*) FROM dim_area), 'every period and area is compared') FROM kpi_drug_deaths_period;
SELECT is_empty($$
	SELECT period_key, area_key
	FROM kpi_drug_deaths_period k FULL JOIN counted c USING (period_key, area_key) LEFT JOIN dim_period p USING (period_key)
	WHERE CASE WHEN p.period_end < '2021-04-01' THEN k.deaths IS NOT NULL OR k.excluded IS NOT NULL OR k.over_six_months_old IS NOT NULL
		ELSE (k.deaths, k.suspected, k.confirmed, k.status_not_known, k.excluded, k.territorial_deaths, k.reviewed, k.reported_to_chief_officers, k.over_six_months_old,
			  k.over_six_months_old_reviewed, k.over_six_months_old_reported, k.dated_before_death, k.deaths_of_known_age)
			IS DISTINCT FROM (c.deaths, c.suspected, c.confirmed, 0, c.excluded, c.territorial_deaths, c.reviewed, c.reported, c.old, c.old_reviewed, c.old_reported, 0, c.of_known_age) END
$$, 'every count is that of the records');

-- Rates and shares by their formulas. Limits of the rate: Byar's from 10 deaths; Wilson's for the shares.
SELECT is_empty($$
	SELECT period_key, area_key
	FROM (SELECT k.*, 1.959963984540054::float8 AS z, nullif(k.territorial_deaths, 0)::float8 AS d,
			(SELECT sum(n.people) FROM kpi.population_record n
			 WHERE n.year = 2022 AND n.age_band IS NULL AND (k.area_key = 'force' OR k.area_key = 'division ' || n.area_code
				OR n.area_code IN (SELECT r.division_code FROM kpi.division_record r WHERE 'region ' || r.region = k.area_key)))
			* (least(p.period_end, date '2025-12-31') - greatest(p.period_start, date '2021-04-01') + 1) / 365.25::float8 AS years
		  FROM kpi_drug_deaths_period k JOIN dim_period p USING (period_key)
		  WHERE p.period_end >= '2021-04-01' AND k.area_key <> 'division UNKNOWN') k
	WHERE k.person_years IS NULL OR abs(k.person_years / years - 1) > 1e-12
	   OR abs(k.deaths_per_100k - 100000 * k.territorial_deaths / years) > 1e-9
	   OR k.territorial_deaths >= 10 AND (
			abs(k.deaths_per_100k_lower - 100000 / years * k.territorial_deaths * (1 - 1.0::float8 / (9 * d) - z / (3 * sqrt(d))) ^ 3) > 1e-9
			OR abs(k.deaths_per_100k_upper - 100000 / years * (k.territorial_deaths + 1) * (1 - 1.0::float8 / (9 * (d + 1)) + z / (3 * sqrt(d + 1))) ^ 3) > 1e-9)
	   OR (k.reviewed_share IS NULL) <> (k.over_six_months_old = 0)
	   OR abs(k.reviewed_share - k.over_six_months_old_reviewed / nullif(k.over_six_months_old, 0)::float8) > 1e-12
	   OR abs(k.reviewed_share_lower - ((2 * k.over_six_months_old_reviewed + z * z - z * sqrt(z * z + 4 * k.over_six_months_old_reviewed * (1 - k.reviewed_share))) / (2 * (k.over_six_months_old + z * z)))) > 1e-12
	   OR abs(k.reported_share_upper - ((2 * k.over_six_months_old_reported + z * z + z * sqrt(z * z + 4 * k.over_six_months_old_reported * (1 - k.reported_share))) / (2 * (k.over_six_months_old + z * z)))) > 1e-12
$$, 'rates and shares are as their formulas say');

SELECT is_empty($$
	SELECT period_key, area_key FROM kpi_drug_deaths k
	FULL JOIN (SELECT c.* FROM counted c WHERE c.period_key LIKE 'month%' AND c.area_key LIKE 'division%') c USING (period_key, area_key)
	WHERE period_key >= 'month 2021-04'
	  AND (k.deaths, k.excluded, k.territorial_deaths, k.deaths_of_known_age, k.reviewed, k.over_six_months_old_reported)
	      IS DISTINCT FROM (c.deaths, c.excluded, c.territorial_deaths, c.of_known_age, c.reviewed, c.old_reported)
$$, 'by month and division too');

-- Standardised by age: Dobson's formula, over the standard population as Eurostat published it (Revision of the European Standard Population,
-- 2013, annex F), its last two bands together, band by band. People are the same in every year.
CREATE TEMP TABLE standard (age, w) AS
SELECT least(5 * n - 5, 85), sum(w) FROM unnest('{5000,5500,5500,5500,6000,6000,6500,7000,7000,7000,7000,6500,6000,5500,5000,4000,2500,1500,1000}'::float8[])
	WITH ORDINALITY AS s (w, n)
GROUP BY 1;
CREATE TEMP TABLE lived AS
SELECT r.division_code, least(substring(n.age_band, '^[0-9]+')::integer, 85) AS age, sum(n.people) AS people
FROM kpi.division_record r JOIN kpi.population_record n ON n.area_type = 'division' AND n.area_code = r.division_code
WHERE n.year = 2022 AND n.age_band IS NOT NULL GROUP BY 1, 2;
SELECT ok((SELECT count(*) = 18 AND sum(w) = 100000 FROM standard) AND (SELECT count(*) = 13 * 18 FROM lived)
	AND NOT EXISTS (SELECT FROM kpi.population_record GROUP BY area_type, area_code, age_band
					HAVING count(*) <> 5 OR min(year) <> 2021 OR max(year) <> 2025 OR min(people) <> max(people))
	AND NOT EXISTS (SELECT FROM kpi.population_record GROUP BY area_code, year HAVING sum(people) <> 2 * max(people) FILTER (WHERE age_band IS NULL)),
	'people of every age, in every division and year, who add up to its total');
CREATE TEMP TABLE standardised AS
WITH band AS (
	SELECT p.period_key, l.area_key, s.w, coalesce(x.deaths, 0) AS x,
		l.people * (least(p.period_end, date '2025-12-31') - greatest(p.period_start, date '2021-04-01') + 1) / 365.25::float8 AS n
	FROM dim_period p
	CROSS JOIN (SELECT a.area_key, l.age, sum(l.people) AS people
				FROM lived l JOIN kpi.division_record r USING (division_code)
				CROSS JOIN LATERAL (VALUES ('force'), ('region ' || r.region), ('division ' || r.division_code)) a (area_key)
				GROUP BY 1, 2) l
	JOIN standard s USING (age)
	LEFT JOIN (SELECT p.period_key, d.area_key, least(d.age, 85) AS age, count(*) AS deaths
			   FROM death d JOIN dim_period p ON d.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
			   WHERE d.is_death AND d.division_code <> 'UNKNOWN' AND d.age IS NOT NULL GROUP BY 1, 2, 3) x USING (period_key, area_key, age)
	WHERE p.grain IN ('fiscal_year', 'rolling_12_months') AND p.period_end >= '2021-04-01'
), rate AS (
	SELECT period_key, area_key, sum(x)::float8 AS o, sum(w * x / n) AS value, sqrt(sum((w / n) ^ 2 * x) / nullif(sum(x), 0)::float8) AS stretch
	FROM band GROUP BY 1, 2
)
SELECT period_key, area_key, o, value,
	value + stretch * (o * (1 - 1 / (9 * nullif(o, 0)) - z / (3 * sqrt(nullif(o, 0)))) ^ 3 - o) AS lower,
	value + stretch * ((o + 1) * (1 - 1 / (9 * (o + 1)) + z / (3 * sqrt(o + 1))) ^ 3 - o) AS upper
FROM rate, (SELECT 1.959963984540054::float8 AS z) z;
CREATE TEMP TABLE judged AS
SELECT k.period_key, k.area_key, s.o, s.value, s.lower, s.upper,
	CASE WHEN p.period_end < '2021-04-01' THEN 'no records' WHEN p.grain IN ('month', 'fiscal_quarter') THEN 'of twelve months only'
		WHEN k.area_key = 'division UNKNOWN' THEN 'no resident population' WHEN c.territorial_deaths < 10 THEN 'too few deaths'
		WHEN c.of_known_age < 0.95 * c.territorial_deaths THEN 'too many ages not known' WHEN c.of_known_age < 10 THEN 'too few deaths' END AS reason
FROM counted k JOIN dim_period p USING (period_key) JOIN counted c USING (period_key, area_key) LEFT JOIN standardised s USING (period_key, area_key);
SELECT is_empty($$
	SELECT period_key, area_key
	FROM kpi_drug_deaths_period k FULL JOIN judged j USING (period_key, area_key)
	WHERE k.age_standardised_reason IS DISTINCT FROM j.reason
	   OR CASE WHEN j.reason IS NULL
			THEN (k.deaths_of_known_age = j.o AND abs(k.age_standardised_per_100k - j.value) < 1e-9 AND abs(k.age_standardised_per_100k_lower - j.lower) < 1e-9
				AND abs(k.age_standardised_per_100k_upper - j.upper) < 1e-9) IS NOT TRUE
			ELSE num_nonnulls(k.age_standardised_per_100k, k.age_standardised_per_100k_lower, k.age_standardised_per_100k_upper) > 0 END
$$, 'age-standardised rates are Dobson''s, or it is said why there is none');
SELECT cmp_ok(count(*), '>', 900::bigint, 'of which there are hundreds') FROM judged WHERE reason IS NULL;
SELECT is(count(DISTINCT reason), 5::bigint, 'and as many reasons as the sample has') FROM judged;
SELECT * FROM finish();
ROLLBACK;
