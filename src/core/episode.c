/*
 * episode.c
 *		Cutting a person's events into episodes.
 */
#include "core/episode.h"

size_t
episode_starts(int64_t *times, size_t count, int64_t length)
{
	size_t		kept = 0;

	for (size_t i = 0; i < count; i++)
	{
		/* Ascending, so the distance is not negative; without a sign it cannot overflow. */
		if (kept == 0 || (uint64_t) times[i] - (uint64_t) times[kept - 1] >= (uint64_t) length)
			times[kept++] = times[i];
	}
	return kept;
}
