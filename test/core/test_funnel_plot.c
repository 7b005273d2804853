/*
 * test_funnel_plot.c
 *		Funnel plots against test/oracle/funnel_plot.csv, which R made, and what holds of any.
 */
#include "core/funnel_plot.h"

#include <math.h>

#include "core/interval.h"
#include "core/special.h"
#include "tap.h"

#define MAX_UNITS	64

static int	interrupt_checks = 0;

static void
check_for_interrupts(void)
{
	interrupt_checks++;
}

/* To a relative error, or a zero that rounding left. */
static bool
is_close(double have, double want)
{
	if (fabs(have - want) <= 1e-11 * fabs(want) || fabs(have - want) <= 1e-16)
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

/* A number of a line that may be empty. */
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

/* One case: its units, and the figures of each in the order of the file's columns from "value" on. */
typedef struct test_case
{
	char		id[64];
	funnel_plot_kind kind;
	size_t		num_units;
	funnel_plot_unit units[MAX_UNITS];
	double		figures[MAX_UNITS][21];
	bool		has[MAX_UNITS][21];
} test_case;

static test_case cases[32];
static size_t num_cases = 0;

static void
read_cases(void)
{
	FILE	   *inputs = fopen("test/oracle/funnel_plot_inputs.csv", "r");
	FILE	   *figures = fopen("test/oracle/funnel_plot.csv", "r");
	char		line[1024];
	char		wanted[1024];

	if (!ok(inputs != NULL && figures != NULL, "test/oracle/funnel_plot*.csv are there"))
		return;
	if (fgets(line, sizeof(line), inputs) == NULL || fgets(wanted, sizeof(wanted), figures) == NULL)
		ok(0, "they have headings");
	/* Both files have the same units in the same order. */
	while (fgets(line, sizeof(line), inputs) != NULL && fgets(wanted, sizeof(wanted), figures) != NULL)
	{
		char		id[64];
		char		kind[64];
		int			number;
		long long	events;
		double		size;
		char	   *at = strchr(strchr(wanted, ',') + 1, ',') + 1;
		test_case  *c;

		if (sscanf(line, "%63[^,],%63[^,],%d,%lld,%lf", id, kind, &number, &events, &size) != 5 || strncmp(wanted, id, strlen(id)) != 0)
			abort();
		if (num_cases == 0 || strcmp(cases[num_cases - 1].id, id) != 0)
			strcpy(cases[num_cases++].id, id);
		c = &cases[num_cases - 1];
		if (num_cases > 31 || c->num_units == MAX_UNITS)
			abort();
		c->kind = strcmp(kind, "ratio") == 0 ? FUNNEL_PLOT_RATIO : FUNNEL_PLOT_PROPORTION;
		c->units[c->num_units] = (funnel_plot_unit) {events, size};
		for (int i = 0; i < 21; i++)
			c->has[c->num_units][i] = read_number(&at, &c->figures[c->num_units][i]);
		c->num_units++;
	}
	fclose(inputs);
	fclose(figures);
}

/* The four limits against the columns of a way: inner ones there, outer ones eight on. */
static bool
limits_are(const funnel_plot_point *point, const test_case *c, size_t unit, int column)
{
	const double *want = c->figures[unit];

	if (!c->has[unit][column])
		return !point->has_limits;
	return point->has_limits && is_close(point->lower[INNER], want[column]) && is_close(point->upper[INNER], want[column + 1]) &&
		is_close(point->lower[OUTER], want[column + 8]) && is_close(point->upper[OUTER], want[column + 9]);
}

static void
check_against_figures(void)
{
	int			compared = 0;

	for (size_t i = 0; i < num_cases; i++)
	{
		const test_case *c = &cases[i];

		/* exact, multiplicative, additive, score */
		for (int way = 0; way < 4; way++)
		{
			static const char *const names[] = {"exact", "multiplicative", "additive", "score"};
			funnel_plot plot = {.kind = c->kind, .dispersion = way == 3 ? DISPERSION_NONE : (funnel_plot_dispersion) way,
			.score = way == 3, .confidence = {0.95, 0.998}};
			funnel_plot_unit units[MAX_UNITS];
			double		scratch[MAX_UNITS];
			bool		good = true;

			if (way == 3 && c->kind == FUNNEL_PLOT_RATIO)
				continue;
			memcpy(units, c->units, sizeof(units));
			good = funnel_plot_read(&plot, units, c->num_units, scratch, check_for_interrupts);
			for (size_t unit = 0; unit < c->num_units; unit++)
			{
				funnel_plot_point point = funnel_plot_place(&plot, c->units[unit]);

				good = good && is_close(point.value, c->figures[unit][0]) && is_close(plot.centre, c->figures[unit][1]) &&
					limits_are(&point, c, unit, 5 + 2 * way) &&
					(way != 0 || fabs(point.z - c->figures[unit][2]) <= 1e-9 * (1 + fabs(point.z))) &&
					plot.has_dispersion_ratio == c->has[unit][3] && plot.has_between_variance == c->has[unit][4] &&
					(!c->has[unit][3] || (is_close(plot.dispersion_ratio, c->figures[unit][3]) && is_close(plot.between_variance, c->figures[unit][4])));
				compared += 4;
			}
			ok(good, "%.60s, %s: %d units", c->id, names[way], (int) c->num_units);
		}
	}
	ok(compared > 3000, "%d limits", compared);
}

/* What an exact limit is for: the tail from it on, or up to it, is what lies outside the confidence on that side. */
static void
check_tails(void)
{
	int			failures = 0;
	int			limits = 0;

	for (int round = 0; round < 3000; round++)
	{
		bool		is_ratio = tap_random(2) == 0;
		double		size = is_ratio ? exp(-3 + tap_random(20000) / 1000.0) : 1 + floor(exp(tap_random(16000) / 1000.0));
		double		centre = is_ratio ? exp(-2 + tap_random(4000) / 1000.0) : (1 + tap_random(99998)) / 100000.0;
		funnel_plot plot = {.kind = is_ratio ? FUNNEL_PLOT_RATIO : FUNNEL_PLOT_PROPORTION, .confidence = {0.001 + tap_random(990) / 1000.0, 0.998},
		.has_centre = true, .centre = centre};
		funnel_plot_point point = funnel_plot_place(&plot, (funnel_plot_unit) {0, size});

		for (int i = INNER; i <= OUTER; i++)
		{
			double		outside = (1 - plot.confidence[i]) / 2;
			double		low = point.lower[i] * size;
			double		high = point.upper[i] * size;
			double		below = is_ratio ? gamma_upper(low + 1, centre * size) :
				low >= size ? 1 : beta_regularised(size - low, low + 1, 1 - centre, centre);
			double		above = high <= 0 ? 1 : is_ratio ? gamma_lower(high, centre * size) : beta_regularised(high, size - high + 1, centre, 1 - centre);

			limits += 2;
			/* At a limit of none or all the tail may be larger. Dividing by the size and multiplying again costs some digits. */
			if (!(low == 0 ? below >= outside : fabs(below / outside - 1) < 1e-9) ||
				!(!is_ratio && high == size ? above >= outside : fabs(above / outside - 1) < 1e-9) || !(low <= centre * size && centre * size <= high))
			{
				printf("# %s, size %g, centre %g: %.17g to %.17g, tails %.17g and %.17g of %g\n", is_ratio ? "ratio" : "proportion", size, centre, low, high,
					   below, above, outside);
				failures++;
			}
		}
	}
	is_int(failures, 0, "%d exact limits have the tails that they should", limits);
}

static void
check_edges(void)
{
	funnel_plot plot = {.kind = FUNNEL_PLOT_RATIO, .confidence = {0.95, 0.998}};
	funnel_plot_unit units[3] = {{INT64_MAX, 1}, {1, 1}, {2, 1}};
	double		scratch[3];
	static const double sizes[] = {1e-300, 1e-10, 1, 1e10, 1e18, 1e100, 1e300};
	bool		finite = true;

	ok(funnel_plot_read(&plot, NULL, 0, NULL, check_for_interrupts) && !plot.has_centre, "no units, no centre");
	ok(!funnel_plot_read(&plot, units, 2, scratch, check_for_interrupts), "too many events");
	for (int kind = 0; kind < 2; kind++)
	{
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		{
			for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++)
			{
				funnel_plot given = {.kind = kind, .confidence = {0.95, 0.998}, .has_centre = true, .centre = kind == FUNNEL_PLOT_PROPORTION && sizes[j] > 1 ? 1 : sizes[j]};
				funnel_plot_point point = funnel_plot_place(&given, (funnel_plot_unit) {0, sizes[i]});

				finite = finite && (!point.has_limits || (isfinite(point.z) && isfinite(point.upper[OUTER]) && point.lower[OUTER] <= point.upper[OUTER]));
			}
		}
	}
	ok(finite, "sizes and centres from one end of the scale to the other");

	interrupt_checks = 0;
	plot.has_centre = false;
	units[1] = (funnel_plot_unit) {1, 1};
	units[2] = (funnel_plot_unit) {2, 1};
	ok(funnel_plot_read(&plot, units + 1, 2, scratch, check_for_interrupts) && interrupt_checks > 0, "it can be interrupted");
	ok(plot.has_centre && plot.centre == 1.5, "the centre of two");
}

int
main(void)
{
	read_cases();
	check_against_figures();
	check_tails();
	check_edges();
	return done_testing();
}
