/*
 * farrington.h
 *		Farrington's method and its improved version: whether a count is above what the same season of past years predicts.
 *
 * C. P. Farrington, N. J. Andrews, A. D. Beale and M. A. Catchpole, "A statistical algorithm for the early detection of outbreaks of
 * infectious disease", JRSS A 159, 1996.  A. Noufaily, D. G. Enki, P. Farrington, P. Garthwaite, N. Andrews and A. Charlett, "An
 * improved algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32, 2013.  Method "muan": M.
 * Salmon, D. Schumacher and M. Hoehle, "Monitoring count time series in R: aberration detection in public health surveillance",
 * Journal of Statistical Software 70, 2016.
 *
 * The series is an array of slots, one a period without a gap, the first of them with a count or without.
 */
#ifndef NALOXONE_KPI_FARRINGTON_H
#define NALOXONE_KPI_FARRINGTON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/glm_poisson.h"
#include "core/surveillance.h"

#define REASON_NO_POPULATION	"no population"
#define REASON_NO_CASES			"no cases in the baseline"
#define REASON_NO_FIT			"no fit"
#define REASON_NO_BOUND			"no finite bound"

/* The caller says of how many and in how many periods. */
#define REASON_FEW_CASES		"few cases"

/* The trend takes a column. */
#define FARRINGTON_MAX_PERIODS	(GLM_MAX_COLUMNS - 1)

/* What a slot is, which says where the same season of other years lies. */
typedef enum slot_kind
{
	SLOT_INDEX,					/* "freq" slots make a year */
	SLOT_DAY,
	SLOT_WEEK,
	SLOT_MONTH
} slot_kind;

typedef enum threshold_method
{
	THRESHOLD_DELTA,			/* Farrington 1996, with a power transformation */
	THRESHOLD_NB_PLUGIN,		/* Noufaily 2013: a quantile of the negative binomial distribution at the expected count */
	THRESHOLD_MUAN				/* the same at the upper limit of the expected count */
} threshold_method;

typedef enum power_transformation
{
	POWER_TWO_THIRDS,
	POWER_HALF,
	POWER_NONE
} power_transformation;

/* Which dispersion the standard error of the expected count and of the trend are computed with where past outbreaks were reweighted. */
typedef enum standard_error_method
{
	STANDARD_ERROR_SURVEILLANCE,	/* the mean square of relative residuals, as R's surveillance package does */
	STANDARD_ERROR_QUASI_POISSON	/* Pearson's of the model, for the expected count not below 1, as in Farrington's own method */
} standard_error_method;

/* The value of this name, as SQL writes it; false for any other name. */
extern bool find_threshold_method(const char *name, threshold_method *method);
extern bool find_power_transformation(const char *name, power_transformation *transformation);
extern bool find_standard_error_method(const char *name, standard_error_method *method);

typedef struct farrington_options
{
	int			freq;			/* slots a year where a slot is SLOT_INDEX */
	int			b;				/* years back */
	int			w;				/* slots on either side of the same season */
	bool		reweight;
	double		weights_threshold;
	double		alpha;			/* one-sided, below 0.5 */
	bool		trend;
	double		p_threshold_trend;
	int			limit_cases;
	int			limit_periods;
	power_transformation transformation;
	int			no_periods;		/* seasons of a year in the model */
	int			past_not_included;	/* slots before this one that are no baseline */
	threshold_method method;
	standard_error_method standard_error;
} farrington_options;

typedef struct farrington_series
{
	slot_kind	kind;
	int64_t		first_day;		/* of slot 0, from 1 January 2000 */
	size_t		num_slots;
	const int64_t *counts;
	const double *populations;	/* for an offset; 0 where unknown; or NULL */
} farrington_series;

/* Room for the baseline of one point, which the caller allocates. */
typedef struct farrington_room
{
	size_t		max_rows;		/* from farrington_rows() */
	double	   *x;				/* max_rows times GLM_MAX_COLUMNS */
	double	   *time;			/* the rest max_rows each */
	double	   *y;
	double	   *offset;
	double	   *weights;
	double	   *fitted;
	double	   *hat;
	int		   *block;
} farrington_room;

typedef struct farrington_result
{
	const char *reason;			/* expected and bound are only meant where this is NULL */
	double		expected;
	double		upper_bound;
	bool		has_alarm;		/* also with REASON_FEW_CASES, which means that there is none */
	bool		alarm;
	bool		has_fit;		/* the rest is meant where this is true: also with REASON_FEW_CASES */
	bool		has_score;
	double		score;			/* (count - expected) / (upper bound - expected) */
	double		p_value;		/* of a count as large as this */
	bool		trend;			/* it was kept */
	double		slope;			/* of the logarithm, a slot */
	double		dispersion;
} farrington_result;

/* The most rows that a baseline can have. */
extern size_t farrington_rows(const farrington_options *options, const farrington_series *series);

/* Of the point in this slot. */
extern farrington_result farrington_at(const farrington_series *series, size_t at, const farrington_options *options,
									   farrington_room *room);

#endif							/* NALOXONE_KPI_FARRINGTON_H */
