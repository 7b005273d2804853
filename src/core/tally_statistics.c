/*
 * tally_statistics.c
 *		What is read off a tally in one walk over its values: counts, moments, order statistics, order between two.
 */
#include <string.h>

#include "core/tally.h"

tally_status
tally_summarise(tally_cursor *cursor, tally_summary *summary)
{
	tally_pair	pair;
	bool		found;
	__int128	total = 0;
	tally_status status;

	memset(summary, 0, sizeof(*summary));
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		if (summary->num_values == 0)
			summary->minimum = pair.value;
		summary->maximum = pair.value;
		summary->num_values += pair.count;
		total += (__int128) pair.value * pair.count;
	}
	summary->total_overflows = total > INT64_MAX;
	summary->total = summary->total_overflows ? 0 : (int64_t) total;
	/* Both are exact in 128 bits: one rounding each and one of the quotient, whatever the order of the rows was. */
	if (summary->num_values > 0)
		summary->mean = (double) total / (double) summary->num_values;
	return status;
}

tally_status
tally_variance(tally_cursor *cursor, const tally_summary *summary, double *variance)
{
	int64_t		centre = (int64_t) summary->mean;
	tally_pair	pair;
	bool		found;
	__int128	sum = 0;		/* of distances from the centre, which is less than 2 from the mean */
	__int128	squares = 0;
	__int128	excess;
	tally_status status;

	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		int64_t		distance = pair.value - centre;

		sum += (__int128) distance * pair.count;
		squares += (__int128) (distance * distance) * pair.count;
	}
	/* squares - sum * sum / n, of which all but the division is exact. */
	excess = sum * sum;
	*variance = ((double) (squares - excess / summary->num_values) -
				 (double) (excess % summary->num_values) / (double) summary->num_values) / (double) (summary->num_values - 1);
	return status;
}

/* How many values are at most "limit", and how many there are. */
tally_status
tally_count_within(tally_cursor *cursor, int64_t limit, int64_t *within, int64_t *num_values)
{
	tally_pair	pair;
	bool		found;
	tally_status status;

	*within = *num_values = 0;
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		if (pair.value <= limit)
			*within += pair.count;
		*num_values += pair.count;
	}
	return status;
}

tally_status
tally_count_between(tally_cursor *cursor, const int64_t *edges, size_t num_edges, int64_t *counts)
{
	tally_pair	pair;
	bool		found;
	size_t		edge = 0;
	tally_status status;

	memset(counts, 0, (num_edges + 1) * sizeof(int64_t));
	while ((status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		while (edge < num_edges && pair.value >= edges[edge])
			edge++;
		counts[edge] += pair.count;
	}
	return status;
}

tally_status
tally_compare(tally_cursor *a, tally_cursor *b, int *result)
{
	tally_pair	x;
	tally_pair	y;
	bool		more_x;
	bool		more_y;
	tally_status status;

	*result = 0;
	for (;;)
	{
		if ((status = tally_next(a, &x, &more_x)) != TALLY_OK || (status = tally_next(b, &y, &more_y)) != TALLY_OK)
			return status;
		if (!more_x || !more_y)
			*result = (int) more_x - (int) more_y;
		else if (x.value != y.value)
			*result = x.value < y.value ? -1 : 1;
		else if (x.count < y.count)
		{
			/* Where one still has this value the other has a larger one, or ends. */
			status = tally_next(a, &x, &more_x);
			*result = more_x ? 1 : -1;
		}
		else if (x.count > y.count)
		{
			status = tally_next(b, &y, &more_y);
			*result = more_y ? -1 : 1;
		}
		else
			continue;
		return status;
	}
}

tally_status
tally_values_at(tally_cursor *cursor, const int64_t *ranks, size_t num_ranks, int64_t *values)
{
	tally_pair	pair;
	bool		found;
	size_t		r = 0;
	tally_status status = TALLY_OK;

	while (r < num_ranks && (status = tally_next(cursor, &pair, &found)) == TALLY_OK && found)
	{
		while (r < num_ranks && ranks[r] < cursor->num_values)
			values[r++] = pair.value;
	}
	if (status == TALLY_OK && r < num_ranks)
		status = TALLY_MALFORMED;
	return status;
}
