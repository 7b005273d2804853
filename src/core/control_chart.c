/*
 * control_chart.c
 *		The centre line and the limits of every chart.  The methods' sources are in the header.
 *
 * A few passes over the points of a phase; nothing is stored, but for the median of a g chart.
 */
#include "core/control_chart.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define RANGES_TO_LIMITS	2.66	/* three sigma in average moving ranges (Wheeler) */
#define RANGES_TO_SIGMA		1.128	/* the average range of two normal values, in sigma */
#define RANGE_LIMIT			3.267	/* the upper limit of moving ranges, in averages */
#define NELSON_POWER		3.6		/* a time to the power of 1 / 3.6 is nearly normal */

/* A sum that keeps what addition rounds off (A. Neumaier, 1974), so that 0.1, 0.2 and 0.3 have 0.2 as their mean. */
typedef struct exact_sum
{
	double		sum;
	double		lost;
} exact_sum;

static void
add(exact_sum *s, double x)
{
	double		sum = s->sum + x;

	s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - sum) + x : (x - sum) + s->sum;
	s->sum = sum;
}

static double
total(const exact_sum *s)
{
	return s->sum + s->lost;
}

/* What is beyond the range of numbers cannot be said. */
static double
finite_or_nan(double x)
{
	return isfinite(x) ? x : NAN;
}

static bool
is_prime(control_chart_kind kind)
{
	return kind == P_PRIME_CHART || kind == U_PRIME_CHART;
}

static bool
is_proportion(control_chart_kind kind)
{
	return kind == P_CHART || kind == P_PRIME_CHART;
}

static bool
is_rate(control_chart_kind kind)
{
	return kind == U_CHART || kind == U_PRIME_CHART;
}

chart_point
missing_chart_point(void)
{
	return (chart_point) {.value = NAN, .measured = NAN, .size = NAN};
}

chart_point
make_chart_point(const chart_options *options, double measured, double size)
{
	chart_point point = {.value = measured, .measured = measured, .size = size};

	if (size == 0)
		return missing_chart_point();
	if (is_proportion(options->kind) || is_rate(options->kind))
		point.value = measured / size * options->multiplier;
	else if (options->kind == T_CHART)
		point.measured = pow(measured, 1 / NELSON_POWER);
	if (!isfinite(point.value))
		return missing_chart_point();
	return point;
}

/* The first points are the baseline, but for those that are excluded.  A point without a value is not counted as one of them. */
static void
mark_baseline(const chart_options *options, chart_point *points, size_t num_points)
{
	size_t		count = 0;

	for (size_t i = 0; i < num_points; i++)
	{
		bool		is_first = options->baseline_points == 0 || count < options->baseline_points;

		points[i].in_baseline = is_first && !isnan(points[i].value) && !points[i].excluded;
		count += !isnan(points[i].value);
	}
}

/* Values become their distances from the value before.  Nothing stands where one of the two is missing. */
static void
make_moving_ranges(chart_point *points, size_t num_points)
{
	double		before = NAN;

	for (size_t i = 0; i < num_points; i++)
	{
		double		value = points[i].value;

		points[i].value = points[i].measured = finite_or_nan(fabs(value - before));
		if (isnan(points[i].value))
			points[i].in_baseline = false;
		before = value;
	}
}

/*
 * The mean of the baseline: of events over all that they were counted in.  No mean is outside the values, so rounding may not put it there:
 * else a series that never changes would lie on one side of its own centre.
 */
static double
mean_of_baseline(const chart_point *points, size_t num_points)
{
	exact_sum	sum = {0, 0};
	exact_sum	size = {0, 0};
	double		least = INFINITY;
	double		greatest = -INFINITY;
	double		mean;

	for (size_t i = 0; i < num_points; i++)
	{
		double		value;

		if (!points[i].in_baseline)
			continue;
		add(&sum, points[i].measured);
		add(&size, points[i].size);
		value = points[i].measured / points[i].size;
		least = fmin(least, value);
		greatest = fmax(greatest, value);
	}
	/* Nothing of nothing is not a number either. */
	mean = finite_or_nan(total(&sum) / total(&size));
	return isnan(mean) ? mean : fmin(fmax(mean, least), greatest);
}

