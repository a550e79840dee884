/*-------------------------------------------------------------------------
 *
 * trial.c
 *		One side under its load for a few seconds, in a fresh database.
 *
 * All connections ask one question after the other without a pause, as buyers
 * of an on-sale do.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "redis_load.h"
#include "redis_watch.h"
#include "score.h"
#include "stage.h"
#include "trial.h"

#define TAKEN_AT_ONCE 100  /* seats, of those taken before the trial */
#define HOLD_SECONDS "900" /* nothing lapses during a trial */

/* Peers written in PL/pgSQL are at their best with generic plans. */
#define BUYER_OPTIONS "-c plan_cache_mode=force_generic_plan"

typedef struct Trial Trial;

typedef struct Buyer
{
	Trial *trial;
	Connection *connection;
	char holder[24];
	int num_seats; /* asked for just now */
	int seats[MAX_PARTY];
} Buyer;

struct Trial
{
	const Peer *peer;
	const Load *load;
	const Terms *terms;
	Loop loop;
	Wishes *wishes;
	Names names;
	char *missing;     /* why there is no trial, or NULL */
	int num_taken;     /* seats, before the trial */
	RedisStage redis;  /* where the peer needs it */
	RedisWatch *watch; /* or NULL */
	Score score;
};

/* the statement that the buyers ask */
static const char *
question(const Trial *trial)
{
	return trial->load->wish == WISH_LOOK ? trial->peer->read : trial->peer->claim;
}

/* What the server lacks that this trial needs, or NULL. */
static char *
find_missing(const Trial *trial, Connection *connection)
{
	char *ask;
	char *missing;

	if (question(trial) == NULL)
		die("%s reads nothing", trial->peer->name);
	ask = format_string("PREPARE ask AS %s", question(trial));
	missing = connection_try(connection, ask);
	if (missing == NULL && trial->peer->weigh != NULL)
	{
		char *weigh = format_string("PREPARE weigh AS %s", trial->peer->weigh);

		missing = connection_try(connection, weigh);
		free(weigh);
	}
	free(ask);
	return missing;
}

/* Take neighbours for the whole trial; the connection is to its database. */
static void
take_block(const Trial *trial, Connection *connection, int first, int count)
{
	char text[TAKEN_AT_ONCE * 64];
	int seats[TAKEN_AT_ONCE];
	char *quoted;
	char *take;

	for (int i = 0; i < count; i++)
		seats[i] = first + i;
	names_write(&trial->names, seats, count, "{}", text, sizeof(text));
	quoted = connection_quote(connection, text);
	take = format_string("SELECT peer.take(%s)", quoted);
	connection_do(connection, take);
	free(take);
	free(quoted);
}

/*
 * Take the seats that are taken before the trial begins.  All of it twice: the
 * second time each seat is looked at and refused, and what a side keeps of
 * such looks in memory is there when the trial begins.
 */
static void
take_seats(Trial *trial, Connection *connection)
{
	trial->num_taken = (int) (trial->load->taken * trial->load->num_seats);
	for (int pass = 0; pass < 2; pass++)
	{
		for (int first = 0; first < trial->num_taken; first += TAKEN_AT_ONCE)
		{
			int left = trial->num_taken - first;

			take_block(trial, connection, first, left < TAKEN_AT_ONCE ? left : TAKEN_AT_ONCE);
		}
	}
}

/* Wait until nothing is held but so many seats. */
static void
wait_for_lapses(const Trial *trial, Connection *connection, int num_taken)
{
	const int64_t give_up_at = now_ns() + 30 * NS_PER_SECOND;

	for (;;)
	{
		PGresult *result = connection_run(connection, "SELECT count(*) FROM peer.held()");
		int num_held = atoi(PQgetvalue(result, 0, 0));

		PQclear(result);
		if (num_held == num_taken)
			return;
		if (now_ns() > give_up_at)
			die("%s holds %d seats before the trial, not %d", trial->peer->name, num_held,
				num_taken);
		usleep(100 * 1000);
	}
}

/*
 * Ask for one seat, for a second.  Without a transaction around it, it is a
 * side that commits by itself which takes it all the same.
 */
static char *
ask_once(const Trial *trial, Connection *connection, int number)
{
	char *sql = trial->load->wish == WISH_LOOK
					? copy_string("EXECUTE ask")
					: format_string("EXECUTE ask('{%s}', 'warm-up', 1)",
									trial->names.by_seat[number % trial->names.count].text);
	char *missing = connection_try(connection, sql);

	free(sql);
	return missing;
}

