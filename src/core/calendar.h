/*
 * calendar.h
 *		Calendar and fiscal periods by month number, and days of the Gregorian calendar.
 *
 * A month is counted from January of year 0: year * 12 + month - 1; a day from 1 January 2000.  The year before 1 is 0.
 */
#ifndef NALOXONE_KPI_CALENDAR_H
#define NALOXONE_KPI_CALENDAR_H

#include <stdint.h>

typedef enum period_grain
{
	GRAIN_MONTH,
	GRAIN_FISCAL_QUARTER,
	GRAIN_FISCAL_YEAR
} period_grain;

/* The grain of this name, as SQL writes it; false for any other name. */
extern int find_grain(const char *name, period_grain *grain);

/* The first month of the period that holds a month; fiscal years begin in first_month (1 to 12). */
extern int period_first_month(period_grain grain, int month, int first_month);

/* How many months a period of this grain has. */
extern int period_months(period_grain grain);

/* How often a number from 1 up goes into another, rounded down, before 0 too. */
static inline int64_t
floor_divide(int64_t number, int64_t by)
{
	return number / by - (number % by < 0 ? 1 : 0);
}

/* The day of a date; a day that a month does not have is one of the next month. */
extern int64_t day_from_date(int64_t year, int64_t month, int64_t day);
extern void date_from_day(int64_t days, int64_t *year, int64_t *month, int64_t *day);

#endif							/* NALOXONE_KPI_CALENDAR_H */
