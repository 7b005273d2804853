/*
 * multiple_testing.h
 *		Many tests at once: which p-values are small allowing for how many were looked at.
 */
#ifndef NALOXONE_KPI_MULTIPLE_TESTING_H
#define NALOXONE_KPI_MULTIPLE_TESTING_H

#include <stddef.h>

typedef struct tested
{
	double		p_value;
	size_t		position;		/* anything that says whose it is */
} tested;

/* Puts Benjamini and Hochberg's q in the place of each p; the array comes back in another order. */
extern void benjamini_hochberg(tested *tests, size_t num_tests);

#endif							/* NALOXONE_KPI_MULTIPLE_TESTING_H */
