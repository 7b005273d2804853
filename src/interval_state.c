/*
 * interval_state.c
 *		States of the aggregates that proportion_interval(), rate_interval() and mean_interval() read.
 *
 * Sums of floating-point numbers are exact, core/exact_sum.c.  A state of two of them is the array
 *		{n, parts of the first, parts of the second, room for the first, the first, unused room, the second, unused room}.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/typcache.h"

#include "binding.h"
#include "compat.h"
#include "interval_state.h"

#define HEADER_ELEMENTS		4
#define ROOM				3

void
report_out_of_range(const char *what, const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s of %s out of range", what, type),
			 errhint("Aggregate fewer rows, or smaller figures.")));
}

void
report_not_a_state(const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("value is not what %s makes", type),
			 errhint("Compute it with the aggregate %s.", type)));
}

bool
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

/* Anybody can write an array: adding its elements makes a sum of any that are not too large. */
void
add_parts(exact_sum *sum, const double *parts, int num_parts, double largest, const char *type)
{
	for (int i = 0; i < num_parts; i++)
	{
		if (!(fabs(parts[i]) <= largest))
			report_not_a_state(type);
		exact_sum_add(sum, parts[i]);
	}
}

void
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

void
get_pair(FunctionCallInfo fcinfo, exact_pair *pair, const char *type)
{
	(void) get_aggregate_context(fcinfo, type);
	pair->n = 0;
	pair->first.num_parts = pair->second.num_parts = 0;
	if (!PG_ARGISNULL(0))
		add_state(pair, PG_GETARG_ARRAYTYPE_P(0), type);
}

Datum
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

Datum
combine_pairs(FunctionCallInfo fcinfo, const char *type)
{
	exact_pair	pair;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, type);
	get_pair(fcinfo, &pair, type);
	add_state(&pair, PG_GETARG_ARRAYTYPE_P(1), type);
	return put_pair(fcinfo, &pair, type);
}

Datum
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

void
add_sum(exact_sum *sum, Datum value, double largest, const char *type)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	if (ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID || ARR_NDIM(array) > 1)
		report_not_a_state(type);
	add_parts(sum, (double *) ARR_DATA_PTR(array), ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0], largest, type);
}
