/*-------------------------------------------------------------------------
 *
 * redis_conn.c
 *		A connection to Redis, for background workers.
 *
 * The only file that knows hiredis, and it has two uses for it: to write a
 * command as bytes, and to make a reply out of bytes.  Socket, buffers, waits
 * and deadlines are our own, because
 *
 * - a wait must end for the latch, for a shutdown and for the postmaster's
 *   death, not only for Redis;
 * - hiredis allocates whatever a length in the stream asks for, and calls
 *   abort() when there is no such memory.  An abort in a worker restarts the
 *   whole server.  So redis_scan.c walks each reply first, and hiredis gets to
 *   see only whole replies within its limits.
 *
 * Replies are matched to commands by their order alone.  A connection on which
 * anything went wrong is therefore never used again: a late answer would be
 * taken for that of the next command.
 *
 * hiredis 0.14 and 1.x are both fine.  For TLS, too, the socket is ours
 * (redis_tls.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/wait_event.h"

#include "redis/redis_conn.h"
#include "redis/redis_scan.h"
#include "redis/redis_tls.h"
#include "redis_api.h"

#define READ_BYTES 16384
#define ERROR_LENGTH 256

struct RedisConn
{
	pgsocket fd;           /* PGINVALID_SOCKET: none */
	RedisTls *tls;         /* NULL: none */
	StringInfoData output; /* from its cursor on: not yet sent */
	StringInfoData input;  /* from its cursor on: not yet taken as a reply */
	redisReader *reader;   /* empty between two replies */
	bool is_waiting;       /* stays set when an error ended a wait */
	bool latch_was_set;    /* while we waited, for a reason that is the caller's */
	bool is_broken;
	char error[ERROR_LENGTH]; /* why it is broken */
};

/* Nothing more will come from this connection; the first reason is kept. */
static void fail(RedisConn *conn, const char *format, ...) pg_attribute_printf(2, 3);

static void
fail(RedisConn *conn, const char *format, ...)
{
	va_list args;

	if (conn->is_broken)
		return;
	conn->is_broken = true;
	va_start(args, format);
	(void) vsnprintf(conn->error, sizeof(conn->error), format, args);
	va_end(args);
}

/* Is a whole reply there? */
static bool
scan_reply(RedisConn *conn, RedisScan *scan)
{
	const StringInfo input = &conn->input;

	if (sl_redis_scan(scan, input->data + input->cursor, input->len - input->cursor))
		return true;
	if (scan->problem[0] != '\0')
		fail(conn, "%s", scan->problem);
	return false;
}

/* Make a reply of what was found to be whole. */
static RedisReply *
take_reply(RedisConn *conn, const RedisScan *scan)
{
	const char *bytes = conn->input.data + conn->input.cursor;
	void *reply = NULL;

	if (redisReaderFeed(conn->reader, bytes, scan->passed) != REDIS_OK ||
		redisReaderGetReply(conn->reader, &reply) != REDIS_OK || reply == NULL)
		fail(conn, "Redis sent garbage: %s", conn->reader->errstr);
	conn->input.cursor += (int) scan->passed;
	return reply;
}

/* Wait until the socket is ready; false when it is not by the deadline. */
static bool
wait_for_socket(RedisConn *conn, int wanted, int64 deadline)
{
	const int always = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH;
	int64 left;

	while ((left = deadline - sl_clock_ticks()) > 0)
	{
		int events =
			WaitLatchOrSocket(MyLatch, always | wanted, conn->fd, (long) left, PG_WAIT_EXTENSION);

		if (events & WL_LATCH_SET)
		{
			ResetLatch(MyLatch);
			conn->latch_was_set = true;
			CHECK_FOR_INTERRUPTS();
		}
		if (events & wanted)
			return true;
	}
	return false;
}

/* The latch was set for the caller, who may have looked at its reasons before: set it again. */
static void
pass_latch_on(RedisConn *conn)
{
	if (conn->latch_was_set)
		SetLatch(MyLatch);
	conn->latch_was_set = false;
}

/* Would TLS have to wait for the socket?  Where it failed, the connection is broken. */
static bool
tls_waits(RedisConn *conn, TlsProgress progress)
{
	if (progress == TLS_FAILED)
		fail(conn, "%s", sl_redis_tls_error(conn->tls));
	return progress == TLS_WANTS_READ || progress == TLS_WANTS_WRITE;
}

