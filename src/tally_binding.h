/*
 * tally_binding.h
 *		What every type that is built of tallies needs of PostgreSQL: memory, a place to stop, errors.
 */
#ifndef NALOXONE_KPI_TALLY_BINDING_H
#define NALOXONE_KPI_TALLY_BINDING_H

#include "postgres.h"

#include "core/tally.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* An empty tally that keeps its memory in a context. */
extern void init_tally(tally *t, MemoryContext context);

/* Turns what a tally of this type could not do into an error. */
extern void report_tally(tally_status status, const char *type_name);

static inline void
check_tally(tally_status status, const char *type_name)
{
	if (unlikely(status != TALLY_OK))
		report_tally(status, type_name);
}

/* What a malformed text of the type is quoted by: its beginning. */
extern char *excerpt(const char *text);

/* CHECK_FOR_INTERRUPTS() as a function. */
extern void check_for_interrupts(void);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_TALLY_BINDING_H */
