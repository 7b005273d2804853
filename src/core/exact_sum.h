/*
 * exact_sum.h
 *		Sums of floating-point numbers without any rounding: the same in every order and however they are divided.
 *
 * A sum is held as a few numbers that add up to it exactly and whose digits do not overlap, in rising magnitude.  In canonical form, from
 * the greatest down, each is what is left of the sum rounded to double precision: equal sums then have equal parts.
 */
#ifndef NALOXONE_KPI_EXACT_SUM_H
#define NALOXONE_KPI_EXACT_SUM_H

#include <stdbool.h>

/*
 * What may be summed: 0, or a magnitude between these.  Then no square, and no product of two sums of as many values as there can be,
 * is too large, or has digits below what double precision has.
 */
#define SMALLEST_SUMMED		1e-100
#define LARGEST_SUMMED		1e100

/*
 * No sum of such numbers, their squares or products of the sums has more parts: they would have to reach over more binary digits than
 * there are between the least and the greatest.
 */
#define MAX_SUM_PARTS		64

typedef struct exact_sum
{
	int			num_parts;
	double		parts[MAX_SUM_PARTS];
} exact_sum;

/* Whether a number may be summed; no for what is not a number. */
extern bool can_be_summed(double value);

/* Adds a number. */
extern void exact_sum_add(exact_sum *sum, double value);

/* Adds a product of two numbers, without rounding. */
extern void exact_sum_add_product(exact_sum *sum, double a, double b);

/* The sum rounded to double precision, once: to the nearest, and of two as near to the even one. */
extern double exact_sum_rounded(const exact_sum *sum);

/* Into canonical form, the greatest part first; returns how many. */
extern int	exact_sum_canonical(const exact_sum *sum, double *parts);

/*
 * The mean of n numbers with this sum, and the standard deviation (n - 1) with this sum of squares; false where no numbers have such
 * sums.  With fewer than two numbers there is no standard deviation (NAN).
 */
extern bool mean_and_deviation(double n, const exact_sum *sum, const exact_sum *squares, double *mean, double *deviation);

#endif							/* NALOXONE_KPI_EXACT_SUM_H */
