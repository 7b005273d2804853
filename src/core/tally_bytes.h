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

#endif							/* NALOXONE_KPI_TALLY_BYTES_H */
