/*
 * standardisation.h
 *		The types direct_standardisation and indirect_standardisation, as their functions read them.
 */
#ifndef NALOXONE_KPI_STANDARDISATION_TYPES_H
#define NALOXONE_KPI_STANDARDISATION_TYPES_H

#include "postgres.h"

#include "core/standardisation.h"

typedef struct standardisation
{
	int32		vl_len_;
	int32		num_bands;
	standardisation_band bands[FLEXIBLE_ARRAY_MEMBER];
} standardisation;

/* The two types, which differ in what a band's second pair of numbers is. */
typedef enum standardisation_method
{
	DIRECT,
	INDIRECT
} standardisation_method;

/* Not for other libraries, whose names may be the same. */
#pragma GCC visibility push(hidden)

/* The canonical form of a value of the method's type in whatever form, always a copy. */
extern standardisation *get_standardisation(Datum datum, standardisation_method method);

#pragma GCC visibility pop

#endif							/* NALOXONE_KPI_STANDARDISATION_TYPES_H */
