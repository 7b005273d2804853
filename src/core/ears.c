/*
 * ears.c
 *		The Early Aberration Reporting System's methods C1, C2 and C3.  The source is in the header.
 */
#include "core/ears.h"

#include <math.h>
#include <string.h>

/* How many points lie between a baseline of C2 and the point that it is for. */
#define C2_LAG	2

bool
find_ears_method(const char *name, ears_method *method)
{
	static const char *const names[] = {"C1", "C2", "C3", "C3_hutwagner"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
		{
			*method = (ears_method) i;
			return true;
		}
	return false;
}

double
ears_default_alpha(ears_method method)
{
	return method == EARS_C1 || method == EARS_C2 ? 0.001 : 0.025;
}

typedef struct baseline
{
	const char *reason;
	double		mean;
	double		sigma;
} baseline;

/* Mean and standard deviation of the points before the one at this index, but for the last "lag" of them. */
static baseline
find_baseline(const int64_t *counts, size_t at, size_t lag, const ears_options *options)
{
	size_t		length = (size_t) options->baseline;
	const int64_t *first;
	size_t		known = 0;
	bool		flat = true;
	int64_t		seen = 0;
	double		sum = 0;
	double		squares = 0;
	baseline	result = {REASON_SHORT_HISTORY, 0, 0};

	if (at < lag || at - lag < length)
		return result;
	first = counts + (at - lag - length);
	for (size_t i = 0; i < length; i++)
		if (first[i] != COUNT_UNKNOWN)
		{
			flat = flat && (known == 0 || first[i] == seen);
			seen = first[i];
			sum += (double) seen;
			known++;
		}
	if (known < EARS_MIN_BASELINE)
		return result;
	result.mean = sum / (double) known;
	/* Rounding could give equal counts a deviation. */
	if (!flat)
	{
		for (size_t i = 0; i < length; i++)
			if (first[i] != COUNT_UNKNOWN)
				squares += ((double) first[i] - result.mean) * ((double) first[i] - result.mean);
		result.sigma = sqrt(squares / (double) (known - 1));
	}
	if (result.sigma < options->min_sigma)
		result.sigma = options->min_sigma;
	result.reason = result.sigma > 0 ? NULL : REASON_FLAT_BASELINE;
	return result;
}

/*
 * By how much more than one standard deviation each of the two points before exceeded its own baseline.  An unknown count adds
 * nothing.
 */
static const char *
find_earlier_excess(const int64_t *counts, size_t at, const ears_options *options, double *excess)
{
	*excess = 0;
	for (size_t lag = 2; lag >= 1; lag--)
	{
		baseline	before = at < lag ? (baseline) {REASON_SHORT_HISTORY, 0, 0} :
			find_baseline(counts, at - lag, C2_LAG, options);

		if (before.reason != NULL)
			return before.reason;
		if (counts[at - lag] != COUNT_UNKNOWN)
			*excess += fmax(0, ((double) counts[at - lag] - before.mean) / before.sigma - 1);
	}
	return NULL;
}

ears_result
ears_at(const int64_t *counts, size_t at, const ears_options *options)
{
	ears_result result = {0};
	double		count = (double) counts[at];
	double		excess = 0;
	baseline	before;

	if (counts[at] == COUNT_UNKNOWN)
	{
		result.reason = REASON_NO_COUNT;
		return result;
	}
	if (options->method == EARS_C3 || options->method == EARS_C3_HUTWAGNER)
		result.reason = find_earlier_excess(counts, at, options, &excess);
	before = find_baseline(counts, at, options->method == EARS_C1 ? 0 : C2_LAG, options);
	if (result.reason == NULL)
		result.reason = before.reason;
	if (result.reason != NULL)
		return result;

	result.expected = before.mean;
	result.score = (count - before.mean) / before.sigma;
	switch (options->method)
	{
		case EARS_C1:
		case EARS_C2:
			result.upper_bound = before.mean + options->quantile * before.sigma;
			result.alarm = count > result.upper_bound;
			break;
		case EARS_C3:

			/*
			 * The bound stands on the count itself, so that the count cancels: it only matters that it is not 0.  The manual of R's
			 * package has the baseline's mean in its place.
			 */
			result.score = excess;
			result.upper_bound = fmax(0, count + before.sigma * (options->quantile - excess));
			result.alarm = count > result.upper_bound;
			break;
		case EARS_C3_HUTWAGNER:
			/* The bound is what the count may be before its own excess brings the sum to the quantile. */
			result.score = excess + fmax(0, result.score - 1);
			result.upper_bound = excess > options->quantile ? 0 :
				fmax(0, before.mean + before.sigma * (1 + options->quantile - excess));
			result.alarm = result.score > options->quantile;
			break;
	}
	return result;
}
