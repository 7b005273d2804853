/*
 * mann_kendall.h
 *		Does a series rise or fall, whatever the shape: Mann-Kendall, by season too, and Sen's slope.
 *
 * Mann-Kendall: H. B. Mann, "Nonparametric tests against trend", Econometrica 13, 1945; variance with ties, in either variable:
 * M. G. Kendall, Rank Correlation Methods, 4th edition, 1975; S by sorting: W. R. Knight, "A computer method for calculating
 * Kendall's tau with ungrouped data", JASA 61, 1966.
 * By season: R. M. Hirsch, J. R. Slack and R. A. Smith, "Techniques of trend analysis for monthly water quality data", Water
 * Resources Research 18, 1982, without a correction for dependence between seasons.
 * Sen's slope: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968; ranks of its limits:
 * R. O. Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987, section 16.5.
 *
 * All look at rates, value / exposure; every exposure is above 0.  "check_for_interrupts" is called now and then, and may not return.
 */
#ifndef NALOXONE_KPI_MANN_KENDALL_H
#define NALOXONE_KPI_MANN_KENDALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/time_series.h"

/* What is added up over seasons; starts as zeroes. */
typedef struct kendall_sums
{
	int64_t		s;				/* pairs that rise less pairs that fall */
	double		variance;		/* of s where there is no trend */
	double		comparable;		/* the largest s there could be, in tau-b's sense */
} kendall_sums;

/* Adds the points of a series or of one season of it; "workspace" has room for two numbers a point. */
extern void add_kendall(kendall_sums *sums, const time_point *points, size_t n, double *workspace,
						void (*check_for_interrupts) (void));

typedef struct mann_kendall_result
{
	int64_t		s;
	double		variance;
	bool		has_test;		/* false where nothing can be compared: all values, or all times, are the same */
	double		z;				/* normal approximation, with the correction for continuity */
	double		p_value;		/* two-sided */
	double		tau;			/* tau-b */
} mann_kendall_result;

extern mann_kendall_result mann_kendall(const kendall_sums *sums);

/* Appends the slopes of all pairs of points with different times; returns how many, n (n - 1) / 2 at most. */
extern size_t add_slopes(double *slopes, const time_point *points, size_t n, void (*check_for_interrupts) (void));

/* The median of the slopes, at least one, and its limits.  The slopes are put into another order. */
typedef struct sen_slope_result
{
	double		slope;
	bool		has_limits;		/* false where there are too few points for the confidence, or all values are the same */
	double		lower;
	double		upper;
} sen_slope_result;

extern sen_slope_result sen_slope(double *slopes, size_t num_slopes, double variance, double confidence,
								  void (*check_for_interrupts) (void));

/* Where a line of this slope is at time 0: through the median time and the median rate (Conover).  "workspace": n numbers. */
extern double sen_intercept(double slope, const time_point *points, size_t n, double *workspace,
							void (*check_for_interrupts) (void));

/*
 * Points by season, in order of time within each: times are whole numbers, and a point's season is its time modulo "seasons".
 * Those of season k are by_season[starts[k]] to by_season[starts[k + 1]]; "starts" has room for seasons + 1.  False where a time
 * is not a whole number that a double holds exactly.
 */
extern bool split_by_season(const time_point *points, size_t n, int seasons, time_point *by_season, size_t *starts);

#endif							/* NALOXONE_KPI_MANN_KENDALL_H */
