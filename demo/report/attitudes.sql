
\qecho :h2'What officers think':_h2
\qecho :p'Answers of 1 to 5, of which 4 and 5 are favourable; where people agree with something unfavourable, 1 and 2 are. The'
\qecho 'change is of the people who answered both times, and is a comparison, not an effect. Fewer than 10 people are hidden.':_p
\C 'SYNTHETIC: the naloxone survey, whole force, by wave'
SELECT k.question AS "Question",
	CASE k.wave WHEN 'follow_up' THEN 'two years on' ELSE k.wave END || ', ' || p.label AS "Wave",
	k.respondents AS "People",
	round(k.mean_score::numeric, 1) AS "Mean score",
	pg_temp.with_interval(100 * k.favourable_share, 100 * k.favourable_share_lower, 100 * k.favourable_share_upper, '990') AS "% favourable",
	round(k.mean_change::numeric, 2) AS "Change",
	k.paired AS "of people"
FROM kpi_attitudes_period k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year' AND k.respondent_group = 'ALL' AND k.mean_score IS NOT NULL
ORDER BY k.question COLLATE "C", p.sort_order;

\C 'SYNTHETIC: what would help most, as coded, whole force'
SELECT k.theme AS "Theme", p.label AS "Fiscal year", k.mentions AS "Answers", k.coded AS "of"
FROM kpi_attitudes_theme k JOIN dim_period p USING (period_key)
WHERE k.area_key = 'force' AND p.grain = 'fiscal_year'
ORDER BY p.sort_order, k.mentions DESC, k.theme COLLATE "C";
