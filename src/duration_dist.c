/*
 * duration_dist.c
 *		The type duration_dist, an exact distribution of whole seconds: its forms, input and output, operators.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"
#include "core/scan.h"
#include "duration_dist.h"
#include "tally_binding.h"

/* ------------------------------------------------------------------ expanded and flat */

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	expanded_duration_dist *dist = (expanded_duration_dist *) header;

	Assert(dist->magic == EXPANDED_DURATION_DIST_MAGIC);
	if (dist->bytes == NULL)
		dist->bytes = tally_encode(&dist->tally, &dist->num_bytes);
	return get_stored_size(dist->num_bytes, DURATION_DIST);
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

expanded_duration_dist *
make_expanded_duration_dist_in(MemoryContext context)
{
	expanded_duration_dist *dist = MemoryContextAllocZero(context, sizeof(expanded_duration_dist));

	EOH_init_header(&dist->header, &methods, context);
	dist->magic = EXPANDED_DURATION_DIST_MAGIC;
	init_tally(&dist->tally, context);
	return dist;
}

expanded_duration_dist *
make_expanded_duration_dist(MemoryContext parent)
{
	return make_expanded_duration_dist_in(AllocSetContextCreate(parent, DURATION_DIST, GROWING_VALUE_SIZES));
}

void
open_duration_dist(tally_cursor *cursor, Datum value)
{
	expanded_duration_dist *dist = get_expanded_duration_dist(value);

	if (dist != NULL)
		tally_open(cursor, &dist->tally);
	else
	{
		struct varlena *flat = PG_DETOAST_DATUM_PACKED(value);

		check_tally(tally_open_bytes(cursor, (unsigned char *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)), DURATION_DIST);
	}
}

tally *
get_duration_dist_tally(Datum value, tally *decoded)
{
	expanded_duration_dist *dist = get_expanded_duration_dist(value);
	struct varlena *flat;

	if (dist != NULL)
		return &dist->tally;
	flat = PG_DETOAST_DATUM_PACKED(value);
	init_tally(decoded, CurrentMemoryContext);
	check_tally(tally_decode(decoded, (unsigned char *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)), DURATION_DIST);
	return decoded;
}

/* The canonical bytes of a value in either form. */
static const unsigned char *
get_bytes(Datum value, size_t *size)
{
	expanded_duration_dist *dist = get_expanded_duration_dist(value);
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

Datum
duration_dist_from_tally(tally *t)
{
	size_t		num_bytes;
	unsigned char *bytes = tally_encode(t, &num_bytes);
	Datum		result = store_bytes(bytes, num_bytes, DURATION_DIST);

	pfree(bytes);
	return result;
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
				 errmsg("invalid input syntax for type %s: \"%s\"", DURATION_DIST, excerpt(PG_GETARG_CSTRING(0))),
				 errhint("Write seconds and how many there are, in ascending order: {120:3, 131:1}.")));
	}
	PG_RETURN_DATUM(duration_dist_from_tally(&t));
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

	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	while (check_tally(tally_next(&cursor, &pair, &found), DURATION_DIST), found)
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
	Datum		result = (Datum) 0;
	bool		valid = false;

	init_tally(&t, CurrentMemoryContext);
	if (tally_decode(&t, bytes, size) == TALLY_OK)
	{
		result = duration_dist_from_tally(&t);
		valid = VARSIZE_ANY_EXHDR(DatumGetPointer(result)) == (Size) size &&
			memcmp(VARDATA_ANY(DatumGetPointer(result)), bytes, size) == 0;
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", DURATION_DIST)));
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
		open_duration_dist(&cursor, PG_GETARG_DATUM(i));
		check_tally(tally_merge(&t, &cursor), DURATION_DIST);
	}
	PG_RETURN_DATUM(duration_dist_from_tally(&t));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_minus);
Datum
nkpi_duration_dist_minus(PG_FUNCTION_ARGS)
{
	tally		t;
	tally_cursor cursor;

	init_tally(&t, CurrentMemoryContext);
	open_duration_dist(&cursor, PG_GETARG_DATUM(0));
	check_tally(tally_merge(&t, &cursor), DURATION_DIST);
	open_duration_dist(&cursor, PG_GETARG_DATUM(1));
	check_tally(tally_subtract(&t, &cursor), DURATION_DIST);
	PG_RETURN_DATUM(duration_dist_from_tally(&t));
}

static bool
equal_values(FunctionCallInfo fcinfo)
{
	Datum		values[2];
	size_t		sizes[2];
	const unsigned char *bytes[2];
	bool		equal;

	for (int i = 0; i < 2; i++)
	{
		values[i] = fetch(PG_GETARG_DATUM(i));
		bytes[i] = get_bytes(values[i], &sizes[i]);
	}
	equal = sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0;
	for (int i = 0; i < 2; i++)
		release_fetched(values[i], PG_GETARG_DATUM(i));
	return equal;
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

static int
compare_values(FunctionCallInfo fcinfo)
{
	Datum		values[2];
	tally_cursor cursors[2];
	int			result;

	for (int i = 0; i < 2; i++)
	{
		values[i] = fetch(PG_GETARG_DATUM(i));
		open_duration_dist(&cursors[i], values[i]);
	}
	check_tally(tally_compare(&cursors[0], &cursors[1], &result), DURATION_DIST);
	for (int i = 0; i < 2; i++)
		release_fetched(values[i], PG_GETARG_DATUM(i));
	return result;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_cmp);
Datum
nkpi_duration_dist_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_lt);
Datum
nkpi_duration_dist_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_le);
Datum
nkpi_duration_dist_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_ge);
Datum
nkpi_duration_dist_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_gt);
Datum
nkpi_duration_dist_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_hash);
Datum
nkpi_duration_dist_hash(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any(bytes, (int) size);

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

PG_FUNCTION_INFO_V1(nkpi_duration_dist_hash_extended);
Datum
nkpi_duration_dist_hash_extended(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any_extended(bytes, (int) size, (uint64) PG_GETARG_INT64(1));

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

