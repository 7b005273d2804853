/*
 * fuzz_tally.c
 *		Tallies from bytes and texts that nobody wrote, and in the hands of any sequence of operations.
 *
 * The first byte of the input says what the rest is: bytes of a tally, text of a tally, or operations, which a plain sorted array
 * follows.
 */
#include "fuzz.h"

/* ------------------------------------------------------------------ a plain model: values with counts, sorted */

typedef struct model
{
	tally_pair *pairs;
	size_t		size;
	size_t		room;
	int64_t		num_values;
} model;

/* Where a value is, or would be. */
static size_t
model_find(const model *m, int64_t value)
{
	size_t		low = 0;
	size_t		high = m->size;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (m->pairs[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t
model_count(const model *m, int64_t value)
{
	size_t		at = model_find(m, value);

	return at < m->size && m->pairs[at].value == value ? m->pairs[at].count : 0;
}

/* Adds a count of either sign; what results is in range. */
static void
model_add(model *m, int64_t value, int64_t count)
{
	size_t		at = model_find(m, value);

	if (at == m->size || m->pairs[at].value != value)
	{
		if (m->size == m->room)
		{
			tally_pair *grown = fuzz_allocate(NULL, (m->room * 2 + 16) * sizeof(tally_pair));

			if (m->size > 0)
			{
				memcpy(grown, m->pairs, m->size * sizeof(tally_pair));
				fuzz_release(NULL, m->pairs);
			}
			m->pairs = grown;
			m->room = m->room * 2 + 16;
		}
		memmove(&m->pairs[at + 1], &m->pairs[at], (m->size++ - at) * sizeof(tally_pair));
		m->pairs[at] = (tally_pair) {value, 0};
	}
	m->pairs[at].count += count;
	m->num_values += count;
	if (m->pairs[at].count == 0)
		memmove(&m->pairs[at], &m->pairs[at + 1], (--m->size - at) * sizeof(tally_pair));
}

/* The order of two sequences of values: what both have at the front is struck off until they differ. */
static int
model_compare(const model *a, const model *b)
{
	size_t		i = 0;
	size_t		j = 0;
	int64_t		used_i = 0;
	int64_t		used_j = 0;

	while (i < a->size && j < b->size)
	{
		int64_t		left_i = a->pairs[i].count - used_i;
		int64_t		left_j = b->pairs[j].count - used_j;
		int64_t		both = left_i < left_j ? left_i : left_j;

		if (a->pairs[i].value != b->pairs[j].value)
			return a->pairs[i].value < b->pairs[j].value ? -1 : 1;
		used_i += both;
		used_j += both;
		if (used_i == a->pairs[i].count)
		{
			used_i = 0;
			i++;
		}
		if (used_j == b->pairs[j].count)
		{
			used_j = 0;
			j++;
		}
	}
	return (i < a->size) - (j < b->size);
}

/* ------------------------------------------------------------------ what holds of every tally */

static void
check_content(tally_cursor *cursor, const model *m)
{
	tally_pair	pair;
	bool		found;

	for (size_t i = 0; i < m->size; i++)
	{
		check(tally_next(cursor, &pair, &found) == TALLY_OK && found);
		check(pair.value == m->pairs[i].value && pair.count == m->pairs[i].count);
	}
	check(tally_next(cursor, &pair, &found) == TALLY_OK && !found);
	check(cursor->num_values == m->num_values);
}

/* What is read off a tally in one walk. */
static void
check_readers(tally *t, const model *m)
{
	tally_cursor cursor;
	tally_summary summary;
	double		variance;
	int64_t		within;
	int64_t		num_values;
	int64_t		middle = m->size > 0 ? m->pairs[m->size / 2].value : 0;
	int64_t		below = 0;
	int64_t		edge = middle;
	int64_t		counts[2];
	int64_t		ranks[3] = {0, m->num_values / 2, m->num_values - 1};
	int64_t		values[3];
	__int128	total = 0;

	for (size_t i = 0; i < m->size; i++)
	{
		total += (__int128) m->pairs[i].value * m->pairs[i].count;
		if (m->pairs[i].value < middle)
			below += m->pairs[i].count;
	}
	tally_open(&cursor, t);
	check(tally_summarise(&cursor, &summary) == TALLY_OK && summary.num_values == m->num_values);
	check(summary.total_overflows == (total > INT64_MAX) && (summary.total_overflows || summary.total == total));
	tally_open(&cursor, t);
	check(tally_count_within(&cursor, middle - 1, &within, &num_values) == TALLY_OK && within == below && num_values == m->num_values);
	tally_open(&cursor, t);
	check(tally_count_between(&cursor, &edge, 1, counts) == TALLY_OK && counts[0] == below && counts[1] == m->num_values - below);
	if (m->size == 0)
		return;
	check(summary.minimum == m->pairs[0].value && summary.maximum == m->pairs[m->size - 1].value);
	/* Three roundings of at most 2^-53 each. */
	check(summary.mean >= (double) summary.minimum * (1 - 0x1p-51) && summary.mean <= (double) summary.maximum * (1 + 0x1p-51));
	tally_open(&cursor, t);
	check(tally_values_at(&cursor, ranks, 3, values) == TALLY_OK && values[0] == summary.minimum && values[2] == summary.maximum);
	check(values[1] >= values[0] && values[1] <= values[2]);
	if (m->num_values < 2)
		return;
	tally_open(&cursor, t);
	check(tally_variance(&cursor, &summary, &variance) == TALLY_OK);
	check(m->size == 1 ? variance == 0 : variance >= 0 && variance < 0x1p62);
}

static const char *
write_text(const model *m)
{
	char	   *text = fuzz_allocate(NULL, m->size * 40 + 3);
	char	   *at = text;

	*at++ = '{';
	for (size_t i = 0; i < m->size; i++)
		at += sprintf(at, "%s%lld:%lld", i > 0 ? ", " : "", (long long) m->pairs[i].value, (long long) m->pairs[i].count);
	strcpy(at, "}");
	return text;
}

/* A tally holds what its model does, in whatever way it is read, and so do its bytes and its text. */
static void
check_tally(tally *t, const model *m)
{
	tally		again;
	tally_cursor cursor;
	tally_status status;
	const unsigned char *bytes;
	const unsigned char *same_bytes;
	size_t		size;
	size_t		same_size;
	const char *text = write_text(m);

	check(t->num_values == m->num_values);
	tally_open(&cursor, t);
	check_content(&cursor, m);
	check_readers(t, m);
	bytes = tally_encode(t, &size);
	check(tally_open_bytes(&cursor, bytes, size) == TALLY_OK);
	check_content(&cursor, m);
	tally_init(&again, &fuzz_host);
	check(tally_read_text(&text, &again, &status) && *text == '\0');
	same_bytes = tally_encode(&again, &same_size);
	check(same_size == size && memcmp(same_bytes, bytes, size) == 0);
}

/* ------------------------------------------------------------------ bytes and text */

static void
try_bytes(const unsigned char *bytes, size_t size)
{
	tally		t;
	tally		decoded;
	model		m = {0};
	tally_cursor cursor;
	tally_pair	pair;
	bool		found = true;
	int64_t		previous = -1;
	tally_status status = tally_open_bytes(&cursor, bytes, size);

	tally_init(&t, &fuzz_host);
	while (status == TALLY_OK && (status = tally_next(&cursor, &pair, &found)) == TALLY_OK && found)
	{
		check(pair.value > previous && pair.value <= TALLY_MAX_VALUE);
		check(pair.count > 0 && pair.count <= INT64_MAX - m.num_values);
		previous = pair.value;
		check(tally_append(&t, (int32_t) pair.value, pair.count) == TALLY_OK);
		model_add(&m, pair.value, pair.count);
	}
	check(status == TALLY_OK || status == TALLY_MALFORMED);
	tally_init(&decoded, &fuzz_host);
	check(tally_decode(&decoded, bytes, size) == status);
	/* What is accepted need not be canonical, so its own bytes need not be these. */
	if (status == TALLY_OK)
	{
		check_tally(&t, &m);
		check_tally(&decoded, &m);
	}
}

static void
try_text(const unsigned char *bytes, size_t size)
{
	char	   *text = fuzz_allocate(NULL, size + 1);
	const char *at = text;
	tally		t;
	model		m = {0};
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	tally_status status;

	memcpy(text, bytes, size);
	text[size] = '\0';
	tally_init(&t, &fuzz_host);
	if (!tally_read_text(&at, &t, &status))
	{
		check(status == TALLY_OK || status == TALLY_TOO_MANY);
		return;
	}
	check(status == TALLY_OK && at > text && at <= text + size && at[-1] == '}');
	tally_open(&cursor, &t);
	while (tally_next(&cursor, &pair, &found) == TALLY_OK && found)
		model_add(&m, pair.value, pair.count);
	check_tally(&t, &m);
}

/* ------------------------------------------------------------------ operations */

#define NUM_TALLIES		3

static int32_t
choose_value(fuzz_choices *choices)
{
	switch (fuzz_choose(choices, 1) % 4)
	{
		case 0:
			return (int32_t) fuzz_choose(choices, 1);
		case 1:
			return (int32_t) (fuzz_choose(choices, 2) % 4096);
		case 2:
			return (int32_t) (65536 - 16 + fuzz_choose(choices, 1) % 32);
		default:
			return (int32_t) (fuzz_choose(choices, 4) & INT32_MAX);
	}
}

/* From 1 to 2^63 - 1, near a power of two as often as not. */
static int64_t
choose_count(fuzz_choices *choices)
{
	uint64_t	power = UINT64_C(1) << fuzz_choose(choices, 1) % 64;
	uint64_t	count = power - 2 + fuzz_choose(choices, 1) % 4;

	return count - 1 < (uint64_t) INT64_MAX ? (int64_t) count : 1;
}

static void
forget(tally *t, model *m)
{
	tally_init(t, &fuzz_host);
	*m = (model) {0};
}

static void
add_run(tally *t, model *m, fuzz_choices *choices)
{
	int64_t		value = choose_value(choices);
	int64_t		step = (int64_t) fuzz_choose(choices, 1) - 64;

	for (uint64_t count = fuzz_choose(choices, 1) + 1; count > 0 && value >= 0 && value <= TALLY_MAX_VALUE; count--)
	{
		if (m->num_values == INT64_MAX)
			break;
		check(tally_add(t, (int32_t) value) == TALLY_OK);
		model_add(m, value, 1);
		value += step;
	}
}

/* Opens a tally as it is, or its bytes. */
static void
open_some_way(tally_cursor *cursor, tally *t, fuzz_choices *choices)
{
	if (fuzz_choose(choices, 1) % 2 == 0)
		tally_open(cursor, t);
	else
	{
		size_t		size;
		const unsigned char *bytes = tally_encode(t, &size);

		check(tally_open_bytes(cursor, bytes, size) == TALLY_OK);
	}
}

static void
try_operations(const unsigned char *bytes, size_t size)
{
	fuzz_choices choices = {bytes, bytes + size};
	tally		tallies[NUM_TALLIES];
	model		models[NUM_TALLIES] = {{0}};

	for (int i = 0; i < NUM_TALLIES; i++)
		tally_init(&tallies[i], &fuzz_host);
	while (choices.next < choices.end)
	{
		unsigned	operation = (unsigned) fuzz_choose(&choices, 1);
		unsigned	which = operation % NUM_TALLIES;
		unsigned	other = (which + 1) % NUM_TALLIES;
		tally	   *t = &tallies[which];
		model	   *m = &models[which];
		tally_cursor cursor;
		tally_cursor other_cursor;
		tally_status status;
		int32_t		value;
		int64_t		count;
		bool		possible = true;
		int			order;

		switch (operation / NUM_TALLIES % 8)
		{
			case 0:
				value = choose_value(&choices);
				status = tally_add(t, value);
				check(status == (m->num_values < INT64_MAX ? TALLY_OK : TALLY_TOO_MANY));
				if (status == TALLY_OK)
					model_add(m, value, 1);
				break;
			case 1:
				add_run(t, m, &choices);
				break;
			case 2:
				value = choose_value(&choices);
				count = choose_count(&choices);
				status = tally_add_many(t, value, count);
				check(status == (count <= INT64_MAX - m->num_values ? TALLY_OK : TALLY_TOO_MANY));
				if (status == TALLY_OK)
					model_add(m, value, count);
				break;
			case 3:
				value = choose_value(&choices);
				if (value % 2 == 0 && m->size > 0)
					value = (int32_t) m->pairs[(size_t) value % m->size].value;
				status = tally_remove(t, value);
				check(status == (model_count(m, value) > 0 ? TALLY_OK : TALLY_BELOW_ZERO));
				if (status == TALLY_OK)
					model_add(m, value, -1);
				break;
			case 4:
				open_some_way(&cursor, &tallies[other], &choices);
				status = tally_merge(t, &cursor);
				check(status == (models[other].num_values <= INT64_MAX - m->num_values ? TALLY_OK : TALLY_TOO_MANY));
				if (status != TALLY_OK)
				{
					forget(t, m);
					break;
				}
				for (size_t i = 0; i < models[other].size; i++)
					model_add(m, models[other].pairs[i].value, models[other].pairs[i].count);
				break;
			case 5:
				open_some_way(&cursor, &tallies[other], &choices);
				status = tally_subtract(t, &cursor);
				for (size_t i = 0; i < models[other].size && possible; i++)
					possible = model_count(m, models[other].pairs[i].value) >= models[other].pairs[i].count;
				check(status == (possible ? TALLY_OK : TALLY_BELOW_ZERO));
				if (status != TALLY_OK)
				{
					forget(t, m);
					break;
				}
				for (size_t i = 0; i < models[other].size; i++)
					model_add(m, models[other].pairs[i].value, -models[other].pairs[i].count);
				break;
			case 6:
				open_some_way(&cursor, t, &choices);
				open_some_way(&other_cursor, &tallies[other], &choices);
				check(tally_compare(&cursor, &other_cursor, &order) == TALLY_OK);
				check(order == model_compare(m, &models[other]));
				break;
			default:
				tally_open(&cursor, t);
				check_content(&cursor, m);
				break;
		}
	}
	for (int i = 0; i < NUM_TALLIES; i++)
		check_tally(&tallies[i], &models[i]);
}

static void
try_input(const unsigned char *bytes, size_t size)
{
	if (size == 0)
		return;
	switch (bytes[0] % 3)
	{
		case 0:
			try_bytes(bytes + 1, size - 1);
			break;
		case 1:
			try_text(bytes + 1, size - 1);
			break;
		default:
			try_operations(bytes + 1, size - 1);
			break;
	}
}

FUZZ_TARGET(try_input)
