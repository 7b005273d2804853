/*
 * test_first_aid.c
 *		Tests of src/core/first_aid.c.
 */
#include "core/first_aid.h"

#include "tap.h"

static first_aid_status
parse(const char *text, uint16_t *result)
{
	char	   *copy = tap_exact_copy(text, strlen(text));
	first_aid_status status = first_aid_parse(copy, strlen(text), result);

	free(copy);
	return status;
}

static void
accepts(const char *text, uint16_t want, const char *canonical)
{
	uint16_t	have = 0x00FF;
	char		out[FIRST_AID_TEXT_SIZE];

	is_int(parse(text, &have), FIRST_AID_OK, "\"%s\" is accepted", text);
	is_int(have, want, "\"%s\" is %04x", text, (unsigned int) want);
	first_aid_format(want, out);
	is_text(out, canonical, "%04x is written %s", (unsigned int) want, canonical);
}

static void
refuses(const char *text, first_aid_status why)
{
	uint16_t	have = 0x00FF;

	is_int(parse(text, &have), why, "\"%s\" is refused", text);
	is_int(have, 0x00FF, "\"%s\" leaves the result alone", text);
}

static void
test_text(void)
{
	accepts("{}", 0, "{}");
	accepts(" {\n} ", 0, "{}");
	/* recovery_position is technique 3, rescue_breaths 5: recorded 0x28, done 0x08. */
	accepts("{recovery_position: yes, rescue_breaths: no}", 0x2808, "{recovery_position: yes, rescue_breaths: no}");
	accepts("{rescue_breaths: no, recovery_position: yes}", 0x2808, "{recovery_position: yes, rescue_breaths: no}");
	accepts("\t{RESCUE_BREATHS:NO,recovery_position \n:\n Yes }\r", 0x2808, "{recovery_position: yes, rescue_breaths: no}");
	accepts("{woken_verbally: no}", 0x0100, "{woken_verbally: no}");
	accepts("{pulse_checked: yes}", 0x8080, "{pulse_checked: yes}");
	accepts("{woken_verbally: yes, head_tilted: yes, breathing_checked: yes, recovery_position: yes, "
			"chest_compressions: yes, rescue_breaths: yes, airway_cleared: yes, pulse_checked: yes}", 0xFFFF,
			"{woken_verbally: yes, head_tilted: yes, breathing_checked: yes, recovery_position: yes, "
			"chest_compressions: yes, rescue_breaths: yes, airway_cleared: yes, pulse_checked: yes}");

	refuses("", FIRST_AID_MALFORMED);
	refuses("{", FIRST_AID_MALFORMED);
	refuses("}", FIRST_AID_MALFORMED);
	refuses("{}}", FIRST_AID_MALFORMED);
	refuses("{} x", FIRST_AID_MALFORMED);
	refuses("{,}", FIRST_AID_MALFORMED);
	refuses("head_tilted: yes", FIRST_AID_MALFORMED);
	refuses("{head_tilted}", FIRST_AID_MALFORMED);
	refuses("{head_tilted yes}", FIRST_AID_MALFORMED);
	refuses("{head_tilted: yes", FIRST_AID_MALFORMED);
	refuses("{head_tilted: yes,", FIRST_AID_MALFORMED);
	refuses("{head_tilted: yes,}", FIRST_AID_MALFORMED);
	refuses("{head_tilted: yes pulse_checked: no}", FIRST_AID_MALFORMED);
	refuses("{\"head_tilted\": yes}", FIRST_AID_MALFORMED);
	refuses("{head_tilted: true}", FIRST_AID_NOT_YES_OR_NO);
	refuses("{head_tilted: y}", FIRST_AID_NOT_YES_OR_NO);
	refuses("{head_tilted: }", FIRST_AID_NOT_YES_OR_NO);
	refuses("{head_tilted:", FIRST_AID_NOT_YES_OR_NO);
	refuses("{head tilted: yes}", FIRST_AID_NO_SUCH_TECHNIQUE);
	refuses("{checked_for_response: yes}", FIRST_AID_NO_SUCH_TECHNIQUE);
	refuses("{head_tilted: yes, head_tilted: yes}", FIRST_AID_TWICE);
	refuses("{head_tilted: yes, pulse_checked: no, Head_Tilted: no}", FIRST_AID_TWICE);
}

