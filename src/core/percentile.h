/*
 * percentile.h
 *		Percentiles of a sample, and their distribution-free intervals.
 *
 * Types 1 to 9: R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996.
 * Harrell-Davis: F. E. Harrell and C. E. Davis, "A new distribution-free quantile estimator", Biometrika 69, 1982.
 * Interval by order statistics: W. J. Conover, Practical Nonparametric Statistics, 3rd edition, 1999, section 3.2.
 */
#ifndef NALOXONE_KPI_PERCENTILE_H
#define NALOXONE_KPI_PERCENTILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/tally.h"

/* A type of Hyndman and Fan by its number, or Harrell-Davis. */
typedef int percentile_method;

#define PERCENTILE_DISCRETE		1	/* as percentile_disc */
#define PERCENTILE_CONTINUOUS	7	/* as percentile_cont */
#define PERCENTILE_HARRELL_DAVIS 10

/*
 * The method of this name, as SQL writes it: "continuous", "discrete", "type 1" to "type 9", "harrell-davis"; false for any other.
 */
extern bool find_percentile_method(const char *name, percentile_method *method);

/* Between which values, by 0-based rank, a percentile of types 1 to 9 lies, and how far from the lower to the upper. */
typedef struct percentile_position
{
	int64_t		lower;
	int64_t		upper;
	double		proportion;
} percentile_position;

/* The fraction is from 0 to 1, and there is at least one value. */
extern percentile_position find_percentile_position(double fraction, percentile_method method, int64_t num_values);

/*
 * The mean of all values weighted by how likely each is to be the percentile; the cursor is freshly opened over num_values values,
 * and the fraction is above 0 and below 1.
 */
extern tally_status harrell_davis(tally_cursor *cursor, int64_t num_values, double fraction, void (*check_for_interrupts) (void),
								  double *percentile);

/*
 * The values, by 0-based rank, between which a percentile of the population lies with at least the confidence, and the
 * probability that it does.  Rank -1 below, or the number of values above, is no limit: there are too few values for one.
 */
typedef struct percentile_limits
{
	int64_t		lower;
	int64_t		upper;
	double		coverage;
} percentile_limits;

extern percentile_limits find_percentile_limits(double fraction, int64_t num_values, double confidence);

#endif							/* NALOXONE_KPI_PERCENTILE_H */
