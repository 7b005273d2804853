/*
 * duration_dist.c
 *		The type duration_dist, an exact distribution of whole seconds: input and output, aggregates, accessors.
 *
 * A stored value is the canonical bytes of a tally (src/core/tally.h) behind a varlena header.  A value that grows, in an
 * aggregate, is an expanded object that holds the tally itself; PostgreSQL flattens it where it must travel.  Every function
 * accepts both.  Accessors never change a value.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "core/scan.h"
#include "core/tally.h"
#include "estimate.h"
#include "tally_binding.h"

#define TYPE_NAME		"duration_dist"
#define EXPANDED_MAGIC	0x6475726e	/* "durn" */

/* A growing value. */
typedef struct expanded_duration_dist
{
	ExpandedObjectHeader header;
	int			magic;
	tally		tally;
	unsigned char *bytes;		/* the canonical form, when it was asked for since the last change */
	size_t		num_bytes;
} expanded_duration_dist;

/* ------------------------------------------------------------------ expanded and flat */

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	expanded_duration_dist *dist = (expanded_duration_dist *) header;

	Assert(dist->magic == EXPANDED_MAGIC);
	if (dist->bytes == NULL)
		dist->bytes = tally_encode(&dist->tally, &dist->num_bytes);
	if (dist->num_bytes > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("duration_dist has too many distinct durations to be stored")));
	return VARHDRSZ + dist->num_bytes;
}

static void
flatten_into(ExpandedObjectHeader *header, void *result, Size size)
{
	expanded_duration_dist *dist = (expanded_duration_dist *) header;

	Assert(dist->bytes != NULL && size == VARHDRSZ + dist->num_bytes);
	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), dist->bytes, dist->num_bytes);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

static expanded_duration_dist *
make_expanded(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "duration_dist", ALLOCSET_START_SMALL_SIZES);
	expanded_duration_dist *dist = MemoryContextAllocZero(context, sizeof(expanded_duration_dist));

	EOH_init_header(&dist->header, &methods, context);
	dist->magic = EXPANDED_MAGIC;
	init_tally(&dist->tally, context);
	return dist;
}

/* The expanded object that a datum points to, or NULL. */
static expanded_duration_dist *
get_expanded(Datum value)
{
	expanded_duration_dist *dist;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return NULL;
	dist = (expanded_duration_dist *) DatumGetEOHP(value);
	Assert(dist->magic == EXPANDED_MAGIC);
	return dist;
}

/* Opens a cursor over a value in whatever form it comes. */
static void
open_value(tally_cursor *cursor, Datum value)
{
	expanded_duration_dist *dist = get_expanded(value);

	if (dist != NULL)
		tally_open(cursor, &dist->tally);
	else
	{
		struct varlena *flat = PG_DETOAST_DATUM_PACKED(value);

		check_tally(tally_open_bytes(cursor, (unsigned char *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)), TYPE_NAME);
	}
}

/* The canonical bytes of a value in whatever form it comes. */
static const unsigned char *
get_bytes(Datum value, size_t *size)
{
	expanded_duration_dist *dist = get_expanded(value);
	struct varlena *flat;

	if (dist != NULL)
	{
		(void) get_flat_size(&dist->header);
		*size = dist->num_bytes;
		return dist->bytes;
	}
	flat = PG_DETOAST_DATUM_PACKED(value);
	*size = VARSIZE_ANY_EXHDR(flat);
	return (unsigned char *) VARDATA_ANY(flat);
}

/* A stored value with what a tally holds; the tally is of no further use. */
static Datum
flat_from_tally(tally *t)
{
	expanded_duration_dist dist = {.magic = EXPANDED_MAGIC, .tally = *t};
	Size		size = get_flat_size(&dist.header);
	struct varlena *result = palloc(size);

	flatten_into(&dist.header, result, size);
	return PointerGetDatum(result);
}

/* ------------------------------------------------------------------ text and binary */

/* What tally_read_text() reads, with white space around it, and nothing else. */
static bool
read_text(const char *text, tally *t, tally_status *status)
{
	skip_white_space(&text);
	if (!tally_read_text(&text, t, status))
		return false;
	skip_white_space(&text);
	return *text == '\0';
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_in);
Datum
nkpi_duration_dist_in(PG_FUNCTION_ARGS)
{
	tally		t;
	tally_status status;

	init_tally(&t, CurrentMemoryContext);
	if (!read_text(PG_GETARG_CSTRING(0), &t, &status))
	{
		if (status == TALLY_TOO_MANY)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("duration_dist would hold more than 2^63 - 1 durations")));
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "duration_dist",
						excerpt(PG_GETARG_CSTRING(0))),
				 errhint("Write seconds and how many there are, in ascending order: {120:3, 131:1}.")));
	}
	PG_RETURN_DATUM(flat_from_tally(&t));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_out);
