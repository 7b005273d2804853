/*
 * time_zone.h
 *		Time zones by name, and what functions share that remember something of one.
 */
#ifndef NALOXONE_KPI_TIME_ZONE_H
#define NALOXONE_KPI_TIME_ZONE_H

#include "postgres.h"

#include "pgtime.h"
#include "utils/timestamp.h"

#include "compat.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

#define UNIX_TO_POSTGRES_SECONDS ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY)

/*
 * What may be remembered of a zone is of moments from 1800 to 2100.  No record is of another year, and once in 400 years pg_next_dst_boundary()
 * says that no change follows where one does: at the last change of those that a zone's rule was worked out for.
 */
#define REMEMBERED_FROM (-200 * INT64CONST(31556952) * USECS_PER_SEC)
#define REMEMBERED_UNTIL (100 * INT64CONST(31556952) * USECS_PER_SEC)

/* The time zone of this name, or an error. */
extern pg_tz *find_time_zone(const char *name);

/* Whether a parameter is the one that something is remembered for. */
static inline bool
is_same_text(const text *value, const char *bytes, size_t length)
{
	return VARSIZE_ANY_EXHDR(value) == length && memcmp(VARDATA_ANY(value), bytes, length) == 0;
}

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_TIME_ZONE_H */
