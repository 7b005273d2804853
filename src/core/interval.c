/*
 * interval.c
 *		Confidence intervals of proportions, of counts of events and of means.
 *
 * Wilson: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 * Clopper and Pearson: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
 * binomial", Biometrika 26, 1934.
 * Byar: N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research, volume II, 1987, page 69.
 * Exact Poisson: F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.
 * Mean: Student, "The probable error of a mean", Biometrika 6, 1908.
 */
#include "core/interval.h"

#include <math.h>

#include "core/special.h"

/* Half of what lies outside the confidence, taken below the centre: 1 - confidence loses nothing there. */
double
errors_to_limits(double confidence)
{
	return -normal_quantile((1 - confidence) / 2);
}

confidence_limits
wilson_limits(int64_t events, int64_t trials, double confidence)
{
	double		z = errors_to_limits(confidence);
	double		x = (double) events;
	double		n = (double) trials;
	double		half = z * sqrt(z * z + 4 * x * (1 - x / n));
	confidence_limits limits = {(2 * x + z * z - half) / (2 * (n + z * z)), (2 * x + z * z + half) / (2 * (n + z * z))};

	/* None and all are certain on their own side; the formula leaves rounding there. */
	if (events == 0)
		limits.lower = 0;
	if (events == trials)
		limits.upper = 1;
	return limits;
}

confidence_limits
clopper_pearson_limits(int64_t events, int64_t trials, double confidence)
{
	double		tail = (1 - confidence) / 2;
	double		x = (double) events;
	double		others = (double) (trials - events);

	return (confidence_limits) {events == 0 ? 0 : proportion_of_odds(beta_lower_odds(x, others + 1, tail)),
		events == trials ? 1 : proportion_of_odds(beta_upper_odds(x + 1, others, tail))};
}

/* Below a few events the lower limit's cube is of a negative number, or of what 0 events do not give. */
confidence_limits
byar_limits(int64_t events, double confidence)
{
	double		z = errors_to_limits(confidence);
	double		x = (double) events;
	double		y = x + 1;
	double		lower = 1 - 1 / (9 * x) - z / (3 * sqrt(x));
	double		upper = 1 - 1 / (9 * y) + z / (3 * sqrt(y));

	return (confidence_limits) {events == 0 || lower < 0 ? NAN : x * lower * lower * lower, y * upper * upper * upper};
}

/*
 * The mean of a Poisson variable that stays at or below "count" with this probability, found by Newton's method between
 * bounds that halve whenever it would leave them.
 */
static double
poisson_mean(int64_t count, double probability)
{
	double		low = 0;
	double		high = 1;
	double		mean;

	for (;;)
	{
		double		term = exp(-high);
		double		sum = term;

		for (int64_t k = 1; k <= count; k++)
			sum += term *= high / (double) k;
		if (sum <= probability)
			break;
		high *= 2;
	}
	mean = high / 2;
	for (int step = 0; step < 200; step++)
	{
		double		term = exp(-mean);	/* ends as the probability of "count" itself, minus the slope */
		double		sum = term;
		double		next;

		for (int64_t k = 1; k <= count; k++)
			sum += term *= mean / (double) k;
		if (sum > probability)
			low = mean;
		else
			high = mean;
		next = mean + (sum - probability) / term;
		if (!(next > low && next < high))
			next = (low + high) / 2;
		if (fabs(next - mean) <= 1e-16 * mean)
			return next;
		mean = next;
	}
	return mean;
}

/*
 * Few events at a usual confidence keep the sum that they have always had: what was once published stays the same to its last digit.
 * What is left of 1 by a small tail would lose digits there.
 */
confidence_limits
exact_poisson_limits(int64_t events, double confidence)
{
	double		tail = (1 - confidence) / 2;

	if (events < EXACT_POISSON_BELOW && tail > 1e-4)
		return (confidence_limits) {events == 0 ? 0 : poisson_mean(events - 1, 1 - tail), poisson_mean(events, tail)};
	return (confidence_limits) {events == 0 ? 0 : gamma_lower_quantile((double) events, tail),
		gamma_upper_quantile((double) events + 1, tail)};
}

confidence_limits
mean_limits(int64_t n, double mean, double standard_deviation, double confidence)
{
	double		reach;

	if (n < 2)
		return (confidence_limits) {NAN, NAN};
	reach = student_t_two_sided_quantile(confidence, (double) (n - 1)) * standard_deviation / sqrt((double) n);
	return (confidence_limits) {mean - reach, mean + reach};
}
