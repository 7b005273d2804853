/*
 * run_chart.h
 *		A series about its median, and whether it is random: Anhoej's two rules.
 *
 * J. Anhoej and A. V. Olesen, "Run charts revisited: a simulation study of run chart rules for detection of non-random variation in health
 * care processes", PLoS ONE 9, 2014.  Of n useful points, those not on the centre line, the longest stretch on one side is signalled
 * above log2(n) + 3, rounded (M. F. Schilling, 2012), and the number of crossings of the line below the fifth percentile of a binomial
 * distribution of n - 1 trials of a half (Z. Chen, 2010).
 */
#ifndef NALOXONE_KPI_RUN_CHART_H
#define NALOXONE_KPI_RUN_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct run_chart_result
{
	int64_t		useful_points;
	int64_t		longest_run;
	int64_t		longest_run_limit;	/* a longer one is a signal; both limits are 0 where no point is useful */
	int64_t		crossings;
	int64_t		crossings_limit;	/* fewer are a signal */
	bool		is_long_run;
	bool		is_few_crossings;
} run_chart_result;

/* Values in their order about a centre line; NaN is no value.  What is missing or on the line is passed over. */
extern run_chart_result run_chart(const double *values, size_t num_values, double centre);

#endif							/* NALOXONE_KPI_RUN_CHART_H */
