/*
 * tally.c
 *		An exact, counted multiset of whole numbers: growing, coding, reading.  tally.h describes the bytes.
 *
 * Adding a value costs a store while the tally is small and an increment once it is dense.  Encoding and every reader walk
 * the values once, in ascending order.
 */
#include "core/tally.h"

#include <string.h>

#define TALLY_VERSION		1
#define TALLY_GAPS			1
#define TALLY_BINS			2
#define TALLY_BLOCK			64
#define TALLY_ESCAPE		20
#define DENSE_LIMIT			65536	/* values below it may be kept dense */
#define BUFFER_START		16
#define BUFFER_LIMIT		65536
#define MERGES_BEFORE_DENSE	4
#define INTERRUPT_EVERY		65536

/* ------------------------------------------------------------------ growing */

void
tally_init(tally *t, const tally_host *host)
{
	memset(t, 0, sizeof(*t));
	t->host = *host;
}

static void *
allocate(tally *t, size_t size)
{
	return t->host.allocate(t->host.context, size);
}

static void
release(tally *t, void *memory)
{
	if (memory != NULL)
		t->host.release(t->host.context, memory);
}

static void
reserve_pairs(tally *t, size_t wanted)
{
	tally_pair *grown;
	size_t		size = t->max_pairs == 0 ? BUFFER_START : t->max_pairs;

	if (wanted <= t->max_pairs)
		return;
	while (size < wanted)
		size *= 2;
	grown = allocate(t, size * sizeof(tally_pair));
	if (t->num_pairs > 0)
		memcpy(grown, t->pairs, t->num_pairs * sizeof(tally_pair));
	release(t, t->pairs);
	t->pairs = grown;
	t->max_pairs = size;
}

/* Makes the dense array reach at least "largest"; what it holds is kept. */
static void
reserve_dense(tally *t, int32_t largest)
{
	uint32_t   *grown;
	size_t		size = ((size_t) largest + 1 + 1023) & ~(size_t) 1023;

	if (size <= t->dense_size)
		return;
	if (size < t->dense_size + t->dense_size / 2)
		size = t->dense_size + t->dense_size / 2;
	if (size > DENSE_LIMIT)
		size = DENSE_LIMIT;
	grown = allocate(t, size * sizeof(uint32_t));
	if (t->dense_size > 0)
		memcpy(grown, t->dense, t->dense_size * sizeof(uint32_t));
	memset(grown + t->dense_size, 0, (size - t->dense_size) * sizeof(uint32_t));
	release(t, t->dense);
	t->dense = grown;
	t->dense_size = size;
}

static void
leave_dense(tally *t)
{
	uint32_t   *dense = t->dense;
	size_t		distinct = 0;

	for (size_t i = 0; i < t->dense_size; i++)
		distinct += dense[i] != 0;
	t->num_pairs = 0;
	reserve_pairs(t, distinct);
	for (size_t i = 0; i < t->dense_size; i++)
	{
		if (dense[i] != 0)
		{
			t->pairs[t->num_pairs++] = (tally_pair) {(int64_t) i, dense[i]};
			t->largest = (int32_t) i;
		}
	}
	release(t, dense);
	t->dense = NULL;
	t->dense_size = 0;
}

/* Goes dense unless a count is too large for it, and says whether it did. */
static bool
go_dense(tally *t)
{
	for (size_t i = 0; i < t->num_pairs; i++)
	{
		if (t->pairs[i].count > UINT32_MAX - (int64_t) t->num_buffered)
			return false;
	}
	reserve_dense(t, t->largest);
	for (size_t i = 0; i < t->num_pairs; i++)
		t->dense[t->pairs[i].value] = (uint32_t) t->pairs[i].count;
	for (size_t i = 0; i < t->num_buffered; i++)
		t->dense[t->buffer[i]]++;
	release(t, t->pairs);
	release(t, t->buffer);
	t->pairs = NULL;
	t->buffer = NULL;
	t->num_pairs = t->max_pairs = t->num_buffered = t->max_buffered = 0;
	return true;
}

