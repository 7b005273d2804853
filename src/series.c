/*
 * series.c
 *		What window functions over a series of counts need of PostgreSQL.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "core/surveillance.h"
#include "series.h"

WindowObject
get_series_window(FunctionCallInfo fcinfo)
{
	WindowObject window = PG_WINDOW_OBJECT();

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a window function can only be called with OVER")));
	return window;
}

void *
allocate_for_series(series *s, Size size, int64 count)
{
	return MemoryContextAllocHuge(GetMemoryChunkContext(s), mul_size(size, (Size) Max(count, 1)));
}

Datum
get_series_parameter(WindowObject window, series *s, int argument)
{
	bool		is_null;
	Datum		value = WinGetFuncArgCurrent(window, argument, &is_null);

	if (!is_null)
		return value;
	s->is_null = true;
	return (Datum) 0;
}

double
get_float8_parameter(WindowObject window, series *s, int argument)
{
	Datum		value = get_series_parameter(window, s, argument);

	return s->is_null ? 0 : DatumGetFloat8(value);
}

char *
get_text_parameter(WindowObject window, series *s, int argument)
{
	Datum		value = get_series_parameter(window, s, argument);

	return s->is_null ? NULL : TextDatumGetCString(value);
}

bool
is_left_out(FunctionCallInfo fcinfo, WindowObject window, int argument)
{
	bool		is_null;

	(void) WinGetFuncArgCurrent(window, argument, &is_null);
	return is_null && get_fn_expr_arg_stable(fcinfo->flinfo, argument);
}

void
report_unknown_name(const char *what, const char *name, const char *names)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s: \"%s\"", what, name),
			 errhint("Write one of %s.", names)));
}

void
check_range(const char *name, int64 value, int64 least, int64 most)
{
	if (value < least || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %lld is out of range", name, (long long) value),
				 errhint("It is a whole number from %lld to %lld.", (long long) least, (long long) most)));
}

void
check_alpha(double alpha)
{
	if (!(alpha > 0 && alpha < 0.5))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("alpha %g is not between 0 and 0.5", alpha),
				 errhint("It is the one-sided probability of an alarm where nothing is unusual, 0.05 for 5 per cent.")));
}

void
check_not_negative(const char *name, double value)
{
	if (!(value >= 0) || isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %g is not a finite number from 0", name, value)));
}

int64
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

void
count_series_rows(WindowObject window, series *s)
{
	s->num_rows = WinGetPartitionRowCount(window);
	if (s->num_rows > MAX_SERIES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a series of %lld rows is too long", (long long) s->num_rows),
				 errhint("It may have up to %lld rows; is a PARTITION BY missing?", (long long) MAX_SERIES)));
}

void
load_counts(WindowObject window, series *s)
{
	count_series_rows(window, s);
	s->counts = allocate_for_series(s, sizeof(int64), s->num_rows);
	for (int64 row = 0; row < s->num_rows; row++)
		s->counts[row] = read_count(window, row);
}

Datum
text_or_null(const char *text, bool *is_null)
{
	*is_null = text == NULL;
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}
