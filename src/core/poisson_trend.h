/*
 * poisson_trend.h
 *		By what factor a rate changes with each unit of time: log-linear regression of counts on time, with exposure.
 *
 * Poisson and quasi-Poisson: P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd edition, 1989, sections 4.5 and 6.2;
 * dispersion is Pearson's chi-squared over its degrees of freedom.
 * Negative binomial, with variance mean + mean^2 / theta, by maximum likelihood: J. F. Lawless, "Negative binomial and mixed
 * Poisson regression", Canadian Journal of Statistics 15, 1987.
 *
 * Values are counts of events, 0 or more, and every exposure is above 0.  "check_for_interrupts" is called now and then, and may
 * not return.
 */
#ifndef NALOXONE_KPI_POISSON_TREND_H
#define NALOXONE_KPI_POISSON_TREND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/interval.h"
#include "core/time_series.h"

/* A trend is fitted to this many points or more. */
#define POISSON_TREND_MIN_POINTS	3

typedef struct poisson_trend_result
{
	double		intercept;		/* logarithm of the rate at time 0 */
	double		slope;			/* of the logarithm of the rate */
	double		error;			/* standard error of the slope, if the counts are Poisson */
	double		dispersion;		/* how many times as large the variance is; 0 where the fit is exact */
	double		wald_p_value;	/* two-sided, normal */
	confidence_limits wald;		/* of the slope */
	bool		has_quasi;		/* false where the fit is exact, which has no variance to judge by */
	double		quasi_p_value;	/* two-sided, t with n - 2 degrees of freedom */
	confidence_limits quasi;	/* of the slope */
} poisson_trend_result;

/*
 * False where there is no estimate: fewer points than POISSON_TREND_MIN_POINTS, all at one time, no events, or all events at the first or
 * at the last time only (the rate ratio would be infinite, or 0).  "workspace" has room for a number a point.
 */
extern bool poisson_trend(const time_point *points, size_t n, double confidence, double *workspace,
						  void (*check_for_interrupts) (void), poisson_trend_result *result);

/* Theta is not to be had from fewer points. */
#define NEGATIVE_BINOMIAL_MIN_POINTS	24

typedef struct negative_binomial_trend_result
{
	double		slope;			/* of the logarithm of the rate */
	double		error;			/* its standard error, as if theta were known: the two are orthogonal */
	confidence_limits limits;	/* of the slope, normal */
	double		p_value;		/* two-sided, normal */
	bool		has_theta;		/* false where counts vary no more than Poisson's: the fit is Poisson's then */
	double		theta;			/* variance is mean + mean^2 / theta */
} negative_binomial_trend_result;

/*
 * False where there is no estimate: fewer points than NEGATIVE_BINOMIAL_MIN_POINTS, or as for poisson_trend().  "workspace" has room for a
 * number a point.
 */
extern bool negative_binomial_trend(const time_point *points, size_t n, double confidence, double *workspace,
									void (*check_for_interrupts) (void), negative_binomial_trend_result *result);

#endif							/* NALOXONE_KPI_POISSON_TREND_H */
