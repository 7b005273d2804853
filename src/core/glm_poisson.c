/*
 * glm_poisson.c
 *		A log-linear model of counts, weighted, by iteratively reweighted least squares.  The sources are in the header.
 */
#include "core/glm_poisson.h"

#include <float.h>
#include <math.h>

/* What is left of a column, as a share of its square, after those before it: less is nothing but rounding. */
#define ALIAS_TOLERANCE		1e-13

#define MAX_HALVINGS		25

/* The decomposition of X'WX, its rows and columns divided by "scale". */
typedef struct normal_equations
{
	int			num_columns;
	double		scale[GLM_MAX_COLUMNS]; /* 0 for an aliased column */
	double		factor[GLM_MAX_COLUMNS][GLM_MAX_COLUMNS];	/* lower triangle */
} normal_equations;

static double
weight_of(const glm_poisson_data *data, size_t row)
{
	return data->weights != NULL ? data->weights[row] : 1;
}

static double
offset_of(const glm_poisson_data *data, size_t row)
{
	return data->offset != NULL ? data->offset[row] : 0;
}

/* A mean is never quite 0, as in R: what should be so small has no other trace. */
static double
mean_from_predictor(double predictor)
{
	return fmax(exp(predictor), DBL_EPSILON);
}

static double
row_deviance(double y, double mean)
{
	return 2 * (y > 0 ? y * log(y / mean) - (y - mean) : mean);
}

double
glm_predictor_at(const glm_poisson_fit *fit, int num_columns, const double *row)
{
	double		sum = 0;

	for (int i = 0; i < num_columns; i++)
		sum += row[i] * fit->coefficients[i];
	return sum;
}

double
glm_variance_at(const glm_poisson_fit *fit, int num_columns, const double *row)
{
	double		sum = 0;

	for (int i = 0; i < num_columns; i++)
	{
		double		product = 0;

		if (row[i] == 0)
			continue;
		for (int j = 0; j < num_columns; j++)
			if (row[j] != 0)
				product += fit->covariance[i][j] * row[j];
		sum += row[i] * product;
	}
	return fmax(0, sum);
}

static void
decompose(normal_equations *equations, double matrix[GLM_MAX_COLUMNS][GLM_MAX_COLUMNS], int num_columns)
{
	equations->num_columns = num_columns;
	for (int i = 0; i < num_columns; i++)
		equations->scale[i] = matrix[i][i] > 0 && isfinite(matrix[i][i]) ? sqrt(matrix[i][i]) : 0;
	for (int i = 0; i < num_columns; i++)
		for (int j = 0; j <= i; j++)
		{
			double		sum = 0;

			if (equations->scale[i] > 0 && equations->scale[j] > 0)
			{
				sum = matrix[i][j] / equations->scale[i] / equations->scale[j];
				for (int k = 0; k < j; k++)
					sum -= equations->factor[i][k] * equations->factor[j][k];
			}
			if (i > j)
				sum = equations->scale[j] > 0 ? sum / equations->factor[j][j] : 0;
			else if (sum > ALIAS_TOLERANCE)
				sum = sqrt(sum);
			else
				equations->scale[i] = sum = 0;
			equations->factor[i][j] = sum;
		}
}

/* Solves (X'WX) solution = right. */
static void
solve(const normal_equations *equations, const double *right, double *solution)
{
	int			n = equations->num_columns;

	for (int i = 0; i < n; i++)
	{
		double		sum = 0;

		if (equations->scale[i] > 0)
		{
			sum = right[i] / equations->scale[i];
			for (int k = 0; k < i; k++)
				sum -= equations->factor[i][k] * solution[k];
			sum /= equations->factor[i][i];
		}
		solution[i] = sum;
	}
	for (int i = n - 1; i >= 0; i--)
	{
		double		sum = solution[i];

		if (equations->scale[i] > 0)
		{
			for (int k = i + 1; k < n; k++)
				if (equations->scale[k] > 0)
					sum -= equations->factor[k][i] * solution[k];
			sum /= equations->factor[i][i];
		}
		solution[i] = sum;
	}
	for (int i = 0; i < n; i++)
		solution[i] = equations->scale[i] > 0 ? solution[i] / equations->scale[i] : 0;
}

