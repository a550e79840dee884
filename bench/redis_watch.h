/*-------------------------------------------------------------------------
 *
 * redis_watch.h
 *		How soon a committed change is told in Redis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REDIS_WATCH_H
#define BENCH_REDIS_WATCH_H

#include "figures.h"
#include "names.h"
#include "redis_stage.h"

typedef struct RedisWatch RedisWatch;

/* Note from now on what Redis tells, and when. */
extern RedisWatch *redis_watch_open(Loop *loop, const RedisStage *stage, const Names *names);
/* Wait for the last changes, and compare with when they were committed. */
extern void redis_watch_close(RedisWatch *watch, Connection *connection, Figures *figures);

#endif /* BENCH_REDIS_WATCH_H */
