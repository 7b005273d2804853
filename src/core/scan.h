/*
 * scan.h
 *		What the readers of text share: ASCII, whatever the locale.
 */
#ifndef NALOXONE_KPI_SCAN_H
#define NALOXONE_KPI_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* Narrows a text to what stands between white space. */
static inline void
trim(const char **at, const char **end)
{
	while (*at < *end && is_space(**at))
		(*at)++;
	while (*at < *end && is_space((*end)[-1]))
		(*end)--;
}

static inline void
skip_white_space(const char **at)
{
	while (is_space(**at))
		(*at)++;
}

/* Moves past a word if it is the next. */
static inline bool
skip_word(const char **at, const char *word)
{
	size_t		length = strlen(word);

	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Reads decimal digits, one at the least, of a number not above the limit. */
static inline bool
read_decimal(const char **at, int64_t limit, int64_t *number)
{
	const char *start = *at;

	*number = 0;
	while (is_digit(**at))
	{
		int			digit = *(*at)++ - '0';

		if (*number > (limit - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > start;
}

/* The same in its shortest form, without zeros before it. */
static inline bool
read_shortest_decimal(const char **at, int64_t limit, int64_t *number)
{
	return !(**at == '0' && is_digit((*at)[1])) && read_decimal(at, limit, number);
}

#endif							/* NALOXONE_KPI_SCAN_H */
