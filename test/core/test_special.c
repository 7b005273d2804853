/*
 * test_special.c
 *		Every function against test/oracle/special.csv and special_quantile.csv, whose figures come from arithmetic of fifty digits and more,
 *		SciPy and R.
 */
#include "core/special.h"

#include <float.h>
#include <math.h>

#include "tap.h"

/* The next field of a line of a CSV without quotes, as a number; 0 where it is empty. */
static double
next_number(char **at)
{
	double		value = strtod(*at, NULL);

	*at += strcspn(*at, ",\n");
	if (**at == ',')
		(*at)++;
	return value;
}

typedef struct checked_function
{
	const char *name;
	double		tolerance;		/* relative */
	int			checks;
	double		worst;
} checked_function;

static double
call(const char *name, const double *x)
{
	if (strcmp(name, "gamma_lower") == 0)
		return gamma_lower(x[0], x[1]);
	if (strcmp(name, "gamma_upper") == 0)
		return gamma_upper(x[0], x[1]);
	if (strcmp(name, "chi_squared_upper_tail") == 0)
		return chi_squared_upper_tail(x[1], x[0]);
	if (strcmp(name, "beta_regularised") == 0)
		return beta_regularised(x[0], x[1], x[2], x[3]);
	if (strcmp(name, "binomial_at_most") == 0)
		return binomial_at_most((int64_t) x[0], (int64_t) x[1], x[2]);
	if (strcmp(name, "binomial_above") == 0)
		return binomial_above((int64_t) x[0], (int64_t) x[1], x[2]);
	if (strcmp(name, "binomial_quantile") == 0)
		return (double) binomial_quantile(x[0], (int64_t) x[1], x[2]);
	if (strcmp(name, "gamma_lower_quantile") == 0)
		return gamma_lower_quantile(x[0], x[1]);
	if (strcmp(name, "gamma_upper_quantile") == 0)
		return gamma_upper_quantile(x[0], x[1]);
	if (strcmp(name, "beta_lower_odds") == 0)
		return beta_lower_odds(x[0], x[1], x[2]);
	if (strcmp(name, "beta_upper_odds") == 0)
		return beta_upper_odds(x[0], x[1], x[2]);
	if (strcmp(name, "student_t_two_sided_quantile") == 0)
		return student_t_two_sided_quantile(x[0], x[1]);
	if (strcmp(name, "student_t_upper_tail") == 0)
		return student_t_upper_tail(x[0], x[1]);
	if (strcmp(name, "binomial_two_sided") == 0)
		return binomial_two_sided((int64_t) x[0], (int64_t) x[1], x[2], x[3]);
	if (strcmp(name, "kolmogorov_upper_tail") == 0)
		return kolmogorov_upper_tail(x[0]);
	return normal_upper_tail(x[0]);
}

static checked_function functions[] = {
	{"gamma_lower", 1e-12, 0, 0},
	{"gamma_upper", 1e-12, 0, 0},
	{"gamma_lower_quantile", 1e-12, 0, 0},
	{"gamma_upper_quantile", 1e-12, 0, 0},
	{"chi_squared_upper_tail", 1e-12, 0, 0},
	{"beta_regularised", 1e-12, 0, 0},
	{"beta_lower_odds", 1e-12, 0, 0},
	{"beta_upper_odds", 1e-12, 0, 0},
	{"student_t_upper_tail", 1e-12, 0, 0},
	{"student_t_two_sided_quantile", 1e-12, 0, 0},
	{"binomial_at_most", 1e-12, 0, 0},
	{"binomial_above", 1e-12, 0, 0},
	{"binomial_two_sided", 1e-12, 0, 0},
	{"binomial_quantile", 0, 0, 0},
	{"kolmogorov_upper_tail", 1e-12, 0, 0},
	{"normal_upper_tail", 1e-12, 0, 0},
};

static void
check_against_figures(const char *name)
{
	FILE	   *file = fopen(name, "r");
	char		line[512];

	if (!ok(file != NULL, "%s is there", name))
		return;
	while (fgets(line, sizeof(line), file) != NULL)
	{
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		{
			checked_function *function = &functions[i];
			size_t		length = strlen(function->name);
			char	   *at = line + length + 1;
			double		x[4];
			double		want;
			double		have;
			double		difference;

			if (strncmp(line, function->name, length) != 0 || line[length] != ',')
				continue;
			for (int j = 0; j < 4; j++)
				x[j] = next_number(&at);
			want = next_number(&at);
			have = call(function->name, x);
			difference = fabs(have - want) / (want == 0 ? 1 : fabs(want));
			function->checks++;
			if (difference > function->worst)
				function->worst = difference;
			if (!(difference <= function->tolerance))
				ok(0, "%s(%.17g, %.17g, %.17g, %.17g) is %.17g, not %.17g", function->name, x[0], x[1], x[2], x[3], have, want);
		}
	}
	fclose(file);
}

static void
report_figures(void)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
	{
		ok(functions[i].checks > 10, "%s: %d figures", functions[i].name, functions[i].checks);
		printf("# largest relative difference: %.1e\n", functions[i].worst);
	}
}

