/*
 * special.c
 *		Functions of probability theory that the C library does not have.
 *
 * Where it matters both tails of a distribution are found together: the smaller is computed and the larger is what it leaves of 1,
 * so that neither loses digits.
 *
 * Near the mean of a large gamma or beta distribution, where series and fractions are slow: the uniform expansion of N. M. Temme,
 * "The asymptotic expansion of the incomplete gamma functions", SIAM Journal on Mathematical Analysis 10, 1979, and "Incomplete
 * Laplace integrals: uniform asymptotic expansion with application to the incomplete beta function", the same journal 18, 1987,
 * summed as A. Gil, J. Segura and N. M. Temme do it in "Efficient and accurate algorithms for the computation and inversion of the
 * incomplete gamma function ratios", SIAM Journal on Scientific Computing 34, 2012.
 * Elsewhere: series and continued fractions, NIST Digital Library of Mathematical Functions, 8.7, 8.9 and 8.17; the fraction of the
 * incomplete beta function as A. R. DiDonato and A. H. Morris contract it in "Algorithm 708", ACM Transactions on Mathematical
 * Software 18, 1992.  Fractions are evaluated as W. J. Lentz does, Applied Optics 15, 1976.
 * What stands before them: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
 * Kolmogorov: W. Feller, "On the Kolmogorov-Smirnov limit theorems for empirical distributions", Annals of Mathematical Statistics
 * 19, 1948.
 */
#include "core/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "core/interval.h"

#define PI					3.14159265358979323846
#define SQRT_HALF			0.70710678118654752440
#define SQRT_TWO_PI			2.50662827463100050242
#define EULER				0.57721566490153286061

/* From this size of a distribution on the expansion near the mean is used; below it series and fractions are short. */
#define LARGE				200
#define EXPANSION_TERMS		30

/* No series or fraction here needs more than 130 terms: a bound, should a platform's rounding keep one from settling. */
#define MAX_TERMS			1000

/* The probability of at most x and of above x. */
typedef struct tails
{
	double		lower;
	double		upper;
} tails;

static tails
from_lower(double lower)
{
	return (tails) {lower, 1 - lower};
}

static tails
from_upper(double upper)
{
	return (tails) {1 - upper, upper};
}

double
normal_upper_tail(double x)
{
	return erfc(x * SQRT_HALF) / 2;
}

/* ln Gamma(n + 1) less Stirling's formula for it, (n + 1/2) ln n - n + ln(2 pi) / 2; n > 0. */
static double
stirling_error(double n)
{
	double		error = 0;
	double		square;

	/* The step from n to n + 1 is in closed form; from 15 on the series has all digits. */
	for (; n < 15; n++)
		error += (n + 0.5) * log1p(1 / n) - 1;
	square = n * n;
	return error + (1. / 12 - (1. / 360 - (1. / 1260 - (1. / 1680 - (1. / 1188 - 691. / 360360 / square) / square) / square)
							   / square) / square) / n;
}

/*
 * Half the deviance of a count from its mean: count ln(count / mean) - (count - mean).  The difference is given because the caller
 * may know it better than its parts tell.
 */
static double
deviance(double count, double mean, double difference)
{
	double		ratio = difference / (count + mean);
	double		sum = difference * ratio;
	double		term = 2 * count * ratio;

	if (fabs(ratio) > 0.5)
		return count * log(count / mean) - difference;
	for (int n = 3; n < MAX_TERMS; n += 2)
	{
		double		last = sum;

		term *= ratio * ratio;
		sum += term / n;
		if (sum == last)
			break;
	}
	return sum;
}

/*
 * The tails of a distribution whose density in zeta, a function of x that is 0 at the mean, is proportional to
 * exp(-size zeta^2 / 2) zeta / v, where v is the distance of x from the mean in a suitable unit and
 *		v dv/dzeta = zeta (1 + linear v - quadratic v^2).
 * For gamma that is linear 1, quadratic 0; for beta with means p and q = 1 - p of its two sides it is q - p and p q.  The series of
 * zeta / v converges below 2 sqrt(pi); zeta is at most 1 here.
 *
 * With "excess" = size zeta^2 / 2 the upper tail is
 *		erfc(sqrt(excess)) / 2 + exp(-excess) / sqrt(2 pi size) * (sum of b[n] zeta^n) / (1 + b[1] / size),
 * and setting the derivatives of both sides equal gives b[n - 1] = f[n] + (n + 1) b[n + 1] / size, f being the coefficients of
 * zeta / v.
 */
