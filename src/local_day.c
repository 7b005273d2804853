/*
 * local_day.c
 *		local_day(), hour_of_week(): when a moment is by the clocks of a time zone.
 *
 * They are called for every record, many times, and what a time zone makes of a moment is dear to find.  So intervals of moments are
 * remembered between which the clocks do not change.  That is for speed alone: a call that remembers nothing answers the same.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "core/calendar.h"
#include "time_zone.h"

/* 1900-01-01 and 9999-12-31 in UTC: before and after them a record has no day. */
#define FIRST_MOMENT (-36524 * USECS_PER_DAY)
#define LAST_MOMENT (2921939 * USECS_PER_DAY)

#define MONDAY (-5)				/* 1999-12-27, in days from 2000-01-01 */
#define HOURS_PER_WEEK (7 * HOURS_PER_DAY)

/* Moments of 2^43 microseconds, some 102 days, share a place, and 32 places are nine years. */
#define PLACE_SHIFT 43
#define NUM_PLACES 32

/* Moments from (at least) and until (before) which the clocks are offset seconds ahead of UTC. */
typedef struct known_offset
{
	TimestampTz from;
	TimestampTz until;
	int32		offset;
} known_offset;

typedef struct zone_memory
{
	pg_tz	   *zone;
	size_t		name_length;
	char		name[TZ_STRLEN_MAX + 1];	/* as it came */
	known_offset places[NUM_PLACES];
} zone_memory;

/* How far the zone's clocks are ahead of UTC, in seconds. */
static int32
find_offset(zone_memory *memory, TimestampTz at)
{
	pg_time_t	moment = floor_divide(at, USECS_PER_SEC) + UNIX_TO_POSTGRES_SECONDS;
	int32		offset = (int32) pg_localtime(&moment, memory->zone)->tm_gmtoff;
	pg_time_t	change;
	long int	offset_before;
	long int	offset_after;
	int			is_summer_before;
	int			is_summer_after;

	if (at >= REMEMBERED_FROM && at < REMEMBERED_UNTIL)
	{
		known_offset *place = &memory->places[((uint64) at >> PLACE_SHIFT) % NUM_PLACES];
		int			result = pg_next_dst_boundary(&moment, &offset_before, &is_summer_before, &change, &offset_after, &is_summer_after, memory->zone);
		TimestampTz until = result > 0 ? Min((change - UNIX_TO_POSTGRES_SECONDS) * USECS_PER_SEC, REMEMBERED_UNTIL) : REMEMBERED_UNTIL;

		/* From this moment on: when the last change was, nothing tells. A later moment finds it here, an earlier one begins it earlier. */
		if (result >= 0)
			*place = (known_offset) {.from = at, .until = until, .offset = offset};
	}
	return offset;
}

static zone_memory *
start_memory(FmgrInfo *flinfo, const text *zone_name)
{
	char	   *name = text_to_cstring(zone_name);
	pg_tz	   *zone = find_time_zone(name);
	zone_memory *memory = flinfo->fn_extra;

	if (memory == NULL)
		memory = flinfo->fn_extra = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(zone_memory));
	memset(memory, 0, sizeof(zone_memory));
	memory->zone = zone;
	/* A known name is no longer than the array. */
	memory->name_length = strlen(name);
	memcpy(memory->name, name, memory->name_length);
	pfree(name);
	return memory;
}

/* The time that the zone's clocks show; false where no record is of the moment. */
static bool
find_local_time(FunctionCallInfo fcinfo, Timestamp *local)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	text	   *zone_name = PG_GETARG_TEXT_PP(1);
	zone_memory *memory = fcinfo->flinfo->fn_extra;
	const known_offset *place;

	if (memory == NULL || !is_same_text(zone_name, memory->name, memory->name_length))
		memory = start_memory(fcinfo->flinfo, zone_name);
	if (at < FIRST_MOMENT || at >= LAST_MOMENT)
		return false;
	place = &memory->places[((uint64) at >> PLACE_SHIFT) % NUM_PLACES];
	*local = at + USECS_PER_SEC * (at >= place->from && at < place->until ? place->offset : find_offset(memory, at));
	return true;
}

PG_FUNCTION_INFO_V1(nkpi_local_day);
Datum
nkpi_local_day(PG_FUNCTION_ARGS)
{
	Timestamp	local;

	if (!find_local_time(fcinfo, &local))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT((DateADT) floor_divide(local, USECS_PER_DAY));
}

PG_FUNCTION_INFO_V1(nkpi_hour_of_week);
Datum
nkpi_hour_of_week(PG_FUNCTION_ARGS)
{
	Timestamp	local;
	int64		hour;

	if (!find_local_time(fcinfo, &local))
		PG_RETURN_NULL();
	hour = floor_divide(local - MONDAY * USECS_PER_DAY, USECS_PER_HOUR);
	PG_RETURN_INT16((int16) (hour - HOURS_PER_WEEK * floor_divide(hour, HOURS_PER_WEEK) + 1));
}
