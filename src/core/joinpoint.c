/*
 * joinpoint.c
 *		Least squares on the logarithm of a rate.  The methods' sources are in the header.
 */
#include "core/joinpoint.h"

#include <float.h>
#include <math.h>

#include "core/trend_t.h"

#define INTERRUPT_EVERY		65536

/* Statistics of two permutations are the same when they differ by less than this, relatively: the order of summing differs. */
#define SAME_STATISTIC		1e-9

/* A straight line through points (x, y). */
typedef struct line
{
	double		mean_x;
	double		mean_y;
	double		squares_x;		/* sum of squared distances from the mean */
	double		slope;
	double		squares_left;	/* of the residuals */
} line;

/* The logarithms of rates, less that of the first: for rates that are all the same they are 0 and not nearly so. */
static void
take_logarithms(const time_point *points, double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = log(point_rate(&points[i])) - log(point_rate(&points[0]));
}

/* The line through numbers y at the points' times, which are counted from the first. */
static line
fit_line(const time_point *points, const double *y, size_t n)
{
	line		fit = {0};
	double		products = 0;

	for (size_t i = 0; i < n; i++)
	{
		fit.mean_x += points[i].time - points[0].time;
		fit.mean_y += y[i];
	}
	fit.mean_x /= (double) n;
	fit.mean_y /= (double) n;
	for (size_t i = 0; i < n; i++)
	{
		double		x = points[i].time - points[0].time - fit.mean_x;

		fit.squares_x += x * x;
		products += x * (y[i] - fit.mean_y);
	}
	fit.slope = products / fit.squares_x;
	for (size_t i = 0; i < n; i++)
	{
		double		x = points[i].time - points[0].time - fit.mean_x;
		double		residual = y[i] - fit.mean_y - fit.slope * x;

		fit.squares_left += residual * residual;
	}
	return fit;
}

/* What residuals' squares may add up to by rounding alone. */
static double
rounding_squares(const time_point *points, size_t n)
{
	double		largest = 1;

	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, fabs(log(point_rate(&points[i]))));
	largest *= 8 * DBL_EPSILON;
	return (double) n * largest * largest;
}

static bool
has_zero_rate(const time_point *points, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (points[i].value <= 0)
			return true;
	}
	return false;
}

bool
percent_change(const time_point *points, size_t n, double confidence, double *workspace, percent_change_result *result)
{
	line		fit;
	double		degrees_of_freedom = (double) n - 2;
	double		error;
	double		margin;

	if (n < PERCENT_CHANGE_MIN_POINTS || time_series_is_one_moment(points, n) || has_zero_rate(points, n))
		return false;
	take_logarithms(points, workspace, n);
	fit = fit_line(points, workspace, n);
	result->slope = fit.slope;
	result->limits.lower = result->limits.upper = fit.slope;
	result->has_test = fit.squares_left > rounding_squares(points, n);
	if (result->has_test)
	{
		error = sqrt(fit.squares_left / degrees_of_freedom / fit.squares_x);
		margin = trend_t_errors_to_limits(confidence, degrees_of_freedom) * error;
		result->limits.lower -= margin;
		result->limits.upper += margin;
		result->p_value = trend_t_p_value(fit.slope / error, degrees_of_freedom);
	}
	return isfinite(fit.slope);
}

/*
 * What one more parameter, a change of slope at each candidate time c, can explain: (time - c) where it is positive, less the line
 * through that, which leaves "squares"; the sum of squares that a change of slope at c takes away is (product with the
 * residuals)^2 / squares.  A candidate is the first of the points of its time.
 */
typedef struct change_search
{
	const time_point *points;
	size_t		n;
	const double *squares;		/* a number a point: 0 where there is no candidate */
	line		times;			/* of the times' mean and squares only */
} change_search;

static void
prepare_search(change_search *search, const time_point *points, size_t n, double *squares, void (*check_for_interrupts) (void))
{
	double		sum = 0;		/* over the points from i: x, and its square, from their mean */
	double		sum_squares = 0;
	double		count = 0;
	size_t		later = 0;		/* points later than this one's time */

	*search = (change_search) {.points = points, .n = n, .squares = squares};
	for (size_t i = 0; i < n; i++)
		search->times.mean_x += points[i].time - points[0].time;
	search->times.mean_x /= (double) n;
	for (size_t i = 0; i < n; i++)
	{
		double		x = points[i].time - points[0].time - search->times.mean_x;

		search->times.squares_x += x * x;
	}
	for (size_t i = n; i-- > 0;)
	{
		double		x = points[i].time - points[0].time - search->times.mean_x;

		if (i + 1 < n && points[i].time < points[i + 1].time)
			later = n - 1 - i;
		count++;
		sum += x;
		sum_squares += x * x;
		squares[i] = 0;
		if (i >= 2 && later >= 2 && points[i - 1].time < points[i].time)
		{
			double		total = sum - count * x;	/* of (time - c) where it is positive, and so on */
			double		with_itself = sum_squares - 2 * x * sum + count * x * x;
			double		with_x = sum_squares - x * sum;
			double		left = with_itself - total * total / (double) n - with_x * with_x / search->times.squares_x;

			if (left > 1e-12 * with_itself)
				squares[i] = left;
		}
		if (i % INTERRUPT_EVERY == 0)
			check_for_interrupts();
	}
}

