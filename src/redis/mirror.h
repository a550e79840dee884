/*-------------------------------------------------------------------------
 *
 * mirror.h
 *		Seat maps in Redis, as they are committed here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_MIRROR_H
#define SEATLOCK_MIRROR_H

#include "redis/redis_link.h"

extern void sl_mirror_init(void);
extern void sl_mirror_start_over(const RedisLink *link);
extern void sl_mirror_forget(int32 event_id);
extern void sl_mirror_renew(RedisLink *link);
extern bool sl_mirror_publish(RedisLink *link, bool intake);

/* Pass for event_id: all of them. */
#define SL_MIRROR_ALL 0

#endif /* SEATLOCK_MIRROR_H */