Datum
nkpi_duration_dist_out(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	const char *separator = "";

	open_value(&cursor, PG_GETARG_DATUM(0));
	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	while (check_tally(tally_next(&cursor, &pair, &found), TYPE_NAME), found)
	{
		appendStringInfo(&text, "%s" INT64_FORMAT ":" INT64_FORMAT, separator, pair.value, pair.count);
		separator = ", ";
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/* The binary form is the stored one: it has no byte order.  Only the canonical bytes of a tally are let in. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_recv);
Datum
nkpi_duration_dist_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	const unsigned char *bytes = (const unsigned char *) pq_getmsgbytes(message, size);
	tally		t;
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	tally_status status;
	Datum		result = (Datum) 0;
	bool		valid = false;

	init_tally(&t, CurrentMemoryContext);
	status = tally_open_bytes(&cursor, bytes, size);
	while (status == TALLY_OK && (status = tally_next(&cursor, &pair, &found)) == TALLY_OK && found)
	{
		status = tally_append(&t, (int32) pair.value, pair.count);
		CHECK_FOR_INTERRUPTS();
	}
	if (status == TALLY_OK)
	{
		result = flat_from_tally(&t);
		valid = VARSIZE_ANY_EXHDR(DatumGetPointer(result)) == (Size) size &&
			memcmp(VARDATA_ANY(DatumGetPointer(result)), bytes, size) == 0;
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "duration_dist")));
	PG_RETURN_DATUM(result);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_send);
Datum
nkpi_duration_dist_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;
	size_t		size;
	const unsigned char *bytes = get_bytes(PG_GETARG_DATUM(0), &size);

	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) bytes, (int) size);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ------------------------------------------------------------------ aggregates */

/*
 * The state that argument 0 of a transition or combine function holds, ready to be changed: a new one where it is NULL, the
 * one that is there, or one expanded from the flat form (a worker's, or one that was spilled).
 */
static expanded_duration_dist *
get_state(FunctionCallInfo fcinfo)
{
	MemoryContext aggregate_context;
	expanded_duration_dist *state;
	tally_cursor cursor;

	if (!AggCheckCallContext(fcinfo, &aggregate_context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("duration_dist's transition functions can only be called by an aggregate")));
	if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
		state = get_expanded(PG_GETARG_DATUM(0));
	else
	{
		state = make_expanded(aggregate_context);
		if (!PG_ARGISNULL(0))
		{
			open_value(&cursor, PG_GETARG_DATUM(0));
			check_tally(tally_merge(&state->tally, &cursor), TYPE_NAME);
		}
	}
	if (state->bytes != NULL)
	{
		pfree(state->bytes);
		state->bytes = NULL;
	}
	return state;
}

/* No values at all give NULL, as core's aggregates do. */
#define RETURN_STATE_IF_NOTHING_TO_ADD(fcinfo) \
	do { \
		if (PG_ARGISNULL(1)) \
		{ \
			if (PG_ARGISNULL(0)) \
				PG_RETURN_NULL(); \
			PG_RETURN_DATUM(PG_GETARG_DATUM(0)); \
		} \
	} while (0)

static Datum
add_to_state(FunctionCallInfo fcinfo, int32 seconds)
{
	expanded_duration_dist *state = get_state(fcinfo);

	check_tally(tally_add(&state->tally, seconds), TYPE_NAME);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_add_seconds);
Datum
nkpi_duration_dist_add_seconds(PG_FUNCTION_ARGS)
{
	int32		seconds;

	RETURN_STATE_IF_NOTHING_TO_ADD(fcinfo);
	seconds = PG_GETARG_INT32(1);
	if (seconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration of %d seconds is negative", seconds),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE seconds >= 0).")));
	return add_to_state(fcinfo, seconds);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_add_interval);
Datum
nkpi_duration_dist_add_interval(PG_FUNCTION_ARGS)
{
	Interval   *interval;
	__int128	microseconds;

	RETURN_STATE_IF_NOTHING_TO_ADD(fcinfo);
	interval = PG_GETARG_INTERVAL_P(1);
	if (interval->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval with months or years has no fixed number of seconds"),
				 errhint("Subtract two timestamps, or give days, hours, minutes and seconds only.")));
	microseconds = (__int128) interval->day * USECS_PER_DAY + interval->time;
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is negative"),
				 errhint("Leave impossible durations out, and count them: FILTER (WHERE duration >= interval '0').")));
	if (microseconds % USECS_PER_SEC != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is not a whole number of seconds"),
				 errhint("Cut it to whole seconds: date_trunc('second', duration).")));
	if (microseconds / USECS_PER_SEC > TALLY_MAX_VALUE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("duration is longer than %d seconds", TALLY_MAX_VALUE),
				 errhint("Leave impossible durations out, and count them.")));
	return add_to_state(fcinfo, (int32) (microseconds / USECS_PER_SEC));
}

