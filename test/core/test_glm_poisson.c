/*
 * test_glm_poisson.c
 *		Log-linear models and the negative binomial distribution against R's figures (test/oracle/surveillance.R), and by their laws.
 */
#include "core/glm_poisson.h"

#include <math.h>

#include "core/negative_binomial.h"

#include "tap.h"

#define MAX_ROWS	1000

static double x[MAX_ROWS * GLM_MAX_COLUMNS];
static double y[MAX_ROWS];
static double weights[MAX_ROWS];
static double offset[MAX_ROWS];
static double fitted[MAX_ROWS];
static double hat[MAX_ROWS];
static double want_fitted[MAX_ROWS];
static double want_hat[MAX_ROWS];
static double largest_error;

static bool
is_close(double have, double want, double tolerance)
{
	double		error = fabs(have - want) / fmax(fabs(want), 1e-300);

	largest_error = have == want ? largest_error : fmax(largest_error, error);
	if (have == want || error <= tolerance)
		return true;
	printf("# have: %.17g\n# want: %.17g\n", have, want);
	return false;
}

/* A model of the file, of which these rows were read, with what R says of it. */
static void
check_model(const char *name, double epsilon, int num_rows, int num_columns, const double *want)
{
	glm_poisson_data data = {(size_t) num_rows, num_columns, x, y, offset, weights};
	glm_poisson_fit fit = {.fitted = fitted, .hat = hat};
	bool		all_close = true;

	/* Where a level has no cases its mean is wherever the iterations stop: only its sums are meant. */
	bool		has_limit = strcmp(name, "zeros") == 0;

	glm_poisson(&data, epsilon, GLM_MAX_ITERATIONS, &fit);
	ok(fit.converged == (want[4] != 0), "%s, %g: converged", name, epsilon);
	ok(fit.rank == num_columns, "%s, %g: rank", name, epsilon);
	ok(is_close(fit.deviance, want[0], 1e-9), "%s, %g: deviance", name, epsilon);
	ok(is_close(fit.pearson, want[1], has_limit ? 1e-7 : 1e-9), "%s, %g: Pearson's chi-squared", name, epsilon);
	ok(is_close(fit.coefficients[num_columns - 1], want[2], 1e-9), "%s, %g: slope", name, epsilon);
	ok(is_close(fit.covariance[num_columns - 1][num_columns - 1], want[3], 1e-9), "%s, %g: its variance", name, epsilon);
	for (int i = 0; i < num_rows; i++)
		if (!has_limit || y[i] > 0)
			all_close = is_close(fitted[i], want_fitted[i], 1e-9) && is_close(hat[i], want_hat[i], 1e-9) && all_close;
	ok(all_close, "%s, %g: fitted and hat values", name, epsilon);
}

static void
check_against_r(void)
{
	char		line[1024];
	char		name[32];
	char		before[32] = "";
	FILE	   *file = fopen("test/oracle/surveillance_glm.csv", "r");
	double		last_epsilon = 0;
	double		want[5] = {0};
	int			num_rows = 0;
	int			num_columns = 0;
	int			models = 0;
	bool		more = true;

	if (!ok(file != NULL && fgets(line, sizeof(line), file) != NULL, "test/oracle/surveillance_glm.csv is there"))
		return;
	while (more)
	{
		double		v[14] = {0};
		int			row = 0;

		more = fgets(line, sizeof(line), file) != NULL;
		if (more)
		{
			char	   *at = strchr(line, ',');

			*at++ = '\0';
			snprintf(name, sizeof(name), "%.31s", line);
			for (int i = 0; i < 14; i++, at += *at == ',')
				v[i] = strtod(at, &at);
			row = (int) v[1];
		}
		if (!more || row == 1)
		{
			if (num_rows > 0)
			{
				check_model(before, last_epsilon, num_rows, num_columns, want);
				models++;
			}
			num_rows = 0;
		}
		if (!more)
			break;
		strcpy(before, name);
		last_epsilon = v[0];
		num_columns = strcmp(name, "factor") == 0 || strcmp(name, "zeros") == 0 ? 5 : 2;
		for (int i = 0; i < num_columns - 1; i++)
			x[num_rows * num_columns + i] = i + 1 == (int) v[3] ? 1 : 0;
		x[num_rows * num_columns + num_columns - 1] = v[2];
		y[num_rows] = v[4];
		weights[num_rows] = v[5];
		offset[num_rows] = v[6];
		want_fitted[num_rows] = v[7];
		want_hat[num_rows] = v[8];
		for (int i = 0; i < 5; i++)
			want[i] = v[9 + i];
		num_rows++;
	}
	fclose(file);
	is_int(models, 10, "models");
	printf("# largest relative error beside R's glm(): %g\n", largest_error);
}

