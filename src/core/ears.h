/*
 * ears.h
 *		The Early Aberration Reporting System's methods C1, C2 and C3, for series with a short history.
 *
 * L. Hutwagner, W. Thompson, G. M. Seeman and T. Treadwell, "The bioterrorism preparedness and response Early Aberration Reporting
 * System (EARS)", Journal of Urban Health 80, 2003.
 */
#ifndef NALOXONE_KPI_EARS_H
#define NALOXONE_KPI_EARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/surveillance.h"

typedef enum ears_method
{
	EARS_C1,					/* baseline up to the point before */
	EARS_C2,					/* baseline that ends three points before */
	EARS_C3,					/* what C2 was exceeded by at the two points before, as R's surveillance computes it */
	EARS_C3_HUTWAGNER			/* the same with this point's own, as published */
} ears_method;

/* The method of this name, as SQL writes it; false for any other name. */
extern bool find_ears_method(const char *name, ears_method *method);

/* The significance level that the method is used with. */
extern double ears_default_alpha(ears_method method);

/* No baseline is shorter, and this many of its counts must be known. */
#define EARS_MIN_BASELINE	3

typedef struct ears_options
{
	ears_method method;
	int			baseline;		/* points, at least EARS_MIN_BASELINE */
	double		min_sigma;		/* what a smaller standard deviation of the baseline is replaced by; not negative */
	double		quantile;		/* of the standard normal distribution, at 1 - alpha */
} ears_options;

typedef struct ears_result
{
	const char *reason;			/* the rest is only meant where this is NULL */
	double		expected;
	double		upper_bound;
	double		score;			/* compared with the quantile */
	bool		alarm;
} ears_result;

/* Of the point at this index of the series. */
extern ears_result ears_at(const int64_t *counts, size_t at, const ears_options *options);

#endif							/* NALOXONE_KPI_EARS_H */
