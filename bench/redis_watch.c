/*-------------------------------------------------------------------------
 *
 * redis_watch.c
 *		How soon a committed change is told in Redis.
 *
 * The message on the event's channel is sent when the map has the change.  Its
 * time of arrival here is compared with the time of the commit, which the
 * server keeps (track_commit_timestamp) and takes before it flushes to disk: so
 * what is measured includes the flush, and the driver's own delay.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "json.h"
#include "redis_watch.h"
#include "stage.h"

/* what has not come by then counts as having taken at least so long */
#define PATIENCE (2 * NS_PER_SECOND)

/* A seat's new version, as Redis told it. */
typedef struct Sighting
{
	int seat;
	int64_t version;
	int64_t at; /* microseconds since 1970 */
} Sighting;

struct RedisWatch
{
	Loop *loop;
	const Names *names;
	RedisClient *client;
	bool listens;
	int64_t started_at; /* microseconds since 1970 */
	Sighting *sightings;
	size_t count;
	size_t room;
};

static void
add_sighting(RedisWatch *watch, const char *json)
{
	const char *label = json_member(json, "seat");
	const char *version = json_member(json, "version");
	char quoted[64];

	if (label == NULL || version == NULL)
		die("a message names no seat: %s", json);
	if (watch->count == watch->room)
	{
		watch->room = watch->room * 2 + 1024;
		watch->sightings = reallocate(watch->sightings, watch->room, sizeof(Sighting));
	}
	snprintf(quoted, sizeof(quoted), "%.*s", (int) (strchr(label + 1, '"') - label + 1), label);
	watch->sightings[watch->count++] = (Sighting){
		.seat = names_find(watch->names, quoted),
		.version = strtoll(version, NULL, 10),
		.at = wall_us(),
	};
}

static void
handle_message(void *owner, const redisReply *reply, int64_t latency)
{
	RedisWatch *watch = owner;
	const char *channel;
	const char *text;

	(void) latency;
	if (redis_read_message(reply, &channel, &text))
		add_sighting(watch, text);
	else
		watch->listens = true; /* the answer to the subscription */
}

RedisWatch *
redis_watch_open(Loop *loop, const RedisStage *stage, const Names *names)
{
	RedisWatch *watch = allocate(1, sizeof(RedisWatch));
	char *channel = format_string("%s:changes:" STAGE_EVENT, stage->prefix);

	watch->loop = loop;
	watch->names = names;
	watch->client = redis_open(loop, stage->socket);
	redis_subscribe(watch->client, channel, handle_message, watch);
	while (!watch->listens)
		loop_wait(loop, -1);
	watch->started_at = wall_us();
	free(channel);
	return watch;
}

static int
compare_sightings(const void *a, const void *b)
{
	const Sighting *first = a;
	const Sighting *second = b;

	if (first->seat != second->seat)
		return first->seat < second->seat ? -1 : 1;
	return (first->version > second->version) - (first->version < second->version);
}

/*
 * When it was seen that the seat had come to this version or to a later one:
 * a seat that changes twice may be told once.
 */
static int64_t
seen_at(const RedisWatch *watch, const Sighting *wanted)
{
	size_t low = 0;
	size_t high = watch->count;

	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (compare_sightings(&watch->sightings[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == watch->count || watch->sightings[low].seat != wanted->seat)
		return wall_us();
	return watch->sightings[low].at;
}

/* The seats' changes since the watch began, with their commits; the caller clears it. */
static PGresult *
read_commits(const RedisWatch *watch, Connection *connection)
{
	char *sql = format_string(
		"SELECT s.seat_no - 1, s.version, (extract(epoch FROM c.committed_at) * 1000000)::bigint"
		"  FROM (SELECT seats, versions, pg_xact_commit_timestamp(xmin) AS committed_at"
		"          FROM seatlock.change) c"
		" CROSS JOIN unnest(c.seats, c.versions) AS s (seat_no, version)"
		" WHERE committed_at > to_timestamp(%f)",
		(double) watch->started_at / 1000000);
	PGresult *commits = connection_run(connection, sql);

	free(sql);
	return commits;
}

static void
compare_with_commits(RedisWatch *watch, Connection *connection, Histogram *delays)
{
	PGresult *commits = read_commits(watch, connection);

	for (int i = 0; i < PQntuples(commits); i++)
	{
		Sighting wanted = {
			.seat = atoi(PQgetvalue(commits, i, 0)),
			.version = strtoll(PQgetvalue(commits, i, 1), NULL, 10),
		};
		int64_t delay = seen_at(watch, &wanted) - strtoll(PQgetvalue(commits, i, 2), NULL, 10);

		histogram_add(delays, delay > 0 ? delay * 1000 : 0);
	}
	PQclear(commits);
}

void
redis_watch_close(RedisWatch *watch, Connection *connection, Figures *figures)
{
	Histogram *delays = allocate(1, sizeof(Histogram));
	int64_t end = now_ns() + PATIENCE;

	while (now_ns() < end)
		loop_wait_until(watch->loop, end);
	qsort(watch->sightings, watch->count, sizeof(Sighting), compare_sightings);
	compare_with_commits(watch, connection, delays);
	if (delays->count > 0)
	{
		figures->values[FIGURE_VISIBLE_P50] = histogram_percentile(delays, 0.5);
		figures->values[FIGURE_VISIBLE_P99] = histogram_percentile(delays, 0.99);
	}
	redis_close(watch->client);
	free(watch->sightings);
	free(watch);
	free(delays);
}
