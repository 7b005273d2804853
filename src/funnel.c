/*
 * funnel.c
 *		The type funnel, a person's steps through ordered stages: input and output, aggregates, accessors.
 *
 * A value is the bytes of src/core/funnel.h behind a varlena header.  The state of the aggregates is such a value with room to
 * grow, changed in place: a person has a handful of events, and a memory context for each person would cost more than all of
 * them.  VARSIZE covers the room too, since the executor copies a state by it.  The final function gives the canonical form;
 * every function accepts both.
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "binding.h"
#include "compat.h"
#include "core/funnel.h"

StaticAssertDecl(FUNNEL_FIRST_TIME == MIN_TIMESTAMP && FUNNEL_END_OF_TIME == END_TIMESTAMP,
				 "the times of a funnel must be those of timestamptz");

#define FUNNEL	"funnel"

/* A new state has room for five events, and is as large as what the allocator gives for it. */
#define INITIAL_STATE_SIZE	64

#define VALUE_SIZE(num_events)	(VARHDRSZ + FUNNEL_SIZE(num_events))

/* What SET_VARSIZE and palloc allow, in events. */
#define MAX_EVENTS	((MaxAllocSize - VALUE_SIZE(0)) / FUNNEL_EVENT_SIZE)

StaticAssertDecl(MAX_EVENTS <= FUNNEL_MAX_EVENTS, "the number of events must fit into a funnel");

static inline unsigned char *
bytes_of(struct varlena *value)
{
	return (unsigned char *) VARDATA_ANY(value);
}

/* ------------------------------------------------------------------ values */

static void
check_num_events(uint64 num_events)
{
	if (num_events > MAX_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s would hold more than %d events", FUNNEL, (int) MAX_EVENTS),
				 errhint("A funnel is one person's: group by the person.")));
}

/* Reads the header of a value, detoasted, in whatever form. */
static funnel
open_value(struct varlena *value)
{
	funnel		f;

	if (!funnel_open(&f, bytes_of(value), VARSIZE_ANY_EXHDR(value)))
		report_damaged(FUNNEL);
	return f;
}

/* Events of a value that are to be in order: those of the value where they are, else of a sorted copy. */
static funnel
open_in_order(struct varlena *value)
{
	funnel		f = open_value(value);
	funnel_state state = funnel_examine(&f);
	unsigned char *events;
	unsigned char *scratch;

	if (state == FUNNEL_DAMAGED)
		report_damaged(FUNNEL);
	if (state == FUNNEL_OUT_OF_ORDER)
	{
		Size		size = f.num_events * FUNNEL_EVENT_SIZE;

		events = palloc(size);
		scratch = f.num_events > FUNNEL_SHORT_RUN ? palloc(size) : NULL;
		memcpy(events, f.events, size);
		f.num_events = funnel_sort(events, f.num_events, scratch, check_for_interrupts);
		f.events = events;
		if (scratch != NULL)
			pfree(scratch);
	}
	return f;
}

/* A new canonical value with events that are in order. */
static Datum
make_value(const funnel *f)
{
	struct varlena *result = palloc(VALUE_SIZE(f->num_events));

	SET_VARSIZE(result, VALUE_SIZE(f->num_events));
	funnel_put_header(bytes_of(result), f->window, f->num_events);
	memcpy(bytes_of(result) + FUNNEL_HEADER_SIZE, f->events, f->num_events * FUNNEL_EVENT_SIZE);
	return PointerGetDatum(result);
}

/* The canonical bytes of a value in whatever form it comes. */
static const unsigned char *
get_bytes(Datum datum, Size *size)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	funnel		f = open_in_order(value);

	*size = FUNNEL_SIZE(f.num_events);
	if (f.events != bytes_of(value) + FUNNEL_HEADER_SIZE)
		value = (struct varlena *) DatumGetPointer(make_value(&f));
	return bytes_of(value);
}

/* ------------------------------------------------------------------ text and binary */

