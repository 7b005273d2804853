/*
 * comparison.c
 *		Comparing two proportions, or two counts of events: proportion_difference_interval(), proportion_ratio_interval(), rate_ratio()
 *		and dispersed_rate_ratio().
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "compat.h"
#include "composite.h"
#include "core/comparison.h"
#include "estimate.h"

PG_FUNCTION_INFO_V1(nkpi_proportion_difference_interval);
Datum
nkpi_proportion_difference_interval(PG_FUNCTION_ARGS)
{
	int64		events1 = PG_GETARG_INT64(0);
	int64		trials1 = PG_GETARG_INT64(1);
	int64		events2 = PG_GETARG_INT64(2);
	int64		trials2 = PG_GETARG_INT64(3);
	double		confidence = PG_GETARG_FLOAT8(4);
	double		multiplier = PG_GETARG_FLOAT8(5);
	confidence_limits limits;

	check_confidence(confidence);
	check_multiplier(multiplier);
	check_proportion(events1, trials1);
	check_proportion(events2, trials2);
	if (trials1 == 0 || trials2 == 0)
		PG_RETURN_NULL();
	limits = newcombe_limits(events1, trials1, events2, trials2, confidence);
	limits.lower *= multiplier;
	limits.upper *= multiplier;
	return make_estimate(fcinfo, ((double) events1 / (double) trials1 - (double) events2 / (double) trials2) * multiplier, &limits);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_ratio_interval);
Datum
nkpi_proportion_ratio_interval(PG_FUNCTION_ARGS)
{
	static const char *const methods[] = {"koopman", "katz"};
	int64		events1 = PG_GETARG_INT64(0);
	int64		trials1 = PG_GETARG_INT64(1);
	int64		events2 = PG_GETARG_INT64(2);
	int64		trials2 = PG_GETARG_INT64(3);
	double		confidence = PG_GETARG_FLOAT8(4);
	int			which;
	confidence_limits limits;

	check_confidence(confidence);
	which = find_name(PG_GETARG_TEXT_PP(5), methods, 2, "ratio method", "The methods are \"koopman\" and \"katz\".");
	check_proportion(events1, trials1);
	check_proportion(events2, trials2);
	if (trials1 == 0 || trials2 == 0 || (events1 == 0 && events2 == 0))
		PG_RETURN_NULL();
	limits = which == 0 ? koopman_limits(events1, trials1, events2, trials2, confidence) :
		katz_limits(events1, trials1, events2, trials2, confidence);
	return make_estimate(fcinfo, events2 == 0 ? NAN : (double) events1 / (double) trials1 / ((double) events2 / (double) trials2),
						 &limits);
}

typedef struct two_rates
{
	int64		events1;
	double		exposure1;
	int64		events2;
	double		exposure2;
	double		ratio;			/* not a number where the second has no event */
} two_rates;

/* The first four arguments; false where they say nothing of a ratio. */
static bool
get_two_rates(FunctionCallInfo fcinfo, two_rates *rates)
{
	*rates = (two_rates) {PG_GETARG_INT64(0), PG_GETARG_FLOAT8(1), PG_GETARG_INT64(2), PG_GETARG_FLOAT8(3), NAN};
	check_events(rates->events1);
	check_events(rates->events2);
	check_exposure(rates->exposure1);
	check_exposure(rates->exposure2);
	if (rates->events2 > 0)
		rates->ratio = (double) rates->events1 / rates->exposure1 / ((double) rates->events2 / rates->exposure2);
	if (rates->events1 > PG_INT64_MAX - rates->events2)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%lld and %lld events are together out of range for type bigint", (long long) rates->events1,
						(long long) rates->events2)));
	return rates->exposure1 > 0 && rates->exposure2 > 0 && (rates->events1 > 0 || rates->events2 > 0);
}

PG_FUNCTION_INFO_V1(nkpi_rate_ratio);
Datum
nkpi_rate_ratio(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(4);
	two_rates	rates;
	confidence_limits limits;
	Datum		values[4];
	bool		nulls[4];

	check_confidence(confidence);
	if (!get_two_rates(fcinfo, &rates))
		PG_RETURN_NULL();
	limits = exact_rate_ratio_limits(rates.events1, rates.exposure1, rates.events2, rates.exposure2, confidence);
	values[0] = make_figure(rates.ratio, &nulls[0]);
	values[1] = make_figure(limits.lower, &nulls[1]);
	values[2] = make_figure(limits.upper, &nulls[2]);
	values[3] = make_figure(exact_rate_ratio_test(rates.events1, rates.exposure1, rates.events2, rates.exposure2), &nulls[3]);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_dispersed_rate_ratio);
Datum
nkpi_dispersed_rate_ratio(PG_FUNCTION_ARGS)
{
	double		dispersion = PG_GETARG_FLOAT8(4);
	double		degrees_of_freedom = PG_GETARG_FLOAT8(5);
	double		confidence = PG_GETARG_FLOAT8(6);
	two_rates	rates;
	confidence_limits exact;
	confidence_limits dispersed;
	Datum		values[5];
	bool		nulls[5];

	check_confidence(confidence);
	if (!(dispersion > 0) || isinf(dispersion))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dispersion %g is not a finite number above 0", dispersion),
				 errhint("Dispersion is how many times as much as by chance alone counts vary: 1 is chance alone.")));
	if (!(degrees_of_freedom > 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("degrees of freedom %g are not above 0", degrees_of_freedom),
				 errhint("Give those that the dispersion was estimated with, or infinity where it is known.")));
	if (!get_two_rates(fcinfo, &rates))
		PG_RETURN_NULL();
	exact = exact_rate_ratio_limits(rates.events1, rates.exposure1, rates.events2, rates.exposure2, confidence);
	dispersed = dispersed_rate_ratio_limits(rates.events1, rates.exposure1, rates.events2, rates.exposure2, dispersion,
											degrees_of_freedom, confidence);
	values[0] = make_figure(rates.ratio, &nulls[0]);
	values[1] = make_figure(exact.lower, &nulls[1]);
	values[2] = make_figure(exact.upper, &nulls[2]);
	values[3] = make_figure(dispersed.lower, &nulls[3]);
	values[4] = make_figure(dispersed.upper, &nulls[4]);
	return make_composite(fcinfo, values, nulls);
}
