/*-------------------------------------------------------------------------
 *
 * mirror.c
 *		Seat maps in Redis, as they are committed here.
 *
 * Nobody tells of changes: in each turn the board is compared with the copy
 * that was published last, where the event's count of changes has moved.  So
 * nothing can be missed, and a worker that was away catches up by looking.
 *
 * Only what is durable is shown.  Words reach the board when their commit is
 * visible, which under synchronous_commit = off is before it is on disk; so the
 * WAL is flushed to where it ends after the words were read, and then they are
 * published.  Seats that the board does not know are read from the table.
 *
 * Each event's map lives for a few seconds and is renewed while the worker
 * lives.  A reader who finds none, or one of another owner, asks PostgreSQL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "board_read.h"
#include "clock.h"
#include "errand.h"
#include "mirror.h"
#include "settings.h"
#include "store.h"

/* labels told in one call */
#define MAX_LABELS 1000

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

/* an event that is not on the board tells of no changes: look this often */
#define BLIND_LOOK_MS 1000

/* An event whose map is in Redis, or should be. */
typedef struct Mirrored
{
	MemoryContext context; /* of all that follows */
	int32 event_id;
	int32 layout_id;
	char *name;
	char *key_name;              /* the same, in UTF-8 */
	MemoryContext house_context; /* of the arrays that follow */
	bool knows_house;            /* the next two are right */
	int num_seats;
	char **labels;  /* by seat_no - 1, in UTF-8 */
	bool published; /* and in this epoch; what was, is in the next four */
	char *letters;
	int64 *versions;
	uint64 changes;         /* the board's count before the published words were read */
	TimestampTz next_lapse; /* the map changes then, though no word does */
	int64 next_look;        /* ticks: not before */
	bool listed;            /* seen by the last sl_mirror_list_events */
} Mirrored;

static MemoryContext mirror_context;
static List *mirrored; /* of Mirrored */
static Oid event_table;

/* Once in the life of a worker. */
void
sl_mirror_init(void)
{
	mirror_context =
		AllocSetContextCreate(TopMemoryContext, "seatlock mirror", ALLOCSET_DEFAULT_SIZES);
}

static Mirrored *
find_mirrored(int32 event_id)
{
	ListCell *cell;

	foreach (cell, mirrored)
	{
		Mirrored *event = lfirst(cell);

		if (event->event_id == event_id)
			return event;
	}
	return NULL;
}

