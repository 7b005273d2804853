/*
 * naloxone_dose.c
 *		The type naloxone_dose: input and output, constructor, accessors, comparison, and totals over arrays.
 *
 * The value is the eight bytes of core/naloxone_dose.h, passed by reference and never changed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "core/naloxone_dose.h"

/* CREATE TYPE says eight bytes. */
StaticAssertDecl(sizeof(naloxone_dose) == 8, "a naloxone_dose must have 8 bytes");

#define PG_GETARG_NALOXONE_DOSE(n)	((const naloxone_dose *) PG_GETARG_POINTER(n))

#define ROUTES_HINT	"The routes are intranasal, intramuscular, intravenous and subcutaneous."

PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_in);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_out);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_recv);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_send);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_make);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_num_doses);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_strength_mcg);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_route);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_total_mcg);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_array_num_doses);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_array_total_mcg);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_lt);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_le);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_eq);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_ne);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_ge);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_gt);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_cmp);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_hash);
PG_FUNCTION_INFO_V1(nkpi_naloxone_dose_hash_extended);

/* What is wrong with a value, as the error's detail. */
static const char *
status_detail(naloxone_dose_status status)
{
	switch (status)
	{
		case NALOXONE_DOSE_BAD_NUMBER:
			return "The number of doses is 1 to 1000.";
		case NALOXONE_DOSE_BAD_STRENGTH:
			return "The strength of a dose is 1 to 100000 micrograms, or unknown.";
		case NALOXONE_DOSE_BAD_ROUTE:
			return ROUTES_HINT " An unknown route is left out.";
		default:
			return "The text does not have the form of a dose.";
	}
}

static Datum
copy_dose(const naloxone_dose *dose)
{
	naloxone_dose *result = palloc(sizeof(naloxone_dose));

	*result = *dose;
	return PointerGetDatum(result);
}

/* Text to value; an error for anything but the text that naloxone_dose_out gives, white space around and letter case aside. */
Datum
nkpi_naloxone_dose_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	naloxone_dose dose;
	naloxone_dose_status status = naloxone_dose_parse(text, strlen(text), &dose);

	if (status != NALOXONE_DOSE_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "naloxone_dose", text),
				 errdetail("%s", status_detail(status)),
				 errhint("Write 2 x 1800 mcg intranasal, 2 x 400 mcg where the route is unknown, 1 x unknown where the strength is.")));
	return copy_dose(&dose);
}

Datum
nkpi_naloxone_dose_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(NALOXONE_DOSE_TEXT_SIZE);

	naloxone_dose_format(PG_GETARG_NALOXONE_DOSE(0), text);
	PG_RETURN_CSTRING(text);
}

/* Eight bytes to value; the bytes may come from anyone. */
Datum
nkpi_naloxone_dose_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	naloxone_dose dose;
	naloxone_dose_status status;

	if (buffer->len - buffer->cursor != sizeof(naloxone_dose))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary naloxone_dose: %d bytes", buffer->len - buffer->cursor),
				 errhint("A binary naloxone_dose has 8 bytes.")));
	dose.micrograms = (int32) pq_getmsgint(buffer, sizeof(int32));
	dose.number = (int16) pq_getmsgint(buffer, sizeof(int16));
	dose.route = (uint8) pq_getmsgbyte(buffer);
	dose.zero = (uint8) pq_getmsgbyte(buffer);

	status = naloxone_dose_check(dose.number, dose.micrograms, dose.route);
	if (status != NALOXONE_DOSE_OK || dose.zero != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary naloxone_dose: strength %d, number %d, route %d, last byte %d",
						dose.micrograms, dose.number, dose.route, dose.zero),
				 errdetail("%s", status == NALOXONE_DOSE_OK ? "The last byte must be 0." : status_detail(status)),
				 errhint("Send the micrograms (4 bytes, 0 if unknown), the number (2 bytes), the route's number (0 if unknown) and a zero.")));
	return copy_dose(&dose);
}

Datum
nkpi_naloxone_dose_send(PG_FUNCTION_ARGS)
{
	const naloxone_dose *dose = PG_GETARG_NALOXONE_DOSE(0);
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendint32(&buffer, (uint32) dose->micrograms);
	pq_sendint16(&buffer, (uint16) dose->number);
	pq_sendint8(&buffer, dose->route);
	pq_sendint8(&buffer, dose->zero);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

/* naloxone_dose(number, micrograms, route): NULL number gives NULL; NULL micrograms or route are unknown. */
Datum
nkpi_naloxone_dose_make(PG_FUNCTION_ARGS)
{
	int32		number;
	int32		micrograms = 0;
	int			route = NALOXONE_ROUTE_UNKNOWN;
	naloxone_dose dose;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	number = PG_GETARG_INT32(0);

	if (!PG_ARGISNULL(1))
	{
		micrograms = PG_GETARG_INT32(1);
		/* 0 stands for unknown inside the value alone; here it would be a dose without naloxone. */
		if (naloxone_dose_check(1, micrograms, route) != NALOXONE_DOSE_OK || micrograms == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("strength of a naloxone dose must be 1 to %d micrograms, not %d",
							NALOXONE_DOSE_MAX_MICROGRAMS, micrograms),
					 errhint("Use NULL for an unknown strength; 1 milligram is 1000 micrograms.")));
	}
	if (!PG_ARGISNULL(2))
	{
		text	   *name = PG_GETARG_TEXT_PP(2);

		route = naloxone_route_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		if (route < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unrecognized route of naloxone: \"%s\"", text_to_cstring(name)),
					 errhint(ROUTES_HINT " Use NULL for an unknown one.")));
	}
	if (naloxone_dose_check(number, micrograms, route) != NALOXONE_DOSE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of naloxone doses must be 1 to %d, not %d", NALOXONE_DOSE_MAX_NUMBER, number),
				 errhint("Where no naloxone was given there is no dose to record.")));

	dose.micrograms = micrograms;
	dose.number = (int16) number;
	dose.route = (uint8) route;
	dose.zero = 0;
	return copy_dose(&dose);
}

