/*
 * base128.h
 *		Whole numbers in as few bytes as they need: in base 128, least significant digit first, the high bit set on all but the last
 *		byte.
 */
#ifndef NALOXONE_KPI_BASE128_H
#define NALOXONE_KPI_BASE128_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE128_MAX_BYTES	10	/* of a number of 64 bits */

/* Writes a number at a place, and returns the place behind it. */
static inline size_t
base128_write(unsigned char *bytes, size_t at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		bytes[at++] = (unsigned char) (number & 127) | 128;
	bytes[at++] = (unsigned char) number;
	return at;
}

/* Reads a number below 2^63, in its shortest form, from so many bytes, and moves behind it.  False: there is none. */
static inline bool
base128_read(const unsigned char *bytes, size_t size, size_t *at, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 63 && *at < size; shift += 7)
	{
		unsigned char byte = bytes[(*at)++];

		*number |= (uint64_t) (byte & 127) << shift;
		if (byte < 128)
			return byte != 0 || shift == 0;
	}
	return false;
}

#endif							/* NALOXONE_KPI_BASE128_H */