/* The first question starts the worker, and that starts the one for Redis. */
static void
start_redis(Trial *trial, Connection *connection)
{
	if (trial->terms->redis == NULL)
		trial->missing = copy_string("there is no Redis");
	else
		trial->missing = ask_once(trial, connection, 0);
	if (trial->missing != NULL)
		return;
	wait_for_lapses(trial, connection, 0);
	redis_stage_open(&trial->redis, trial->terms->redis, connection);
}

static void
prepare_house(Trial *trial, const Side *side)
{
	Connection *connection;

	if (trial->terms->redis != NULL)
		redis_stage_point(&trial->loop,
						  side->peer.redis != REDIS_UNUSED ? trial->terms->redis : NULL);
	stage_set(&trial->loop, side);
	connection = connection_open(&trial->loop, STAGE_DATABASE, NULL);
	names_read(&trial->names, connection);
	if (trial->names.count != trial->load->num_seats)
		die("%s made %d seats, not %d", side->name, trial->names.count, trial->load->num_seats);
	trial->missing = find_missing(trial, connection);
	if (trial->missing == NULL && side->peer.redis != REDIS_UNUSED)
		start_redis(trial, connection);
	if (trial->missing == NULL)
		take_seats(trial, connection);
	connection_close(connection);
}

/* A side that chooses the seats tells which they are. */
static void
read_chosen_seats(const Trial *trial, Buyer *buyer, const char *json)
{
	int count = names_parse(&trial->names, json, buyer->seats, MAX_PARTY);

	if (count != buyer->num_seats)
		die("the answer names %d seats, asked were %d", count, buyer->num_seats);
}

static void
count_claim(Trial *trial, Buyer *buyer, const PGresult *result, int64_t latency)
{
	if (PQgetisnull(result, 0, 0))
	{
		score_refused(&trial->score,
					  PQnfields(result) > 1 && strcmp(PQgetvalue(result, 0, 1), "busy") == 0,
					  latency);
		return;
	}
	if (PQnfields(result) > 2)
		read_chosen_seats(trial, buyer, PQgetvalue(result, 0, 2));
	score_won(&trial->score, buyer->seats, buyer->num_seats, PQgetvalue(result, 0, 0), latency);
}

static void
count_answer(Trial *trial, Buyer *buyer, const PGresult *result, int64_t latency)
{
	bool looks = trial->load->wish == WISH_LOOK;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || (!looks && PQntuples(result) != 1))
		score_error(&trial->score, PQresultErrorMessage(result));
	else if (!looks)
		count_claim(trial, buyer, result, latency);
	else
		score_read(&trial->score, latency);
}

static void handle_answer(void *owner, const PGresult *result, int64_t latency);

static void
ask(Buyer *buyer)
{
	Trial *trial = buyer->trial;
	char seats[1024];
	const char *values[3] = {seats, buyer->holder, HOLD_SECONDS};

	if (trial->load->wish == WISH_LOOK)
	{
		connection_ask(buyer->connection, "ask", 0, NULL, handle_answer, buyer);
		return;
	}
	buyer->num_seats = wishes_next(trial->wishes, buyer->seats);
	if (buyer->num_seats == 0)
	{
		trial->score.stopped = true;
		return;
	}
	names_write(&trial->names, buyer->seats, buyer->num_seats, "{}", seats, sizeof(seats));
	connection_ask(buyer->connection, "ask", 3, values, handle_answer, buyer);
}

static void
handle_answer(void *owner, const PGresult *result, int64_t latency)
{
	Buyer *buyer = owner;

	count_answer(buyer->trial, buyer, result, latency);
	if (!score_is_over(&buyer->trial->score))
		ask(buyer);
}

/* Make the plans in a question that is undone. */
static void
warm_up(Trial *trial, Connection *connection, int number)
{
	connection_do(connection, "BEGIN");
	if (trial->missing == NULL)
		trial->missing = ask_once(trial, connection, number);
	connection_do(connection, "ROLLBACK");
}

/* Connect, prepare, map what will be used of what is cached, and warm up. */
static void
open_buyer(Trial *trial, Buyer *buyer, int number)
{
	const Peer *peer = trial->peer;
	char *options =
		format_string("%s %s %s", BUYER_OPTIONS, peer->options != NULL ? peer->options : "",
					  trial->load->options != NULL ? trial->load->options : "");

	buyer->trial = trial;
	snprintf(buyer->holder, sizeof(buyer->holder), "buyer-%d", number + 1);
	buyer->connection = connection_open(&trial->loop, STAGE_DATABASE, options);
	connection_prepare(buyer->connection, "ask", question(trial));
	stage_map_memory(buyer->connection, peer);
	warm_up(trial, buyer->connection, number);
	free(options);
}

