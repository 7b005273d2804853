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

static int
compare_ranks(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* All in one walk.  There is at least one value. */
static void
find_percentiles(const percentile_request *request, tally *t, double *percentiles)
{
	size_t		num_ranks = (size_t) request->num_fractions * 2;
	percentile_position *positions = palloc_array(percentile_position, request->num_fractions);
	int64	   *ranks = palloc_array(int64, num_ranks);
	int64	   *values = palloc_array(int64, num_ranks);
	tally_cursor cursor;

	for (int i = 0; i < request->num_fractions; i++)
	{
		positions[i] = find_percentile_position(request->fractions[i], request->method, t->num_values);
		ranks[2 * i] = positions[i].lower;
		ranks[2 * i + 1] = positions[i].upper;
	}
	qsort(ranks, num_ranks, sizeof(int64), compare_ranks);
	tally_open(&cursor, t);
	check_tally(tally_values_at(&cursor, ranks, num_ranks, values), DURATION_DIST);
	for (int i = 0; i < request->num_fractions; i++)
	{
		int64	   *lower = bsearch(&positions[i].lower, ranks, num_ranks, sizeof(int64), compare_ranks);
		int64	   *upper = bsearch(&positions[i].upper, ranks, num_ranks, sizeof(int64), compare_ranks);
		double		low = (double) values[lower - ranks];
		double		high = (double) values[upper - ranks];

		percentiles[i] = low + positions[i].proportion * (high - low);
	}
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

/* A percentile with its distribution-free limits, which are values that occurred, and their coverage. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentile_interval);
Datum
nkpi_duration_dist_percentile_interval(PG_FUNCTION_ARGS)
{
	double		fraction = PG_GETARG_FLOAT8(1);
	double		confidence = PG_GETARG_FLOAT8(2);
	percentile_method method = get_method(PG_GETARG_TEXT_PP(3));
	percentile_request *request = request_percentile(PG_GETARG_DATUM(1), method);
	tally		decoded;
	tally	   *t = get_duration_dist_tally(PG_GETARG_DATUM(0), &decoded);
	percentile_limits limits;
	int64		ranks[2];
	int64		found[2];
	int			num_ranks = 0;
	tally_cursor cursor;
	Datum		values[4] = {0};
	bool		nulls[4] = {false};

	check_confidence(confidence);
	if (t->num_values == 0)
		PG_RETURN_NULL();
	values[0] = answer_percentile_request(fcinfo, request, t);
	nulls[0] = fcinfo->isnull;
	fcinfo->isnull = false;
	limits = find_percentile_limits(fraction, t->num_values, confidence);
	nulls[1] = limits.lower < 0;
	nulls[2] = limits.upper >= t->num_values;
	if (!nulls[1])
		ranks[num_ranks++] = limits.lower;
	if (!nulls[2])
		ranks[num_ranks++] = limits.upper;
	tally_open(&cursor, t);
	check_tally(tally_values_at(&cursor, ranks, num_ranks, found), DURATION_DIST);
	if (!nulls[2])
		values[2] = Float8GetDatum((double) found[num_ranks - 1]);
	if (!nulls[1])
		values[1] = Float8GetDatum((double) found[0]);
	values[3] = Float8GetDatum(limits.coverage);
	return make_composite(fcinfo, values, nulls);
}
