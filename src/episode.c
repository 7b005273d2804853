/*
 * episode.c
 *		episode_starts(): which of a person's events begin an episode.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "core/episode.h"

static int
compare_times(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

PG_FUNCTION_INFO_V1(nkpi_episode_starts);
Datum
nkpi_episode_starts(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int32		days = PG_GETARG_INT32(1);
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int64	   *times;
	size_t		num_times = 0;

	if (days < 1 || days > 36525)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("episode of %d days is not between 1 and 36525 days long", days)));
	deconstruct_array(array, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &count);
	times = palloc_array(int64, count + 1);
	for (int i = 0; i < count; i++)
	{
		/* An infinite time is at no distance from any other. */
		if (!nulls[i] && !TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(elements[i])))
			times[num_times++] = DatumGetTimestampTz(elements[i]);
	}
	qsort(times, num_times, sizeof(int64), compare_times);
	num_times = episode_starts(times, num_times, days * USECS_PER_DAY);
	for (size_t i = 0; i < num_times; i++)
		elements[i] = TimestampTzGetDatum(times[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, (int) num_times, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL,
										  TYPALIGN_DOUBLE));
}
