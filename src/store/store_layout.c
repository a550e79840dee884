/*-------------------------------------------------------------------------
 *
 * store_layout.c
 *		Layouts: what one has besides its seats, and whole, as claim_best searches it.
 *
 * All nights of a house share one, which is loaded once and kept by the backend:
 * event_cache.c keeps it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/grow.h"
#include "store/event_cache.h"
#include "store/store_layout.h"
#include "store/table.h"

/* columns of layout_section, counted from 1 */
enum section_column
{
	SECTION_NO = 2,
	SECTION_NAME,
	SECTION_GENERAL_ADMISSION
};

/* columns of layout_category, counted from 1 */
enum category_column
{
	CATEGORY_NO = 2,
	CATEGORY_NAME,
	CATEGORY_COLOR,
	CATEGORY_ACCESSIBLE
};

/* column of layout, counted from 1 */
#define LAYOUT_DRAWING 8

static TupleTableSlot *
find_rows(Store *store, StoreIndex index, int32 layout_id)
{
	ScanKeyData key;

	sl_key_int32(&key, 1, layout_id);
	return sl_table_find(store, index, &key, 1);
}

static void
read_sections(Store *store, int32 layout_id, Layout *layout)
{
	int room = 0;

	for (TupleTableSlot *slot = find_rows(store, INDEX_LAYOUT_SECTION, layout_id); slot != NULL;
		 slot = sl_table_next(store, INDEX_LAYOUT_SECTION))
	{
		LayoutSection *section;
		bool isnull;

		layout->sections =
			grow_array(layout->sections, layout->num_sections, &room, sizeof(LayoutSection));
		section = &layout->sections[layout->num_sections++];
		section->section_no = DatumGetInt32(slot_getattr(slot, SECTION_NO, &isnull));
		section->name = TextDatumGetCString(slot_getattr(slot, SECTION_NAME, &isnull));
		section->general_admission =
			DatumGetBool(slot_getattr(slot, SECTION_GENERAL_ADMISSION, &isnull));
		section->area = -1;
	}
}

static void
read_categories(Store *store, int32 layout_id, Layout *layout)
{
	int room = 0;

	for (TupleTableSlot *slot = find_rows(store, INDEX_LAYOUT_CATEGORY, layout_id); slot != NULL;
		 slot = sl_table_next(store, INDEX_LAYOUT_CATEGORY))
	{
		LayoutCategory *category;
		bool isnull;

		layout->categories =
			grow_array(layout->categories, layout->num_categories, &room, sizeof(LayoutCategory));
		category = &layout->categories[layout->num_categories++];
		category->category_no = DatumGetInt32(slot_getattr(slot, CATEGORY_NO, &isnull));
		category->name = TextDatumGetCString(slot_getattr(slot, CATEGORY_NAME, &isnull));
		category->color = TextDatumGetCString(slot_getattr(slot, CATEGORY_COLOR, &isnull));
		category->accessible = DatumGetBool(slot_getattr(slot, CATEGORY_ACCESSIBLE, &isnull));
	}
}

/* As the store's snapshot sees them, in the current memory context. */
Layout *
sl_store_layout_read(Store *store, int32 layout_id)
{
	Layout *layout = palloc0(sizeof(Layout));

	layout->layout_id = layout_id;
	read_sections(store, layout_id, layout);
	read_categories(store, layout_id, layout);
	return layout;
}

/* What is drawn besides the seats. */
Jsonb *
sl_store_find_drawing(Store *store, int32 layout_id)
{
	TupleTableSlot *slot = find_rows(store, INDEX_LAYOUT_ID, layout_id);
	bool isnull;

	if (slot == NULL)
		elog(ERROR, "layout %d has no row", layout_id);
	return DatumGetJsonbPCopy(slot_getattr(slot, LAYOUT_DRAWING, &isnull));
}

/* As the store sees it, in the current memory context. */
static Layout *
load_layout(Store *store, int32 layout_id)
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
	layout = load_layout(store, layout_id);
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
	layout = load_layout(store, layout_id);
	sl_store_close(store);
	return layout;
}
