/*
 * farrington.c
 *		Farrington's method and its improved version.  The sources are in the header.
 */
#include "core/farrington.h"

#include <math.h>
#include <string.h>

#include "core/calendar.h"
#include "core/interval.h"
#include "core/negative_binomial.h"
#include "core/special.h"

/* No year has more slots: days of a leap year. */
#define MAX_SLOTS_OF_YEAR	366

/* The trend is not kept where it rests on fewer years. */
#define MIN_YEARS_FOR_TREND	3

/* No smaller change of the predictor over the whole baseline is a trend. */
#define NO_SLOPE			1e-9

static bool
find_name(const char *const *names, int num_names, const char *name, int *found)
{
	for (int i = 0; i < num_names; i++)
		if (strcmp(name, names[i]) == 0)
		{
			*found = i;
			return true;
		}
	return false;
}

bool
find_threshold_method(const char *name, threshold_method *method)
{
	static const char *const names[] = {"delta", "nbPlugin", "muan"};
	int			found = 0;
	bool		is_there = find_name(names, 3, name, &found);

	*method = (threshold_method) found;
	return is_there;
}

bool
find_power_transformation(const char *name, power_transformation *transformation)
{
	static const char *const names[] = {"2/3", "1/2", "none"};
	int			found = 0;
	bool		is_there = find_name(names, 3, name, &found);

	*transformation = (power_transformation) found;
	return is_there;
}

bool
find_standard_error_method(const char *name, standard_error_method *method)
{
	static const char *const names[] = {"surveillance", "quasi_poisson"};
	int			found = 0;
	bool		is_there = find_name(names, 2, name, &found);

	*method = (standard_error_method) found;
	return is_there;
}

size_t
farrington_rows(const farrington_options *options, const farrington_series *series)
{
	int			year = series->kind == SLOT_INDEX ? options->freq : MAX_SLOTS_OF_YEAR;
	size_t		most = (size_t) (options->b + 1) * (size_t) year + 2 * (size_t) options->w + 1;

	return most < series->num_slots ? most : series->num_slots;
}

/*
 * The slot of the same season so many years before, which may be before the first.  For weeks it is the one whose day of the week
 * is nearest to the same date; the 29th of February is the 1st of March of another year.
 */
static int64_t
reference_slot(const farrington_series *series, const farrington_options *options, int64_t slot, int years)
{
	int64_t		slot_days = series->kind == SLOT_WEEK ? 7 : 1;
	int64_t		day;
	int64_t		year;
	int64_t		month;
	int64_t		day_of_month;

	switch (series->kind)
	{
		case SLOT_INDEX:
			return slot - (int64_t) years * options->freq;
		case SLOT_MONTH:
			return slot - (int64_t) years * 12;
		case SLOT_DAY:
		case SLOT_WEEK:
			break;
	}
	day = series->first_day + slot * slot_days;
	date_from_day(day, &year, &month, &day_of_month);
	/* Rounded to the nearest whole number of slots. */
	return slot - floor_divide(day - day_from_date(year - years, month, day_of_month) + slot_days / 2, slot_days);
}

/* When a slot is, in slots: months are not equally long. */
static double
slot_time(const farrington_series *series, int64_t slot)
{
	int64_t		year;
	int64_t		month;
	int64_t		day;

	if (series->kind != SLOT_MONTH)
		return (double) slot;
	date_from_day(series->first_day, &year, &month, &day);
	month += slot;
	return (double) (day_from_date(year + floor_divide(month - 1, 12), month - floor_divide(month - 1, 12) * 12, day)
					 - series->first_day) * 12 / 365.2425;
}

/* The baseline as it is filled: in order of time, no slot twice. */
typedef struct baseline
{
	const farrington_series *series;
	farrington_room *room;
	int64_t		next;			/* slots before this are done */
	int64_t		end;			/* slots from here on are not included */
	size_t		num_rows;
	bool		has_cases;		/* in the season of the point */
	double		largest;
} baseline;

