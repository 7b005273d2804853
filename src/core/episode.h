/*
 * episode.h
 *		Cutting a person's events into episodes.
 */
#ifndef NALOXONE_KPI_EPISODE_H
#define NALOXONE_KPI_EPISODE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Of times in ascending order, keeps in place those that begin an episode: the first, and each at or after the end of the
 * episode before, which lasts "length" from its beginning.  Returns how many.
 */
extern size_t episode_starts(int64_t *times, size_t count, int64_t length);

#endif							/* NALOXONE_KPI_EPISODE_H */
