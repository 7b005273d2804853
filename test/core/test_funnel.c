/*
 * test_funnel.c
 *		Funnels: order and duplicates against a plain sort, episodes against a search that follows the definition word by word,
 *		the calendar against the C library, and text and bytes that nobody wrote.
 */
#define _DEFAULT_SOURCE			/* timegm */
#include "core/funnel.h"

#include <time.h>

#include "core/scan.h"
#include "tap.h"

#define SECOND	INT64_C(1000000)
#define DAY		(86400 * SECOND)

static long interrupts = 0;

static void
count_interrupts(void)
{
	interrupts++;
}

/* The canonical bytes of a text, ending where their memory ends; NULL: refused.  The caller frees them. */
static unsigned char *
read_text(const char *text, size_t *num_events)
{
	unsigned char *bytes = malloc(FUNNEL_SIZE(FUNNEL_EVENTS_IN_TEXT(strlen(text))));

	if (bytes == NULL)
		abort();
	if (!funnel_read_text(text, bytes, num_events, count_interrupts))
	{
		free(bytes);
		return NULL;
	}
	return bytes;
}

/* The text of canonical bytes.  The caller frees it. */
static char *
write_text(const unsigned char *bytes, size_t num_events)
{
	funnel		f;
	char	   *text = malloc(64 + FUNNEL_WINDOW_TEXT_SIZE + num_events * (FUNNEL_EVENT_TEXT_SIZE + 2));
	char	   *at = text;
	char		part[FUNNEL_EVENT_TEXT_SIZE];

	if (text == NULL || !funnel_open(&f, bytes, FUNNEL_SIZE(num_events)))
		abort();
	funnel_format_window(f.window, part);
	at += sprintf(at, "{within: %s, events: {", part);
	for (size_t i = 0; i < f.num_events; i++)
	{
		funnel_format_event(funnel_get_event(f.events, i), part);
		at += sprintf(at, "%s%s", i > 0 ? ", " : "", part);
	}
	strcpy(at, "}}");
	return text;
}

static void
strip_space(char *text)
{
	char	   *to = text;

	for (; *text != '\0'; text++)
		if (!is_space(*text))
			*to++ = *text;
	*to = '\0';
}

/* ------------------------------------------------------------------ order */

static int
compare_events(const void *a, const void *b)
{
	const funnel_event *x = a;
	const funnel_event *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->stage - y->stage;
}

static size_t
sort_plainly(funnel_event *events, size_t count)
{
	size_t		kept = 0;

	if (count > 0)
		qsort(events, count, sizeof(funnel_event), compare_events);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare_events(&events[kept - 1], &events[i]) != 0)
			events[kept++] = events[i];
	return kept;
}

