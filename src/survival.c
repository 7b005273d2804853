/*
 * survival.c
 *		The statistics of a life_table: survival, percentiles, restricted mean, hazard, incidence by cause, log-rank.
 *
 * Every function here reads the steps of the life table (src/core/life_table.h) and asks src/core/survival.h.  What is open has
 * no duration yet, so a life table that has any is refused.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "binding.h"
#include "compat.h"
#include "composite.h"
#include "core/interval.h"
#include "core/special.h"
#include "core/survival.h"
#include "estimate.h"
#include "life_table.h"
#include "tally_binding.h"

/* The work of a log-rank test, and its memory, grow with the square of the number of its groups. */
#define LOG_RANK_MAX_GROUPS	1000

/* ------------------------------------------------------------------ arguments */

static survival_scale
get_scale(text *name)
{
	survival_scale scale;

	if (!find_survival_scale(text_to_cstring(name), &scale))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale \"%s\" is not known", excerpt(text_to_cstring(name))),
				 errhint("The scales are \"log-log\", \"log\" and \"plain\".")));
	return scale;
}

static double
get_confidence(double confidence)
{
	check_confidence(confidence);
	return confidence;
}

/* Whether the variance of an incidence is Aalen's; otherwise it is the jackknife's. */
static bool
is_aalen(text *name)
{
	const char *variance = text_to_cstring(name);

	if (strcmp(variance, "aalen") == 0)
		return true;
	if (strcmp(variance, "jackknife") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("variance \"%s\" is not known", excerpt(variance)),
				 errhint("The variances are \"jackknife\" and \"aalen\".")));
	return false;
}

static int32
get_time(int32 time)
{
	check_time(time);
	return time;
}

static int32
get_cause(int32 cause)
{
	check_cause(cause);
	return cause;
}

/* ------------------------------------------------------------------ the curve */

typedef struct curve
{
	survival_step *steps;
	survival_point *points;
	size_t		num_steps;
} curve;

/* The steps of a value that has nothing open. */
static void
read_steps(life_table_reader *reader, int cause, survival_step **steps, size_t *num_steps)
{
	tally_host	host = make_tally_host(CurrentMemoryContext);

	check_none_open(reader);
	check_tally(life_table_steps(reader, cause, &host, steps, num_steps), LIFE_TABLE_NAME);
}

/* An array of one element a step, which may be large. */
#define allocate_for_steps(type, num_steps) \
	((type *) MemoryContextAllocHuge(CurrentMemoryContext, Max((num_steps), 1) * sizeof(type)))

static curve
read_curve(Datum value, int cause)
{
	life_table_reader reader;
	curve		c;

	read_life_table(&reader, value);
	read_steps(&reader, cause, &c.steps, &c.num_steps);
	c.points = allocate_for_steps(survival_point, c.num_steps);
	survival_curve(c.steps, c.num_steps, c.points);
	return c;
}

/*
 * How many steps there are up to a time; the last of them tells what holds then.  False where nothing can be said: of nobody, and
 * after the last time while there were some who had not had the event.
 */
static bool
find_steps_until(const curve *c, int64 time, size_t *num_steps)
{
	size_t		low = 0;
	size_t		high = c->num_steps;

	if (c->num_steps == 0 || (time > c->steps[c->num_steps - 1].time && c->points[c->num_steps - 1].survival > 0))
		return false;
	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (c->steps[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	*num_steps = low;
	return true;
}

/* What holds at a time; before the first step nothing has happened. */
static bool
find_point(const curve *c, int64 time, survival_point *point)
{
	size_t		num_steps;

	if (!find_steps_until(c, time, &num_steps))
		return false;
	*point = num_steps > 0 ? c->points[num_steps - 1] : (survival_point) {.survival = 1};
	return true;
}

/* ------------------------------------------------------------------ results */

/* A column that is NULL where its number cannot be said. */
static void
set_number(Datum *values, bool *nulls, int column, bool known, double number)
{
	nulls[column] = !known || isnan(number);
	values[column] = nulls[column] ? (Datum) 0 : Float8GetDatum(number);
}

/* ------------------------------------------------------------------ at a time */

PG_FUNCTION_INFO_V1(nkpi_life_table_survival);
Datum
nkpi_life_table_survival(PG_FUNCTION_ARGS)
{
	int32		at = get_time(PG_GETARG_INT32(1));
	survival_scale scale = get_scale(PG_GETARG_TEXT_PP(2));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(3));
	curve		c = read_curve(PG_GETARG_DATUM(0), 0);
	survival_point point;
	confidence_limits limits;
	bool		limited;

	if (!find_point(&c, at, &point))
		PG_RETURN_NULL();
	limited = survival_limits(&point, scale, confidence, &limits);
	return make_estimate(fcinfo, point.survival, limited ? &limits : NULL);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_cumulative_hazard);
Datum
nkpi_life_table_cumulative_hazard(PG_FUNCTION_ARGS)
{
	int32		at = get_time(PG_GETARG_INT32(1));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(2));
	curve		c = read_curve(PG_GETARG_DATUM(0), 0);
	survival_point point;
	confidence_limits limits;
	bool		limited;

	if (!find_point(&c, at, &point))
		PG_RETURN_NULL();
	limited = hazard_limits(&point, confidence, &limits);
	return make_estimate(fcinfo, point.hazard, limited ? &limits : NULL);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_incidence);