/* Ascending, by the bytes of the value from the least significant: linear, and no worse for any order of input. */
static void
sort_values(int32_t *values, int32_t *scratch, size_t count, int32_t largest)
{
	for (int shift = 0; shift < 32 && (largest >> shift) > 0; shift += 8)
	{
		size_t		start[257] = {0};

		for (size_t i = 0; i < count; i++)
			start[((values[i] >> shift) & 255) + 1]++;
		for (int digit = 0; digit < 256; digit++)
			start[digit + 1] += start[digit];
		for (size_t i = 0; i < count; i++)
			scratch[start[(values[i] >> shift) & 255]++] = values[i];
		memcpy(values, scratch, count * sizeof(int32_t));
	}
}

/*
 * Sorts the buffer into the pairs.  The content stays as it was, so that a reader of a shared tally may call it.
 */
static void
sort_in_buffer(tally *t)
{
	tally_pair *merged;
	int32_t    *scratch;
	size_t		num_merged = 0;
	size_t		b = 0;
	size_t		p = 0;

	if (t->num_buffered == 0)
		return;
	scratch = allocate(t, t->num_buffered * sizeof(int32_t));
	merged = allocate(t, (t->num_pairs + t->num_buffered) * sizeof(tally_pair));
	sort_values(t->buffer, scratch, t->num_buffered, t->largest);
	release(t, scratch);
	while (p < t->num_pairs || b < t->num_buffered)
	{
		tally_pair	pair;

		if (p < t->num_pairs && (b == t->num_buffered || t->pairs[p].value <= t->buffer[b]))
			pair = t->pairs[p++];
		else
			pair = (tally_pair) {t->buffer[b++], 1};
		for (; b < t->num_buffered && t->buffer[b] == pair.value; b++)
			pair.count++;
		merged[num_merged++] = pair;
		if (num_merged % INTERRUPT_EVERY == 0)
			t->host.check_for_interrupts();
	}
	release(t, t->pairs);
	t->pairs = merged;
	t->max_pairs = t->num_pairs + t->num_buffered;
	t->num_pairs = num_merged;
	t->num_buffered = 0;
}

/* The buffer is full: whichever is smaller of twice the buffer and a dense array, as long as either is reasonable. */
static void
make_room(tally *t)
{
	size_t		wanted = t->max_buffered == 0 ? BUFFER_START : t->max_buffered * 2;
	int32_t    *grown;

	if (t->largest < DENSE_LIMIT && (size_t) t->largest < wanted && go_dense(t))
		return;
	if (wanted > BUFFER_LIMIT)
	{
		sort_in_buffer(t);
		return;
	}
	grown = allocate(t, wanted * sizeof(int32_t));
	if (t->num_buffered > 0)
		memcpy(grown, t->buffer, t->num_buffered * sizeof(int32_t));
	release(t, t->buffer);
	t->buffer = grown;
	t->max_buffered = wanted;
}

/* Adds a value, which must not be negative. */
tally_status
tally_add(tally *t, int32_t value)
{
	if (t->num_values == INT64_MAX)
		return TALLY_TOO_MANY;
	if (t->dense != NULL)
	{
		if (value >= DENSE_LIMIT)
			leave_dense(t);
		else
		{
			if ((size_t) value >= t->dense_size)
				reserve_dense(t, value);
			if (t->dense[value] < UINT32_MAX)
			{
				t->dense[value]++;
				t->num_values++;
				return TALLY_OK;
			}
			leave_dense(t);
		}
	}
	if (value > t->largest)
		t->largest = value;
	if (t->num_buffered == t->max_buffered)
	{
		make_room(t);
		if (t->dense != NULL)
			return tally_add(t, value);
	}
	t->buffer[t->num_buffered++] = value;
	t->num_values++;
	return TALLY_OK;
}

/*
 * Adds a value larger than all before, count times (at least once).  Only for a tally that has had nothing but appends.
 */
