/*
 * funnel_plot.c
 *		The window functions funnel_plot_proportion(), funnel_plot_rate() and funnel_plot_ratio().
 *
 * The first row of a partition reads it all, whatever the frame, and keeps what the units say together; each row then finds its own
 * limits.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "windowapi.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "core/funnel_plot.h"
#include "estimate.h"

/* Where each function has its arguments; 0 where it does not. */
typedef struct argument_places
{
	funnel_plot_kind kind;
	int			inner_confidence;	/* the outer one follows, then dispersion and target */
	int			multiplier;
	int			limits;
	int			centre;
} argument_places;

/* What a partition's rows share. */
typedef struct partition_plot
{
	bool		is_read;
	bool		is_null;		/* an argument that says what to do is */
	double		multiplier;
	double		target;			/* as it was given, if it was */
	bool		has_target;
	funnel_plot plot;
} partition_plot;

/* Gets a unit of a row: false where there is nothing to say of it. */
static bool
get_unit(WindowObject window, const argument_places *places, int64 row, funnel_plot_unit *unit)
{
	bool		nulls[2];
	bool		is_out;
	Datum		events = WinGetFuncArgInPartition(window, 0, (int) row, WINDOW_SEEK_HEAD, false, &nulls[0], &is_out);
	Datum		size = WinGetFuncArgInPartition(window, 1, (int) row, WINDOW_SEEK_HEAD, false, &nulls[1], &is_out);

	if (nulls[0] || nulls[1])
		return false;
	unit->events = DatumGetInt64(events);
	if (places->kind == FUNNEL_PLOT_PROPORTION)
	{
		int64		trials = DatumGetInt64(size);

		if (unit->events < 0 || trials < 0 || unit->events > trials)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%lld of %lld is not a proportion", (long long) unit->events, (long long) trials),
					 errhint("The number of events lies between 0 and the number of trials.")));
		unit->size = (double) trials;
	}
	else
	{
		unit->size = DatumGetFloat8(size);
		if (unit->events < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("number of events %lld is negative", (long long) unit->events)));
		if (!(unit->size >= 0) || isinf(unit->size))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s %g is not a finite number from 0", places->multiplier > 0 ? "exposure" : "expected number of events",
							unit->size)));
	}
	return unit->size > 0 && isfinite((double) unit->events / unit->size);
}

/* An argument that is the same for the whole partition, from its first row; others are looked at where they may differ. */
static Datum
get_shared_argument(FunctionCallInfo fcinfo, int argument, int64 num_rows, bool *is_null)
{
	WindowObject window = PG_WINDOW_OBJECT();
	bool		is_text = get_fn_expr_argtype(fcinfo->flinfo, argument) == TEXTOID;
	bool		is_out;
	Datum		first = WinGetFuncArgInPartition(window, argument, 0, WINDOW_SEEK_HEAD, false, is_null, &is_out);

	if (get_fn_expr_arg_stable(fcinfo->flinfo, argument))
		return first;
	/* Reading another row may free what this one has. */
	if (is_text && !*is_null)
		first = PointerGetDatum(PG_DETOAST_DATUM_COPY(first));
	for (int64 row = 1; row < num_rows; row++)
	{
		bool		other_is_null;
		Datum		other = WinGetFuncArgInPartition(window, argument, (int) row, WINDOW_SEEK_HEAD, false, &other_is_null, &is_out);
		bool		same = *is_null == other_is_null;

		CHECK_FOR_INTERRUPTS();
		if (same && !other_is_null)
			same = is_text ? DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID, first, other)) :
				DatumGetFloat8(first) == DatumGetFloat8(other);
		if (!same)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument %d of a funnel plot differs between rows of one partition", argument + 1),
					 errhint("Confidence, dispersion, target and the like are of the whole plot: name them in PARTITION BY.")));
	}
	return first;
}

