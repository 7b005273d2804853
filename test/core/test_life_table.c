/*
 * test_life_table.c
 *		Life tables against plain counts: content, laws, canonical bytes and text, steps, and bytes and text that nobody wrote.
 */
#include "core/life_table.h"

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
release_life_table(life_table *t)
{
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		if (t->parts[part] == NULL)
			continue;
		if (t->parts[part]->pairs != NULL)
			release_block(NULL, t->parts[part]->pairs);
		if (t->parts[part]->buffer != NULL)
			release_block(NULL, t->parts[part]->buffer);
		if (t->parts[part]->dense != NULL)
			release_block(NULL, t->parts[part]->dense);
		if (t->parts[part]->pending != NULL)
			release_block(NULL, t->parts[part]->pending);
		release_block(NULL, t->parts[part]);
	}
}

static void
must(tally_status status)
{
	if (status != TALLY_OK)
		abort();
}

/* ------------------------------------------------------------------ units and starts */

static void
check_start(life_table_unit unit, int64_t start, const char *expected)
{
	char		text[LIFE_TABLE_START_TEXT_SIZE];

	life_table_write_start(unit, (int32_t) start, text);
	is_text(text, expected, "%s %lld", life_table_unit_name(unit), (long long) start);
}

static void
test_starts(void)
{
	life_table_unit unit = UNIT_SECOND;

	ok(life_table_find_unit("minute", 6, &unit) && unit == UNIT_MINUTE, "a unit has a name");
	ok(life_table_find_unit("days", 3, &unit) && unit == UNIT_DAY, "which need not end with a zero");
	ok(!life_table_find_unit("days", 4, &unit) && !life_table_find_unit("", 0, &unit) && !life_table_find_unit("Day", 3, &unit),
	   "and no other");
	/* Python's datetime: date(2024, 2, 29) - date(1900, 1, 1) is 45,349 days, date(9999, 12, 31) - date(1900, 1, 1) 2,958,463. */
	check_start(UNIT_DAY, 0, "1900-01-01");
	check_start(UNIT_DAY, 45349, "2024-02-29");
	check_start(UNIT_DAY, 45350, "2024-03-01");
	check_start(UNIT_DAY, 2958463, "9999-12-31");
	is_int(life_table_max_start(UNIT_DAY), 2958463, "days to the year 9999");
	check_start(UNIT_HOUR, 45349 * 24 + 5, "2024-02-29T05Z");
	check_start(UNIT_HOUR, life_table_max_start(UNIT_HOUR), "9999-12-31T23Z");
	check_start(UNIT_MINUTE, 45349 * 1440 + 5 * 60 + 7, "2024-02-29T05:07Z");
	/* datetime(1900, 1, 1) + timedelta(minutes=2**31 - 1) and datetime(2000, 1, 1) + timedelta(seconds=2**31 - 1) */
	check_start(UNIT_MINUTE, life_table_max_start(UNIT_MINUTE), "5983-01-24T02:07Z");
	check_start(UNIT_SECOND, 0, "2000-01-01T00:00:00Z");
	check_start(UNIT_SECOND, life_table_max_start(UNIT_SECOND), "2068-01-19T03:14:07Z");
	is_int(life_table_start(UNIT_DAY, 0), 36524, "the beginning of 2000 as a day");
	is_int(life_table_start(UNIT_SECOND, -1), -1, "what is before the first start is out of range");
}

/* Every day from 1900 to 2400 against a calendar that counts on. */
static void
test_calendar(void)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = 1900;
	int			month = 1;
	int			day = 1;
	int			same = 1;

	for (int32_t start = 0; year < 2400; start++)
	{
		char		text[LIFE_TABLE_START_TEXT_SIZE];
		char		expected[64];
		int			leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		life_table_write_start(UNIT_DAY, start, text);
		sprintf(expected, "%04d-%02d-%02d", year, month, day);
		same = same && strcmp(text, expected) == 0;
		if (++day > days[month - 1] + (month == 2 && leap))
		{
			day = 1;
			if (++month > 12)
			{
				month = 1;
				year++;
			}
		}
	}
	ok(same, "every day of five centuries is written as itself");
}

/* ------------------------------------------------------------------ text */

