/*
 * test_survival_random.c
 *		The errors of an incidence, and the log-rank test, of random people, few and many: beside sums taken directly in long
 *		double.  Figures by hand and of R: test_survival_figures.c
 */
#include "survival_steps.h"

/* ------------------------------------------------------------------ errors of an incidence, summed over all people */

/* The derivative of the incidence after step "at" by the weight of one who left at step "when", with plain recursion. */
static long double
influence(const survival_step *steps, size_t at, size_t when, bool of_cause, bool of_other)
{
	long double survival = 1;
	long double of_survival = 0;
	long double of_incidence = 0;

	for (size_t i = 0; i <= at; i++)
	{
		long double n = (long double) steps[i].num_at_risk;
		long double d = (long double) steps[i].num_events;
		long double c = (long double) steps[i].num_of_cause;
		long double event = i == when && (of_cause || of_other) ? 1 : 0;
		long double cause = i == when && of_cause ? 1 : 0;
		long double present = i <= when ? 1 : 0;

		of_incidence += of_survival * c / n + survival * (cause - present * c / n) / n;
		of_survival = of_survival * (n - d) / n - survival * (event - present * d / n) / n;
		survival *= (n - d) / n;
	}
	return of_incidence;
}

static long double
direct_jackknife_variance(const survival_step *steps, size_t num_steps, size_t at)
{
	long double sum = 0;

	for (size_t s = 0; s < num_steps; s++)
	{
		long double of_cause = influence(steps, at, s, true, false);
		long double of_other = influence(steps, at, s, false, true);
		long double censored = influence(steps, at, s, false, false);

		sum += (long double) steps[s].num_of_cause * of_cause * of_cause +
			(long double) (steps[s].num_events - steps[s].num_of_cause) * of_other * of_other +
			(long double) steps[s].num_censored * censored * censored;
	}
	return sum;
}

static long double
direct_aalen_variance(const survival_step *steps, size_t at)
{
	long double later = 0;		/* incidence from after a step on, divided by survival after it */
	long double sum = 0;
	long double before[MAX_STEPS];

	before[0] = 1;
	for (size_t s = 0; s < at; s++)
		before[s + 1] = before[s] * (long double) (steps[s].num_at_risk - steps[s].num_events) /
			(long double) steps[s].num_at_risk;
	for (size_t s = at + 1; s-- > 0;)
	{
		long double n = (long double) steps[s].num_at_risk;
		long double d = (long double) steps[s].num_events;
		long double c = (long double) steps[s].num_of_cause;
		long double o = d - c;
		long double own = before[s] * (1 - later);
		long double other = d < n ? before[s] * later : 0;

		sum += own * own * (c <= 1 ? c : c * (n - c) / (n - 1)) / n / n;
		sum += other * other * (o <= 1 ? o : o * (n - o) / (n - 1)) / n / n;
		later = c / n + later * (n - d) / n;
	}
	return sum;
}

static void
against_direct_sums(void)
{
	static survival_step steps[MAX_STEPS];
	static incidence_point points[MAX_STEPS];

	for (int round = 0; round < 300; round++)
	{
		size_t		num_rows = 1 + tap_random(40);
		/* From single people to numbers that together come near 2^63. */
		int			most_bits = round % 5 == 0 ? 57 : round % 3 == 0 ? 20 : 2;
		unsigned int censoring = tap_random(4);
		unsigned int rarity = tap_random(3);
		size_t		num_steps;

		for (size_t i = 0; i < num_rows; i++)
		{
			int64_t		count = (int64_t) 1 << tap_random((unsigned int) most_bits);

			steps[i] = (survival_step) {.time = tap_random(60)};
			count += count / 2 * tap_random(2) + count / 8 * tap_random(4);
			if (tap_random(4) < censoring)
				steps[i].num_censored = count;
			else
			{
				steps[i].num_events = count;
				if (tap_random(4) >= rarity)
					steps[i].num_of_cause = count;
				else if (tap_random(3) == 0)
					steps[i].num_of_cause = 1;
			}
		}
		num_steps = finish_steps(steps, num_rows);
		incidence_curve(steps, num_steps, points);
		for (size_t at = 0; at < num_steps; at++)
		{
			long double jackknife = sqrtl(direct_jackknife_variance(steps, num_steps, at));
			long double aalen = sqrtl(direct_aalen_variance(steps, at));

			if (points[at].incidence == 0)
				compare(points[at].jackknife_error + points[at].aalen_error, 0, 0, "an error of nothing", "people", round);
			/* An error of 0 is rounding in both, where all have had the cause. */
			compare(fmax(points[at].jackknife_error, 1e-16) / (double) fmaxl(jackknife, 1e-16L), 1, 1e-11, "jackknife",
					"people", round);
			compare(fmax(points[at].aalen_error, 1e-16) / (double) fmaxl(aalen, 1e-16L), 1, 1e-11, "Aalen", "people", round);
		}
	}
	all_same("the errors of an incidence are those of sums over all people");
}

/* Of two groups chi-squared is one square over one variance; here of numbers of people far beyond what R takes. */
static void
log_rank_of_many(void)
{
	static survival_step steps[2][MAX_STEPS];

	for (int round = 0; round < 200; round++)
	{
		unsigned int bits = round % 2 == 0 ? 56 : 6;
		survival_group groups[2];
		double		workspace[LOG_RANK_WORKSPACE(2)];
		double		chi_squared;
		int			degrees;
		long double excess = 0;
		long double variance = 0;

		for (int g = 0; g < 2; g++)
		{
			for (int i = 0; i < 20; i++)
			{
				int64_t		count = ((int64_t) 1 << tap_random(bits)) + tap_random(1000);

				steps[g][i] = (survival_step) {.time = tap_random(30)};
				if (tap_random(2) == 0)
					steps[g][i].num_events = count;
				else
					steps[g][i].num_censored = count;
			}
			groups[g] = (survival_group) {steps[g], finish_steps(steps[g], 20)};
		}
		for (int64_t time = 0; time < 30; time++)
		{
			long double n[2] = {0, 0};
			long double d[2] = {0, 0};

			for (int g = 0; g < 2; g++)
				for (size_t i = groups[g].num_steps; i-- > 0 && steps[g][i].time >= time;)
				{
					n[g] = (long double) steps[g][i].num_at_risk;
					d[g] = steps[g][i].time == time ? (long double) steps[g][i].num_events : 0;
				}
			if (n[0] == 0 || n[1] == 0)
				continue;
			excess += d[0] - (d[0] + d[1]) * n[0] / (n[0] + n[1]);
			variance += (d[0] + d[1]) * (n[0] + n[1] - d[0] - d[1]) / (n[0] + n[1] - 1) *
				(n[0] / (n[0] + n[1])) * (n[1] / (n[0] + n[1]));
		}
		if (log_rank(groups, 2, workspace, count_check, &chi_squared, &degrees))
			compare(chi_squared, (double) (excess * excess / variance), 1e-11, "chi-squared", "many people", round);
		else
			compare((double) variance, 0, 0, "variance", "many people", round);
	}
	all_same("log-rank of many people");
}

int
main(void)
{
	against_direct_sums();
	log_rank_of_many();
	return done_testing();
}
