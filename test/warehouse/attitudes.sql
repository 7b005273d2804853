-- attitudes on the demonstration's warehouse: every row against the same figure from the records by plain dates.
SET search_path = kpi_bi, naloxone_kpi, public;
BEGIN;
SELECT plan(7);

CREATE TEMP TABLE answer AS
SELECT to_char(s.answered_on, 'YYYY-MM') AS month, a.area_key, s.survey, s.question, s.wave, s.respondent_key, s.answered_on, s.score, s.theme, g AS respondent_group,
	CASE s.question WHEN 'Naloxone encourages people to take more risks' THEN s.score <= 2 ELSE s.score >= 4 END AS favourable,
	-- In these records nobody answers a question twice in a wave.
	s.score - (SELECT b.score FROM kpi.survey_response_record b
			   WHERE b.respondent_key = s.respondent_key AND b.question = s.question AND b.wave = 'before' AND s.wave <> 'before') AS change
FROM kpi.survey_response_record s
JOIN (SELECT 'division ' || division_code AS area_key, division_code FROM kpi.division_record
	  UNION ALL SELECT 'region ' || region, division_code FROM kpi.division_record
	  UNION ALL SELECT 'force', division_code FROM kpi.division_record
	  UNION ALL VALUES ('force', 'UNKNOWN'), ('division UNKNOWN', 'UNKNOWN')) a ON a.division_code = coalesce(s.division_code, 'UNKNOWN')
CROSS JOIN LATERAL unnest(ARRAY['ALL', coalesce(s.respondent_group, 'UNKNOWN')]) AS g
WHERE s.answered_on BETWEEN '2022-04-01' AND '2025-12-31';

SELECT is(count(*), 0::bigint, 'nobody answers twice') FROM (
	SELECT FROM kpi.survey_response_record WHERE respondent_key IS NOT NULL GROUP BY respondent_key, wave, question HAVING count(*) > 1) twice;

-- Means and standard deviations from sums.
CREATE TEMP TABLE counted AS
SELECT p.period_key, a.area_key, a.survey, a.question, a.wave, a.respondent_group, count(*) AS responses, count(a.score) AS scored,
	count(DISTINCT coalesce(a.respondent_key, a.month || random())) AS respondents,
	sum(a.score) AS total, sum(a.score * a.score) AS squares, count(*) FILTER (WHERE a.favourable) AS favourable,
	count(a.change) AS paired, sum(a.change) AS changed, sum(a.change * a.change) AS change_squares
FROM dim_period p JOIN answer a ON a.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
GROUP BY 1, 2, 3, 4, 5, 6;
SELECT cmp_ok(count(*), '>', 10000::bigint, 'thousands of rows are compared') FROM counted;
SELECT cmp_ok(count(*) FILTER (WHERE reason_hidden IS NULL AND mean_change IS NOT NULL), '>', 100::bigint, 'hundreds of them with a change that is shown') FROM kpi_attitudes_period;

SELECT is_empty($$
	SELECT period_key, area_key, survey, question, wave, respondent_group
	FROM kpi_attitudes_period k FULL JOIN counted c USING (period_key, area_key, survey, question, wave, respondent_group)
	WHERE (k.responses, k.respondents, k.scored, k.out_of_scale) IS DISTINCT FROM (c.responses, c.respondents, c.scored, 0)
	   OR k.paired IS DISTINCT FROM CASE WHEN wave <> 'before' THEN c.paired END
	   OR k.better_score IS DISTINCT FROM CASE question WHEN 'Naloxone encourages people to take more risks' THEN 'lower' ELSE 'higher' END
$$, 'every count is that of the records');
SELECT is_empty($$
	SELECT period_key, area_key, survey, question, wave, respondent_group
	FROM kpi_attitudes_period k JOIN counted c USING (period_key, area_key, survey, question, wave, respondent_group), LATERAL (SELECT 1.959963984540054::float8 AS z) z
	WHERE CASE WHEN c.scored < 10 THEN coalesce(k.mean_score, k.score_sd, k.favourable, k.favourable_share) IS NOT NULL OR (c.scored > 0 AND k.reason_hidden IS NULL)
		ELSE k.favourable <> c.favourable OR k.mean_score IS NULL
		  OR abs(k.mean_score - c.total / c.scored::float8) > 1e-12 OR abs(k.score_sd - sqrt(greatest((c.squares - c.total * c.total / c.scored::float8) / (c.scored - 1), 0))) > 1e-6
		  OR abs(k.favourable_share_lower - ((2 * c.favourable + z * z - z * sqrt(z * z + 4 * c.favourable * (1 - c.favourable / c.scored::float8))) / (2 * (c.scored + z * z)))) > 1e-12 END
	   OR CASE WHEN c.paired < 10 OR wave = 'before' THEN coalesce(k.mean_change, k.change_sd) IS NOT NULL
		ELSE k.mean_change IS NULL OR abs(k.mean_change - c.changed / c.paired::float8) > 1e-12
		  OR abs(k.change_sd - sqrt(greatest((c.change_squares - c.changed * c.changed / c.paired::float8) / (c.paired - 1), 0))) > 1e-6 END
$$, 'every figure is that of the records, or hidden');
SELECT is_empty($$
	SELECT period_key, area_key, question, wave, respondent_group FROM kpi_attitudes k
	FULL JOIN (SELECT * FROM counted WHERE period_key LIKE 'month%' AND area_key LIKE 'division%' AND respondent_group <> 'ALL') c USING (period_key, area_key, survey, question, wave, respondent_group)
	WHERE k.responses IS DISTINCT FROM c.responses OR k.scored IS DISTINCT FROM c.scored
$$, 'by month and division too');

SELECT is_empty($$
	SELECT period_key, area_key, question, wave, theme
	FROM kpi_attitudes_theme k
	FULL JOIN (
		SELECT t.period_key, t.area_key, t.survey, t.question, t.wave, CASE WHEN c.respondents < 10 THEN 'HIDDEN' ELSE t.theme END AS theme, c.responses AS coded, c.respondents,
			CASE WHEN c.respondents >= 10 THEN sum(t.mentions) END AS mentions
		FROM (SELECT p.period_key, a.area_key, a.survey, a.question, a.wave, a.theme, count(*) AS mentions
			  FROM dim_period p JOIN answer a ON a.month BETWEEN to_char(p.period_start, 'YYYY-MM') AND to_char(p.period_end, 'YYYY-MM')
			  WHERE a.respondent_group = 'ALL' AND a.theme IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6) t
		JOIN counted c USING (period_key, area_key, survey, question, wave)
		WHERE c.respondent_group = 'ALL'
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) c USING (period_key, area_key, survey, question, wave, theme)
	WHERE (k.coded, k.respondents_coded, k.mentions) IS DISTINCT FROM (c.coded, c.respondents, c.mentions)
$$, 'themes too');
SELECT * FROM finish();
ROLLBACK;