static void
test_answers(void)
{
	is_int(first_aid_technique(0x2808, 3), FIRST_AID_YES, "recovery_position was done");
	is_int(first_aid_technique(0x2808, 5), FIRST_AID_NO, "rescue_breaths was not");
	is_int(first_aid_technique(0x2808, 7), FIRST_AID_NOT_RECORDED, "pulse_checked was not recorded");
	is_int(first_aid_technique(0x8080, 7), FIRST_AID_YES, "the last technique was done");

	is_int(first_aid_any(0x0000), FIRST_AID_NOT_RECORDED, "nothing recorded: not known whether any");
	is_int(first_aid_any(0x7F00), FIRST_AID_NOT_RECORDED, "seven recorded as not done: not known");
	is_int(first_aid_any(0xFF00), FIRST_AID_NO, "all recorded as not done: none");
	is_int(first_aid_any(0x0101), FIRST_AID_YES, "one done: some");

	is_int(first_aid_record(0, 0, true), 0x0101, "the first technique recorded as done");
	is_int(first_aid_record(0x0101, 7, false), 0x8101, "the last recorded as not done");

	is_int(first_aid_find("airway_cleared", 14), 6, "airway_cleared is technique 6");
	is_int(first_aid_find("Woken_Verbally", 14), 0, "letter case is ignored");
	is_int(first_aid_find("", 0), -1, "no name is no technique");
	is_int(first_aid_find("pulse_checked\0", 14), -1, "a byte too many is no technique");
}

static void
test_every_value(void)
{
	int			valid = 0;
	int			wrong = 0;

	for (unsigned int value = 0; value <= 0xFFFF; value++)
	{
		char		text[FIRST_AID_TEXT_SIZE];
		uint16_t	back = 0x00FF;

		if (!first_aid_is_valid((uint16_t) value))
			continue;
		valid++;
		first_aid_format((uint16_t) value, text);
		if (parse(text, &back) != FIRST_AID_OK || back != value)
			wrong++;
	}
	is_int(valid, 6561, "three answers to eight questions are 3^8 values");
	is_int(wrong, 0, "every value is read back from its text");
	ok(!first_aid_is_valid(0x0001) && !first_aid_is_valid(0xFE01), "what is done must be recorded");
}

/* What is accepted of arbitrary text is a value whose text is accepted as the same value. */
static void
test_mutations(void)
{
	static const char *const seeds[] = {"{}", "{recovery_position: yes, rescue_breaths: no}", "{pulse_checked:no}"};
	int			wrong = 0;
	int			accepted = 0;

	for (int round = 0; round < 200000; round++)
	{
		char		text[64];
		char		out[FIRST_AID_TEXT_SIZE];
		uint16_t	value = 0;
		uint16_t	back = 0;

		strcpy(text, seeds[tap_random(3)]);
		for (unsigned int changes = tap_random(4); changes > 0; changes--)
			tap_mutate(text, "{}:, \n_yesnorcuhtpl");
		if (parse(text, &value) != FIRST_AID_OK)
			continue;
		accepted++;
		if (first_aid_is_valid(value))
			first_aid_format(value, out);
		if (!first_aid_is_valid(value) || parse(out, &back) != FIRST_AID_OK || back != value)
			wrong++;
	}
	is_int(wrong, 0, "what is accepted of altered text is a value that has a text");
	ok(accepted > 1000, "some altered texts are accepted");
}

int
main(void)
{
	test_text();
	test_answers();
	test_every_value();
	test_mutations();
	return done_testing();
}
