/*
 * funnel.h
 *		A person's steps through ordered stages, and how far they came within a window.
 *
 * A funnel holds events, each a time and a stage from 1 up, and the window.  Times are microseconds since the beginning of
 * 2000, in UTC.  Events are in order of time, those of one moment in order of stage; the same stage at the same moment is
 * one event.
 *
 * A gap longer than the window between one event and the next ends an episode.  The entry of an episode is its first event of
 * stage 1; an episode without one is not counted.  Stage k + 1 is reached at the first event of that stage which comes, in the
 * order above, after the event that reached stage k, and is not later than the entry plus the window.  What is not later than that
 * is in the entry's episode, since no gap between the two can be longer than the window.
 *
 * The bytes of a funnel, in the byte order of the machine and at any alignment:
 *	4 bytes		version (1) in the 4 highest bits, number of events in the others
 *	8 bytes		window in microseconds, not negative
 *	9 bytes		for each event: time (8), stage (1)
 * While a funnel is built, its events are in the order in which they came, and room for more follows them.  The canonical bytes have
 * the events in order, none twice, and nothing after them, so that equal funnels have equal bytes.
 *
 * The bytes that travel have another order: version (1 byte), window (8), number of events (4), and the events, the highest byte
 * of each number first.
 */
#ifndef NALOXONE_KPI_FUNNEL_H
#define NALOXONE_KPI_FUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FUNNEL_VERSION			1
#define FUNNEL_MAX_STAGE		64
#define FUNNEL_COUNT_BITS		28
#define FUNNEL_MAX_EVENTS		((UINT32_C(1) << FUNNEL_COUNT_BITS) - 1)

/* The times that there are: from 4714-11-24 BC to before the end of the year 294276. */
#define FUNNEL_FIRST_TIME		INT64_C(-211813488000000000)
#define FUNNEL_END_OF_TIME		INT64_C(9223371331200000000)

#define FUNNEL_HEADER_SIZE		12
#define FUNNEL_EVENT_SIZE		9
#define FUNNEL_SIZE(num_events)	(FUNNEL_HEADER_SIZE + FUNNEL_EVENT_SIZE * (size_t) (num_events))

typedef struct funnel_event
{
	int64_t		at;
	int			stage;
} funnel_event;

/* What bytes say, the events still in them. */
typedef struct funnel
{
	int64_t		window;
	size_t		num_events;
	const unsigned char *events;
} funnel;

typedef enum funnel_state
{
	FUNNEL_IN_ORDER,			/* every event comes after the one before it */
	FUNNEL_OUT_OF_ORDER,
	FUNNEL_DAMAGED				/* an event that cannot be */
} funnel_state;

/* The furthest stage of an episode with an entry, and when each stage up to it was reached. */
typedef struct funnel_episode
{
	int			furthest_stage;
	int64_t		reached_at[FUNNEL_MAX_STAGE];	/* stage k at k - 1 */
} funnel_episode;

/* ------------------------------------------------------------------ bytes; inline, since a row of an aggregate passes here */

static inline funnel_event
funnel_get_event(const unsigned char *events, size_t position)
{
	funnel_event event;

	events += position * FUNNEL_EVENT_SIZE;
	memcpy(&event.at, events, sizeof(event.at));
	event.stage = events[sizeof(event.at)];
	return event;
}

static inline void
funnel_put_event(unsigned char *events, size_t position, int64_t at, int stage)
{
	events += position * FUNNEL_EVENT_SIZE;
	memcpy(events, &at, sizeof(at));
	events[sizeof(at)] = (unsigned char) stage;
}

/* Writes how many events there are; at most FUNNEL_MAX_EVENTS. */
static inline void
funnel_put_count(unsigned char *bytes, size_t num_events)
{
	uint32_t	word = (uint32_t) FUNNEL_VERSION << FUNNEL_COUNT_BITS | (uint32_t) num_events;

	memcpy(bytes, &word, sizeof(word));
}

