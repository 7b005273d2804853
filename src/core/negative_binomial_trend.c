/*
 * negative_binomial_trend.c
 *		Log-linear regression of counts that vary more than Poisson's.  The methods' sources are in poisson_trend.h.
 *
 * For a given theta the likelihood is concave in intercept and slope, and Newton's method with steps that are halved until they help finds
 * its maximum.  At that maximum its derivative by theta is that of the likelihood's profile; the root is bracketed and halved.
 *
 * As in poisson_trend.c time runs from 0 to 1.
 */
#include "core/poisson_trend.h"

#include <float.h>
#include <math.h>

#include "core/special.h"

#define MAX_STEPS			100
#define MAX_HALVINGS		60

/* Theta is looked for between these, in natural logarithms. */
#define LOWEST_LOG_THETA	-25.0
#define HIGHEST_LOG_THETA	35.0

typedef struct model
{
	const time_point *points;
	size_t		n;
	void		(*check_for_interrupts) (void);
	double		theta;
	double		intercept;		/* at the middle of time, which the slope hardly moves */
	double		slope;
	double		variance;		/* of the slope */
} model;

static double
middle_time(const model *m, size_t i)
{
	const time_point *points = m->points;

	return (points[i].time - points[0].time) / (points[m->n - 1].time - points[0].time) - 0.5;
}

static double
linear_predictor(const model *m, size_t i, double intercept, double slope)
{
	return log(m->points[i].exposure) + intercept + slope * middle_time(m, i);
}

/* What of the logarithm of the likelihood depends on intercept and slope. */
static double
log_likelihood(const model *m, double intercept, double slope)
{
	double		sum = 0;

	for (size_t i = 0; i < m->n; i++)
	{
		double		predictor = linear_predictor(m, i, intercept, slope);

		sum += m->points[i].value * predictor - (m->points[i].value + m->theta) * log1p(exp(predictor) / m->theta);
	}
	return sum;
}

/* The best intercept and slope for this theta, from those that are there. */
static bool
fit_given_theta(model *m)
{
	double		reached = log_likelihood(m, m->intercept, m->slope);

	for (int step = 0; step < MAX_STEPS; step++)
	{
		double		gradient[2] = {0};
		double		observed[3] = {0};	/* information: of the intercept, of both, of the slope */
		double		expected[3] = {0};
		double		determinant;
		double		to_intercept;
		double		to_slope;
		double		next = 0;
		int			halvings = 0;

		m->check_for_interrupts();
		for (size_t i = 0; i < m->n; i++)
		{
			double		x = middle_time(m, i);
			double		mean = exp(linear_predictor(m, i, m->intercept, m->slope));
			double		shrink = 1 + mean / m->theta;
			double		score = (m->points[i].value - mean) / shrink;
			double		weight = mean / shrink;
			double		curvature = weight * (1 + m->points[i].value / m->theta) / shrink;

			gradient[0] += score;
			gradient[1] += score * x;
			observed[0] += curvature;
			observed[1] += curvature * x;
			observed[2] += curvature * x * x;
			expected[0] += weight;
			expected[1] += weight * x;
			expected[2] += weight * x * x;
		}
		m->variance = 1 / (expected[2] - expected[1] * (expected[1] / expected[0]));
		determinant = observed[0] * observed[2] - observed[1] * observed[1];
		to_intercept = (observed[2] * gradient[0] - observed[1] * gradient[1]) / determinant;
		to_slope = (observed[0] * gradient[1] - observed[1] * gradient[0]) / determinant;
		if (!isfinite(to_intercept) || !isfinite(to_slope))
			return false;
		if (fabs(to_intercept) <= 1e-13 * fmax(1, fabs(m->intercept)) && fabs(to_slope) <= 1e-13 * fmax(1, fabs(m->slope)))
			return true;
		while (halvings++ < MAX_HALVINGS)
		{
			next = log_likelihood(m, m->intercept + to_intercept, m->slope + to_slope);
			if (next >= reached)
				break;
			to_intercept /= 2;
			to_slope /= 2;
		}
		/* No step helps: rounding is all that is left. */
		if (!(next >= reached))
			return true;
		m->intercept += to_intercept;
		m->slope += to_slope;
		/* The same likelihood again and again is as near as it goes. */
		if (next == reached && step > 10)
			return true;
		reached = next;
	}
	return true;
}

