/*
 * test_control_chart.c
 *		Control charts and run charts: limits worked out by hand, rules against every window looked at by itself, and what must hold of any
 *		series.  Figures made with R are compared in test/pgtap/control_chart.sql.
 */
#include "core/control_chart.h"

#include <float.h>
#include <math.h>

#include "core/control_chart_rules.h"
#include "core/run_chart.h"
#include "tap.h"

#define MAX_POINTS	60
#define NUM_KINDS	(T_CHART + 1)

static chart_point points[MAX_POINTS];
static double room[MAX_POINTS];

static bool
is_close(double have, double want)
{
	if ((isnan(have) && isnan(want)) || fabs(have - want) <= 1e-12 * fabs(want))
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

static int	interrupt_checks = 0;

static void
check_for_interrupts(void)
{
	interrupt_checks++;
}

/* A phase of values, or of events over sizes. */
static chart_phase
chart(const chart_options *options, const double *measured, const double *sizes, size_t count)
{
	chart_phase phase;

	for (size_t i = 0; i < count; i++)
		points[i] = isnan(measured[i]) ? missing_chart_point() : make_chart_point(options, measured[i], sizes != NULL ? sizes[i] : 1);
	phase = measure_phase(options, points, count, room, check_for_interrupts);
	apply_chart_rules(&phase, points, count, check_for_interrupts);
	return phase;
}

static bool
has_lines(const chart_phase *phase, const chart_point *point, double centre, double lower, double upper, double lower_two, double upper_two)
{
	chart_lines lines = drawn_lines(phase, point);

	return is_close(lines.centre, centre) && is_close(lines.lower_limit, lower) && is_close(lines.upper_limit, upper) &&
		is_close(lines.lower_two_sigma, lower_two) && is_close(lines.upper_two_sigma, upper_two);
}

/* Small series whose limits can be worked out on paper. */
static void
check_by_hand(void)
{
	static const double four[] = {2, 4, 3, 7};
	static const double with_hole[] = {2, 4, NAN, 7};
	static const double counts[] = {4, 16, 9, 7};
	static const double events[] = {2, 0, 3, 5};
	static const double trials[] = {10, 0, 20, 10};
	static const double exposure[] = {0.5, 0, 4, 0.5};
	static const double jumpy[] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 30};
	chart_options options = {.kind = XMR_CHART, .multiplier = 1};
	chart_phase phase = chart(&options, four, NULL, 4);

	/* Mean 4, ranges 2, 1 and 4. */
	ok(has_lines(&phase, &points[0], 4, 4 - 2.66 * 7 / 3, 4 + 2.66 * 7 / 3, 4 - 2.66 * 14 / 9, 4 + 2.66 * 14 / 9) && phase.num_points == 4, "XmR");
	phase = chart(&options, with_hole, NULL, 4);
	ok(has_lines(&phase, &points[0], 13.0 / 3, 13.0 / 3 - 5.32, 13.0 / 3 + 5.32, 13.0 / 3 - 10.64 / 3, 13.0 / 3 + 10.64 / 3) && phase.num_points == 3, "no range spans a hole");

	for (size_t i = 0; i < 4; i++)
		points[i] = make_chart_point(&options, four[i], 1);
	points[2].excluded = true;
	phase = measure_phase(&options, points, 4, NULL, check_for_interrupts);
	ok(has_lines(&phase, &points[2], 13.0 / 3, 13.0 / 3 - 6.65, 13.0 / 3 + 6.65, 13.0 / 3 - 13.3 / 3, 13.0 / 3 + 13.3 / 3) && phase.num_points == 4, "what is excluded is passed over");

	options.baseline_points = 2;
	phase = chart(&options, four, NULL, 4);
	ok(has_lines(&phase, &points[3], 3, 3 - 5.32, 3 + 5.32, 3 - 10.64 / 3, 3 + 10.64 / 3), "a baseline of two");
	phase = chart(&options, with_hole + 1, NULL, 3);
	ok(has_lines(&phase, &points[0], 5.5, NAN, NAN, NAN, NAN) && phase.num_points == 2, "a hole is not one of them, and between them there is no range");
	options.baseline_points = 0;

	/* Nine ranges, eight of 1 and one of 29, above 3.267 times their mean of 37 / 9. */
	options.screen_moving_ranges = true;
	phase = chart(&options, jumpy, NULL, 10);
	ok(has_lines(&phase, &points[0], 4.3, 4.3 - 2.66, 4.3 + 2.66, 4.3 - 5.32 / 3, 4.3 + 5.32 / 3), "screened");
	options.screen_moving_ranges = false;

	options.kind = MOVING_RANGE_CHART;
	phase = chart(&options, four, NULL, 4);
	ok(isnan(points[0].value) && points[3].value == 4 && phase.num_points == 3 && has_lines(&phase, &points[1], 7.0 / 3, 0, 7.623, NAN, NAN), "moving ranges");

	options.kind = C_CHART;
	phase = chart(&options, counts, NULL, 4);
	ok(has_lines(&phase, &points[0], 9, 0, 18, 3, 15), "c");

	/* 10 of 40, so that p (1 - p) is 3 / 16. */
	options.kind = P_CHART;
	phase = chart(&options, events, trials, 4);
	ok(isnan(points[1].value) && phase.num_points == 3 &&
	   has_lines(&phase, &points[2], 0.25, 0, 0.25 + 3 * sqrt(0.1875 / 20), 0.25 - 2 * sqrt(0.1875 / 20), 0.25 + 2 * sqrt(0.1875 / 20)), "p");

	/* 10 in 5. */
	options.kind = U_CHART;
	options.multiplier = 1000;
	phase = chart(&options, events, exposure, 4);
	ok(isnan(points[1].value) && points[0].value == 4000 && has_lines(&phase, &points[2], 2000, 0, 2000 + 3000 * sqrt(0.5), 2000 - 2000 * sqrt(0.5), 2000 + 2000 * sqrt(0.5)), "u");
	options.multiplier = 1;

	options.kind = G_CHART;
	phase = chart(&options, counts, NULL, 4);
	ok(has_lines(&phase, &points[0], 8, 0, 9 + 3 * sqrt(90), 0, 9 + 2 * sqrt(90)), "g: limits about the mean, the median in the centre");

	/* Powers of 3.6 of 1, 2 and 3, whose ranges are 1. */
	options.kind = T_CHART;
	phase = chart(&options, (double[]) {1, pow(2, 3.6), pow(3, 3.6)}, NULL, 3);
	ok(has_lines(&phase, &points[0], pow(2, 3.6), 0, pow(2 + 3 / 1.128, 3.6), pow(2 - 2 / 1.128, 3.6), pow(2 + 2 / 1.128, 3.6)), "t");

	/* Shares of 0.3 and 0.5 of as many: their distance of 0.2 is what the limits are made of, whatever the number. */
	options.kind = P_PRIME_CHART;
	phase = chart(&options, (double[]) {750, 1250}, (double[]) {2500, 2500}, 2);
	ok(has_lines(&phase, &points[0], 0.4, 0, 0.4 + 0.6 / 1.128, 0.4 - 0.4 / 1.128, 0.4 + 0.4 / 1.128), "p'");
}

