/*
 * duration_dist_aggregate.c
 *		The aggregates that build distributions of durations, and those that move along a window.
 *
 * The state of a mergeable aggregate is a growing duration_dist.  The state of a moving one is a tally and how many rows are in
 * it; PostgreSQL takes rows out of it again, which counts allow exactly.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "binding.h"
#include "compat.h"
#include "duration_dist.h"
#include "percentile.h"
#include "tally_binding.h"

/* ------------------------------------------------------------------ what is counted */

static int32
get_seconds(FunctionCallInfo fcinfo)
{
	int32		seconds = PG_GETARG_INT32(1);

	if (seconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration of %d seconds is negative", seconds),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE seconds >= 0).")));
	return seconds;
}

static int32
get_interval_seconds(FunctionCallInfo fcinfo)
{
	Interval   *interval = PG_GETARG_INTERVAL_P(1);
	__int128	microseconds;

	if (interval->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval with months or years has no fixed number of seconds"),
				 errhint("Subtract two timestamps, or give days, hours, minutes and seconds only.")));
	microseconds = (__int128) interval->day * USECS_PER_DAY + interval->time;
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is negative"),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE duration >= interval '0').")));
	if (microseconds % USECS_PER_SEC != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is not a whole number of seconds"),
				 errhint("Cut it to whole seconds: date_trunc('second', duration).")));
	if (microseconds / USECS_PER_SEC > TALLY_MAX_VALUE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("duration is longer than %d seconds", TALLY_MAX_VALUE),
				 errhint("Leave impossible durations out, and count them.")));
	return (int32) (microseconds / USECS_PER_SEC);
}

/* ------------------------------------------------------------------ mergeable */

/* A new state, with what is in the flat form of another (a worker's, or one that was spilled) if there is one. */
static expanded_duration_dist *
make_state(FunctionCallInfo fcinfo)
{
	expanded_duration_dist *state = make_expanded_duration_dist_in(get_states_context(fcinfo, DURATION_DIST));
	tally_cursor cursor;

	if (!PG_ARGISNULL(0))
	{
		open_duration_dist(&cursor, PG_GETARG_DATUM(0));
		check_tally(tally_merge(&state->tally, &cursor), DURATION_DIST);
	}
	return state;
}

/* The state that argument 0 of a transition or combine function holds, or a new one with what that holds, ready to be changed. */
static inline expanded_duration_dist *
get_state(FunctionCallInfo fcinfo)
{
	expanded_duration_dist *state;

	/* Only what may be changed is pointed to so: it is an aggregate's. */
	if (PG_ARGISNULL(0) || !VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
		return make_state(fcinfo);
	state = get_expanded_duration_dist(PG_GETARG_DATUM(0));
	if (state->bytes != NULL)
	{
		pfree(state->bytes);
		state->bytes = NULL;
	}
	return state;
}

/* Where a row's duration comes from; a constant where it is called, so that the compiler puts the function in place. */
typedef int32 (*duration_getter) (FunctionCallInfo fcinfo);

static inline Datum
add_row(FunctionCallInfo fcinfo, duration_getter get_duration)
{
	expanded_duration_dist *state;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, DURATION_DIST);
	state = get_state(fcinfo);
	check_tally(tally_add(&state->tally, get_duration(fcinfo)), DURATION_DIST);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_add_seconds);
Datum
nkpi_duration_dist_add_seconds(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, get_seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_add_interval);
Datum
nkpi_duration_dist_add_interval(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, get_interval_seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_add_counted);
Datum
nkpi_duration_dist_add_counted(PG_FUNCTION_ARGS)
{
	expanded_duration_dist *state;
	int32		seconds;
	int64		count;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return keep_state(fcinfo, DURATION_DIST);
	state = get_state(fcinfo);
	seconds = get_seconds(fcinfo);
	count = PG_GETARG_INT64(2);
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of durations %lld is negative", (long long) count),
				 errhint("Subtract with the operator - what is to be taken away.")));
	if (count > 0)
		check_tally(tally_add_many(&state->tally, seconds, count), DURATION_DIST);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Adds a distribution to the state: the combine function of every aggregate here, and the transition of rollup(). */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_combine);
Datum
nkpi_duration_dist_combine(PG_FUNCTION_ARGS)
{
	expanded_duration_dist *state;
	tally_cursor cursor;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, DURATION_DIST);
	state = get_state(fcinfo);
	open_duration_dist(&cursor, PG_GETARG_DATUM(1));
	check_tally(tally_merge(&state->tally, &cursor), DURATION_DIST);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/*
 * The state as a result that accessors read as it is.  A pointer to it that was made here is passed on; before 16 PostgreSQL
 * would flatten the state itself, and every accessor would have to decode that.  Few values are copied, for readers to sort:
 * sorted they take several times as much, and with many groups all states are there until the last was read.
 */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_final);
