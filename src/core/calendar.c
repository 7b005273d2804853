/*
 * calendar.c
 *		Calendar and fiscal periods by month number, and days of the Gregorian calendar.
 */
#include "core/calendar.h"

#include <string.h>

int
find_grain(const char *name, period_grain *grain)
{
	static const char *const names[] = {"month", "fiscal_quarter", "fiscal_year"};

	for (int i = 0; i < 3; i++)
	{
		if (strcmp(name, names[i]) == 0)
		{
			*grain = (period_grain) i;
			return 1;
		}
	}
	return 0;
}

int
period_first_month(period_grain grain, int month, int first_month)
{
	int			after_start = (month - (first_month - 1)) % period_months(grain);

	/* Years before 0 count backwards. */
	if (after_start < 0)
		after_start += period_months(grain);
	return month - after_start;
}

int
period_months(period_grain grain)
{
	static const int months[] = {1, 3, 12};

	return months[grain];
}

/* From 0000-03-01, with which the years of a calendar that ends in February begin, to the beginning of 2000. */
#define DAYS_TO_2000		INT64_C(730425)
#define DAYS_IN_400_YEARS	INT64_C(146097)

int64_t
day_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t		months_from_march = (month + 9) % 12;
	int64_t		century;

	/* January and February end a year that began in March. */
	if (month <= 2)
		year--;
	century = floor_divide(year, 400);
	year -= century * 400;
	return century * DAYS_IN_400_YEARS + year * 365 + year / 4 - year / 100 +
		(153 * months_from_march + 2) / 5 + day - 1 - DAYS_TO_2000;
}

void
date_from_day(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t		century;
	int64_t		months_from_march;

	days += DAYS_TO_2000;
	century = floor_divide(days, DAYS_IN_400_YEARS);
	days -= century * DAYS_IN_400_YEARS;
	*year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
	days -= *year * 365 + *year / 4 - *year / 100;
	months_from_march = (5 * days + 2) / 153;
	*day = days - (153 * months_from_march + 2) / 5 + 1;
	*month = months_from_march < 10 ? months_from_march + 3 : months_from_march - 9;
	*year += century * 400 + (*month <= 2 ? 1 : 0);
}
