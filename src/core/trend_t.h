/*
 * trend_t.h
 *		Student's t, for the tests and limits of slopes.
 */
#ifndef NALOXONE_KPI_TREND_T_H
#define NALOXONE_KPI_TREND_T_H

#include "core/interval.h"
#include "core/special.h"

/* The probability that t is further from 0 than this, on either side. */
static inline double
trend_t_p_value(double t, double degrees_of_freedom)
{
	double		sum = degrees_of_freedom + t * t;

	/* A t whose square is not finite is as far as there is. */
	if (!(sum <= 1e300))
		return 0;
	return beta_regularised(degrees_of_freedom / 2, 0.5, degrees_of_freedom / sum, t * t / sum);
}

/* How many standard errors the limits are from the estimate. */
static inline double
trend_t_errors_to_limits(double confidence, double degrees_of_freedom)
{
	double		low = errors_to_limits(confidence); /* those of a normal variable are never further */
	double		high = 2 * low;

	while (trend_t_p_value(high, degrees_of_freedom) > 1 - confidence && high < 1e140)
	{
		low = high;
		high *= 2;
	}
	for (int i = 0; i < 60 && high - low > 1e-16 * high; i++)
	{
		double		middle = low + (high - low) / 2;

		if (trend_t_p_value(middle, degrees_of_freedom) > 1 - confidence)
			low = middle;
		else
			high = middle;
	}
	return low + (high - low) / 2;
}

#endif							/* NALOXONE_KPI_TREND_T_H */
