/*-------------------------------------------------------------------------
 *
 * clock.c
 *		The one clock: the server's wall clock, cut to whole milliseconds.
 *
 * Never now(): it stands still from the start of a transaction, so a claim
 * made late in a long one would see lapsed holds as live.  Whole milliseconds,
 * because a shared-memory copy of a lapse has no room for microseconds and
 * must never disagree with the row about which side of it an instant lies.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "clock.h"
#include "utils/timestamp.h"

TimestampTz
sl_clock_now(void)
{
	TimestampTz now = GetCurrentTimestamp();

	return now - now % SL_USECS_PER_MSEC;
}

TimestampTz
sl_clock_add_seconds(TimestampTz start, int seconds)
{
	return start + (int64) seconds * USECS_PER_SEC;
}

/* Whole seconds until then, rounded up, so that 0 means lapsed. */
int
sl_clock_seconds_left(TimestampTz now, TimestampTz until)
{
	int64 usecs = until - now;

	if (usecs <= 0)
		return 0;
	return (int) Min((usecs + USECS_PER_SEC - 1) / USECS_PER_SEC, PG_INT32_MAX);
}

int
sl_clock_ms_left(TimestampTz now, TimestampTz until)
{
	int64 usecs = until - now;

	if (usecs <= 0)
		return 0;
	return (int) Min((usecs + SL_USECS_PER_MSEC - 1) / SL_USECS_PER_MSEC, PG_INT32_MAX);
}
