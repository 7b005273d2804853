/*
 * comparison.c
 *		Comparing two proportions, or two counts of events: differences and ratios with their confidence intervals.
 *
 * Difference: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
 * Statistics in Medicine 17, 1998, method 10.
 * Ratio of proportions: P. A. R. Koopman, "Confidence intervals for the ratio of two binomial proportions", Biometrics 40, 1984, whose
 * statistic is reckoned as O. Miettinen and M. Nurminen write it, "Comparative analysis of two rates", Statistics in Medicine 4, 1985,
 * without their factor N / (N - 1); D. Katz, J. Baptista, S. P. Azen and M. C. Pike, "Obtaining confidence intervals for the risk ratio
 * in cohort studies", Biometrics 34, 1978.
 * Ratio of rates: J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31, 1940;
 * K. J. Rothman and S. Greenland, Modern Epidemiology, 1998, chapter 14.
 * Dispersion: P. McCullagh and J. A. Nelder, Generalized Linear Models, second edition, 1989, sections 4.5 and 6.2.
 */
#include "core/comparison.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#define MAX_STEPS	400

confidence_limits
newcombe_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence)
{
	double		p1 = (double) events1 / (double) trials1;
	double		p2 = (double) events2 / (double) trials2;
	confidence_limits first = wilson_limits(events1, trials1, confidence);
	confidence_limits second = wilson_limits(events2, trials2, confidence);

	return (confidence_limits) {p1 - p2 - hypot(p1 - first.lower, second.upper - p2),
		p1 - p2 + hypot(first.upper - p1, p2 - second.lower)};
}

typedef struct two_proportions
{
	double		events1;
	double		others1;
	double		trials1;
	double		events2;
	double		others2;
	double		trials2;
} two_proportions;

/*
 * The variance of the first proportion where the likelihood is greatest among those whose ratio is this.  The proportion is the smaller
 * root of the quadratic equation in Koopman's paper; it and its complement are both written without differences of nearly equal terms.
 */
static double
restricted_variance(const two_proportions *c, double ratio)
{
	double		of_second = ratio * (c->trials1 + c->events2);
	double		of_first = c->events1 + c->trials2;
	double		sum = of_second + of_first;
	double		difference = of_second - of_first;
	double		root = sqrt(difference * difference + 4 * ratio * c->others1 * c->others2);
	double		p = 2 * ratio * (c->events1 + c->events2) / (sum + root);
	/* 2 (trials1 + trials2) - sum */
	double		rest = c->others1 + c->others2 + (1 - ratio) * (c->trials1 + c->events2);
	double		q = rest >= 0 ? (rest + root) / (2 * (c->trials1 + c->trials2)) : 2 * (1 - ratio) * c->others1 / (rest - root);

	return fmax(p, 0) * fmax(q, 0) / c->trials1;
}

/* Koopman's statistic with the sign of what it tests: falls as the ratio grows. */
static double
score(const two_proportions *c, double ratio)
{
	two_proportions swapped = {c->events2, c->others2, c->trials2, c->events1, c->others1, c->trials1};
	double		difference = c->events1 / c->trials1 - ratio * (c->events2 / c->trials2);
	double		variance = restricted_variance(c, ratio) + ratio * ratio * restricted_variance(&swapped, 1 / ratio);

	return difference == 0 ? 0 : difference / sqrt(variance);
}

/* Where the score is z, above "from" or below it, which is where it is 0 (or a bound of where it is beyond). */
static double
ratio_of_score(const two_proportions *c, double z, double from)
{
	double		factor = z < 0 ? 4 : 0.25;
	double		inner = from;
	double		outer = from * factor;
	double		at_inner;
	double		at_outer;
	int			side = 0;

	for (int step = 0; step < MAX_STEPS && fabs(score(c, outer)) < fabs(z); step++)
	{
		inner = outer;
		outer *= factor;
	}
	/* False position on ln(ratio), an end that stays having its weight halved (the Illinois method). */
	inner = log(inner);
	outer = log(outer);
	at_inner = score(c, exp(inner)) - z;
	at_outer = score(c, exp(outer)) - z;
	for (int step = 0; step < MAX_STEPS && fabs(outer - inner) > 2 * DBL_EPSILON * fmax(1, fabs(inner)); step++)
	{
		double		middle = inner + (outer - inner) * (at_inner / (at_inner - at_outer));
		double		at_middle;

		if (!(middle > fmin(inner, outer) && middle < fmax(inner, outer)))
			middle = (inner + outer) / 2;
		at_middle = score(c, exp(middle)) - z;
		if (at_middle == 0)
			return exp(middle);
		if ((at_middle > 0) == (at_inner > 0))
		{
			inner = middle;
			at_inner = at_middle;
			if (side == 1)
				at_outer /= 2;
			side = 1;
		}
		else
		{
			outer = middle;
			at_outer = at_middle;
			if (side == -1)
				at_inner /= 2;
			side = -1;
		}
	}
	return exp(fabs(at_inner) < fabs(at_outer) ? inner : outer);
}

