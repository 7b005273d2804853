/*
 * life_table.c
 *		The type life_table, durations that may be unfinished: input and output, operators, accessors.
 *
 * A stored value is the canonical bytes of a life table (src/core/life_table.h) behind a varlena header.  A value that grows, in
 * an aggregate, is an expanded object that holds its tallies; PostgreSQL flattens it where it must travel.  Every function
 * accepts both.  Accessors never change a value.  The aggregates are in life_table_aggregate.c, the statistics in survival.c.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "binding.h"
#include "compat.h"
#include "core/calendar.h"
#include "life_table.h"
#include "tally_binding.h"

#define EXPANDED_MAGIC	0x6c696665	/* "life" */

/* ------------------------------------------------------------------ expanded and flat */

static Size
get_flat_size(ExpandedObjectHeader *header)
{
	expanded_life_table *value = (expanded_life_table *) header;

	Assert(value->magic == EXPANDED_MAGIC);
	if (value->bytes == NULL)
		value->bytes = life_table_encode(&value->table, &value->num_bytes);
	return get_stored_size(value->num_bytes, LIFE_TABLE_NAME);
}

static void
flatten_into(ExpandedObjectHeader *header, void *result, Size size)
{
	expanded_life_table *value = (expanded_life_table *) header;

	Assert(value->bytes != NULL && size == VARHDRSZ + value->num_bytes);
	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), value->bytes, value->num_bytes);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

expanded_life_table *
make_expanded_life_table(MemoryContext context, life_table_unit unit)
{
	expanded_life_table *value = MemoryContextAllocZero(context, sizeof(expanded_life_table));
	tally_host	host = make_tally_host(context);

	EOH_init_header(&value->header, &methods, context);
	value->magic = EXPANDED_MAGIC;
	life_table_init(&value->table, unit, &host);
	return value;
}

expanded_life_table *
get_expanded_life_table(Datum value)
{
	expanded_life_table *expanded;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return NULL;
	expanded = (expanded_life_table *) DatumGetEOHP(value);
	Assert(expanded->magic == EXPANDED_MAGIC);
	return expanded;
}

/* The canonical bytes of a value in whatever form it comes. */
static const unsigned char *
get_bytes(Datum value, size_t *size)
{
	expanded_life_table *expanded = get_expanded_life_table(value);
	struct varlena *flat;

	if (expanded != NULL)
	{
		(void) get_flat_size(&expanded->header);
		*size = expanded->num_bytes;
		return expanded->bytes;
	}
	flat = PG_DETOAST_DATUM_PACKED(value);
	*size = VARSIZE_ANY_EXHDR(flat);
	return (unsigned char *) VARDATA_ANY(flat);
}

void
read_life_table(life_table_reader *reader, Datum value)
{
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);

	check_tally(life_table_open(reader, bytes, size), LIFE_TABLE_NAME);
}

Datum
store_life_table(life_table *t)
{
	size_t		size;
	unsigned char *bytes = life_table_encode(t, &size);
	Datum		result = store_bytes(bytes, size, LIFE_TABLE_NAME);

	pfree(bytes);
	return result;
}

/* An empty life table for the time of a call. */
static void
init_life_table(life_table *t, life_table_unit unit)
{
	tally_host	host = make_tally_host(CurrentMemoryContext);

	life_table_init(t, unit, &host);
}

/* ------------------------------------------------------------------ text and binary */

PG_FUNCTION_INFO_V1(nkpi_life_table_in);
Datum
nkpi_life_table_in(PG_FUNCTION_ARGS)
{
	life_table	t;
	tally_status status;

	init_life_table(&t, UNIT_SECOND);
	if (!life_table_read_text(&t, PG_GETARG_CSTRING(0), &status))
	{
		if (status == TALLY_TOO_MANY)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("life_table would hold more than 2^63 - 1 durations")));
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", LIFE_TABLE_NAME, excerpt(PG_GETARG_CSTRING(0))),
				 errhint("Write the unit, then durations or starts in ascending order with how many there are, what is empty left out: "
						 "{unit: day, censored: {3:2}, 1: {2:5}, open: {2024-01-03:2}}.")));
	}
	PG_RETURN_DATUM(store_life_table(&t));
}

