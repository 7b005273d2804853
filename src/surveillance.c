/*
 * surveillance.c
 *		The window functions ears(), cusum() and farrington_flexible(), which watch a series of counts for outbreaks.
 *
 * A partition is a series.  Whatever the frame, its counts are read once, at its first row, and kept for the other rows; so are the
 * parameters, which are those of the first row.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "compat.h"
#include "composite.h"
#include "core/calendar.h"
#include "core/cusum.h"
#include "core/ears.h"
#include "core/farrington.h"
#include "core/interval.h"

#define MAX_BASELINE	100000
#define MAX_FREQ		100000
#define MAX_YEARS		100
#define MAX_SLOTS		INT64CONST(10000000)

/* What every one of these functions keeps for a partition. */
typedef struct series
{
	bool		is_loaded;
	bool		is_null;		/* a parameter is NULL, and so is every result */
	int64		num_rows;
	int64	   *counts;
} series;

static WindowObject
get_window(FunctionCallInfo fcinfo)
{
	WindowObject window = PG_WINDOW_OBJECT();

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a window function can only be called with OVER")));
	return window;
}

/* Memory that lives as long as the partition does. */
static void *
allocate(series *s, Size size, int64 count)
{
	return MemoryContextAllocHuge(GetMemoryChunkContext(s), mul_size(size, (Size) Max(count, 1)));
}

/* A parameter as it is at the partition's first row.  NULL is remembered, and read as 0. */
static Datum
get_parameter(WindowObject window, series *s, int argument)
{
	bool		is_null;
	Datum		value = WinGetFuncArgCurrent(window, argument, &is_null);

	if (!is_null)
		return value;
	s->is_null = true;
	return (Datum) 0;
}

static double
get_float8(WindowObject window, series *s, int argument)
{
	Datum		value = get_parameter(window, s, argument);

	return s->is_null ? 0 : DatumGetFloat8(value);
}

static char *
get_text(WindowObject window, series *s, int argument)
{
	Datum		value = get_parameter(window, s, argument);

	return s->is_null ? NULL : TextDatumGetCString(value);
}

/* Whether an argument is NULL for all rows, as where it is left to its default. */
static bool
is_left_out(FunctionCallInfo fcinfo, WindowObject window, int argument)
{
	bool		is_null;

	(void) WinGetFuncArgCurrent(window, argument, &is_null);
	return is_null && get_fn_expr_arg_stable(fcinfo->flinfo, argument);
}

static void
report_unknown_name(const char *what, const char *name, const char *names)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s: \"%s\"", what, name),
			 errhint("Write one of %s.", names)));
}

static void
check_range(const char *name, int64 value, int64 least, int64 most)
{
	if (value < least || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %lld is out of range", name, (long long) value),
				 errhint("It is a whole number from %lld to %lld.", (long long) least, (long long) most)));
}

static void
check_alpha(double alpha)
{
	if (!(alpha > 0 && alpha < 0.5))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("alpha %g is not between 0 and 0.5", alpha),
				 errhint("It is the one-sided probability of an alarm where nothing is unusual, 0.05 for 5 per cent.")));
}

static void
check_not_negative(const char *name, double value)
{
	if (!(value >= 0) || isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g is not a finite number from 0", name, value)));
}

/* The count of a row. */
static int64
read_count(WindowObject window, int64 row)
{
	bool		is_null;
	bool		is_out;
	int64		count = DatumGetInt64(WinGetFuncArgInPartition(window, 0, (int) row, WINDOW_SEEK_HEAD, false, &is_null, &is_out));

	CHECK_FOR_INTERRUPTS();
	if (is_null)
		return COUNT_UNKNOWN;
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("count %lld is negative", (long long) count)));
	return count;
}

/* Reads how many rows the partition has. */
static void
count_rows(WindowObject window, series *s)
{
	s->num_rows = WinGetPartitionRowCount(window);
	if (s->num_rows > MAX_SLOTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series of %lld rows is too long", (long long) s->num_rows),
				 errhint("It may have up to %lld rows; is a PARTITION BY missing?", (long long) MAX_SLOTS)));
}

/* Reads the partition's counts, a slot a row. */
static void
load_counts(WindowObject window, series *s)
{
	count_rows(window, s);
	s->counts = allocate(s, sizeof(int64), s->num_rows);
	for (int64 row = 0; row < s->num_rows; row++)
		s->counts[row] = read_count(window, row);
}

