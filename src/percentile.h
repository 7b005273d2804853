/*
 * percentile.h
 *		Asking for a percentile, or an array of them, of a tally.
 */
#ifndef NALOXONE_KPI_PERCENTILE_BINDING_H
#define NALOXONE_KPI_PERCENTILE_BINDING_H

#include "fmgr.h"
#include "utils/array.h"

#include "core/percentile.h"
#include "core/tally.h"

typedef struct percentile_request
{
	percentile_method method;
	ArrayType  *shape;			/* the fractions as they were given; NULL for a single one */
	int			num_fractions;
	double	   *fractions;
	bool	   *nulls;			/* which of them are NULL */
} percentile_request;

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* A request for a float8, or a float8[], kept in the current context; wrong fractions are refused. */
extern percentile_request *request_percentile(Datum fraction, percentile_method method);
extern percentile_request *request_percentiles(Datum fractions, percentile_method method);

/* Whether it is what was asked for. */
extern bool is_requested_percentile(const percentile_request *request, Datum fraction);
extern bool are_requested_percentiles(const percentile_request *request, Datum fractions);

/* The float8 or float8[] that was asked for; NULL where the tally is empty, or in the array where a fraction is. */
extern Datum answer_percentile_request(FunctionCallInfo fcinfo, const percentile_request *request, tally *t);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_PERCENTILE_BINDING_H */