/* Adds the slots that are known among these. */
static void
add_slots(baseline *base, int64_t from, int64_t to, int block, bool is_season)
{
	if (from < base->next)
		from = base->next;
	for (int64_t slot = from; slot <= to && slot < base->end && base->num_rows < base->room->max_rows; slot++)
	{
		int64_t		count = base->series->counts[slot];
		size_t		row = base->num_rows;

		base->next = slot + 1;
		if (count == COUNT_UNKNOWN || (base->series->populations != NULL && !(base->series->populations[slot] > 0)))
			continue;
		base->room->time[row] = slot_time(base->series, slot);
		base->room->y[row] = (double) count;
		base->room->offset[row] = base->series->populations != NULL ? log(base->series->populations[slot]) : 0;
		base->room->block[row] = block;
		base->has_cases = base->has_cases || (is_season && count > 0);
		base->largest = fmax(base->largest, (double) count);
		base->num_rows++;
	}
}

/*
 * The baseline of a point: the windows around the same season of past years and, with more periods than one, the slots between
 * them, cut into the other periods, of which the earlier are the longer.  False where the history is too short.
 */
static bool
fill_baseline(const farrington_series *series, int64_t at, const farrington_options *options, baseline *base)
{
	int			season = options->no_periods - 1;
	int64_t		reference = reference_slot(series, options, at, options->b);

	if (reference - options->w < 0)
		return false;
	base->end = at - options->past_not_included;
	for (int years = options->b; years >= 1; years--)
	{
		int64_t		following = reference_slot(series, options, at, years - 1);

		add_slots(base, reference - options->w, reference + options->w, season, true);
		if (season > 0)
		{
			int64_t		from = reference + options->w + 1;
			int64_t		between = following - options->w - from;

			for (int block = 0; block < season; block++)
			{
				int64_t		length = between / season + (block < between % season ? 1 : 0);

				add_slots(base, from, from + length - 1, block, false);
				from += length;
			}
		}
		reference = following;
	}
	/* Where fewer slots than a window are left out, some of this year's are in. */
	add_slots(base, at - options->w, at, season, true);
	return base->num_rows > 0;
}

/* The model at its last fit. */
typedef struct model
{
	int			num_columns;	/* one a period, and the trend */
	bool		trend;
	double		middle;			/* the trend's time is from here */
	double		span;			/* of the baseline's time */
	glm_poisson_fit fit;
	double		dispersion;		/* at least 1 */
	double		trend_dispersion;	/* what the trend is tested with */
	double		error_dispersion;	/* what the standard error of the prediction is computed with */
	double		degrees_of_freedom;
} model;

static void
make_row(const model *m, int season, double time, int block, double *row)
{
	for (int i = 0; i <= season; i++)
		row[i] = i == block ? 1 : 0;
	if (m->trend)
		row[season + 1] = time - m->middle;
}

/* Weights by which past outbreaks count less: from Anscombe's residuals, the sum of all weights being their number. */
static void
reweight(const baseline *base, const model *m, double threshold)
{
	const farrington_room *room = base->room;
	double		total = 0;

	for (size_t row = 0; row < base->num_rows; row++)
	{
		double		mean = room->fitted[row];
		double		residual = 1.5 * (pow(room->y[row], 2. / 3) * pow(mean, -1. / 6) - sqrt(mean));

		/* A hat value of 1 leaves no residual. */
		residual = room->hat[row] < 1 ? residual / sqrt(m->dispersion * (1 - room->hat[row])) : 0;
		room->weights[row] = residual > threshold ? 1 / (residual * residual) : 1;
		total += room->weights[row];
	}
	for (size_t row = 0; row < base->num_rows; row++)
		room->weights[row] *= (double) base->num_rows / total;
}

