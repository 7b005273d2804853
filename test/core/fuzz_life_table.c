/*
 * fuzz_life_table.c
 *		Life tables from bytes and texts that nobody wrote, and from any sequence of operations; and the statistics of those that
 *		are let in.
 *
 * The first byte of the input says what the rest is: bytes of a life table, text of a life table, or operations on two.
 */
#include "fuzz.h"

#include <math.h>

#include "core/life_table.h"
#include "core/survival.h"

/* What rounding may add up to, of numbers up to 1 and as many steps as an input can have. */
#define ROUNDING	1e-9

static void
open_life_table(life_table_reader *reader, life_table *t)
{
	size_t		size;
	const unsigned char *bytes = life_table_encode(t, &size);

	check(life_table_open(reader, bytes, size) == TALLY_OK);
}

static void
check_same(life_table *a, life_table *b)
{
	size_t		size_a;
	size_t		size_b;
	const unsigned char *bytes_a = life_table_encode(a, &size_a);
	const unsigned char *bytes_b = life_table_encode(b, &size_b);

	check(a->num_values == b->num_values);
	check(size_a == size_b && memcmp(bytes_a, bytes_b, size_a) == 0);
}

/* ------------------------------------------------------------------ statistics */

static int64_t
count_part(life_table_reader *reader, int part)
{
	int64_t		count;

	check(life_table_count(reader, part, part, &count) == TALLY_OK && count >= 0);
	return count;
}

/* The steps of a cause, which account for everybody who is not open. */
static const survival_step *
check_steps(life_table_reader *reader, int cause, size_t *num_steps)
{
	survival_step *steps;
	int64_t		left;
	int64_t		num_events;
	int64_t		num_of_cause = 0;
	int64_t		num_censored = 0;

	check(life_table_count(reader, LIFE_TABLE_CENSORED, LIFE_TABLE_MAX_CAUSES, &left) == TALLY_OK);
	check(life_table_count(reader, 1, LIFE_TABLE_MAX_CAUSES, &num_events) == TALLY_OK);
	check(life_table_steps(reader, cause, &fuzz_host, &steps, num_steps) == TALLY_OK);
	for (size_t i = 0; i < *num_steps; i++)
	{
		check(steps[i].time >= 0 && steps[i].time <= TALLY_MAX_VALUE && (i == 0 || steps[i].time > steps[i - 1].time));
		check(steps[i].num_at_risk == left);
		check(steps[i].num_events >= 0 && steps[i].num_censored >= 0 && steps[i].num_events + steps[i].num_censored > 0);
		check(steps[i].num_of_cause >= 0 && steps[i].num_of_cause <= steps[i].num_events);
		left -= steps[i].num_events + steps[i].num_censored;
		num_events -= steps[i].num_events;
		num_of_cause += steps[i].num_of_cause;
		num_censored += steps[i].num_censored;
	}
	check(left == 0 && num_events == 0);
	check(num_of_cause == (cause == 0 ? 0 : count_part(reader, cause)) && num_censored == count_part(reader, LIFE_TABLE_CENSORED));
	return steps;
}

/* Limits of a probability are probabilities on both sides of it. */
static void
check_limits(const confidence_limits *limits, double probability)
{
	check(limits->lower >= 0 && limits->lower <= probability + ROUNDING);
	check(limits->upper <= 1 && limits->upper >= probability - ROUNDING);
}

static void
check_time(survival_time time, const survival_step *steps, size_t num_steps)
{
	check(!time.reached || (time.time >= (double) steps[0].time && time.time <= (double) steps[num_steps - 1].time));
}

