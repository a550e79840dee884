/*-------------------------------------------------------------------------
 *
 * mirror_map.h
 *		The map of one event: read here, compared, published.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_MIRROR_MAP_H
#define SEATLOCK_MIRROR_MAP_H

#include "lib/ilist.h"

#include "redis/redis_link.h"

/* An event's map as it was published last. */
typedef struct MirroredMap
{
	int32 event_id;
	int32 layout_id;
	char *name;
	char *key_name; /* the same, in UTF-8 */
	int num_seats;
	bool published;          /* and in this epoch; what was, is in the next three */
	bool has_writer;         /* it may change and nobody tells */
	TimestampTz next_expiry; /* it changes then, though no seat is written */
	int64 next_look;         /* ticks: not before */
	char *state;             /* versions by seat_no - 1, then letters; NULL: none */
	bool is_open;            /* state is not packed, and in the list of such */
	int packed_bytes;        /* else */
	dlist_node open;         /* the one used last at the end */
	int64 used_at;           /* ticks */
} MirroredMap;

typedef enum MapLook
{
	MAP_AS_BEFORE,
	MAP_PUBLISHED,
	MAP_GONE,  /* there is no such event any more */
	MAP_FAILED /* the link tells why, or the connection broke */
} MapLook;

extern void sl_map_init(void);
extern MapLook sl_map_bring_up_to_date(MirroredMap *map, RedisLink *link, bool intake);
extern void sl_map_forget(MirroredMap *map);
extern void sl_map_rest(void);

#endif /* SEATLOCK_MIRROR_MAP_H */
