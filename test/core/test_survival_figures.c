/*
 * test_survival_figures.c
 *		Survival, hazard, incidence, quantiles, means and the log-rank test: small tables worked by hand, figures of R's survival
 *		and cmprsk (test/oracle/survival.R), and the figures shared between projects where they are there.
 *		Random people: test_survival_random.c
 */
#include "survival_steps.h"

#define MAX_GROUPS	8
#define TOLERANCE	1e-10

/* ------------------------------------------------------------------ tables of figures */

typedef struct table
{
	char	   *text;
	char	  **fields;			/* the header's first, row after row */
	size_t		num_columns;
	size_t		num_rows;		/* without the header */
} table;

static table
read_table(const char *directory, const char *name)
{
	table		t = {0};
	char		path[1024];
	FILE	   *file;
	long		size;
	size_t		num_fields = 0;
	size_t		room = 1;

	snprintf(path, sizeof(path), "%s/%s.csv", directory, name);
	file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
	{
		printf("Bail out! cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	t.text = calloc((size_t) size + 1, 1);
	if (t.text == NULL || fread(t.text, 1, (size_t) size, file) != (size_t) size)
		abort();
	fclose(file);
	for (char *c = t.text; *c != '\0'; c++)
		room += *c == ',' || *c == '\n';
	t.fields = malloc(room * sizeof(char *));
	if (t.fields == NULL)
		abort();
	for (char *c = t.text; *c != '\0';)
	{
		size_t		length = strcspn(c, ",\r\n");
		char	   *end = c + length;

		t.fields[num_fields++] = c;
		c = end + (*end != '\0') + (*end == '\r');	/* lines may end as on Windows */
		if (*end != ',' && t.num_columns == 0)
			t.num_columns = num_fields;
		*end = '\0';
	}
	t.num_rows = num_fields / t.num_columns - 1;
	return t;
}

static void
release_table(table *t)
{
	free(t->fields);
	free(t->text);
}

static const char *
text_at(const table *t, size_t row, const char *column)
{
	for (size_t i = 0; i < t->num_columns; i++)
		if (strcmp(t->fields[i], column) == 0)
			return t->fields[(row + 1) * t->num_columns + i];
	printf("Bail out! no column %s\n", column);
	exit(EXIT_FAILURE);
}

/* An empty field is what cannot be said. */
static double
number_at(const table *t, size_t row, const char *column)
{
	const char *text = text_at(t, row, column);

	return *text == '\0' ? NAN : strtod(text, NULL);
}

/* ------------------------------------------------------------------ people of a case */

/* Where a file of people has what; "group" and "count" may be NULL. */
typedef struct people
{
	const table *table;
	const char *cause;
	const char *group;
	const char *count;
} people;

/* The power of ten that makes all times of a case whole; 0 if none up to a thousand does. */
static double
find_unit(const people *p, const char *case_id)
{
	for (double unit = 1; unit <= 1000; unit *= 10)
	{
		bool		whole = true;

		for (size_t row = 0; row < p->table->num_rows; row++)
		{
			double		time = number_at(p->table, row, "time") * unit;

			if (strcmp(text_at(p->table, row, "case_id"), case_id) == 0 && fabs(time - round(time)) > 1e-9)
				whole = false;
		}
		if (whole)
			return unit;
	}
	return 0;
}

/* The steps of a case, of all groups or one, counting "cause" apart. */
static size_t
make_steps(const people *p, const char *case_id, const char *group, int cause, double unit, survival_step *steps)
{
	size_t		num_rows = 0;

	for (size_t row = 0; row < p->table->num_rows; row++)
	{
		survival_step step = {0};
		int64_t		count = p->count == NULL ? 1 : (int64_t) number_at(p->table, row, p->count);
		int			had = (int) number_at(p->table, row, p->cause);

		if (strcmp(text_at(p->table, row, "case_id"), case_id) != 0 ||
			(group != NULL && strcmp(text_at(p->table, row, p->group), group) != 0))
			continue;
		step.time = (int64_t) round(number_at(p->table, row, "time") * unit);
		step.num_events = had != 0 ? count : 0;
		step.num_of_cause = had == cause ? count : 0;
		step.num_censored = had == 0 ? count : 0;
		if (num_rows == MAX_STEPS)
			abort();
		steps[num_rows++] = step;
	}
	return finish_steps(steps, num_rows);
}

/* The next case of a file of people, NULL after the last. */
static const char *
next_case(const people *p, size_t *row)
{
	while (*row < p->table->num_rows)
	{
		const char *id = text_at(p->table, *row, "case_id");
		bool		first = *row == 0 || strcmp(text_at(p->table, *row - 1, "case_id"), id) != 0;

		(*row)++;
		if (first)
			return id;
	}
	return NULL;
}

/* ------------------------------------------------------------------ comparing */

static double
time_or_nan(survival_time time, double unit)
{
	return time.reached ? time.time / unit : NAN;
}

static void
compare_limits(bool has, const confidence_limits *limits, double lower, double upper, const char *what, const char *case_id,
			   double where)
{
	compare(has ? limits->lower : NAN, lower, TOLERANCE, what, case_id, where);
	compare(has ? limits->upper : NAN, upper, TOLERANCE, what, case_id, where);
}

static size_t
step_at(const survival_step *steps, size_t num_steps, double time)
{
	for (size_t i = 0; i < num_steps; i++)
		if (steps[i].time == (int64_t) round(time))
			return i;
	printf("Bail out! no step at %g\n", time);
	exit(EXIT_FAILURE);
}

static survival_scale
scale_named(const char *name)
{
	survival_scale scale;

	if (!find_survival_scale(name, &scale))
		abort();
	return scale;
}

/* ------------------------------------------------------------------ worked by hand */

static void
by_hand(void)
{
	/* Events at 1, 3 and 4, somebody censored at 2. */
	const survival_step one[] = {{1, 4, 1, 1, 0}, {2, 3, 0, 0, 1}, {3, 2, 1, 1, 0}, {4, 1, 1, 1, 0}};

	/* Nobody censored; the causes are 1, another and 1, then another again. */
	const survival_step two[] = {{1, 4, 1, 1, 0}, {2, 3, 1, 0, 0}, {3, 2, 1, 1, 0}, {4, 1, 1, 0, 0}};

	/* Two are censored before anybody has an event, one between events of another cause; the cause itself comes last. */
	const survival_step late[] = {
		{1, 8, 0, 0, 2}, {2, 6, 1, 0, 0}, {3, 5, 1, 0, 0}, {5, 4, 0, 0, 1}, {8, 3, 1, 0, 0}, {13, 2, 1, 1, 0}
	};

	/* Events at 1 and 3 in one group, at 2 and 4 in the other; and two who are gone before any event. */
	const survival_step odd[] = {{1, 2, 1, 0, 0}, {3, 1, 1, 0, 0}};
	const survival_step even[] = {{2, 2, 1, 0, 0}, {4, 1, 1, 0, 0}};
	const survival_step gone[] = {{0, 2, 0, 0, 2}};
	const survival_step once[] = {{6, 3, 3, 0, 0}};
	const survival_group groups[] = {{odd, 2}, {even, 2}, {gone, 1}};
	const survival_group all_once[] = {{once, 1}, {once, 1}};
	survival_point points[4];
	incidence_point incidences[6];
	confidence_limits limits;
	survival_quantile quantile;
	restricted_mean mean;
	survival_scale scale;
	double		workspace[LOG_RANK_WORKSPACE(3)];
	double		chi_squared;
	int			degrees;

	ok(find_survival_scale("log", &scale) && scale == SCALE_LOG && find_survival_scale("log-log", &scale) &&
	   scale == SCALE_LOG_LOG && find_survival_scale("plain", &scale) && scale == SCALE_PLAIN, "scales by name");
	ok(!find_survival_scale("Log", &scale) && !find_survival_scale("", &scale) && !find_survival_scale("logit", &scale),
	   "no other name is a scale");

	survival_curve(one, 4, points);
	ok(points[0].survival == 0.75 && points[1].survival == 0.75 && points[2].survival == 0.375 && points[3].survival == 0,
	   "Kaplan-Meier by hand");
	compare(points[0].survival_error, sqrt(0.75 * 0.75 / 12), 1e-15, "Greenwood", "one", 1);
	compare(points[2].survival_error, sqrt(0.375 * 0.375 * (1.0 / 12 + 1.0 / 2)), 1e-15, "Greenwood", "one", 3);
	compare(points[3].survival_error, NAN, 0, "Greenwood", "one", 4);
	compare(points[3].hazard, 1.75, 1e-15, "hazard", "one", 4);
	compare(points[3].hazard_error, sqrt(1.0 / 16 + 1.0 / 4 + 1), 1e-15, "error of the hazard", "one", 4);
	/* Of a quarter survival is level from 1 to 3; of all it comes to 0 at the last time. */
	quantile = find_survival_quantile(one, points, 4, 0.25, SCALE_LOG, 0.95);
	compare(time_or_nan(quantile.value, 1), 2, 0, "quantile", "one", 0.25);
	quantile = find_survival_quantile(one, points, 4, 0.5, SCALE_LOG, 0.95);
	compare(time_or_nan(quantile.value, 1), 3, 0, "quantile", "one", 0.5);
	quantile = find_survival_quantile(one, points, 4, 1, SCALE_LOG, 0.95);
	compare(time_or_nan(quantile.value, 1), 4, 0, "quantile", "one", 1);
	mean = find_restricted_mean(one, points, 4, 4);
	compare(mean.mean, 1 + 0.75 * 2 + 0.375, 1e-15, "mean", "one", 4);
	compare(mean.error, sqrt(1.875 * 1.875 / 12 + 0.375 * 0.375 / 2), 1e-15, "error of the mean", "one", 4);
	mean = find_restricted_mean(one, points, 4, 0.5);
	compare(mean.mean, 0.5, 0, "mean", "one", 0.5);
	compare(mean.error, 0, 0, "error of the mean", "one", 0.5);
	all_same("a table of four worked by hand");
	/* The limits are 1.96 standard errors away, as R's qnorm(0.975) has it. */
	ok(hazard_limits(&points[3], 0.95, &limits), "a hazard above 0 has limits");
	compare(limits.lower, 1.75 / exp(1.959963984540054 * sqrt(1.3125) / 1.75), 1e-15, "lower limit of the hazard", "one", 4);
	compare(limits.upper, 1.75 * exp(1.959963984540054 * sqrt(1.3125) / 1.75), 1e-15, "upper limit of the hazard", "one", 4);
	limits = restricted_mean_limits(&(restricted_mean) {3, 0.5}, 0.95);
	compare(limits.lower, 3 - 1.959963984540054 / 2, 1e-15, "lower limit of the mean", "one", 4);
	compare(limits.upper, 3 + 1.959963984540054 / 2, 1e-15, "upper limit of the mean", "one", 4);
	all_same("limits of a hazard and of a mean by hand");
	ok(!hazard_limits(&(survival_point) {.survival = 1}, 0.95, &limits), "a hazard of 0 has no limits");
	ok(!survival_limits(&points[3], SCALE_LOG_LOG, 0.95, &limits) && !survival_limits(&points[3], SCALE_LOG, 0.95, &limits) &&
	   !survival_limits(&points[3], SCALE_PLAIN, 0.95, &limits), "survival of 0 has no limits");
	ok(!incidence_limits(0, 0, SCALE_LOG_LOG, 0.95, &limits) && !incidence_limits(0, 0, SCALE_LOG, 0.95, &limits) &&
	   !incidence_limits(1, 0, SCALE_LOG_LOG, 0.95, &limits), "what has no limits of an incidence of 0 or 1");
	ok(incidence_limits(0, 0, SCALE_PLAIN, 0.95, &limits) && limits.lower == 0 && limits.upper == 0 &&
	   incidence_limits(1, 0, SCALE_LOG, 0.95, &limits) && limits.lower == 1 && limits.upper == 1, "and what has");

	/* With nobody censored an incidence is a share of four: its variance by the jackknife is p (1 - p) / 4. */
	incidence_curve(two, 4, incidences);
	ok(incidences[0].incidence == 0.25 && incidences[1].incidence == 0.25 && incidences[2].incidence == 0.5 &&
	   incidences[3].incidence == 0.5, "Aalen-Johansen by hand");
	for (int i = 0; i < 4; i++)
		compare(incidences[i].jackknife_error, sqrt(incidences[i].incidence * (1 - incidences[i].incidence) / 4), 1e-15,
				"jackknife", "two", i + 1);
	/* The first increment, 1 of 4, has the variance 1 . 3 / (16 . 3), and nothing has changed what it is worth. */
	compare(incidences[0].aalen_error, 0.25, 1e-15, "Aalen's error", "two", 1);
	compare(incidences[1].aalen_error, 0.25, 1e-15, "Aalen's error", "two", 2);
	/* Derivatives (1/4 + 1/4) / (3/4), -(3/4) (1/4) / (1/2) and 1/2; variances 1/16, 1 . 2 / (9 . 2) and 1 . 1 / (4 . 1). */
	compare(incidences[2].aalen_error, sqrt(4.0 / 9 / 16 + 9.0 / 64 / 9 + 0.25 / 4), 1e-15, "Aalen's error", "two", 3);
	all_same("an incidence worked by hand");
	incidence_curve(late, 6, incidences);
	for (int i = 0; i < 5; i++)
		compare(incidences[i].incidence + incidences[i].jackknife_error + incidences[i].aalen_error, 0, 0, "all", "late", i);
	all_same("an incidence of 0 has no error, whoever has left");
	ok(incidences[5].incidence > 0 && incidences[5].jackknife_error > 0 && incidences[5].aalen_error > 0, "and then it has");

	num_checks = 0;
	ok(log_rank(groups, 2, workspace, count_check, &chi_squared, &degrees) && degrees == 1, "log-rank of two groups");
	ok(num_checks >= 4 + 2, "it can be interrupted at each time and each group");
	compare(chi_squared, 8.0 / 13, 1e-15, "chi-squared", "two groups", 0);
	ok(log_rank(groups, 3, workspace, count_check, &chi_squared, &degrees) && degrees == 1, "a group gone before any event adds nothing");
	compare(chi_squared, 8.0 / 13, 1e-15, "chi-squared", "three groups", 0);
	all_same("log-rank by hand");
	ok(!log_rank(groups, 0, workspace, count_check, &chi_squared, &degrees), "log-rank of nothing");
	ok(!log_rank(groups, 1, workspace, count_check, &chi_squared, &degrees), "log-rank of one group");
	ok(!log_rank(groups + 1, 2, workspace, count_check, &chi_squared, &degrees), "log-rank of one group and one that is gone");
	ok(!log_rank(all_once, 2, workspace, count_check, &chi_squared, &degrees), "log-rank where all have the event at once");

	survival_curve(NULL, 0, NULL);
	incidence_curve(NULL, 0, NULL);
	quantile = find_survival_quantile(NULL, NULL, 0, 0.5, SCALE_LOG_LOG, 0.95);
	mean = find_restricted_mean(NULL, NULL, 0, 3);
	ok(!quantile.value.reached && !quantile.lower.reached && !quantile.upper.reached && mean.mean == 3 && mean.error == 0,
	   "no steps");

	/*
	 * Seven of seventy and no more: 1 - survival comes out just below 0.1.  R gives 5 too if it is asked for 0.05 as well.
	 */
	{
		const survival_step level[] = {{1, 70, 3, 0, 0}, {2, 67, 4, 0, 0}, {8, 63, 0, 0, 63}};

		survival_curve(level, 3, points);
		quantile = find_survival_quantile(level, points, 3, 0.1, SCALE_LOG, 0.95);
		ok(quantile.value.reached && quantile.value.time == 5, "a level that is met up to rounding, at the end");
	}
}

/* ------------------------------------------------------------------ figures of R */

static void
against_r(void)
{
	static const char *const scales[][3] = {
		{"log-log", "lower_log_log", "upper_log_log"},
		{"log", "lower_log", "upper_log"},
		{"plain", "lower_plain", "upper_plain"}
	};
	static survival_step steps[MAX_STEPS];
	static survival_step of_groups[MAX_GROUPS][MAX_STEPS];
	static survival_point points[MAX_STEPS];
	static incidence_point incidences[MAX_STEPS];
	table		inputs = read_table("test/oracle", "survival_inputs");
	table		km = read_table("test/oracle", "survival_km");
	table		quantiles = read_table("test/oracle", "survival_quantile");
	table		means = read_table("test/oracle", "survival_mean");
	table		causes = read_table("test/oracle", "survival_incidence");
	table		tests = read_table("test/oracle", "survival_log_rank");
	people		p = {&inputs, "cause", "grp", "count"};
	const char *id;
	int			num_cases = 0;

	for (size_t next = 0; (id = next_case(&p, &next)) != NULL;)
	{
		size_t		num_steps = make_steps(&p, id, NULL, 1, 1, steps);
		int			cause = 1;
		char		name[128];
		confidence_limits limits;

		num_cases++;
		survival_curve(steps, num_steps, points);
		for (size_t row = 0; row < km.num_rows; row++)
		{
			double		time = number_at(&km, row, "time");
			size_t		at;

			if (strcmp(text_at(&km, row, "case_id"), id) != 0)
				continue;
			at = step_at(steps, num_steps, time);
			compare((double) steps[at].num_at_risk, number_at(&km, row, "num_at_risk"), 0, "at risk", id, time);
			compare(points[at].survival, number_at(&km, row, "survival"), TOLERANCE, "survival", id, time);
			compare(points[at].survival_error, number_at(&km, row, "survival_error"), TOLERANCE, "its error", id, time);
			compare(points[at].hazard, number_at(&km, row, "hazard"), TOLERANCE, "hazard", id, time);
			compare(points[at].hazard_error, number_at(&km, row, "hazard_error"), TOLERANCE, "its error", id, time);
			for (size_t s = 0; s < 3; s++)
				compare_limits(survival_limits(&points[at], scale_named(scales[s][0]), 0.95, &limits), &limits,
							   number_at(&km, row, scales[s][1]), number_at(&km, row, scales[s][2]), scales[s][1], id, time);
		}
		snprintf(name, sizeof(name), "R: the curve of %s", id);
		all_same(name);
		for (size_t row = 0; row < quantiles.num_rows; row++)
		{
			double		fraction = number_at(&quantiles, row, "fraction");
			survival_quantile q;

			if (strcmp(text_at(&quantiles, row, "case_id"), id) != 0)
				continue;
			q = find_survival_quantile(steps, points, num_steps, fraction, scale_named(text_at(&quantiles, row, "scale")),
									   number_at(&quantiles, row, "confidence"));
			compare(time_or_nan(q.value, 1), number_at(&quantiles, row, "value"), 0, "quantile", id, fraction);
			compare(time_or_nan(q.lower, 1), number_at(&quantiles, row, "lower"), 0, "its lower limit", id, fraction);
			compare(time_or_nan(q.upper, 1), number_at(&quantiles, row, "upper"), 0, "its upper limit", id, fraction);
		}
		snprintf(name, sizeof(name), "R: quantiles of %s", id);
		all_same(name);
		for (size_t row = 0; row < means.num_rows; row++)
		{
			double		until = number_at(&means, row, "until");
			restricted_mean m;

			if (strcmp(text_at(&means, row, "case_id"), id) != 0)
				continue;
			m = find_restricted_mean(steps, points, num_steps, until);
			compare(m.mean, number_at(&means, row, "mean"), TOLERANCE, "mean", id, until);
			compare(m.error, number_at(&means, row, "error"), TOLERANCE, "its error", id, until);
		}
		snprintf(name, sizeof(name), "R: means of %s", id);
		all_same(name);
		for (size_t row = 0; row < causes.num_rows; row++)
		{
			double		time = number_at(&causes, row, "time");
			size_t		at;

			if (strcmp(text_at(&causes, row, "case_id"), id) != 0)
				continue;
			cause = (int) number_at(&causes, row, "cause");
			num_steps = make_steps(&p, id, NULL, cause, 1, steps);
			incidence_curve(steps, num_steps, incidences);
			at = step_at(steps, num_steps, time);
			compare(incidences[at].incidence, number_at(&causes, row, "incidence"), TOLERANCE, "incidence", id, time);
			compare(incidences[at].jackknife_error, number_at(&causes, row, "jackknife_error"), TOLERANCE, "jackknife", id,
					time);
			compare(incidences[at].aalen_error, number_at(&causes, row, "aalen_error"), TOLERANCE, "Aalen's error", id, time);
			for (size_t s = 0; s < 3; s++)
				compare_limits(incidence_limits(incidences[at].incidence, incidences[at].jackknife_error,
												scale_named(scales[s][0]), 0.95, &limits), &limits,
							   number_at(&causes, row, scales[s][1]), number_at(&causes, row, scales[s][2]), scales[s][1],
							   id, time);
		}
		if (num_compared > 0)
		{
			snprintf(name, sizeof(name), "R: incidences of %s", id);
			all_same(name);
		}
		for (size_t row = 0; row < tests.num_rows; row++)
		{
			survival_group groups[MAX_GROUPS];
			size_t		k = 0;
			double		workspace[LOG_RANK_WORKSPACE(MAX_GROUPS)];
			double		chi_squared;
			int			degrees;
			bool		said;

			if (strcmp(text_at(&tests, row, "case_id"), id) != 0)
				continue;
			for (; k < MAX_GROUPS; k++)
			{
				char		group[16];

				snprintf(group, sizeof(group), "%d", (int) k + 1);
				groups[k].steps = of_groups[k];
				groups[k].num_steps = make_steps(&p, id, group, 1, 1, of_groups[k]);
				if (groups[k].num_steps == 0)
					break;
			}
			said = log_rank(groups, k, workspace, count_check, &chi_squared, &degrees);
			/* R says 0 with no degree of freedom, or stops, where nothing can be said. */
			if (!(number_at(&tests, row, "degrees_of_freedom") > 0))
				ok(!said, "R: nothing can be said of %s", id);
			else
			{
				double		turned;

				compare(said ? chi_squared : NAN, number_at(&tests, row, "chi_squared"), TOLERANCE, "chi-squared", id, 0);
				compare(degrees, number_at(&tests, row, "degrees_of_freedom"), 0, "degrees of freedom", id, 0);
				for (size_t turn = 1; turn < k; turn++)
				{
					survival_group first = groups[0];

					memmove(groups, groups + 1, (k - 1) * sizeof(survival_group));
					groups[k - 1] = first;
					if (turn % 2 == 0)
					{
						survival_group swap = groups[0];

						groups[0] = groups[k / 2];
						groups[k / 2] = swap;
					}
					said = log_rank(groups, k, workspace, count_check, &turned, &degrees);
					compare(said ? turned : NAN, chi_squared, 1e-12, "chi-squared in another order", id, (double) turn);
					compare(degrees, number_at(&tests, row, "degrees_of_freedom"), 0, "degrees in another order", id,
							(double) turn);
				}
				snprintf(name, sizeof(name), "R: log-rank of %s", id);
				all_same(name);
			}
		}
	}
	ok(num_cases >= 25, "the reference figures are there");
	release_table(&inputs);
	release_table(&km);
	release_table(&quantiles);
	release_table(&means);
	release_table(&causes);
	release_table(&tests);
}

/* ------------------------------------------------------------------ figures shared between projects */

static void
against_shared(const char *shared)
{
	static survival_step steps[MAX_STEPS];
	static survival_step of_groups[MAX_GROUPS][MAX_STEPS];
	static survival_point points[MAX_STEPS];
	static incidence_point incidences[MAX_STEPS];
	char		directory[1000];
	char		name[128];
	const char *id;
	confidence_limits limits;
	table		inputs;
	table		km;
	table		quantiles;
	table		means;
	table		johansen;
	table		aalen;
	table		tests;
	people		p = {&inputs, "status", NULL, NULL};

	snprintf(directory, sizeof(directory), "%s/oracles", shared);
	inputs = read_table(directory, "km_inputs");
	km = read_table(directory, "km_expected");
	quantiles = read_table(directory, "km_quantiles_expected");
	means = read_table(directory, "km_rmst_expected");
	for (size_t next = 0; (id = next_case(&p, &next)) != NULL;)
	{
		double		unit = find_unit(&p, id);
		size_t		num_steps;

		if (unit == 0)
		{
			printf("# not used: %s, whose times are not whole in any unit\n", id);
			continue;
		}
		num_steps = make_steps(&p, id, NULL, 1, unit, steps);
		survival_curve(steps, num_steps, points);
		for (size_t row = 0; row < km.num_rows; row++)
		{
			double		time = number_at(&km, row, "time");
			size_t		at;

			if (strcmp(text_at(&km, row, "case_id"), id) != 0)
				continue;
			at = step_at(steps, num_steps, time * unit);
			compare((double) steps[at].num_at_risk, number_at(&km, row, "n_risk"), 0, "at risk", id, time);
			compare((double) steps[at].num_events, number_at(&km, row, "n_event"), 0, "events", id, time);
			compare((double) steps[at].num_censored, number_at(&km, row, "n_censor"), 0, "censored", id, time);
			compare(points[at].survival, number_at(&km, row, "surv"), TOLERANCE, "survival", id, time);
			compare(points[at].survival_error, number_at(&km, row, "std_err"), TOLERANCE, "its error", id, time);
			compare(points[at].hazard, number_at(&km, row, "cumhaz_na"), TOLERANCE, "hazard", id, time);
			compare(points[at].hazard_error, number_at(&km, row, "cumhaz_se"), TOLERANCE, "its error", id, time);
			compare_limits(survival_limits(&points[at], scale_named(text_at(&km, row, "conf_type")), 0.95, &limits), &limits,
						   number_at(&km, row, "lower"), number_at(&km, row, "upper"), text_at(&km, row, "conf_type"), id,
						   time);
		}
		for (size_t row = 0; row < quantiles.num_rows; row++)
		{
			double		fraction = number_at(&quantiles, row, "prob");
			survival_quantile q;

			if (strcmp(text_at(&quantiles, row, "case_id"), id) != 0)
				continue;
			q = find_survival_quantile(steps, points, num_steps, fraction, scale_named(text_at(&quantiles, row,
																							   "conf_type")), 0.95);
			compare(time_or_nan(q.value, unit), number_at(&quantiles, row, "quantile"), TOLERANCE, "quantile", id, fraction);
			compare(time_or_nan(q.lower, unit), number_at(&quantiles, row, "lower"), TOLERANCE, "its lower limit", id,
					fraction);
			compare(time_or_nan(q.upper, unit), number_at(&quantiles, row, "upper"), TOLERANCE, "its upper limit", id,
					fraction);
		}
		for (size_t row = 0; row < means.num_rows; row++)
		{
			double		until = number_at(&means, row, "tau");
			restricted_mean m;

			if (strcmp(text_at(&means, row, "case_id"), id) != 0)
				continue;
			/* 29.43 times 100 is not 2943; "until" is meant to be a time of the data there. */
			m = find_restricted_mean(steps, points, num_steps, round(until * unit));
			compare(m.mean / unit, number_at(&means, row, "rmst"), TOLERANCE, "mean", id, until);
			compare(m.error / unit, number_at(&means, row, "se"), TOLERANCE, "its error", id, until);
		}
		snprintf(name, sizeof(name), "shared: survival of %s", id);
		all_same(name);
	}
	release_table(&inputs);
	release_table(&km);
	release_table(&quantiles);
	release_table(&means);

	p.cause = "ev";
	inputs = read_table(directory, "aj_inputs");
	johansen = read_table(directory, "aj_expected");
	aalen = read_table(directory, "aj_cmprsk_expected");
	for (size_t next = 0; (id = next_case(&p, &next)) != NULL;)
	{
		double		unit = find_unit(&p, id);
		size_t		num_steps;

		if (unit == 0)
		{
			printf("# not used: %s, whose times are not whole in any unit\n", id);
			continue;
		}
		for (int cause = 1; cause <= 3; cause++)
		{
			num_steps = make_steps(&p, id, NULL, cause, unit, steps);
			survival_curve(steps, num_steps, points);
			incidence_curve(steps, num_steps, incidences);
			for (size_t row = 0; row < johansen.num_rows; row++)
			{
				double		time = number_at(&johansen, row, "time");
				const incidence_point *point;
				size_t		at;

				if (strcmp(text_at(&johansen, row, "case_id"), id) != 0 || number_at(&johansen, row, "cause") != cause)
					continue;
				at = step_at(steps, num_steps, time * unit);
				point = &incidences[at];
				compare((double) steps[at].num_at_risk, number_at(&johansen, row, "n_risk"), 0, "at risk", id, time);
				compare(points[at].survival, number_at(&johansen, row, "event_free"), TOLERANCE, "event-free", id, time);
				compare(point->incidence, number_at(&johansen, row, "cif"), TOLERANCE, "incidence", id, time);
				compare(point->jackknife_error, number_at(&johansen, row, "std_err"), TOLERANCE, "jackknife", id, time);
				compare_limits(incidence_limits(point->incidence, point->jackknife_error, SCALE_LOG, 0.95, &limits), &limits,
							   number_at(&johansen, row, "lower_log"), number_at(&johansen, row, "upper_log"), "log", id, time);
				compare_limits(incidence_limits(point->incidence, point->jackknife_error, SCALE_LOG_LOG, 0.95, &limits),
							   &limits,
							   number_at(&johansen, row, "lower_loglog"), number_at(&johansen, row, "upper_loglog"),
							   "log-log", id, time);
			}
			for (size_t row = 0; row < aalen.num_rows; row++)
			{
				double		time = number_at(&aalen, row, "time");
				const incidence_point *point;

				if (strcmp(text_at(&aalen, row, "case_id"), id) != 0 || number_at(&aalen, row, "cause") != cause)
					continue;
				point = &incidences[step_at(steps, num_steps, time * unit)];
				compare(point->incidence, number_at(&aalen, row, "cif"), TOLERANCE, "incidence", id, time);
				compare(point->aalen_error * point->aalen_error, number_at(&aalen, row, "var_aalen"), TOLERANCE, "Aalen",
						id, time);
			}
		}
		if (num_compared == 0)	/* a case without any event has no rows of figures */
			for (size_t i = 0; i < num_steps; i++)
				compare(incidences[i].incidence + incidences[i].jackknife_error + incidences[i].aalen_error, 0, 0, "all",
						id, 0);
		snprintf(name, sizeof(name), "shared: incidence of %s", id);
		all_same(name);
	}
	release_table(&inputs);
	release_table(&johansen);
	release_table(&aalen);

	p.cause = "status";
	p.group = "grp";
	inputs = read_table(directory, "logrank_inputs");
	tests = read_table(directory, "logrank_expected");
	for (size_t row = 0; row < tests.num_rows; row++)
	{
		survival_group groups[MAX_GROUPS];
		size_t		k = 0;
		double		workspace[LOG_RANK_WORKSPACE(MAX_GROUPS)];
		double		chi_squared = NAN;
		int			degrees = 0;
		double		unit;

		id = text_at(&tests, row, "case_id");
		unit = find_unit(&p, id);
		for (size_t at = 0; at < inputs.num_rows; at++)
		{
			const char *group = text_at(&inputs, at, "grp");
			bool		first = strcmp(text_at(&inputs, at, "case_id"), id) == 0;

			for (size_t before = 0; before < at && first; before++)
				first = strcmp(text_at(&inputs, before, "case_id"), id) != 0 ||
					strcmp(text_at(&inputs, before, "grp"), group) != 0;
			if (!first)
				continue;
			groups[k].steps = of_groups[k];
			groups[k].num_steps = make_steps(&p, id, group, 1, unit, of_groups[k]);
			k++;
		}
		compare((double) k, number_at(&tests, row, "n_groups"), 0, "groups", id, 0);
		log_rank(groups, k, workspace, count_check, &chi_squared, &degrees);
		compare(chi_squared, number_at(&tests, row, "chisq"), TOLERANCE, "chi-squared", id, 0);
		compare(degrees, number_at(&tests, row, "df"), 0, "degrees of freedom", id, 0);
	}
	all_same("shared: log-rank");
	release_table(&inputs);
	release_table(&tests);
}

int
main(void)
{
	const char *shared = getenv("NALOXONE_KPI_SHARED");

	by_hand();
	against_r();
	if (shared != NULL && *shared != '\0')
		against_shared(shared);
	else
		printf("# skipped: the shared figures, NALOXONE_KPI_SHARED is not set\n");
	return done_testing();
}
