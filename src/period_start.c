/*
 * period_start.c
 *		period_start(): the first day of the month, fiscal quarter or fiscal year that holds a day.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "compat.h"
#include "core/calendar.h"

PG_FUNCTION_INFO_V1(nkpi_period_start_date);
Datum
nkpi_period_start_date(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	DateADT		day = PG_GETARG_DATEADT(1);
	int			first_month = PG_GETARG_INT32(2);
	period_grain grain;
	int			year;
	int			month;
	int			day_of_month;
	int			first;

	if (!find_grain(name, &grain))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period grain \"%s\" is not known", name),
				 errhint("The grains are \"month\", \"fiscal_quarter\" and \"fiscal_year\".")));
	if (first_month < 1 || first_month > 12)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first month %d of the fiscal year is not between 1 and 12", first_month)));
	if (DATE_NOT_FINITE(day))
		PG_RETURN_DATEADT(day);
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	first = period_first_month(grain, year * 12 + month - 1, first_month);
	/* Months before year 0 would divide towards zero. */
	year = first >= 0 ? first / 12 : -((11 - first) / 12);
	day = date2j(year, first - year * 12 + 1, 1) - POSTGRES_EPOCH_JDATE;
	if (!IS_VALID_DATE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("start of the period is out of range for type %s", "date")));
	PG_RETURN_DATEADT(day);
}
