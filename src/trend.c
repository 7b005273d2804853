/*
 * trend.c
 *		Does a time_series rise or fall, and how fast: mann_kendall(), sen_slope(), poisson_trend() and the like.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "core/joinpoint.h"
#include "core/mann_kendall.h"
#include "core/poisson_trend.h"
#include "estimate.h"
#include "time_series.h"

/* Slopes of all pairs of this many points take 400 MB. */
#define SEN_MAX_POINTS	10000

#define MAX_SEASONS	10000
#define MAX_PERMUTATIONS	1000000

static double *
make_workspace(size_t num_numbers)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, Max(num_numbers, 1) * sizeof(double));
}

/* A number of a result, NULL where it is not one. */
static void
set_number(Datum *values, bool *nulls, int field, bool present, double number)
{
	values[field] = Float8GetDatum(number);
	nulls[field] = !present || !isfinite(number);
}

/* The points of argument 0, all of whose values must be counts. */
static time_point *
get_counts(FunctionCallInfo fcinfo, size_t *n)
{
	time_point *points = get_points_with_rate(PG_GETARG_DATUM(0), n);

	for (size_t i = 0; i < *n; i++)
	{
		if (points[i].value < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value %g at time %g is negative", points[i].value, points[i].time),
					 errhint("This trend is one of counts of events. For other values take mann_kendall and sen_slope.")));
	}
	return points;
}

/* ------------------------------------------------------------------ Mann-Kendall and Sen */

static Datum
make_mann_kendall(FunctionCallInfo fcinfo, size_t n, const kendall_sums *sums)
{
	mann_kendall_result result = mann_kendall(sums);
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = Int64GetDatum((int64) n);
	values[1] = Int64GetDatum(result.s);
	set_number(values, nulls, 2, true, result.variance);
	set_number(values, nulls, 3, result.has_test, result.z);
	set_number(values, nulls, 4, result.has_test, result.p_value);
	set_number(values, nulls, 5, result.has_test, result.tau);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_mann_kendall);
Datum
nkpi_mann_kendall(PG_FUNCTION_ARGS)
{
	size_t		n;
	time_point *points = get_points_with_rate(PG_GETARG_DATUM(0), &n);
	kendall_sums sums = {0};

	if (n < 2)
		PG_RETURN_NULL();
	add_kendall(&sums, points, n, make_workspace(2 * n), check_for_interrupts);
	return make_mann_kendall(fcinfo, n, &sums);
}

/* The points by season, see split_by_season(). */
static time_point *
get_seasons(FunctionCallInfo fcinfo, int32 seasons, size_t *n, size_t **starts)
{
	time_point *points = get_points_with_rate(PG_GETARG_DATUM(0), n);
	time_point *by_season = MemoryContextAllocHuge(CurrentMemoryContext, Max(*n, 1) * sizeof(time_point));

	if (seasons < 1 || seasons > MAX_SEASONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of seasons %d is not between 1 and %d", seasons, MAX_SEASONS),
				 errhint("Months have 12 seasons, quarters 4.")));
	*starts = palloc_array(size_t, seasons + 1);
	if (!split_by_season(points, *n, seasons, by_season, *starts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("times of a series with seasons must be whole numbers"),
				 errhint("Number the periods one after the other: months by year * 12 + month.")));
	pfree(points);
	return by_season;
}

PG_FUNCTION_INFO_V1(nkpi_seasonal_mann_kendall);
Datum
nkpi_seasonal_mann_kendall(PG_FUNCTION_ARGS)
{
	int32		seasons = PG_GETARG_INT32(1);
	size_t		n;
	size_t	   *starts;
	time_point *points = get_seasons(fcinfo, seasons, &n, &starts);
	double	   *workspace = make_workspace(2 * n);
	kendall_sums sums = {0};

	if (n < 2)
		PG_RETURN_NULL();
	for (int32 k = 0; k < seasons; k++)
		add_kendall(&sums, points + starts[k], starts[k + 1] - starts[k], workspace, check_for_interrupts);
	return make_mann_kendall(fcinfo, n, &sums);
}

/* Room for the slopes of all pairs, of several seasons or of one. */
static double *
make_slopes(size_t n)
{
	if (n > SEN_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("Sen's slope of %zu points is that of too many pairs: at most %d points", n, SEN_MAX_POINTS),
				 errhint("Count by week or by month first.")));
	return make_workspace(n * (n - 1) / 2);
}

