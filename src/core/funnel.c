/*
 * funnel.c
 *		Funnels: putting events in order, walking through episodes, reading and writing.  See funnel.h for what a funnel is.
 */
#include "core/funnel.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/calendar.h"
#include "core/scan.h"

#define MICROSECONDS_A_SECOND	INT64_C(1000000)
#define MICROSECONDS_A_DAY		(INT64_C(86400) * MICROSECONDS_A_SECOND)

/* Merging stops for interrupts every so many events. */
#define EVENTS_BETWEEN_INTERRUPTS	65536

/* ------------------------------------------------------------------ order */

static inline bool
comes_before(funnel_event a, funnel_event b)
{
	return a.at < b.at || (a.at == b.at && a.stage < b.stage);
}

static inline bool
is_possible(funnel_event event)
{
	return event.stage >= 1 && event.stage <= FUNNEL_MAX_STAGE && event.at >= FUNNEL_FIRST_TIME && event.at < FUNNEL_END_OF_TIME;
}

funnel_state
funnel_examine(const funnel *f)
{
	funnel_event previous = {INT64_MIN, 0};
	bool		in_order = true;

	for (size_t i = 0; i < f->num_events; i++)
	{
		funnel_event event = funnel_get_event(f->events, i);

		if (!is_possible(event))
			return FUNNEL_DAMAGED;
		if (!comes_before(previous, event))
			in_order = false;
		previous = event;
	}
	return in_order ? FUNNEL_IN_ORDER : FUNNEL_OUT_OF_ORDER;
}

static void
copy_event(unsigned char *to, size_t to_position, const unsigned char *from, size_t from_position)
{
	memcpy(to + to_position * FUNNEL_EVENT_SIZE, from + from_position * FUNNEL_EVENT_SIZE, FUNNEL_EVENT_SIZE);
}

static void
insertion_sort(unsigned char *events, size_t num_events)
{
	for (size_t i = 1; i < num_events; i++)
	{
		funnel_event event = funnel_get_event(events, i);
		size_t		at = i;

		for (; at > 0 && comes_before(event, funnel_get_event(events, at - 1)); at--)
			copy_event(events, at, events, at - 1);
		funnel_put_event(events, at, event.at, event.stage);
	}
}

/* Merges two sorted runs, of "left" and "right" events, that follow each other. */
static void
merge_runs(const unsigned char *from, size_t left, size_t right, unsigned char *to, void (*check_for_interrupts) (void))
{
	size_t		a = 0;
	size_t		b = left;
	size_t		end = left + right;

	for (size_t i = 0; i < end; i++)
	{
		if (i % EVENTS_BETWEEN_INTERRUPTS == 0)
			check_for_interrupts();
		if (b == end || (a < left && !comes_before(funnel_get_event(from, b), funnel_get_event(from, a))))
			copy_event(to, i, from, a++);
		else
			copy_event(to, i, from, b++);
	}
}

/* Keeps one of the events that are the same, which stand beside each other. */
static size_t
remove_duplicates(unsigned char *events, size_t num_events)
{
	size_t		kept = 0;

	for (size_t i = 0; i < num_events; i++)
	{
		if (kept > 0 && !comes_before(funnel_get_event(events, kept - 1), funnel_get_event(events, i)))
			continue;
		if (kept < i)
			copy_event(events, kept, events, i);
		kept++;
	}
	return kept;
}

size_t
funnel_sort(unsigned char *events, size_t num_events, unsigned char *scratch, void (*check_for_interrupts) (void))
{
	unsigned char *from = events;
	unsigned char *to = scratch;

	/* Short runs one by one, then runs twice as long, to and fro between the events and the scratch. */
	for (size_t at = 0; at < num_events; at += FUNNEL_SHORT_RUN)
	{
		size_t		left = num_events - at;

		insertion_sort(events + at * FUNNEL_EVENT_SIZE, left < FUNNEL_SHORT_RUN ? left : FUNNEL_SHORT_RUN);
	}
	for (size_t run = FUNNEL_SHORT_RUN; run < num_events; run *= 2)
	{
		unsigned char *swap = from;

		for (size_t at = 0; at < num_events; at += 2 * run)
		{
			size_t		rest = num_events - at;
			size_t		left = rest < run ? rest : run;
			size_t		right = rest - left < run ? rest - left : run;

			merge_runs(from + at * FUNNEL_EVENT_SIZE, left, right, to + at * FUNNEL_EVENT_SIZE, check_for_interrupts);
		}
		from = to;
		to = swap;
	}
	if (from != events)
		memcpy(events, from, num_events * FUNNEL_EVENT_SIZE);
	return remove_duplicates(events, num_events);
}

