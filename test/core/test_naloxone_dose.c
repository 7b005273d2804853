/*
 * test_naloxone_dose.c
 *		Tests of src/core/naloxone_dose.c.
 */
#include "core/naloxone_dose.h"

#include "tap.h"

static naloxone_dose_status
parse(const char *text, naloxone_dose *result)
{
	char	   *copy = tap_exact_copy(text, strlen(text));
	naloxone_dose_status status = naloxone_dose_parse(copy, strlen(text), result);

	free(copy);
	return status;
}

static void
accepts(const char *text, int number, int micrograms, naloxone_route route, const char *canonical)
{
	naloxone_dose dose = {-1, -1, 99, 99};
	char		out[NALOXONE_DOSE_TEXT_SIZE];

	is_int(parse(text, &dose), NALOXONE_DOSE_OK, "\"%s\" is accepted", text);
	ok(dose.number == number && dose.micrograms == micrograms && dose.route == (int) route && dose.zero == 0,
	   "\"%s\" is %d of %d by route %d", text, number, micrograms, (int) route);
	naloxone_dose_format(&dose, out);
	is_text(out, canonical, "it is written %s", canonical);
}

static void
refuses(const char *text, naloxone_dose_status why)
{
	naloxone_dose dose = {-1, -1, 99, 99};

	is_int(parse(text, &dose), why, "\"%s\" is refused", text);
	ok(dose.number == -1 && dose.micrograms == -1 && dose.route == 99 && dose.zero == 99,
	   "\"%s\" leaves the result alone", text);
}

static void
test_text(void)
{
	accepts("2 x 1800 mcg intranasal", 2, 1800, NALOXONE_ROUTE_INTRANASAL, "2 x 1800 mcg intranasal");
	accepts("\n 2 X 1800 MCG Intranasal\t", 2, 1800, NALOXONE_ROUTE_INTRANASAL, "2 x 1800 mcg intranasal");
	accepts("1 x unknown", 1, 0, NALOXONE_ROUTE_UNKNOWN, "1 x unknown");
	accepts("1 x unknown intramuscular", 1, 0, NALOXONE_ROUTE_INTRAMUSCULAR, "1 x unknown intramuscular");
	accepts("2 x 400 mcg", 2, 400, NALOXONE_ROUTE_UNKNOWN, "2 x 400 mcg");
	accepts("1 x 1 mcg intravenous", 1, 1, NALOXONE_ROUTE_INTRAVENOUS, "1 x 1 mcg intravenous");
	accepts("1000 x 100000 mcg subcutaneous", 1000, 100000, NALOXONE_ROUTE_SUBCUTANEOUS, "1000 x 100000 mcg subcutaneous");
	accepts("1000 x 100000 mcg intramuscular", 1000, 100000, NALOXONE_ROUTE_INTRAMUSCULAR, "1000 x 100000 mcg intramuscular");

	refuses("", NALOXONE_DOSE_MALFORMED);
	refuses("2", NALOXONE_DOSE_MALFORMED);
	refuses("x", NALOXONE_DOSE_MALFORMED);
	refuses("2 x", NALOXONE_DOSE_MALFORMED);
	refuses("2 x ", NALOXONE_DOSE_MALFORMED);
	refuses("2x1800mcg", NALOXONE_DOSE_MALFORMED);
	refuses("2 x 1800", NALOXONE_DOSE_MALFORMED);
	refuses("2 x 1.8 mg", NALOXONE_DOSE_MALFORMED);
	refuses("2  x 1800 mcg", NALOXONE_DOSE_MALFORMED);
	refuses("2 x 1800 mcgintranasal", NALOXONE_DOSE_MALFORMED);
	refuses("-2 x 1800 mcg", NALOXONE_DOSE_MALFORMED);
	refuses("+2 x 1800 mcg", NALOXONE_DOSE_MALFORMED);
	refuses("02 x 1800 mcg", NALOXONE_DOSE_MALFORMED);
	refuses("2 x 01800 mcg", NALOXONE_DOSE_MALFORMED);
	refuses("2 x unknown mcg", NALOXONE_DOSE_BAD_ROUTE);
	refuses("0 x 1800 mcg", NALOXONE_DOSE_BAD_NUMBER);
	refuses("1001 x 1800 mcg", NALOXONE_DOSE_BAD_NUMBER);
	refuses("18446744073709551617 x 1800 mcg", NALOXONE_DOSE_BAD_NUMBER);
	refuses("2 x 0 mcg", NALOXONE_DOSE_BAD_STRENGTH);
	refuses("2 x 100001 mcg", NALOXONE_DOSE_BAD_STRENGTH);
	refuses("2 x 18446744073709553416 mcg", NALOXONE_DOSE_BAD_STRENGTH);
	refuses("2 x 1800 mcg oral", NALOXONE_DOSE_BAD_ROUTE);
	refuses("2 x 1800 mcg intra", NALOXONE_DOSE_BAD_ROUTE);
	refuses("2 x 1800 mcg intranasally", NALOXONE_DOSE_BAD_ROUTE);
	refuses("2 x 1800 mcg  intranasal", NALOXONE_DOSE_BAD_ROUTE);
	refuses("2 x 1800 mcg intranasal intranasal", NALOXONE_DOSE_BAD_ROUTE);
	refuses("2 x 1800 mcg unknown", NALOXONE_DOSE_BAD_ROUTE);
	refuses("1 x unknown unknown", NALOXONE_DOSE_BAD_ROUTE);
}