/* Fits the model, with weights after a first fit without; false where it cannot be fitted. */
static bool
fit_model(const baseline *base, const farrington_options *options, bool trend, model *m)
{
	const farrington_room *room = base->room;
	int			season = options->no_periods - 1;
	glm_poisson_data data = {.num_rows = base->num_rows, .x = room->x, .y = room->y, .offset = room->offset};

	m->trend = trend;
	m->num_columns = data.num_columns = season + 1 + (trend ? 1 : 0);
	m->fit.fitted = room->fitted;
	m->fit.hat = room->hat;
	m->span = room->time[base->num_rows - 1] - room->time[0];
	m->middle = room->time[0] + m->span / 2;
	for (size_t row = 0; row < base->num_rows; row++)
		make_row(m, season, room->time[row], room->block[row], room->x + row * (size_t) data.num_columns);

	for (int round = 0; round <= (options->reweight ? 1 : 0); round++)
	{
		if (round == 1)
		{
			reweight(base, m, options->weights_threshold);
			data.weights = room->weights;
		}
		glm_poisson(&data, GLM_EPSILON, GLM_MAX_ITERATIONS, &m->fit);
		m->degrees_of_freedom = (double) base->num_rows - m->fit.rank;
		if (!m->fit.converged || m->degrees_of_freedom < 1 || m->fit.aliased[season] || (trend && m->fit.aliased[season + 1]))
			return false;
		m->trend_dispersion = m->error_dispersion = m->fit.pearson / m->degrees_of_freedom;
		m->dispersion = fmax(1, m->error_dispersion);
	}
	if (options->standard_error == STANDARD_ERROR_QUASI_POISSON)
		m->error_dispersion = m->dispersion;
	else if (options->reweight)
	{
		/*
		 * R's package puts these weights where the working weights of the fit were, which hold the mean as well, before it asks for
		 * standard errors.
		 */
		double		sum = 0;

		for (size_t row = 0; row < base->num_rows; row++)
		{
			double		relative = (room->y[row] - room->fitted[row]) / room->fitted[row];

			sum += room->weights[row] * relative * relative;
		}
		m->trend_dispersion = m->error_dispersion = sum / m->degrees_of_freedom;
	}
	return true;
}

/* Whether the trend of a fitted model is significant, by Student's t, and does not predict more than there ever was. */
static bool
keep_trend(const model *m, const farrington_options *options, double expected, double largest)
{
	int			column = m->num_columns - 1;
	double		slope = m->fit.coefficients[column];
	double		variance = m->trend_dispersion * m->fit.covariance[column][column];
	double		df = m->degrees_of_freedom;
	double		share;
	double		p_value;

	/* Where counts are equal the slope is nothing but rounding, and so is its variance. */
	if (fabs(slope * m->span) < NO_SLOPE)
		return false;
	if (variance > 0)
	{
		/* The share of df in df + t^2, and what it leaves of 1. */
		share = slope * slope / variance;
		p_value = beta_regularised(df / 2, 0.5, df / (df + share), share / (df + share));
	}
	else
		p_value = 0;
	return p_value < options->p_threshold_trend && expected <= largest;
}

/* Upper bound and p-value by the transformed prediction error. */
static void
delta_threshold(double count, double expected, double error, const farrington_options *options, farrington_result *result)
{
	double		exponent = 1;
	double		tau = result->dispersion + error * error / expected;
	double		spread = sqrt(expected * tau);

	if (options->transformation == POWER_TWO_THIRDS)
	{
		exponent = 2. / 3;
		spread = sqrt(4. / 9 * cbrt(expected) * tau);
	}
	else if (options->transformation == POWER_HALF)
	{
		exponent = 0.5;
		spread = sqrt(tau / 4);
	}
	result->upper_bound = pow(pow(expected, exponent) - normal_quantile(options->alpha) * spread, 1 / exponent);
	result->p_value = normal_upper_tail((pow(count, exponent) - pow(expected, exponent)) / spread);
}

