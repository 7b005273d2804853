/*
 * test_standardisation.c
 *		Standardised rates against test/oracle/standardisation.csv, which R made, and what holds of any.
 */
#include "core/standardisation.h"

#include <math.h>

#include "tap.h"

#define MAX_BANDS	32

static bool
is_close(double have, double want)
{
	if (fabs(have - want) <= 1e-12 * fabs(want))
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

/* A case's bands, for both methods. */
typedef struct test_case
{
	char		id[64];
	size_t		num_bands;
	standardisation_band once[MAX_BANDS];
	standardisation_band repeated[MAX_BANDS];
	standardisation_band indirect[MAX_BANDS];
} test_case;

static test_case cases[32];
static size_t num_cases = 0;

static void
read_cases(void)
{
	FILE	   *file = fopen("test/oracle/standardisation_inputs.csv", "r");
	char		line[512];

	if (!ok(file != NULL, "test/oracle/standardisation_inputs.csv is there"))
		return;
	if (fgets(line, sizeof(line), file) == NULL)
		ok(0, "it has a heading");
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char		id[64];
		long long	events;
		long long	squares;
		long long	reference_events;
		double		population;
		double		standard;
		double		reference;
		test_case  *c;
		size_t		i;

		if (sscanf(line, "%63[^,],%lld,%lld,%lf,%lf,%lld,%lf", id, &events, &squares, &population, &standard, &reference_events,
				   &reference) != 7)
			abort();
		if (num_cases == 0 || strcmp(cases[num_cases - 1].id, id) != 0)
		{
			num_cases++;
			strcpy(cases[num_cases - 1].id, id);
		}
		c = &cases[num_cases - 1];
		i = c->num_bands++;
		if (num_cases > 31 || c->num_bands > MAX_BANDS)
			abort();
		c->once[i] = (standardisation_band) {events, events, population, standard};
		c->repeated[i] = (standardisation_band) {events, squares, population, standard};
		c->indirect[i] = (standardisation_band) {events, reference_events, population, reference};
	}
	fclose(file);
	for (size_t i = 0; i < num_cases; i++)
	{
		standardisation_sort(cases[i].once, cases[i].num_bands);
		standardisation_sort(cases[i].repeated, cases[i].num_bands);
		standardisation_sort(cases[i].indirect, cases[i].num_bands);
	}
}

/* The next number of a line; false where the field is empty. */
static bool
read_number(char **at, double *value)
{
	char	   *end;

	*value = strtod(*at, &end);
	if (end == *at)
	{
		(*at)++;
		return false;
	}
	*at = end + 1;
	return true;
}

static void
check_against_figures(void)
{
	FILE	   *file = fopen("test/oracle/standardisation.csv", "r");
	char		line[1024];
	int			rows = 0;

	if (!ok(file != NULL, "test/oracle/standardisation.csv is there"))
		return;
	if (fgets(line, sizeof(line), file) == NULL)
		ok(0, "it has a heading");
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char	   *at = strchr(line, ',') + 1;
		double		want[14];
		bool		has[14];
		size_t		i = 0;
		direct_standard once;
		direct_standard repeated;
		indirect_standard ratio;
		indirect_standard rate;

		for (int field = 0; field < 14; field++)
			has[field] = read_number(&at, &want[field]);
		while (i < num_cases && strncmp(cases[i].id, line, strcspn(line, ",")) != 0)
			i++;
		if (i == num_cases)
			abort();
		once = standardise_directly(cases[i].once, cases[i].num_bands, 1e5, want[0], 0);
		repeated = standardise_directly(cases[i].repeated, cases[i].num_bands, 1e5, want[0], 0);
		ratio = standardise_indirectly(cases[i].indirect, cases[i].num_bands, false, 1, want[0]);
		rate = standardise_indirectly(cases[i].indirect, cases[i].num_bands, true, 1e5, want[0]);
		rows++;
		ok(once.events == (int64_t) want[1] && is_close(once.value, want[2]), "row %d, directly", rows);
		ok(once.reason == (has[3] ? STANDARDISED : NO_EVENTS) &&
		   (!has[3] || (is_close(once.limits.lower, want[3]) && is_close(once.limits.upper, want[4]))), "row %d, its limits", rows);
		ok(repeated.reason == once.reason && repeated.value == once.value &&
		   (!has[5] || (is_close(repeated.limits.lower, want[5]) && is_close(repeated.limits.upper, want[6]))),
		   "row %d, its limits where people have several events", rows);
		ok(ratio.reason == STANDARDISED && is_close(ratio.expected, want[7]) && is_close(ratio.value, want[8]) &&
		   is_close(ratio.limits.lower, want[9]) && is_close(ratio.limits.upper, want[10]), "row %d, indirectly", rows);
		ok(is_close(rate.value, want[11]) && is_close(rate.limits.lower, want[12]) && is_close(rate.limits.upper, want[13]),
		   "row %d, indirectly as a rate", rows);
	}
	fclose(file);
	ok(rows == 30, "%d rows of figures", rows);
}