static tails
tails_near_mean(double size, double excess, bool above, double linear, double quadratic)
{
	double		zeta = sqrt(2 * excess / size) * (above ? 1 : -1);
	double		g[EXPANSION_TERMS + 1]; /* of v / zeta */
	double		h[EXPANSION_TERMS + 1]; /* of its square */
	double		f[EXPANSION_TERMS + 1]; /* of its reciprocal */
	double		b = 0;			/* b[n - 1] */
	double		next = 0;		/* b[n] */
	double		sum = 0;
	double		half;

	g[0] = h[0] = f[0] = 1;
	for (int n = 1; n <= EXPANSION_TERMS; n++)
	{
		h[n] = (linear * g[n - 1] - (n > 1 ? quadratic * h[n - 2] : 0)) * 2 / (n + 2);
		g[n] = h[n];
		for (int k = 1; k < n; k++)
			g[n] -= g[k] * g[n - k];
		g[n] /= 2;
		f[n] = 0;
		for (int k = 1; k <= n; k++)
			f[n] -= g[k] * f[n - k];
	}
	for (int n = EXPANSION_TERMS; n >= 1; n--)
	{
		double		after = next;	/* b[n + 1] */

		next = b;
		b = f[n] + (n + 1) * after / size;
		sum = sum * zeta + b;
	}
	/* Now b is b[0] and next is b[1]. */
	sum *= exp(-excess) / (SQRT_TWO_PI * sqrt(size) * (1 + next / size));
	half = erfc(sqrt(excess)) / 2;
	return above ? from_upper(half + sum) : from_lower(half - sum);
}

/* ln Gamma(1 + a) for a between 0 and 1, to the last digit of a: 1 + a has lost some of them. */
static double
log_gamma_above_one(double a)
{
	double		sum = 1 + a;

	return lgamma(sum) + (a - (sum - 1)) * (PI * PI / 6 * a - EULER);
}

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

static tails
gamma_tails(double a, double x)
{
	double		excess;
	double		front;			/* x^a e^-x / Gamma(a) */
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
	front = exp(-excess - stirling_error(a)) * sqrt(a) / SQRT_TWO_PI;

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

/*
 * a - (a + b) x, which is all that is left of large numbers near the mean: the products and their sum are kept with the parts that
 * rounding takes from them.
 */
static double
distance_from_mean(double a, double b, double x)
{
	double		left = a * x;
	double		right = b * x;
	double		sum = left + right;
	double		part = sum - left;
	double		rounding = (left - (sum - part)) + (right - part) + fma(a, x, -left) + fma(b, x, -right);

	return (a - sum) - rounding;
}

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

static tails
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

double
beta_regularised(double a, double b, double x, double complement)
{
	return beta_tails(a, b, x, complement).lower;
}

static tails
binomial_tails(int64_t k, int64_t trials, double probability)
{
	tails		above;

	if (k < 0)
		return (tails) {0, 1};
	if (k >= trials)
		return (tails) {1, 0};
	above = beta_tails((double) (k + 1), (double) (trials - k), probability, 1 - probability);
	return (tails) {above.upper, above.lower};
}

double
binomial_at_most(int64_t k, int64_t trials, double probability)
{
	return binomial_tails(k, trials, probability).lower;
}

double
binomial_above(int64_t k, int64_t trials, double probability)
{
	return binomial_tails(k, trials, probability).upper;
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

double
kolmogorov_upper_tail(double x)
{
	double		sum = 0;

	if (!(x > 0))
		return 1;
	if (x < 0.8)
	{
		double		rate = PI * PI / (8 * x * x);

		for (int n = 1; n <= 7; n += 2)
			sum += exp(-n * n * rate);
		return 1 - SQRT_TWO_PI / x * sum;
	}
	for (int n = 1; n <= 6; n++)
		sum += exp(-2 * n * n * x * x) * (n % 2 == 1 ? 2 : -2);
	return sum;
}
