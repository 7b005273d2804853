/*
 * composite.c
 *		Returning a row of the composite type that a function is declared with.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"

#include "composite.h"

TupleDesc
describe_composite(FunctionCallInfo fcinfo)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	TupleDesc	descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function does not return a composite type");
	BlessTupleDesc(descriptor);
	MemoryContextSwitchTo(old);
	return descriptor;
}

Datum
make_composite(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = describe_composite(fcinfo);
	return HeapTupleGetDatum(heap_form_tuple(fcinfo->flinfo->fn_extra, values, nulls));
}