PG_FUNCTION_INFO_V1(nkpi_funnel_in);
Datum
nkpi_funnel_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	struct varlena *result = palloc(VALUE_SIZE(FUNNEL_EVENTS_IN_TEXT(strlen(text))));
	size_t		num_events;

	if (!funnel_read_text(text, (unsigned char *) VARDATA(result), &num_events, check_for_interrupts))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", FUNNEL, excerpt(text)),
				 errhint("Write the window, and times in UTC with their stages, in ascending order: "
						 "{within: 30 days, events: {2024-01-03 10:00:00+00 1, 2024-01-09 14:30:00+00 2}}.")));
	SET_VARSIZE(result, VALUE_SIZE(num_events));
	PG_RETURN_POINTER(result);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_out);
Datum
nkpi_funnel_out(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	StringInfoData text;
	char		window[FUNNEL_WINDOW_TEXT_SIZE];
	char		event[FUNNEL_EVENT_TEXT_SIZE];

	initStringInfo(&text);
	funnel_format_window(f.window, window);
	appendStringInfo(&text, "{within: %s, events: {", window);
	for (size_t i = 0; i < f.num_events; i++)
	{
		funnel_format_event(funnel_get_event(f.events, i), event);
		if (i > 0)
			appendStringInfoString(&text, ", ");
		appendStringInfoString(&text, event);
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoString(&text, "}}");
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_recv);
Datum
nkpi_funnel_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	const unsigned char *binary = (const unsigned char *) pq_getmsgbytes(message, size);
	struct varlena *result = NULL;
	size_t		num_events;

	if (funnel_open_binary(binary, size, &num_events))
	{
		check_num_events(num_events);
		result = palloc(VALUE_SIZE(num_events));
		SET_VARSIZE(result, VALUE_SIZE(num_events));
	}
	if (result == NULL || !funnel_read_binary(binary, num_events, (unsigned char *) VARDATA(result)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", FUNNEL)));
	pq_getmsgend(message);
	PG_RETURN_POINTER(result);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_send);
Datum
nkpi_funnel_send(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, FUNNEL_VERSION);
	pq_sendint64(&message, f.window);
	pq_sendint32(&message, (uint32) f.num_events);
	for (size_t i = 0; i < f.num_events; i++)
	{
		funnel_event event = funnel_get_event(f.events, i);

		pq_sendint64(&message, event.at);
		pq_sendint8(&message, (uint8) event.stage);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* ------------------------------------------------------------------ aggregates */

static void
check_same_window(int64 window, int64 other)
{
	char		texts[2][FUNNEL_WINDOW_TEXT_SIZE];

	if (likely(window == other))
		return;
	funnel_format_window(window, texts[0]);
	funnel_format_window(other, texts[1]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("funnels within %s and within %s cannot be added", texts[0], texts[1]),
			 errhint("Give every event of a funnel the same window.")));
}

/* Microseconds of the window, a day being 24 hours. */
static inline int64
window_from_argument(FunctionCallInfo fcinfo, int argument)
{
	const Interval *within;
	int64		window;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window of a funnel must not be NULL")));
	within = PG_GETARG_INTERVAL_P(argument);
	if (within->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window of a funnel has months or years, which have no fixed length"),
				 errhint("Give days, hours, minutes and seconds only: a day is 24 hours.")));
	if (__builtin_mul_overflow((int64) within->day, USECS_PER_DAY, &window) ||
		__builtin_add_overflow(window, within->time, &window))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window of a funnel of %d days is not representable in microseconds", within->day)));
	if (window < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window of a funnel is negative"),
				 errhint("Give the time that may pass between the first stage and the last.")));
	return window;
}

/*
 * The state with room for so many events in all.  A larger one is made in the current, short-lived context: the executor copies it
 * to where the old one is, and frees that.
 */
