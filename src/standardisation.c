/*
 * standardisation.c
 *		The types direct_standardisation and indirect_standardisation, bands that a rate is to be standardised over, and their
 *		aggregates.
 *
 * Both types are a varlena that holds the bands.  The state of the aggregates is such a value with room to grow, changed in place;
 * VARSIZE covers the room too, since the executor copies a state by it.  The final function gives the canonical form, whose bands
 * are in order and which has no room; every function accepts both.
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "binding.h"
#include "compat.h"
#include "core/scan.h"
#include "standardisation.h"

#define SIZE_OF(num_bands)	(offsetof(standardisation, bands) + (Size) (num_bands) * sizeof(standardisation_band))

/* Ages and sexes are a few dozen bands: many more are rows that were not added up. */
#define MAX_BANDS		1000000
#define FIRST_ROOM		20

/* By method. */
static const char *const type_names[] = {"direct_standardisation", "indirect_standardisation"};

/* ------------------------------------------------------------------ values */

/* What is wrong with a band, NULL if nothing. */
static char *
find_problem(standardisation_method method, const standardisation_band *band)
{
	int64		most;

	if (band->events < 0)
		return psprintf("number of events %lld is negative", (long long) band->events);
	if (method == INDIRECT && band->beside_events < 0)
		return psprintf("number of events in the reference population %lld is negative", (long long) band->beside_events);
	if (method == DIRECT &&
		(band->beside_events < band->events ||
		 (!__builtin_mul_overflow(band->events, band->events, &most) && band->beside_events > most)))
		return psprintf("%lld is not the sum of squares of numbers that add up to %lld",
						(long long) band->beside_events, (long long) band->events);
	if (!(band->population >= 0) || isinf(band->population))
		return psprintf("population %g is not a finite number from 0", band->population);
	if (!(band->beside_population >= 0) || isinf(band->beside_population))
		return psprintf("%s population %g is not a finite number from 0", method == DIRECT ? "standard" : "reference",
						band->beside_population);
	return NULL;
}

static void
check_num_bands(Size num_bands)
{
	if (num_bands > MAX_BANDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d bands to standardise over", MAX_BANDS),
				 errhint("Add up the events and the population of each band first.")));
}

static standardisation *
make_value(Size room)
{
	standardisation *value = palloc0(SIZE_OF(room));

	SET_VARSIZE(value, SIZE_OF(room));
	return value;
}

/* A value in whatever form, as it is stored. */
static standardisation *
open_value(standardisation_method method, Datum datum)
{
	standardisation *value = (standardisation *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(value) < SIZE_OF(0) || value->num_bands < 0 || VARSIZE(value) < SIZE_OF(value->num_bands))
		report_damaged(type_names[method]);
	return value;
}

standardisation *
get_standardisation(Datum datum, standardisation_method method)
{
	standardisation *value = open_value(method, datum);
	standardisation *copy = make_value(value->num_bands);

	copy->num_bands = value->num_bands;
	memcpy(copy->bands, value->bands, value->num_bands * sizeof(standardisation_band));
	standardisation_sort(copy->bands, copy->num_bands);
	return copy;
}

/* The state with these bands added, which may be the same memory; NULL makes one. */
static standardisation *
add_bands(standardisation *state, const standardisation_band *bands, int32 num_bands)
{
	Size		needed = (Size) num_bands + (state == NULL ? 0 : state->num_bands);

	check_num_bands(needed);
	if (state == NULL || SIZE_OF(needed) > VARSIZE(state))
	{
		Size		room = FIRST_ROOM;
		standardisation *larger;

		while (room < needed)
			room *= 2;
		/* In the short-lived context: the executor copies it to where the old one is, and frees that. */
		larger = make_value(room);
		if (state != NULL)
		{
			larger->num_bands = state->num_bands;
			memcpy(larger->bands, state->bands, state->num_bands * sizeof(standardisation_band));
		}
		state = larger;
	}
	memcpy(&state->bands[state->num_bands], bands, num_bands * sizeof(standardisation_band));
	state->num_bands += num_bands;
	return state;
}

/* ------------------------------------------------------------------ text and binary */

/* Reads a whole number or a decimal one and moves past it; false where there is none. */
static bool
read_count(const char **at, int64 *count)
{
	char	   *end;

	if (!is_digit(**at))
		return false;
	errno = 0;
	*count = strtoll(*at, &end, 10);
	*at = end;
	return errno == 0;
}

