/*
 * tally_binding.c
 *		What every type that is built of tallies needs of PostgreSQL: memory, a place to stop, errors.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "tally_binding.h"

#define EXCERPT_BYTES	60

void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

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

void
init_tally(tally *t, MemoryContext context)
{
	tally_host	host = {allocate_in_context, release_in_context, check_for_interrupts, context};

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
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("stored %s is damaged", type_name),
					 errhint("Recompute it from its records.")));
			break;
	}
}

char *
excerpt(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, strlen(text), EXCERPT_BYTES));
}
