/*
 * test_interval.c
 *		The normal quantile and the limits against published figures.  test/pgtap/estimate.sql has many more, from SciPy.
 */
#include "core/interval.h"

#include <math.h>

#include "tap.h"

static void
is_close(double have, double want, double tolerance, const char *name)
{
	if (!ok(fabs(have - want) <= tolerance * fabs(want), "%s", name))
		printf("# have: %.17g\n# want: %.17g\n", have, want);
}

int
main(void)
{
	confidence_limits limits;

	/* Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.5 and section 26.2. */
	is_close(normal_quantile(0.975), 1.959963984540054, 1e-15, "the normal quantile of 0.975");
	is_close(normal_quantile(0.999), 3.090232306167814, 1e-15, "of 0.999");
	is_close(normal_quantile(1e-10), -6.361340902404056, 1e-14, "of 1e-10");
	ok(normal_quantile(0.5) == 0, "of a half");
	is_close(normal_quantile(0.2), -normal_quantile(0.8), 1e-15, "it is symmetric");

	/* Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29 by Wilson's method. */
	limits = wilson_limits(81, 263, 0.95);
	ok(fabs(limits.lower - 0.2553) < 5e-5 && fabs(limits.upper - 0.3662) < 5e-5, "Wilson, 81 of 263");
	limits = wilson_limits(15, 148, 0.95);
	ok(fabs(limits.lower - 0.0624) < 5e-5 && fabs(limits.upper - 0.1605) < 5e-5, "Wilson, 15 of 148");
	limits = wilson_limits(0, 20, 0.95);
	ok(limits.lower == 0 && fabs(limits.upper - 0.1611) < 5e-5, "Wilson, 0 of 20");
	limits = wilson_limits(1, 29, 0.95);
	ok(fabs(limits.lower - 0.0061) < 5e-5 && fabs(limits.upper - 0.1718) < 5e-5, "Wilson, 1 of 29");
	limits = wilson_limits(29, 29, 0.95);
	ok(limits.upper == 1, "Wilson, all of 29");

	/* Garwood's limits as tabulated by Breslow and Day, volume II, table 2.10, for 95 per cent: 0, 1, 4 and 9. */
	limits = exact_poisson_limits(0, 0.95);
	ok(limits.lower == 0 && fabs(limits.upper - 3.689) < 5e-4, "exact Poisson, 0");
	limits = exact_poisson_limits(1, 0.95);
	ok(fabs(limits.lower - 0.0253) < 5e-5 && fabs(limits.upper - 5.572) < 5e-4, "exact Poisson, 1");
	limits = exact_poisson_limits(4, 0.95);
	ok(fabs(limits.lower - 1.090) < 5e-4 && fabs(limits.upper - 10.242) < 5e-4, "exact Poisson, 4");
	limits = exact_poisson_limits(9, 0.95);
	ok(fabs(limits.lower - 4.115) < 5e-4 && fabs(limits.upper - 17.085) < 5e-4, "exact Poisson, 9");
	/* With no event the upper limit is -ln of the tail. */
	is_close(exact_poisson_limits(0, 0.999999).upper, -log(0.5e-6), 1e-9, "exact Poisson far out");

	/* From 10 events Byar's approximation is within half a per cent of the exact limits 4.795 and 18.390. */
	limits = byar_limits(10, 0.95);
	ok(fabs(limits.lower / 4.7954 - 1) < 0.005 && fabs(limits.upper / 18.3904 - 1) < 0.005, "Byar, 10");
	ok(isnan(byar_limits(0, 0.95).lower) && isnan(byar_limits(1, 0.998).lower), "Byar has no lower limit for a few events");

	/* Of 10 million the exact limits and Byar's come together. */
	limits = exact_poisson_limits(10000000, 0.95);
	is_close(limits.lower, byar_limits(10000000, 0.95).lower, 1e-9, "exact Poisson, 10 million, lower");
	is_close(limits.upper, byar_limits(10000000, 0.95).upper, 1e-9, "upper");
	is_close(exact_poisson_limits(1, 1 - 2e-12).lower, -log1p(-(1 - (1 - 2e-12)) / 2), 1e-12, "exact Poisson, one event, far out");

	/* Clopper and Pearson, in closed form where none or all: 1 - tail^(1/n). Newcombe's table I, 81 of 263 and 15 of 148. */
	limits = clopper_pearson_limits(0, 20, 0.95);
	ok(limits.lower == 0, "Clopper-Pearson, 0 of 20, lower");
	is_close(limits.upper, 1 - pow(0.025, 1. / 20), 1e-13, "upper");
	limits = clopper_pearson_limits(20, 20, 0.95);
	ok(limits.upper == 1, "Clopper-Pearson, all of 20, upper");
	is_close(limits.lower, pow(0.025, 1. / 20), 1e-13, "lower");
	limits = clopper_pearson_limits(81, 263, 0.95);
	ok(fabs(limits.lower - 0.2527) < 5e-5 && fabs(limits.upper - 0.3676) < 5e-5, "Clopper-Pearson, 81 of 263");
	limits = clopper_pearson_limits(15, 148, 0.95);
	ok(fabs(limits.lower - 0.0578) < 5e-5 && fabs(limits.upper - 0.1617) < 5e-5, "Clopper-Pearson, 15 of 148");
	limits = clopper_pearson_limits(INT64_MAX / 2, INT64_MAX, 0.95);
	ok(limits.lower < 0.5 && limits.upper > 0.5 && limits.upper - limits.lower < 1e-8, "Clopper-Pearson, the largest counts");

	/* Student's table: t of 0.975 with 9 degrees of freedom is 2.262157. */
	limits = mean_limits(10, 5, sqrt(10), 0.95);
	ok(fabs(limits.upper - 7.262157) < 5e-7 && fabs(limits.lower - 2.737843) < 5e-7, "a mean of ten values");
	limits = mean_limits(5, 7, 0, 0.95);
	ok(limits.lower == 7 && limits.upper == 7, "a mean of five equal values");
	limits = mean_limits(1, 7, 0, 0.95);
	ok(isnan(limits.lower) && isnan(limits.upper), "a single value has no interval");
	return done_testing();
}
