/*
 * life_table_text.c
 *		The text of a life table, its units and its starts.
 */
#include "core/life_table.h"

#include <stdio.h>
#include <string.h>

#include "core/calendar.h"
#include "core/scan.h"

#define DAYS_1900_TO_2000	36524
#define LAST_YEAR			9999

/* ------------------------------------------------------------------ units */

static const char *const unit_names[] = {"second", "minute", "hour", "day"};

const char *
life_table_unit_name(life_table_unit unit)
{
	return unit_names[unit];
}

bool
life_table_find_unit(const char *name, size_t length, life_table_unit *unit)
{
	for (int i = UNIT_SECOND; i <= UNIT_DAY; i++)
	{
		if (strlen(unit_names[i]) == length && memcmp(unit_names[i], name, length) == 0)
		{
			*unit = (life_table_unit) i;
			return true;
		}
	}
	return false;
}

int64_t
life_table_units_a_day(life_table_unit unit)
{
	static const int64_t units[] = {86400, 1440, 24, 1};

	return units[unit];
}

/* ------------------------------------------------------------------ starts */

/* How many days before 1 January 2000 starts of this unit are counted from. */
static int64_t
days_to_2000(life_table_unit unit)
{
	return unit == UNIT_SECOND ? 0 : DAYS_1900_TO_2000;
}

int64_t
life_table_start(life_table_unit unit, int64_t since_2000)
{
	return since_2000 + days_to_2000(unit) * life_table_units_a_day(unit);
}

int64_t
life_table_max_start(life_table_unit unit)
{
	int64_t		start = (day_from_date(LAST_YEAR + 1, 1, 1) + days_to_2000(unit)) * life_table_units_a_day(unit) - 1;

	return start < TALLY_MAX_VALUE ? start : TALLY_MAX_VALUE;
}

void
life_table_write_start(life_table_unit unit, int32_t start, char *text)
{
	int			second = (int) (start % life_table_units_a_day(unit) * (86400 / life_table_units_a_day(unit)));
	int64_t		year;
	int64_t		month;
	int64_t		day;

	date_from_day(start / life_table_units_a_day(unit) - days_to_2000(unit), &year, &month, &day);
	text += sprintf(text, "%04d-%02d-%02d", (int) year, (int) month, (int) day);
	if (unit != UNIT_DAY)
		text += sprintf(text, "T%02d", second / 3600);
	if (unit == UNIT_MINUTE || unit == UNIT_SECOND)
		text += sprintf(text, ":%02d", second / 60 % 60);
	if (unit == UNIT_SECOND)
		text += sprintf(text, ":%02d", second % 60);
	if (unit != UNIT_DAY)
		strcpy(text, "Z");
}

/* ------------------------------------------------------------------ reading */

/* A colon with white space around it. */
static bool
skip_colon(const char **at)
{
	skip_white_space(at);
	if (**at != ':')
		return false;
	(*at)++;
	skip_white_space(at);
	return true;
}

/* So many decimal digits, of a number within limits, after a character (0: none). */
static bool
read_digits(const char **at, char before, int num_digits, int lowest, int highest, int *number)
{
	if (before != '\0' && *(*at)++ != before)
		return false;
	*number = 0;
	for (int i = 0; i < num_digits; i++)
	{
		if (!is_digit(**at))
			return false;
		*number = *number * 10 + (*(*at)++ - '0');
	}
	return *number >= lowest && *number <= highest;
}

