/*-------------------------------------------------------------------------
 *
 * mirror_map.c
 *		The map of one event: read here, compared, published.
 *
 * What was published last is kept, to tell which seats have changed.  After a
 * while without a look it is kept packed: of seats that nobody has bought yet,
 * or that were bought once, next to nothing remains.
 *
 * Only what is durable is shown.  Words reach the board when their commit is
 * visible, which under synchronous_commit = off is before it is on disk; so the
 * WAL is flushed to where it ends after the words were read, and then they are
 * published.  Seats that the board does not know are read from the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "common/pg_lzcompress.h"
#include "lib/stringinfo.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "redis/mirror_labels.h"
#include "redis/mirror_map.h"
#include "redis_api.h"

/*
 * Changes announced in one call, which brings the whole map each time: in a large
 * house as many as take about as much to send as the map itself, or what many
 * buyers change at once would be sent mostly as the same map again and again, and
 * claims from Redis would wait for it.
 */
#define LEAST_MESSAGES 500
#define LETTERS_PER_MESSAGE 80

/*
 * To look at an event and to publish it costs CPU for each of its seats, here and
 * about as much in Redis.  Both take one part in so many of the time at most:
 * large houses are published less often, and claims that have come in wait no
 * longer than that.  What announcing the changes costs does not count: to wait
 * would make them more, the next look dearer, and the wait after it longer still.
 */
#define PARTS_OF_TIME 8

/* but no map waits for longer, whatever the clocks say that a look has cost */
#define LONGEST_PAUSE_MS 5000

/* a map that nobody has looked at for so long is packed */
#define REST_MS 5000

/* and before that, when those that are not packed take more than this */
#define MAX_OPEN_BYTES ((Size) 8 * 1024 * 1024)

static MemoryContext map_context;
static dlist_head open_maps = DLIST_STATIC_INIT(open_maps);
static Size open_bytes;

/* Once in the life of a worker. */
void
sl_map_init(void)
{
	map_context =
		AllocSetContextCreate(TopMemoryContext, "seatlock mirrored maps", ALLOCSET_DEFAULT_SIZES);
	sl_labels_init();
}

static int64 *
versions_of(const MirroredMap *map)
{
	return (int64 *) map->state;
}

static char *
letters_of(const MirroredMap *map)
{
	return map->state + sizeof(int64) * map->num_seats;
}

static Size
bytes_of(const MirroredMap *map)
{
	return (sizeof(int64) + 1) * map->num_seats;
}

static void
set_open(MirroredMap *map, bool is_open)
{
	if (map->is_open)
	{
		dlist_delete(&map->open);
		open_bytes -= bytes_of(map);
	}
	map->is_open = is_open;
	if (is_open)
	{
		dlist_push_tail(&open_maps, &map->open);
		open_bytes += bytes_of(map);
	}
}

/* The map will be published anew, labels too. */
void
sl_map_forget(MirroredMap *map)
{
	set_open(map, false);
	if (map->state != NULL)
		pfree(map->state);
	map->state = NULL;
	map->published = false;
	map->has_writer = false;
	map->next_expiry = DT_NOEND;
}

/* Have room for the state, and in it what was published last. */
static void
open_state(MirroredMap *map)
{
	char *packed = map->state;
	bool is_packed = packed != NULL && !map->is_open && map->packed_bytes < bytes_of(map);

	map->used_at = sl_clock_ticks();
	if (packed == NULL || is_packed)
		map->state = MemoryContextAllocHuge(map_context, Max(bytes_of(map), 1));
	set_open(map, true);
	if (!is_packed)
		return;
	if (pglz_decompress(packed, map->packed_bytes, map->state, (int32) bytes_of(map), true) < 0)
		elog(ERROR, "could not unpack the map of event \"%s\"", map->name);
	pfree(packed);
}

/* What does not become smaller stays as it is. */
static void
pack_state(MirroredMap *map)
{
	char *packed = palloc_extended(PGLZ_MAX_OUTPUT(bytes_of(map)), MCXT_ALLOC_HUGE);
	int bytes = pglz_compress(map->state, (int32) bytes_of(map), packed, PGLZ_strategy_always);

	set_open(map, false);
	map->packed_bytes = (int) bytes_of(map);
	if (bytes > 0)
	{
		pfree(map->state);
		map->state = MemoryContextAllocHuge(map_context, bytes);
		memcpy(map->state, packed, bytes);
		map->packed_bytes = bytes;
	}
	pfree(packed);
}

/* Pack what nobody has looked at for a while. */
void
sl_map_rest(void)
{
	int64 before = sl_clock_ticks() - REST_MS;

	while (!dlist_is_empty(&open_maps))
	{
		MirroredMap *map = dlist_head_element(MirroredMap, open, &open_maps);

		if (map->used_at > before && open_bytes <= MAX_OPEN_BYTES)
			break;
		pack_state(map);
	}
}

/* What one look at an event brings; in the context of the turn. */
typedef struct Look
{
	MirroredMap *map;
	const SeatStates *states; /* NULL: there is no such event */
	const Labels *labels;
	char *letters;
	bool is_news; /* not what was published last */
	TimestampTz next_expiry;
	int64 version;    /* of the map: the sum of the seats' versions */
	int num_messages; /* announced of it */
} Look;

static void
read_states(void *arg)
{
	Look *look = arg;

	look->states = sl_board_peek_states(look->map->name);
	if (look->states != NULL)
		look->labels =
			sl_labels_read(look->map->name, look->states->layout_id, look->states->num_seats);
}

static bool
has_changed(const Look *look, int i)
{
	return letters_of(look->map)[i] != look->letters[i] ||
		   versions_of(look->map)[i] != look->states->seats[i].version;
}

