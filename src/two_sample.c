/*
 * two_sample.c
 *		Comparing two distributions of durations: mann_whitney(), hodges_lehmann() and kolmogorov_smirnov().
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "core/two_sample.h"
#include "duration_dist.h"
#include "estimate.h"
#include "tally_binding.h"

/* Both arguments as samples; false where one of them is empty. */
static bool
get_samples(FunctionCallInfo fcinfo, sample *samples)
{
	for (int i = 0; i < 2; i++)
	{
		tally		decoded;
		tally	   *t = get_duration_dist_tally(PG_GETARG_DATUM(i), &decoded);
		tally_pair *pairs;
		tally_cursor cursor;
		size_t		size = 16;
		bool		found;

		samples[i] = (sample) {NULL, 0, t->num_values};
		pairs = MemoryContextAllocHuge(CurrentMemoryContext, size * sizeof(tally_pair));
		tally_open(&cursor, t);
		while (check_tally(tally_next(&cursor, &pairs[samples[i].num_pairs], &found), DURATION_DIST), found)
		{
			if (++samples[i].num_pairs == size)
			{
				size *= 2;
				pairs = repalloc_huge(pairs, size * sizeof(tally_pair));
			}
			CHECK_FOR_INTERRUPTS();
		}
		samples[i].pairs = pairs;
	}
	return samples[0].num_values > 0 && samples[1].num_values > 0;
}

PG_FUNCTION_INFO_V1(nkpi_mann_whitney);
Datum
nkpi_mann_whitney(PG_FUNCTION_ARGS)
{
	sample		samples[2];
	mann_whitney_result result;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (!get_samples(fcinfo, samples))
		PG_RETURN_NULL();
	result = mann_whitney(&samples[0], &samples[1], check_for_interrupts);
	values[0] = Float8GetDatum(result.u);
	values[1] = Float8GetDatum(result.probability_larger);
	values[2] = Float8GetDatum(result.z);
	values[3] = Float8GetDatum(result.p_value);
	nulls[2] = nulls[3] = !result.has_z;
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_hodges_lehmann);
Datum
nkpi_hodges_lehmann(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(2);
	sample		samples[2];
	shift_estimate shift;
	confidence_limits limits;

	check_confidence(confidence);
	if (!get_samples(fcinfo, samples))
		PG_RETURN_NULL();
	shift = hodges_lehmann(&samples[0], &samples[1], confidence, check_for_interrupts);
	limits = (confidence_limits) {shift.lower, shift.upper};
	return make_estimate(fcinfo, shift.value, shift.has_limits ? &limits : NULL);
}

PG_FUNCTION_INFO_V1(nkpi_kolmogorov_smirnov);
Datum
nkpi_kolmogorov_smirnov(PG_FUNCTION_ARGS)
{
	sample		samples[2];
	kolmogorov_smirnov_result result;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (!get_samples(fcinfo, samples))
		PG_RETURN_NULL();
	result = kolmogorov_smirnov(&samples[0], &samples[1], check_for_interrupts);
	values[0] = Float8GetDatum(result.d);
	values[1] = Float8GetDatum(result.p_value);
	return make_composite(fcinfo, values, nulls);
}
