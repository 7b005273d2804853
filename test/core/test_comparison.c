/*
 * test_comparison.c
 *		Two proportions and two rates: published examples, edges, and what must hold of any counts.  test/pgtap/interval.sql has many more
 *		figures, from R and from arithmetic of 40 digits.
 */
#include "core/comparison.h"

#include <math.h>

#include "tap.h"

static void
is_near(double have, double want, double tolerance, const char *name)
{
	if (!ok(fabs(have - want) <= tolerance, "%s", name))
		printf("# have: %.17g\n# want: %.17g\n", have, want);
}

static void
check_published(void)
{
	confidence_limits limits;

	/* Newcombe, Statistics in Medicine 17, 1998, 873-890, table II, method 10: columns (a), (b), (e), (g) and (h). */
	limits = newcombe_limits(56, 70, 48, 80, 0.95);
	is_near(limits.lower, 0.0524, 5e-5, "Newcombe, 56/70 - 48/80, lower");
	is_near(limits.upper, 0.3339, 5e-5, "upper");
	limits = newcombe_limits(9, 10, 3, 10, 0.95);
	is_near(limits.lower, 0.1705, 5e-5, "9/10 - 3/10, lower");
	is_near(limits.upper, 0.8090, 5e-5, "upper");
	limits = newcombe_limits(0, 10, 0, 20, 0.95);
	is_near(limits.lower, -0.1611, 5e-5, "0/10 - 0/20, lower");
	is_near(limits.upper, 0.2775, 5e-5, "upper");
	limits = newcombe_limits(10, 10, 0, 20, 0.95);
	is_near(limits.lower, 0.6791, 5e-5, "10/10 - 0/20, lower");
	is_near(limits.upper, 1, 0, "upper");

	/* Koopman, Biometrics 40, 1984, 513-517: 36 of 40 and 16 of 80. */
	limits = koopman_limits(36, 40, 16, 80, 0.95);
	is_near(limits.lower, 2.94, 5e-3, "Koopman, 36/40 : 16/80, lower");
	is_near(limits.upper, 7.15, 5e-3, "upper");
}

static void
check_edges(void)
{
	confidence_limits limits = koopman_limits(0, 10, 3, 20, 0.95);

	ok(limits.lower == 0 && limits.upper > 0 && limits.upper < INFINITY, "Koopman, the first has none");
	limits = koopman_limits(3, 10, 0, 20, 0.95);
	ok(limits.lower > 0 && isnan(limits.upper), "Koopman, the second has none");
	limits = koopman_limits(0, 10, 0, 20, 0.95);
	ok(isnan(limits.lower) && isnan(limits.upper), "Koopman, neither has");
	limits = koopman_limits(10, 10, 20, 20, 0.95);
	/* Of two that are all, in closed form: 1 + z^2 / n of the other. */
	is_near(limits.upper, 1 + pow(1.959963984540054, 2) / 20, 1e-12, "Koopman, both are all, upper");
	is_near(1 / limits.lower, 1 + pow(1.959963984540054, 2) / 10, 1e-12, "lower");
	limits = koopman_limits(1, INT64_MAX, INT64_MAX, INT64_MAX, 0.95);
	ok(limits.lower > 0 && limits.lower < limits.upper && limits.upper < INFINITY, "Koopman, the largest counts");
	limits = katz_limits(0, 10, 3, 20, 0.95);
	ok(isnan(limits.lower) && isnan(limits.upper), "Katz needs events in both");

	limits = exact_rate_ratio_limits(0, 2, 3, 4, 0.95);
	ok(limits.lower == 0 && limits.upper > 0, "exact ratio, the first has none");
	limits = exact_rate_ratio_limits(3, 2, 0, 4, 0.95);
	ok(limits.lower > 0 && isnan(limits.upper), "exact ratio, the second has none");
	limits = exact_rate_ratio_limits(0, 2, 0, 4, 0.95);
	ok(isnan(limits.lower) && isnan(limits.upper), "exact ratio, neither has");
	limits = exact_rate_ratio_limits(INT64_MAX / 2, 1, INT64_MAX / 2, 1, 0.95);
	ok(limits.lower < 1 && limits.upper > 1 && limits.upper < 1.000001, "exact ratio, the largest counts");

	ok(exact_rate_ratio_test(5, 1, 5, 1) == 1, "as many as expected: p is 1");
	/* One event, which falls to the first with a probability of 1/4: as it did, or in either way. */
	is_near(exact_rate_ratio_test(1, 1, 0, 3), 0.25, 1e-15, "one event, the less probable way");
	is_near(exact_rate_ratio_test(0, 1, 1, 3), 1, 0, "the more probable way");
	ok(exact_rate_ratio_test(1, 1e300, 0, 1e308) > 0, "large exposures");
	ok(exact_rate_ratio_test(0, 1, 1000000, 1) == ldexp(1, -1074), "p is never 0");
}

static void
check_properties(void)
{
	for (int i = 0; i < 3000; i++)
	{
		int64_t		trials1 = 1 + tap_random(1 + tap_random(1000));
		int64_t		trials2 = 1 + tap_random(1 + tap_random(100000));
		int64_t		events1 = tap_random((unsigned int) trials1 + 1);
		int64_t		events2 = tap_random((unsigned int) trials2 + 1);
		double		confidence = (1 + tap_random(998)) / 1000.0;
		double		p1 = (double) events1 / (double) trials1;
		double		p2 = (double) events2 / (double) trials2;
		confidence_limits there = newcombe_limits(events1, trials1, events2, trials2, confidence);
		confidence_limits back = newcombe_limits(events2, trials2, events1, trials1, confidence);

		if (!(there.lower >= -1 - 1e-15 && there.upper <= 1 + 1e-15 && there.lower <= p1 - p2 + 1e-15 && there.upper >= p1 - p2 - 1e-15
			  && fabs(there.lower + back.upper) < 1e-14 && fabs(there.upper + back.lower) < 1e-14))
			ok(0, "Newcombe, %lld/%lld - %lld/%lld", (long long) events1, (long long) trials1, (long long) events2, (long long) trials2);
		if (events1 == 0 || events2 == 0)
			continue;
		there = koopman_limits(events1, trials1, events2, trials2, confidence);
		back = koopman_limits(events2, trials2, events1, trials1, confidence);
		if (!(there.lower <= p1 / p2 * (1 + 1e-15) && there.upper >= p1 / p2 * (1 - 1e-15) && there.lower > 0
			  && fabs(there.lower * back.upper - 1) < 1e-10 && fabs(there.upper * back.lower - 1) < 1e-10))
			ok(0, "Koopman, %lld/%lld : %lld/%lld, %g", (long long) events1, (long long) trials1, (long long) events2, (long long) trials2, confidence);
		there = exact_rate_ratio_limits(events1, 3, events2, 7, confidence);
		back = exact_rate_ratio_limits(events2, 7, events1, 3, confidence);
		if (!(fabs(there.lower * back.upper - 1) < 1e-11 && fabs(there.upper * back.lower - 1) < 1e-11))
			ok(0, "exact ratio, %lld : %lld", (long long) events1, (long long) events2);
		if (fabs(exact_rate_ratio_test(events1, 3, events2, 7) / exact_rate_ratio_test(events2, 7, events1, 3) - 1) > 1e-9)
			ok(0, "exact test, %lld : %lld", (long long) events1, (long long) events2);
	}
	ok(1, "the other way round it is the other way round, 3000 times");
}

int
main(void)
{
	check_published();
	check_edges();
	check_properties();
	return done_testing();
}
