/*
 * scan.h
 *		What the readers of text share: ASCII, whatever the locale.
 */
#ifndef NALOXONE_KPI_SCAN_H
#define NALOXONE_KPI_SCAN_H

#include <stdbool.h>

static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
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

#endif							/* NALOXONE_KPI_SCAN_H */