/* At the maximum of the likelihood weighted residuals are orthogonal to every column, and hat values add up to the rank. */
static void
check_laws(void)
{
	for (int round = 0; round < 300; round++)
	{
		int			n = 20 + (int) tap_random(60);
		int			p = 1 + (int) tap_random(6);
		glm_poisson_data data = {(size_t) n, p, x, y, round % 2 ? offset : NULL, round % 3 ? weights : NULL};
		glm_poisson_fit fit = {.fitted = fitted, .hat = hat};
		double		trace = 0;
		double		worst = 0;

		for (int i = 0; i < n; i++)
		{
			for (int j = 0; j < p; j++)
				x[i * p + j] = j == 0 ? 1 : tap_random(2000) / 1000. - 1;
			y[i] = 1 + tap_random(30);
			weights[i] = 0.1 + tap_random(100) / 50.;
			offset[i] = tap_random(100) / 50.;
		}
		glm_poisson(&data, 1e-14, 50, &fit);
		for (int j = 0; j < p; j++)
		{
			double		score = 0;

			for (int i = 0; i < n; i++)
				score += x[i * p + j] * (round % 3 ? weights[i] : 1) * (y[i] - fitted[i]);
			worst = fmax(worst, fabs(score));
		}
		for (int i = 0; i < n; i++)
			trace += hat[i];
		ok(fit.converged && worst < 1e-6 && fabs(trace - fit.rank) < 1e-9 && fit.rank == p, "laws, %d", round);
	}
}

static void
check_edges(void)
{
	glm_poisson_data data = {4, 3, x, y, NULL, NULL};
	glm_poisson_fit fit = {.fitted = fitted, .hat = hat};

	/* The third column is twice the second, and one without values is none. */
	for (int i = 0; i < 4; i++)
	{
		x[i * 3] = 1;
		x[i * 3 + 1] = i;
		x[i * 3 + 2] = 2 * i;
		y[i] = 1 << i;
	}
	glm_poisson(&data, 1e-14, 50, &fit);
	/* 1, 2, 4, 8 is a line of logarithms. */
	ok(fit.converged && fit.rank == 2 && fit.aliased[2] && fit.coefficients[2] == 0 && fabs(fit.coefficients[1] - log(2)) < 1e-12 &&
	   fabs(fit.coefficients[0]) < 1e-12, "a column that is a multiple of another");
	for (int i = 0; i < 4; i++)
		x[i * 3 + 2] = 0;
	glm_poisson(&data, 1e-14, 50, &fit);
	ok(fit.converged && fit.rank == 2 && fit.aliased[2] && fit.covariance[2][2] == 0, "a column without values");
	data.num_rows = 0;
	glm_poisson(&data, 1e-14, 50, &fit);
	ok(!fit.converged, "no row");
	data.num_rows = 1;
	data.num_columns = 1;
	y[0] = 7;
	glm_poisson(&data, 1e-14, 50, &fit);
	ok(fit.converged && fabs(fitted[0] - 7) < 1e-9 && fabs(hat[0] - 1) < 1e-12, "one row");
	y[0] = 0;
	glm_poisson(&data, 1e-8, 25, &fit);
	ok(isfinite(fit.deviance) && fitted[0] < 1e-6, "one zero");
	y[0] = 9e18;
	glm_poisson(&data, 1e-8, 25, &fit);
	ok(fit.converged && is_close(fitted[0], 9e18, 1e-9), "one of the largest counts");
}

static void
check_negative_binomial(void)
{
	char		line[256];
	FILE	   *file = fopen("test/oracle/surveillance_negative_binomial.csv", "r");
	int			rows = 0;

	largest_error = 0;
	if (!ok(file != NULL && fgets(line, sizeof(line), file) != NULL, "test/oracle/surveillance_negative_binomial.csv is there"))
		return;
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char	   *at = line;
		double		v[5];

		for (int i = 0; i < 5; i++, at++)
			v[i] = strtod(at, &at);
		ok(negative_binomial_upper_quantile(v[2], v[0], v[1]) == v[3], "quantile of mean %g, dispersion %g, tail %g", v[0], v[1], v[2]);
		/* What a probability near 1 leaves of 1 has its digits after the point. */
		ok(fabs(negative_binomial_above(v[3], v[0], v[1]) - v[4]) <= 1e-15 ||
		   is_close(negative_binomial_above(v[3], v[0], v[1]), v[4], 1e-10), "tail of mean %g, dispersion %g above %g", v[0], v[1], v[3]);
		ok(fabs(negative_binomial_above(v[3], v[0], v[1]) + negative_binomial_at_most(v[3], v[0], v[1]) - 1) < 1e-12, "and its other side");
		rows++;
	}
	fclose(file);
	is_int(rows, 180, "rows");
	printf("# largest relative error beside R's pnbinom() and ppois(): %g\n", largest_error);
	ok(negative_binomial_at_most(-1, 3, 2) == 0 && negative_binomial_above(-1, 3, 2) == 1, "below 0");
}

int
main(void)
{
	check_against_r();
	check_laws();
	check_edges();
	check_negative_binomial();
	return done_testing();
}
