-- Culture, stigma, confidence: the answers to repeated questions.

-- Which scores are on the question's scale, and which are favourable. '*' is every survey or question that has no row of its own.
CREATE TABLE survey_question (
    survey           text NOT NULL CHECK (length(survey) <= 100),
    question         text NOT NULL CHECK (length(question) <= 250),
    lowest           smallint NOT NULL,
    highest          smallint NOT NULL,
    favourable_from  smallint NOT NULL,
    is_reversed      boolean NOT NULL DEFAULT false,  -- favourable_from and lower, as where people agree with what is unfavourable
    is_headline      boolean NOT NULL DEFAULT false,  -- the one that speaks for the survey on the scorecard
    PRIMARY KEY (survey, question),
    CHECK (lowest < highest AND favourable_from BETWEEN lowest AND highest),
    CHECK (NOT is_headline OR (survey <> '*' AND question <> '*'))
);
CREATE UNIQUE INDEX survey_question_headline ON survey_question (is_headline) WHERE is_headline;
-- From 1, strongly disagree, to 5, strongly agree.
INSERT INTO survey_question VALUES ('*', '*', 1, 5, 4);

-- A score that is not on the scale is no score. Who is in no group, or says ALL, is in UNKNOWN.
CREATE VIEW dated_survey_response AS
    SELECT r.day, r.division_code, r.survey, r.question, r.wave, r.respondent_group, r.respondent_key, r.theme, r.recorded_at,
           CASE WHEN r.score BETWEEN q.lowest AND q.highest OR q.survey IS NULL THEN r.score END AS score,
           coalesce(NOT r.score BETWEEN q.lowest AND q.highest, false) AS is_out_of_scale,
           q.is_reversed,
           CASE WHEN r.score BETWEEN q.lowest AND q.highest
                THEN CASE WHEN q.is_reversed THEN r.score <= q.favourable_from ELSE r.score >= q.favourable_from END END AS is_favourable
    FROM (
        SELECT day_of(s.answered_on) AS day, coalesce(s.division_code, 'UNKNOWN') AS division_code,
               coalesce(left(s.survey, 100), 'UNKNOWN') AS survey, coalesce(left(s.question, 250), 'UNKNOWN') AS question,
               CASE WHEN s.wave IN ('before', 'after', 'follow_up') THEN s.wave ELSE 'UNKNOWN' END AS wave,
               coalesce(nullif(left(s.respondent_group, 100), 'ALL'), 'UNKNOWN') AS respondent_group,
               s.respondent_key, s.score, left(s.theme, 100) AS theme, s.recorded_at
        FROM survey_response s
    ) r
    LEFT JOIN LATERAL (
        SELECT n.survey, n.lowest, n.highest, n.favourable_from, n.is_reversed
        FROM survey_question n
        WHERE (n.survey = r.survey OR n.survey = '*') AND (n.question = r.question OR n.question = '*')
        ORDER BY n.survey = '*', n.question = '*' LIMIT 1
    ) q ON true;

CREATE VIEW counted_survey_response AS
    SELECT c.month, c.division_code AS counted_division_code, r.day, r.survey, r.question, r.wave, r.respondent_group, r.respondent_key,
           r.theme, r.recorded_at, r.score, r.is_out_of_scale, r.is_reversed, r.is_favourable
    FROM dated_survey_response r
    JOIN counted_day c ON c.source = 'survey_response' AND c.day = r.day AND c.recorded_division_code = r.division_code;

-- The same respondent before and later: the first answer of the later wave that has one before it, against the last such. So
-- further answers change no pair.
CREATE VIEW survey_pair AS
    SELECT DISTINCT ON (p.survey, p.question, p.wave, p.respondent_key)
           p.month, p.counted_division_code, p.survey, p.question, p.wave, p.respondent_group, p.respondent_key,
           p.score - p.scores_before[cardinality(p.scores_before)] AS change
    FROM (
        SELECT r.month, r.counted_division_code, r.day, r.survey, r.question, r.wave, r.respondent_group, r.respondent_key, r.recorded_at, r.score,
               -- On one day, what came before is before.
               array_agg(r.score::integer) FILTER (WHERE r.wave = 'before') OVER (
                   PARTITION BY r.survey, r.question, r.respondent_key
                   ORDER BY r.day, r.wave <> 'before', r.recorded_at NULLS FIRST, r.score) AS scores_before
        FROM counted_survey_response r
        WHERE r.wave IN ('before', 'after', 'follow_up') AND r.score IS NOT NULL AND r.respondent_key IS NOT NULL
    ) p
    WHERE p.wave <> 'before' AND p.scores_before IS NOT NULL
    ORDER BY p.survey, p.question, p.wave, p.respondent_key, p.day, p.recorded_at, p.score;