/* As send() and recv(); with TLS, 0 when the connection is broken. */
static ssize_t
put_bytes(RedisConn *conn, const char *bytes, Size size)
{
	Size sent = 0;

	if (conn->tls == NULL)
		return send(conn->fd, bytes, size, MSG_NOSIGNAL);
	if (!tls_waits(conn, sl_redis_tls_send(conn->tls, bytes, size, &sent)))
		return (ssize_t) sent;
	errno = EAGAIN;
	return -1;
}

static ssize_t
get_bytes(RedisConn *conn, char *bytes, Size size)
{
	Size received = 0;

	if (conn->tls == NULL)
		return recv(conn->fd, bytes, size, 0);
	if (!tls_waits(conn, sl_redis_tls_receive(conn->tls, bytes, size, &received)))
		return (ssize_t) received;
	errno = EAGAIN;
	return -1;
}

/* Send what the socket takes. */
static void
send_queued(RedisConn *conn)
{
	StringInfo output = &conn->output;

	while (output->cursor < output->len && !conn->is_broken)
	{
		ssize_t sent = put_bytes(conn, output->data + output->cursor, output->len - output->cursor);

		if (sent >= 0)
			output->cursor += (int) sent;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		else if (errno == EPIPE || errno == ECONNRESET)
			output->cursor = output->len; /* Redis may have said why: let the reader find out */
		else if (errno != EINTR)
			fail(conn, "could not write to Redis: %m");
	}
	resetStringInfo(output);
}

/* Read what the socket has, up to some size; false when it has nothing. */
static bool
read_some(RedisConn *conn)
{
	StringInfo input = &conn->input;
	ssize_t size;

	if (input->cursor > 0)
	{
		input->len -= input->cursor;
		memmove(input->data, input->data + input->cursor, input->len);
		input->cursor = 0;
	}
	enlargeStringInfo(input, READ_BYTES);
	do
		size = get_bytes(conn, input->data + input->len, READ_BYTES);
	while (size < 0 && errno == EINTR);
	if (size > 0)
		input->len += (int) size;
	else if (size == 0)
		fail(conn, "Redis closed the connection");
	else if (errno != EAGAIN && errno != EWOULDBLOCK)
		fail(conn, "could not read from Redis: %m");
	return size > 0;
}

RedisReply *
sl_redis_receive(RedisConn *conn, int timeout_ms, int max_elements)
{
	RedisScan scan = {.max_elements = max_elements};
	int64 deadline = sl_clock_ticks() + timeout_ms;
	RedisReply *reply = NULL;

	if (conn->is_waiting)
		fail(conn, "an error ended an earlier wait for Redis");
	if (conn->is_broken)
		return NULL;
	conn->is_waiting = true;
	send_queued(conn);
	while (!scan_reply(conn, &scan) && !conn->is_broken)
	{
		int wanted = WL_SOCKET_READABLE | (conn->output.len > 0 ? WL_SOCKET_WRITEABLE : 0);

		if (read_some(conn) || conn->is_broken)
			continue;
		if (wait_for_socket(conn, wanted, deadline))
			send_queued(conn);
		else
			fail(conn, "Redis did not answer within %d ms", timeout_ms);
	}
	if (!conn->is_broken)
		reply = take_reply(conn, &scan);
	conn->is_waiting = false;
	pass_latch_on(conn);
	return reply;
}

void
sl_redis_send(RedisConn *conn, int argc, const char *const *argv, const Size *lengths)
{
	char *bytes;
	long long size;

	if (conn->is_broken)
		return;
	size = redisFormatCommandArgv(&bytes, argc, (const char **) argv, lengths);
	if (size < 0)
	{
		fail(conn, "out of memory for a command to Redis");
		return;
	}
	appendBinaryStringInfo(&conn->output, bytes, (int) size);
	redisFreeCommand(bytes);
}

void
sl_redis_flush(RedisConn *conn)
{
	if (!conn->is_broken)
		send_queued(conn);
}

const char *
sl_redis_error(const RedisConn *conn)
{
	return conn->error;
}

static void
close_socket(RedisConn *conn)
{
	if (conn->tls != NULL)
		sl_redis_tls_close(conn->tls);
	conn->tls = NULL;
	if (conn->fd == PGINVALID_SOCKET)
		return;
	(void) close(conn->fd);
	ReleaseExternalFD();
	conn->fd = PGINVALID_SOCKET;
}