PG_FUNCTION_INFO_V1(nkpi_sen_slope);
Datum
nkpi_sen_slope(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	size_t		n;
	time_point *points = get_points_with_rate(PG_GETARG_DATUM(0), &n);
	kendall_sums sums = {0};
	double	   *workspace;
	double	   *slopes;
	size_t		num_slopes;
	sen_slope_result result;
	Datum		values[5];
	bool		nulls[5] = {false};

	check_confidence(confidence);
	if (n < 2)
		PG_RETURN_NULL();
	slopes = make_slopes(n);
	num_slopes = add_slopes(slopes, points, n, check_for_interrupts);
	if (num_slopes == 0)
		PG_RETURN_NULL();
	workspace = make_workspace(2 * n);
	add_kendall(&sums, points, n, workspace, check_for_interrupts);
	result = sen_slope(slopes, num_slopes, sums.variance, confidence, check_for_interrupts);
	values[0] = Int64GetDatum((int64) n);
	set_number(values, nulls, 1, true, result.slope);
	set_number(values, nulls, 2, result.has_limits, result.lower);
	set_number(values, nulls, 3, result.has_limits, result.upper);
	set_number(values, nulls, 4, true, sen_intercept(result.slope, points, n, workspace, check_for_interrupts));
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_seasonal_sen_slope);
Datum
nkpi_seasonal_sen_slope(PG_FUNCTION_ARGS)
{
	int32		seasons = PG_GETARG_INT32(1);
	double		confidence = PG_GETARG_FLOAT8(2);
	size_t		n;
	size_t	   *starts;
	time_point *points = get_seasons(fcinfo, seasons, &n, &starts);
	kendall_sums sums = {0};
	double	   *workspace;
	double	   *slopes;
	size_t		num_slopes = 0;
	sen_slope_result result;
	confidence_limits limits;

	check_confidence(confidence);
	if (n < 2)
		PG_RETURN_NULL();
	slopes = make_slopes(n);
	workspace = make_workspace(2 * n);
	for (int32 k = 0; k < seasons; k++)
	{
		size_t		in_season = starts[k + 1] - starts[k];

		num_slopes += add_slopes(slopes + num_slopes, points + starts[k], in_season, check_for_interrupts);
		add_kendall(&sums, points + starts[k], in_season, workspace, check_for_interrupts);
	}
	if (num_slopes == 0)
		PG_RETURN_NULL();
	result = sen_slope(slopes, num_slopes, sums.variance, confidence, check_for_interrupts);
	/* From one period to the next is so many times less than from one cycle to the next. */
	result.slope *= seasons;
	limits.lower = result.lower * seasons;
	limits.upper = result.upper * seasons;
	if (!isfinite(result.slope))
		PG_RETURN_NULL();
	return make_estimate(fcinfo, result.slope,
						 result.has_limits && isfinite(limits.lower) && isfinite(limits.upper) ? &limits : NULL);
}

/* ------------------------------------------------------------------ log-linear trends */

PG_FUNCTION_INFO_V1(nkpi_poisson_trend);
Datum
nkpi_poisson_trend(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	size_t		n;
	time_point *points = get_counts(fcinfo, &n);
	poisson_trend_result result;
	Datum		values[9];
	bool		nulls[9] = {false};

	check_confidence(confidence);
	if (!poisson_trend(points, n, confidence, make_workspace(n), check_for_interrupts, &result))
		PG_RETURN_NULL();
	values[0] = Int64GetDatum((int64) n);
	set_number(values, nulls, 1, true, exp(result.slope));
	set_number(values, nulls, 2, true, exp(result.wald.lower));
	set_number(values, nulls, 3, true, exp(result.wald.upper));
	set_number(values, nulls, 4, true, result.wald_p_value);
	set_number(values, nulls, 5, true, result.dispersion);
	set_number(values, nulls, 6, result.has_quasi, exp(result.quasi.lower));
	set_number(values, nulls, 7, result.has_quasi, exp(result.quasi.upper));
	set_number(values, nulls, 8, result.has_quasi, result.quasi_p_value);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_negative_binomial_trend);
Datum
nkpi_negative_binomial_trend(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	size_t		n;
	time_point *points = get_counts(fcinfo, &n);
	negative_binomial_trend_result result;
	Datum		values[6];
	bool		nulls[6] = {false};

	check_confidence(confidence);
	if (!negative_binomial_trend(points, n, confidence, make_workspace(n), check_for_interrupts, &result))
		PG_RETURN_NULL();
	values[0] = Int64GetDatum((int64) n);
	set_number(values, nulls, 1, true, exp(result.slope));
	set_number(values, nulls, 2, true, exp(result.limits.lower));
	set_number(values, nulls, 3, true, exp(result.limits.upper));
	set_number(values, nulls, 4, true, result.p_value);
	set_number(values, nulls, 5, result.has_theta, result.theta);
	return make_composite(fcinfo, values, nulls);
}

/* By how many per cent a rate with this slope of its logarithm changes. */
static double
percent_of(double slope)
{
	return 100 * expm1(slope);
}

PG_FUNCTION_INFO_V1(nkpi_annual_percent_change);
Datum
nkpi_annual_percent_change(PG_FUNCTION_ARGS)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	size_t		n;
	time_point *points = get_counts(fcinfo, &n);
	percent_change_result result;
	Datum		values[5];
	bool		nulls[5] = {false};

	check_confidence(confidence);
	if (!percent_change(points, n, confidence, make_workspace(n), &result))
		PG_RETURN_NULL();
	values[0] = Int64GetDatum((int64) n);
	set_number(values, nulls, 1, true, percent_of(result.slope));
	set_number(values, nulls, 2, true, percent_of(result.limits.lower));
	set_number(values, nulls, 3, true, percent_of(result.limits.upper));
	set_number(values, nulls, 4, result.has_test, result.p_value);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_joinpoint);
Datum
nkpi_joinpoint(PG_FUNCTION_ARGS)
{
	int32		permutations = PG_GETARG_INT32(1);
	int64		seed = PG_GETARG_INT64(2);
	size_t		n;
	time_point *points = get_counts(fcinfo, &n);
	joinpoint_result result;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (permutations < 1 || permutations > MAX_PERMUTATIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of permutations %d is not between 1 and %d", permutations, MAX_PERMUTATIONS)));
	if (!joinpoint(points, n, permutations, (uint64) seed, make_workspace(JOINPOINT_WORKSPACE(n)), check_for_interrupts, &result))
		PG_RETURN_NULL();
	values[0] = Int64GetDatum((int64) n);
	set_number(values, nulls, 1, result.has_test, result.time);
	set_number(values, nulls, 2, true, percent_of(result.slope_before));
	set_number(values, nulls, 3, true, percent_of(result.slope_after));
	set_number(values, nulls, 4, result.has_f, result.f_statistic);
	set_number(values, nulls, 5, result.has_test, result.p_value);
	values[6] = Int32GetDatum(permutations);
	nulls[6] = !result.has_test;
	return make_composite(fcinfo, values, nulls);
}
