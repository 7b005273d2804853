/*
 * binding.c
 *		What every type needs of PostgreSQL: a place to stop, its aggregates' context and states, errors.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"

#define EXCERPT_BYTES	60

void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

int
compare_int64(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

char *
excerpt(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, strlen(text), EXCERPT_BYTES));
}

void
report_damaged(const char *type_name)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored %s is damaged", type_name),
			 errhint("Recompute it from its records.")));
}

Datum
fetch(Datum value)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return value;
	return PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
}

void
release_fetched(Datum fetched, Datum value)
{
	if (DatumGetPointer(fetched) != DatumGetPointer(value))
		pfree(DatumGetPointer(fetched));
}

MemoryContext
get_aggregate_context(FunctionCallInfo fcinfo, const char *type_name)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s's transition functions can only be called by an aggregate", type_name)));
	return context;
}

MemoryContext
get_states_context(FunctionCallInfo fcinfo, const char *type_name)
{
	static const char name[] = "states of an aggregate";
	MemoryContext parent = get_aggregate_context(fcinfo, type_name);

	for (MemoryContext child = parent->firstchild; child != NULL; child = child->nextchild)
	{
		if (child->name == name)
			return child;
	}
	return AllocSetContextCreateInternal(parent, name, ALLOCSET_DEFAULT_SIZES);
}

bool
any_argument_is_null(FunctionCallInfo fcinfo)
{
	for (int i = 1; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			return true;
	}
	return false;
}

Datum
keep_state(FunctionCallInfo fcinfo, const char *type_name)
{
	(void) get_aggregate_context(fcinfo, type_name);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
