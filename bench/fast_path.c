/*-------------------------------------------------------------------------
 *
 * fast_path.c
 *		Claims through Redis, as a web server makes them.
 *
 * The states of a desk, with the next ones:
 *
 *		FREE		asked: the function is called -> CALLED
 *		CALLED		answered at once -> FREE; queued -> WAITS, or FETCHES when
 *					the announcement was faster than the answer
 *		WAITS		announced, or waited for long: GET -> FETCHES
 *		FETCHES		the verdict -> FREE; none yet -> WAITS; the ticket is gone,
 *					and what became of it unknown: the same call again -> CALLED
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "fast_path.h"
#include "redis_client.h"
#include "ticket.h"

#define NUM_KEYS 4
#define MAX_ARGS 16

/* tickets that nobody has announced for so long are looked at */
#define LOOK_INTERVAL (200 * NS_PER_MS)

typedef enum DeskState
{
	DESK_FREE,
	DESK_CALLED,
	DESK_WAITS,
	DESK_FETCHES
} DeskState;

typedef struct Desk
{
	FastPath *path;
	RedisClient *client;
	DeskState state;
	bool announced; /* its verdict is there */
	bool queued;
	Ticket ticket;
	char *ticket_key;
	char *command; /* the call */
	int length;
	int64_t asked_at;
	int64_t look_at;
	FastHandler on_answer;
	void *owner;
} Desk;

struct FastPath
{
	Loop *loop;
	RedisClient **clients;
	int num_clients;
	RedisClient *listener;
	bool listens;
	Desk *desks;
	int num_desks;
	int64_t look_at; /* at the desks */
	char *owner_key;
	char *map_key;
	char *in_key;
	char *ticket_prefix;
};

static void handle_called(void *owner, const redisReply *reply, int64_t latency);
static void handle_fetched(void *owner, const redisReply *reply, int64_t latency);

char *
fast_path_prefix(Connection *connection)
{
	PGresult *result = connection_run(
		connection, "SELECT format('{seatlock:%s:%s}', system_identifier, d.oid)"
					" FROM pg_control_system(), pg_database d WHERE datname = current_database()");
	char *prefix = copy_string(PQgetvalue(result, 0, 0));

	PQclear(result);
	return prefix;
}

static void
call(Desk *desk)
{
	desk->state = DESK_CALLED;
	redis_ask(desk->client, desk->command, desk->length, handle_called, desk);
}

static void
fetch(Desk *desk)
{
	const char *args[] = {"GET", desk->ticket_key};
	int length;
	char *command = redis_format(2, args, &length);

	desk->state = DESK_FETCHES;
	redis_ask(desk->client, command, length, handle_fetched, desk);
	redisFreeCommand(command);
}

static void
wait_for_verdict(Desk *desk)
{
	desk->state = DESK_WAITS;
	desk->queued = true;
	desk->look_at = now_ns() + LOOK_INTERVAL;
	if (desk->announced)
		fetch(desk);
}

static void
answer(Desk *desk, const redisReply *reply)
{
	FastAnswer answer = {.queued = desk->queued, .latency = now_ns() - desk->asked_at};

	if (reply->type == REDIS_REPLY_STRING)
		answer.json = reply->str;
	else
		answer.error = reply->type == REDIS_REPLY_ERROR ? reply->str : "Redis answers no text";
	redisFreeCommand(desk->command);
	free(desk->ticket_key);
	desk->state = DESK_FREE;
	desk->path->loop->num_asked--;
	desk->on_answer(desk->owner, &answer);
}

/* Within a string of JSON the quotes would be escaped. */
static bool
is_pending(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING &&
		   strstr(reply->str, "\"outcome\":\"pending\"") != NULL;
}

static void
handle_called(void *owner, const redisReply *reply, int64_t latency)
{
	(void) latency;
	if (is_pending(reply))
		wait_for_verdict(owner);
	else
		answer(owner, reply);
}

static void
handle_fetched(void *owner, const redisReply *reply, int64_t latency)
{
	Desk *desk = owner;

	(void) latency;
	desk->announced = false;
	if (is_pending(reply))
		wait_for_verdict(desk);
	else if (reply->type == REDIS_REPLY_NIL)
		call(desk);
	else
		answer(desk, reply);
}