size_t
funnel_merge(const funnel *a, const funnel *b, unsigned char *events, void (*check_for_interrupts) (void))
{
	size_t		num_events = 0;
	size_t		i = 0;
	size_t		j = 0;

	while (i < a->num_events || j < b->num_events)
	{
		bool		take_b = i == a->num_events;
		bool		take_a = j == b->num_events;

		if (!take_a && !take_b)
		{
			funnel_event x = funnel_get_event(a->events, i);
			funnel_event y = funnel_get_event(b->events, j);

			/* The same event in both moves both on. */
			take_a = !comes_before(y, x);
			take_b = !comes_before(x, y);
		}
		if (take_a)
			copy_event(events, num_events, a->events, i++);
		if (take_b)
			copy_event(events, num_events, b->events, j++);
		if (++num_events % EVENTS_BETWEEN_INTERRUPTS == 0)
			check_for_interrupts();
	}
	return num_events;
}

int
funnel_compare(const funnel *a, const funnel *b)
{
	if (a->window != b->window)
		return a->window < b->window ? -1 : 1;
	for (size_t i = 0; i < a->num_events && i < b->num_events; i++)
	{
		funnel_event x = funnel_get_event(a->events, i);
		funnel_event y = funnel_get_event(b->events, i);

		if (x.at != y.at)
			return x.at < y.at ? -1 : 1;
		if (x.stage != y.stage)
			return x.stage < y.stage ? -1 : 1;
	}
	return (a->num_events > b->num_events) - (a->num_events < b->num_events);
}

/* ------------------------------------------------------------------ episodes */

/* Whether one time, which is not before the other, is at most so much later.  Without a sign the distance cannot overflow. */
static inline bool
is_within(int64_t time, int64_t earlier, int64_t window)
{
	return (uint64_t) time - (uint64_t) earlier <= (uint64_t) window;
}

bool
funnel_next_episode(const funnel *f, size_t *position, funnel_episode *episode)
{
	funnel_event previous = {0, 0};
	size_t		i = *position;

	episode->furthest_stage = 0;
	for (; i < f->num_events; i++)
	{
		funnel_event event = funnel_get_event(f->events, i);

		/* Until there is an entry, it does not matter where one episode ends and the next begins. */
		if (episode->furthest_stage > 0 && !is_within(event.at, previous.at, f->window))
			break;
		if (event.stage == episode->furthest_stage + 1 &&
			(event.stage == 1 || is_within(event.at, episode->reached_at[0], f->window)))
			episode->reached_at[episode->furthest_stage++] = event.at;
		previous = event;
	}
	*position = i;
	return episode->furthest_stage > 0;
}

int
funnel_furthest_stage(const funnel *f)
{
	int64_t		entry = 0;
	int			furthest_stage = 0;

	for (size_t i = 0; i < f->num_events; i++)
	{
		funnel_event event = funnel_get_event(f->events, i);

		/* What comes later than the window, or in a later episode, is too late. */
		if (furthest_stage > 0 && !is_within(event.at, entry, f->window))
			break;
		if (event.stage == furthest_stage + 1)
		{
			if (furthest_stage++ == 0)
				entry = event.at;
		}
	}
	return furthest_stage;
}

/* ------------------------------------------------------------------ writing text */

/* Hours, minutes, seconds, and as many digits of a fraction as it has. */
static void
format_time_of_day(int64_t microseconds, char *text, size_t size)
{
	int64_t		seconds = microseconds / MICROSECONDS_A_SECOND;
	int			fraction = (int) (microseconds % MICROSECONDS_A_SECOND);
	int			length = snprintf(text, size, "%02d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60),
								  (int) (seconds % 60));

	if (fraction == 0)
		return;
	length += snprintf(text + length, size - (size_t) length, ".%06d", fraction);
	while (text[length - 1] == '0')
		text[--length] = '\0';
}

