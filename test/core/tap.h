/*
 * tap.h
 *		The least that a C program needs to print its checks in the Test Anything Protocol.
 *
 * Call ok() for each check and return done_testing() from main: it prints the plan, and is the exit status.
 */
#ifndef NALOXONE_KPI_TAP_H
#define NALOXONE_KPI_TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int	tap_checks = 0;
static int	tap_failures = 0;

/* One check; the rest of the arguments are its name, as for printf.  Its value is whether it passed. */
#define ok(passed, ...) tap_ok((passed) ? 1 : 0, __FILE__, __LINE__, tap_name(__VA_ARGS__))

/* Two texts are the same. */
#define is_text(have, want, ...) tap_is_text(have, want, __FILE__, __LINE__, tap_name(__VA_ARGS__))

/* Two whole numbers are the same. */
#define is_int(have, want, ...) tap_is_int(have, want, __FILE__, __LINE__, tap_name(__VA_ARGS__))

#define tap_name(...) (snprintf(tap_name_buffer, sizeof(tap_name_buffer), __VA_ARGS__), tap_name_buffer)
static char tap_name_buffer[512];

static inline int
tap_ok(int passed, const char *file, int line, const char *name)
{
	tap_checks++;
	/* A name may quote a text with line breaks; a line of the protocol has none. */
	for (char *c = tap_name_buffer; *c != '\0'; c++)
		if ((unsigned char) *c < ' ')
			*c = '.';
	printf("%sok %d - %s\n", passed ? "" : "not ", tap_checks, name);
	if (!passed)
	{
		tap_failures++;
		printf("# failed at %s:%d\n", file, line);
	}
	fflush(stdout);				/* a crash later must not hide it */
	return passed;
}

static inline int
tap_is_text(const char *have, const char *want, const char *file, int line, const char *name)
{
	int			passed = tap_ok(strcmp(have, want) == 0, file, line, name);

	if (!passed)
		printf("# have: %s\n# want: %s\n", have, want);
	return passed;
}

static inline int
tap_is_int(long long have, long long want, const char *file, int line, const char *name)
{
	int			passed = tap_ok(have == want, file, line, name);

	if (!passed)
		printf("# have: %lld\n# want: %lld\n", have, want);
	return passed;
}

/* A program without a check has tested nothing and fails. */
static inline int
done_testing(void)
{
	printf("1..%d\n", tap_checks);
	return tap_failures == 0 && tap_checks > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * A copy of the first length bytes of a text that ends where its memory ends, so that a sanitizer sees any reading past it.
 * The caller frees it.
 */
static inline char *
tap_exact_copy(const char *text, size_t length)
{
	char	   *copy = malloc(length > 0 ? length : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, text, length);
	return copy;
}

/* The same numbers on every machine and in every run (Marsaglia's xorshift with 64 bits of state). */
static inline unsigned int
tap_random(unsigned int below)
{
	static unsigned long long state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int) (state >> 32) % below;
}

/* Changes, drops or adds one character of a text that has room for one more. */
static inline void
tap_mutate(char *text, const char *alphabet)
{
	size_t		length = strlen(text);
	size_t		at = tap_random((unsigned int) length + 1);
	char		c = alphabet[tap_random((unsigned int) strlen(alphabet))];

	switch (tap_random(3))
	{
		case 0:
			if (at < length)
				text[at] = c;
			break;
		case 1:
			if (at < length)
				memmove(text + at, text + at + 1, length - at);
			break;
		default:
			memmove(text + at + 1, text + at, length - at + 1);
			text[at] = c;
			break;
	}
}

#endif							/* NALOXONE_KPI_TAP_H */
