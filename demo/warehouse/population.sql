-- People by age: SYNTHETIC. Each division's total, as the census has it, split by invented shares of the order of Scotland's; cities
-- are younger and the far west and south older by an invented tilt, a percentage a year of age. The bands add up to the total.

INSERT INTO population_record (area_type, area_code, year, age_band, people, recorded_at)
SELECT 'division', division_code, year, age_band,
	round(people * upto)::bigint - coalesce(lag(round(people * upto)::bigint) OVER (PARTITION BY division_code, year ORDER BY first_age), 0),
	reference_recorded_at
FROM (
	SELECT division_code, people, age_band, first_age,
		sum(weight) OVER (PARTITION BY division_code ORDER BY first_age) / sum(weight) OVER (PARTITION BY division_code) AS upto
	FROM (
		SELECT p.division_code, p.people, b.age_band, b.first_age,
			round((b.share * exp(coalesce(t.tilt, 0.3) * (b.first_age - 40) / 100))::numeric, 6) AS weight
		FROM place p
		LEFT JOIN (VALUES ('E', -0.9::float8), ('G', -0.7), ('D', 0.2), ('L', 0.9), ('U', 0.7), ('V', 1.1)) AS t(division_code, tilt) USING (division_code)
		CROSS JOIN (VALUES
			('0-4', 0, 4.6::float8), ('5-9', 5, 5.2), ('10-14', 10, 5.6), ('15-19', 15, 5.5), ('20-24', 20, 6.2), ('25-29', 25, 6.6), ('30-34', 30, 6.9),
			('35-39', 35, 6.6), ('40-44', 40, 6.2), ('45-49', 45, 6.0), ('50-54', 50, 7.0), ('55-59', 55, 7.4), ('60-64', 60, 6.9), ('65-69', 65, 5.8),
			('70-74', 70, 5.1), ('75-79', 75, 4.0), ('80-84', 80, 2.5), ('85-89', 85, 1.3), ('90+', 90, 0.6)) AS b(age_band, first_age, share)
	) w
) c, known, generate_series(2021, 2025) AS year
ORDER BY division_code, year, first_age;