-- A row wherever somebody answered. What fewer than ten people said is hidden, not that they said something.
CREATE MATERIALIZED VIEW attitudes AS
    WITH answered AS (
        SELECT pm.period_key, ad.area_key, r.survey, r.question, r.wave,
               CASE WHEN grouping(r.respondent_group) = 1 THEN 'ALL' ELSE r.respondent_group END AS respondent_group,
               count(*) AS responses,
               count(DISTINCT r.respondent_key) + count(*) FILTER (WHERE r.respondent_key IS NULL) AS respondents,
               count(r.score) AS scored,
               count(DISTINCT r.respondent_key) FILTER (WHERE r.score IS NOT NULL)
                   + count(*) FILTER (WHERE r.respondent_key IS NULL AND r.score IS NOT NULL) AS respondents_scored,
               count(*) FILTER (WHERE r.is_out_of_scale) AS out_of_scale,
               avg(r.score)::float8 AS mean_score,
               stddev_samp(r.score)::float8 AS score_sd,
               count(r.is_favourable) AS judged,
               count(*) FILTER (WHERE r.is_favourable) AS favourable,
               bool_or(r.is_reversed) AS is_reversed
        FROM counted_survey_response r
        JOIN period_month pm ON pm.month = r.month
        JOIN area_division ad ON ad.division_code = r.counted_division_code
        GROUP BY GROUPING SETS ((pm.period_key, ad.area_key, r.survey, r.question, r.wave, r.respondent_group),
                                (pm.period_key, ad.area_key, r.survey, r.question, r.wave))
    ), paired AS (
        SELECT pm.period_key, ad.area_key, r.survey, r.question, r.wave,
               CASE WHEN grouping(r.respondent_group) = 1 THEN 'ALL' ELSE r.respondent_group END AS respondent_group,
               count(*) AS paired, avg(r.change)::float8 AS mean_change, stddev_samp(r.change)::float8 AS change_sd
        FROM survey_pair r
        JOIN period_month pm ON pm.month = r.month
        JOIN area_division ad ON ad.division_code = r.counted_division_code
        GROUP BY GROUPING SETS ((pm.period_key, ad.area_key, r.survey, r.question, r.wave, r.respondent_group),
                                (pm.period_key, ad.area_key, r.survey, r.question, r.wave))
    ), shown AS (
        SELECT a.period_key, a.area_key, a.survey, a.question, a.wave, a.respondent_group, a.responses, a.respondents, a.scored, a.out_of_scale,
               CASE WHEN NOT a.is_reversed THEN 'higher' WHEN a.is_reversed THEN 'lower' END AS better_score,
               CASE WHEN a.respondents_scored >= 10 THEN a.mean_score END AS mean_score,
               CASE WHEN a.respondents_scored >= 10 THEN a.score_sd END AS score_sd,
               CASE WHEN a.respondents_scored >= 10 AND a.judged > 0 THEN a.favourable END AS favourable,
               CASE WHEN a.wave IN ('after', 'follow_up') THEN coalesce(p.paired, 0) END AS paired,
               CASE WHEN p.paired >= 10 THEN p.mean_change END AS mean_change,
               CASE WHEN p.paired >= 10 THEN p.change_sd END AS change_sd,
               CASE WHEN a.respondents_scored BETWEEN 1 AND 9 THEN 'fewer than 10 respondents'
                    WHEN p.paired BETWEEN 1 AND 9 THEN 'change: fewer than 10 pairs' END AS reason_hidden
        FROM answered a
        LEFT JOIN paired p ON p.period_key = a.period_key AND p.area_key = a.area_key AND p.survey = a.survey AND p.question = a.question
             AND p.wave = a.wave AND p.respondent_group = a.respondent_group
    )
    SELECT s.period_key, s.area_key, s.survey, s.question, s.wave, s.respondent_group, s.responses, s.respondents, s.scored, s.out_of_scale,
           s.better_score, s.mean_score, s.score_sd, s.favourable,
           share.value AS favourable_share, share.lower AS favourable_share_lower, share.upper AS favourable_share_upper,
           s.paired, s.mean_change, s.change_sd, s.reason_hidden
    FROM shown s
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(s.favourable, s.scored, setting.confidence) AS share;
CREATE UNIQUE INDEX attitudes_key ON attitudes (period_key, area_key, survey, question, wave, respondent_group);

-- What people wrote, as it was coded. Of fewer than ten people not even the theme is shown.
CREATE MATERIALIZED VIEW attitudes_theme AS
    WITH coded AS (
        SELECT pm.period_key, ad.area_key, r.survey, r.question, r.wave, r.theme, r.respondent_key
        FROM counted_survey_response r
        JOIN period_month pm ON pm.month = r.month
        JOIN area_division ad ON ad.division_code = r.counted_division_code
        WHERE r.theme IS NOT NULL
    ), asked AS (
        SELECT period_key, area_key, survey, question, wave, count(*) AS coded,
               count(DISTINCT respondent_key) + count(*) FILTER (WHERE respondent_key IS NULL) AS respondents_coded
        FROM coded GROUP BY 1, 2, 3, 4, 5
    )
    SELECT c.period_key, c.area_key, c.survey, c.question, c.wave,
           CASE WHEN a.respondents_coded >= 10 THEN c.theme ELSE 'HIDDEN' END AS theme,
           a.coded, a.respondents_coded,
           CASE WHEN a.respondents_coded >= 10 THEN count(*) END AS mentions,
           CASE WHEN a.respondents_coded < 10 THEN 'fewer than 10 respondents' END AS reason_hidden
    FROM coded c
    JOIN asked a USING (period_key, area_key, survey, question, wave)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
