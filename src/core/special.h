/*
 * special.h
 *		Functions of probability theory that the C library does not have.
 *
 * No library with a licence that suits this one is packaged for C; these are tested against SciPy over their whole domain.
 */
#ifndef NALOXONE_KPI_SPECIAL_H
#define NALOXONE_KPI_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

/* The probability that a standard normal variable is above x. */
extern double normal_upper_tail(double x);

/* The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x); a > 0, x >= 0. */
extern double gamma_lower(double a, double x);
extern double gamma_upper(double a, double x);

/* The probability that a chi-squared variable is above x. */
extern double chi_squared_upper_tail(double x, double degrees_of_freedom);

/* The regularised incomplete beta function I_x(a, b), "complement" being 1 - x; a and b > 0. */
extern double beta_regularised(double a, double b, double x, double complement);

/* The probability that a binomial variable is at most k, and that it is above k; 0 <= probability <= 1. */
extern double binomial_at_most(int64_t k, int64_t trials, double probability);
extern double binomial_above(int64_t k, int64_t trials, double probability);

/* The smallest k with binomial_at_most(k) >= level, as R's qbinom gives it. */
extern int64_t binomial_quantile(double level, int64_t trials, double probability);

/* The probability that Kolmogorov's limiting distribution is above x. */
extern double kolmogorov_upper_tail(double x);

#endif							/* NALOXONE_KPI_SPECIAL_H */