/* A number's place in the order of all numbers, and back. */
static uint64_t
place_of(double number)
{
	uint64_t	bits;

	number += 0.0;				/* there is one zero */
	memcpy(&bits, &number, sizeof(bits));
	return bits >> 63 ? ~bits : bits | (uint64_t) 1 << 63;
}

static double
number_at(uint64_t place)
{
	uint64_t	bits = place >> 63 ? place ^ (uint64_t) 1 << 63 : ~place;
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/*
 * Halves the range of all numbers until the middle one is left: 64 passes whatever the numbers, between which it can be stopped.  (The C library's
 * sort cannot.)
 */
double
chart_median(const double *numbers, size_t count, void (*check_for_interrupts) (void))
{
	size_t		rank = (count + 1) / 2;
	uint64_t	first = 0;
	uint64_t	last = UINT64_MAX;
	size_t		num_up_to = 0;
	double		low;
	double		high = INFINITY;

	while (first < last)
	{
		uint64_t	middle = first + (last - first) / 2;
		size_t		num = 0;

		check_for_interrupts();
		for (size_t i = 0; i < count; i++)
			num += place_of(numbers[i]) <= middle;
		if (num >= rank)
			last = middle;
		else
			first = middle + 1;
	}
	low = number_at(first);

	/* Of an even number of them the next belongs to it too, unless it is the same. */
	for (size_t i = 0; i < count; i++)
	{
		num_up_to += numbers[i] <= low;
		if (numbers[i] > low)
			high = fmin(high, numbers[i]);
	}
	if (count % 2 == 1 || num_up_to > rank)
		high = low;
	return (isfinite(low + high) ? (low + high) / 2 : low / 2 + high / 2) + 0.0;
}

static double
median_of_baseline(const chart_point *points, size_t num_points, double *room, void (*check_for_interrupts) (void))
{
	size_t		count = 0;

	for (size_t i = 0; i < num_points; i++)
		if (points[i].in_baseline)
			room[count++] = points[i].measured;
	return count > 0 ? chart_median(room, count, check_for_interrupts) : NAN;
}

/* The standard error that sampling alone gives a point, on the scale of events over size. */
static double
sampling_error(const chart_phase *phase, const chart_point *point)
{
	double		mean = phase->mean;

	return sqrt((is_proportion(phase->options.kind) ? mean * (1 - mean) : mean) / point->size);
}

/* What moving ranges are of: Laney's charts standardise each point first. */
static double
ranged_value(const chart_phase *phase, const chart_point *point)
{
	if (is_prime(phase->options.kind))
		return (point->measured / point->size - phase->mean) / sampling_error(phase, point);
	return point->measured;
}

/*
 * The mean of the baseline's moving ranges, but for those that reach a limit, which NaN does away with.  An excluded point is passed over, so that its neighbours are a pair; where
 * a value is missing there is no pair.  NaN where there is no range.
 */
static double
mean_range_below(double limit, const chart_phase *phase, const chart_point *points, size_t num_points)
{
	exact_sum	sum = {0, 0};
	size_t		count = 0;
	double		before = NAN;

	for (size_t i = 0; i < num_points; i++)
	{
		double		value = NAN;
		double		range;

		if (points[i].in_baseline)
			value = ranged_value(phase, &points[i]);
		else if (!isnan(points[i].value))
			continue;
		range = fabs(value - before);
		if (!isnan(range) && !(range >= limit))
		{
			add(&sum, range);
			count++;
		}
		before = value;
	}
	return finite_or_nan(total(&sum) / (double) count);
}

static double
average_moving_range(const chart_phase *phase, const chart_point *points, size_t num_points)
{
	double		average = mean_range_below(NAN, phase, points, num_points);

	/* One pass, as Nelson has it.  Of ranges that are all 0 none is below the limit, and none is left. */
	if (phase->options.screen_moving_ranges)
		average = mean_range_below(RANGE_LIMIT * average, phase, points, num_points);
	return average;
}

chart_phase
measure_phase(const chart_options *options, chart_point *points, size_t num_points, double *room, void (*check_for_interrupts) (void))
{
	chart_phase phase = {.options = *options};

	check_for_interrupts();
	mark_baseline(options, points, num_points);
	if (options->kind == MOVING_RANGE_CHART)
		make_moving_ranges(points, num_points);
	for (size_t i = 0; i < num_points; i++)
		phase.num_points += !isnan(points[i].value);

	check_for_interrupts();
	phase.mean = phase.centre = mean_of_baseline(points, num_points);
	check_for_interrupts();
	switch (options->kind)
	{
		case XMR_CHART:
			phase.reach = RANGES_TO_LIMITS * average_moving_range(&phase, points, num_points);
			break;
		case T_CHART:
			phase.reach = 3 * (average_moving_range(&phase, points, num_points) / RANGES_TO_SIGMA);
			break;
		case MOVING_RANGE_CHART:
			phase.reach = NAN;	/* its limits do not lie about its mean */
			break;
		case C_CHART:
			phase.reach = 3 * sqrt(phase.mean);
			break;
		case P_CHART:
		case U_CHART:
			phase.reach = 3;
			break;
		case P_PRIME_CHART:
		case U_PRIME_CHART:
			/* By how much the points vary more than sampling explains.  Where sampling leaves nothing to vary, that does not matter. */
			if (phase.mean == 0 || (is_proportion(options->kind) && phase.mean == 1))
				phase.reach = 3;
			else
				phase.reach = 3 * (average_moving_range(&phase, points, num_points) / RANGES_TO_SIGMA);
			break;
		case G_CHART:
			/* Of a geometric distribution.  Most of it lies below its mean, so that runs are about the median. */
			phase.reach = 3 * sqrt(phase.mean * (phase.mean + 1));
			phase.centre = median_of_baseline(points, num_points, room, check_for_interrupts);
			break;
	}
	phase.reach = finite_or_nan(phase.reach);
	return phase;
}

/* Limits stop where values do.  What cannot be said stays so. */
static double
at_least(double x, double least)
{
	return x < least ? least : x;
}

static double
at_most(double x, double greatest)
{
	return x > greatest ? greatest : x;
}

chart_lines
comparable_lines(const chart_phase *phase, const chart_point *point)
{
	control_chart_kind kind = phase->options.kind;
	chart_lines lines = {phase->centre, NAN, NAN, NAN, NAN};
	double		reach = phase->reach;	/* three sigma */
	double		unit = 1;

	if (kind == MOVING_RANGE_CHART)
	{
		/* Ranges of two are far from normal: the upper limit is tabulated, two sigma mean nothing. */
		lines.lower_limit = phase->mean * 0;
		lines.upper_limit = phase->mean * RANGE_LIMIT;
		return lines;
	}
	if (is_proportion(kind) || is_rate(kind))
	{
		reach *= sampling_error(phase, point);
		unit = phase->options.multiplier;
	}
	lines.lower_limit = phase->mean - reach;
	lines.upper_limit = phase->mean + reach;
	lines.lower_two_sigma = phase->mean - reach * 2 / 3;
	lines.upper_two_sigma = phase->mean + reach * 2 / 3;
	if (kind != XMR_CHART)
	{
		lines.lower_limit = at_least(lines.lower_limit, 0);
		lines.lower_two_sigma = at_least(lines.lower_two_sigma, 0);
	}
	if (is_proportion(kind))
	{
		lines.upper_limit = at_most(lines.upper_limit, 1);
		lines.upper_two_sigma = at_most(lines.upper_two_sigma, 1);
	}
	if (unit != 1)
	{
		lines.centre *= unit;
		lines.lower_limit *= unit;
		lines.upper_limit *= unit;
		lines.lower_two_sigma *= unit;
		lines.upper_two_sigma *= unit;
	}
	return lines;
}

chart_lines
drawn_lines(const chart_phase *phase, const chart_point *point)
{
	chart_lines lines = comparable_lines(phase, point);

	if (phase->options.kind == T_CHART)
	{
		lines.centre = pow(lines.centre, NELSON_POWER);
		lines.lower_limit = pow(lines.lower_limit, NELSON_POWER);
		lines.upper_limit = pow(lines.upper_limit, NELSON_POWER);
		lines.lower_two_sigma = pow(lines.lower_two_sigma, NELSON_POWER);
		lines.upper_two_sigma = pow(lines.upper_two_sigma, NELSON_POWER);
	}
	return lines;
}