static struct varlena *
make_room(struct varlena *state, const funnel *f, uint64 num_events)
{
	Size		size = INITIAL_STATE_SIZE;
	struct varlena *larger;

	if (likely(state != NULL && VALUE_SIZE(num_events) <= VARSIZE(state)))
		return state;
	check_num_events(num_events);
	while (size < VALUE_SIZE(num_events))
		size *= 2;
	size = Min(size, MaxAllocSize);
	/* The room may be written to a worker's queue or to disk. */
	larger = palloc0(size);
	SET_VARSIZE(larger, size);
	funnel_put_header((unsigned char *) VARDATA(larger), f->window, f->num_events);
	if (f->num_events > 0)
		memcpy(VARDATA(larger) + FUNNEL_HEADER_SIZE, f->events, f->num_events * FUNNEL_EVENT_SIZE);
	return larger;
}

/* The state of argument 0, which is not NULL, ready to be changed in place. */
static inline struct varlena *
get_state(FunctionCallInfo fcinfo)
{
	struct varlena *state = (struct varlena *) DatumGetPointer(PG_GETARG_DATUM(0));

	/* An aggregate that someone else defines may hand over a value in another form. */
	return likely(VARATT_IS_4B_U(state)) ? state : PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
}

static Datum
add_event(FunctionCallInfo fcinfo, int32 stage)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(2);
	int64		window = window_from_argument(fcinfo, 3);
	struct varlena *state = NULL;
	funnel		f = {.window = window};
	unsigned char *bytes;

	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("time of a stage is infinite"),
				 errhint("A time that is not known is NULL, and is skipped.")));
	if (!PG_ARGISNULL(0))
	{
		state = get_state(fcinfo);
		f = open_value(state);
		check_same_window(f.window, window);
	}
	state = make_room(state, &f, (uint64) f.num_events + 1);
	bytes = (unsigned char *) VARDATA(state);
	funnel_put_event(bytes + FUNNEL_HEADER_SIZE, f.num_events, at, stage);
	funnel_put_count(bytes, f.num_events + 1);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_add_number);
Datum
nkpi_funnel_add_number(PG_FUNCTION_ARGS)
{
	int32		stage;

	(void) get_aggregate_context(fcinfo, FUNNEL);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return keep_state(fcinfo, FUNNEL);
	stage = PG_GETARG_INT32(1);
	if (stage < 1 || stage > FUNNEL_MAX_STAGE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stage %d of a funnel is not between 1 and %d", stage, FUNNEL_MAX_STAGE),
				 errhint("Number the stages from 1 in their order; NULL for what is not a stage.")));
	return add_event(fcinfo, stage);
}

/* The names of stages that were found good, with their varlena header, kept for the next row. */
static bool
are_checked(FunctionCallInfo fcinfo, ArrayType *stages)
{
	ArrayType  *checked = fcinfo->flinfo->fn_extra;

	return checked != NULL && VARSIZE(checked) == VARSIZE(stages) && memcmp(checked, stages, VARSIZE(stages)) == 0;
}

static void
check_stages(FunctionCallInfo fcinfo, ArrayType *stages)
{
	Datum	   *names;
	bool	   *nulls;
	int			count = ArrayGetNItems(ARR_NDIM(stages), ARR_DIMS(stages));

	if (ARR_NDIM(stages) != 1 || count > FUNNEL_MAX_STAGE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stages of a funnel must be an array of one dimension with 1 to %d names", FUNNEL_MAX_STAGE),
				 errhint("Name the stages in their order: ARRAY['offered', 'accepted'].")));
	deconstruct_array(stages, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("stage %d of a funnel has no name: it is NULL", i + 1)));
		for (int j = 0; j < i; j++)
		{
			if (VARSIZE_ANY_EXHDR(DatumGetPointer(names[i])) == VARSIZE_ANY_EXHDR(DatumGetPointer(names[j])) &&
				memcmp(VARDATA_ANY(DatumGetPointer(names[i])), VARDATA_ANY(DatumGetPointer(names[j])),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(names[i]))) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("stages %d and %d of a funnel have the same name, \"%s\"", j + 1, i + 1,
								excerpt(TextDatumGetCString(names[i])))));
		}
	}
	if (fcinfo->flinfo->fn_extra != NULL)
		pfree(fcinfo->flinfo->fn_extra);
	fcinfo->flinfo->fn_extra = NULL;
	fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE(stages));
	memcpy(fcinfo->flinfo->fn_extra, stages, VARSIZE(stages));
}

