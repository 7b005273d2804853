-- What is in the supply: the substances that signals name.

-- A substance is what is written, in lower case, with single spaces and at most 100 characters: the list of names and spellings
-- is the force's. So NONE (the record says that there was nothing) and UNKNOWN (it does not say) are never a substance's name.
CREATE VIEW dated_substance_signal_source AS
    SELECT day_of(s.observed_on) AS day, coalesce(s.division_code, 'UNKNOWN') AS division_code, s.signal_id,
           CASE WHEN s.kind IN ('seizure', 'toxicology', 'pathology', 'drug_check', 'intelligence') THEN s.kind ELSE 'other' END AS kind,
           CASE WHEN s.basis IN ('suspected', 'tested') THEN s.basis ELSE 'not_known' END AS basis,
           CASE WHEN s.substances = '{}' THEN ARRAY['NONE'] ELSE coalesce(n.named, ARRAY['UNKNOWN']) END AS substances
    FROM substance_signal s
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT t.substance) AS named
        FROM (SELECT rtrim(left(btrim(lower(regexp_replace(u, '\s+', ' ', 'g'))), 100)) AS substance FROM unnest(s.substances) AS u) t
        WHERE t.substance <> ''
    ) n;

-- Taken down once a refresh, so that what both views below count is the same signals, whatever comes in meanwhile.
CREATE TABLE dated_substance_signal AS TABLE dated_substance_signal_source WITH NO DATA;

-- How many signals there are, whatever they name.
CREATE MATERIALIZED VIEW substance_signals AS
    WITH by_month AS (
        SELECT c.month, c.division_code,
               count(*) AS signals,
               count(*) FILTER (WHERE s.basis = 'suspected') AS signals_suspected,
               count(*) FILTER (WHERE s.basis = 'tested') AS signals_tested,
               count(*) FILTER (WHERE s.kind = 'seizure') AS signals_seizure,
               count(*) FILTER (WHERE s.kind = 'toxicology') AS signals_toxicology,
               count(*) FILTER (WHERE s.kind = 'pathology') AS signals_pathology,
               count(*) FILTER (WHERE s.kind = 'drug_check') AS signals_drug_check,
               count(*) FILTER (WHERE s.kind = 'intelligence') AS signals_intelligence,
               count(*) FILTER (WHERE s.kind = 'other') AS signals_other,
               count(*) FILTER (WHERE s.basis = 'suspected' AND s.substances <> ARRAY['UNKNOWN']) AS named_suspected,
               count(*) FILTER (WHERE s.basis = 'tested' AND s.substances <> ARRAY['UNKNOWN']) AS named_tested,
               count(*) FILTER (WHERE s.substances = ARRAY['UNKNOWN']) AS without_substances
        FROM dated_substance_signal s
        JOIN counted_day c ON c.source = 'substance_signal' AND c.day = s.day AND c.recorded_division_code = s.division_code
        GROUP BY 1, 2
    ), summed AS (
        SELECT pm.period_key, ad.area_key,
               sum(m.signals)::bigint AS signals, sum(m.signals_suspected)::bigint AS signals_suspected, sum(m.signals_tested)::bigint AS
               signals_tested, sum(m.signals_seizure)::bigint AS signals_seizure, sum(m.signals_toxicology)::bigint AS signals_toxicology,
               sum(m.signals_pathology)::bigint AS signals_pathology, sum(m.signals_drug_check)::bigint AS signals_drug_check,
               sum(m.signals_intelligence)::bigint AS signals_intelligence, sum(m.signals_other)::bigint AS signals_other,
               sum(m.named_suspected)::bigint AS named_suspected, sum(m.named_tested)::bigint AS named_tested, sum(m.without_substances)::bigint AS
               without_substances
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    )
    SELECT ap.period_key, ap.area_key, ap.division_days, ap.covered_division_days,
           CASE WHEN ap.is_covered THEN coalesce(s.signals, 0) END AS signals,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_suspected, 0) END AS signals_suspected,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_tested, 0) END AS signals_tested,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_seizure, 0) END AS signals_seizure,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_toxicology, 0) END AS signals_toxicology,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_pathology, 0) END AS signals_pathology,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_drug_check, 0) END AS signals_drug_check,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_intelligence, 0) END AS signals_intelligence,
           CASE WHEN ap.is_covered THEN coalesce(s.signals_other, 0) END AS signals_other,
           CASE WHEN ap.is_covered THEN coalesce(s.named_suspected, 0) END AS named_suspected,
           CASE WHEN ap.is_covered THEN coalesce(s.named_tested, 0) END AS named_tested,
           CASE WHEN ap.is_covered THEN coalesce(s.without_substances, 0) END AS without_substances
    FROM area_period ap
    LEFT JOIN summed s USING (period_key, area_key)
    WHERE ap.source = 'substance_signal';
