/*-------------------------------------------------------------------------
 *
 * trial.c
 *		One peer under one load for a few seconds, in a fresh database.
 *
 * Every trial starts from a newly created database, loaded and vacuumed, so
 * that no side works in the dead rows of another.  All connections ask one
 * after the other without a pause, as buyers of an on-sale do.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "histogram.h"
#include "trial.h"

#define DATABASE "bench"
#define HOLD_SECONDS "900" /* nothing lapses during a trial */

/* Peers written in PL/pgSQL are at their best with generic plans. */
#define BUYER_OPTIONS "-c plan_cache_mode=force_generic_plan"

/* A seat that a buyer was told to have. */
typedef struct Promise
{
	int seat;
	char token[37]; /* a UUID's text */
} Promise;

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
	char **seat_names; /* quoted, as elements of an array literal */
	bool stopped;      /* ask no more */
	int64_t started_at;
	int64_t ends_at;
	int64_t ended_at;
	int64_t num_seats_sold;
	int64_t num_errors;
	char *first_error;
	Histogram won;
	Histogram refused;
	Promise *promises;
	size_t num_promises;
	size_t max_promises;
};

static void
create_database(Trial *trial)
{
	Connection *connection = connection_open(&trial->loop, "postgres", NULL);

	connection_do(connection, "DROP DATABASE IF EXISTS " DATABASE " WITH (FORCE)");
	connection_do(connection, "CREATE DATABASE " DATABASE);
	connection_close(connection);
}

static void
read_seat_names(Trial *trial, Connection *connection)
{
	PGresult *result = connection_run(connection, "SELECT * FROM peer.seats()");

	if (PQntuples(result) != trial->load->num_seats)
		die("%s made %d seats, not %d", trial->peer->name, PQntuples(result),
			trial->load->num_seats);
	trial->seat_names = allocate((size_t) PQntuples(result), sizeof(char *));
	for (int i = 0; i < PQntuples(result); i++)
		trial->seat_names[i] = quote_array_element(PQgetvalue(result, i, 0));
	PQclear(result);
}

static void
prepare_house(Trial *trial)
{
	Connection *connection;
	char *fill = format_string("SELECT peer.fill(%d)", trial->load->num_seats);

	create_database(trial);
	connection = connection_open(&trial->loop, DATABASE, "-c client_min_messages=error");
	connection_do(connection, "CREATE SCHEMA peer");
	connection_do(connection, trial->peer->setup);
	connection_do(connection, fill);
	connection_do(connection, "VACUUM (ANALYZE)");
	/* or the larger a side's tables, the more their writing out would slow its commits */
	sync();
	read_seat_names(trial, connection);
	connection_close(connection);
	free(fill);
}

static void
remember_promises(Trial *trial, const Buyer *buyer, const char *token)
{
	if (trial->num_promises + MAX_PARTY > trial->max_promises)
	{
		trial->max_promises = trial->max_promises * 2 + 1024;
		trial->promises = reallocate(trial->promises, trial->max_promises, sizeof(Promise));
	}
	for (int i = 0; i < buyer->num_seats; i++)
	{
		Promise *promise = &trial->promises[trial->num_promises++];

		promise->seat = buyer->seats[i];
		snprintf(promise->token, sizeof(promise->token), "%s", token);
	}
}

static void
count_answer(Trial *trial, const Buyer *buyer, const PGresult *result, int64_t latency)
{
	/* the last answers come after the end: they bind, but do not count */
	bool counts = trial->ended_at == 0;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
	{
		trial->num_errors++;
		if (trial->first_error == NULL)
			trial->first_error = copy_string(PQresultErrorMessage(result));
		return;
	}
	if (PQgetisnull(result, 0, 0))
	{
		if (counts)
			histogram_add(&trial->refused, latency);
		return;
	}
	remember_promises(trial, buyer, PQgetvalue(result, 0, 0));
	trial->num_seats_sold += buyer->num_seats;
	if (counts)
		histogram_add(&trial->won, latency);
}

