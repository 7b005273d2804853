/*
 * estimate.c
 *		proportion_interval(), count_interval(), rate_interval() and mean_interval(): a value with its confidence interval.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "binding.h"
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

void
check_proportion(int64 events, int64 trials)
{
	if (events < 0 || trials < 0 || events > trials)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld of %lld is not a proportion", (long long) events, (long long) trials),
				 errhint("The number of events lies between 0 and the number of trials.")));
}

void
check_events(int64 events)
{
	if (events < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of events %lld is negative", (long long) events),
				 errhint("Count events from 0.")));
}

void
check_exposure(double exposure)
{
	if (!(exposure >= 0) || isinf(exposure))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exposure %g is not a finite number from 0", exposure),
				 errhint("Exposure is what the events are counted over: people times years, for example.")));
}

void
check_multiplier(double multiplier)
{
	if (!(multiplier > 0) || isinf(multiplier))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("multiplier %g is not a finite number above 0", multiplier),
				 errhint("Write a rate per 100,000 with a multiplier of 100000.")));
}

int
find_name(text *name, const char *const *names, int num_names, const char *what, const char *hint)
{
	for (int i = 0; i < num_names; i++)
		if (VARSIZE_ANY_EXHDR(name) == strlen(names[i]) && memcmp(VARDATA_ANY(name), names[i], strlen(names[i])) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s \"%s\" is not known", what, excerpt(text_to_cstring(name))),
			 errhint("%s", hint)));
}

Datum
make_figure(double figure, bool *is_null)
{
	if (isinf(figure))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("result is too large for double precision"),
				 errhint("Give the exposure in a larger unit, or a smaller multiplier.")));
	*is_null = isnan(figure);
	return *is_null ? (Datum) 0 : Float8GetDatum(figure);
}

Datum
make_estimate(FunctionCallInfo fcinfo, double value, const confidence_limits *limits)
{
	Datum		values[3];
	bool		nulls[3];

	values[0] = make_figure(value, &nulls[0]);
	values[1] = make_figure(limits != NULL ? limits->lower : NAN, &nulls[1]);
	values[2] = make_figure(limits != NULL ? limits->upper : NAN, &nulls[2]);
	return make_composite(fcinfo, values, nulls);
}

Datum
make_proportion_estimate(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence)
{
	confidence_limits limits;

	check_confidence(confidence);
	check_proportion(events, trials);
	if (trials == 0)
		PG_RETURN_NULL();
	limits = wilson_limits(events, trials, confidence);
	return make_estimate(fcinfo, (double) events / (double) trials, &limits);
}

Datum
make_proportion_estimate_by(FunctionCallInfo fcinfo, int64 events, int64 trials, double confidence, text *method, double multiplier)
{
	static const char *const methods[] = {"wilson", "clopper_pearson"};
	int			which;
	confidence_limits limits;

	check_confidence(confidence);
	which = find_name(method, methods, 2, "proportion method", "The methods are \"wilson\" and \"clopper_pearson\".");
	check_multiplier(multiplier);
	check_proportion(events, trials);
	if (trials == 0)
		PG_RETURN_NULL();
	limits = which == 0 ? wilson_limits(events, trials, confidence) : clopper_pearson_limits(events, trials, confidence);
	limits.lower *= multiplier;
	limits.upper *= multiplier;
	return make_estimate(fcinfo, (double) events / (double) trials * multiplier, &limits);
}

PG_FUNCTION_INFO_V1(nkpi_proportion_interval);
Datum
nkpi_proportion_interval(PG_FUNCTION_ARGS)
{
	return make_proportion_estimate_by(fcinfo, PG_GETARG_INT64(0), PG_GETARG_INT64(1), PG_GETARG_FLOAT8(2), PG_GETARG_TEXT_PP(3),
									   PG_GETARG_FLOAT8(4));
}

/* "automatic" is what public health in England and Scotland does. */
static confidence_limits
count_limits(int64 events, double confidence, text *method)
{
	static const char *const methods[] = {"automatic", "exact", "byar"};

	switch (find_name(method, methods, 3, "count method", "The methods are \"automatic\", \"exact\" and \"byar\"."))
	{
		case 0:
			if (events >= EXACT_POISSON_BELOW)
				return byar_limits(events, confidence);
			/* FALLTHROUGH */
		case 1:
			return exact_poisson_limits(events, confidence);
		default:
			return byar_limits(events, confidence);
	}
}

PG_FUNCTION_INFO_V1(nkpi_count_interval);
Datum
nkpi_count_interval(PG_FUNCTION_ARGS)
{
	int64		events = PG_GETARG_INT64(0);
	double		confidence = PG_GETARG_FLOAT8(1);
	confidence_limits limits;

	check_confidence(confidence);
	check_events(events);
	limits = count_limits(events, confidence, PG_GETARG_TEXT_PP(2));
	return make_estimate(fcinfo, (double) events, &limits);
}

/* Events over an exposure, times a multiplier. */
Datum
make_rate_estimate(FunctionCallInfo fcinfo, int64 events, double exposure, double multiplier, double confidence, text *method)
{
	confidence_limits limits;

	check_confidence(confidence);
	check_events(events);
	check_exposure(exposure);
	check_multiplier(multiplier);
	limits = count_limits(events, confidence, method);
	if (exposure == 0)
		PG_RETURN_NULL();
	limits.lower = limits.lower / exposure * multiplier;
	limits.upper = limits.upper / exposure * multiplier;
	return make_estimate(fcinfo, (double) events / exposure * multiplier, &limits);
}

PG_FUNCTION_INFO_V1(nkpi_rate_interval);
Datum
nkpi_rate_interval(PG_FUNCTION_ARGS)
{
	return make_rate_estimate(fcinfo, PG_GETARG_INT64(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3),
							  PG_GETARG_TEXT_PP(4));
}

/* With a single value the mean is that, and nothing is said of how far it may be out. */
Datum
make_mean_estimate(FunctionCallInfo fcinfo, int64 n, double mean, double standard_deviation, double confidence)
{
	confidence_limits limits = mean_limits(n, mean, standard_deviation, confidence);

	return make_estimate(fcinfo, mean, &limits);
}

PG_FUNCTION_INFO_V1(nkpi_mean_interval);
Datum
nkpi_mean_interval(PG_FUNCTION_ARGS)
{
	int64		n = PG_GETARG_INT64(0);
	double		mean;
	double		deviation;
	double		confidence;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	confidence = PG_GETARG_FLOAT8(3);
	check_confidence(confidence);
	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of values %lld is negative", (long long) n),
				 errhint("Give how many values the mean is of.")));
	if (n == 0 || PG_ARGISNULL(1) || (n > 1 && PG_ARGISNULL(2)))
		PG_RETURN_NULL();
	mean = PG_GETARG_FLOAT8(1);
	deviation = n > 1 ? PG_GETARG_FLOAT8(2) : 0;
	if (isnan(mean) || isinf(mean))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mean %g is not a finite number", mean),
				 errhint("Leave out values that are not finite.")));
	if (!(deviation >= 0) || isinf(deviation))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("standard deviation %g is not a finite number from 0", deviation),
				 errhint("Give stddev_samp() of the values.")));
	return make_mean_estimate(fcinfo, n, mean, deviation, confidence);
}
