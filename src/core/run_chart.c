/*
 * run_chart.c
 *		Anhoej's rules.  The source is in the header.
 */
#include "core/run_chart.h"

#include <math.h>

#include "core/special.h"

#define CROSSINGS_LEVEL		0.05

run_chart_result
run_chart(const double *values, size_t num_values, double centre)
{
	run_chart_result result = {0};
	int64_t		run = 0;
	int			before = 0;

	for (size_t i = 0; i < num_values; i++)
	{
		int			side = (values[i] > centre) - (values[i] < centre);

		if (side == 0)
			continue;
		result.useful_points++;
		if (side != before)
		{
			result.crossings += before != 0;
			run = 0;
		}
		before = side;
		if (++run > result.longest_run)
			result.longest_run = run;
	}
	if (result.useful_points == 0)
		return result;

	/* No logarithm of a whole number lies halfway between two, so how halves are rounded does not matter. */
	result.longest_run_limit = (int64_t) rint(log2((double) result.useful_points)) + 3;
	result.crossings_limit = binomial_quantile(CROSSINGS_LEVEL, result.useful_points - 1, 0.5);
	result.is_long_run = result.longest_run > result.longest_run_limit;
	result.is_few_crossings = result.crossings < result.crossings_limit;
	return result;
}
