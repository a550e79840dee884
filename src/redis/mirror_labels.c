/*-------------------------------------------------------------------------
 *
 * mirror_labels.c
 *		Labels of layouts in UTF-8: read here, and published.
 *
 * All nights of a house share them.  Those of layouts that were used lately are
 * kept, up to some size.
 *
 * In Redis they are a key for each layout, which is renewed with each map that
 * goes by it.  Nobody removes it: without maps it expires.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "redis/mirror_labels.h"
#include "redis_api.h"

/* what all that are kept may take, except for the one that was used last */
#define MAX_BYTES ((Size) 8 * 1024 * 1024)

/* about what one takes beside its labels */
#define LEAST_BYTES 8192

/* labels told in one call */
#define MAX_LABELS 1000

struct Labels
{
	dlist_node node; /* the one used last comes first */
	MemoryContext context;
	const char *event; /* for which they are read */
	int32 layout_id;
	int num_seats;
	int num_read;
	StringInfoData text; /* each with its closing zero */
	uint32 *offsets;     /* by seat_no - 1 */
};

/* Labels that are in Redis, for all that is known, in this epoch. */
typedef struct ToldLabels
{
	int32 layout_id;   /* the key */
	int64 lives_until; /* ticks */
} ToldLabels;

static HTAB *told;
static MemoryContext labels_context;
static dlist_head kept = DLIST_STATIC_INIT(kept);
static Size kept_bytes;

/* Once in the life of a worker. */
void
sl_labels_init(void)
{
	HASHCTL control = {.keysize = sizeof(int32), .entrysize = sizeof(ToldLabels)};

	labels_context =
		AllocSetContextCreate(TopMemoryContext, "seatlock mirror labels", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = labels_context;
	told = hash_create("seatlock told labels", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static Size
bytes_of(const Labels *labels)
{
	return LEAST_BYTES + labels->text.maxlen + sizeof(uint32) * labels->num_seats;
}

static void
drop(Labels *labels)
{
	kept_bytes -= bytes_of(labels);
	dlist_delete(&labels->node);
	MemoryContextDelete(labels->context);
}

/* Labels may have changed, also those that were told. */
void
sl_labels_forget(void)
{
	sl_labels_all_lost();
	while (!dlist_is_empty(&kept))
		drop(dlist_head_element(Labels, node, &kept));
}

static void
add_label(Labels *labels, int32 seat_no, const char *label)
{
	char *utf8 = sl_link_to_utf8(label);

	if (utf8 == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("seat \"%s\" of event \"%s\" has no name in UTF-8", label, labels->event)));
	if (seat_no != labels->num_read + 1 || seat_no > labels->num_seats)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("event \"%s\" has no seat %d", labels->event, seat_no)));
	labels->offsets[labels->num_read++] = labels->text.len;
	appendBinaryStringInfo(&labels->text, utf8, (int) strlen(utf8) + 1);
	pfree(utf8);
}

static void
read_all(Labels *labels)
{
	Store *store = sl_store_open_latest();
	SeatWalk walk = {.store = store, .layout_id = labels->layout_id};

	sl_store_refresh(store);
	while (sl_store_next_seat(&walk))
		add_label(labels, walk.seat.place.seat_no, text_to_cstring(walk.seat.label));
	sl_store_close(store);
	if (labels->num_read != labels->num_seats)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("seat %d of event \"%s\" has no label",
														 labels->num_read + 1, labels->event)));
}

/* The context is the caller's until all is read, so that an error leaves nothing behind. */
static Labels *
make_labels(const char *event, int32 layout_id, int num_seats)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock labels", ALLOCSET_SMALL_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	Labels *labels = palloc0(sizeof(Labels));

	labels->context = context;
	labels->event = event;
	labels->layout_id = layout_id;
	labels->num_seats = num_seats;
	initStringInfo(&labels->text);
	labels->offsets = palloc_extended(sizeof(uint32) * Max(num_seats, 1), MCXT_ALLOC_HUGE);
	MemoryContextSwitchTo(old_context);
	read_all(labels);
	MemoryContextSetParent(context, labels_context);
	return labels;
}

