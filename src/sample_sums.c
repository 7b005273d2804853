/*
 * sample_sums.c
 *		sample_sums(n, total, total_of_squares): its aggregates, and the interval of the mean.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "estimate.h"
#include "interval_state.h"

#define SAMPLE_SUMS			"sample_sums"

static bool
add_sample_sums(exact_pair *pair, Datum composite)
{
	Datum		values[3];

	if (!read_composite(composite, 3, values, SAMPLE_SUMS))
		return false;
	if (DatumGetInt64(values[0]) < 0 || (double) DatumGetInt64(values[0]) >= MOST_VALUES)
		report_not_a_state(SAMPLE_SUMS);
	pair->n += (double) DatumGetInt64(values[0]);
	add_sum(&pair->first, values[1], LARGEST_SUM, SAMPLE_SUMS);
	add_sum(&pair->second, values[2], LARGEST_SQUARES, SAMPLE_SUMS);
	return true;
}

static Datum
make_sample_sums(FunctionCallInfo fcinfo, const exact_pair *pair)
{
	Datum		values[3] = {Int64GetDatum((int64) pair->n), make_sum(&pair->first), make_sum(&pair->second)};
	bool		nulls[3] = {false, false, false};

	if (pair->n >= MOST_VALUES)
		report_out_of_range("number of values", SAMPLE_SUMS);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_add);
Datum
nkpi_sample_sums_add(PG_FUNCTION_ARGS)
{
	exact_pair	pair;
	double		value;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, SAMPLE_SUMS);
	value = PG_GETARG_FLOAT8(1);
	if (isnan(value) || isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %g is not a finite number", value),
				 errhint("Leave it out, and count how often: FILTER (WHERE ...).")));
	if (!can_be_summed(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value %g cannot be summed", value),
				 errhint("Values are 0, or of a magnitude from 1e-100 to 1e100.")));
	get_pair(fcinfo, &pair, SAMPLE_SUMS);
	pair.n++;
	exact_sum_add(&pair.first, value);
	exact_sum_add_product(&pair.second, value, value);
	return put_pair(fcinfo, &pair, SAMPLE_SUMS);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_add_sums);
Datum
nkpi_sample_sums_add_sums(PG_FUNCTION_ARGS)
{
	exact_pair	pair;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, SAMPLE_SUMS);
	get_pair(fcinfo, &pair, SAMPLE_SUMS);
	if (!add_sample_sums(&pair, PG_GETARG_DATUM(1)))
		return keep_state(fcinfo, SAMPLE_SUMS);
	return put_pair(fcinfo, &pair, SAMPLE_SUMS);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_combine);
Datum
nkpi_sample_sums_combine(PG_FUNCTION_ARGS)
{
	return combine_pairs(fcinfo, SAMPLE_SUMS);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_final);
Datum
nkpi_sample_sums_final(PG_FUNCTION_ARGS)
{
	exact_pair	pair = {0};

	add_state(&pair, PG_GETARG_ARRAYTYPE_P(0), SAMPLE_SUMS);
	return make_sample_sums(fcinfo, &pair);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_plus);
Datum
nkpi_sample_sums_plus(PG_FUNCTION_ARGS)
{
	exact_pair	pair = {0};

	if (!add_sample_sums(&pair, PG_GETARG_DATUM(0)) || !add_sample_sums(&pair, PG_GETARG_DATUM(1)))
		PG_RETURN_NULL();
	return make_sample_sums(fcinfo, &pair);
}

PG_FUNCTION_INFO_V1(nkpi_sample_sums_interval);
Datum
nkpi_sample_sums_interval(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	exact_pair	pair = {0};
	double		mean;
	double		deviation;

	check_confidence(confidence);
	if (!add_sample_sums(&pair, PG_GETARG_DATUM(0)) || pair.n == 0)
		PG_RETURN_NULL();
	if (!mean_and_deviation(pair.n, &pair.first, &pair.second, &mean, &deviation))
		report_not_a_state(SAMPLE_SUMS);
	return make_mean_estimate(fcinfo, (int64) pair.n, mean, deviation, confidence);
}