tally_status
tally_append(tally *t, int32_t value, int64_t count)
{
	if (count > INT64_MAX - t->num_values)
		return TALLY_TOO_MANY;
	reserve_pairs(t, t->num_pairs + 1);
	t->pairs[t->num_pairs++] = (tally_pair) {value, count};
	t->largest = value;
	t->num_values += count;
	return TALLY_OK;
}

/* Adds pairs from the one given until one cannot be counted densely; true when the cursor came to its end. */
static tally_status
merge_dense(tally *t, tally_cursor *source, tally_pair *pair, bool *found)
{
	tally_status status = TALLY_OK;

	while (*found && status == TALLY_OK)
	{
		if (pair->value >= DENSE_LIMIT)
			break;
		if ((size_t) pair->value >= t->dense_size)
			reserve_dense(t, (int32_t) pair->value);
		if (pair->count > (int64_t) UINT32_MAX - t->dense[pair->value])
			break;
		if (pair->count > INT64_MAX - t->num_values)
			return TALLY_TOO_MANY;
		t->dense[pair->value] += (uint32_t) pair->count;
		t->num_values += pair->count;
		status = tally_next(source, pair, found);
	}
	return status;
}

/* Adds the given pair and all after it by merging two sorted lists. */
static tally_status
merge_sorted(tally *t, tally_cursor *source, tally_pair *pair, bool *found)
{
	tally		merged;
	tally_status status = TALLY_OK;
	size_t		p = 0;

	sort_in_buffer(t);
	tally_init(&merged, &t->host);
	reserve_pairs(&merged, t->num_pairs + 1);
	while (status == TALLY_OK && (p < t->num_pairs || *found))
	{
		if (!*found || (p < t->num_pairs && t->pairs[p].value < pair->value))
		{
			status = tally_append(&merged, (int32_t) t->pairs[p].value, t->pairs[p].count);
			p++;
		}
		else
		{
			tally_pair	sum = *pair;

			if (p < t->num_pairs && t->pairs[p].value == sum.value)
			{
				if (t->pairs[p].count > INT64_MAX - sum.count)
					status = TALLY_TOO_MANY;
				else
					sum.count += t->pairs[p++].count;
			}
			if (status == TALLY_OK)
				status = tally_append(&merged, (int32_t) sum.value, sum.count);
			if (status == TALLY_OK)
				status = tally_next(source, pair, found);
		}
		if (merged.num_pairs % INTERRUPT_EVERY == 0)
			t->host.check_for_interrupts();
	}
	if (status != TALLY_OK)
	{
		release(t, merged.pairs);
		return status;
	}
	release(t, t->pairs);
	t->pairs = merged.pairs;
	t->num_pairs = merged.num_pairs;
	t->max_pairs = merged.max_pairs;
	t->num_values = merged.num_values;
	if (merged.largest > t->largest)
		t->largest = merged.largest;
	return TALLY_OK;
}

/*
 * Adds all that a cursor, freshly opened over something else, has to give.  After an error the tally is to be thrown away.
 */
tally_status
tally_merge(tally *t, tally_cursor *source)
{
	tally_pair	pair;
	bool		found;
	tally_status status = tally_next(source, &pair, &found);

	/* A few are cheaper to merge as they are; whoever adds many soon has most values below the largest. */
	if (t->dense == NULL && ++t->num_merges > MERGES_BEFORE_DENSE && t->largest < DENSE_LIMIT)
		go_dense(t);
	if (status == TALLY_OK && t->dense != NULL)
	{
		status = merge_dense(t, source, &pair, &found);
		if (status == TALLY_OK && found)
			leave_dense(t);
	}
	if (status == TALLY_OK && found)
		status = merge_sorted(t, source, &pair, &found);
	return status;
}

/* ------------------------------------------------------------------ coding */

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

