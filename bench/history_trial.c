/*-------------------------------------------------------------------------
 *
 * history_trial.c
 *		How an event bears its own past.
 *
 * Clerks claim seats and give them back until the event's history is as long
 * as is wanted; how fast they are at the end of it is their pace.  Afterwards,
 * with nobody else at work, each reading is timed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "history_trial.h"
#include "names.h"
#include "stage.h"

#define NOTE_INTERVAL (5 * NS_PER_SECOND)
#define NUM_READINGS 5

/* the last seat is asked for so often, at the beginning, and then no more */
#define QUIET_PAIRS 5

/* the pace is of so many at the end, but of no more than half of all */
#define PACE_PAIRS 10000

typedef struct History
{
	const Side *side;
	Loop loop;
	Names names;
	Chance chance;
	int64_t num_pairs;   /* claims given back */
	int64_t until_pairs; /* stop after so many */
	int64_t note_at;
	int64_t num_errors;
} History;

typedef struct Clerk
{
	History *history;
	Connection *connection;
	char token[64];
} Clerk;

static void handle_claim(void *owner, const PGresult *result, int64_t latency);
static void handle_release(void *owner, const PGresult *result, int64_t latency);

static void
claim(Clerk *clerk)
{
	History *history = clerk->history;
	int seat = chance_between(&history->chance, 0, history->names.count - 2);
	char seats[128];
	const char *values[] = {seats, "clerk", "900", "1"};

	names_write(&history->names, &seat, 1, "{}", seats, sizeof(seats));
	connection_ask(clerk->connection, "claim", 4, values, handle_claim, clerk);
}

static bool
has_answer(History *history, const PGresult *result)
{
	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
		return true;
	if (history->num_errors++ == 0)
		printf("  first error of %s: %s\n", history->side->name, PQresultErrorMessage(result));
	return false;
}

/* Somebody else has the seat: another one. */
static void
handle_claim(void *owner, const PGresult *result, int64_t latency)
{
	Clerk *clerk = owner;
	const char *values[] = {clerk->token};

	(void) latency;
	if (!has_answer(clerk->history, result))
		return;
	if (PQgetisnull(result, 0, 0))
	{
		claim(clerk);
		return;
	}
	snprintf(clerk->token, sizeof(clerk->token), "%s", PQgetvalue(result, 0, 0));
	connection_ask(clerk->connection, "release", 1, values, handle_release, clerk);
}

static void
handle_release(void *owner, const PGresult *result, int64_t latency)
{
	Clerk *clerk = owner;
	History *history = clerk->history;

	(void) latency;
	if (!has_answer(history, result))
		return;
	history->num_pairs++;
	if (now_ns() >= history->note_at)
	{
		history->note_at = now_ns() + NOTE_INTERVAL;
		printf("  %s: %s changes are made\n", history->side->name,
			   with_commas((double) history->num_pairs * 2));
		fflush(stdout);
	}
	if (history->num_pairs < history->until_pairs)
		claim(clerk);
}

/* Each clerk at work until there are so many; returns pairs per second. */
static double
work(History *history, Clerk *clerks, int num_clerks, int64_t until_pairs)
{
	int64_t started_at = now_ns();
	int64_t num_before = history->num_pairs;

	history->until_pairs = until_pairs;
	for (int i = 0; i < num_clerks; i++)
		claim(&clerks[i]);
	loop_drain(&history->loop);
	return (double) (history->num_pairs - num_before) * NS_PER_SECOND /
		   (double) (now_ns() - started_at);
}

static Clerk *
open_clerks(History *history, int num_clerks)
{
	Clerk *clerks = allocate((size_t) num_clerks, sizeof(Clerk));
	char *options = stage_buyer_options(&history->loop, history->side);

	for (int i = 0; i < num_clerks; i++)
	{
		clerks[i].history = history;
		clerks[i].connection = stage_connect(&history->loop, history->side, options);
		connection_prepare(clerks[i].connection, "claim", history->side->peer.claim);
		connection_prepare(clerks[i].connection, "release", history->side->peer.release);
	}
	free(options);
	return clerks;
}

/* A seat with little history of its own among the event's long one. */
static void
make_quiet_seat(const History *history, Connection *connection)
{
	char *ask = format_string("EXECUTE claim('{%s}', 'quiet', 900, '1')",
							  history->names.by_seat[history->names.count - 1].text);

	for (int i = 0; i < QUIET_PAIRS; i++)
	{
		PGresult *result = connection_run(connection, ask);
		char *release = format_string("EXECUTE release('%s')", PQgetvalue(result, 0, 0));

		connection_do(connection, release);
		free(release);
		PQclear(result);
	}
	free(ask);
}

static int
compare_numbers(const void *a, const void *b)
{
	double first = *(const double *) a;
	double second = *(const double *) b;

	return (first > second) - (first < second);
}

/* the median, in milliseconds */
static double
time_reading(Connection *connection, const char *sql)
{
	double times[NUM_READINGS];

	for (int i = 0; i < NUM_READINGS; i++)
	{
		int64_t started_at = now_ns();

		connection_do(connection, sql);
		times[i] = (double) (now_ns() - started_at) / NS_PER_MS;
	}
	qsort(times, NUM_READINGS, sizeof(double), compare_numbers);
	return times[NUM_READINGS / 2];
}

static void
read_back(History *history, Figures *figures)
{
	Connection *connection = stage_connect(&history->loop, history->side, NULL);
	char *seat_history = format_string("SELECT peer.show_history(('{%s}'::text[])[1])",
									   history->names.by_seat[history->names.count - 1].text);

	/* as autovacuum would do, sooner or later */
	connection_do(connection, "VACUUM (ANALYZE)");
	figures->values[FIGURE_HOLDS] = time_reading(connection, "SELECT peer.show_holds()");
	figures->values[FIGURE_SEAT_HISTORY] = time_reading(connection, seat_history);
	figures->values[FIGURE_PRUNE] = time_reading(connection, "SELECT peer.prune_nothing()");
	free(seat_history);
	connection_close(connection);
}

static void
grow(History *history, const Terms *terms, Figures *figures)
{
	Clerk *clerks = open_clerks(history, terms->num_connections);
	int64_t num_pairs = history->side->load.num_changes / 2;
	int64_t num_paced = num_pairs / 2 < PACE_PAIRS ? num_pairs / 2 : PACE_PAIRS;
	int64_t started_at = now_ns();

	make_quiet_seat(history, clerks[0].connection);
	history->note_at = now_ns() + NOTE_INTERVAL;
	(void) work(history, clerks, terms->num_connections, num_pairs - num_paced);
	figures->values[FIGURE_PAIRS] = work(history, clerks, terms->num_connections, num_pairs);
	figures->values[FIGURE_SECONDS] = (double) (now_ns() - started_at) / NS_PER_SECOND;
	for (int i = 0; i < terms->num_connections; i++)
		connection_close(clerks[i].connection);
	free(clerks);
}

void
history_trial_run(const Side *side, const Terms *terms, Figures *figures)
{
	History *history = allocate(1, sizeof(History));
	Connection *connection;

	history->side = side;
	history->chance.state = terms->seed;
	loop_open(&history->loop);
	figures->missing = stage_set(&history->loop, side);
	if (figures->missing == NULL)
	{
		connection = stage_connect(&history->loop, side, NULL);
		names_read(&history->names, connection);
		connection_close(connection);
		grow(history, terms, figures);
		read_back(history, figures);
		figures->values[FIGURE_ERRORS] = (double) history->num_errors;
		names_free(&history->names);
	}
	loop_close(&history->loop);
	free(history);
}