static void
check_survival(const survival_step *steps, size_t num_steps, const survival_point *points)
{
	static const double fractions[] = {1e-12, 0.1, 0.5, 0.9, 1};
	double		survival = 1;
	double		hazard = 0;

	for (size_t i = 0; i < num_steps; i++)
	{
		const survival_point *point = &points[i];
		confidence_limits limits;

		check(point->survival >= 0 && point->survival <= survival);
		check(point->survival > 0 ? point->survival_error >= 0 && isfinite(point->survival_error) : isnan(point->survival_error));
		check(point->hazard >= hazard && isfinite(point->hazard));
		check(point->hazard_error >= 0 && isfinite(point->hazard_error));
		for (int scale = SCALE_LOG_LOG; scale <= SCALE_PLAIN; scale++)
		{
			if (survival_limits(point, (survival_scale) scale, 0.95, &limits))
				check_limits(&limits, point->survival);
		}
		check(hazard_limits(point, 0.95, &limits) == (point->hazard > 0));
		check(point->hazard == 0 || (limits.lower > 0 && limits.lower <= point->hazard && limits.upper >= point->hazard &&
									 isfinite(limits.upper)));
		survival = point->survival;
		hazard = point->hazard;
	}
	/* All have had the event, or the last time has a censoring. */
	check(num_steps == 0 || (survival == 0) == (steps[num_steps - 1].num_censored == 0));
	for (size_t f = 0; f < sizeof(fractions) / sizeof(fractions[0]); f++)
	{
		survival_quantile quantile = find_survival_quantile(steps, points, num_steps, fractions[f], SCALE_LOG_LOG, 0.95);

		check_time(quantile.value, steps, num_steps);
		check_time(quantile.lower, steps, num_steps);
		check_time(quantile.upper, steps, num_steps);
	}
	for (size_t i = 0; i < num_steps; i += num_steps / 4 + 1)
	{
		double		until = (double) steps[i].time;
		restricted_mean mean = find_restricted_mean(steps, points, num_steps, until);

		check(mean.mean >= 0 && mean.mean <= until * (1 + ROUNDING));
		check(mean.error >= 0 && isfinite(mean.error));
	}
}

static void
check_incidence(const survival_step *steps, size_t num_steps, const survival_point *points, const incidence_point *incidences)
{
	double		incidence = 0;

	for (size_t i = 0; i < num_steps; i++)
	{
		const incidence_point *point = &incidences[i];
		confidence_limits limits;

		check(point->incidence >= incidence && point->incidence <= 1 && (point->incidence > 0 || steps[i].num_of_cause == 0));
		check(point->incidence + points[i].survival <= 1 + ROUNDING);
		check(point->jackknife_error >= 0 && isfinite(point->jackknife_error));
		check(point->aalen_error >= 0 && isfinite(point->aalen_error));
		check(point->incidence > 0 || (point->jackknife_error == 0 && point->aalen_error == 0));
		for (int scale = SCALE_LOG_LOG; scale <= SCALE_PLAIN; scale++)
		{
			if (incidence_limits(point->incidence, point->jackknife_error, (survival_scale) scale, 0.95, &limits))
				check_limits(&limits, point->incidence);
			if (incidence_limits(point->incidence, point->aalen_error, (survival_scale) scale, 0.95, &limits))
				check_limits(&limits, point->incidence);
		}
		incidence = point->incidence;
	}
}

static void
check_log_rank(life_table_reader *a, life_table_reader *b)
{
	survival_group groups[2];
	double		workspace[LOG_RANK_WORKSPACE(2)];
	double		chi_squared;
	double		turned;
	int			degrees;
	bool		said;

	groups[0].steps = check_steps(a, 0, &groups[0].num_steps);
	groups[1].steps = check_steps(b, 0, &groups[1].num_steps);
	said = log_rank(groups, 2, workspace, fuzz_never_interrupted, &chi_squared, &degrees);
	check(degrees == (said ? 1 : 0));
	check(chi_squared >= 0 && isfinite(chi_squared));
	groups[1] = groups[0];
	groups[0].steps = check_steps(b, 0, &groups[0].num_steps);
	check(log_rank(groups, 2, workspace, fuzz_never_interrupted, &turned, &degrees) == said);
	check(fabs(turned - chi_squared) <= ROUNDING * (1 + chi_squared));
}

