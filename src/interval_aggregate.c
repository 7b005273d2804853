/*
 * interval_aggregate.c
 *		Counts and sums over rows that proportion_interval(), rate_interval() and mean_interval() read: the aggregates
 *		proportion_counts(), rate_counts() and sample_sums(), their rollup() and their addition.
 *
 * Results are composites, so that they are read, written, stored, sent and compared as any row is.  While rows are added the state is an
 * array that is changed in place, as in core's avg(integer) and avg(float8): the executor keeps an array in the aggregate's context and
 * copies it only where it is another one.
 *
 * Sums of floating-point numbers are exact, core/exact_sum.c.  A state of two of them is the array
 *		{n, parts of the first, parts of the second, room for the first, the first, unused room, the second, unused room}.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/typcache.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "core/exact_sum.h"
#include "estimate.h"

#define PROPORTION_COUNTS	"proportion_counts"
#define RATE_COUNTS			"rate_counts"
#define SAMPLE_SUMS			"sample_sums"

/* So many values, or greater sums of what can be summed and of its squares, there cannot be. */
#define MOST_VALUES			9007199254740992.0	/* 2^53 */
#define LARGEST_SUM			(LARGEST_SUMMED * 1e20)
#define LARGEST_SQUARES		(LARGEST_SUMMED * LARGEST_SUMMED * 1e20)

#define HEADER_ELEMENTS		4
#define ROOM				3

static void
report_out_of_range(const char *what, const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s of %s out of range", what, type),
			 errhint("Aggregate fewer rows, or smaller figures.")));
}

static void
report_not_a_state(const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("value is not what %s makes", type),
			 errhint("Compute it with the aggregate %s.", type)));
}

/* The attributes of a composite value; false where one is NULL. */
static bool
read_composite(Datum composite, int num_attributes, Datum *values, const char *type)
{
	HeapTupleHeader row = DatumGetHeapTupleHeader(composite);
	TupleDesc	descriptor = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
	HeapTupleData tuple = {0};
	bool		nulls[3];
	bool		complete = true;

	if (descriptor->natts != num_attributes)
	{
		ReleaseTupleDesc(descriptor);
		report_not_a_state(type);
	}
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	tuple.t_data = row;
	heap_deform_tuple(&tuple, descriptor, values, nulls);
	ReleaseTupleDesc(descriptor);
	for (int i = 0; i < num_attributes; i++)
		complete = complete && !nulls[i];
	return complete;
}

/* ------------------------------------------------------------------ proportion_counts(events, trials) */

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

/* ------------------------------------------------------------------ states of two exact sums */

typedef struct exact_pair
{
	double		n;
	exact_sum	first;
	exact_sum	second;
} exact_pair;

/* Anybody can write an array: adding its elements makes a sum of any that are not too large. */
static void
add_parts(exact_sum *sum, const double *parts, int num_parts, double largest, const char *type)
{
	for (int i = 0; i < num_parts; i++)
	{
		if (!(fabs(parts[i]) <= largest))
			report_not_a_state(type);
		exact_sum_add(sum, parts[i]);
	}
}

/* Adds what the array of a state holds. */
static void
add_state(exact_pair *pair, ArrayType *array, const char *type)
{
	double	   *state = (double *) ARR_DATA_PTR(array);
	int			num_elements = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
	double		room;

	if (num_elements < HEADER_ELEMENTS || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		report_not_a_state(type);
	room = num_elements - HEADER_ELEMENTS;
	if (!(state[0] >= 0 && state[0] < MOST_VALUES && state[3] >= 0 && state[3] <= room
		  && state[1] >= 0 && state[1] <= state[3] && state[2] >= 0 && state[2] <= room - state[3]))
		report_not_a_state(type);
	pair->n += state[0];
	add_parts(&pair->first, state + HEADER_ELEMENTS, (int) state[1], LARGEST_SUM, type);
	add_parts(&pair->second, state + HEADER_ELEMENTS + (int) state[3], (int) state[2], LARGEST_SQUARES, type);
}

/* Argument 0 of a transition function. */
static void
get_pair(FunctionCallInfo fcinfo, exact_pair *pair, const char *type)
{
	(void) get_aggregate_context(fcinfo, type);
	pair->n = 0;
	pair->first.num_parts = pair->second.num_parts = 0;
	if (!PG_ARGISNULL(0))
		add_state(pair, PG_GETARG_ARRAYTYPE_P(0), type);
}

/* What a transition function returns: argument 0 with the pair in it, or a larger array where there is no room in it. */
static Datum
put_pair(FunctionCallInfo fcinfo, const exact_pair *pair, const char *type)
{
	ArrayType  *array = PG_ARGISNULL(0) ? NULL : PG_GETARG_ARRAYTYPE_P(0);
	double	   *state = array != NULL ? (double *) ARR_DATA_PTR(array) : NULL;
	int			num_first = pair->first.num_parts;
	int			num_second = pair->second.num_parts;

	if (pair->n >= MOST_VALUES)
		report_out_of_range("number of values", type);
	if (array == NULL || num_first > state[3] || num_second > ARR_DIMS(array)[0] - HEADER_ELEMENTS - state[3])
	{
		int			num_elements = HEADER_ELEMENTS + num_first + num_second + 2 * ROOM;
		Size		size = ARR_OVERHEAD_NONULLS(1) + num_elements * sizeof(double);

		array = palloc0(size);
		SET_VARSIZE(array, size);
		array->ndim = 1;
		array->elemtype = FLOAT8OID;
		ARR_DIMS(array)[0] = num_elements;
		ARR_LBOUND(array)[0] = 1;
		state = (double *) ARR_DATA_PTR(array);
		state[3] = num_first + ROOM;
	}
	state[0] = pair->n;
	state[1] = num_first;
	state[2] = num_second;
	memcpy(state + HEADER_ELEMENTS, pair->first.parts, num_first * sizeof(double));
	memcpy(state + HEADER_ELEMENTS + (int) state[3], pair->second.parts, num_second * sizeof(double));
	PG_RETURN_ARRAYTYPE_P(array);
}

static Datum
combine_pairs(FunctionCallInfo fcinfo, const char *type)
{
	exact_pair	pair;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, type);
	get_pair(fcinfo, &pair, type);
	add_state(&pair, PG_GETARG_ARRAYTYPE_P(1), type);
	return put_pair(fcinfo, &pair, type);
}

/* A sum as an array of numbers, the greatest first, that add up to it exactly. */
static Datum
make_sum(const exact_sum *sum)
{
	double		parts[MAX_SUM_PARTS];
	Datum		values[MAX_SUM_PARTS];
	int			num_parts = exact_sum_canonical(sum, parts);

	if (num_parts == 0)
		parts[num_parts++] = 0;
	for (int i = 0; i < num_parts; i++)
		values[i] = Float8GetDatum(parts[i]);
	return PointerGetDatum(construct_array(values, num_parts, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
add_sum(exact_sum *sum, Datum value, double largest, const char *type)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	if (ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID || ARR_NDIM(array) > 1)
		report_not_a_state(type);
	add_parts(sum, (double *) ARR_DATA_PTR(array), ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0], largest, type);
}

/* ------------------------------------------------------------------ rate_counts(events, exposure) */

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

/* ------------------------------------------------------------------ sample_sums(n, total, total_of_squares) */

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