/* Appends what a part holds, with its name. */
static void
write_part(StringInfo text, life_table_reader *reader, int part)
{
	int64		max_start = life_table_max_start(reader->unit);
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	const char *separator = "";

	check_tally(life_table_open_part(reader, part, &cursor), LIFE_TABLE_NAME);
	check_tally(tally_next(&cursor, &pair, &found), LIFE_TABLE_NAME);
	if (!found)
		return;
	if (part == LIFE_TABLE_CENSORED)
		appendStringInfoString(text, ", censored: {");
	else if (part == LIFE_TABLE_OPEN)
		appendStringInfoString(text, ", open: {");
	else
		appendStringInfo(text, ", %d: {", part);
	while (found)
	{
		if (part == LIFE_TABLE_OPEN)
		{
			char		start[LIFE_TABLE_START_TEXT_SIZE];

			if (pair.value > max_start)
				check_tally(TALLY_MALFORMED, LIFE_TABLE_NAME);
			life_table_write_start(reader->unit, (int32) pair.value, start);
			appendStringInfo(text, "%s%s:" INT64_FORMAT, separator, start, pair.count);
		}
		else
			appendStringInfo(text, "%s" INT64_FORMAT ":" INT64_FORMAT, separator, pair.value, pair.count);
		separator = ", ";
		CHECK_FOR_INTERRUPTS();
		check_tally(tally_next(&cursor, &pair, &found), LIFE_TABLE_NAME);
	}
	appendStringInfoChar(text, '}');
}

PG_FUNCTION_INFO_V1(nkpi_life_table_out);
Datum
nkpi_life_table_out(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	life_table_reader reader;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&text);
	appendStringInfo(&text, "{unit: %s", life_table_unit_name(reader.unit));
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
		write_part(&text, &reader, part);
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/* The binary form is the stored one: it has no byte order.  Only the canonical bytes of a life table are let in. */
PG_FUNCTION_INFO_V1(nkpi_life_table_recv);
Datum
nkpi_life_table_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	const unsigned char *bytes = (const unsigned char *) pq_getmsgbytes(message, size);
	life_table	t;

	init_life_table(&t, UNIT_SECOND);
	if (!life_table_read_bytes(&t, bytes, size))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", LIFE_TABLE_NAME)));
	return store_bytes(bytes, size, LIFE_TABLE_NAME);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_send);
Datum
nkpi_life_table_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;
	size_t		size;
	const unsigned char *bytes = get_bytes(PG_GETARG_DATUM(0), &size);

	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) bytes, (int) size);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ------------------------------------------------------------------ checks */

void
check_same_unit(life_table_unit one, life_table_unit other)
{
	if (one != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("life tables have different units, %s and %s", life_table_unit_name(one), life_table_unit_name(other)),
				 errhint("Build them all with the same unit.")));
}

void
check_cause(int32 cause)
{
	if (cause < 1 || cause > LIFE_TABLE_MAX_CAUSES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cause %d is not between 1 and %d", cause, LIFE_TABLE_MAX_CAUSES)));
}

void
check_none_open(life_table_reader *reader)
{
	int64		num_open = count_in_life_table(reader, LIFE_TABLE_OPEN, LIFE_TABLE_OPEN);

	if (num_open > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg_plural("life_table has %lld open duration", "life_table has %lld open durations",
							   (unsigned long) num_open, (long long) num_open),
				 errhint("Censor them at the time up to which the records go: close_open(durations, at).")));
}

void
check_time(int32 time)
{
	if (time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time %d is negative", time),
				 errhint("Times count from the start of each duration, in the unit of the life_table.")));
}

int32
check_duration_fits(int64 duration, life_table_unit unit)
{
	if (duration > TALLY_MAX_VALUE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("duration is longer than %d %ss", TALLY_MAX_VALUE, life_table_unit_name(unit)),
				 errhint("Leave impossible durations out, and count them.")));
	return (int32) duration;
}

