/*
 * comparison.h
 *		Comparing two proportions, or two counts of events: differences and ratios with their confidence intervals.
 *
 * Confidence is a number between 0 and 1, neither included.  The caller has checked the arguments; trials are at least 1 and exposures
 * above 0.  A figure that cannot be said is not a number (NAN): never infinity.
 */
#ifndef NALOXONE_KPI_COMPARISON_H
#define NALOXONE_KPI_COMPARISON_H

#include "core/interval.h"

/* Of the first proportion less the second: Newcombe's method 10. */
extern confidence_limits newcombe_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence);

/* Of the first proportion over the second, by Koopman's score method or Katz's logarithms. */
extern confidence_limits koopman_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence);
extern confidence_limits katz_limits(int64_t events1, int64_t trials1, int64_t events2, int64_t trials2, double confidence);

/* Of the first rate over the second, given how many events there were in all: exact. */
extern confidence_limits exact_rate_ratio_limits(int64_t events1, double exposure1, int64_t events2, double exposure2,
												 double confidence);

/* The two-sided probability that chance alone shares the events between the two exposures no more probably. */
extern double exact_rate_ratio_test(int64_t events1, double exposure1, int64_t events2, double exposure2);

/*
 * Of the first rate over the second where counts vary "dispersion" times as much as a Poisson variable.  Where the dispersion was
 * estimated, so many degrees of freedom did it; infinity where it is known.
 */
extern confidence_limits dispersed_rate_ratio_limits(int64_t events1, double exposure1, int64_t events2, double exposure2,
													 double dispersion, double degrees_of_freedom, double confidence);

#endif							/* NALOXONE_KPI_COMPARISON_H */
