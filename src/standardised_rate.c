/*
 * standardised_rate.c
 *		directly_standardised_rate(), indirectly_standardised_ratio() and indirectly_standardised_rate(); and the European standard
 *		population.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "composite.h"
#include "estimate.h"
#include "standardisation.h"

/* Why there is no value or no interval, as the results say it; NULL where there is all. */
static const char *
reason_text(standardisation_reason reason)
{
	switch (reason)
	{
		case STANDARDISED:
			return NULL;
		case TOO_FEW_EVENTS:
			return "too few events";
		case NO_EVENTS:
			return "no events";
		case BAND_WITHOUT_POPULATION:
			return "band without population";
		case BAND_WITHOUT_REFERENCE:
			return "band without reference population";
		case NO_STANDARD_POPULATION:
			return "no standard population";
		case NO_REFERENCE_POPULATION:
			return "no reference population";
		case NO_EXPECTED_EVENTS:
			return "no expected events";
		case OUT_OF_RANGE:
			return "out of range";
		case TOO_MANY_EVENTS:
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the events of all bands are more than a bigint holds")));
}

/* The value, its limits, and the reason: fields 0, 1, 2 and the last. */
static Datum
make_result(FunctionCallInfo fcinfo, Datum *values, bool *nulls, int num_fields, standardisation_reason reason, double value,
			const confidence_limits *limits)
{
	const char *text = reason_text(reason);

	values[0] = Float8GetDatum(value);
	values[1] = Float8GetDatum(limits->lower);
	values[2] = Float8GetDatum(limits->upper);
	nulls[0] = reason != STANDARDISED && reason != NO_EVENTS;
	nulls[1] = nulls[2] = reason != STANDARDISED;
	nulls[num_fields - 1] = text == NULL;
	if (text != NULL)
		values[num_fields - 1] = CStringGetTextDatum(text);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_directly_standardised_rate);
Datum
nkpi_directly_standardised_rate(PG_FUNCTION_ARGS)
{
	double		multiplier = PG_GETARG_FLOAT8(1);
	double		confidence = PG_GETARG_FLOAT8(2);
	int64		minimum_events = PG_GETARG_INT64(3);
	standardisation *value;
	direct_standard rate;
	Datum		values[8] = {(Datum) 0};
	bool		nulls[8] = {false};

	check_multiplier(multiplier);
	check_confidence(confidence);
	if (minimum_events < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("minimum number of events %lld is negative", (long long) minimum_events)));
	value = get_standardisation(PG_GETARG_DATUM(0), DIRECT);
	rate = standardise_directly(value->bands, value->num_bands, multiplier, confidence, minimum_events);
	values[3] = Int64GetDatum(rate.events);
	nulls[4] = isinf(rate.population);
	values[4] = Float8GetDatum(rate.population);
	values[5] = Int32GetDatum(value->num_bands);
	values[6] = CStringGetTextDatum(rate.repeated ? "Dobson, repeat events" : "Dobson");
	return make_result(fcinfo, values, nulls, 8, rate.reason, rate.value, &rate.limits);
}

static Datum
make_indirect_result(FunctionCallInfo fcinfo, const indirect_standard *standard, int num_bands)
{
	bool		has_expected = standard->reason == STANDARDISED || standard->reason == NO_EXPECTED_EVENTS;
	Datum		values[8] = {(Datum) 0};
	bool		nulls[8] = {false};

	values[3] = Int64GetDatum(standard->observed);
	values[4] = Float8GetDatum(standard->expected);
	nulls[4] = !has_expected;
	values[5] = Int32GetDatum(num_bands);
	nulls[5] = num_bands < 0;
	nulls[6] = standard->reason != STANDARDISED;
	if (!nulls[6])
		values[6] = CStringGetTextDatum(standard->exact ? "exact" : "Byar");
	return make_result(fcinfo, values, nulls, 8, standard->reason, standard->value, &standard->limits);
}

static Datum
standardise_bands_indirectly(FunctionCallInfo fcinfo, bool as_rate)
{
	double		multiplier = PG_GETARG_FLOAT8(1);
	double		confidence = PG_GETARG_FLOAT8(2);
	standardisation *value;
	indirect_standard standard;

	check_multiplier(multiplier);
	check_confidence(confidence);
	value = get_standardisation(PG_GETARG_DATUM(0), INDIRECT);
	standard = standardise_indirectly(value->bands, value->num_bands, as_rate, multiplier, confidence);
	return make_indirect_result(fcinfo, &standard, value->num_bands);
}

PG_FUNCTION_INFO_V1(nkpi_indirectly_standardised_ratio);
Datum
nkpi_indirectly_standardised_ratio(PG_FUNCTION_ARGS)
{
	return standardise_bands_indirectly(fcinfo, false);
}

PG_FUNCTION_INFO_V1(nkpi_indirectly_standardised_rate);
Datum
nkpi_indirectly_standardised_rate(PG_FUNCTION_ARGS)
{
	return standardise_bands_indirectly(fcinfo, true);
}

/* Observed and expected as they are known, without bands. */
PG_FUNCTION_INFO_V1(nkpi_standardised_ratio);
Datum
nkpi_standardised_ratio(PG_FUNCTION_ARGS)
{
	int64		observed = PG_GETARG_INT64(0);
	double		expected = PG_GETARG_FLOAT8(1);
	double		multiplier = PG_GETARG_FLOAT8(2);
	double		confidence = PG_GETARG_FLOAT8(3);
	indirect_standard standard;

	check_multiplier(multiplier);
	check_confidence(confidence);
	if (observed < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of events %lld is negative", (long long) observed)));
	if (!(expected >= 0) || isinf(expected))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected number of events %g is not a finite number from 0", expected)));
	standard = standardised_ratio(observed, expected, multiplier, confidence);
	return make_indirect_result(fcinfo, &standard, -1);
}

/* A row an age band, the last open and holding all who are older. */
PG_FUNCTION_INFO_V1(nkpi_european_standard_population);
Datum
nkpi_european_standard_population(PG_FUNCTION_ARGS)
{
	int32		open_from = PG_GETARG_INT32(0);
	int			last = open_from / EUROPEAN_STANDARD_WIDTH;
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (open_from < EUROPEAN_STANDARD_WIDTH || last >= EUROPEAN_STANDARD_BANDS || open_from % EUROPEAN_STANDARD_WIDTH != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the last age band cannot begin at %d", open_from),
				 errhint("The bands are five years wide: the last begins at 5, 10, ... or 90.")));
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i <= last; i++)
	{
		int32		first_age = i * EUROPEAN_STANDARD_WIDTH;
		int32		population = european_standard_population[i];
		Datum		values[2];
		bool		nulls[2] = {false};

		for (int older = i + 1; i == last && older < EUROPEAN_STANDARD_BANDS; older++)
			population += european_standard_population[older];
		values[0] = CStringGetTextDatum(i == last ? psprintf("%d+", first_age) :
										psprintf("%d-%d", first_age, first_age + EUROPEAN_STANDARD_WIDTH - 1));
		values[1] = Int32GetDatum(population);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