static void handle_answer(void *owner, const PGresult *result, int64_t latency);

static void
ask(Buyer *buyer)
{
	Trial *trial = buyer->trial;
	char seats[1024];
	size_t length = 0;
	const char *values[3] = {seats, buyer->holder, HOLD_SECONDS};

	buyer->num_seats = wishes_next(trial->wishes, buyer->seats);
	if (buyer->num_seats == 0)
	{
		trial->stopped = true;
		return;
	}
	for (int i = 0; i < buyer->num_seats; i++)
	{
		const char *name = trial->seat_names[buyer->seats[i]];
		int written =
			snprintf(seats + length, sizeof(seats) - length, "%c%s", i == 0 ? '{' : ',', name);

		length += (size_t) written;
		if (length + 2 > sizeof(seats))
			die("the seat name %s is too long", name);
	}
	memcpy(seats + length, "}", 2);
	connection_ask(buyer->connection, "claim", 3, values, handle_answer, buyer);
}

static void
handle_answer(void *owner, const PGresult *result, int64_t latency)
{
	Buyer *buyer = owner;
	Trial *trial = buyer->trial;
	int64_t now = now_ns();

	count_answer(trial, buyer, result, latency);
	if (now >= trial->ends_at ||
		(double) trial->num_seats_sold >= trial->load->until_sold * trial->load->num_seats)
		trial->stopped = true;
	if (!trial->stopped)
		ask(buyer);
	else if (trial->ended_at == 0)
		trial->ended_at = now;
}

/*
 * A pool's connections have long mapped the shared memory that they use; a new
 * one pays a page fault for each page it meets first.  So each reads every
 * table and index of the peer once, in index order and in table order.
 */
static const char warm_up_sql[] =
	"DO $$\n"
	"DECLARE sql text;\n"
	"BEGIN\n"
	"  PERFORM set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);\n"
	"  FOR sql IN\n"
	"    SELECT format('SELECT count(*) FROM (SELECT %1$s FROM %2$s ORDER BY %1$s) i',\n"
	"                  string_agg(quote_ident(a.attname), ', ' ORDER BY k.n), i.indrelid::regclass)\n"
	"      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid\n"
	"     CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (attnum, n)\n"
	"      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum\n"
	"     WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('peer', 'seatlock'))\n"
	"       AND c.relpages > 0\n"
	"     GROUP BY i.indexrelid, i.indrelid\n"
	"    UNION ALL\n"
	"    SELECT format('SELECT count(t) FROM %s t', c.oid::regclass) FROM pg_class c\n"
	"     WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('peer', 'seatlock'))\n"
	"       AND c.relkind = 'r' AND c.relpages > 0\n"
	"  LOOP\n"
	"    EXECUTE sql;\n"
	"  END LOOP;\n"
	"END $$";

/* Connect, prepare, map the tables, and make the plans in a claim that is undone. */
static void
open_buyer(Trial *trial, Buyer *buyer, int number)
{
	char *trial_claim = format_string("EXECUTE claim('{%s}', 'warm-up', 1)",
									  trial->seat_names[number % trial->load->num_seats]);

	buyer->trial = trial;
	snprintf(buyer->holder, sizeof(buyer->holder), "buyer-%d", number + 1);
	buyer->connection = connection_open(&trial->loop, DATABASE, BUYER_OPTIONS);
	connection_prepare(buyer->connection, "claim", trial->peer->claim);
	connection_do(buyer->connection, warm_up_sql);
	connection_do(buyer->connection, "BEGIN");
	connection_do(buyer->connection, trial_claim);
	connection_do(buyer->connection, "ROLLBACK");
	free(trial_claim);
}