static Mirrored *
add_mirrored(int32 event_id, const char *name, const char *key_name)
{
	MemoryContext context =
		AllocSetContextCreate(mirror_context, "seatlock mirrored event", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	Mirrored *event = palloc0(sizeof(Mirrored));

	event->context = context;
	event->event_id = event_id;
	event->name = pstrdup(name);
	event->key_name = pstrdup(key_name);
	event->house_context =
		AllocSetContextCreate(context, "seatlock mirrored house", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(mirror_context);
	mirrored = lappend(mirrored, event);
	MemoryContextSwitchTo(old_context);
	return event;
}

static void
list_event(const char *name, const EventRow *row, void *arg)
{
	const TimestampTz *now = arg;
	Mirrored *event;

	if (row->closes_at <= *now)
		return;
	event = find_mirrored(row->event_id);
	if (event == NULL)
	{
		char *key_name = sl_link_to_utf8(name);

		/* nobody can ask Redis for it */
		if (key_name == NULL)
			return;
		event = add_mirrored(row->event_id, name, key_name);
	}
	event->layout_id = row->layout_id;
	event->listed = true;
}

static void
list_all(void *arg)
{
	Store *store = sl_store_open_latest();

	sl_store_refresh(store);
	event_table = sl_store_event_table();
	sl_store_read_events(store, list_event, arg);
	sl_store_close(store);
}

/* The keys of an event that is not mirrored any more expire by themselves. */
static void
drop_unlisted(void)
{
	ListCell *cell;

	foreach (cell, mirrored)
	{
		Mirrored *event = lfirst(cell);

		if (event->listed)
			continue;
		mirrored = foreach_delete_current(mirrored, cell);
		MemoryContextDelete(event->context);
	}
}

/* Which events are there?  Those that are not closed are mirrored. */
void
sl_mirror_list_events(RedisLink *link)
{
	TimestampTz now = sl_clock_now();
	const char *error;
	ListCell *cell;

	foreach (cell, mirrored)
		((Mirrored *) lfirst(cell))->listed = false;
	error = sl_errand_run(list_all, &now);
	if (error == NULL)
		drop_unlisted();
	else
		sl_link_note_error(link, error);
}

/* Publish an event anew, labels too. */
void
sl_mirror_forget(int32 event_id)
{
	ListCell *cell;

	foreach (cell, mirrored)
	{
		Mirrored *event = lfirst(cell);

		if (event_id != SL_MIRROR_ALL && event_id != event->event_id)
			continue;
		event->published = false;
		event->next_look = 0;
	}
}

/* What one look at an event brings; in the context of the turn. */
typedef struct Look
{
	Mirrored *event;
	const SeatStates *states;
	char *letters;
	bool is_news; /* not what was published last */
	TimestampTz next_lapse;
	int64 version;    /* of the map: the sum of the seats' versions */
	int num_messages; /* announced of it */
	uint64 changes;
} Look;

static void
keep_label(int32 seat_no, char *label, void *arg)
{
	Mirrored *event = arg;
	char *utf8 = sl_link_to_utf8(label);

	if (utf8 == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("seat \"%s\" of event \"%s\" has no name in UTF-8", label, event->name)));
	if (seat_no < 1 || seat_no > event->num_seats)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("event \"%s\" has no seat %d", event->name, seat_no)));
	event->labels[seat_no - 1] = MemoryContextStrdup(event->house_context, utf8);
	pfree(utf8);
}

/* Labels and room for what will be published; labels never change while the event lives. */
static void
learn_house(Mirrored *event, int num_seats)
{
	Store *store = sl_store_open_latest();
	Size size = Max(num_seats, 1);

	/* what an attempt that failed has left */
	MemoryContextReset(event->house_context);
	event->num_seats = num_seats;
	event->labels = MemoryContextAllocExtended(event->house_context, sizeof(char *) * size,
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	event->letters = MemoryContextAllocExtended(event->house_context, size, MCXT_ALLOC_HUGE);
	event->versions =
		MemoryContextAllocExtended(event->house_context, sizeof(int64) * size, MCXT_ALLOC_HUGE);
	sl_store_refresh(store);
	sl_store_read_labels(store, event->layout_id, 1, PG_INT32_MAX, keep_label, event);
	sl_store_close(store);
	for (int i = 0; i < num_seats; i++)
		if (event->labels[i] == NULL)
			ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
							errmsg("seat %d of event \"%s\" has no label", i + 1, event->name)));
	event->knows_house = true;
}

static void
read_states(void *arg)
{
	Look *look = arg;
	BoardEvent board;

	look->changes = sl_board_find_event(event_table, look->event->event_id, &board) ? board.changes
																					: PG_UINT64_MAX;
	look->states = sl_board_read_states(look->event->name);
	if (!look->event->knows_house)
		learn_house(look->event, look->states->num_seats);
}

static bool
has_changed(const Mirrored *event, const Look *look, int i)
{
	return event->letters[i] != look->letters[i] ||
		   event->versions[i] != look->states->seats[i].version;
}

static void
derive_letters(Look *look)
{
	const SeatStates *states = look->states;

	look->letters = palloc_extended(Max(states->num_seats, 1), MCXT_ALLOC_HUGE);
	look->next_lapse = DT_NOEND;
	look->is_news = !look->event->published;
	for (int i = 0; i < states->num_seats; i++)
	{
		const BoardSeat *seat = &states->seats[i];
		bool taken = board_seat_is_taken(seat, states->now);

		look->letters[i] = (char) (taken ? seat->status : SEAT_FREE);
		look->version += seat->version;
		if (taken && seat->status == SEAT_HELD)
			look->next_lapse = Min(look->next_lapse, seat->expires_at);
		if (!look->is_news)
			look->is_news = has_changed(look->event, look, i);
	}
}

