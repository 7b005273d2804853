/*
 * estimate.h
 *		Building the composite estimate(value, lower, upper) for functions that return it, and checking what they are given.
 */
#ifndef NALOXONE_KPI_ESTIMATE_H
#define NALOXONE_KPI_ESTIMATE_H

#include "fmgr.h"

#include "core/interval.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* Refuse what cannot be: a confidence not between 0 and 1, more events than trials, negative events, an exposure or multiplier that is none. */
extern void check_confidence(double confidence);
extern void check_proportion(int64 events, int64 trials);
extern void check_events(int64 events);
extern void check_exposure(double exposure);
extern void check_multiplier(double multiplier);

/*
 * Which of several names this is: its position.  "what" is the kind of thing that is named, for the error where it is none of them; "hint"
 * lists them.
 */
extern int	find_name(text *name, const char *const *names, int num_names, const char *what, const char *hint);

/* A figure in a row of results: NULL where it is not a number; one too large for double precision is refused. */
extern Datum make_figure(double figure, bool *is_null);

/*
 * A value with its limits; NULL limits where they are not numbers, or all not given.  The function's result type must be estimate.
 */
extern Datum make_estimate(FunctionCallInfo fcinfo, double value, const confidence_limits *limits);

/* A proportion with its Wilson interval; NULL where there were no trials.  The function's result type must be estimate. */
extern Datum make_proportion_estimate(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence);

/* A proportion or a rate by a named method, times a multiplier; a mean.  The function's result type must be estimate. */
extern Datum make_proportion_estimate_by(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence, text *method,
										 double multiplier);
extern Datum make_rate_estimate(FunctionCallInfo fcinfo, int64 events, double exposure, double multiplier, double confidence,
								text *method);
extern Datum make_mean_estimate(FunctionCallInfo fcinfo, int64 n, double mean, double standard_deviation, double confidence);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_ESTIMATE_H */