/* Every statistic, of each cause that there is and of one after the last. */
static void
check_statistics(life_table_reader *reader)
{
	size_t		num_steps;
	const survival_step *steps = check_steps(reader, 0, &num_steps);
	survival_point *points = fuzz_allocate(NULL, num_steps * sizeof(survival_point));
	incidence_point *incidences = fuzz_allocate(NULL, num_steps * sizeof(incidence_point));
	double		share = 0;		/* who have had any event at the last time, or not */

	survival_curve(steps, num_steps, points);
	check_survival(steps, num_steps, points);
	for (int cause = 1; cause <= reader->num_causes + 1 && cause <= LIFE_TABLE_MAX_CAUSES; cause++)
	{
		const survival_step *of_cause;

		if (cause <= reader->num_causes && count_part(reader, cause) == 0)
			continue;
		of_cause = check_steps(reader, cause, &num_steps);
		incidence_curve(of_cause, num_steps, incidences);
		check_incidence(of_cause, num_steps, points, incidences);
		if (num_steps > 0)
			share += incidences[num_steps - 1].incidence;
	}
	if (num_steps > 0)
		check(fabs(share + points[num_steps - 1].survival - 1) <= ROUNDING);
}

/* ------------------------------------------------------------------ what holds of every life table */

static char *
write_part(char *at, life_table_reader *reader, int part)
{
	tally_cursor cursor;
	tally_pair	pair;
	bool		found;
	const char *separator = "";

	if (count_part(reader, part) == 0)
		return at;
	if (part == LIFE_TABLE_CENSORED || part == LIFE_TABLE_OPEN)
		at += sprintf(at, ", %s: {", part == LIFE_TABLE_OPEN ? "open" : "censored");
	else
		at += sprintf(at, ", %d: {", part);
	check(life_table_open_part(reader, part, &cursor) == TALLY_OK);
	while (tally_next(&cursor, &pair, &found) == TALLY_OK && found)
	{
		char		start[LIFE_TABLE_START_TEXT_SIZE];

		memset(start, 'x', sizeof(start));
		if (part == LIFE_TABLE_OPEN)
		{
			check(pair.value <= life_table_max_start(reader->unit));
			life_table_write_start(reader->unit, (int32_t) pair.value, start);
			check(memchr(start, '\0', sizeof(start)) != NULL);
		}
		else
			sprintf(start, "%lld", (long long) pair.value);
		at += sprintf(at, "%s%s:%lld", separator, start, (long long) pair.count);
		separator = ", ";
	}
	return at + sprintf(at, "}");
}

static char *
write_text(life_table_reader *reader)
{
	size_t		num_pairs = 0;
	char	   *text;
	char	   *at;

	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
	{
		tally_cursor cursor;
		tally_pair	pair;
		bool		found;

		check(life_table_open_part(reader, part, &cursor) == TALLY_OK);
		while (tally_next(&cursor, &pair, &found) == TALLY_OK && found)
			num_pairs++;
	}
	text = fuzz_allocate(NULL, 32 + LIFE_TABLE_PARTS * 16 + num_pairs * 48);
	at = text + sprintf(text, "{unit: %s", life_table_unit_name(reader->unit));
	for (int part = 0; part < LIFE_TABLE_PARTS; part++)
		at = write_part(at, reader, part);
	strcpy(at, "}");
	return text;
}

