/*-------------------------------------------------------------------------
 *
 * store_layout.c
 *		What a layout has besides its seats: sections, categories, a drawing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/grow.h"
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
