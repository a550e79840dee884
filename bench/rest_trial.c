/*-------------------------------------------------------------------------
 *
 * rest_trial.c
 *		What it takes to have many nights in Redis while nobody asks for them.
 *
 * One claim starts the workers.  Once Redis has all nights nothing happens any
 * more: what is still done is upkeep.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "redis_stage.h"
#include "rest_trial.h"
#include "stage.h"

#define PATIENCE (30 * NS_PER_SECOND)
#define PUBLISH_PATIENCE (600 * NS_PER_SECOND)
#define LOOK_INTERVAL_US 100000

/* for a second, of the first night's first seat */
static const char first_claim[] =
	"SELECT seatlock.claim_now('1', ARRAY(SELECT seat FROM peer.seats() seat LIMIT 1), 'first', 1)";

/* The Redis worker's process, once it owns the keys; 0 when that takes too long. */
static int
wait_for_worker(Connection *connection)
{
	int64_t give_up_at = now_ns() + PATIENCE;
	int pid = 0;

	while (pid == 0 && now_ns() < give_up_at)
	{
		PGresult *result = connection_run(
			connection, "SELECT s.pid FROM seatlock.stat_redis s, seatlock.redis_status() r"
						" WHERE s.database = current_database() AND r.ownership = 'owner'");

		if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
			pid = atoi(PQgetvalue(result, 0, 0));
		PQclear(result);
		usleep(LOOK_INTERVAL_US);
	}
	return pid;
}

/* A number that Redis tells of itself. */
static double
read_info(const RedisStage *stage, const char *section, const char *name)
{
	redisReply *info = redis_run(stage->context, "INFO %s", section);
	char *line = format_string("\n%s:", name);
	const char *found = strstr(info->str, line);
	double number = found != NULL ? strtod(found + strlen(line), NULL) : NOT_MEASURED;

	free(line);
	freeReplyObject(info);
	return number;
}

static double
read_lag(Connection *connection)
{
	PGresult *result = connection_run(connection, "SELECT lag_ms FROM seatlock.redis_status()");
	double lag = PQgetisnull(result, 0, 0) ? NOT_MEASURED : strtod(PQgetvalue(result, 0, 0), NULL);

	PQclear(result);
	return lag;
}

/* Seconds until Redis has all of them; NOT_MEASURED when that takes too long. */
static double
wait_for_maps(Connection *connection)
{
	int64_t started_at = now_ns();
	int64_t give_up_at = started_at + PUBLISH_PATIENCE;

	while (now_ns() < give_up_at)
	{
		if (read_lag(connection) == 0)
			return (double) (now_ns() - started_at) / NS_PER_SECOND;
		usleep(LOOK_INTERVAL_US);
	}
	return NOT_MEASURED;
}

static void
watch(const RedisStage *stage, Connection *connection, int worker, double seconds, Figures *figures)
{
	double cpu = process_cpu_seconds(worker);
	double commands = read_info(stage, "stats", "total_commands_processed");
	int64_t started_at = now_ns();

	usleep((useconds_t) (seconds * 1e6));
	seconds = (double) (now_ns() - started_at) / NS_PER_SECOND;
	figures->values[FIGURE_SECONDS] = seconds;
	figures->values[FIGURE_CPU] =
		figure_measured(cpu) ? (process_cpu_seconds(worker) - cpu) / seconds : NOT_MEASURED;
	/* the question itself is one */
	figures->values[FIGURE_COMMANDS] =
		(read_info(stage, "stats", "total_commands_processed") - commands - 1) / seconds;
	figures->values[FIGURE_WORKER_MB] = process_private_mb(worker);
	figures->values[FIGURE_REDIS_MB] = read_info(stage, "memory", "used_memory") / (1024 * 1024);
	figures->values[FIGURE_LAG] = read_lag(connection);
}

static char *
rest(Loop *loop, const Side *side, const Terms *terms, Figures *figures)
{
	Connection *connection = stage_connect(loop, side, NULL);
	char *missing = connection_try(connection, first_claim);
	RedisStage stage;
	int worker = 0;

	if (missing == NULL)
		worker = wait_for_worker(connection);
	if (missing == NULL && worker == 0)
		missing = copy_string("the Redis worker does not come to own the keys");
	if (missing == NULL)
		figures->values[FIGURE_PUBLISH] = wait_for_maps(connection);
	if (missing == NULL && !figure_measured(figures->values[FIGURE_PUBLISH]))
		missing = copy_string("not all maps come into Redis");
	if (missing == NULL)
	{
		redis_stage_open(&stage, terms->redis, connection);
		usleep((useconds_t) (side->load.warm_up * 1e6));
		watch(&stage, connection, worker, terms->seconds, figures);
		redis_stage_close(&stage);
	}
	connection_close(connection);
	return missing;
}

void
rest_trial_run(const Side *side, const Terms *terms, Figures *figures)
{
	Loop loop;

	if (terms->redis == NULL)
	{
		figures->missing = copy_string("there is no Redis");
		return;
	}
	loop_open(&loop);
	redis_stage_point(&loop, terms->redis);
	figures->missing = stage_set(&loop, side);
	if (figures->missing == NULL)
		figures->missing = rest(&loop, side, terms, figures);
	loop_close(&loop);
}
