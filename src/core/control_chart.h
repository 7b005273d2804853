/*
 * control_chart.h
 *		Shewhart's control charts: the centre line and the limits of a phase of a series.
 *
 * XmR and moving range: D. J. Wheeler, Understanding Variation, 1993; the screening of moving ranges: L. S. Nelson, "Control charts for
 * individual measurements", Journal of Quality Technology 14, 1982.  c, p and u: W. A. Shewhart, Economic Control of Quality of
 * Manufactured Product, 1931; D. C. Montgomery, Introduction to Statistical Quality Control.  p' and u': D. B. Laney, "Improved control
 * charts for attributes", Quality Engineering 14, 2002.  g: J. C. Benneyan, "Number-between g-type statistical quality control charts for
 * monitoring adverse events", Health Care Management Science 4, 2001.  t: L. S. Nelson, "A control chart for parts-per-million
 * nonconforming items", Journal of Quality Technology 26, 1994.  The choices that these leave open are those of L. P. Provost and
 * S. K. Murray, The Health Care Data Guide, 2011.
 *
 * NaN stands for what is not there: a point without a value, a limit that cannot be said.  No comparison with it holds, so it takes
 * part in no rule.  Whoever calls has refused values that are not finite.  "check_for_interrupts" is called between passes over the points,
 * and may not return.
 */
#ifndef NALOXONE_KPI_CONTROL_CHART_H
#define NALOXONE_KPI_CONTROL_CHART_H

#include <stdbool.h>
#include <stddef.h>

typedef enum control_chart_kind
{
	XMR_CHART,					/* single values */
	MOVING_RANGE_CHART,			/* how far each value is from the one before */
	C_CHART,					/* counts */
	P_CHART,					/* events of trials */
	P_PRIME_CHART,				/* the same, overdispersed (Laney) */
	U_CHART,					/* events by exposure */
	U_PRIME_CHART,				/* the same, overdispersed (Laney) */
	G_CHART,					/* cases between two events */
	T_CHART						/* time between two events */
} control_chart_kind;

/* Which rule flags a point; the first that applies, in this order. */
typedef enum control_chart_rule
{
	NO_RULE,
	ABOVE_UPPER_LIMIT,
	BELOW_LOWER_LIMIT,
	INCREASING_TREND,
	DECREASING_TREND,
	TWO_OF_THREE_NEAR_UPPER_LIMIT,
	TWO_OF_THREE_NEAR_LOWER_LIMIT,
	RUN_ABOVE_CENTRE,
	RUN_BELOW_CENTRE
} control_chart_rule;

#define NUM_CONTROL_CHART_RULES	(RUN_BELOW_CENTRE + 1)

typedef struct chart_point
{
	double		value;			/* as it is drawn; NaN where there is none */
	double		measured;		/* what the limits are worked out from: events, a value, or a time on Nelson's scale */
	double		size;			/* what events are counted over: trials or exposure; 1 on the other charts */
	bool		excluded;		/* drawn and judged, but left out of the limits */
	bool		in_baseline;	/* set by measure_phase() */
	unsigned char position;		/* for the rules' own use */
	unsigned char rule;			/* set by apply_chart_rules() */
} chart_point;

typedef struct chart_options
{
	control_chart_kind kind;
	size_t		baseline_points;	/* limits come from so many points at the beginning; 0: from all */
	bool		screen_moving_ranges;
	double		multiplier;		/* u and u': a rate by so many units of exposure */
	bool		beyond_two_sigma;	/* a point outside the limits is near them too */
} chart_options;

/* What the limits of a phase are worked out from, on the scale of "measured". */
typedef struct chart_phase
{
	chart_options options;
	size_t		num_points;		/* that have a value */
	double		centre;
	double		mean;			/* the limits lie about it; the centre but on a g chart, where that is the median */
	double		reach;			/* from the mean to a limit; of proportions and rates, in standard errors of each point */
} chart_phase;

typedef struct chart_lines
{
	double		centre;
	double		lower_limit;
	double		upper_limit;
	double		lower_two_sigma;
	double		upper_two_sigma;
} chart_lines;

/* The point of a value; "size" is 0 or more, and where it is 0 the point has none.  "excluded" is false. */
extern chart_point make_chart_point(const chart_options *options, double measured, double size);
extern chart_point missing_chart_point(void);

/*
 * Works out a phase from its points in their order.  On a moving range chart the points come in as values and go out as ranges.  A g chart
 * needs room for as many numbers as there are points; others take NULL.
 */
extern chart_phase measure_phase(const chart_options *options, chart_point *points, size_t num_points, double *room,
								 void (*check_for_interrupts) (void));

/* The lines at a point, on the scale on which points are compared with them, and as they are drawn. */
extern chart_lines comparable_lines(const chart_phase *phase, const chart_point *point);
extern chart_lines drawn_lines(const chart_phase *phase, const chart_point *point);

/* A point on the scale of comparable_lines(). */
static inline double
comparable_value(const chart_phase *phase, const chart_point *point)
{
	return phase->options.kind == T_CHART ? point->measured : point->value;
}

/* The median of numbers, of which there is at least one. */
extern double chart_median(const double *numbers, size_t count, void (*check_for_interrupts) (void));

#endif							/* NALOXONE_KPI_CONTROL_CHART_H */
