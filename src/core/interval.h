/*
 * interval.h
 *		Confidence intervals of proportions, of counts of events and of means.
 *
 * Confidence is a number between 0 and 1, neither included.  The caller has checked the arguments.  A limit that a method does not give
 * is not a number (NAN).
 */
#ifndef NALOXONE_KPI_INTERVAL_H
#define NALOXONE_KPI_INTERVAL_H

#include <stdint.h>

#include "core/special.h"

typedef struct confidence_limits
{
	double		lower;
	double		upper;
} confidence_limits;

/* How many standard errors the limits of a normal variable are from its mean. */
extern double errors_to_limits(double confidence);

/* Of a proportion, by Wilson's score method, or exact (Clopper and Pearson); "trials" is at least 1. */
extern confidence_limits wilson_limits(int64_t events, int64_t trials, double confidence);
extern confidence_limits clopper_pearson_limits(int64_t events, int64_t trials, double confidence);

/* Of the mean of a Poisson variable of which a count was seen: by Byar's approximation, which may have no lower limit. */
extern confidence_limits byar_limits(int64_t events, double confidence);

/* The same, exact (Garwood). */
extern confidence_limits exact_poisson_limits(int64_t events, double confidence);

/* What stands for "automatic": exact below this many events, Byar's from there. */
#define EXACT_POISSON_BELOW	10

/* Of the mean of a normal variable of which n values were seen, by Student's t; none with a single value. */
extern confidence_limits mean_limits(int64_t n, double mean, double standard_deviation, double confidence);

#endif							/* NALOXONE_KPI_INTERVAL_H */
