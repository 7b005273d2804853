/*
 * standardisation.c
 *		Directly and indirectly standardised rates.
 */
#include "core/standardisation.h"

#include <math.h>
#include <stdlib.h>

/* Eurostat, Revision of the European Standard Population, report of its task force, 2013: 0 to 4 years, 5 to 9, ..., 90 and above. */
const int32_t european_standard_population[EUROPEAN_STANDARD_BANDS] = {5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000,
	7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000};

static int
compare_bands(const void *a, const void *b)
{
	const standardisation_band *first = a;
	const standardisation_band *second = b;

	if (first->beside_population != second->beside_population)
		return first->beside_population < second->beside_population ? -1 : 1;
	if (first->population != second->population)
		return first->population < second->population ? -1 : 1;
	if (first->events != second->events)
		return first->events < second->events ? -1 : 1;
	if (first->beside_events != second->beside_events)
		return first->beside_events < second->beside_events ? -1 : 1;
	return 0;
}

void
standardisation_sort(standardisation_band *bands, size_t num_bands)
{
	qsort(bands, num_bands, sizeof(standardisation_band), compare_bands);
}

/* Adds to a sum of counts; false where it would not fit. */
static bool
add_events(int64_t *sum, int64_t events)
{
	if (events > INT64_MAX - *sum)
		return false;
	*sum += events;
	return true;
}

static bool
all_finite(double value, const confidence_limits *limits)
{
	return isfinite(value) && isfinite(limits->lower) && isfinite(limits->upper);
}

direct_standard
standardise_directly(const standardisation_band *bands, size_t num_bands, double multiplier, double confidence, int64_t minimum_events)
{
	direct_standard result = {.reason = STANDARDISED};
	double		standard = 0;	/* the whole standard population */
	double		expected = 0;	/* the events that it would have */
	double		variance = 0;
	double		scale;
	confidence_limits counted;

	for (size_t i = 0; i < num_bands; i++)
	{
		const standardisation_band *band = &bands[i];

		if (!add_events(&result.events, band->events))
		{
			result.reason = TOO_MANY_EVENTS;
			return result;
		}
		result.population += band->population;
		result.repeated |= band->beside_events > band->events;
		standard += band->beside_population;
		/* A band that the standard does not have says nothing, though its events are counted. */
		if (band->beside_population == 0)
			continue;
		if (band->population == 0)
			result.reason = BAND_WITHOUT_POPULATION;
		else
		{
			double		weight = band->beside_population / band->population;

			expected += weight * (double) band->events;
			variance += weight * weight * (double) band->beside_events;
		}
	}
	if (!isfinite(result.population) || !isfinite(standard))
		result.reason = OUT_OF_RANGE;
	else if (standard == 0)
		result.reason = NO_STANDARD_POPULATION;
	else if (result.reason == STANDARDISED && result.events < minimum_events)
		result.reason = TOO_FEW_EVENTS;
	if (result.reason != STANDARDISED)
		return result;

	result.value = expected / standard * multiplier;
	if (result.events == 0)
	{
		result.reason = NO_EVENTS;
		return result;
	}
	/* Dobson: the interval of the count, stretched to the standard error of the rate.  No rate is below 0. */
	counted = byar_limits(result.events, confidence);
	scale = sqrt(variance / (double) result.events) / standard * multiplier;
	result.limits.lower = result.value + scale * (counted.lower - (double) result.events);
	result.limits.upper = result.value + scale * (counted.upper - (double) result.events);
	if (result.limits.lower < 0)
		result.limits.lower = 0;
	if (!all_finite(result.value, &result.limits))
		result.reason = OUT_OF_RANGE;
	return result;
}

indirect_standard
standardised_ratio(int64_t observed, double expected, double multiplier, double confidence)
{
	indirect_standard result = {.reason = STANDARDISED, .observed = observed, .expected = expected};

	if (expected == 0)
	{
		result.reason = NO_EXPECTED_EVENTS;
		return result;
	}
	result.exact = observed < EXACT_POISSON_BELOW;
	result.limits = result.exact ? exact_poisson_limits(observed, confidence) : byar_limits(observed, confidence);
	result.value = (double) observed / expected * multiplier;
	result.limits.lower = result.limits.lower / expected * multiplier;
	result.limits.upper = result.limits.upper / expected * multiplier;
	if (!all_finite(result.value, &result.limits))
		result.reason = OUT_OF_RANGE;
	return result;
}

indirect_standard
standardise_indirectly(const standardisation_band *bands, size_t num_bands, bool as_rate, double multiplier, double confidence)
{
	indirect_standard result = {.reason = STANDARDISED};
	int64_t		reference_events = 0;
	double		reference = 0;

	for (size_t i = 0; i < num_bands; i++)
	{
		const standardisation_band *band = &bands[i];

		if (!add_events(&result.observed, band->events) || !add_events(&reference_events, band->beside_events))
		{
			result.reason = TOO_MANY_EVENTS;
			return result;
		}
		reference += band->beside_population;
		/* Nobody lives there, so nothing is expected, whatever the reference has. */
		if (band->population == 0)
			continue;
		if (band->beside_population == 0)
			result.reason = BAND_WITHOUT_REFERENCE;
		else
			result.expected += band->population / band->beside_population * (double) band->beside_events;
	}
	if (result.reason == STANDARDISED && (!isfinite(result.expected) || !isfinite(reference)))
		result.reason = OUT_OF_RANGE;
	if (result.reason == STANDARDISED && as_rate && reference == 0)
		result.reason = NO_REFERENCE_POPULATION;
	if (result.reason != STANDARDISED)
	{
		result.expected = 0;
		return result;
	}
	if (as_rate)
		multiplier *= (double) reference_events / reference;
	return standardised_ratio(result.observed, result.expected, multiplier, confidence);
}
