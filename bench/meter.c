/*-------------------------------------------------------------------------
 *
 * meter.c
 *		What the server wrote and read for its answers.
 *
 * After a checkpoint the first change of each page writes the whole page into
 * the WAL.  The more pages there are, the longer that goes on: the figures
 * tell it apart from what a claim costs by itself.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "meter.h"

void
meter_flush(Connection *connection)
{
	connection_do(connection, "SELECT pg_stat_force_next_flush()");
}

Meter
meter_read(Connection *connection)
{
	PGresult *result = connection_run(
		connection, "SELECT wal_fpi, pg_current_wal_insert_lsn() - '0/0', blks_read"
					" FROM pg_stat_wal, pg_stat_database WHERE datname = current_database()");
	Meter meter = {strtod(PQgetvalue(result, 0, 0), NULL), strtod(PQgetvalue(result, 0, 1), NULL),
				   strtod(PQgetvalue(result, 0, 2), NULL)};

	PQclear(result);
	return meter;
}

void
meter_fill(const Meter *before, const Meter *after, Figures *figures)
{
	double *values = figures->values;
	double num_answers = values[FIGURE_ANSWERS] * values[FIGURE_SECONDS];

	if (num_answers == 0)
		num_answers = NOT_MEASURED;
	values[FIGURE_FULL_PAGES] = (after->full_pages - before->full_pages) / num_answers;
	values[FIGURE_WAL_KB] = (after->wal_bytes - before->wal_bytes) / 1024 / num_answers;
	values[FIGURE_PAGES_READ] = (after->pages_read - before->pages_read) / num_answers;
}