/* All buyers are there: what is left to wait for before the trial begins. */
static void
make_ready(Trial *trial, Connection *connection)
{
	wait_for_lapses(trial, connection, trial->num_taken);
	if (trial->missing == NULL && trial->peer->redis != REDIS_UNUSED)
		trial->missing = redis_stage_wait(&trial->redis, connection, trial->num_taken);
	if (trial->missing == NULL && trial->peer->redis == REDIS_STOPPED)
		redis_stage_freeze(&trial->redis);
	if (trial->missing == NULL && trial->load->watched)
		trial->watch = redis_watch_open(&trial->loop, &trial->redis, &trial->names);
}

static void
ask_all(Trial *trial, Buyer *buyers)
{
	score_start(&trial->score, trial->load, trial->terms->seconds);
	for (int i = 0; i < trial->terms->num_connections && !trial->score.stopped; i++)
		ask(&buyers[i]);
	loop_drain(&trial->loop);
	score_end(&trial->score);
}

static void
sell(Trial *trial)
{
	int num_connections = trial->terms->num_connections;
	Buyer *buyers = allocate((size_t) num_connections, sizeof(Buyer));

	for (int i = 0; i < num_connections; i++)
		open_buyer(trial, &buyers[i], i);
	make_ready(trial, buyers[0].connection);
	if (trial->missing == NULL)
		ask_all(trial, buyers);
	if (trial->missing == NULL && trial->peer->redis == REDIS_STOPPED)
		redis_stage_thaw(&trial->redis);
	for (int i = 0; i < num_connections; i++)
		connection_close(buyers[i].connection);
	free(buyers);
}

static void
sell_through_redis(Trial *trial, Connection *connection)
{
	RedisLoad load = {
		.loop = &trial->loop,
		.load = trial->load,
		.stage = &trial->redis,
		.wishes = trial->wishes,
		.names = &trial->names,
		.function = trial->peer->call,
		.num_connections = trial->load->redis_connections > 0 ? trial->load->redis_connections
															  : trial->terms->num_connections,
		.seconds = trial->terms->seconds,
	};

	make_ready(trial, connection);
	if (trial->missing == NULL)
		redis_load_run(&load, &trial->score);
}

/* Bytes of memory per seat, where the side can tell. */
static double
weigh(const Trial *trial, Connection *connection)
{
	PGresult *result;
	double bytes = NOT_MEASURED;

	if (trial->peer->weigh == NULL)
		return NOT_MEASURED;
	result = connection_run(connection, trial->peer->weigh);
	if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
		bytes = strtod(PQgetvalue(result, 0, 0), NULL);
	PQclear(result);
	return bytes;
}

static void
run(Trial *trial, Connection *connection, Figures *figures)
{
	figures->values[FIGURE_VISIBLE_P50] = NOT_MEASURED;
	figures->values[FIGURE_VISIBLE_P99] = NOT_MEASURED;
	if (trial->peer->call != NULL)
		sell_through_redis(trial, connection);
	else
		sell(trial);
	if (trial->watch != NULL)
		redis_watch_close(trial->watch, connection, figures);
}

static void
trial_free(Trial *trial)
{
	if (trial->redis.context != NULL)
		redis_stage_close(&trial->redis);
	names_free(&trial->names);
	score_free(&trial->score);
	wishes_free(trial->wishes);
	loop_close(&trial->loop);
	free(trial);
}

void
trial_run(const Side *side, const Terms *terms, Figures *figures)
{
	Trial *trial = allocate(1, sizeof(Trial));
	Connection *connection;

	trial->peer = &side->peer;
	trial->load = &side->load;
	trial->terms = terms;
	loop_open(&trial->loop);
	trial->wishes = wishes_create(trial->load, terms->seed);
	prepare_house(trial, side);
	connection = connection_open(&trial->loop, STAGE_DATABASE, NULL);
	if (trial->missing == NULL)
		run(trial, connection, figures);
	figures->missing = trial->missing;
	if (trial->missing == NULL)
	{
		score_fill(&trial->score, &trial->names, connection, figures);
		figures->values[FIGURE_BYTES] = weigh(trial, connection);
	}
	if (trial->score.first_error != NULL)
		printf("  first error of %s: %s\n", side->name, trial->score.first_error);
	connection_close(connection);
	trial_free(trial);
}
