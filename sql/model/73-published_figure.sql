-- What was published elsewhere, as it was published: every total beside its first and last day and who published it.

-- Of the contract, each total once: of several of one publisher for the same days, the last recorded. A total is not known before its
-- last day has come, and one of a division that is not here is of no area. What has no first day known ('-infinity') has none here
-- that a reader could use, but keys hold no NULL.
CREATE MATERIALIZED VIEW published_figure AS
    SELECT DISTINCT ON (indicator, area_key, period_from, period_to, source)
           coalesce(c.indicator, 'UNKNOWN') AS indicator, a.area_key, c.period_from, c.period_to, c.cumulative_since, c.value,
           coalesce(c.source, 'UNKNOWN') AS source
    FROM published_count c
    JOIN area a ON a.area_key = coalesce('division ' || c.division_code, 'force')
    CROSS JOIN as_of
    WHERE c.period_from <= c.period_to AND c.period_to BETWEEN '1900-01-01' AND as_of.day AND c.value IS NOT NULL
    ORDER BY indicator, area_key, period_from, period_to, source, c.recorded_at DESC NULLS LAST, c.value, c.cumulative_since;
CREATE UNIQUE INDEX published_figure_key ON published_figure (indicator, area_key, period_from, period_to, source);

INSERT INTO refresh_step VALUES (730, 'engine_room', 'published_figure');

INSERT INTO object_definition VALUES
    ('published_figure', 'totals published elsewhere, each for the days and the area that it was published for');

INSERT INTO dictionary VALUES
    ('published_figure', 'indicator', 'what is counted', 'text', false, 'one name, one thing counted in one way', 'published_count'),
    ('published_figure', 'period_from', 'first day that the figure covers; NULL: not known', 'date', false, 'a day before 1900 is none', 'published_count'),
    ('published_figure', 'period_to', 'last day that the figure covers', 'date', false, 'not after the day of the refresh', 'published_count'),
    ('published_figure', 'is_running_total', 'whether the figure counts all there was up to period_to, and not what happened in a period: 1 yes, 0 no', 'flag', false, 'a later running total holds the earlier', 'published_count'),
    ('published_figure', 'cumulative_since', 'since when a running total runs; NULL: not known, or no running total', 'date', false, 'a day before 1900 is none', 'published_count'),
    ('published_figure', 'value', 'the figure as it was published', 'as the indicator says', false, 'a count; never spread over shorter periods or smaller areas, never added to records, set against nothing', 'published_count'),
    ('published_figure', 'source', 'who published the figure, and where', 'text', false, NULL, 'published_count');
