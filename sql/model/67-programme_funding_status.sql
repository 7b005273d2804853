-- Is the money there? By fiscal year: money is given and reckoned by the year, and is not spread over months.

-- Money by the force's fiscal year in which that of the record begins. A record without a division is of the force as a whole: where
-- there is one, divisions' records are parts of it; where there is none, they add up to the force. Not recorded is not nothing.
CREATE VIEW funding_year AS
    WITH record AS (
        SELECT period_start('fiscal_year', first_day(f.fiscal_year), setting.fiscal_first_month) AS period_start,
               coalesce(nullif(f.strand, 'ALL'), 'UNKNOWN') AS strand, coalesce(nullif(f.funder, 'ALL'), 'UNKNOWN') AS funder,
               CASE WHEN f.division_code IS NULL THEN 'force'
                    WHEN d.held && datemultirange(daterange(f.fiscal_year)) AND a.area_key IS NOT NULL THEN a.area_key
                    ELSE 'division UNKNOWN' END AS area_key,
               nullif(f.allocated, 'NaN') AS allocated, nullif(f.spent, 'NaN') AS spent
        FROM programme_funding f
        CROSS JOIN setting
        LEFT JOIN division_day d ON d.division_code = f.division_code
        LEFT JOIN area a ON a.division_code = f.division_code
    ), by_area AS (
        SELECT period_start, strand, funder, area_key,
               CASE WHEN bool_and(allocated IS NOT NULL) THEN sum(allocated) END AS allocated,
               CASE WHEN bool_and(spent IS NOT NULL) THEN sum(spent) END AS spent
        FROM record GROUP BY period_start, strand, funder, area_key
    )
    SELECT b.period_start, b.strand, b.funder, b.area_key, b.allocated, b.spent,
           b.area_key = 'force' OR NOT EXISTS (SELECT FROM by_area w WHERE w.area_key = 'force' AND w.period_start = b.period_start
                                               AND w.strand = b.strand AND w.funder = b.funder) AS is_in_total
    FROM by_area b
    UNION ALL
    SELECT b.period_start, b.strand, b.funder, 'force',
           CASE WHEN bool_and(b.allocated IS NOT NULL) THEN sum(b.allocated) END,
           CASE WHEN bool_and(b.spent IS NOT NULL) THEN sum(b.spent) END,
           false
    FROM by_area b
    GROUP BY b.period_start, b.strand, b.funder
    HAVING bool_and(b.area_key <> 'force');

CREATE MATERIALIZED VIEW programme_funding_status AS
    WITH pooled AS (
        SELECT period_start, area_key,
               CASE WHEN grouping(strand) = 1 THEN 'ALL' ELSE strand END AS strand,
               CASE WHEN grouping(funder) = 1 THEN 'ALL' ELSE funder END AS funder,
               CASE WHEN bool_and(allocated IS NOT NULL) THEN sum(allocated) END AS allocated,
               CASE WHEN bool_and(spent IS NOT NULL) THEN sum(spent) END AS spent,
               bool_and(is_in_total) AS is_in_total
        FROM funding_year
        GROUP BY GROUPING SETS ((period_start, area_key, strand, funder), (period_start, area_key, strand),
                                (period_start, area_key, funder), (period_start, area_key))
    ), figures AS (
        SELECT p.period_key, f.area_key, f.strand, f.funder, f.allocated, f.spent, f.is_in_total,
               -- The years before, this one and those after, over what is recorded of them.
               (SELECT CASE WHEN bool_and(e.allocated IS NOT NULL AND e.spent IS NOT NULL) THEN sum(e.allocated - e.spent) END
                FROM pooled e WHERE e.area_key = f.area_key AND e.strand = f.strand AND e.funder = f.funder
                                AND e.period_start <= f.period_start) AS remaining_to_date,
               (SELECT CASE WHEN bool_and(e.allocated IS NOT NULL) THEN sum(e.allocated) WHEN count(*) = 0 THEN 0 END
                FROM pooled e WHERE e.area_key = f.area_key AND e.strand = f.strand AND e.funder = f.funder
                                AND e.period_start > f.period_start) AS allocated_later,
               (p.elapsed_to - p.period_start + 1) / (p.period_end - p.period_start + 1)::numeric AS elapsed
        FROM pooled f
        JOIN period p ON p.grain = 'fiscal_year' AND p.period_start = f.period_start
    )
    SELECT f.period_key, f.area_key, f.strand, f.funder, f.is_in_total, f.allocated, f.spent, f.allocated - f.spent AS remaining,
           f.remaining_to_date, f.allocated_later,
           -- Not greatest(): of NULL and 0 that is 0.
           CASE WHEN f.spent > 0 THEN (CASE WHEN f.remaining_to_date + f.allocated_later < 0 THEN 0 ELSE f.remaining_to_date + f.allocated_later END
                                       / (f.spent / f.elapsed))::float8 END AS years_to_run
    FROM figures f;
CREATE UNIQUE INDEX programme_funding_status_key ON programme_funding_status (period_key, area_key, strand, funder);

INSERT INTO refresh_step VALUES (670, 'engine_room', 'programme_funding_status');

INSERT INTO object_definition VALUES
    ('funding_year', 'money allocated and spent, by fiscal year, area, strand and funder'),
    ('programme_funding_status', 'is the money there: by fiscal year, area, strand and funder');

INSERT INTO dictionary VALUES
    ('programme_funding_status', 'strand', 'initial_rollout, ongoing_training or monitoring_and_supply; ALL is all of them', 'text', false, NULL, 'programme_funding'),
    ('programme_funding_status', 'funder', 'who gives the money; ALL is all of them', 'text', false, NULL, 'programme_funding'),
    ('programme_funding_status', 'is_in_total', 'whether the row is in the force''s total as it stands: the force''s own record, or a division''s where the force has none', 'flag', false, NULL, 'programme_funding'),
    ('programme_funding_status', 'allocated', 'money allocated for the fiscal year', 'pounds', true, 'a record without a division is the force''s total, of which divisions'' records are parts; without one they add up to it. NULL where any part is not recorded', 'programme_funding'),
    ('programme_funding_status', 'spent', 'money spent in the fiscal year, so far', 'pounds', true, 'NULL where any part is not recorded', 'programme_funding'),
    ('programme_funding_status', 'remaining', 'allocated - spent; below 0: overspent', 'pounds', true, NULL, 'programme_funding'),
    ('programme_funding_status', 'remaining_to_date', 'allocated - spent of this and all earlier fiscal years: as if what was left could be carried over', 'pounds', false, 'NULL where either is not recorded of any of the years that have a record', 'programme_funding'),
    ('programme_funding_status', 'allocated_later', 'money allocated for later fiscal years', 'pounds', false, 'as far as it is recorded; 0 where nothing is', 'programme_funding'),
    ('programme_funding_status', 'years_to_run', 'for how many years from the end of the period so far the money lasts, at this fiscal year''s rate of spending', 'years', false, '(remaining_to_date + allocated_later) / (spent / share of the fiscal year elapsed); 0 where overspent, NULL where nothing was spent', 'programme_funding');
