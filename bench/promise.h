/*-------------------------------------------------------------------------
 *
 * promise.h
 *		What the buyers were told to have, to be compared with the tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_PROMISE_H
#define BENCH_PROMISE_H

#include "names.h"

/* A seat that a buyer was told to have. */
typedef struct Promise
{
	int seat;
	char token[37]; /* a UUID's text */
} Promise;

typedef struct Promises
{
	Promise *promises;
	size_t count;
	size_t room;
} Promises;

extern void promises_add(Promises *promises, const int *seats, int num_seats, const char *token);
/* How many the tables do not keep; the connection is to the database of the trial. */
extern int64_t promises_count_broken(Promises *promises, const Names *names,
									 Connection *connection);
extern void promises_free(Promises *promises);

#endif /* BENCH_PROMISE_H */
