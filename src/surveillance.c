/*
 * surveillance.c
 *		The window functions ears() and cusum(), which watch a series of counts for outbreaks.
 */
#include "postgres.h"

#include "fmgr.h"
#include "windowapi.h"

#include "compat.h"
#include "composite.h"
#include "core/cusum.h"
#include "core/ears.h"
#include "core/interval.h"
#include "series.h"

#define MAX_BASELINE	100000

/* EARS ------------------------------------------------------------------------ */

typedef struct ears_series
{
	series		base;
	ears_options options;
} ears_series;

static void
load_ears(FunctionCallInfo fcinfo, WindowObject window, ears_series *s)
{
	char	   *method = get_text_parameter(window, &s->base, 1);
	double		alpha;

	s->options.baseline = DatumGetInt32(get_series_parameter(window, &s->base, 2));
	s->options.min_sigma = get_float8_parameter(window, &s->base, 4);
	if (s->base.is_null)
		return;
	if (!find_ears_method(method, &s->options.method))
		report_unknown_name("method of EARS", method, "C1, C2, C3, C3_hutwagner");
	alpha = is_left_out(fcinfo, window, 3) ? ears_default_alpha(s->options.method) : get_float8_parameter(window, &s->base, 3);
	if (s->base.is_null)
		return;
	check_range("baseline", s->options.baseline, EARS_MIN_BASELINE, MAX_BASELINE);
	check_alpha(alpha);
	check_not_negative("min_sigma", s->options.min_sigma);
	s->options.quantile = -normal_quantile(alpha);
	load_counts(window, &s->base);
}

PG_FUNCTION_INFO_V1(nkpi_ears);
Datum
nkpi_ears(PG_FUNCTION_ARGS)
{
	WindowObject window = get_series_window(fcinfo);
	ears_series *s = WinGetPartitionLocalMemory(window, sizeof(ears_series));
	ears_result result;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (!s->base.is_loaded)
		load_ears(fcinfo, window, s);
	s->base.is_loaded = true;
	if (s->base.is_null)
		PG_RETURN_NULL();

	result = ears_at(s->base.counts, (size_t) WinGetCurrentPosition(window), &s->options);
	nulls[0] = nulls[1] = nulls[2] = nulls[3] = result.reason != NULL;
	values[0] = Float8GetDatum(result.expected);
	values[1] = Float8GetDatum(result.upper_bound);
	values[2] = Float8GetDatum(result.score);
	values[3] = BoolGetDatum(result.alarm);
	values[4] = text_or_null(result.reason, &nulls[4]);
	return make_composite(fcinfo, values, nulls);
}

/* CUSUM ----------------------------------------------------------------------- */

typedef struct cusum_series
{
	series		base;
	cusum_options options;
	int64		baseline;		/* rows at the beginning; 0 where what is expected is given */
	bool		has_expected;
	double		expected;
	double		cusum;			/* up to the row before */
} cusum_series;

static void
load_cusum(FunctionCallInfo fcinfo, WindowObject window, cusum_series *s)
{
	bool		no_baseline = is_left_out(fcinfo, window, 1);
	bool		no_expected = is_left_out(fcinfo, window, 2);
	char	   *transformation = get_text_parameter(window, &s->base, 5);

	if (!no_baseline)
		s->baseline = DatumGetInt32(get_series_parameter(window, &s->base, 1));
	s->options.k = get_float8_parameter(window, &s->base, 3);
	s->options.h = get_float8_parameter(window, &s->base, 4);
	s->options.reset = DatumGetBool(get_series_parameter(window, &s->base, 6));
	if (s->base.is_null)
		return;
	if (no_baseline == no_expected)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cusum needs either a baseline or what is expected"),
				 errhint("Write baseline => 52 for the mean of the first 52 rows, or expected => a number or a column.")));
	if (!no_baseline)
		check_range("baseline", s->baseline, 1, MAX_BASELINE);
	check_not_negative("k", s->options.k);
	check_not_negative("h", s->options.h);
	if (!find_cusum_transformation(transformation, &s->options.transformation))
		report_unknown_name("transformation", transformation, "standard, rossi, anscombe, none");
	load_counts(window, &s->base);
	if (!no_baseline)
		s->has_expected = cusum_baseline(s->base.counts, (size_t) Min(s->baseline, s->base.num_rows), &s->expected);
}

PG_FUNCTION_INFO_V1(nkpi_cusum);
Datum
nkpi_cusum(PG_FUNCTION_ARGS)
{
	WindowObject window = get_series_window(fcinfo);
	cusum_series *s = WinGetPartitionLocalMemory(window, sizeof(cusum_series));
	int64		row = WinGetCurrentPosition(window);
	cusum_result result = {0};
	Datum		values[6];
	bool		nulls[6] = {false};

	if (!s->base.is_loaded)
		load_cusum(fcinfo, window, s);
	s->base.is_loaded = true;
	if (s->base.is_null)
		PG_RETURN_NULL();

	if (s->baseline == 0)
	{
		bool		is_null;

		s->expected = DatumGetFloat8(WinGetFuncArgCurrent(window, 2, &is_null));
		s->has_expected = !is_null;
		if (!is_null)
			check_not_negative("expected count", s->expected);
	}
	if (row < s->baseline)
		result.reason = "in the baseline";
	else if (!s->has_expected)
		result.reason = s->baseline == 0 ? REASON_NOTHING_EXPECTED : REASON_SHORT_HISTORY;
	else
	{
		result = cusum_step(s->cusum, s->base.counts[row], s->expected, &s->options);
		s->cusum = result.cusum;
	}
	nulls[0] = !s->has_expected;
	nulls[1] = nulls[2] = nulls[3] = nulls[4] = result.reason != NULL;
	values[0] = s->has_expected ? Float8GetDatum(s->expected) : (Datum) 0;
	values[1] = Float8GetDatum(result.score);
	values[2] = Float8GetDatum(result.cusum);
	values[3] = Float8GetDatum(result.threshold);
	values[4] = BoolGetDatum(result.alarm);
	values[5] = text_or_null(result.reason, &nulls[5]);
	return make_composite(fcinfo, values, nulls);
}
