/*
 * naloxone_dose.c
 *		The rules, the order and the text of doses of naloxone.  See naloxone_dose.h for what a value is.
 *
 * Pure C: no PostgreSQL, no memory of its own, nothing that depends on the locale.
 */
#include "naloxone_dose.h"

#include <stdio.h>
#include <string.h>

#include "scan.h"

const char *const naloxone_route_names[NALOXONE_ROUTES] = {
	"unknown", "intranasal", "intramuscular", "intravenous", "subcutaneous"
};

naloxone_dose_status
naloxone_dose_check(int64_t number, int64_t micrograms, int route)
{
	if (number < 1 || number > NALOXONE_DOSE_MAX_NUMBER)
		return NALOXONE_DOSE_BAD_NUMBER;
	if (micrograms < 0 || micrograms > NALOXONE_DOSE_MAX_MICROGRAMS)
		return NALOXONE_DOSE_BAD_STRENGTH;
	if (route < 0 || route >= NALOXONE_ROUTES)
		return NALOXONE_DOSE_BAD_ROUTE;
	return NALOXONE_DOSE_OK;
}

uint64_t
naloxone_dose_key(const naloxone_dose *dose)
{
	return ((uint64_t) dose->route << 48) | ((uint64_t) dose->micrograms << 16) | (uint64_t) dose->number;
}

/* Steps over a word in any letter case. */
static bool
read_word(const char **at, const char *end, const char *word)
{
	size_t		length = strlen(word);

	if ((size_t) (end - *at) < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (to_lower((*at)[i]) != word[i])
			return false;
	*at += length;
	return true;
}

/* Reads a whole number without leading zeros; one too large for any field stays at a value that no field allows. */
static bool
read_number(const char **at, const char *end, int64_t *number)
{
	const char *start = *at;

	*number = 0;
	for (; *at < end && is_digit(**at); (*at)++)
		if (*number <= NALOXONE_DOSE_MAX_MICROGRAMS)
			*number = *number * 10 + (**at - '0');
	return *at > start && (*start != '0' || *at == start + 1);
}

int
naloxone_route_find(const char *name, size_t length)
{
	for (int route = 0; route < NALOXONE_ROUTES; route++)
	{
		const char *at = name;

		if (read_word(&at, name + length, naloxone_route_names[route]) && at == name + length)
			return route;
	}
	return -1;
}

naloxone_dose_status
naloxone_dose_parse(const char *text, size_t length, naloxone_dose *result)
{
	const char *at = text;
	const char *end = text + length;
	int64_t		number;
	int64_t		micrograms = 0;
	int			route = NALOXONE_ROUTE_UNKNOWN;
	naloxone_dose_status status;

	trim(&at, &end);

	if (!read_number(&at, end, &number) || !read_word(&at, end, " x "))
		return NALOXONE_DOSE_MALFORMED;
	if (!read_word(&at, end, "unknown"))
	{
		if (!read_number(&at, end, &micrograms) || !read_word(&at, end, " mcg"))
			return NALOXONE_DOSE_MALFORMED;
		/* Only the word says unknown. */
		if (micrograms == 0)
			return NALOXONE_DOSE_BAD_STRENGTH;
	}
	if (at < end)
	{
		if (!read_word(&at, end, " "))
			return NALOXONE_DOSE_MALFORMED;
		/* An unknown route is left out, so that a value has one text. */
		route = naloxone_route_find(at, (size_t) (end - at));
		if (route == NALOXONE_ROUTE_UNKNOWN)
			route = -1;
	}

	status = naloxone_dose_check(number, micrograms, route);
	if (status == NALOXONE_DOSE_OK)
	{
		result->micrograms = (int32_t) micrograms;
		result->number = (int16_t) number;
		result->route = (uint8_t) route;
		result->zero = 0;
	}
	return status;
}

void
naloxone_dose_format(const naloxone_dose *dose, char *text)
{
	char	   *at = text;
	char	   *end = text + NALOXONE_DOSE_TEXT_SIZE;

	at += snprintf(at, (size_t) (end - at), "%d x ", dose->number);
	if (dose->micrograms == 0)
		at += snprintf(at, (size_t) (end - at), "unknown");
	else
		at += snprintf(at, (size_t) (end - at), "%d mcg", (int) dose->micrograms);
	if (dose->route != NALOXONE_ROUTE_UNKNOWN)
		snprintf(at, (size_t) (end - at), " %s", naloxone_route_names[dose->route]);
}