static void
handle_announced(void *owner, const redisReply *reply, int64_t latency)
{
	FastPath *path = owner;
	const char *channel;
	const char *text;
	const char *ticket;
	Desk *desk;

	(void) latency;
	if (!redis_read_message(reply, &channel, &text))
	{
		path->listens = true; /* the answer to the subscription */
		return;
	}
	ticket = channel + strlen(path->ticket_prefix);
	if (ticket_number(ticket) >= path->num_desks)
		return;
	desk = &path->desks[ticket_number(ticket)];
	/* the ticket may be of a question that was answered without this */
	if (desk->state == DESK_FREE || strcmp(desk->ticket.text, ticket) != 0)
		return;
	desk->announced = true;
	if (desk->state == DESK_WAITS)
		fetch(desk);
}

FastPath *
fast_path_open(Loop *loop, const char *socket, const char *prefix, const char *event,
			   int num_connections, int num_desks)
{
	FastPath *path = allocate(1, sizeof(FastPath));
	char *pattern = format_string("%s:ticket:*", prefix);

	if (num_desks > TICKET_MAX_NUMBER)
		die("so many questions at once do not fit: %d", num_desks);
	path->loop = loop;
	path->owner_key = format_string("%s:owner", prefix);
	path->map_key = format_string("%s:map:%s", prefix, event);
	path->in_key = format_string("%s:in", prefix);
	path->ticket_prefix = format_string("%s:ticket:", prefix);
	path->listener = redis_open(loop, socket);
	redis_subscribe(path->listener, pattern, handle_announced, path);
	path->num_clients = num_connections;
	path->clients = allocate((size_t) num_connections, sizeof(RedisClient *));
	for (int i = 0; i < num_connections; i++)
		path->clients[i] = redis_open(loop, socket);
	path->num_desks = num_desks;
	path->desks = allocate((size_t) num_desks, sizeof(Desk));
	for (int i = 0; i < num_desks; i++)
		path->desks[i] = (Desk){.path = path, .client = path->clients[i % num_connections]};
	while (!path->listens)
		loop_wait(loop, -1);
	free(pattern);
	return path;
}

void
fast_path_ask(FastPath *path, int number, const char *function, int num_args,
			  const char *const *args, FastHandler on_answer, void *owner)
{
	Desk *desk = &path->desks[number];
	const char *words[3 + NUM_KEYS + MAX_ARGS] = {"FCALL",         function,      "4",
												  path->owner_key, path->map_key, path->in_key};

	if (desk->state != DESK_FREE || num_args > MAX_ARGS)
		die("a desk is asked too much");
	ticket_draw(&desk->ticket, number);
	desk->ticket_key = format_string("%s%s", path->ticket_prefix, desk->ticket.text);
	words[2 + NUM_KEYS] = desk->ticket_key;
	for (int i = 0; i < num_args; i++)
		words[3 + NUM_KEYS + i] = args[i];
	desk->command = redis_format(3 + NUM_KEYS + num_args, words, &desk->length);
	desk->announced = false;
	desk->queued = false;
	desk->on_answer = on_answer;
	desk->owner = owner;
	desk->asked_at = now_ns();
	path->loop->num_asked++;
	call(desk);
}

int64_t
fast_path_act(FastPath *path, int64_t now)
{
	if (now < path->look_at)
		return path->look_at;
	path->look_at = now + LOOK_INTERVAL;
	for (int i = 0; i < path->num_desks; i++)
		if (path->desks[i].state == DESK_WAITS && path->desks[i].look_at <= now)
			fetch(&path->desks[i]);
	return path->look_at;
}

void
fast_path_drain(FastPath *path)
{
	while (path->loop->num_asked > 0)
		loop_wait_until(path->loop, fast_path_act(path, now_ns()));
}

void
fast_path_close(FastPath *path)
{
	for (int i = 0; i < path->num_clients; i++)
		redis_close(path->clients[i]);
	redis_close(path->listener);
	free(path->clients);
	free(path->desks);
	free(path->owner_key);
	free(path->map_key);
	free(path->in_key);
	free(path->ticket_prefix);
	free(path);
}
