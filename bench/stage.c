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
#include <sys/statvfs.h>
#include <unistd.h>

#include "stage.h"

#define SETUP_OPTIONS "-c client_min_messages=error -c synchronous_commit=off"

/* nights that are made in one statement */
#define EVENTS_AT_ONCE 50
#define NOTE_INTERVAL (5 * NS_PER_SECOND)

/* what a seat of a night may take on disk, generously, and what else must stay free */
#define BYTES_PER_SEAT 320.0
#define SPARE_BYTES 4e9

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

static Connection *
connect_to(Loop *loop, const Side *side, const char *database, const char *options)
{
	char *where = side->host == NULL ? copy_string(database)
									 : format_string("host='%s' dbname='%s'", side->host, database);
	Connection *connection = connection_open(loop, where, options);

	free(where);
	return connection;
}

Connection *
stage_connect(Loop *loop, const Side *side, const char *options)
{
	return connect_to(loop, side, STAGE_DATABASE, options);
}

/* Thousands of events take minutes: tell how far it is. */
static void
make_nights(Connection *connection, const Side *side)
{
	const Load *load = &side->load;
	int64_t note_at = now_ns() + NOTE_INTERVAL;
	char *open = format_string("SELECT peer.open_house(%d)", load->num_seats);

	connection_do(connection, open);
	free(open);
	for (int first = 1; first <= load->num_events; first += EVENTS_AT_ONCE)
	{
		int last = first + EVENTS_AT_ONCE - 1;
		char *make = format_string("SELECT peer.create_event(n, %d) FROM generate_series(%d, %d) n",
								   load->num_seats, first,
								   last < load->num_events ? last : load->num_events);

		connection_do(connection, make);
		free(make);
		if (now_ns() < note_at)
			continue;
		note_at = now_ns() + NOTE_INTERVAL;
		printf("  %s: %s of %s events are made\n", side->peer.house, with_commas(last),
			   with_commas(load->num_events));
		fflush(stdout);
	}
}

static void
make_seats(Connection *connection, const Side *side)
{
	char *fill = format_string("SELECT peer.fill(%d)", side->load.num_seats);

	connection_do(connection, fill);
	free(fill);
}

static void
make_house(Loop *loop, const Side *side, const char *database)
{
	Connection *connection = connect_to(loop, side, database, SETUP_OPTIONS);

	connection_do(connection, side->peer.setup);
	if (side->load.by_events)
		make_nights(connection, side);
	else
		make_seats(connection, side);
	connection_do(connection, "VACUUM (ANALYZE)");
	connection_close(connection);
}

/* Why the seats do not fit on the disk, or NULL; so many times, as house and as its copy. */
static char *
find_no_room(Connection *connection, const Side *side, int num_copies)
{
	double wanted = num_copies * BYTES_PER_SEAT * load_count_seats(&side->load) + SPARE_BYTES;
	PGresult *result = connection_run(connection, "SHOW data_directory");
	struct statvfs disk;
	double room;

	if (statvfs(PQgetvalue(result, 0, 0), &disk) != 0)
		die("could not look at the disk of %s", PQgetvalue(result, 0, 0));
	PQclear(result);
	room = (double) disk.f_bavail * (double) disk.f_frsize;
	if (room >= wanted)
		return NULL;
	return format_string("it may take %.0f GB of disk, and %.0f GB are free", wanted / 1e9,
						 room / 1e9);
}

static char *
name_house(const Side *side)
{
	const Load *load = &side->load;

	if (load->by_events)
		return format_string("bench_%s_%d_%d", side->peer.house, load->num_seats, load->num_events);
	return format_string("bench_%s_%d", side->peer.house, load->num_seats);
}

/* Many nights are too much to be copied through the WAL; the files are then copied instead. */
static void
copy_house(Connection *connection, const Side *side, const char *house)
{
	char *copy = format_string("CREATE DATABASE " STAGE_DATABASE " TEMPLATE %s%s", house,
							   side->load.by_events ? " STRATEGY file_copy" : "");

	connection_do(connection, copy);
	free(copy);
}

char *
stage_set(Loop *loop, const Side *side)
{
	char *house = name_house(side);
	char *create = format_string("CREATE DATABASE %s", house);
	Connection *connection = connect_to(loop, side, "postgres", SETUP_OPTIONS);
	bool exists = database_exists(connection, house);
	char *missing;

	connection_do(connection, "DROP DATABASE IF EXISTS " STAGE_DATABASE " WITH (FORCE)");
	missing = find_no_room(connection, side, exists ? 1 : 2);
	if (missing == NULL && !exists)
	{
		connection_do(connection, create);
		make_house(loop, side, house);
	}
	if (missing == NULL)
		copy_house(connection, side, house);
	connection_close(connection);
	free(create);
	free(house);
	if (missing != NULL)
		return missing;

	connection = stage_connect(loop, side, SETUP_OPTIONS);
	connection_do(connection, "SELECT peer.read_all()");
	connection_close(connection);
	/* or the larger a side's tables, the more their writing out would slow its commits */
	sync();
	return NULL;
}

static void
alter_server(const Side *side, const char *alter)
{
	Loop loop;
	Connection *connection;

	if (!side->load.without_full_pages)
		return;
	loop_open(&loop);
	connection = connect_to(&loop, side, "postgres", SETUP_OPTIONS);
	connection_do(connection, alter);
	connection_do(connection, "SELECT pg_reload_conf()");
	connection_close(connection);
	loop_close(&loop);
}

void
stage_prepare_server(const Side *side)
{
	alter_server(side, "ALTER SYSTEM SET full_page_writes = off");
}

void
stage_restore_server(const Side *side)
{
	alter_server(side, "ALTER SYSTEM RESET full_page_writes");
}

/* the first column of the first row, which the caller frees; options as of connection_open() */
static char *
ask_server(Loop *loop, const Side *side, const char *options, const char *sql)
{
	Connection *connection = connect_to(loop, side, "postgres", options);
	PGresult *result = connection_run(connection, sql);
	char *answer = copy_string(PQgetvalue(result, 0, 0));

	PQclear(result);
	connection_close(connection);
	return answer;
}

static char *
join_options(const Side *side, const char *others)
{
	return format_string("%s %s %s", others, side->peer.options != NULL ? side->peer.options : "",
						 side->load.options != NULL ? side->load.options : "");
}

char *
stage_buyer_options(Loop *loop, const Side *side)
{
	char *board = ask_server(loop, side, NULL,
							 "SELECT coalesce(max('-c bench.map_board=' || size), '')"
							 " FROM pg_shmem_allocations WHERE name = 'seatlock board'");
	char *map = format_string("-c session_preload_libraries=bench_server %s %s "
							  "-c plan_cache_mode=force_generic_plan",
							  board, side->peer.maps_tables ? "-c bench.map_buffers=on" : "");
	char *options = join_options(side, map);

	free(map);
	free(board);
	return options;
}

char *
stage_read_settings(const Side *side)
{
	char *options = join_options(side, "");
	char *settings;
	Loop loop;

	loop_open(&loop);
	settings =
		ask_server(&loop, side, options,
				   "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)"
				   " FROM unnest('{fsync,full_page_writes,synchronous_commit,wal_sync_method}'"
				   "::text[]) name");
	loop_close(&loop);
	free(options);
	return settings;
}
