/*-------------------------------------------------------------------------
 *
 * connection.h
 *		Connections to the server, many of them served by one thread.
 *
 * A connection is opened and prepared with blocking calls, then asked without
 * blocking: the answer arrives through the handler, from within loop_wait().
 * One question at a time; the handler may ask the next one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <libpq-fe.h>

#include "loop.h"

typedef struct Connection Connection;

/* The result is freed when the handler returns; latency is in nanoseconds. */
typedef void (*AnswerHandler)(void *owner, const PGresult *result, int64_t latency);

/*
 * database is its name or a connection string, options are server settings as
 * in "-c name=value"; or NULL.
 */
extern Connection *connection_open(Loop *loop, const char *database, const char *options);
/* of the backend */
extern int connection_pid(const Connection *connection);
extern void connection_close(Connection *connection);

/* Blocking: any error ends the program.  The caller clears the result. */
extern PGresult *connection_run(Connection *connection, const char *sql);
extern void connection_do(Connection *connection, const char *sql);
/* What the server says against it, which the caller frees, or NULL. */
extern char *connection_try(Connection *connection, const char *sql);
extern void connection_prepare(Connection *connection, const char *name, const char *sql);

/* as a literal of SQL; the caller frees it */
extern char *connection_quote(Connection *connection, const char *text);

/* Ask a prepared statement; values are text, NULL is null. */
extern void connection_ask(Connection *connection, const char *name, int num_values,
						   const char *const *values, AnswerHandler on_answer, void *owner);

#endif /* BENCH_CONNECTION_H */
