/*
 * multiple_testing.c
 *		benjamini_hochberg(), a window function over the p-values of a family of tests.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "binding.h"
#include "compat.h"
#include "core/multiple_testing.h"

/* What a partition keeps: the q of each row, not a number where its p-value is NULL. */
typedef struct family
{
	bool		computed;
	double		q_values[FLEXIBLE_ARRAY_MEMBER];
} family;

static void
compute_family(WindowObject window, family *f, int64 num_rows)
{
	tested	   *tests = MemoryContextAllocHuge(CurrentMemoryContext, num_rows * sizeof(tested));
	size_t		num_tests = 0;

	for (int64 i = 0; i < num_rows; i++)
	{
		bool		is_null;
		bool		is_outside;
		double		p = DatumGetFloat8(WinGetFuncArgInPartition(window, 0, (int) i, WINDOW_SEEK_HEAD, false, &is_null, &is_outside));

		f->q_values[i] = NAN;
		if (!is_null)
		{
			if (!(p >= 0 && p <= 1))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("p-value %g is not between 0 and 1", p),
						 errhint("Where there is no test let the p-value be NULL.")));
			tests[num_tests++] = (tested) {p, (size_t) i};
		}
		CHECK_FOR_INTERRUPTS();
	}
	benjamini_hochberg(tests, num_tests);
	for (size_t i = 0; i < num_tests; i++)
		f->q_values[tests[i].position] = tests[i].p_value;
	pfree(tests);
	f->computed = true;
}

PG_FUNCTION_INFO_V1(nkpi_benjamini_hochberg);
Datum
nkpi_benjamini_hochberg(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	int64		num_rows = WinGetPartitionRowCount(window);
	family	   *f;
	double		q;

	/* What a partition keeps is one piece of memory. */
	if (num_rows > (int64) ((MaxAllocSize - offsetof(family, q_values)) / sizeof(double)))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a family of %lld tests is too large", (long long) num_rows),
				 errhint("Divide it with PARTITION BY.")));
	f = WinGetPartitionLocalMemory(window, offsetof(family, q_values) + num_rows * sizeof(double));
	if (!f->computed)
		compute_family(window, f, num_rows);
	q = f->q_values[WinGetCurrentPosition(window)];
	if (isnan(q))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(q);
}
