/*
 * series.h
 *		What window functions over a series of counts need of PostgreSQL.
 *
 * A partition is a series.  Whatever the frame, its counts are read once, at its first row, and kept for the other rows; so are the
 * parameters, which are those of the first row.
 */
#ifndef NALOXONE_KPI_SERIES_H
#define NALOXONE_KPI_SERIES_H

#include "postgres.h"

#include "fmgr.h"
#include "windowapi.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* Rows, or periods between the first and the last. */
#define MAX_SERIES	INT64CONST(10000000)

/* What every such function keeps for a partition; it begins the function's own struct, in WinGetPartitionLocalMemory(). */
typedef struct series
{
	bool		is_loaded;
	bool		is_null;		/* a parameter is NULL, and so is every result */
	int64		num_rows;
	int64	   *counts;			/* COUNT_UNKNOWN where NULL */
} series;

extern WindowObject get_series_window(FunctionCallInfo fcinfo);

/* Memory that lives as long as the partition does. */
extern void *allocate_for_series(series *s, Size size, int64 count);

/* A parameter as it is at the partition's first row.  NULL is remembered, and read as 0. */
extern Datum get_series_parameter(WindowObject window, series *s, int argument);
extern double get_float8_parameter(WindowObject window, series *s, int argument);
extern char *get_text_parameter(WindowObject window, series *s, int argument);

/* Whether an argument is NULL for all rows, as where it is left to its default. */
extern bool is_left_out(FunctionCallInfo fcinfo, WindowObject window, int argument);

/* Refusing parameters, by the name that SQL has for them. */
extern void report_unknown_name(const char *what, const char *name, const char *names);
extern void check_range(const char *name, int64 value, int64 least, int64 most);
extern void check_alpha(double alpha);
extern void check_not_negative(const char *name, double value);

/* The count of a row, which is argument 0. */
extern int64 read_count(WindowObject window, int64 row);

/* Reads how many rows the partition has; then also its counts. */
extern void count_series_rows(WindowObject window, series *s);
extern void load_counts(WindowObject window, series *s);

extern Datum text_or_null(const char *text, bool *is_null);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_SERIES_H */
