/*
 * life_table.h
 *		What the type life_table, its aggregates and its statistics share.
 */
#ifndef NALOXONE_KPI_BINDING_LIFE_TABLE_H
#define NALOXONE_KPI_BINDING_LIFE_TABLE_H

#include "postgres.h"

#include "utils/expandeddatum.h"
#include "utils/timestamp.h"

#include "core/life_table.h"

#define LIFE_TABLE_NAME		"life_table"

/* A growing value. */
typedef struct expanded_life_table
{
	ExpandedObjectHeader header;
	int			magic;
	life_table	table;
	unsigned char *bytes;		/* the canonical form, when it was asked for since the last change */
	size_t		num_bytes;
} expanded_life_table;

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* An empty growing value in this context. */
extern expanded_life_table *make_expanded_life_table(MemoryContext context, life_table_unit unit);

/* The growing value that a datum points to, or NULL. */
extern expanded_life_table *get_expanded_life_table(Datum value);

/* A stored value with what a life table holds. */
extern Datum store_life_table(life_table *t);

/* Opens a value in whatever form it comes. */
extern void read_life_table(life_table_reader *reader, Datum value);

/* How many there are in the parts from the first to the last. */
extern int64 count_in_life_table(life_table_reader *reader, int first_part, int last_part);

/* Refuses an event that is not a cause. */
extern void check_cause(int32 cause);

/* Refuses two units that differ. */
extern void check_same_unit(life_table_unit one, life_table_unit other);

/* Refuses what is open: how long it lasted is not known yet. */
extern void check_none_open(life_table_reader *reader);

/* Refuses a negative time. */
extern void check_time(int32 time);

/* A duration that is not negative, as what a life table holds. */
extern int32 check_duration_fits(int64 duration, life_table_unit unit);

/* Whole units since the beginning of 2000, cut towards the past. */
extern int64 cut_to_unit(TimestampTz at, life_table_unit unit);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_BINDING_LIFE_TABLE_H */