/* Where a name stands among the stages, from 1; 0: nowhere.  Names are compared byte by byte, whatever the collation. */
static int
find_stage(ArrayType *stages, text *name)
{
	int			count = ARR_DIMS(stages)[0];
	Size		length = VARSIZE_ANY_EXHDR(name);
	char	   *element = ARR_DATA_PTR(stages);

	for (int i = 1; i <= count; i++)
	{
		if (VARSIZE_ANY_EXHDR(element) == length && memcmp(VARDATA_ANY(element), VARDATA_ANY(name), length) == 0)
			return i;
		element = att_addlength_pointer(element, -1, element);
		element = (char *) att_align_nominal(element, TYPALIGN_INT);
	}
	return 0;
}

PG_FUNCTION_INFO_V1(nkpi_funnel_add_name);
Datum
nkpi_funnel_add_name(PG_FUNCTION_ARGS)
{
	ArrayType  *stages;
	int			stage;

	(void) get_aggregate_context(fcinfo, FUNNEL);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return keep_state(fcinfo, FUNNEL);
	if (PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stages of a funnel must not be NULL")));
	stages = PG_GETARG_ARRAYTYPE_P(4);
	if (!are_checked(fcinfo, stages))
		check_stages(fcinfo, stages);
	stage = find_stage(stages, PG_GETARG_TEXT_PP(1));
	if (stage == 0)
		return keep_state(fcinfo, FUNNEL);
	return add_event(fcinfo, stage);
}

/* Adds a funnel to the state: the combine function of every aggregate here, and the transition of rollup(). */
PG_FUNCTION_INFO_V1(nkpi_funnel_combine);
Datum
nkpi_funnel_combine(PG_FUNCTION_ARGS)
{
	struct varlena *state;
	struct varlena *added;
	funnel		f;
	funnel		more;
	unsigned char *bytes;

	(void) get_aggregate_context(fcinfo, FUNNEL);
	if (PG_ARGISNULL(1))
		return keep_state(fcinfo, FUNNEL);
	added = PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
	more = open_value(added);
	/* The executor makes a copy of its own. */
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(added);
	state = get_state(fcinfo);
	f = open_value(state);
	check_same_window(f.window, more.window);
	state = make_room(state, &f, (uint64) f.num_events + more.num_events);
	bytes = (unsigned char *) VARDATA(state);
	memcpy(bytes + FUNNEL_SIZE(f.num_events), more.events, more.num_events * FUNNEL_EVENT_SIZE);
	funnel_put_count(bytes, f.num_events + more.num_events);
	PG_RETURN_POINTER(state);
}

/* The canonical form, always a new value: the state stays as it is, and may grow further where the aggregate is a window's. */
PG_FUNCTION_INFO_V1(nkpi_funnel_final);
Datum
nkpi_funnel_final(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));

	return make_value(&f);
}

/* ------------------------------------------------------------------ operators */

PG_FUNCTION_INFO_V1(nkpi_funnel_plus);
Datum
nkpi_funnel_plus(PG_FUNCTION_ARGS)
{
	funnel		a = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	funnel		b = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	struct varlena *result;
	size_t		num_events;

	check_same_window(a.window, b.window);
	check_num_events((uint64) a.num_events + b.num_events);
	result = palloc(VALUE_SIZE(a.num_events + b.num_events));
	num_events = funnel_merge(&a, &b, (unsigned char *) VARDATA(result) + FUNNEL_HEADER_SIZE, check_for_interrupts);
	funnel_put_header((unsigned char *) VARDATA(result), a.window, num_events);
	SET_VARSIZE(result, VALUE_SIZE(num_events));
	PG_RETURN_POINTER(result);
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

PG_FUNCTION_INFO_V1(nkpi_funnel_eq);
Datum
nkpi_funnel_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(equal_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_funnel_ne);
Datum
nkpi_funnel_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!equal_values(fcinfo));
}