static void
sell(Trial *trial, int num_connections, double seconds)
{
	Buyer *buyers = allocate((size_t) num_connections, sizeof(Buyer));

	for (int i = 0; i < num_connections; i++)
		open_buyer(trial, &buyers[i], i);

	trial->started_at = now_ns();
	trial->ends_at = trial->started_at + (int64_t) (seconds * NS_PER_SECOND);
	for (int i = 0; i < num_connections && !trial->stopped; i++)
		ask(&buyers[i]);
	loop_drain(&trial->loop);
	if (trial->ended_at == 0)
		trial->ended_at = now_ns();

	for (int i = 0; i < num_connections; i++)
		connection_close(buyers[i].connection);
	free(buyers);
}

static int
compare_promises(const void *a, const void *b)
{
	const Promise *first = a;
	const Promise *second = b;

	if (first->seat != second->seat)
		return first->seat < second->seat ? -1 : 1;
	return strcmp(first->token, second->token);
}

/* Promises that the tables do not keep. */
static int64_t
count_broken_promises(Trial *trial)
{
	Connection *connection = connection_open(&trial->loop, DATABASE, NULL);
	PGresult *result =
		connection_run(connection, "SELECT s.position - 1, h.token FROM peer.held() h"
								   " JOIN peer.seats() WITH ORDINALITY s (seat, position)"
								   " ON s.seat = h.seat");
	int64_t num_kept = 0;

	qsort(trial->promises, trial->num_promises, sizeof(Promise), compare_promises);
	for (int i = 0; i < PQntuples(result); i++)
	{
		Promise held = {.seat = atoi(PQgetvalue(result, i, 0))};

		snprintf(held.token, sizeof(held.token), "%s", PQgetvalue(result, i, 1));
		if (trial->num_promises > 0 && bsearch(&held, trial->promises, trial->num_promises,
											   sizeof(Promise), compare_promises) != NULL)
			num_kept++;
	}
	PQclear(result);
	connection_close(connection);
	return (int64_t) trial->num_promises - num_kept;
}

static void
fill_figures(Trial *trial, Figures *figures)
{
	double *values = figures->values;
	double seconds = (double) (trial->ended_at - trial->started_at) / NS_PER_SECOND;

	values[FIGURE_SECONDS] = seconds;
	values[FIGURE_WON] = (double) trial->won.count / seconds;
	values[FIGURE_REFUSED] = (double) trial->refused.count / seconds;
	values[FIGURE_ANSWERS] = values[FIGURE_WON] + values[FIGURE_REFUSED];
	values[FIGURE_WON_P50] = histogram_percentile(&trial->won, 0.5);
	values[FIGURE_WON_P99] = histogram_percentile(&trial->won, 0.99);
	values[FIGURE_REFUSED_P50] = histogram_percentile(&trial->refused, 0.5);
	values[FIGURE_REFUSED_P99] = histogram_percentile(&trial->refused, 0.99);
	values[FIGURE_SOLD] = (double) trial->num_seats_sold / trial->load->num_seats;
	values[FIGURE_ERRORS] = (double) trial->num_errors;
	values[FIGURE_OVERSOLD] = (double) count_broken_promises(trial);
}

void
trial_run(const Peer *peer, const Load *load, int num_connections, double seconds, uint64_t seed,
		  Figures *figures)
{
	Trial *trial = allocate(1, sizeof(Trial));

	trial->peer = peer;
	trial->load = load;
	loop_open(&trial->loop);
	trial->wishes = wishes_create(load, seed);
	prepare_house(trial);
	sell(trial, num_connections, seconds < load->seconds ? seconds : load->seconds);
	fill_figures(trial, figures);
	if (trial->first_error != NULL)
		printf("  first error of %s: %s", peer->name, trial->first_error);

	for (int i = 0; i < load->num_seats; i++)
		free(trial->seat_names[i]);
	free(trial->seat_names);
	free(trial->first_error);
	free(trial->promises);
	wishes_free(trial->wishes);
	loop_close(&trial->loop);
	free(trial);
}
