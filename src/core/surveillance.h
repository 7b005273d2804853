/*
 * surveillance.h
 *		What the methods that watch a series of counts for outbreaks share.
 *
 * A series is an array of counts in order of time.  A count that is not known is COUNT_UNKNOWN: such a point has no result, and is
 * left out of the baselines of others.
 *
 * Every method gives a point a result, or the reason why there is none: one of the texts below, NULL where there is a result.
 */
#ifndef NALOXONE_KPI_SURVEILLANCE_H
#define NALOXONE_KPI_SURVEILLANCE_H

#include <stdint.h>

#define COUNT_UNKNOWN	((int64_t) -1)

#define REASON_NO_COUNT			"no count"
#define REASON_SHORT_HISTORY	"history too short"
#define REASON_FLAT_BASELINE	"flat baseline"

#endif							/* NALOXONE_KPI_SURVEILLANCE_H */
