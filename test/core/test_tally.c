/*
 * test_tally.c
 *		Tallies against a plain sorted array: content, laws of merging, canonical bytes, and bytes that nobody wrote.
 */
#include "core/tally.h"

#include "tap.h"

/* ------------------------------------------------------------------ surroundings */

static long live_blocks = 0;

static void *
allocate_block(void *context, size_t size)
{
	void	   *block = malloc(size > 0 ? size : 1);

	(void) context;
	if (block == NULL)
		abort();
	memset(block, 0xA5, size);	/* nobody may count on zeros */
	live_blocks++;
	return block;
}

static void
release_block(void *context, void *block)
{
	(void) context;
	live_blocks--;
	free(block);
}

static void
never_interrupted(void)
{
}

static const tally_host host = {allocate_block, release_block, never_interrupted, NULL};

static void
release_tally(tally *t)
{
	if (t->pairs != NULL)
		release_block(NULL, t->pairs);
	if (t->buffer != NULL)
		release_block(NULL, t->buffer);
	if (t->dense != NULL)
		release_block(NULL, t->dense);
	if (t->pending != NULL)
		release_block(NULL, t->pending);
}

/* ------------------------------------------------------------------ a plain model: the values, sorted */

static int
compare_values(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return (x > y) - (x < y);
}

/* The tally holds exactly these values, however it is read. */
static int
holds(tally_cursor *cursor, const int32_t *values, size_t count)
{
	int32_t    *sorted = malloc((count + 1) * sizeof(int32_t));
	tally_pair	pair;
	bool		found;
	size_t		at = 0;
	int			same = 1;

	memcpy(sorted, values, count * sizeof(int32_t));
	qsort(sorted, count, sizeof(int32_t), compare_values);
	while (tally_next(cursor, &pair, &found) == TALLY_OK && found && same)
	{
		size_t		end = at;

		while (end < count && sorted[end] == sorted[at])
			end++;
		same = at < count && pair.value == sorted[at] && pair.count == (int64_t) (end - at);
		at = end;
	}
	free(sorted);
	return same && at == count;
}

/* Values of very different kinds, so that every way of growing and both codings are met. */
static int32_t
random_value(int kind)
{
	switch (kind % 7)
	{
		case 0:
			return (int32_t) tap_random(10);
		case 1:
			return (int32_t) (120 + tap_random(2000) + tap_random(2000));
		case 2:
			return (int32_t) tap_random(65536);
		case 3:
			return (int32_t) (65530 + tap_random(12));
		case 4:
			return (int32_t) tap_random(0x7fffffffu);
		case 5:
			return tap_random(2) == 0 ? 0 : INT32_MAX;
		default:
			return tap_random(50) == 0 ? (int32_t) tap_random(0x7fffffffu) : (int32_t) (300 + tap_random(60));
	}
}

