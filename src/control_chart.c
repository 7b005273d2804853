/*
 * control_chart.c
 *		The window functions xmr_chart(), c_chart() and the other control charts.
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"

#include "binding.h"
#include "chart_window.h"
#include "compat.h"
#include "core/control_chart_rules.h"

/* The words of the results, in the order of their enumerations. */
static const char *const rule_names[NUM_CONTROL_CHART_RULES] = {
	NULL, "above upper limit", "below lower limit", "increasing trend", "decreasing trend",
	"two of three near upper limit", "two of three near lower limit", "run above centre", "run below centre"
};
static const char *const variation_names[NUM_CHART_VARIATIONS] = {"common cause", "improvement", "concern", "special cause"};
static const char *const assurance_names[NUM_CHART_ASSURANCES] = {NULL, "consistently passes", "consistently fails", "inconsistent"};

enum
{
	RULE_WORDS,
	VARIATION_WORDS,
	ASSURANCE_WORDS
};

StaticAssertDecl(NUM_CONTROL_CHART_RULES <= CHART_MAX_WORDS, "there is room for the words");

static improvement_direction
get_direction(const char *name)
{
	if (strcmp(name, "increase") == 0)
		return INCREASE_IS_IMPROVEMENT;
	if (strcmp(name, "decrease") == 0)
		return DECREASE_IS_IMPROVEMENT;
	if (strcmp(name, "neutral") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("improvement_direction \"%s\" is not known", excerpt(name)),
				 errhint("The directions are \"increase\", \"decrease\" and \"neutral\".")));
	return NEITHER_IS_IMPROVEMENT;
}

static void
judge_phase(const chart_call *call)
{
	chart_partition *partition = call->partition;
	size_t		num_points;
	chart_point *points = get_phase_points(call, &num_points);
	double	   *room = call->arguments->kind == G_CHART ? allocate_for_phase(call) : NULL;

	partition->phase = measure_phase(&partition->settings.options, points, num_points, room, check_for_interrupts);
	apply_chart_rules(&partition->phase, points, num_points, check_for_interrupts);
	if (room != NULL)
		pfree(room);
}

static Datum
control_chart_row(FunctionCallInfo fcinfo, const chart_function *function)
{
	chart_call	call;
	const chart_point *point = find_chart_point(fcinfo, function, &call);
	const chart_arguments *arguments = call.arguments;
	chart_lines lines;
	improvement_direction direction = NEITHER_IS_IMPROVEMENT;
	double		target = NAN;
	Datum		argument;
	Datum		values[10];
	bool		nulls[10] = {false};
	bool		is_null;

	/* Checked in rows without a point too. */
	if (arguments->direction != 0)
	{
		argument = WinGetFuncArgCurrent(call.window, arguments->direction, &is_null);
		if (!is_null)
			direction = get_direction(text_to_cstring(DatumGetTextPP(argument)));
		argument = WinGetFuncArgCurrent(call.window, arguments->target, &is_null);
		if (!is_null)
		{
			target = DatumGetFloat8(argument);
			check_chart_number(target, "target");
		}
	}
	if (isnan(point->value))
		PG_RETURN_NULL();

	lines = drawn_lines(&call.partition->phase, point);
	set_chart_number(point->value, &values[0], &nulls[0]);
	set_chart_number(lines.centre, &values[1], &nulls[1]);
	set_chart_number(lines.lower_limit, &values[2], &nulls[2]);
	set_chart_number(lines.upper_limit, &values[3], &nulls[3]);
	set_chart_number(lines.lower_two_sigma, &values[4], &nulls[4]);
	set_chart_number(lines.upper_two_sigma, &values[5], &nulls[5]);
	set_chart_word(&call, RULE_WORDS, point->rule, &values[6], &nulls[6]);
	set_chart_word(&call, VARIATION_WORDS, rule_variation(point->rule, direction), &values[7], &nulls[7]);
	set_chart_word(&call, ASSURANCE_WORDS, target_assurance(target, &lines, direction), &values[8], &nulls[8]);
	values[9] = Int64GetDatum((int64) call.partition->phase.num_points);
	return make_chart_row(&call, values, nulls);
}

/* ------------------------------------------------------------------ the functions */

/* The arguments that most charts share, from the first of them on. */
#define COMMON_ARGUMENTS(first) \
	.baseline_points = (first), .phase = (first) + 1, .excluded = (first) + 2, .target = (first) + 3, \
	.direction = (first) + 4

#define CONTROL_CHART(...) { \
	.arguments = {__VA_ARGS__}, \
	.judge = judge_phase, \
	.vocabularies = { \
		{rule_names, lengthof(rule_names)}, {variation_names, lengthof(variation_names)}, {assurance_names, lengthof(assurance_names)} \
	} \
}

static const chart_function xmr = CONTROL_CHART(XMR_CHART, COMMON_ARGUMENTS(1), .variant = 6, .screen = 7);
static const chart_function moving_range = CONTROL_CHART(MOVING_RANGE_CHART, .baseline_points = 1, .phase = 2);
static const chart_function c = CONTROL_CHART(C_CHART, COMMON_ARGUMENTS(1), .variant = 6);
static const chart_function p = CONTROL_CHART(P_CHART, .size = 1, COMMON_ARGUMENTS(2), .variant = 7);
static const chart_function p_prime = CONTROL_CHART(P_PRIME_CHART, .size = 1, COMMON_ARGUMENTS(2), .variant = 7, .screen = 8);
static const chart_function u = CONTROL_CHART(U_CHART, .size = 1, COMMON_ARGUMENTS(2), .variant = 7, .multiplier = 8);
static const chart_function u_prime = CONTROL_CHART(U_PRIME_CHART, .size = 1, COMMON_ARGUMENTS(2), .variant = 7, .screen = 8, .multiplier = 9);
static const chart_function g = CONTROL_CHART(G_CHART, COMMON_ARGUMENTS(1));
static const chart_function t = CONTROL_CHART(T_CHART, COMMON_ARGUMENTS(1), .variant = 6, .screen = 7);

PG_FUNCTION_INFO_V1(nkpi_xmr_chart);
Datum
nkpi_xmr_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &xmr);
}

PG_FUNCTION_INFO_V1(nkpi_moving_range_chart);
Datum
nkpi_moving_range_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &moving_range);
}

PG_FUNCTION_INFO_V1(nkpi_c_chart);
Datum
nkpi_c_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &c);
}

PG_FUNCTION_INFO_V1(nkpi_p_chart);
Datum
nkpi_p_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &p);
}

PG_FUNCTION_INFO_V1(nkpi_p_prime_chart);
Datum
nkpi_p_prime_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &p_prime);
}

PG_FUNCTION_INFO_V1(nkpi_u_chart);
Datum
nkpi_u_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &u);
}

PG_FUNCTION_INFO_V1(nkpi_u_prime_chart);
Datum
nkpi_u_prime_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &u_prime);
}

PG_FUNCTION_INFO_V1(nkpi_g_chart);
Datum
nkpi_g_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &g);
}

PG_FUNCTION_INFO_V1(nkpi_t_chart);
Datum
nkpi_t_chart(PG_FUNCTION_ARGS)
{
	return control_chart_row(fcinfo, &t);
}
