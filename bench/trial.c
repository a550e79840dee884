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

#include "meter.h"
#include "process.h"
#include "redis_load.h"
#include "redis_watch.h"
#include "score.h"
#include "stage.h"
#include "trial.h"

#define TAKEN_AT_ONCE 100  /* seats, of those taken before the trial */
#define MOST_WARM_UP 4     /* times the trial itself, so that a quick look is quick */
#define WARM_UP_SHARE 0.2  /* of what the trial may sell */
#define HOLD_SECONDS "900" /* nothing expires during a trial */

typedef struct Trial Trial;

typedef struct Buyer
{
	Trial *trial;
	Connection *connection;
	char holder[24];
	int event;      /* from 0, of the nights there are, */
	char night[12]; /* its name, */
	int num_seats;  /* and what was asked for of it just now */
	int seats[MAX_PARTY];
} Buyer;

struct Trial
{
	const Side *side;
	const Peer *peer;
	const Load *load;
	const Terms *terms;
	Loop loop;
	Wishes *wishes;
	Names names;
	char *missing;      /* why there is no trial, or NULL */
	int num_taken;      /* seats, before the trial */
	RedisStage redis;   /* where the peer needs it */
	RedisWatch *watch;  /* or NULL */
	Meter meter_before; /* the trial, where it is of many nights */
	Meter meter_after;
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
	free(ask);
	return missing;
}

/* Take neighbours for the whole trial, of a night if there are any; the connection is to its database. */
static void
take_block(const Trial *trial, Connection *connection, int event, int first, int count)
{
	char text[TAKEN_AT_ONCE * 64];
	int seats[TAKEN_AT_ONCE];
	char *quoted;
	char *take;

	for (int i = 0; i < count; i++)
		seats[i] = first + i;
	names_write(&trial->names, seats, count, "{}", text, sizeof(text));
	quoted = connection_quote(connection, text);
	take = trial->load->by_events ? format_string("SELECT peer.take(%s, %d)", quoted, event + 1)
								  : format_string("SELECT peer.take(%s)", quoted);
	connection_do(connection, take);
	free(take);
	free(quoted);
}

/* A few of each night; the load that warms up the trial looks at them. */
static void
take_of_nights(Trial *trial, Connection *connection)
{
	int count = (int) (trial->load->taken * trial->load->num_seats);

	trial->num_taken = count * trial->load->num_events;
	if (count == 0)
		return;
	connection_do(connection, "SET synchronous_commit = off");
	for (int event = 0; event < trial->load->num_events; event++)
		take_block(trial, connection, event, 0, count < TAKEN_AT_ONCE ? count : TAKEN_AT_ONCE);
}

/*
 * Take the seats that are taken before the trial begins.  All of it twice: the
 * second time each seat is looked at and refused, and what a side keeps of
 * such looks in memory is there when the trial begins.
 */
static void
take_seats(Trial *trial, Connection *connection)
{
	if (trial->load->by_events)
	{
		take_of_nights(trial, connection);
		return;
	}
	trial->num_taken = (int) (trial->load->taken * trial->load->num_seats);
	for (int pass = 0; pass < 2; pass++)
	{
		for (int first = 0; first < trial->num_taken; first += TAKEN_AT_ONCE)
		{
			int left = trial->num_taken - first;

			take_block(trial, connection, 0, first, left < TAKEN_AT_ONCE ? left : TAKEN_AT_ONCE);
		}
	}
}

/* Wait until nothing is held but so many seats. */
static void
wait_for_expiries(const Trial *trial, Connection *connection, int num_taken)
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
	const char *night = trial->load->by_events ? "'1'" : "";
	char *sql;
	char *missing;

	if (trial->load->wish == WISH_LOOK)
		sql = format_string(trial->load->by_events ? "EXECUTE ask(%s)" : "EXECUTE ask%s", night);
	else
		sql = format_string("EXECUTE ask('{%s}', 'warm-up', 1%s%s)",
							trial->names.by_seat[number % trial->names.count].text,
							trial->load->by_events ? ", " : "", night);
	missing = connection_try(connection, sql);

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
	wait_for_expiries(trial, connection, 0);
	redis_stage_open(&trial->redis, trial->terms->redis, connection);
}