static Labels *
find(int32 layout_id)
{
	dlist_iter iter;

	dlist_foreach(iter, &kept)
	{
		Labels *labels = dlist_container(Labels, node, iter.cur);

		if (labels->layout_id == layout_id)
			return labels;
	}
	return NULL;
}

/* The labels of an event's layout, good until the next call.  Within a transaction. */
Labels *
sl_labels_read(const char *event, int32 layout_id, int num_seats)
{
	Labels *labels = find(layout_id);

	if (labels != NULL && labels->num_seats == num_seats)
	{
		dlist_move_head(&kept, &labels->node);
		return labels;
	}
	if (labels != NULL)
		drop(labels);
	labels = make_labels(event, layout_id, num_seats);
	kept_bytes += bytes_of(labels);
	dlist_push_head(&kept, &labels->node);
	while (kept_bytes > MAX_BYTES && dlist_has_next(&kept, &labels->node))
		drop(dlist_tail_element(Labels, node, &kept));
	return labels;
}

/* Of a seat, counted from 0. */
const char *
sl_labels_get(const Labels *labels, int seat)
{
	return labels->text.data + labels->offsets[seat];
}

char *
sl_labels_key(const RedisLink *link, int32 layout_id)
{
	return sl_link_key(link, "labels", psprintf("%d", layout_id));
}

/* What is told here is there as long as nobody removes it, and until it expires. */
void
sl_labels_renewed(int32 layout_id)
{
	ToldLabels *labels = hash_search(told, &layout_id, HASH_ENTER, NULL);

	labels->lives_until = sl_clock_ticks() + SL_REDIS_MAP_TTL_MS;
}

void
sl_labels_lost(int32 layout_id)
{
	(void) hash_search(told, &layout_id, HASH_REMOVE, NULL);
}

static void
forget_told(int64 until)
{
	HASH_SEQ_STATUS status;
	ToldLabels *labels;

	hash_seq_init(&status, told);
	while ((labels = hash_seq_search(&status)) != NULL)
		if (labels->lives_until <= until)
			sl_labels_lost(labels->layout_id);
}

/* What was published counts for nothing. */
void
sl_labels_all_lost(void)
{
	forget_told(PG_INT64_MAX);
}

/* Forget those that were not renewed for so long that none of the maps goes by them. */
void
sl_labels_expire(void)
{
	forget_told(sl_clock_ticks());
}

/* A map that goes by them is published now, and renewed before half of their time is over. */
static bool
is_told(const Labels *labels)
{
	const ToldLabels *found = hash_search(told, &labels->layout_id, HASH_FIND, NULL);

	return found != NULL && found->lives_until - sl_clock_ticks() > SL_REDIS_MAP_TTL_MS / 2;
}

/* False also when Redis lost what earlier calls had loaded: begin again. */
static bool
publish_portion(RedisLink *link, const Labels *labels, int first, int end)
{
	RedisCall call;

	sl_call_redis_begin_lasting(&call, link, "seatlock_labels",
								sl_labels_key(link, labels->layout_id));
	sl_call_redis_text(&call, first == 0 ? "1" : "0");
	sl_call_redis_text(&call, end == labels->num_seats ? "1" : "0");
	for (int i = first; i < end; i++)
	{
		sl_call_redis_text(&call, sl_labels_get(labels, i));
		sl_call_redis_number(&call, i + 1);
	}
	return sl_call_redis_run_to_ok(&call, link);
}

/* Have them in Redis; false: the link tells why not, or they are to be told anew. */
bool
sl_labels_publish(RedisLink *link, const Labels *labels)
{
	if (is_told(labels))
		return true;
	for (int first = 0; first < Max(labels->num_seats, 1); first += MAX_LABELS)
		if (!publish_portion(link, labels, first, Min(first + MAX_LABELS, labels->num_seats)))
			return false;
	sl_labels_renewed(labels->layout_id);
	return true;
}
