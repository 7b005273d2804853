/*
 * estimate.c
 *		proportion_interval() and rate_interval(): a value with its confidence interval.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "compat.h"
#include "composite.h"
#include "core/interval.h"
#include "estimate.h"

void
check_confidence(double confidence)
{
	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence level %g is not between 0 and 1", confidence),
				 errhint("Write 95 per cent as 0.95.")));
}

Datum
make_estimate(FunctionCallInfo fcinfo, double value, const confidence_limits *limits)
{
	Datum		values[3] = {Float8GetDatum(value), (Datum) 0, (Datum) 0};
	bool		nulls[3] = {false, limits == NULL, limits == NULL};

	if (limits != NULL)
	{
		values[1] = Float8GetDatum(limits->lower);
		values[2] = Float8GetDatum(limits->upper);
	}
	return make_composite(fcinfo, values, nulls);
}

Datum
make_proportion_estimate(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence)
{
	confidence_limits limits;

	check_confidence(confidence);
	if (events < 0 || trials < 0 || events > trials)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld of %lld is not a proportion", (long long) events, (long long) trials),
				 errhint("The number of events lies between 0 and the number of trials.")));
	if (trials == 0)
		PG_RETURN_NULL();
	limits = wilson_limits(events, trials, confidence);
	return make_estimate(fcinfo, (double) events / (double) trials, &limits);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_interval);
Datum
nkpi_proportion_interval(PG_FUNCTION_ARGS)
{
	return make_proportion_estimate(fcinfo, PG_GETARG_INT64(0), PG_GETARG_INT64(1), PG_GETARG_FLOAT8(2));
}

/*
 * Events over an exposure, times a multiplier.  The interval is exact below EXACT_POISSON_BELOW events and Byar's from there,
 * as public health in England and Scotland does.
 */
PG_FUNCTION_INFO_V1(nkpi_rate_interval);
Datum
nkpi_rate_interval(PG_FUNCTION_ARGS)
{
	int64		events = PG_GETARG_INT64(0);
	double		exposure = PG_GETARG_FLOAT8(1);
	double		multiplier = PG_GETARG_FLOAT8(2);
	double		confidence = PG_GETARG_FLOAT8(3);
	confidence_limits limits;

	check_confidence(confidence);
	if (events < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of events %lld is negative", (long long) events)));
	if (!(exposure >= 0) || isinf(exposure))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exposure %g is not a finite number from 0", exposure),
				 errhint("Exposure is what the events are counted over: people times years, for example.")));
	if (!(multiplier > 0) || isinf(multiplier))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("multiplier %g is not a finite number above 0", multiplier),
				 errhint("Write a rate per 100,000 with a multiplier of 100000.")));
	if (exposure == 0)
		PG_RETURN_NULL();
	limits = events < EXACT_POISSON_BELOW ? exact_poisson_limits(events, confidence) : byar_limits(events, confidence);
	limits.lower = limits.lower / exposure * multiplier;
	limits.upper = limits.upper / exposure * multiplier;
	return make_estimate(fcinfo, (double) events / exposure * multiplier, &limits);
}