/* Adds a distribution to the state: the combine function of every aggregate here, and the transition of rollup(). */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_combine);
Datum
nkpi_duration_dist_combine(PG_FUNCTION_ARGS)
{
	expanded_duration_dist *state;
	tally_cursor cursor;

	RETURN_STATE_IF_NOTHING_TO_ADD(fcinfo);
	state = get_state(fcinfo);
	open_value(&cursor, PG_GETARG_DATUM(1));
	check_tally(tally_merge(&state->tally, &cursor), TYPE_NAME);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* ------------------------------------------------------------------ operators */

PG_FUNCTION_INFO_V1(nkpi_duration_dist_plus);
Datum
nkpi_duration_dist_plus(PG_FUNCTION_ARGS)
{
	tally		t;
	tally_cursor cursor;

	init_tally(&t, CurrentMemoryContext);
	for (int i = 0; i < 2; i++)
	{
		open_value(&cursor, PG_GETARG_DATUM(i));
		check_tally(tally_merge(&t, &cursor), TYPE_NAME);
	}
	PG_RETURN_DATUM(flat_from_tally(&t));
}

static bool
equal_values(FunctionCallInfo fcinfo)
{
	size_t		sizes[2];
	const unsigned char *bytes[2];

	for (int i = 0; i < 2; i++)
		bytes[i] = get_bytes(PG_GETARG_DATUM(i), &sizes[i]);
	return sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_eq);
Datum
nkpi_duration_dist_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(equal_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_ne);
Datum
nkpi_duration_dist_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!equal_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_hash);
Datum
nkpi_duration_dist_hash(PG_FUNCTION_ARGS)
{
	size_t		size;
	const unsigned char *bytes = get_bytes(PG_GETARG_DATUM(0), &size);

	return hash_any(bytes, (int) size);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_hash_extended);
Datum
nkpi_duration_dist_hash_extended(PG_FUNCTION_ARGS)
{
	size_t		size;
	const unsigned char *bytes = get_bytes(PG_GETARG_DATUM(0), &size);

	return hash_any_extended(bytes, (int) size, (uint64) PG_GETARG_INT64(1));
}

/* ------------------------------------------------------------------ accessors */

static tally_summary
summarise(Datum value)
{
	tally_cursor cursor;
	tally_summary summary;

	open_value(&cursor, value);
	check_tally(tally_summarise(&cursor, &summary), TYPE_NAME);
	return summary;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_num_values);
Datum
nkpi_duration_dist_num_values(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(summarise(PG_GETARG_DATUM(0)).num_values);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_total);
Datum
nkpi_duration_dist_total(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.total_overflows)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total of the durations is out of range for type %s", "bigint")));
	PG_RETURN_INT64(summary.total);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_mean);
Datum
nkpi_duration_dist_mean(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(summary.mean);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_minimum);
Datum
nkpi_duration_dist_minimum(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) summary.minimum);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_maximum);
Datum
nkpi_duration_dist_maximum(PG_FUNCTION_ARGS)
{
	tally_summary summary = summarise(PG_GETARG_DATUM(0));

	if (summary.num_values == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) summary.maximum);
}

/* How many durations are at most "limit" seconds, and how many there are. */
static int64
count_within(FunctionCallInfo fcinfo, int64 *num_values)
{
	tally_cursor cursor;
	int64		within;

	open_value(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_count_within(&cursor, PG_GETARG_INT32(1), &within, num_values), TYPE_NAME);
	return within;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_num_within);
Datum
nkpi_duration_dist_num_within(PG_FUNCTION_ARGS)
{
	int64		num_values;

	PG_RETURN_INT64(count_within(fcinfo, &num_values));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_share_within);
Datum
nkpi_duration_dist_share_within(PG_FUNCTION_ARGS)
{
	int64		num_values;
	int64		within = count_within(fcinfo, &num_values);

	return make_proportion_estimate(fcinfo, within, num_values, PG_GETARG_FLOAT8(2));
}

/*
 * Which ranks a percentile is read from, by the arithmetic of core's percentile_cont and percentile_disc, so that the result
 * is the same to the last bit.
 */