static void
open_socket(RedisConn *conn, int family)
{
	int on = 1;

	if (!AcquireExternalFD())
	{
		fail(conn, "%m");
		return;
	}
	conn->fd = socket(family, SOCK_STREAM, 0);
	if (conn->fd == PGINVALID_SOCKET)
	{
		fail(conn, "%m");
		ReleaseExternalFD();
		return;
	}
	if (!pg_set_noblock(conn->fd))
		fail(conn, "%m");
	if (family == AF_UNIX)
		return;
	/* without them it is slower, or notices later that the other side has gone */
	(void) setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void) setsockopt(conn->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/* The socket is connecting: wait until it is through. */
static void
finish_connecting(RedisConn *conn, int64 deadline)
{
	int problem = 0;
	socklen_t size = sizeof(problem);

	if (!wait_for_socket(conn, WL_SOCKET_CONNECTED, deadline))
		fail(conn, "no answer in time");
	else if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0)
		fail(conn, "%m");
	else if (problem != 0)
		fail(conn, "%s", strerror(problem));
}

static bool
connect_to_address(RedisConn *conn, const struct sockaddr *address, socklen_t size, int64 deadline)
{
	conn->is_broken = false; /* an earlier address does not matter any more */
	open_socket(conn, address->sa_family);
	if (!conn->is_broken && connect(conn->fd, address, size) != 0)
	{
		if (errno == EINPROGRESS || errno == EINTR)
			finish_connecting(conn, deadline);
		else
			fail(conn, "%m");
	}
	if (conn->is_broken)
		close_socket(conn);
	return !conn->is_broken;
}

static void
connect_to_socket(RedisConn *conn, const char *path, int64 deadline)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	(void) connect_to_address(conn, (struct sockaddr *) &address, sizeof(address), deadline);
}

/*
 * Try the addresses of a host one after the other, each with its share of the
 * time.  getaddrinfo is the one call here that can block beyond the deadline,
 * and deaf to the latch: for as long as the resolver is set to wait for its
 * name servers.  Numbers and names in /etc/hosts do not need them.
 */
static void
connect_to_host(RedisConn *conn, const char *host, int port, int64 deadline)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	char service[12];
	struct addrinfo *addresses;
	int num_left = 0;
	int status;

	snprintf(service, sizeof(service), "%d", port);
	status = getaddrinfo(host, service, &hints, &addresses);
	if (status != 0)
	{
		fail(conn, "%s", gai_strerror(status));
		return;
	}
	for (struct addrinfo *address = addresses; address != NULL; address = address->ai_next)
		num_left++;
	for (struct addrinfo *address = addresses; address != NULL; address = address->ai_next)
	{
		int64 now = sl_clock_ticks();

		if (connect_to_address(conn, address->ai_addr, address->ai_addrlen,
							   now + (deadline - now) / num_left--))
			break;
	}
	freeaddrinfo(addresses);
}

/* Greet each other over TLS, until the deadline. */
static void
begin_tls(RedisConn *conn, const char *host, int64 deadline)
{
	TlsProgress progress;

	if (conn->is_broken)
		return;
	conn->tls = sl_redis_tls_open(conn->fd, host, sl_setting_redis_ca_file);
	if (sl_redis_tls_error(conn->tls) != NULL)
	{
		fail(conn, "TLS: %s", sl_redis_tls_error(conn->tls));
		return;
	}
	while ((progress = sl_redis_tls_shake_hands(conn->tls)) != TLS_DONE)
	{
		int wanted = progress == TLS_WANTS_WRITE ? WL_SOCKET_WRITEABLE : WL_SOCKET_READABLE;

		if (progress == TLS_FAILED)
			fail(conn, "TLS: %s", sl_redis_tls_error(conn->tls));
		else if (!wait_for_socket(conn, wanted, deadline))
			fail(conn, "TLS: no answer in time");
		if (conn->is_broken)
			return;
	}
}

/*
 * Run a command of the login.  A Redis that does not know AUTH repeats its
 * arguments in quotes, and they are a password: only what stands before the
 * first quote is shown.
 */