/* What R's qbinom gives for the ranks of the interval of a quantile. */
static void
check_quantile_ranks(void)
{
	const char *shared = getenv("NALOXONE_KPI_SHARED");
	char		name[1024];
	char		line[1024];
	FILE	   *file;
	int			checks = 0;
	int			failures = 0;

	if (shared == NULL)
	{
		ok(1, "ranks of quantiles # SKIP NALOXONE_KPI_SHARED is not set");
		return;
	}
	snprintf(name, sizeof(name), "%s/oracles/quantile_ci_expected.csv", shared);
	file = fopen(name, "r");
	if (!ok(file != NULL, "quantile_ci_expected.csv is there"))
		return;
	if (fgets(line, sizeof(line), file) == NULL)
		ok(0, "it has a heading");
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char	   *at = strchr(line, ',') + 1;
		double		p = next_number(&at);
		double		alpha = 1 - next_number(&at);
		int64_t		trials = (int64_t) next_number(&at);
		int64_t		lower = (int64_t) next_number(&at);
		int64_t		upper = (int64_t) next_number(&at);

		checks++;
		if (binomial_quantile(alpha / 2, trials, p) != lower || binomial_quantile(1 - alpha / 2, trials, p) + 1 != upper)
		{
			failures++;
			printf("# %s", line);
		}
	}
	fclose(file);
	ok(checks > 80 && failures == 0, "the ranks of %d intervals of quantiles are those of R's qbinom", checks);
}

/* Both tails together are 1; at the mean of ever larger distributions they come close to a half in a known way. */
static void
check_large(void)
{
	static const double sizes[] = {199.99, 200, 1e3, 1e8, 1e12, 1e15, 1e100};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		double		a = sizes[i];
		/* The first two terms at the mean: Q(a, a) = 1/2 - 1 / (3 sqrt(2 pi a)) + ..., DLMF 8.11.12. */
		double		want = 0.5 - 1 / (3 * sqrt(2 * acos(-1.0) * a));

		ok(fabs(gamma_upper(a, a) - want) <= 0.01 / a / sqrt(a) + 2 * DBL_EPSILON, "gamma at the mean of %g", a);
		ok(fabs(beta_regularised(a, a, 0.5, 0.5) - 0.5) <= 8 * DBL_EPSILON, "beta at the mean of %g and %g", a, a);
		ok(fabs(gamma_lower(a, 1.01 * a) + gamma_upper(a, 1.01 * a) - 1) <= DBL_EPSILON, "both tails of gamma, %g", a);
	}
	/* Just below and just above where the expansion begins to be used. */
	for (double x = 120; x < 300; x += 7)
	{
		double		step = 1e-9;
		double		below = gamma_upper(200 - step, x);
		double		above = gamma_upper(200, x);

		ok(fabs(above - below) <= 1e-8 * above, "gamma_upper has no step at 200, %g", x);
	}
}

