/*
 * glm_poisson.h
 *		A log-linear model of counts, weighted, by iteratively reweighted least squares.
 *
 * J. A. Nelder and R. W. M. Wedderburn, "Generalized linear models", JRSS A 135, 1972; P. McCullagh and J. A. Nelder, Generalized
 * Linear Models, 2nd edition, 1989, section 2.5.  Start, stopping rule and what is computed at which iteration are those of R's glm(),
 * so that its figures are found to the digit: mu begins at y + 0.1; it stops where the deviance changes by less than epsilon of
 * itself plus 0.1; covariance, hat values and Pearson's chi-squared have the weights of the last step's least squares, which at
 * R's epsilon of 1e-8 may be off in the fifth digit.  A smaller epsilon gives the maximum of the likelihood itself.
 *
 * The normal equations are solved by Cholesky decomposition of their scaled matrix: a column of large numbers that differ little,
 * such as years, should be given less its mean.  Zeros in the rows cost nothing, so that a factor may have a column a level.
 */
#ifndef NALOXONE_KPI_GLM_POISSON_H
#define NALOXONE_KPI_GLM_POISSON_H

#include <stdbool.h>
#include <stddef.h>

#define GLM_MAX_COLUMNS		16

/* R's, of glm.control(). */
#define GLM_EPSILON			1e-8
#define GLM_MAX_ITERATIONS	25

typedef struct glm_poisson_data
{
	size_t		num_rows;
	int			num_columns;	/* up to GLM_MAX_COLUMNS; a constant is one of them */
	const double *x;			/* num_columns values a row */
	const double *y;			/* not negative */
	const double *offset;		/* added to the linear predictor, or NULL */
	const double *weights;		/* positive, or NULL for 1 */
} glm_poisson_data;

typedef struct glm_poisson_fit
{
	bool		converged;
	int			iterations;
	int			rank;			/* columns that are not a combination of those before them */
	bool		aliased[GLM_MAX_COLUMNS];	/* those that are: coefficient and covariance 0 */
	double		coefficients[GLM_MAX_COLUMNS];
	double		covariance[GLM_MAX_COLUMNS][GLM_MAX_COLUMNS];	/* for dispersion 1 */
	double		deviance;
	double		pearson;		/* chi-squared */
	double	   *fitted;			/* the caller's room for num_rows each */
	double	   *hat;
} glm_poisson_fit;

/*
 * Fits the model in at least one step.  "fit" brings its two arrays; everything else in it is set.  Where it is not converged the
 * figures are those of the last step, and need not be finite.  No row, no column: not converged, no figures.
 */
extern void glm_poisson(const glm_poisson_data *data, double epsilon, int max_iterations, glm_poisson_fit *fit);

/* The variance, for dispersion 1, of the linear predictor at a row of values. */
extern double glm_variance_at(const glm_poisson_fit *fit, int num_columns, const double *row);

/* The linear predictor at a row of values, without an offset. */
extern double glm_predictor_at(const glm_poisson_fit *fit, int num_columns, const double *row);

#endif							/* NALOXONE_KPI_GLM_POISSON_H */
