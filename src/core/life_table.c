/*
 * life_table.c
 *		Durations that may be unfinished: growing, merging, bytes, and the steps that survival is computed from.
 */
#include "core/life_table.h"

#include <string.h>

#include "core/base128.h"

#define LIFE_TABLE_VERSION	1
#define FIRST_STEPS			64	/* room for so many to begin with */

/* ------------------------------------------------------------------ growing */

void
life_table_init(life_table *t, life_table_unit unit, const tally_host *host)
{
	memset(t, 0, sizeof(*t));
	t->unit = unit;
	t->host = *host;
}

/* The tally of a part, made where there was none. */
static tally *
get_part(life_table *t, int part)
{
	if (t->parts[part] == NULL)
	{
		t->parts[part] = t->host.allocate(t->host.context, sizeof(tally));
		tally_init(t->parts[part], &t->host);
	}
	return t->parts[part];
}

tally_status
life_table_add(life_table *t, int part, int32_t value, int64_t count)
{
	tally_status status;

	if (count > INT64_MAX - t->num_values)
		return TALLY_TOO_MANY;
	status = count == 1 ? tally_add(get_part(t, part), value) : tally_add_many(get_part(t, part), value, count);
	if (status == TALLY_OK)
		t->num_values += count;
	return status;
}

tally_status
life_table_remove(life_table *t, int part, int32_t value)
{
	tally_status status = t->parts[part] == NULL ? TALLY_BELOW_ZERO : tally_remove(t->parts[part], value);

	if (status == TALLY_OK)
		t->num_values--;
	return status;
}

/* Opens a cursor over a part that is not empty; of others nothing need be done. */
static tally_status
open_filled_part(life_table_reader *reader, int part, tally_cursor *cursor, bool *filled)
{
	tally_pair	pair;
	tally_status status;

	*filled = false;
	if (reader->bytes[part] == NULL)
		return TALLY_OK;
	status = life_table_open_part(reader, part, cursor);
	if (status == TALLY_OK)
		status = tally_next(cursor, &pair, filled);
	if (status == TALLY_OK && *filled)
		status = life_table_open_part(reader, part, cursor);
	return status;
}

/* Adds one part of another life table. */
static tally_status
merge_part(life_table *t, life_table_reader *source, int part)
{
	tally_cursor cursor;
	bool		filled;
	tally	   *target;
	int64_t		before;
	tally_status status = open_filled_part(source, part, &cursor, &filled);

	if (status != TALLY_OK || !filled)
		return status;
	target = get_part(t, part);
	before = target->num_values;
	status = tally_merge(target, &cursor);
	if (status == TALLY_OK && target->num_values - before > INT64_MAX - t->num_values)
		status = TALLY_TOO_MANY;
	if (status == TALLY_OK)
		t->num_values += target->num_values - before;
	return status;
}

tally_status
life_table_merge(life_table *t, life_table_reader *source)
{
	tally_status status = TALLY_OK;

	for (int part = 0; part < LIFE_TABLE_PARTS && status == TALLY_OK; part++)
		status = merge_part(t, source, part);
	return status;
}

tally_status
life_table_subtract(life_table *t, life_table_reader *source)
{
	tally_status status = TALLY_OK;

	for (int part = 0; part < LIFE_TABLE_PARTS && status == TALLY_OK; part++)
	{
		tally_cursor cursor;
		bool		filled;
		tally	   *target;
		int64_t		before;

		if ((status = open_filled_part(source, part, &cursor, &filled)) != TALLY_OK || !filled)
			continue;
		target = get_part(t, part);
		before = target->num_values;
		status = tally_subtract(target, &cursor);
		if (status == TALLY_OK)
			t->num_values -= before - target->num_values;
	}
	return status;
}

tally_status
life_table_merge_closed(life_table *t, life_table_reader *source, int64_t at)
{
	tally_status status = TALLY_OK;
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;

	for (int part = 0; part < LIFE_TABLE_OPEN && status == TALLY_OK; part++)
		status = merge_part(t, source, part);
	if (status == TALLY_OK)
		status = life_table_open_part(source, LIFE_TABLE_OPEN, &cursor);
	while (status == TALLY_OK && (status = tally_next(&cursor, &pair, &found)) == TALLY_OK && found)
	{
		status = life_table_add(t, LIFE_TABLE_CENSORED, (int32_t) (at - pair.value), pair.count);
		t->host.check_for_interrupts();
	}
	return status;
}

