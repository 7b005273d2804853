/*
 * cusum.c
 *		The cumulative sum of how far counts are above what is expected.  The sources are in the header.
 */
#include "core/cusum.h"

#include <math.h>
#include <string.h>

bool
find_cusum_transformation(const char *name, cusum_transformation *transformation)
{
	static const char *const names[] = {"standard", "rossi", "anscombe", "none"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
		{
			*transformation = (cusum_transformation) i;
			return true;
		}
	return false;
}

bool
cusum_baseline(const int64_t *counts, size_t length, double *mean)
{
	double		sum = 0;
	size_t		known = 0;

	for (size_t i = 0; i < length; i++)
		if (counts[i] != COUNT_UNKNOWN)
		{
			sum += (double) counts[i];
			known++;
		}
	*mean = known > 0 ? sum / (double) known : 0;
	return known > 0;
}

static double
transform(double count, double mean, cusum_transformation transformation)
{
	switch (transformation)
	{
		case CUSUM_STANDARD:
			return (count - mean) / sqrt(mean);
		case CUSUM_ROSSI:
			return (count - 3 * mean + 2 * sqrt(count * mean)) / (2 * sqrt(mean));
		case CUSUM_ANSCOMBE:
			return 1.5 * (pow(count, 2. / 3) - pow(mean, 2. / 3)) / pow(mean, 1. / 6);
		case CUSUM_NONE:
			break;
	}
	return count;
}

/* The smallest count that is transformed to at least this. */
static double
transform_back(double value, double mean, cusum_transformation transformation)
{
	double		root;

	switch (transformation)
	{
		case CUSUM_STANDARD:
			/* The only one that R's surveillance rounds up to a count. */
			return fmax(0, ceil(mean + sqrt(mean) * value));
		case CUSUM_ROSSI:
			/* A square in the count's root: x + 2 sqrt(x m) = 3 m + 2 value sqrt(m). */
			root = 4 * mean + 2 * value * sqrt(mean);
			root = root > 0 ? sqrt(root) - sqrt(mean) : 0;
			return root > 0 ? root * root : 0;
		case CUSUM_ANSCOMBE:
			root = pow(mean, 2. / 3) + 2. / 3 * pow(mean, 1. / 6) * value;
			return root > 0 ? pow(root, 1.5) : 0;
		case CUSUM_NONE:
			break;
	}
	return fmax(0, value);
}

cusum_result
cusum_step(double before, int64_t count, double expected, const cusum_options *options)
{
	cusum_result result = {NULL, before, before, 0, false};

	if (count == COUNT_UNKNOWN)
		result.reason = REASON_NO_COUNT;
	else if (!(expected > 0) && options->transformation != CUSUM_NONE)
		result.reason = REASON_NOTHING_EXPECTED;
	else
	{
		result.score = fmax(0, before + transform((double) count, expected, options->transformation) - options->k);
		result.alarm = result.score >= options->h;
		result.cusum = result.alarm && options->reset ? 0 : result.score;
		result.threshold = transform_back(options->h + options->k - before, expected, options->transformation);
	}
	return result;
}