static Datum
text_or_null(const char *text, bool *is_null)
{
	*is_null = text == NULL;
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

/* EARS ------------------------------------------------------------------------ */

typedef struct ears_series
{
	series		base;
	ears_options options;
} ears_series;

static void
load_ears(FunctionCallInfo fcinfo, WindowObject window, ears_series *s)
{
	char	   *method = get_text(window, &s->base, 1);
	double		alpha;

	s->options.baseline = DatumGetInt32(get_parameter(window, &s->base, 2));
	s->options.min_sigma = get_float8(window, &s->base, 4);
	if (s->base.is_null)
		return;
	if (!find_ears_method(method, &s->options.method))
		report_unknown_name("method of EARS", method, "C1, C2, C3, C3_hutwagner");
	alpha = is_left_out(fcinfo, window, 3) ? ears_default_alpha(s->options.method) : get_float8(window, &s->base, 3);
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
	WindowObject window = get_window(fcinfo);
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
	char	   *transformation = get_text(window, &s->base, 5);

	if (!no_baseline)
		s->baseline = DatumGetInt32(get_parameter(window, &s->base, 1));
	s->options.k = get_float8(window, &s->base, 3);
	s->options.h = get_float8(window, &s->base, 4);
	s->options.reset = DatumGetBool(get_parameter(window, &s->base, 6));
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
	WindowObject window = get_window(fcinfo);
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

/* Farrington ------------------------------------------------------------------ */

/* The arguments by their place. */
enum
{
	ARG_COUNT, ARG_PERIOD_START, ARG_POPULATION, ARG_FREQ, ARG_B, ARG_W, ARG_REWEIGHT, ARG_WEIGHTS_THRESHOLD, ARG_ALPHA, ARG_TREND,
	ARG_P_THRESHOLD_TREND, ARG_LIMIT_CASES, ARG_LIMIT_PERIODS, ARG_POWER_TRANSFORMATION, ARG_NO_PERIODS,
	ARG_PAST_WEEKS_NOT_INCLUDED, ARG_THRESHOLD_METHOD, ARG_STANDARD_ERROR
};

typedef struct farrington_window
{
	series		base;
	bool		has_dates;
	farrington_options options;
	farrington_series slots;
	farrington_room room;
} farrington_window;

/* The date of a row; false where there is none. */
static bool
read_date(WindowObject window, int64 row, int64 *day)
{
	bool		is_null;
	bool		is_out;
	DateADT		date = DatumGetDateADT(WinGetFuncArgInPartition(window, ARG_PERIOD_START, (int) row, WINDOW_SEEK_HEAD, false,
																&is_null, &is_out));

	if (!is_null && DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the start of a period is not a finite date")));
	*day = date;
	return !is_null;
}

/* Which slot a date is in. */
static int64
slot_of(const farrington_series *slots, int64 day)
{
	int64		year;
	int64		month;
	int64		day_of_month;
	int64		first_year;
	int64		first_month;

	if (slots->kind == SLOT_WEEK && (day - slots->first_day) % 7 != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weeks of a series begin on different days of the week"),
				 errhint("With freq 52 dates are a whole number of weeks apart; write freq => 12 for months, 365 for days.")));
	if (slots->kind != SLOT_MONTH)
		return (day - slots->first_day) / (slots->kind == SLOT_WEEK ? 7 : 1);
	date_from_day(day, &year, &month, &day_of_month);
	date_from_day(slots->first_day, &first_year, &first_month, &day_of_month);
	return (year - first_year) * 12 + month - first_month;
}

/* Finds how many slots there are between the first and the last date, and that the rows are in their order. */
static void
find_slots(WindowObject window, farrington_window *s)
{
	bool		found = false;
	int64		last = -1;

	for (int64 row = 0; row < s->base.num_rows; row++)
	{
		int64		day;
		int64		slot;

		if (!read_date(window, row, &day))
			continue;
		if (!found)
			s->slots.first_day = day;
		found = true;
		/* Before the first date is before any slot, also where it is no whole number of weeks. */
		slot = day < s->slots.first_day ? -1 : slot_of(&s->slots, day);
		if (slot <= last)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("two rows of a series are of one period, or not in order of time"),
					 errhint("Write ORDER BY the start of the period in OVER, and PARTITION BY what tells series apart.")));
		last = slot;
	}
	if (last >= MAX_SLOTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series over %lld periods is too long", (long long) last + 1),
				 errhint("It may have up to %lld periods.", (long long) MAX_SLOTS)));
	s->slots.num_slots = (size_t) (last + 1);
}