tally_status
life_table_merge_censored(life_table *t, life_table_reader *source, int32_t at)
{
	tally_status status = TALLY_OK;

	for (int part = 0; part < LIFE_TABLE_OPEN && status == TALLY_OK; part++)
	{
		tally_cursor cursor;
		tally_pair	pair;
		bool		found;

		status = life_table_open_part(source, part, &cursor);
		while (status == TALLY_OK && (status = tally_next(&cursor, &pair, &found)) == TALLY_OK && found)
		{
			if (pair.value <= at)
				status = life_table_add(t, part, (int32_t) pair.value, pair.count);
			else
				status = life_table_add(t, LIFE_TABLE_CENSORED, at, pair.count);
			t->host.check_for_interrupts();
		}
	}
	return status;
}

/* ------------------------------------------------------------------ bytes */

unsigned char *
life_table_encode(life_table *t, size_t *size)
{
	unsigned char *coded[LIFE_TABLE_PARTS];
	size_t		sizes[LIFE_TABLE_PARTS];
	unsigned char number[BASE128_MAX_BYTES];
	unsigned char *bytes;
	size_t		at = 0;
	int			num_causes = LIFE_TABLE_MAX_CAUSES;

	while (num_causes > 0 && (t->parts[num_causes] == NULL || t->parts[num_causes]->num_values == 0))
		num_causes--;
	*size = 1 + base128_write(number, 0, (uint64_t) num_causes);
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		tally		nothing;

		if (part > num_causes && part != LIFE_TABLE_OPEN)
			continue;
		tally_init(&nothing, &t->host);
		coded[part] = tally_encode(t->parts[part] == NULL ? &nothing : t->parts[part], &sizes[part]);
		*size += base128_write(number, 0, sizes[part]) + sizes[part];
	}
	bytes = t->host.allocate(t->host.context, *size);
	bytes[at++] = (unsigned char) (LIFE_TABLE_VERSION << 4 | t->unit);
	at = base128_write(bytes, at, (uint64_t) num_causes);
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		if (part > num_causes && part != LIFE_TABLE_OPEN)
			continue;
		at = base128_write(bytes, at, sizes[part]);
		memcpy(bytes + at, coded[part], sizes[part]);
		at += sizes[part];
		t->host.release(t->host.context, coded[part]);
	}
	return bytes;
}

tally_status
life_table_open(life_table_reader *reader, const unsigned char *bytes, size_t size)
{
	size_t		at = 1;
	uint64_t	number;

	memset(reader, 0, sizeof(*reader));
	if (size < 1 || bytes[0] >> 4 != LIFE_TABLE_VERSION || (bytes[0] & 15) > UNIT_DAY)
		return TALLY_MALFORMED;
	reader->unit = (life_table_unit) (bytes[0] & 15);
	if (!base128_read(bytes, size, &at, &number) || number > LIFE_TABLE_MAX_CAUSES)
		return TALLY_MALFORMED;
	reader->num_causes = (int) number;
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		if (part > reader->num_causes && part != LIFE_TABLE_OPEN)
			continue;
		if (!base128_read(bytes, size, &at, &number) || number > size - at)
			return TALLY_MALFORMED;
		reader->bytes[part] = bytes + at;
		reader->sizes[part] = (size_t) number;
		at += reader->sizes[part];
	}
	return at == size ? TALLY_OK : TALLY_MALFORMED;
}

bool
life_table_read_bytes(life_table *t, const unsigned char *bytes, size_t size)
{
	life_table_reader reader;
	unsigned char *canonical;
	size_t		canonical_size;
	bool		same;

	if (life_table_open(&reader, bytes, size) != TALLY_OK)
		return false;
	t->unit = reader.unit;
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		int64_t		limit = part == LIFE_TABLE_OPEN ? life_table_max_start(t->unit) : TALLY_MAX_VALUE;
		tally_cursor cursor;
		tally_pair	pair;
		bool		found;

		if (life_table_open_part(&reader, part, &cursor) != TALLY_OK)
			return false;
		for (;;)
		{
			if (tally_next(&cursor, &pair, &found) != TALLY_OK)
				return false;
			if (!found)
				break;
			if (pair.value > limit || pair.count > INT64_MAX - t->num_values ||
				tally_append(get_part(t, part), (int32_t) pair.value, pair.count) != TALLY_OK)
				return false;
			t->num_values += pair.count;
			t->host.check_for_interrupts();
		}
	}
	canonical = life_table_encode(t, &canonical_size);
	same = canonical_size == size && memcmp(canonical, bytes, size) == 0;
	t->host.release(t->host.context, canonical);
	return same;
}

/* ------------------------------------------------------------------ reading */

tally_status
life_table_open_part(life_table_reader *reader, int part, tally_cursor *cursor)
{
	if (reader->bytes[part] != NULL)
		return tally_open_bytes(cursor, reader->bytes[part], reader->sizes[part]);
	tally_open(cursor, &reader->nothing);
	return TALLY_OK;
}

