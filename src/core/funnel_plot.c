/*
 * funnel_plot.c
 *		Funnel plots.
 */
#include "core/funnel_plot.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/interval.h"
#include "core/special.h"

#define HALF_PI		1.57079632679489661923

/* Of the z scores, this share at either end is drawn in before dispersion is measured. */
#define WINSORISED	0.1

/* ------------------------------------------------------------------ exact limits */

/*
 * A number of events that is as unlikely as a limit says: the root of a tail probability that goes smoothly through those of whole
 * numbers of events.  It is a unit's own whole number exactly where that number's exact interval ends at the centre.
 */
typedef struct tail_of_events
{
	funnel_plot_kind kind;
	bool		upper;			/* of so many events or more, else or fewer */
	double		size;			/* trials; for ratios 1 */
	double		expected;		/* events; for proportions the probability of one */
	double		target;			/* the score of the tail that is sought */
} tail_of_events;

/* The standard normal variable above which there is as much; it is almost linear in the number of events. */
static double
score_of(double tail)
{
	if (tail < DBL_MIN)
		tail = DBL_MIN;
	if (tail > 1 - DBL_EPSILON)
		tail = 1 - DBL_EPSILON;
	return -normal_quantile(tail);
}

/* The probability of so many events or more, or fewer. */
static double
tail_at(const tail_of_events *t, double events)
{
	if (t->kind == FUNNEL_PLOT_RATIO)
		return !t->upper ? gamma_upper(events + 1, t->expected) : events <= 0 ? 1 : gamma_lower(events, t->expected);
	if (t->upper)
		return events <= 0 ? 1 : beta_regularised(events, t->size - events + 1, t->expected, 1 - t->expected);
	return events >= t->size ? 1 : beta_regularised(t->size - events, events + 1, 1 - t->expected, t->expected);
}

/* Above 0 where the tail is smaller than is sought. */
static double
excess(const tail_of_events *t, double events)
{
	return score_of(tail_at(t, events)) - t->target;
}

/*
 * The root between two bounds on either side of it: regula falsi with the correction of M. Dowell and P. Jarratt, "A modified regula
 * falsi method", BIT 11, 1971, and halving should that be slow.
 */
static double
find_root(const tail_of_events *t, double a, double b)
{
	double		excess_a = excess(t, a);
	double		excess_b = excess(t, b);
	double		x = a;

	for (int step = 0; step < 200; step++)
	{
		double		last = x;
		double		excess_x;

		x = b - excess_b * (b - a) / (excess_b - excess_a);
		/* So near that the step is lost in rounding. */
		if (x == b)
			break;
		if (step % 8 == 7 || !((x > a) == (x < b)))
			x = a + (b - a) / 2;
		excess_x = excess(t, x);
		if (excess_x == 0 || fabs(x - last) <= DBL_EPSILON * fabs(x))
			break;
		if ((excess_x > 0) == (excess_b > 0))
			excess_a /= 2;
		else
		{
			a = b;
			excess_a = excess_b;
		}
		b = x;
		excess_b = excess_x;
	}
	return x;
}

/* The smallest number of events that is not below the lower limit; 0 where none is. */
static double
lower_events(tail_of_events *t, double mean)
{
	t->upper = false;
	return excess(t, 0) <= 0 ? 0 : find_root(t, 0, mean);
}

/* The largest that is not above the upper limit; all trials where none is. */
static double
upper_events(tail_of_events *t, double mean)
{
	double		most = mean;
	double		distance = 10 + 10 * sqrt(mean);

	t->upper = true;
	if (t->kind == FUNNEL_PLOT_PROPORTION)
		return excess(t, t->size) <= 0 ? t->size : find_root(t, mean, t->size);
	for (int step = 0; step < 100 && excess(t, most) <= 0; step++, distance *= 2)
		most = mean + distance;
	return find_root(t, mean, most);
}

static void
place_exact_limits(const funnel_plot *plot, funnel_plot_unit unit, funnel_plot_point *point)
{
	bool		certain = plot->centre == 0 || (plot->kind == FUNNEL_PLOT_PROPORTION && plot->centre == 1);
	double		size = unit.size;
	double		mean = plot->centre * size;
	tail_of_events t = {.kind = plot->kind, .size = size};

	t.expected = plot->kind == FUNNEL_PLOT_PROPORTION ? plot->centre : mean;
	for (int i = INNER; i <= OUTER; i++)
	{
		t.target = errors_to_limits(plot->confidence[i]);
		point->lower[i] = certain ? plot->centre : lower_events(&t, mean) / size;
		point->upper[i] = certain ? plot->centre : upper_events(&t, mean) / size;
	}
	t.upper = point->value > plot->centre;
	point->p_value = point->value == plot->centre ? 1 : certain ? 0 : fmin(1, 2 * tail_at(&t, (double) unit.events));
}

