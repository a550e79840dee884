/*-------------------------------------------------------------------------
 *
 * store_house.c
 *		The houses of layouts, loaded once and kept by the backend.
 *
 * All nights of a house share one; event_cache.c keeps it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "store/event_cache.h"
#include "store/store_house.h"
#include "store/store_layout.h"
#include "store/table.h"

/* As the store sees it, in the current memory context. */
static Layout *
load_house(Store *store, int32 layout_id)
{
	SeatWalk walk = {.store = store, .layout_id = layout_id};
	LayoutBuilder builder = {0};

	walk.layout = builder.layout = sl_store_layout_read(store, layout_id);
	while (sl_store_next_seat(&walk))
		sl_layout_add_seat(&builder, &walk.seat.place);
	return sl_layout_end(&builder);
}

/* For the backend to keep; one that is gone has no seats, and is for this call alone. */
static const Layout *
load_to_keep(int32 layout_id)
{
	/* an error while loading frees the context with its parent */
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock house", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	Store *store = sl_store_open_latest();
	uint64 generation;
	Layout *layout;

	sl_store_refresh(store);
	generation = store->generation;
	layout = load_house(store, layout_id);
	sl_store_close(store);
	MemoryContextSwitchTo(old_context);
	if (layout->num_seats > 0)
		sl_event_cache_note_layout(generation, layout, context);
	return layout;
}

const Layout *
sl_store_kept_layout(int32 layout_id, bool latest)
{
	const Layout *layout = sl_event_cache_find_layout(layout_id);
	Store *store;

	if (layout == NULL)
		layout = load_to_keep(layout_id);
	if (layout->num_seats > 0 || latest)
		return layout;
	store = sl_store_open(false);
	sl_store_refresh(store);
	layout = load_house(store, layout_id);
	sl_store_close(store);
	return layout;
}
