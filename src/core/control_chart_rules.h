/*
 * control_chart_rules.h
 *		What is not common cause: which rule flags a point of a control chart, whether that is an improvement, and whether the process meets
 *		a target.
 *
 * The rules and their order are those of NHS England's Making Data Count (its R package is NHSRplotthedots), from Shewhart's first
 * criterion, the zone rules of Western Electric's Statistical Quality Control Handbook, 1956, and L. S. Nelson, "The Shewhart control
 * chart: tests for special causes", Journal of Quality Technology 16, 1984:
 *
 * 1. a point outside the limits;
 * 2. seven points in succession, each above, or each below, the one before; all of them are flagged, and a turning point between two
 *    trends belongs to the later;
 * 3. of three points in succession on one side of the centre line, two beyond two sigma; those two or three are flagged;
 * 4. seven points in succession on one side of the centre line; all of them are flagged.
 *
 * A value on a line is not beyond it, and a missing value ends every trend and run.  Rules 2 to 4 are not for moving ranges, neighbours
 * of which share a value (Nelson 1982), and rule 3 not for a g chart: two sigma of a geometric distribution are no zone of a normal one.
 */
#ifndef NALOXONE_KPI_CONTROL_CHART_RULES_H
#define NALOXONE_KPI_CONTROL_CHART_RULES_H

#include "core/control_chart.h"

/* Sets the rule of every point of a phase. */
extern void apply_chart_rules(const chart_phase *phase, chart_point *points, size_t num_points, void (*check_for_interrupts) (void));

typedef enum improvement_direction
{
	INCREASE_IS_IMPROVEMENT,
	DECREASE_IS_IMPROVEMENT,
	NEITHER_IS_IMPROVEMENT
} improvement_direction;

typedef enum chart_variation
{
	COMMON_CAUSE,
	IMPROVEMENT,
	CONCERN,
	SPECIAL_CAUSE				/* where neither direction is an improvement */
} chart_variation;

#define NUM_CHART_VARIATIONS	(SPECIAL_CAUSE + 1)

extern chart_variation rule_variation(control_chart_rule rule, improvement_direction direction);

typedef enum chart_assurance
{
	NO_ASSURANCE,				/* no target, no direction or no limits */
	CONSISTENTLY_PASSES,
	CONSISTENTLY_FAILS,
	INCONSISTENT				/* the target lies within the limits or on one of them */
} chart_assurance;

#define NUM_CHART_ASSURANCES	(INCONSISTENT + 1)

/* A target against the limits as they are drawn; NaN is no target. */
extern chart_assurance target_assurance(double target, const chart_lines *lines, improvement_direction direction);

#endif							/* NALOXONE_KPI_CONTROL_CHART_RULES_H */
