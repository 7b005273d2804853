/*
 * tally_bytes.c
 *		The bytes of a tally: writing the canonical ones, and reading any, which are checked as they are read.
 *
 * tally.h describes them.
 */
#include "core/tally_bytes.h"

#include <string.h>

#define TALLY_VERSION		1
#define TALLY_GAPS			1
#define TALLY_BINS			2
#define TALLY_BLOCK			64
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
		int			room = 8 - (int) (writer->num_bits % 8);
		int			taken = count < room ? count : room;
		uint64_t	part = (bits >> (count - taken)) & ((1u << taken) - 1);

		writer->bytes[writer->num_bits / 8] |= (unsigned char) (part << (room - taken));
		writer->num_bits += (size_t) taken;
		count -= taken;
	}
}

static int
bit_length(uint64_t x)
{
	return x == 0 ? 0 : 64 - __builtin_clzll(x);
}

static int
rice_length(uint64_t x, int parameter)
{
	uint64_t	unary = x >> parameter;

	return unary < TALLY_ESCAPE ? (int) unary + 1 + parameter : TALLY_ESCAPE + 6 + bit_length(x);
}

static void
write_rice(bit_writer *writer, uint64_t x, int parameter)
{
	uint64_t	unary = x >> parameter;

	if (unary < TALLY_ESCAPE)
	{
		write_bits(writer, (UINT64_C(1) << (unary + 1)) - 2, (int) unary + 1);
		if (parameter > 0)
			write_bits(writer, x & ((UINT64_C(1) << parameter) - 1), parameter);
	}
	else
	{
		write_bits(writer, (UINT64_C(1) << TALLY_ESCAPE) - 1, TALLY_ESCAPE);
		write_bits(writer, (uint64_t) bit_length(x), 6);
		write_bits(writer, x, bit_length(x));
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

static size_t
write_number(unsigned char *bytes, size_t at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		bytes[at++] = (unsigned char) (number & 127) | 128;
	bytes[at++] = (unsigned char) number;
	return at;
}

#define MAX_HEADER			(1 + 10 + 10)
#define GAP_PARAMETER_BITS	5
#define COUNT_PARAMETER_BITS 6

static void
write_gaps(bit_writer *writer, const tally_pair *pairs, size_t num_pairs)
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
		for (unsigned i = 0; i < size; i++)
		{
			write_rice(writer, gaps[i], gap_parameter);
			write_rice(writer, counts[i], count_parameter);
		}
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
		for (unsigned i = 0; i < size; i++)
			write_rice(writer, counts[i], parameter);
	}
}

unsigned char *
tally_write_bytes(const tally_host *host, const tally_pair *pairs, size_t num_pairs, size_t *size)
{
	unsigned char header[MAX_HEADER];
	size_t		header_size = 1;
	bit_writer	gaps = {NULL, 0};
	bit_writer	bins = {NULL, 0};
	bit_writer	writer = {NULL, 0};
	unsigned char *bytes;
	bool		take_bins = false;
	size_t		body_size;

	write_gaps(&gaps, pairs, num_pairs);
	body_size = (gaps.num_bits + 7) / 8;
	header_size = write_number(header, 1, num_pairs);
	if (num_pairs > 0)
	{
		unsigned char bins_header[MAX_HEADER];
		size_t		bins_header_size = write_number(bins_header, 1, (uint64_t) pairs[0].value);
		uint64_t	span = (uint64_t) (pairs[num_pairs - 1].value - pairs[0].value);

		bins_header_size = write_number(bins_header, bins_header_size, span);
		/* Every bin takes a bit at the least, which spares the walk over a wide and sparse span. */
		if (span / 8 < header_size + body_size)
		{
			size_t		bins_size;

			write_bins(&bins, pairs, num_pairs);
			bins_size = (bins.num_bits + 7) / 8;
			if (bins_header_size + bins_size < header_size + body_size)
			{
				take_bins = true;
				memcpy(header, bins_header, bins_header_size);
				header_size = bins_header_size;
				body_size = bins_size;
			}
		}
	}
	header[0] = (unsigned char) (TALLY_VERSION << 4 | (take_bins ? TALLY_BINS : TALLY_GAPS));
	*size = header_size + body_size;
	bytes = host->allocate(host->context, *size);
	memset(bytes, 0, *size);
	memcpy(bytes, header, header_size);
	writer.bytes = bytes + header_size;
	if (take_bins)
		write_bins(&writer, pairs, num_pairs);
	else
		write_gaps(&writer, pairs, num_pairs);
	return bytes;
}

/* ------------------------------------------------------------------ reading */

static bool
read_number(tally_cursor *cursor, uint64_t *number)
{
	*number = 0;
	for (int shift = 0; shift < 63; shift += 7)
	{
		unsigned char byte;

		if (cursor->next_byte == cursor->end)
			return false;
		byte = *cursor->next_byte++;
		*number |= (uint64_t) (byte & 127) << shift;
		if (byte < 128)
			return byte != 0 || shift == 0; /* the shortest form only */
	}
	return false;
}

