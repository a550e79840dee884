/*-------------------------------------------------------------------------
 *
 * redis_scan.h
 *		Is a reply of Redis whole, and within limits?
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_SCAN_H
#define SEATLOCK_REDIS_SCAN_H

#include "redis_api.h"

#define SL_REDIS_MAX_NESTING 7 /* hiredis 0.14 can do no more */
#define SL_REDIS_PROBLEM_LENGTH 128

/* How far a reply has been looked through; to begin with, all but max_elements is 0. */
typedef struct RedisScan
{
	int max_elements;
	Size passed;    /* up to here all is known and within the limits */
	Size searched;  /* bytes of the line at that place that hold no line end */
	Size body_size; /* of the string at that place, with its line end; 0: a line is next */
	int depth;
	int64 num_missing[SL_REDIS_MAX_NESTING]; /* elements to come, per open array */
	int64 num_elements;                      /* of all arrays */
	bool is_whole;
	char problem[SL_REDIS_PROBLEM_LENGTH]; /* why it must not go on; "": it may */
} RedisScan;

extern bool sl_redis_scan(RedisScan *scan, const char *reply, Size size);

#endif /* SEATLOCK_REDIS_SCAN_H */
