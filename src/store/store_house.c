/*-------------------------------------------------------------------------
 *
 * store_house.c
 *		The houses of layouts, loaded once and kept by the backend.
 *
 * All nights of a house share one.  The rows that it is made of never change, so
 * nothing ever has to be looked up again.  Entries are known by the layout's id
 * and by the OID of the table seatlock.seat: ids begin again at 1 after DROP
 * EXTENSION and CREATE EXTENSION, the table's OID does not.  Within one life
 * of the extension ids come from a sequence and are not used twice: so the
 * entry of a layout that is gone, or whose own transaction made it, loaded
 * it and rolled back, is never asked for again, and goes when room is needed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "store/store_house.h"
#include "store/store_layout.h"

/*
 * A backend that sells more layouts than this in turn reads one anew at each claim, and
 * so does the worker, while all others wait for it.
 */
#define MAX_HOUSES 64
#define MAX_HOUSE_BYTES ((Size) 64 * 1024 * 1024)

typedef struct CachedLayout
{
	Oid seat_table;
	int32 layout_id; /* here too, since each look passes over many entries */
	Layout *layout;
	MemoryContext context; /* holds the house and nothing else */
	Size bytes;
	uint64 last_used; /* counts calls */
} CachedLayout;

static CachedLayout cache[MAX_HOUSES];
static int num_cached;
static uint64 num_calls;

static Layout *load_house(int32 layout_id, bool latest);

static void
forget_house(int i)
{
	MemoryContext context = cache[i].context;

	cache[i] = cache[--num_cached];
	MemoryContextDelete(context);
}

/* Make room for one house more, the least recently used go first. */
static void
make_room(Size bytes)
{
	for (;;)
	{
		Size total = bytes;
		int oldest = 0;

		for (int i = 0; i < num_cached; i++)
		{
			total += cache[i].bytes;
			if (cache[i].last_used < cache[oldest].last_used)
				oldest = i;
		}
		if (num_cached == 0 || (num_cached < MAX_HOUSES && total <= MAX_HOUSE_BYTES))
			return;
		forget_house(oldest);
	}
}

const Layout *
sl_store_kept_layout(int32 layout_id, bool latest)
{
	Oid seat_table = get_relname_relid("seat", get_namespace_oid("seatlock", false));
	CachedLayout entry;
	MemoryContext old_context;

	num_calls++;
	for (int i = 0; i < num_cached; i++)
	{
		if (cache[i].layout_id == layout_id && cache[i].seat_table == seat_table)
		{
			cache[i].last_used = num_calls;
			return cache[i].layout;
		}
	}

	/* an error while loading frees the context with its parent */
	entry.context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock house", ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(entry.context);
	entry.layout = load_house(layout_id, latest);
	MemoryContextSwitchTo(old_context);
	/* gone, where we look */
	if (entry.layout->num_seats == 0)
		return entry.layout;

	entry.seat_table = seat_table;
	entry.layout_id = layout_id;
	entry.bytes = MemoryContextMemAllocated(entry.context, true);
	entry.last_used = num_calls;
	make_room(entry.bytes);
	MemoryContextSetParent(entry.context, TopMemoryContext);
	cache[num_cached++] = entry;
	return entry.layout;
}

/*
 * Not through the caller's snapshot where that may be older than the layout: what
 * it does not show would be missed for good.
 */
static Layout *
load_house(int32 layout_id, bool latest)
{
	Store *store = latest ? sl_store_open_latest() : sl_store_open(false);
	SeatWalk walk = {.store = store, .layout_id = layout_id};
	LayoutBuilder builder;

	sl_store_refresh(store);
	sl_layout_begin(&builder, sl_store_layout_read(store, layout_id));
	walk.layout = builder.layout;
	while (sl_store_next_seat(&walk))
		sl_layout_add_seat(&builder, &walk.seat.place);
	sl_store_close(store);
	return sl_layout_end(&builder);
}
