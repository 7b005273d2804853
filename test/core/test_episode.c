/*
 * test_episode.c
 *		Which events begin an episode, by hand.
 */
#include "core/episode.h"

#include "tap.h"

int
main(void)
{
	int64_t		times[] = {0, 10, 89, 90, 100, 179, 180, 400, 400, 489};
	int64_t		same[] = {7, 7, 7};
	int64_t		extreme[] = {INT64_MIN, INT64_MAX};

	/* Episodes of 90: 0 to 89, 90 to 179, 180 to 269, 400 to 489. */
	is_int(episode_starts(times, 10, 90), 4, "an episode lasts from its beginning, not from its latest event");
	ok(times[0] == 0 && times[1] == 90 && times[2] == 180 && times[3] == 400, "each begins at or after the end of the one before");
	is_int(episode_starts(same, 3, 1), 1, "events at one moment are of one episode");
	is_int(episode_starts(extreme, 2, 90), 2, "times far apart");
	is_int(episode_starts(times, 0, 90), 0, "no events, no episode");
	return done_testing();
}
