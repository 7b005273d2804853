/*
 * composite.c
 *		Returning a row of the composite type that a function is declared with, or several in an array.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "composite.h"

TupleDesc
describe_composite(FunctionCallInfo fcinfo)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	TupleDesc	descriptor;
	Oid			type;

	if (get_call_result_type(fcinfo, &type, &descriptor) != TYPEFUNC_COMPOSITE)
		descriptor = lookup_rowtype_tupdesc_copy(get_element_type(type), -1);
	BlessTupleDesc(descriptor);
	MemoryContextSwitchTo(old);
	return descriptor;
}

/* The row type of a function that keeps nothing else. */
static TupleDesc
remember_composite(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = describe_composite(fcinfo);
	return fcinfo->flinfo->fn_extra;
}

Datum
make_composite(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	return HeapTupleGetDatum(heap_form_tuple(remember_composite(fcinfo), values, nulls));
}

Oid
get_composite_type(FunctionCallInfo fcinfo)
{
	return remember_composite(fcinfo)->tdtypeid;
}
