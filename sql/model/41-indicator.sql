-- The catalogue: the headline indicators, what each is, and who asked for it. Their values are in scorecard.

CREATE TABLE indicator (
    identifier    text NOT NULL,         -- as target and policy_marker name it
    statistic     text NOT NULL,         -- rate, share, median, percentile_95, ...: as target names it
    kpi           text NOT NULL,         -- the view that it is read from
    title         text NOT NULL,
    question      text NOT NULL,
    numerator     text,
    denominator   text,
    unit          text NOT NULL,
    better        text NOT NULL CHECK (better IN ('higher', 'lower', 'neutral')),
    decimals      smallint NOT NULL DEFAULT 1 CHECK (decimals BETWEEN 0 AND 10),  -- of its text
    owner         text,                  -- who in the force answers for it
    purpose       text,
    asked_for_by  text,
    -- Whether a period may be set beside the same one a year before: not where the older has had longer to come about.
    is_comparable boolean NOT NULL DEFAULT true,
    -- Whether it counts much the same officers or things month after month: a control chart would take months for independent.
    is_standing   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (identifier, statistic)
);


INSERT INTO indicator (identifier, statistic, kpi, title, question, numerator, denominator, unit, better, decimals, purpose, asked_for_by) VALUES
    ('doses_by_division', 'rate', 'doses_by_division', 'People given naloxone', 'How much naloxone is used?',
     'administrations in territorial divisions', 'people living there times years with records', 'per 100,000 people a year', 'neutral', 1,
     'shows where overdoses meet officers; more is neither good nor bad', 'Home Office and Ipsos evaluation 2025, section 4.1; HMICS 2025, paragraph 86'),
    ('ambulance_response', 'median', 'ambulance_response', 'Ambulance response, median', 'How long until an ambulance?',
     NULL, 'ambulances that arrived', 'minutes', 'lower', 1,
     'how long officers keep a person alive; of arrivals only', 'Home Office and Ipsos evaluation 2025, section 4.1'),
    ('ambulance_response', 'percentile_95', 'ambulance_response', 'Ambulance response, 95th percentile', 'How long until an ambulance, at the worst of twenty?',
     NULL, 'ambulances that arrived', 'minutes', 'lower', 1,
     'the long waits that a median hides; of arrivals only', 'Home Office and Ipsos evaluation 2025, section 4.1'),
    ('ambulance_downgraded', 'share', 'ambulance_response', 'Ambulance calls made less urgent', 'How often are calls made less urgent?',
     'calls that ended in a less urgent category', 'calls of which the first and last category are known', 'share, 0 to 1', 'neutral', 3,
     'a starting point for talks with the ambulance service; a downgrade may be right', 'Home Office and Ipsos evaluation 2025, section 2.3'),
    ('naloxone_to_ambulance_over_40_mins', 'share', 'ambulance_response', 'Waits of over 40 minutes after naloxone', 'How often might naloxone wear off before an ambulance comes?',
     'administrations with over 40 minutes from naloxone to ambulance', 'administrations of which that time is known', 'share, 0 to 1', 'lower', 3,
     'a person may relapse as naloxone wears off', 'Home Office and Ipsos evaluation 2025, sections 2.1 to 2.3'),
    ('reviewed_within_72_hours', 'share', 'referral_conversion', 'Reviewed within 72 hours', 'Is everybody''s case looked at in time?',
     'episodes reviewed within 72 hours', 'episodes followed to their end', 'share, 0 to 1', 'higher', 3,
     'the first step into support', 'Home Office and Ipsos evaluation 2025, section 3.3'),
    ('service_notified_within_72_hours', 'share', 'referral_conversion', 'Service notified within 72 hours', 'Does a service hear in time?',
     'episodes of which a service was notified within 72 hours', 'episodes followed to their end', 'share, 0 to 1', 'higher', 3,
     'the first step into support', 'Home Office and Ipsos evaluation 2025, section 3.3'),
    ('people_referred', 'share', 'referral_conversion', 'People referred', 'Who is referred after an administration?',
     'people referred', 'people with an episode followed to its end', 'share, 0 to 1', 'higher', 3,
     'whether naloxone is the beginning of help', 'HMICS 2025, paragraph 91; Home Office and Ipsos evaluation 2025, section 3.3'),
    ('people_contacted', 'share', 'referral_conversion', 'People contacted by a service', 'Who hears from a service?',
     'people contacted', 'people with an episode followed to its end', 'share, 0 to 1', 'higher', 3,
     'whether a referral is more than a form', 'HMICS 2025, paragraph 91'),
    ('people_engaged', 'share', 'referral_conversion', 'People engaged with a service', 'Who reaches help?',
     'people engaged', 'people with an episode followed to its end', 'share, 0 to 1', 'higher', 3,
     'an outcome, not an activity', 'HMICS 2025, foreword'),
    ('recorded_police_warning', 'share', 'recorded_police_warning_trend', 'Recorded Police Warnings', 'Are warnings rising, and is it more than recording?',
     'warnings for drug possession', 'disposals of drug possession', 'share, 0 to 1', 'neutral', 3,
     'whether direct measures are used alike; not a measure of good or bad', 'HMICS 2025, figure 3 and paragraphs 88, 127 to 131'),
    ('survived_after_naloxone', 'share', 'survived_after_naloxone', 'Survived to handover after naloxone', 'Who was alive when police handed over or the person left?',
     'administrations survived', 'administrations of which survival is known', 'share, 0 to 1', 'higher', 3,
     'published as overdoses reversed; survived is not saved by naloxone', 'Home Office and Ipsos evaluation 2025, section 4.1'),
    ('repeat_administrations', 'share', 'repeat_administrations', 'Given naloxone again within 90 days', 'Who is at risk again?',
     NULL, 'people given naloxone', 'share, 0 to 1', 'lower', 3,
     'people for whom help has not come, or not worked', 'HMICS 2025, paragraph 91'),
    ('first_aid_use', 'share', 'first_aid_use', 'First aid beside naloxone', 'Is naloxone replacing first aid?',
     'administrations with any technique of first aid', 'administrations of which first aid is recorded', 'share, 0 to 1', 'higher', 3,
     'naloxone is given beside first aid, not instead', 'Home Office and Ipsos evaluation 2025, section 4.1'),
    ('overdoses_attended', 'share', 'overdoses_attended', 'Overdoses attended with naloxone at hand', 'Was there naloxone when it was needed?',
     'overdoses attended with naloxone available', 'overdoses attended of which that is known', 'share, 0 to 1', 'higher', 3,
     'whether carriage reaches the incident', 'Home Office and Ipsos evaluation 2025, section 4.1'),
    ('naloxone_supply', 'share', 'naloxone_supply', 'Kits not accounted for', 'Where did the kits go?',
     'kits issued and not used, returned, expired, lost or counted', 'kits issued', 'share, 0 to 1', 'lower', 3,
     'stock that nobody can find may be out of date when it is needed', 'Home Office and Ipsos evaluation 2025, section 2.5'),
    ('carriage_and_training', 'share', 'carriage_and_training', 'Eligible officers who carry', 'Who carries?',
     'officers carrying', 'officers eligible', 'share, 0 to 1', 'higher', 3,
     'carriage is mandatory for frontline ranks in Scotland', 'Home Office and Ipsos evaluation 2025, section 4.3'),
    ('refresher_in_date', 'share', 'carriage_and_training', 'Trained officers whose refresher is in date', 'Who is current?',
     'officers with a refresher in date', 'officers trained', 'share, 0 to 1', 'higher', 3,
     'NULL until the force sets how long training lasts', 'Home Office and Ipsos evaluation 2025, section 4.3'),
    ('programme_funding_status', 'share', 'programme_funding_status', 'Funding spent', 'Is the money there?',
     'spent', 'allocated', 'share, 0 to 1', 'neutral', 3,
     'whether the programme can go on', 'Home Office and Ipsos evaluation 2025, sections 4.1 and 4.4'),
    ('agency_information_sharing', 'share', 'agency_information_sharing', 'Reports to other agencies on time', 'Did the other services hear?',
     'reports shared on time', 'reports due', 'share, 0 to 1', 'higher', 3,
     'services act only on what they hear', 'Home Office and Ipsos evaluation 2025, section 4.1; Scottish Government 2022, recommendation 16'),
    ('drug_deaths', 'rate', 'drug_deaths', 'Drug deaths', 'What is the outcome behind it all?',
     'suspected and confirmed drug deaths in territorial divisions', 'people living there times years with records', 'per 100,000 people a year', 'lower', 1,
     'an outcome of much more than policing: it is not evidence of what naloxone does', 'HMICS 2025, foreword; Scottish Government 2022, recommendation 11'),
    ('drug_deaths_reviewed', 'share', 'drug_deaths', 'Drug deaths reviewed', 'Is every death reviewed?',
     'of those, reviewed', 'drug deaths over six months ago', 'share, 0 to 1', 'higher', 3,
     'every death is to be reviewed', 'Scottish Government 2022, recommendation 12'),
    ('drug_deaths_reported', 'share', 'drug_deaths', 'Drug deaths reported to Chief Officers', 'Is every death reported to Chief Officers?',
     'of those, reported to Chief Officers', 'drug deaths over six months ago', 'share, 0 to 1', 'higher', 3,
     'every death is to be reported', 'Scottish Government 2022, recommendation 12'),
    ('substance_signals_tested', 'share', 'substance_trend', 'Signals of substances that were tested', 'How much of what is known of the supply was tested?',
     'signals from a test', 'signals', 'share, 0 to 1', 'higher', 3,
     'what is suspected is often something else', 'HMICS 2025, paragraph 91; Scottish Government 2022, recommendation 14'),
    ('attitudes', 'share', 'attitudes', 'Favourable answers to the headline question', 'Is the culture changing?',
     'favourable answers', 'answers with a score', 'share, 0 to 1', 'higher', 3,
     'stigma and confidence; the question that the force marks in survey_question', 'HMICS 2025, foreword'),
    ('late_records', 'share', 'data_quality', 'Records over 72 hours late', 'Can the rest be believed?',
     'administrations recorded over 72 hours after', 'administrations', 'share, 0 to 1', 'lower', 3,
     'what is late is missing from the newest figures', 'Home Office and Ipsos evaluation 2025, section 3.3');

