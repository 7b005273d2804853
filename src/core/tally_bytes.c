/*
 * tally_bytes.c
 *		The bytes of a tally: writing the canonical ones, and reading any, which are checked as they are read.
 *
 * tally.h describes them.
 */
#include "core/tally_bytes.h"

#include <string.h>

#include "core/base128.h"

#define TALLY_VERSION		1
#define TALLY_PAIRS			1
#define TALLY_BINS			2
#define TALLY_SORTED		3
#define TALLY_ESCAPE		20

/* ------------------------------------------------------------------ writing */

typedef struct bit_writer
{
	unsigned char *bytes;		/* NULL: only count */
	size_t		num_bits;
} bit_writer;

static void
write_bits(bit_writer *writer, uint64_t bits, int count)
{
	if (writer->bytes == NULL)
	{
		writer->num_bits += (size_t) count;
		return;
	}
	while (count > 0)
	{
		int			used = (int) (writer->num_bits % 8);
		int			taken = count < 8 - used ? count : 8 - used;

		writer->bytes[writer->num_bits / 8] |= (unsigned char) ((bits & ((1u << taken) - 1)) << used);
		writer->num_bits += (size_t) taken;
		bits >>= taken;
		count -= taken;
	}
}

static int
bit_length(uint64_t x)
{
	return x == 0 ? 0 : 64 - __builtin_clzll(x);
}

/* How many bits a number takes. */
static int
rice_length(uint64_t x, int parameter)
{
	uint64_t	rest = x >> parameter;

	return parameter + (rest < TALLY_ESCAPE ? (int) rest + 1 : TALLY_ESCAPE + 1 + 6 + bit_length(rest));
}

