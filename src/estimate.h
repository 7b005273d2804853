/*
 * estimate.h
 *		Building the composite estimate(value, lower, upper) for functions that return it.
 */
#ifndef NALOXONE_KPI_ESTIMATE_H
#define NALOXONE_KPI_ESTIMATE_H

#include "fmgr.h"

/* A proportion with its Wilson interval; NULL where there were no trials.  The function's result type must be estimate. */
extern Datum make_proportion_estimate(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence);

#endif							/* NALOXONE_KPI_ESTIMATE_H */