/* Reads the partition into its slots. */
static void
load_slots(WindowObject window, farrington_window *s, bool has_populations)
{
	int64		num_slots;
	int64	   *counts;
	double	   *populations = NULL;

	count_rows(window, &s->base);
	s->slots.num_slots = (size_t) s->base.num_rows;
	if (s->has_dates)
		find_slots(window, s);
	num_slots = (int64) s->slots.num_slots;
	counts = allocate(&s->base, sizeof(int64), num_slots);
	if (has_populations)
		populations = allocate(&s->base, sizeof(double), num_slots);
	for (int64 slot = 0; slot < num_slots; slot++)
	{
		counts[slot] = COUNT_UNKNOWN;
		if (has_populations)
			populations[slot] = 0;
	}
	for (int64 row = 0; row < s->base.num_rows; row++)
	{
		int64		count = read_count(window, row);
		int64		day;
		int64		slot = row;

		if (s->has_dates)
		{
			if (!read_date(window, row, &day))
				continue;
			slot = slot_of(&s->slots, day);
		}
		counts[slot] = count;
		if (has_populations)
		{
			bool		is_null;
			bool		is_out;
			double		population = DatumGetFloat8(WinGetFuncArgInPartition(window, ARG_POPULATION, (int) row, WINDOW_SEEK_HEAD,
																			   false, &is_null, &is_out));

			if (is_null)
				continue;
			check_not_negative("population", population);
			populations[slot] = population;
		}
	}
	s->slots.counts = counts;
	s->slots.populations = populations;
}

static void
check_farrington(const farrington_options *options)
{
	check_range("freq", options->freq, 1, MAX_FREQ);
	check_range("b", options->b, 1, MAX_YEARS);
	check_range("w", options->w, 0, options->freq);
	check_not_negative("weights_threshold", options->weights_threshold);
	check_alpha(options->alpha);
	if (!(options->p_threshold_trend >= 0 && options->p_threshold_trend <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("p_threshold_trend %g is not between 0 and 1", options->p_threshold_trend)));
	check_range("limit_cases", options->limit_cases, 0, PG_INT32_MAX);
	check_range("limit_periods", options->limit_periods, 1, PG_INT32_MAX);
	check_range("no_periods", options->no_periods, 1, FARRINGTON_MAX_PERIODS);
	check_range("past_weeks_not_included", options->past_not_included, 0, PG_INT32_MAX);
	if (options->no_periods > 1 && options->freq - 2 * options->w < options->no_periods)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no_periods %d is too many between windows of w %d with freq %d", options->no_periods, options->w, options->freq),
				 errhint("Each of the other periods needs at least one of the %d points between two windows.",
						 Max(0, options->freq - 2 * options->w - 1))));
}

