/*
 * time_series.c
 *		The type time_series, points in time with a value and an exposure: input and output, aggregates, operators.
 *
 * A value is an array of points behind a header.  The state of the aggregates is such a value with room to grow, changed in place,
 * as that of the type funnel: its points come in any order, and VARSIZE covers the room too, since the executor copies a state by it.
 * The final function gives the canonical form, in order and without room; every function accepts both.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "common/shortest_dec.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"
#include "time_series.h"

#define TIME_SERIES	"time_series"
#define TIME_SERIES_VERSION	1

/* Bits of "flags"; the others are 0. */
#define IN_ORDER	1

typedef struct time_series
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint16		version;
	uint16		flags;
	uint32		num_points;
	uint32		unused;			/* 0 */
	time_point	points[FLEXIBLE_ARRAY_MEMBER];
} time_series;

StaticAssertDecl(sizeof(time_point) == 24 && offsetof(time_series, points) == 16, "a stored point must be three numbers without padding");

#define VALUE_SIZE(num_points)	(offsetof(time_series, points) + (Size) (num_points) * sizeof(time_point))
#define MAX_POINTS	((MaxAllocSize - VALUE_SIZE(0)) / sizeof(time_point))

/* A new state has room for ten points. */
#define INITIAL_STATE_SIZE	256

/* ------------------------------------------------------------------ values */

static void
check_num_points(uint64 num_points)
{
	if (num_points > MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s would hold more than %d points", TIME_SERIES, (int) MAX_POINTS),
				 errhint("Count by day or by month first: a point a period is enough.")));
}

static bool
is_number_of_point(double number)
{
	return number >= -TIME_SERIES_LIMIT && number <= TIME_SERIES_LIMIT;
}

static bool
is_point(const time_point *point)
{
	return is_number_of_point(point->time) && is_number_of_point(point->value) && is_number_of_point(point->exposure) &&
		(point->exposure == 0 || point->exposure >= 1 / TIME_SERIES_LIMIT);
}

/* A point without minus zero, which is not the same bytes as zero. */
static time_point
make_point(double time, double value, double exposure)
{
	return (time_point) {time + 0.0, value + 0.0, exposure + 0.0};
}

/* A value in whatever form, aligned, with its header checked. */
static time_series *
open_value(Datum datum)
{
	time_series *series = (time_series *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(series) < VALUE_SIZE(0) || series->version != TIME_SERIES_VERSION || (series->flags & ~IN_ORDER) != 0 ||
		series->unused != 0 || series->num_points > (VARSIZE(series) - VALUE_SIZE(0)) / sizeof(time_point))
		report_damaged(TIME_SERIES);
	return series;
}

/* A new value with room for so many points, and none yet. */
static time_series *
make_value(uint64 num_points)
{
	time_series *series;

	check_num_points(num_points);
	series = palloc(VALUE_SIZE(num_points));
	SET_VARSIZE(series, VALUE_SIZE(num_points));
	series->version = TIME_SERIES_VERSION;
	series->flags = 0;
	series->num_points = 0;
	series->unused = 0;
	return series;
}

static void
put_in_order(time_series *series)
{
	if (!time_series_is_sorted(series->points, series->num_points))
	{
		Size		size = series->num_points * sizeof(time_point);
		time_point *scratch = MemoryContextAllocHuge(CurrentMemoryContext, size);

		time_series_sort(series->points, series->num_points, scratch, check_for_interrupts);
		pfree(scratch);
	}
	series->flags = IN_ORDER;
}

/* The canonical form: the value itself where it is in it, else a new one. */
static time_series *
open_canonical(Datum datum)
{
	time_series *series = open_value(datum);
	time_series *result;

	if (series->flags == IN_ORDER && VARSIZE(series) == VALUE_SIZE(series->num_points))
		return series;
	result = make_value(series->num_points);
	result->num_points = series->num_points;
	memcpy(result->points, series->points, series->num_points * sizeof(time_point));
	put_in_order(result);
	return result;
}