static void
test_content(void)
{
	static const size_t sizes[] = {0, 1, 2, 15, 16, 17, 63, 64, 65, 700, 5000, 70000, 200000};
	int			grown = 1;
	int			coded = 1;
	int			canonical = 1;
	int			merged_same = 1;

	for (int kind = 0; kind < 7; kind++)
	{
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		{
			size_t		count = sizes[s];
			int32_t    *values = malloc((count + 1) * sizeof(int32_t));
			tally		whole;
			tally		parts[9];
			tally		merged;
			tally_cursor cursor;
			unsigned char *bytes;
			unsigned char *merged_bytes;
			size_t		size;
			size_t		merged_size;

			tally_init(&whole, &host);
			tally_init(&merged, &host);
			for (int p = 0; p < 9; p++)
				tally_init(&parts[p], &host);
			for (size_t i = 0; i < count; i++)
			{
				values[i] = random_value(kind);
				if (tally_add(&whole, values[i]) != TALLY_OK || tally_add(&parts[tap_random(9)], values[i]) != TALLY_OK)
					abort();
			}
			tally_open(&cursor, &whole);
			grown = grown && holds(&cursor, values, count);
			bytes = tally_encode(&whole, &size);
			coded = coded && tally_open_bytes(&cursor, bytes, size) == TALLY_OK && holds(&cursor, values, count);

			/* Merged in some order, half of the parts from bytes, the whole has the same content and the same bytes. */
			for (int p = 0; p < 9; p++)
			{
				tally	   *part = &parts[(p * 4 + kind) % 9];

				if (p % 2 == 0)
				{
					unsigned char *part_bytes;
					size_t		part_size;

					part_bytes = tally_encode(part, &part_size);
					if (tally_open_bytes(&cursor, part_bytes, part_size) != TALLY_OK || tally_merge(&merged, &cursor) != TALLY_OK)
						abort();
					release_block(NULL, part_bytes);
				}
				else
				{
					tally_open(&cursor, part);
					if (tally_merge(&merged, &cursor) != TALLY_OK)
						abort();
				}
			}
			tally_open(&cursor, &merged);
			merged_same = merged_same && holds(&cursor, values, count) && merged.num_values == whole.num_values;
			merged_bytes = tally_encode(&merged, &merged_size);
			canonical = canonical && merged_size == size && memcmp(merged_bytes, bytes, size) == 0;

			/* It can go on growing after it was read. */
			if (tally_add(&merged, 77) != TALLY_OK)
				abort();
			values[count] = 77;
			tally_open(&cursor, &merged);
			merged_same = merged_same && holds(&cursor, values, count + 1);

			release_block(NULL, bytes);
			release_block(NULL, merged_bytes);
			for (int p = 0; p < 9; p++)
				release_tally(&parts[p]);
			release_tally(&whole);
			release_tally(&merged);
			free(values);
		}
	}
	ok(grown, "a grown tally holds what was added");
	ok(coded, "so do its bytes");
	ok(merged_same, "parts merged in another order hold the whole");
	ok(canonical, "and have the same bytes");
	is_int(live_blocks, 0, "every block was released");
}

/* ------------------------------------------------------------------ the bytes, worked out by hand */

