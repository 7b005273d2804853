/*
 * duration_dist_accessor.c
 *		What is read off a duration_dist, but for its percentiles.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "binding.h"
#include "compat.h"
#include "duration_dist.h"
#include "estimate.h"
#include "tally_binding.h"

#define MAX_EDGES	1000000

static tally_summary
summarise(Datum value)
{
	tally_cursor cursor;
	tally_summary summary;

	open_duration_dist(&cursor, value);
	check_tally(tally_summarise(&cursor, &summary), DURATION_DIST);
	return summary;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_num_values);
Datum
nkpi_duration_dist_num_values(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(summarise(PG_GETARG_DATUM(0)).num_values);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_total);
Datum
nkpi_duration_dist_total(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.total_overflows)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total of the durations is out of range for type %s", "bigint")));
	PG_RETURN_INT64(summary.total);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_mean);
Datum
nkpi_duration_dist_mean(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(summary.mean);
}

/* Of the sample: divided by one less than the number of durations. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_standard_deviation);
Datum
nkpi_duration_dist_standard_deviation(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));
	tally_cursor cursor;
	double		variance;

	if (summary.num_values < 2)
		PG_RETURN_NULL();
	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_variance(&cursor, &summary, &variance), DURATION_DIST);
	PG_RETURN_FLOAT8(sqrt(variance));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_minimum);
Datum
nkpi_duration_dist_minimum(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) summary.minimum);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_maximum);
Datum
nkpi_duration_dist_maximum(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) summary.maximum);
}

/* How many durations are at most "limit" seconds, and how many there are. */
static int64
count_within(FunctionCallInfo fcinfo, int64 *num_values)
{
	tally_cursor cursor;
	int64		within;

	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_count_within(&cursor, PG_GETARG_INT32(1), &within, num_values), DURATION_DIST);
	return within;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_num_within);
Datum
nkpi_duration_dist_num_within(PG_FUNCTION_ARGS)
{
	int64		num_values;

	PG_RETURN_INT64(count_within(fcinfo, &num_values));
}

/* How many durations are at most each of several limits, in one walk. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_nums_within);
Datum
nkpi_duration_dist_nums_within(PG_FUNCTION_ARGS)
{
	ArrayType  *limits = PG_GETARG_ARRAYTYPE_P(1);
	Datum	   *elements;
	bool	   *nulls;
	int			num_limits;
	int64	   *edges;
	int64	   *counts;
	int			num_edges = 0;
	tally_cursor cursor;

	deconstruct_array(limits, INT4OID, sizeof(int32), true, TYPALIGN_INT, &elements, &nulls, &num_limits);
	if (num_limits > MAX_EDGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d limits are more than %d", num_limits, MAX_EDGES)));
	edges = palloc_array(int64, num_limits);
	counts = palloc_array(int64, num_limits + 1);
	/* At most a whole number of seconds is below the next. */
	for (int i = 0; i < num_limits; i++)
	{
		if (!nulls[i])
			edges[num_edges++] = (int64) DatumGetInt32(elements[i]) + 1;
	}
	qsort(edges, num_edges, sizeof(int64), compare_int64);
	num_edges = (int) qunique(edges, num_edges, sizeof(int64), compare_int64);
	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_count_between(&cursor, edges, num_edges, counts), DURATION_DIST);
	for (int i = 1; i < num_edges; i++)
		counts[i] += counts[i - 1];
	for (int i = 0; i < num_limits; i++)
	{
		if (!nulls[i])
		{
			int64		edge = (int64) DatumGetInt32(elements[i]) + 1;
			int64	   *position = bsearch(&edge, edges, num_edges, sizeof(int64), compare_int64);

			elements[i] = Int64GetDatum(counts[position - edges]);
		}
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(limits), ARR_DIMS(limits), ARR_LBOUND(limits),
											 INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_share_within);
Datum
nkpi_duration_dist_share_within(PG_FUNCTION_ARGS)
{
	int64		num_values;
	int64		within = count_within(fcinfo, &num_values);

	return make_proportion_estimate(fcinfo, within, num_values, PG_GETARG_FLOAT8(2));
}

/*
 * How many durations lie below the first edge, from each edge to below the next, and from the last edge on: what grouping the rows
 * by width_bucket(seconds, edges) counts.
 */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_histogram);
Datum
nkpi_duration_dist_histogram(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	Datum	   *elements;
	bool	   *nulls;
	int			num_edges;
	int64	   *edges;
	int64	   *counts;
	tally_cursor cursor;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("edges of a histogram must be a one-dimensional array")));
	deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, &elements, &nulls, &num_edges);
	if (num_edges > MAX_EDGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d edges of a histogram are more than %d", num_edges, MAX_EDGES)));
	edges = palloc_array(int64, num_edges);
	counts = palloc_array(int64, num_edges + 1);
	for (int i = 0; i < num_edges; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("edges of a histogram must not be NULL")));
		edges[i] = DatumGetInt32(elements[i]);
		if (i > 0 && edges[i] <= edges[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("edges of a histogram do not ascend: %d is followed by %d",
							DatumGetInt32(elements[i - 1]), DatumGetInt32(elements[i]))));
	}
	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_count_between(&cursor, edges, num_edges, counts), DURATION_DIST);
	elements = palloc_array(Datum, num_edges + 1);
	for (int i = 0; i <= num_edges; i++)
		elements[i] = Int64GetDatum(counts[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, num_edges + 1, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* A row for each distinct duration: how long, and how many. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_buckets);
Datum
nkpi_duration_dist_buckets(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;

	InitMaterializedSRF(fcinfo, 0);
	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	while (check_tally(tally_next(&cursor, &pair, &found), DURATION_DIST), found)
	{
		Datum		values[2] = {Int32GetDatum((int32) pair.value), Int64GetDatum(pair.count)};
		bool		nulls[2] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}

/* A row for each distinct duration: how many are at most so long, and what share of all. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_cumulative_shares);
Datum
nkpi_duration_dist_cumulative_shares(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	tally		decoded;
	tally	   *t = get_duration_dist_tally(PG_GETARG_DATUM(0), &decoded);
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;

	InitMaterializedSRF(fcinfo, 0);
	tally_open(&cursor, t);
	while (check_tally(tally_next(&cursor, &pair, &found), DURATION_DIST), found)
	{
		Datum		values[3] = {Int32GetDatum((int32) pair.value), Int64GetDatum(cursor.num_values),
			Float8GetDatum((double) cursor.num_values / (double) t->num_values)};
		bool		nulls[3] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}
