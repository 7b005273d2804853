/*
 * fiscal_year.c
 *		The type fiscal_year: input and output, constructor, accessors and arithmetic.
 *
 * The value is an int4 (core/fiscal_year.h), so comparison, sorting and hashing are the server's own functions for integer.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "compat.h"
#include "core/fiscal_year.h"

PG_FUNCTION_INFO_V1(nkpi_fiscal_year_in);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_out);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_recv);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_send);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_from_date);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_from_date_and_month);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_first_day);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_last_day);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_first_month);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_plus);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_minus);
PG_FUNCTION_INFO_V1(nkpi_fiscal_year_difference);

/* What is wrong with a text, as the error's detail. */
static const char *
text_detail(fiscal_year_status status)
{
	switch (status)
	{
		case FISCAL_YEAR_NOT_NEXT:
			return "The two digits after the slash must be those of the next year.";
		case FISCAL_YEAR_NO_SUCH_MONTH:
			return "The word in brackets is not the English name of a month.";
		case FISCAL_YEAR_WRONG_FORM:
			return "A fiscal year that begins with April does not name its month, and only one that begins with January is a single year.";
		case FISCAL_YEAR_OUT_OF_RANGE:
			return "A fiscal year begins in a year from 0001 to 9998.";
		default:
			return "The text does not have the form of a fiscal year.";
	}
}

/* Text to value; an error for anything but the text that fiscal_year_out gives, white space around and letter case aside. */
Datum
nkpi_fiscal_year_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	int32		result = 0;
	fiscal_year_status status = fiscal_year_parse(text, strlen(text), &result);

	if (status != FISCAL_YEAR_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "fiscal_year", text),
				 errdetail("%s", text_detail(status)),
				 errhint("Write 2024/25 for the year from April 2024, 2024/25 (October) for one from another month, 2024 (January) for a calendar year.")));
	PG_RETURN_INT32(result);
}

Datum
nkpi_fiscal_year_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(FISCAL_YEAR_TEXT_SIZE);

	fiscal_year_format(PG_GETARG_INT32(0), text);
	PG_RETURN_CSTRING(text);
}

/* Four bytes to value; the bytes may come from anyone. */
Datum
nkpi_fiscal_year_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int32		result;

	if (buffer->len - buffer->cursor != sizeof(int32))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary fiscal_year: %d bytes", buffer->len - buffer->cursor),
				 errhint("A binary fiscal_year is a 4-byte integer.")));
	result = (int32) pq_getmsgint(buffer, sizeof(int32));
	if (!fiscal_year_is_valid(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary fiscal_year: %d", result),
				 errdetail("%s", text_detail(FISCAL_YEAR_OUT_OF_RANGE)),
				 errhint("Send year * 12 + month - 1 of the first day.")));
	PG_RETURN_INT32(result);
}

Datum
nkpi_fiscal_year_send(PG_FUNCTION_ARGS)
{
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendint32(&buffer, (uint32) PG_GETARG_INT32(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

static void
report_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("fiscal_year out of range"),
			 errdetail("%s", text_detail(FISCAL_YEAR_OUT_OF_RANGE)),
			 errhint("Use a date or a number of years that stays within that range.")));
}

/* The fiscal year, beginning with first_month, that a day lies in. */
static Datum
fiscal_year_of_day(DateADT day, int32 first_month)
{
	int			year;
	int			month;
	int			day_of_month;
	int32		result = 0;

	if (first_month < 1 || first_month > 12)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first month of a fiscal year must be 1 to 12, not %d", first_month),
				 errhint("Give the month as a number, such as 4 for April.")));
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("an infinite date is in no fiscal year"),
				 errhint("Use NULL for a date that is not known.")));

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	if (fiscal_year_of_month(year, month, first_month, &result) != FISCAL_YEAR_OK)
		report_out_of_range();
	return Int32GetDatum(result);
}

/* fiscal_year(date), also the cast: the year from April. */
Datum
nkpi_fiscal_year_from_date(PG_FUNCTION_ARGS)
{
	return fiscal_year_of_day(PG_GETARG_DATEADT(0), FISCAL_YEAR_APRIL);
}

Datum
nkpi_fiscal_year_from_date_and_month(PG_FUNCTION_ARGS)
{
	return fiscal_year_of_day(PG_GETARG_DATEADT(0), PG_GETARG_INT32(1));
}

/* The first day of the fiscal year so many years later; the year may be one past the last valid one. */
static DateADT
first_day(int32 fiscal_year, int years_later)
{
	return date2j(fiscal_year_first_year(fiscal_year) + years_later, fiscal_year_first_month(fiscal_year), 1) -
		POSTGRES_EPOCH_JDATE;
}

Datum
nkpi_fiscal_year_first_day(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(first_day(PG_GETARG_INT32(0), 0));
}

Datum
nkpi_fiscal_year_last_day(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(first_day(PG_GETARG_INT32(0), 1) - 1);
}

Datum
nkpi_fiscal_year_first_month(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(fiscal_year_first_month(PG_GETARG_INT32(0)));
}

static Datum
add_years(int32 fiscal_year, int64 years)
{
	int32		result = 0;

	if (fiscal_year_add(fiscal_year, years, &result) != FISCAL_YEAR_OK)
		report_out_of_range();
	return Int32GetDatum(result);
}

Datum
nkpi_fiscal_year_plus(PG_FUNCTION_ARGS)
{
	return add_years(PG_GETARG_INT32(0), PG_GETARG_INT32(1));
}

Datum
nkpi_fiscal_year_minus(PG_FUNCTION_ARGS)
{
	/* In 64 bits the least integer has a negative too. */
	return add_years(PG_GETARG_INT32(0), -(int64) PG_GETARG_INT32(1));
}

/* Whole years from the second to the first; an error if they begin with different months, as no whole number is right. */
Datum
nkpi_fiscal_year_difference(PG_FUNCTION_ARGS)
{
	int32		years = 0;

	if (!fiscal_year_difference(PG_GETARG_INT32(0), PG_GETARG_INT32(1), &years))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fiscal years that begin with different months cannot be subtracted"),
				 errdetail("One begins with month %d, the other with month %d.",
						   fiscal_year_first_month(PG_GETARG_INT32(0)), fiscal_year_first_month(PG_GETARG_INT32(1))),
				 errhint("Subtract their first days instead: first_day(a) - first_day(b).")));
	PG_RETURN_INT32(years);
}