static void
load_farrington(FunctionCallInfo fcinfo, WindowObject window, farrington_window *s)
{
	series	   *base = &s->base;
	farrington_options *options = &s->options;
	char	   *transformation = get_text(window, base, ARG_POWER_TRANSFORMATION);
	char	   *method = get_text(window, base, ARG_THRESHOLD_METHOD);
	char	   *standard_error = get_text(window, base, ARG_STANDARD_ERROR);
	farrington_room *room = &s->room;

	options->freq = DatumGetInt32(get_parameter(window, base, ARG_FREQ));
	options->b = DatumGetInt32(get_parameter(window, base, ARG_B));
	options->w = DatumGetInt32(get_parameter(window, base, ARG_W));
	options->reweight = DatumGetBool(get_parameter(window, base, ARG_REWEIGHT));
	options->weights_threshold = get_float8(window, base, ARG_WEIGHTS_THRESHOLD);
	options->alpha = get_float8(window, base, ARG_ALPHA);
	options->trend = DatumGetBool(get_parameter(window, base, ARG_TREND));
	options->p_threshold_trend = get_float8(window, base, ARG_P_THRESHOLD_TREND);
	options->limit_cases = DatumGetInt32(get_parameter(window, base, ARG_LIMIT_CASES));
	options->limit_periods = DatumGetInt32(get_parameter(window, base, ARG_LIMIT_PERIODS));
	options->no_periods = DatumGetInt32(get_parameter(window, base, ARG_NO_PERIODS));
	options->past_not_included = is_left_out(fcinfo, window, ARG_PAST_WEEKS_NOT_INCLUDED) ? options->w :
		DatumGetInt32(get_parameter(window, base, ARG_PAST_WEEKS_NOT_INCLUDED));
	if (base->is_null)
		return;
	if (!find_power_transformation(transformation, &options->transformation))
		report_unknown_name("power_transformation", transformation, "2/3, 1/2, none");
	if (!find_threshold_method(method, &options->method))
		report_unknown_name("threshold_method", method, "delta, nbPlugin, muan");
	if (!find_standard_error_method(standard_error, &options->standard_error))
		report_unknown_name("standard_error", standard_error, "surveillance, quasi_poisson");
	check_farrington(options);

	s->has_dates = !is_left_out(fcinfo, window, ARG_PERIOD_START);
	s->slots.kind = !s->has_dates ? SLOT_INDEX : options->freq == 12 ? SLOT_MONTH : options->freq == 52 ? SLOT_WEEK : SLOT_DAY;
	if (s->slots.kind == SLOT_DAY && options->freq != 365)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("freq %d has no calendar", options->freq),
				 errhint("With dates freq is 52 for weeks, 12 for months or 365 for days; leave the dates out for any other.")));
	load_slots(window, s, !is_left_out(fcinfo, window, ARG_POPULATION));

	room->max_rows = farrington_rows(options, &s->slots);
	room->x = allocate(base, GLM_MAX_COLUMNS * sizeof(double), (int64) room->max_rows);
	room->time = allocate(base, sizeof(double), (int64) room->max_rows);
	room->y = allocate(base, sizeof(double), (int64) room->max_rows);
	room->offset = allocate(base, sizeof(double), (int64) room->max_rows);
	room->weights = allocate(base, sizeof(double), (int64) room->max_rows);
	room->fitted = allocate(base, sizeof(double), (int64) room->max_rows);
	room->hat = allocate(base, sizeof(double), (int64) room->max_rows);
	room->block = allocate(base, sizeof(int), (int64) room->max_rows);
}

PG_FUNCTION_INFO_V1(nkpi_farrington_flexible);
Datum
nkpi_farrington_flexible(PG_FUNCTION_ARGS)
{
	WindowObject window = get_window(fcinfo);
	farrington_window *s = WinGetPartitionLocalMemory(window, sizeof(farrington_window));
	farrington_result result = {0};
	int64		slot = WinGetCurrentPosition(window);
	int64		day;
	Datum		values[9];
	bool		nulls[9] = {false};

	if (!s->base.is_loaded)
		load_farrington(fcinfo, window, s);
	s->base.is_loaded = true;
	if (s->base.is_null)
		PG_RETURN_NULL();

	CHECK_FOR_INTERRUPTS();
	if (s->has_dates && !read_date(window, slot, &day))
		result.reason = "no date";
	else
	{
		if (s->has_dates)
			slot = slot_of(&s->slots, day);
		result = farrington_at(&s->slots, (size_t) slot, &s->options, &s->room);
	}
	nulls[0] = nulls[1] = result.reason != NULL;
	nulls[2] = !result.has_score;
	nulls[3] = nulls[4] = nulls[6] = nulls[8] = !result.has_fit;
	nulls[7] = !result.trend;
	if (result.reason != NULL && strcmp(result.reason, REASON_FEW_CASES) == 0)
		result.reason = psprintf("fewer than %d cases in %d periods", s->options.limit_cases, s->options.limit_periods);
	values[0] = Float8GetDatum(result.expected);
	values[1] = Float8GetDatum(result.upper_bound);
	values[2] = Float8GetDatum(result.score);
	values[3] = Float8GetDatum(result.p_value);
	values[4] = BoolGetDatum(result.alarm);
	values[5] = text_or_null(result.reason, &nulls[5]);
	values[6] = BoolGetDatum(result.trend);
	values[7] = Float8GetDatum(result.slope);
	values[8] = Float8GetDatum(result.dispersion);
	return make_composite(fcinfo, values, nulls);
}
