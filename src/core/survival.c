/*
 * survival.c
 *		Time to an event of which some are not seen to happen: survival, hazard, incidence by cause, and their intervals.
 *
 * The literature is in the header.  Every curve is one pass over the steps.  Counts are up to 2^63 - 1, so their products are
 * taken in double.  Where a sum of squares could be had as a difference of larger numbers it is written so that only numbers
 * of one sign are added; the comments say how.
 */
#include "core/survival.h"

#include <math.h>
#include <string.h>

/* R's quantile.survfit takes two probabilities as equal when they differ by less: the square root of DBL_EPSILON. */
#define EQUAL_WITHIN	1.490116119384765625e-8

bool
find_survival_scale(const char *name, survival_scale *scale)
{
	static const char *const names[] = {
		[SCALE_LOG_LOG] = "log-log",
		[SCALE_LOG] = "log",
		[SCALE_PLAIN] = "plain"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (strcmp(name, names[i]) == 0)
		{
			*scale = (survival_scale) i;
			return true;
		}
	}
	return false;
}

/* What a step adds to Greenwood's sum, the variance of the logarithm of survival; somebody is left after it. */
static double
greenwood_term(const survival_step *step)
{
	double		at_risk = (double) step->num_at_risk;
	double		left = (double) (step->num_at_risk - step->num_events);

	return (double) step->num_events / at_risk / left;
}

void
survival_curve(const survival_step *steps, size_t num_steps, survival_point *points)
{
	double		survival = 1;
	double		log_variance = 0;
	double		hazard = 0;
	double		hazard_variance = 0;

	for (size_t i = 0; i < num_steps; i++)
	{
		double		at_risk = (double) steps[i].num_at_risk;
		double		events = (double) steps[i].num_events;

		if (steps[i].num_events == steps[i].num_at_risk)
			survival = 0;
		else if (steps[i].num_events > 0)
		{
			survival *= (double) (steps[i].num_at_risk - steps[i].num_events) / at_risk;
			log_variance += greenwood_term(&steps[i]);
		}
		hazard += events / at_risk;
		hazard_variance += events / at_risk / at_risk;
		points[i].survival = survival;
		points[i].survival_error = survival > 0 ? survival * sqrt(log_variance) : NAN;
		points[i].hazard = hazard;
		points[i].hazard_error = sqrt(hazard_variance);
	}
}

/* Of a probability with its standard error, symmetric on the scale. */
static bool
probability_limits(double probability, double error, survival_scale scale, double confidence, confidence_limits *limits)
{
	double		reach = errors_to_limits(confidence) * error;
	double		logarithm;

	switch (scale)
	{
		case SCALE_LOG_LOG:
			if (probability <= 0 || probability >= 1)
				return false;
			logarithm = log(probability);
			reach /= -probability * logarithm;
			limits->lower = exp(logarithm * exp(reach));
			limits->upper = exp(logarithm * exp(-reach));
			return true;
		case SCALE_LOG:
			if (probability <= 0)
				return false;
			reach /= probability;
			limits->lower = probability * exp(-reach);
			limits->upper = fmin(probability * exp(reach), 1);
			return true;
		case SCALE_PLAIN:
			limits->lower = fmax(probability - reach, 0);
			limits->upper = fmin(probability + reach, 1);
			return true;
	}
	return false;
}

bool
survival_limits(const survival_point *point, survival_scale scale, double confidence, confidence_limits *limits)
{
	/* At 0 Greenwood's formula has no value, on any scale. */
	if (!(point->survival > 0))
		return false;
	return probability_limits(point->survival, point->survival_error, scale, confidence, limits);
}

bool
incidence_limits(double incidence, double error, survival_scale scale, double confidence, confidence_limits *limits)
{
	return probability_limits(incidence, error, scale, confidence, limits);
}

bool
hazard_limits(const survival_point *point, double confidence, confidence_limits *limits)
{
	double		reach;

	if (!(point->hazard > 0))
		return false;
	reach = errors_to_limits(confidence) * point->hazard_error / point->hazard;
	limits->lower = point->hazard * exp(-reach);
	limits->upper = point->hazard * exp(reach);
	return true;
}

/* ------------------------------------------------------------------ quantiles */

/*
 * Where a curve of the share who have had the event comes to a fraction.  It may fall again when it is that of a limit, whose
 * width grows as people leave; as R does, we then take the lowest share that is high enough, not the first.
 */
typedef struct crossing
{
	bool		reached;		/* there is a share of at least the fraction, rounding aside */
	double		reached_share;
	double		reached_time;
	bool		passed;			/* there is a share above the fraction, and by more than rounding */
	double		passed_share;
	double		passed_time;
	bool		ends_level;		/* the curve's last point is at the fraction, rounding aside */
} crossing;