/* Of the digamma function at x, from 10: what is left of it without the logarithm (Abramowitz and Stegun, 6.3.18). */
static double
digamma_rest(double x)
{
	double		y = 1 / (x * x);

	return -1 / (2 * x) - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * (691.0 / 32760 - y / 12))))));
}

/* digamma(theta + y) - digamma(theta), without taking the one from the other where they are nearly the same. */
static double
digamma_difference(double theta, double y)
{
	double		sum = 0;

	for (; theta < 10; theta++)
		sum += y / (theta * (theta + y));
	return sum + log1p(y / theta) + (digamma_rest(theta + y) - digamma_rest(theta));
}

/* The derivative of the logarithm of the likelihood by theta. */
static double
theta_score(const model *m)
{
	double		sum = 0;

	for (size_t i = 0; i < m->n; i++)
	{
		double		mean = exp(linear_predictor(m, i, m->intercept, m->slope));
		double		value = m->points[i].value;

		sum += digamma_difference(m->theta, value) - log1p(mean / m->theta) + (mean - value) / (m->theta + mean);
	}
	return sum;
}

/* Finds theta; false where it is not between the limits. */
static bool
fit_theta(model *m)
{
	double		low = 0;		/* logarithms: the score is above 0 at the first, below at the second */
	double		high = 0;
	bool		has_low = false;
	bool		has_high = false;
	double		middle = log(m->theta);

	for (;;)
	{
		m->theta = exp(middle);
		if (!fit_given_theta(m))
			return false;
		if (theta_score(m) > 0)
		{
			low = middle;
			has_low = true;
		}
		else
		{
			high = middle;
			has_high = true;
		}
		if (has_low && has_high && high - low <= 4 * DBL_EPSILON * fmax(1, fabs(middle)))
			return true;
		if (has_low && has_high)
		{
			middle = low + (high - low) / 2;
			if (middle == low || middle == high)
				return true;
		}
		else
			middle += has_low ? 1 : -1;
		if (middle < LOWEST_LOG_THETA || middle > HIGHEST_LOG_THETA)
			return false;
	}
}

bool
negative_binomial_trend(const time_point *points, size_t n, double confidence, double *workspace, void (*check_for_interrupts) (void),
						negative_binomial_trend_result *result)
{
	model		m = {.points = points, .n = n, .check_for_interrupts = check_for_interrupts};
	poisson_trend_result poisson;
	double		range;
	double		excess = 0;		/* of the variance over Poisson's */
	double		squares = 0;

	if (n < NEGATIVE_BINOMIAL_MIN_POINTS || !poisson_trend(points, n, confidence, workspace, check_for_interrupts, &poisson))
		return false;
	range = points[n - 1].time - points[0].time;
	m.slope = poisson.slope * range;
	m.intercept = poisson.intercept + poisson.slope * (points[0].time + range / 2);
	for (size_t i = 0; i < n; i++)
	{
		double		mean = exp(linear_predictor(&m, i, m.intercept, m.slope));

		excess += (points[i].value - mean) * (points[i].value - mean) - points[i].value;
		squares += mean * mean;
	}
	/* This is the derivative of the likelihood by 1 / theta where theta is infinite: if it does not rise, it is best there. */
	result->has_theta = excess > 0;
	if (result->has_theta)
	{
		m.theta = fmin(fmax(squares / excess, exp(LOWEST_LOG_THETA)), exp(HIGHEST_LOG_THETA));
		if (fit_theta(&m))
		{
			result->theta = m.theta;
			result->slope = m.slope / range;
			result->error = sqrt(m.variance) / range;
		}
		else if (m.theta > 1)
			result->has_theta = false;	/* so large that the variance is the mean, to the last digit */
		else
			return false;
	}
	if (!result->has_theta)
	{
		result->slope = poisson.slope;
		result->error = poisson.error;
	}
	result->limits.lower = result->slope - errors_to_limits(confidence) * result->error;
	result->limits.upper = result->slope + errors_to_limits(confidence) * result->error;
	result->p_value = 2 * normal_upper_tail(fabs(result->slope) / result->error);
	return isfinite(result->slope) && isfinite(result->error) && result->error > 0;
}
