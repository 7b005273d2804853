/*
 * percentile.c
 *		percentile() and percentile_interval() of a duration_dist.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "duration_dist.h"
#include "estimate.h"
#include "percentile.h"
#include "tally_binding.h"

#define MAX_FRACTIONS	1000000

/* ------------------------------------------------------------------ asking */

static void
check_fraction(double fraction)
{
	if (isnan(fraction) || fraction < 0 || fraction > 1)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("percentile fraction %g is not between 0 and 1", fraction),
				 errhint("Write the 90th percentile as 0.9.")));
}

static percentile_method
get_method(text *name)
{
	percentile_method method;

	if (!find_percentile_method(text_to_cstring(name), &method))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("percentile method \"%s\" is not known", excerpt(text_to_cstring(name))),
				 errhint("The methods are \"continuous\", \"discrete\", \"type 1\" to \"type 9\" and \"harrell-davis\".")));
	return method;
}

percentile_request *
request_percentile(Datum fraction, percentile_method method)
{
	percentile_request *request = palloc(sizeof(percentile_request));

	request->method = method;
	request->shape = NULL;
	request->num_fractions = 1;
	request->fractions = palloc_array(double, 1);
	request->nulls = palloc_array(bool, 1);
	request->fractions[0] = DatumGetFloat8(fraction);
	request->nulls[0] = false;
	check_fraction(request->fractions[0]);
	return request;
}

percentile_request *
request_percentiles(Datum fractions, percentile_method method)
{
	percentile_request *request = palloc(sizeof(percentile_request));
	Datum	   *elements;

	request->method = method;
	request->shape = DatumGetArrayTypePCopy(fractions);
	deconstruct_array(request->shape, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &request->nulls, &request->num_fractions);
	if (request->num_fractions > MAX_FRACTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d percentiles are more than %d", request->num_fractions, MAX_FRACTIONS)));
	request->fractions = palloc_array(double, request->num_fractions);
	for (int i = 0; i < request->num_fractions; i++)
	{
		request->fractions[i] = request->nulls[i] ? 0 : DatumGetFloat8(elements[i]);
		check_fraction(request->fractions[i]);
	}
	return request;
}

bool
is_requested_percentile(const percentile_request *request, Datum fraction)
{
	return request->fractions[0] == DatumGetFloat8(fraction);
}

bool
are_requested_percentiles(const percentile_request *request, Datum fractions)
{
	ArrayType  *array = DatumGetArrayTypeP(fractions);

	return VARSIZE(array) == VARSIZE(request->shape) && memcmp(array, request->shape, VARSIZE(array)) == 0;
}

/* ------------------------------------------------------------------ answering */

/* The values at some ranks, found in one walk. */
typedef struct values_by_rank
{
	int64	   *ranks;
	int64	   *values;
	size_t		count;
} values_by_rank;

static void
ask_for_values(values_by_rank *wanted, size_t max_count)
{
	wanted->ranks = palloc_array(int64, max_count);
	wanted->values = palloc_array(int64, max_count);
	wanted->count = 0;
}

static void
find_values(values_by_rank *wanted, tally *t)
{
	tally_cursor cursor;

	qsort(wanted->ranks, wanted->count, sizeof(int64), compare_int64);
	tally_open(&cursor, t);
	check_tally(tally_values_at(&cursor, wanted->ranks, wanted->count, wanted->values), DURATION_DIST);
}

static double
value_at(const values_by_rank *found, int64 rank)
{
	int64	   *position = bsearch(&rank, found->ranks, found->count, sizeof(int64), compare_int64);

	return (double) found->values[position - found->ranks];
}

static void
ask_for_percentile(values_by_rank *wanted, percentile_position position)
{
	wanted->ranks[wanted->count++] = position.lower;
	wanted->ranks[wanted->count++] = position.upper;
}

static double
percentile_at(const values_by_rank *found, percentile_position position)
{
	double		low = value_at(found, position.lower);
	double		high = value_at(found, position.upper);

	return low + position.proportion * (high - low);
}

/* There is at least one value. */
static void
find_percentiles(const percentile_request *request, tally *t, double *percentiles)
{
	percentile_position *positions = palloc_array(percentile_position, request->num_fractions);
	values_by_rank wanted;

	ask_for_values(&wanted, (size_t) request->num_fractions * 2);
	for (int i = 0; i < request->num_fractions; i++)
	{
		positions[i] = find_percentile_position(request->fractions[i], request->method, t->num_values);
		ask_for_percentile(&wanted, positions[i]);
	}
	find_values(&wanted, t);
	for (int i = 0; i < request->num_fractions; i++)
		percentiles[i] = percentile_at(&wanted, positions[i]);
}

/* As find_percentiles(); false where the method says nothing of a fraction of 0 or 1. */
static bool
find_harrell_davis(double fraction, tally *t, double *percentile)
{
	tally_cursor cursor;

	if (fraction <= 0 || fraction >= 1)
		return false;
	tally_open(&cursor, t);
	check_tally(harrell_davis(&cursor, t->num_values, fraction, check_for_interrupts, percentile), DURATION_DIST);
	return true;
}

Datum
answer_percentile_request(FunctionCallInfo fcinfo, const percentile_request *request, tally *t)
{
	int			count = request->num_fractions;
	double	   *percentiles = palloc_array(double, count);
	bool	   *nulls = palloc_array(bool, count);
	Datum	   *elements;

	for (int i = 0; i < count; i++)
		nulls[i] = request->nulls[i] || t->num_values == 0 ||
			(request->method == PERCENTILE_HARRELL_DAVIS && !find_harrell_davis(request->fractions[i], t, &percentiles[i]));
	if (count > 0 && t->num_values > 0 && request->method != PERCENTILE_HARRELL_DAVIS)
		find_percentiles(request, t, percentiles);
	if (request->shape == NULL)
	{
		if (nulls[0])
			PG_RETURN_NULL();
		PG_RETURN_FLOAT8(percentiles[0]);
	}
	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(FLOAT8OID));
	elements = palloc_array(Datum, count);
	for (int i = 0; i < count; i++)
		elements[i] = nulls[i] ? (Datum) 0 : Float8GetDatum(percentiles[i]);
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(request->shape), ARR_DIMS(request->shape),
											 ARR_LBOUND(request->shape), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
											 TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentile);