/* The text of what bytes hold. */
static void
write_text(life_table *t, char *text)
{
	size_t		size;
	unsigned char *bytes = life_table_encode(t, &size);
	life_table_reader reader;

	must(life_table_open(&reader, bytes, size));
	text += sprintf(text, "{unit: %s", life_table_unit_name(reader.unit));
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		tally_cursor cursor;
		tally_pair	pair;
		bool		found;
		int			first = 1;

		must(life_table_open_part(&reader, part, &cursor));
		while (tally_next(&cursor, &pair, &found) == TALLY_OK && found)
		{
			char		start[LIFE_TABLE_START_TEXT_SIZE];

			if (first && part == LIFE_TABLE_CENSORED)
				text += sprintf(text, ", censored: {");
			else if (first && part == LIFE_TABLE_OPEN)
				text += sprintf(text, ", open: {");
			else if (first)
				text += sprintf(text, ", %d: {", part);
			if (part == LIFE_TABLE_OPEN)
			{
				life_table_write_start(reader.unit, (int32_t) pair.value, start);
				text += sprintf(text, "%s%s:%lld", first ? "" : ", ", start, (long long) pair.count);
			}
			else
				text += sprintf(text, "%s%lld:%lld", first ? "" : ", ", (long long) pair.value, (long long) pair.count);
			first = 0;
		}
		if (!first)
			text += sprintf(text, "}");
	}
	sprintf(text, "}");
	release_block(NULL, bytes);
}

static const char *const valid[] = {
	"{unit: second}",
	"{unit: day, censored: {3:2, 9:1}, 1: {2:5}, 2: {4:1}, open: {2024-01-03:2}}",
	"{unit: day, 32: {0:1, 2147483647:1}}",
	"{unit: day, 9: {1:1}, 10: {1:1}, 31: {1:1}}",
	"{unit: hour, open: {1900-01-01T00Z:1, 2024-02-29T23Z:3, 9999-12-31T23Z:1}}",
	"{unit: minute, open: {1900-01-01T00:00Z:1, 5983-01-24T02:07Z:9223372036854775806}}",
	"{unit: second, open: {2000-01-01T00:00:00Z:1, 2024-02-29T23:59:59Z:3, 2068-01-19T03:14:07Z:1}}",
	"{unit: day, open: {1900-01-01:1, 2000-02-29:1, 9999-12-31:1}}",
};

static const char *const invalid[] = {
	"", " ", "{", "}", "{}", "unit: day", "{unit}", "{unit: }", "{unit: days}", "{unit: Day}", "{unit: da}", "{unit: week}", "{unit day}",
	"{unit: day", "{unit: day,}", "{unit: day}}", "{unit: day} x", "{unit: day 1: {1:1}}", "{1: {1:1}}", "{1: {1:1}, unit: day}",
	"{unit: day, unit: day}", "{unit: day, 0: {1:1}}", "{unit: day, 33: {1:1}}", "{unit: day, 01: {1:1}}", "{unit: day, 100: {1:1}}",
	"{unit: day, -1: {1:1}}", "{unit: day, x: {1:1}}", "{unit: day, 1: {}}", "{unit: day, censored: {}}", "{unit: day, open: {}}",
	"{unit: day, 1: {1:0}}", "{unit: day, 1: {1:-1}}", "{unit: day, 1: {-1:1}}", "{unit: day, 1: {2:1, 1:1}}", "{unit: day, 1: {1:1, 1:1}}",
	"{unit: day, 1: {2147483648:1}}", "{unit: day, 1: {1:9223372036854775808}}", "{unit: day, 1: {1}}", "{unit: day, 1: 1:1}",
	"{unit: day, 1: {1:1}, 1: {1:1}}", "{unit: day, 2: {1:1}, 1: {1:1}}", "{unit: day, 1: {1:1}, censored: {1:1}}",
	"{unit: day, open: {2024-01-01:1}, 1: {1:1}}", "{unit: day, open: {5:1}}", "{unit: day, open: {2024-01-01}}", "{unit: day, open: {2024-01-01:0}}",
	"{unit: day, open: {2023-02-29:1}}", "{unit: day, open: {1900-02-29:1}}", "{unit: day, open: {2024-13-01:1}}", "{unit: day, open: {2024-00-01:1}}",
	"{unit: day, open: {2024-01-00:1}}", "{unit: day, open: {1899-12-31:1}}", "{unit: day, open: {24-01-01:1}}", "{unit: day, open: {2024-1-1:1}}",
	"{unit: day, open: {10000-01-01:1}}", "{unit: day, open: {2024-01-02:1, 2024-01-01:1}}", "{unit: day, open: {2024-01-01:1, 2024-01-01:1}}",
	"{unit: day, open: {2024-01-01:1,}}", "{unit: day, open: {2024-01-01:9223372036854775808}}", "{unit: day, open: {2024-01-01T00Z:1}}",
	"{unit: hour, open: {2024-01-01:1}}", "{unit: hour, open: {2024-01-01T24Z:1}}", "{unit: hour, open: {2024-01-01T05:1}}",
	"{unit: hour, open: {2024-01-01T05:00Z:1}}", "{unit: hour, open: {2024-01-01 05Z:1}}", "{unit: minute, open: {2024-01-01T05:60Z:1}}",
	"{unit: minute, open: {5983-01-24T02:08Z:1}}", "{unit: second, open: {2024-01-01T05:07:60Z:1}}", "{unit: second, open: {2068-01-19T03:14:08Z:1}}",
	"{unit: second, open: {1999-12-31T23:59:59Z:1}}", "{unit: second, open: {2024-01-01T05:07:09+00:1}}",
};

