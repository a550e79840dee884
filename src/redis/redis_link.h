/*-------------------------------------------------------------------------
 *
 * redis_link.h
 *		A worker's link to Redis: connected, with the function library, and owner or not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_LINK_H
#define SEATLOCK_REDIS_LINK_H

#include "redis/redis_conn.h"
#include "redis_api.h"

/* What is asked takes this long at most, or the connection is given up. */
#define SL_REDIS_TIMEOUT_MS 2000

/* the owner's key; without a worker it is gone after this long, and no map is valid any more */
#define SL_REDIS_OWNER_TTL_MS 5000

/* maps and labels, which are renewed when a quarter of it is over, or sooner */
#define SL_REDIS_MAP_TTL_MS 3600000

/* calls that may be on their way at once */
#define SL_MAX_POSTED 2

#define SL_REDIS_EPOCH_LENGTH sizeof(((WorkerStatus *) NULL)->epoch)

typedef struct RedisLink RedisLink;

/*
 * Takes the reply of a posted call, and frees it; not called where sl_call_redis_run
 * returns NULL.
 */
typedef void (*RedisArrival)(RedisLink *link, RedisReply *reply);

typedef struct PostedCall
{
	const char *function;
	int max_elements;
	RedisArrival arrived;
} PostedCall;

struct RedisLink
{
	RedisConn *conn;                 /* NULL: none */
	char *prefix;                    /* with the braces */
	char name[SL_REDIS_WORD_LENGTH]; /* the worker's; what owns the keys is its epoch */
	char next_epoch[SL_REDIS_EPOCH_LENGTH];
	WorkerStatus status;
	int num_posted; /* replies of these are still to come, in this order */
	PostedCall posted[SL_MAX_POSTED];
};

/* A call of a function of the library, while it is put together. */
typedef struct RedisCall
{
	int num_args;
	int max_args;
	const char **args;
	Size *lengths;
	int num_keys;
} RedisCall;

extern bool sl_link_open(RedisLink *link);
extern void sl_link_note_error(RedisLink *link, const char *message);
extern void sl_link_close(RedisLink *link, const char *why);
extern bool sl_link_own(RedisLink *link, bool take_over, bool *anew);

extern char *sl_link_to_utf8(const char *text);
extern char *sl_link_key(const RedisLink *link, const char *kind, const char *rest);

extern void sl_call_redis_begin(RedisCall *call, const char *function);
extern void sl_call_redis_begin_lasting(RedisCall *call, const RedisLink *link,
										const char *function, const char *key);
extern void sl_call_redis_key(RedisCall *call, const char *key);
extern void sl_call_redis_text(RedisCall *call, const char *text);
extern void sl_call_redis_bytes(RedisCall *call, const char *bytes, Size length);
extern void sl_call_redis_number(RedisCall *call, int64 number);
extern RedisReply *sl_call_redis_run(RedisCall *call, RedisLink *link, int max_elements);
extern bool sl_call_redis_run_to_ok(RedisCall *call, RedisLink *link);
extern void sl_call_redis_post(RedisCall *call, RedisLink *link, int max_elements,
							   RedisArrival arrived);
extern void sl_link_catch_up(RedisLink *link);

#endif /* SEATLOCK_REDIS_LINK_H */
