/*-------------------------------------------------------------------------
 *
 * clock.h
 *		The one clock: the server's wall clock, cut to whole milliseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLOCK_H
#define SEATLOCK_CLOCK_H

#include "base/seatlock.h"

#define SL_USECS_PER_MSEC INT64CONST(1000)

extern PGDLLEXPORT TimestampTz sl_clock_now(void);
extern TimestampTz sl_clock_add_seconds(TimestampTz start, int seconds);
extern int sl_clock_seconds_left(TimestampTz now, TimestampTz until);
extern int sl_clock_ms_left(TimestampTz now, TimestampTz until);
extern PGDLLEXPORT int64 sl_clock_ticks(void);
extern PGDLLEXPORT int64 sl_clock_cpu(void);
extern bool sl_clock_nap(int64 deadline, int *nap_ms);

#endif /* SEATLOCK_CLOCK_H */
