/*
 * fiscal_year.c
 *		The arithmetic and the text of fiscal years.  See fiscal_year.h for what a value is.
 *
 * Pure C: no PostgreSQL, no memory of its own, nothing that depends on the locale.
 */
#include "fiscal_year.h"

#include <stdio.h>
#include <string.h>

#include "scan.h"

static const char *const month_names[12] = {
	"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December"
};

bool
fiscal_year_is_valid(int32_t months)
{
	return months >= FISCAL_YEAR_MIN * 12 && months <= FISCAL_YEAR_MAX * 12 + 11;
}

int
fiscal_year_first_year(int32_t months)
{
	return months / 12;
}

int
fiscal_year_first_month(int32_t months)
{
	return months % 12 + 1;
}

/* Checks the range in 64 bits, so that callers need not care whether their sum fits in 32. */
static fiscal_year_status
make_fiscal_year(int64_t year, int first_month, int32_t *result)
{
	if (year < FISCAL_YEAR_MIN || year > FISCAL_YEAR_MAX)
		return FISCAL_YEAR_OUT_OF_RANGE;
	*result = (int32_t) year * 12 + first_month - 1;
	return FISCAL_YEAR_OK;
}

fiscal_year_status
fiscal_year_of_month(int year, int month, int first_month, int32_t *result)
{
	return make_fiscal_year((int64_t) year - (month < first_month ? 1 : 0), first_month, result);
}

fiscal_year_status
fiscal_year_add(int32_t months, int64_t years, int32_t *result)
{
	/* Beyond the whole range the answer is known, and the sum below cannot overflow. */
	if (years < -FISCAL_YEAR_MAX || years > FISCAL_YEAR_MAX)
		return FISCAL_YEAR_OUT_OF_RANGE;
	return make_fiscal_year(fiscal_year_first_year(months) + years, fiscal_year_first_month(months), result);
}

bool
fiscal_year_difference(int32_t a, int32_t b, int32_t *years)
{
	if (fiscal_year_first_month(a) != fiscal_year_first_month(b))
		return false;
	*years = fiscal_year_first_year(a) - fiscal_year_first_year(b);
	return true;
}

/* Reads exactly count digits. */
static bool
read_digits(const char **at, const char *end, int count, int *number)
{
	*number = 0;
	for (; count > 0; count--, (*at)++)
	{
		if (*at == end || !is_digit(**at))
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

/* The month whose name fills the text, in any letter case; 0 if there is none. */
static int
find_month(const char *text, size_t length)
{
	for (int month = 0; month < 12; month++)
	{
		size_t		i = 0;

		if (strlen(month_names[month]) != length)
			continue;
		while (i < length && to_lower(text[i]) == to_lower(month_names[month][i]))
			i++;
		if (i == length)
			return month + 1;
	}
	return 0;
}

fiscal_year_status
fiscal_year_parse(const char *text, size_t length, int32_t *result)
{
	const char *at = text;
	const char *end = text + length;
	int			year;
	int			second = -1;	/* the two digits after the slash */
	int			month = FISCAL_YEAR_APRIL;
	bool		month_named = false;

	trim(&at, &end);

	if (!read_digits(&at, end, 4, &year))
		return FISCAL_YEAR_MALFORMED;
	if (at < end && *at == '/')
	{
		at++;
		if (!read_digits(&at, end, 2, &second))
			return FISCAL_YEAR_MALFORMED;
	}
	if (at < end)
	{
		if (end - at < 4 || at[0] != ' ' || at[1] != '(' || end[-1] != ')')
			return FISCAL_YEAR_MALFORMED;
		month_named = true;
		month = find_month(at + 2, (size_t) (end - at) - 3);
		if (month == 0)
			return FISCAL_YEAR_NO_SUCH_MONTH;
	}

	/* A value has one text: two years unless it is a calendar year, and April is never named. */
	if ((second < 0) != (month == 1) || (month_named && month == FISCAL_YEAR_APRIL))
		return FISCAL_YEAR_WRONG_FORM;
	if (second >= 0 && second != (year + 1) % 100)
		return FISCAL_YEAR_NOT_NEXT;
	return make_fiscal_year(year, month, result);
}

void
fiscal_year_format(int32_t months, char *text)
{
	int			year = fiscal_year_first_year(months);
	int			month = fiscal_year_first_month(months);

	if (month == 1)
		snprintf(text, FISCAL_YEAR_TEXT_SIZE, "%04d (%s)", year, month_names[0]);
	else if (month == FISCAL_YEAR_APRIL)
		snprintf(text, FISCAL_YEAR_TEXT_SIZE, "%04d/%02d", year, (year + 1) % 100);
	else
		snprintf(text, FISCAL_YEAR_TEXT_SIZE, "%04d/%02d (%s)", year, (year + 1) % 100, month_names[month - 1]);
}
