/*
 * time_zone.c
 *		Time zones by name.
 */
#include "time_zone.h"

#include "binding.h"

/*
 * The time zone of this name, or an error.
 *
 * Abbreviations are refused, also those that name a zone as well: which of the two timezone() takes them for, and what an
 * abbreviation means, is up to settings, and functions that are immutable depend on none.
 */
pg_tz *
find_time_zone(const char *name)
{
	static const char *const abbreviations[] = {"CET", "EET", "EST", "HST", "MET", "MST", "WET"};
	pg_tz	   *zone = pg_tzset(name);

	for (size_t i = 0; i < lengthof(abbreviations); i++)
	{
		if (pg_strcasecmp(name, abbreviations[i]) == 0)
			zone = NULL;
	}
	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", excerpt(name)),
				 errhint("Name a place, as \"Europe/London\" does, or \"UTC\"; abbreviations mean one thing here and another there.")));
	if (!pg_tz_acceptable(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" appears to use leap seconds", name),
				 errhint("PostgreSQL counts none: name the zone without them.")));
	return zone;
}