static void
test_text(void)
{
	char		text[1024];
	tally_status status;

	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
	{
		life_table	t;
		char	   *copy = tap_exact_copy(valid[i], strlen(valid[i]) + 1);

		life_table_init(&t, UNIT_SECOND, &host);
		if (ok(life_table_read_text(&t, copy, &status), "%s is read", valid[i]))
		{
			write_text(&t, text);
			is_text(text, valid[i], "and written as it was");
		}
		release_life_table(&t);
		free(copy);
	}
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
	{
		life_table	t;
		char	   *copy = tap_exact_copy(invalid[i], strlen(invalid[i]) + 1);

		life_table_init(&t, UNIT_SECOND, &host);
		ok(!life_table_read_text(&t, copy, &status) && status == TALLY_OK, "%s is refused", invalid[i]);
		release_life_table(&t);
		free(copy);
	}
	{
		life_table	t;

		life_table_init(&t, UNIT_SECOND, &host);
		ok(life_table_read_text(&t, "\t{ unit\n:day ,1 : { 1 : 2 , 3:4 } , open:{2024-01-01 : 1 ,2024-01-02:1 }\v} ", &status), "white space is free");
		write_text(&t, text);
		is_text(text, "{unit: day, 1: {1:2, 3:4}, open: {2024-01-01:1, 2024-01-02:1}}", "and not kept");
		release_life_table(&t);
		life_table_init(&t, UNIT_SECOND, &host);
		ok(!life_table_read_text(&t, "{unit: day, 1: {1:9223372036854775807}, open: {2024-01-01:1}}", &status) && status == TALLY_TOO_MANY,
		   "more than 2^63 - 1 in all parts are too many");
		release_life_table(&t);
	}
	is_int(live_blocks, 0, "every block was released");
}

/* Changed text is refused or read as something that is written and read again as itself. */
static void
test_mutated_text(void)
{
	int			sane = 1;
	int			accepted = 0;
	int			tries = 0;

	for (int round = 0; round < 40000; round++)
	{
		char		text[512];
		char		again[1024];
		char	   *copy;
		life_table	t;
		tally_status status;

		strcpy(text, valid[tap_random(sizeof(valid) / sizeof(valid[0]))]);
		for (unsigned i = tap_random(3); i < 3; i++)
			tap_mutate(text, "{}:, 0123456789-TZopencrdauyhmst");
		copy = tap_exact_copy(text, strlen(text) + 1);
		life_table_init(&t, UNIT_SECOND, &host);
		tries++;
		if (life_table_read_text(&t, copy, &status))
		{
			life_table	u;

			accepted++;
			write_text(&t, text);
			life_table_init(&u, UNIT_SECOND, &host);
			if (life_table_read_text(&u, text, &status))
			{
				write_text(&u, again);
				sane = sane && strcmp(text, again) == 0 && t.num_values == u.num_values;
			}
			else
				sane = 0;
			release_life_table(&u);
		}
		release_life_table(&t);
		free(copy);
	}
	ok(sane, "changed text is refused, or a life table's");
	ok(accepted > tries / 100 && accepted < tries, "some of it is (%d of %d)", accepted, tries);
	is_int(live_blocks, 0, "every block was released");
}

/* ------------------------------------------------------------------ bytes */

