/*-------------------------------------------------------------------------
 *
 * clock.c
 *		The one clock: the server's wall clock, cut to whole milliseconds.
 *		And ticks, for waits: these do not jump when somebody sets the clock.
 *
 * Never now(): it stands still from the start of a transaction, so a claim
 * made late in a long one would see expired holds as live.  Whole milliseconds,
 * because a shared-memory copy of a lapse has no room for microseconds and
 * must never disagree with the row about which side of it an instant lies.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/resource.h>

#include "miscadmin.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/clock.h"

/* longest pause between two polls for a lock */
#define MAX_NAP_MS 8

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

/* Whole seconds until then, rounded up, so that 0 means expired. */
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

/* Milliseconds on a clock that nobody can set: for measuring waits, and nothing else. */
int64
sl_clock_ticks(void)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	return (int64) INSTR_TIME_GET_MILLISEC(now);
}

static int64
usecs_of(const struct timeval *time)
{
	return time->tv_sec * USECS_PER_SEC + time->tv_usec;
}

/* Microseconds of CPU that this process has used: what work costs, however busy the machine is. */
int64
sl_clock_cpu(void)
{
	struct rusage usage;

	(void) getrusage(RUSAGE_SELF, &usage);
	return usecs_of(&usage.ru_utime) + usecs_of(&usage.ru_stime);
}

/*
 * Pause before the next poll for a lock, each time longer; *nap_ms starts at
 * 1.  False, at once, when the deadline, in ticks, has passed.  Cancel and
 * terminate are obeyed.
 */
bool
sl_clock_nap(int64 deadline, int *nap_ms)
{
	int64 left = deadline - sl_clock_ticks();

	if (left <= 0)
		return false;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 (long) Min(left, *nap_ms), PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	*nap_ms = Min(*nap_ms * 2, MAX_NAP_MS);
	return true;
}
