/*
 * period_start.c
 *		period_start(): the first day of the month, fiscal quarter or fiscal year that holds a day, or a moment in a time zone.
 *
 * Of moments the function is called for every row that is grouped, and what a time zone makes of one is dear to find.  So it
 * remembers intervals of moments whose period is known.  That is for speed alone: a call that remembers nothing answers the same.
 *
 * Where clocks are put back over midnight on the first of a month, or forward over it, the moments of a period need not be
 * one interval, nor begin at midnight.  An interval that is remembered is always one throughout which the day is in the period.
 */
#include "postgres.h"

#include "fmgr.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "binding.h"
#include "compat.h"
#include "core/calendar.h"
#include "time_zone.h"

typedef struct period_kind
{
	period_grain grain;
	int			first_month;
} period_kind;

/* Moments from (at least) and until (before) which the period is one, as far as they are known. */
typedef struct known_interval
{
	TimestampTz from;
	uint64		length;
	DateADT		period_start;
} known_interval;

/*
 * Moments fall into buckets of 2^41 microseconds, some 25 days, so that none is in more than two months, and 256 buckets are
 * 18 years.  So rows of 18 years find what they need in any order.
 */
#define BUCKET_SHIFT 41
#define NUM_BUCKETS 256
#define BUCKET_INTERVALS 2

/* A specification in POSIX form may put a zone this far from UTC. */
#define MAX_OFFSET_DAYS 8

#define MAX_GRAIN_LENGTH 16

/* What calls with the same parameters remember; the parameters are kept as they came. */
typedef struct period_memory
{
	size_t		grain_length;
	size_t		zone_length;
	char		grain_name[MAX_GRAIN_LENGTH];
	char		zone_name[TZ_STRLEN_MAX + 1];
	period_kind kind;
	pg_tz	   *zone;
	known_interval buckets[NUM_BUCKETS][BUCKET_INTERVALS];
} period_memory;

/* The kind of period of this name, or an error. */
static period_kind
find_period_kind(const char *grain_name, int first_month)
{
	period_kind kind = {.first_month = first_month};

	if (!find_grain(grain_name, &kind.grain))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period grain \"%s\" is not known", excerpt(grain_name)),
				 errhint("The grains are \"month\", \"fiscal_quarter\" and \"fiscal_year\".")));
	if (first_month < 1 || first_month > 12)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first month %d of the fiscal year is not between 1 and 12", first_month)));
	return kind;
}

/* The first day of a month, counted as core/calendar.h does; it may be before the first date. */
static DateADT
first_day_of_month(int month)
{
	/* Months before year 0 would divide towards zero. */
	int			year = month >= 0 ? month / 12 : -((11 - month) / 12);

	return date2j(year, month - year * 12 + 1, 1) - POSTGRES_EPOCH_JDATE;
}

/* The first day of the period that holds a month; false where PostgreSQL has no date so early. */
static bool
period_first_day(period_kind kind, int year, int month, DateADT *day)
{
	*day = first_day_of_month(period_first_month(kind.grain, year * 12 + month - 1, kind.first_month));
	return IS_VALID_DATE(*day);
}