static void
check_bytes(const char *text, const char *expected, const char *name)
{
	life_table	t;
	tally_status status;
	unsigned char *bytes;
	size_t		size;
	char		hex[256] = "";

	life_table_init(&t, UNIT_SECOND, &host);
	if (!life_table_read_text(&t, text, &status))
		abort();
	bytes = life_table_encode(&t, &size);
	for (size_t i = 0; i < size && i < 100; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	is_text(hex, expected, "%s", name);
	release_block(NULL, bytes);
	release_life_table(&t);
}

/* A life table of a few of many kinds. */
static void
fill(life_table *t, unsigned count)
{
	int			num_causes = (int) tap_random(4) * 5;

	for (unsigned i = 0; i < count; i++)
	{
		int			part = (int) tap_random((unsigned) num_causes + 2);

		if (part > num_causes)
			part = LIFE_TABLE_OPEN;
		must(life_table_add(t, part, (int32_t) tap_random(tap_random(4) == 0 ? 2000000 : 90), tap_random(5) == 0 ? 1 + tap_random(9) : 1));
	}
}

static void
test_bytes(void)
{
	int			sane = 1;
	int			accepted = 0;
	int			tries = 0;

	/* Version 1, unit 0; no causes; twice the two bytes of the empty tally (test_tally.c). */
	check_bytes("{unit: second}", "1000021100021100", "the empty life table");
	/*
	 * Version 1, unit 3; two causes; nothing censored, nothing of cause 1, one 5 of cause 2, nothing open.  The 5 is coded as a gap with
	 * parameter 1: from the lowest bit up 10000 000000, the low bit 1, the rest 2 as 110, and the count - 1 as 0.
	 */
	check_bytes("{unit: day, 2: {5:1}}", "1302" "021100" "021100" "0411010138" "021100", "one event of cause 2");
	for (int round = 0; round < 3000; round++)
	{
		life_table	t;
		unsigned char *bytes;
		size_t		size;

		life_table_init(&t, (life_table_unit) tap_random(4), &host);
		fill(&t, tap_random(60));
		bytes = life_table_encode(&t, &size);
		for (int mutation = 0; mutation < 20; mutation++)
		{
			unsigned char *copy = (unsigned char *) tap_exact_copy((char *) bytes, size);
			size_t		length = size;
			life_table	u;

			if (mutation > 0 && tap_random(3) == 0)
				length = tap_random((unsigned) size);
			if (length < size)
			{
				free(copy);
				copy = (unsigned char *) tap_exact_copy((char *) bytes, length);
			}
			for (unsigned i = 0; mutation > 0 && length > 0 && i < 1 + tap_random(2); i++)
				copy[tap_random((unsigned) length)] ^= (unsigned char) (1 << tap_random(8));
			life_table_init(&u, UNIT_SECOND, &host);
			if (life_table_read_bytes(&u, copy, length))
			{
				size_t		again_size;
				unsigned char *again = life_table_encode(&u, &again_size);

				sane = sane && again_size == length && memcmp(again, copy, length) == 0 && u.num_values >= 0;
				accepted += mutation > 0;
				release_block(NULL, again);
			}
			else if (mutation == 0)
				sane = 0;
			else
			{
				/* Stored bytes are not read first: each reader must be safe on what it finds. */
				life_table_reader reader;
				survival_step *steps = NULL;
				size_t		num_steps;
				int64_t		count;
				int			order;
				life_table	merged;

				if (life_table_open(&reader, copy, length) == TALLY_OK)
				{
					(void) life_table_count(&reader, 0, LIFE_TABLE_PARTS - 1, &count);
					(void) life_table_compare(&reader, &reader, &order);
					(void) life_table_steps(&reader, 1, &host, &steps, &num_steps);
					release_block(NULL, steps);
					life_table_init(&merged, reader.unit, &host);
					(void) life_table_merge(&merged, &reader);
					(void) life_table_subtract(&merged, &reader);
					release_life_table(&merged);
				}
			}
			tries++;
			release_life_table(&u);
			free(copy);
		}
		release_block(NULL, bytes);
		release_life_table(&t);
	}
	ok(sane, "changed bytes are refused, or canonical; what was written is read");
	ok(accepted > 0 && accepted < tries / 2, "few of them are (%d of %d)", accepted, tries);
	is_int(live_blocks, 0, "every block was released");
}

/* ------------------------------------------------------------------ laws */

static int
same_bytes(life_table *a, life_table *b)
{
	size_t		sizes[2];
	unsigned char *bytes[2] = {life_table_encode(a, &sizes[0]), life_table_encode(b, &sizes[1])};
	int			same = sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0;

	release_block(NULL, bytes[0]);
	release_block(NULL, bytes[1]);
	return same;
}

static void
test_laws(void)
{
	int			merged_same = 1;
	int			subtracted_same = 1;
	int			removed_same = 1;
	int			ordered = 1;
	int			closed_same = 1;
	int			censored_same = 1;

	for (int round = 0; round < 300; round++)
	{
		life_table	tables[3];
		life_table	whole;
		life_table	merged;
		life_table	closed;
		life_table	direct;
		life_table	censored;
		life_table	cut;
		int32_t		at = (int32_t) tap_random(9);
		life_table_reader readers[3];
		unsigned char *bytes[3];
		int			orders[3][3];

		life_table_init(&whole, UNIT_DAY, &host);
		life_table_init(&merged, UNIT_DAY, &host);
		life_table_init(&closed, UNIT_DAY, &host);
		life_table_init(&direct, UNIT_DAY, &host);
		life_table_init(&censored, UNIT_DAY, &host);
		life_table_init(&cut, UNIT_DAY, &host);
		for (int i = 0; i < 3; i++)
			life_table_init(&tables[i], UNIT_DAY, &host);
		for (unsigned i = tap_random(60); i > 0; i--)
		{
			int			part = (int) tap_random(4);
			int32_t		value = (int32_t) tap_random(tap_random(4) == 0 ? 2000000 : 9);

			if (part == 3)
				part = LIFE_TABLE_OPEN;
			must(life_table_add(&whole, part, value, 1));
			must(life_table_add(&tables[tap_random(3)], part, value, 1));
			must(life_table_add(&direct, part == LIFE_TABLE_OPEN ? LIFE_TABLE_CENSORED : part, part == LIFE_TABLE_OPEN ? 2000000 - value : value, 1));
			if (part != LIFE_TABLE_OPEN)
				must(life_table_add(&cut, value <= at ? part : LIFE_TABLE_CENSORED, value <= at ? value : at, 1));
		}
		for (int i = 0; i < 3; i++)
		{
			size_t		size;

			bytes[i] = life_table_encode(&tables[i], &size);
			must(life_table_open(&readers[i], bytes[i], size));
		}
		for (int i = 0; i < 3; i++)
		{
			int			which = (i + round) % 3;

			must(life_table_merge(&merged, &readers[which]));
			must(life_table_merge_closed(&closed, &readers[which], 2000000));
			must(life_table_merge_censored(&censored, &readers[which], at));
		}
		merged_same = merged_same && same_bytes(&merged, &whole) && merged.num_values == whole.num_values;
		closed_same = closed_same && same_bytes(&closed, &direct);
		censored_same = censored_same && same_bytes(&censored, &cut);
		/* Without the second and third it is the first, however they are taken away. */
		must(life_table_subtract(&merged, &readers[1]));
		for (int part = 0; part < LIFE_TABLE_PARTS; part++)
		{
			tally_cursor cursor;
			tally_pair	pair;
			bool		found;

			must(life_table_open_part(&readers[2], part, &cursor));
			while (tally_next(&cursor, &pair, &found) == TALLY_OK && found)
			{
				for (; pair.count > 0; pair.count--)
					removed_same = removed_same && life_table_remove(&merged, part, (int32_t) pair.value) == TALLY_OK;
			}
		}
		subtracted_same = subtracted_same && same_bytes(&merged, &tables[0]) && merged.num_values == tables[0].num_values;
		for (int i = 0; i < 9; i++)
			must(life_table_compare(&readers[i / 3], &readers[i % 3], &orders[i / 3][i % 3]));
		for (int i = 0; i < 3; i++)
		{
			for (int j = 0; j < 3; j++)
			{
				ordered = ordered && orders[i][j] == -orders[j][i] && (orders[i][j] == 0) == same_bytes(&tables[i], &tables[j]);
				for (int k = 0; k < 3; k++)
					ordered = ordered && !(orders[i][j] < 0 && orders[j][k] < 0 && orders[i][k] >= 0);
			}
		}
		for (int i = 0; i < 3; i++)
		{
			release_block(NULL, bytes[i]);
			release_life_table(&tables[i]);
		}
		release_life_table(&whole);
		release_life_table(&merged);
		release_life_table(&closed);
		release_life_table(&direct);
		release_life_table(&censored);
		release_life_table(&cut);
	}
	ok(merged_same, "parts merged in another order are the whole, to the byte");
	ok(subtracted_same, "what was added is taken away exactly");
	ok(removed_same, "one by one too");
	ok(closed_same, "what is open is closed as if it had been added closed");
	ok(censored_same, "what lasts longer is censored as if it had been added cut short");
	ok(ordered, "the order is total, and equal is what has equal bytes");
	is_int(live_blocks, 0, "every block was released");
}

static void
test_limits(void)
{
	life_table	t;
	life_table	u;
	life_table_reader reader;
	unsigned char *bytes;
	size_t		size;

	life_table_init(&t, UNIT_DAY, &host);
	life_table_init(&u, UNIT_DAY, &host);
	is_int(life_table_remove(&t, 1, 5), TALLY_BELOW_ZERO, "nothing cannot be taken away");
	is_int(life_table_add(&t, 1, 5, INT64_MAX - 1), TALLY_OK, "2^63 - 2 values can be held");
	is_int(life_table_add(&t, 2, 5, 1), TALLY_OK, "and one more elsewhere");
	is_int(life_table_add(&t, 3, 5, 1), TALLY_TOO_MANY, "but no other");
	bytes = life_table_encode(&t, &size);
	must(life_table_open(&reader, bytes, size));
	must(life_table_add(&u, LIFE_TABLE_OPEN, 5, 1));
	is_int(life_table_merge(&u, &reader), TALLY_TOO_MANY, "nor by merging, in whatever part");
	release_life_table(&u);
	life_table_init(&u, UNIT_DAY, &host);
	must(life_table_add(&u, 1, 5, 1));
	is_int(life_table_subtract(&u, &reader), TALLY_BELOW_ZERO, "more than there is cannot be taken away");
	release_block(NULL, bytes);
	release_life_table(&t);
	release_life_table(&u);
	is_int(live_blocks, 0, "every block was released");
}

/* ------------------------------------------------------------------ steps */

static void
test_steps(void)
{
	/* time, at risk, events, of cause 2, censored: counted by hand */
	static const survival_step expected[] = {{2, 14, 5, 0, 0}, {3, 9, 2, 2, 2}, {4, 5, 4, 3, 0}, {9, 1, 0, 0, 1}};
	life_table	t;
	tally_status status;
	life_table_reader reader;
	unsigned char *bytes;
	size_t		size;
	survival_step *steps;
	size_t		num_steps;
	int			same = 1;

	life_table_init(&t, UNIT_DAY, &host);
	if (!life_table_read_text(&t, "{unit: day, censored: {3:2, 9:1}, 1: {2:5, 4:1}, 2: {3:2, 4:3}, open: {2024-01-01:7}}", &status))
		abort();
	bytes = life_table_encode(&t, &size);
	must(life_table_open(&reader, bytes, size));
	is_int(life_table_steps(&reader, 2, &host, &steps, &num_steps), TALLY_OK, "steps are made");
	if (is_int((long long) num_steps, 4, "one for each time"))
	{
		for (int i = 0; i < 4; i++)
			same = same && steps[i].time == expected[i].time && steps[i].num_at_risk == expected[i].num_at_risk &&
				steps[i].num_events == expected[i].num_events && steps[i].num_of_cause == expected[i].num_of_cause &&
				steps[i].num_censored == expected[i].num_censored;
		ok(same, "with what happened at it, and who was at risk");
	}
	release_block(NULL, steps);
	release_block(NULL, bytes);
	release_life_table(&t);

	/* More than there is room for at first. */
	life_table_init(&t, UNIT_DAY, &host);
	for (int32_t i = 0; i < 1000; i++)
		must(life_table_add(&t, i % 3, i, 1));
	bytes = life_table_encode(&t, &size);
	must(life_table_open(&reader, bytes, size));
	must(life_table_steps(&reader, 0, &host, &steps, &num_steps));
	is_int((long long) num_steps, 1000, "a thousand times");
	same = 1;
	for (int i = 0; i < (int) num_steps; i++)
		same = same && steps[i].time == i && steps[i].num_at_risk == 1000 - i && steps[i].num_events == (i % 3 != 0) &&
			steps[i].num_of_cause == 0 && steps[i].num_censored == (i % 3 == 0);
	ok(same, "each with its one");
	release_block(NULL, steps);
	release_block(NULL, bytes);
	release_life_table(&t);
	is_int(live_blocks, 0, "every block was released");
}

int
main(void)
{
	test_starts();
	test_calendar();
	test_text();
	test_mutated_text();
	test_bytes();
	test_laws();
	test_limits();
	test_steps();
	return done_testing();
}
