/*
 * naloxone_dose.h
 *		Doses of naloxone of one kind: how many, the strength of each, and the route by which they were given.
 *
 * The strength is in micrograms, 0 where it was not recorded.  A value is eight bytes with no padding; the last is always 0.
 *
 * The text is 2 x 1800 mcg intranasal; 2 x 400 mcg where the route is unknown; 1 x unknown intranasal where the strength is;
 * 1 x unknown where both are.
 */
#ifndef NALOXONE_KPI_NALOXONE_DOSE_H
#define NALOXONE_KPI_NALOXONE_DOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NALOXONE_DOSE_MAX_NUMBER		1000
#define NALOXONE_DOSE_MAX_MICROGRAMS	100000

/* Room for the longest text and its terminating zero. */
#define NALOXONE_DOSE_TEXT_SIZE			sizeof("1000 x 100000 mcg intramuscular")

/* These numbers are stored: a new route goes to the end. */
typedef enum naloxone_route
{
	NALOXONE_ROUTE_UNKNOWN,
	NALOXONE_ROUTE_INTRANASAL,
	NALOXONE_ROUTE_INTRAMUSCULAR,
	NALOXONE_ROUTE_INTRAVENOUS,
	NALOXONE_ROUTE_SUBCUTANEOUS
} naloxone_route;

#define NALOXONE_ROUTES					5

/* Names by number, the first being unknown. */
extern const char *const naloxone_route_names[NALOXONE_ROUTES];

typedef struct naloxone_dose
{
	int32_t		micrograms;		/* of one dose, 0 if unknown */
	int16_t		number;
	uint8_t		route;
	uint8_t		zero;
} naloxone_dose;

typedef enum naloxone_dose_status
{
	NALOXONE_DOSE_OK,
	NALOXONE_DOSE_MALFORMED,	/* not the form of a dose */
	NALOXONE_DOSE_BAD_NUMBER,	/* not 1 to 1000 */
	NALOXONE_DOSE_BAD_STRENGTH, /* not 1 to 100000 */
	NALOXONE_DOSE_BAD_ROUTE		/* no such route */
} naloxone_dose_status;

/* What, if anything, keeps these from being a dose; strength 0 is unknown. */
extern naloxone_dose_status naloxone_dose_check(int64_t number, int64_t micrograms, int route);

/* The route of that name in any letter case, unknown included; -1 if there is none. */
extern int	naloxone_route_find(const char *name, size_t length);

/* One number a value, in the order of values: by route, strength, number. */
extern uint64_t naloxone_dose_key(const naloxone_dose *dose);

extern naloxone_dose_status naloxone_dose_parse(const char *text, size_t length, naloxone_dose *result);

/* Writes the text, with a terminating zero, into NALOXONE_DOSE_TEXT_SIZE bytes. */
extern void naloxone_dose_format(const naloxone_dose *dose, char *text);

#endif							/* NALOXONE_KPI_NALOXONE_DOSE_H */
