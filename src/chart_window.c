/*
 * chart_window.c
 *		What the charts' window functions share: reading a phase of a series, keeping it, making rows.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "binding.h"
#include "chart_window.h"
#include "compat.h"
#include "composite.h"

/* ------------------------------------------------------------------ arguments */

/* An argument in a row of the partition; false where it is NULL or the function has none. */
static bool
get_argument(const chart_call *call, int argument, int64 row, Datum *value)
{
	bool		is_null;
	bool		is_out;

	*value = WinGetFuncArgInPartition(call->window, argument, (int) row, WINDOW_SEEK_HEAD, false, &is_null, &is_out);
	return !is_null && !is_out;
}

static bool
get_option(const chart_call *call, int argument, int64 row, Datum *value)
{
	return argument != 0 && get_argument(call, argument, row, value);
}

static void
check_count(int64 count, const char *what)
{
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of %s %lld is negative", what, (long long) count)));
}

void
check_chart_number(double number, const char *what)
{
	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g of a chart is not a finite number", what, number),
				 errhint("Use NULL for what is not known.")));
}

/* A row's point; none where an argument is NULL or there were no trials and no exposure. */
static chart_point
read_point(const chart_call *call, const chart_options *options, int64 row)
{
	double		measured;
	double		size = 1;
	Datum		first;
	Datum		second = (Datum) 0;

	if (!get_argument(call, 0, row, &first) || (call->arguments->size != 0 && !get_argument(call, call->arguments->size, row, &second)))
		return missing_chart_point();
	switch (options->kind)
	{
		case C_CHART:
			check_count(DatumGetInt64(first), "events");
			measured = (double) DatumGetInt64(first);
			break;
		case G_CHART:
			check_count(DatumGetInt64(first), "cases between two events");
			measured = (double) DatumGetInt64(first);
			break;
		case P_CHART:
		case P_PRIME_CHART:
			if (DatumGetInt64(first) < 0 || DatumGetInt64(first) > DatumGetInt64(second))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("%lld of %lld is not a proportion", (long long) DatumGetInt64(first), (long long) DatumGetInt64(second)),
						 errhint("The number of events lies between 0 and the number of trials.")));
			measured = (double) DatumGetInt64(first);
			size = (double) DatumGetInt64(second);
			break;
		case U_CHART:
		case U_PRIME_CHART:
			check_count(DatumGetInt64(first), "events");
			measured = (double) DatumGetInt64(first);
			size = DatumGetFloat8(second);
			if (!(size >= 0) || isinf(size))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("exposure %g is not a finite number from 0", size),
						 errhint("Exposure is what the events are counted over: people times years, for example.")));
			break;
		case T_CHART:
			measured = DatumGetFloat8(first);
			check_chart_number(measured, "time");
			if (measured < 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("time %g between two events is negative", measured),
						 errhint("Order the events by time before taking the time since the one before.")));
			break;
		default:
			measured = DatumGetFloat8(first);
			check_chart_number(measured, "value");
			break;
	}
	return make_chart_point(options, measured, size);
}

static bool
is_beyond_two_sigma(const char *name)
{
	if (strcmp(name, "beyond") == 0)
		return true;
	if (strcmp(name, "between") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("two_sigma_variant \"%s\" is not known", excerpt(name)),
				 errhint("The variants are \"between\" and \"beyond\".")));
	return false;
}

/* A parameter that is NULL has its default. */
static phase_settings
read_settings(const chart_call *call, int64 row)
{
	const chart_arguments *arguments = call->arguments;
	phase_settings settings = {.options = {.kind = arguments->kind, .multiplier = 1}, .centre = NAN};
	Datum		value;

	if (get_option(call, arguments->baseline_points, row, &value))
	{
		/* One point has no variation that limits could come from. */
		if (DatumGetInt32(value) < 2)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("baseline_points %d is less than 2", DatumGetInt32(value)),
					 errhint("Leave it out to work limits out from all points of a phase.")));
		settings.options.baseline_points = (size_t) DatumGetInt32(value);
	}
	if (get_option(call, arguments->variant, row, &value))
		settings.options.beyond_two_sigma = is_beyond_two_sigma(text_to_cstring(DatumGetTextPP(value)));
	if (get_option(call, arguments->screen, row, &value))
		settings.options.screen_moving_ranges = DatumGetBool(value);
	if (get_option(call, arguments->multiplier, row, &value))
	{
		settings.options.multiplier = DatumGetFloat8(value);
		if (!(settings.options.multiplier > 0) || isinf(settings.options.multiplier))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("multiplier %g is not a finite number above 0", settings.options.multiplier),
					 errhint("Write a rate per 100,000 with a multiplier of 100000.")));
	}
	if (get_option(call, arguments->centre, row, &value))
	{
		settings.centre = DatumGetFloat8(value);
		check_chart_number(settings.centre, "centre");
	}
	return settings;
}

static bool
are_same_settings(const phase_settings *a, const phase_settings *b)
{
	return a->options.baseline_points == b->options.baseline_points &&
		a->options.screen_moving_ranges == b->options.screen_moving_ranges &&
		a->options.beyond_two_sigma == b->options.beyond_two_sigma && a->options.multiplier == b->options.multiplier &&
		(a->centre == b->centre || (isnan(a->centre) && isnan(b->centre)));
}