/* A life table is the same by way of its bytes and its text, and added to and taken away. */
static void
check_life_table(life_table *t)
{
	life_table	again;
	life_table_reader reader;
	life_table_reader reader_again;
	tally_status status;
	size_t		size;
	const unsigned char *bytes = life_table_encode(t, &size);
	char	   *text;
	int64_t		count;
	int			order;

	check(life_table_open(&reader, bytes, size) == TALLY_OK && reader.unit == t->unit);
	check(life_table_count(&reader, 0, LIFE_TABLE_PARTS - 1, &count) == TALLY_OK && count == t->num_values);
	life_table_init(&again, UNIT_SECOND, &fuzz_host);
	check(life_table_read_bytes(&again, bytes, size));
	check_same(t, &again);

	text = write_text(&reader);
	life_table_init(&again, UNIT_SECOND, &fuzz_host);
	check(life_table_read_text(&again, text, &status) && status == TALLY_OK);
	check_same(t, &again);
	open_life_table(&reader_again, &again);
	check(strcmp(write_text(&reader_again), text) == 0);
	check(life_table_compare(&reader, &reader_again, &order) == TALLY_OK && order == 0);

	check(life_table_subtract(&again, &reader) == TALLY_OK && again.num_values == 0);
	check(life_table_merge(&again, &reader) == TALLY_OK);
	check_same(t, &again);

	/* What is open may be closed at any time that no start is later than. */
	life_table_init(&again, t->unit, &fuzz_host);
	check(life_table_merge_closed(&again, &reader, life_table_max_start(t->unit)) == TALLY_OK && again.num_values == t->num_values);
	open_life_table(&reader_again, &again);
	check(count_part(&reader_again, LIFE_TABLE_OPEN) == 0);
	check_statistics(&reader_again);
	life_table_init(&again, t->unit, &fuzz_host);
	check(life_table_merge_censored(&again, &reader, 1000) == TALLY_OK && again.num_values == t->num_values - count_part(&reader, LIFE_TABLE_OPEN));
	open_life_table(&reader_again, &again);
	check_statistics(&reader_again);
	if (count_part(&reader, LIFE_TABLE_OPEN) > 0)
		check_statistics(&reader);
}

/* ------------------------------------------------------------------ bytes and text */

static bool
is_expected(tally_status status)
{
	return status == TALLY_OK || status == TALLY_MALFORMED;
}

