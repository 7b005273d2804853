/*
 * tails.c
 *		What the gamma and the beta distribution and those made of them share.
 *
 * Near the mean of a large gamma or beta distribution, where series and fractions are slow: the uniform expansion of N. M. Temme,
 * "The asymptotic expansion of the incomplete gamma functions", SIAM Journal on Mathematical Analysis 10, 1979, and "Incomplete
 * Laplace integrals: uniform asymptotic expansion with application to the incomplete beta function", the same journal 18, 1987,
 * summed as A. Gil, J. Segura and N. M. Temme do it in "Efficient and accurate algorithms for the computation and inversion of the
 * incomplete gamma function ratios", SIAM Journal on Scientific Computing 34, 2012.
 * What stands before series and fractions: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
 */
#include "core/tails.h"

#include <float.h>
#include <math.h>

#define EULER				0.57721566490153286061
#define EXPANSION_TERMS		30
#define MAX_STEPS			500

double
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

double
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

double
distance_from_mean(double a, double b, double x)
{
	double		left = a * x;
	double		right = b * x;
	double		sum = left + right;
	double		part = sum - left;
	/* What rounding takes from the products and from their sum. */
	double		rounding = (left - (sum - part)) + (right - part) + fma(a, x, -left) + fma(b, x, -right);

	return (a - sum) - rounding;
}

/*
 * The series of zeta / v converges below 2 sqrt(pi); zeta is at most 1 here.  For gamma "linear" is 1 and "quadratic" 0; for beta with
 * means p and q = 1 - p of its two sides they are q - p and p q.
 *
 * The upper tail is
 *		erfc(sqrt(excess)) / 2 + exp(-excess) / sqrt(2 pi size) * (sum of b[n] zeta^n) / (1 + b[1] / size),
 * and setting the derivatives of both sides equal gives b[n - 1] = f[n] + (n + 1) b[n + 1] / size, f being the coefficients of
 * zeta / v.
 */
tails
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

double
log_gamma_above_one(double a)
{
	double		sum = 1 + a;

	return lgamma(sum) + (a - (sum - 1)) * (PI * PI / 6 * a - EULER);
}

/*
 * Newton's method for the logarithm of the tail as a function of ln(point).  That is concave, as both tails of a log-concave density
 * are, so that from the first step on it comes nearer from one side; bounds are kept for what a first guess far out, or rounding at the
 * end, may do.
 */
double
point_of_tail(tails_function function, double a, double b, bool upper, double probability, double guess)
{
	double		low = 0;
	double		high = INFINITY;
	double		point = guess > 0 && guess < INFINITY ? guess : 1;
	double		last_move = INFINITY;

	for (int step = 0; step < MAX_STEPS; step++)
	{
		tails_at_point here = function(point, a, b);
		double		tail = upper ? here.tails.upper : here.tails.lower;
		double		move = log(probability / tail) * (tail / here.slope) * (upper ? -1 : 1);
		double		next = point * exp(move);

		if (tail == probability)
			return point;
		/* It has arrived, or is where rounding moves it to and fro. */
		if (fabs(move) <= DBL_EPSILON || (fabs(move) < 1e-9 && fabs(move) > last_move / 2))
			return next;
		last_move = fabs(move);
		if ((tail < probability) != upper)
			low = point;
		else
			high = point;
		if (next > low && next < high)
			point = next;
		else if (isinf(high))
			point *= 16;
		else if (low == 0)
			point /= 16;
		else
			point = sqrt(low) * sqrt(high);
	}
	return point;
}
