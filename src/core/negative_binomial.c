/*
 * negative_binomial.c
 *		The distribution of counts whose variance is so many times their mean.
 *
 * With size mean / (dispersion - 1) and probability 1 / dispersion it is I_probability(size, k + 1) that a count is at most k: N. L.
 * Johnson, A. W. Kemp and S. Kotz, Univariate Discrete Distributions, 3rd edition, 2005, section 5.6; for Poisson Q(k + 1, mean).
 */
#include "core/negative_binomial.h"

#include <float.h>
#include <math.h>

#include "core/interval.h"
#include "core/special.h"

double
negative_binomial_at_most(double k, double mean, double dispersion)
{
	if (k < 0)
		return 0;
	if (!(dispersion > 1))
		return gamma_upper(k + 1, mean);
	return beta_regularised(mean / (dispersion - 1), k + 1, 1 / dispersion, (dispersion - 1) / dispersion);
}

double
negative_binomial_above(double k, double mean, double dispersion)
{
	if (k < 0)
		return 1;
	if (!(dispersion > 1))
		return gamma_lower(k + 1, mean);
	return beta_regularised(k + 1, mean / (dispersion - 1), (dispersion - 1) / dispersion, 1 / dispersion);
}

double
negative_binomial_upper_quantile(double tail, double mean, double dispersion)
{
	double		target = tail * (1 + 64 * DBL_EPSILON);
	double		spread = sqrt(mean * fmax(1, dispersion));
	double		too_low = -1;
	double		high_enough = floor(mean - normal_quantile(tail) * spread) + 1;
	double		step = floor(spread) + 1;

	/* From the normal approximation in steps that double until the answer is between two bounds, then halving. */
	if (high_enough < 0)
		high_enough = 0;
	while (negative_binomial_above(high_enough, mean, dispersion) > target)
	{
		too_low = high_enough;
		high_enough += step;
		step *= 2;
	}
	while (too_low < high_enough - 1)
	{
		double		middle = floor((too_low + high_enough) / 2);

		if (negative_binomial_above(middle, mean, dispersion) > target)
			too_low = middle;
		else
			high_enough = middle;
	}
	return high_enough;
}
