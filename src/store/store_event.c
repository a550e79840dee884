/*-------------------------------------------------------------------------
 *
 * store_event.c
 *		Events as the verbs read them; store_setup.c makes and drops them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "store/event_cache.h"
#include "store/table.h"

enum event_column
{
	EVENT_ID = 1,
	EVENT_NAME = 2,
	EVENT_LAYOUT_ID = 4,
	EVENT_OPENS_AT = 5,
	EVENT_CLOSES_AT = 6,
	EVENT_HOLD_SECONDS = 7,
	EVENT_MAX_HOLD_SECONDS = 8,
	EVENT_MAX_SEATS_PER_HOLDER = 9
};

static int32
event_id_of(TupleTableSlot *slot)
{
	bool isnull;

	return DatumGetInt32(slot_getattr(slot, EVENT_ID, &isnull));
}

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

	if (sl_event_cache_find_row(name, &tid))
	{
		slot = sl_table_fetch(store, TABLE_EVENT, &tid);
		if (slot != NULL && has_name(slot, name))
			return slot;
	}
	sl_key_text(&key, 1, name);
	slot = sl_table_find(store, INDEX_EVENT_NAME, &key, 1);
	if (slot != NULL)
		sl_event_cache_note_row(name, event_id_of(slot), &slot->tts_tid);
	return slot;
}

static void
read_row(TupleTableSlot *slot, EventRow *event)
{
	Datum value;
	bool isnull;

	event->event_table = slot->tts_tableOid;
	event->event_id = event_id_of(slot);
	event->layout_id = DatumGetInt32(slot_getattr(slot, EVENT_LAYOUT_ID, &isnull));
	value = slot_getattr(slot, EVENT_OPENS_AT, &isnull);
	event->opens_at = isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
	value = slot_getattr(slot, EVENT_CLOSES_AT, &isnull);
	event->closes_at = isnull ? DT_NOEND : DatumGetTimestampTz(value);
	event->hold_seconds = DatumGetInt32(slot_getattr(slot, EVENT_HOLD_SECONDS, &isnull));
	event->max_hold_seconds = DatumGetInt32(slot_getattr(slot, EVENT_MAX_HOLD_SECONDS, &isnull));
	value = slot_getattr(slot, EVENT_MAX_SEATS_PER_HOLDER, &isnull);
	event->max_seats_per_holder = isnull ? 0 : DatumGetInt32(value);
	event->changing = sl_tuple_is_changing(slot);
	event->ours = sl_tuple_is_ours(slot);
}

bool
sl_store_find_event(Store *store, const char *name, EventRow *event)
{
	TupleTableSlot *slot = find_row(store, name);

	if (slot == NULL)
		return false;
	read_row(slot, event);
	return true;
}

/* Look anew, and find it; 42704 when there is none. */
void
sl_store_require_event(Store *store, const char *name, EventRow *event)
{
	sl_store_refresh(store);
	if (!sl_store_find_event(store, name, event))
		sl_error_no_event(name);
}

/* All events, in the order of their numbers. */
void
sl_store_read_events(Store *store,
					 void (*visit)(const char *name, const EventRow *event, void *arg), void *arg)
{
	ScanKeyData key;
	TupleTableSlot *slot;

	sl_key_int32_from(&key, 1, 1);
	for (slot = sl_table_find(store, INDEX_EVENT_ID, &key, 1); slot != NULL;
		 slot = sl_table_next(store, INDEX_EVENT_ID))
	{
		EventRow event;
		bool isnull;

		read_row(slot, &event);
		visit(TextDatumGetCString(slot_getattr(slot, EVENT_NAME, &isnull)), &event, arg);
	}
}

/* The same outside of any call, and without waiting: false also when somebody locked the table. */
bool
sl_store_try_find_event(const char *name, EventRow *event)
{
	Store *store = sl_store_open(true);
	bool found = false;

	if (sl_table_try_lock(store, TABLE_EVENT))
	{
		sl_store_refresh(store);
		found = sl_store_find_event(store, name, event);
	}
	sl_store_close(store);
	return found;
}

/* The event with this number and its name; NULL: there is none. */
char *
sl_store_find_event_name(Store *store, int32 event_id, EventRow *event)
{
	ScanKeyData key;
	TupleTableSlot *slot;
	bool isnull;

	sl_key_int32(&key, 1, event_id);
	slot = sl_table_find(store, INDEX_EVENT_ID, &key, 1);
	if (slot == NULL)
		return NULL;
	read_row(slot, event);
	return TextDatumGetCString(slot_getattr(slot, EVENT_NAME, &isnull));
}
