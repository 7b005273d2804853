/*
 * tally_text.c
 *		The text of a tally: {value:count, ...}.
 */
#include "core/scan.h"
#include "core/tally.h"

bool
tally_read_text(const char **text, tally *t, tally_status *status)
{
	const char *at = *text;
	int64_t		previous = -1;

	*status = TALLY_OK;
	if (*at++ != '{')
		return false;
	skip_white_space(&at);
	while (*at != '}')
	{
		int64_t		value;
		int64_t		count;

		if (previous >= 0)
		{
			if (*at++ != ',')
				return false;
			skip_white_space(&at);
		}
		if (!read_shortest_decimal(&at, TALLY_MAX_VALUE, &value) || value <= previous)
			return false;
		skip_white_space(&at);
		if (*at++ != ':')
			return false;
		skip_white_space(&at);
		if (!read_shortest_decimal(&at, INT64_MAX, &count) || count == 0)
			return false;
		skip_white_space(&at);
		if ((*status = tally_append(t, (int32_t) value, count)) != TALLY_OK)
			return false;
		previous = value;
		t->host.check_for_interrupts();
	}
	*text = at + 1;
	return true;
}