/* 00:00:00.000000 */
#define TIME_OF_DAY_SIZE	24

void
funnel_format_window(int64_t window, char *text)
{
	int64_t		days = window / MICROSECONDS_A_DAY;
	int64_t		rest = window % MICROSECONDS_A_DAY;
	char		time[TIME_OF_DAY_SIZE];

	format_time_of_day(rest, time, sizeof(time));
	if (days == 0)
		snprintf(text, FUNNEL_WINDOW_TEXT_SIZE, "%s", time);
	else
		snprintf(text, FUNNEL_WINDOW_TEXT_SIZE, "%" PRId64 " %s%s%s", days, days == 1 ? "day" : "days", rest == 0 ? "" : " ",
				 rest == 0 ? "" : time);
}

void
funnel_format_event(funnel_event event, char *text)
{
	int64_t		days = floor_divide(event.at, MICROSECONDS_A_DAY);
	int64_t		year;
	int64_t		month;
	int64_t		day;
	char		time[TIME_OF_DAY_SIZE];

	date_from_day(days, &year, &month, &day);
	format_time_of_day(event.at - days * MICROSECONDS_A_DAY, time, sizeof(time));
	snprintf(text, FUNNEL_EVENT_TEXT_SIZE, "%04d-%02d-%02d %s+00 %s%d", (int) (year > 0 ? year : 1 - year), (int) month, (int) day,
			 time, year > 0 ? "" : "BC ", event.stage);
}

/* ------------------------------------------------------------------ reading text */

/*
 * What is read here is formatted again and compared, which alone decides about a text: numbers of another length, days that a month
 * does not have, and fractions with zeros at the end are so refused.
 */
static bool
is_same_but_for_space(const char *text, const char *end, const char *formatted)
{
	for (; text < end; text++)
	{
		if (is_space(*text))
			continue;
		while (is_space(*formatted))
			formatted++;
		if (*text != *formatted++)
			return false;
	}
	return *formatted == '\0';
}

/* Numbers here are smaller, and what they are multiplied with cannot overflow. */
#define NUMBER_LIMIT	999999999

static bool
read_number(const char **at, int64_t *number)
{
	return read_decimal(at, NUMBER_LIMIT, number);
}

/* White space, a word, and white space. */
static bool
read_part(const char **at, const char *word)
{
	skip_white_space(at);
	if (!skip_word(at, word))
		return false;
	skip_white_space(at);
	return true;
}

static bool
read_space(const char **at)
{
	const char *start = *at;

	skip_white_space(at);
	return *at > start;
}

static bool
read_time_of_day(const char **at, int64_t *microseconds)
{
	int64_t		hours;
	int64_t		minutes;
	int64_t		seconds;
	int64_t		unit = MICROSECONDS_A_SECOND;

	if (!read_number(at, &hours) || !skip_word(at, ":") || !read_number(at, &minutes) || !skip_word(at, ":") ||
		!read_number(at, &seconds))
		return false;
	*microseconds = ((hours * 60 + minutes) * 60 + seconds) * MICROSECONDS_A_SECOND;
	if (**at == '.')
	{
		for ((*at)++; is_digit(**at); (*at)++)
		{
			unit /= 10;
			*microseconds += (**at - '0') * unit;
		}
	}
	return true;
}

static bool
read_window(const char **at, int64_t *window)
{
	const char *start = *at;
	const char *end;
	int64_t		days;
	int64_t		time;
	char		formatted[FUNNEL_WINDOW_TEXT_SIZE];

	*window = 0;
	if (!read_number(at, &days))
		return false;
	if (**at == ':')
	{
		*at = start;
		if (!read_time_of_day(at, window))
			return false;
	}
	else
	{
		if (!read_space(at) || !skip_word(at, days == 1 ? "day" : "days") ||
			__builtin_mul_overflow(days, MICROSECONDS_A_DAY, window))
			return false;
		end = *at;
		if (read_space(at) && is_digit(**at))
		{
			if (!read_time_of_day(at, &time) || __builtin_add_overflow(*window, time, window))
				return false;
		}
		else
			*at = end;
	}
	funnel_format_window(*window, formatted);
	return is_same_but_for_space(start, *at, formatted);
}