Datum
nkpi_life_table_incidence(PG_FUNCTION_ARGS)
{
	int32		cause = get_cause(PG_GETARG_INT32(1));
	int32		at = get_time(PG_GETARG_INT32(2));
	survival_scale scale = get_scale(PG_GETARG_TEXT_PP(3));
	bool		aalen = is_aalen(PG_GETARG_TEXT_PP(4));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(5));
	curve		c = read_curve(PG_GETARG_DATUM(0), cause);
	incidence_point point = {0};
	confidence_limits limits;
	size_t		num_steps;
	bool		limited;

	if (!find_steps_until(&c, at, &num_steps))
		PG_RETURN_NULL();
	if (num_steps > 0)
	{
		incidence_point *points = allocate_for_steps(incidence_point, num_steps);

		incidence_curve(c.steps, num_steps, points);
		point = points[num_steps - 1];
	}
	limited = incidence_limits(point.incidence, aalen ? point.aalen_error : point.jackknife_error, scale, confidence, &limits);
	return make_estimate(fcinfo, point.incidence, limited ? &limits : NULL);
}

/* ------------------------------------------------------------------ times */

PG_FUNCTION_INFO_V1(nkpi_life_table_percentile);
Datum
nkpi_life_table_percentile(PG_FUNCTION_ARGS)
{
	double		fraction = PG_GETARG_FLOAT8(1);
	survival_scale scale = get_scale(PG_GETARG_TEXT_PP(2));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(3));
	curve		c;
	survival_quantile quantile;
	Datum		values[3];
	bool		nulls[3];

	if (!(fraction > 0 && fraction <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("percentile fraction %g is not above 0 and at most 1", fraction),
				 errhint("Write the 90th percentile as 0.9.")));
	c = read_curve(PG_GETARG_DATUM(0), 0);
	quantile = find_survival_quantile(c.steps, c.points, c.num_steps, fraction, scale, confidence);
	if (!quantile.value.reached && !quantile.lower.reached && !quantile.upper.reached)
		PG_RETURN_NULL();
	set_number(values, nulls, 0, quantile.value.reached, quantile.value.time);
	set_number(values, nulls, 1, quantile.lower.reached, quantile.lower.time);
	set_number(values, nulls, 2, quantile.upper.reached, quantile.upper.time);
	return make_composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(nkpi_life_table_restricted_mean);
Datum
nkpi_life_table_restricted_mean(PG_FUNCTION_ARGS)
{
	int32		until = get_time(PG_GETARG_INT32(1));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(2));
	curve		c = read_curve(PG_GETARG_DATUM(0), 0);
	restricted_mean mean;
	confidence_limits limits;
	size_t		num_steps;

	if (!find_steps_until(&c, until, &num_steps))
		PG_RETURN_NULL();
	mean = find_restricted_mean(c.steps, c.points, c.num_steps, until);
	limits = restricted_mean_limits(&mean, confidence);
	return make_estimate(fcinfo, mean.mean, &limits);
}

/* ------------------------------------------------------------------ whole curves */

#define CURVE_COLUMNS	10

PG_FUNCTION_INFO_V1(nkpi_life_table_curve);
Datum
nkpi_life_table_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	survival_scale scale = get_scale(PG_GETARG_TEXT_PP(1));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(2));
	curve		c;

	InitMaterializedSRF(fcinfo, 0);
	c = read_curve(PG_GETARG_DATUM(0), 0);
	for (size_t i = 0; i < c.num_steps; i++)
	{
		const survival_point *point = &c.points[i];
		Datum		values[CURVE_COLUMNS];
		bool		nulls[CURVE_COLUMNS] = {false};
		confidence_limits limits = {0, 0};
		bool		limited = survival_limits(point, scale, confidence, &limits);

		values[0] = Int32GetDatum((int32) c.steps[i].time);
		values[1] = Int64GetDatum(c.steps[i].num_at_risk);
		values[2] = Int64GetDatum(c.steps[i].num_events);
		values[3] = Int64GetDatum(c.steps[i].num_censored);
		set_number(values, nulls, 4, true, point->survival);
		set_number(values, nulls, 5, limited, limits.lower);
		set_number(values, nulls, 6, limited, limits.upper);
		set_number(values, nulls, 7, true, point->survival_error);
		set_number(values, nulls, 8, true, point->hazard);
		set_number(values, nulls, 9, true, point->hazard_error);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}

