/*
 * multiple_testing.c
 *		Many tests at once: which p-values are small allowing for how many were looked at.
 *
 * Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate: a practical and powerful approach to multiple testing", Journal
 * of the Royal Statistical Society B 57, 1995; adjusted as D. Yekutieli and Y. Benjamini do, "Resampling-based false discovery rate
 * controlling multiple test procedures for correlated test statistics", Journal of Statistical Planning and Inference 82, 1999.
 */
#include "core/multiple_testing.h"

#include <math.h>
#include <stdlib.h>

static int
by_p_value(const void *a, const void *b)
{
	double		p = ((const tested *) a)->p_value;
	double		q = ((const tested *) b)->p_value;

	return (p > q) - (p < q);
}

/* The least of p n / rank among the p-values from this one up; equal ones get the same, that of the highest of their ranks. */
void
benjamini_hochberg(tested *tests, size_t num_tests)
{
	double		least = 1;

	qsort(tests, num_tests, sizeof(tested), by_p_value);
	for (size_t i = num_tests; i > 0; i--)
	{
		least = fmin(least, tests[i - 1].p_value * (double) num_tests / (double) i);
		tests[i - 1].p_value = least;
	}
}