/* The curve's next point. */
static void
follow_curve(crossing *c, double fraction, double share, double time)
{
	if (share > 0 && share >= fraction - EQUAL_WITHIN && (!c->reached || share < c->reached_share))
	{
		c->reached = true;
		c->reached_share = share;
		c->reached_time = time;
	}
	if (share >= fraction + EQUAL_WITHIN && (!c->passed || share < c->passed_share))
	{
		c->passed = true;
		c->passed_share = share;
		c->passed_time = time;
	}
	c->ends_level = fabs(share - fraction) < EQUAL_WITHIN;
}

/* The middle of the stretch on which the curve is at the fraction; a stretch that does not end is cut at the last time. */
static survival_time
middle_of(const crossing *c, double last_time)
{
	survival_time result = {false, 0};

	if (c->reached && (c->passed || c->ends_level))
	{
		result.reached = true;
		result.time = (c->reached_time + (c->ends_level ? last_time : c->passed_time)) / 2;
	}
	return result;
}

survival_quantile
find_survival_quantile(const survival_step *steps, const survival_point *points, size_t num_steps, double fraction,
					   survival_scale scale, double confidence)
{
	crossing	value = {0};
	crossing	lower = {0};
	crossing	upper = {0};
	double		last_time = num_steps > 0 ? (double) steps[num_steps - 1].time : 0;

	for (size_t i = 0; i < num_steps; i++)
	{
		double		time = (double) steps[i].time;
		confidence_limits limits;

		follow_curve(&value, fraction, 1 - points[i].survival, time);
		/* The less survive, the sooner: the lower limit of survival gives that of the time. */
		if (survival_limits(&points[i], scale, confidence, &limits))
		{
			follow_curve(&lower, fraction, 1 - limits.lower, time);
			follow_curve(&upper, fraction, 1 - limits.upper, time);
		}
		else
			lower.ends_level = upper.ends_level = false;
	}
	return (survival_quantile) {
		middle_of(&value, last_time), middle_of(&lower, last_time), middle_of(&upper, last_time)
	};
}

/* ------------------------------------------------------------------ restricted mean */

/*
 * The mean is the area under the curve up to "until".  A step's part in its variance is the square of the area after the step
 * times the step's term of Greenwood's sum, so we go from the end and never subtract.
 */
restricted_mean
find_restricted_mean(const survival_step *steps, const survival_point *points, size_t num_steps, double until)
{
	size_t		at = num_steps;
	double		end = until;
	double		area = 0;
	double		variance = 0;

	while (at > 0 && (double) steps[at - 1].time > until)
		at--;
	while (at-- > 0)
	{
		area += points[at].survival * (end - (double) steps[at].time);
		end = (double) steps[at].time;
		if (steps[at].num_events < steps[at].num_at_risk)
			variance += area * area * greenwood_term(&steps[at]);
	}
	return (restricted_mean) {area + end, sqrt(variance)};
}

confidence_limits
restricted_mean_limits(const restricted_mean *mean, double confidence)
{
	double		reach = errors_to_limits(confidence) * mean->error;

	return (confidence_limits) {mean->mean - reach, mean->mean + reach};
}

/* ------------------------------------------------------------------ incidence of one cause */

/* The sums over some people of the squares of slope * x + value, where x moves on alike for all; slopes and values are >= 0. */
typedef struct sum_of_squares
{
	double		slopes;			/* sum of slope^2 */
	double		products;		/* of slope * value */
	double		squares;		/* of value^2 */
} sum_of_squares;

static void
add_people(sum_of_squares *sum, double weight, double slope, double value)
{
	sum->slopes += weight * slope * slope;
	sum->products += weight * slope * value;
	sum->squares += weight * value * value;
}

static void
move_on(sum_of_squares *sum, double x)
{
	sum->squares += x * (2 * sum->products + x * sum->slopes);
	sum->products += x * sum->slopes;
}

/* What the sum of squares would be after moving on by x. */
static double
sum_after(const sum_of_squares *sum, double x)
{
	return sum->squares + x * (2 * sum->products + x * sum->slopes);
}

/*
 * The same for people whose slope * x + value may be of either sign: the sum is kept as the spread about the mean of value /
 * slope, and that mean, which alone moves (B. P. Welford, Technometrics 4, 1962).
 */
typedef struct spread
{
	double		weight;			/* sum of slope^2 */
	double		mean;			/* of value / slope, up to now */
	double		squares;		/* about the mean */
} spread;