/* Read the event as it is now; false with the link's last error. */
static bool
take_look(RedisLink *link, Look *look)
{
	const char *error = sl_errand_run(read_states, look);

	if (error == NULL && (look->states->num_seats != look->event->num_seats ||
						  look->states->event_id != look->event->event_id))
		error = psprintf("event \"%s\" is not the one that it was", look->event->name);
	if (error != NULL)
	{
		sl_link_note_error(link, error);
		look->event->next_look = sl_clock_ticks() + BLIND_LOOK_MS;
		return false;
	}
	derive_letters(look);
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

/* False also when Redis lost what earlier calls had loaded: begin again. */
static bool
run_to_ok(RedisCall *call, RedisLink *link)
{
	RedisReply *reply = sl_call_redis_run(call, link, 4);
	bool ok = strcmp(sl_redis_text(reply), "ok") == 0;

	sl_redis_free(reply);
	return ok;
}

static bool
publish_labels(RedisLink *link, const Mirrored *event)
{
	for (int first = 0; first < Max(event->num_seats, 1); first += MAX_LABELS)
	{
		int end = Min(first + MAX_LABELS, event->num_seats);
		RedisCall call;

		sl_call_redis_begin(&call, "seatlock_labels");
		sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
		sl_call_redis_key(&call, sl_link_key(link, "labels", event->key_name));
		sl_call_redis_text(&call, link->name);
		sl_call_redis_number(&call, SL_REDIS_TTL_MS);
		sl_call_redis_text(&call, first == 0 ? "1" : "0");
		sl_call_redis_text(&call, end == event->num_seats ? link->status.epoch : "");
		for (int i = first; i < end; i++)
		{
			sl_call_redis_text(&call, event->labels[i]);
			sl_call_redis_number(&call, i + 1);
		}
		if (!run_to_ok(&call, link))
			return false;
	}
	return true;
}

static char *
describe_change(const Mirrored *event, const Look *look, int i)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"seat\":");
	escape_json(&json, event->labels[i]);
	appendStringInfo(&json, ",\"status\":\"%s\",\"version\":" INT64_FORMAT "}",
					 sl_words_status((SeatStatus) look->letters[i]),
					 look->states->seats[i].version);
	return json.data;
}

/* The map, and the next few changes from seat *next on, which is set to where to go on. */
static bool
publish_portion(RedisLink *link, bool intake, Look *look, int *next)
{
	const Mirrored *event = look->event;
	int max_messages = Max(LEAST_MESSAGES, event->num_seats / LETTERS_PER_MESSAGE);
	int num_messages = 0;
	RedisCall call;

	sl_call_redis_begin(&call, "seatlock_publish");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "map", event->key_name));
	sl_call_redis_text(&call, link->name);
	sl_call_redis_number(&call, SL_REDIS_TTL_MS);
	sl_call_redis_text(&call, link->status.epoch);
	sl_call_redis_number(&call, look->version);
	sl_call_redis_bytes(&call, look->letters, event->num_seats);
	sl_call_redis_text(&call, intake ? "1" : "0");
	sl_call_redis_number(&call, sl_setting_redis_backlog);
	sl_call_redis_text(&call, sl_link_key(link, "changes", event->key_name));
	/* a new map is no news about single seats: its epoch tells readers to read it */
	if (!event->published)
		*next = event->num_seats;
	for (; *next < event->num_seats && num_messages < max_messages; (*next)++)
		if (has_changed(event, look, *next))
		{
			sl_call_redis_text(&call, describe_change(event, look, *next));
			num_messages++;
		}
	look->num_messages += num_messages;
	sl_post_count(POST_SEATS, num_messages);
	return run_to_ok(&call, link);
}

static void
keep_published(Mirrored *event, const Look *look)
{
	memcpy(event->letters, look->letters, event->num_seats);
	for (int i = 0; i < event->num_seats; i++)
		event->versions[i] = look->states->seats[i].version;
	event->changes = look->changes;
	event->next_lapse = look->next_lapse;
	event->published = true;
}