time_point *
get_points_with_rate(Datum value, size_t *num_points)
{
	time_series *series = open_canonical(value);
	time_point *points = palloc(VALUE_SIZE(series->num_points));

	*num_points = 0;
	for (uint32 i = 0; i < series->num_points; i++)
	{
		if (!is_point(&series->points[i]))
			report_damaged(TIME_SERIES);
		if (series->points[i].exposure > 0)
			points[(*num_points)++] = series->points[i];
	}
	return points;
}

/* ------------------------------------------------------------------ text and binary */

static const char *
skip_space(const char *at)
{
	return at + strspn(at, " \t\n\r\f\v");
}

/* Reads a number with what follows it, one of "ends"; NULL where there is none. */
static const char *
read_number(const char *at, const char *ends, double *number)
{
	char	   *end;
	size_t		length;

	at = skip_space(at);
	length = strspn(at, "+-.0123456789eE");
	*number = strtod(at, &end);
	/* strtod knows more spellings than these characters can make. */
	if (length == 0 || end != at + length)
		return NULL;
	at = skip_space(end);
	return *at != '\0' && strchr(ends, *at) != NULL ? at : NULL;
}

/* Reads all of a text; NULL where it is not a series. */
static time_series *
read_text(const char *at)
{
	time_series *series;
	uint64		most = 0;

	for (const char *c = at; *c != '\0'; c++)
		most += *c == ':';
	series = make_value(most);
	at = skip_space(at);
	if (*at != '{')
		return NULL;
	at = skip_space(at + 1);
	while (*at != '}' || series->num_points > 0)
	{
		double		time;
		double		value;
		double		exposure = 1;

		if ((at = read_number(at, ":", &time)) == NULL || (at = read_number(at + 1, "/,}", &value)) == NULL ||
			(*at == '/' && (at = read_number(at + 1, ",}", &exposure)) == NULL))
			return NULL;
		series->points[series->num_points] = make_point(time, value, exposure);
		if (!is_point(&series->points[series->num_points++]))
			return NULL;
		if (*at++ == '}')
			return *skip_space(at) == '\0' ? series : NULL;
		check_for_interrupts();
	}
	return *skip_space(at + 1) == '\0' ? series : NULL;
}

PG_FUNCTION_INFO_V1(nkpi_time_series_in);
Datum
nkpi_time_series_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	time_series *series = read_text(text);

	if (series == NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", TIME_SERIES, excerpt(text)),
				 errhint("Write times with their values, and with what they were counted over where that is not 1: "
						 "{2023:1901, 2024:1862/5463300}.")));
	PG_RETURN_DATUM(PointerGetDatum(open_canonical(PointerGetDatum(series))));
}

static void
append_number(StringInfo text, double number)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(number, digits);
	appendStringInfoString(text, digits);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_out);
Datum
nkpi_time_series_out(PG_FUNCTION_ARGS)
{
	time_series *series = open_canonical(PG_GETARG_DATUM(0));
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (uint32 i = 0; i < series->num_points; i++)
	{
		if (i > 0)
			appendStringInfoString(&text, ", ");
		append_number(&text, series->points[i].time);
		appendStringInfoChar(&text, ':');
		append_number(&text, series->points[i].value);
		if (series->points[i].exposure != 1)
		{
			appendStringInfoChar(&text, '/');
			append_number(&text, series->points[i].exposure);
		}
		check_for_interrupts();
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_recv);
Datum
nkpi_time_series_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	time_series *series;
	bool		good = message->len - message->cursor >= 5 && pq_getmsgbyte(message) == TIME_SERIES_VERSION;
	uint32		num_points = good ? pq_getmsgint(message, 4) : 0;

	/* What is announced must be there before any room is made for it. */
	good = good && (uint64) num_points * sizeof(time_point) == (uint64) (message->len - message->cursor);
	series = make_value(good ? num_points : 0);
	for (uint32 i = 0; i < num_points && good; i++)
	{
		double		time = pq_getmsgfloat8(message);
		double		value = pq_getmsgfloat8(message);
		double		exposure = pq_getmsgfloat8(message);

		series->points[i] = make_point(time, value, exposure);
		good = is_point(&series->points[i]);
		series->num_points++;
	}
	if (!good)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", TIME_SERIES)));
	pq_getmsgend(message);
	put_in_order(series);
	PG_RETURN_POINTER(series);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_send);
