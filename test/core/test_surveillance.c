/*
 * test_surveillance.c
 *		EARS and CUSUM by hand and by their laws, Farrington's method where figures are known without fitting.  The figures of R's
 *		package are compared in SQL, in test/pgtap/surveillance.sql.
 */
#include <math.h>

#include "core/calendar.h"
#include "core/cusum.h"
#include "core/ears.h"
#include "core/farrington.h"
#include "core/interval.h"

#include "tap.h"

#define MAX_ROWS	4000

static farrington_room room;

static bool
is_close(double have, double want, double tolerance)
{
	if (fabs(have - want) <= tolerance * fabs(want))
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

static bool
is_reason(const char *have, const char *want)
{
	return have == want || (have != NULL && want != NULL && strcmp(have, want) == 0);
}

static ears_options
ears_with(ears_method method, int baseline, double min_sigma)
{
	return (ears_options) {method, baseline, min_sigma, -normal_quantile(ears_default_alpha(method))};
}

static void
check_ears(void)
{
	static const int64_t rising[] = {1, 2, 3, 4, 5, 6, 7, 20};
	static const int64_t flat[] = {3, 3, 3, 3, 3, 3, 3, 9, 4};
	static const int64_t unknown[] = {1, COUNT_UNKNOWN, COUNT_UNKNOWN, 4, COUNT_UNKNOWN, 6, COUNT_UNKNOWN, 20, COUNT_UNKNOWN};
	ears_options c1 = ears_with(EARS_C1, 7, 0);
	ears_options sparse = ears_with(EARS_C1, 7, 0.5);
	ears_result result = ears_at(rising, 7, &c1);
	ears_method method;

	ok(find_ears_method("C3", &method) && method == EARS_C3 && !find_ears_method("c3", &method), "names");
	/* Mean 4, variance 28 / 6, the standard normal's quantile at 0.999. */
	ok(result.reason == NULL && result.expected == 4 && result.alarm, "C1");
	ok(is_close(result.upper_bound, 4 + 3.0902323061678132 * sqrt(28. / 6), 1e-14), "bound");
	ok(is_close(result.score, 16 / sqrt(28. / 6), 1e-14), "score");
	ok(is_reason(ears_at(rising, 6, &c1).reason, REASON_SHORT_HISTORY), "history too short");
	ok(is_reason(ears_at(flat, 7, &c1).reason, REASON_FLAT_BASELINE), "flat baseline");
	result = ears_at(flat, 7, &sparse);
	ok(result.reason == NULL && result.alarm && result.score == 12 && is_close(result.upper_bound, 3 + 0.5 * 3.0902323061678132, 1e-14),
	   "with a least deviation");
	/* The three that are known: 1, 4, 6. */
	result = ears_at(unknown, 7, &c1);
	ok(result.reason == NULL && is_close(result.expected, 11. / 3, 1e-15), "unknown counts are left out");
	ok(is_reason(ears_at(unknown, 8, &c1).reason, REASON_NO_COUNT), "no count, no result");
	c1.baseline = 3;
	ok(is_reason(ears_at(unknown, 7, &c1).reason, REASON_SHORT_HISTORY), "too few known counts");

	/* What is a multiple of every count is a multiple of every figure; C2's alarm does not look at the two points before. */
	for (int round = 0; round < 200; round++)
	{
		int64_t		counts[16];
		int64_t		tenfold[16];
		ears_options options = ears_with((ears_method) (round % 4), 3 + round % 5, 0);
		ears_result a;
		ears_result b;

		for (int i = 0; i < 16; i++)
		{
			counts[i] = tap_random(9);
			tenfold[i] = counts[i] * 10;
		}
		a = ears_at(counts, 15, &options);
		b = ears_at(tenfold, 15, &options);
		ok(is_reason(a.reason, b.reason) && a.alarm == b.alarm && (a.reason != NULL || fabs(b.upper_bound - 10 * a.upper_bound) < 1e-9),
		   "ten times the counts, %d", round);
		if (options.method == EARS_C2)
		{
			counts[13] += 50;
			counts[14] += 50;
			ok(ears_at(counts, 15, &options).alarm == a.alarm, "C2 skips two points, %d", round);
		}
	}
}

static void
check_cusum(void)
{
	static const int64_t counts[] = {3, 5, COUNT_UNKNOWN, 8};
	cusum_options options = {CUSUM_STANDARD, 1.04, 2.26, false};
	cusum_result result;
	double		mean;

	ok(cusum_baseline(counts, 3, &mean) && mean == 4 && !cusum_baseline(counts + 2, 1, &mean), "baseline");
	result = cusum_step(0, 8, 4, &options);
	/* (8 - 4) / 2 less 1.04; the alarm is raised from 4 + 2 (2.26 + 1.04) = 10.6. */
	ok(is_close(result.score, 0.96, 1e-14) && result.cusum == result.score && result.threshold == 11 && !result.alarm, "standard");
	ok(cusum_step(0, 11, 4, &options).alarm && !cusum_step(0, 10, 4, &options).alarm, "the count of the threshold raises the alarm");
	options.reset = true;
	result = cusum_step(1, 20, 4, &options);
	ok(result.alarm && result.cusum == 0 && result.score > 2.26, "begun again");
	ok(is_reason(cusum_step(1.5, COUNT_UNKNOWN, 4, &options).reason, REASON_NO_COUNT) &&
	   cusum_step(1.5, COUNT_UNKNOWN, 4, &options).cusum == 1.5, "no count leaves the sum");
	ok(is_reason(cusum_step(0, 3, 0, &options).reason, REASON_NOTHING_EXPECTED), "nothing expected");
	for (int t = CUSUM_STANDARD; t <= CUSUM_NONE; t++)
		for (int round = 0; round < 50; round++)
		{
			double		before = tap_random(40) / 16.;
			double		expected = 0.5 + tap_random(100) / 7.;
			int64_t		count;

			options.transformation = (cusum_transformation) t;
			result = cusum_step(before, 0, expected, &options);
			count = (int64_t) ceil(result.threshold - 1e-9);
			ok(cusum_step(before, count, expected, &options).score >= options.h - 1e-9 &&
			   (count == 0 || !cusum_step(before, count - 1, expected, &options).alarm), "threshold of %d, %d", t, round);
		}
}

static void
make_room(void)
{
	static double x[MAX_ROWS * GLM_MAX_COLUMNS];
	static double rows[6][MAX_ROWS];
	static int	block[MAX_ROWS];

	room = (farrington_room) {MAX_ROWS, x, rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], block};
}

