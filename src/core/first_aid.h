/*
 * first_aid.h
 *		The eight first-aid techniques of the standard form, each done, not done, or not recorded.
 *
 * A value is two sets of eight bits: techniques done in the low half, techniques recorded in the high half.  What is done is
 * recorded.  Technique number n is bit n of either half.
 *
 * The text lists what is recorded, in order: {recovery_position: yes, rescue_breaths: no}; {} where nothing is.
 */
#ifndef NALOXONE_KPI_FIRST_AID_H
#define NALOXONE_KPI_FIRST_AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIRST_AID_TECHNIQUES	8

/* Room for the longest text and its terminating zero. */
#define FIRST_AID_TEXT_SIZE \
	sizeof("{woken_verbally: yes, head_tilted: yes, breathing_checked: yes, recovery_position: yes, " \
		   "chest_compressions: yes, rescue_breaths: yes, airway_cleared: yes, pulse_checked: yes}")

/* Names by number.  The numbers are stored: no name may move. */
extern const char *const first_aid_names[FIRST_AID_TECHNIQUES];

typedef enum first_aid_status
{
	FIRST_AID_OK,
	FIRST_AID_MALFORMED,		/* not the form of a list of techniques */
	FIRST_AID_NO_SUCH_TECHNIQUE,
	FIRST_AID_NOT_YES_OR_NO,
	FIRST_AID_TWICE				/* a technique is named twice */
} first_aid_status;

typedef enum first_aid_answer
{
	FIRST_AID_NO,
	FIRST_AID_YES,
	FIRST_AID_NOT_RECORDED
} first_aid_answer;

extern bool first_aid_is_valid(uint16_t value);

/* The value with one more technique (0 to 7) recorded. */
extern uint16_t first_aid_record(uint16_t value, int technique, bool done);

extern first_aid_answer first_aid_technique(uint16_t value, int technique);

/* Yes if any technique was done, no if all are recorded as not done. */
extern first_aid_answer first_aid_any(uint16_t value);

/* The number of the technique of that name in any letter case; -1 if there is none. */
extern int	first_aid_find(const char *name, size_t length);

extern first_aid_status first_aid_parse(const char *text, size_t length, uint16_t *result);

/* Writes the text, with a terminating zero, into FIRST_AID_TEXT_SIZE bytes. */
extern void first_aid_format(uint16_t value, char *text);

#endif							/* NALOXONE_KPI_FIRST_AID_H */
