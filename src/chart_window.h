/*
 * chart_window.h
 *		What the charts' window functions share: reading a phase of a series, keeping it, making rows.
 *
 * A phase is read whole when its first row is reached, whatever the frame; its rows are then answered from the partition's memory one
 * by one.  So a partition costs as many reads as it has rows, in order, and 32 bytes a row.
 */
#ifndef NALOXONE_KPI_CHART_WINDOW_H
#define NALOXONE_KPI_CHART_WINDOW_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "windowapi.h"

#include "core/control_chart.h"
#include "core/run_chart.h"

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/*
 * A function's chart, and which of its arguments is which.  The first is always the value or the events; 0 stands for an argument that the
 * function does not have.
 */
typedef struct chart_arguments
{
	control_chart_kind kind;
	int			size;			/* trials or exposure */
	int			baseline_points;
	int			phase;
	int			excluded;
	int			target;
	int			direction;
	int			variant;
	int			screen;
	int			multiplier;
	int			centre;			/* of a run chart */
} chart_arguments;

#define CHART_MAX_ARGUMENTS	10

/* The words of a result, in the order of an enumeration; NULL for one that is not said. */
#define CHART_MAX_WORDS	16

typedef struct chart_words
{
	const char *const *words;
	int			count;
} chart_words;

#define CHART_MAX_VOCABULARIES	3

/* What a call of a function in a query keeps from row to row. */
typedef struct chart_memory
{
	TupleDesc	descriptor;
	MemoryContext row_context;	/* what evaluating the arguments of one row leaves behind */
	bool		varies[CHART_MAX_ARGUMENTS];	/* arguments that may change within a query */
	bool		settings_vary;
	Datum		words[CHART_MAX_VOCABULARIES][CHART_MAX_WORDS];	/* as texts; 0 for none */
} chart_memory;

/* What holds for a whole phase. */
typedef struct phase_settings
{
	chart_options options;
	double		centre;			/* of a run chart; NaN where it is the median */
} phase_settings;

typedef struct chart_partition
{
	int64		num_rows;
	int64		phase_start;	/* the first row of the phase that has been read, and the first after it */
	int64		phase_end;
	phase_settings settings;
	chart_phase phase;
	run_chart_result runs;
	chart_point points[FLEXIBLE_ARRAY_MEMBER];	/* of all rows; those of later phases are still empty */
} chart_partition;

typedef struct chart_call
{
	WindowObject window;
	const chart_arguments *arguments;
	chart_memory *memory;
	chart_partition *partition;
} chart_call;

/* A function: its arguments, how it judges a phase that has been read, and the words of its results. */
typedef struct chart_function
{
	chart_arguments arguments;
	void		(*judge) (const chart_call *call);
	chart_words vocabularies[CHART_MAX_VOCABULARIES];
} chart_function;

/* Fills "call", reads and judges the phase that the current row begins, if it begins one, and returns the row's point. */
extern const chart_point *find_chart_point(FunctionCallInfo fcinfo, const chart_function *function, chart_call *call);

/* The points of the phase, and their number; room for a number each, which the caller frees. */
extern chart_point *get_phase_points(const chart_call *call, size_t *num_points);
extern double *allocate_for_phase(const chart_call *call);

/* Refuses a number that is not finite, named by what it is. */
extern void check_chart_number(double number, const char *what);

/* Fields of a result, NULL where a number cannot be said and a word is none; and the result. */
extern void set_chart_number(double number, Datum *value, bool *is_null);
extern void set_chart_word(const chart_call *call, int vocabulary, int word, Datum *value, bool *is_null);
extern Datum make_chart_row(const chart_call *call, Datum *values, bool *nulls);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_CHART_WINDOW_H */
