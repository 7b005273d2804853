/*
 * test_exact_sum.c
 *		Exact sums: in any order and any division the same to the last digit, and what whole-number arithmetic gives.
 */
#include "core/exact_sum.h"

#include <math.h>
#include <stdint.h>

#include "tap.h"

#define VALUES	400

static double
random_value(int spread)
{
	double		value = ldexp((double) tap_random(1000000000) + 1, (int) tap_random((unsigned int) spread) - spread / 2);

	return tap_random(2) ? value : -value;
}

static bool
equal_sums(const exact_sum *a, const exact_sum *b)
{
	double		x[MAX_SUM_PARTS];
	double		y[MAX_SUM_PARTS];
	int			n = exact_sum_canonical(a, x);

	return n == exact_sum_canonical(b, y) && memcmp(x, y, n * sizeof(double)) == 0;
}

static void
check_orders(void)
{
	int			failures = 0;

	for (int round = 0; round < 500; round++)
	{
		double		values[VALUES];
		exact_sum	forward = {0};
		exact_sum	shuffled = {0};
		exact_sum	halves[2] = {{0}, {0}};
		exact_sum	none = {0};

		for (int i = 0; i < VALUES; i++)
		{
			values[i] = random_value(round % 10 == 0 ? 560 : 1 + round % 120);
			exact_sum_add(&forward, values[i]);
			exact_sum_add_product(&forward, values[i], values[i]);
		}
		for (int i = VALUES - 1; i >= 0; i--)
		{
			int			j = (int) tap_random((unsigned int) i + 1);
			double		value = values[j];

			values[j] = values[i];
			exact_sum_add_product(&shuffled, value, value);
			exact_sum_add(&shuffled, value);
			exact_sum_add(&halves[i % 2], value);
			exact_sum_add_product(&halves[i % 2], value, value);
			exact_sum_add(&none, value);
			exact_sum_add(&none, -value);
		}
		for (int i = 0; i < halves[1].num_parts; i++)
			exact_sum_add(&halves[0], halves[1].parts[i]);
		failures += !equal_sums(&forward, &shuffled) + !equal_sums(&forward, &halves[0]) + (none.num_parts != 0);
	}
	is_int(failures, 0, "500 times %d values in three orders", VALUES);
}

/* Against whole numbers of 128 bits: values of 40 bits, products of two of them, added and taken away. */
static void
check_whole_numbers(void)
{
	int			failures = 0;

	for (int round = 0; round < 2000; round++)
	{
		__int128	total = 0;
		exact_sum	sum = {0};

		for (int i = 0; i < 50; i++)
		{
			int64_t		a = ((int64_t) tap_random(1u << 20) << 20 | tap_random(1u << 20)) * (tap_random(2) ? 1 : -1);
			int64_t		b = ((int64_t) tap_random(1u << 20) << 20 | tap_random(1u << 20)) * (tap_random(2) ? 1 : -1);

			total += (__int128) a * b + a;
			exact_sum_add_product(&sum, (double) a, (double) b);
			exact_sum_add(&sum, (double) a);
		}
		/* The compiler's own routine rounds to the nearest too, and half way to the even one. */
		failures += exact_sum_rounded(&sum) != (double) total;
	}
	is_int(failures, 0, "2000 sums of products are those of whole numbers of 128 bits");
}

static void
check_rounding(void)
{
	exact_sum	sum = {0};

	exact_sum_add(&sum, 1);
	exact_sum_add(&sum, ldexp(1, -53));
	ok(exact_sum_rounded(&sum) == 1, "half way goes to the even one");
	exact_sum_add(&sum, ldexp(1, -300));
	ok(exact_sum_rounded(&sum) == 1 + ldexp(1, -52), "unless there is a little more");
	exact_sum_add(&sum, -ldexp(1, -299));
	ok(exact_sum_rounded(&sum) == 1, "or a little less");
	sum.num_parts = 0;
	ok(exact_sum_rounded(&sum) == 0, "nothing is 0");
	for (int i = 0; i < 10; i++)
		exact_sum_add(&sum, 0.1);
	ok(exact_sum_rounded(&sum) == 1, "ten times a tenth is 1");
	exact_sum_add(&sum, 1e100);
	exact_sum_add(&sum, 1e-100);
	exact_sum_add(&sum, -1e100);
	exact_sum_add(&sum, -1);
	/* 0.1 is 0.1000000000000000055511151231257827..., so this is left of ten of them less 1. */
	ok(exact_sum_rounded(&sum) == 5.551115123125783e-17, "what is left after large numbers went");

	ok(can_be_summed(0) && can_be_summed(-0.0) && can_be_summed(-1e100) && can_be_summed(1e-100), "what can be summed");
	ok(!can_be_summed(1.1e100) && !can_be_summed(9e-101) && !can_be_summed(NAN) && !can_be_summed(INFINITY) && !can_be_summed(-5e-324),
	   "and what cannot");
}

static void
check_deviation(void)
{
	exact_sum	sum = {0};
	exact_sum	squares = {0};
	double		mean;
	double		deviation;

	/* Where the squares have no digit left for the difference: 1e15 and 1e15 + 1, whose variance is 1/2. */
	for (int i = 0; i < 2; i++)
	{
		exact_sum_add(&sum, 1e15 + i);
		exact_sum_add_product(&squares, 1e15 + i, 1e15 + i);
	}
	ok(mean_and_deviation(2, &sum, &squares, &mean, &deviation) && mean == 1e15 + 0.5 && deviation == sqrt(0.5), "far from 0");
	exact_sum_add(&squares, -1);
	ok(!mean_and_deviation(2, &sum, &squares, &mean, &deviation), "no values have such sums");
	sum.num_parts = squares.num_parts = 0;
	exact_sum_add(&sum, 7.1);
	exact_sum_add_product(&squares, 7.1, 7.1);
	ok(mean_and_deviation(1, &sum, &squares, &mean, &deviation) && mean == 7.1 && isnan(deviation), "one value has no deviation");
	for (int i = 0; i < 6; i++)
	{
		exact_sum_add(&sum, 7.1);
		exact_sum_add_product(&squares, 7.1, 7.1);
	}
	ok(mean_and_deviation(7, &sum, &squares, &mean, &deviation) && mean == 7.1 && deviation == 0, "a constant has a deviation of exactly 0");
}

int
main(void)
{
	check_orders();
	check_whole_numbers();
	check_rounding();
	check_deviation();
	return done_testing();
}