static void
test_rules(void)
{
	is_int(naloxone_dose_check(1, 0, 0), NALOXONE_DOSE_OK, "one of unknown strength and route is a dose");
	is_int(naloxone_dose_check(1000, 100000, 4), NALOXONE_DOSE_OK, "so is the largest");
	is_int(naloxone_dose_check(0, 0, 0), NALOXONE_DOSE_BAD_NUMBER, "none is not");
	is_int(naloxone_dose_check(1001, 0, 0), NALOXONE_DOSE_BAD_NUMBER, "1001 are not");
	is_int(naloxone_dose_check(65537, 0, 0), NALOXONE_DOSE_BAD_NUMBER, "nor what is 1 in 16 bits");
	is_int(naloxone_dose_check(1, -1, 0), NALOXONE_DOSE_BAD_STRENGTH, "less than nothing is no strength");
	is_int(naloxone_dose_check(1, 100001, 0), NALOXONE_DOSE_BAD_STRENGTH, "100001 is none");
	is_int(naloxone_dose_check(1, 0, -1), NALOXONE_DOSE_BAD_ROUTE, "-1 is no route");
	is_int(naloxone_dose_check(1, 0, 5), NALOXONE_DOSE_BAD_ROUTE, "5 is no route");

	is_int(naloxone_route_find("unknown", 7), 0, "unknown is route 0");
	is_int(naloxone_route_find("INTRAVENOUS", 11), 3, "intravenous is route 3 in any letter case");
	is_int(naloxone_route_find("", 0), -1, "no name is no route");
	is_int(naloxone_route_find("intranasal\0", 11), -1, "a byte too many is no route");
}

/* The order is by route, then strength, then number, whatever the other fields. */
static void
test_order(void)
{
	static const char *const in_order[] = {
		"1 x unknown", "1000 x unknown", "1 x 1 mcg", "1000 x 1 mcg", "1 x 65536 mcg", "1000 x 100000 mcg",
		"1 x unknown intranasal", "1 x 1800 mcg intranasal", "2 x 1800 mcg intranasal", "1 x 1801 mcg intranasal",
		"1 x unknown intramuscular", "1 x unknown intravenous", "1 x 400 mcg subcutaneous"
	};
	int			wrong = 0;

	for (size_t i = 0; i + 1 < sizeof(in_order) / sizeof(in_order[0]); i++)
	{
		naloxone_dose a;
		naloxone_dose b;

		if (parse(in_order[i], &a) != NALOXONE_DOSE_OK || parse(in_order[i + 1], &b) != NALOXONE_DOSE_OK ||
			naloxone_dose_key(&a) >= naloxone_dose_key(&b))
		{
			printf("# not in order: %s, %s\n", in_order[i], in_order[i + 1]);
			wrong++;
		}
	}
	is_int(wrong, 0, "doses are in order by route, strength and number");

	{
		naloxone_dose dose = {1800, 2, NALOXONE_ROUTE_INTRANASAL, 0};

		/* Route 1 in bits 48 on, 1800 = 0x708 in bits 16 on, 2 below. */
		ok(naloxone_dose_key(&dose) == UINT64_C(0x0001000007080002), "the key of 2 x 1800 mcg intranasal");
	}
}

static void
test_many_values(void)
{
	int			wrong = 0;

	for (int number = 1; number <= 1000; number += 37)
		for (int micrograms = 0; micrograms <= 100000; micrograms += 389)
			for (int route = 0; route < NALOXONE_ROUTES; route++)
			{
				naloxone_dose dose = {micrograms, (int16_t) number, (uint8_t) route, 0};
				naloxone_dose back;
				char		text[NALOXONE_DOSE_TEXT_SIZE];

				naloxone_dose_format(&dose, text);
				if (parse(text, &back) != NALOXONE_DOSE_OK || memcmp(&back, &dose, sizeof(dose)) != 0)
					wrong++;
			}
	is_int(wrong, 0, "values are read back from their texts, byte for byte");
}

/* What is accepted of arbitrary text is a value whose text is accepted as the same value. */
static void
test_mutations(void)
{
	static const char *const seeds[] = {"2 x 1800 mcg intranasal", "1 x unknown", "2 x 400 mcg", " 1 x unknown intramuscular "};
	int			wrong = 0;
	int			accepted = 0;

	for (int round = 0; round < 200000; round++)
	{
		char		text[64];
		char		out[NALOXONE_DOSE_TEXT_SIZE];
		naloxone_dose dose;
		naloxone_dose back;

		strcpy(text, seeds[tap_random(4)]);
		for (unsigned int changes = tap_random(4); changes > 0; changes--)
			tap_mutate(text, "0123456789 xmcgunknowintrasl\t-");
		if (parse(text, &dose) != NALOXONE_DOSE_OK)
			continue;
		accepted++;
		if (naloxone_dose_check(dose.number, dose.micrograms, dose.route) != NALOXONE_DOSE_OK || dose.zero != 0)
		{
			wrong++;
			continue;
		}
		naloxone_dose_format(&dose, out);
		if (parse(out, &back) != NALOXONE_DOSE_OK || memcmp(&back, &dose, sizeof(dose)) != 0)
			wrong++;
	}
	is_int(wrong, 0, "what is accepted of altered text is a value that has a text");
	ok(accepted > 1000, "some altered texts are accepted");
}

int
main(void)
{
	test_text();
	test_rules();
	test_order();
	test_many_values();
	test_mutations();
	return done_testing();
}