Datum
nkpi_naloxone_dose_num_doses(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_NALOXONE_DOSE(0)->number);
}

/* Micrograms of one dose; NULL if unknown. */
Datum
nkpi_naloxone_dose_strength_mcg(PG_FUNCTION_ARGS)
{
	const naloxone_dose *dose = PG_GETARG_NALOXONE_DOSE(0);

	if (dose->micrograms == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(dose->micrograms);
}

/* The route's name; NULL if unknown. */
Datum
nkpi_naloxone_dose_route(PG_FUNCTION_ARGS)
{
	const naloxone_dose *dose = PG_GETARG_NALOXONE_DOSE(0);

	if (dose->route == NALOXONE_ROUTE_UNKNOWN)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(naloxone_route_names[dose->route]));
}

/* Micrograms of all its doses, at most 1000 x 100000; NULL if the strength is unknown. */
Datum
nkpi_naloxone_dose_total_mcg(PG_FUNCTION_ARGS)
{
	const naloxone_dose *dose = PG_GETARG_NALOXONE_DOSE(0);

	if (dose->micrograms == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(dose->micrograms * dose->number);
}

/* What an array of doses comes to, NULL elements left out. */
typedef struct dose_totals
{
	bool		any;			/* is there a dose at all */
	bool		strengths_known;	/* is every strength known */
	int64		doses;
	int64		micrograms;		/* of the doses of known strength */
} dose_totals;

/* An array has under 2^28 elements, so neither sum can overflow. */
static dose_totals
total_array(ArrayType *array)
{
	dose_totals totals = {false, true, 0, 0};
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(naloxone_dose), false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		const naloxone_dose *dose;

		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			continue;
		dose = (const naloxone_dose *) DatumGetPointer(elements[i]);
		totals.any = true;
		totals.doses += dose->number;
		totals.micrograms += (int64) dose->micrograms * dose->number;
		if (dose->micrograms == 0)
			totals.strengths_known = false;
	}
	pfree(elements);
	pfree(nulls);
	return totals;
}

/* Doses in an array; NULL if it holds none, as not recorded is not zero. */
Datum
nkpi_naloxone_dose_array_num_doses(PG_FUNCTION_ARGS)
{
	dose_totals totals = total_array(PG_GETARG_ARRAYTYPE_P(0));

	if (!totals.any)
		PG_RETURN_NULL();
	PG_RETURN_INT64(totals.doses);
}

/* Micrograms in an array; NULL if it holds no dose or one of unknown strength. */
Datum
nkpi_naloxone_dose_array_total_mcg(PG_FUNCTION_ARGS)
{
	dose_totals totals = total_array(PG_GETARG_ARRAYTYPE_P(0));

	if (!totals.any || !totals.strengths_known)
		PG_RETURN_NULL();
	PG_RETURN_INT64(totals.micrograms);
}

/* By route, strength (unknown first) and number. */
static int
compare(FunctionCallInfo fcinfo)
{
	uint64		a = naloxone_dose_key(PG_GETARG_NALOXONE_DOSE(0));
	uint64		b = naloxone_dose_key(PG_GETARG_NALOXONE_DOSE(1));

	return (a > b) - (a < b);
}

Datum
nkpi_naloxone_dose_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
nkpi_naloxone_dose_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
nkpi_naloxone_dose_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
nkpi_naloxone_dose_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
nkpi_naloxone_dose_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
nkpi_naloxone_dose_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
nkpi_naloxone_dose_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

#define DOSE_KEY_BYTES	8

/* The key as bytes in one order for every machine. */
static void
key_bytes(const naloxone_dose *dose, unsigned char *bytes)
{
	uint64		key = naloxone_dose_key(dose);

	for (int i = 0; i < DOSE_KEY_BYTES; i++)
		bytes[i] = (unsigned char) (key >> (56 - 8 * i));
}

/* Partitions and hash indexes keep what these two return: it can never change. */
Datum
nkpi_naloxone_dose_hash(PG_FUNCTION_ARGS)
{
	unsigned char bytes[DOSE_KEY_BYTES];

	key_bytes(PG_GETARG_NALOXONE_DOSE(0), bytes);
	return hash_any(bytes, DOSE_KEY_BYTES);
}

Datum
nkpi_naloxone_dose_hash_extended(PG_FUNCTION_ARGS)
{
	unsigned char bytes[DOSE_KEY_BYTES];

	key_bytes(PG_GETARG_NALOXONE_DOSE(0), bytes);
	return hash_any_extended(bytes, DOSE_KEY_BYTES, (uint64) PG_GETARG_INT64(1));
}
