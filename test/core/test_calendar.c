/*
 * test_calendar.c
 *		Months, fiscal quarters and fiscal years, and days, against counting them off one by one.
 */
#include "core/calendar.h"

#include "tap.h"

static int
month_number(int year, int month)
{
	return year * 12 + month - 1;
}

/* Every day of 1600 years, by how many days the months have. */
static int
days_follow_one_another(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t		expected = day_from_date(-801, 12, 31);

	for (int year = -800; year < 800; year++)
	{
		int			leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

		for (int month = 1; month <= 12; month++)
		{
			for (int day = 1; day <= lengths[month - 1] + (month == 2 && leap); day++)
			{
				int64_t		same_year;
				int64_t		same_month;
				int64_t		same_day;

				date_from_day(++expected, &same_year, &same_month, &same_day);
				if (day_from_date(year, month, day) != expected || same_year != year || same_month != month || same_day != day)
					return 0;
			}
			if (day_from_date(year, month, lengths[month - 1] + (month == 2 && leap) + 1) != expected + 1)
				return 0;
		}
	}
	return 1;
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

	/* As PostgreSQL has them; its first day is that of Julian day number 0, which is 2451545 days before. */
	is_int(day_from_date(2000, 1, 1), 0, "days are counted from 2000");
	is_int(day_from_date(1900, 1, 1), -36524, "the beginning of 1900");
	is_int(day_from_date(9999, 12, 31), 2921939, "the end of 9999");
	is_int(day_from_date(-4713, 11, 24), -2451545, "24 November 4714 before our era");
	ok(days_follow_one_another(), "days follow one another, and come back as the dates that they are of");
	return done_testing();
}