UPDATE indicator SET is_comparable = false WHERE identifier IN ('drug_deaths_reviewed', 'drug_deaths_reported');
UPDATE indicator SET is_standing = true WHERE identifier IN ('carriage_and_training', 'refresher_in_date');

-- Those of which there are trends: beside the share of disposals that are warnings also how many they are, unless the owner has an
-- indicator of that name.
CREATE VIEW trend_indicator AS
    SELECT i.identifier, i.statistic, i.kpi, i.title, i.question, i.numerator, i.denominator, i.unit, i.better, i.owner, i.purpose, i.asked_for_by
    FROM indicator i
    UNION ALL
    SELECT i.identifier AS identifier, 'count' AS statistic, i.kpi AS kpi, i.title || ', number' AS title, i.question AS question, i.numerator AS numerator,
           NULL AS denominator, 'warnings a month' AS unit, 'neutral' AS better, i.owner AS owner, i.purpose AS purpose, i.asked_for_by AS asked_for_by
    FROM indicator i
    WHERE i.identifier = 'recorded_police_warning' AND i.statistic = 'share'
      AND NOT EXISTS (SELECT FROM indicator o WHERE o.identifier = i.identifier AND o.statistic = 'count');

INSERT INTO object_definition VALUES
    ('trend_indicator', 'the headline indicators, and the number of warnings, of which there is a trend and no more'),
    ('indicator', 'the catalogue: the headline indicators, what each is, and who asked for it');

