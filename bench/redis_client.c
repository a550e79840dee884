/*-------------------------------------------------------------------------
 *
 * redis_client.c
 *		Connections to Redis, served by the same thread as those to the server.
 *
 * hiredis reads replies and buffers commands; when to read and to write is
 * decided here.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "redis_client.h"

/* A question under way. */
typedef struct Pending
{
	RedisHandler on_reply;
	void *owner;
	int64_t asked_at;
} Pending;

struct RedisClient
{
	Watch watch; /* first */
	redisContext *context;
	Loop *loop;
	bool wants_write; /* the socket could not take all of it yet */
	Pending *pending; /* a ring */
	size_t room;      /* a power of two */
	size_t first;
	size_t count;
	RedisHandler on_message; /* of a subscriber */
	void *message_owner;
};

static void
require(const redisContext *context, int status)
{
	if (status != REDIS_OK)
		die("lost the connection to Redis: %s", context->errstr);
}

static void
send_pending(RedisClient *client)
{
	int done;

	require(client->context, redisBufferWrite(client->context, &done));
	if (!done != client->wants_write)
	{
		client->wants_write = !done;
		loop_want_write(client->loop, client->context->fd, &client->watch, !done);
	}
}

static void
handle_reply(RedisClient *client, const redisReply *reply)
{
	Pending pending;

	if (client->on_message != NULL)
	{
		client->on_message(client->message_owner, reply, 0);
		return;
	}
	if (client->count == 0)
		die("Redis answers what was not asked");
	/* out of the ring first: the handler may ask again */
	pending = client->pending[client->first];
	client->first = (client->first + 1) & (client->room - 1);
	client->count--;
	pending.on_reply(pending.owner, reply, now_ns() - pending.asked_at);
}

static void
receive(RedisClient *client)
{
	void *reply;

	require(client->context, redisBufferRead(client->context));
	for (;;)
	{
		require(client->context, redisGetReplyFromReader(client->context, &reply));
		if (reply == NULL)
			return;
		handle_reply(client, reply);
		freeReplyObject(reply);
	}
}

static void
on_readable(Watch *watch)
{
	receive((RedisClient *) watch);
}

static void
on_writable(Watch *watch)
{
	send_pending((RedisClient *) watch);
}

redisContext *
redis_connect(const char *socket)
{
	redisContext *context = redisConnectUnix(socket);

	if (context == NULL)
		die("out of memory");
	if (context->err != 0)
		die("could not connect to Redis at \"%s\": %s", socket, context->errstr);
	return context;
}

RedisClient *
redis_open(Loop *loop, const char *socket)
{
	RedisClient *client = allocate(1, sizeof(RedisClient));
	int flags;

	client->loop = loop;
	client->context = redis_connect(socket);
	flags = fcntl(client->context->fd, F_GETFL);
	if (flags < 0 || fcntl(client->context->fd, F_SETFL, flags | O_NONBLOCK) < 0)
		die("could not make a connection to Redis non-blocking");
	client->context->flags &= ~REDIS_BLOCK;
	client->room = 64;
	client->pending = allocate(client->room, sizeof(Pending));
	client->watch = (Watch){on_readable, on_writable, on_writable, NULL, false};
	loop_add(loop, client->context->fd, &client->watch);
	return client;
}

void
redis_close(RedisClient *client)
{
	if (client->watch.to_flush)
		die("a connection to Redis is closed before it could send");
	redisFree(client->context);
	free(client->pending);
	free(client);
}

static void
add_pending(RedisClient *client, const Pending *pending)
{
	if (client->count == client->room)
	{
		Pending *larger = allocate(client->room * 2, sizeof(Pending));

		for (size_t i = 0; i < client->count; i++)
			larger[i] = client->pending[(client->first + i) & (client->room - 1)];
		free(client->pending);
		client->pending = larger;
		client->room *= 2;
		client->first = 0;
	}
	client->pending[(client->first + client->count) & (client->room - 1)] = *pending;
	client->count++;
}

void
redis_ask(RedisClient *client, const char *command, int length, RedisHandler on_reply, void *owner)
{
	Pending pending = {on_reply, owner, now_ns()};

	require(client->context,
			redisAppendFormattedCommand(client->context, command, (size_t) length));
	add_pending(client, &pending);
	loop_flush_later(client->loop, &client->watch);
}

char *
redis_format(int num_args, const char *const *args, int *length)
{
	char *command;

	*length = redisFormatCommandArgv(&command, num_args, (const char **) args, NULL);
	if (*length < 0)
		die("out of memory");
	return command;
}

void
redis_subscribe(RedisClient *client, const char *pattern, RedisHandler on_message, void *owner)
{
	const char *args[] = {"PSUBSCRIBE", pattern};
	int length;
	char *command = redis_format(2, args, &length);

	client->on_message = on_message;
	client->message_owner = owner;
	require(client->context,
			redisAppendFormattedCommand(client->context, command, (size_t) length));
	loop_flush_later(client->loop, &client->watch);
	redisFreeCommand(command);
}

/* Among what a subscriber receives are also the answers to PSUBSCRIBE. */
bool
redis_read_message(const redisReply *reply, const char **channel, const char **text)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4 ||
		strcmp(reply->element[0]->str, "pmessage") != 0)
		return false;
	*channel = reply->element[2]->str;
	*text = reply->element[3]->str;
	return true;
}

redisReply *
redis_run(redisContext *context, const char *format, ...)
{
	redisReply *reply;
	va_list arguments;

	va_start(arguments, format);
	reply = redisvCommand(context, format, arguments);
	va_end(arguments);
	if (reply == NULL)
		die("lost the connection to Redis: %s", context->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		die("Redis refused \"%s\": %s", format, reply->str);
	return reply;
}