static void
prepare_house(Trial *trial, const Side *side)
{
	Connection *connection;

	if (trial->terms->redis != NULL)
		redis_stage_point(&trial->loop,
						  side->peer.redis != REDIS_UNUSED ? trial->terms->redis : NULL);
	trial->missing = stage_set(&trial->loop, side);
	if (trial->missing != NULL)
		return;
	connection = stage_connect(&trial->loop, side, NULL);
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
	/* seats are counted through all nights */
	for (int i = 0; i < buyer->num_seats; i++)
		buyer->seats[i] += buyer->event * trial->load->num_seats;
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
	const char *values[4] = {seats, buyer->holder, HOLD_SECONDS, buyer->night};
	int num_nights = trial->load->by_events ? 1 : 0;

	buyer->event = wishes_next_event(trial->wishes);
	snprintf(buyer->night, sizeof(buyer->night), "%d", buyer->event + 1);
	if (trial->load->wish == WISH_LOOK)
	{
		connection_ask(buyer->connection, "ask", num_nights, values + 3, handle_answer, buyer);
		return;
	}
	buyer->num_seats = wishes_next(trial->wishes, buyer->seats);
	if (buyer->num_seats == 0)
	{
		trial->score.stopped = true;
		return;
	}
	names_write(&trial->names, buyer->seats, buyer->num_seats, "{}", seats, sizeof(seats));
	connection_ask(buyer->connection, "ask", 3 + num_nights, values, handle_answer, buyer);
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

/* Connect, which maps what will be used of what is cached, prepare, and warm up. */
static void
open_buyer(Trial *trial, Buyer *buyer, int number, const char *options)
{
	buyer->trial = trial;
	snprintf(buyer->holder, sizeof(buyer->holder), "buyer-%d", number + 1);
	buyer->connection = stage_connect(&trial->loop, trial->side, options);
	connection_prepare(buyer->connection, "ask", question(trial));
	warm_up(trial, buyer->connection, number);
}

/* All buyers are there: what is left to wait for before the trial begins. */
static void
make_ready(Trial *trial, Connection *connection)
{
	wait_for_expiries(trial, connection, trial->num_taken);
	if (trial->missing == NULL && trial->peer->redis != REDIS_UNUSED)
		trial->missing = redis_stage_wait(&trial->redis, connection, trial->num_taken);
	if (trial->missing == NULL && trial->peer->redis == REDIS_STOPPED)
		redis_stage_freeze(&trial->redis);
	if (trial->missing == NULL && trial->load->watched)
		trial->watch = redis_watch_open(&trial->loop, &trial->redis, &trial->names);
}

static void
ask_all(Trial *trial, Buyer *buyers, const Load *load, double seconds)
{
	score_start(&trial->score, load, seconds);
	for (int i = 0; i < trial->terms->num_connections && !trial->score.stopped; i++)
		ask(&buyers[i]);
	loop_drain(&trial->loop);
	score_end(&trial->score);
}

/* What the server has counted by now, the buyers' backends included. */
static Meter
read_meter(const Trial *trial, const Buyer *buyers, Connection *connection)
{
	for (int i = 0; i < trial->terms->num_connections; i++)
		meter_flush(buyers[i].connection);
	return meter_read(connection);
}

static void
measure_memory(const Trial *trial, const Buyer *buyers, Figures *figures)
{
	int num_backends = trial->terms->num_connections;
	int *backends = allocate((size_t) num_backends, sizeof(int));

	for (int i = 0; i < num_backends; i++)
		backends[i] = connection_pid(buyers[i].connection);
	process_measure_memory(backends, num_backends, figures);
	free(backends);
}

/*
 * Many nights: the same load for a while first, so that caches and boards hold
 * what they will hold, and then a checkpoint, so that every trial begins with
 * all pages to be written whole into the WAL when they are changed first.
 */
static void
ask_of_nights(Trial *trial, Buyer *buyers, Connection *connection, Figures *figures)
{
	double seconds = trial->terms->seconds;
	double warm_up_seconds = seconds * MOST_WARM_UP;
	Load warm_up = *trial->load;

	if (warm_up_seconds > warm_up.warm_up)
		warm_up_seconds = warm_up.warm_up;
	/* a few nights must not be sold out by it */
	warm_up.until_sold *= WARM_UP_SHARE;
	ask_all(trial, buyers, &warm_up, warm_up_seconds);
	connection_do(connection, "CHECKPOINT");
	trial->meter_before = read_meter(trial, buyers, connection);
	ask_all(trial, buyers, trial->load, seconds);
	trial->meter_after = read_meter(trial, buyers, connection);
	measure_memory(trial, buyers, figures);
}

static void
sell(Trial *trial, Connection *connection, Figures *figures)
{
	int num_connections = trial->terms->num_connections;
	Buyer *buyers = allocate((size_t) num_connections, sizeof(Buyer));
	char *options = stage_buyer_options(&trial->loop, trial->side);

	for (int i = 0; i < num_connections; i++)
		open_buyer(trial, &buyers[i], i, options);
	free(options);
	make_ready(trial, buyers[0].connection);
	if (trial->missing == NULL && trial->load->by_events)
		ask_of_nights(trial, buyers, connection, figures);
	else if (trial->missing == NULL)
		ask_all(trial, buyers, trial->load, trial->terms->seconds);
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

static void
run(Trial *trial, Connection *connection, Figures *figures)
{
	if (trial->peer->call != NULL)
		sell_through_redis(trial, connection);
	else
		sell(trial, connection, figures);
	if (trial->watch != NULL)
		redis_watch_close(trial->watch, connection, figures);
}

/* What the trial came to. */
static void
fill(Trial *trial, Connection *connection, Figures *figures)
{
	score_fill(&trial->score, &trial->names, connection, figures);
	if (trial->load->by_events)
		meter_fill(&trial->meter_before, &trial->meter_after, figures);
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

	trial->side = side;
	trial->peer = &side->peer;
	trial->load = &side->load;
	trial->terms = terms;
	loop_open(&trial->loop);
	trial->wishes = wishes_create(trial->load, terms->seed);
	prepare_house(trial, side);
	if (trial->missing == NULL)
	{
		connection = stage_connect(&trial->loop, side, NULL);
		run(trial, connection, figures);
		if (trial->missing == NULL)
			fill(trial, connection, figures);
		connection_close(connection);
	}
	figures->missing = trial->missing;
	if (trial->score.first_error != NULL)
		printf("  first error of %s: %s\n", side->name, trial->score.first_error);
	trial_free(trial);
}