/* Twice the normal tail beyond. */
static double
two_sided(double z)
{
	return 2 * normal_upper_tail(fabs(z));
}

/* ------------------------------------------------------------------ limits on a scale of constant variance */

/* A proportion or ratio on the scale on which its standard error depends on the size alone, and back. */
static double
transform(funnel_plot_kind kind, double value)
{
	return kind == FUNNEL_PLOT_PROPORTION ? asin(sqrt(value)) : sqrt(value);
}

static double
transform_back(funnel_plot_kind kind, double value)
{
	double		root;

	if (value <= 0)
		return 0;
	root = kind == FUNNEL_PLOT_RATIO ? value : value >= HALF_PI ? 1 : sin(value);
	return root * root;
}

static double
standard_error(double size)
{
	return 0.5 / sqrt(size);
}

static double
unadjusted_z(const funnel_plot *plot, funnel_plot_unit unit)
{
	return (transform(plot->kind, (double) unit.events / unit.size) - transform(plot->kind, plot->centre)) / standard_error(unit.size);
}

/* The standard error with what the units differ by more than chance. */
static double
dispersed_error(const funnel_plot *plot, double size)
{
	double		error = standard_error(size);

	if (plot->dispersion == DISPERSION_MULTIPLICATIVE)
		return plot->dispersion_ratio > 1 ? error * sqrt(plot->dispersion_ratio) : error;
	if (plot->dispersion == DISPERSION_ADDITIVE)
		return sqrt(error * error + plot->between_variance);
	return error;
}

static void
place_scaled_limits(const funnel_plot *plot, double size, funnel_plot_point *point)
{
	double		error = dispersed_error(plot, size);
	double		centre = transform(plot->kind, plot->centre);

	for (int i = INNER; i <= OUTER; i++)
	{
		double		margin = errors_to_limits(plot->confidence[i]) * error;

		point->lower[i] = transform_back(plot->kind, centre - margin);
		point->upper[i] = transform_back(plot->kind, centre + margin);
	}
}

/* What the score interval (Wilson's) of a proportion ends at the centre for. */
static void
place_score_limits(const funnel_plot *plot, double size, funnel_plot_point *point)
{
	double		error = sqrt(plot->centre * (1 - plot->centre) / size);

	for (int i = INNER; i <= OUTER; i++)
	{
		double		margin = errors_to_limits(plot->confidence[i]) * error;

		point->lower[i] = plot->centre > margin ? plot->centre - margin : 0;
		point->upper[i] = plot->centre + margin < 1 ? plot->centre + margin : 1;
	}
	point->p_value = point->value == plot->centre ? 1 : two_sided((point->value - plot->centre) / error);
}

/* ------------------------------------------------------------------ all units */

/* By size, then by events: sums are the same whatever the order that the units came in. */
static int
compare_units(const void *a, const void *b)
{
	const funnel_plot_unit *first = a;
	const funnel_plot_unit *second = b;

	if (first->size != second->size)
		return first->size < second->size ? -1 : 1;
	return first->events == second->events ? 0 : first->events < second->events ? -1 : 1;
}

static int
compare_numbers(const void *a, const void *b)
{
	double		first = *(const double *) a;
	double		second = *(const double *) b;

	return first == second ? 0 : first < second ? -1 : 1;
}

/* The quantile of sorted numbers by linear interpolation (type 7 of Hyndman and Fan). */
static double
quantile(const double *numbers, size_t count, double fraction)
{
	double		position = (double) (count - 1) * fraction;
	size_t		below = (size_t) position;

	if (below + 1 >= count)
		return numbers[count - 1];
	return numbers[below] + (position - (double) below) * (numbers[below + 1] - numbers[below]);
}

