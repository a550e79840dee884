/*-------------------------------------------------------------------------
 *
 * event_cache.c
 *		What this backend remembers of events and of their layouts.
 *
 * In a rush a backend is asked for the same seats again and again, be it of one
 * event or of the many nights of a house.  Five index descents a claim were half
 * of a refusal's time.
 *
 * One rule of forgetting.  Each entry bears the generation of the tables that it
 * was read from (table.c), as of the snapshot that it was read through, and one of
 * another generation is none.  An invalidation of one of these tables begins
 * another generation and touches nothing here, since it may come in the middle of
 * any look at a table; what takes memory is given back by the look that finds
 * it old.  The trigger on seatlock.seat sends such an invalidation when SQL changes
 * its rows.
 *
 * Numbers of labels and layouts are believed.  They never change but by SQL on
 * those tables, and numbers of layouts are never used twice.  So only a store
 * that looks at what is committed now asks for them, and fills them.  Places are
 * guesses: a call that follows one must look through its snapshot, and see whether
 * the row found there is the one it wants.  The highest seq of an event's changes
 * is what its next one is compared with.  Its entry in the statistics bears a
 * generation of its own (stat.c).
 *
 * Fixed in size, and pages that are not needed are never touched: an event or a
 * label takes the entry that its number or hash falls on, whatever was there.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "store/event_cache.h"
#include "store/table.h"

/* powers of two */
#define NUM_SEATS 16384 /* 768 kB */
#define NUM_EVENTS 8192 /* 480 kB */

/* labels that are longer are looked up each time */
#define MAX_LABEL 31

/* seats asked for before an event's places are learned: it costs as much as they do */
#define ASKS_TO_LEARN 8

/* index entries looked at: a partly filled first page and a whole second one */
#define MAX_LOOKED_AT 600

/*
 * A backend that sells more layouts than this in turn reads one anew at each claim, and
 * so does the worker, while all others wait for it.
 */
#define MAX_LAYOUTS 64
#define MAX_LAYOUT_BYTES ((Size) 64 * 1024 * 1024)

typedef struct CachedSeat
{
	uint64 generation;
	int32 layout_id;
	int32 seat_no;
	char label[MAX_LABEL + 1];
} CachedSeat;

/*
 * Where the state rows of an event are.  They are written at once, in the order
 * of the seats' numbers and all of one width, and their updates are heap-only: so
 * their first line pointers lie in that order for ever, equally many to a page.
 */
typedef struct Places
{
	BlockNumber first_block;
	OffsetNumber first_offset;
	uint16 in_first;  /* seats in the first page */
	uint16 in_others; /* and in each of those that follow */
	uint8 num_asks;   /* until they are enough to learn the rest */
	bool regular;     /* else there is nothing to compute */
} Places;

typedef struct CachedEvent
{
	uint64 generation;
	Oid table; /* with event_id, what it is known by */
	int32 event_id;
	ItemPointerData row; /* invalid: not known */
	Places places;
	int64 highest_seq; /* that this backend has written or found; 0: not known */
	StatRef counters;
} CachedEvent;

typedef struct CachedLayout
{
	uint64 generation;
	int32 layout_id; /* here too, since each look passes over many entries */
	Layout *layout;
	MemoryContext context; /* holds the layout and nothing else */
	Size bytes;
	uint64 last_used; /* counts looks */
} CachedLayout;

static CachedSeat seats[NUM_SEATS];
static CachedEvent events[NUM_EVENTS];
static int32 names[NUM_EVENTS]; /* by hash of the name: which event it may be */
static CachedLayout layouts[MAX_LAYOUTS];
static int num_layouts;
static uint64 num_looks;

static CachedSeat *
seat_at(int32 layout_id, const char *label, size_t length)
{
	uint32 hash = hash_bytes((const unsigned char *) label, (int) length);

	return &seats[hash_combine(hash, (uint32) layout_id) % NUM_SEATS];
}

