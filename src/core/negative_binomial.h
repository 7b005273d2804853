/*
 * negative_binomial.h
 *		The distribution of counts whose variance is "dispersion" times their mean: the negative binomial, and from a dispersion of
 *		1 down the Poisson distribution.
 */
#ifndef NALOXONE_KPI_NEGATIVE_BINOMIAL_H
#define NALOXONE_KPI_NEGATIVE_BINOMIAL_H

/* No mean above this has a quantile: counts would not be whole numbers of a double any more. */
#define NEGATIVE_BINOMIAL_MAX_MEAN	1e14

/* The probability of at most k, and of above k; k is a whole number, the mean positive. */
extern double negative_binomial_at_most(double k, double mean, double dispersion);
extern double negative_binomial_above(double k, double mean, double dispersion);

/*
 * The smallest k that a count is above with a probability of at most "tail", between 0 and 1.  A tail that is missed by a factor of
 * 1 + 2^-46 or less counts as reached.
 */
extern double negative_binomial_upper_quantile(double tail, double mean, double dispersion);

#endif							/* NALOXONE_KPI_NEGATIVE_BINOMIAL_H */
