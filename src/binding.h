/*
 * binding.h
 *		What every type needs of PostgreSQL: a place to stop, its aggregates' context and states, errors.
 */
#ifndef NALOXONE_KPI_BINDING_H
#define NALOXONE_KPI_BINDING_H

#include "postgres.h"

#include "fmgr.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* CHECK_FOR_INTERRUPTS() as a function. */
extern void check_for_interrupts(void);

/* For qsort() and bsearch(). */
extern int	compare_int64(const void *a, const void *b);

/* What a malformed text is quoted by: its beginning. */
extern char *excerpt(const char *text);

/* A stored value of this type is not what its functions make. */
extern void report_damaged(const char *type_name);

/*
 * An argument as its functions read it: what is stored out of line is fetched, what is expanded stays as it is.  What an operator
 * fetched it releases at once, since a sort calls it many times before any memory is.
 */
extern Datum fetch(Datum value);
extern void release_fetched(Datum fetched, Datum value);

/* The context of an aggregate's state; refuses a call of its transition functions by anything else. */
extern MemoryContext get_aggregate_context(FunctionCallInfo fcinfo, const char *type_name);

/*
 * Where an aggregate's expanded states are.  PostgreSQL keeps one as it is only where its context is a child of the aggregate's; but a context
 * for each of many groups would cost time that grows with their square, for a hash table adds up all contexts below its own
 * whenever a group is new.  So all states share one, and none is ever deleted by itself: a transition returns the state that it was given.
 */
extern MemoryContext get_states_context(FunctionCallInfo fcinfo, const char *type_name);

/* Whether any of what a row adds to a state is NULL: argument 0 is the state. */
extern bool any_argument_is_null(FunctionCallInfo fcinfo);

/* The state as it was, for a row with nothing to add.  No other row at all gives NULL, as core's aggregates do. */
extern Datum keep_state(FunctionCallInfo fcinfo, const char *type_name);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_BINDING_H */
