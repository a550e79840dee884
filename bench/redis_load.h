/*-------------------------------------------------------------------------
 *
 * redis_load.h
 *		The buyers of a trial that ask through Redis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REDIS_LOAD_H
#define BENCH_REDIS_LOAD_H

#include "redis_stage.h"
#include "score.h"

typedef struct RedisLoad
{
	Loop *loop;
	const Load *load;
	const RedisStage *stage;
	Wishes *wishes;
	const Names *names;
	const char *function; /* with the keys and arguments of seatlock_claim */
	int num_connections;
	double seconds;
} RedisLoad;

extern void redis_load_run(const RedisLoad *load, Score *score);

#endif /* BENCH_REDIS_LOAD_H */
