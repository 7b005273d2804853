/*
 * rate_counts.c
 *		rate_counts(events, exposure): its aggregates, and the interval of the rate.
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "estimate.h"
#include "interval_state.h"

#define RATE_COUNTS			"rate_counts"

/* A count has more digits than double precision, so it is added in halves. */
static void
add_events(exact_sum *sum, int64 events)
{
	check_events(events);
	exact_sum_add(sum, (double) (events >> 32) * 4294967296.0);
	exact_sum_add(sum, (double) (events & 0xffffffff));
}

static void
add_exposure(exact_sum *sum, double exposure)
{
	check_exposure(exposure);
	if (!can_be_summed(exposure))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("exposure %g cannot be summed", exposure),
				 errhint("Exposures are 0, or from 1e-100 to 1e100.")));
	exact_sum_add(sum, exposure);
}

/* What add_events() has added up. */
static int64
sum_of_events(const exact_sum *sum)
{
	double		parts[MAX_SUM_PARTS];
	int			num_parts = exact_sum_canonical(sum, parts);
	int64		half;
	int64		events;

	if (num_parts == 0)
		return 0;
	/* The greatest part may be 2^63 and the next negative. */
	if (parts[0] < 0 || parts[0] > 9223372036854775808.0)
		report_out_of_range("count", RATE_COUNTS);
	half = (int64) (parts[0] / 2);
	events = half;
	for (int i = 1; i < num_parts; i++)
		events += (int64) parts[i];
	if (pg_add_s64_overflow(events, (int64) (parts[0] - (double) half), &events))
		report_out_of_range("count", RATE_COUNTS);
	return events;
}

static bool
add_rate_counts(exact_pair *pair, Datum composite)
{
	Datum		values[2];
	exact_sum	exposure;

	if (!read_composite(composite, 2, values, RATE_COUNTS))
		return false;
	add_events(&pair->first, DatumGetInt64(values[0]));
	exposure.num_parts = 0;
	add_sum(&exposure, values[1], LARGEST_SUM, RATE_COUNTS);
	check_exposure(exact_sum_rounded(&exposure));
	add_parts(&pair->second, exposure.parts, exposure.num_parts, LARGEST_SUM, RATE_COUNTS);
	return true;
}

static Datum
make_rate_counts(FunctionCallInfo fcinfo, const exact_pair *pair)
{
	Datum		values[2] = {Int64GetDatum(sum_of_events(&pair->first)), make_sum(&pair->second)};
	bool		nulls[2] = {false, false};

	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_add);
Datum
nkpi_rate_counts_add(PG_FUNCTION_ARGS)
{
	exact_pair	pair;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return keep_state(fcinfo, RATE_COUNTS);
	get_pair(fcinfo, &pair, RATE_COUNTS);
	add_events(&pair.first, PG_GETARG_INT64(1));
	add_exposure(&pair.second, PG_GETARG_FLOAT8(2));
	return put_pair(fcinfo, &pair, RATE_COUNTS);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_add_counts);
Datum
nkpi_rate_counts_add_counts(PG_FUNCTION_ARGS)
{
	exact_pair	pair;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, RATE_COUNTS);
	get_pair(fcinfo, &pair, RATE_COUNTS);
	if (!add_rate_counts(&pair, PG_GETARG_DATUM(1)))
		return keep_state(fcinfo, RATE_COUNTS);
	return put_pair(fcinfo, &pair, RATE_COUNTS);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_combine);
Datum
nkpi_rate_counts_combine(PG_FUNCTION_ARGS)
{
	return combine_pairs(fcinfo, RATE_COUNTS);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_final);
Datum
nkpi_rate_counts_final(PG_FUNCTION_ARGS)
{
	exact_pair	pair = {0};

	add_state(&pair, PG_GETARG_ARRAYTYPE_P(0), RATE_COUNTS);
	return make_rate_counts(fcinfo, &pair);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_plus);
Datum
nkpi_rate_counts_plus(PG_FUNCTION_ARGS)
{
	exact_pair	pair = {0};

	if (!add_rate_counts(&pair, PG_GETARG_DATUM(0)) || !add_rate_counts(&pair, PG_GETARG_DATUM(1)))
		PG_RETURN_NULL();
	return make_rate_counts(fcinfo, &pair);
}

PG_FUNCTION_INFO_V1(nkpi_rate_counts_interval);
Datum
nkpi_rate_counts_interval(PG_FUNCTION_ARGS)
{
	exact_pair	pair = {0};

	if (!add_rate_counts(&pair, PG_GETARG_DATUM(0)))
		PG_RETURN_NULL();
	return make_rate_estimate(fcinfo, sum_of_events(&pair.first), exact_sum_rounded(&pair.second), PG_GETARG_FLOAT8(1),
							  PG_GETARG_FLOAT8(2), PG_GETARG_TEXT_PP(3));
}
