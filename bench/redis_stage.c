/*-------------------------------------------------------------------------
 *
 * redis_stage.c
 *		Redis as a trial needs it: in use or not, up to date, or stopped.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fast_path.h"
#include "redis_stage.h"
#include "stage.h"

#define PATIENCE (60 * NS_PER_SECOND)
#define LOOK_INTERVAL_US (100 * 1000)

/*
 * A function of the keys and arguments of seatlock_claim that always answers
 * the same refusal: what the protocol and Lua cost without any work.
 */
static const char constant_library[] =
	"#!lua name=bench\n"
	"local REFUSAL = '{\"ok\":false,\"outcome\":\"taken\",\"token\":null,\"expires_at\":null,"
	"\"expires_in_seconds\":null,\"retry_after_ms\":5000,\"seats\":[],"
	"\"conflicts\":[{\"seat\":\"A-1\",\"reason\":\"held\",\"seconds_left\":null}],"
	"\"replayed\":false,\"together\":null,\"order_ref\":null}'\n"
	"redis.register_function('bench_constant', function(keys, args) return REFUSAL end)\n";

static bool
is_set(Loop *loop, const char *url)
{
	Connection *connection = connection_open(loop, "postgres", NULL);
	PGresult *result = connection_run(connection, "SELECT current_setting('seatlock.redis_url')");
	bool set = strcmp(PQgetvalue(result, 0, 0), url) == 0;

	PQclear(result);
	connection_close(connection);
	return set;
}

void
redis_stage_point(Loop *loop, const char *socket)
{
	char *url = socket != NULL ? format_string("unix://%s", socket) : copy_string("");
	char *alter = format_string("ALTER SYSTEM SET seatlock.redis_url = '%s'", url);
	int64_t give_up_at = now_ns() + PATIENCE;

	if (!is_set(loop, url))
	{
		Connection *connection = connection_open(loop, "postgres", NULL);

		connection_do(connection, alter);
		connection_do(connection, "SELECT pg_reload_conf()");
		connection_close(connection);
		/* workers are started by the process that new connections are started by */
		while (!is_set(loop, url))
		{
			if (now_ns() > give_up_at)
				die("the server does not obey its settings");
			usleep(LOOK_INTERVAL_US);
		}
	}
	free(alter);
	free(url);
}

static pid_t
read_pid(redisContext *context)
{
	redisReply *info = redis_run(context, "INFO server");
	const char *line = strstr(info->str, "process_id:");
	pid_t pid = line != NULL ? (pid_t) atoi(line + strlen("process_id:")) : 0;

	freeReplyObject(info);
	if (pid <= 0)
		die("Redis does not tell its process");
	return pid;
}

void
redis_stage_open(RedisStage *stage, const char *socket, Connection *connection)
{
	stage->socket = socket;
	stage->context = redis_connect(socket);
	stage->prefix = fast_path_prefix(connection);
	stage->pid = read_pid(stage->context);
	freeReplyObject(redis_run(stage->context, "FUNCTION LOAD REPLACE %s", constant_library));
}

/* How many seats are taken in the map that is complete; -1: there is none. */
static int
count_taken(RedisStage *stage, const char *epoch)
{
	redisReply *map =
		redis_run(stage->context, "HMGET %s:map:" STAGE_EVENT " epoch intake seats", stage->prefix);
	int count = -1;

	if (map->elements == 3 && map->element[0]->str != NULL && map->element[1]->str != NULL &&
		map->element[2]->str != NULL && strcmp(map->element[0]->str, epoch) == 0 &&
		strcmp(map->element[1]->str, "1") == 0)
	{
		count = 0;
		for (size_t i = 0; i < map->element[2]->len; i++)
			count += map->element[2]->str[i] != 'f';
	}
	freeReplyObject(map);
	return count;
}

char *
redis_stage_wait(RedisStage *stage, Connection *connection, int num_taken)
{
	int64_t give_up_at = now_ns() + PATIENCE;

	for (;;)
	{
		PGresult *status = connection_run(
			connection, "SELECT ownership, epoch, last_error FROM seatlock.redis_status()");
		bool ready = strcmp(PQgetvalue(status, 0, 0), "owner") == 0 &&
					 count_taken(stage, PQgetvalue(status, 0, 1)) == num_taken;
		char *missing = NULL;

		if (!ready && now_ns() > give_up_at)
			missing =
				format_string("the map does not come into Redis: %s", PQgetvalue(status, 0, 2));
		PQclear(status);
		if (ready || missing != NULL)
			return missing;
		usleep(LOOK_INTERVAL_US);
	}
}

static void
send_signal(const RedisStage *stage, int number)
{
	if (kill(stage->pid, number) != 0)
		die("could not signal Redis: %s", strerror(errno));
}

void
redis_stage_freeze(const RedisStage *stage)
{
	send_signal(stage, SIGSTOP);
}

void
redis_stage_thaw(const RedisStage *stage)
{
	send_signal(stage, SIGCONT);
}

void
redis_stage_close(RedisStage *stage)
{
	redisFree(stage->context);
	free(stage->prefix);
}