static bool
read_event(const char **at, funnel_event *event)
{
	const char *start = *at;
	int64_t		year;
	int64_t		month;
	int64_t		day;
	int64_t		time;
	int64_t		stage;
	char		formatted[FUNNEL_EVENT_TEXT_SIZE];

	if (!read_number(at, &year) || !skip_word(at, "-") || !read_number(at, &month) || !skip_word(at, "-") ||
		!read_number(at, &day) || !read_space(at) || !read_time_of_day(at, &time) || !skip_word(at, "+00") || !read_space(at))
		return false;
	if (skip_word(at, "BC"))
	{
		if (!read_space(at))
			return false;
		year = 1 - year;
	}
	if (!read_number(at, &stage) || stage > FUNNEL_MAX_STAGE ||
		__builtin_mul_overflow(day_from_date(year, month, day), MICROSECONDS_A_DAY, &event->at) ||
		__builtin_add_overflow(event->at, time, &event->at))
		return false;
	event->stage = (int) stage;
	if (!is_possible(*event))
		return false;
	funnel_format_event(*event, formatted);
	return is_same_but_for_space(start, *at, formatted);
}

bool
funnel_read_text(const char *text, unsigned char *bytes, size_t *num_events, void (*check_for_interrupts) (void))
{
	unsigned char *events = bytes + FUNNEL_HEADER_SIZE;
	funnel_event previous = {INT64_MIN, 0};
	funnel_event event;
	int64_t		window;

	*num_events = 0;
	if (!read_part(&text, "{") || !read_part(&text, "within") || !read_part(&text, ":") || !read_window(&text, &window) ||
		!read_part(&text, ",") || !read_part(&text, "events") || !read_part(&text, ":") || !read_part(&text, "{"))
		return false;
	while (*text != '}')
	{
		if (*num_events > 0 && !read_part(&text, ","))
			return false;
		if (*num_events == FUNNEL_MAX_EVENTS || !read_event(&text, &event) || !comes_before(previous, event))
			return false;
		funnel_put_event(events, (*num_events)++, event.at, event.stage);
		previous = event;
		skip_white_space(&text);
		if (*num_events % EVENTS_BETWEEN_INTERRUPTS == 0)
			check_for_interrupts();
	}
	if (!read_part(&text, "}") || !read_part(&text, "}") || *text != '\0')
		return false;
	funnel_put_header(bytes, window, *num_events);
	return true;
}

/* ------------------------------------------------------------------ reading what travels */

static uint64_t
read_big_endian(const unsigned char *bytes, int size)
{
	uint64_t	number = 0;

	for (int i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

bool
funnel_open_binary(const unsigned char *binary, size_t size, size_t *num_events)
{
	if (size < FUNNEL_BINARY_HEADER_SIZE || binary[0] != FUNNEL_VERSION)
		return false;
	*num_events = (size_t) read_big_endian(binary + 9, 4);
	return *num_events <= FUNNEL_MAX_EVENTS && (int64_t) read_big_endian(binary + 1, 8) >= 0 &&
		size - FUNNEL_BINARY_HEADER_SIZE == *num_events * FUNNEL_EVENT_SIZE;
}

bool
funnel_read_binary(const unsigned char *binary, size_t num_events, unsigned char *bytes)
{
	funnel		f;

	funnel_put_header(bytes, (int64_t) read_big_endian(binary + 1, 8), num_events);
	for (size_t i = 0; i < num_events; i++)
	{
		const unsigned char *event = binary + FUNNEL_BINARY_HEADER_SIZE + i * FUNNEL_EVENT_SIZE;

		funnel_put_event(bytes + FUNNEL_HEADER_SIZE, i, (int64_t) read_big_endian(event, 8), event[8]);
	}
	return funnel_open(&f, bytes, FUNNEL_SIZE(num_events)) && funnel_examine(&f) == FUNNEL_IN_ORDER;
}