static void
add_to_spread(spread *s, double weight, double value)
{
	double		distance = value - s->mean;
	double		total = s->weight + weight;
	double		old_part = s->weight / total;
	double		new_part = weight / total;

	s->weight = total;
	s->mean = old_part * s->mean + new_part * value;
	s->squares += distance * distance * weight * old_part;
}

/* What the sum of squares would be after moving on by x. */
static double
spread_after(const spread *s, double x)
{
	return s->squares + s->weight * (s->mean + x) * (s->mean + x);
}

/*
 * Let n be at risk at a step, d have the event, c of them of the cause that is asked for and o of another, q be censored.  S,
 * F and H are survival and the incidences of the cause and of all others; S- and K- are S and K just before the step.
 * Differentiate by a person's weight.
 *
 * Jackknife.  With K = the sum of d / (n (n - d)) and k = 1 / n - K- the derivatives, for all who are still at risk, are
 *
 *		of S	S K				of F	-f, f += S- c k / n			of H	-h, h += S- o k / n
 *
 * and, since n of the next step is n - d - q, k starts as 1 / n and grows by q / ((n - d) (n - d - q)): no sum here has terms
 * of both signs.  Who has the event differs at that step alone; from then on only the derivative of log S matters, which stays
 * what it is, -k after an event and K after being censored.  So the derivatives of F, at a time when F and H have grown by dF
 * and dH, are
 *
 *		after another cause		-(f + k dF)
 *		after the cause			-(derivative of S + derivative of H) = k S + h + k dH
 *		after being censored	-f + K dF = -(K S - h + K dH)
 *
 * with f, h, k and K as they were when the person left.  The variance is the sum of their squares.  Of the last we take the
 * second form: where all have had the cause it is 0 without rounding.
 *
 * Aalen.  F at a time is a function of the increments c / n and o / n of the steps before, with derivatives S- (S + dH) / S'
 * and -S- dF / S', S' being S just after that step; the variance is the sum of their squares times the increments'
 * hypergeometric variances, c (n - c) / (n^2 (n - 1)) and the same with o.  The covariance of the two in one step is left out,
 * as in cmprsk.  In the step that ends with S' = 0 the first derivative is S-, and the second nothing.
 */
void
incidence_curve(const survival_step *steps, size_t num_steps, incidence_point *points)
{
	double		survival = 1;
	double		incidence = 0;
	double		greenwood = 0;	/* K */
	double		event_slope = num_steps > 0 ? 1 / (double) steps[0].num_at_risk : 0;	/* k */
	double		cause_value = 0;	/* f */
	double		other_value = 0;	/* h */
	sum_of_squares jackknife_cause = {0};
	sum_of_squares jackknife_other = {0};
	spread		jackknife_censored = {0};
	sum_of_squares aalen_cause = {0};
	sum_of_squares aalen_other = {0};

	for (size_t i = 0; i < num_steps; i++)
	{
		const survival_step *step = &steps[i];
		int64_t		num_of_other = step->num_events - step->num_of_cause;
		double		n = (double) step->num_at_risk;
		double		of_cause = (double) step->num_of_cause;
		double		of_other = (double) num_of_other;
		double		left = (double) (step->num_at_risk - step->num_events);
		double		censored = (double) step->num_censored;
		double		still = (double) (step->num_at_risk - step->num_events - step->num_censored);
		double		more_of_cause = survival * (of_cause / n);
		double		more_of_other = survival * (of_other / n);

		/* n^2 times the variances of the two increments; one event among n leaves n - 1, one among one nothing to divide. */
		double		cause_variance = step->num_of_cause <= 1 ? of_cause :
			of_cause * ((double) (step->num_at_risk - step->num_of_cause) / (double) (step->num_at_risk - 1));
		double		other_variance = num_of_other <= 1 ? of_other :
			of_other * ((double) (step->num_at_risk - num_of_other) / (double) (step->num_at_risk - 1));

		/* Those who left before. */
		move_on(&jackknife_cause, more_of_other);
		move_on(&jackknife_other, more_of_cause);
		jackknife_censored.mean += more_of_other;
		move_on(&aalen_cause, more_of_other);
		move_on(&aalen_other, more_of_cause);

		/* Those who leave now. */
		incidence += more_of_cause;
		cause_value += more_of_cause * event_slope;
		other_value += more_of_other * event_slope;
		add_people(&jackknife_cause, of_cause, event_slope, other_value);
		add_people(&jackknife_other, of_other, event_slope, cause_value);
		if (left > 0)
		{
			survival *= left / n;
			greenwood += greenwood_term(step);
			add_people(&aalen_cause, cause_variance, 1 / left, 0);
			add_people(&aalen_other, other_variance, 1 / left, 0);
		}
		else
		{
			aalen_cause.squares += cause_variance * (survival / n) * (survival / n);
			survival = 0;
		}
		if (censored > 0 && greenwood > 0)
			add_to_spread(&jackknife_censored, censored * greenwood * greenwood, -other_value / greenwood);
		if (still > 0)
			event_slope += censored / left / still;

		points[i].incidence = fmin(incidence, 1);
		/* Before anybody has had the cause only rounding is left of the sum. */
		points[i].jackknife_error = incidence == 0 ? 0 :
			sqrt(sum_after(&jackknife_cause, survival) + jackknife_other.squares + spread_after(&jackknife_censored, survival) +
				 still * cause_value * cause_value);
		points[i].aalen_error = sqrt(sum_after(&aalen_cause, survival) + aalen_other.squares);
	}
}