static void
write_numbers(bit_writer *writer, const uint64_t *numbers, unsigned count, int parameter)
{
	if (writer->bytes == NULL)
	{
		for (unsigned i = 0; i < count; i++)
			writer->num_bits += (size_t) rice_length(numbers[i], parameter);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		write_bits(writer, numbers[i], parameter);
	for (unsigned i = 0; i < count; i++)
	{
		uint64_t	rest = numbers[i] >> parameter;
		int			ones = rest < TALLY_ESCAPE ? (int) rest : TALLY_ESCAPE;

		write_bits(writer, (UINT64_C(1) << ones) - 1, ones + 1);
	}
	for (unsigned i = 0; i < count; i++)
	{
		uint64_t	rest = numbers[i] >> parameter;

		if (rest >= TALLY_ESCAPE)
		{
			write_bits(writer, (uint64_t) bit_length(rest), 6);
			write_bits(writer, rest, bit_length(rest));
		}
	}
}

/*
 * The parameter for a block, a function of its numbers alone: the power of two at or below ln 2 times their mean, which is
 * best for a geometric distribution, or the next one where that gives fewer bits.
 */
static int
rice_parameter(const uint64_t *numbers, unsigned count, int largest)
{
	uint64_t	mean;
	uint64_t	bits[2] = {0, 0};
	unsigned __int128 sum = 0;
	int			parameter;

	for (unsigned i = 0; i < count; i++)
		sum += numbers[i];
	/* In whole numbers, 11/16 for ln 2: the same on every machine. */
	mean = (uint64_t) (sum * 11 / 16 / count);
	parameter = mean == 0 ? 0 : bit_length(mean) - 1;
	if (parameter >= largest)
		return largest;
	for (unsigned i = 0; i < count; i++)
	{
		bits[0] += (uint64_t) rice_length(numbers[i], parameter);
		bits[1] += (uint64_t) rice_length(numbers[i], parameter + 1);
	}
	return bits[1] < bits[0] ? parameter + 1 : parameter;
}

#define MAX_HEADER			(1 + 2 * BASE128_MAX_BYTES)
#define GAP_PARAMETER_BITS	5
#define COUNT_PARAMETER_BITS 6

static void
write_pairs(bit_writer *writer, const tally_pair *pairs, size_t num_pairs)
{
	int64_t		next_value = 0;

	for (size_t first = 0; first < num_pairs; first += TALLY_BLOCK)
	{
		uint64_t	gaps[TALLY_BLOCK];
		uint64_t	counts[TALLY_BLOCK];
		unsigned	size = num_pairs - first < TALLY_BLOCK ? (unsigned) (num_pairs - first) : TALLY_BLOCK;
		int			gap_parameter;
		int			count_parameter;

		for (unsigned i = 0; i < size; i++)
		{
			gaps[i] = (uint64_t) (pairs[first + i].value - next_value);
			counts[i] = (uint64_t) pairs[first + i].count - 1;
			next_value = pairs[first + i].value + 1;
		}
		gap_parameter = rice_parameter(gaps, size, 31);
		count_parameter = rice_parameter(counts, size, 63);
		write_bits(writer, (uint64_t) gap_parameter, GAP_PARAMETER_BITS);
		write_bits(writer, (uint64_t) count_parameter, COUNT_PARAMETER_BITS);
		write_numbers(writer, gaps, size, gap_parameter);
		write_numbers(writer, counts, size, count_parameter);
	}
}

static void
write_bins(bit_writer *writer, const tally_pair *pairs, size_t num_pairs)
{
	int64_t		value = pairs[0].value;
	int64_t		last = pairs[num_pairs - 1].value;
	size_t		p = 0;

	while (value <= last)
	{
		uint64_t	counts[TALLY_BLOCK];
		unsigned	size = 0;
		int			parameter;

		for (; size < TALLY_BLOCK && value <= last; size++, value++)
			counts[size] = pairs[p].value == value ? (uint64_t) pairs[p++].count : 0;
		parameter = rice_parameter(counts, size, 63);
		write_bits(writer, (uint64_t) parameter, COUNT_PARAMETER_BITS);
		write_numbers(writer, counts, size, parameter);
	}
}

static void
write_sorted(bit_writer *writer, const tally_pair *pairs, size_t num_pairs)
{
	uint64_t	gaps[TALLY_BLOCK];
	unsigned	size = 0;
	int64_t		previous = 0;

	for (size_t p = 0; p < num_pairs; p++)
	{
		for (int64_t n = pairs[p].count; n > 0; n--)
		{
			gaps[size++] = (uint64_t) (pairs[p].value - previous);
			previous = pairs[p].value;
			if (size == TALLY_BLOCK || (p == num_pairs - 1 && n == 1))
			{
				int			parameter = rice_parameter(gaps, size, 31);

				write_bits(writer, (uint64_t) parameter, GAP_PARAMETER_BITS);
				write_numbers(writer, gaps, size, parameter);
				size = 0;
			}
		}
	}
}

/* One way of coding, with its header. */
typedef struct coding
{
	void		(*write) (bit_writer *writer, const tally_pair *pairs, size_t num_pairs);
	unsigned char header[MAX_HEADER];
	size_t		header_size;
	size_t		size;			/* of all */
} coding;

static void
measure(coding *c, const tally_pair *pairs, size_t num_pairs)
{
	bit_writer	counter = {NULL, 0};

	c->write(&counter, pairs, num_pairs);
	c->size = c->header_size + (counter.num_bits + 7) / 8;
}

unsigned char *
tally_write_bytes(const tally_host *host, const tally_pair *pairs, size_t num_pairs, size_t *size)
{
	coding		best = {write_pairs, {TALLY_VERSION << 4 | TALLY_PAIRS}, 1, 0};
	bit_writer	writer = {NULL, 0};
	unsigned char *bytes;

	best.header_size = base128_write(best.header, best.header_size, num_pairs);
	measure(&best, pairs, num_pairs);
	if (num_pairs > 0)
	{
		coding		bins = {write_bins, {TALLY_VERSION << 4 | TALLY_BINS}, 1, 0};
		coding		sorted = {write_sorted, {TALLY_VERSION << 4 | TALLY_SORTED}, 1, 0};
		uint64_t	span = (uint64_t) (pairs[num_pairs - 1].value - pairs[0].value);
		uint64_t	num_values = 0;

		/* Every bin takes a bit at the least, and every value; which spares walks over what is too many. */
		if (span / 8 < best.size)
		{
			bins.header_size = base128_write(bins.header, bins.header_size, (uint64_t) pairs[0].value);
			bins.header_size = base128_write(bins.header, bins.header_size, span);
			measure(&bins, pairs, num_pairs);
			if (bins.size < best.size)
				best = bins;
		}
		for (size_t p = 0; p < num_pairs; p++)
			num_values += (uint64_t) pairs[p].count;
		if (num_values / 8 < best.size)
		{
			sorted.header_size = base128_write(sorted.header, sorted.header_size, num_values);
			measure(&sorted, pairs, num_pairs);
			if (sorted.size < best.size)
				best = sorted;
		}
	}
	*size = best.size;
	bytes = host->allocate(host->context, best.size);
	memset(bytes, 0, best.size);
	memcpy(bytes, best.header, best.header_size);
	writer.bytes = bytes + best.header_size;
	best.write(&writer, pairs, num_pairs);
	return bytes;
}

/* ------------------------------------------------------------------ reading */

/* Opens a cursor over bytes.  They are checked as they are read: the first error may come late. */
tally_status
tally_open_bytes(tally_cursor *cursor, const unsigned char *bytes, size_t size)
{
	uint64_t	number;
	size_t		at = 1;

	cursor->num_values = cursor->num_decoded = 0;
	cursor->next = cursor->end = NULL;
	cursor->growing = NULL;
	cursor->bytes = bytes;
	cursor->size = size;
	cursor->coding = 0;
	cursor->unfinished.count = 0;
	cursor->next_value = 0;
	cursor->remaining = 0;
	if (size < 2 || bytes[0] >> 4 != TALLY_VERSION)
		return TALLY_MALFORMED;
	cursor->coding = bytes[0] & 15;
	switch (cursor->coding)
	{
		case TALLY_PAIRS:
			if (!base128_read(bytes, size, &at, &cursor->remaining) || cursor->remaining > (uint64_t) TALLY_MAX_VALUE + 1)
				return TALLY_MALFORMED;
			break;
		case TALLY_BINS:
			if (!base128_read(bytes, size, &at, &number) || number > TALLY_MAX_VALUE)
				return TALLY_MALFORMED;
			cursor->next_value = (int64_t) number;
			if (!base128_read(bytes, size, &at, &number) || number > (uint64_t) (TALLY_MAX_VALUE - cursor->next_value))
				return TALLY_MALFORMED;
			cursor->remaining = number + 1;
			break;
		case TALLY_SORTED:
			if (!base128_read(bytes, size, &at, &cursor->remaining))
				return TALLY_MALFORMED;
			break;
		default:
			return TALLY_MALFORMED;
	}
	cursor->position_in_bits = (uint64_t) at * 8;
	return TALLY_OK;
}

/* Of the bits from a position on at least BITS_LOADED, lowest first; zeros past the end, where nobody may come to stand. */
#define BITS_LOADED		57

static inline uint64_t
load_bits(const tally_cursor *cursor, uint64_t position)
{
	size_t		at = (size_t) (position / 8);
	uint64_t	bits = 0;

	if (at + 8 <= cursor->size)
	{
		memcpy(&bits, cursor->bytes + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		bits = __builtin_bswap64(bits);
#endif
	}
	else
	{
		for (int i = 0; i < 8 && at + (size_t) i < cursor->size; i++)
			bits |= (uint64_t) cursor->bytes[at + (size_t) i] << (8 * i);
	}
	return bits >> position % 8;
}

/* The bits below a length, which is at most BITS_LOADED. */
static inline uint64_t
lowest(int length)
{
	return (UINT64_C(1) << length) - 1;
}

static uint64_t
take_bits(tally_cursor *cursor, int count)
{
	uint64_t	bits = load_bits(cursor, cursor->position_in_bits) & lowest(count < 32 ? count : 32);

	if (count > 32)
		bits |= (load_bits(cursor, cursor->position_in_bits + 32) & lowest(count - 32)) << 32;
	cursor->position_in_bits += (uint64_t) count;
	return bits;
}

#define NOT_UNARY		UINT64_MAX

/* Rests that or-ed together are less have no TALLY_ESCAPE among them. */
#define LEAST_WITH_ESCAPE	16

/* The rests of so many numbers, in unary; all of them or-ed together are returned, or NOT_UNARY. */
static inline uint64_t
read_unary(tally_cursor *cursor, uint64_t *rests, int count)
{
	uint64_t	loaded = cursor->position_in_bits;	/* where the bits begin of which the zeros are these */
	uint64_t	zeros = ~load_bits(cursor, loaded) & lowest(BITS_LOADED);
	uint64_t	start = loaded;
	uint64_t	any = 0;

	for (int i = 0; i < count; i++)
	{
		uint64_t	end;

		while (zeros == 0)
		{
			loaded += BITS_LOADED;
			if (loaded - start > TALLY_ESCAPE + BITS_LOADED)
				return NOT_UNARY;
			zeros = ~load_bits(cursor, loaded) & lowest(BITS_LOADED);
		}
		end = loaded + (uint64_t) __builtin_ctzll(zeros);
		zeros &= zeros - 1;
		rests[i] = end - start;
		any |= end - start;
		start = end + 1;
	}
	cursor->position_in_bits = start;
	return any;
}

/* Replaces the escapes by what they stand for, and adds that to what is or-ed; false where there is no such number. */
static bool
read_escaped(tally_cursor *cursor, uint64_t *rests, int count, uint64_t *any)
{
	for (int i = 0; i < count; i++)
	{
		if (rests[i] > TALLY_ESCAPE)
			return false;
		if (rests[i] == TALLY_ESCAPE)
		{
			int			length = (int) take_bits(cursor, 6);

			rests[i] = take_bits(cursor, length);
			/* The escape is for what needs it, and the length is the number's own. */
			if (bit_length(rests[i]) != length || rests[i] < TALLY_ESCAPE)
				return false;
			*any |= rests[i];
		}
	}
	return true;
}

/* The numbers of a block, which has so many, none of them above the limit; false where they cannot be. */
static inline bool
read_numbers(tally_cursor *cursor, uint64_t *numbers, int count, int parameter, uint64_t limit)
{
	uint64_t	low = cursor->position_in_bits;
	uint64_t	any;			/* no rest is larger */

	cursor->position_in_bits += (uint64_t) (count * parameter);
	any = read_unary(cursor, numbers, count);
	if (any == NOT_UNARY || (any >= LEAST_WITH_ESCAPE && !read_escaped(cursor, numbers, count, &any)))
		return false;
	/* Whether all that was taken was there. */
	if (cursor->position_in_bits > (uint64_t) cursor->size * 8 || any > UINT64_MAX >> parameter)
		return false;
	if (parameter > BITS_LOADED)
	{
		for (int i = 0; i < count; i++, low += (uint64_t) parameter)
			numbers[i] = numbers[i] << parameter | (load_bits(cursor, low + 32) & lowest(parameter - 32)) << 32 |
				(load_bits(cursor, low) & lowest(32));
	}
	else if (parameter > 0)
	{
		int			at_once = BITS_LOADED / parameter;

		for (int i = 0; i < count; low += (uint64_t) (at_once * parameter))
		{
			uint64_t	bits = load_bits(cursor, low);
			int			stop = i + at_once < count ? i + at_once : count;

			for (; i < stop; i++, bits >>= parameter)
				numbers[i] = numbers[i] << parameter | (bits & lowest(parameter));
		}
	}
	/* Hardly ever is a closer look needed. */
	if ((any << parameter | lowest(parameter < BITS_LOADED ? parameter : BITS_LOADED)) > limit || parameter > BITS_LOADED)
	{
		for (int i = 0; i < count; i++)
		{
			if (numbers[i] > limit)
				return false;
		}
	}
	return true;
}

/* After the last entry nothing may follow but the padding. */
static bool
is_at_end(const tally_cursor *cursor)
{
	return (cursor->position_in_bits + 7) / 8 == cursor->size && load_bits(cursor, cursor->position_in_bits) == 0;
}

/* The entries of one block of pairs; false where they cannot be. */
static bool
decode_pairs(tally_cursor *cursor)
{
	uint64_t	gaps[TALLY_BLOCK];
	uint64_t	counts[TALLY_BLOCK];
	int			size = cursor->remaining < TALLY_BLOCK ? (int) cursor->remaining : TALLY_BLOCK;
	int			gap_parameter = (int) take_bits(cursor, GAP_PARAMETER_BITS);
	int			count_parameter = (int) take_bits(cursor, COUNT_PARAMETER_BITS);
	int64_t		next_value = cursor->next_value;
	unsigned __int128 num_decoded = (unsigned __int128) cursor->num_decoded;

	if (!read_numbers(cursor, gaps, size, gap_parameter, TALLY_MAX_VALUE) ||
		!read_numbers(cursor, counts, size, count_parameter, INT64_MAX - 1))
		return false;
	for (int i = 0; i < size; i++)
	{
		next_value += (int64_t) gaps[i];
		num_decoded += (unsigned __int128) counts[i] + 1;
		cursor->block[i] = (tally_pair) {next_value++, (int64_t) (counts[i] + 1)};
	}
	if (next_value > (int64_t) TALLY_MAX_VALUE + 1 || num_decoded > INT64_MAX)
		return false;
	cursor->next_value = next_value;
	cursor->num_decoded = (int64_t) num_decoded;
	cursor->remaining -= (uint64_t) size;
	cursor->next = cursor->block;
	cursor->end = cursor->block + size;
	return true;
}

/* The same of bins, of which those that count something become pairs. */
static bool
decode_bins(tally_cursor *cursor)
{
	uint64_t	counts[TALLY_BLOCK];
	int			size = cursor->remaining < TALLY_BLOCK ? (int) cursor->remaining : TALLY_BLOCK;
	bool		first = cursor->num_decoded == 0;
	unsigned __int128 num_decoded = (unsigned __int128) cursor->num_decoded;
	tally_pair *pair = cursor->block;

	if (!read_numbers(cursor, counts, size, (int) take_bits(cursor, COUNT_PARAMETER_BITS), INT64_MAX))
		return false;
	cursor->remaining -= (uint64_t) size;
	/* The outermost bins are never empty. */
	if ((first && counts[0] == 0) || (cursor->remaining == 0 && counts[size - 1] == 0))
		return false;
	for (int i = 0; i < size; i++)
	{
		*pair = (tally_pair) {cursor->next_value++, (int64_t) counts[i]};
		num_decoded += counts[i];
		pair += counts[i] != 0;
	}
	if (num_decoded > INT64_MAX)
		return false;
	cursor->num_decoded = (int64_t) num_decoded;
	cursor->next = cursor->block;
	cursor->end = pair;
	return true;
}

bool
tally_has_sorted_values(const tally_cursor *cursor)
{
	return cursor->growing == NULL && cursor->coding == TALLY_SORTED && cursor->next == cursor->end && cursor->unfinished.count == 0;
}

tally_status
tally_decode_values(tally_cursor *cursor, int64_t *values, int *count)
{
	uint64_t	gaps[TALLY_BLOCK];
	int64_t		value = cursor->next_value;

	*count = cursor->remaining < TALLY_BLOCK ? (int) cursor->remaining : TALLY_BLOCK;
	if (*count == 0)
		return is_at_end(cursor) ? TALLY_OK : TALLY_MALFORMED;
	if (!read_numbers(cursor, gaps, *count, (int) take_bits(cursor, GAP_PARAMETER_BITS), TALLY_MAX_VALUE))
		return TALLY_MALFORMED;
	for (int i = 0; i < *count; i++)
		values[i] = value += (int64_t) gaps[i];
	if (value > TALLY_MAX_VALUE)
		return TALLY_MALFORMED;
	cursor->next_value = value;
	cursor->num_decoded += *count;
	cursor->remaining -= (uint64_t) *count;
	return TALLY_OK;
}

void
tally_return_values(tally_cursor *cursor, const int64_t *values, int count)
{
	tally_pair	pair = cursor->unfinished.count > 0 ? cursor->unfinished : (tally_pair) {-1, 0};
	int			last = cursor->unfinished.count > 0 ? 0 : -1;

	cursor->block[0] = pair;
	/* Without a branch, which nobody could predict. */
	for (int i = 0; i < count; i++)
	{
		bool		differs = values[i] != pair.value;

		last += differs;
		pair.value = values[i];
		pair.count = differs ? 1 : pair.count + 1;
		cursor->block[last] = pair;
	}
	cursor->next = cursor->block;
	cursor->end = cursor->block + last + (cursor->remaining == 0);
	cursor->unfinished = pair;
	if (cursor->remaining == 0)
		cursor->unfinished.count = 0;
}

tally_status
tally_decode_block(tally_cursor *cursor)
{
	/* A block of bins may hold nothing, and one of sorted values nothing but more of the last. */
	do
	{
		if (cursor->coding == TALLY_SORTED)
		{
			int64_t		values[TALLY_BLOCK];
			int			count;
			tally_status status = tally_decode_values(cursor, values, &count);

			if (status != TALLY_OK || count == 0)
				return status;
			tally_return_values(cursor, values, count);
		}
		else if (cursor->remaining == 0)
			return is_at_end(cursor) ? TALLY_OK : TALLY_MALFORMED;
		else if (!(cursor->coding == TALLY_PAIRS ? decode_pairs(cursor) : decode_bins(cursor)))
			return TALLY_MALFORMED;
	} while (cursor->next == cursor->end);
	return TALLY_OK;
}
