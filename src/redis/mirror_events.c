/*-------------------------------------------------------------------------
 *
 * mirror_events.c
 *		The events that Redis shows, or is to show, and what is to be done about each.
 *
 * An event stays for a day (seatlock.redis_keep) after it was last touched: made,
 * changed, or asked for while it was not there; or until it is over.  Then its map
 * is removed, and comes back when it is asked for, or changed while it is not over.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "redis/mirror_events.h"
#include "redis_api.h"

MirroredEvents sl_mirrored;

static MemoryContext mirror_context;
static HTAB *mirrored; /* of Mirrored, by event_id */

static int
compare_dues(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	TimestampTz x = pairingheap_const_container(Mirrored, due, a)->due_at;
	TimestampTz y = pairingheap_const_container(Mirrored, due, b)->due_at;

	/* the greatest comes first */
	return (x < y) - (x > y);
}

/* Once in the life of a worker. */
void
sl_mirrored_init(void)
{
	HASHCTL control = {.keysize = sizeof(int32), .entrysize = sizeof(Mirrored)};
	MemoryContext old_context;

	mirror_context =
		AllocSetContextCreate(TopMemoryContext, "seatlock mirror", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = mirror_context;
	mirrored = hash_create("seatlock mirrored events", 256, &control,
						   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	old_context = MemoryContextSwitchTo(mirror_context);
	sl_mirrored.buckets = palloc(sizeof(dlist_head) * SL_NUM_NEWS);
	for (int i = 0; i < SL_NUM_NEWS; i++)
		dlist_init(&sl_mirrored.buckets[i]);
	for (int i = 0; i < NUM_PLACES; i++)
		dlist_init(&sl_mirrored.queues[i]);
	dlist_init(&sl_mirrored.renewals);
	sl_mirrored.dues = pairingheap_allocate(compare_dues, NULL);
	MemoryContextSwitchTo(old_context);
	sl_map_init();
}

/* NULL: there is none that Redis shows, or ever did. */
Mirrored *
sl_mirrored_find(int32 event_id)
{
	return hash_search(mirrored, &event_id, HASH_FIND, NULL);
}

/*
 * When the event leaves, unless it is touched before: an event that was asked for
 * when over stays.
 */
TimestampTz
sl_mirrored_leaves_at(const Mirrored *event)
{
	TimestampTz until = event->touched_at + sl_setting_redis_keep * USECS_PER_SEC;

	return event->touched_at < event->closes_at ? Min(until, event->closes_at) : until;
}

/* To be called when the map expires at another time, or the event leaves sooner. */
void
sl_mirrored_set_due(Mirrored *event)
{
	if (event->due_at != DT_NOEND)
		pairingheap_remove(sl_mirrored.dues, &event->due);
	event->due_at = DT_NOEND;
	if (event->place != PLACE_AWAY)
		event->due_at = Min(event->map.next_expiry, sl_mirrored_leaves_at(event));
	if (event->due_at != DT_NOEND)
		pairingheap_add(sl_mirrored.dues, &event->due);
}

static bool
is_in_redis(Place place)
{
	return place == PLACE_THERE || place == PLACE_WATCHED || place == PLACE_BEHIND;
}

bool
sl_mirrored_is_in_redis(const Mirrored *event)
{
	return is_in_redis(event->place);
}

static bool
has_queue(Place place)
{
	return place != PLACE_AWAY && place != PLACE_THERE;
}

void
sl_mirrored_set_place(Mirrored *event, Place place)
{
	Place was = event->place;

	if (place == PLACE_MISSING && dlist_is_empty(&sl_mirrored.queues[PLACE_MISSING]))
		sl_mirrored.missing_since = sl_clock_now();
	if (has_queue(was))
		dlist_delete(&event->queue);
	if (has_queue(place))
		dlist_push_tail(&sl_mirrored.queues[place], &event->queue);
	if (is_in_redis(was) && !is_in_redis(place))
		dlist_delete(&event->renewal);
	if (!is_in_redis(was) && is_in_redis(place))
		dlist_push_tail(&sl_mirrored.renewals, &event->renewal);
	sl_mirrored.num_renewals += is_in_redis(place) - is_in_redis(was);
	event->place = place;
}

/* The map in Redis, if there is one, is not to be gone by, and no other is known. */
void
sl_mirrored_set_missing(Mirrored *event)
{
	sl_map_forget(&event->map);
	event->map.next_look = 0;
	event->retry_ms = 0;
	if (event->place != PLACE_MISSING)
		sl_mirrored_set_place(event, PLACE_MISSING);
	sl_mirrored_set_due(event);
}

void
sl_mirrored_touch(Mirrored *event)
{
	event->touched_at = sl_clock_now();
}

/* The event is to be in Redis soon. */
void
sl_mirrored_set_wanted(Mirrored *event)
{
	if (event->place != PLACE_MISSING)
		sl_mirrored_set_missing(event);
	dlist_move_head(&sl_mirrored.queues[PLACE_MISSING], &event->queue);
}

/* The event changed then, or later. */
void
sl_mirrored_set_changed(Mirrored *event, TimestampTz when)
{
	if (event->place == PLACE_THERE || event->place == PLACE_WATCHED)
	{
		sl_mirrored_set_place(event, PLACE_BEHIND);
		event->behind_since = when;
	}
	else if (event->place != PLACE_BEHIND)
	{
		sl_mirrored_set_wanted(event);
		sl_mirrored.missing_since = Min(sl_mirrored.missing_since, when);
	}
}

void
sl_mirrored_remove_later(const Mirrored *event)
{
	MemoryContext old_context = MemoryContextSwitchTo(mirror_context);

	sl_mirrored.removed = lappend(sl_mirrored.removed, pstrdup(event->map.key_name));
	MemoryContextSwitchTo(old_context);
}

/* The event goes out of Redis. */
void
sl_mirrored_leave(Mirrored *event)
{
	sl_mirrored_remove_later(event);
	sl_map_forget(&event->map);
	sl_mirrored_set_place(event, PLACE_AWAY);
	sl_mirrored_set_due(event);
}

static void
drop_event(Mirrored *event)
{
	if (event->place != PLACE_AWAY)
		sl_mirrored_leave(event);
	dlist_delete(&event->bucket);
	pfree(event->map.name);
	pfree(event->map.key_name);
	(void) hash_search(mirrored, &event->event_id, HASH_REMOVE, NULL);
}

/* A new event; NULL when nobody can ask Redis for it.  Within a transaction. */
Mirrored *
sl_mirrored_add(const char *name, const EventRow *row)
{
	char *key_name = sl_link_to_utf8(name);
	Mirrored *event;

	if (key_name == NULL)
		return NULL;
	event = hash_search(mirrored, &row->event_id, HASH_ENTER, NULL);
	memset(event, 0, sizeof(*event));
	event->event_id = row->event_id;
	event->map.event_id = row->event_id;
	event->map.name = MemoryContextStrdup(mirror_context, name);
	event->map.key_name = MemoryContextStrdup(mirror_context, key_name);
	event->map.next_expiry = DT_NOEND;
	event->closes_at = row->closes_at;
	event->due_at = DT_NOEND;
	dlist_push_tail(&sl_mirrored.buckets[sl_news_number(row->event_id)], &event->bucket);
	sl_mirrored_touch(event);
	sl_mirrored_set_missing(event);
	pfree(key_name);
	return event;
}

static void
list_event(const char *name, const EventRow *row, void *arg)
{
	const TimestampTz *now = arg;
	Mirrored *event = sl_mirrored_find(row->event_id);

	/* one that has left and is over is as one that was never there */
	if (event != NULL && (strcmp(event->map.name, name) != 0 ||
						  (event->place == PLACE_AWAY && row->closes_at <= *now)))
	{
		drop_event(event);
		event = NULL;
	}
	if (event == NULL && row->closes_at > *now)
		event = sl_mirrored_add(name, row);
	if (event == NULL)
		return;
	event->listed = true;
	if (event->closes_at != row->closes_at)
	{
		event->closes_at = row->closes_at;
		sl_mirrored_set_due(event);
	}
}

static void
list_all(void *arg)
{
	Store *store = sl_store_open_latest();

	sl_store_refresh(store);
	sl_store_read_events(store, list_event, arg);
	sl_store_close(store);
}

static void
begin_list(void)
{
	HASH_SEQ_STATUS status;
	Mirrored *event;

	hash_seq_init(&status, mirrored);
	while ((event = hash_seq_search(&status)) != NULL)
		event->listed = false;
}

static void
drop_unlisted(void)
{
	HASH_SEQ_STATUS status;
	Mirrored *event;

	hash_seq_init(&status, mirrored);
	while ((event = hash_seq_search(&status)) != NULL)
		if (!event->listed)
			drop_event(event);
}

/* Which events are there?  False with the link's last error. */
bool
sl_mirrored_list(RedisLink *link)
{
	TimestampTz now = sl_clock_now();
	const char *error;

	begin_list();
	error = sl_worker_xact_run(list_all, &now);
	if (error == NULL)
		drop_unlisted();
	else
		sl_link_note_error(link, error);
	return error == NULL;
}

void
sl_mirrored_set_all_missing(void)
{
	HASH_SEQ_STATUS status;
	Mirrored *event;

	hash_seq_init(&status, mirrored);
	while ((event = hash_seq_search(&status)) != NULL)
		if (event->place != PLACE_AWAY)
			sl_mirrored_set_missing(event);
}