static unsigned char *
pack(const funnel_event *events, size_t count)
{
	unsigned char *packed = malloc(count * FUNNEL_EVENT_SIZE + (count == 0));

	if (packed == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		funnel_put_event(packed, i, events[i].at, events[i].stage);
	return packed;
}

static int
are_events(const unsigned char *packed, size_t num_packed, const funnel_event *events, size_t count)
{
	if (num_packed != count)
		return 0;
	for (size_t i = 0; i < count; i++)
	{
		funnel_event event = funnel_get_event(packed, i);

		if (compare_events(&event, &events[i]) != 0)
			return 0;
	}
	return 1;
}

static void
draw(funnel_event *events, size_t count, unsigned int times, unsigned int stages)
{
	for (size_t i = 0; i < count; i++)
	{
		events[i].at = (int64_t) tap_random(times) * DAY - 5 * DAY;
		events[i].stage = 1 + (int) tap_random(stages);
	}
}

static void
test_order(void)
{
	static funnel_event plain[200000];
	int			sorted = 1;
	int			examined = 1;
	int			merged = 1;

	for (int try = 0; try < 3000; try++)
	{
		size_t		count = tap_random(try < 2900 ? 70 : 3000);
		unsigned int times = 1 + tap_random(try % 2 == 0 ? 10 : 100000);
		unsigned char *packed;
		unsigned char *scratch = malloc(count * FUNNEL_EVENT_SIZE + 1);
		funnel		f = {.window = 0, .num_events = count};
		size_t		kept;
		int			in_order;

		draw(plain, count, times, 5);
		if (try % 5 == 0)
			sort_plainly(plain, count);
		packed = pack(plain, count);
		f.events = packed;
		in_order = 1;
		for (size_t i = 1; i < count; i++)
			in_order = in_order && compare_events(&plain[i - 1], &plain[i]) < 0;
		examined = examined && funnel_examine(&f) == (in_order ? FUNNEL_IN_ORDER : FUNNEL_OUT_OF_ORDER);
		kept = sort_plainly(plain, count);
		sorted = sorted && are_events(packed, funnel_sort(packed, count, count > FUNNEL_SHORT_RUN ? scratch : NULL,
														  count_interrupts), plain, kept);
		free(packed);
		free(scratch);
	}
	ok(sorted, "sorting is a plain sort without duplicates, 3000 times");
	ok(examined, "events out of order are found, and only those");

	for (int try = 0; try < 2000; try++)
	{
		size_t		counts[2] = {tap_random(40), tap_random(40)};
		funnel_event both[80];
		funnel		parts[2];
		unsigned char *result;
		unsigned char *packed[2];
		size_t		count = 0;

		for (int i = 0; i < 2; i++)
		{
			draw(plain, counts[i], 12, 3);
			counts[i] = sort_plainly(plain, counts[i]);
			packed[i] = pack(plain, counts[i]);
			parts[i] = (funnel) {.window = 0, .num_events = counts[i], .events = packed[i]};
			for (size_t j = 0; j < counts[i]; j++)
				both[count++] = plain[j];
		}
		result = malloc(count * FUNNEL_EVENT_SIZE + 1);
		counts[0] = funnel_merge(&parts[0], &parts[1], result, count_interrupts);
		merged = merged && are_events(result, counts[0], both, sort_plainly(both, count));
		free(result);
		free(packed[0]);
		free(packed[1]);
	}
	ok(merged, "merging is sorting both together, 2000 times");

	{
		unsigned char *packed;
		unsigned char *scratch = malloc(200000 * FUNNEL_EVENT_SIZE);

		draw(plain, 200000, 1000000, 64);
		packed = pack(plain, 200000);
		interrupts = 0;
		ok(are_events(packed, funnel_sort(packed, 200000, scratch, count_interrupts), plain, sort_plainly(plain, 200000)),
		   "200,000 events are sorted");
		ok(interrupts > 0, "and could be interrupted");
		free(packed);
		free(scratch);
	}
}

/* ------------------------------------------------------------------ bytes */

static void
test_bytes(void)
{
	unsigned char bytes[FUNNEL_SIZE(2)];
	funnel		f;
	uint32_t	word;

	funnel_put_header(bytes, 30 * DAY, 2);
	funnel_put_event(bytes + FUNNEL_HEADER_SIZE, 0, 0, 1);
	funnel_put_event(bytes + FUNNEL_HEADER_SIZE, 1, 0, 2);
	ok(funnel_open(&f, bytes, sizeof(bytes)) && f.num_events == 2 && f.window == 30 * DAY && funnel_examine(&f) == FUNNEL_IN_ORDER,
	   "what is written is read");
	ok(funnel_open(&f, bytes, sizeof(bytes) + 5), "there may be room");
	ok(!funnel_open(&f, bytes, sizeof(bytes) - 1), "there may not be less than the events take");
	for (size_t size = 0; size < FUNNEL_HEADER_SIZE; size++)
		ok(!funnel_open(&f, bytes, size), "%zu bytes are no header", size);
	funnel_put_header(bytes, -1, 2);
	ok(!funnel_open(&f, bytes, sizeof(bytes)), "a negative window");
	funnel_put_header(bytes, 0, FUNNEL_MAX_EVENTS);
	ok(!funnel_open(&f, bytes, sizeof(bytes)), "more events than there are bytes");
	word = UINT32_C(2) << FUNNEL_COUNT_BITS;
	memcpy(bytes, &word, sizeof(word));
	ok(!funnel_open(&f, bytes, sizeof(bytes)), "another version");

	funnel_put_header(bytes, 0, 2);
	{
		const funnel_event impossible[] = {
			{0, 0}, {0, FUNNEL_MAX_STAGE + 1}, {0, 255}, {FUNNEL_FIRST_TIME - 1, 1}, {FUNNEL_END_OF_TIME, 1}, {INT64_MIN, 1}, {INT64_MAX, 1}
		};

		for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
		{
			funnel_put_event(bytes + FUNNEL_HEADER_SIZE, 1, impossible[i].at, impossible[i].stage);
			ok(funnel_open(&f, bytes, sizeof(bytes)) && funnel_examine(&f) == FUNNEL_DAMAGED, "stage %d at %lld cannot be",
			   impossible[i].stage, (long long) impossible[i].at);
		}
	}
}

/* ------------------------------------------------------------------ episodes */

/* Episodes by their definition: cut first, then search each for its entry and for every stage from the beginning. */
static size_t
find_episodes(const funnel_event *events, size_t count, int64_t window, funnel_episode *episodes)
{
	size_t		found = 0;

	for (size_t start = 0, end; start < count; start = end)
	{
		funnel_episode *episode = &episodes[found];
		size_t		last = 0;

		for (end = start + 1; end < count && events[end].at - events[end - 1].at <= window; end++)
			;
		episode->furthest_stage = 0;
		for (int stage = 1; stage <= FUNNEL_MAX_STAGE; stage++)
		{
			size_t		i = stage == 1 ? start : last + 1;

			while (i < end && !(events[i].stage == stage && (stage == 1 || events[i].at <= episode->reached_at[0] + window)))
				i++;
			if (i >= end)
				break;
			last = i;
			episode->reached_at[stage - 1] = events[i].at;
			episode->furthest_stage = stage;
		}
		if (episode->furthest_stage > 0)
			found++;
	}
	return found;
}

static void
test_episodes(void)
{
	int			same = 1;
	int			first = 1;
	long		total = 0;
	long		beyond_first = 0;

	for (int try = 0; try < 20000; try++)
	{
		funnel_event events[60];
		funnel_episode wanted[60];
		funnel_episode episode;
		size_t		count = tap_random(60);
		int64_t		window = (int64_t) tap_random(8) * DAY;
		unsigned char *packed;
		funnel		f;
		size_t		num_wanted;
		size_t		position = 0;

		draw(events, count, 1 + tap_random(120), 1 + tap_random(5));
		count = sort_plainly(events, count);
		packed = pack(events, count);
		f = (funnel) {.window = window, .num_events = count, .events = packed};
		num_wanted = find_episodes(events, count, window, wanted);
		total += (long) num_wanted;
		beyond_first += num_wanted > 1;
		first = first && funnel_furthest_stage(&f) == (num_wanted > 0 ? wanted[0].furthest_stage : 0);
		for (size_t i = 0; i < num_wanted; i++)
			same = same && funnel_next_episode(&f, &position, &episode) && episode.furthest_stage == wanted[i].furthest_stage &&
				memcmp(episode.reached_at, wanted[i].reached_at, (size_t) episode.furthest_stage * sizeof(int64_t)) == 0;
		same = same && !funnel_next_episode(&f, &position, &episode) && position == count;
		free(packed);
	}
	ok(same, "episodes are as they are defined, 20000 times");
	ok(first, "the furthest stage is the first episode's");
	ok(total > 20000 && beyond_first > 1000, "there were enough of them: %ld, more than one in %ld", total, beyond_first);

	/* The ends of time, and a window that reaches beyond them. */
	{
		unsigned char packed[2 * FUNNEL_EVENT_SIZE];
		funnel		f = {.window = INT64_MAX, .num_events = 2, .events = packed};
		funnel_episode episode;
		size_t		position = 0;

		funnel_put_event(packed, 0, FUNNEL_END_OF_TIME - 2, 1);
		funnel_put_event(packed, 1, FUNNEL_END_OF_TIME - 1, 2);
		ok(funnel_furthest_stage(&f) == 2 && funnel_next_episode(&f, &position, &episode) && episode.furthest_stage == 2,
		   "a window may reach beyond the end of time");
		funnel_put_event(packed, 0, FUNNEL_FIRST_TIME, 1);
		position = 0;
		ok(funnel_furthest_stage(&f) == 1 && funnel_next_episode(&f, &position, &episode) && episode.furthest_stage == 1,
		   "the ends of time are further apart than any window");
	}
	/* As many stages as there can be. */
	{
		unsigned char packed[(FUNNEL_MAX_STAGE + 1) * FUNNEL_EVENT_SIZE];
		funnel		f = {.window = DAY, .num_events = FUNNEL_MAX_STAGE + 1, .events = packed};
		funnel_episode episode;
		size_t		position = 0;

		for (int i = 0; i < FUNNEL_MAX_STAGE; i++)
			funnel_put_event(packed, (size_t) i, i, i + 1);
		funnel_put_event(packed, FUNNEL_MAX_STAGE, FUNNEL_MAX_STAGE, FUNNEL_MAX_STAGE);
		ok(funnel_next_episode(&f, &position, &episode) && episode.furthest_stage == FUNNEL_MAX_STAGE &&
		   episode.reached_at[FUNNEL_MAX_STAGE - 1] == FUNNEL_MAX_STAGE - 1, "the last stage is reached");
		is_int(funnel_furthest_stage(&f), FUNNEL_MAX_STAGE, "and is the furthest");
	}
}

/* ------------------------------------------------------------------ text */

static void
test_window_text(void)
{
	const struct
	{
		int64_t		window;
		const char *text;
	}			windows[] = {
		{0, "00:00:00"}, {1, "00:00:00.000001"}, {SECOND / 2, "00:00:00.5"}, {59 * SECOND, "00:00:59"}, {DAY - 1, "23:59:59.999999"},
		{DAY, "1 day"}, {DAY + 9000 * SECOND, "1 day 02:30:00"}, {30 * DAY, "30 days"}, {INT64_MAX, "106751991 days 04:00:54.775807"}
	};
	char		text[FUNNEL_WINDOW_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
	{
		funnel_format_window(windows[i].window, text);
		is_text(text, windows[i].text, "a window of %s", windows[i].text);
	}
}

/* The C library knows the calendar too, for the years that its "struct tm" can hold. */
static void
test_calendar(void)
{
	int			same = 1;
	char		text[FUNNEL_EVENT_TEXT_SIZE];
	char		wanted[FUNNEL_EVENT_TEXT_SIZE + 64];

	for (int64_t day = FUNNEL_FIRST_TIME / DAY; day < FUNNEL_END_OF_TIME / DAY && same; day += day < -731200 || day > 182622 ? 331 : 1)
	{
		int64_t		second = tap_random(86400);
		time_t		time = (time_t) (day * 86400 + second + 946684800);
		struct tm	tm;
		int			year;

		gmtime_r(&time, &tm);
		year = tm.tm_year + 1900;
		sprintf(wanted, "%04d-%02d-%02d %02d:%02d:%02d+00 %s7", year > 0 ? year : 1 - year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
				tm.tm_min, tm.tm_sec, year > 0 ? "" : "BC ");
		funnel_format_event((funnel_event) {(day * 86400 + second) * SECOND, 7}, text);
		same = strcmp(text, wanted) == 0;
		if (!same)
			printf("# have: %s\n# want: %s\n", text, wanted);
	}
	ok(same, "every day from 1 BC to 2500, and others to both ends of time, is the C library's");
	funnel_format_event((funnel_event) {-1, 64}, text);
	is_text(text, "1999-12-31 23:59:59.999999+00 64", "the last moment before 2000");
	funnel_format_event((funnel_event) {FUNNEL_FIRST_TIME, 1}, text);
	is_text(text, "4714-11-24 00:00:00+00 BC 1", "the first moment that there is");
	funnel_format_event((funnel_event) {FUNNEL_END_OF_TIME - 1, 1}, text);
	is_text(text, "294276-12-31 23:59:59.999999+00 1", "the last");
}

static void
test_text(void)
{
	static const char *const good[] = {
		"{within: 30 days, events: {}}",
		"{within: 00:00:00, events: {2000-01-01 00:00:00+00 1}}",
		"{within: 1 day 02:30:00.25, events: {2024-02-29 10:00:00.25+00 1, 2024-02-29 10:00:00.25+00 2, 2024-03-01 00:00:00+00 64}}",
		("{within: 106751991 days 04:00:54.775807, events: {4714-11-24 00:00:00+00 BC 1, 0001-12-31 23:59:59+00 BC 1, "
		 "0001-01-01 00:00:00+00 1, 294276-12-31 23:59:59.999999+00 1}}")
	};
	static const char *const bad[] = {
		"", " ", "{", "{}", "{within: 30 days}", "{within: 30 days, events: {}", "{within: 30 days, events: {}}}",
		"{within: 30 days, events: {}} x", "{within: 30 day, events: {}}", "{within: 1 days, events: {}}", "{within: 30days, events: {}}",
		"{within: 0 days, events: {}}", "{within: 030 days, events: {}}", "{within: -1 days, events: {}}", "{within: 1 mon, events: {}}",
		"{within: 24:00:00, events: {}}", "{within: 30 days 00:00:00, events: {}}", "{within: 30 days 1:00:00, events: {}}",
		"{within: 00:00:00.50, events: {}}", "{within: 00:00:00.0000001, events: {}}", "{within: 00:00:00., events: {}}",
		"{within: 106751991 days 04:00:54.775808, events: {}}", "{within: 106751992 days, events: {}}",
		"{within: 9999999999 days, events: {}}", "{within: 99999999999999999999:00:00, events: {}}",
		"{within: 30 days events: {}}", "{events: {}, within: 30 days}", "{Within: 30 days, events: {}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00}}", "{within: 30 days, events: {2024-01-01 00:00:00+00 0}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 65}}", "{within: 30 days, events: {2024-01-01 00:00:00+00 01}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 -1}}", "{within: 30 days, events: {2024-01-01 00:00:00+01 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:00 1}}", "{within: 30 days, events: {2024-01-01 1}}",
		"{within: 30 days, events: {2023-02-29 00:00:00+00 1}}", "{within: 30 days, events: {2024-13-01 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-00-01 00:00:00+00 1}}", "{within: 30 days, events: {2024-01-00 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-1-1 00:00:00+00 1}}", "{within: 30 days, events: {24-01-01 00:00:00+00 1}}",
		"{within: 30 days, events: {0000-01-01 00:00:00+00 1}}", "{within: 30 days, events: {0000-01-01 00:00:00+00 BC 1}}",
		"{within: 30 days, events: {4714-11-23 00:00:00+00 BC 1}}", "{within: 30 days, events: {294277-01-01 00:00:00+00 1}}",
		"{within: 30 days, events: {999999999-01-01 00:00:00+00 1}}", "{within: 30 days, events: {2024-01-01 24:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:60+00 1}}", "{within: 30 days, events: {2024-01-01T00:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-01 999999999:00:00+00 1}}", "{within: 30 days, events: {infinity 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 1,}}", "{within: 30 days, events: {,2024-01-01 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 1 2024-01-02 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 1, 2024-01-01 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-01 00:00:00+00 2, 2024-01-01 00:00:00+00 1}}",
		"{within: 30 days, events: {2024-01-02 00:00:00+00 1, 2024-01-01 00:00:00+00 1}}"
	};
	const char *spaced = " {\n within :1  day\t02:30:00 , events:\v{ 2024-01-01\r\n00:00:00+00\f1\t,2024-01-02 00:00:00+00  2 }\n}\t ";
	size_t		num_events;
	unsigned char *bytes;
	char	   *text;
	int			sound = 1;
	long		accepted = 0;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		bytes = read_text(good[i], &num_events);
		if (!ok(bytes != NULL, "%s is read", good[i]))
			continue;
		text = write_text(bytes, num_events);
		is_text(text, good[i], "and written as it was");
		free(text);
		free(bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		bytes = read_text(bad[i], &num_events);
		ok(bytes == NULL, "\"%s\" is refused", bad[i]);
		free(bytes);
	}
	bytes = read_text(spaced, &num_events);
	if (ok(bytes != NULL, "white space is free"))
	{
		text = write_text(bytes, num_events);
		is_text(text, "{within: 1 day 02:30:00, events: {2024-01-01 00:00:00+00 1, 2024-01-02 00:00:00+00 2}}", "and is not kept");
		free(text);
	}
	free(bytes);

	/* Whatever is changed: what is read is written as it was, white space aside. */
	for (int try = 0; try < 200000 && sound; try++)
	{
		char		mutated[400];
		char		copy[400];

		strcpy(mutated, good[1 + tap_random(3)]);
		for (unsigned int i = tap_random(3); i < 3; i++)
			tap_mutate(mutated, "0123456789:-+. ,{}dBC\n");
		strcpy(copy, mutated);
		text = tap_exact_copy(mutated, strlen(mutated) + 1);
		bytes = read_text(text, &num_events);
		free(text);
		if (bytes == NULL)
			continue;
		accepted++;
		text = write_text(bytes, num_events);
		free(bytes);
		strip_space(text);
		strip_space(copy);
		sound = strcmp(text, copy) == 0;
		if (!sound)
			printf("# read: %s\n# written: %s\n", copy, text);
		free(text);
	}
	ok(sound, "no mutated text is read as another");
	ok(accepted > 1000, "some of them were read: %ld", accepted);
}

/* ------------------------------------------------------------------ what travels */

static size_t
write_binary(const unsigned char *bytes, size_t num_events, unsigned char *binary)
{
	funnel		f;
	size_t		size = 0;

	if (!funnel_open(&f, bytes, FUNNEL_SIZE(num_events)))
		abort();
	binary[size++] = FUNNEL_VERSION;
	for (int shift = 56; shift >= 0; shift -= 8)
		binary[size++] = (unsigned char) ((uint64_t) f.window >> shift);
	for (int shift = 24; shift >= 0; shift -= 8)
		binary[size++] = (unsigned char) (num_events >> shift);
	for (size_t i = 0; i < num_events; i++)
	{
		funnel_event event = funnel_get_event(f.events, i);

		for (int shift = 56; shift >= 0; shift -= 8)
			binary[size++] = (unsigned char) ((uint64_t) event.at >> shift);
		binary[size++] = (unsigned char) event.stage;
	}
	return size;
}

static void
test_binary(void)
{
	const char *text = "{within: 30 days, events: {1999-12-31 00:00:00+00 1, 2024-01-01 00:00:00+00 2, 2024-01-01 00:00:00+00 3}}";
	size_t		num_events;
	unsigned char *bytes = read_text(text, &num_events);
	unsigned char binary[FUNNEL_BINARY_HEADER_SIZE + 4 * FUNNEL_EVENT_SIZE];
	unsigned char again[sizeof(binary)];
	size_t		size;
	int			sound = 1;
	long		accepted = 0;
	long		tries = 100000;

	if (bytes == NULL)
		abort();
	size = write_binary(bytes, num_events, binary);
	for (int try = -1; try < tries; try++)
	{
		size_t		length = size;
		unsigned char *sent;
		unsigned char *received = NULL;
		size_t		num_received;

		memcpy(again, binary, size);
		if (try >= 0)
		{
			if (try % 3 == 0)
				length = tap_random((unsigned int) sizeof(again));
			if (length > size)
				memset(again + size, 1, length - size);
			for (unsigned int i = tap_random(3); i < 2 && length > 0; i++)
				again[tap_random((unsigned int) length)] ^= (unsigned char) (1u << tap_random(8));
		}
		sent = (unsigned char *) tap_exact_copy((const char *) again, length);
		if (funnel_open_binary(sent, length, &num_received))
		{
			received = malloc(FUNNEL_SIZE(num_received));
			if (received == NULL)
				abort();
			if (funnel_read_binary(sent, num_received, received))
			{
				unsigned char back[sizeof(again)];

				accepted++;
				sound = sound && write_binary(received, num_received, back) == length && memcmp(back, sent, length) == 0;
				if (try < 0)
					ok(memcmp(received, bytes, FUNNEL_SIZE(num_events)) == 0, "what is sent is received");
			}
			else if (try < 0)
				ok(0, "what is sent is received");
		}
		free(received);
		free(sent);
	}
	ok(sound, "no mutated bytes are read as others");
	ok(accepted > tries / 20 && accepted < tries, "some of them were read: %ld", accepted);
	ok(!funnel_open_binary((const unsigned char *) "\1\0\0\0\0\0\0\0\0\xff\xff\xff\xff", 13, &num_events), "a count of bytes that are not there");
	free(bytes);
}

int
main(void)
{
	test_order();
	test_bytes();
	test_episodes();
	test_window_text();
	test_calendar();
	test_text();
	test_binary();
	return done_testing();
}
