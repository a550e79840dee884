/*-------------------------------------------------------------------------
 *
 * mirror.c
 *		Seat maps in Redis, as they are committed here.
 *
 * Which events have changed is found by the counts of news.c, and by the lapses
 * that come next; only these are looked at (mirror_map.c).  So at rest a turn
 * costs the same however many events there are.  What is behind waits in a queue:
 * first maps that are in Redis and not true any more, then those that are not
 * there, about which Redis says "ask".
 *
 * Maps are valid while the owner's key is there, and of its epoch.  They live far
 * longer than that, and are renewed in turn, a few in each second; what somebody
 * has removed is noticed then, or when it is asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "redis/mirror.h"
#include "redis/mirror_events.h"
#include "redis/mirror_labels.h"
#include "redis_api.h"

/* a turn publishes for no longer than that, and then goes on with claims */
#define PUBLISH_MS 50

/* events are listed anew when some were made or altered, no sooner than that, and anyway */
#define LIST_MS 1000
#define LIST_ANYWAY_MS 60000

/* keys are renewed once in so long, those of at least so many events in a second */
#define RENEWAL_SECONDS (SL_REDIS_MAP_TTL_MS / 4 / 1000)
#define LEAST_RENEWED 16

/* events that were asked for, taken in a second */
#define MAX_WANTED 64

/* a look that failed is repeated after this, and later each time */
#define LEAST_RETRY_MS 1000
#define MOST_RETRY_MS 60000

/* keys removed in one call */
#define MAX_REMOVED 500

static NewsSeen *seen;
static TimestampTz looked_at; /* news were read last */
static int64 next_list;       /* ticks, with the next one */
static int64 list_anyway;

/* Once in the life of a worker. */
void
sl_mirror_init(void)
{
	seen = MemoryContextAllocZero(TopMemoryContext, sizeof(NewsSeen));
	sl_mirrored_init();
	sl_map_init();
}

static void
list_events(RedisLink *link)
{
	next_list = sl_clock_ticks() + LIST_MS;
	list_anyway = sl_clock_ticks() + LIST_ANYWAY_MS;
	sl_labels_expire();
	if (!sl_mirrored_list(link))
		list_anyway = next_list;
}

/* Publish an event anew, labels too. */
void
sl_mirror_forget(int32 event_id)
{
	Mirrored *event = event_id == SL_MIRROR_ALL ? NULL : sl_mirrored_find(event_id);

	if (event_id == SL_MIRROR_ALL)
	{
		sl_labels_all_lost();
		sl_mirrored_set_all_missing();
	}
	else if (event != NULL)
	{
		sl_labels_lost(event->map.layout_id);
		sl_mirrored_touch(event);
		sl_mirrored_set_missing(event);
	}
}

/* What was published counts for nothing: another epoch. */
void
sl_mirror_start_over(const RedisLink *link)
{
	list_free_deep(sl_mirrored.removed);
	sl_mirrored.removed = NIL;
	sl_labels_all_lost();
	sl_mirrored_set_all_missing();
	if (link->status.current_at != 0)
		sl_mirrored.missing_since = link->status.current_at;
}

static void
visit_news(int number, void *arg)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &sl_mirrored.buckets[number])
	{
		Mirrored *event = dlist_container(Mirrored, bucket, iter.cur);

		sl_mirrored_touch(event);
		if (event->place == PLACE_AWAY && event->closes_at <= event->touched_at)
			continue;
		sl_mirrored_set_changed(event, looked_at);
	}
}

/* What expires or leaves now. */
static void
read_dues(TimestampTz now)
{
	while (!pairingheap_is_empty(sl_mirrored.dues))
	{
		Mirrored *event = pairingheap_container(Mirrored, due, pairingheap_first(sl_mirrored.dues));
		TimestampTz expired_at = event->map.next_expiry;

		if (event->due_at > now)
			break;
		event->map.next_expiry = expired_at <= now ? DT_NOEND : expired_at;
		if (sl_mirrored_leaves_at(event) <= now)
			sl_mirrored_leave(event);
		else if (expired_at <= now)
			sl_mirrored_set_changed(event, expired_at);
		sl_mirrored_set_due(event);
	}
}

/* Queue what is not in Redis as it is here. */
static void
read_news(RedisLink *link)
{
	TimestampTz now = sl_clock_now();
	int64 ticks = sl_clock_ticks();

	if (sl_news_read_all(seen))
	{
		sl_labels_forget();
		sl_mirrored_set_all_missing();
	}
	if (sl_news_read_list(seen))
		list_anyway = next_list;
	if (ticks >= list_anyway)
		list_events(link);
	sl_news_read(seen, visit_news, NULL);
	read_dues(now);
	looked_at = now;
}

