/*
 * mann_kendall.c
 *		Mann-Kendall and Sen's slope.  The methods' sources are in the header.
 */
#include "core/mann_kendall.h"

#include <math.h>
#include <string.h>

#include "core/interval.h"
#include "core/special.h"

#define INTERRUPT_EVERY		65536

/* The largest double from which on not every whole number is one. */
#define WHOLE_NUMBERS	9007199254740992.0

/* Sorts numbers, and returns how many pairs were in the wrong order. */
static int64_t
sort_counting(double *numbers, size_t n, double *scratch, void (*check_for_interrupts) (void))
{
	double	   *from = numbers;
	double	   *to = scratch;
	int64_t		swapped = 0;

	for (size_t length = 1; length < n; length *= 2)
	{
		double	   *swap = from;

		for (size_t start = 0; start < n; start += 2 * length)
		{
			size_t		middle = n - start < length ? n : start + length;
			size_t		end = n - middle < length ? n : middle + length;
			size_t		i = start;
			size_t		j = middle;

			for (size_t k = start; k < end; k++)
			{
				if (j == end || (i < middle && from[i] <= from[j]))
					to[k] = from[i++];
				else
				{
					swapped += (int64_t) (middle - i);
					to[k] = from[j++];
				}
				if (k % INTERRUPT_EVERY == 0)
					check_for_interrupts();
			}
		}
		from = to;
		to = swap;
	}
	if (from != numbers)
		memcpy(numbers, from, n * sizeof(double));
	return swapped;
}

/* What the ties of one variable take away: of t values that are the same, summed over the groups. */
typedef struct ties
{
	int64_t		pairs;			/* t (t - 1) / 2 */
	__int128	cubic;			/* t (t - 1) (2 t + 5) */
	__int128	triples;		/* t (t - 1) (t - 2) */
} ties;

static void
add_tie(ties *sums, int64_t t)
{
	sums->pairs += t * (t - 1) / 2;
	sums->cubic += (__int128) t * (t - 1) * (2 * t + 5);
	sums->triples += (__int128) t * (t - 1) * (t - 2);
}

void
add_kendall(kendall_sums *sums, const time_point *points, size_t n, double *workspace, void (*check_for_interrupts) (void))
{
	double	   *rates = workspace;
	double	   *scratch = workspace + n;
	ties		in_time = {0};
	ties		in_rate = {0};
	int64_t		in_both = 0;
	int64_t		pairs = (int64_t) n * ((int64_t) n - 1) / 2;
	int64_t		falling;
	size_t		end;

	for (size_t i = 0; i < n; i++)
		rates[i] = point_rate(&points[i]);
	/* Within one time rates go in ascending order, so that no pair of them counts as falling. */
	for (size_t start = 0; start < n; start = end)
	{
		for (end = start + 1; end < n && points[end].time == points[start].time; end++)
			;
		if (end - start < 2)
			continue;
		add_tie(&in_time, (int64_t) (end - start));
		(void) sort_counting(rates + start, end - start, scratch, check_for_interrupts);
		for (size_t i = start, same; i < end; i = same)
		{
			for (same = i + 1; same < end && rates[same] == rates[i]; same++)
				;
			in_both += (int64_t) (same - i) * (int64_t) (same - i - 1) / 2;
		}
	}
	falling = sort_counting(rates, n, scratch, check_for_interrupts);
	for (size_t start = 0; start < n; start = end)
	{
		for (end = start + 1; end < n && rates[end] == rates[start]; end++)
			;
		add_tie(&in_rate, (int64_t) (end - start));
	}

	sums->s += pairs - in_time.pairs - in_rate.pairs + in_both - 2 * falling;
	sums->comparable += sqrt((double) (pairs - in_time.pairs)) * sqrt((double) (pairs - in_rate.pairs));
	if (pairs > in_time.pairs && pairs > in_rate.pairs)
	{
		ties		whole = {0};
		double		variance;

		add_tie(&whole, (int64_t) n);
		variance = (double) (whole.cubic - in_time.cubic - in_rate.cubic) / 18;
		/* The rest is 0 unless there are ties both in time and in rate. */
		if (n > 2)
			variance += (double) in_time.triples / (double) whole.triples * (double) in_rate.triples / 9;
		variance += (double) in_time.pairs / (double) pairs * (double) in_rate.pairs;
		sums->variance += variance;
	}
}

mann_kendall_result
mann_kendall(const kendall_sums *sums)
{
	mann_kendall_result result = {.s = sums->s, .variance = sums->variance, .has_test = sums->variance > 0};

	if (!result.has_test)
		return result;
	result.tau = (double) sums->s / sums->comparable;
	result.p_value = 1;
	if (sums->s != 0)
	{
		result.z = (double) (sums->s - (sums->s > 0 ? 1 : -1)) / sqrt(sums->variance);
		result.p_value = 2 * normal_upper_tail(fabs(result.z));
	}
	return result;
}