static unsigned char *
encode_pairs(tally *t, const tally_pair *pairs, size_t num_pairs, size_t *size)
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
	bytes = allocate(t, *size);
	memset(bytes, 0, *size);
	memcpy(bytes, header, header_size);
	writer.bytes = bytes + header_size;
	if (take_bins)
		write_bins(&writer, pairs, num_pairs);
	else
		write_gaps(&writer, pairs, num_pairs);
	return bytes;
}

unsigned char *
tally_encode(tally *t, size_t *size)
{
	unsigned char *bytes;

	sort_in_buffer(t);
	if (t->dense != NULL)
	{
		tally		copy;

		/* Coding looks at the pairs several times, which is cheaper than walking a mostly empty array as often. */
		tally_init(&copy, &t->host);
		reserve_pairs(&copy, BUFFER_START);
		for (size_t i = 0; i < t->dense_size; i++)
		{
			if (t->dense[i] != 0)
				(void) tally_append(&copy, (int32_t) i, t->dense[i]);
		}
		bytes = encode_pairs(t, copy.pairs, copy.num_pairs, size);
		release(t, copy.pairs);
	}
	else
		bytes = encode_pairs(t, t->pairs, t->num_pairs, size);
	return bytes;
}

/* ------------------------------------------------------------------ reading */

/* Opens a cursor over a growing tally, which must not change while the cursor is used. */
void
tally_open(tally_cursor *cursor, tally *t)
{
	sort_in_buffer(t);
	memset(cursor, 0, sizeof(*cursor));
	cursor->growing = t;
}

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

static tally_status
next_in_bytes(tally_cursor *cursor, tally_pair *pair, bool *found)
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

/* The next value with its count, in ascending order; found is false at the end. */
tally_status
tally_next(tally_cursor *cursor, tally_pair *pair, bool *found)
{
	const tally *t = cursor->growing;

	if (t == NULL)
		return next_in_bytes(cursor, pair, found);
	*found = false;
	if (t->dense == NULL)
	{
		if (cursor->position < t->num_pairs)
		{
			*pair = t->pairs[cursor->position++];
			*found = true;
		}
	}
	else
	{
		while (cursor->position < t->dense_size && !*found)
		{
			pair->value = (int64_t) cursor->position;
			pair->count = t->dense[cursor->position++];
			*found = pair->count != 0;
		}
	}
	if (*found)
		cursor->num_values += pair->count;
	return TALLY_OK;
}

tally_status
tally_summarise(tally_cursor *cursor, tally_summary *summary)
{
	tally_pair	pair;
	bool		found;
	__int128	total = 0;
	tally_status status;

	memset(summary, 0, sizeof(*summary));
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		if (summary->num_values == 0)
			summary->minimum = pair.value;
		summary->maximum = pair.value;
		summary->num_values += pair.count;
		total += (__int128) pair.value * pair.count;
	}
	summary->total_overflows = total > INT64_MAX;
	summary->total = summary->total_overflows ? 0 : (int64_t) total;
	/* Both are exact in 128 bits: one rounding each and one of the quotient, whatever the order of the rows was. */
	if (summary->num_values > 0)
		summary->mean = (double) total / (double) summary->num_values;
	return status;
}

/* How many values are at most "limit", and how many there are. */
tally_status
tally_count_within(tally_cursor *cursor, int64_t limit, int64_t *within, int64_t *num_values)
{
	tally_pair	pair;
	bool		found;
	tally_status status;

	*within = *num_values = 0;
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		if (pair.value <= limit)
			*within += pair.count;
		*num_values += pair.count;
	}
	return status;
}

tally_status
tally_values_at(tally_cursor *cursor, const int64_t *ranks, size_t num_ranks, int64_t *values)
{
	tally_pair	pair;
	bool		found;
	size_t		r = 0;
	tally_status status = TALLY_OK;

	while (r < num_ranks && (status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		while (r < num_ranks && ranks[r] < cursor->num_values)
			values[r++] = pair.value;
	}
	if (status == TALLY_OK && r < num_ranks)
		status = TALLY_MALFORMED;
	return status;
}
