/*
 * gamma.c
 *		The gamma distribution, and what is made of it: the chi-squared distribution and the limits of a Poisson mean.
 *
 * Away from the mean of a large one: series and continued fraction, NIST Digital Library of Mathematical Functions, 8.7 and 8.9, the
 * fraction evaluated as W. J. Lentz does, Applied Optics 15, 1976.  First guess of a quantile: E. B. Wilson and M. M. Hilferty, "The
 * distribution of chi-square", Proceedings of the National Academy of Sciences 17, 1931.
 */
#include "core/special.h"

#include <float.h>
#include <math.h>

#include "core/tails.h"

/*
 * Where a and x are below 1: x^a / Gamma(a + 1) times 1 and a sum in which every term has a factor of a, so that what the lower
 * tail leaves of 1 keeps its digits.
 */
static tails
gamma_tails_near_zero(double a, double x)
{
	double		power = a * log(x) - log_gamma_above_one(a);
	double		sum = 0;
	double		term = 1;

	for (int n = 1; n < MAX_TERMS && fabs(term) > DBL_EPSILON / 8 * fabs(sum); n++)
	{
		term *= -x / n;
		sum += a * term / (a + n);
	}
	return (tails) {exp(power) * (1 + sum), -expm1(power) - exp(power) * sum};
}

/* x^a e^-x / Gamma(a): the density times x. */
static double
gamma_slope(double a, double x)
{
	return exp(-deviance(a, x, a - x) - stirling_error(a)) * sqrt(a) / SQRT_TWO_PI;
}

static tails
gamma_tails(double a, double x)
{
	double		excess;
	double		front;
	double		sum = 1;
	double		term = 1;
	double		denominator;
	double		value;
	double		c;
	double		d = 0;

	if (x <= 0)
		return (tails) {0, 1};
	if (isinf(x))
		return (tails) {1, 0};
	if (a < 1 && x < 1)
		return gamma_tails_near_zero(a, x);
	excess = deviance(a, x, a - x);
	if (a >= LARGE && excess <= a / 2)
		return tails_near_mean(a, excess, x > a, 1, 0);
	front = gamma_slope(a, x);

	if (x <= a)
	{
		for (int n = 1; n < MAX_TERMS && term > DBL_EPSILON / 8 * sum; n++)
			sum += term *= x / (a + n);
		return from_lower(front * sum / a);
	}

	/* 1 / (x + 1 - a + 1 (a - 1) / (x + 3 - a + 2 (a - 2) / (x + 5 - a + ...))) */
	denominator = x - a + 1;
	value = c = denominator;
	for (int n = 1; n < MAX_TERMS; n++)
	{
		double		numerator = n * (a - n);

		denominator += 2;
		c = denominator + numerator / c;
		d = 1 / (denominator + numerator * d);
		value *= c * d;
		if (!(fabs(c * d - 1) > 2 * DBL_EPSILON))
			break;
	}
	return from_upper(front / value);
}

static tails_at_point
gamma_at(double x, double a, double unused)
{
	(void) unused;
	return (tails_at_point) {gamma_tails(a, x), gamma_slope(a, x)};
}

/* The point of a tail whose probability is above 0 and at most a half. */
static double
gamma_point(double a, double probability, bool upper)
{
	double		variance = 1 / (9 * a);
	double		root = 1 - variance + (upper ? -1 : 1) * normal_quantile(probability) * sqrt(variance);
	double		guess = a * root * root * root;

	/* Where Wilson and Hilferty's cube of a normal variable does not serve: the first term of the series of the lower tail. */
	if (!upper && (root < 0.4 || a < 1))
		guess = exp((log(probability) + lgamma(a + 1)) / a);
	return point_of_tail(gamma_at, a, 0, upper, probability, guess);
}

double
gamma_lower_quantile(double a, double probability)
{
	if (probability <= 0)
		return 0;
	if (probability >= 1)
		return INFINITY;
	return probability <= 0.5 ? gamma_point(a, probability, false) : gamma_point(a, 1 - probability, true);
}

double
gamma_upper_quantile(double a, double probability)
{
	if (probability <= 0)
		return INFINITY;
	if (probability >= 1)
		return 0;
	return probability <= 0.5 ? gamma_point(a, probability, true) : gamma_point(a, 1 - probability, false);
}

double
gamma_lower(double a, double x)
{
	return gamma_tails(a, x).lower;
}

double
gamma_upper(double a, double x)
{
	return gamma_tails(a, x).upper;
}

double
chi_squared_upper_tail(double x, double degrees_of_freedom)
{
	return gamma_upper(degrees_of_freedom / 2, x / 2);
}

