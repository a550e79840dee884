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

#include "histogram.h"
#include "names.h"
#include "promise.h"
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
	Loop loop;
	Wishes *wishes;
	Names names;
	char *missing; /* why there is no trial, or NULL */
	int num_taken; /* seats, before the trial */
	bool stopped;  /* ask no more */
	int64_t started_at;
	int64_t ends_at;
	int64_t ended_at;
	int64_t half_sold_at;
	int64_t most_sold_at;
	int64_t num_seats_sold;
	int64_t num_won;
	int64_t num_busy;
	int64_t num_errors;
	char *first_error;
	Histogram won;
	Histogram refused;
	Histogram read;
	Promises promises;
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
	names_write(&trial->names, seats, count, text, sizeof(text));
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

static void
prepare_house(Trial *trial, const Side *side)
{
	Connection *connection;

	stage_set(&trial->loop, side);
	connection = connection_open(&trial->loop, STAGE_DATABASE, NULL);
	names_read(&trial->names, connection);
	if (trial->names.count != trial->load->num_seats)
		die("%s made %d seats, not %d", side->name, trial->names.count, trial->load->num_seats);
	trial->missing = find_missing(trial, connection);
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
count_error(Trial *trial, const PGresult *result)
{
	trial->num_errors++;
	if (trial->first_error == NULL)
		trial->first_error = copy_string(PQresultErrorMessage(result));
}

static void
count_won(Trial *trial, const Buyer *buyer, const char *token)
{
	int64_t now = now_ns();
	int num_seats = trial->load->num_seats;

	promises_add(&trial->promises, buyer->seats, buyer->num_seats, token);
	trial->num_seats_sold += buyer->num_seats;
	trial->num_won++;
	if (trial->half_sold_at == 0 && trial->num_seats_sold * 2 >= num_seats)
		trial->half_sold_at = now;
	if (trial->most_sold_at == 0 && trial->num_seats_sold * 10 >= (int64_t) num_seats * 9)
		trial->most_sold_at = now;
}

/* An answer that is no error.  The last ones come after the end: they bind, but do not count. */
static void
count_claim(Trial *trial, Buyer *buyer, const PGresult *result, int64_t latency)
{
	bool counts = trial->ended_at == 0;

	if (PQgetisnull(result, 0, 0))
	{
		if (counts)
			histogram_add(&trial->refused, latency);
		if (counts && PQnfields(result) > 1 && strcmp(PQgetvalue(result, 0, 1), "busy") == 0)
			trial->num_busy++;
		return;
	}
	if (PQnfields(result) > 2)
		read_chosen_seats(trial, buyer, PQgetvalue(result, 0, 2));
	if (counts)
		histogram_add(&trial->won, latency);
	count_won(trial, buyer, PQgetvalue(result, 0, 0));
}

static void
count_answer(Trial *trial, Buyer *buyer, const PGresult *result, int64_t latency)
{
	bool looks = trial->load->wish == WISH_LOOK;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || (!looks && PQntuples(result) != 1))
		count_error(trial, result);
	else if (!looks)
		count_claim(trial, buyer, result, latency);
	else if (trial->ended_at == 0)
		histogram_add(&trial->read, latency);
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
		trial->stopped = true;
		return;
	}
	names_write(&trial->names, buyer->seats, buyer->num_seats, seats, sizeof(seats));
	connection_ask(buyer->connection, "ask", 3, values, handle_answer, buyer);
}

static bool
is_over(const Trial *trial, int64_t now)
{
	const Load *load = trial->load;

	return now >= trial->ends_at || (load->until_won > 0 && trial->num_won >= load->until_won) ||
		   (load->until_sold > 0 &&
			(double) trial->num_seats_sold >= load->until_sold * load->num_seats);
}

static void
handle_answer(void *owner, const PGresult *result, int64_t latency)
{
	Buyer *buyer = owner;
	Trial *trial = buyer->trial;
	int64_t now = now_ns();

	count_answer(trial, buyer, result, latency);
	if (is_over(trial, now))
		trial->stopped = true;
	if (!trial->stopped)
		ask(buyer);
	else if (trial->ended_at == 0)
		trial->ended_at = now;
}

/*
 * Make the plans in a question that is undone.  What the warm-up of a side
 * that commits by itself takes all the same lapses after a second.
 */
static void
warm_up(Trial *trial, Connection *connection, int number)
{
	char *ask_once = trial->load->wish == WISH_LOOK
						 ? copy_string("EXECUTE ask")
						 : format_string("EXECUTE ask('{%s}', 'warm-up', 1)",
										 trial->names.by_seat[number % trial->names.count].text);

	connection_do(connection, "BEGIN");
	if (trial->missing == NULL)
		trial->missing = connection_try(connection, ask_once);
	connection_do(connection, "ROLLBACK");
	free(ask_once);
}