int64
cut_to_unit(TimestampTz at, life_table_unit unit)
{
	int64		length = USECS_PER_DAY / life_table_units_a_day(unit);

	return floor_divide(at, length);
}

/* ------------------------------------------------------------------ operators */

PG_FUNCTION_INFO_V1(nkpi_life_table_plus);
Datum
nkpi_life_table_plus(PG_FUNCTION_ARGS)
{
	life_table	t;
	life_table_reader readers[2];

	for (int i = 0; i < 2; i++)
		read_life_table(&readers[i], PG_GETARG_DATUM(i));
	check_same_unit(readers[0].unit, readers[1].unit);
	init_life_table(&t, readers[0].unit);
	for (int i = 0; i < 2; i++)
		check_tally(life_table_merge(&t, &readers[i]), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(store_life_table(&t));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_minus);
Datum
nkpi_life_table_minus(PG_FUNCTION_ARGS)
{
	life_table	t;
	life_table_reader readers[2];

	for (int i = 0; i < 2; i++)
		read_life_table(&readers[i], PG_GETARG_DATUM(i));
	check_same_unit(readers[0].unit, readers[1].unit);
	init_life_table(&t, readers[0].unit);
	check_tally(life_table_merge(&t, &readers[0]), LIFE_TABLE_NAME);
	check_tally(life_table_subtract(&t, &readers[1]), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(store_life_table(&t));
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

static int
compare_values(FunctionCallInfo fcinfo)
{
	Datum		values[2];
	life_table_reader readers[2];
	int			result;

	for (int i = 0; i < 2; i++)
	{
		values[i] = fetch(PG_GETARG_DATUM(i));
		read_life_table(&readers[i], values[i]);
	}
	check_tally(life_table_compare(&readers[0], &readers[1], &result), LIFE_TABLE_NAME);
	for (int i = 0; i < 2; i++)
		release_fetched(values[i], PG_GETARG_DATUM(i));
	return result;
}

PG_FUNCTION_INFO_V1(nkpi_life_table_eq);
Datum
nkpi_life_table_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(equal_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_ne);
Datum
nkpi_life_table_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!equal_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_lt);
Datum
nkpi_life_table_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_le);
Datum
nkpi_life_table_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_ge);
Datum
nkpi_life_table_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_gt);
Datum
nkpi_life_table_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_cmp);
Datum
nkpi_life_table_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_hash);
Datum
nkpi_life_table_hash(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any(bytes, (int) size);

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

PG_FUNCTION_INFO_V1(nkpi_life_table_hash_extended);
Datum
nkpi_life_table_hash_extended(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any_extended(bytes, (int) size, (uint64) PG_GETARG_INT64(1));

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

/* ------------------------------------------------------------------ what is open */

static void
check_finite(bool finite)
{
	if (!finite)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("life_table cannot be closed at infinity"),
				 errhint("Close it at the time up to which its records go.")));
}

/* Everything, what is open censored at a time in whole units since the beginning of 2000. */
static Datum
close_open(life_table_reader *reader, int64 since_2000)
{
	int64		at = life_table_start(reader->unit, since_2000);
	tally_cursor cursor;
	tally_summary starts;
	life_table	t;

	check_tally(life_table_open_part(reader, LIFE_TABLE_OPEN, &cursor), LIFE_TABLE_NAME);
	check_tally(tally_summarise(&cursor, &starts), LIFE_TABLE_NAME);
	if (starts.num_values > 0)
	{
		if (starts.maximum > at)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("life_table has open durations that start after the time at which they are to be closed"),
					 errhint("Close them at a time that no record is later than.")));
		(void) check_duration_fits(at - starts.minimum, reader->unit);
	}
	init_life_table(&t, reader->unit);
	check_tally(life_table_merge_closed(&t, reader, at), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(store_life_table(&t));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_close_open_date);