/* A start of this unit, as life_table_write_start() writes it. */
static bool
read_start(const char **at, life_table_unit unit, int64_t *start)
{
	int			year;
	int			month;
	int			day;
	int			hour = 0;
	int			minute = 0;
	int			second = 0;
	int64_t		days;
	int64_t		same_year;
	int64_t		same_month;
	int64_t		same_day;

	if (!read_digits(at, '\0', 4, unit == UNIT_SECOND ? 2000 : 1900, LAST_YEAR, &year) ||
		!read_digits(at, '-', 2, 1, 12, &month) || !read_digits(at, '-', 2, 1, 31, &day))
		return false;
	days = day_from_date(year, month, day);
	date_from_day(days, &same_year, &same_month, &same_day);
	if (same_day != day)
		return false;
	if (unit != UNIT_DAY && !read_digits(at, 'T', 2, 0, 23, &hour))
		return false;
	if ((unit == UNIT_MINUTE || unit == UNIT_SECOND) && !read_digits(at, ':', 2, 0, 59, &minute))
		return false;
	if (unit == UNIT_SECOND && !read_digits(at, ':', 2, 0, 59, &second))
		return false;
	if (unit != UNIT_DAY && *(*at)++ != 'Z')
		return false;
	*start = (days + days_to_2000(unit)) * life_table_units_a_day(unit) +
		(hour * INT64_C(3600) + minute * 60 + second) / (86400 / life_table_units_a_day(unit));
	return *start <= life_table_max_start(unit);
}

/* {start:count, ...}, as tally_read_text() reads values. */
static bool
read_starts(const char **at, life_table_unit unit, tally *t, tally_status *status)
{
	int64_t		previous = -1;

	*status = TALLY_OK;
	if (*(*at)++ != '{')
		return false;
	skip_white_space(at);
	do
	{
		int64_t		start;
		int64_t		count;

		if (previous >= 0)
		{
			if (*(*at)++ != ',')
				return false;
			skip_white_space(at);
		}
		if (!read_start(at, unit, &start) || start <= previous || !skip_colon(at) || !read_shortest_decimal(at, INT64_MAX, &count) ||
			count == 0)
			return false;
		skip_white_space(at);
		if ((*status = tally_append(t, (int32_t) start, count)) != TALLY_OK)
			return false;
		previous = start;
		t->host.check_for_interrupts();
	} while (**at != '}');
	(*at)++;
	return true;
}

static bool
read_unit(const char **at, life_table_unit *unit)
{
	size_t		length = 0;

	while ((*at)[length] >= 'a' && (*at)[length] <= 'z')
		length++;
	if (!life_table_find_unit(*at, length, unit))
		return false;
	*at += length;
	return true;
}

/* The name of a part. */
static bool
read_part(const char **at, int *part)
{
	if (skip_word(at, "censored"))
		*part = LIFE_TABLE_CENSORED;
	else if (skip_word(at, "open"))
		*part = LIFE_TABLE_OPEN;
	else
	{
		int			num_digits = (*at)[0] != '\0' && is_digit((*at)[1]) ? 2 : 1;

		return read_digits(at, '\0', num_digits, num_digits == 2 ? 10 : 1, LIFE_TABLE_MAX_CAUSES, part);
	}
	return true;
}

bool
life_table_read_text(life_table *t, const char *text, tally_status *status)
{
	int			previous = -1;

	*status = TALLY_OK;
	skip_white_space(&text);
	if (*text++ != '{')
		return false;
	skip_white_space(&text);
	if (!skip_word(&text, "unit") || !skip_colon(&text) || !read_unit(&text, &t->unit))
		return false;
	skip_white_space(&text);
	while (*text == ',')
	{
		tally	   *target;
		int			part;

		text++;
		skip_white_space(&text);
		if (!read_part(&text, &part) || part <= previous || !skip_colon(&text))
			return false;
		t->parts[part] = target = t->host.allocate(t->host.context, sizeof(tally));
		tally_init(target, &t->host);
		if (!(part == LIFE_TABLE_OPEN ? read_starts(&text, t->unit, target, status) : tally_read_text(&text, target, status)))
			return false;
		/* What is empty is left out. */
		if (target->num_values == 0)
			return false;
		if (target->num_values > INT64_MAX - t->num_values)
		{
			*status = TALLY_TOO_MANY;
			return false;
		}
		t->num_values += target->num_values;
		previous = part;
		skip_white_space(&text);
	}
	if (*text++ != '}')
		return false;
	skip_white_space(&text);
	return *text == '\0';
}