static funnel_plot_dispersion
get_dispersion(text *name)
{
	static const char *const names[] = {"none", "multiplicative", "additive"};
	char	   *given = text_to_cstring(name);

	for (int i = DISPERSION_NONE; i <= DISPERSION_ADDITIVE; i++)
	{
		if (strcmp(given, names[i]) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("dispersion \"%s\" is not known", excerpt(given)),
			 errhint("It is \"none\", \"multiplicative\" or \"additive\".")));
}

static bool
get_score(text *name)
{
	char	   *given = text_to_cstring(name);

	if (strcmp(given, "exact") != 0 && strcmp(given, "score") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kind of limits \"%s\" is not known", excerpt(given)),
				 errhint("It is \"exact\" or \"score\".")));
	return given[0] == 's';
}

/* Whether the centre is that of the others. */
static bool
get_of_others(text *name)
{
	char	   *given = text_to_cstring(name);

	if (strcmp(given, "all") != 0 && strcmp(given, "others") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("centre \"%s\" is not known", excerpt(given)),
				 errhint("It is \"all\" or \"others\".")));
	return given[0] == 'o';
}

/* What the plot is to be; false where an argument that says so is NULL. */
static bool
get_plot(FunctionCallInfo fcinfo, const argument_places *places, int64 num_rows, partition_plot *partition)
{
	funnel_plot *plot = &partition->plot;
	Datum		shared[FUNC_MAX_ARGS];
	bool		nulls[FUNC_MAX_ARGS] = {false};
	int			target = places->inner_confidence + 3;

	for (int i = 2; i < PG_NARGS(); i++)
		shared[i] = get_shared_argument(fcinfo, i, num_rows, &nulls[i]);
	for (int i = 2; i < PG_NARGS(); i++)
	{
		if (nulls[i] && i != target)
			return false;
	}
	plot->kind = places->kind;
	for (int i = INNER; i <= OUTER; i++)
	{
		plot->confidence[i] = DatumGetFloat8(shared[places->inner_confidence + i]);
		check_confidence(plot->confidence[i]);
	}
	if (plot->confidence[INNER] >= plot->confidence[OUTER])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("inner confidence %g is not below outer confidence %g", plot->confidence[INNER], plot->confidence[OUTER])));
	plot->dispersion = get_dispersion(DatumGetTextPP(shared[places->inner_confidence + 2]));
	partition->multiplier = places->multiplier > 0 ? DatumGetFloat8(shared[places->multiplier]) : 1;
	if (!(partition->multiplier > 0) || isinf(partition->multiplier))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("multiplier %g is not a finite number above 0", partition->multiplier),
				 errhint("Write a rate per 100,000 with a multiplier of 100000.")));
	if (!nulls[target])
	{
		double		given = DatumGetFloat8(shared[target]);

		partition->target = given;
		partition->has_target = plot->has_centre = true;
		plot->centre = given / partition->multiplier;
		if (!(plot->centre >= 0) || isinf(plot->centre) || (plot->kind == FUNNEL_PLOT_PROPORTION && plot->centre > 1))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("target %g is not a %s", given, plot->kind == FUNNEL_PLOT_PROPORTION ? "proportion" : "finite number from 0"),
					 errhint("Give it as the values are; NULL takes that of all units together.")));
	}
	if (places->limits > 0)
		plot->score = get_score(DatumGetTextPP(shared[places->limits]));
	plot->of_others = get_of_others(DatumGetTextPP(shared[places->centre]));
	if (plot->of_others && partition->has_target)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel plot about a target has no centre of the others"),
				 errhint("Give one of target and centre.")));
	if (plot->score && plot->dispersion != DISPERSION_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("score limits do not allow for dispersion"),
				 errhint("Leave limits out where dispersion is given.")));
	return true;
}