/* Since when Redis is behind, for redis_status() to tell. */
static void
say_how_current(RedisLink *link)
{
	WorkerStatus *status = &link->status;
	dlist_head *behind = &sl_mirrored.queues[PLACE_BEHIND];
	bool is_missing = !dlist_is_empty(&sl_mirrored.queues[PLACE_MISSING]);
	TimestampTz current_at = looked_at;

	status->behind = is_missing || !dlist_is_empty(behind);
	if (!dlist_is_empty(behind))
		current_at = Min(current_at, dlist_head_element(Mirrored, queue, behind)->behind_since);
	if (is_missing)
		current_at = Min(current_at, sl_mirrored.missing_since);
	/* there is no time before the first at which it was */
	if (status->current_at != 0 || !status->behind)
		status->current_at = current_at;
}

static void
remove_keys(RedisLink *link)
{
	while (sl_mirrored.removed != NIL && link->conn != NULL && link->status.owner == REDIS_OWNER)
	{
		int count = Min(list_length(sl_mirrored.removed), MAX_REMOVED);
		RedisCall call;

		sl_call_redis_begin(&call, "seatlock_remove");
		sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
		for (int i = 0; i < count; i++)
		{
			const char *key_name = list_nth(sl_mirrored.removed, i);

			sl_call_redis_key(&call, sl_link_key(link, "map", key_name));
		}
		sl_call_redis_text(&call, link->status.epoch);
		sl_redis_free(sl_call_redis_run(&call, link, 1));
		for (int i = 0; i < count; i++)
			pfree(list_nth(sl_mirrored.removed, i));
		sl_mirrored.removed = list_delete_first_n(sl_mirrored.removed, count);
	}
}

/*
 * Redis must not go on showing what is not known to be true, or could not be
 * written because its memory is full.
 */
static void
retry_later(Mirrored *event)
{
	int retry_ms = event->retry_ms == 0 ? LEAST_RETRY_MS : Min(2 * event->retry_ms, MOST_RETRY_MS);

	if (event->map.published)
		sl_mirrored_remove_later(event);
	sl_mirrored_set_missing(event);
	sl_mirrored_set_place(event, PLACE_FAILED);
	event->retry_ms = retry_ms;
	event->map.next_look = sl_clock_ticks() + retry_ms;
}

/* True when something was published. */
static bool
bring_up_to_date(RedisLink *link, bool intake, Mirrored *event)
{
	MapLook look = sl_map_bring_up_to_date(&event->map, link, intake);

	switch (look)
	{
		case MAP_GONE:
			sl_mirrored_leave(event);
			list_anyway = next_list;
			break;
		case MAP_FAILED:
			retry_later(event);
			break;
		default:
			event->retry_ms = 0;
			sl_mirrored_set_place(event, event->map.has_writer ? PLACE_WATCHED : PLACE_THERE);
			sl_mirrored_set_due(event);
	}
	return look == MAP_PUBLISHED;
}

/* Publish what is in a queue, until the deadline. */
static bool
publish_queue(RedisLink *link, bool intake, Place place, int64 deadline)
{
	bool published = false;
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &sl_mirrored.queues[place])
	{
		Mirrored *event = dlist_container(Mirrored, queue, iter.cur);
		int64 ticks = sl_clock_ticks();

		if (ticks >= deadline || link->conn == NULL || link->status.owner != REDIS_OWNER)
			break;
		if (ticks >= event->map.next_look)
			published = bring_up_to_date(link, intake, event) || published;
	}
	return published;
}

/*
 * Publish what has changed since the last time; true when something has.  Where
 * the connection breaks, the link tells, and the next turn does it again.
 */
bool
sl_mirror_publish(RedisLink *link, bool intake)
{
	int64 deadline = sl_clock_ticks() + PUBLISH_MS;
	bool published;

	read_news(link);
	say_how_current(link);
	if (link->status.behind)
		sl_worker_roster_say(&link->status);
	remove_keys(link);
	published = publish_queue(link, intake, PLACE_BEHIND, deadline);
	published = publish_queue(link, intake, PLACE_MISSING, deadline) || published;
	sl_map_rest();
	say_how_current(link);
	return published;
}

