/*
 * kolmogorov.c
 *		Kolmogorov's limiting distribution.
 *
 * W. Feller, "On the Kolmogorov-Smirnov limit theorems for empirical distributions", Annals of Mathematical Statistics 19, 1948.
 */
#include "core/special.h"

#include <math.h>

#include "core/tails.h"

double
kolmogorov_upper_tail(double x)
{
	double		sum = 0;

	if (!(x > 0))
		return 1;
	if (x < 0.8)
	{
		double		rate = PI * PI / (8 * x * x);

		for (int n = 1; n <= 7; n += 2)
			sum += exp(-n * n * rate);
		return 1 - SQRT_TWO_PI / x * sum;
	}
	for (int n = 1; n <= 6; n++)
		sum += exp(-2 * n * n * x * x) * (n % 2 == 1 ? 2 : -2);
	return sum;
}