CREATE UNIQUE INDEX attitudes_theme_key ON attitudes_theme (period_key, area_key, survey, question, wave, theme);

INSERT INTO refresh_step VALUES
    (710, 'engine_room', 'attitudes'),
    (711, 'engine_room', 'attitudes_theme');

INSERT INTO object_definition VALUES
    ('survey_question', 'which scores are on a question''s scale, which are favourable, and which question is the headline'),
    ('dated_survey_response', 'answers with their day, the division that they name, and whether they are favourable'),
    ('counted_survey_response', 'answers that are counted, by month and the division that they count in'),
    ('survey_pair', 'the change between two answers of one respondent to one question'),
    ('attitudes', 'answers to repeated questions: by period, area, survey, question, wave and group of respondents'),
    ('attitudes_theme', 'what people wrote, as coded: by period, area, survey, question, wave and theme');

INSERT INTO dictionary VALUES
    (NULL, 'survey', 'the survey', 'key', false, NULL, 'survey_response'),
    (NULL, 'question', 'the question', 'key', false, 'its first 250 characters', 'survey_response'),
    (NULL, 'wave', 'before, after or follow_up; UNKNOWN where not recorded', 'key', false, NULL, 'survey_response'),
    (NULL, 'respondent_group', 'the group of those who answered; ALL is all of them together, UNKNOWN where not recorded', 'key', false, NULL, 'survey_response'),
    ('attitudes', 'responses', 'answers, with a score or without', 'answers', true, 'there is a row wherever somebody answered; on the day of the answer', 'survey_response'),
    ('attitudes', 'respondents', 'different people who answered', 'people', false, 'every answer without a key counts as a person, so where people without one answer twice it is too many', 'survey_response'),
    ('attitudes', 'scored', 'answers with a score on the question''s scale', 'answers', true, 'the mean and the share are over these', 'survey_response, survey_question'),
    ('attitudes', 'out_of_scale', 'answers with a score that is not on the question''s scale', 'answers', true, 'such a score counts as none', 'survey_response, survey_question'),
    ('attitudes', 'better_score', 'whether a higher or a lower score is the favourable one', 'text', false, 'NULL where the question has no scale', 'survey_question'),
    ('attitudes', 'mean_score', 'mean score, as it was given', 'score', false, 'of scored answers; hidden where fewer than 10 people gave one', 'survey_response'),
    ('attitudes', 'score_sd', 'standard deviation of the scores', 'score', false, 'of scored answers; hidden where fewer than 10 people gave one', 'survey_response'),
    ('attitudes', 'favourable', 'favourable answers', 'answers', false, 'the scale of 1 to 5 is favourable from 4 unless survey_question says otherwise; hidden where fewer than 10 people gave a score', 'survey_response, survey_question'),
    ('attitudes', 'favourable_share', 'favourable as a share of scored', 'share, 0 to 1', false, 'Wilson interval, which takes every answer for another person''s; who answers is no sample of who does not', 'survey_response, survey_question'),
    ('attitudes', 'favourable_share_lower', 'lower confidence limit of favourable_share', 'share, 0 to 1', false, NULL, 'survey_response'),
    ('attitudes', 'favourable_share_upper', 'upper confidence limit of favourable_share', 'share, 0 to 1', false, NULL, 'survey_response'),
    ('attitudes', 'paired', 'people who gave a score before and in this wave', 'people', false, 'by a key that both answers hold; the first answer of this wave, against the last one before it; counted where and when the later one was given', 'survey_response'),
    ('attitudes', 'mean_change', 'mean of the later score less the earlier, over paired', 'score', false, 'a comparison, not an effect: nobody was left out of the training at random; hidden where paired is under 10', 'survey_response'),
    ('attitudes', 'change_sd', 'standard deviation of the change', 'score', false, 'hidden where paired is under 10', 'survey_response'),
    ('attitudes', 'reason_hidden', 'why figures are not shown', 'text', false, 'hidden from view, not protected: who sees all other groups can subtract', 'survey_response'),
    ('attitudes_theme', 'theme', 'what the answer was about, as coded; HIDDEN where fewer than 10 people wrote', 'key', false, NULL, 'survey_response'),
    ('attitudes_theme', 'coded', 'answers with a theme', 'answers', false, 'the same for every theme', 'survey_response'),
    ('attitudes_theme', 'respondents_coded', 'different people among them', 'people', false, 'every answer without a key counts as a person', 'survey_response'),
    ('attitudes_theme', 'mentions', 'answers with this theme', 'answers', false, 'hidden where respondents_coded is under 10', 'survey_response'),
    ('attitudes_theme', 'reason_hidden', 'why mentions is not shown', 'text', false, NULL, 'survey_response');
