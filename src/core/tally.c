/*
 * tally.c
 *		An exact, counted multiset of whole numbers: growing, merging, taking away, walking over the values.
 *
 * Adding a value costs a store while the tally is small and an increment once it is dense.
 */
#include "core/tally.h"

#include <stdlib.h>
#include <string.h>

#include "core/tally_bytes.h"

#define DENSE_LIMIT			65536	/* values below it may be kept dense */
#define BUFFER_START		16
#define BUFFER_LIMIT		65536
#define FEW_BUFFERED		4
#define DENSE_PER_PAIR		16	/* a dense array may be so many times as long as a list of pairs that others are merged into */
#define DENSE_PER_PAIR_OF_MANY 256	/* the same after MANY_MERGES, when more are likely to come */
#define MANY_MERGES			4
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

/*
 * Goes dense unless a count is too large for it or leaves no room for another, and says whether it did.  Nothing may be
 * pending.
 */
static bool
go_dense(tally *t)
{
	for (size_t i = 0; i < t->num_pairs; i++)
	{
		if (t->pairs[i].count >= UINT32_MAX - (int64_t) t->num_buffered)
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

/* The first pair whose value is not smaller. */
static size_t
find_pair(const tally *t, int64_t value)
{
	size_t		low = 0;
	size_t		high = t->num_pairs;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (t->pairs[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where few are to be sorted into many, one after the other is faster. */
static void
insert_buffer(tally *t)
{
	reserve_pairs(t, t->num_pairs + t->num_buffered);
	for (size_t b = 0; b < t->num_buffered; b++)
	{
		size_t		at = find_pair(t, t->buffer[b]);

		if (at < t->num_pairs && t->pairs[at].value == t->buffer[b])
			t->pairs[at].count++;
		else
		{
			memmove(&t->pairs[at + 1], &t->pairs[at], (t->num_pairs - at) * sizeof(tally_pair));
			t->pairs[at] = (tally_pair) {t->buffer[b], 1};
			t->num_pairs++;
		}
	}
	t->num_buffered = 0;
}

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
	if (t->num_buffered < FEW_BUFFERED && t->num_pairs > 0)
	{
		insert_buffer(t);
		return;
	}
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

static int
compare_pairs(const void *a, const void *b)
{
	int64_t		x = ((const tally_pair *) a)->value;
	int64_t		y = ((const tally_pair *) b)->value;

	return (x > y) - (x < y);
}

static void
sort_in_pending(tally *t)
{
	tally_pair *merged;
	size_t		num_merged = 0;
	size_t		p = 0;

	if (t->num_pending == 0)
		return;
	qsort(t->pending, t->num_pending, sizeof(tally_pair), compare_pairs);
	merged = allocate(t, (t->num_pairs + t->num_pending) * sizeof(tally_pair));
	for (size_t i = 0; i < t->num_pending || p < t->num_pairs;)
	{
		tally_pair	pair;

		if (i == t->num_pending || (p < t->num_pairs && t->pairs[p].value <= t->pending[i].value))
			pair = t->pairs[p++];
		else
			pair = t->pending[i++];
		/* The number of all values is known to be in range, so every sum is. */
		for (; i < t->num_pending && t->pending[i].value == pair.value; i++)
			pair.count += t->pending[i].count;
		merged[num_merged++] = pair;
		if (num_merged % INTERRUPT_EVERY == 0)
			t->host.check_for_interrupts();
	}
	release(t, t->pairs);
	t->pairs = merged;
	t->max_pairs = t->num_pairs + t->num_pending;
	t->num_pairs = num_merged;
	t->num_pending = 0;
}

/* Sorts everything into the pairs.  The content stays as it was, so that a reader of a shared tally may call it. */
static void
sort_in(tally *t)
{
	sort_in_buffer(t);
	sort_in_pending(t);
}

/* The buffer is full: whichever is smaller of twice the buffer and a dense array, as long as either is reasonable. */
static void
make_room(tally *t)
{
	size_t		wanted = t->max_buffered == 0 ? BUFFER_START : t->max_buffered * 2;
	int32_t    *grown;

	if (t->largest < DENSE_LIMIT && (size_t) t->largest < wanted)
	{
		sort_in_pending(t);
		if (go_dense(t))
			return;
	}
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

/* Does what tally_add() does not do itself. */
tally_status
tally_add_slowly(tally *t, int32_t value)
{
	if (t->num_values == INT64_MAX)
		return TALLY_TOO_MANY;
	if (t->dense != NULL)
	{
		if (value < DENSE_LIMIT && (size_t) value >= t->dense_size)
		{
			reserve_dense(t, value);
			return tally_add(t, value);
		}
		leave_dense(t);
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

/* The list of pending pairs is full: it may become as long as the list of pairs. */
static void
make_room_for_pair(tally *t)
{
	size_t		wanted = t->max_pending == 0 ? BUFFER_START : t->max_pending * 2;
	tally_pair *grown;

	if (wanted > BUFFER_LIMIT && wanted > t->num_pairs)
	{
		sort_in(t);
		if (t->largest < DENSE_LIMIT)
			(void) go_dense(t);
		return;
	}
	grown = allocate(t, wanted * sizeof(tally_pair));
	if (t->num_pending > 0)
		memcpy(grown, t->pending, t->num_pending * sizeof(tally_pair));
	release(t, t->pending);
	t->pending = grown;
	t->max_pending = wanted;
}

/* Adds a value, which must not be negative, count times (at least once). */
tally_status
tally_add_many(tally *t, int32_t value, int64_t count)
{
	if (count > INT64_MAX - t->num_values)
		return TALLY_TOO_MANY;
	if (t->dense == NULL && t->num_pending == t->max_pending)
		make_room_for_pair(t);
	if (t->dense != NULL)
	{
		if (value < DENSE_LIMIT)
		{
			if ((size_t) value >= t->dense_size)
				reserve_dense(t, value);
			if (count <= (int64_t) UINT32_MAX - t->dense[value])
			{
				t->dense[value] += (uint32_t) count;
				t->num_values += count;
				return TALLY_OK;
			}
		}
		leave_dense(t);
		if (t->num_pending == t->max_pending)
			make_room_for_pair(t);
	}
	if (value > t->largest)
		t->largest = value;
	t->pending[t->num_pending++] = (tally_pair) {value, count};
	t->num_values += count;
	return TALLY_OK;
}

/* Takes one away of a value. */
tally_status
tally_remove(tally *t, int32_t value)
{
	size_t		at;

	if (t->dense != NULL)
	{
		if ((size_t) value >= t->dense_size || t->dense[value] == 0)
			return TALLY_BELOW_ZERO;
		t->dense[value]--;
		t->num_values--;
		return TALLY_OK;
	}
	sort_in(t);
	at = find_pair(t, value);
	if (at == t->num_pairs || t->pairs[at].value != value)
		return TALLY_BELOW_ZERO;
	if (--t->pairs[at].count == 0)
	{
		t->num_pairs--;
		memmove(&t->pairs[at], &t->pairs[at + 1], (t->num_pairs - at) * sizeof(tally_pair));
	}
	t->num_values--;
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

/* Adds sorted values as long as they can be counted densely. */
static tally_status
merge_values_dense(tally *t, tally_cursor *source)
{
	int64_t		values[TALLY_BLOCK];
	int			count;

	/* No count can overflow as long as all together are less. */
	while (t->num_values <= UINT32_MAX - TALLY_BLOCK)
	{
		tally_status status = tally_decode_values(source, values, &count);

		if (status != TALLY_OK || count == 0)
			return status;
		if (values[count - 1] >= DENSE_LIMIT)
		{
			tally_return_values(source, values, count);
			return TALLY_OK;
		}
		reserve_dense(t, (int32_t) values[count - 1]);
		for (int i = 0; i < count; i++)
			t->dense[values[i]]++;
		t->num_values += count;
		source->num_values += count;
	}
	return TALLY_OK;
}

/* Adds what a cursor gives until there comes a pair that cannot be counted densely, which it leaves. */
static tally_status
merge_dense(tally *t, tally_cursor *source)
{
	tally_status status = TALLY_OK;

	if (tally_has_sorted_values(source))
		status = merge_values_dense(t, source);
	while (status == TALLY_OK)
	{
		const tally_pair *pair;
		uint64_t	added = 0;		/* a block of less than 2^32 each */
		bool		fits = true;

		if (source->next == source->end && ((status = tally_next_block(source)) != TALLY_OK || source->next == source->end))
			return status;
		if (source->end[-1].value < DENSE_LIMIT)
			reserve_dense(t, (int32_t) source->end[-1].value);
		for (pair = source->next; pair < source->end && pair < source->next + TALLY_BLOCK; pair++)
		{
			uint64_t	sum;

			if (pair->value >= (int64_t) t->dense_size || (sum = (uint64_t) pair->count + t->dense[pair->value]) > UINT32_MAX)
			{
				fits = false;
				break;
			}
			t->dense[pair->value] = (uint32_t) sum;
			added += (uint64_t) pair->count;
		}
		if (added > (uint64_t) (INT64_MAX - t->num_values))
			return TALLY_TOO_MANY;
		t->num_values += (int64_t) added;
		source->num_values += (int64_t) added;
		source->next = pair;
		if (!fits)
			return TALLY_OK;
	}
	return status;
}

/* Adds what a cursor gives by merging two sorted lists. */
static tally_status
merge_sorted(tally *t, tally_cursor *source)
{
	tally_pair	pair;
	bool		found;
	tally		merged;
	tally_status status = tally_next(source, &pair, &found);
	size_t		p = 0;

	if (status != TALLY_OK || !found)
		return status;
	sort_in(t);
	tally_init(&merged, &t->host);
	reserve_pairs(&merged, t->num_pairs + 1);
	while (status == TALLY_OK && (p < t->num_pairs || found))
	{
		if (!found || (p < t->num_pairs && t->pairs[p].value < pair.value))
		{
			status = tally_append(&merged, (int32_t) t->pairs[p].value, t->pairs[p].count);
			p++;
		}
		else
		{
			tally_pair	sum = pair;

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
				status = tally_next(source, &pair, &found);
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
	size_t		dense_per_pair = t->num_merges == MANY_MERGES ? DENSE_PER_PAIR_OF_MANY : DENSE_PER_PAIR;

	/* Few values far apart are cheaper to merge as they are. */
	if (t->dense == NULL && t->largest < DENSE_LIMIT && (size_t) t->largest < dense_per_pair * t->num_pairs)
	{
		sort_in_pending(t);
		(void) go_dense(t);
	}
	if (t->num_merges < MANY_MERGES)
		t->num_merges++;
	if (t->dense != NULL)
	{
		tally_status status = merge_dense(t, source);

		if (status != TALLY_OK || source->next == source->end)
			return status;
		leave_dense(t);
	}
	return merge_sorted(t, source);
}

/*
 * Takes away all that a cursor, freshly opened over something else, has to give.  After an error the tally is to be thrown away.
 */
tally_status
tally_subtract(tally *t, tally_cursor *source)
{
	tally_pair	pair;
	bool		found;
	tally_status status;
	size_t		p = 0;
	size_t		kept = 0;

	sort_in(t);
	while ((status = tally_next(source, &pair, &found)) == TALLY_OK && found)
	{
		if (t->dense != NULL)
		{
			if (pair.value >= (int64_t) t->dense_size || pair.count > t->dense[pair.value])
				return TALLY_BELOW_ZERO;
			t->dense[pair.value] -= (uint32_t) pair.count;
		}
		else
		{
			while (p < t->num_pairs && t->pairs[p].value < pair.value)
				p++;
			if (p == t->num_pairs || t->pairs[p].value != pair.value || t->pairs[p].count < pair.count)
				return TALLY_BELOW_ZERO;
			t->pairs[p].count -= pair.count;
		}
		t->num_values -= pair.count;
	}
	for (p = 0; p < t->num_pairs; p++)
	{
		if (t->pairs[p].count > 0)
			t->pairs[kept++] = t->pairs[p];
	}
	t->num_pairs = kept;
	return status;
}

bool
tally_copy_unsorted(tally *t, const tally *source)
{
	if (source->num_buffered == 0 || (int64_t) source->num_buffered != source->num_values)
		return false;
	t->buffer = allocate(t, source->num_buffered * sizeof(int32_t));
	memcpy(t->buffer, source->buffer, source->num_buffered * sizeof(int32_t));
	t->num_buffered = t->max_buffered = source->num_buffered;
	t->num_values = source->num_values;
	t->largest = source->largest;
	return true;
}

unsigned char *
tally_encode(tally *t, size_t *size)
{
	unsigned char *bytes;

	sort_in(t);
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
		bytes = tally_write_bytes(&t->host, copy.pairs, copy.num_pairs, size);
		release(t, copy.pairs);
	}
	else
		bytes = tally_write_bytes(&t->host, t->pairs, t->num_pairs, size);
	return bytes;
}

tally_status
tally_decode(tally *t, const unsigned char *bytes, size_t size)
{
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	tally_status status = tally_open_bytes(&cursor, bytes, size);

	while (status == TALLY_OK && (status = tally_next(&cursor, &pair, &found)) == TALLY_OK && found)
	{
		status = tally_append(t, (int32_t) pair.value, pair.count);
		if (t->num_pairs % INTERRUPT_EVERY == 0)
			t->host.check_for_interrupts();
	}
	return status;
}

/* ------------------------------------------------------------------ reading */

/* Opens a cursor over a growing tally, which must not change while the cursor is used. */
void
tally_open(tally_cursor *cursor, tally *t)
{
	sort_in(t);
	cursor->num_values = 0;
	cursor->next = cursor->end = NULL;
	cursor->growing = t;
	cursor->position = 0;
}

/* Makes the next values ready to be read, if there are any. */
tally_status
tally_next_block(tally_cursor *cursor)
{
	const tally *t = cursor->growing;
	tally_pair *pair = cursor->block;

	if (t == NULL)
		return tally_decode_block(cursor);
	if (t->dense == NULL)
	{
		/* All that there are, where they are; without any there is no such place. */
		if (t->num_pairs == 0)
			return TALLY_OK;
		cursor->next = t->pairs + cursor->position;
		cursor->end = t->pairs + t->num_pairs;
		cursor->position = t->num_pairs;
		return TALLY_OK;
	}
	/* Which values occur cannot be guessed, so no branch is made of it. */
	for (; cursor->position < t->dense_size && pair < cursor->block + TALLY_BLOCK; cursor->position++)
	{
		*pair = (tally_pair) {(int64_t) cursor->position, t->dense[cursor->position]};
		pair += t->dense[cursor->position] != 0;
	}
	cursor->next = cursor->block;
	cursor->end = pair;
	return TALLY_OK;
}
