/*
 * fuzz_funnel.c
 *		Funnels from bytes and texts that nobody wrote, in order or not, and their episodes.
 *
 * The first byte of the input says what the rest is: bytes of a funnel as they are stored, bytes that travel, text, or events of two
 * funnels to be put in order and merged.
 */
#include "fuzz.h"

#include "core/funnel.h"

/* ------------------------------------------------------------------ what holds of every funnel in order */

/* The furthest stage by the definition, with a look at every event for every stage; 0 without an entry. */
static int
find_furthest_stage(const funnel *f)
{
	size_t		at = 0;
	int64_t		entry;
	int			stage = 1;

	while (at < f->num_events && funnel_get_event(f->events, at).stage != 1)
		at++;
	if (at == f->num_events)
		return 0;
	entry = funnel_get_event(f->events, at).at;
	for (size_t i = at + 1; i < f->num_events; i++)
	{
		funnel_event event = funnel_get_event(f->events, i);

		if (event.stage == stage + 1 && (__int128) event.at - entry <= f->window)
			stage++;
	}
	return stage;
}

static void
check_episodes(const funnel *f)
{
	funnel_episode episode;
	size_t		position = 0;
	size_t		start = 0;
	int			num_episodes = 0;

	while (funnel_next_episode(f, &position, &episode))
	{
		check(position > start && position <= f->num_events);
		check(episode.furthest_stage >= 1 && episode.furthest_stage <= FUNNEL_MAX_STAGE);
		for (int i = 0; i < episode.furthest_stage; i++)
		{
			bool		happened = false;

			check(i == 0 || episode.reached_at[i] >= episode.reached_at[i - 1]);
			check((__int128) episode.reached_at[i] - episode.reached_at[0] <= f->window);
			for (size_t j = start; j < position && !happened; j++)
				happened = funnel_get_event(f->events, j).stage == i + 1 && funnel_get_event(f->events, j).at == episode.reached_at[i];
			check(happened);
		}
		/* A gap ends it, or there is no more. */
		check(position == f->num_events || (__int128) funnel_get_event(f->events, position).at -
			  funnel_get_event(f->events, position - 1).at > f->window);
		if (num_episodes++ == 0)
			check(episode.furthest_stage == funnel_furthest_stage(f));
		start = position;
	}
	check(position == f->num_events);
	check(funnel_furthest_stage(f) == find_furthest_stage(f));
	check((num_episodes > 0) == (funnel_furthest_stage(f) > 0));
}

static unsigned char *
write_bytes(const funnel *f)
{
	unsigned char *bytes = fuzz_allocate(NULL, FUNNEL_SIZE(f->num_events));

	funnel_put_header(bytes, f->window, f->num_events);
	memcpy(bytes + FUNNEL_HEADER_SIZE, f->events, f->num_events * FUNNEL_EVENT_SIZE);
	return bytes;
}

static char *
write_text(const funnel *f)
{
	char	   *text = fuzz_allocate(NULL, FUNNEL_WINDOW_TEXT_SIZE + f->num_events * FUNNEL_EVENT_TEXT_SIZE + 64);
	char	   *at = text;
	char		window[FUNNEL_WINDOW_TEXT_SIZE];
	char		event[FUNNEL_EVENT_TEXT_SIZE];

	funnel_format_window(f->window, window);
	at += sprintf(at, "{within: %s, events: {", window);
	for (size_t i = 0; i < f->num_events; i++)
	{
		funnel_format_event(funnel_get_event(f->events, i), event);
		at += sprintf(at, "%s%s", i > 0 ? ", " : "", event);
	}
	strcpy(at, "}}");
	return text;
}

static void
put_big_endian(unsigned char *bytes, uint64_t number, int size)
{
	for (; size > 0; number >>= 8)
		bytes[--size] = (unsigned char) number;
}

static unsigned char *
write_binary(const funnel *f, size_t *size)
{
	unsigned char *binary;

	*size = FUNNEL_BINARY_HEADER_SIZE + f->num_events * FUNNEL_EVENT_SIZE;
	binary = fuzz_allocate(NULL, *size);
	binary[0] = FUNNEL_VERSION;
	put_big_endian(binary + 1, (uint64_t) f->window, 8);
	put_big_endian(binary + 9, f->num_events, 4);
	for (size_t i = 0; i < f->num_events; i++)
	{
		funnel_event event = funnel_get_event(f->events, i);
		unsigned char *at = binary + FUNNEL_BINARY_HEADER_SIZE + i * FUNNEL_EVENT_SIZE;

		put_big_endian(at, (uint64_t) event.at, 8);
		at[8] = (unsigned char) event.stage;
	}
	return binary;
}

