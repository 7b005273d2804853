-- All of it on one page: every headline indicator, by period and area, beside its target and the year before.

-- The owner's own indicators: a contract, empty until the owner replaces it by a view with these columns. doc/scorecard.md
CREATE VIEW own_indicator_value AS
    SELECT NULL::text AS identifier, NULL::text AS statistic, NULL::text AS period_key, NULL::text AS area_key,
           NULL::float8 AS numerator, NULL::float8 AS denominator, NULL::float8 AS value, NULL::float8 AS lower, NULL::float8 AS upper,
           NULL::boolean AS is_whole, NULL::text AS reason_missing
    WHERE false;

-- Where the indicators come from: a SELECT for each KPI. is_whole: records exist for all of the period and area, so that it may
-- be compared. A share of what is not independent, and a percentile, has no interval here.
CREATE VIEW indicator_value AS
    SELECT 'doses_by_division' AS identifier, 'rate' AS statistic, 'NONE' AS ambulance_category, 'NONE' AS clock, k.period_key, k.area_key,
           k.territorial_administrations::float8 AS numerator, k.person_years AS denominator,
           k.administrations_per_100k AS value, k.administrations_per_100k_lower AS lower, k.administrations_per_100k_upper AS upper,
           k.division_days = k.covered_division_days AS is_whole, NULL::text AS reason_missing
    FROM doses_by_division k
    UNION ALL
    -- Of all categories together, and of those that have a target.
    SELECT x.identifier, x.statistic, k.ambulance_category, k.clock, k.period_key, k.area_key,
           x.numerator::float8, x.denominator::float8, x.value, x.lower, x.upper, k.division_days = k.covered_division_days, NULL
    FROM ambulance_response k
    CROSS JOIN LATERAL (VALUES
        ('ambulance_response', 'median', NULL::bigint, k.arrivals, k.median_mins, NULL::float8, NULL::float8),
        ('ambulance_response', 'percentile_95', NULL, k.arrivals, k.p95_mins, NULL, NULL),
        ('ambulance_downgraded', 'share', k.downgraded, k.category_known_at_both_ends,
         k.downgraded_share, k.downgraded_share_lower, k.downgraded_share_upper),
        ('naloxone_to_ambulance_over_40_mins', 'share', k.waiting_over_40_mins, k.naloxone_to_ambulance_known,
         k.waiting_over_40_mins_share, k.waiting_over_40_mins_share_lower, k.waiting_over_40_mins_share_upper)
    ) AS x (identifier, statistic, numerator, denominator, value, lower, upper)
    WHERE k.call_source = 'ALL'
      AND (k.ambulance_category = 'ALL'
           OR x.identifier = 'ambulance_response'
              AND EXISTS (SELECT FROM target t WHERE t.indicator = x.identifier AND t.ambulance_category = k.ambulance_category AND t.clock = k.clock))
    UNION ALL
    SELECT x.identifier, 'share', 'NONE', 'NONE', k.period_key, k.area_key,
           x.numerator::float8, x.denominator::float8, x.value, x.lower, x.upper, k.division_days = k.covered_division_days, NULL
    FROM referral_conversion k
    CROSS JOIN LATERAL (VALUES
        ('reviewed_within_72_hours', k.reviewed_within_72_hours, k.episodes_followed,
         k.reviewed_within_72_hours::float8 / nullif(k.episodes_followed, 0), NULL::float8, NULL::float8),
        ('service_notified_within_72_hours', k.service_notified_within_72_hours, k.episodes_followed,
         k.service_notified_within_72_hours::float8 / nullif(k.episodes_followed, 0), NULL, NULL),
        ('people_referred', k.people_referred, k.people_followed, k.people_referred_share, k.people_referred_share_lower, k.people_referred_share_upper),
        ('people_contacted', k.people_contacted, k.people_followed, k.people_contacted_share, k.people_contacted_share_lower, k.people_contacted_share_upper),
        ('people_engaged', k.people_engaged, k.people_followed, k.people_engaged_share, k.people_engaged_share_lower, k.people_engaged_share_upper)
    ) AS x (identifier, numerator, denominator, value, lower, upper)
    WHERE k.route = 'ALL'
    UNION ALL
    SELECT 'recorded_police_warning', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.warnings::float8, k.disposals::float8,
           k.warnings_share, k.warnings_share_lower, k.warnings_share_upper, k.division_days = k.covered_division_days, NULL
    FROM recorded_police_warning_trend k
    UNION ALL
    SELECT x.identifier, x.statistic, 'NONE', 'NONE', k.period_key, k.area_key, x.numerator::float8, x.denominator, x.value, x.lower, x.upper,
           k.division_days = k.covered_division_days, NULL
    FROM drug_deaths k
    CROSS JOIN LATERAL (VALUES
        ('drug_deaths', 'rate', k.territorial_deaths, k.person_years, k.deaths_per_100k, k.deaths_per_100k_lower, k.deaths_per_100k_upper),
        ('drug_deaths_reviewed', 'share', k.over_six_months_old_reviewed, k.over_six_months_old::float8,
         k.reviewed_share, k.reviewed_share_lower, k.reviewed_share_upper),
        ('drug_deaths_reported', 'share', k.over_six_months_old_reported, k.over_six_months_old::float8,
         k.reported_share, k.reported_share_lower, k.reported_share_upper)
    ) AS x (identifier, statistic, numerator, denominator, value, lower, upper)
    UNION ALL
    SELECT 'substance_signals_tested', 'share', 'NONE', 'NONE', k.period_key, k.area_key,
           k.signals_tested::float8, (k.signals_tested + k.signals_suspected)::float8, share.value, share.lower, share.upper,
           k.division_days = k.covered_division_days, NULL
    FROM substance_signals k
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(k.signals_tested, k.signals_tested + k.signals_suspected, setting.confidence) AS share
    UNION ALL
    -- The headline question, in the period's latest wave.
    SELECT 'attitudes', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.favourable::float8, k.scored::float8,
           k.favourable_share, k.favourable_share_lower, k.favourable_share_upper, ap.is_fully_covered, k.reason_hidden
    FROM (SELECT DISTINCT ON (a.period_key, a.area_key)
                 a.period_key, a.area_key, a.favourable, a.scored, a.favourable_share, a.favourable_share_lower, a.favourable_share_upper, a.reason_hidden
          FROM attitudes a
          JOIN survey_question q ON q.is_headline AND q.survey = a.survey AND q.question = a.question
          WHERE a.respondent_group = 'ALL'
          ORDER BY a.period_key, a.area_key, array_position(ARRAY['follow_up', 'after', 'before', 'UNKNOWN'], a.wave)) k
    JOIN area_period ap ON ap.source = 'survey_response' AND ap.period_key = k.period_key AND ap.area_key = k.area_key
    UNION ALL
    SELECT 'survived_after_naloxone', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.survived::float8, (k.survived + k.died)::float8,
           k.survived_share, k.survived_share_lower, k.survived_share_upper, k.division_days = k.covered_division_days, NULL
    FROM survived_after_naloxone k
    UNION ALL
    SELECT 'repeat_administrations', 'share', 'NONE', 'NONE', k.period_key, k.area_key, NULL, k.people::float8,
           k.repeated_within_90_days_share, k.repeated_within_90_days_share_lower, k.repeated_within_90_days_share_upper,
           k.division_days = k.covered_division_days, NULL
    FROM repeat_administrations k
    UNION ALL
    SELECT 'first_aid_use', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.times_done::float8, (k.times_done + k.times_not_done)::float8,
           k.done_share, k.done_share_lower, k.done_share_upper, k.division_days = k.covered_division_days, NULL
    FROM first_aid_use k
    WHERE k.technique = 'any_technique'
    UNION ALL
    SELECT 'overdoses_attended', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.naloxone_given::float8, (k.naloxone_given + k.naloxone_not_at_hand)::float8,
           k.available_share, k.available_share_lower, k.available_share_upper, k.division_days = k.covered_division_days, NULL
    FROM overdoses_attended k
    WHERE k.why_not = 'ALL'
    UNION ALL
    -- Kits that a count did not find are no sample of those issued: no interval.
    SELECT 'naloxone_supply', 'share', 'NONE', 'NONE', k.period_key, k.area_key, (k.unaccounted_in_store + k.unaccounted_in_hand)::float8, k.issued::float8,
           (k.unaccounted_in_store + k.unaccounted_in_hand)::float8 / nullif(greatest(k.issued, 0), 0), NULL, NULL, k.division_days = k.covered_division_days, NULL
    FROM naloxone_supply k
    UNION ALL
    SELECT 'carriage_and_training', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.carrying::float8, k.eligible::float8,
           k.carrying_share, k.carrying_share_lower, k.carrying_share_upper, ap.is_fully_covered, NULL
    FROM carriage_and_training k
    JOIN area_period ap ON ap.source = 'officer_carriage' AND ap.period_key = k.period_key AND ap.area_key = k.area_key
    UNION ALL
    SELECT 'refresher_in_date', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.in_date::float8, k.trained::float8,
           share.value, share.lower, share.upper, ap.is_fully_covered, CASE WHEN setting.refresher_months IS NULL THEN 'how long training lasts is not set' END
    FROM carriage_and_training_course k
    JOIN area_period ap ON ap.source = 'officer_training' AND ap.period_key = k.period_key AND ap.area_key = k.area_key
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(k.in_date, k.trained, setting.confidence) AS share
    WHERE k.course = 'naloxone'
    UNION ALL
    SELECT 'programme_funding_status', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.spent::float8, k.allocated::float8,
           k.spent::float8 / nullif(k.allocated::float8, 0), NULL, NULL, true, NULL
    FROM programme_funding_status k
    WHERE k.strand = 'ALL' AND k.funder = 'ALL'
    UNION ALL
    SELECT 'agency_information_sharing', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.shared_on_time::float8, (k.due - k.shared_time_not_known)::float8,
           k.on_time_share, k.on_time_share_lower, k.on_time_share_upper, k.division_days = k.covered_division_days, NULL
    FROM agency_information_sharing k
    WHERE k.agency = 'ALL'
    UNION ALL
    SELECT 'late_records', 'share', 'NONE', 'NONE', k.period_key, k.area_key, k.found::float8, k.examined::float8,
           share.value, share.lower, share.upper, ap.is_fully_covered, NULL
    FROM data_quality_finding k
    JOIN area_period ap ON ap.source = 'administration' AND ap.period_key = k.period_key AND ap.area_key = k.area_key
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(k.found, k.examined, setting.confidence) AS share
    WHERE k.source = 'administration' AND k.finding = 'late'
    UNION ALL
    SELECT o.identifier, o.statistic, 'NONE', 'NONE', o.period_key, o.area_key, o.numerator, o.denominator, o.value, o.lower, o.upper,
           o.is_whole, o.reason_missing
    FROM own_indicator_value o;

