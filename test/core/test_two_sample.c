/*
 * test_two_sample.c
 *		Two samples against test/oracle/two_sample.csv: every pair compared, every difference sorted, checked with SciPy and R.
 */
#include "core/two_sample.h"

#include <math.h>

#include "tap.h"

#define MAX_DISTINCT	1000

static int	interrupt_checks = 0;

static void
check_for_interrupts(void)
{
	interrupt_checks++;
}

/* Reads "value:count value:count," into a sample. */
static sample
read_sample(char **at, tally_pair *pairs)
{
	sample		result = {pairs, 0, 0};

	while (**at != ',')
	{
		tally_pair *pair = &pairs[result.num_pairs++];

		if (result.num_pairs > MAX_DISTINCT)
			abort();
		pair->value = strtoll(*at, at, 10);
		pair->count = strtoll(*at + 1, at, 10);
		result.num_values += pair->count;
		*at += **at == ' ';
	}
	(*at)++;
	return result;
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

static bool
is_close(double have, double want)
{
	if (fabs(have - want) <= 1e-12 * fabs(want))
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

static void
check_against_figures(void)
{
	static tally_pair pairs_a[MAX_DISTINCT];
	static tally_pair pairs_b[MAX_DISTINCT];
	static char line[65536];
	FILE	   *file = fopen("test/oracle/two_sample.csv", "r");
	int			row = 0;

	if (!ok(file != NULL, "test/oracle/two_sample.csv is there"))
		return;
	if (fgets(line, sizeof(line), file) == NULL)
		ok(0, "it has a heading");
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char	   *at = line;
		sample		a = read_sample(&at, pairs_a);
		sample		b = read_sample(&at, pairs_b);
		double		pairs = (double) a.num_values * (double) b.num_values;
		double		confidence;
		double		want;
		bool		has;
		mann_whitney_result ranks = mann_whitney(&a, &b, check_for_interrupts);
		mann_whitney_result swapped = mann_whitney(&b, &a, check_for_interrupts);
		kolmogorov_smirnov_result distance = kolmogorov_smirnov(&a, &b, check_for_interrupts);
		shift_estimate shift;

		row++;
		read_number(&at, &confidence);
		read_number(&at, &want);
		ok(is_close(ranks.u, want) && is_close(ranks.probability_larger, want / pairs), "row %d, U", row);
		has = read_number(&at, &want);
		ok(ranks.has_z == has && is_close(ranks.z, has ? want : 0), "row %d, z", row);
		read_number(&at, &want);
		ok(is_close(ranks.p_value, want), "row %d, p of U", row);
		ok(is_close(swapped.u, pairs - ranks.u) && swapped.z == -ranks.z && swapped.p_value == ranks.p_value,
		   "row %d, the other way round", row);

		shift = hodges_lehmann(&a, &b, confidence, check_for_interrupts);
		read_number(&at, &want);
		ok(shift.value == want, "row %d, shift", row);
		has = read_number(&at, &want);
		ok(shift.has_limits == has && (!has || shift.lower == want), "row %d, lower limit", row);
		has = read_number(&at, &want);
		ok(shift.has_limits == has && (!has || shift.upper == want), "row %d, upper limit", row);

		read_number(&at, &want);
		ok(is_close(distance.d, want), "row %d, D", row);
		read_number(&at, &want);
		ok(is_close(distance.p_value, want), "row %d, p of D", row);
	}
	fclose(file);
	ok(row > 40, "%d pairs of samples", row);
}

/* Lists of many values ask often enough whether to stop. */
static void
check_interrupts(void)
{
	size_t		num_pairs = 300000;
	tally_pair *pairs = malloc(num_pairs * sizeof(tally_pair));
	sample		a = {pairs, num_pairs, (int64_t) num_pairs};
	sample		one = {pairs, 1, 1};

	if (pairs == NULL)
		abort();
	for (size_t i = 0; i < num_pairs; i++)
		pairs[i] = (tally_pair) {(int64_t) i, 1};
	interrupt_checks = 0;
	mann_whitney(&a, &a, check_for_interrupts);
	ok(interrupt_checks >= 4, "Mann-Whitney can be interrupted");
	interrupt_checks = 0;
	kolmogorov_smirnov(&one, &a, check_for_interrupts);
	ok(interrupt_checks >= 4, "Kolmogorov-Smirnov can be interrupted");
	interrupt_checks = 0;
	ok(hodges_lehmann(&a, &a, 0.95, check_for_interrupts).value == 0, "the shift of a sample against itself");
	ok(interrupt_checks >= 100, "Hodges-Lehmann can be interrupted");
	free(pairs);
}

int
main(void)
{
	check_against_figures();
	check_interrupts();
	return done_testing();
}
