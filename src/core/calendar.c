/*
 * calendar.c
 *		Calendar and fiscal periods by month number.
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