Datum
nkpi_duration_dist_percentile(PG_FUNCTION_ARGS)
{
	percentile_request *request = request_percentile(PG_GETARG_DATUM(1), get_method(PG_GETARG_TEXT_PP(2)));
	tally		decoded;

	return answer_percentile_request(fcinfo, request, get_duration_dist_tally(PG_GETARG_DATUM(0), &decoded));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentiles);
Datum
nkpi_duration_dist_percentiles(PG_FUNCTION_ARGS)
{
	percentile_request *request = request_percentiles(PG_GETARG_DATUM(1), get_method(PG_GETARG_TEXT_PP(2)));
	tally		decoded;

	return answer_percentile_request(fcinfo, request, get_duration_dist_tally(PG_GETARG_DATUM(0), &decoded));
}

/* Percentiles with their distribution-free limits, which are values that occurred, and the coverage of these. */
static Datum
answer_percentile_interval(FunctionCallInfo fcinfo, const percentile_request *request)
{
	double		confidence = PG_GETARG_FLOAT8(2);
	int			count = request->num_fractions;
	percentile_position *positions = palloc0_array(percentile_position, count);
	percentile_limits *limits = palloc0_array(percentile_limits, count);
	Datum	   *estimates = palloc0_array(Datum, count);
	bool	   *are_null = palloc_array(bool, count);
	bool		by_rank = request->method != PERCENTILE_HARRELL_DAVIS;
	tally		decoded;
	tally	   *t = get_duration_dist_tally(PG_GETARG_DATUM(0), &decoded);
	values_by_rank wanted;

	check_confidence(confidence);
	ask_for_values(&wanted, (size_t) count * 4);
	for (int i = 0; i < count; i++)
	{
		are_null[i] = request->nulls[i] || t->num_values == 0;
		if (are_null[i])
			continue;
		if (by_rank)
		{
			positions[i] = find_percentile_position(request->fractions[i], request->method, t->num_values);
			ask_for_percentile(&wanted, positions[i]);
		}
		limits[i] = find_percentile_limits(request->fractions[i], t->num_values, confidence);
		if (limits[i].lower >= 0)
			wanted.ranks[wanted.count++] = limits[i].lower;
		if (limits[i].upper < t->num_values)
			wanted.ranks[wanted.count++] = limits[i].upper;
	}
	find_values(&wanted, t);
	for (int i = 0; i < count; i++)
	{
		Datum		values[4] = {0};
		bool		nulls[4] = {false, limits[i].lower < 0, limits[i].upper >= t->num_values, false};
		double		percentile = 0;

		if (are_null[i])
			continue;
		if (by_rank)
			percentile = percentile_at(&wanted, positions[i]);
		else
			nulls[0] = !find_harrell_davis(request->fractions[i], t, &percentile);
		values[0] = Float8GetDatum(percentile);
		if (!nulls[1])
			values[1] = Float8GetDatum(value_at(&wanted, limits[i].lower));
		if (!nulls[2])
			values[2] = Float8GetDatum(value_at(&wanted, limits[i].upper));
		values[3] = Float8GetDatum(limits[i].coverage);
		estimates[i] = make_composite(fcinfo, values, nulls);
	}
	if (request->shape == NULL)
	{
		if (are_null[0])
			PG_RETURN_NULL();
		PG_RETURN_DATUM(estimates[0]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(estimates, are_null, ARR_NDIM(request->shape), ARR_DIMS(request->shape),
											 ARR_LBOUND(request->shape), get_composite_type(fcinfo), -1, false, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentile_interval);
Datum
nkpi_duration_dist_percentile_interval(PG_FUNCTION_ARGS)
{
	return answer_percentile_interval(fcinfo, request_percentile(PG_GETARG_DATUM(1), get_method(PG_GETARG_TEXT_PP(3))));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentile_intervals);
Datum
nkpi_duration_dist_percentile_intervals(PG_FUNCTION_ARGS)
{
	return answer_percentile_interval(fcinfo, request_percentiles(PG_GETARG_DATUM(1), get_method(PG_GETARG_TEXT_PP(3))));
}
