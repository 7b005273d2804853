/*
 * beta.c
 *		The beta distribution and its quantiles.
 *
 * Away from the mean of a large one: series and continued fraction, NIST Digital Library of Mathematical Functions, 8.17; the fraction
 * as A. R. DiDonato and A. H. Morris contract it in "Algorithm 708", ACM Transactions on Mathematical Software 18, 1992, evaluated as
 * W. J. Lentz does, Applied Optics 15, 1976.  First guess of a quantile: M. Abramowitz and I. A. Stegun, Handbook of Mathematical
 * Functions, 1964, 26.5.22.
 */
#include "core/special.h"

#include <float.h>
#include <math.h>

#include "core/tails.h"

/* What x^a y^b / B(a, b) is multiplied by to give the lower tail; distance = a - (a + b) x is not negative. */
static double
beta_fraction(double a, double b, double x, double y, double distance)
{
	double		value = a / (a + 1) * (distance + 1);
	double		c = value;
	double		d = 0;

	for (int n = 1; n < MAX_TERMS; n++)
	{
		double		middle = a + 2 * n - 1;
		double		weight = n * (b - n) * x / middle;
		double		numerator = weight * (a + n - 1) * (a + b + n - 1) * x / middle;
		double		denominator = n + weight + (a + n) / (middle + 2) * (distance + 1 + n * (1 + y));

		c = denominator + numerator / c;
		d = 1 / (denominator + numerator * d);
		value *= c * d;
		if (!(fabs(c * d - 1) > 2 * DBL_EPSILON))
			break;
	}
	return 1 / value;
}

/* The same where a is below 1 and x so small that the fractions are slow; what stands before it is x^a / (a B(a, b)). */
static tails
beta_tails_near_zero(double a, double b, double x)
{
	/* ln of Gamma(a + b) / (Gamma(b) Gamma(a + 1)) by Stirling's formula for the factorials of a + b and of b */
	double		power = a * log(x) + (b - 0.5) * log1p(a / b) + a * log(a + b) - a + stirling_error(a + b) - stirling_error(b)
		- log_gamma_above_one(a);
	double		sum = 0;
	double		term = 1;

	for (int n = 1; n < MAX_TERMS && fabs(term) > DBL_EPSILON / 8 * fabs(sum); n++)
	{
		term *= (n - b) * x / n;
		sum += a * term / (a + n);
	}
	return (tails) {exp(power) * (1 + sum), -expm1(power) - exp(power) * sum};
}

tails
beta_tails(double a, double b, double x, double y)
{
	double		sum = a + b;
	double		size = a / sum * b;
	double		distance;
	double		excess;
	double		front;			/* x^a y^b / B(a, b) */

	if (x <= 0)
		return (tails) {0, 1};
	if (y <= 0)
		return (tails) {1, 0};
	if (x > y)
	{
		tails		other = beta_tails(b, a, y, x);

		return (tails) {other.upper, other.lower};
	}
	if (a < 1 && x * (b + 1) < 1)
		return beta_tails_near_zero(a, b, x);
	/* x is the smaller and as the caller meant it; y may have been rounded. */
	distance = distance_from_mean(a, b, x);
	excess = deviance(a, sum * x, distance) + deviance(b, sum * y, -distance);
	if (size >= LARGE && excess <= size / 2)
		return tails_near_mean(size, excess, distance < 0, (b - a) / sum, a / sum * (b / sum));
	front = exp(stirling_error(sum) - stirling_error(a) - stirling_error(b) - excess) * sqrt(size) / SQRT_TWO_PI;
	return distance >= 0 ? from_lower(front * beta_fraction(a, b, x, y, distance)) :
		from_upper(front * beta_fraction(b, a, y, x, -distance));
}

/* x^a y^b / B(a, b): the density times the odds x / y, with respect to them; x is the smaller. */
static double
beta_slope(double a, double b, double x, double y)
{
	double		sum = a + b;
	double		distance = distance_from_mean(a, b, x);
	double		excess = deviance(a, sum * x, distance) + deviance(b, sum * y, -distance);

	return exp(stirling_error(sum) - stirling_error(a) - stirling_error(b) - excess) * sqrt(a / sum * b) / SQRT_TWO_PI;
}

static tails_at_point
beta_at(double odds, double a, double b)
{
	double		x = odds / (1 + odds);
	double		y = 1 / (1 + odds);

	return (tails_at_point) {beta_tails(a, b, x, y), x <= y ? beta_slope(a, b, x, y) : beta_slope(b, a, y, x)};
}

/* The odds x / y where a tail has this probability, above 0 and at most a half. */
static double
beta_odds(double a, double b, double probability, bool upper)
{
	double		z = (upper ? -1 : 1) * normal_quantile(probability);
	double		guess;

	if (a >= 1 && b >= 1)
	{
		double		of_a = 1 / (2 * a - 1);
		double		of_b = 1 / (2 * b - 1);
		double		size = 2 / (of_a + of_b);
		double		skew = (z * z - 3) / 6;
		double		w = -z * sqrt(fmax(size + skew, 0)) / size - (of_b - of_a) * (skew + 5. / 6 - 2 / (3 * size));

		guess = a / b * exp(-2 * w);
	}
	else if (upper)
		/* The first term of the series, of the odds the other way round. */
		guess = exp(-(log(probability * b) + lgamma(a) + lgamma(b) - lgamma(a + b)) / b);
	else
		guess = exp((log(probability * a) + lgamma(a) + lgamma(b) - lgamma(a + b)) / a);
	return point_of_tail(beta_at, a, b, upper, probability, guess);
}

double
beta_lower_odds(double a, double b, double probability)
{
	if (probability <= 0)
		return 0;
	if (probability >= 1)
		return INFINITY;
	return probability <= 0.5 ? beta_odds(a, b, probability, false) : beta_odds(a, b, 1 - probability, true);
}

double
beta_upper_odds(double a, double b, double probability)
{
	if (probability <= 0)
		return INFINITY;
	if (probability >= 1)
		return 0;
	return probability <= 0.5 ? beta_odds(a, b, probability, true) : beta_odds(a, b, 1 - probability, false);
}

double
proportion_of_odds(double odds)
{
	return odds <= 1 ? odds / (1 + odds) : 1 / (1 + 1 / odds);
}

double
beta_regularised(double a, double b, double x, double complement)
{
	return beta_tails(a, b, x, complement).lower;
}

