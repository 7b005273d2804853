/*
 * test_multiple_testing.c
 *		Benjamini and Hochberg's q by its definition.  test/pgtap/interval.sql compares with R's p.adjust.
 */
#include "core/multiple_testing.h"

#include <math.h>

#include "tap.h"

#define TESTS	60

/* The least over all p-values t from this one up of t times the number of tests over how many are at most t. */
static double
by_definition(const double *p, int num_tests, int i)
{
	double		least = 1;

	for (int j = 0; j < num_tests; j++)
	{
		int			at_most = 0;

		if (p[j] < p[i])
			continue;
		for (int k = 0; k < num_tests; k++)
			at_most += p[k] <= p[j];
		least = fmin(least, p[j] * num_tests / at_most);
	}
	return least;
}

int
main(void)
{
	int			failures = 0;

	for (int round = 0; round < 300; round++)
	{
		int			num_tests = (int) tap_random(TESTS);
		double		p[TESTS];
		tested		tests[TESTS];

		for (int i = 0; i < num_tests; i++)
		{
			p[i] = round % 2 == 0 ? tap_random(20) / 19.0 : pow(tap_random(1000000) / 1e6, 3);
			tests[i] = (tested) {p[i], (size_t) i};
		}
		benjamini_hochberg(tests, (size_t) num_tests);
		for (int i = 0; i < num_tests; i++)
			failures += tests[i].p_value != by_definition(p, num_tests, (int) tests[i].position);
	}
	is_int(failures, 0, "300 families, with and without ties, by the definition");
	return done_testing();
}
