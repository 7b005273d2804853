/*
 * first_aid.c
 *		The type first_aid: input and output, constructor and accessors.
 *
 * The value is an int2 (core/first_aid.h), so comparison, sorting and hashing are the server's own functions for smallint.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "core/first_aid.h"

#define PG_GETARG_FIRST_AID(n)		((uint16) PG_GETARG_INT16(n))
#define PG_RETURN_FIRST_AID(value)	PG_RETURN_INT16((int16) (value))

#define TECHNIQUES_HINT \
	"The techniques are woken_verbally, head_tilted, breathing_checked, recovery_position, chest_compressions, " \
	"rescue_breaths, airway_cleared and pulse_checked."

PG_FUNCTION_INFO_V1(nkpi_first_aid_in);
PG_FUNCTION_INFO_V1(nkpi_first_aid_out);
PG_FUNCTION_INFO_V1(nkpi_first_aid_recv);
PG_FUNCTION_INFO_V1(nkpi_first_aid_send);
PG_FUNCTION_INFO_V1(nkpi_first_aid_make);
PG_FUNCTION_INFO_V1(nkpi_first_aid_technique_done);
PG_FUNCTION_INFO_V1(nkpi_first_aid_any_technique_done);
PG_FUNCTION_INFO_V1(nkpi_first_aid_techniques);

/* What is wrong with a text, as the error's detail. */
static const char *
text_detail(first_aid_status status)
{
	switch (status)
	{
		case FIRST_AID_NO_SUCH_TECHNIQUE:
			return TECHNIQUES_HINT;
		case FIRST_AID_NOT_YES_OR_NO:
			return "A technique is yes or no; one that was not recorded is left out.";
		case FIRST_AID_TWICE:
			return "A technique is named twice.";
		default:
			return "The text does not have the form of a list of techniques.";
	}
}

/* Text to value: techniques in any order, each once, white space anywhere between words, letter case ignored. */
Datum
nkpi_first_aid_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	uint16		result = 0;
	first_aid_status status = first_aid_parse(text, strlen(text), &result);

	if (status != FIRST_AID_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "first_aid", text),
				 errdetail("%s", text_detail(status)),
				 errhint("Write {recovery_position: yes, rescue_breaths: no}, or {} where nothing was recorded.")));
	PG_RETURN_FIRST_AID(result);
}

Datum
nkpi_first_aid_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(FIRST_AID_TEXT_SIZE);

	first_aid_format(PG_GETARG_FIRST_AID(0), text);
	PG_RETURN_CSTRING(text);
}

/* Two bytes to value; the bytes may come from anyone. */
Datum
nkpi_first_aid_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	uint16		result;

	if (buffer->len - buffer->cursor != sizeof(uint16))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary first_aid: %d bytes", buffer->len - buffer->cursor),
				 errhint("A binary first_aid has 2 bytes: techniques recorded, techniques done.")));
	result = (uint16) pq_getmsgint(buffer, sizeof(uint16));
	if (!first_aid_is_valid(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary first_aid: %04x", result),
				 errdetail("A technique is done that is not recorded."),
				 errhint("Set the bit in the first byte of every technique whose bit is set in the second.")));
	PG_RETURN_FIRST_AID(result);
}

Datum
nkpi_first_aid_send(PG_FUNCTION_ARGS)
{
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendint16(&buffer, PG_GETARG_FIRST_AID(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

/* first_aid(woken_verbally, ...): eight booleans in the order of the techniques, NULL for one not recorded. */
Datum
nkpi_first_aid_make(PG_FUNCTION_ARGS)
{
	uint16		result = 0;

	for (int technique = 0; technique < FIRST_AID_TECHNIQUES; technique++)
		if (!PG_ARGISNULL(technique))
			result = first_aid_record(result, technique, PG_GETARG_BOOL(technique));
	PG_RETURN_FIRST_AID(result);
}

/* Whether the technique of that name was done; NULL if that was not recorded. */
Datum
nkpi_first_aid_technique_done(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(1);
	int			technique = first_aid_find(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	first_aid_answer answer;

	if (technique < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized first-aid technique: \"%s\"", text_to_cstring(name)),
				 errhint(TECHNIQUES_HINT)));
	answer = first_aid_technique(PG_GETARG_FIRST_AID(0), technique);
	if (answer == FIRST_AID_NOT_RECORDED)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(answer == FIRST_AID_YES);
}

/* True if any technique was done, false if all eight are recorded as not done, else NULL. */
Datum
nkpi_first_aid_any_technique_done(PG_FUNCTION_ARGS)
{
	first_aid_answer answer = first_aid_any(PG_GETARG_FIRST_AID(0));

	if (answer == FIRST_AID_NOT_RECORDED)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(answer == FIRST_AID_YES);
}

/* The names of the techniques, in order. */
Datum
nkpi_first_aid_techniques(PG_FUNCTION_ARGS)
{
	Datum		names[FIRST_AID_TECHNIQUES];

	(void) fcinfo;				/* no arguments */
	for (int technique = 0; technique < FIRST_AID_TECHNIQUES; technique++)
		names[technique] = CStringGetTextDatum(first_aid_names[technique]);
	PG_RETURN_ARRAYTYPE_P(construct_array(names, FIRST_AID_TECHNIQUES, TEXTOID, -1, false, TYPALIGN_INT));
}
