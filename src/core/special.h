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

/* The probability that a standard normal variable is above x, and the point that it stays below with this probability. */
extern double normal_upper_tail(double x);
extern double normal_quantile(double probability);

/* The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x); a > 0, x >= 0.  Far tails keep their digits. */
extern double gamma_lower(double a, double x);
extern double gamma_upper(double a, double x);

/* The x at which gamma_lower(a, x), or gamma_upper(a, x), is this probability; a >= 0.01. */
extern double gamma_lower_quantile(double a, double probability);
extern double gamma_upper_quantile(double a, double probability);

/* The probability that a chi-squared variable is above x. */
extern double chi_squared_upper_tail(double x, double degrees_of_freedom);

/*
 * The regularised incomplete beta function I_x(a, b), "complement" being 1 - x; a and b > 0.  Of x and its complement the smaller
 * is taken to be exact, so that an x whose distance from 1 is known better than x itself loses nothing.
 */
extern double beta_regularised(double a, double b, double x, double complement);

/*
 * The odds x / (1 - x) at which beta_regularised(a, b, x), or what it leaves of 1, is this probability: proportion_of_odds() gives x,
 * and of 1 / odds its complement, neither of which then loses digits to the other.  a and b >= 0.01.
 */
extern double beta_lower_odds(double a, double b, double probability);
extern double beta_upper_odds(double a, double b, double probability);
extern double proportion_of_odds(double odds);

/*
 * The probability that a variable with Student's t distribution is above t, and the point from which to its negative it lies with this
 * probability; degrees_of_freedom > 0, infinity being the normal distribution.
 */
extern double student_t_upper_tail(double t, double degrees_of_freedom);
extern double student_t_two_sided_quantile(double probability, double degrees_of_freedom);

/* The probability that a binomial variable is at most k, and that it is above k; 0 <= probability <= 1, trials up to 2^53. */
extern double binomial_at_most(int64_t k, int64_t trials, double probability);
extern double binomial_above(int64_t k, int64_t trials, double probability);

/*
 * The smallest k with binomial_at_most(k) >= level, as R's qbinom gives it: a level missed by a factor of 1 - 2^-46 or closer
 * counts as reached, level 0 gives 0 and level 1 all trials.
 */
extern int64_t binomial_quantile(double level, int64_t trials, double probability);

/* The natural logarithm of the probability of k, "complement" being 1 - probability and the smaller of the two exact. */
extern double binomial_log_density(int64_t k, int64_t trials, double probability, double complement);

/*
 * The probability of all outcomes that are no more probable than k: the two-sided exact test, as R's binom.test has it.  As there, one
 * that is more probable by a factor of 1 + 1e-7 or less counts as equal, for rounding's sake; and what is too small for double precision
 * is 2^-1074, not 0.
 */
extern double binomial_two_sided(int64_t k, int64_t trials, double probability, double complement);

/* The probability that Kolmogorov's limiting distribution is above x. */
extern double kolmogorov_upper_tail(double x);

#endif							/* NALOXONE_KPI_SPECIAL_H */
