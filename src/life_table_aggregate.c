/*
 * life_table_aggregate.c
 *		The aggregates of the type life_table.
 *
 * A state is a life_table that grows, an expanded object, see life_table.c; over a window frame whose start moves it is one that
 * counts its rows too.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "binding.h"
#include "compat.h"
#include "life_table.h"
#include "tally_binding.h"

/* ------------------------------------------------------------------ states and checks */

static life_table_unit
get_unit(text *name)
{
	life_table_unit unit;

	if (!life_table_find_unit(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &unit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" is not known", excerpt(text_to_cstring(name))),
				 errhint("The units are \"second\", \"minute\", \"hour\" and \"day\".")));
	return unit;
}

static void
check_event(int32 event)
{
	if (event < 0 || event > LIFE_TABLE_MAX_CAUSES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("event %d is not between 0 and %d", event, LIFE_TABLE_MAX_CAUSES),
				 errhint("Number the causes from 1; 0 is censored: last seen without the event.")));
}

static void
check_finite(bool finite)
{
	if (!finite)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("life_table cannot hold what starts or ends at infinity"),
				 errhint("Leave the end NULL while it has not ended.")));
}

/*
 * The state that argument 0 of a transition or combine function holds, ready to be changed: a new one where it is NULL, the
 * one that is there, or one expanded from the flat form (a worker's, or one that was spilled).
 */
static expanded_life_table *
get_state(FunctionCallInfo fcinfo, life_table_unit unit)
{
	expanded_life_table *state;

	if (PG_ARGISNULL(0))
		return make_expanded_life_table(get_states_context(fcinfo, LIFE_TABLE_NAME), unit);
	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
		state = get_expanded_life_table(PG_GETARG_DATUM(0));
	else
	{
		life_table_reader reader;

		read_life_table(&reader, PG_GETARG_DATUM(0));
		state = make_expanded_life_table(get_states_context(fcinfo, LIFE_TABLE_NAME), reader.unit);
		check_tally(life_table_merge(&state->table, &reader), LIFE_TABLE_NAME);
	}
	check_same_unit(state->table.unit, unit);
	if (state->bytes != NULL)
	{
		pfree(state->bytes);
		state->bytes = NULL;
	}
	return state;
}

/* What a row adds: a part's value, so many times. */
static Datum
add_to_state(FunctionCallInfo fcinfo, life_table_unit unit, int part, int32 value, int64 count)
{
	expanded_life_table *state = get_state(fcinfo, unit);

	if (count > 0)
		check_tally(life_table_add(&state->table, part, value, count), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

static void
check_duration(int32 duration, life_table_unit unit)
{
	if (duration < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration of %d %ss is negative", duration, life_table_unit_name(unit)),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE duration >= 0).")));
}

static Datum
add_duration(FunctionCallInfo fcinfo, life_table_unit unit, int64 count)
{
	int32		duration = PG_GETARG_INT32(1);
	int32		event = PG_GETARG_INT32(2);

	check_duration(duration, unit);
	check_event(event);
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of durations %lld is negative", (long long) count),
				 errhint("To take durations away, subtract a life_table that holds them.")));
	return add_to_state(fcinfo, unit, event, duration, count);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add);
Datum
nkpi_life_table_add(PG_FUNCTION_ARGS)
{
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	return add_duration(fcinfo, UNIT_SECOND, 1);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add_many);
Datum
nkpi_life_table_add_many(PG_FUNCTION_ARGS)
{
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	return add_duration(fcinfo, UNIT_SECOND, PG_GETARG_INT64(3));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add_in_unit);
Datum
nkpi_life_table_add_in_unit(PG_FUNCTION_ARGS)
{
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	return add_duration(fcinfo, get_unit(PG_GETARG_TEXT_PP(3)), 1);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add_many_in_unit);
Datum
nkpi_life_table_add_many_in_unit(PG_FUNCTION_ARGS)
{
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	return add_duration(fcinfo, get_unit(PG_GETARG_TEXT_PP(4)), PG_GETARG_INT64(3));
}

/* What began and has not ended: argument 3, the event, must not say that it has. */
static Datum
add_open(FunctionCallInfo fcinfo, life_table_unit unit, int64 since_2000)
{
	int64		start = life_table_start(unit, since_2000);

	if (!PG_ARGISNULL(3) && PG_GETARG_INT32(3) != LIFE_TABLE_CENSORED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("event %d has no end", PG_GETARG_INT32(3)),
				 errhint("Give the time of the event; what has not ended has the event NULL or 0.")));
	if (start < 0 || start > life_table_max_start(unit))
	{
		char		first[LIFE_TABLE_START_TEXT_SIZE];
		char		last[LIFE_TABLE_START_TEXT_SIZE];

		life_table_write_start(unit, 0, first);
		life_table_write_start(unit, (int32) life_table_max_start(unit), last);
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("start of what is open is out of range for unit %s", life_table_unit_name(unit)),
				 errhint("What is open in this unit starts from %s to %s.", first, last)));
	}
	return add_to_state(fcinfo, unit, LIFE_TABLE_OPEN, (int32) start, 1);
}

/* From a start to an end, both in whole units; "reversed" where the end was before the start before both were cut. */
static Datum
add_ended(FunctionCallInfo fcinfo, life_table_unit unit, int64 started, int64 ended, bool reversed)
{
	int32		event = PG_GETARG_INT32(3);

	check_event(event);
	if (reversed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration ends before it starts"),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE (ended >= started) IS NOT FALSE).")));
	return add_to_state(fcinfo, unit, event, check_duration_fits(ended - started, unit), 1);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add_dates);
