/*
 * naloxone_kpi.c
 *		Marks the library as a PostgreSQL module.
 */
#include "postgres.h"

#include "fmgr.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "naloxone_kpi", .version = NALOXONE_KPI_VERSION);
#else
PG_MODULE_MAGIC;
#endif
