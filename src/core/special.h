/*
 * special.h
 *		Functions of probability theory that the C library does not have.
 *
 * No library with a licence that suits this one is packaged for C; these are tested over their whole domain against arithmetic of
 * fifty digits, SciPy and R.
 */
#ifndef NALOXONE_KPI_SPECIAL_H
#define NALOXONE_KPI_SPECIAL_H

#include <stdint.h>

/* The probability that a standard normal variable is above x. */
extern double normal_upper_tail(double x);

/* The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x); a > 0, x >= 0.  Far tails keep their digits. */
extern double gamma_lower(double a, double x);
extern double gamma_upper(double a, double x);

/* The probability that a chi-squared variable is above x. */
extern double chi_squared_upper_tail(double x, double degrees_of_freedom);

/*
 * The regularised incomplete beta function I_x(a, b), "complement" being 1 - x; a and b > 0.  Of x and its complement the smaller
 * is taken to be exact, so that an x whose distance from 1 is known better than x itself loses nothing.
 */
extern double beta_regularised(double a, double b, double x, double complement);

/* The probability that a binomial variable is at most k, and that it is above k; 0 <= probability <= 1, trials up to 2^53. */
extern double binomial_at_most(int64_t k, int64_t trials, double probability);
extern double binomial_above(int64_t k, int64_t trials, double probability);

/*
 * The smallest k with binomial_at_most(k) >= level, as R's qbinom gives it: a level missed by a factor of 1 - 2^-46 or closer
 * counts as reached, level 0 gives 0 and level 1 all trials.
 */
extern int64_t binomial_quantile(double level, int64_t trials, double probability);

/* The probability that Kolmogorov's limiting distribution is above x. */
extern double kolmogorov_upper_tail(double x);

#endif							/* NALOXONE_KPI_SPECIAL_H */
