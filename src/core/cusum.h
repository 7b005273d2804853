/*
 * cusum.h
 *		The cumulative sum of how far counts are above what is expected.
 *
 * E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954.  The transformations of a Poisson count to what is about
 * standard normal: G. Rossi, L. Lampugnani and M. Marchi, "An approximate CUSUM procedure for surveillance of health events",
 * Statistics in Medicine 18, 1999; F. J. Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika
 * 35, 1948, its residual as D. A. Pierce and D. W. Schafer, "Residuals in generalized linear models", JASA 81, 1986.
 */
#ifndef NALOXONE_KPI_CUSUM_H
#define NALOXONE_KPI_CUSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/surveillance.h"

#define REASON_NOTHING_EXPECTED	"nothing expected"

typedef enum cusum_transformation
{
	CUSUM_STANDARD,
	CUSUM_ROSSI,
	CUSUM_ANSCOMBE,
	CUSUM_NONE
} cusum_transformation;

/* The transformation of this name, as SQL writes it; false for any other name. */
extern bool find_cusum_transformation(const char *name, cusum_transformation *transformation);

typedef struct cusum_options
{
	cusum_transformation transformation;
	double		k;				/* reference value: an excess up to this adds nothing */
	double		h;				/* decision interval: the sum that raises the alarm */
	bool		reset;			/* after an alarm the sum begins again from 0 */
} cusum_options;

typedef struct cusum_result
{
	const char *reason;			/* the rest is only meant where this is NULL */
	double		score;			/* the sum with this point */
	double		cusum;			/* what is carried to the next */
	double		threshold;		/* the count that would have raised the alarm; a larger one does too */
	bool		alarm;
} cusum_result;

/* Mean of the first counts of a series; false where none of them is known. */
extern bool cusum_baseline(const int64_t *counts, size_t length, double *mean);

/* The next point, of which so many are expected, after the sum before it.  A point without a result leaves the sum as it was. */
extern cusum_result cusum_step(double before, int64_t count, double expected, const cusum_options *options);

#endif							/* NALOXONE_KPI_CUSUM_H */
