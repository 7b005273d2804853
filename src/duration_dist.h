/*
 * duration_dist.h
 *		The type duration_dist as its functions see it: stored, or growing.
 *
 * A stored value is the canonical bytes of a tally (src/core/tally.h) behind a varlena header.  A value that grows, in an
 * aggregate, is an expanded object that holds the tally itself; PostgreSQL flattens it where it must travel.  Every function
 * accepts both, and none but an aggregate's own changes a value.
 */
#ifndef NALOXONE_KPI_DURATION_DIST_H
#define NALOXONE_KPI_DURATION_DIST_H

#include "postgres.h"

#include "utils/expandeddatum.h"

#include "compat.h"
#include "core/tally.h"

#define DURATION_DIST	"duration_dist"
#define EXPANDED_DURATION_DIST_MAGIC	0x6475726e	/* "durn" */

/* A growing value. */
typedef struct expanded_duration_dist
{
	ExpandedObjectHeader header;
	int			magic;
	tally		tally;
	unsigned char *bytes;		/* the canonical form, when it was asked for since the last change */
	size_t		num_bytes;
} expanded_duration_dist;

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* An empty growing value in this context; then in one of its own below the one given. */
extern expanded_duration_dist *make_expanded_duration_dist_in(MemoryContext context);
extern expanded_duration_dist *make_expanded_duration_dist(MemoryContext parent);

/* The growing value that a datum points to, or NULL where it is stored.  Inline, since every row of an aggregate passes here. */
static inline expanded_duration_dist *
get_expanded_duration_dist(Datum value)
{
	varatt_expanded pointer;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return NULL;
	memcpy(&pointer, VARDATA_EXTERNAL(DatumGetPointer(value)), sizeof(pointer));
	Assert(((expanded_duration_dist *) pointer.eohptr)->magic == EXPANDED_DURATION_DIST_MAGIC);
	return (expanded_duration_dist *) pointer.eohptr;
}

/* Opens a cursor over a value in either form. */
extern void open_duration_dist(tally_cursor *cursor, Datum value);

/* The tally of a value in either form; of a stored one it is read into *decoded. */
extern tally *get_duration_dist_tally(Datum value, tally *decoded);

/* A stored value with what a tally holds, which stays as it is. */
extern Datum duration_dist_from_tally(tally *t);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_DURATION_DIST_H */
