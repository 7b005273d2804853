/*
 * percentile.c
 *		Percentiles of a sample, and their distribution-free intervals.
 */
#include "core/percentile.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/special.h"

bool
find_percentile_method(const char *name, percentile_method *method)
{
	*method = strcmp(name, "continuous") == 0 ? PERCENTILE_CONTINUOUS :
		strcmp(name, "discrete") == 0 ? PERCENTILE_DISCRETE :
		strcmp(name, "harrell-davis") == 0 ? PERCENTILE_HARRELL_DAVIS :
		strncmp(name, "type ", 5) == 0 && name[5] >= '1' && name[5] <= '9' && name[6] == '\0' ? name[5] - '0' : 0;
	return *method != 0;
}

/* A 0-based rank that exists. */
static int64_t
within(double rank, int64_t num_values)
{
	if (rank >= (double) num_values || (int64_t) rank >= num_values)
		return num_values - 1;
	return rank < 0 ? 0 : (int64_t) rank;
}

percentile_position
find_percentile_position(double fraction, percentile_method method, int64_t num_values)
{
	/* What types 4 to 9 add to both ends; the others do not use it. */
	static const double at_start[] = {0, 0, 0, 0, 0, 0.5, 0, 1, 1.0 / 3, 3.0 / 8};
	static const double at_end[] = {0, 0, 0, 0, 1, 0.5, 0, 1, 1.0 / 3, 3.0 / 8};
	double		n = (double) num_values;
	double		position;		/* the 1-based rank, with a fraction */
	double		whole;
	double		proportion;

	switch (method)
	{
		case PERCENTILE_DISCRETE:
			/* The arithmetic of percentile_disc, to the last bit. */
			whole = ceil(fraction * n);
			proportion = 0;
			break;
		case 2:
			position = fraction * n;
			whole = floor(position);
			proportion = position > whole ? 1 : 0.5;
			break;
		case 3:
			position = fraction * n - 0.5;
			whole = floor(position);
			proportion = position != whole || fmod(whole, 2) != 0 ? 1 : 0;
			break;
		case PERCENTILE_CONTINUOUS:
			/* The arithmetic of percentile_cont, to the last bit. */
			position = fraction * (double) (num_values - 1);
			return (percentile_position) {within(floor(position), num_values), within(ceil(position), num_values),
			position - floor(position)};
		default:
			position = at_start[method] + fraction * (n + 1 - at_start[method] - at_end[method]);
			/* What rounding left of a whole rank is none of it. */
			whole = floor(position + 4 * DBL_EPSILON);
			proportion = fabs(position - whole) < 4 * DBL_EPSILON ? 0 : position - whole;
			break;
	}
	return (percentile_position) {within(whole - 1, num_values), within(proportion > 0 ? whole : whole - 1, num_values), proportion};
}

tally_status
harrell_davis(tally_cursor *cursor, int64_t num_values, double fraction, void (*check_for_interrupts) (void), double *percentile)
{
	double		n = (double) num_values;
	double		a = (n + 1) * fraction;
	double		b = (n + 1) * (1 - fraction);
	double		before = 0;
	tally_pair	pair;
	bool		found;
	tally_status status;

	*percentile = 0;
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		double		upto = beta_regularised(a, b, (double) cursor->num_values / n, (double) (num_values - cursor->num_values) / n);

		*percentile += (double) pair.value * (upto - before);
		before = upto;
		check_for_interrupts();
	}
	return status;
}

percentile_limits
find_percentile_limits(double fraction, int64_t num_values, double confidence)
{
	double		tail = (1 - confidence) / 2;
	percentile_limits limits;

	limits.lower = binomial_quantile(tail, num_values, fraction) - 1;
	limits.upper = binomial_quantile(1 - tail, num_values, fraction);
	limits.coverage = 1 - binomial_at_most(limits.lower, num_values, fraction) - binomial_above(limits.upper, num_values, fraction);
	return limits;
}