PG_FUNCTION_INFO_V1(nkpi_period_start_date);
Datum
nkpi_period_start_date(PG_FUNCTION_ARGS)
{
	period_kind kind = find_period_kind(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_GETARG_INT32(2));
	DateADT		day = PG_GETARG_DATEADT(1);
	int			year;
	int			month;
	int			day_of_month;

	if (DATE_NOT_FINITE(day))
		PG_RETURN_DATEADT(day);
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	if (!period_first_day(kind, year, month, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

/* ------------------------------------------------------------------ moments */

/*
 * Finds the longest interval about a moment in which the zone's day is in the period from first_day to before next_day; false
 * where the zone does not tell.  All are seconds of Unix time.
 *
 * It goes through the stretches between one change of the zone's clocks and the next, from before the period, and joins the
 * parts of them that are in the period, as long as one begins where the one before it ends.
 */
static bool
find_interval(pg_tz *zone, pg_time_t first_day, pg_time_t next_day, pg_time_t moment, pg_time_t *from, pg_time_t *until)
{
	pg_time_t	stretch = first_day - MAX_OFFSET_DAYS * SECS_PER_DAY;
	pg_time_t	end = next_day + MAX_OFFSET_DAYS * SECS_PER_DAY;

	*from = *until = stretch;
	while (stretch < end)
	{
		long int	offset = pg_localtime(&stretch, zone)->tm_gmtoff;
		pg_time_t	change;
		pg_time_t	part_from;
		pg_time_t	part_until;
		long int	offset_before;
		long int	offset_after;
		int			is_summer_before;
		int			is_summer_after;
		int			result = pg_next_dst_boundary(&stretch, &offset_before, &is_summer_before,
													  &change, &offset_after, &is_summer_after, zone);

		if (result < 0)
			return false;
		if (result == 0 || change > end)
			change = end;
		part_from = Max(stretch, first_day - offset);
		part_until = Min(change, next_day - offset);
		if (part_from < part_until)
		{
			if (part_from > *until)
			{
				/* What comes before is apart. */
				if (*until > moment)
					break;
				*from = part_from;
			}
			*until = part_until;
		}
		stretch = change;
	}
	return *from <= moment && moment < *until;
}

/*
 * The period of a moment, looked up in its zone and then remembered; false where the local time, or the period's start, is out of
 * PostgreSQL's range.  That is no error, since such a moment is somebody's slip and would stop every ANALYZE of its table.
 */
static bool
find_period_start(period_memory *memory, TimestampTz at, DateADT *period_start)
{
	struct pg_tm local;
	fsec_t		fraction;
	int			offset;
	Timestamp	local_time;
	pg_time_t	from;
	pg_time_t	until;

	if (TIMESTAMP_NOT_FINITE(at))
	{
		*period_start = TIMESTAMP_IS_NOBEGIN(at) ? DATEVAL_NOBEGIN : DATEVAL_NOEND;
		return true;
	}
	if (timestamp2tm(at, &offset, &local, &fraction, NULL, memory->zone) != 0
		|| tm2timestamp(&local, fraction, NULL, &local_time) != 0
		|| !period_first_day(memory->kind, local.tm_year, local.tm_mon, period_start))
		return false;
	if (at >= REMEMBERED_FROM && at < REMEMBERED_UNTIL)
	{
		int			first = period_first_month(memory->kind.grain, local.tm_year * 12 + local.tm_mon - 1, memory->kind.first_month);
		DateADT		next_day = first_day_of_month(first + period_months(memory->kind.grain));
		/* Of a moment before 2000 the fraction of a second counts back from the next one. */
		int64		second = at / USECS_PER_SEC - (at % USECS_PER_SEC < 0);

		if (find_interval(memory->zone, *period_start * (int64) SECS_PER_DAY + UNIX_TO_POSTGRES_SECONDS,
						  next_day * (int64) SECS_PER_DAY + UNIX_TO_POSTGRES_SECONDS, second + UNIX_TO_POSTGRES_SECONDS, &from, &until))
		{
			known_interval *bucket = memory->buckets[((uint64) at >> BUCKET_SHIFT) % NUM_BUCKETS];

			memmove(bucket + 1, bucket, sizeof(known_interval) * (BUCKET_INTERVALS - 1));
			bucket->from = (from - UNIX_TO_POSTGRES_SECONDS) * USECS_PER_SEC;
			bucket->length = (uint64) (until - from) * USECS_PER_SEC;
			bucket->period_start = *period_start;
		}
	}
	return true;
}

/* Forgets what is remembered for other parameters. */
static period_memory *
start_memory(FmgrInfo *flinfo, const text *grain_name, const text *zone_name, int first_month)
{
	char	   *grain = text_to_cstring(grain_name);
	char	   *zone = text_to_cstring(zone_name);
	period_kind kind = find_period_kind(grain, first_month);
	pg_tz	   *found_zone = find_time_zone(zone);
	period_memory *memory = flinfo->fn_extra;

	if (memory == NULL)
		memory = flinfo->fn_extra = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(period_memory));
	memset(memory, 0, sizeof(period_memory));
	memory->kind = kind;
	memory->zone = found_zone;
	/* Of known names neither is longer than its array. */
	memory->grain_length = strlen(grain);
	memcpy(memory->grain_name, grain, memory->grain_length);
	memory->zone_length = strlen(zone);
	memcpy(memory->zone_name, zone, memory->zone_length);
	return memory;
}

PG_FUNCTION_INFO_V1(nkpi_period_start_timestamptz);
Datum
nkpi_period_start_timestamptz(PG_FUNCTION_ARGS)
{
	text	   *grain_name = PG_GETARG_TEXT_PP(0);
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	text	   *zone_name = PG_GETARG_TEXT_PP(2);
	int			first_month = PG_GETARG_INT32(3);
	period_memory *memory = fcinfo->flinfo->fn_extra;
	const known_interval *bucket;
	DateADT		period_start;

	if (memory == NULL || memory->kind.first_month != first_month
		|| !is_same_text(grain_name, memory->grain_name, memory->grain_length)
		|| !is_same_text(zone_name, memory->zone_name, memory->zone_length))
		memory = start_memory(fcinfo->flinfo, grain_name, zone_name, first_month);
	bucket = memory->buckets[((uint64) at >> BUCKET_SHIFT) % NUM_BUCKETS];
	for (int i = 0; i < BUCKET_INTERVALS; i++)
	{
		/* An earlier moment is, unsigned, farther than any interval is long. */
		if ((uint64) at - (uint64) bucket[i].from < bucket[i].length)
			PG_RETURN_DATEADT(bucket[i].period_start);
	}
	if (!find_period_start(memory, at, &period_start))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(period_start);
}