static void
try_bytes(const unsigned char *bytes, size_t size)
{
	life_table	t;
	life_table_reader reader;
	bool		accepted;

	life_table_init(&t, UNIT_SECOND, &fuzz_host);
	accepted = life_table_read_bytes(&t, bytes, size);
	/* Stored bytes are opened without that check: they may be damaged, which is then said, late perhaps. */
	if (life_table_open(&reader, bytes, size) == TALLY_OK)
	{
		life_table	merged;
		life_table_reader other = reader;
		survival_step *steps;
		size_t		num_steps;
		int64_t		count;
		int			order;

		check(is_expected(life_table_count(&reader, 0, LIFE_TABLE_PARTS - 1, &count)));
		check(is_expected(life_table_compare(&reader, &other, &order)));
		check(is_expected(life_table_steps(&reader, 1, &fuzz_host, &steps, &num_steps)));
		life_table_init(&merged, reader.unit, &fuzz_host);
		check(life_table_merge(&merged, &reader) != TALLY_BELOW_ZERO);
	}
	else
		check(!accepted);
	if (accepted)
	{
		size_t		own_size;
		const unsigned char *own_bytes = life_table_encode(&t, &own_size);

		check(own_size == size && memcmp(own_bytes, bytes, size) == 0);
		check_life_table(&t);
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A text without what a reader may pass over: white space, and zeros before a digit. */
static char *
shorten(const char *text)
{
	char	   *result = fuzz_allocate(NULL, strlen(text) + 1);
	char	   *at = result;

	for (bool in_number = false; *text != '\0'; text++)
	{
		if (strchr(" \t\n\v\f\r", *text) != NULL || (*text == '0' && !in_number && is_digit(text[1])))
			continue;
		in_number = is_digit(*text);
		*at++ = *text;
	}
	*at = '\0';
	return result;
}

static void
try_text(const unsigned char *bytes, size_t size)
{
	char	   *text;
	life_table	t;
	life_table_reader reader;
	tally_status status;

	size = strnlen((const char *) bytes, size);
	text = fuzz_allocate(NULL, size + 1);
	memcpy(text, bytes, size);
	text[size] = '\0';
	life_table_init(&t, UNIT_SECOND, &fuzz_host);
	if (!life_table_read_text(&t, text, &status))
	{
		check(status == TALLY_OK || status == TALLY_TOO_MANY);
		return;
	}
	check(status == TALLY_OK);
	/* What is read is what would be written. */
	open_life_table(&reader, &t);
	check(strcmp(shorten(write_text(&reader)), shorten(text)) == 0);
	check_life_table(&t);
}

/* ------------------------------------------------------------------ operations */

static int32_t
choose_value(fuzz_choices *choices, life_table_unit unit, int part)
{
	uint64_t	value = fuzz_choose(choices, 1);

	if (value % 4 == 0)
		value = fuzz_choose(choices, 4) & INT32_MAX;
	if (part == LIFE_TABLE_OPEN)
		value %= (uint64_t) life_table_max_start(unit) + 1;
	return (int32_t) value;
}

/* From 1 to 2^63 - 1. */
static int64_t
choose_count(fuzz_choices *choices)
{
	uint64_t	power = UINT64_C(1) << fuzz_choose(choices, 1) % 63;

	return (int64_t) (power + fuzz_choose(choices, 1) % power);
}

static void
change(life_table *t, fuzz_choices *choices)
{
	unsigned	operation = (unsigned) fuzz_choose(choices, 1);
	int			part = (int) (fuzz_choose(choices, 1) % LIFE_TABLE_PARTS);
	int32_t		value = choose_value(choices, t->unit, part);
	int64_t		count = operation % 4 == 0 ? choose_count(choices) : 1;
	int64_t		before = t->num_values;
	tally_status status;

	if (operation % 4 == 3)
	{
		status = life_table_remove(t, part, value);
		check(status == TALLY_OK || status == TALLY_BELOW_ZERO);
		check(t->num_values == before - (status == TALLY_OK ? 1 : 0));
	}
	else
	{
		status = life_table_add(t, part, value, count);
		check(status == (count <= INT64_MAX - before ? TALLY_OK : TALLY_TOO_MANY));
		check(t->num_values == before + (status == TALLY_OK ? count : 0));
	}
}

static void
try_operations(const unsigned char *bytes, size_t size)
{
	fuzz_choices choices = {bytes, bytes + size};
	life_table_unit unit = (life_table_unit) (fuzz_choose(&choices, 1) % (UNIT_DAY + 1));
	life_table	tables[2];
	life_table	sums[2];
	life_table_reader readers[2];
	bool		fits;
	int			orders[2];

	for (int i = 0; i < 2; i++)
	{
		life_table_init(&tables[i], unit, &fuzz_host);
		life_table_init(&sums[i], unit, &fuzz_host);
	}
	while (choices.next < choices.end)
		change(&tables[fuzz_choose(&choices, 1) % 2], &choices);
	for (int i = 0; i < 2; i++)
	{
		check_life_table(&tables[i]);
		open_life_table(&readers[i], &tables[i]);
	}
	check(life_table_compare(&readers[0], &readers[1], &orders[0]) == TALLY_OK);
	check(life_table_compare(&readers[1], &readers[0], &orders[1]) == TALLY_OK && orders[0] == -orders[1]);

	/* One and the other is the other and one; without the other it is one again. */
	fits = tables[0].num_values <= INT64_MAX - tables[1].num_values;
	for (int i = 0; i < 2; i++)
	{
		check(life_table_merge(&sums[i], &readers[i]) == TALLY_OK);
		check(life_table_merge(&sums[i], &readers[1 - i]) == (fits ? TALLY_OK : TALLY_TOO_MANY));
	}
	if (!fits)
		return;
	check_same(&sums[0], &sums[1]);
	check_log_rank(&readers[0], &readers[1]);
	check(life_table_subtract(&sums[0], &readers[1]) == TALLY_OK);
	check_same(&sums[0], &tables[0]);
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
