/*
 * proportion_counts.c
 *		proportion_counts(events, trials): its aggregates, and the interval of the proportion.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "estimate.h"
#include "interval_state.h"

#define PROPORTION_COUNTS	"proportion_counts"

typedef struct proportion_counts
{
	int64		events;
	int64		trials;
} proportion_counts;

/* The counts in the array of a state. */
static proportion_counts *
get_counts(ArrayType *array)
{
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != 2 || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != INT8OID)
		report_not_a_state(PROPORTION_COUNTS);
	return (proportion_counts *) ARR_DATA_PTR(array);
}

static void
add_counts(proportion_counts *counts, int64 events, int64 trials)
{
	check_proportion(events, trials);
	if (pg_add_s64_overflow(counts->events, events, &counts->events) || pg_add_s64_overflow(counts->trials, trials, &counts->trials))
		report_out_of_range("count", PROPORTION_COUNTS);
}

/* Argument 0 with more counts. */
static Datum
add_to_counts(FunctionCallInfo fcinfo, int64 events, int64 trials)
{
	ArrayType  *array;

	(void) get_aggregate_context(fcinfo, PROPORTION_COUNTS);
	if (PG_ARGISNULL(0))
	{
		Datum		none[2] = {Int64GetDatum(0), Int64GetDatum(0)};

		array = construct_array(none, 2, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	}
	else
		array = PG_GETARG_ARRAYTYPE_P(0);
	add_counts(get_counts(array), events, trials);
	PG_RETURN_ARRAYTYPE_P(array);
}

static bool
read_proportion_counts(Datum composite, proportion_counts *counts)
{
	Datum		values[2];

	if (!read_composite(composite, 2, values, PROPORTION_COUNTS))
		return false;
	*counts = (proportion_counts) {DatumGetInt64(values[0]), DatumGetInt64(values[1])};
	check_proportion(counts->events, counts->trials);
	return true;
}

static Datum
make_proportion_counts(FunctionCallInfo fcinfo, const proportion_counts *counts)
{
	Datum		values[2] = {Int64GetDatum(counts->events), Int64GetDatum(counts->trials)};
	bool		nulls[2] = {false, false};

	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_add_event);
Datum
nkpi_proportion_counts_add_event(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, PROPORTION_COUNTS);
	return add_to_counts(fcinfo, PG_GETARG_BOOL(1) ? 1 : 0, 1);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_add);
Datum
nkpi_proportion_counts_add(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return keep_state(fcinfo, PROPORTION_COUNTS);
	return add_to_counts(fcinfo, PG_GETARG_INT64(1), PG_GETARG_INT64(2));
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_add_counts);
Datum
nkpi_proportion_counts_add_counts(PG_FUNCTION_ARGS)
{
	proportion_counts counts;

	if (PG_ARGISNULL(1) || !read_proportion_counts(PG_GETARG_DATUM(1), &counts))
		return keep_state(fcinfo, PROPORTION_COUNTS);
	return add_to_counts(fcinfo, counts.events, counts.trials);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_combine);
Datum
nkpi_proportion_counts_combine(PG_FUNCTION_ARGS)
{
	proportion_counts *counts;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, PROPORTION_COUNTS);
	counts = get_counts(PG_GETARG_ARRAYTYPE_P(1));
	return add_to_counts(fcinfo, counts->events, counts->trials);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_final);
Datum
nkpi_proportion_counts_final(PG_FUNCTION_ARGS)
{
	return make_proportion_counts(fcinfo, get_counts(PG_GETARG_ARRAYTYPE_P(0)));
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_plus);
Datum
nkpi_proportion_counts_plus(PG_FUNCTION_ARGS)
{
	proportion_counts a;
	proportion_counts b;

	if (!read_proportion_counts(PG_GETARG_DATUM(0), &a) || !read_proportion_counts(PG_GETARG_DATUM(1), &b))
		PG_RETURN_NULL();
	add_counts(&a, b.events, b.trials);
	return make_proportion_counts(fcinfo, &a);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_counts_interval);
Datum
nkpi_proportion_counts_interval(PG_FUNCTION_ARGS)
{
	proportion_counts counts;

	if (!read_proportion_counts(PG_GETARG_DATUM(0), &counts))
		PG_RETURN_NULL();
	return make_proportion_estimate_by(fcinfo, counts.events, counts.trials, PG_GETARG_FLOAT8(1), PG_GETARG_TEXT_PP(2),
									   PG_GETARG_FLOAT8(3));
}