CREATE UNIQUE INDEX substance_signals_key ON substance_signals (period_key, area_key);

-- How many of them name each substance. An area has rows of the substances that its signals name, whenever they did.
CREATE MATERIALIZED VIEW substance_trend AS
    WITH by_month AS MATERIALIZED (
        SELECT c.month, c.division_code, n.substance,
               count(*) AS mentions,
               count(*) FILTER (WHERE s.basis = 'suspected') AS mentions_suspected,
               count(*) FILTER (WHERE s.basis = 'tested') AS mentions_tested,
               count(*) FILTER (WHERE s.kind = 'seizure') AS mentions_seizure,
               count(*) FILTER (WHERE s.kind = 'toxicology') AS mentions_toxicology,
               count(*) FILTER (WHERE s.kind = 'pathology') AS mentions_pathology,
               count(*) FILTER (WHERE s.kind = 'drug_check') AS mentions_drug_check,
               count(*) FILTER (WHERE s.kind = 'intelligence') AS mentions_intelligence,
               count(*) FILTER (WHERE s.kind = 'other') AS mentions_other,
               min(s.day) AS first_seen_on,
               min(s.day) FILTER (WHERE s.basis = 'tested') AS first_tested_on
        FROM dated_substance_signal s
        JOIN counted_day c ON c.source = 'substance_signal' AND c.day = s.day AND c.recorded_division_code = s.division_code
        CROSS JOIN LATERAL unnest(s.substances) AS n (substance)
        GROUP BY 1, 2, 3
    ), summed AS (
        SELECT pm.period_key, ad.area_key, m.substance,
               sum(m.mentions)::bigint AS mentions, sum(m.mentions_suspected)::bigint AS mentions_suspected, sum(m.mentions_tested)::bigint AS
               mentions_tested, sum(m.mentions_seizure)::bigint AS mentions_seizure, sum(m.mentions_toxicology)::bigint AS mentions_toxicology,
               sum(m.mentions_pathology)::bigint AS mentions_pathology, sum(m.mentions_drug_check)::bigint AS mentions_drug_check,
               sum(m.mentions_intelligence)::bigint AS mentions_intelligence, sum(m.mentions_other)::bigint AS mentions_other
        FROM by_month m JOIN period_month pm USING (month) JOIN area_division ad USING (division_code)
        GROUP BY 1, 2, 3
    ), seen AS (
        SELECT ad.area_key, m.substance, min(m.first_seen_on) AS first_seen_on, min(m.first_tested_on) AS first_tested_on
        FROM by_month m JOIN area_division ad USING (division_code)
        GROUP BY 1, 2
    ), counts AS MATERIALIZED (
        SELECT k.period_key, k.area_key, seen.substance, k.division_days, k.covered_division_days,
               seen.first_seen_on, seen.first_tested_on,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions, 0) END AS mentions,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_suspected, 0) END AS mentions_suspected,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_tested, 0) END AS mentions_tested,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_seizure, 0) END AS mentions_seizure,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_toxicology, 0) END AS mentions_toxicology,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_pathology, 0) END AS mentions_pathology,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_drug_check, 0) END AS mentions_drug_check,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_intelligence, 0) END AS mentions_intelligence,
               CASE WHEN k.signals IS NOT NULL THEN coalesce(s.mentions_other, 0) END AS mentions_other,
               -- What does not say what it names is no part of the shares.
               CASE WHEN seen.substance <> 'UNKNOWN' THEN k.named_suspected END AS named_suspected,
               CASE WHEN seen.substance <> 'UNKNOWN' THEN k.named_tested END AS named_tested
        FROM substance_signals k
        JOIN seen USING (area_key)
        LEFT JOIN summed s USING (period_key, area_key, substance)
    ), watched AS (
        -- Months one after the other, from the first on all of whose days the area has records; until they are settled they say nothing.
        SELECT c.*, m.grain, m.period_start, m.is_settled,
               CASE WHEN m.is_known AND m.is_settled THEN c.mentions END AS known_mentions,
               coalesce(m.grain = 'month' AND m.period_start >= m.first_known, false) AS is_watched
        FROM counts c
        JOIN (SELECT ap.area_key, ap.period_key, p.grain, p.period_start, p.is_settled, ap.is_fully_covered AND NOT ap.is_across_seal AS is_known,
                     min(p.period_start) FILTER (WHERE p.grain = 'month' AND ap.is_fully_covered AND NOT ap.is_across_seal) OVER (PARTITION BY ap.area_key) AS first_known
              FROM area_period ap JOIN period p USING (period_key)
              WHERE ap.source = 'substance_signal') m USING (period_key, area_key)
    ), judged AS (
        -- EARS C2 of a year, so that every season is in it. The limit alone is passed by chance too often where counts are small and skewed:
        -- the exact test of this month's count against the year's must agree.
        SELECT w.*,
               ears(w.known_mentions, 'C2', 12) OVER (PARTITION BY w.area_key, w.substance, w.is_watched ORDER BY w.grain, w.period_start) AS ears,
               sum(w.known_mentions) OVER baseline AS baseline_mentions, count(w.known_mentions) OVER baseline AS baseline_months
        FROM watched w
        WINDOW baseline AS (PARTITION BY w.area_key, w.substance, w.is_watched ORDER BY w.grain, w.period_start ROWS BETWEEN 14 PRECEDING AND 3 PRECEDING)
    ), reasoned AS MATERIALIZED (
        SELECT j.*,
               CASE WHEN j.grain <> 'month' THEN 'months only'
                    WHEN j.substance = 'NONE' OR j.substance = 'UNKNOWN' THEN 'not a substance'
                    WHEN j.area_key = 'division UNKNOWN' THEN 'not a place'
                    WHEN NOT j.is_settled THEN 'not settled'
                    WHEN j.known_mentions IS NULL OR NOT j.is_watched THEN 'no records'
                    WHEN j.baseline_months < 12 THEN 'history too short'
                    ELSE (j.ears).reason END AS reason
        FROM judged j
    )
    SELECT c.period_key, c.area_key, c.substance, c.division_days, c.covered_division_days,
           c.mentions, c.mentions_suspected, c.mentions_tested, c.mentions_seizure, c.mentions_toxicology, c.mentions_pathology,
           c.mentions_drug_check, c.mentions_intelligence, c.mentions_other,
           c.named_suspected,
           suspected.value AS suspected_share, suspected.lower AS suspected_share_lower, suspected.upper AS suspected_share_upper,
           c.named_tested,
           tested.value AS tested_share, tested.lower AS tested_share_lower, tested.upper AS tested_share_upper,
           c.first_seen_on, c.first_tested_on,
           CASE WHEN c.reason IS NULL THEN (c.ears).expected END AS expected,
           CASE WHEN c.reason IS NULL THEN (c.ears).upper_bound END AS upper_bound,
           CASE WHEN c.reason IS NULL THEN
               c.mentions > (c.ears).upper_bound AND (rate_ratio(c.mentions, 1, c.baseline_mentions::bigint, 12)).p_value < 0.001 END AS alarm,
           c.reason
    FROM reasoned c
    CROSS JOIN setting
    CROSS JOIN LATERAL proportion_interval(c.mentions_suspected, c.named_suspected, setting.confidence) AS suspected
    CROSS JOIN LATERAL proportion_interval(c.mentions_tested, c.named_tested, setting.confidence) AS tested;
