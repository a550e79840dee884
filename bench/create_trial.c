/*-------------------------------------------------------------------------
 *
 * create_trial.c
 *		How long it takes to put a house on sale, and how much it takes on disk.
 *
 * The first event of a house and those after it are told apart: what the first
 * one leaves for the others to share is no cost of theirs.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "create_trial.h"
#include "stage.h"

#define NUM_MORE 20

/* bytes of all tables of the side, with their indexes */
static double
measure_tables(Connection *connection)
{
	PGresult *result = connection_run(
		connection, "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
					" AND relnamespace IN (SELECT oid FROM pg_namespace"
					" WHERE nspname IN ('peer', 'seatlock'))");
	double bytes = strtod(PQgetvalue(result, 0, 0), NULL);

	PQclear(result);
	return bytes;
}

/* milliseconds that it takes */
static double
make_event(Connection *connection, const Side *side, int number)
{
	char *make = format_string("SELECT peer.create_event(%d, %d)", number, side->load.num_seats);
	int64_t started_at = now_ns();

	connection_do(connection, make);
	free(make);
	return (double) (now_ns() - started_at) / NS_PER_MS;
}

static int
compare_numbers(const void *a, const void *b)
{
	double first = *(const double *) a;
	double second = *(const double *) b;

	return (first > second) - (first < second);
}

static void
make_events(Connection *connection, const Side *side, Figures *figures)
{
	double times[NUM_MORE];
	double bytes;

	figures->values[FIGURE_FIRST_EVENT] = make_event(connection, side, 1);
	bytes = measure_tables(connection);
	for (int i = 0; i < NUM_MORE; i++)
		times[i] = make_event(connection, side, i + 2);
	qsort(times, NUM_MORE, sizeof(double), compare_numbers);
	figures->values[FIGURE_NEXT_EVENT] = (times[NUM_MORE / 2 - 1] + times[NUM_MORE / 2]) / 2;
	figures->values[FIGURE_EVENT_BYTES] =
		(measure_tables(connection) - bytes) / NUM_MORE / side->load.num_seats;
}

void
create_trial_run(const Side *side, const Terms *terms, Figures *figures)
{
	Loop loop;
	Connection *connection;
	int64_t started_at;

	(void) terms;
	loop_open(&loop);
	figures->missing = stage_set(&loop, side);
	if (figures->missing == NULL)
	{
		connection = stage_connect(&loop, side, NULL);
		started_at = now_ns();
		make_events(connection, side, figures);
		figures->values[FIGURE_SECONDS] = (double) (now_ns() - started_at) / NS_PER_SECOND;
		connection_close(connection);
	}
	loop_close(&loop);
}
