/*-------------------------------------------------------------------------
 *
 * store_event.c
 *		Events as the verbs read them; store_setup.c makes and drops them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store_seen.h"
#include "store_table.h"

enum event_column
{
	EVENT_ID = 1,
	EVENT_NAME = 2,
	EVENT_OPENS_AT = 4,
	EVENT_CLOSES_AT = 5,
	EVENT_HOLD_SECONDS = 6,
	EVENT_MAX_HOLD_SECONDS = 7,
	EVENT_MAX_SEATS_PER_HOLDER = 8
};

static bool
has_name(TupleTableSlot *slot, const char *name)
{
	bool isnull;
	text *found = DatumGetTextPP(slot_getattr(slot, EVENT_NAME, &isnull));
	size_t length = strlen(name);

	return VARSIZE_ANY_EXHDR(found) == length && memcmp(VARDATA_ANY(found), name, length) == 0;
}

static TupleTableSlot *
find_row(Store *store, const char *name)
{
	ScanKeyData key;
	TupleTableSlot *slot;
	ItemPointerData tid;

	if (sl_seen_event(name, &tid))
	{
		slot = sl_table_fetch(store, TABLE_EVENT, &tid);
		if (slot != NULL && has_name(slot, name))
			return slot;
	}
	sl_key_text(&key, 1, name);
	slot = sl_table_find(store, INDEX_EVENT_NAME, &key, 1);
	if (slot != NULL)
		sl_seen_note_event(name, &slot->tts_tid);
	return slot;
}

bool
sl_store_find_event(Store *store, const char *name, EventRow *event)
{
	TupleTableSlot *slot = find_row(store, name);
	Datum value;
	bool isnull;

	if (slot == NULL)
		return false;

	event->event_id = DatumGetInt32(slot_getattr(slot, EVENT_ID, &isnull));
	value = slot_getattr(slot, EVENT_OPENS_AT, &isnull);
	event->opens_at = isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
	value = slot_getattr(slot, EVENT_CLOSES_AT, &isnull);
	event->closes_at = isnull ? DT_NOEND : DatumGetTimestampTz(value);
	event->hold_seconds = DatumGetInt32(slot_getattr(slot, EVENT_HOLD_SECONDS, &isnull));
	event->max_hold_seconds = DatumGetInt32(slot_getattr(slot, EVENT_MAX_HOLD_SECONDS, &isnull));
	value = slot_getattr(slot, EVENT_MAX_SEATS_PER_HOLDER, &isnull);
	event->max_seats_per_holder = isnull ? 0 : DatumGetInt32(value);
	event->changing = sl_table_row_is_changing(slot);
	event->settled = sl_table_row_is_settled(slot);
	return true;
}

/* The name of the event with this number, or NULL. */
char *
sl_store_find_event_name(Store *store, int32 event_id)
{
	ScanKeyData key;
	TupleTableSlot *slot;
	bool isnull;

	sl_key_int32(&key, 1, event_id);
	slot = sl_table_find(store, INDEX_EVENT_ID, &key, 1);
	return slot == NULL ? NULL : TextDatumGetCString(slot_getattr(slot, EVENT_NAME, &isnull));
}
