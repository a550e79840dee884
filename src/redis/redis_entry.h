/*-------------------------------------------------------------------------
 *
 * redis_entry.h
 *		An entry of the stream, read as a claim.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_ENTRY_H
#define SEATLOCK_REDIS_ENTRY_H

#include "redis/redis_conn.h"
#include "redis_api.h"

/* An entry of the stream. */
typedef struct RedisEntry
{
	const char *id;
	const char *ticket;  /* NULL: nobody to answer */
	int64 deadline;      /* milliseconds by the clock of Redis */
	const char *verdict; /* NULL: none yet */
	const ClaimRequest *request;
	const char *malformed; /* what is wrong, or NULL */
} RedisEntry;

extern char *sl_redis_entry_error(int sqlerrcode, const char *message);
extern void sl_redis_entry_read(RedisEntry *entry, const RedisReply *reply, int64 now);

#endif /* SEATLOCK_REDIS_ENTRY_H */