static int
compare_values(FunctionCallInfo fcinfo)
{
	Datum		values[2];
	funnel		funnels[2];
	int			result;

	for (int i = 0; i < 2; i++)
	{
		values[i] = fetch(PG_GETARG_DATUM(i));
		funnels[i] = open_in_order((struct varlena *) DatumGetPointer(values[i]));
	}
	result = funnel_compare(&funnels[0], &funnels[1]);
	for (int i = 0; i < 2; i++)
		release_fetched(values[i], PG_GETARG_DATUM(i));
	return result;
}

PG_FUNCTION_INFO_V1(nkpi_funnel_cmp);
Datum
nkpi_funnel_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_values(fcinfo));
}

PG_FUNCTION_INFO_V1(nkpi_funnel_lt);
Datum
nkpi_funnel_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_le);
Datum
nkpi_funnel_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_ge);
Datum
nkpi_funnel_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_gt);
Datum
nkpi_funnel_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_values(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_hash);
Datum
nkpi_funnel_hash(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any(bytes, (int) size);

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

PG_FUNCTION_INFO_V1(nkpi_funnel_hash_extended);
Datum
nkpi_funnel_hash_extended(PG_FUNCTION_ARGS)
{
	Datum		value = fetch(PG_GETARG_DATUM(0));
	size_t		size;
	const unsigned char *bytes = get_bytes(value, &size);
	Datum		hash = hash_any_extended(bytes, (int) size, (uint64) PG_GETARG_INT64(1));

	release_fetched(value, PG_GETARG_DATUM(0));
	return hash;
}

/* ------------------------------------------------------------------ accessors */

PG_FUNCTION_INFO_V1(nkpi_funnel_num_values);
Datum
nkpi_funnel_num_values(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0))).num_events);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_furthest_stage);
Datum
nkpi_funnel_furthest_stage(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));

	PG_RETURN_INT32(funnel_furthest_stage(&f));
}

PG_FUNCTION_INFO_V1(nkpi_funnel_reached_at);
Datum
nkpi_funnel_reached_at(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	int32		stage = PG_GETARG_INT32(1);
	funnel_episode episode;
	size_t		position = 0;

	if (stage < 1 || stage > FUNNEL_MAX_STAGE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stage %d of a funnel is not between 1 and %d", stage, FUNNEL_MAX_STAGE)));
	if (!funnel_next_episode(&f, &position, &episode) || stage > episode.furthest_stage)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(episode.reached_at[stage - 1]);
}

PG_FUNCTION_INFO_V1(nkpi_funnel_episodes);
Datum
nkpi_funnel_episodes(PG_FUNCTION_ARGS)
{
	funnel		f = open_in_order(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	ReturnSetInfo *result;
	funnel_episode episode;
	size_t		position = 0;
	int32		number = 0;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	while (funnel_next_episode(&f, &position, &episode))
	{
		Datum		times[FUNNEL_MAX_STAGE];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};
		ArrayType  *reached_at;

		for (int i = 0; i < episode.furthest_stage; i++)
			times[i] = TimestampTzGetDatum(episode.reached_at[i]);
		reached_at = construct_array(times, episode.furthest_stage, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL,
									 TYPALIGN_DOUBLE);
		values[0] = Int32GetDatum(++number);
		values[1] = Int32GetDatum(episode.furthest_stage);
		values[2] = PointerGetDatum(reached_at);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		pfree(reached_at);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}