/* A quantile of the negative binomial distribution at the expected count, or at its upper limit; infinite where that is too large. */
static void
quantile_threshold(double count, double predictor, double error, const farrington_options *options, farrington_result *result)
{
	double		mean = options->method == THRESHOLD_MUAN ? exp(predictor - normal_quantile(options->alpha) * error) : result->expected;

	if (!(mean <= NEGATIVE_BINOMIAL_MAX_MEAN))
		result->upper_bound = INFINITY;
	else
	{
		result->upper_bound = negative_binomial_upper_quantile(options->alpha, mean, result->dispersion);
		result->p_value = negative_binomial_above(count - 1, mean, result->dispersion);
	}
}

/* Whether there were too few cases lately for any alarm. */
static bool
are_few(const farrington_series *series, size_t at, const farrington_options *options)
{
	double		cases = 0;

	for (size_t slot = at + 1; slot-- > 0 && at - slot < (size_t) options->limit_periods;)
		if (series->counts[slot] != COUNT_UNKNOWN)
			cases += (double) series->counts[slot];
	return cases < options->limit_cases;
}

/* What the baseline predicts for a point, by a model with a trend or, where that is not kept, without. */
static const char *
predict(const baseline *base, size_t at, const farrington_options *options, model *m, double *predictor, double *error)
{
	int			season = options->no_periods - 1;

	if (!base->has_cases)
		return REASON_NO_CASES;
	for (int with_trend = options->trend && options->b >= MIN_YEARS_FOR_TREND; with_trend >= 0; with_trend--)
	{
		double		row[GLM_MAX_COLUMNS];

		if (!fit_model(base, options, with_trend == 1, m))
			continue;
		make_row(m, season, slot_time(base->series, (int64_t) at), season, row);
		*predictor = glm_predictor_at(&m->fit, m->num_columns, row);
		if (base->series->populations != NULL)
			*predictor += log(base->series->populations[at]);
		*error = sqrt(m->error_dispersion * glm_variance_at(&m->fit, m->num_columns, row));
		if (with_trend == 0 || keep_trend(m, options, exp(*predictor), base->largest))
			return NULL;
	}
	return base->num_rows <= (size_t) options->no_periods ? REASON_SHORT_HISTORY : REASON_NO_FIT;
}

farrington_result
farrington_at(const farrington_series *series, size_t at, const farrington_options *options, farrington_room *room)
{
	baseline	base = {.series = series, .room = room};
	farrington_result result = {0};
	model		m;
	double		count = (double) series->counts[at];
	double		predictor;
	double		error;
	const char *reason;
	bool		few_cases;

	result.reason = series->counts[at] == COUNT_UNKNOWN ? REASON_NO_COUNT :
		series->populations != NULL && !(series->populations[at] > 0) ? REASON_NO_POPULATION :
		!fill_baseline(series, (int64_t) at, options, &base) ? REASON_SHORT_HISTORY : NULL;
	if (result.reason != NULL)
		return result;

	reason = predict(&base, at, options, &m, &predictor, &error);
	if (reason == NULL)
	{
		result.expected = exp(predictor);
		result.dispersion = m.dispersion;
		if (options->method == THRESHOLD_DELTA)
			delta_threshold(count, result.expected, error * result.expected, options, &result);
		else
			quantile_threshold(count, predictor, error, options, &result);
		if (!(result.expected > 0) || !isfinite(result.expected) || !isfinite(result.upper_bound))
			reason = REASON_NO_BOUND;
	}
	if (reason == NULL)
	{
		result.has_fit = true;
		result.trend = m.trend;
		result.slope = m.trend ? m.fit.coefficients[m.num_columns - 1] : 0;
		/* A quantile of a small mean is 0, below the mean: there is no measure of how far the count is. */
		result.has_score = result.upper_bound > result.expected;
		if (result.has_score)
			result.score = (count - result.expected) / (result.upper_bound - result.expected);
	}

	/* So few raise no alarm, whatever the past was like. */
	few_cases = are_few(series, at, options);
	result.has_alarm = few_cases || reason == NULL;
	result.alarm = !few_cases && reason == NULL && count > result.upper_bound;
	result.reason = few_cases ? REASON_FEW_CASES : reason;
	return result;
}
