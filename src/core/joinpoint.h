/*
 * joinpoint.h
 *		By how many per cent a rate changes with each unit of time: least squares on its logarithm, straight or with one joinpoint.
 *
 * Annual percent change: as SEER*Stat has it (National Cancer Institute, "Trend Algorithms"): limits by t with n - 2 degrees of freedom.
 * Joinpoint: H.-J. Kim, M. P. Fay, E. J. Feuer and D. N. Midthune, "Permutation tests for joinpoint regression with applications to
 * cancer rates", Statistics in Medicine 19, 2000; the grid search is that of P. M. Lerman, Applied Statistics 29, 1980.
 *
 * All look at rates, value / exposure; every exposure is above 0.  There is no result where a rate is 0, which has no logarithm.
 * "check_for_interrupts" is called now and then, and may not return.
 */
#ifndef NALOXONE_KPI_JOINPOINT_H
#define NALOXONE_KPI_JOINPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/interval.h"
#include "core/time_series.h"

#define PERCENT_CHANGE_MIN_POINTS	3

typedef struct percent_change_result
{
	double		slope;			/* of the logarithm of the rate */
	bool		has_test;		/* false where all points are on the curve, which leaves no variance to judge by */
	confidence_limits limits;	/* of the slope */
	double		p_value;		/* two-sided, t with n - 2 degrees of freedom */
} percent_change_result;

/* False where nothing can be said: too few points, all at one time, or a rate of 0.  "workspace" has room for a number a point. */
extern bool percent_change(const time_point *points, size_t n, double confidence, double *workspace, percent_change_result *result);

#define JOINPOINT_MIN_POINTS	5

typedef struct joinpoint_result
{
	double		time;			/* of the joinpoint: the first of the best */
	double		slope_before;	/* of the logarithm of the rate */
	double		slope_after;
	bool		has_test;		/* false where all points are on a curve without joinpoint */
	bool		has_f;			/* false where all are on the one with it */
	double		f_statistic;	/* with 2 and n - 4 degrees of freedom, if the joinpoint were known */
	double		p_value;		/* by permutation */
} joinpoint_result;

/*
 * The best joinpoint among the times of points that have two points at least before them and two after, and the test of whether there
 * is one at all: the residuals of the straight line are drawn in another order so many times, by a generator that gives the same stream
 * for a seed on every machine.  False where nothing can be said: a rate of 0, or no such time.  "workspace" has room for
 * JOINPOINT_WORKSPACE(n) numbers.
 */
#define JOINPOINT_WORKSPACE(n)	(4 * (size_t) (n))
extern bool joinpoint(const time_point *points, size_t n, int64_t permutations, uint64_t seed, double *workspace,
					  void (*check_for_interrupts) (void), joinpoint_result *result);

#endif							/* NALOXONE_KPI_JOINPOINT_H */
