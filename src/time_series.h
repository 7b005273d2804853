/*
 * time_series.h
 *		What the functions of a time_series need of its type.
 */
#ifndef NALOXONE_KPI_TIME_SERIES_TYPE_H
#define NALOXONE_KPI_TIME_SERIES_TYPE_H

#include "core/time_series.h"
#include "fmgr.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* The points of a value that have a rate, which those with an exposure of 0 do not, in order, in memory of their own. */
extern time_point *get_points_with_rate(Datum value, size_t *num_points);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_TIME_SERIES_TYPE_H */
