-- Answers to repeated questions: for analysts. By month and division only how many there were: what they said does not add up.

CREATE VIEW kpi_attitudes WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.survey::varchar(110) AS survey,
           k.question::varchar(260) AS question, k.wave::varchar(20) AS wave,
           k.respondent_group::varchar(110) AS respondent_group, k.responses::bigint, k.scored::bigint,
           k.out_of_scale::bigint
    FROM attitudes k
    JOIN visible_area v USING (area_key)
    JOIN period p USING (period_key)
    JOIN area a USING (area_key)
    WHERE p.grain = 'month' AND a.area_type = 'division'
      AND k.respondent_group <> 'ALL';

CREATE VIEW kpi_attitudes_period WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.survey::varchar(110) AS survey,
           k.question::varchar(260) AS question, k.wave::varchar(20) AS wave,
           k.respondent_group::varchar(110) AS respondent_group, k.responses::bigint, k.respondents::bigint,
           k.scored::bigint, k.out_of_scale::bigint, k.better_score::varchar(10) AS better_score, k.mean_score::float8,
           k.score_sd::float8, k.favourable::bigint, k.favourable_share::float8, k.favourable_share_lower::float8,
           k.favourable_share_upper::float8, k.paired::bigint, k.mean_change::float8, k.change_sd::float8,
           k.reason_hidden::varchar(60) AS reason_hidden
    FROM attitudes k
    JOIN visible_area v USING (area_key);

CREATE VIEW kpi_attitudes_theme WITH (security_barrier) AS
    SELECT k.period_key::varchar(30) AS period_key, k.area_key::varchar(60) AS area_key, k.survey::varchar(110) AS survey,
           k.question::varchar(260) AS question, k.wave::varchar(20) AS wave, k.theme::varchar(110) AS theme,
           k.coded::bigint, k.respondents_coded::bigint, k.mentions::bigint, k.reason_hidden::varchar(60) AS reason_hidden
    FROM attitudes_theme k
    JOIN visible_area v USING (area_key);
