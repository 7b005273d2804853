/*
 * life_table.h
 *		Durations that may be unfinished: how many ended with which event, how many were last seen without one, and when those
 *		began that are still open.
 *
 * A life table has a unit, in which all its durations are whole numbers, and parts, each of which is a tally: the durations that
 * were censored (event 0), the durations that ended by each cause (events 1 to 32), and the starts of what is open.  A start is
 * kept rather than a duration so that the value does not depend on the day on which it is looked at.
 *
 * A start is a number of whole units since the beginning of 1900, or of 2000 where the unit is the second; see
 * life_table_start().  No start lies after the year 9999.
 *
 * The bytes:
 *	1 byte		the version (1) in the high half, the unit in the low half
 *	number		how many causes follow; the last of them is not empty
 *	parts		censored, cause 1, cause 2 and so on, open: of each the number of its bytes, then the canonical bytes of its tally
 * A number is in base 128, least significant digit first, the high bit set on all but the last byte, as in tally.h.  Equal life
 * tables have equal bytes on every machine.
 *
 * The text: {unit: day, censored: {3:2, 9:1}, 1: {2:5}, open: {2024-01-03:2}}, empty parts left out.
 */
#ifndef NALOXONE_KPI_LIFE_TABLE_H
#define NALOXONE_KPI_LIFE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/survival.h"
#include "core/tally.h"

#define LIFE_TABLE_MAX_CAUSES	32

/* A part is known by its event; what is open has had none. */
#define LIFE_TABLE_CENSORED		0
#define LIFE_TABLE_OPEN			(LIFE_TABLE_MAX_CAUSES + 1)
#define LIFE_TABLE_PARTS		(LIFE_TABLE_MAX_CAUSES + 2)

/* Kept in bytes: never renumbered. */
typedef enum life_table_unit
{
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY
} life_table_unit;

/* The name of a unit, and the unit of a name, which need not end with a zero; false for any other name. */
extern const char *life_table_unit_name(life_table_unit unit);
extern bool life_table_find_unit(const char *name, size_t length, life_table_unit *unit);

/* How many units make a day. */
extern int64_t life_table_units_a_day(life_table_unit unit);

/* So many whole units after the beginning of 2000 as a start, which may be out of range: then it is not a life table's. */
extern int64_t life_table_start(life_table_unit unit, int64_t since_2000);
extern int64_t life_table_max_start(life_table_unit unit);

/* Writes a start that is in range: 2024-01-03, 2024-01-03T05Z, 2024-01-03T05:07Z or 2024-01-03T05:07:09Z. */
#define LIFE_TABLE_START_TEXT_SIZE	sizeof("9999-12-31T23:59:59Z")
extern void life_table_write_start(life_table_unit unit, int32_t start, char *text);

/* ------------------------------------------------------------------ growing */

typedef struct life_table
{
	tally_host	host;
	life_table_unit unit;
	int64_t		num_values;		/* in all parts, at most 2^63 - 1 */
	tally	   *parts[LIFE_TABLE_PARTS];	/* NULL where nothing was added */
} life_table;

/* Where the parts lie in the bytes of a life table. */
typedef struct life_table_reader
{
	life_table_unit unit;
	int			num_causes;
	const unsigned char *bytes[LIFE_TABLE_PARTS];	/* NULL for causes after the last */
	size_t		sizes[LIFE_TABLE_PARTS];
	tally		nothing;		/* what is read there */
} life_table_reader;

extern void life_table_init(life_table *t, life_table_unit unit, const tally_host *host);

/* Adds count (at least 1) of a duration or start to a part, or takes one away. */
extern tally_status life_table_add(life_table *t, int part, int32_t value, int64_t count);
extern tally_status life_table_remove(life_table *t, int part, int32_t value);

/* Adds or takes away a whole life table of the same unit.  After an error "t" is to be thrown away. */
extern tally_status life_table_merge(life_table *t, life_table_reader *source);
extern tally_status life_table_subtract(life_table *t, life_table_reader *source);

/*
 * Adds a whole life table of the same unit, what is open in it as censored at a time that is counted as starts are, and that
 * is no earlier than any of them and at most TALLY_MAX_VALUE after the first.
 */
extern tally_status life_table_merge_closed(life_table *t, life_table_reader *source, int64_t at);

/* Adds a whole life table of the same unit, of which nothing is open, as it was at a time: what lasted longer as censored then. */
extern tally_status life_table_merge_censored(life_table *t, life_table_reader *source, int32_t at);

/* The canonical bytes, allocated from the host. */
extern unsigned char *life_table_encode(life_table *t, size_t *size);

/* ------------------------------------------------------------------ reading */

/* Opens bytes, which must outlive the reader.  What the parts hold is checked as it is read: the first error may come late. */
extern tally_status life_table_open(life_table_reader *reader, const unsigned char *bytes, size_t size);

/* A cursor over a part, for as long as the reader is there. */
extern tally_status life_table_open_part(life_table_reader *reader, int part, tally_cursor *cursor);

/* How many values there are in the parts from the first to the last. */
extern tally_status life_table_count(life_table_reader *reader, int first_part, int last_part, int64_t *count);

/* By unit, then part by part as tally_compare() has it; 0 for equal ones only. */
extern tally_status life_table_compare(life_table_reader *a, life_table_reader *b, int *result);

/*
 * What happened at each time, ascending, to all that is not open: the steps that survival.h begins with.  All causes together are
 * num_events, the one asked for (0: none) num_of_cause.  The steps are allocated from the host, after an error too.
 */
extern tally_status life_table_steps(life_table_reader *reader, int cause, const tally_host *host,
									 survival_step **steps, size_t *num_steps);

/* Reads bytes from anywhere into an empty life table, whose unit they set; false unless they are its canonical bytes. */
extern bool life_table_read_bytes(life_table *t, const unsigned char *bytes, size_t size);

/* Reads text into an empty life table, whose unit it sets.  False: that is not what the text is, or *status says why. */
extern bool life_table_read_text(life_table *t, const char *text, tally_status *status);

#endif							/* NALOXONE_KPI_LIFE_TABLE_H */