Datum
nkpi_duration_dist_final(PG_FUNCTION_ARGS)
{
	expanded_duration_dist *state = get_expanded_duration_dist(PG_GETARG_DATUM(0));
	expanded_duration_dist *result;
	void	   *pointer;

	if (state == NULL)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	result = make_expanded_duration_dist(CurrentMemoryContext);
	if (!tally_copy_unsorted(&result->tally, &state->tally))
	{
		DeleteExpandedObject(EOHPGetRWDatum(&result->header));
		result = state;
	}
	pointer = palloc(EXPANDED_POINTER_SIZE);
	memcpy(pointer, result->header.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
	PG_RETURN_POINTER(pointer);
}

/* ------------------------------------------------------------------ moving */

typedef struct moving_state
{
	tally		tally;
	int64		num_rows;		/* that were not NULL; none give NULL */
	percentile_request *request;	/* of moving_percentile() */
} moving_state;

static moving_state *
get_moving_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = get_aggregate_context(fcinfo, DURATION_DIST);
	moving_state *state;

	if (!PG_ARGISNULL(0))
		return (moving_state *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(moving_state));
	init_tally(&state->tally, context);
	return state;
}

static inline Datum
move_row_in(FunctionCallInfo fcinfo, duration_getter get_duration)
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		check_tally(tally_add(&state->tally, get_duration(fcinfo)), DURATION_DIST);
		state->num_rows++;
	}
	PG_RETURN_POINTER(state);
}

static inline Datum
move_row_out(FunctionCallInfo fcinfo, duration_getter get_duration)
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		check_tally(tally_remove(&state->tally, get_duration(fcinfo)), DURATION_DIST);
		state->num_rows--;
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_in_seconds);
Datum
nkpi_duration_dist_move_in_seconds(PG_FUNCTION_ARGS)
{
	return move_row_in(fcinfo, get_seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_out_seconds);
Datum
nkpi_duration_dist_move_out_seconds(PG_FUNCTION_ARGS)
{
	return move_row_out(fcinfo, get_seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_in_interval);
Datum
nkpi_duration_dist_move_in_interval(PG_FUNCTION_ARGS)
{
	return move_row_in(fcinfo, get_interval_seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_out_interval);
Datum
nkpi_duration_dist_move_out_interval(PG_FUNCTION_ARGS)
{
	return move_row_out(fcinfo, get_interval_seconds);
}

static void
move_in(moving_state *state, Datum value)
{
	tally_cursor cursor;

	open_duration_dist(&cursor, value);
	check_tally(tally_merge(&state->tally, &cursor), DURATION_DIST);
	state->num_rows++;
}

static void
move_out(moving_state *state, Datum value)
{
	tally_cursor cursor;

	open_duration_dist(&cursor, value);
	check_tally(tally_subtract(&state->tally, &cursor), DURATION_DIST);
	state->num_rows--;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_in);
Datum
nkpi_duration_dist_move_in(PG_FUNCTION_ARGS)
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
		move_in(state, PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_move_out);
Datum
nkpi_duration_dist_move_out(PG_FUNCTION_ARGS)
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
		move_out(state, PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_moving_final);
Datum
nkpi_duration_dist_moving_final(PG_FUNCTION_ARGS)
{
	moving_state *state = PG_ARGISNULL(0) ? NULL : (moving_state *) PG_GETARG_POINTER(0);

	if (state == NULL || state->num_rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(duration_dist_from_tally(&state->tally));
}

/*
 * moving_percentile(): the same over distributions, read without making a distribution for every row.  What is asked for is kept
 * from the first row, and may not change.
 */
static Datum
move_in_for_percentile(FunctionCallInfo fcinfo, percentile_request *(*make_request) (Datum fractions, percentile_method method),
					   bool (*is_requested) (const percentile_request *request, Datum fractions))
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		if (state->request == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(get_aggregate_context(fcinfo, DURATION_DIST));

			state->request = make_request(PG_GETARG_DATUM(2), PERCENTILE_CONTINUOUS);
			MemoryContextSwitchTo(old);
		}
		else if (!is_requested(state->request, PG_GETARG_DATUM(2)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("percentile fraction changes from row to row"),
					 errhint("Ask for several percentiles with an array.")));
		move_in(state, PG_GETARG_DATUM(1));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_moving_percentile_in);
Datum
nkpi_moving_percentile_in(PG_FUNCTION_ARGS)
{
	return move_in_for_percentile(fcinfo, request_percentile, is_requested_percentile);
}

PG_FUNCTION_INFO_V1(nkpi_moving_percentiles_in);
Datum
nkpi_moving_percentiles_in(PG_FUNCTION_ARGS)
{
	return move_in_for_percentile(fcinfo, request_percentiles, are_requested_percentiles);
}

PG_FUNCTION_INFO_V1(nkpi_moving_percentile_out);
Datum
nkpi_moving_percentile_out(PG_FUNCTION_ARGS)
{
	moving_state *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		move_out(state, PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_moving_percentile_final);
Datum
nkpi_moving_percentile_final(PG_FUNCTION_ARGS)
{
	moving_state *state = PG_ARGISNULL(0) ? NULL : (moving_state *) PG_GETARG_POINTER(0);

	if (state == NULL || state->num_rows == 0)
		PG_RETURN_NULL();
	return answer_percentile_request(fcinfo, state->request, &state->tally);
}
