/*
 * funnel_plot.h
 *		Funnel plots: which units of a set differ from it by more than chance, given their sizes.
 *
 * D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24, 2005.  The scale on which
 * dispersion is measured and added to is that of the square root for ratios and rates and of the arcsine of the square root for
 * proportions; the variance between units is that of R. DerSimonian and N. Laird, "Meta-analysis in clinical trials", Controlled
 * Clinical Trials 7, 1986.
 */
#ifndef NALOXONE_KPI_FUNNEL_PLOT_H
#define NALOXONE_KPI_FUNNEL_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the events of a unit are of: so many trials, or an exposure (a number of events that was expected, or person-years). */
typedef enum funnel_plot_kind
{
	FUNNEL_PLOT_PROPORTION,
	FUNNEL_PLOT_RATIO
} funnel_plot_kind;

typedef enum funnel_plot_dispersion
{
	DISPERSION_NONE,
	DISPERSION_MULTIPLICATIVE,
	DISPERSION_ADDITIVE
} funnel_plot_dispersion;

/* One unit; its size, the trials or the exposure, is above 0 and finite, and no proportion has more events than trials. */
typedef struct funnel_plot_unit
{
	int64_t		events;
	double		size;
} funnel_plot_unit;

/* Limits are in pairs, the inner one first. */
enum
{
	INNER,
	OUTER
};

typedef struct funnel_plot
{
	/* what the caller asks for */
	funnel_plot_kind kind;
	funnel_plot_dispersion dispersion;
	bool		score;			/* limits of proportions without dispersion are the score test's, else exact */
	double		confidence[2];
	bool		has_centre;		/* the centre is the caller's; else it is that of all units */
	double		centre;
	bool		of_others;		/* a unit is placed about the centre of all others, which it has no part in */
	/* what the units say */
	int64_t		events;			/* of all of them */
	double		size;
	bool		has_dispersion_ratio;
	double		dispersion_ratio;	/* phi */
	bool		has_between_variance;
	double		between_variance;	/* tau squared */
} funnel_plot;

/*
 * Reads all units, in whatever order, and leaves them in another; "scratch" has room for a number a unit.  False where the events are
 * more than 64 bits hold.  The centre is not there where no unit is, or where the sizes add up to more than a double holds.
 */
extern bool funnel_plot_read(funnel_plot *plot, funnel_plot_unit *units, size_t num_units, double *scratch,
							 void (*check_for_interrupts) (void));

typedef enum funnel_plot_verdict
{
	BELOW_OUTER_LIMIT,
	BELOW_INNER_LIMIT,
	WITHIN_LIMITS,
	ABOVE_INNER_LIMIT,
	ABOVE_OUTER_LIMIT
} funnel_plot_verdict;

typedef struct funnel_plot_point
{
	double		value;
	bool		has_centre;		/* there is one, and there are others for it to be of */
	double		centre;
	bool		has_limits;		/* and z and a verdict: not where dispersion is asked for and cannot be estimated */
	double		lower[2];
	double		upper[2];
	double		z;
	double		p_value;		/* twice the probability of being so far out on this side, by what the limits are made of */
	funnel_plot_verdict verdict;
} funnel_plot_point;

/* Where a unit lies; the plot has a centre. */
extern funnel_plot_point funnel_plot_place(const funnel_plot *plot, funnel_plot_unit unit);

#endif							/* NALOXONE_KPI_FUNNEL_PLOT_H */