/* Reads a text, which ends where its memory does; NULL where it is refused. */
static unsigned char *
read_text(const char *text)
{
	unsigned char *bytes = fuzz_allocate(NULL, FUNNEL_SIZE(FUNNEL_EVENTS_IN_TEXT(strlen(text))));
	size_t		num_events;
	funnel		f;

	if (!funnel_read_text(text, bytes, &num_events, fuzz_never_interrupted))
		return NULL;
	check(num_events <= FUNNEL_EVENTS_IN_TEXT(strlen(text)));
	check(funnel_open(&f, bytes, FUNNEL_SIZE(num_events)) && f.num_events == num_events);
	check(funnel_examine(&f) == FUNNEL_IN_ORDER);
	return bytes;
}

/* A funnel in order is the same by way of its text and of the bytes that travel. */
static void
check_funnel(const funnel *f)
{
	const unsigned char *bytes = write_bytes(f);
	const unsigned char *from_text = read_text(write_text(f));
	unsigned char *from_binary = fuzz_allocate(NULL, FUNNEL_SIZE(f->num_events));
	size_t		size;
	const unsigned char *binary = write_binary(f, &size);
	size_t		num_events;

	check(funnel_examine(f) == FUNNEL_IN_ORDER);
	check(from_text != NULL && memcmp(from_text, bytes, FUNNEL_SIZE(f->num_events)) == 0);
	check(funnel_open_binary(binary, size, &num_events) && num_events == f->num_events);
	check(funnel_read_binary(binary, num_events, from_binary) && memcmp(from_binary, bytes, FUNNEL_SIZE(f->num_events)) == 0);
	check_episodes(f);
}

/* ------------------------------------------------------------------ putting in order */

static int
compare_events(const void *a, const void *b)
{
	funnel_event x = funnel_get_event(a, 0);
	funnel_event y = funnel_get_event(b, 0);

	if (x.at != y.at)
		return x.at < y.at ? -1 : 1;
	return x.stage - y.stage;
}

/* Puts the events of a funnel in order, as the library's own sort does. */
static funnel
put_in_order(const funnel *f)
{
	size_t		size = f->num_events * FUNNEL_EVENT_SIZE;
	unsigned char *events = fuzz_allocate(NULL, size);
	unsigned char *expected = fuzz_allocate(NULL, size);
	unsigned char *scratch = f->num_events > FUNNEL_SHORT_RUN ? fuzz_allocate(NULL, size) : NULL;
	funnel		sorted = {f->window, 0, events};
	size_t		kept = 0;

	memcpy(events, f->events, size);
	sorted.num_events = funnel_sort(events, f->num_events, scratch, fuzz_never_interrupted);
	memcpy(expected, f->events, size);
	qsort(expected, f->num_events, FUNNEL_EVENT_SIZE, compare_events);
	for (size_t i = 0; i < f->num_events; i++)
	{
		if (i == 0 || compare_events(expected + (kept - 1) * FUNNEL_EVENT_SIZE, expected + i * FUNNEL_EVENT_SIZE) != 0)
			memmove(expected + kept++ * FUNNEL_EVENT_SIZE, expected + i * FUNNEL_EVENT_SIZE, FUNNEL_EVENT_SIZE);
	}
	check(sorted.num_events == kept && memcmp(events, expected, kept * FUNNEL_EVENT_SIZE) == 0);
	return sorted;
}

/* ------------------------------------------------------------------ bytes and text */

static void
try_stored(const unsigned char *bytes, size_t size)
{
	funnel		f;
	funnel		sorted;
	funnel_state state;

	if (!funnel_open(&f, bytes, size))
		return;
	check(f.window >= 0 && FUNNEL_SIZE(f.num_events) <= size);
	state = funnel_examine(&f);
	if (state == FUNNEL_DAMAGED)
		return;
	sorted = put_in_order(&f);
	if (state == FUNNEL_IN_ORDER)
		check(sorted.num_events == f.num_events && memcmp(sorted.events, f.events, f.num_events * FUNNEL_EVENT_SIZE) == 0);
	check_funnel(&sorted);
}

