/*
 * poisson_trend.c
 *		Log-linear regression of counts on time.  The methods' sources are in the header.
 *
 * For a given slope the best intercept makes the fitted counts add up to the observed ones; with it the likelihood is a function
 * of the slope alone, whose derivative is the observed mean time of an event less the fitted one.  The fitted one rises with the
 * slope, so there is one root, and Newton's method within a bracket finds it from anywhere.
 *
 * Time is counted from the first point and in units of the whole range, so that neither 2019 nor microseconds cost digits.
 */
#include "core/poisson_trend.h"

#include <float.h>
#include <math.h>

#include "core/special.h"
#include "core/trend_t.h"

#define INTERRUPT_EVERY		65536
#define MAX_STEPS			200

/* A slope at which fitted counts differ by e^(this) from the first point to the last is as good as infinite. */
#define MAX_SLOPE			1e9

/* The sum of squares, in the units of chi-squared, below which residuals are but rounding. */
#define ROUNDING			1e-24

/* How far a point is from the first to the last. */
static double
relative_time(const time_point *points, size_t n, size_t i)
{
	return (points[i].time - points[0].time) / (points[n - 1].time - points[0].time);
}

/*
 * The weights that points have at a slope, shares of all fitted events: exposure * e^(slope * time) over its sum.  Gives the mean
 * of time and its variance by these weights, and the logarithm of that sum.
 */
static double
weigh(const time_point *points, size_t n, double slope, double *weights, double *mean, double *variance,
	  void (*check_for_interrupts) (void))
{
	double		largest = -HUGE_VAL;
	double		sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		weights[i] = log(points[i].exposure) + slope * relative_time(points, n, i);
		if (weights[i] > largest)
			largest = weights[i];
		if (i % INTERRUPT_EVERY == 0)
			check_for_interrupts();
	}
	*mean = *variance = 0;
	for (size_t i = 0; i < n; i++)
	{
		weights[i] = exp(weights[i] - largest);
		sum += weights[i];
		*mean += weights[i] * relative_time(points, n, i);
		if (i % INTERRUPT_EVERY == 0)
			check_for_interrupts();
	}
	*mean /= sum;
	for (size_t i = 0; i < n; i++)
	{
		double		distance = relative_time(points, n, i) - *mean;

		weights[i] /= sum;
		*variance += weights[i] * distance * distance;
	}
	return largest + log(sum);
}

/* Whether a finite slope is the best: events at two times, or at one between the first and the last. */
static bool
has_estimate(const time_point *points, size_t n)
{
	double		first = HUGE_VAL;
	double		last = -HUGE_VAL;

	if (n < POISSON_TREND_MIN_POINTS || time_series_is_one_moment(points, n))
		return false;
	for (size_t i = 0; i < n; i++)
	{
		if (points[i].value > 0)
		{
			first = fmin(first, points[i].time);
			last = fmax(last, points[i].time);
		}
	}
	return first < last || (first == last && first > points[0].time && last < points[n - 1].time);
}

bool
poisson_trend(const time_point *points, size_t n, double confidence, double *workspace, void (*check_for_interrupts) (void),
			  poisson_trend_result *result)
{
	double		events = 0;
	double		mean_time = 0;	/* of the events that were seen */
	double		slope = 0;
	double		low = -HUGE_VAL;
	double		high = HUGE_VAL;
	double		fitted_mean;
	double		variance;
	double		log_sum;
	double		range;
	double		chi_squared = 0;

	if (!has_estimate(points, n))
		return false;
	range = points[n - 1].time - points[0].time;
	for (size_t i = 0; i < n; i++)
	{
		events += points[i].value;
		mean_time += points[i].value * relative_time(points, n, i);
	}
	mean_time /= events;

	for (int step = 0;; step++)
	{
		double		next;

		log_sum = weigh(points, n, slope, workspace, &fitted_mean, &variance, check_for_interrupts);
		if (fitted_mean > mean_time)
			high = slope;
		else
			low = slope;
		next = slope + (mean_time - fitted_mean) / variance;
		if (next == slope)
			break;
		/* Outside of what is known already, or where the weights leave no variance: halve the bracket, or widen it. */
		if (!(next > low && next < high))
		{
			if (isinf(low) || isinf(high))
				next = isinf(low) ? 2 * high - 1 : 2 * low + 1;
			else
				next = low + (high - low) / 2;
		}
		else if (isinf(low) || isinf(high))
			next = fmax(fmin(next, 2 * fabs(slope) + 8), -2 * fabs(slope) - 8);
		if (fabs(next) > MAX_SLOPE)
			return false;
		if (fabs(next - slope) <= 2 * DBL_EPSILON * fmax(1, fabs(next)) || step == MAX_STEPS)
			break;
		slope = next;
	}

	for (size_t i = 0; i < n; i++)
	{
		double		fitted = events * workspace[i];
		double		residual = points[i].value - fitted;

		if (residual != 0)
			chi_squared += residual * (residual / fitted);
	}
	if (chi_squared <= ROUNDING * events)
		chi_squared = 0;

	result->slope = slope / range;
	result->intercept = log(events) - log_sum - result->slope * points[0].time;
	result->error = 1 / sqrt(events * variance) / range;
	result->dispersion = chi_squared / (double) (n - 2);
	result->wald_p_value = 2 * normal_upper_tail(fabs(result->slope) / result->error);
	result->wald.lower = result->slope - errors_to_limits(confidence) * result->error;
	result->wald.upper = result->slope + errors_to_limits(confidence) * result->error;
	result->has_quasi = chi_squared > 0;
	if (result->has_quasi)
	{
		double		error = result->error * sqrt(result->dispersion);
		double		margin = trend_t_errors_to_limits(confidence, (double) (n - 2)) * error;

		result->quasi_p_value = trend_t_p_value(result->slope / error, (double) (n - 2));
		result->quasi.lower = result->slope - margin;
		result->quasi.upper = result->slope + margin;
	}
	return isfinite(result->slope) && isfinite(result->error) && result->error > 0 && isfinite(result->dispersion);
}