Datum
nkpi_life_table_close_open_date(PG_FUNCTION_ARGS)
{
	DateADT		at = PG_GETARG_DATEADT(1);
	life_table_reader reader;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	if (reader.unit != UNIT_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("life_table with unit %s cannot be closed at a date", life_table_unit_name(reader.unit)),
				 errhint("Give a timestamp with time zone.")));
	check_finite(!DATE_NOT_FINITE(at));
	return close_open(&reader, at);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_close_open_time);
Datum
nkpi_life_table_close_open_time(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	life_table_reader reader;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	if (reader.unit == UNIT_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("life_table with unit day cannot be closed at a time"),
				 errhint("Give a date, written as date '2024-03-31'; local_day() makes one of a time.")));
	check_finite(!TIMESTAMP_NOT_FINITE(at));
	return close_open(&reader, cut_to_unit(at, reader.unit));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_censor_after);
Datum
nkpi_life_table_censor_after(PG_FUNCTION_ARGS)
{
	int32		time = PG_GETARG_INT32(1);
	life_table_reader reader;
	life_table	t;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	check_none_open(&reader);
	check_time(time);
	init_life_table(&t, reader.unit);
	check_tally(life_table_merge_censored(&t, &reader, time), LIFE_TABLE_NAME);
	PG_RETURN_DATUM(store_life_table(&t));
}

/* ------------------------------------------------------------------ accessors */

int64
count_in_life_table(life_table_reader *reader, int first_part, int last_part)
{
	int64		count;

	check_tally(life_table_count(reader, first_part, last_part, &count), LIFE_TABLE_NAME);
	return count;
}

static Datum
count_in_value(FunctionCallInfo fcinfo, int first_part, int last_part)
{
	life_table_reader reader;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	PG_RETURN_INT64(count_in_life_table(&reader, first_part, last_part));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_unit);
Datum
nkpi_life_table_unit(PG_FUNCTION_ARGS)
{
	life_table_reader reader;

	read_life_table(&reader, PG_GETARG_DATUM(0));
	PG_RETURN_TEXT_P(cstring_to_text(life_table_unit_name(reader.unit)));
}

PG_FUNCTION_INFO_V1(nkpi_life_table_num_values);
Datum
nkpi_life_table_num_values(PG_FUNCTION_ARGS)
{
	return count_in_value(fcinfo, 0, LIFE_TABLE_PARTS - 1);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_num_events);
Datum
nkpi_life_table_num_events(PG_FUNCTION_ARGS)
{
	return count_in_value(fcinfo, 1, LIFE_TABLE_MAX_CAUSES);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_num_events_of_cause);
Datum
nkpi_life_table_num_events_of_cause(PG_FUNCTION_ARGS)
{
	int32		cause = PG_GETARG_INT32(1);

	check_cause(cause);
	return count_in_value(fcinfo, cause, cause);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_num_censored);
Datum
nkpi_life_table_num_censored(PG_FUNCTION_ARGS)
{
	return count_in_value(fcinfo, LIFE_TABLE_CENSORED, LIFE_TABLE_CENSORED);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_num_open);
Datum
nkpi_life_table_num_open(PG_FUNCTION_ARGS)
{
	return count_in_value(fcinfo, LIFE_TABLE_OPEN, LIFE_TABLE_OPEN);
}

/* Every duration that is not open, with its event and how many there are. */
PG_FUNCTION_INFO_V1(nkpi_life_table_buckets);
Datum
nkpi_life_table_buckets(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	life_table_reader reader;

	InitMaterializedSRF(fcinfo, 0);
	read_life_table(&reader, PG_GETARG_DATUM(0));
	for (int part = 0; part < LIFE_TABLE_OPEN; part++)
	{
		tally_cursor cursor;
		tally_pair	pair;
		bool		found;

		check_tally(life_table_open_part(&reader, part, &cursor), LIFE_TABLE_NAME);
		while (check_tally(tally_next(&cursor, &pair, &found), LIFE_TABLE_NAME), found)
		{
			Datum		values[3] = {Int32GetDatum((int32) pair.value), Int32GetDatum(part), Int64GetDatum(pair.count)};
			bool		nulls[3] = {false, false, false};

			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			CHECK_FOR_INTERRUPTS();
		}
	}
	return (Datum) 0;
}