/* ------------------------------------------------------------------ log-rank */

/*
 * Of each group, at each time with events, observed minus expected is added up, and so are its covariances.  Those have the
 * form of a network's conductances: between two groups minus a number that is not negative, and on the diagonal the sum of a
 * row's.  We eliminate group after group as one eliminates a node from a network: what joined it to two others joins these
 * directly.  That is Cholesky's method on the matrix without any one group, but adds positive numbers only, needs no choice of
 * the group that is left out, and shows what is singular: a group joined to none of those that are left, which therefore adds
 * no degree of freedom.
 */
bool
log_rank(const survival_group *groups, size_t k, double *workspace, void (*check_for_interrupts) (void),
		 double *chi_squared, int *degrees_of_freedom)
{
	double	   *joint = workspace;	/* minus the covariances, above the diagonal */
	double	   *excess = workspace + k * k;
	double	   *position = excess + k;	/* the group's next step; a whole number */

	for (size_t i = 0; i < k * k + 2 * k; i++)
		workspace[i] = 0;
	for (;;)
	{
		bool		found = false;
		int64_t		now = 0;
		int64_t		at_risk = 0;
		int64_t		events = 0;

		check_for_interrupts();
		for (size_t g = 0; g < k; g++)
		{
			size_t		at = (size_t) position[g];

			if (at < groups[g].num_steps && (!found || groups[g].steps[at].time < now))
			{
				found = true;
				now = groups[g].steps[at].time;
			}
		}
		if (!found)
			break;
		for (size_t g = 0; g < k; g++)
		{
			size_t		at = (size_t) position[g];

			if (at < groups[g].num_steps)
			{
				at_risk += groups[g].steps[at].num_at_risk;
				if (groups[g].steps[at].time == now)
					events += groups[g].steps[at].num_events;
			}
		}
		for (size_t g = 0; g < k; g++)
		{
			size_t		at = (size_t) position[g];
			int64_t		own_at_risk;
			int64_t		own_events;
			double		share;

			if (at == groups[g].num_steps)
				continue;
			own_at_risk = groups[g].steps[at].num_at_risk;
			own_events = groups[g].steps[at].time == now ? groups[g].steps[at].num_events : 0;
			if (events > 0 && own_at_risk < at_risk)
			{
				excess[g] += ((double) own_events * (double) (at_risk - own_at_risk) -
							  (double) (events - own_events) * (double) own_at_risk) / (double) at_risk;
				share = (double) own_at_risk / (double) at_risk * (double) events *
					((double) (at_risk - events) / (double) (at_risk - 1));
				for (size_t h = g + 1; h < k; h++)
				{
					size_t		other_at = (size_t) position[h];

					if (other_at < groups[h].num_steps)
						joint[g * k + h] += share * ((double) groups[h].steps[other_at].num_at_risk / (double) at_risk);
				}
			}
		}
		for (size_t g = 0; g < k; g++)
		{
			size_t		at = (size_t) position[g];

			if (at < groups[g].num_steps && groups[g].steps[at].time == now)
				position[g] += 1;
		}
	}

	*chi_squared = 0;
	*degrees_of_freedom = 0;
	for (size_t g = 0; g < k; g++)
	{
		double		variance = 0;

		check_for_interrupts();
		for (size_t h = g + 1; h < k; h++)
			variance += joint[g * k + h];
		if (variance == 0)
			continue;
		*chi_squared += excess[g] * excess[g] / variance;
		*degrees_of_freedom += 1;
		for (size_t h = g + 1; h < k; h++)
		{
			double		part = joint[g * k + h] / variance;

			excess[h] += excess[g] * part;
			for (size_t j = h + 1; j < k; j++)
				joint[h * k + j] += part * joint[g * k + j];
		}
	}
	return *degrees_of_freedom > 0;
}