static void
try_binary(const unsigned char *binary, size_t size)
{
	size_t		num_events;
	size_t		own_size;
	unsigned char *bytes;
	const unsigned char *own;
	funnel		f;

	if (!funnel_open_binary(binary, size, &num_events))
		return;
	check(num_events <= size / FUNNEL_EVENT_SIZE);
	bytes = fuzz_allocate(NULL, FUNNEL_SIZE(num_events));
	if (!funnel_read_binary(binary, num_events, bytes))
		return;
	check(funnel_open(&f, bytes, FUNNEL_SIZE(num_events)) && f.num_events == num_events);
	/* Only canonical bytes are let in. */
	own = write_binary(&f, &own_size);
	check(own_size == size && memcmp(own, binary, size) == 0);
	check_funnel(&f);
}

/* What is left of a text without white space, the same in any locale. */
static char *
without_space(const char *text)
{
	char	   *result = fuzz_allocate(NULL, strlen(text) + 1);
	char	   *at = result;

	for (; *text != '\0'; text++)
	{
		if (strchr(" \t\n\v\f\r", *text) == NULL)
			*at++ = *text;
	}
	*at = '\0';
	return result;
}

static void
try_text(const unsigned char *bytes, size_t size)
{
	char	   *text;
	const unsigned char *read;
	funnel		f;

	size = strnlen((const char *) bytes, size);
	text = fuzz_allocate(NULL, size + 1);
	memcpy(text, bytes, size);
	text[size] = '\0';
	read = read_text(text);
	if (read == NULL)
		return;
	check(funnel_open(&f, read, FUNNEL_SIZE(FUNNEL_EVENTS_IN_TEXT(size))));
	/* What is read is what would be written, white space aside. */
	check(strcmp(without_space(write_text(&f)), without_space(text)) == 0);
	check_funnel(&f);
}

/* ------------------------------------------------------------------ two funnels */

static int64_t
choose_time(fuzz_choices *choices, int64_t previous)
{
	switch (fuzz_choose(choices, 1) % 4)
	{
		case 0:
			return FUNNEL_FIRST_TIME + (int64_t) fuzz_choose(choices, 1);
		case 1:
			return FUNNEL_END_OF_TIME - 1 - (int64_t) fuzz_choose(choices, 1);
		case 2:
			return (int64_t) fuzz_choose(choices, 6);
		default:
			return previous < FUNNEL_END_OF_TIME - 256 ? previous + (int64_t) fuzz_choose(choices, 1) : previous;
	}
}

static void
try_two(const unsigned char *bytes, size_t size)
{
	fuzz_choices choices = {bytes, bytes + size};
	int64_t		window = (int64_t) (fuzz_choose(&choices, 8) >> (1 + fuzz_choose(&choices, 1) % 63));
	funnel		funnels[2];
	funnel		both = {window, 0, NULL};
	funnel		merged = {window, 0, NULL};
	unsigned char *events[3];	/* of each, and of both */
	unsigned char *merged_events;
	int64_t		at = 0;

	for (int i = 0; i < 3; i++)
		events[i] = fuzz_allocate(NULL, (size + 1) * FUNNEL_EVENT_SIZE);
	for (int i = 0; i < 2; i++)
		funnels[i] = (funnel) {window, 0, events[i]};
	while (choices.next < choices.end)
	{
		unsigned	choice = (unsigned) fuzz_choose(&choices, 1);
		funnel	   *f = &funnels[choice % 2];
		int			stage = (int) (choice / 2 % FUNNEL_MAX_STAGE) + 1;

		at = choose_time(&choices, at);
		funnel_put_event(events[choice % 2], f->num_events++, at, stage);
		funnel_put_event(events[2], both.num_events++, at, stage);
	}
	both.events = events[2];
	both = put_in_order(&both);
	check_funnel(&both);
	for (int i = 0; i < 2; i++)
	{
		check(funnel_examine(&funnels[i]) != FUNNEL_DAMAGED);
		funnels[i] = put_in_order(&funnels[i]);
	}
	merged_events = fuzz_allocate(NULL, (funnels[0].num_events + funnels[1].num_events) * FUNNEL_EVENT_SIZE);
	merged.num_events = funnel_merge(&funnels[0], &funnels[1], merged_events, fuzz_never_interrupted);
	check(merged.num_events == both.num_events && memcmp(merged_events, both.events, both.num_events * FUNNEL_EVENT_SIZE) == 0);
}

static void
try_input(const unsigned char *bytes, size_t size)
{
	if (size == 0)
		return;
	switch (bytes[0] % 4)
	{
		case 0:
			try_stored(bytes + 1, size - 1);
			break;
		case 1:
			try_binary(bytes + 1, size - 1);
			break;
		case 2:
			try_text(bytes + 1, size - 1);
			break;
		default:
			try_two(bytes + 1, size - 1);
			break;
	}
}

FUZZ_TARGET(try_input)