/* Connect, prepare, map what is cached, and warm up. */
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
	stage_map_buffers(buyer->connection);
	warm_up(trial, buyer->connection, number);
	free(options);
}

/* Wait until nothing is held but what shall be taken before the trial. */
static void
wait_for_lapses(Trial *trial, Connection *connection)
{
	const int64_t give_up_at = now_ns() + 30 * NS_PER_SECOND;

	for (;;)
	{
		PGresult *result = connection_run(connection, "SELECT count(*) FROM peer.held()");
		int num_held = atoi(PQgetvalue(result, 0, 0));

		PQclear(result);
		if (num_held == trial->num_taken)
			return;
		if (now_ns() > give_up_at)
			die("%s holds %d seats before the trial, not %d", trial->peer->name, num_held,
				trial->num_taken);
		usleep(100 * 1000);
	}
}

static void
ask_all(Trial *trial, Buyer *buyers, int num_connections, double seconds)
{
	trial->started_at = now_ns();
	trial->ends_at = trial->started_at + (int64_t) (seconds * NS_PER_SECOND);
	for (int i = 0; i < num_connections && !trial->stopped; i++)
		ask(&buyers[i]);
	loop_drain(&trial->loop);
	if (trial->ended_at == 0)
		trial->ended_at = now_ns();
}

static void
sell(Trial *trial, int num_connections, double seconds)
{
	Buyer *buyers = allocate((size_t) num_connections, sizeof(Buyer));

	for (int i = 0; i < num_connections; i++)
		open_buyer(trial, &buyers[i], i);
	wait_for_lapses(trial, buyers[0].connection);
	if (trial->missing == NULL)
		ask_all(trial, buyers, num_connections, seconds);
	for (int i = 0; i < num_connections; i++)
		connection_close(buyers[i].connection);
	free(buyers);
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

static double
percentile(const Histogram *histogram, double share)
{
	return histogram->count > 0 ? histogram_percentile(histogram, share) : NOT_MEASURED;
}

static double
seconds_until(const Trial *trial, int64_t at)
{
	return at > 0 ? (double) (at - trial->started_at) / NS_PER_SECOND : NOT_MEASURED;
}

static void
fill_figures(Trial *trial, Figures *figures)
{
	Connection *connection = connection_open(&trial->loop, STAGE_DATABASE, NULL);
	double *values = figures->values;
	double seconds = seconds_until(trial, trial->ended_at);

	values[FIGURE_SECONDS] = seconds;
	values[FIGURE_WON] = (double) trial->won.count / seconds;
	values[FIGURE_REFUSED] = (double) trial->refused.count / seconds;
	values[FIGURE_BUSY] = (double) trial->num_busy / seconds;
	values[FIGURE_READ] = (double) trial->read.count / seconds;
	values[FIGURE_ANSWERS] = values[FIGURE_WON] + values[FIGURE_REFUSED] + values[FIGURE_READ];
	values[FIGURE_WON_P50] = percentile(&trial->won, 0.5);
	values[FIGURE_WON_P99] = percentile(&trial->won, 0.99);
	values[FIGURE_REFUSED_P50] = percentile(&trial->refused, 0.5);
	values[FIGURE_REFUSED_P99] = percentile(&trial->refused, 0.99);
	values[FIGURE_READ_P50] = percentile(&trial->read, 0.5);
	values[FIGURE_READ_P99] = percentile(&trial->read, 0.99);
	values[FIGURE_HALF_SOLD] = seconds_until(trial, trial->half_sold_at);
	values[FIGURE_MOST_SOLD] = seconds_until(trial, trial->most_sold_at);
	values[FIGURE_SOLD] = (double) trial->num_seats_sold / trial->load->num_seats;
	values[FIGURE_BYTES] = weigh(trial, connection);
	values[FIGURE_ERRORS] = (double) trial->num_errors;
	values[FIGURE_OVERSOLD] =
		(double) promises_count_broken(&trial->promises, &trial->names, connection);
	connection_close(connection);
}

static void
trial_free(Trial *trial)
{
	names_free(&trial->names);
	promises_free(&trial->promises);
	free(trial->first_error);
	wishes_free(trial->wishes);
	loop_close(&trial->loop);
	free(trial);
}

void
trial_run(const Side *side, int num_connections, double seconds, uint64_t seed, Figures *figures)
{
	Trial *trial = allocate(1, sizeof(Trial));

	trial->peer = &side->peer;
	trial->load = &side->load;
	loop_open(&trial->loop);
	trial->wishes = wishes_create(trial->load, seed);
	prepare_house(trial, side);
	if (trial->missing == NULL)
		sell(trial, num_connections, seconds);
	figures->missing = trial->missing;
	if (trial->missing == NULL)
		fill_figures(trial, figures);
	if (trial->first_error != NULL)
		printf("  first error of %s: %s", side->name, trial->first_error);
	trial_free(trial);
}
