/*
 * tally_bytes.h
 *		What tally.c needs of the bytes of a tally.
 */
#ifndef NALOXONE_KPI_TALLY_BYTES_H
#define NALOXONE_KPI_TALLY_BYTES_H

#include "core/tally.h"

/* The canonical bytes of pairs in ascending order, allocated from the host. */
extern unsigned char *tally_write_bytes(const tally_host *host, const tally_pair *pairs, size_t num_pairs, size_t *size);

/* tally_next_block() of a cursor over bytes. */
extern tally_status tally_decode_block(tally_cursor *cursor);

/*
 * What is coded as sorted values can be read as such too, up to TALLY_BLOCK in ascending order at a time and none at the end, which
 * is faster: as long as nothing of a block is left to be read as pairs.
 */
extern bool tally_has_sorted_values(const tally_cursor *cursor);
extern tally_status tally_decode_values(tally_cursor *cursor, int64_t *values, int *count);

/* Gives a block of values back, to be read as pairs. */
extern void tally_return_values(tally_cursor *cursor, const int64_t *values, int count);

#endif							/* NALOXONE_KPI_TALLY_BYTES_H */