typedef struct percentile_ranks
{
	int64		lower;
	int64		upper;
	double		proportion;		/* of the way from the lower to the upper */
} percentile_ranks;

static percentile_ranks
find_ranks(double fraction, bool discrete, int64 num_values)
{
	percentile_ranks ranks = {0, 0, 0};

	if (isnan(fraction) || fraction < 0 || fraction > 1)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("percentile fraction %g is not between 0 and 1", fraction),
				 errhint("Write the 90th percentile as 0.9.")));
	if (discrete)
	{
		int64		row = (int64) ceil(fraction * num_values);

		ranks.lower = ranks.upper = row < 1 ? 0 : Min(row, num_values) - 1;
	}
	else
	{
		double		position = fraction * (num_values - 1);

		ranks.lower = Min((int64) floor(position), num_values - 1);
		ranks.upper = Min((int64) ceil(position), num_values - 1);
		ranks.proportion = position - floor(position);
	}
	return ranks;
}

static int
compare_ranks(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

static bool
is_discrete(text *method)
{
	char	   *name = text_to_cstring(method);

	if (strcmp(name, "discrete") == 0)
		return true;
	if (strcmp(name, "continuous") == 0)
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("percentile method \"%s\" is not known", name),
			 errhint("The methods are \"continuous\" and \"discrete\".")));
	return false;				/* not reached */
}

/* Reads several percentiles in one walk.  The distribution must not be empty. */
static void
read_percentiles(Datum value, int64 num_values, const double *fractions, int count, bool discrete, double *results)
{
	percentile_ranks *ranks = palloc_array(percentile_ranks, count);
	int64	   *wanted = palloc_array(int64, (Size) count * 2);
	int64	   *values = palloc_array(int64, (Size) count * 2);
	tally_cursor cursor;

	for (int i = 0; i < count; i++)
	{
		ranks[i] = find_ranks(fractions[i], discrete, num_values);
		wanted[2 * i] = ranks[i].lower;
		wanted[2 * i + 1] = ranks[i].upper;
	}
	qsort(wanted, (size_t) count * 2, sizeof(int64), compare_ranks);
	open_value(&cursor, value);
	check_tally(tally_values_at(&cursor, wanted, (size_t) count * 2, values), TYPE_NAME);
	for (int i = 0; i < count; i++)
	{
		int64	   *lower = bsearch(&ranks[i].lower, wanted, (size_t) count * 2, sizeof(int64), compare_ranks);
		int64	   *upper = bsearch(&ranks[i].upper, wanted, (size_t) count * 2, sizeof(int64), compare_ranks);
		double		low = (double) values[lower - wanted];
		double		high = (double) values[upper - wanted];

		results[i] = low + ranks[i].proportion * (high - low);
	}
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentile);
Datum
nkpi_duration_dist_percentile(PG_FUNCTION_ARGS)
{
	double		fraction = PG_GETARG_FLOAT8(1);
	bool		discrete = is_discrete(PG_GETARG_TEXT_PP(2));
	int64		num_values = summarise(PG_GETARG_DATUM(0)).num_values;
	double		result;

	(void) find_ranks(fraction, discrete, 1);	/* a wrong fraction is wrong of an empty distribution too */
	if (num_values == 0)
		PG_RETURN_NULL();
	read_percentiles(PG_GETARG_DATUM(0), num_values, &fraction, 1, discrete, &result);
	PG_RETURN_FLOAT8(result);
}

/* An array of fractions gives an array of the same shape; a NULL fraction gives a NULL. */
PG_FUNCTION_INFO_V1(nkpi_duration_dist_percentiles);
Datum
nkpi_duration_dist_percentiles(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	bool		discrete = is_discrete(PG_GETARG_TEXT_PP(2));
	int64		num_values = summarise(PG_GETARG_DATUM(0)).num_values;
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	double	   *fractions;
	double	   *results;
	int			num_fractions = 0;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &count);
	if (count == 0)
		PG_RETURN_POINTER(construct_empty_array(FLOAT8OID));
	fractions = palloc_array(double, count);
	results = palloc_array(double, count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		fractions[num_fractions] = DatumGetFloat8(elements[i]);
		(void) find_ranks(fractions[num_fractions++], discrete, 1);
	}
	if (num_values > 0 && num_fractions > 0)
		read_percentiles(PG_GETARG_DATUM(0), num_values, fractions, num_fractions, discrete, results);
	num_fractions = 0;
	for (int i = 0; i < count; i++)
	{
		nulls[i] = nulls[i] || num_values == 0;
		elements[i] = nulls[i] ? (Datum) 0 : Float8GetDatum(results[num_fractions++]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array),
											 FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
