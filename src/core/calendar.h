/*
 * calendar.h
 *		Calendar and fiscal periods by month number.
 *
 * A month is counted from January of year 0: year * 12 + month - 1.
 */
#ifndef NALOXONE_KPI_CALENDAR_H
#define NALOXONE_KPI_CALENDAR_H

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

#endif							/* NALOXONE_KPI_CALENDAR_H */