static void
read_partition(FunctionCallInfo fcinfo, const argument_places *places, partition_plot *partition)
{
	WindowObject window = PG_WINDOW_OBJECT();
	int64		num_rows = WinGetPartitionRowCount(window);
	size_t		num_units = 0;
	funnel_plot_unit *units;
	double	   *scratch;

	/* A row is found by an int. */
	if (num_rows > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("funnel plot of more than %d units", PG_INT32_MAX)));
	partition->is_read = true;
	partition->is_null = !get_plot(fcinfo, places, num_rows, partition);
	if (partition->is_null)
		return;
	units = MemoryContextAllocHuge(CurrentMemoryContext, num_rows * sizeof(funnel_plot_unit));
	for (int64 row = 0; row < num_rows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (get_unit(window, places, row, &units[num_units]))
			num_units++;
	}
	scratch = MemoryContextAllocHuge(CurrentMemoryContext, Max(num_units, 1) * sizeof(double));
	if (!funnel_plot_read(&partition->plot, units, num_units, scratch, check_for_interrupts))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the events of all units are more than a bigint holds")));
	pfree(scratch);
	pfree(units);
}

/* A finite number, NULL where it is not. */
static void
put_number(Datum *value, bool *is_null, double number, bool has_number)
{
	*is_null = !has_number || !isfinite(number);
	*value = Float8GetDatum(*is_null ? 0 : number);
}

static Datum
place_row(FunctionCallInfo fcinfo, const argument_places *places)
{
	static const char *const verdicts[] = {
		"below outer limit", "below inner limit", "within limits", "above inner limit", "above outer limit"
	};
	WindowObject window = PG_WINDOW_OBJECT();
	partition_plot *partition = WinGetPartitionLocalMemory(window, sizeof(partition_plot));
	const funnel_plot *plot = &partition->plot;
	funnel_plot_unit unit;
	funnel_plot_point point;
	double		multiplier;
	Datum		values[11];
	bool		nulls[11];

	if (!partition->is_read)
		read_partition(fcinfo, places, partition);
	if (partition->is_null || !get_unit(window, places, WinGetCurrentPosition(window), &unit) || !plot->has_centre)
		PG_RETURN_NULL();
	multiplier = partition->multiplier;
	point = funnel_plot_place(plot, unit);
	put_number(&values[0], &nulls[0], point.value * multiplier, true);
	put_number(&values[1], &nulls[1], partition->has_target ? partition->target : point.centre * multiplier, point.has_centre);
	for (int i = INNER; i <= OUTER; i++)
	{
		put_number(&values[2 + 2 * i], &nulls[2 + 2 * i], point.lower[i] * multiplier, point.has_limits);
		put_number(&values[3 + 2 * i], &nulls[3 + 2 * i], point.upper[i] * multiplier, point.has_limits);
	}
	put_number(&values[6], &nulls[6], point.z, point.has_limits);
	put_number(&values[7], &nulls[7], point.p_value, point.has_limits);
	put_number(&values[8], &nulls[8], plot->dispersion_ratio, plot->has_dispersion_ratio);
	put_number(&values[9], &nulls[9], plot->between_variance, plot->has_between_variance);
	nulls[10] = !point.has_limits;
	values[10] = nulls[10] ? (Datum) 0 : CStringGetTextDatum(verdicts[point.verdict]);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_plot_proportion);
Datum
nkpi_funnel_plot_proportion(PG_FUNCTION_ARGS)
{
	static const argument_places places = {.kind = FUNNEL_PLOT_PROPORTION, .inner_confidence = 2, .limits = 6, .centre = 7};

	return place_row(fcinfo, &places);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_plot_rate);
Datum
nkpi_funnel_plot_rate(PG_FUNCTION_ARGS)
{
	static const argument_places places = {.kind = FUNNEL_PLOT_RATIO, .inner_confidence = 3, .multiplier = 2, .centre = 7};

	return place_row(fcinfo, &places);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_plot_ratio);
Datum
nkpi_funnel_plot_ratio(PG_FUNCTION_ARGS)
{
	static const argument_places places = {.kind = FUNNEL_PLOT_RATIO, .inner_confidence = 2, .centre = 6};

	return place_row(fcinfo, &places);
}