static void
check_edges(void)
{
	int64_t		most = INT64_C(1) << 53;

	ok(gamma_lower(3, 0) == 0 && gamma_upper(3, 0) == 1, "gamma at 0");
	ok(gamma_lower(3, INFINITY) == 1 && gamma_upper(3, INFINITY) == 0, "gamma at infinity");
	ok(gamma_lower(3, 1e300) == 1 && gamma_upper(3, 1e300) == 0, "gamma far out");
	ok(beta_regularised(2, 3, 0, 1) == 0 && beta_regularised(2, 3, 1, 0) == 1, "beta at the ends");
	ok(isnan(gamma_lower(3, NAN)) && isnan(beta_regularised(2, 3, NAN, NAN)), "what is not a number stays so and ends");

	ok(binomial_at_most(-1, 10, 0.3) == 0 && binomial_above(-1, 10, 0.3) == 1, "binomial below 0");
	ok(binomial_at_most(10, 10, 0.3) == 1 && binomial_above(10, 10, 0.3) == 0, "binomial, all");
	ok(binomial_at_most(11, 10, 0.3) == 1 && binomial_above(11, 10, 0.3) == 0, "binomial, more than all");
	ok(binomial_at_most(0, 10, 0) == 1 && binomial_above(0, 10, 0) == 0, "binomial that never happens");
	ok(binomial_at_most(9, 10, 1) == 0 && binomial_above(9, 10, 1) == 1, "binomial that always happens");
	ok(binomial_at_most(0, 0, 0.3) == 1 && binomial_above(0, 0, 0.3) == 0, "binomial without trials");

	is_int(binomial_quantile(0, 10, 0.3), 0, "quantile at 0");
	is_int(binomial_quantile(1, 10, 0.3), 10, "quantile at 1");
	is_int(binomial_quantile(1, 10, 0), 10, "quantile at 1 of what never happens, as R has it");
	is_int(binomial_quantile(0, 10, 1), 0, "quantile at 0 of what always happens, as R has it");
	is_int(binomial_quantile(0.5, 10, 0), 0, "quantile of what never happens");
	is_int(binomial_quantile(1e-300, 10, 1), 10, "quantile of what always happens");
	is_int(binomial_quantile(0.5, 0, 0.3), 0, "quantile without trials");
	is_int(binomial_quantile(0.5, most, 0.5), most / 2, "the median of 2^53 throws of a coin");
	/* The normal approximation is good to far less than 1 there: 2^52 - 1/2 - 1.959963984540054 * 2^25.5 is ...064.23. */
	is_int(binomial_quantile(0.025, most, 0.5), INT64_C(4503599534364065), "a fortieth of 2^53 throws of a coin");
	is_int(binomial_quantile(0.975, most, 0.5), INT64_C(4503599720376927), "the rest of them");
	is_int(binomial_quantile(DBL_MIN, most, 0), 0, "quantile of 2^53 trials, lowest");
	is_int(binomial_quantile(1 - DBL_EPSILON / 2, most, 1), most, "quantile of 2^53 trials, highest");

	ok(kolmogorov_upper_tail(0) == 1 && kolmogorov_upper_tail(-1) == 1, "Kolmogorov at 0 and below");
	ok(kolmogorov_upper_tail(1e-200) == 1 && kolmogorov_upper_tail(1e200) == 0, "Kolmogorov at the ends");
	ok(gamma_lower_quantile(3, 0) == 0 && gamma_lower_quantile(3, 1) == INFINITY, "the quantiles of gamma at the ends");
	ok(gamma_upper_quantile(3, 0) == INFINITY && gamma_upper_quantile(3, 1) == 0, "and of its upper tail");
	ok(beta_lower_odds(3, 4, 0) == 0 && beta_lower_odds(3, 4, 1) == INFINITY, "the quantiles of beta at the ends");
	ok(beta_upper_odds(3, 4, 0) == INFINITY && beta_upper_odds(3, 4, 1) == 0, "and of its upper tail");
	ok(proportion_of_odds(0) == 0 && proportion_of_odds(INFINITY) == 1 && proportion_of_odds(1) == 0.5, "a proportion and its odds");
	ok(student_t_upper_tail(0, 5) == 0.5 && student_t_upper_tail(INFINITY, 5) == 0 && student_t_upper_tail(-INFINITY, 5) == 1
	   && student_t_upper_tail(1e300, 5) == 0, "Student's t at the ends");
	ok(student_t_upper_tail(-1.5, 7) == 1 - student_t_upper_tail(1.5, 7), "Student's t is symmetric");
	ok(fabs(student_t_two_sided_quantile(0.95, INFINITY) - 1.959963984540054) < 1e-15, "with degrees of freedom without end it is normal");
	ok(fabs(student_t_two_sided_quantile(0.95, 9e18) - 1.959963984540054) < 1e-12, "and nearly so with very many");
	ok(binomial_two_sided(3, 10, 0.3, 0.7) == 1 && binomial_two_sided(0, 0, 0.3, 0.7) == 1, "two-sided, as expected");
	ok(binomial_log_density(-1, 5, 0.5, 0.5) == -INFINITY && binomial_log_density(6, 5, 0.5, 0.5) == -INFINITY
	   && binomial_log_density(0, 0, 0.5, 0.5) == 0, "a density outside");
	ok(normal_upper_tail(0) == 0.5 && normal_upper_tail(INFINITY) == 0 && normal_upper_tail(-INFINITY) == 1, "normal");
}

/* A quantile's tail is the probability that was asked for, and it grows with that. */
static void
check_quantiles(void)
{
	int			failures = 0;

	for (int i = 0; i < 4000; i++)
	{
		double		a = exp(tap_random(16000) / 1000.0);
		double		b = exp(tap_random(16000) / 1000.0);
		double		p = i % 2 == 0 ? exp(-(double) tap_random(27000) / 1000.0) * 0.999 : tap_random(999) / 1000.0 + 0.0005;
		double		x = gamma_lower_quantile(a, p);
		double		odds = beta_lower_odds(a, b, p);

		failures += !(fabs(gamma_lower(a, x) / p - 1) < 1e-10) + !(gamma_lower_quantile(a, p * 1.001) > x);
		x = gamma_upper_quantile(a, p);
		failures += !(fabs(gamma_upper(a, x) / p - 1) < 1e-10) + !(gamma_upper_quantile(a, p * 1.001) < x);
		failures += !(fabs(beta_regularised(a, b, proportion_of_odds(odds), proportion_of_odds(1 / odds)) / p - 1) < 1e-10);
		failures += !(beta_lower_odds(a, b, p * 1.001) > odds) + !(fabs(1 / beta_upper_odds(b, a, p) / odds - 1) < 1e-14);
	}
	is_int(failures, 0, "4000 quantiles of gamma and beta give their probability back");
}

int
main(void)
{
	check_against_figures("test/oracle/special.csv");
	check_against_figures("test/oracle/special_quantile.csv");
	report_figures();
	check_quantile_ranks();
	check_large();
	check_quantiles();
	check_edges();
	return done_testing();
}