static bool
are_same_phase(const text *a, const text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) && memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* ------------------------------------------------------------------ a phase */

/* Reads the rows from one on until the phase's name changes. */
static void
read_phase(const chart_call *call, int64 start)
{
	chart_partition *partition = call->partition;
	bool		has_phases = call->memory->varies[call->arguments->phase];
	text	   *name = NULL;
	MemoryContext old = CurrentMemoryContext;
	Datum		value;
	int64		row;

	partition->settings = read_settings(call, start);
	if (has_phases && get_argument(call, call->arguments->phase, start, &value))
		name = DatumGetTextPCopy(value);
	for (row = start; row < partition->num_rows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(call->memory->row_context);
		MemoryContextSwitchTo(call->memory->row_context);
		if (has_phases && row > start &&
			!are_same_phase(name, get_argument(call, call->arguments->phase, row, &value) ? DatumGetTextPP(value) : NULL))
			break;
		if (call->memory->settings_vary)
		{
			phase_settings settings = read_settings(call, row);

			if (!are_same_settings(&settings, &partition->settings))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("parameters of a chart change within a phase"),
						 errhint("Only target, improvement_direction and excluded may differ from row to row.")));
		}
		partition->points[row] = read_point(call, &partition->settings.options, row);
		partition->points[row].excluded = get_option(call, call->arguments->excluded, row, &value) && DatumGetBool(value);
	}
	MemoryContextSwitchTo(old);
	partition->phase_start = start;
	partition->phase_end = row;
}

chart_point *
get_phase_points(const chart_call *call, size_t *num_points)
{
	*num_points = (size_t) (call->partition->phase_end - call->partition->phase_start);
	return &call->partition->points[call->partition->phase_start];
}

double *
allocate_for_phase(const chart_call *call)
{
	return MemoryContextAllocHuge(CurrentMemoryContext,
								  (Size) (call->partition->phase_end - call->partition->phase_start) * sizeof(double));
}

/* ------------------------------------------------------------------ a row */

static chart_memory *
remember(FunctionCallInfo fcinfo, const chart_function *function)
{
	const int	settings[] = {
		function->arguments.baseline_points, function->arguments.variant, function->arguments.screen,
		function->arguments.multiplier, function->arguments.centre
	};
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	MemoryContext old = MemoryContextSwitchTo(context);
	chart_memory *memory = palloc0(sizeof(chart_memory));

	memory->descriptor = describe_composite(fcinfo);
	memory->row_context = AllocSetContextCreate(context, "row of a chart", ALLOCSET_SMALL_SIZES);
	/* The first argument always varies, but is no setting; 0 is for a setting that the function does not have. */
	for (int i = 1; i < Min(PG_NARGS(), CHART_MAX_ARGUMENTS); i++)
		memory->varies[i] = !get_fn_expr_arg_stable(fcinfo->flinfo, i);
	for (size_t i = 0; i < lengthof(settings); i++)
		memory->settings_vary |= memory->varies[settings[i]];
	for (int i = 0; i < CHART_MAX_VOCABULARIES; i++)
	{
		const chart_words *vocabulary = &function->vocabularies[i];

		for (int j = 0; j < vocabulary->count; j++)
			if (vocabulary->words[j] != NULL)
				memory->words[i][j] = CStringGetTextDatum(vocabulary->words[j]);
	}
	MemoryContextSwitchTo(old);
	return memory;
}

const chart_point *
find_chart_point(FunctionCallInfo fcinfo, const chart_function *function, chart_call *call)
{
	int64		row;
	int64		num_rows;

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = remember(fcinfo, function);
	*call = (chart_call) {.window = PG_WINDOW_OBJECT(), .arguments = &function->arguments, .memory = fcinfo->flinfo->fn_extra};
	num_rows = WinGetPartitionRowCount(call->window);
	if ((Size) num_rows > (MaxAllocSize - offsetof(chart_partition, points)) / sizeof(chart_point))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("series of %lld rows is too long for a chart", (long long) num_rows)));
	call->partition = WinGetPartitionLocalMemory(call->window, offsetof(chart_partition, points) + (Size) num_rows * sizeof(chart_point));
	call->partition->num_rows = num_rows;
	row = WinGetCurrentPosition(call->window);
	if (row >= call->partition->phase_end)
	{
		read_phase(call, row);
		function->judge(call);
	}
	return &call->partition->points[row];
}

void
set_chart_number(double number, Datum *value, bool *is_null)
{
	*value = Float8GetDatum(number);
	*is_null = !isfinite(number);
}

void
set_chart_word(const chart_call *call, int vocabulary, int word, Datum *value, bool *is_null)
{
	*value = call->memory->words[vocabulary][word];
	*is_null = *value == (Datum) 0;
}

Datum
make_chart_row(const chart_call *call, Datum *values, bool *nulls)
{
	return HeapTupleGetDatum(heap_form_tuple(call->memory->descriptor, values, nulls));
}