/* The number of the seat with this label; 0: not known. */
int32
sl_event_cache_find_seat(const Store *store, int32 layout_id, const char *label)
{
	size_t length = strlen(label);
	const CachedSeat *seat;

	if (!store->latest || length > MAX_LABEL)
		return 0;
	seat = seat_at(layout_id, label, length);
	if (seat->generation != sl_table_generation(TABLES_OF_LAYOUTS) ||
		seat->layout_id != layout_id || strcmp(seat->label, label) != 0)
		return 0;
	return seat->seat_no;
}

void
sl_event_cache_note_seat(const Store *store, int32 layout_id, const char *label, int32 seat_no)
{
	size_t length = strlen(label);
	CachedSeat *seat;

	if (!store->latest || length > MAX_LABEL)
		return;
	seat = seat_at(layout_id, label, length);
	seat->generation = store->generation;
	seat->layout_id = layout_id;
	seat->seat_no = seat_no;
	memcpy(seat->label, label, length + 1);
}

static void
forget_layout(int i)
{
	MemoryContext context = layouts[i].context;

	layouts[i] = layouts[--num_layouts];
	MemoryContextDelete(context);
}

/* A layout that is kept, or NULL.  It is good until the next look for any. */
const Layout *
sl_event_cache_find_layout(int32 layout_id)
{
	uint64 generation = sl_table_generation(TABLES_OF_LAYOUTS);
	CachedLayout *found = NULL;

	for (int i = num_layouts - 1; i >= 0; i--)
		if (layouts[i].generation != generation)
			forget_layout(i);
	for (int i = 0; i < num_layouts && found == NULL; i++)
		if (layouts[i].layout_id == layout_id)
			found = &layouts[i];
	if (found == NULL)
		return NULL;
	found->last_used = ++num_looks;
	return found->layout;
}

/* Make room for one layout more, the least recently used go first. */
static void
make_room(Size bytes)
{
	for (;;)
	{
		Size total = bytes;
		int oldest = 0;

		for (int i = 0; i < num_layouts; i++)
		{
			total += layouts[i].bytes;
			if (layouts[i].last_used < layouts[oldest].last_used)
				oldest = i;
		}
		if (num_layouts == 0 || (num_layouts < MAX_LAYOUTS && total <= MAX_LAYOUT_BYTES))
			return;
		forget_layout(oldest);
	}
}

/* Keep a layout, read in this generation, with the context that it alone is in. */
void
sl_event_cache_note_layout(uint64 generation, Layout *layout, MemoryContext context)
{
	CachedLayout entry = {generation, layout->layout_id, layout, context};

	entry.bytes = MemoryContextMemAllocated(context, true);
	entry.last_used = ++num_looks;
	make_room(entry.bytes);
	MemoryContextSetParent(context, TopMemoryContext);
	layouts[num_layouts++] = entry;
}

static CachedEvent *
event_at(int32 event_id)
{
	return &events[(uint32) event_id % NUM_EVENTS];
}

static bool
is_of(const CachedEvent *event, Oid table, int32 event_id)
{
	return event->event_id == event_id && event->table == table &&
		   event->generation == sl_table_generation(TABLES_OF_EVENTS);
}

/* The entry of an event, emptied when it was another's, or is old. */
static CachedEvent *
event_of(Oid table, int32 event_id)
{
	CachedEvent *event = event_at(event_id);

	if (!is_of(event, table, event_id))
		*event = (CachedEvent){.generation = sl_table_generation(TABLES_OF_EVENTS),
							   .table = table,
							   .event_id = event_id};
	return event;
}

static int32 *
name_at(const char *name)
{
	return &names[hash_bytes((const unsigned char *) name, (int) strlen(name)) % NUM_EVENTS];
}

/* Where the row of the event with this name may be; false: not known. */
bool
sl_event_cache_find_row(const char *name, ItemPointer tid)
{
	int32 event_id = *name_at(name);
	const CachedEvent *event = event_at(event_id);

	if (!is_of(event, sl_table_oid(TABLE_EVENT), event_id) || !ItemPointerIsValid(&event->row))
		return false;
	*tid = event->row;
	return true;
}

