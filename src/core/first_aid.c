/*
 * first_aid.c
 *		The rules and the text of the first aid that was given.  See first_aid.h for what a value is.
 *
 * Pure C: no PostgreSQL, no memory of its own, nothing that depends on the locale.
 */
#include "first_aid.h"

#include <stdio.h>
#include <string.h>

#include "scan.h"

const char *const first_aid_names[FIRST_AID_TECHNIQUES] = {
	"woken_verbally", "head_tilted", "breathing_checked", "recovery_position",
	"chest_compressions", "rescue_breaths", "airway_cleared", "pulse_checked"
};

static unsigned int
done(uint16_t value)
{
	return value & 0xFFu;
}

static unsigned int
recorded(uint16_t value)
{
	return (unsigned int) value >> 8;
}

bool
first_aid_is_valid(uint16_t value)
{
	return (done(value) & ~recorded(value)) == 0;
}

uint16_t
first_aid_record(uint16_t value, int technique, bool is_done)
{
	return (uint16_t) (value | 0x100u << technique | (is_done ? 1u : 0u) << technique);
}

first_aid_answer
first_aid_technique(uint16_t value, int technique)
{
	if ((recorded(value) >> technique & 1u) == 0)
		return FIRST_AID_NOT_RECORDED;
	return (done(value) >> technique & 1u) != 0 ? FIRST_AID_YES : FIRST_AID_NO;
}

first_aid_answer
first_aid_any(uint16_t value)
{
	if (done(value) != 0)
		return FIRST_AID_YES;
	return recorded(value) == 0xFFu ? FIRST_AID_NO : FIRST_AID_NOT_RECORDED;
}

/* Whether the text is the word, in any letter case. */
static bool
is_word(const char *text, size_t length, const char *word)
{
	if (strlen(word) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (to_lower(text[i]) != word[i])
			return false;
	return true;
}

int
first_aid_find(const char *name, size_t length)
{
	for (int technique = 0; technique < FIRST_AID_TECHNIQUES; technique++)
		if (is_word(name, length, first_aid_names[technique]))
			return technique;
	return -1;
}

static void
skip_space(const char **at, const char *end)
{
	while (*at < end && is_space(**at))
		(*at)++;
}

/* Steps over white space and the character c, if that is what comes next. */
static bool
read_mark(const char **at, const char *end, char c)
{
	skip_space(at, end);
	if (*at == end || **at != c)
		return false;
	(*at)++;
	return true;
}

/* Steps over white space and a run of letters and underscores, and returns the length of the run. */
static size_t
read_word(const char **at, const char *end, const char **word)
{
	skip_space(at, end);
	*word = *at;
	while (*at < end && ((to_lower(**at) >= 'a' && to_lower(**at) <= 'z') || **at == '_'))
		(*at)++;
	return (size_t) (*at - *word);
}

/* Reads one "technique: yes" or "technique: no" and records it in value. */
static first_aid_status
read_technique(const char **at, const char *end, uint16_t *value)
{
	const char *word;
	size_t		length = read_word(at, end, &word);
	int			technique;
	bool		is_done;

	if (length == 0)
		return FIRST_AID_MALFORMED;
	technique = first_aid_find(word, length);
	if (technique < 0)
		return FIRST_AID_NO_SUCH_TECHNIQUE;
	if (!read_mark(at, end, ':'))
		return FIRST_AID_MALFORMED;
	length = read_word(at, end, &word);
	is_done = is_word(word, length, "yes");
	if (!is_done && !is_word(word, length, "no"))
		return FIRST_AID_NOT_YES_OR_NO;
	if (first_aid_technique(*value, technique) != FIRST_AID_NOT_RECORDED)
		return FIRST_AID_TWICE;
	*value = first_aid_record(*value, technique, is_done);
	return FIRST_AID_OK;
}

first_aid_status
first_aid_parse(const char *text, size_t length, uint16_t *result)
{
	const char *at = text;
	const char *end = text + length;
	uint16_t	value = 0;

	if (!read_mark(&at, end, '{'))
		return FIRST_AID_MALFORMED;
	if (!read_mark(&at, end, '}'))
	{
		do
		{
			first_aid_status status = read_technique(&at, end, &value);

			if (status != FIRST_AID_OK)
				return status;
		} while (read_mark(&at, end, ','));
		if (!read_mark(&at, end, '}'))
			return FIRST_AID_MALFORMED;
	}
	skip_space(&at, end);
	if (at != end)
		return FIRST_AID_MALFORMED;
	*result = value;
	return FIRST_AID_OK;
}

void
first_aid_format(uint16_t value, char *text)
{
	char	   *at = text;
	char	   *end = text + FIRST_AID_TEXT_SIZE;
	const char *separator = "";

	*at++ = '{';
	for (int technique = 0; technique < FIRST_AID_TECHNIQUES; technique++)
	{
		first_aid_answer answer = first_aid_technique(value, technique);

		if (answer == FIRST_AID_NOT_RECORDED)
			continue;
		at += snprintf(at, (size_t) (end - at), "%s%s: %s", separator, first_aid_names[technique],
					   answer == FIRST_AID_YES ? "yes" : "no");
		separator = ", ";
	}
	snprintf(at, (size_t) (end - at), "}");
}