confidence_limits
koopman_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence)
{
	two_proportions c = {(double) events1, (double) (trials1 - events1), (double) trials1,
	(double) events2, (double) (trials2 - events2), (double) trials2};
	double		z = errors_to_limits(confidence);
	/* Where one has no event the score is 0 at one end only; from here it is sought both ways. */
	double		from = fmax(c.events1, 0.5) / c.trials1 / (fmax(c.events2, 0.5) / c.trials2);

	if (events1 == 0 && events2 == 0)
		return (confidence_limits) {NAN, NAN};
	while (events1 == 0 && score(&c, from) < -z)
		from /= 4;
	while (events2 == 0 && score(&c, from) > z)
		from *= 4;
	return (confidence_limits) {events1 == 0 ? 0 : ratio_of_score(&c, z, from), events2 == 0 ? NAN : ratio_of_score(&c, -z, from)};
}

confidence_limits
katz_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence)
{
	double		x1 = (double) events1;
	double		x2 = (double) events2;
	double		ratio = x1 / (double) trials1 / (x2 / (double) trials2);
	double		reach;

	if (events1 == 0 || events2 == 0)
		return (confidence_limits) {NAN, NAN};
	/* 1/x - 1/n, without the difference */
	reach = errors_to_limits(confidence) * sqrt((double) (trials1 - events1) / x1 / (double) trials1
												+ (double) (trials2 - events2) / x2 / (double) trials2);
	return (confidence_limits) {ratio * exp(-reach), ratio * exp(reach)};
}

/*
 * Of so many events together, each falls to the first with odds of the ratio of the rates times the ratio of the exposures; so the limits
 * are those of Clopper and Pearson.
 */
confidence_limits
exact_rate_ratio_limits(int64_t events1, double exposure1, int64_t events2, double exposure2, double confidence)
{
	double		tail = (1 - confidence) / 2;
	double		x1 = (double) events1;
	double		x2 = (double) events2;
	double		exposures = exposure2 / exposure1;

	if (events1 == 0 && events2 == 0)
		return (confidence_limits) {NAN, NAN};
	return (confidence_limits) {events1 == 0 ? 0 : beta_lower_odds(x1, x2 + 1, tail) * exposures,
		events2 == 0 ? NAN : beta_upper_odds(x1 + 1, x2, tail) * exposures};
}

double
exact_rate_ratio_test(int64_t events1, double exposure1, int64_t events2, double exposure2)
{
	/* Halved, so that the sum of two large exposures is finite. */
	double		sum = exposure1 / 2 + exposure2 / 2;

	return binomial_two_sided(events1, events1 + events2, exposure1 / 2 / sum, exposure2 / 2 / sum);
}

confidence_limits
dispersed_rate_ratio_limits(int64_t events1, double exposure1, int64_t events2, double exposure2, double dispersion,
							double degrees_of_freedom, double confidence)
{
	double		x1 = (double) events1;
	double		x2 = (double) events2;
	double		ratio = x1 / x2 * (exposure2 / exposure1);
	double		reach;

	if (events1 == 0 || events2 == 0)
		return (confidence_limits) {NAN, NAN};
	reach = student_t_two_sided_quantile(confidence, degrees_of_freedom) * sqrt(dispersion * (1 / x1 + 1 / x2));
	return (confidence_limits) {ratio * exp(-reach), ratio * exp(reach)};
}
