/*
 * time_series.c
 *		Points in time, in order.
 */
#include "core/time_series.h"

#include <string.h>

#define INTERRUPT_EVERY		65536

static int
compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

int
time_point_compare(const time_point *a, const time_point *b)
{
	int			result = compare_numbers(a->time, b->time);

	if (result == 0)
		result = compare_numbers(a->value, b->value);
	return result != 0 ? result : compare_numbers(a->exposure, b->exposure);
}

bool
time_series_is_sorted(const time_point *points, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		if (time_point_compare(&points[i - 1], &points[i]) > 0)
			return false;
	}
	return true;
}

/* By merging runs that are twice as long each time: rows mostly come in order, and no input makes it slow. */
void
time_series_sort(time_point *points, size_t n, time_point *scratch, void (*check_for_interrupts) (void))
{
	time_point *from = points;
	time_point *to = scratch;

	for (size_t length = 1; length < n; length *= 2)
	{
		time_point *swap = from;

		for (size_t start = 0; start < n; start += 2 * length)
		{
			size_t		middle = n - start < length ? n : start + length;
			size_t		end = n - middle < length ? n : middle + length;
			size_t		i = start;
			size_t		j = middle;

			for (size_t k = start; k < end; k++)
			{
				bool		left = j == end || (i < middle && time_point_compare(&from[i], &from[j]) <= 0);

				to[k] = left ? from[i++] : from[j++];
				if (k % INTERRUPT_EVERY == 0)
					check_for_interrupts();
			}
		}
		from = to;
		to = swap;
	}
	if (from != points)
		memcpy(points, from, n * sizeof(time_point));
}

bool
time_series_is_one_moment(const time_point *points, size_t n)
{
	return points[0].time == points[n - 1].time;
}