static bool
publish_look(RedisLink *link, bool intake, Look *look)
{
	Mirrored *event = look->event;
	int next = 0;

	flush_wal();
	if (!event->published && !publish_labels(link, event))
		return false;
	do
		if (!publish_portion(link, intake, look, &next))
			return false;
	while (next < event->num_seats);
	sl_post_count(POST_PUBLICATIONS, 1);
	return true;
}

static bool
needs_look(const Mirrored *event, TimestampTz now)
{
	BoardEvent board;

	return !event->published || now >= event->next_lapse ||
		   !sl_board_find_event(event_table, event->event_id, &board) ||
		   board.changes != event->changes;
}

/* When to look again, after what began then and took so many microseconds of CPU. */
static int64
next_look(const Look *look, bool was_blind, bool was_published, int64 start, int64 cpu)
{
	int64 num_letters = Max(look->event->num_seats, 1);

	if (was_blind && look->changes == PG_UINT64_MAX)
		return start + BLIND_LOOK_MS;
	/* the first time labels were read and published, which says nothing about the next ones */
	if (!was_published)
		return start;
	cpu = cpu * num_letters / (num_letters + (int64) look->num_messages * LETTERS_PER_MESSAGE);
	return sl_clock_ticks() + 2 * cpu * (PARTS_OF_TIME - 1) / SL_USECS_PER_MSEC;
}

/* True when something was published. */
static bool
bring_up_to_date(RedisLink *link, bool intake, Mirrored *event)
{
	int64 start = sl_clock_ticks();
	int64 cpu = sl_clock_cpu();
	bool was_blind = (event->changes == PG_UINT64_MAX);
	bool was_published = event->published;
	Look look = {.event = event};

	if (!take_look(link, &look))
		return false;
	if (look.is_news && !publish_look(link, intake, &look))
		return false;
	keep_published(event, &look);
	event->next_look = next_look(&look, was_blind, was_published, start, sl_clock_cpu() - cpu);
	return look.is_news;
}

/*
 * Publish what has changed since the last time; true when something has.  Where
 * the connection breaks, the link tells, and the next turn does it again.
 */
bool
sl_mirror_publish(RedisLink *link, bool intake)
{
	TimestampTz now = sl_clock_now();
	int64 ticks = sl_clock_ticks();
	bool published = false;
	bool behind = false;
	ListCell *cell;

	foreach (cell, mirrored)
	{
		Mirrored *event = lfirst(cell);

		if (!needs_look(event, now))
			continue;
		if (ticks < event->next_look)
			behind = true;
		else
			published = bring_up_to_date(link, intake, event) || published;
		if (link->conn == NULL || link->status.owner != POST_OWNER)
			return published;
	}
	if (!behind)
		link->status.current_at = now;
	return published;
}

/* The keys live on; what somebody has removed is published anew. */
void
sl_mirror_refresh(RedisLink *link)
{
	RedisCall call;
	RedisReply *reply;
	ListCell *cell;

	sl_call_redis_begin(&call, "seatlock_refresh");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	foreach (cell, mirrored)
	{
		const Mirrored *event = lfirst(cell);

		sl_call_redis_key(&call, sl_link_key(link, "map", event->key_name));
		sl_call_redis_key(&call, sl_link_key(link, "labels", event->key_name));
	}
	sl_call_redis_text(&call, link->name);
	sl_call_redis_number(&call, SL_REDIS_TTL_MS);
	reply = sl_call_redis_run(&call, link, call.num_keys + 1);
	for (int i = 1; i < sl_redis_num_elements(reply); i++)
	{
		/* counted from 1; the first two are owner and in, then two for each event */
		int key = (int) sl_redis_integer(sl_redis_element(reply, i)) - 3;

		if (key >= 0 && key / 2 < list_length(mirrored))
			sl_mirror_forget(((Mirrored *) list_nth(mirrored, key / 2))->event_id);
	}
	sl_redis_free(reply);
}
