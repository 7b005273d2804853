/*
 * tally_binding.c
 *		What every type that is built of tallies needs of PostgreSQL: memory, values to store, errors.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"
#include "tally_binding.h"

static void *
allocate_in_context(void *context, size_t size)
{
	/* A tally of many distinct values may outgrow 1 GB while it grows; what is stored may not. */
	return MemoryContextAllocHuge(context, size);
}

static void
release_in_context(void *context, void *memory)
{
	(void) context;
	pfree(memory);
}

tally_host
make_tally_host(MemoryContext context)
{
	return (tally_host) {allocate_in_context, release_in_context, check_for_interrupts, context};
}

void
init_tally(tally *t, MemoryContext context)
{
	tally_host	host = make_tally_host(context);

	tally_init(t, &host);
}

void
report_tally(tally_status status, const char *type_name)
{
	switch (status)
	{
		case TALLY_OK:
			return;
		case TALLY_TOO_MANY:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s would hold more than 2^63 - 1 durations", type_name)));
			break;
		case TALLY_BELOW_ZERO:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s to be subtracted has durations that the other does not have", type_name),
					 errhint("Subtract only what was added before.")));
			break;
		case TALLY_MALFORMED:
			report_damaged(type_name);
			break;
	}
}

Size
get_stored_size(size_t num_bytes, const char *type_name)
{
	if (num_bytes > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s has too many distinct durations to be stored", type_name)));
	return VARHDRSZ + num_bytes;
}

Datum
store_bytes(const unsigned char *bytes, size_t num_bytes, const char *type_name)
{
	Size		size = get_stored_size(num_bytes, type_name);
	struct varlena *result = palloc(size);

	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), bytes, num_bytes);
	return PointerGetDatum(result);
}