/* The rule of each point by the header's words: every window by itself, the first rule that applies. */
static control_chart_rule
rule_by_windows(const chart_phase *phase, size_t count, size_t at)
{
	const chart_point *p = points;
	chart_lines lines = comparable_lines(phase, &p[at]);
	double		value = comparable_value(phase, &p[at]);
	control_chart_rule rule = NO_RULE;

	if (value > lines.upper_limit)
		return ABOVE_UPPER_LIMIT;
	if (value < lines.lower_limit)
		return BELOW_LOWER_LIMIT;
	if (phase->options.kind == MOVING_RANGE_CHART)
		return NO_RULE;
	for (size_t start = at < 6 ? 0 : at - 6; start <= at && start + 7 <= count; start++)
	{
		bool		up = true;
		bool		down = true;

		for (size_t i = start; i < start + 6; i++)
		{
			up = up && p[i + 1].value > p[i].value;
			down = down && p[i + 1].value < p[i].value;
		}
		if (up || down)
			rule = up ? INCREASING_TREND : DECREASING_TREND;
	}
	if (rule != NO_RULE)
		return rule;
	for (size_t start = at < 2 ? 0 : at - 2; phase->options.kind != G_CHART && start <= at && start + 3 <= count; start++)
	{
		int			above = 0;
		int			below = 0;
		int			near_limit = 0;
		bool		is_near = false;

		for (size_t i = start; i < start + 3; i++)
		{
			chart_lines l = comparable_lines(phase, &p[i]);
			double		v = comparable_value(phase, &p[i]);
			bool		is_outside = v > l.upper_limit || v < l.lower_limit;
			bool		here = (v > l.upper_two_sigma || v < l.lower_two_sigma) && (phase->options.beyond_two_sigma || !is_outside);

			above += v > l.centre;
			below += v < l.centre;
			near_limit += here;
			if (i == at)
				is_near = here;
		}
		if (is_near && near_limit >= 2 && (above == 3 || below == 3))
			return above == 3 ? TWO_OF_THREE_NEAR_UPPER_LIMIT : TWO_OF_THREE_NEAR_LOWER_LIMIT;
	}
	for (size_t start = at < 6 ? 0 : at - 6; start <= at && start + 7 <= count; start++)
	{
		int			above = 0;
		int			below = 0;

		for (size_t i = start; i < start + 7; i++)
		{
			chart_lines l = comparable_lines(phase, &p[i]);

			above += comparable_value(phase, &p[i]) > l.centre;
			below += comparable_value(phase, &p[i]) < l.centre;
		}
		if (above == 7 || below == 7)
			return above == 7 ? RUN_ABOVE_CENTRE : RUN_BELOW_CENTRE;
	}
	return NO_RULE;
}

