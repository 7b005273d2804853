/*
 * student_t.c
 *		Student's t distribution, through the beta distribution: DLMF 8.17.
 */
#include "core/special.h"

#include <math.h>

double
student_t_upper_tail(double t, double degrees_of_freedom)
{
	double		square = t * t;
	double		sum = degrees_of_freedom + square;
	double		half;

	if (isinf(degrees_of_freedom))
		return normal_upper_tail(t);
	if (isinf(square))
		return t > 0 ? 0 : 1;
	half = beta_regularised(degrees_of_freedom / 2, 0.5, degrees_of_freedom / sum, square / sum) / 2;
	return t >= 0 ? half : 1 - half;
}

/* t^2 / degrees_of_freedom are the odds of a beta variable. */
double
student_t_two_sided_quantile(double probability, double degrees_of_freedom)
{
	if (isinf(degrees_of_freedom))
		return -normal_quantile((1 - probability) / 2);
	return sqrt(degrees_of_freedom * beta_lower_odds(0.5, degrees_of_freedom / 2, probability));
}
