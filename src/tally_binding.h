/*
 * tally_binding.h
 *		What every type that is built of tallies needs of PostgreSQL: memory, values to store, errors.
 */
#ifndef NALOXONE_KPI_TALLY_BINDING_H
#define NALOXONE_KPI_TALLY_BINDING_H

#include "postgres.h"

#include "core/tally.h"

/*
 * For the context of a growing value, of which each of many groups may have one: a block for itself and its first few values;
 * whatever is larger gets a block of its own, which is given back when it is outgrown.  (The sizes are not those of contexts that
 * PostgreSQL keeps to use them again, where such small blocks would be unwelcome.)
 */
#define GROWING_VALUE_SIZES	0, 1088, 1088

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* Memory in a context, and a place to stop. */
extern tally_host make_tally_host(MemoryContext context);

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

/* The size of a stored value of so many bytes, which are refused where they are too many. */
extern Size get_stored_size(size_t num_bytes, const char *type_name);

/* A stored value of these bytes. */
extern Datum store_bytes(const unsigned char *bytes, size_t num_bytes, const char *type_name);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_TALLY_BINDING_H */