/* Random series of every kind, with ties, holes, baselines, trends and steps. */
static void
check_rules(void)
{
	int			flagged[NUM_CONTROL_CHART_RULES] = {0};
	int			wrong = 0;
	int			disordered = 0;

	for (int round = 0; round < 40000; round++)
	{
		double		measured[MAX_POINTS];
		double		sizes[MAX_POINTS];
		size_t		count = tap_random(MAX_POINTS);
		int			spread = 1 + (int) tap_random(20);
		int			drift = (int) tap_random(3);
		chart_options options = {
			.kind = (control_chart_kind) tap_random(NUM_KINDS), .baseline_points = tap_random(3) == 0 ? 2 + tap_random(20) : 0,
			.screen_moving_ranges = tap_random(2) == 0, .multiplier = 1, .beyond_two_sigma = tap_random(2) == 0
		};
		chart_phase phase;

		for (size_t i = 0; i < count; i++)
		{
			measured[i] = (double) (tap_random((unsigned int) spread) + (unsigned int) (drift * (int) (i % 17)));
			sizes[i] = measured[i] + tap_random(40);
			if (tap_random(25) == 0)
				measured[i] = NAN;
		}
		phase = chart(&options, measured, options.kind >= P_CHART && options.kind <= U_PRIME_CHART ? sizes : NULL, count);
		for (size_t i = 0; i < count; i++)
		{
			chart_lines lines = drawn_lines(&phase, &points[i]);

			if (points[i].rule != rule_by_windows(&phase, count, i))
				wrong++;
			flagged[points[i].rule]++;
			if (lines.lower_limit > lines.lower_two_sigma || lines.lower_two_sigma > lines.upper_two_sigma || lines.upper_two_sigma > lines.upper_limit ||
				(options.kind != XMR_CHART && lines.lower_limit < 0) ||
				((options.kind == P_CHART || options.kind == P_PRIME_CHART) && lines.upper_limit > 1))
				disordered++;
		}
	}
	is_int(wrong, 0, "each point's rule is the first that applies");
	is_int(disordered, 0, "the lines are in order, and where values can be");
	for (int rule = 0; rule < NUM_CONTROL_CHART_RULES; rule++)
		ok(flagged[rule] > 100, "rule %d was seen %d times", rule, flagged[rule]);
}

