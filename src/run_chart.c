/*
 * run_chart.c
 *		The window function run_chart().
 */
#include "postgres.h"

#include <math.h>

#include "binding.h"
#include "chart_window.h"

/* The words of a result: 1 for a long run and 2 for few crossings, together. */
static const char *const signal_names[] = {NULL, "long run", "few crossings", "long run and few crossings"};

/* The centre line goes to phase.centre, the number of points to phase.num_points. */
static void
judge_runs(const chart_call *call)
{
	chart_partition *partition = call->partition;
	size_t		num_rows;
	const chart_point *points = get_phase_points(call, &num_rows);
	size_t		baseline_points = partition->settings.options.baseline_points;
	size_t		num_kept = 0;
	size_t		num_seen = 0;
	double	   *numbers = allocate_for_phase(call);

	partition->phase = (chart_phase) {.centre = partition->settings.centre};
	for (size_t i = 0; i < num_rows; i++)
	{
		if (isnan(points[i].value))
			continue;
		if (!points[i].excluded && (baseline_points == 0 || num_seen < baseline_points))
			numbers[num_kept++] = points[i].value;
		num_seen++;
	}
	partition->phase.num_points = num_seen;
	if (isnan(partition->phase.centre) && num_kept > 0)
		partition->phase.centre = chart_median(numbers, num_kept, check_for_interrupts);
	for (size_t i = 0; i < num_rows; i++)
		numbers[i] = points[i].excluded ? NAN : points[i].value;
	partition->runs = run_chart(numbers, num_rows, partition->phase.centre);
	pfree(numbers);
}

static const chart_function run = {
	.arguments = {XMR_CHART, .baseline_points = 1, .phase = 2, .excluded = 3, .centre = 4},
	.judge = judge_runs,
	.vocabularies = {{signal_names, lengthof(signal_names)}}
};

PG_FUNCTION_INFO_V1(nkpi_run_chart);
Datum
nkpi_run_chart(PG_FUNCTION_ARGS)
{
	chart_call	call;
	const chart_point *point = find_chart_point(fcinfo, &run, &call);
	const run_chart_result *runs = &call.partition->runs;
	Datum		values[9];
	bool		nulls[9] = {false};

	if (isnan(point->value))
		PG_RETURN_NULL();
	set_chart_number(point->value, &values[0], &nulls[0]);
	set_chart_number(call.partition->phase.centre, &values[1], &nulls[1]);
	set_chart_word(&call, 0, (runs->is_long_run ? 1 : 0) + (runs->is_few_crossings ? 2 : 0), &values[2], &nulls[2]);
	values[3] = Int64GetDatum(runs->longest_run);
	values[4] = Int64GetDatum(runs->longest_run_limit);
	values[5] = Int64GetDatum(runs->crossings);
	values[6] = Int64GetDatum(runs->crossings_limit);
	nulls[4] = nulls[6] = runs->useful_points == 0;
	values[7] = Int64GetDatum(runs->useful_points);
	values[8] = Int64GetDatum((int64) call.partition->phase.num_points);
	return make_chart_row(&call, values, nulls);
}