Datum
nkpi_time_series_send(PG_FUNCTION_ARGS)
{
	time_series *series = open_canonical(PG_GETARG_DATUM(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, TIME_SERIES_VERSION);
	pq_sendint32(&message, series->num_points);
	for (uint32 i = 0; i < series->num_points; i++)
	{
		pq_sendfloat8(&message, series->points[i].time);
		pq_sendfloat8(&message, series->points[i].value);
		pq_sendfloat8(&message, series->points[i].exposure);
		check_for_interrupts();
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ------------------------------------------------------------------ aggregates */

static void
check_number(const char *what, double number)
{
	if (!is_number_of_point(number))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g of a point in time is not a finite number from -1e100 to 1e100", what, number),
				 errhint("What is not known is NULL, and is skipped.")));
}

/*
 * The state of argument 0, NULL for none, with room for so many points in all.  A larger one is made in the current, short-lived context:
 * the executor copies it to where the old one is, and frees that.
 */
static time_series *
make_room(time_series *state, uint64 num_points)
{
	Size		size = INITIAL_STATE_SIZE;
	time_series *larger;

	if (likely(state != NULL && VALUE_SIZE(num_points) <= VARSIZE(state)))
		return state;
	check_num_points(num_points);
	while (size < VALUE_SIZE(num_points))
		size *= 2;
	size = Min(size, MaxAllocSize);
	/* The room may be written to a worker's queue or to disk. */
	larger = palloc0(size);
	if (state != NULL)
		memcpy(larger, state, VALUE_SIZE(state->num_points));
	SET_VARSIZE(larger, size);
	larger->version = TIME_SERIES_VERSION;
	return larger;
}

static Datum
add_point(FunctionCallInfo fcinfo, double time, double value, double exposure)
{
	time_series *state = PG_ARGISNULL(0) ? NULL : open_value(PG_GETARG_DATUM(0));

	check_number("time", time);
	check_number("value", value);
	check_number("exposure", exposure);
	if (exposure != 0 && exposure < 1 / TIME_SERIES_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exposure %g of a point in time is neither 0 nor from 1e-100", exposure),
				 errhint("Exposure is what the value was counted over: people, or people times years, for example.")));
	state = make_room(state, state == NULL ? 1 : (uint64) state->num_points + 1);
	state->points[state->num_points++] = make_point(time, value, exposure);
	state->flags = 0;
	PG_RETURN_POINTER(state);
}

/* Times are numbers, in the caller's unit. */
PG_FUNCTION_INFO_V1(nkpi_time_series_add);
Datum
nkpi_time_series_add(PG_FUNCTION_ARGS)
{
	(void) get_aggregate_context(fcinfo, TIME_SERIES);
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, TIME_SERIES);
	return add_point(fcinfo, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_NARGS() > 3 ? PG_GETARG_FLOAT8(3) : 1);
}

/* Times are dates, of which years of 365.25 days are made: 2000-01-01 is 2000. */
PG_FUNCTION_INFO_V1(nkpi_time_series_add_date);
Datum
nkpi_time_series_add_date(PG_FUNCTION_ARGS)
{
	DateADT		day;

	(void) get_aggregate_context(fcinfo, TIME_SERIES);
	if (any_argument_is_null(fcinfo))
		return keep_state(fcinfo, TIME_SERIES);
	day = PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date of a point in time is infinite"),
				 errhint("What is not known is NULL, and is skipped.")));
	return add_point(fcinfo, 2000 + day / 365.25, PG_GETARG_FLOAT8(2), PG_NARGS() > 3 ? PG_GETARG_FLOAT8(3) : 1);
}