/* A series that never changes has no flag, whatever its value does to rounding. */
static void
check_constant(void)
{
	int			flags = 0;

	for (int round = 0; round < 20000; round++)
	{
		double		value = ldexp((double) (1 + tap_random(2000000000)) / 3, (int) tap_random(200) - 100);
		double		measured[MAX_POINTS];
		double		sizes[MAX_POINTS];
		size_t		count = tap_random(MAX_POINTS);
		chart_options options = {.kind = (control_chart_kind) tap_random(NUM_KINDS), .multiplier = 100000};

		if (options.kind == P_CHART || options.kind == P_PRIME_CHART)
			options.multiplier = 1;
		for (size_t i = 0; i < count; i++)
		{
			unsigned int factor = 1 + tap_random(1000);

			measured[i] = value;
			sizes[i] = 1;
			if (options.kind >= P_CHART && options.kind <= U_PRIME_CHART)
			{
				/* The same share or rate, of more or fewer. */
				measured[i] = 3.0 * factor;
				sizes[i] = 37.0 * factor;
			}
		}
		chart(&options, measured, sizes, count);
		for (size_t i = 0; i < count; i++)
			flags += points[i].rule != NO_RULE;
	}
	is_int(flags, 0, "nothing flags a series that never changes");
}

/* What cannot be said is NaN, never an infinity that compares. */
static void
check_extremes(void)
{
	static const double values[] = {0, -0.0, 1, DBL_MAX, -DBL_MAX, DBL_MIN, 4.9e-324, 9223372036854775807.0, NAN, 1e300, 3, 3, 3};
	int			bad = 0;
	int			flags_without_line = 0;

	for (int round = 0; round < 20000; round++)
	{
		double		measured[MAX_POINTS];
		double		sizes[MAX_POINTS];
		size_t		count = tap_random(MAX_POINTS);
		chart_options options = {
			.kind = (control_chart_kind) tap_random(NUM_KINDS), .baseline_points = tap_random(3) == 0 ? 2 + tap_random(20) : 0,
			.screen_moving_ranges = tap_random(2) == 0, .multiplier = tap_random(2) == 0 ? 1 : 1e305
		};
		chart_phase phase;

		if (options.kind == P_CHART || options.kind == P_PRIME_CHART)
			options.multiplier = 1;
		for (size_t i = 0; i < count; i++)
		{
			measured[i] = values[tap_random(13)];
			if (options.kind != XMR_CHART && options.kind != MOVING_RANGE_CHART)
				measured[i] = fabs(measured[i]);
			sizes[i] = tap_random(2) == 0 ? measured[i] : fabs(values[tap_random(8)]);
			if ((options.kind == P_CHART || options.kind == P_PRIME_CHART) && measured[i] > sizes[i])
				measured[i] = sizes[i];
		}
		phase = chart(&options, measured, options.kind >= P_CHART && options.kind <= U_PRIME_CHART ? sizes : NULL, count);
		bad += isinf(phase.mean) || isinf(phase.centre) || isinf(phase.reach);
		for (size_t i = 0; i < count; i++)
		{
			bad += isinf(points[i].value);
			flags_without_line += points[i].rule != NO_RULE && isnan(phase.centre) && points[i].rule >= TWO_OF_THREE_NEAR_UPPER_LIMIT;
		}
	}
	is_int(bad, 0, "nothing is infinite");
	is_int(flags_without_line, 0, "where there is no centre line nothing is on one side of it");
}