size_t
add_slopes(double *slopes, const time_point *points, size_t n, void (*check_for_interrupts) (void))
{
	size_t		num_slopes = 0;

	for (size_t j = 1; j < n; j++)
	{
		double		rate = point_rate(&points[j]);

		for (size_t i = 0; i < j; i++)
		{
			double		time = points[j].time - points[i].time;

			if (time > 0)
				slopes[num_slopes++] = (rate - point_rate(&points[i])) / time;
		}
		check_for_interrupts();
	}
	return num_slopes;
}

/*
 * The number that has this rank, from 1, among n; those before it in the array are then no larger, those after it no smaller.
 * Hoare's selection in three parts, since there may be very many ties.  The pivots are drawn, from the same stream each time, so that no
 * ordinary order of the numbers makes it slow; which they are does not change what is found.
 */
static double
select_rank(double *numbers, size_t n, size_t rank, void (*check_for_interrupts) (void))
{
	uint64_t	state = 88172645463325252u;
	size_t		low = 0;
	size_t		high = n;		/* the number is in [low, high) */

	while (high - low > 1)
	{
		double		pivot;
		size_t		below = low;	/* [low, below) is below the pivot */
		size_t		above = high;	/* [above, high) is above it */

		check_for_interrupts();
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		pivot = numbers[low + state % (high - low)];
		for (size_t i = low; i < above;)
		{
			double		number = numbers[i];

			if (number < pivot)
			{
				numbers[i++] = numbers[below];
				numbers[below++] = number;
			}
			else if (number > pivot)
			{
				numbers[i] = numbers[--above];
				numbers[above] = number;
			}
			else
				i++;
		}
		if (rank - 1 < below)
			high = below;
		else if (rank - 1 >= above)
			low = above;
		else
			return pivot;
	}
	return numbers[low];
}

static double
find_median(double *numbers, size_t n, void (*check_for_interrupts) (void))
{
	double		upper = select_rank(numbers, n, n / 2 + 1, check_for_interrupts);

	if (n % 2 == 1)
		return upper;
	return select_rank(numbers, n, n / 2, check_for_interrupts) / 2 + upper / 2;
}

sen_slope_result
sen_slope(double *slopes, size_t num_slopes, double variance, double confidence, void (*check_for_interrupts) (void))
{
	double		margin = errors_to_limits(confidence) * sqrt(variance);
	double		lower = floor(((double) num_slopes - margin) / 2);
	double		upper = ceil(((double) num_slopes + margin) / 2) + 1;
	sen_slope_result result = {.slope = find_median(slopes, num_slopes, check_for_interrupts)};

	result.has_limits = variance > 0 && lower >= 1 && upper <= (double) num_slopes;
	if (result.has_limits)
	{
		result.lower = select_rank(slopes, num_slopes, (size_t) lower, check_for_interrupts);
		result.upper = select_rank(slopes, num_slopes, (size_t) upper, check_for_interrupts);
	}
	return result;
}

double
sen_intercept(double slope, const time_point *points, size_t n, double *workspace, void (*check_for_interrupts) (void))
{
	double		middle_rate;
	double		middle_time;

	for (size_t i = 0; i < n; i++)
		workspace[i] = point_rate(&points[i]);
	middle_rate = find_median(workspace, n, check_for_interrupts);
	middle_time = n % 2 == 1 ? points[n / 2].time : points[n / 2 - 1].time / 2 + points[n / 2].time / 2;
	return middle_rate - slope * middle_time;
}

static int
season_of(double time, int seasons)
{
	int			season = (int) ((int64_t) time % seasons);

	return season < 0 ? season + seasons : season;
}

bool
split_by_season(const time_point *points, size_t n, int seasons, time_point *by_season, size_t *starts)
{
	memset(starts, 0, ((size_t) seasons + 1) * sizeof(size_t));
	for (size_t i = 0; i < n; i++)
	{
		double		time = points[i].time;

		if (!(fabs(time) <= WHOLE_NUMBERS) || floor(time) != time)
			return false;
		starts[season_of(time, seasons) + 1]++;
	}
	for (int k = 0; k < seasons; k++)
		starts[k + 1] += starts[k];
	/* Each start moves to its season's end, which is the next one's start; then all move back by one. */
	for (size_t i = 0; i < n; i++)
		by_season[starts[season_of(points[i].time, seasons)]++] = points[i];
	memmove(starts + 1, starts, (size_t) seasons * sizeof(size_t));
	starts[0] = 0;
	return true;
}