static inline void
funnel_put_header(unsigned char *bytes, int64_t window, size_t num_events)
{
	funnel_put_count(bytes, num_events);
	memcpy(bytes + sizeof(uint32_t), &window, sizeof(window));
}

/* Reads the header of bytes that anyone may have written.  False: no funnel begins so. */
static inline bool
funnel_open(funnel *f, const unsigned char *bytes, size_t size)
{
	uint32_t	word;

	if (size < FUNNEL_HEADER_SIZE)
		return false;
	memcpy(&word, bytes, sizeof(word));
	memcpy(&f->window, bytes + sizeof(word), sizeof(f->window));
	f->num_events = word & FUNNEL_MAX_EVENTS;
	f->events = bytes + FUNNEL_HEADER_SIZE;
	return word >> FUNNEL_COUNT_BITS == FUNNEL_VERSION && f->window >= 0 && FUNNEL_SIZE(f->num_events) <= size;
}

/* ------------------------------------------------------------------ order */

extern funnel_state funnel_examine(const funnel *f);

/*
 * Puts events in order, keeps one of those that are the same, and returns how many are left.  The scratch is as large as the
 * events; NULL will do for up to FUNNEL_SHORT_RUN of them.
 */
#define FUNNEL_SHORT_RUN	16
extern size_t funnel_sort(unsigned char *events, size_t num_events, unsigned char *scratch, void (*check_for_interrupts) (void));

/* Writes the events of two funnels that are in order, in order and none twice, and returns how many. */
extern size_t funnel_merge(const funnel *a, const funnel *b, unsigned char *events, void (*check_for_interrupts) (void));

/*
 * Compares two funnels that are in order: by window, then as sequences of their events, of which the first that differs decides, and
 * one that ends before the other is the smaller.
 */
extern int	funnel_compare(const funnel *a, const funnel *b);

/* ------------------------------------------------------------------ episodes; of a funnel that is in order */

/*
 * The next episode with an entry, from the event at *position on, which is 0 at first; *position moves behind the episode.
 * False: there is none.
 */
extern bool funnel_next_episode(const funnel *f, size_t *position, funnel_episode *episode);

/* The furthest stage of the first episode with an entry; 0: there is none. */
extern int	funnel_furthest_stage(const funnel *f);

/* ------------------------------------------------------------------ text and binary */

/* With their closing zero. */
#define FUNNEL_WINDOW_TEXT_SIZE		40
#define FUNNEL_EVENT_TEXT_SIZE		80

/* "30 days", "1 day 02:30:00.5", "00:00:00". */
extern void funnel_format_window(int64_t window, char *text);

/* "2024-01-03 10:00:00.25+00 1", always in UTC; years before 1 have BC before the stage. */
extern void funnel_format_event(funnel_event event, char *text);

/* No text of this length has more events. */
#define FUNNEL_EVENTS_IN_TEXT(length)	((length) / (sizeof("2024-01-03 10:00:00+00 1") - 1))

/*
 * Reads "{within: window, events: {event, ...}}", with the window and the events as they are formatted, in order and none twice, and
 * white space free around and between the parts.  The bytes have room for the header and FUNNEL_EVENTS_IN_TEXT; the canonical
 * ones are written there.  False: that is not what the text is.
 */
extern bool funnel_read_text(const char *text, unsigned char *bytes, size_t *num_events, void (*check_for_interrupts) (void));

/* The bytes that travel begin with a header and have the same events. */
#define FUNNEL_BINARY_HEADER_SIZE	13

/* How many events the bytes that travel have.  False: no funnel has this header, or this many bytes. */
extern bool funnel_open_binary(const unsigned char *binary, size_t size, size_t *num_events);

/* Reads the bytes that travel, after funnel_open_binary(), into canonical ones.  False: they are not in order, or cannot be. */
extern bool funnel_read_binary(const unsigned char *binary, size_t num_events, unsigned char *bytes);

#endif							/* NALOXONE_KPI_FUNNEL_H */