static void
check_words(void)
{
	chart_lines lines = {.lower_limit = 10, .upper_limit = 20};
	chart_lines none = {.lower_limit = NAN, .upper_limit = NAN};

	for (int rule = ABOVE_UPPER_LIMIT; rule < NUM_CONTROL_CHART_RULES; rule++)
	{
		/* The rules alternate: high, low. */
		bool		is_high = rule % 2 == 1;

		ok(rule_variation(rule, INCREASE_IS_IMPROVEMENT) == (is_high ? IMPROVEMENT : CONCERN) &&
		   rule_variation(rule, DECREASE_IS_IMPROVEMENT) == (is_high ? CONCERN : IMPROVEMENT) &&
		   rule_variation(rule, NEITHER_IS_IMPROVEMENT) == SPECIAL_CAUSE, "what rule %d means", rule);
	}
	ok(rule_variation(NO_RULE, INCREASE_IS_IMPROVEMENT) == COMMON_CAUSE, "no rule");
	ok(target_assurance(21, &lines, INCREASE_IS_IMPROVEMENT) == CONSISTENTLY_FAILS && target_assurance(21, &lines, DECREASE_IS_IMPROVEMENT) == CONSISTENTLY_PASSES &&
	   target_assurance(9, &lines, INCREASE_IS_IMPROVEMENT) == CONSISTENTLY_PASSES && target_assurance(9, &lines, DECREASE_IS_IMPROVEMENT) == CONSISTENTLY_FAILS,
	   "a target beyond the limits");
	for (int target = 10; target <= 20; target++)
		ok(target_assurance(target, &lines, INCREASE_IS_IMPROVEMENT) == INCONSISTENT && target_assurance(target, &lines, DECREASE_IS_IMPROVEMENT) == INCONSISTENT,
		   "a target of %d, within them", target);
	ok(target_assurance(21, &lines, NEITHER_IS_IMPROVEMENT) == NO_ASSURANCE && target_assurance(NAN, &lines, INCREASE_IS_IMPROVEMENT) == NO_ASSURANCE &&
	   target_assurance(21, &none, INCREASE_IS_IMPROVEMENT) == NO_ASSURANCE, "no direction, no target, no limits");
}

static void
check_runs(void)
{
	static const double values[] = {5, 7, 6, 6, NAN, 9, 4, 3, 8, 2};
	static const double long_run[] = {8, 8, 8, 8, 8, 8, 8, 8, 1, 1};
	run_chart_result runs = run_chart(values, 10, 6);

	/* - + . . . + - - + -: seven useful points in runs of 1, 2, 2, 1 and 1. */
	ok(runs.useful_points == 7 && runs.longest_run == 2 && runs.crossings == 4 && !runs.is_long_run && !runs.is_few_crossings, "a run chart");
	/* log2(10) + 3 is 6.3, so 6 is the limit; of nine trials of a half two are in the fifth percentile. */
	runs = run_chart(long_run, 10, 5);
	ok(runs.useful_points == 10 && runs.longest_run == 8 && runs.longest_run_limit == 6 && runs.crossings == 1 && runs.crossings_limit == 2 &&
	   runs.is_long_run && runs.is_few_crossings, "a shift");
	runs = run_chart(long_run, 8, 8);
	ok(runs.useful_points == 0 && runs.longest_run == 0 && !runs.is_long_run && !runs.is_few_crossings, "all on the line");
	runs = run_chart(long_run, 10, NAN);
	ok(runs.useful_points == 0, "no line");
	for (size_t count = 1; count < 6; count++)
	{
		runs = run_chart(long_run, count, 5);
		ok(!runs.is_long_run && !runs.is_few_crossings, "%zu points are not enough", count);
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Against sorting. */
static void
check_median(void)
{
	static const double all[] = {0, -0.0, 1, -1, 2, 2, 3, 0.1, 0.2, -7.5, DBL_MAX, -DBL_MAX, DBL_MIN, -4.9e-324, 1e300, 1e-300};
	double		numbers[MAX_POINTS];
	int			wrong = 0;

	interrupt_checks = 0;
	for (int round = 0; round < 20000; round++)
	{
		size_t		count = 1 + tap_random(MAX_POINTS - 1);
		unsigned int variety = 1 + tap_random(16);
		double		have;
		double		low;
		double		high;

		for (size_t i = 0; i < count; i++)
			numbers[i] = all[tap_random(variety)];
		have = chart_median(numbers, count, check_for_interrupts);
		qsort(numbers, count, sizeof(double), compare_numbers);
		low = numbers[(count - 1) / 2];
		high = numbers[count / 2];
		wrong += have != (isfinite(low + high) ? (low + high) / 2 : low / 2 + high / 2) || signbit(have) != (have < 0);
	}
	is_int(wrong, 0, "medians");
	ok(interrupt_checks >= 20000 * 60, "which can be interrupted");
}

int
main(void)
{
	check_by_hand();
	check_rules();
	check_constant();
	check_extremes();
	check_words();
	check_runs();
	check_median();
	return done_testing();
}
