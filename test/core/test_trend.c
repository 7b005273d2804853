/*
 * test_trend.c
 *		Mann-Kendall, Sen's slope and the log-linear trends: cases worked out by hand, and random series against pairs counted one by one.
 *		The figures made with R are compared in test/pgtap/trend.sql.
 */
#include <float.h>
#include <math.h>

#include "core/joinpoint.h"
#include "core/mann_kendall.h"
#include "core/poisson_trend.h"
#include "core/time_series.h"
#include "core/trend_t.h"

#include "tap.h"

#define MAX_POINTS	400

static int	interrupt_checks = 0;

static void
check_for_interrupts(void)
{
	interrupt_checks++;
}

static bool
is_close(double have, double want, double tolerance)
{
	if (fabs(have - want) <= tolerance * fmax(fabs(want), 1e-9))
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

/* Points 1, 2, ... with these values and exposure 1. */
static void
make_points(time_point *points, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		points[i] = (time_point) {(double) (i + 1), values[i], 1};
}

static time_point
random_point(unsigned int times, unsigned int values)
{
	return (time_point) {tap_random(times), tap_random(values), 1 + tap_random(3)};
}

static void
check_order(void)
{
	for (size_t n = 0; n < 70; n++)
	{
		time_point	points[70];
		time_point	scratch[70];
		double		sum = 0;
		double		sorted_sum = 0;

		for (size_t i = 0; i < n; i++)
		{
			points[i] = random_point(9, 5);
			sum += points[i].time + 100 * points[i].value + 10000 * points[i].exposure;
		}
		time_series_sort(points, n, scratch, check_for_interrupts);
		for (size_t i = 0; i < n; i++)
			sorted_sum += points[i].time + 100 * points[i].value + 10000 * points[i].exposure;
		ok(time_series_is_sorted(points, n) && sum == sorted_sum, "%d points in order", (int) n);
	}
}

/* S, its variance by the textbook, tau-b and the median slope, from every pair. */
static void
check_pairs(int round)
{
	static time_point points[MAX_POINTS];
	static time_point scratch[MAX_POINTS];
	static double slopes[MAX_POINTS * MAX_POINTS / 2];
	static double workspace[2 * MAX_POINTS];
	size_t		n = 2 + tap_random(60);
	unsigned int times = 1 + tap_random(80);
	unsigned int values = 1 + tap_random(30);
	kendall_sums sums = {0};
	mann_kendall_result result;
	sen_slope_result slope;
	size_t		num_slopes;
	long long	s = 0;
	double		variance;
	double		ties[2][3] = {{0}};		/* by time and rate: t (t-1), t (t-1) (t-2), t (t-1) (2t+5) */
	double		m = (double) n;
	size_t		below = 0;
	size_t		above = 0;

	for (size_t i = 0; i < n; i++)
		points[i] = random_point(times, values);
	time_series_sort(points, n, scratch, check_for_interrupts);
	for (size_t i = 0; i < n; i++)
	{
		double		same[2] = {0};

		for (size_t j = 0; j < n; j++)
		{
			double		rise = point_rate(&points[j]) - point_rate(&points[i]);

			same[0] += points[j].time == points[i].time;
			same[1] += rise == 0;
			if (points[j].time > points[i].time)
				s += (rise > 0) - (rise < 0);
		}
		/* Every member of a group of t counts for one of it. */
		for (int k = 0; k < 2; k++)
		{
			ties[k][0] += same[k] - 1;
			ties[k][1] += (same[k] - 1) * (same[k] - 2);
			ties[k][2] += (same[k] - 1) * (2 * same[k] + 5);
		}
	}
	variance = (m * (m - 1) * (2 * m + 5) - ties[0][2] - ties[1][2]) / 18 + ties[0][0] * ties[1][0] / (2 * m * (m - 1));
	if (n > 2)
		variance += ties[0][1] * ties[1][1] / (9 * m * (m - 1) * (m - 2));
	if (ties[0][0] == m * (m - 1) || ties[1][0] == m * (m - 1))
		variance = 0;
	add_kendall(&sums, points, n, workspace, check_for_interrupts);
	result = mann_kendall(&sums);
	ok(result.s == s, "round %d, S", round);
	ok(is_close(result.variance, variance, 1e-12), "round %d, variance", round);
	ok(result.has_test == (variance > 0), "round %d, whether there is a test", round);
	ok(!result.has_test || (fabs(result.tau) <= 1 + 1e-12 && result.p_value > 0 && result.p_value <= 1), "round %d, tau and p are possible", round);

	num_slopes = add_slopes(slopes, points, n, check_for_interrupts);
	ok(num_slopes == (size_t) ((m * (m - 1) - ties[0][0]) / 2), "round %d, as many slopes as pairs", round);
	if (num_slopes == 0)
		return;
	slope = sen_slope(slopes, num_slopes, sums.variance, 0.9, check_for_interrupts);
	for (size_t i = 0; i < num_slopes; i++)
	{
		below += slopes[i] < slope.slope;
		above += slopes[i] > slope.slope;
	}
	ok(below <= num_slopes / 2 && above <= num_slopes / 2, "round %d, half of the slopes on either side", round);
	ok(!slope.has_limits || (slope.lower <= slope.slope && slope.slope <= slope.upper), "round %d, limits on either side", round);
}

static void
check_seasons(void)
{
	time_point	points[6] = {{-7, 1, 1}, {-1, 2, 1}, {0, 3, 1}, {1, 4, 1}, {4, 5, 1}, {8, 6, 1}};
	time_point	by_season[6];
	size_t		starts[5];

	ok(split_by_season(points, 6, 4, by_season, starts), "whole numbers have seasons");
	ok(starts[0] == 0 && starts[1] == 3 && starts[2] == 5 && starts[3] == 5 && starts[4] == 6, "as many in each as there are");
	ok(by_season[0].time == 0 && by_season[2].time == 8 && by_season[3].time == -7 && by_season[4].time == 1 && by_season[5].time == -1,
	   "before 0 too, in order of time");
	points[5].time = 8.5;
	ok(!split_by_season(points, 6, 4, by_season, starts), "half a month has none");
	points[5].time = 1e60;
	ok(!split_by_season(points, 6, 4, by_season, starts), "nor what is too large to be whole for sure");
}

static void
check_t(void)
{
	/* Closed forms: one degree of freedom is Cauchy's, two have a square root. */
	for (int i = 1; i < 200; i++)
	{
		double		confidence = i / 200.0;

		ok(is_close(trend_t_errors_to_limits(confidence, 1), tan(confidence * acos(-1) / 2), 1e-12), "t with 1 degree, %g", confidence);
		ok(is_close(trend_t_errors_to_limits(confidence, 2), confidence * sqrt(2 / (1 - confidence * confidence)), 1e-12), "t with 2, %g", confidence);
	}
	ok(is_close(trend_t_p_value(1, 1), 0.5, 1e-14) && trend_t_p_value(0, 7) == 1, "half of Cauchy's are within 1");
	ok(trend_t_p_value(1e200, 3) == 0 && trend_t_p_value(INFINITY, 3) == 0, "infinitely far");
	ok(is_close(trend_t_errors_to_limits(0.95, 1e9), errors_to_limits(0.95), 1e-8), "a billion degrees are normal");
}

static void
check_poisson(void)
{
	static double workspace[MAX_POINTS];
	time_point	points[MAX_POINTS];
	poisson_trend_result result;
	negative_binomial_trend_result binomial;

	make_points(points, (double[]) {2, 4, 8, 16}, 4);
	ok(poisson_trend(points, 4, 0.95, workspace, check_for_interrupts, &result) && is_close(result.slope, log(2), 1e-14) &&
	   is_close(result.intercept, 0, 1e-6) && result.dispersion == 0 && !result.has_quasi, "doubling exactly");
	make_points(points, (double[]) {0, 0, 3}, 3);
	ok(!poisson_trend(points, 3, 0.95, workspace, check_for_interrupts, &result), "all at the end has no rate ratio");
	make_points(points, (double[]) {0, 3, 0}, 3);
	ok(poisson_trend(points, 3, 0.95, workspace, check_for_interrupts, &result) && fabs(result.slope) < 1e-15, "all in the middle has 1");
	/* The fitted counts add up to the observed ones, and so do their times: the equations that define the estimate. */
	for (int round = 0; round < 300; round++)
	{
		size_t		n = 3 + tap_random(40);
		double		residuals = 0;
		double		with_time = 0;
		double		events = 0;

		for (size_t i = 0; i < n; i++)
		{
			points[i] = (time_point) {2000 + (double) i / 12, tap_random(round % 2 == 0 ? 3 : 100000), exp(tap_random(20) - 10.0)};
			events += points[i].value;
		}
		if (!poisson_trend(points, n, 0.95, workspace, check_for_interrupts, &result))
			continue;
		for (size_t i = 0; i < n; i++)
		{
			double		fitted = points[i].exposure * exp(result.intercept + result.slope * 2000 + result.slope * (points[i].time - 2000));

			residuals += points[i].value - fitted;
			with_time += (points[i].value - fitted) * (points[i].time - 2000);
		}
		ok(fabs(residuals) < 1e-8 * events && fabs(with_time) < 1e-8 * events, "round %d, the score is 0", round);
		ok(result.wald.lower <= result.slope && result.slope <= result.wald.upper &&
		   (!result.has_quasi || (result.quasi.lower <= result.slope && result.slope <= result.quasi.upper)), "round %d, limits on either side", round);
	}
	/* Whatever the counts, there is an answer or none, without a number that is not one. */
	for (int round = 0; round < 200; round++)
	{
		size_t		n = 24 + tap_random(30);

		for (size_t i = 0; i < n; i++)
			points[i] = (time_point) {(double) i, floor(exp(tap_random(20))) * (tap_random(3) > 0), 1};
		ok(!negative_binomial_trend(points, n, 0.95, workspace, check_for_interrupts, &binomial) ||
		   (isfinite(binomial.slope) && binomial.error > 0 && (!binomial.has_theta || binomial.theta > 0)), "round %d, negative binomial", round);
	}
	for (size_t i = 0; i < 24; i++)
		points[i] = (time_point) {(double) i, 10, 1};
	ok(negative_binomial_trend(points, 24, 0.95, workspace, check_for_interrupts, &binomial) && !binomial.has_theta && fabs(binomial.slope) < 1e-12,
	   "constant counts are no more variable than Poisson's");
	ok(!negative_binomial_trend(points, 23, 0.95, workspace, check_for_interrupts, &binomial), "23 points are too few");
}

static void
check_joinpoint(void)
{
	static double workspace[JOINPOINT_WORKSPACE(MAX_POINTS)];
	time_point	points[MAX_POINTS];
	joinpoint_result result;
	joinpoint_result again;
	percent_change_result change;

	make_points(points, (double[]) {1, 2, 4, 8, 4, 2, 1}, 7);
	ok(joinpoint(points, 7, 99, 1, workspace, check_for_interrupts, &result) && result.time == 4 && is_close(result.slope_before, log(2), 1e-12) &&
	   is_close(result.slope_after, -log(2), 1e-12) && !result.has_f, "up and down exactly");
	make_points(points, (double[]) {3, 6, 12, 24, 48}, 5);
	ok(joinpoint(points, 5, 99, 1, workspace, check_for_interrupts, &result) && !result.has_test && is_close(result.slope_after, log(2), 1e-12),
	   "a straight line has no joinpoint to test");
	ok(!joinpoint(points, 4, 99, 1, workspace, check_for_interrupts, &result), "four points are too few");
	points[2].time = points[3].time = 2;
	ok(!joinpoint(points, 5, 99, 1, workspace, check_for_interrupts, &result), "so are five with nothing in the middle");
	make_points(points, (double[]) {5, 5, 5}, 3);
	ok(percent_change(points, 3, 0.95, workspace, &change) && change.slope == 0 && !change.has_test && change.limits.upper == 0, "equal rates");
	make_points(points, (double[]) {5, 0, 5}, 3);
	ok(!percent_change(points, 3, 0.95, workspace, &change), "a rate of 0 has no logarithm");

	/* No other order of the residuals bends as much: only the observed one counts. */
	for (size_t i = 0; i < 15; i++)
		points[i] = (time_point) {(double) i, 100 * exp(i < 7 ? 0.1 * (double) i : 1.4 - 0.1 * (double) i) + (double) (i % 3), 1};
	ok(joinpoint(points, 15, 99, 1, workspace, check_for_interrupts, &result) && result.time == 7 && result.p_value == 0.01, "p is 1 / (1 + permutations)");

	/* Noise has no joinpoint: p is below a tenth about a tenth of the time. */
	interrupt_checks = 0;
	{
		int			small = 0;

		for (int round = 0; round < 400; round++)
		{
			for (size_t i = 0; i < 12; i++)
				points[i] = (time_point) {(double) i, 100 + tap_random(100), 1};
			joinpoint(points, 12, 99, (uint64_t) round, workspace, check_for_interrupts, &result);
			small += result.p_value <= 0.1;
		}
		/* Binomial(400, 0.1): mean 40, standard deviation 6. */
		ok(small > 40 - 24 && small < 40 + 24, "%d of 400 series of noise have p up to 0.1", small);
	}
	ok(interrupt_checks >= 400 * 99, "it can be interrupted");
	joinpoint(points, 12, 500, 7, workspace, check_for_interrupts, &result);
	joinpoint(points, 12, 500, 7, workspace, check_for_interrupts, &again);
	ok(result.p_value == again.p_value && result.p_value >= 1.0 / 501, "the same seed gives the same p, which is never 0");
}

int
main(void)
{
	check_order();
	for (int round = 0; round < 300; round++)
		check_pairs(round);
	check_seasons();
	check_t();
	check_poisson();
	check_joinpoint();
	return done_testing();
}