void
sl_event_cache_note_row(const char *name, int32 event_id, ItemPointer tid)
{
	*name_at(name) = event_id;
	event_of(sl_table_oid(TABLE_EVENT), event_id)->row = *tid;
}

/* The highest seq of an event's changes that this backend has written or found; 0: not known. */
int64
sl_event_cache_find_seq(int32 event_id)
{
	return event_of(sl_table_oid(TABLE_EVENT), event_id)->highest_seq;
}

void
sl_event_cache_note_seq(int32 event_id, int64 seq)
{
	event_of(sl_table_oid(TABLE_EVENT), event_id)->highest_seq = seq;
}

/* The next first line pointer of the event, in the order of the seats' numbers. */
static bool
next_place(IndexScanDesc scan, ItemPointer tid)
{
	ItemPointer found = index_getnext_tid(scan, ForwardScanDirection);

	if (found == NULL)
		return false;
	*tid = *found;
	return true;
}

/* Count the places that follow one another in a page; *tid is the next after them. */
static uint16
count_in_page(IndexScanDesc scan, ItemPointer tid, bool *more)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	uint16 count = 0;

	do
	{
		count++;
		*more = next_place(scan, tid);
	} while (*more && count < MAX_LOOKED_AT && ItemPointerGetBlockNumber(tid) == block &&
			 ItemPointerGetOffsetNumber(tid) == offset + count);
	return count;
}

static void
learn_places(Store *store, int32 event_id, Places *places)
{
	ScanKeyData keys[2];
	OpenTable *table;
	IndexScanDesc scan;
	ItemPointerData tid;
	bool more;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_int32_from(&keys[1], 2, 1);
	scan = sl_table_scan(store, INDEX_SEAT_STATE, 2, &table);
	index_rescan(scan, keys, 2, NULL, 0);
	if (!next_place(scan, &tid))
		return;
	places->first_block = ItemPointerGetBlockNumber(&tid);
	places->first_offset = ItemPointerGetOffsetNumber(&tid);
	places->in_first = count_in_page(scan, &tid, &more);
	places->regular = true;
	if (!more)
		return;
	places->regular = ItemPointerGetBlockNumber(&tid) == places->first_block + 1 &&
					  ItemPointerGetOffsetNumber(&tid) == FirstOffsetNumber;
	if (places->regular)
		places->in_others = count_in_page(scan, &tid, &more);
}

/*
 * Where the state row of a seat should be; false when that cannot be said.
 *
 * The first few places are looked at in the index, and the rest computed, which
 * spares each claim an index descent per seat, in a house that is larger than the
 * processor's caches the dearest part of the look.  That is done for an event that
 * is asked for again: of thousands of nights, most are another backend's the next
 * time.  After SQL of the owner's or a restore the guess may be wrong; then it
 * costs a page.
 */
bool
sl_event_cache_find_place(Store *store, int32 event_id, int32 seat_no, ItemPointer tid)
{
	Places *places = &event_of(sl_table_oid(TABLE_EVENT), event_id)->places;
	int n = seat_no - 1;

	if (places->num_asks < ASKS_TO_LEARN && ++places->num_asks == ASKS_TO_LEARN)
		learn_places(store, event_id, places);
	if (!places->regular || n < 0)
		return false;
	if (n < places->in_first)
		ItemPointerSet(tid, places->first_block, places->first_offset + n);
	else if (places->in_others > 0)
	{
		n -= places->in_first;
		ItemPointerSet(tid, places->first_block + 1 + n / places->in_others,
					   FirstOffsetNumber + n % places->in_others);
	}
	else
		return false;
	return true;
}

/* Where the calls for an event are counted. */
StatRef *
sl_event_cache_stat(const ClaimResult *result)
{
	return &event_of(result->event_table, result->event_id)->counters;
}
