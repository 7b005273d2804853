/*
 * exact_sum.c
 *		Sums of floating-point numbers without any rounding.
 *
 * J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates", Discrete and Computational
 * Geometry 18, 1997; the products are T. J. Dekker's, "A floating-point technique for extending the available precision", Numerische
 * Mathematik 18, 1971.  Adding a number costs as much as there are parts: two or three with ordinary figures.
 */
#include "core/exact_sum.h"

#include <math.h>

bool
can_be_summed(double value)
{
	double		magnitude = fabs(value);

	return value == 0 || (magnitude >= SMALLEST_SUMMED && magnitude <= LARGEST_SUMMED);
}

/* a + b, and what rounding takes from it. */
static double
two_sum(double a, double b, double *rounding)
{
	double		sum = a + b;
	double		part = sum - a;

	*rounding = (a - (sum - part)) + (b - part);
	return sum;
}

/* The upper half of the digits of a number, and the rest of it. */
static void
split(double value, double *high, double *low)
{
	double		scaled = 134217729 * value; /* 2^27 + 1 */

	*high = scaled - (scaled - value);
	*low = value - *high;
}

void
exact_sum_add(exact_sum *sum, double value)
{
	int			kept = 0;

	for (int i = 0; i < sum->num_parts; i++)
	{
		double		rounding;

		value = two_sum(value, sum->parts[i], &rounding);
		if (rounding != 0)
			sum->parts[kept++] = rounding;
	}
	/* Parts that do not overlap but have gaps may be many: canonical form has few. */
	if (kept == MAX_SUM_PARTS - 1)
	{
		exact_sum	all = *sum;
		double		parts[MAX_SUM_PARTS];

		all.num_parts = kept;
		kept = exact_sum_canonical(&all, parts);
		for (int i = 0; i < kept; i++)
			sum->parts[i] = parts[kept - 1 - i];
		sum->num_parts = kept;
		exact_sum_add(sum, value);
		return;
	}
	if (value != 0)
		sum->parts[kept++] = value;
	sum->num_parts = kept;
}

void
exact_sum_add_product(exact_sum *sum, double a, double b)
{
	double		product = a * b;
	double		a_high;
	double		a_low;
	double		b_high;
	double		b_low;
	double		rounding;

	split(a, &a_high, &a_low);
	split(b, &b_high, &b_low);
	rounding = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
	if (rounding != 0)
		exact_sum_add(sum, rounding);
	exact_sum_add(sum, product);
}

double
exact_sum_rounded(const exact_sum *sum)
{
	int			i = sum->num_parts;
	double		value;
	double		rounding = 0;

	if (i == 0)
		return 0;
	value = sum->parts[--i];
	while (i > 0 && rounding == 0)
		value = two_sum(value, sum->parts[--i], &rounding);
	/* Half way between two numbers the next part decides. */
	if (i > 0 && rounding != 0 && (rounding < 0) == (sum->parts[i - 1] < 0))
	{
		double		twice = rounding * 2;
		double		other = value + twice;

		if (other - value == twice)
			value = other;
	}
	return value;
}

int
exact_sum_canonical(const exact_sum *sum, double *parts)
{
	exact_sum	rest = *sum;
	int			num_parts = 0;

	while (rest.num_parts > 0 && num_parts < MAX_SUM_PARTS)
	{
		parts[num_parts] = exact_sum_rounded(&rest);
		exact_sum_add(&rest, -parts[num_parts]);
		num_parts++;
	}
	return num_parts;
}

/* The variance is (n sum of squares - square of the sum) / (n (n - 1)); the difference, where other ways lose digits, is exact. */
bool
mean_and_deviation(double n, const exact_sum *sum, const exact_sum *squares, double *mean, double *deviation)
{
	double		s[MAX_SUM_PARTS];
	double		q[MAX_SUM_PARTS];
	int			num_s = exact_sum_canonical(sum, s);
	int			num_q = exact_sum_canonical(squares, q);
	exact_sum	difference = {0};
	double		numerator;

	*deviation = NAN;
	*mean = exact_sum_rounded(sum) / n;
	for (int i = 0; i < num_q; i++)
		exact_sum_add_product(&difference, n, q[i]);
	for (int i = 0; i < num_s; i++)
		for (int j = 0; j < num_s; j++)
			exact_sum_add_product(&difference, -s[i], s[j]);
	numerator = exact_sum_rounded(&difference);
	if (numerator < 0 || (n == 1 && numerator != 0))
		return false;
	if (n > 1)
		*deviation = sqrt(numerator / n / (n - 1));
	return true;
}
