-- Where every record went. Rows in = rows accounted for: counted in a division or under UNKNOWN, later than the day of the
-- refresh, outside coverage, without a day, or, of steps of referral, in no episode.
CREATE VIEW record_accounting AS
    SELECT s.source,
           sum(s.records)::bigint AS records,
           coalesce(sum(s.records) FILTER (WHERE c.division_code <> 'UNKNOWN'), 0)::bigint AS counted_in_division,
           coalesce(sum(s.records) FILTER (WHERE c.division_code = 'UNKNOWN'), 0)::bigint AS counted_unknown,
           coalesce(sum(s.records) FILTER (WHERE c.division_code = 'UNKNOWN' AND s.division_code <> 'UNKNOWN'), 0)::bigint AS division_not_held,
           coalesce(sum(s.records) FILTER (WHERE s.day > a.day AND s.day < 'infinity'), 0)::bigint AS after_as_of,
           coalesce(sum(s.records) FILTER (WHERE s.day <= a.day AND c.division_code IS NULL), 0)::bigint AS outside_coverage,
           coalesce(sum(s.records) FILTER (WHERE s.day = 'infinity'), 0)::bigint AS day_not_known,
           0::bigint AS in_no_episode
    FROM source_day s
    CROSS JOIN as_of a
    LEFT JOIN counted_day c ON c.source = s.source AND c.day = s.day AND c.recorded_division_code = s.division_code
    GROUP BY s.source
    UNION ALL
    SELECT 'referral_event', count(*),
           count(*) FILTER (WHERE c.division_code <> 'UNKNOWN' AND NOT e.is_later),
           count(*) FILTER (WHERE c.division_code = 'UNKNOWN' AND NOT e.is_later),
           0,
           count(*) FILTER (WHERE e.is_later),
           0,
           count(*) FILTER (WHERE e.day = 'infinity'),
           count(*) FILTER (WHERE c.division_code IS NULL AND NOT e.is_later)
    FROM (SELECT r.*, day_of(r.occurred_at) AS day,
                 CASE WHEN day_of(r.occurred_at) < 'infinity' THEN day_of(r.occurred_at) > (SELECT day FROM as_of) END AS is_later
          FROM referral_event r) e
    LEFT JOIN counted_episode c ON c.person_key = e.person_key AND e.occurred_at >= c.started_at
         AND e.occurred_at < c.started_at + make_interval(hours => 24 * (SELECT episode_days FROM setting))
    HAVING count(*) > 0;

INSERT INTO object_definition VALUES
    ('record_accounting', 'where every record was counted, or why not: rows in = rows accounted for');
