/*-------------------------------------------------------------------------
 *
 * stage.c
 *		The database that a trial runs in.
 *
 * Every trial has a newly created, vacuumed one, so that no side works in the
 * dead rows of another.  Since making 400,000 seats takes longer than selling
 * them, each side's house is made once and copied from then on: the server is
 * a throw-away one, and its databases bench... belong to us.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <unistd.h>

#include "stage.h"

#define SETUP_OPTIONS "-c client_min_messages=error"

/* Read every table and index of the side once, in index order and in table order. */
static const char read_all_sql[] =
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

static bool
database_exists(Connection *connection, const char *name)
{
	char *sql = format_string("SELECT FROM pg_database WHERE datname = '%s'", name);
	PGresult *result = connection_run(connection, sql);
	bool exists = PQntuples(result) > 0;

	PQclear(result);
	free(sql);
	return exists;
}

static void
make_house(Loop *loop, const Side *side, const char *database)
{
	Connection *connection = connection_open(loop, database, SETUP_OPTIONS);
	char *fill = format_string("SELECT peer.fill(%d)", side->load.num_seats);

	connection_do(connection, "CREATE SCHEMA peer");
	connection_do(connection, "CREATE FUNCTION peer.map_buffers() RETURNS bigint LANGUAGE C"
							  " AS '$libdir/bench_server', 'bench_map_buffers'");
	connection_do(connection, "CREATE FUNCTION peer.map_shared(text, bigint) RETURNS bigint"
							  " LANGUAGE C AS '$libdir/bench_server', 'bench_map_shared'");
	connection_do(connection, side->peer.setup);
	connection_do(connection, fill);
	connection_do(connection, "VACUUM (ANALYZE)");
	connection_close(connection);
	free(fill);
}

void
stage_set(Loop *loop, const Side *side)
{
	char *house = format_string("bench_%s_%d", side->peer.name, side->load.num_seats);
	char *create = format_string("CREATE DATABASE %s", house);
	char *copy = format_string("CREATE DATABASE " STAGE_DATABASE " TEMPLATE %s", house);
	Connection *connection = connection_open(loop, "postgres", SETUP_OPTIONS);

	if (!database_exists(connection, house))
	{
		connection_do(connection, create);
		make_house(loop, side, house);
	}
	connection_do(connection, "DROP DATABASE IF EXISTS " STAGE_DATABASE " WITH (FORCE)");
	connection_do(connection, copy);
	connection_close(connection);

	connection = connection_open(loop, STAGE_DATABASE, SETUP_OPTIONS);
	connection_do(connection, read_all_sql);
	connection_close(connection);
	/* or the larger a side's tables, the more their writing out would slow its commits */
	sync();
	free(copy);
	free(create);
	free(house);
}

void
stage_map_memory(Connection *connection, const Peer *peer)
{
	connection_do(connection, "SELECT sum(peer.map_shared(name, size)) FROM pg_shmem_allocations"
							  " WHERE name = 'seatlock board'");
	if (peer->maps_tables)
		connection_do(connection, "SELECT peer.map_buffers()");
}