#define INCIDENCE_CURVE_COLUMNS	7

PG_FUNCTION_INFO_V1(nkpi_life_table_incidence_curve);
Datum
nkpi_life_table_incidence_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int32		cause = get_cause(PG_GETARG_INT32(1));
	survival_scale scale = get_scale(PG_GETARG_TEXT_PP(2));
	bool		aalen = is_aalen(PG_GETARG_TEXT_PP(3));
	double		confidence = get_confidence(PG_GETARG_FLOAT8(4));
	life_table_reader reader;
	survival_step *steps;
	incidence_point *points;
	size_t		num_steps;

	InitMaterializedSRF(fcinfo, 0);
	read_life_table(&reader, PG_GETARG_DATUM(0));
	read_steps(&reader, cause, &steps, &num_steps);
	points = allocate_for_steps(incidence_point, num_steps);
	incidence_curve(steps, num_steps, points);
	for (size_t i = 0; i < num_steps; i++)
	{
		double		error = aalen ? points[i].aalen_error : points[i].jackknife_error;
		Datum		values[INCIDENCE_CURVE_COLUMNS];
		bool		nulls[INCIDENCE_CURVE_COLUMNS] = {false};
		confidence_limits limits = {0, 0};
		bool		limited = incidence_limits(points[i].incidence, error, scale, confidence, &limits);

		values[0] = Int32GetDatum((int32) steps[i].time);
		values[1] = Int64GetDatum(steps[i].num_at_risk);
		values[2] = Int64GetDatum(steps[i].num_of_cause);
		set_number(values, nulls, 3, true, points[i].incidence);
		set_number(values, nulls, 4, limited, limits.lower);
		set_number(values, nulls, 5, limited, limits.upper);
		set_number(values, nulls, 6, true, error);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}

/* ------------------------------------------------------------------ log-rank */

static int
compare_readers(const void *a, const void *b)
{
	int			result;

	CHECK_FOR_INTERRUPTS();
	check_tally(life_table_compare(*(life_table_reader *const *) a, *(life_table_reader *const *) b, &result), LIFE_TABLE_NAME);
	return result;
}

/*
 * The final function of log_rank(): compares the groups of an array, NULLs left out.  They are sorted first, so that the sums
 * are taken in the same order whatever that of the rows was.
 */
PG_FUNCTION_INFO_V1(nkpi_life_table_log_rank);
Datum
nkpi_life_table_log_rank(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	life_table_reader **readers = palloc_array(life_table_reader *, LOG_RANK_MAX_GROUPS);
	survival_group *groups = palloc_array(survival_group, LOG_RANK_MAX_GROUPS);
	Datum	   *elements;
	bool	   *element_nulls;
	int			num_elements;
	int			num_groups = 0;
	int64		num_values = 0;
	double		chi_squared;
	int			degrees_of_freedom;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &elements, &element_nulls, &num_elements);
	for (int i = 0; i < num_elements; i++)
	{
		if (element_nulls[i])
			continue;
		if (num_groups == LOG_RANK_MAX_GROUPS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("log_rank cannot compare more than %d groups", LOG_RANK_MAX_GROUPS),
					 errhint("Put groups together with rollup() first.")));
		readers[num_groups] = palloc(sizeof(life_table_reader));
		read_life_table(readers[num_groups], elements[i]);
		check_same_unit(readers[0]->unit, readers[num_groups]->unit);
		/* All groups together are counted too. */
		if (pg_add_s64_overflow(num_values, count_in_life_table(readers[num_groups], 0, LIFE_TABLE_PARTS - 1), &num_values))
			check_tally(TALLY_TOO_MANY, LIFE_TABLE_NAME);
		num_groups++;
	}
	qsort(readers, num_groups, sizeof(life_table_reader *), compare_readers);
	for (int i = 0; i < num_groups; i++)
	{
		survival_step *steps;

		read_steps(readers[i], 0, &steps, &groups[i].num_steps);
		groups[i].steps = steps;
	}
	if (!log_rank(groups, num_groups, palloc_array(double, LOG_RANK_WORKSPACE(num_groups) + 1), check_for_interrupts,
				  &chi_squared, &degrees_of_freedom))
		PG_RETURN_NULL();
	values[0] = Float8GetDatum(chi_squared);
	values[1] = Int32GetDatum(degrees_of_freedom);
	values[2] = Float8GetDatum(chi_squared_upper_tail(chi_squared, degrees_of_freedom));
	return make_composite(fcinfo, values, nulls);
}
