/*
 * tails.h
 *		What the gamma and the beta distribution and those made of them share.
 *
 * Where it matters both tails of a distribution are found together: the smaller is computed and the larger is what it leaves of 1,
 * so that neither loses digits.
 */
#ifndef NALOXONE_KPI_TAILS_H
#define NALOXONE_KPI_TAILS_H

#include <stdbool.h>

#define PI					3.14159265358979323846
#define SQRT_HALF			0.70710678118654752440
#define SQRT_TWO_PI			2.50662827463100050242

/* From this size of a distribution on the expansion near the mean is used; below it series and fractions are short. */
#define LARGE				200

/* No series or fraction here needs more than 130 terms: a bound, should a platform's rounding keep one from settling. */
#define MAX_TERMS			1000

/* The probability of at most x and of above x. */
typedef struct tails
{
	double		lower;
	double		upper;
} tails;

static inline tails
from_lower(double lower)
{
	return (tails) {lower, 1 - lower};
}

static inline tails
from_upper(double upper)
{
	return (tails) {1 - upper, upper};
}

/* ln Gamma(n + 1) less Stirling's formula for it, (n + 1/2) ln n - n + ln(2 pi) / 2; n > 0. */
extern double stirling_error(double n);

/*
 * Half the deviance of a count from its mean: count ln(count / mean) - (count - mean).  The difference is given because the caller
 * may know it better than its parts tell.
 */
extern double deviance(double count, double mean, double difference);

/* a - (a + b) x, which is all that is left of large numbers near the mean, to nearly the last digit. */
extern double distance_from_mean(double a, double b, double x);

/* ln Gamma(1 + a) for a between 0 and 1, to the last digit of a: 1 + a has lost some of them. */
extern double log_gamma_above_one(double a);

/*
 * The tails of a distribution whose density in zeta, a function of x that is 0 at the mean, is proportional to
 * exp(-size zeta^2 / 2) zeta / v, where v is the distance of x from the mean in a suitable unit and
 *		v dv/dzeta = zeta (1 + linear v - quadratic v^2).
 * "excess" is size zeta^2 / 2.
 */
extern tails tails_near_mean(double size, double excess, bool above, double linear, double quadratic);

/* Of a beta variable at x, y being 1 - x: the smaller of the two is taken to be exact. */
extern tails beta_tails(double a, double b, double x, double y);

/* The tails of a distribution at a point above 0, and its density there times the point. */
typedef struct tails_at_point
{
	tails		tails;
	double		slope;
} tails_at_point;
typedef tails_at_point (*tails_function) (double point, double a, double b);

/*
 * The point at which a tail, the lower or the upper, has this probability, which is above 0 and at most 1/2.  As a function of
 * ln(point) the logarithm of the density must be concave.
 */
extern double point_of_tail(tails_function function, double a, double b, bool upper, double probability, double guess);

#endif							/* NALOXONE_KPI_TAILS_H */
