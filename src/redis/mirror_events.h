/*-------------------------------------------------------------------------
 *
 * mirror_events.h
 *		The events that Redis shows, or is to show, and what is to be done about each.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_MIRROR_EVENTS_H
#define SEATLOCK_MIRROR_EVENTS_H

#include "lib/pairingheap.h"
#include "nodes/pg_list.h"

#include "redis/mirror_map.h"
#include "redis_api.h"

typedef enum Place
{
	PLACE_AWAY,    /* not in Redis, nor to be */
	PLACE_THERE,   /* in Redis, and true for all that is known */
	PLACE_WATCHED, /* the same, but nobody may tell when it changes */
	PLACE_BEHIND,  /* in Redis, and to be looked at */
	PLACE_MISSING, /* to be published */
	PLACE_FAILED,  /* the same, later */
	NUM_PLACES
} Place;

typedef struct Mirrored
{
	int32 event_id; /* the key */
	MirroredMap map;
	TimestampTz closes_at;
	TimestampTz touched_at;
	Place place;
	dlist_node queue;         /* in queues, unless it is away or there */
	TimestampTz behind_since; /* PLACE_BEHIND */
	int retry_ms;             /* 0: the last look did not fail */
	dlist_node renewal;       /* in renewals, when it is in Redis */
	dlist_node bucket;        /* with those that share its count of news */
	pairingheap_node due;     /* in dues, when due_at is not DT_NOEND */
	TimestampTz due_at;       /* it expires or leaves then, or later */
	bool listed;              /* seen by the list under way */
} Mirrored;

/* All of them, except for the table itself. */
typedef struct MirroredEvents
{
	/*
	 * By place; none for away and there.  Of those behind, the one that changed
	 * first comes first; of those missing, the one that was asked for last.
	 */
	dlist_head queues[NUM_PLACES];
	TimestampTz missing_since; /* while some are missing */
	pairingheap *dues;
	dlist_head renewals; /* the one renewed longest ago comes first */
	int num_renewals;
	dlist_head *buckets; /* by the number of the count of news */
	List *removed;       /* names of keys, of events that left */
} MirroredEvents;

extern MirroredEvents sl_mirrored;

extern void sl_mirrored_init(void);
extern Mirrored *sl_mirrored_find(int32 event_id);
extern Mirrored *sl_mirrored_add(const char *name, const EventRow *row);
extern bool sl_mirrored_list(RedisLink *link);
extern bool sl_mirrored_is_in_redis(const Mirrored *event);
extern void sl_mirrored_touch(Mirrored *event);
extern TimestampTz sl_mirrored_leaves_at(const Mirrored *event);
extern void sl_mirrored_set_due(Mirrored *event);
extern void sl_mirrored_set_place(Mirrored *event, Place place);
extern void sl_mirrored_set_missing(Mirrored *event);
extern void sl_mirrored_set_all_missing(void);
extern void sl_mirrored_set_wanted(Mirrored *event);
extern void sl_mirrored_set_changed(Mirrored *event, TimestampTz when);
extern void sl_mirrored_remove_later(const Mirrored *event);
extern void sl_mirrored_leave(Mirrored *event);

#endif /* SEATLOCK_MIRROR_EVENTS_H */
