/*
 * survival_steps.h
 *		What the tests of survival share: making steps of whoever is in a case, and comparing many figures in one check.
 */
#ifndef NALOXONE_KPI_SURVIVAL_STEPS_H
#define NALOXONE_KPI_SURVIVAL_STEPS_H

#include "core/survival.h"

#include <math.h>

#include "tap.h"

#define MAX_STEPS	1024

static inline int
compare_steps(const void *a, const void *b)
{
	int64_t		x = ((const survival_step *) a)->time;
	int64_t		y = ((const survival_step *) b)->time;

	return (x > y) - (x < y);
}

/* Steps whose events and censorings are there, in time order: merges those of one time and counts who is at risk. */
static inline size_t
finish_steps(survival_step *steps, size_t num_rows)
{
	size_t		num_steps = 0;
	int64_t		at_risk = 0;

	qsort(steps, num_rows, sizeof(survival_step), compare_steps);
	for (size_t i = 0; i < num_rows; i++)
	{
		if (num_steps > 0 && steps[num_steps - 1].time == steps[i].time)
		{
			steps[num_steps - 1].num_events += steps[i].num_events;
			steps[num_steps - 1].num_of_cause += steps[i].num_of_cause;
			steps[num_steps - 1].num_censored += steps[i].num_censored;
		}
		else
			steps[num_steps++] = steps[i];
	}
	for (size_t i = num_steps; i-- > 0;)
	{
		at_risk += steps[i].num_events + steps[i].num_censored;
		steps[i].num_at_risk = at_risk;
	}
	return num_steps;
}

/* How many figures were compared since the last check, and how many of them were not the same. */
static int	num_compared;
static int	num_different;

/* "relative" of the wanted figure, or of 1e-6 where that is smaller: there the reference itself has lost digits. */
static inline void
compare(double have, double want, double relative, const char *what, const char *case_id, double where)
{
	num_compared++;
	if (isnan(want) ? isnan(have) : fabs(have - want) <= relative * fmax(fabs(want), 1e-6))
		return;
	if (num_different++ < 5)
		printf("# %s of %s at %g: have %.17g, want %.17g\n", what, case_id, where, have, want);
}

/* All that were compared since the last call were the same, and there were some. */
static inline void
all_same(const char *name)
{
	ok(num_different == 0 && num_compared > 0, "%s (%d figures)", name, num_compared);
	num_compared = num_different = 0;
}

/* How often a long computation looked whether it is to stop. */
static int	num_checks;

static inline void
count_check(void)
{
	num_checks++;
}

#endif							/* NALOXONE_KPI_SURVIVAL_STEPS_H */