Datum
nkpi_life_table_add_dates(PG_FUNCTION_ARGS)
{
	DateADT		started;
	DateADT		ended;

	if (PG_ARGISNULL(1) || (!PG_ARGISNULL(2) && PG_ARGISNULL(3)))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	started = PG_GETARG_DATEADT(1);
	check_finite(!DATE_NOT_FINITE(started));
	if (PG_ARGISNULL(2))
		return add_open(fcinfo, UNIT_DAY, started);
	ended = PG_GETARG_DATEADT(2);
	check_finite(!DATE_NOT_FINITE(ended));
	return add_ended(fcinfo, UNIT_DAY, started, ended, ended < started);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_add_times);
Datum
nkpi_life_table_add_times(PG_FUNCTION_ARGS)
{
	TimestampTz started;
	TimestampTz ended;
	life_table_unit unit;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(4) || (!PG_ARGISNULL(2) && PG_ARGISNULL(3)))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	unit = get_unit(PG_GETARG_TEXT_PP(4));
	if (unit == UNIT_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("days of a timestamp with time zone depend on the time zone"),
				 errhint("Give dates, which local_day() makes: life_table(started date, ended date, event).")));
	started = PG_GETARG_TIMESTAMPTZ(1);
	check_finite(!TIMESTAMP_NOT_FINITE(started));
	if (PG_ARGISNULL(2))
		return add_open(fcinfo, unit, cut_to_unit(started, unit));
	ended = PG_GETARG_TIMESTAMPTZ(2);
	check_finite(!TIMESTAMP_NOT_FINITE(ended));
	return add_ended(fcinfo, unit, cut_to_unit(started, unit), cut_to_unit(ended, unit), ended < started);
}

/* Adds a life table to the state: the combine function of every aggregate here, and the transition of rollup(). */
PG_FUNCTION_INFO_V1(nkpi_life_table_combine);
Datum
nkpi_life_table_combine(PG_FUNCTION_ARGS)
{
	expanded_life_table *state;
	life_table_reader reader;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, LIFE_TABLE_NAME);
	read_life_table(&reader, PG_GETARG_DATUM(1));
	state = get_state(fcinfo, reader.unit);
	check_tally(life_table_merge(&state->table, &reader), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* ------------------------------------------------------------------ moving aggregates */

/* The state over a window frame whose start moves. */
typedef struct moving_life_table
{
	life_table	table;
	int64		num_inputs;		/* rows in the frame that were not skipped: with none the result is NULL */
} moving_life_table;

/* The state, made where there is none: a moving aggregate's is never NULL. */
static moving_life_table *
get_moving_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = get_aggregate_context(fcinfo, LIFE_TABLE_NAME);
	moving_life_table *state;

	if (!PG_ARGISNULL(0))
		return (moving_life_table *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(moving_life_table));
	state->table.host = make_tally_host(context);
	return state;
}

/* One more row in the frame.  The first decides the unit. */
static void
count_input(moving_life_table *state, life_table_unit unit)
{
	if (state->num_inputs++ == 0)
		state->table.unit = unit;
	check_same_unit(state->table.unit, unit);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_move_in_duration);
Datum
nkpi_life_table_move_in_duration(PG_FUNCTION_ARGS)
{
	moving_life_table *state = get_moving_state(fcinfo);

	if (!any_argument_is_null(fcinfo))
	{
		int32		duration = PG_GETARG_INT32(1);
		int32		event = PG_GETARG_INT32(2);

		check_duration(duration, UNIT_SECOND);
		check_event(event);
		count_input(state, UNIT_SECOND);
		check_tally(life_table_add(&state->table, event, duration, 1), LIFE_TABLE_NAME);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_move_out_duration);
Datum
nkpi_life_table_move_out_duration(PG_FUNCTION_ARGS)
{
	moving_life_table *state = get_moving_state(fcinfo);

	if (!any_argument_is_null(fcinfo))
	{
		check_tally(life_table_remove(&state->table, PG_GETARG_INT32(2), PG_GETARG_INT32(1)), LIFE_TABLE_NAME);
		state->num_inputs--;
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_move_in);
Datum
nkpi_life_table_move_in(PG_FUNCTION_ARGS)
{
	moving_life_table *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		life_table_reader reader;

		read_life_table(&reader, PG_GETARG_DATUM(1));
		count_input(state, reader.unit);
		check_tally(life_table_merge(&state->table, &reader), LIFE_TABLE_NAME);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_move_out);
Datum
nkpi_life_table_move_out(PG_FUNCTION_ARGS)
{
	moving_life_table *state = get_moving_state(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		life_table_reader reader;

		read_life_table(&reader, PG_GETARG_DATUM(1));
		check_tally(life_table_subtract(&state->table, &reader), LIFE_TABLE_NAME);
		state->num_inputs--;
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_moving_final);
Datum
nkpi_life_table_moving_final(PG_FUNCTION_ARGS)
{
	moving_life_table *state = PG_ARGISNULL(0) ? NULL : (moving_life_table *) PG_GETARG_POINTER(0);

	(void) get_aggregate_context(fcinfo, LIFE_TABLE_NAME);
	if (state == NULL || state->num_inputs == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(store_life_table(&state->table));
}
