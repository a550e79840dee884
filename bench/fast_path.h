/*-------------------------------------------------------------------------
 *
 * fast_path.h
 *		Claims through Redis, as a web server makes them.
 *
 * Each question has a desk for itself and goes over one of a few connections,
 * together with those of other desks.  Redis refuses at once or queues it under
 * a ticket.  Then PostgreSQL's verdict is fetched when its arrival is announced,
 * on one more connection that hears of all tickets; and, since announcements
 * can get lost, now and then without that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_FAST_PATH_H
#define BENCH_FAST_PATH_H

#include "connection.h"

typedef struct FastPath FastPath;

typedef struct FastAnswer
{
	const char *json;  /* the columns of seatlock.claim_result; NULL: an error */
	const char *error; /* what Redis says, or NULL */
	bool queued;       /* PostgreSQL has decided it, not Redis */
	int64_t latency;   /* nanoseconds since it was asked */
} FastAnswer;

/* The answer is freed when the handler returns; it may ask at the same desk again. */
typedef void (*FastHandler)(void *owner, const FastAnswer *answer);

/* what the keys in Redis of the connection's database begin with; the caller frees it */
extern char *fast_path_prefix(Connection *connection);

extern FastPath *fast_path_open(Loop *loop, const char *socket, const char *prefix,
								const char *event, int num_connections, int num_desks);
/* Call one of the functions for buyers; the arguments are those after the keys. */
extern void fast_path_ask(FastPath *path, int desk, const char *function, int num_args,
						  const char *const *args, FastHandler on_answer, void *owner);
/* Look after tickets that wait for long; returns when to do so again, in nanoseconds of now_ns(). */
extern int64_t fast_path_act(FastPath *path, int64_t now);
/* Wait until all that the loop was asked is answered. */
extern void fast_path_drain(FastPath *path);
extern void fast_path_close(FastPath *path);

#endif /* BENCH_FAST_PATH_H */