static void
check_farrington(void)
{
	static int64_t counts[700];
	static double populations[700];
	farrington_options options = {52, 5, 3, true, 2.58, 0.05, true, 0.05, 5, 4, POWER_TWO_THIRDS, 1, 3, THRESHOLD_DELTA,
	STANDARD_ERROR_QUASI_POISSON};
	farrington_series series = {SLOT_INDEX, 0, 700, counts, NULL};
	farrington_result result;
	farrington_result other;
	double		share;

	make_room();
	for (int i = 0; i < 700; i++)
	{
		counts[i] = 10;
		populations[i] = 1000;
	}
	ok(farrington_rows(&options, &series) == 319, "a baseline is no longer than its years and windows");
	ok(is_reason(farrington_at(&series, 262, &options, &room).reason, REASON_SHORT_HISTORY), "history too short");

	/* Of 35 equal counts m: dispersion 1, standard error of the mean sqrt(m / 35), tau 1 + 1 / 35. */
	result = farrington_at(&series, 263, &options, &room);
	ok(result.reason == NULL && is_close(result.expected, 10, 1e-9) && result.dispersion == 1 && !result.trend, "equal counts");
	ok(is_close(result.upper_bound, pow(pow(10, 2. / 3) + 1.6448536269514722 * sqrt(4. / 9 * cbrt(10) * (1 + 1. / 35)), 1.5), 1e-9), "their bound");
	counts[263] = 20;
	other = farrington_at(&series, 263, &options, &room);
	ok(other.alarm && is_close(other.score, 10 / (other.upper_bound - 10), 1e-8) && other.upper_bound == result.upper_bound, "an alarm");
	options.method = THRESHOLD_NB_PLUGIN;
	/* scipy.stats.poisson.ppf(0.95, 10) */
	ok(farrington_at(&series, 263, &options, &room).upper_bound == 15, "their bound as a quantile");

	/* With a population ten times as large now, ten times as many are expected. */
	series.populations = populations;
	populations[263] = 10000;
	ok(is_close(farrington_at(&series, 263, &options, &room).expected, 100, 1e-9), "a population");
	populations[263] = 0;
	ok(is_reason(farrington_at(&series, 263, &options, &room).reason, REASON_NO_POPULATION), "no population");
	series.populations = NULL;

	/* An outbreak in the past raises the bound less where it is reweighted. */
	options.method = THRESHOLD_DELTA;
	counts[263] = 10;
	counts[3 + 52] = counts[4 + 52] = 40;
	result = farrington_at(&series, 263, &options, &room);
	options.reweight = false;
	other = farrington_at(&series, 263, &options, &room);
	ok(result.upper_bound < other.upper_bound && result.expected < other.expected, "a past outbreak counts less");
	options.reweight = true;

	/* Zeros, unknown counts, few cases. */
	for (int i = 0; i < 700; i++)
		counts[i] = 0;
	ok(is_reason(farrington_at(&series, 400, &options, &room).reason, REASON_FEW_CASES), "few cases");
	ok(farrington_at(&series, 400, &options, &room).has_alarm && !farrington_at(&series, 400, &options, &room).alarm, "raise no alarm");
	counts[400] = 5;
	result = farrington_at(&series, 400, &options, &room);
	ok(is_reason(result.reason, REASON_NO_CASES) && !result.has_alarm && !result.has_fit, "no cases in the baseline");
	counts[400] = COUNT_UNKNOWN;
	ok(is_reason(farrington_at(&series, 400, &options, &room).reason, REASON_NO_COUNT), "no count");

	/* Seasons: a year of two levels is found level by level; the windows are the last period. */
	options.no_periods = 2;
	options.trend = false;
	options.past_not_included = 26;
	for (int i = 0; i < 700; i++)
		counts[i] = (i - 300 + 520) % 52 <= 3 || (i - 300 + 520) % 52 >= 49 ? 8 : 80;
	result = farrington_at(&series, 300, &options, &room);
	ok(result.reason == NULL && is_close(result.expected, 8, 1e-9) && result.dispersion == 1, "a season of its own");

	/* Any series, any options: no figure that is not one. */
	for (int round = 0; round < 3000; round++)
	{
		size_t		at = 100 + tap_random(600);
		unsigned	most = round % 3 == 0 ? 3 : round % 3 == 1 ? 50 : 4000000;

		for (int i = 0; i < 700; i++)
			counts[i] = tap_random(20) == 0 ? COUNT_UNKNOWN : tap_random(4) == 0 ? 0 : tap_random(most);
		options = (farrington_options) {52, 1 + (int) tap_random(6), (int) tap_random(5), tap_random(2), tap_random(4), 0.001 + 0.1 * tap_random(4),
			tap_random(2), 0.05 + tap_random(2) * 0.95, 5, 4, (power_transformation) tap_random(3), 1 + (int) tap_random(12),
		(int) tap_random(60), (threshold_method) tap_random(3), (standard_error_method) tap_random(2)};
		series.kind = (slot_kind) tap_random(4);
		series.first_day = (int64_t) tap_random(20000) - 10000;
		result = farrington_at(&series, at, &options, &room);
		if (result.has_fit)
			ok(isfinite(result.expected) && isfinite(result.upper_bound) && isfinite(result.score) && isfinite(result.dispersion) &&
			   result.p_value >= 0 && result.p_value <= 1 && isfinite(result.slope) && result.expected > 0 && result.dispersion >= 1,
			   "figures are finite, %d", round);
		else
			ok(result.reason != NULL && (!result.has_alarm || !result.alarm), "or there is a reason, %d", round);
		/* What lies after the point is not looked at. */
		for (size_t i = at + 1; i < 700; i++)
			counts[i] = 7;
		other = farrington_at(&series, at, &options, &room);
		share = result.has_fit && other.has_fit ? result.upper_bound - other.upper_bound : 0;
		ok(is_reason(result.reason, other.reason) && share == 0, "the future does not matter, %d", round);
	}
}

int
main(void)
{
	check_ears();
	check_cusum();
	check_farrington();
	return done_testing();
}
