/*
 * time_series.h
 *		Points in time, each with a value and with the exposure that the value was counted over: what the tests for trend read.
 *
 * Points are in order of time, then of value, then of exposure; two may have the same time.  Their numbers are finite and at most
 * TIME_SERIES_LIMIT, exposures are 0 or from 1 / TIME_SERIES_LIMIT, which keeps every rate and its square finite; none is minus zero.
 */
#ifndef NALOXONE_KPI_TIME_SERIES_H
#define NALOXONE_KPI_TIME_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#define TIME_SERIES_LIMIT	1e100

typedef struct time_point
{
	double		time;
	double		value;
	double		exposure;
} time_point;

/* What is measured at a point.  An exposure of 0 has no rate. */
static inline double
point_rate(const time_point *point)
{
	return point->value / point->exposure;
}

/* Below 0, 0 or above 0: the order of points. */
extern int time_point_compare(const time_point *a, const time_point *b);

extern bool time_series_is_sorted(const time_point *points, size_t n);

/* Puts points into order; "scratch" has room for as many. */
extern void time_series_sort(time_point *points, size_t n, time_point *scratch, void (*check_for_interrupts) (void));

/* Whether all points, at least one, have the same time. */
extern bool time_series_is_one_moment(const time_point *points, size_t n);

#endif							/* NALOXONE_KPI_TIME_SERIES_H */
