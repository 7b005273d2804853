-- Cutting a person's events into episodes. src/episode.c, doc/episode_starts.md

CREATE FUNCTION episode_starts(times timestamptz[], days integer) RETURNS timestamptz[]
    AS 'MODULE_PATHNAME', 'nkpi_episode_starts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION episode_starts(timestamptz[], integer) IS
    'the times, in any order, that begin an episode: the first, and each that comes when the episode before has lasted so many days of 24 hours';