/* What failed, and what nobody may tell of, is looked at again. */
static void
look_again(void)
{
	int64 ticks = sl_clock_ticks();
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &sl_mirrored.queues[PLACE_FAILED])
	{
		Mirrored *event = dlist_container(Mirrored, queue, iter.cur);

		if (ticks >= event->map.next_look)
			sl_mirrored_set_place(event, PLACE_MISSING);
	}
	dlist_foreach_modify(iter, &sl_mirrored.queues[PLACE_WATCHED])
	{
		Mirrored *event = dlist_container(Mirrored, queue, iter.cur);

		sl_mirrored_set_changed(event, looked_at);
	}
}

/* An event that was asked for, and its map or labels were not there. */
typedef struct Wish
{
	const char *key_name;
	bool is_there; /* for all that is known */
} Wish;

static void
grant_wish(void *arg)
{
	Wish *wish = arg;
	Store *store = sl_store_open_latest();
	char *name = pg_any_to_server(wish->key_name, (int) strlen(wish->key_name), PG_UTF8);
	Mirrored *event;
	EventRow row;

	sl_store_refresh(store);
	if (!sl_store_find_event(store, name, &row))
	{
		sl_store_close(store);
		return;
	}
	sl_store_close(store);
	event = sl_mirrored_find(row.event_id);
	if (event == NULL)
		event = sl_mirrored_add(name, &row);
	if (event == NULL)
		return;
	sl_mirrored_touch(event);
	wish->is_there = sl_mirrored_is_in_redis(event);
	if (wish->is_there)
		dlist_move_head(&sl_mirrored.renewals, &event->renewal);
	else if (event->place != PLACE_FAILED)
		sl_mirrored_set_wanted(event);
}

/* Returns how many events that should be in Redis were not found there. */
static int
take_wishes(RedisLink *link)
{
	int num_doubts = 0;
	RedisCall call;
	RedisReply *reply;

	sl_call_redis_begin(&call, "seatlock_wanted");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "wanted", NULL));
	sl_call_redis_text(&call, link->status.epoch);
	sl_call_redis_number(&call, MAX_WANTED);
	reply = sl_call_redis_run(&call, link, MAX_WANTED + 1);
	for (int i = 1; i < sl_redis_num_elements(reply); i++)
	{
		Wish wish = {.key_name = sl_redis_text(sl_redis_element(reply, i))};

		/* what it fails for, a name that is none for instance, is nobody's fault here */
		(void) sl_worker_xact_run(grant_wish, &wish);
		num_doubts += wish.is_there;
	}
	sl_redis_free(reply);
	return num_doubts;
}

/* The keys of the next few events live on; what somebody has removed is published anew. */
static void
renew_keys(RedisLink *link, int count)
{
	Mirrored **events = palloc(sizeof(Mirrored *) * Max(count, 1));
	RedisCall call;
	RedisReply *reply;

	sl_call_redis_begin(&call, "seatlock_refresh");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	for (int i = 0; i < count; i++)
	{
		events[i] = dlist_head_element(Mirrored, renewal, &sl_mirrored.renewals);
		dlist_delete(&events[i]->renewal);
		dlist_push_tail(&sl_mirrored.renewals, &events[i]->renewal);
		sl_call_redis_key(&call, sl_link_key(link, "map", events[i]->map.key_name));
		sl_call_redis_key(&call, sl_labels_key(link, events[i]->map.layout_id));
	}
	sl_call_redis_text(&call, link->status.epoch);
	sl_call_redis_number(&call, SL_REDIS_MAP_TTL_MS);
	reply = sl_call_redis_run(&call, link, call.num_keys + 1);
	for (int i = 0; i < count && sl_redis_num_elements(reply) > 0; i++)
		sl_labels_renewed(events[i]->map.layout_id);
	for (int i = 1; i < sl_redis_num_elements(reply); i++)
	{
		/* counted from 1; the first two are owner and in, then two for each event */
		int64 key = sl_redis_integer(sl_redis_element(reply, i)) - 3;

		if (key < 0 || key / 2 >= count)
			continue;
		if (key % 2 == 1)
			sl_labels_lost(events[key / 2]->map.layout_id);
		sl_mirrored_set_missing(events[key / 2]);
	}
	sl_redis_free(reply);
}

/* Once in a second. */
void
sl_mirror_renew(RedisLink *link)
{
	int count = LEAST_RENEWED + take_wishes(link);

	if (link->conn == NULL || link->status.owner != REDIS_OWNER)
		return;
	look_again();
	count = Max(count, sl_mirrored.num_renewals / RENEWAL_SECONDS + 1);
	renew_keys(link, Min(count, sl_mirrored.num_renewals));
}