/* Opens a cursor over bytes.  They are checked as they are read: the first error may come late. */
tally_status
tally_open_bytes(tally_cursor *cursor, const unsigned char *bytes, size_t size)
{
	uint64_t	number;

	memset(cursor, 0, sizeof(*cursor));
	if (size < 2 || bytes[0] >> 4 != TALLY_VERSION)
		return TALLY_MALFORMED;
	cursor->next_byte = bytes + 1;
	cursor->end = bytes + size;
	switch (bytes[0] & 15)
	{
		case TALLY_GAPS:
			if (!read_number(cursor, &cursor->remaining) || cursor->remaining > (uint64_t) TALLY_MAX_VALUE + 1)
				return TALLY_MALFORMED;
			break;
		case TALLY_BINS:
			if (!read_number(cursor, &number) || number > TALLY_MAX_VALUE)
				return TALLY_MALFORMED;
			cursor->next_value = (int64_t) number;
			if (!read_number(cursor, &number) || number > (uint64_t) (TALLY_MAX_VALUE - cursor->next_value))
				return TALLY_MALFORMED;
			cursor->remaining = number + 1;
			cursor->bins = true;
			break;
		default:
			return TALLY_MALFORMED;
	}
	return TALLY_OK;
}

/* Fills the window to 57 bits or more; past the end come zeros, which take_bits() refuses to take. */
static inline void
fill_window(tally_cursor *cursor)
{
	while (cursor->window_bits <= 56 && cursor->next_byte < cursor->end)
	{
		cursor->window |= (uint64_t) *cursor->next_byte++ << (56 - cursor->window_bits);
		cursor->window_bits += 8;
	}
}

static inline bool
take_bits(tally_cursor *cursor, int count, uint64_t *bits)
{
	*bits = 0;
	/* A window holds 57 bits for certain: longer numbers come in two parts. */
	if (count > 32)
	{
		uint64_t	high;

		if (!take_bits(cursor, count - 32, &high))
			return false;
		*bits = high << 32;
		count = 32;
	}
	fill_window(cursor);
	if (count > cursor->window_bits)
		return false;
	if (count > 0)
	{
		*bits |= cursor->window >> (64 - count);
		cursor->window <<= count;
		cursor->window_bits -= count;
	}
	return true;
}

static inline bool
read_rice(tally_cursor *cursor, int parameter, uint64_t *x)
{
	int			unary;
	uint64_t	length;

	fill_window(cursor);
	unary = cursor->window == UINT64_MAX ? 64 : __builtin_clzll(~cursor->window);
	if (unary < TALLY_ESCAPE)
	{
		uint64_t	low;

		if (unary + 1 > cursor->window_bits)
			return false;
		cursor->window <<= unary + 1;
		cursor->window_bits -= unary + 1;
		if (!take_bits(cursor, parameter, &low))
			return false;
		*x = (uint64_t) unary << parameter | low;
		return true;
	}
	if (!take_bits(cursor, TALLY_ESCAPE, x) || !take_bits(cursor, 6, &length) || !take_bits(cursor, (int) length, x))
		return false;
	/* The escape is for what needs it, and the length is the number's own. */
	return bit_length(*x) == (int) length && *x >> parameter >= TALLY_ESCAPE;
}

/* After the last entry nothing may follow but the padding. */
static tally_status
check_end(tally_cursor *cursor)
{
	fill_window(cursor);
	return cursor->next_byte == cursor->end && cursor->window_bits < 8 && cursor->window == 0 ? TALLY_OK : TALLY_MALFORMED;
}

tally_status
tally_next_in_bytes(tally_cursor *cursor, tally_pair *pair, bool *found)
{
	bool		first = cursor->num_values == 0;
	uint64_t	gap;
	uint64_t	count;

	*found = false;
	while (cursor->remaining > 0)
	{
		if (cursor->in_block == 0)
		{
			uint64_t	gap_parameter = 0;
			uint64_t	count_parameter;

			if ((!cursor->bins && !take_bits(cursor, GAP_PARAMETER_BITS, &gap_parameter)) ||
				!take_bits(cursor, COUNT_PARAMETER_BITS, &count_parameter))
				return TALLY_MALFORMED;
			cursor->gap_parameter = (int) gap_parameter;
			cursor->count_parameter = (int) count_parameter;
			cursor->in_block = cursor->remaining < TALLY_BLOCK ? (unsigned) cursor->remaining : TALLY_BLOCK;
		}
		gap = 0;
		if (!cursor->bins && !read_rice(cursor, cursor->gap_parameter, &gap))
			return TALLY_MALFORMED;
		if (!read_rice(cursor, cursor->count_parameter, &count))
			return TALLY_MALFORMED;
		if (gap > (uint64_t) TALLY_MAX_VALUE || cursor->next_value + (int64_t) gap > TALLY_MAX_VALUE)
			return TALLY_MALFORMED;
		if (count >= (uint64_t) INT64_MAX)
			return TALLY_MALFORMED;
		if (!cursor->bins)
			count++;
		pair->value = cursor->next_value + (int64_t) gap;
		pair->count = (int64_t) count;
		cursor->next_value = pair->value + 1;
		cursor->remaining--;
		cursor->in_block--;
		if (count > 0)
		{
			if (pair->count > INT64_MAX - cursor->num_values)
				return TALLY_MALFORMED;
			cursor->num_values += pair->count;
			*found = true;
			return TALLY_OK;
		}
		/* The outermost bins are never empty. */
		if (first || cursor->remaining == 0)
			return TALLY_MALFORMED;
	}
	return check_end(cursor);
}