static double
random_number(void)
{
	return 1 + tap_random(1000000) / 64.0;
}

/* What holds of any bands: no bit depends on their order, and doubling what is doubled changes what it should. */
static void
check_properties(void)
{
	bool		same = true;
	bool		ordered = true;
	bool		scaled = true;

	for (int round = 0; round < 2000; round++)
	{
		standardisation_band bands[MAX_BANDS];
		standardisation_band shuffled[MAX_BANDS];
		standardisation_band larger[MAX_BANDS];
		size_t		num_bands = 1 + tap_random(MAX_BANDS);
		direct_standard a;
		direct_standard b;
		direct_standard c;

		for (size_t i = 0; i < num_bands; i++)
		{
			int64_t		events = tap_random(50);

			bands[i] = (standardisation_band) {events, events + (events > 1 ? (int64_t) tap_random(50) : 0), random_number(), random_number()};
			shuffled[i] = bands[i];
			larger[i] = bands[i];
			larger[i].population *= 2;
			larger[i].beside_population *= 4;
		}
		for (size_t i = num_bands; i > 1; i--)
		{
			size_t		other = tap_random((unsigned int) i);
			standardisation_band band = shuffled[i - 1];

			shuffled[i - 1] = shuffled[other];
			shuffled[other] = band;
		}
		standardisation_sort(bands, num_bands);
		standardisation_sort(shuffled, num_bands);
		standardisation_sort(larger, num_bands);
		a = standardise_directly(bands, num_bands, 1000, 0.95, 1);
		b = standardise_directly(shuffled, num_bands, 1000, 0.95, 1);
		c = standardise_directly(larger, num_bands, 2000, 0.95, 1);
		same = same && memcmp(bands, shuffled, num_bands * sizeof(bands[0])) == 0 && a.value == b.value && a.limits.lower == b.limits.lower
			&& a.limits.upper == b.limits.upper;
		if (a.reason == STANDARDISED)
		{
			ordered = ordered && a.limits.lower >= 0 && a.limits.lower <= a.value && a.value <= a.limits.upper;
			/* In the same order only where doubling leaves it; the value does not depend on it but for rounding. */
			scaled = scaled && is_close(c.value, a.value) && is_close(c.limits.upper, a.limits.upper);
		}
	}
	ok(same, "bands in any order give the same");
	ok(ordered, "the limits are on either side of the rate, and not below 0");
	ok(scaled, "twice the population and twice the multiplier are the same rate, whatever the standard's size");
}

static void
check_edges(void)
{
	standardisation_band most = {INT64_MAX, INT64_MAX, 1, 1};
	standardisation_band two[2] = {{INT64_MAX, INT64_MAX, 1, 1}, {1, 1, 1, 1}};
	standardisation_band empty = {5, 5, 0, 7};
	standardisation_band unweighted = {5, 5, 10, 0};
	standardisation_band huge = {1, 1, 1e-300, 1e300};
	int32_t		sum = 0;

	is_int(standardise_directly(NULL, 0, 1, 0.95, 0).reason, NO_STANDARD_POPULATION, "no bands");
	is_int(standardise_directly(&most, 1, 1, 0.95, 10).reason, STANDARDISED, "the most events");
	is_int(standardise_directly(two, 2, 1, 0.95, 10).reason, TOO_MANY_EVENTS, "more than that");
	is_int(standardise_indirectly(two, 2, false, 1, 0.95).reason, TOO_MANY_EVENTS, "and indirectly");
	is_int(standardise_directly(&empty, 1, 1, 0.95, 0).reason, BAND_WITHOUT_POPULATION, "a band without population");
	is_int(standardise_directly(&unweighted, 1, 1, 0.95, 0).reason, NO_STANDARD_POPULATION, "a standard without people");
	is_int(standardise_directly(&huge, 1, 1, 0.95, 0).reason, OUT_OF_RANGE, "out of range");
	is_int(standardise_indirectly(&unweighted, 1, false, 1, 0.95).reason, BAND_WITHOUT_REFERENCE, "a reference without people");
	is_int(standardise_indirectly(&empty, 1, false, 1, 0.95).reason, NO_EXPECTED_EVENTS, "nobody to expect events of");
	is_int(standardised_ratio(0, 5, 1, 0.95).value == 0 && standardised_ratio(0, 5, 1, 0.95).limits.lower == 0, 1, "none observed");
	is_int(standardised_ratio(9, 5, 1, 0.95).exact, 1, "nine are exact");
	is_int(standardised_ratio(10, 5, 1, 0.95).exact, 0, "ten are Byar's");
	for (int i = 0; i < EUROPEAN_STANDARD_BANDS; i++)
		sum += european_standard_population[i];
	is_int(sum, 100000, "the European standard population");
}

int
main(void)
{
	read_cases();
	check_against_figures();
	check_properties();
	check_edges();
	return done_testing();
}