CREATE UNIQUE INDEX substance_trend_key ON substance_trend (period_key, area_key, substance);

INSERT INTO refresh_step VALUES
    (280, 'engine_room', 'dated_substance_signal'),
    (700, 'engine_room', 'substance_signals'),
    (701, 'engine_room', 'substance_trend');

INSERT INTO object_definition VALUES
    ('dated_substance_signal_source', 'what a refresh fills dated_substance_signal with'),
    ('dated_substance_signal', 'signals with their day, the division that they name, and the substances that they name, each once'),
    ('substance_signals', 'how many signals there are, suspected and tested, by kind: by period and area'),
    ('substance_trend', 'how many signals name each substance: by period, area and substance');

INSERT INTO dictionary VALUES
    ('substance_signals', 'signals', 'results and reports of toxicology, pathology, seizures, drug checking and intelligence', 'signals', true, 'signals = signals_suspected + signals_tested + those whose basis is not recorded; on the day of observation, which for toxicology may be long before the result', 'substance_signal'),
    ('substance_signals', 'signals_suspected', 'signals by suspicion: nothing was tested', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_tested', 'signals from a test', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_seizure', 'signals from a seizure', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_toxicology', 'signals from toxicology', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_pathology', 'signals from pathology', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_drug_check', 'signals from drug checking', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_intelligence', 'signals from intelligence', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'signals_other', 'signals from a kind not recorded, or another', 'signals', true, NULL, 'substance_signal'),
    ('substance_signals', 'named_suspected', 'of signals_suspected, those that say which substances, or that there were none', 'signals', true, 'the denominator of suspected_share', 'substance_signal'),
    ('substance_signals', 'named_tested', 'of signals_tested, those that say which substances, or that there were none', 'signals', true, 'the denominator of tested_share', 'substance_signal'),
    ('substance_signals', 'without_substances', 'signals that do not say which substances', 'signals', true, 'not recorded is not none', 'substance_signal'),
    ('substance_trend', 'substance', 'the substance as the record names it, in lower case; NONE: the record says that there was nothing; UNKNOWN: it does not say', 'key', false, 'spellings are not merged; an area has rows of the substances that its signals name at any time', 'substance_signal'),
    ('substance_trend', 'division_days', 'days of the period so far, of all the area''s divisions together', 'days', false, 'the same for every substance', 'division'),
    ('substance_trend', 'covered_division_days', 'of division_days, those on which records exist', 'days', false, 'the same for every substance', 'source_coverage'),
    ('substance_trend', 'mentions', 'signals that name the substance', 'mentions', true, 'a signal that names three substances is three mentions, so that mentions may be summed, but are not signals then', 'substance_signal'),
    ('substance_trend', 'mentions_suspected', 'of mentions, those by suspicion', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'mentions_tested', 'of mentions, those from a test', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'mentions_seizure', 'of mentions, those from a seizure', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'mentions_toxicology', 'of mentions, those from toxicology', 'mentions', true, 'what is in a person (toxicology, pathology) is not what is in the supply', 'substance_signal'),
    ('substance_trend', 'mentions_pathology', 'of mentions, those from pathology', 'mentions', true, 'what is in a person (toxicology, pathology) is not what is in the supply', 'substance_signal'),
    ('substance_trend', 'mentions_drug_check', 'of mentions, those from drug checking', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'mentions_intelligence', 'of mentions, those from intelligence', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'mentions_other', 'of mentions, those from a kind not recorded, or another', 'mentions', true, NULL, 'substance_signal'),
    ('substance_trend', 'named_suspected', 'signals by suspicion that say which substances, or that there were none', 'signals', false, 'the same for every substance', 'substance_signal'),
    ('substance_trend', 'named_tested', 'signals from a test that say which substances, or that there were none', 'signals', false, 'the same for every substance', 'substance_signal'),
    ('substance_trend', 'suspected_share', 'mentions_suspected as a share of named_suspected', 'share, 0 to 1', false, 'Wilson interval; a signal may name several substances, so shares do not add up to 1, and what is tested is chosen: it is no sample of the supply', 'substance_signal'),
    ('substance_trend', 'suspected_share_lower', 'lower confidence limit of suspected_share', 'share, 0 to 1', false, NULL, 'substance_signal'),
    ('substance_trend', 'suspected_share_upper', 'upper confidence limit of suspected_share', 'share, 0 to 1', false, NULL, 'substance_signal'),
    ('substance_trend', 'tested_share', 'mentions_tested as a share of named_tested', 'share, 0 to 1', false, 'Wilson interval; a signal may name several substances, so shares do not add up to 1, and what is tested is chosen: it is no sample of the supply', 'substance_signal'),
    ('substance_trend', 'tested_share_lower', 'lower confidence limit of tested_share', 'share, 0 to 1', false, NULL, 'substance_signal'),
    ('substance_trend', 'tested_share_upper', 'upper confidence limit of tested_share', 'share, 0 to 1', false, NULL, 'substance_signal'),
    ('substance_trend', 'first_seen_on', 'the first day on which a signal of the area names the substance', 'date', false, 'over all periods up to the day of the refresh; near the first day of records it means only that records begin', 'substance_signal'),
    ('substance_trend', 'first_tested_on', 'the first day on which a test in the area names the substance', 'date', false, 'over all periods up to the day of the refresh', 'substance_signal'),
    ('substance_trend', 'expected', 'how many mentions are usual in a month: the mean of 12 months, which end two months before', 'mentions', false, 'EARS C2; the two months are left out so that the beginning of a rise does not hide it', 'substance_signal'),
    ('substance_trend', 'upper_bound', 'the limit of what is usual: expected, and 3.09 standard deviations of those 12 months', 'mentions', false, NULL, 'substance_signal'),
    ('substance_trend', 'alarm', 'whether the month has more mentions than usual: 1 yes, 0 no; empty: see reason', 'flag', false, 'above upper_bound, and so far above expected that chance would do it less than once in a thousand months (exact test); it says that it is unusual, not why: more testing is one cause', 'substance_signal'),
    ('substance_trend', 'reason', 'why nothing can be said of whether it is unusual: months only; not a substance: NONE or UNKNOWN; not a place: division UNKNOWN; not settled: records may still come; no records: some days of the month have none; history too short: nor have some of the 12 months; flat baseline: all 12 have the same count, so nothing shows how much counts vary', 'text', false, 'a substance that is new is a flat baseline of 0: look at first_seen_on', 'substance_signal');
