/*
 * test_calendar.c
 *		Months, fiscal quarters and fiscal years against counting them off one by one.
 */
#include "core/calendar.h"

#include "tap.h"

static int
month_number(int year, int month)
{
	return year * 12 + month - 1;
}

int
main(void)
{
	static const struct
	{
		const char *name;
		int			length;
	}			grains[] = {{"month", 1}, {"fiscal_quarter", 3}, {"fiscal_year", 12}};
	period_grain grain;

	ok(find_grain("fiscal_year", &grain) && grain == GRAIN_FISCAL_YEAR, "a grain has a name");
	ok(!find_grain("year", &grain) && !find_grain("", &grain) && !find_grain("months", &grain), "other names are no grain");
	is_int(period_first_month(GRAIN_FISCAL_YEAR, month_number(2025, 3), 4), month_number(2024, 4), "March 2025 is of 2024/25");
	is_int(period_first_month(GRAIN_FISCAL_YEAR, month_number(2025, 4), 4), month_number(2025, 4), "April 2025 begins 2025/26");
	is_int(period_first_month(GRAIN_FISCAL_QUARTER, month_number(2024, 2), 4), month_number(2024, 1), "February is of the quarter from January");
	is_int(period_first_month(GRAIN_FISCAL_QUARTER, month_number(2024, 1), 12), month_number(2023, 12), "where the year begins in December, January is of its first quarter");

	/* Periods follow one another from the fiscal start, before year 0 as after. */
	for (int g = 0; g < 3; g++)
	{
		int			right = 1;

		(void) find_grain(grains[g].name, &grain);
		is_int(period_months(grain), grains[g].length, "a %s has its months", grains[g].name);
		for (int first_month = 1; first_month <= 12; first_month++)
		{
			int			begins = month_number(-5, first_month);

			for (int month = begins; month < month_number(5, first_month); month++)
			{
				if (month == begins + grains[g].length)
					begins = month;
				right = right && period_first_month(grain, month, first_month) == begins;
			}
		}
		ok(right, "every %s of ten years, from every first month", grains[g].name);
	}
	return done_testing();
}
