/*
 * compat.h
 *		The one place that knows PostgreSQL versions (15 to 18).
 */
#ifndef NALOXONE_KPI_COMPAT_H
#define NALOXONE_KPI_COMPAT_H

#include "postgres.h"

/* Soft errors came with 16; before it every bad input is an error at once. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/* The varlena macros moved out of postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* It was named otherwise at first. */
#if PG_VERSION_NUM < 150001
#define InitMaterializedSRF(fcinfo, flags)	SetSingleFuncCall(fcinfo, flags)
#define MAT_SRF_USE_EXPECTED_DESC	SRF_SINGLE_USE_EXPECTED
#endif

/* Early releases of 15 lack it. */
#ifndef palloc_array
#define palloc_array(type, count) ((type *) palloc(sizeof(type) * (Size) (count)))
#endif

#endif							/* NALOXONE_KPI_COMPAT_H */