static bool
read_population(const char **at, double *population)
{
	char	   *end;

	/* Not what strtod takes besides: hexadecimal, infinity, not-a-number. */
	if (!is_digit(**at) || ((*at)[0] == '0' && to_lower((*at)[1]) == 'x'))
		return false;
	errno = 0;
	*population = strtod(*at, &end);
	*at = end;
	return errno == 0 || (errno == ERANGE && *population > 0 && !isinf(*population));
}

static bool
read_band(standardisation_method method, const char **at, standardisation_band *band)
{
	if (!read_count(at, &band->events))
		return false;
	band->beside_events = band->events;
	if (method == DIRECT && skip_word(at, "^") && !read_count(at, &band->beside_events))
		return false;
	if (!skip_word(at, "/") || !read_population(at, &band->population))
		return false;
	if (method == DIRECT)
		return skip_word(at, "*") && read_population(at, &band->beside_population);
	return skip_word(at, ":") && read_count(at, &band->beside_events) && skip_word(at, "/") &&
		read_population(at, &band->beside_population);
}

static Datum
read_text(FunctionCallInfo fcinfo, standardisation_method method)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = text;
	standardisation *value = make_value(FIRST_ROOM);
	bool		good;

	skip_white_space(&at);
	good = skip_word(&at, "{");
	skip_white_space(&at);
	while (good && !skip_word(&at, "}"))
	{
		standardisation_band band;

		if (value->num_bands > 0)
		{
			good = skip_word(&at, ",");
			skip_white_space(&at);
		}
		good = good && read_band(method, &at, &band) && find_problem(method, &band) == NULL;
		if (good)
			value = add_bands(value, &band, 1);
		skip_white_space(&at);
	}
	skip_white_space(&at);
	if (!good || *at != '\0')
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", type_names[method], excerpt(text)),
				 method == DIRECT ?
				 errhint("Write events/population*standard population for each band, after the events ^ and the sum of squares of "
						 "people's numbers of events where they differ: {71/16791*5000, 12^20/3000.5*5500}.") :
				 errhint("Write events/population:events/population of the reference for each band: {4/5137:906/518223}.")));
	PG_RETURN_POINTER(get_standardisation(PointerGetDatum(value), method));
}