/* Adds a series to the state: the combine function of every aggregate here, and the transition of rollup(). */
PG_FUNCTION_INFO_V1(nkpi_time_series_combine);
Datum
nkpi_time_series_combine(PG_FUNCTION_ARGS)
{
	time_series *state;
	time_series *added;

	(void) get_aggregate_context(fcinfo, TIME_SERIES);
	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, TIME_SERIES);
	added = open_value(PG_GETARG_DATUM(1));
	/* The executor makes a copy of its own. */
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(added);
	state = open_value(PG_GETARG_DATUM(0));
	state = make_room(state, (uint64) state->num_points + added->num_points);
	memcpy(state->points + state->num_points, added->points, added->num_points * sizeof(time_point));
	state->num_points += added->num_points;
	state->flags = 0;
	PG_RETURN_POINTER(state);
}

/* The canonical form: the state stays as it is, and may grow further where the aggregate is a window's. */
PG_FUNCTION_INFO_V1(nkpi_time_series_final);
Datum
nkpi_time_series_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(open_canonical(PG_GETARG_DATUM(0)));
}

/* ------------------------------------------------------------------ operators */

PG_FUNCTION_INFO_V1(nkpi_time_series_plus);
Datum
nkpi_time_series_plus(PG_FUNCTION_ARGS)
{
	time_series *a = open_value(PG_GETARG_DATUM(0));
	time_series *b = open_value(PG_GETARG_DATUM(1));
	time_series *result = make_value((uint64) a->num_points + b->num_points);

	memcpy(result->points, a->points, a->num_points * sizeof(time_point));
	memcpy(result->points + a->num_points, b->points, b->num_points * sizeof(time_point));
	result->num_points = a->num_points + b->num_points;
	put_in_order(result);
	PG_RETURN_POINTER(result);
}

/* Point by point, then the shorter first. */
static int
compare_values(FunctionCallInfo fcinfo)
{
	time_series *series[2];
	int			result = 0;

	for (int i = 0; i < 2; i++)
		series[i] = open_canonical(PG_GETARG_DATUM(i));
	for (uint32 i = 0; result == 0 && i < Min(series[0]->num_points, series[1]->num_points); i++)
		result = time_point_compare(&series[0]->points[i], &series[1]->points[i]);
	if (result == 0)
		result = (series[0]->num_points > series[1]->num_points) - (series[0]->num_points < series[1]->num_points);
	/* An index's build calls this many times before any memory is released. */
	for (int i = 0; i < 2; i++)
		PG_FREE_IF_COPY(series[i], i);
	return result;
}

PG_FUNCTION_INFO_V1(nkpi_time_series_cmp);
Datum
nkpi_time_series_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_time_series_eq);
Datum
nkpi_time_series_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_ne);
Datum
nkpi_time_series_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_lt);
Datum
nkpi_time_series_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_le);
Datum
nkpi_time_series_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_ge);
Datum
nkpi_time_series_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(nkpi_time_series_gt);
Datum
nkpi_time_series_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) > 0);
}

static const unsigned char *
get_bytes(time_series *series, int *size)
{
	*size = (int) (series->num_points * sizeof(time_point));
	return (const unsigned char *) series->points;
}

PG_FUNCTION_INFO_V1(nkpi_time_series_hash);
Datum
nkpi_time_series_hash(PG_FUNCTION_ARGS)
{
	time_series *series = open_canonical(PG_GETARG_DATUM(0));
	int			size;
	const unsigned char *bytes = get_bytes(series, &size);
	Datum		hash = hash_any(bytes, size);

	PG_FREE_IF_COPY(series, 0);
	return hash;
}

PG_FUNCTION_INFO_V1(nkpi_time_series_hash_extended);
Datum
nkpi_time_series_hash_extended(PG_FUNCTION_ARGS)
{
	time_series *series = open_canonical(PG_GETARG_DATUM(0));
	int			size;
	const unsigned char *bytes = get_bytes(series, &size);
	Datum		hash = hash_any_extended(bytes, size, (uint64) PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(series, 0);
	return hash;
}

/* ------------------------------------------------------------------ accessors */

PG_FUNCTION_INFO_V1(nkpi_time_series_num_values);
Datum
nkpi_time_series_num_values(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(open_value(PG_GETARG_DATUM(0))->num_points);
}
