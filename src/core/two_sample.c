/*
 * two_sample.c
 *		Comparing two samples of whole numbers.  The methods' sources are in the header.
 *
 * What is counted in pairs of values is a whole number below 2^127 and stays one until the last step.  Everything is walks over
 * both lists of distinct values; nothing is stored.
 */
#include "core/two_sample.h"

#include <math.h>

#include "core/interval.h"
#include "core/special.h"

#define INTERRUPT_EVERY		65536

typedef unsigned __int128 pair_count;

static pair_count
number_of_pairs(const sample *a, const sample *b)
{
	return (pair_count) a->num_values * (pair_count) b->num_values;
}

/* Both samples' distinct values in ascending order, each value once. */
typedef struct merged_walk
{
	const sample *a;
	const sample *b;
	void		(*check_for_interrupts) (void);
	size_t		num_steps;
	size_t		next_a;
	size_t		next_b;
	int64_t		in_a;			/* the counts of this value in each, one of which may be 0 */
	int64_t		in_b;
	int64_t		below_a;		/* of smaller values in each */
	int64_t		below_b;
} merged_walk;

static bool
next_value(merged_walk *walk)
{
	const tally_pair *a = walk->next_a < walk->a->num_pairs ? &walk->a->pairs[walk->next_a] : NULL;
	const tally_pair *b = walk->next_b < walk->b->num_pairs ? &walk->b->pairs[walk->next_b] : NULL;

	if (a == NULL && b == NULL)
		return false;
	if (walk->num_steps++ % INTERRUPT_EVERY == 0)
		walk->check_for_interrupts();
	walk->below_a += walk->in_a;
	walk->below_b += walk->in_b;
	walk->in_a = a != NULL && (b == NULL || a->value <= b->value) ? a->count : 0;
	walk->in_b = b != NULL && (a == NULL || b->value <= a->value) ? b->count : 0;
	walk->next_a += walk->in_a > 0;
	walk->next_b += walk->in_b > 0;
	return true;
}

mann_whitney_result
mann_whitney(const sample *a, const sample *b, void (*check_for_interrupts) (void))
{
	merged_walk walk = {.a = a, .b = b, .check_for_interrupts = check_for_interrupts};
	pair_count	pairs = number_of_pairs(a, b);
	pair_count	twice_u = 0;
	uint64_t	together = (uint64_t) a->num_values + (uint64_t) b->num_values;
	double		spread = 0;
	__int128	twice_distance; /* of u from its mean */
	mann_whitney_result result = {0};

	while (next_value(&walk))
	{
		uint64_t	tied = (uint64_t) walk.in_a + (uint64_t) walk.in_b;

		twice_u += (pair_count) walk.in_a * (2 * (pair_count) walk.below_b + (pair_count) walk.in_b);

		/*
		 * Lehmann's factor (N + 1) - (sum of t^3 - t) / (N (N - 1)) is sum of t (N - t) (N + t) / (N (N - 1)), since the t add up to
		 * N; this loses nothing where nearly all values are the same.
		 */
		spread += (double) tied * (double) (together - tied) * ((double) together + (double) tied);
	}

	result.u = (double) twice_u / 2;
	result.probability_larger = result.u / (double) pairs;
	result.p_value = 1;
	result.has_z = spread > 0;
	if (!result.has_z)
		return result;

	twice_distance = (__int128) twice_u - (__int128) pairs;
	if (twice_distance != 0)
	{
		double		variance = (double) pairs / 12 * (spread / (double) together / (double) (together - 1));

		/* The continuity correction takes half a pair off the distance, whichever side it is. */
		twice_distance -= twice_distance > 0 ? 1 : -1;
		result.z = (double) twice_distance / 2 / sqrt(variance);
		result.p_value = 2 * normal_upper_tail(fabs(result.z));
	}
	return result;
}

/* The number of pairs in which the first sample's value is larger by at most "difference". */
static pair_count
count_differences(const sample *a, const sample *b, int64_t difference, void (*check_for_interrupts) (void))
{
	pair_count	count = 0;
	int64_t		below = 0;		/* values of b that are smaller than this value of a less the difference */
	size_t		j = 0;

	for (size_t i = 0; i < a->num_pairs; i++)
	{
		for (; j < b->num_pairs && b->pairs[j].value < a->pairs[i].value - difference; j++)
		{
			below += b->pairs[j].count;
			if (j % INTERRUPT_EVERY == 0)
				check_for_interrupts();
		}
		count += (pair_count) a->pairs[i].count * (pair_count) (b->num_values - below);
		if (i % INTERRUPT_EVERY == 0)
			check_for_interrupts();
	}
	return count;
}

/* The difference that has this rank, from 1, among those of all pairs in ascending order. */
static double
difference_of_rank(const sample *a, const sample *b, pair_count rank, void (*check_for_interrupts) (void))
{
	int64_t		low = a->pairs[0].value - b->pairs[b->num_pairs - 1].value;
	int64_t		high = a->pairs[a->num_pairs - 1].value - b->pairs[0].value;

	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (count_differences(a, b, middle, check_for_interrupts) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return (double) low;
}

shift_estimate
hodges_lehmann(const sample *a, const sample *b, double confidence, void (*check_for_interrupts) (void))
{
	pair_count	pairs = number_of_pairs(a, b);
	pair_count	half = pairs / 2;
	bool		odd = pairs % 2 == 1;
	double		together = (double) a->num_values + (double) b->num_values;
	double		margin;
	shift_estimate result = {0};

	result.value = difference_of_rank(a, b, half + 1, check_for_interrupts);
	if (!odd)
		result.value = (result.value + difference_of_rank(a, b, half, check_for_interrupts)) / 2;

	/* The rank of the limits is pairs / 2 less so many standard deviations of Mann and Whitney's statistic, rounded down. */
	margin = errors_to_limits(confidence) * sqrt((double) pairs * (together + 1) / 12);
	margin = ceil(odd ? margin - 0.5 : margin);
	result.has_limits = margin < (double) half;
	if (result.has_limits)
	{
		pair_count	rank = half - (pair_count) margin;

		result.lower = difference_of_rank(a, b, rank, check_for_interrupts);
		result.upper = difference_of_rank(a, b, pairs + 1 - rank, check_for_interrupts);
	}
	return result;
}

kolmogorov_smirnov_result
kolmogorov_smirnov(const sample *a, const sample *b, void (*check_for_interrupts) (void))
{
	merged_walk walk = {.a = a, .b = b, .check_for_interrupts = check_for_interrupts};
	pair_count	largest = 0;
	double		m = (double) a->num_values;
	double		n = (double) b->num_values;
	kolmogorov_smirnov_result result;

	while (next_value(&walk))
	{
		pair_count	in_a = (pair_count) (walk.below_a + walk.in_a) * (pair_count) b->num_values;
		pair_count	in_b = (pair_count) (walk.below_b + walk.in_b) * (pair_count) a->num_values;
		pair_count	distance = in_a > in_b ? in_a - in_b : in_b - in_a;

		if (distance > largest)
			largest = distance;
	}
	result.d = (double) largest / (double) number_of_pairs(a, b);
	result.p_value = kolmogorov_upper_tail(sqrt(m / (m + n) * n) * result.d);
	return result;
}
