/*-------------------------------------------------------------------------
 *
 * redis_stage.h
 *		Redis as a trial needs it: in use or not, up to date, or stopped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REDIS_STAGE_H
#define BENCH_REDIS_STAGE_H

#include <sys/types.h>

#include "connection.h"
#include "redis_client.h"

typedef struct RedisStage
{
	const char *socket;
	redisContext *context;
	char *prefix; /* of the keys of the trial's database */
	pid_t pid;
} RedisStage;

/* Have the server's databases mirrored in Redis at this socket; NULL: in none. */
extern void redis_stage_point(Loop *loop, const char *socket);

/* The connection is to the database of the trial, here and below. */
extern void redis_stage_open(RedisStage *stage, const char *socket, Connection *connection);
/*
 * Wait until Redis has the event's map with so many seats taken, and takes
 * claims in.  Returns why it does not, to be freed, or NULL.
 */
extern char *redis_stage_wait(RedisStage *stage, Connection *connection, int num_taken);
extern void redis_stage_freeze(const RedisStage *stage);
extern void redis_stage_thaw(const RedisStage *stage);
extern void redis_stage_close(RedisStage *stage);

#endif /* BENCH_REDIS_STAGE_H */
