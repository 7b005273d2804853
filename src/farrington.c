/*
 * farrington.c
 *		The window function farrington_flexible(), which compares a series of counts with the same season of past years.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "windowapi.h"

#include "compat.h"
#include "composite.h"
#include "core/calendar.h"
#include "core/farrington.h"
#include "series.h"

/* Hours of a leap year; more would make a baseline that takes seconds to fit. */
#define MAX_FREQ		8784
#define MAX_YEARS		50
#define MAX_LIMIT_PERIODS	1000

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
	if (last >= MAX_SERIES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series over %lld periods is too long", (long long) last + 1),
				 errhint("It may have up to %lld periods.", (long long) MAX_SERIES)));
	s->slots.num_slots = (size_t) (last + 1);
}

/* Reads the partition into its slots. */
static void
load_slots(WindowObject window, farrington_window *s, bool has_populations)
{
	int64		num_slots;
	int64	   *counts;
	double	   *populations = NULL;

	count_series_rows(window, &s->base);
	s->slots.num_slots = (size_t) s->base.num_rows;
	if (s->has_dates)
		find_slots(window, s);
	num_slots = (int64) s->slots.num_slots;
	counts = allocate_for_series(&s->base, sizeof(int64), num_slots);
	if (has_populations)
		populations = allocate_for_series(&s->base, sizeof(double), num_slots);
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
	check_range("limit_periods", options->limit_periods, 1, MAX_LIMIT_PERIODS);
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
	char	   *transformation = get_text_parameter(window, base, ARG_POWER_TRANSFORMATION);
	char	   *method = get_text_parameter(window, base, ARG_THRESHOLD_METHOD);
	char	   *standard_error = get_text_parameter(window, base, ARG_STANDARD_ERROR);
	farrington_room *room = &s->room;

	options->freq = DatumGetInt32(get_series_parameter(window, base, ARG_FREQ));
	options->b = DatumGetInt32(get_series_parameter(window, base, ARG_B));
	options->w = DatumGetInt32(get_series_parameter(window, base, ARG_W));
	options->reweight = DatumGetBool(get_series_parameter(window, base, ARG_REWEIGHT));
	options->weights_threshold = get_float8_parameter(window, base, ARG_WEIGHTS_THRESHOLD);
	options->alpha = get_float8_parameter(window, base, ARG_ALPHA);
	options->trend = DatumGetBool(get_series_parameter(window, base, ARG_TREND));
	options->p_threshold_trend = get_float8_parameter(window, base, ARG_P_THRESHOLD_TREND);
	options->limit_cases = DatumGetInt32(get_series_parameter(window, base, ARG_LIMIT_CASES));
	options->limit_periods = DatumGetInt32(get_series_parameter(window, base, ARG_LIMIT_PERIODS));
	options->no_periods = DatumGetInt32(get_series_parameter(window, base, ARG_NO_PERIODS));
	options->past_not_included = is_left_out(fcinfo, window, ARG_PAST_WEEKS_NOT_INCLUDED) ? options->w :
		DatumGetInt32(get_series_parameter(window, base, ARG_PAST_WEEKS_NOT_INCLUDED));
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
	room->x = allocate_for_series(base, GLM_MAX_COLUMNS * sizeof(double), (int64) room->max_rows);
	room->time = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->y = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->offset = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->weights = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->fitted = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->hat = allocate_for_series(base, sizeof(double), (int64) room->max_rows);
	room->block = allocate_for_series(base, sizeof(int), (int64) room->max_rows);
}

PG_FUNCTION_INFO_V1(nkpi_farrington_flexible);
Datum
nkpi_farrington_flexible(PG_FUNCTION_ARGS)
{
	WindowObject window = get_series_window(fcinfo);
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
	nulls[3] = nulls[6] = nulls[8] = !result.has_fit;
	nulls[4] = !result.has_alarm;
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
