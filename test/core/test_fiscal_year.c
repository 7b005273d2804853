/*
 * test_fiscal_year.c
 *		Tests of src/core/fiscal_year.c.
 */
#include "core/fiscal_year.h"

#include <limits.h>

#include "tap.h"

static fiscal_year_status
parse(const char *text, int32_t *result)
{
	char	   *copy = tap_exact_copy(text, strlen(text));
	fiscal_year_status status = fiscal_year_parse(copy, strlen(text), result);

	free(copy);
	return status;
}

static void
accepts(const char *text, int32_t want, const char *canonical)
{
	int32_t		have = -1;
	char		out[FISCAL_YEAR_TEXT_SIZE];

	is_int(parse(text, &have), FISCAL_YEAR_OK, "\"%s\" is accepted", text);
	is_int(have, want, "\"%s\" is %d", text, (int) want);
	fiscal_year_format(want, out);
	is_text(out, canonical, "%d is written %s", (int) want, canonical);
}

static void
refuses(const char *text, fiscal_year_status why)
{
	int32_t		have = -1;

	is_int(parse(text, &have), why, "\"%s\" is refused", text);
	is_int(have, -1, "\"%s\" leaves the result alone", text);
}

static void
test_text(void)
{
	/* 2024 * 12 + 3 and so on. */
	accepts("2024/25", 24291, "2024/25");
	accepts(" \t\n2024/25\r\v\f", 24291, "2024/25");
	accepts("2024/25 (October)", 24297, "2024/25 (October)");
	accepts("2024/25 (OCTOBER)", 24297, "2024/25 (October)");
	accepts("2024/25 (may)", 24292, "2024/25 (May)");
	accepts("2024 (January)", 24288, "2024 (January)");
	accepts("1999/00", 23991, "1999/00");
	accepts("0001 (January)", 12, "0001 (January)");
	accepts("0001/02", 15, "0001/02");
	accepts("9998/99 (December)", 119987, "9998/99 (December)");
	accepts("9998/99 (September)", 119984, "9998/99 (September)");

	refuses("", FISCAL_YEAR_MALFORMED);
	refuses(" ", FISCAL_YEAR_MALFORMED);
	refuses("2024/", FISCAL_YEAR_MALFORMED);
	refuses("2024/2", FISCAL_YEAR_MALFORMED);
	refuses("2024/255", FISCAL_YEAR_MALFORMED);
	refuses("2024-25", FISCAL_YEAR_MALFORMED);
	refuses("24/25", FISCAL_YEAR_MALFORMED);
	refuses("-024/25", FISCAL_YEAR_MALFORMED);
	refuses("2024 /25", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 x", FISCAL_YEAR_MALFORMED);
	refuses("2024/25(October)", FISCAL_YEAR_MALFORMED);
	refuses("2024/25x(October)", FISCAL_YEAR_MALFORMED);
	refuses("2024/25  (October)", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 (October", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 (October) x", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 (", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 ()", FISCAL_YEAR_MALFORMED);
	refuses("2024/25 (Oct)", FISCAL_YEAR_NO_SUCH_MONTH);
	refuses("2024/25 ( October)", FISCAL_YEAR_NO_SUCH_MONTH);
	refuses("2024/25 (Octobers)", FISCAL_YEAR_NO_SUCH_MONTH);
	refuses("2024/25 (10)", FISCAL_YEAR_NO_SUCH_MONTH);
	refuses("2024/25 (April)", FISCAL_YEAR_WRONG_FORM);
	refuses("2024/25 (January)", FISCAL_YEAR_WRONG_FORM);
	refuses("2024", FISCAL_YEAR_WRONG_FORM);
	refuses("2024 (October)", FISCAL_YEAR_WRONG_FORM);
	refuses("2024/26", FISCAL_YEAR_NOT_NEXT);
	refuses("2024/24", FISCAL_YEAR_NOT_NEXT);
	refuses("1999/99 (May)", FISCAL_YEAR_NOT_NEXT);
	refuses("0000/01", FISCAL_YEAR_OUT_OF_RANGE);
	refuses("9999/00", FISCAL_YEAR_OUT_OF_RANGE);
	refuses("0000 (January)", FISCAL_YEAR_OUT_OF_RANGE);
}

static void
test_arithmetic(void)
{
	int32_t		have = -1;
	int32_t		years = 0;

	ok(fiscal_year_is_valid(12), "the first fiscal year is valid");
	ok(!fiscal_year_is_valid(11), "none is before it");
	ok(fiscal_year_is_valid(119987), "the last fiscal year is valid");
	ok(!fiscal_year_is_valid(119988), "none is after it");
	ok(!fiscal_year_is_valid(INT32_MIN) && !fiscal_year_is_valid(INT32_MAX), "nor are the extremes");

	is_int(fiscal_year_first_year(24291), 2024, "2024/25 begins in 2024");
	is_int(fiscal_year_first_month(24291), 4, "2024/25 begins in April");
	is_int(fiscal_year_first_month(24288), 1, "a calendar year begins in January");
	is_int(fiscal_year_first_month(24299), 12, "2024/25 (December) begins in December");

	fiscal_year_of_month(2024, 3, 4, &have);
	is_int(have, 24279, "March 2024 is in 2023/24");
	fiscal_year_of_month(2024, 4, 4, &have);
	is_int(have, 24291, "April 2024 is in 2024/25");
	fiscal_year_of_month(2024, 12, 1, &have);
	is_int(have, 24288, "December 2024 is in 2024");
	fiscal_year_of_month(2024, 11, 12, &have);
	is_int(have, 24287, "November 2024 is in 2023/24 (December)");
	is_int(fiscal_year_of_month(1, 3, 4, &have), FISCAL_YEAR_OUT_OF_RANGE, "March of the year 1 is in none");
	is_int(fiscal_year_of_month(INT_MIN, 1, 4, &have), FISCAL_YEAR_OUT_OF_RANGE, "nor is the earliest year");
	is_int(fiscal_year_of_month(9999, 3, 4, &have), FISCAL_YEAR_OK, "March 9999 is in 9998/99");
	is_int(fiscal_year_of_month(9999, 4, 4, &have), FISCAL_YEAR_OUT_OF_RANGE, "April 9999 is in none");

	fiscal_year_add(24291, 1, &have);
	is_int(have, 24303, "2024/25 and a year is 2025/26");
	fiscal_year_add(24291, -2023, &have);
	is_int(have, 15, "2024/25 less 2023 years is 0001/02");
	is_int(fiscal_year_add(24291, -2024, &have), FISCAL_YEAR_OUT_OF_RANGE, "less 2024 is none");
	is_int(fiscal_year_add(24291, 7974, &have), FISCAL_YEAR_OK, "and 7974 is the last");
	is_int(fiscal_year_add(24291, 7975, &have), FISCAL_YEAR_OUT_OF_RANGE, "and 7975 is none");
	is_int(fiscal_year_add(24291, INT64_MAX, &have), FISCAL_YEAR_OUT_OF_RANGE, "nor is the largest sum");
	is_int(fiscal_year_add(24291, INT64_MIN, &have), FISCAL_YEAR_OUT_OF_RANGE, "nor is the smallest");

	ok(fiscal_year_difference(24291, 24303, &years) && years == -1, "2024/25 is a year before 2025/26");
	ok(fiscal_year_difference(119987, 23, &years) && years == 9997, "the whole range is 9997 years");
	ok(!fiscal_year_difference(24291, 24292, &years), "no whole years lie between an April and a May");
}

/* Every value is read back from its text, and texts are in no other way equal. */
static void
test_every_value(void)
{
	int			wrong = 0;

	for (int32_t value = 12; value <= 119987; value++)
	{
		char		text[FISCAL_YEAR_TEXT_SIZE];
		int32_t		back = -1;

		fiscal_year_format(value, text);
		if (parse(text, &back) != FISCAL_YEAR_OK || back != value)
			wrong++;
	}
	is_int(wrong, 0, "every value is read back from its text");
}

/* What is accepted of arbitrary text is a value whose text is accepted as the same value. */
static void
test_mutations(void)
{
	static const char *const seeds[] = {"2024/25", "2024/25 (October)", "2024 (January)", " 9998/99 (September) "};
	int			wrong = 0;
	int			accepted = 0;

	for (int round = 0; round < 200000; round++)
	{
		char		text[64];
		char		out[FISCAL_YEAR_TEXT_SIZE];
		int32_t		value = -1;
		int32_t		back = -1;

		strcpy(text, seeds[tap_random(4)]);
		for (unsigned int changes = tap_random(4); changes > 0; changes--)
			tap_mutate(text, "0123456789/ ()OctoberJanuary\t-");
		if (parse(text, &value) != FISCAL_YEAR_OK)
			continue;
		accepted++;
		if (fiscal_year_is_valid(value))
			fiscal_year_format(value, out);
		if (!fiscal_year_is_valid(value) || parse(out, &back) != FISCAL_YEAR_OK || back != value)
			wrong++;
	}
	is_int(wrong, 0, "what is accepted of altered text is a value that has a text");
	ok(accepted > 1000, "some altered texts are accepted");
}

int
main(void)
{
	test_text();
	test_arithmetic();
	test_every_value();
	test_mutations();
	return done_testing();
}