static void
log_in_with(RedisConn *conn, int argc, const char *const *argv, int64 deadline)
{
	RedisReply *reply;

	sl_redis_send(conn, argc, argv, NULL);
	reply = sl_redis_receive(conn, (int) Max(deadline - sl_clock_ticks(), 0), 0);
	if (sl_redis_kind(reply) == REDIS_ERROR)
	{
		const char *text = reply->str;
		int length = 0;

		while (text[length] >= ' ' && text[length] <= '~' && strchr("'`\"", text[length]) == NULL)
			length++;
		fail(conn, "Redis answered %s with %.*s", argv[0], length, text);
	}
	sl_redis_free(reply);
}

static void
log_in(RedisConn *conn, const RedisUrl *url, int64 deadline)
{
	if (url->user != NULL || url->password != NULL)
	{
		const char *auth[3] = {"AUTH"};
		int argc = 1;

		if (url->user != NULL)
			auth[argc++] = url->user;
		/* a user for whom no password is set may log in with any */
		auth[argc++] = url->password != NULL ? url->password : "";
		log_in_with(conn, argc, auth, deadline);
	}
	if (url->db != 0)
	{
		char db[12];
		const char *command[2] = {"SELECT", db};

		snprintf(db, sizeof(db), "%d", url->db);
		log_in_with(conn, lengthof(command), command, deadline);
	}
}

RedisConn *
sl_redis_connect(const RedisUrl *url, int timeout_ms, char *error, Size error_size)
{
	int64 deadline = sl_clock_ticks() + timeout_ms;
	RedisConn *conn;

	conn = palloc0(sizeof(RedisConn));
	conn->fd = PGINVALID_SOCKET;
	initStringInfo(&conn->output);
	initStringInfo(&conn->input);
	conn->reader = redisReaderCreate();
	if (conn->reader == NULL)
		fail(conn, "out of memory");
	else if (url->socket != NULL)
		connect_to_socket(conn, url->socket, deadline);
	else
		connect_to_host(conn, url->host, url->port, deadline);
	if (url->tls)
		begin_tls(conn, url->host, deadline);
	log_in(conn, url, deadline);
	pass_latch_on(conn);
	if (!conn->is_broken)
		return conn;
	if (url->socket != NULL)
		snprintf(error, error_size, "could not connect to socket \"%s\": %s", url->socket,
				 conn->error);
	else
		snprintf(error, error_size, "could not connect to host \"%s\", port %d: %s", url->host,
				 url->port, conn->error);
	sl_redis_disconnect(conn);
	return NULL;
}

void
sl_redis_disconnect(RedisConn *conn)
{
	close_socket(conn);
	redisReaderFree(conn->reader);
	pfree(conn->input.data);
	pfree(conn->output.data);
	pfree(conn);
}

void
sl_redis_free(RedisReply *reply)
{
	freeReplyObject(reply);
}

RedisKind
sl_redis_kind(const RedisReply *reply)
{
	if (reply == NULL)
		return REDIS_NIL;
	switch (reply->type)
	{
		case REDIS_REPLY_STRING:
		case REDIS_REPLY_STATUS:
			return REDIS_STRING;
		case REDIS_REPLY_INTEGER:
			return REDIS_INTEGER;
		case REDIS_REPLY_ARRAY:
			return REDIS_ARRAY;
		case REDIS_REPLY_ERROR:
			return REDIS_ERROR;
		default:
			return REDIS_NIL;
	}
}

static bool
has_text(const RedisReply *reply)
{
	RedisKind kind = sl_redis_kind(reply);

	return kind == REDIS_STRING || kind == REDIS_ERROR;
}

const char *
sl_redis_text(const RedisReply *reply)
{
	return has_text(reply) ? reply->str : "";
}

Size
sl_redis_length(const RedisReply *reply)
{
	return has_text(reply) ? reply->len : 0;
}

int64
sl_redis_integer(const RedisReply *reply)
{
	return sl_redis_kind(reply) == REDIS_INTEGER ? reply->integer : 0;
}

int
sl_redis_num_elements(const RedisReply *reply)
{
	return sl_redis_kind(reply) == REDIS_ARRAY ? (int) reply->elements : 0;
}

const RedisReply *
sl_redis_element(const RedisReply *reply, int i)
{
	if (i < 0 || i >= sl_redis_num_elements(reply))
		return NULL;
	return reply->element[i];
}
