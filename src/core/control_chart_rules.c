/*
 * control_chart_rules.c
 *		Which rule flags a point.  The rules and where they come from are in the header.
 *
 * Each rule is a pass over the points, from the last in order to the first, so that the earlier one's label stays.
 */
#include "core/control_chart_rules.h"

#include <math.h>

#define RUN_LENGTH		7
#define TREND_LENGTH	7

/* Where a point lies; 0 where it is on the centre line or there is none. */
#define ABOVE_CENTRE	1
#define BELOW_CENTRE	2
#define SIDE			(ABOVE_CENTRE | BELOW_CENTRE)
#define OUTSIDE_LIMITS	4
#define NEAR_LIMITS		8

static unsigned char
position_of(const chart_phase *phase, const chart_point *point)
{
	chart_lines lines = comparable_lines(phase, point);
	double		value = comparable_value(phase, point);
	unsigned char position = 0;

	if (value > lines.centre)
		position = ABOVE_CENTRE;
	else if (value < lines.centre)
		position = BELOW_CENTRE;
	if (value > lines.upper_limit || value < lines.lower_limit)
		position |= OUTSIDE_LIMITS;
	if ((value > lines.upper_two_sigma || value < lines.lower_two_sigma) &&
		(phase->options.beyond_two_sigma || !(position & OUTSIDE_LIMITS)))
		position |= NEAR_LIMITS;
	return position;
}

static void
flag(chart_point *points, size_t count, control_chart_rule rule)
{
	for (size_t i = 0; i < count; i++)
		points[i].rule = (unsigned char) rule;
}

static void
flag_runs(chart_point *points, size_t num_points)
{
	size_t		length = 0;

	for (size_t i = 0; i < num_points; i++)
	{
		int			side = points[i].position & SIDE;

		if (side == 0)
			length = 0;
		else
			length = length > 0 && side == (points[i - 1].position & SIDE) ? length + 1 : 1;
		/* The seventh flags all of them, each further one itself. */
		if (length >= RUN_LENGTH)
			flag(length == RUN_LENGTH ? &points[i + 1 - length] : &points[i], length == RUN_LENGTH ? length : 1,
				 side == ABOVE_CENTRE ? RUN_ABOVE_CENTRE : RUN_BELOW_CENTRE);
	}
}

static void
flag_two_of_three(chart_point *points, size_t num_points)
{
	for (size_t i = 2; i < num_points; i++)
	{
		chart_point *three = &points[i - 2];
		int			side = three[0].position & three[1].position & three[2].position & SIDE;
		int			num_near = 0;

		for (int j = 0; j < 3; j++)
			num_near += (three[j].position & NEAR_LIMITS) != 0;
		if (side == 0 || num_near < 2)
			continue;
		for (int j = 0; j < 3; j++)
			if (three[j].position & NEAR_LIMITS)
				flag(&three[j], 1, side == ABOVE_CENTRE ? TWO_OF_THREE_NEAR_UPPER_LIMIT : TWO_OF_THREE_NEAR_LOWER_LIMIT);
	}
}

static void
flag_trends(chart_point *points, size_t num_points)
{
	size_t		length = 1;
	int			before = 0;

	for (size_t i = 1; i < num_points; i++)
	{
		int			step = (points[i].value > points[i - 1].value) - (points[i].value < points[i - 1].value);

		if (step == 0)
			length = 1;
		else
			length = step == before ? length + 1 : 2;
		before = step;
		if (length >= TREND_LENGTH)
			flag(length == TREND_LENGTH ? &points[i + 1 - length] : &points[i], length == TREND_LENGTH ? length : 1,
				 step > 0 ? INCREASING_TREND : DECREASING_TREND);
	}
}

void
apply_chart_rules(const chart_phase *phase, chart_point *points, size_t num_points, void (*check_for_interrupts) (void))
{
	check_for_interrupts();
	for (size_t i = 0; i < num_points; i++)
	{
		points[i].position = position_of(phase, &points[i]);
		points[i].rule = NO_RULE;
	}
	if (phase->options.kind != MOVING_RANGE_CHART)
	{
		check_for_interrupts();
		flag_runs(points, num_points);
		check_for_interrupts();
		if (phase->options.kind != G_CHART)
			flag_two_of_three(points, num_points);
		check_for_interrupts();
		flag_trends(points, num_points);
	}
	for (size_t i = 0; i < num_points; i++)
		if (points[i].position & OUTSIDE_LIMITS)
			flag(&points[i], 1, points[i].position & ABOVE_CENTRE ? ABOVE_UPPER_LIMIT : BELOW_LOWER_LIMIT);
}

chart_variation
rule_variation(control_chart_rule rule, improvement_direction direction)
{
	bool		is_high;

	if (rule == NO_RULE)
		return COMMON_CAUSE;
	if (direction == NEITHER_IS_IMPROVEMENT)
		return SPECIAL_CAUSE;
	is_high = rule == ABOVE_UPPER_LIMIT || rule == INCREASING_TREND || rule == TWO_OF_THREE_NEAR_UPPER_LIMIT || rule == RUN_ABOVE_CENTRE;
	return is_high == (direction == INCREASE_IS_IMPROVEMENT) ? IMPROVEMENT : CONCERN;
}

chart_assurance
target_assurance(double target, const chart_lines *lines, improvement_direction direction)
{
	if (isnan(target) || isnan(lines->lower_limit) || isnan(lines->upper_limit) || direction == NEITHER_IS_IMPROVEMENT)
		return NO_ASSURANCE;
	if (target > lines->upper_limit)
		return direction == INCREASE_IS_IMPROVEMENT ? CONSISTENTLY_FAILS : CONSISTENTLY_PASSES;
	if (target < lines->lower_limit)
		return direction == INCREASE_IS_IMPROVEMENT ? CONSISTENTLY_PASSES : CONSISTENTLY_FAILS;
	return INCONSISTENT;
}