tally_status
life_table_count(life_table_reader *reader, int first_part, int last_part, int64_t *count)
{
	*count = 0;
	for (int part = first_part; part <= last_part; part++)
	{
		tally_cursor cursor;
		tally_pair	pair;
		bool		found = true;
		tally_status status = life_table_open_part(reader, part, &cursor);

		while (status == TALLY_OK && found)
			status = tally_next(&cursor, &pair, &found);
		if (status != TALLY_OK)
			return status;
		if (cursor.num_values > INT64_MAX - *count)
			return TALLY_MALFORMED;
		*count += cursor.num_values;
	}
	return TALLY_OK;
}

tally_status
life_table_compare(life_table_reader *a, life_table_reader *b, int *result)
{
	tally_status status = TALLY_OK;

	*result = a->unit == b->unit ? 0 : a->unit < b->unit ? -1 : 1;
	for (int part = 0; part < LIFE_TABLE_PARTS && *result == 0 && status == TALLY_OK; part++)
	{
		tally_cursor cursor_a;
		tally_cursor cursor_b;

		if ((status = life_table_open_part(a, part, &cursor_a)) == TALLY_OK &&
			(status = life_table_open_part(b, part, &cursor_b)) == TALLY_OK)
			status = tally_compare(&cursor_a, &cursor_b, result);
	}
	return status;
}

/* What is left to be read of one part. */
typedef struct part_cursor
{
	tally_cursor cursor;
	tally_pair	next;
	bool		found;
} part_cursor;

static tally_status
read_next(part_cursor *part)
{
	return tally_next(&part->cursor, &part->next, &part->found);
}

/* Takes everything that the parts, event by event, have at the earliest time of any; false where nothing is left. */
static tally_status
take_step(part_cursor *parts, int num_parts, int cause, survival_step *step, bool *found)
{
	*step = (survival_step) {.time = INT64_MAX};
	for (int part = 0; part < num_parts; part++)
	{
		if (parts[part].found && parts[part].next.value < step->time)
			step->time = parts[part].next.value;
	}
	*found = step->time != INT64_MAX;
	for (int part = 0; part < num_parts; part++)
	{
		int64_t		count = parts[part].next.count;
		tally_status status;

		if (!parts[part].found || parts[part].next.value != step->time)
			continue;
		if (count > INT64_MAX - step->num_at_risk)
			return TALLY_MALFORMED;
		/* For now those who leave at this step. */
		step->num_at_risk += count;
		if (part == LIFE_TABLE_CENSORED)
			step->num_censored = count;
		else
			step->num_events += count;
		if (part == cause && part != LIFE_TABLE_CENSORED)
			step->num_of_cause = count;
		if ((status = read_next(&parts[part])) != TALLY_OK)
			return status;
	}
	return TALLY_OK;
}

/* Twice the room for steps. */
static survival_step *
enlarge(const tally_host *host, survival_step *steps, size_t *max_steps)
{
	survival_step *grown = host->allocate(host->context, 2 * *max_steps * sizeof(survival_step));

	memcpy(grown, steps, *max_steps * sizeof(survival_step));
	host->release(host->context, steps);
	*max_steps *= 2;
	return grown;
}

tally_status
life_table_steps(life_table_reader *reader, int cause, const tally_host *host, survival_step **steps, size_t *num_steps)
{
	int			num_parts = reader->num_causes + 1;
	part_cursor *parts = host->allocate(host->context, (size_t) num_parts * sizeof(part_cursor));
	size_t		max_steps = FIRST_STEPS;
	int64_t		at_risk = 0;
	bool		found = true;
	tally_status status = TALLY_OK;

	*num_steps = 0;
	*steps = host->allocate(host->context, max_steps * sizeof(survival_step));
	for (int part = 0; part < num_parts && status == TALLY_OK; part++)
	{
		status = life_table_open_part(reader, part, &parts[part].cursor);
		if (status == TALLY_OK)
			status = read_next(&parts[part]);
	}
	while (status == TALLY_OK && found)
	{
		survival_step step;

		status = take_step(parts, num_parts, cause, &step, &found);
		if (status != TALLY_OK || !found)
			continue;
		if (step.num_at_risk > INT64_MAX - at_risk)
			status = TALLY_MALFORMED;
		else
			at_risk += step.num_at_risk;
		if (*num_steps == max_steps)
			*steps = enlarge(host, *steps, &max_steps);
		(*steps)[(*num_steps)++] = step;
		host->check_for_interrupts();
	}
	host->release(host->context, parts);
	/* Everybody is at risk at first, and those whom a step had are not at the next. */
	for (size_t i = 0; i < *num_steps; i++)
	{
		int64_t		leaving = (*steps)[i].num_at_risk;

		(*steps)[i].num_at_risk = at_risk;
		at_risk -= leaving;
	}
	return status;
}
