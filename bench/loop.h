/*-------------------------------------------------------------------------
 *
 * loop.h
 *		Many sockets, to PostgreSQL and to Redis, served by one thread.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include "base.h"

typedef struct Watch Watch;

/* The first member of whatever is served; its owner fills in the functions. */
struct Watch
{
	void (*on_readable)(Watch *watch);
	void (*on_writable)(Watch *watch);
	void (*on_flush)(Watch *watch); /* send what loop_flush_later() announced */
	Watch *next_to_flush;
	bool to_flush;
};

typedef struct Loop
{
	int epoll_fd;
	int num_asked; /* questions that wait for an answer */
	Watch *to_flush;
} Loop;

extern void loop_open(Loop *loop);
/* Handle what has arrived; wait timeout_ms at most for something to arrive. */
extern void loop_wait(Loop *loop, int timeout_ms);
/* The same until then, in nanoseconds of now_ns(), but for a second at most. */
extern void loop_wait_until(Loop *loop, int64_t until);
/* Wait until every question is answered. */
extern void loop_drain(Loop *loop);
extern void loop_close(Loop *loop);

extern void loop_add(Loop *loop, int fd, Watch *watch);
extern void loop_want_write(Loop *loop, int fd, Watch *watch, bool wanted);
/* Have it send, once for all that comes up until the next wait. */
extern void loop_flush_later(Loop *loop, Watch *watch);

#endif /* BENCH_LOOP_H */