/*
 * The share of the residuals' squares that the best change of slope takes away, 0 to 1, and its candidate.  "residuals" are of the line:
 * they add up to 0, and so do their products with time.
 */
static double
find_change(const change_search *search, const double *residuals, double squares_left, size_t *candidate, double *change)
{
	double		best = -1;
	double		sum = 0;		/* over the points from i: residuals, and their products with time */
	double		products = 0;

	for (size_t i = search->n; i-- > 0;)
	{
		double		x = search->points[i].time - search->points[0].time - search->times.mean_x;

		sum += residuals[i];
		products += residuals[i] * x;
		if (search->squares[i] > 0)
		{
			double		product = products - x * sum;
			double		share = product / search->squares[i] * product;

			/* Going back in time: the first of those that are the same is the last to be looked at. */
			if (share >= best)
			{
				best = share;
				*candidate = i;
				*change = product / search->squares[i];
			}
		}
	}
	if (best < 0 || squares_left <= 0)
		return best < 0 ? -1 : 0;
	return fmin(best / squares_left, 1);
}

/* Numbers from 0, each as likely, from a generator of G. L. Steele, D. Lea and C. H. Flood (SplitMix, OOPSLA 2014). */
static uint64_t
draw(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t
draw_below(uint64_t *state, size_t below)
{
	uint64_t	limit = UINT64_MAX - UINT64_MAX % below;
	uint64_t	number;

	do
		number = draw(state);
	while (number >= limit);
	return (size_t) (number % below);
}

static void
subtract_line(const time_point *points, double *y, size_t n, const line *fit)
{
	for (size_t i = 0; i < n; i++)
		y[i] -= fit->mean_y + fit->slope * (points[i].time - points[0].time - fit->mean_x);
}

bool
joinpoint(const time_point *points, size_t n, int64_t permutations, uint64_t seed, double *workspace,
		  void (*check_for_interrupts) (void), joinpoint_result *result)
{
	double	   *residuals = workspace;
	double	   *order = workspace + n;
	double	   *drawn = workspace + 2 * n;
	double	   *squares = workspace + 3 * n;
	change_search search;
	line		fit;
	size_t		candidate = 0;
	double		change = 0;
	double		share;
	double		hinge_mean = 0;
	double		hinge_slope = 0;
	double		left_with_joinpoint = 0;
	int64_t		as_large = 0;
	double		x;

	if (n < JOINPOINT_MIN_POINTS || time_series_is_one_moment(points, n) || has_zero_rate(points, n))
		return false;
	take_logarithms(points, residuals, n);
	fit = fit_line(points, residuals, n);
	subtract_line(points, residuals, n, &fit);
	prepare_search(&search, points, n, squares, check_for_interrupts);
	share = find_change(&search, residuals, fit.squares_left, &candidate, &change);
	if (share < 0)
		return false;

	/*
	 * What the change adds to the line is (time - c) where it is positive, less the line through that; its slope comes off the one before.
	 * The residuals are taken one by one, since what is left of the line's squares may be next to nothing.
	 */
	x = points[candidate].time - points[0].time - fit.mean_x;
	for (size_t i = candidate; i < n; i++)
	{
		double		of_point = points[i].time - points[0].time - fit.mean_x;

		hinge_mean += (of_point - x) / (double) n;
		hinge_slope += of_point * ((of_point - x) / fit.squares_x);
	}
	for (size_t i = 0; i < n; i++)
	{
		double		of_point = points[i].time - points[0].time - fit.mean_x;
		double		hinge = of_point > x ? of_point - x : 0;
		double		residual = residuals[i] - change * (hinge - hinge_mean - hinge_slope * of_point);

		left_with_joinpoint += residual * residual;
	}
	result->time = points[candidate].time;
	result->slope_before = fit.slope - change * hinge_slope;
	result->slope_after = result->slope_before + change;
	result->has_test = fit.squares_left > rounding_squares(points, n);
	result->has_f = result->has_test && left_with_joinpoint > rounding_squares(points, n);
	if (result->has_f)
		result->f_statistic = (fit.squares_left - left_with_joinpoint) / 2 / (left_with_joinpoint / (double) (n - 4));
	if (!result->has_test)
		return true;

	for (size_t i = 0; i < n; i++)
		order[i] = residuals[i];
	for (int64_t round = 0; round < permutations; round++)
	{
		line		drawn_fit;
		size_t		unused_candidate;
		double		unused_change;

		/* Fisher and Yates. */
		for (size_t i = n - 1; i > 0; i--)
		{
			size_t		j = draw_below(&seed, i + 1);
			double		swap = order[i];

			order[i] = order[j];
			order[j] = swap;
		}
		/* The line that they were residuals of would come off again as it was. */
		for (size_t i = 0; i < n; i++)
			drawn[i] = order[i];
		drawn_fit = fit_line(points, drawn, n);
		subtract_line(points, drawn, n, &drawn_fit);
		if (find_change(&search, drawn, drawn_fit.squares_left, &unused_candidate, &unused_change) >= share * (1 - SAME_STATISTIC))
			as_large++;
		check_for_interrupts();
	}
	result->p_value = (double) (1 + as_large) / (double) (1 + permutations);
	return true;
}
