/*
 * estimate.h
 *		Building the composite estimate(value, lower, upper) for functions that return it.
 */
#ifndef NALOXONE_KPI_ESTIMATE_H
#define NALOXONE_KPI_ESTIMATE_H

#include "fmgr.h"

#include "core/interval.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* Refuses what is not between 0 and 1. */
extern void check_confidence(double confidence);

/* A value with its limits, which are NULL where they cannot be said.  The function's result type must be estimate. */
extern Datum make_estimate(FunctionCallInfo fcinfo, double value, const confidence_limits *limits);

/* A proportion with its Wilson interval; NULL where there were no trials.  The function's result type must be estimate. */
extern Datum make_proportion_estimate(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_ESTIMATE_H */
