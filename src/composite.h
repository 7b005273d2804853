/*
 * composite.h
 *		Returning a row of the composite type that a function is declared with, or several in an array.
 */
#ifndef NALOXONE_KPI_COMPOSITE_H
#define NALOXONE_KPI_COMPOSITE_H

#include "access/tupdesc.h"
#include "fmgr.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* The function must keep nothing else in fn_extra, where the row type is remembered. */
extern Datum make_composite(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/* The type of these rows, likewise. */
extern Oid	get_composite_type(FunctionCallInfo fcinfo);

/* That row type, for a function which keeps it with what else it remembers; it lives as long as fn_extra does. */
extern TupleDesc describe_composite(FunctionCallInfo fcinfo);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_COMPOSITE_H */
