/*
 * tally.h
 *		An exact, counted multiset of whole numbers from 0 to 2^31 - 1.
 *
 * A tally grows in memory (struct tally) and is kept as bytes that depend on its content alone: equal tallies have equal
 * bytes on every machine.  Both are read through one cursor, in ascending order.
 *
 * The bytes:
 *	1 byte		format: the version (1) in the high half, how it is coded in the low half
 *	coded TALLY_PAIRS (1):
 *		number		how many distinct values there are
 *		bits		for every block of up to 64 distinct values: 5 bits Rice parameter of the gaps, 6 bits Rice parameter of the
 *					counts, then the gaps (value - previous value - 1; the first is the value itself) and then the counts - 1
 *	coded TALLY_BINS (2):
 *		number		smallest value
 *		number		largest value - smallest value
 *		bits		for every block of up to 64 successive values: 6 bits Rice parameter, then their counts
 *	coded TALLY_SORTED (3):
 *		number		how many values there are
 *		bits		for every block of up to 64 values, sorted: 5 bits Rice parameter, then value - previous value of each (0 before
 *					the first)
 * A number is in base 128, least significant digit first, the high bit set on all but the last byte.  Bits fill bytes from
 * the lowest bit up, and what they stand for begins with its least significant bit; the last byte is padded with zeros.
 *
 * The numbers of a block are Rice-coded with a parameter k (R. F. Rice, "Some practical universal noiseless coding techniques",
 * JPL 79-22, 1979): first the k low bits of each; then the rest of each, x >> k, in unary, that many ones and a zero; so that
 * both can be read without waiting for the one before.  A rest of TALLY_ESCAPE or more is TALLY_ESCAPE ones and a zero, and
 * follows after all the unary ones as its length in 6 bits and its bits.  The parameter follows from the block's content, see
 * rice_parameter().
 * Of the codings the one with the fewest bytes is taken, the first of those that have equally many.
 */
#ifndef NALOXONE_KPI_TALLY_H
#define NALOXONE_KPI_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_MAX_VALUE		INT32_MAX

/* What the surroundings lend: memory, and a place to stop.  None of the three may return without success. */
typedef struct tally_host
{
	void	   *(*allocate) (void *context, size_t size);
	void		(*release) (void *context, void *memory);
	void		(*check_for_interrupts) (void);
	void	   *context;
} tally_host;

typedef enum tally_status
{
	TALLY_OK,
	TALLY_TOO_MANY,				/* more than 2^63 - 1 values in all */
	TALLY_BELOW_ZERO,			/* more taken away than there is */
	TALLY_MALFORMED				/* bytes that no tally has */
} tally_status;

typedef struct tally_pair
{
	int64_t		value;
	int64_t		count;
} tally_pair;

/*
 * While it grows a tally is either dense (a 32-bit count for every value up to the largest) or a sorted list of pairs with a
 * buffer of single values and a list of pairs that are not yet sorted in.  Private to tally.c.
 */
typedef struct tally
{
	tally_host	host;
	int64_t		num_values;
	tally_pair *pairs;
	size_t		num_pairs;
	size_t		max_pairs;
	int32_t    *buffer;
	size_t		num_buffered;
	size_t		max_buffered;
	tally_pair *pending;		/* pairs not yet sorted in */
	size_t		num_pending;
	size_t		max_pending;
	int32_t		largest;		/* none of pairs, pending and buffer is larger */
	uint32_t   *dense;
	size_t		dense_size;
	int			num_merges;
} tally;

#define TALLY_BLOCK			64	/* values are coded, and read, so many at a time */

/* Points into itself: not to be copied. */
typedef struct tally_cursor
{
	int64_t		num_values;		/* read so far */
	const tally_pair *next;		/* of those that are there to be read */
	const tally_pair *end;
	tally_pair	block[TALLY_BLOCK + 1];
	/* over a growing tally */
	const tally *growing;
	size_t		position;		/* in its pairs or its dense array */
	/* over bytes */
	const unsigned char *bytes;
	size_t		size;
	uint64_t	position_in_bits;
	int			coding;
	int64_t		next_value;		/* the smallest that the next entry can have */
	int64_t		num_decoded;	/* values in all that was decoded */
	uint64_t	remaining;		/* entries not decoded */
	tally_pair	unfinished;		/* of which the next block of a sorted coding may have more; none if the count is 0 */
} tally_cursor;

