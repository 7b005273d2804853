/*
 * survival.h
 *		Time to an event of which some are not seen to happen: survival, hazard, incidence by cause, and their intervals.
 *
 * Kaplan-Meier: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958, with
 * Greenwood's variance (M. Greenwood, 1926).
 * Nelson-Aalen: O. O. Aalen, "Nonparametric inference for a family of counting processes", Annals of Statistics 6, 1978.
 * Aalen-Johansen: O. O. Aalen and S. Johansen, "An empirical transition matrix for non-homogeneous Markov chains based on
 * censored observations", Scandinavian Journal of Statistics 5, 1978.
 * Quantiles: R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time", Biometrics 38, 1982.
 * Log-rank: N. Mantel, "Evaluation of survival data and two new rank order statistics", Cancer Chemotherapy Reports 50, 1966.
 *
 * Incidence: its jackknife is the infinitesimal one of L. A. Jaeckel, Bell Laboratories, 1972; Aalen's variance is that of his
 * paper of 1978 with the hypergeometric correction for ties.
 *
 * Everything is computed from steps: one for each distinct time, ascending and not negative, at which anything happened.  At
 * one time events come before censorings, and who is at risk at a step is who was at the one before, less those who then had
 * the event or were censored.  Confidence is between 0 and 1, neither included.
 */
#ifndef NALOXONE_KPI_SURVIVAL_H
#define NALOXONE_KPI_SURVIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/interval.h"

typedef struct survival_step
{
	int64_t		time;
	int64_t		num_at_risk;	/* just before it */
	int64_t		num_events;		/* of any cause */
	int64_t		num_of_cause;	/* of the cause that is asked for */
	int64_t		num_censored;
} survival_step;

/* How the limits of a probability are found: on which scale they are symmetric. */
typedef enum survival_scale
{
	SCALE_LOG_LOG,
	SCALE_LOG,
	SCALE_PLAIN
} survival_scale;

/* The scale of this name, as SQL writes it ("log-log", "log", "plain"); false for any other name. */
extern bool find_survival_scale(const char *name, survival_scale *scale);

/* Just after the time of a step. */
typedef struct survival_point
{
	double		survival;		/* Kaplan-Meier */
	double		survival_error; /* its standard error, Greenwood; NaN where survival is 0: it has none there */
	double		hazard;			/* cumulative, Nelson-Aalen */
	double		hazard_error;
} survival_point;

extern void survival_curve(const survival_step *steps, size_t num_steps, survival_point *points);

/* Of a survival; false where the scale has none (log-log at 1, and any at 0).  Log and plain limits stay within 0 and 1. */
extern bool survival_limits(const survival_point *point, survival_scale scale, double confidence, confidence_limits *limits);

/* Of a hazard, symmetric on the scale of its logarithm; false where it is 0, which has none. */
extern bool hazard_limits(const survival_point *point, double confidence, confidence_limits *limits);

/* A time that is reached or not. */
typedef struct survival_time
{
	bool		reached;
	double		time;
} survival_time;

/*
 * The time by which a fraction (above 0, at most 1) has had the event, with limits; the middle of the stretch where survival
 * is 1 - fraction, which ends at the last time if at no other.  As in R, probabilities are the same when they differ by less
 * than 1.5e-8.  Unlike R, we also find a fraction below that, and one that rounding alone puts out of reach of a curve's end.
 */
typedef struct survival_quantile
{
	survival_time value;
	survival_time lower;
	survival_time upper;
} survival_quantile;

extern survival_quantile find_survival_quantile(const survival_step *steps, const survival_point *points, size_t num_steps,
												double fraction, survival_scale scale, double confidence);

/*
 * The mean of the time to the event or to "until" (0 or later), whichever is first, and its standard error.  Past the last
 * time survival is taken to stay as it is, so a caller may want to refuse an "until" beyond it.
 */
typedef struct restricted_mean
{
	double		mean;
	double		error;
} restricted_mean;

extern restricted_mean find_restricted_mean(const survival_step *steps, const survival_point *points, size_t num_steps,
										   double until);

/* Symmetric about the mean. */
extern confidence_limits restricted_mean_limits(const restricted_mean *mean, double confidence);

/* Just after the time of a step: the probability of having had the event of the cause that is asked for (num_of_cause). */
typedef struct incidence_point
{
	double		incidence;		/* Aalen-Johansen */
	double		jackknife_error; /* its standard error, by the infinitesimal jackknife, as R's survival has it */
	double		aalen_error;	/* the same by Aalen's formula, as R's cmprsk has it */
} incidence_point;

extern void incidence_curve(const survival_step *steps, size_t num_steps, incidence_point *points);

/* Of an incidence with either error; false where the scale has none (log-log at 0 and at 1, log at 0). */
extern bool incidence_limits(double incidence, double error, survival_scale scale, double confidence,
							 confidence_limits *limits);

/* One of the groups that a log-rank test compares. */
typedef struct survival_group
{
	const survival_step *steps;
	size_t		num_steps;
} survival_group;

/*
 * The log-rank test of k groups: chi-squared and its degrees of freedom; false where nothing can be said (fewer than two
 * groups, or no event while two had anybody at risk and not all had it).  A group that is never at risk together with another
 * when an event happens adds no degree of freedom.  "workspace" has room for LOG_RANK_WORKSPACE(k) numbers.  A time or a group at
 * most passes between two calls of check_for_interrupts.
 */
#define LOG_RANK_WORKSPACE(k)	((size_t) (k) * (size_t) (k) + 2 * (size_t) (k))
extern bool log_rank(const survival_group *groups, size_t k, double *workspace, void (*check_for_interrupts) (void),
					 double *chi_squared, int *degrees_of_freedom);

#endif							/* NALOXONE_KPI_SURVIVAL_H */
