/*
 * two_sample.h
 *		Comparing two samples of whole numbers, each given as distinct values in ascending order with their counts.
 *
 * Mann-Whitney: H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the
 * other", Annals of Mathematical Statistics 18, 1947; corrections for ties and continuity: E. L. Lehmann, Nonparametrics, 1975.
 * Hodges-Lehmann: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical
 * Statistics 34, 1963; interval: M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, 2nd edition, 1999, section 4.3.
 * Kolmogorov-Smirnov: N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical
 * Statistics 19, 1948.
 *
 * Neither sample may be empty, and every count is positive.  "check_for_interrupts" is called now and then, and may not return.
 */
#ifndef NALOXONE_KPI_TWO_SAMPLE_H
#define NALOXONE_KPI_TWO_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/tally.h"

typedef struct sample
{
	const tally_pair *pairs;
	size_t		num_pairs;
	int64_t		num_values;		/* the sum of the counts */
} sample;

typedef struct mann_whitney_result
{
	double		u;				/* pairs in which the first sample's value is larger, ties counting half */
	double		probability_larger; /* u divided by the number of pairs */
	bool		has_z;			/* false where all values are the same */
	double		z;				/* normal approximation, corrected for ties and continuity */
	double		p_value;		/* two-sided; 1 where there is no z */
} mann_whitney_result;

extern mann_whitney_result mann_whitney(const sample *a, const sample *b, void (*check_for_interrupts) (void));

/* By how much the first sample is larger: the median of all differences, and the limits of its interval. */
typedef struct shift_estimate
{
	double		value;
	bool		has_limits;		/* false where the samples are too small for the confidence */
	double		lower;
	double		upper;
} shift_estimate;

extern shift_estimate hodges_lehmann(const sample *a, const sample *b, double confidence, void (*check_for_interrupts) (void));

typedef struct kolmogorov_smirnov_result
{
	double		d;				/* the largest distance between the two distribution functions */
	double		p_value;		/* two-sided, from the limiting distribution: too large where there are ties */
} kolmogorov_smirnov_result;

extern kolmogorov_smirnov_result kolmogorov_smirnov(const sample *a, const sample *b, void (*check_for_interrupts) (void));

#endif							/* NALOXONE_KPI_TWO_SAMPLE_H */
