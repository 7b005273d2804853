/*
 * fuzz.h
 *		What a libFuzzer target needs: memory that is bounded and given back, a stream of choices, and a check that stops.
 *
 * A target has a function "static void try_input(const unsigned char *bytes, size_t size)" and ends with FUZZ_TARGET(try_input).
 * Memory comes from fuzz_host, each block on its own, so that the address sanitizer sees its edges.  What asks for too much is
 * ended, which is no finding; blocks that are left are released after each input, as PostgreSQL's memory contexts do it.
 */
#ifndef NALOXONE_KPI_FUZZ_H
#define NALOXONE_KPI_FUZZ_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tally.h"

#define FUZZ_MAX_BLOCKS		4096
#define FUZZ_MAX_MEMORY		((size_t) 64 << 20)

static struct
{
	void	   *memory;
	size_t		size;
}			fuzz_blocks[FUZZ_MAX_BLOCKS];
static int	fuzz_num_blocks;
static size_t fuzz_memory;
static jmp_buf fuzz_end;

/* A finding. */
#define check(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static inline void *
fuzz_allocate(void *context, size_t size)
{
	void	   *memory;

	(void) context;
	if (fuzz_num_blocks == FUZZ_MAX_BLOCKS || size > FUZZ_MAX_MEMORY - fuzz_memory)
		longjmp(fuzz_end, 1);
	memory = malloc(size > 0 ? size : 1);
	if (memory == NULL)
		longjmp(fuzz_end, 1);
	memset(memory, 0xA5, size);	/* nobody may count on zeros */
	fuzz_blocks[fuzz_num_blocks].memory = memory;
	fuzz_blocks[fuzz_num_blocks++].size = size;
	fuzz_memory += size;
	return memory;
}

static inline void
fuzz_release(void *context, void *memory)
{
	int			b = fuzz_num_blocks - 1;

	(void) context;
	while (b >= 0 && fuzz_blocks[b].memory != memory)
		b--;
	check(b >= 0);				/* it was allocated, and not released before */
	fuzz_memory -= fuzz_blocks[b].size;
	fuzz_blocks[b] = fuzz_blocks[--fuzz_num_blocks];
	free(memory);
}

static inline void
fuzz_never_interrupted(void)
{
}

static const tally_host fuzz_host = {fuzz_allocate, fuzz_release, fuzz_never_interrupted, NULL};

/* Bytes that are read as choices; zeros after their end. */
typedef struct fuzz_choices
{
	const unsigned char *next;
	const unsigned char *end;
} fuzz_choices;

static inline uint64_t
fuzz_choose(fuzz_choices *choices, int num_bytes)
{
	uint64_t	chosen = 0;

	for (; num_bytes > 0; num_bytes--)
		chosen = chosen << 8 | (choices->next < choices->end ? *choices->next++ : 0);
	return chosen;
}

#define FUZZ_TARGET(try_input) \
	extern int	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size); \
	int \
	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) \
	{ \
		if (setjmp(fuzz_end) == 0) \
			try_input(bytes, size); \
		while (fuzz_num_blocks > 0) \
			fuzz_release(NULL, fuzz_blocks[fuzz_num_blocks - 1].memory); \
		return 0; \
	}

#endif							/* NALOXONE_KPI_FUZZ_H */