/* X'WX and X'W times the working response less the linear predictor of the coefficients that there are. */
static void
make_equations(const glm_poisson_data *data, const glm_poisson_fit *fit, bool first, normal_equations *equations, double *right)
{
	double		matrix[GLM_MAX_COLUMNS][GLM_MAX_COLUMNS] = {{0}};
	int			n = data->num_columns;

	for (int i = 0; i < n; i++)
		right[i] = 0;
	for (size_t row = 0; row < data->num_rows; row++)
	{
		const double *x = data->x + row * (size_t) n;
		double		mean = fit->fitted[row];
		double		weight = weight_of(data, row) * mean;
		double		response = (data->y[row] - mean) / mean;

		/* The mean that it begins with is no function of coefficients. */
		if (first)
			response += log(mean) - offset_of(data, row);
		for (int i = 0; i < n; i++)
		{
			double		weighted = x[i] * weight;

			if (x[i] == 0)
				continue;
			right[i] += weighted * response;
			for (int j = 0; j <= i; j++)
				matrix[i][j] += weighted * x[j];
		}
	}
	decompose(equations, matrix, n);
}

/* Fitted values and deviance of the coefficients; "fit->hat" keeps the mean that the last least squares was weighted by. */
static double
fit_rows(const glm_poisson_data *data, glm_poisson_fit *fit)
{
	double		deviance = 0;

	for (size_t row = 0; row < data->num_rows; row++)
	{
		const double *x = data->x + row * (size_t) data->num_columns;

		fit->fitted[row] = mean_from_predictor(glm_predictor_at(fit, data->num_columns, x) + offset_of(data, row));
		deviance += weight_of(data, row) * row_deviance(data->y[row], fit->fitted[row]);
	}
	return deviance;
}

/* What follows from the last least squares: covariance, hat values, Pearson's chi-squared. */
static void
finish(const glm_poisson_data *data, const normal_equations *equations, glm_poisson_fit *fit)
{
	int			n = data->num_columns;

	fit->rank = 0;
	for (int j = 0; j < n; j++)
	{
		double		unit[GLM_MAX_COLUMNS] = {0};
		double		column[GLM_MAX_COLUMNS];

		fit->aliased[j] = !(equations->scale[j] > 0);
		fit->rank += !fit->aliased[j];
		unit[j] = 1;
		solve(equations, unit, column);
		for (int i = 0; i < n; i++)
			fit->covariance[i][j] = fit->aliased[j] ? 0 : column[i];
	}
	fit->pearson = 0;
	for (size_t row = 0; row < data->num_rows; row++)
	{
		const double *x = data->x + row * (size_t) n;
		double		weight = weight_of(data, row) * fit->hat[row];
		double		residual = (data->y[row] - fit->fitted[row]) / fit->fitted[row];

		fit->pearson += weight * residual * residual;
		fit->hat[row] = fmin(1, weight * glm_variance_at(fit, n, x));
	}
}

void
glm_poisson(const glm_poisson_data *data, double epsilon, int max_iterations, glm_poisson_fit *fit)
{
	normal_equations equations = {0};
	int			n = data->num_columns;

	fit->converged = false;
	fit->iterations = 0;
	fit->rank = 0;
	fit->deviance = fit->pearson = 0;
	for (int i = 0; i < n; i++)
		fit->coefficients[i] = 0;
	if (data->num_rows == 0 || n == 0)
		return;

	for (size_t row = 0; row < data->num_rows; row++)
	{
		fit->fitted[row] = data->y[row] + 0.1;
		fit->deviance += weight_of(data, row) * row_deviance(data->y[row], fit->fitted[row]);
	}
	while (!fit->converged && fit->iterations < max_iterations)
	{
		double		before = fit->deviance;
		double		old[GLM_MAX_COLUMNS];
		double		right[GLM_MAX_COLUMNS];
		double		step[GLM_MAX_COLUMNS];

		make_equations(data, fit, fit->iterations == 0, &equations, right);
		solve(&equations, right, step);
		for (size_t row = 0; row < data->num_rows; row++)
			fit->hat[row] = fit->fitted[row];
		for (int i = 0; i < n; i++)
		{
			old[i] = fit->coefficients[i];
			fit->coefficients[i] = equations.scale[i] > 0 ? old[i] + step[i] : 0;
		}
		fit->deviance = fit_rows(data, fit);
		for (int halvings = 0; !isfinite(fit->deviance) && halvings < MAX_HALVINGS && fit->iterations > 0; halvings++)
		{
			for (int i = 0; i < n; i++)
				fit->coefficients[i] = (fit->coefficients[i] + old[i]) / 2;
			fit->deviance = fit_rows(data, fit);
		}
		fit->iterations++;
		if (!isfinite(fit->deviance))
			break;
		fit->converged = fabs(fit->deviance - before) < epsilon * (fabs(fit->deviance) + 0.1);
	}
	finish(data, &equations, fit);
}