static Datum
write_text(FunctionCallInfo fcinfo, standardisation_method method)
{
	standardisation *value = get_standardisation(PG_GETARG_DATUM(0), method);
	StringInfoData text;
	char		number[DOUBLE_SHORTEST_DECIMAL_LEN];

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (int i = 0; i < value->num_bands; i++)
	{
		const standardisation_band *band = &value->bands[i];

		appendStringInfo(&text, "%s" INT64_FORMAT, i > 0 ? ", " : "", band->events);
		if (method == DIRECT && band->beside_events != band->events)
			appendStringInfo(&text, "^" INT64_FORMAT, band->beside_events);
		/* Always all digits, whatever extra_float_digits is. */
		double_to_shortest_decimal_buf(band->population, number);
		appendStringInfo(&text, "/%s", number);
		if (method == INDIRECT)
			appendStringInfo(&text, ":" INT64_FORMAT, band->beside_events);
		double_to_shortest_decimal_buf(band->beside_population, number);
		appendStringInfo(&text, "%c%s", method == DIRECT ? '*' : '/', number);
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/* Bands as they come, until the message ends. */
static Datum
read_binary(FunctionCallInfo fcinfo, standardisation_method method)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	Size		num_bands = (message->len - message->cursor) / sizeof(standardisation_band);
	standardisation *value;

	if ((message->len - message->cursor) % sizeof(standardisation_band) != 0 || num_bands > MAX_BANDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s: %d bytes", type_names[method], message->len - message->cursor),
				 errhint("Each band has %d bytes.", (int) sizeof(standardisation_band))));
	value = make_value(num_bands);
	value->num_bands = (int32) num_bands;
	for (Size i = 0; i < num_bands; i++)
	{
		standardisation_band *band = &value->bands[i];
		char	   *problem;

		band->events = pq_getmsgint64(message);
		band->beside_events = pq_getmsgint64(message);
		band->population = pq_getmsgfloat8(message) + 0.0;	/* the zero has one sign */
		band->beside_population = pq_getmsgfloat8(message) + 0.0;
		problem = find_problem(method, band);
		if (problem != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid binary form of type %s: %s", type_names[method], problem)));
	}
	standardisation_sort(value->bands, num_bands);
	PG_RETURN_POINTER(value);
}

static Datum
write_binary(FunctionCallInfo fcinfo, standardisation_method method)
{
	standardisation *value = get_standardisation(PG_GETARG_DATUM(0), method);
	StringInfoData message;

	pq_begintypsend(&message);
	for (int i = 0; i < value->num_bands; i++)
	{
		pq_sendint64(&message, value->bands[i].events);
		pq_sendint64(&message, value->bands[i].beside_events);
		pq_sendfloat8(&message, value->bands[i].population);
		pq_sendfloat8(&message, value->bands[i].beside_population);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_in);
Datum
nkpi_direct_standardisation_in(PG_FUNCTION_ARGS)
{
	return read_text(fcinfo, DIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_out);
Datum
nkpi_direct_standardisation_out(PG_FUNCTION_ARGS)
{
	return write_text(fcinfo, DIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_recv);
Datum
nkpi_direct_standardisation_recv(PG_FUNCTION_ARGS)
{
	return read_binary(fcinfo, DIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_send);
Datum
nkpi_direct_standardisation_send(PG_FUNCTION_ARGS)
{
	return write_binary(fcinfo, DIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_in);
Datum
nkpi_indirect_standardisation_in(PG_FUNCTION_ARGS)
{
	return read_text(fcinfo, INDIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_out);
Datum
nkpi_indirect_standardisation_out(PG_FUNCTION_ARGS)
{
	return write_text(fcinfo, INDIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_recv);
Datum
nkpi_indirect_standardisation_recv(PG_FUNCTION_ARGS)
{
	return read_binary(fcinfo, INDIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_send);
Datum
nkpi_indirect_standardisation_send(PG_FUNCTION_ARGS)
{
	return write_binary(fcinfo, INDIRECT);
}

/* ------------------------------------------------------------------ aggregates */

static Datum
add_band(FunctionCallInfo fcinfo, standardisation_method method, const standardisation_band *band)
{
	char	   *problem = find_problem(method, band);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s", problem),
				 method == DIRECT ?
				 errhint("Numbers are finite and not negative; squared events are sum(n * n) over people with n events each.") :
				 errhint("Numbers are finite and not negative.")));
	PG_RETURN_POINTER(add_bands(PG_ARGISNULL(0) ? NULL : open_value(method, PG_GETARG_DATUM(0)), band, 1));
}

/* Each person had one event, or the events are rare enough to count as independent. */
PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_add);
Datum
nkpi_direct_standardisation_add(PG_FUNCTION_ARGS)
{
	standardisation_band band;

	(void) get_aggregate_context(fcinfo, type_names[DIRECT]);
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, type_names[DIRECT]);
	band.events = band.beside_events = PG_GETARG_INT64(1);
	band.population = PG_GETARG_FLOAT8(2) + 0.0;	/* the zero has one sign */
	band.beside_population = PG_GETARG_FLOAT8(3) + 0.0;
	return add_band(fcinfo, DIRECT, &band);
}

/* The second number beside the events is the sum of squares, or the reference's events. */
static Datum
add_full_band(FunctionCallInfo fcinfo, standardisation_method method, int events, int beside_events, int population)
{
	standardisation_band band;

	(void) get_aggregate_context(fcinfo, type_names[method]);
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, type_names[method]);
	band.events = PG_GETARG_INT64(events);
	band.beside_events = PG_GETARG_INT64(beside_events);
	band.population = PG_GETARG_FLOAT8(population) + 0.0;
	band.beside_population = PG_GETARG_FLOAT8(4) + 0.0;
	return add_band(fcinfo, method, &band);
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_add_repeated);
Datum
nkpi_direct_standardisation_add_repeated(PG_FUNCTION_ARGS)
{
	return add_full_band(fcinfo, DIRECT, 1, 2, 3);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_add);
Datum
nkpi_indirect_standardisation_add(PG_FUNCTION_ARGS)
{
	return add_full_band(fcinfo, INDIRECT, 1, 3, 2);
}

static Datum
combine(FunctionCallInfo fcinfo, standardisation_method method)
{
	standardisation *other;

	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, type_names[method]);
	(void) get_aggregate_context(fcinfo, type_names[method]);
	other = open_value(method, PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(add_bands(PG_ARGISNULL(0) ? NULL : open_value(method, PG_GETARG_DATUM(0)), other->bands, other->num_bands));
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_combine);
Datum
nkpi_direct_standardisation_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, DIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_combine);
Datum
nkpi_indirect_standardisation_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, INDIRECT);
}

PG_FUNCTION_INFO_V1(nkpi_direct_standardisation_final);
Datum
nkpi_direct_standardisation_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(get_standardisation(PG_GETARG_DATUM(0), DIRECT));
}

PG_FUNCTION_INFO_V1(nkpi_indirect_standardisation_final);
Datum
nkpi_indirect_standardisation_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(get_standardisation(PG_GETARG_DATUM(0), INDIRECT));
}