extern void tally_init(tally *t, const tally_host *host);
extern tally_status tally_add_slowly(tally *t, int32_t value);
extern tally_status tally_add_many(tally *t, int32_t value, int64_t count);
extern tally_status tally_remove(tally *t, int32_t value);
extern tally_status tally_append(tally *t, int32_t value, int64_t count);
extern tally_status tally_merge(tally *t, tally_cursor *source);
extern tally_status tally_subtract(tally *t, tally_cursor *source);

/*
 * Makes an empty tally of one that has had nothing but a few single values, all of which are still to be sorted; false, and nothing
 * is made, of any other.
 */
extern bool tally_copy_unsorted(tally *t, const tally *source);

/* Adds a value, which must not be negative. */
static inline tally_status
tally_add(tally *t, int32_t value)
{
	/* Most often it is counted densely; and then there are less than 2^48. */
	if ((size_t) value < t->dense_size && t->dense[value] < UINT32_MAX)
	{
		t->dense[value]++;
		t->num_values++;
		return TALLY_OK;
	}
	return tally_add_slowly(t, value);
}

extern void tally_open(tally_cursor *cursor, tally *t);
extern tally_status tally_open_bytes(tally_cursor *cursor, const unsigned char *bytes, size_t size);
extern tally_status tally_next_block(tally_cursor *cursor);

/* The next value with its count, in ascending order; found is false at the end. */
static inline tally_status
tally_next(tally_cursor *cursor, tally_pair *pair, bool *found)
{
	if (cursor->next == cursor->end)
	{
		tally_status status = tally_next_block(cursor);

		*found = cursor->next != cursor->end;
		if (status != TALLY_OK || !*found)
		{
			*pair = (tally_pair) {0, 0};
			return status;
		}
	}
	*found = true;
	*pair = *cursor->next++;
	cursor->num_values += pair->count;
	return TALLY_OK;
}

/*
 * Compares what two cursors have as the sequences of their values in ascending order: the first that differs decides, and a
 * sequence that ends before the other is the smaller.
 */
extern tally_status tally_compare(tally_cursor *a, tally_cursor *b, int *result);

/*
 * Reads "{value:count, ...}" into an empty tally, values ascending and counts positive, white space free between the parts.  What
 * follows the closing brace is left, and *text moved to it.  False: that is not what the text is, or *status says why.
 */
extern bool tally_read_text(const char **text, tally *t, tally_status *status);

/* The canonical bytes, allocated from the tally's host. */
extern unsigned char *tally_encode(tally *t, size_t *size);

/* Reads bytes, all of which are checked, into an empty tally. */
extern tally_status tally_decode(tally *t, const unsigned char *bytes, size_t size);

/* Read off a whole cursor. */
typedef struct tally_summary
{
	int64_t		num_values;
	int64_t		minimum;
	int64_t		maximum;
	bool		total_overflows;	/* total is not to be used */
	int64_t		total;
	double		mean;
} tally_summary;

extern tally_status tally_summarise(tally_cursor *cursor, tally_summary *summary);

/* Sum of squared distances from the mean, divided by one less than the number of values; there are at least two. */
extern tally_status tally_variance(tally_cursor *cursor, const tally_summary *summary, double *variance);

extern tally_status tally_count_within(tally_cursor *cursor, int64_t limit, int64_t *within, int64_t *num_values);

/*
 * Counts what lies below the first of strictly ascending edges, from each edge to below the next, and from the last edge on:
 * num_edges + 1 counts.
 */
extern tally_status tally_count_between(tally_cursor *cursor, const int64_t *edges, size_t num_edges, int64_t *counts);

/* The values at ascending 0-based ranks, each smaller than the number of values. */
extern tally_status tally_values_at(tally_cursor *cursor, const int64_t *ranks, size_t num_ranks, int64_t *values);

#endif							/* NALOXONE_KPI_TALLY_H */
