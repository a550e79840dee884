/*-------------------------------------------------------------------------
 *
 * redis_client.h
 *		Connections to Redis, served by the same thread as those to the server.
 *
 * A connection is opened with blocking calls, then asked without blocking, any
 * number of questions at once: they are sent together at the next loop_wait(),
 * and answered in order through their handlers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REDIS_CLIENT_H
#define BENCH_REDIS_CLIENT_H

#include <hiredis/hiredis.h>

#include "loop.h"

typedef struct RedisClient RedisClient;

/* The reply is freed when the handler returns; latency is in nanoseconds. */
typedef void (*RedisHandler)(void *owner, const redisReply *reply, int64_t latency);

extern RedisClient *redis_open(Loop *loop, const char *socket);
extern void redis_close(RedisClient *client);

/* Ask what redis_format() or hiredis made; the command is copied. */
extern void redis_ask(RedisClient *client, const char *command, int length, RedisHandler on_reply,
					  void *owner);
/* the caller frees it with redisFreeCommand() */
extern char *redis_format(int num_args, const char *const *args, int *length);
/* From now on all that arrives is messages of channels with such a name. */
extern void redis_subscribe(RedisClient *client, const char *pattern, RedisHandler on_message,
							void *owner);
/* channel and text of a message */
extern bool redis_read_message(const redisReply *reply, const char **channel, const char **text);

/* Blocking, on a connection of its own; any error ends the program. */
extern redisContext *redis_connect(const char *socket);
/* The caller frees the reply. */
extern redisReply *redis_run(redisContext *context, const char *format, ...);

#endif /* BENCH_REDIS_CLIENT_H */
