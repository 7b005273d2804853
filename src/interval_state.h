/*
 * interval_state.h
 *		States of the aggregates that proportion_interval(), rate_interval() and mean_interval() read.
 *
 * Results are composites, so that they are read, written, stored, sent and compared as any row is.  While rows are added the state is an
 * array that is changed in place, as in core's avg(integer) and avg(float8): the executor keeps an array in the aggregate's context and
 * copies it only where it is another one.
 */
#ifndef NALOXONE_KPI_INTERVAL_STATE_H
#define NALOXONE_KPI_INTERVAL_STATE_H

#include "fmgr.h"
#include "utils/array.h"

#include "core/exact_sum.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* So many values, or greater sums of what can be summed and of its squares, there cannot be. */
#define MOST_VALUES			9007199254740992.0	/* 2^53 */
#define LARGEST_SUM			(LARGEST_SUMMED * 1e20)
#define LARGEST_SQUARES		(LARGEST_SUMMED * LARGEST_SUMMED * 1e20)

/* "what" of a type is more than it holds; a value is none that the aggregate of that name gives. */
extern void report_out_of_range(const char *what, const char *type);
extern void report_not_a_state(const char *type);

/* The attributes of a composite value, up to 3; false where one is NULL. */
extern bool read_composite(Datum composite, int num_attributes, Datum *values, const char *type);

/* A count and two exact sums. */
typedef struct exact_pair
{
	double		n;
	exact_sum	first;
	exact_sum	second;
} exact_pair;

/* Argument 0 of a transition function, and what that returns: the array of argument 0 with the pair in it, or a larger one. */
extern void get_pair(FunctionCallInfo fcinfo, exact_pair *pair, const char *type);
extern Datum put_pair(FunctionCallInfo fcinfo, const exact_pair *pair, const char *type);

/* Adds what the array of a state holds. */
extern void add_state(exact_pair *pair, ArrayType *array, const char *type);

/* A combine function. */
extern Datum combine_pairs(FunctionCallInfo fcinfo, const char *type);

/* A sum as an attribute of a composite: an array of numbers, the greatest first, that add up to it exactly. */
extern Datum make_sum(const exact_sum *sum);
extern void add_sum(exact_sum *sum, Datum value, double largest, const char *type);

/* Adds numbers that anybody may have written. */
extern void add_parts(exact_sum *sum, const double *parts, int num_parts, double largest, const char *type);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_INTERVAL_STATE_H */
