/*-------------------------------------------------------------------------
 *
 * redis_conn.h
 *		A connection to Redis, for background workers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_CONN_H
#define SEATLOCK_REDIS_CONN_H

#include "redis_api.h"

typedef struct RedisConn RedisConn;
typedef struct redisReply RedisReply; /* hiredis's own */

typedef enum RedisKind
{
	REDIS_NIL,
	REDIS_STRING, /* or a status, such as OK */
	REDIS_INTEGER,
	REDIS_ARRAY,
	REDIS_ERROR
} RedisKind;

/*
 * Connect, log in and select the database.  NULL when that fails; error then
 * says why, without the password.  The connection lives in the memory context
 * that is current here, but its socket lives until sl_redis_disconnect.
 */
extern RedisConn *sl_redis_connect(const RedisUrl *url, int timeout_ms, char *error,
								   Size error_size);
extern void sl_redis_disconnect(RedisConn *conn);

/* Queue a command; lengths may be NULL when all arguments end with a NUL. */
extern void sl_redis_send(RedisConn *conn, int argc, const char *const *argv, const Size *lengths);

/* Send what is queued, as far as the socket takes it now; else sl_redis_receive sends it. */
extern void sl_redis_flush(RedisConn *conn);

/*
 * The answer to the oldest command that has none yet, to be freed by the
 * caller.  What is queued is sent meanwhile.  NULL when the connection is
 * broken: it stays so, and nobody knows which of the unanswered commands Redis
 * has run.
 */
extern RedisReply *sl_redis_receive(RedisConn *conn, int timeout_ms, int max_elements);
extern const char *sl_redis_error(const RedisConn *conn);
extern void sl_redis_free(RedisReply *reply);

/* Of a reply or an element of one; NULL is taken for a nil. */
extern RedisKind sl_redis_kind(const RedisReply *reply);
extern const char *sl_redis_text(const RedisReply *reply); /* "" when it is no string or error */
extern Size sl_redis_length(const RedisReply *reply);
extern int64 sl_redis_integer(const RedisReply *reply);
extern int sl_redis_num_elements(const RedisReply *reply);
extern const RedisReply *sl_redis_element(const RedisReply *reply, int i); /* NULL: none */

#endif /* SEATLOCK_REDIS_CONN_H */
