/*
 * standardisation.h
 *		Rates that allow for the ages (or other bands) of a population: directly and indirectly standardised.
 *
 * Direct: A. J. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, "Confidence intervals for weighted sums of Poisson parameters",
 * Statistics in Medicine 10, 1991; for people who have several events each, the variance is that of a sum over people: T. A. Stukel,
 * R. J. Glynn, E. S. Fisher, S. M. Sharp, G. Lu-Yao and J. E. Wennberg, "Standardized rates of recurrent outcomes", the same journal 13, 1994.
 * Indirect: N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research, volume II, 1987, chapter 2.
 *
 * The bands are given in the order of standardisation_sort(), so that sums do not depend on the order in which they came.
 */
#ifndef NALOXONE_KPI_STANDARDISATION_H
#define NALOXONE_KPI_STANDARDISATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/interval.h"

/*
 * One band.  None of the numbers is negative, all are finite.  What stands beside the events and the population depends on the method:
 * direct: the sum over people of the squared number of their events (the events themselves where nobody has two), and the
 * population of the standard; indirect: the events and the population of the reference.
 */
typedef struct standardisation_band
{
	int64_t		events;
	int64_t		beside_events;
	double		population;
	double		beside_population;
} standardisation_band;

/* Puts bands into their one order. */
extern void standardisation_sort(standardisation_band *bands, size_t num_bands);

/* Why there is no value, or no limits. */
typedef enum standardisation_reason
{
	STANDARDISED,
	TOO_FEW_EVENTS,
	NO_EVENTS,					/* a value of 0, without limits */
	BAND_WITHOUT_POPULATION,
	BAND_WITHOUT_REFERENCE,
	NO_STANDARD_POPULATION,
	NO_REFERENCE_POPULATION,
	NO_EXPECTED_EVENTS,
	OUT_OF_RANGE,				/* of a double */
	TOO_MANY_EVENTS				/* for 64 bits */
} standardisation_reason;

typedef struct direct_standard
{
	standardisation_reason reason;
	int64_t		events;
	double		population;		/* infinite where it is out of range */
	bool		repeated;		/* somebody had more than one event */
	double		value;
	confidence_limits limits;
} direct_standard;

extern direct_standard standardise_directly(const standardisation_band *bands, size_t num_bands, double multiplier, double confidence,
											int64_t minimum_events);

typedef struct indirect_standard
{
	standardisation_reason reason;
	int64_t		observed;
	double		expected;
	double		value;
	confidence_limits limits;
	bool		exact;			/* the limits; else they are Byar's */
} indirect_standard;

/* Observed events as a multiple of those expected, a finite number from 0. */
extern indirect_standard standardised_ratio(int64_t observed, double expected, double multiplier, double confidence);

/* The same of bands; as a rate, it is multiplied by the rate of the whole reference. */
extern indirect_standard standardise_indirectly(const standardisation_band *bands, size_t num_bands, bool as_rate, double multiplier,
												double confidence);

/* The European standard population of 2013: EUROPEAN_STANDARD_BANDS bands five years wide from 0, the last of them open. */
#define EUROPEAN_STANDARD_BANDS	19
#define EUROPEAN_STANDARD_WIDTH	5
extern const int32_t european_standard_population[EUROPEAN_STANDARD_BANDS];

#endif							/* NALOXONE_KPI_STANDARDISATION_H */