INSERT INTO dictionary VALUES
    (NULL, 'indicator_key', 'the indicator and its statistic', 'key', false, NULL, 'indicator'),
    ('indicator', 'indicator', 'the indicator''s identifier', 'text', false, NULL, 'indicator'),
    ('indicator', 'statistic', 'which of the indicator''s figures: rate, share, median, percentile_95', 'text', false, NULL, 'indicator'),
    ('indicator', 'kpi', 'the KPI that it is a headline of', 'text', false, NULL, 'indicator'),
    ('indicator', 'title', 'its title', 'text', false, NULL, 'indicator'),
    ('indicator', 'question', 'the question that it answers', 'text', false, NULL, 'indicator'),
    ('indicator', 'numerator', 'what is counted', 'text', false, NULL, 'indicator'),
    ('indicator', 'denominator', 'what it is counted of', 'text', false, NULL, 'indicator'),
    ('indicator', 'unit', 'what it is measured in', 'text', false, NULL, 'indicator'),
    ('indicator', 'better', 'which way is better: higher, lower, or neutral where neither is', 'text', false, NULL, 'indicator'),
    ('indicator', 'owner', 'who in the force answers for it', 'text', false, NULL, 'indicator'),
    ('indicator', 'purpose', 'what it is for', 'text', false, NULL, 'indicator'),
    ('indicator', 'asked_for_by', 'who asked for it, and where', 'text', false, NULL, 'indicator');
