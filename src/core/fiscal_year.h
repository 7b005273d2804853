/*
 * fiscal_year.h
 *		A fiscal year: twelve months that may begin with any month.
 *
 * A value is the number of months from January of the year 0 to the month that the fiscal year begins with, that is
 * year * 12 + month - 1.  So values are in order of time, and a year later is 12 more.  The year that it begins in is 1 to
 * 9998, so that the text always has four digits.
 *
 * The text is 2024/25 for the year that begins with April 2024, 2024/25 (October) for the one that begins with another
 * month, and 2024 (January) for a calendar year.
 */
#ifndef NALOXONE_KPI_FISCAL_YEAR_H
#define NALOXONE_KPI_FISCAL_YEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FISCAL_YEAR_MIN			1
#define FISCAL_YEAR_MAX			9998
#define FISCAL_YEAR_APRIL		4	/* the month that the text does not name */

/* Room for the longest text, 9998/99 (September), and its terminating zero. */
#define FISCAL_YEAR_TEXT_SIZE	32

typedef enum fiscal_year_status
{
	FISCAL_YEAR_OK,
	FISCAL_YEAR_MALFORMED,		/* not the form of a fiscal year */
	FISCAL_YEAR_NOT_NEXT,		/* the second part is not the next year */
	FISCAL_YEAR_NO_SUCH_MONTH,	/* the word in brackets is no month */
	FISCAL_YEAR_WRONG_FORM,		/* the month asks for the other form, or for none */
	FISCAL_YEAR_OUT_OF_RANGE	/* begins before the year 1 or after 9998 */
} fiscal_year_status;

extern bool fiscal_year_is_valid(int32_t months);

/* The year (1 to 9998) and the month (1 to 12) that a valid fiscal year begins with. */
extern int	fiscal_year_first_year(int32_t months);
extern int	fiscal_year_first_month(int32_t months);

/* The fiscal year beginning with first_month (1 to 12) that a month (1 to 12) of a year lies in. */
extern fiscal_year_status fiscal_year_of_month(int year, int month, int first_month, int32_t *result);

extern fiscal_year_status fiscal_year_add(int32_t months, int64_t years, int32_t *result);

/* How many years a is after b; false if they do not begin with the same month. */
extern bool fiscal_year_difference(int32_t a, int32_t b, int32_t *years);

extern fiscal_year_status fiscal_year_parse(const char *text, size_t length, int32_t *result);

/* Writes the text, with a terminating zero, into FISCAL_YEAR_TEXT_SIZE bytes. */
extern void fiscal_year_format(int32_t months, char *text);

#endif							/* NALOXONE_KPI_FISCAL_YEAR_H */
