/*
 * binomial.c
 *		The binomial distribution: tails, density and quantiles.
 *
 * Density: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
 */
#include "core/special.h"

#include <float.h>
#include <math.h>

#include "core/tails.h"

static tails
binomial_tails(int64_t k, int64_t trials, double probability, double complement)
{
	tails		above;

	if (k < 0)
		return (tails) {0, 1};
	if (k >= trials)
		return (tails) {1, 0};
	above = beta_tails((double) (k + 1), (double) (trials - k), probability, complement);
	return (tails) {above.upper, above.lower};
}

double
binomial_at_most(int64_t k, int64_t trials, double probability)
{
	return binomial_tails(k, trials, probability, 1 - probability).lower;
}

double
binomial_above(int64_t k, int64_t trials, double probability)
{
	return binomial_tails(k, trials, probability, 1 - probability).upper;
}

double
binomial_log_density(int64_t k, int64_t trials, double probability, double complement)
{
	double		events = (double) k;
	double		others = (double) (trials - k);
	double		distance;

	if (k < 0 || k > trials)
		return -INFINITY;
	if (k == 0)
		return others == 0 ? 0 : others * (probability < complement ? log1p(-probability) : log(complement));
	if (others == 0)
		return events * (complement < probability ? log1p(-complement) : log(probability));
	distance = probability <= complement ? distance_from_mean(events, others, probability) :
		-distance_from_mean(others, events, complement);
	return stirling_error((double) trials) - stirling_error(events) - stirling_error(others)
		- deviance(events, (double) trials * probability, distance) - deviance(others, (double) trials * complement, -distance)
		+ log((double) trials / events / others / (2 * PI)) / 2;
}

/* The first k from "low" to "high", in which the density falls, with a density of at most this; high + 1 where there is none. */
static int64_t
first_at_most(double log_density, int64_t low, int64_t high, int64_t trials, double probability, double complement)
{
	while (low <= high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (binomial_log_density(middle, trials, probability, complement) <= log_density)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return low;
}

double
binomial_two_sided(int64_t k, int64_t trials, double probability, double complement)
{
	double		mean = (double) trials * probability;
	double		density = binomial_log_density(k, trials, probability, complement) + log1p(1e-7);
	int64_t		other;
	double		sum;

	if ((double) k == mean)
		return 1;
	if ((double) k > mean)
	{
		/* Of what did not happen there were fewer than expected. */
		double		swap = probability;

		k = trials - k;
		probability = complement;
		complement = swap;
		mean = (double) trials * probability;
	}
	other = first_at_most(density, (int64_t) ceil(mean), trials, trials, probability, complement);
	sum = binomial_tails(k, trials, probability, complement).lower + binomial_tails(other - 1, trials, probability, complement).upper;
	/* It is never 0: what is too small for double precision is the least that there is. */
	return fmin(fmax(sum, DBL_MIN * DBL_EPSILON), 1);
}

int64_t
binomial_quantile(double level, int64_t trials, double probability)
{
	/* A level that is itself a sum of probabilities is reached where rounding leaves the sum a little short. */
	double		target = level * (1 - 64 * DBL_EPSILON);
	double		mean = (double) trials * probability;
	int64_t		too_low = -1;
	int64_t		high_enough = trials;
	int64_t		step = 1;
	int64_t		k;
	double		guess;

	if (level <= 0)
		return 0;
	if (level >= 1)
		return trials;
	guess = mean + normal_quantile(level) * sqrt(mean * (1 - probability));
	k = guess <= 0 ? 0 : guess >= (double) trials ? trials : (int64_t) guess;

	/* From the normal approximation in steps that double until the answer is between two bounds, then halving. */
	while (too_low < high_enough - 1)
	{
		if (binomial_at_most(k, trials, probability) >= target)
		{
			high_enough = k;
			k -= step;
		}
		else
		{
			too_low = k;
			k = step < high_enough - k ? k + step : high_enough;
		}
		if (step <= trials / 2)
			step *= 2;
		if (k <= too_low || k >= high_enough)
			k = too_low + (int64_t) (((uint64_t) high_enough - (uint64_t) too_low) / 2);
	}
	return high_enough;
}

