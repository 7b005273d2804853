-- Where every record went. Rows in = rows accounted for: counted in a division or under UNKNOWN, later than the day of the
-- refresh, outside coverage, without a day, or, of steps of referral, in no episode.
CREATE VIEW record_accounting AS
    SELECT s.source,
           sum(s.records)::bigint AS records,
           coalesce(sum(s.records) FILTER (WHERE s.is_counted AND s.division_code <> 'UNKNOWN'), 0)::bigint AS counted_in_division,
           coalesce(sum(s.records) FILTER (WHERE s.is_counted AND s.division_code = 'UNKNOWN'), 0)::bigint AS counted_unknown,
           coalesce(sum(s.records) FILTER (WHERE s.is_counted AND s.division_not_held), 0)::bigint AS division_not_held,
           coalesce(sum(s.records) FILTER (WHERE s.is_later), 0)::bigint AS after_as_of,
           coalesce(sum(s.records) FILTER (WHERE NOT s.is_counted AND NOT s.is_later), 0)::bigint AS outside_coverage,
           coalesce(sum(s.records) FILTER (WHERE s.day IS NULL), 0)::bigint AS day_not_known,
           0::bigint AS in_no_episode
    FROM (
        SELECT s.*, s.day > (SELECT day FROM as_of) AS is_later,
               s.day <= (SELECT day FROM as_of) AND c.covered IS NOT NULL AS is_counted    -- like is_later NULL without a day
        FROM source_day s
        LEFT JOIN coverage c ON c.source = s.source AND c.division_code = s.division_code AND c.covered @> s.day
    ) s
    GROUP BY s.source
    UNION ALL
    SELECT 'referral_event', count(*),
           count(*) FILTER (WHERE c.division_code <> 'UNKNOWN' AND NOT e.is_later),
           count(*) FILTER (WHERE c.division_code = 'UNKNOWN' AND NOT e.is_later),
           0,
           count(*) FILTER (WHERE e.is_later),
           0,
           count(*) FILTER (WHERE e.is_later IS NULL),
           count(*) FILTER (WHERE c.division_code IS NULL AND NOT e.is_later)
    FROM (SELECT r.*, local_day(r.occurred_at, (SELECT time_zone FROM setting)) > (SELECT day FROM as_of) AS is_later
          FROM referral_event r) e
    LEFT JOIN counted_episode c ON c.person_key = e.person_key AND e.occurred_at >= c.started_at
         AND e.occurred_at < c.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
    HAVING count(*) > 0;

INSERT INTO object_definition VALUES
    ('record_accounting', 'where every record was counted, or why not: rows in = rows accounted for');
