/*
 * interval.h
 *		Confidence intervals of proportions and of counts of events.
 *
 * Confidence is a number between 0 and 1, neither included.  The caller has checked the arguments.
 */
#ifndef NALOXONE_KPI_INTERVAL_H
#define NALOXONE_KPI_INTERVAL_H

#include <stdint.h>

typedef struct confidence_limits
{
	double		lower;
	double		upper;
} confidence_limits;

/* The point that a standard normal variable stays below with this probability. */
extern double normal_quantile(double probability);

/* How many standard errors the limits of a normal variable are from its mean. */
extern double errors_to_limits(double confidence);

/* Of a proportion, by Wilson's score method; "trials" is at least 1. */
extern confidence_limits wilson_limits(int64_t events, int64_t trials, double confidence);

/* Of the mean of a Poisson variable of which a count was seen: by Byar's approximation, at least one event. */
extern confidence_limits byar_limits(int64_t events, double confidence);

/* The same, exact (Garwood); for fewer than EXACT_POISSON_BELOW events. */
#define EXACT_POISSON_BELOW	10
extern confidence_limits exact_poisson_limits(int64_t events, double confidence);

#endif							/* NALOXONE_KPI_INTERVAL_H */