static void
check_bytes(const tally_pair *pairs, size_t count, const char *expected, const char *name)
{
	tally		t;
	unsigned char *bytes;
	size_t		size;
	char		hex[256] = "";

	tally_init(&t, &host);
	for (size_t i = 0; i < count; i++)
	{
		if (tally_append(&t, (int32_t) pairs[i].value, pairs[i].count) != TALLY_OK)
			abort();
	}
	bytes = tally_encode(&t, &size);
	for (size_t i = 0; i < size && i < 100; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	is_text(hex, expected, "%s", name);
	release_block(NULL, bytes);
	release_tally(&t);
}

static void
test_bytes(void)
{
	static const tally_pair one[] = {{5, 1}};
	static const tally_pair run[] = {{10, 1}, {11, 1}, {12, 1}, {13, 1}, {14, 1}, {15, 1}, {16, 1}, {17, 1},
	{18, 1}, {19, 1}, {20, 1}, {21, 1}, {22, 1}, {23, 1}, {24, 1}, {25, 1}, {26, 1}, {27, 1}, {28, 1}, {29, 1}};

	/* Version 1, gaps, no value. */
	check_bytes(NULL, 0, "1100", "the empty tally");
	/*
	 * The gap 5 has 11/16 of the mean 3, so parameter 1, or 2 where shorter: 5 >> 1 = 2 takes 1 + 3 bits, 5 >> 2 = 1 takes 2 + 2: as
	 * long, so 1.  Bits, from the lowest: 10000 000000, then of the gap the low bit 1 and the rest 110, count - 1 = 0 as 0.
	 */
	check_bytes(one, 1, "11010138", "one value");
	/*
	 * As gaps: 11 bits of parameters, the first gap 10 in 11 bits, 19 gaps of 0 and 20 counts - 1 of 0 in a bit each: 61 bits,
	 * 8 bytes behind a header of 2.  As bins: 10, then 29 - 10 = 19, then the parameter 0 in 6 bits and 20 counts of 1 as 10:
	 * 46 bits, 6 bytes behind a header of 3, which is less.
	 */
	check_bytes(run, 20, "120a13405555555515", "a run of successive values");
}

static void
test_coding_choice(void)
{
	tally		dense;
	tally		sparse;
	tally		repeated;
	unsigned char *bytes;
	size_t		size;

	tally_init(&dense, &host);
	tally_init(&sparse, &host);
	tally_init(&repeated, &host);
	for (int32_t i = 0; i < 1000; i++)
	{
		if (tally_append(&dense, i, 1000 + i % 7) != TALLY_OK || tally_append(&sparse, i * 100000, 1) != TALLY_OK ||
			tally_append(&repeated, i * 100000, 1000) != TALLY_OK)
			abort();
	}
	bytes = tally_encode(&dense, &size);
	is_int(bytes[0], 0x12, "counts a bin where that is shorter");
	release_block(NULL, bytes);
	bytes = tally_encode(&sparse, &size);
	is_int(bytes[0], 0x13, "sorted values where hardly any is there twice");
	/* A gap of 99,999 takes at least log2(99,999) = 16.6 bits. */
	ok(size > 1000 * 16 / 8 && size < 1000 * 22 / 8, "in about as many bits as a gap has");
	release_block(NULL, bytes);
	bytes = tally_encode(&repeated, &size);
	is_int(bytes[0], 0x11, "pairs where values lie far apart and are there often");
	release_block(NULL, bytes);
	release_tally(&dense);
	release_tally(&sparse);
	release_tally(&repeated);
}

/* ------------------------------------------------------------------ limits */

static void
test_limits(void)
{
	tally		t;
	tally		u;
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	tally_summary summary;
	unsigned char *bytes;
	size_t		size;

	tally_init(&t, &host);
	is_int(tally_append(&t, 3, INT64_MAX), TALLY_OK, "2^63 - 1 values can be held");
	is_int(tally_add(&t, 3), TALLY_TOO_MANY, "one more cannot be added");
	is_int(tally_append(&t, 4, 1), TALLY_TOO_MANY, "nor appended");
	bytes = tally_encode(&t, &size);
	ok(tally_open_bytes(&cursor, bytes, size) == TALLY_OK && tally_next(&cursor, &pair, &found) == TALLY_OK && found &&
	   pair.value == 3 && pair.count == INT64_MAX, "its bytes hold them too");
	tally_open(&cursor, &t);
	is_int(tally_summarise(&cursor, &summary), TALLY_OK, "it can be summarised");
	ok(summary.total_overflows, "the total is known to be too large");
	ok(summary.mean == 3, "the mean is exact all the same");

	tally_init(&u, &host);
	if (tally_add(&u, 3) != TALLY_OK)
		abort();
	tally_open(&cursor, &t);
	is_int(tally_merge(&u, &cursor), TALLY_TOO_MANY, "merging finds it too");
	release_tally(&u);
	release_tally(&t);

	/* A dense count that outgrows 32 bits. */
	tally_init(&t, &host);
	tally_init(&u, &host);
	for (int32_t i = 0; i < 40000; i++)
	{
		if (tally_add(&t, i % 100) != TALLY_OK)
			abort();
	}
	if (tally_append(&u, 7, UINT32_MAX) != TALLY_OK || tally_append(&u, 8, 1) != TALLY_OK)
		abort();
	tally_open(&cursor, &u);
	is_int(tally_merge(&t, &cursor), TALLY_OK, "a count above 2^32 can be merged into a dense tally");
	is_int(tally_add(&t, 7), TALLY_OK, "and grows on");
	tally_open(&cursor, &t);
	while (tally_next(&cursor, &pair, &found) == TALLY_OK && found && pair.value < 7)
		continue;
	is_int(pair.count, (long long) UINT32_MAX + 401, "by the right number");
	release_block(NULL, bytes);
	release_tally(&t);
	release_tally(&u);
}

/* ------------------------------------------------------------------ reading */

static void
test_readers(void)
{
	tally		t;
	tally_cursor cursor;
	tally_summary summary;
	int64_t		within;
	int64_t		num_values;
	int64_t		ranks[] = {0, 0, 1, 3, 4};
	int64_t		values[5];

	tally_init(&t, &host);
	tally_open(&cursor, &t);
	is_int(tally_summarise(&cursor, &summary), TALLY_OK, "an empty tally can be summarised");
	is_int(summary.num_values, 0, "as no values");
	tally_open(&cursor, &t);
	is_int(tally_values_at(&cursor, ranks, 1, values), TALLY_MALFORMED, "it has no value at any rank");
	/* 2, 3, 3, 8, 84: mean 20 */
	if (tally_add(&t, 84) || tally_add(&t, 3) || tally_add(&t, 8) || tally_add(&t, 3) || tally_add(&t, 2))
		abort();
	tally_open(&cursor, &t);
	(void) tally_summarise(&cursor, &summary);
	is_int(summary.num_values, 5, "number");
	is_int(summary.total, 100, "total");
	is_int(summary.minimum, 2, "minimum");
	is_int(summary.maximum, 84, "maximum");
	ok(summary.mean == 20, "mean");
	tally_open(&cursor, &t);
	(void) tally_count_within(&cursor, 3, &within, &num_values);
	is_int(within, 3, "the limit itself is within");
	is_int(num_values, 5, "all are counted");
	tally_open(&cursor, &t);
	is_int(tally_values_at(&cursor, ranks, 5, values), TALLY_OK, "values at ranks");
	ok(values[0] == 2 && values[1] == 2 && values[2] == 3 && values[3] == 8 && values[4] == 84, "are the order statistics");
	release_tally(&t);
}

/* ------------------------------------------------------------------ changing */

/* A value of few, so that what is added is met again: small ones, and ones on both sides of where dense counting ends. */
static int32_t
recurring_value(int kind)
{
	return kind == 0 ? (int32_t) tap_random(40) : (int32_t) (65500 + tap_random(40) + (tap_random(9) == 0 ? 1000000 : 0));
}

/*
 * Random additions, removals, merges and subtractions, against a plain list of what should be there; reading and coding in
 * between must change nothing.
 */
static void
test_changes(void)
{
	int			as_expected = 1;
	int			refused = 1;

	for (int round = 0; round < 400; round++)
	{
		static int32_t values[4000];
		size_t		count = 0;
		int			kind = round % 2;
		tally		t;
		tally_cursor cursor;

		tally_init(&t, &host);
		for (int step = 0; step < 150; step++)
		{
			int32_t		value = recurring_value(kind);
			tally		other;

			switch (tap_random(8))
			{
				case 0:
				case 1:
					as_expected = as_expected && tally_add(&t, value) == TALLY_OK;
					values[count++] = value;
					break;
				case 2:
					for (int64_t n = 1 + tap_random(3); n > 0; n--)
					{
						as_expected = as_expected && tally_add_many(&t, value, 1) == TALLY_OK;
						values[count++] = value;
					}
					break;
				case 3:
					as_expected = as_expected && tally_add_many(&t, value, 5) == TALLY_OK;
					for (int n = 0; n < 5; n++)
						values[count++] = value;
					break;
				case 4:
					if (count > 0)
					{
						size_t		at = tap_random((unsigned) count);

						as_expected = as_expected && tally_remove(&t, values[at]) == TALLY_OK;
						values[at] = values[--count];
					}
					break;
				case 5:
					tally_init(&other, &host);
					for (int n = 0; n < 6; n++)
					{
						value = recurring_value(kind);
						as_expected = as_expected && tally_add(&other, value) == TALLY_OK;
						values[count++] = value;
					}
					tally_open(&cursor, &other);
					as_expected = as_expected && tally_merge(&t, &cursor) == TALLY_OK;
					release_tally(&other);
					break;
				case 6:
					tally_init(&other, &host);
					for (int n = 0; n < 6 && count > 0; n++)
					{
						size_t		at = tap_random((unsigned) count);

						as_expected = as_expected && tally_add(&other, values[at]) == TALLY_OK;
						values[at] = values[--count];
					}
					tally_open(&cursor, &other);
					as_expected = as_expected && tally_subtract(&t, &cursor) == TALLY_OK;
					release_tally(&other);
					break;
				default:
					refused = refused && tally_remove(&t, 2000000000) == TALLY_BELOW_ZERO;
					if (tap_random(2) == 0)
					{
						size_t		size;

						release_block(NULL, tally_encode(&t, &size));
					}
					break;
			}
			as_expected = as_expected && t.num_values == (int64_t) count;
			if (step % 10 == 0)
			{
				tally_open(&cursor, &t);
				as_expected = as_expected && holds(&cursor, values, count);
			}
		}
		release_tally(&t);
	}
	ok(as_expected, "any sequence of changes leaves what it should");
	ok(refused, "a value that is not there cannot be removed");
}

static void
from_text(tally *t, const char *text)
{
	tally_status status;

	tally_init(t, &host);
	if (!tally_read_text(&text, t, &status) || *text != '\0')
		abort();
}

/* What was copied unsorted is what it was copied from. */
static void
test_copy(void)
{
	static const int32_t values[] = {70000, 5, 5, 900};
	tally		t;
	tally		copy;
	tally_cursor cursor;

	tally_init(&t, &host);
	tally_init(&copy, &host);
	ok(!tally_copy_unsorted(&copy, &t), "there is nothing unsorted in an empty tally");
	for (int i = 0; i < 4; i++)
	{
		if (tally_add(&t, values[i]) != TALLY_OK)
			abort();
	}
	ok(tally_copy_unsorted(&copy, &t) && copy.num_values == 4, "single values are copied");
	tally_open(&cursor, &copy);
	ok(holds(&cursor, values, 4), "all of them");
	ok(tally_add(&copy, 7) == TALLY_OK && t.num_values == 4, "a copy is changed by itself");
	release_tally(&copy);
	tally_open(&cursor, &t);
	tally_init(&copy, &host);
	ok(!tally_copy_unsorted(&copy, &t), "there is nothing unsorted in what was read");
	ok(tally_add(&t, 1) == TALLY_OK && !tally_copy_unsorted(&copy, &t), "nor is all of it when more is added");
	release_tally(&t);
}

/* Sorted values that the second may not take away from the first. */
static void
test_subtraction_below_zero(void)
{
	static const char *const pairs[][2] = {{"{}", "{1:1}"}, {"{1:1}", "{1:2}"}, {"{1:1, 3:1}", "{2:1}"}, {"{1:1}", "{1:1, 9:1}"},
	{"{70000:1}", "{70001:1}"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
	{
		tally		a;
		tally		b;
		tally_cursor cursor;

		from_text(&a, pairs[i][0]);
		from_text(&b, pairs[i][1]);
		tally_open(&cursor, &b);
		ok(tally_subtract(&a, &cursor) == TALLY_BELOW_ZERO, "%s cannot be taken from %s", pairs[i][1], pairs[i][0]);
		release_tally(&a);
		release_tally(&b);
	}
}

/* The order of arrays of the sorted values, written out. */
static void
test_order(void)
{
	static const char *const ascending[] = {"{}", "{1:1}", "{1:2}", "{1:2, 5:1}", "{1:2, 6:1}", "{1:1, 2:1}", "{1:1, 2:2}", "{1:1, 3:1}",
	"{2:1}", "{2:3}", "{70000:1}"};
	size_t		count = sizeof(ascending) / sizeof(ascending[0]);

	for (size_t i = 0; i < count; i++)
	{
		for (size_t j = 0; j < count; j++)
		{
			tally		a;
			tally		b;
			tally_cursor cursors[2];
			int			result = 9;

			from_text(&a, ascending[i]);
			from_text(&b, ascending[j]);
			tally_open(&cursors[0], &a);
			tally_open(&cursors[1], &b);
			ok(tally_compare(&cursors[0], &cursors[1], &result) == TALLY_OK && result == (i > j) - (i < j), "%s against %s",
			   ascending[i], ascending[j]);
			release_tally(&a);
			release_tally(&b);
		}
	}
}

/* By hand: 1, 2, 2, 7 have mean 3 and squared distances 4 + 1 + 1 + 16. */
static void
test_spread(void)
{
	tally		t;
	tally_cursor cursor;
	tally_summary summary;
	double		variance;
	int64_t		counts[4];
	static const int64_t edges[] = {2, 3, 8};

	from_text(&t, "{1:1, 2:2, 7:1}");
	tally_open(&cursor, &t);
	tally_summarise(&cursor, &summary);
	tally_open(&cursor, &t);
	ok(tally_variance(&cursor, &summary, &variance) == TALLY_OK && variance == 22.0 / 3, "variance of four values");
	tally_open(&cursor, &t);
	ok(tally_count_between(&cursor, edges, 3, counts) == TALLY_OK && counts[0] == 1 && counts[1] == 2 && counts[2] == 1 && counts[3] == 0,
	   "counts between edges");
	release_tally(&t);
	/* As large as can be: half at each end have a variance of (2^31 - 1)^2 / 4, but for n / (n - 1). */
	from_text(&t, "{0:4611686018427387903, 2147483647:4611686018427387903}");
	tally_open(&cursor, &t);
	tally_summarise(&cursor, &summary);
	tally_open(&cursor, &t);
	ok(tally_variance(&cursor, &summary, &variance) == TALLY_OK && variance == 2147483647.0 * 2147483647.0 / 4,
	   "variance of 2^63 - 2 values at both ends of the range");
	release_tally(&t);
}

/* ------------------------------------------------------------------ hostile bytes */

/* Reads all; whatever the bytes, it must end, within its memory, with values that ascend within the range. */
static int
reads_sanely(const unsigned char *bytes, size_t size, int *accepted)
{
	tally_cursor cursor;
	tally_pair	pair;
	bool		found = true;
	int64_t		previous = -1;
	int64_t		total = 0;
	tally_status status = tally_open_bytes(&cursor, bytes, size);

	while (status == TALLY_OK && found)
	{
		status = tally_next(&cursor, &pair, &found);
		if (status == TALLY_OK && found)
		{
			if (pair.value <= previous || pair.value > TALLY_MAX_VALUE || pair.count < 1 || pair.count > INT64_MAX - total)
				return 0;
			previous = pair.value;
			total += pair.count;
		}
	}
	*accepted += status == TALLY_OK;
	return status == TALLY_OK || status == TALLY_MALFORMED;
}

static void
test_hostile(void)
{
	int			sane = 1;
	int			accepted = 0;
	int			cut_accepted = 0;
	long		tries = 0;

	for (int round = 0; round < 3000; round++)
	{
		tally		t;
		unsigned char *bytes;
		size_t		size;
		int			kind = (int) tap_random(7);
		unsigned	count = tap_random(200);

		tally_init(&t, &host);
		for (unsigned i = 0; i < count; i++)
		{
			if (tally_add(&t, random_value(kind)) != TALLY_OK)
				abort();
		}
		bytes = tally_encode(&t, &size);
		for (int mutation = 0; mutation < 20; mutation++)
		{
			unsigned char *copy = (unsigned char *) tap_exact_copy((char *) bytes, size);

			for (unsigned changes = 1 + tap_random(3); changes > 0; changes--)
				copy[tap_random((unsigned) size)] ^= (unsigned char) (1 << tap_random(8));
			sane = sane && reads_sanely(copy, size, &accepted);
			free(copy);
			tries++;
		}
		for (size_t cut = 0; cut < size; cut += 1 + size / 10)
		{
			unsigned char *copy = (unsigned char *) tap_exact_copy((char *) bytes, cut);

			sane = sane && reads_sanely(copy, cut, &cut_accepted);
			free(copy);
		}
		release_block(NULL, bytes);
		release_tally(&t);
	}
	for (int round = 0; round < 200000; round++)
	{
		unsigned	size = tap_random(40);
		unsigned char noise[40];

		for (unsigned i = 0; i < size; i++)
			noise[i] = (unsigned char) tap_random(256);
		if (size > 0 && tap_random(2) == 0)
			noise[0] = (unsigned char) (0x11 + tap_random(2));
		sane = sane && reads_sanely(noise, size, &accepted);
	}
	ok(sane, "changed, cut and random bytes are read within bounds or refused");
	is_int(cut_accepted, 0, "no cut is taken for a whole");
	ok(accepted > 0 && accepted < tries, "some changes make another valid tally, so the reader does read: %d of %ld", accepted, tries);
}

int
main(void)
{
	test_content();
	test_bytes();
	test_coding_choice();
	test_limits();
	test_readers();
	test_changes();
	test_copy();
	test_subtraction_below_zero();
	test_order();
	test_spread();
	test_hostile();
	return done_testing();
}