bool
funnel_plot_read(funnel_plot *plot, funnel_plot_unit *units, size_t num_units, double *scratch, void (*check_for_interrupts) (void))
{
	double		weights = 0;
	double		squares = 0;
	double		lowest;
	double		highest;
	double		sum = 0;
	double		largest;
	double		denominator;

	plot->has_dispersion_ratio = plot->has_between_variance = false;
	plot->between_variance = 0;
	plot->events = 0;
	plot->size = 0;
	if (num_units == 0)
		return true;
	qsort(units, num_units, sizeof(funnel_plot_unit), compare_units);
	check_for_interrupts();
	for (size_t i = 0; i < num_units; i++)
	{
		if (units[i].events > INT64_MAX - plot->events)
			return false;
		plot->events += units[i].events;
		plot->size += units[i].size;
	}
	if (!plot->has_centre && isfinite(plot->size) && isfinite((double) plot->events / plot->size))
	{
		plot->has_centre = true;
		plot->centre = (double) plot->events / plot->size;
	}
	if (!plot->has_centre)
		return true;
	/* One unit does not differ from itself. */
	if (num_units < 2)
		return true;

	for (size_t i = 0; i < num_units; i++)
		scratch[i] = unadjusted_z(plot, units[i]);
	check_for_interrupts();
	qsort(scratch, num_units, sizeof(double), compare_numbers);
	check_for_interrupts();
	lowest = quantile(scratch, num_units, WINSORISED);
	highest = quantile(scratch, num_units, 1 - WINSORISED);
	/* The weight of a unit, one over its variance, is four times its size; here in parts of the largest, so that none overflows. */
	largest = units[num_units - 1].size;
	for (size_t i = 0; i < num_units; i++)
	{
		double		z = scratch[i] < lowest ? lowest : scratch[i] > highest ? highest : scratch[i];
		double		weight = units[i].size / largest;

		sum += z * z;
		weights += weight;
		squares += weight * weight;
	}
	if (!isfinite(sum))
		return true;
	plot->has_dispersion_ratio = true;
	plot->dispersion_ratio = sum / (double) num_units;
	denominator = (weights - squares / weights) * 4 * largest;
	sum -= (double) (num_units - 1);
	if (sum <= 0)
		plot->has_between_variance = true;
	else if (denominator > 0 && isfinite(sum / denominator))
	{
		plot->has_between_variance = true;
		plot->between_variance = sum / denominator;
	}
	return true;
}

/* ------------------------------------------------------------------ one unit */

static bool
is_usable(const funnel_plot_point *point)
{
	return isfinite(point->z) && isfinite(point->lower[INNER]) && isfinite(point->lower[OUTER]) &&
		isfinite(point->upper[INNER]) && isfinite(point->upper[OUTER]);
}

/* What all units but this one have together; false where there is no other. */
static bool
find_centre_of_others(const funnel_plot *plot, funnel_plot_unit unit, double *centre)
{
	double		size = plot->size - unit.size;

	if (!(size > 0))
		return false;
	*centre = (double) (plot->events - unit.events) / size;
	/* Of more trials than a double counts one by one there may be fewer than events. */
	if (plot->kind == FUNNEL_PLOT_PROPORTION && *centre > 1)
		*centre = 1;
	return isfinite(*centre);
}

funnel_plot_point
funnel_plot_place(const funnel_plot *all, funnel_plot_unit unit)
{
	funnel_plot about_centre = *all;
	const funnel_plot *plot = &about_centre;
	funnel_plot_point point = {.value = (double) unit.events / unit.size};

	point.has_centre = !plot->of_others || find_centre_of_others(all, unit, &about_centre.centre);
	if (!point.has_centre)
		return point;
	point.centre = plot->centre;
	if ((plot->dispersion == DISPERSION_MULTIPLICATIVE && !plot->has_dispersion_ratio) ||
		(plot->dispersion == DISPERSION_ADDITIVE && !plot->has_between_variance))
		return point;
	if (plot->dispersion != DISPERSION_NONE)
		place_scaled_limits(plot, unit.size, &point);
	else if (plot->score)
		place_score_limits(plot, unit.size, &point);
	else
		place_exact_limits(plot, unit, &point);
	point.z = unadjusted_z(plot, unit) * (standard_error(unit.size) / dispersed_error(plot, unit.size));
	if (plot->dispersion != DISPERSION_NONE)
		point.p_value = two_sided(point.z);
	point.has_limits = is_usable(&point);
	point.verdict = point.value < point.lower[OUTER] ? BELOW_OUTER_LIMIT :
		point.value < point.lower[INNER] ? BELOW_INNER_LIMIT :
		point.value > point.upper[OUTER] ? ABOVE_OUTER_LIMIT :
		point.value > point.upper[INNER] ? ABOVE_INNER_LIMIT : WITHIN_LIMITS;
	return point;
}