-- A figure that can be counted with: nothing infinite, and nothing whose square is.
CREATE FUNCTION plausible_figure(figure float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN figure = 0 OR abs(figure) BETWEEN 1e-30 AND 1e30 THEN figure END;

-- What a figure is, as it shows in the figures: a share or a rate of whole numbers. NULL: neither.
CREATE FUNCTION kind_of_count(statistic text, numerator float8, denominator float8, value float8) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN NOT (numerator = floor(numerator) AND numerator BETWEEN 0 AND 1e15) THEN NULL
                WHEN statistic = 'rate' AND denominator > 0
                     AND abs(value - 100000 * numerator / nullif(denominator, 0)) <= 1e-9 * greatest(value, 1) THEN 'rate'
                WHEN denominator = floor(denominator) AND denominator BETWEEN 1 AND 1e15 AND numerator <= denominator
                     AND abs(value - numerator / nullif(denominator, 0)) <= 1e-9 THEN 'share' END;

-- A row for every indicator, period and area, with a figure or with the reason why there is none.
CREATE MATERIALIZED VIEW scorecard AS
    WITH figure AS MATERIALIZED (
        SELECT v.identifier, v.statistic, v.ambulance_category, v.clock, v.period_key, v.area_key, plausible_figure(v.numerator) AS numerator,
               plausible_figure(v.denominator) AS denominator, plausible_figure(v.value) AS value, plausible_figure(v.lower) AS lower,
               plausible_figure(v.upper) AS upper, v.is_whole, v.reason_missing
        FROM indicator_value v
    ), shown AS (
        SELECT DISTINCT i.identifier, i.statistic, coalesce(f.ambulance_category, 'NONE') AS ambulance_category, coalesce(f.clock, 'NONE') AS clock
        FROM indicator i LEFT JOIN figure f ON f.identifier = i.identifier AND f.statistic = i.statistic
    ), placed AS (
        -- Put together by their keys and grouped, not joined: that is as fast whatever the planner expects of them.
        SELECT s.identifier, s.statistic, s.ambulance_category, s.clock, ap.period_key, ap.area_key, 'shown' AS role, NULL::float8 AS numerator,
               NULL::float8 AS denominator, NULL::float8 AS value, NULL::float8 AS lower, NULL::float8 AS upper, NULL::boolean AS is_whole,
               NULL::text AS reason_missing
        FROM shown s CROSS JOIN area_period ap
        WHERE ap.source = 'administration'
        UNION ALL
        SELECT f.identifier, f.statistic, f.ambulance_category, f.clock, f.period_key, f.area_key, 'now' AS role, f.numerator, f.denominator, f.value, f.lower, f.upper,
               f.is_whole, f.reason_missing
        FROM figure f
        UNION ALL
        -- Beside the same period a year later, if both are settled and with records for all of it, and policy did not change from the
        -- beginning of the one to the end of the other. UNKNOWN is no place that could get better.
        SELECT f.identifier, f.statistic, f.ambulance_category, f.clock, p.period_key, f.area_key, 'before' AS role, NULL::float8 AS numerator,
               NULL::float8 AS denominator, f.value, f.lower, f.upper, f.is_whole, NULL::text AS reason_missing
        FROM figure f
        JOIN period b ON b.period_key = f.period_key
        JOIN period p ON p.year_before_key = f.period_key
        WHERE f.is_whole AND p.is_settled AND f.area_key <> 'division UNKNOWN'
          AND NOT EXISTS (SELECT FROM policy_marker m WHERE m.indicator = f.identifier AND m.day > b.period_start AND m.day <= p.period_end)
    ), grouped AS (
        SELECT t.identifier, t.statistic, t.ambulance_category, t.clock, t.period_key, t.area_key,
               count(*) FILTER (WHERE t.role = 'now') AS times_given,
               count(t.value) FILTER (WHERE t.role = 'now') = 1 AND count(*) FILTER (WHERE t.role = 'before') = 1
                   AND bool_and(t.is_whole) FILTER (WHERE t.role = 'now') AS is_comparable,
               bool_and(t.is_whole) FILTER (WHERE t.role = 'now') AS is_whole,
               min(t.numerator) AS numerator, min(t.denominator) AS denominator,
               min(t.value) FILTER (WHERE t.role = 'now') AS value, min(t.lower) FILTER (WHERE t.role = 'now') AS lower,
               min(t.upper) FILTER (WHERE t.role = 'now') AS upper, min(t.reason_missing) AS reason_missing,
               min(t.value) FILTER (WHERE t.role = 'before') AS value_before, min(t.lower) FILTER (WHERE t.role = 'before') AS lower_before,
               min(t.upper) FILTER (WHERE t.role = 'before') AS upper_before
        FROM placed t
        GROUP BY 1, 2, 3, 4, 5, 6
        HAVING bool_or(t.role = 'shown')
    ), given AS (
        -- Of two figures for the same nobody could say which.
        SELECT g.identifier, g.statistic, g.ambulance_category, g.clock, g.period_key, g.area_key, g.times_given, g.is_whole,
               CASE WHEN g.times_given = 1 THEN g.numerator END AS numerator, CASE WHEN g.times_given = 1 THEN g.denominator END AS denominator,
               CASE WHEN g.times_given = 1 THEN g.value END AS value, CASE WHEN g.times_given = 1 THEN g.lower END AS lower,
               CASE WHEN g.times_given = 1 THEN g.upper END AS upper,
               CASE WHEN g.times_given = 0 THEN 'no figure is given' WHEN g.times_given > 1 THEN 'given more than once'
                    ELSE g.reason_missing END AS reason_missing,
               CASE WHEN g.is_comparable THEN g.value_before END AS value_before, CASE WHEN g.is_comparable THEN g.lower_before END AS lower_before,
               CASE WHEN g.is_comparable THEN g.upper_before END AS upper_before
        FROM grouped g
    )
    SELECT g.identifier, g.statistic, g.ambulance_category, g.clock, g.period_key, g.area_key,
           g.numerator, g.denominator, g.value, g.lower, g.upper,
           round(g.lower::numeric, i.decimals) || ' to ' || round(g.upper::numeric, i.decimals) AS interval_text,
           aim.target,
           -- 100 and over is as good as the target or better; which way that is, the indicator says.
           CASE WHEN aim.target >= 0 AND g.value >= 0
                THEN 100 * CASE i.better WHEN 'lower' THEN aim.target / nullif(g.value, 0) ELSE g.value / nullif(aim.target, 0) END END AS pct_of_target,
           CASE i.better WHEN 'higher' THEN g.value >= aim.target WHEN 'lower' THEN g.value <= aim.target END AS target_met,
           g.value_before AS value_year_before,
           CASE WHEN NOT i.is_comparable THEN NULL
                WHEN change.lower > 0 OR change.upper < 0
                THEN CASE WHEN i.better = 'neutral' THEN 'different' WHEN (i.better = 'higher') = (change.lower > 0) THEN 'better' ELSE 'worse' END
                WHEN change.lower <= 0 AND change.upper >= 0 THEN 'no clear change' END AS direction,
           CASE WHEN g.value IS NULL
                THEN coalesce(g.reason_missing,
                              CASE WHEN g.denominator = 0 THEN 'nothing to count it of'
                                   WHEN g.denominator IS NULL AND g.numerator IS NOT NULL THEN 'what to count it of is not known'
                                   ELSE 'no records' END) END AS reason_missing,
           coalesce(g.is_whole AND g.times_given = 1, false) AS is_whole
    FROM given g
    JOIN indicator i ON i.identifier = g.identifier AND i.statistic = g.statistic
    JOIN period p ON p.period_key = g.period_key
    -- The difference's interval from those of the two figures (Zou and Donner, 2008).
    CROSS JOIN LATERAL (
        SELECT g.value - g.value_before
                   - sqrt((g.value - g.lower) * (g.value - g.lower) + (g.upper_before - g.value_before) * (g.upper_before - g.value_before)) AS lower,
               g.value - g.value_before
                   + sqrt((g.upper - g.value) * (g.upper - g.value) + (g.value_before - g.lower_before) * (g.value_before - g.lower_before)) AS upper
    ) change
    -- A target holds for the whole period or not at all; an area's own goes before everywhere's.
    CROSS JOIN LATERAL (
        SELECT (array_agg(t.value ORDER BY t.area_key NULLS LAST, t.valid_from DESC))[1] AS target
        FROM target t
        WHERE t.indicator = g.identifier AND t.statistic = g.statistic
          AND coalesce(t.ambulance_category, 'NONE') = g.ambulance_category AND coalesce(t.clock, 'NONE') = g.clock
          AND (t.area_key IS NULL OR t.area_key = g.area_key)
          -- What is no figure is no target, nor is a time below 0: the next one holds.
          AND plausible_figure(t.value) IS NOT NULL AND (t.value >= 0 OR g.ambulance_category = 'NONE')
          AND t.valid_from <= p.period_start AND (t.valid_to IS NULL OR t.valid_to >= p.period_end)
    ) aim;
CREATE UNIQUE INDEX scorecard_key ON scorecard (identifier, statistic, ambulance_category, clock, period_key, area_key);

INSERT INTO refresh_step VALUES (750, 'engine_room', 'scorecard');

INSERT INTO object_definition VALUES
    ('own_indicator_value', 'contract: the figures of the owner''s own indicators'),
    ('indicator_value', 'the figures of every indicator, as its KPI has them'),
    ('scorecard', 'every headline indicator beside its target and the year before: by period and area');

INSERT INTO dictionary VALUES
    ('scorecard', 'identifier', 'the indicator', 'key', false, NULL, 'indicator'),
    ('scorecard', 'statistic', 'which of the indicator''s figures', 'key', false, NULL, 'indicator'),
    ('scorecard', 'title', 'the indicator''s title', 'text', false, NULL, 'indicator'),
    ('scorecard', 'unit', 'what value, interval and target are measured in', 'text', false, NULL, 'indicator'),
    ('scorecard', 'better', 'which way is better: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('scorecard', 'ambulance_category', 'the category first given to the call; ALL is all of them together; NONE where the indicator is not about ambulances', 'key', false, 'all together, and the categories that have a target', 'administration'),
    ('scorecard', 'clock', 'what started the clock: the call, or the assignment of the acuity; NONE where the indicator is not about ambulances', 'key', false, NULL, 'administration'),
    ('scorecard', 'numerator', 'what is counted; NULL for a percentile', 'as the indicator says', false, NULL, 'indicator'),
    ('scorecard', 'denominator', 'what it is counted of', 'as the indicator says', false, NULL, 'indicator'),
    ('scorecard', 'value', 'the indicator''s figure', 'as the indicator says', false, 'of a period that is not over, the figure so far', 'indicator'),
    ('scorecard', 'lower', 'lower confidence limit of value', 'as the indicator says', false, 'NULL where there is no interval', 'indicator'),
    ('scorecard', 'upper', 'upper confidence limit of value', 'as the indicator says', false, 'NULL where there is no interval', 'indicator'),
    ('scorecard', 'interval_text', 'the interval as people write it', 'text', false, NULL, 'indicator'),
    ('scorecard', 'target', 'the target that holds for the whole period', 'as the indicator says', false, 'an area''s own goes before everywhere''s', 'target'),
    ('scorecard', 'pct_of_target', 'how much of the target is reached: 100 and over is as good or better', '%', false, 'value as a part of target, or where lower is better target as a part of value', 'target'),
    ('scorecard', 'target_met', 'whether the figure reaches the target: 1 yes, 0 no', 'flag', false, 'by the figure itself, not its interval; NULL where neither way is better', 'target'),
    ('scorecard', 'value_year_before', 'the figure of the same period a year before', 'as the indicator says', false, 'only where both periods are settled and have records for all of it, and policy did not change between them', 'indicator'),
    ('scorecard', 'direction', 'against the year before: better, worse, different (where neither way is better) or no clear change', 'text', false, 'by the interval of the difference; of many that did not change about one in twenty will say that they did', 'indicator'),
    ('scorecard', 'is_whole', 'whether records exist for all of the period and area, so that it may be compared', 'flag', false, NULL, 'source_coverage'),
    ('scorecard', 'chart_flag', 'in the latest month that can be judged, the rule by which its control chart says that something changed; NULL: nothing that chance does not explain, or no chart', 'text', false, 'only in the row of that month; the charts are in indicator_chart; where the chart is of what lies between rare events, above is longer between them', 'indicator_chart'),
    ('scorecard', 'variation', 'what that month''s chart says: common cause (as it always varies), improvement, concern, or special cause where neither way is better', 'text', false, 'only in the row of that month; NULL where there is no chart', 'indicator_chart'),
    ('scorecard', 'funnel_verdict', 'a division beside all others in a fiscal year or twelve months: as the others, not clear, better, worse, or different where neither way is better; NULL: nothing can be said', 'text', false, 'outside what one in a thousand would be by its size alone; the plots are in indicator_funnel', 'indicator_funnel'),
    ('scorecard', 'flags_shown', 'how many of the area''s charts have a flag on their latest month', 'charts', false, 'the same in every row of the area that has one of those months; NULL in other rows', 'indicator_chart'),
    ('scorecard', 'flags_expected_by_chance', 'how many of the area''s charts would have one if nothing had changed: where flags_shown is no more than this, the flags together show nothing', 'charts', false, 'the sum, over the same charts, of how often the newest month of a series in which nothing changes is flagged, as found by simulation', 'indicator_chart'),
    ('scorecard', 'reason_missing', 'why there is no figure', 'text', false, NULL, 'indicator');