static void
derive_letters(Look *look)
{
	const SeatStates *states = look->states;

	look->letters = palloc_extended(Max(states->num_seats, 1), MCXT_ALLOC_HUGE);
	look->next_expiry = DT_NOEND;
	look->is_news = !look->map->published;
	for (int i = 0; i < states->num_seats; i++)
	{
		const BoardSeat *seat = &states->seats[i];
		bool taken = board_seat_is_taken(seat, states->now);

		look->letters[i] = (char) (taken ? seat->status : SEAT_FREE);
		look->version += seat->version;
		if (taken && seat->status == SEAT_HELD)
			look->next_expiry = Min(look->next_expiry, seat->expires_at);
		if (!look->is_news)
			look->is_news = has_changed(look, i);
	}
}

/* Read the event as it is now; false with the link's last error. */
static bool
take_look(RedisLink *link, Look *look)
{
	MirroredMap *map = look->map;
	const char *error = sl_worker_xact_run(read_states, look);

	if (error != NULL)
	{
		sl_link_note_error(link, error);
		return false;
	}
	/* another event of this name, or another plan of this event */
	if (look->states != NULL &&
		(look->states->layout_id != map->layout_id || look->states->num_seats != map->num_seats))
	{
		sl_map_forget(map);
		map->layout_id = look->states->layout_id;
		map->num_seats = look->states->num_seats;
	}
	return true;
}

/* Wait until all that was read is on disk here. */
static void
flush_wal(void)
{
	XLogRecPtr end = GetXLogInsertRecPtr();

	/* at the start of a page the position lies behind the header, where nothing is to flush yet */
	if (end % XLOG_BLCKSZ == SizeOfXLogShortPHD)
		end -= SizeOfXLogShortPHD;
	else if (end % wal_segment_size == SizeOfXLogLongPHD)
		end -= SizeOfXLogLongPHD;
	XLogFlush(end);
}

static char *
describe_change(const Look *look, int i)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"seat\":");
	escape_json(&json, sl_labels_get(look->labels, i));
	appendStringInfo(&json, ",\"status\":\"%s\",\"version\":" INT64_FORMAT "}",
					 sl_vocabulary_status((SeatStatus) look->letters[i]),
					 look->states->seats[i].version);
	return json.data;
}

/* The map, and the next few changes from seat *next on, which is set to where to go on. */
static bool
publish_portion(RedisLink *link, bool intake, Look *look, int *next)
{
	const MirroredMap *map = look->map;
	int max_messages = Max(LEAST_MESSAGES, map->num_seats / LETTERS_PER_MESSAGE);
	int num_messages = 0;
	RedisCall call;

	sl_call_redis_begin_lasting(&call, link, "seatlock_publish",
								sl_link_key(link, "map", map->key_name));
	sl_call_redis_number(&call, look->version);
	sl_call_redis_bytes(&call, look->letters, map->num_seats);
	sl_call_redis_number(&call, map->layout_id);
	sl_call_redis_text(&call, intake ? "1" : "0");
	sl_call_redis_number(&call, sl_setting_redis_backlog);
	sl_call_redis_text(&call, sl_link_key(link, "changes", map->key_name));
	/* a new map is no news about single seats: its epoch tells readers to read it */
	if (!map->published)
		*next = map->num_seats;
	for (; *next < map->num_seats && num_messages < max_messages; (*next)++)
		if (has_changed(look, *next))
		{
			sl_call_redis_text(&call, describe_change(look, *next));
			num_messages++;
		}
	look->num_messages += num_messages;
	sl_worker_roster_count(REDIS_COUNT_SEATS, num_messages);
	return sl_call_redis_run_to_ok(&call, link);
}

static bool
publish_look(RedisLink *link, bool intake, Look *look)
{
	int next = 0;

	flush_wal();
	if (!look->map->published && !sl_labels_publish(link, look->labels))
		return false;
	do
		if (!publish_portion(link, intake, look, &next))
			return false;
	while (next < look->map->num_seats);
	sl_worker_roster_count(REDIS_COUNT_PUBLICATIONS, 1);
	return true;
}

static void
keep_published(const Look *look)
{
	MirroredMap *map = look->map;

	memcpy(letters_of(map), look->letters, map->num_seats);
	for (int i = 0; i < map->num_seats; i++)
		versions_of(map)[i] = look->states->seats[i].version;
	map->next_expiry = look->next_expiry;
	map->has_writer = look->states->has_writer;
	map->published = true;
}

/* When to look again, after what took so many microseconds of CPU. */
static int64
next_look(const Look *look, int64 cpu)
{
	int64 num_letters = Max(look->map->num_seats, 1);

	cpu = cpu * num_letters / (num_letters + (int64) look->num_messages * LETTERS_PER_MESSAGE);
	return sl_clock_ticks() +
		   Min(2 * cpu * (PARTS_OF_TIME - 1) / SL_USECS_PER_MSEC, LONGEST_PAUSE_MS);
}

/* Look at the event, and publish what has changed. */
MapLook
sl_map_bring_up_to_date(MirroredMap *map, RedisLink *link, bool intake)
{
	int64 cpu = sl_clock_cpu();
	Look look = {.map = map};
	bool was_published;

	if (!take_look(link, &look))
		return MAP_FAILED;
	if (look.states == NULL || look.states->event_id != map->event_id)
		return MAP_GONE;
	was_published = map->published;
	open_state(map);
	derive_letters(&look);
	if (look.is_news && !publish_look(link, intake, &look))
		return MAP_FAILED;
	keep_published(&look);
	/* the first time labels were read and published, which says nothing about the next ones */
	map->next_look = was_published ? next_look(&look, sl_clock_cpu() - cpu) : 0;
	return look.is_news ? MAP_PUBLISHED : MAP_AS_BEFORE;
}
