/*-------------------------------------------------------------------------
 *
 * store_hold.c
 *		Holds: the life of a token.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tableam.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/grow.h"
#include "shmem/expiry_hints.h"
#include "store/table.h"

/* of sl_store_read_due: a millisecond or two of work */
#define BLOCKS_PER_PIECE 128

/* columns of hold, counted from 0 */
enum hold_column
{
	HOLD_EVENT_ID,
	HOLD_STATE,
	HOLD_CAPPED,
	HOLD_CHANNEL_NO, /* null: no channel */
	HOLD_TOKEN,
	HOLD_CREATED_AT,
	HOLD_EXPIRES_AT,
	HOLD_ENDED_AT,
	HOLD_HOLDER,
	HOLD_ORDER_REF,
	HOLD_REQUEST_KEY,
	HOLD_SEATS,
	NUM_HOLD_COLUMNS
};

static void
read_slot(TupleTableSlot *slot, HoldRow *hold)
{
	slot_getallattrs(slot);
	hold->token = *DatumGetUUIDP(slot->tts_values[HOLD_TOKEN]);
	hold->state = (HoldState) DatumGetChar(slot->tts_values[HOLD_STATE]);
	hold->capped = DatumGetBool(slot->tts_values[HOLD_CAPPED]);
	hold->created_at = DatumGetTimestampTz(slot->tts_values[HOLD_CREATED_AT]);
	hold->expires_at = DatumGetTimestampTz(slot->tts_values[HOLD_EXPIRES_AT]);
	hold->ended_at =
		slot->tts_isnull[HOLD_ENDED_AT] ? 0 : DatumGetTimestampTz(slot->tts_values[HOLD_ENDED_AT]);
	hold->holder = TextDatumGetCString(slot->tts_values[HOLD_HOLDER]);
	hold->order_ref = slot->tts_isnull[HOLD_ORDER_REF]
						  ? NULL
						  : TextDatumGetCString(slot->tts_values[HOLD_ORDER_REF]);
	hold->request_key = slot->tts_isnull[HOLD_REQUEST_KEY]
							? NULL
							: TextDatumGetCString(slot->tts_values[HOLD_REQUEST_KEY]);
	hold->seats = sl_datum_to_int32_array(slot->tts_values[HOLD_SEATS], &hold->num_seats);
	hold->tid = slot->tts_tid;
}

bool
sl_store_find_hold(Store *store, int32 event_id, const pg_uuid_t *token, HoldRow *hold)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_uuid(&keys[1], 2, token);
	slot = sl_table_find(store, INDEX_HOLD_TOKEN, keys, 2);
	if (slot == NULL)
		return false;
	read_slot(slot, hold);
	return true;
}

PinResult
sl_store_pin_hold(Store *store, HoldRow *hold)
{
	return sl_table_pin(store, TABLE_HOLD, &hold->tid);
}

static void
form_row(int32 event_id, const HoldRow *hold, Datum *values, bool *nulls)
{
	memset(nulls, 0, NUM_HOLD_COLUMNS * sizeof(bool));
	values[HOLD_EVENT_ID] = Int32GetDatum(event_id);
	values[HOLD_STATE] = CharGetDatum((char) hold->state);
	values[HOLD_CAPPED] = BoolGetDatum(hold->capped);
	nulls[HOLD_CHANNEL_NO] = true;
	values[HOLD_TOKEN] = UUIDPGetDatum(&hold->token);
	values[HOLD_CREATED_AT] = TimestampTzGetDatum(hold->created_at);
	values[HOLD_EXPIRES_AT] = TimestampTzGetDatum(hold->expires_at);
	values[HOLD_ENDED_AT] = TimestampTzGetDatum(hold->ended_at);
	nulls[HOLD_ENDED_AT] = (hold->ended_at == 0);
	values[HOLD_HOLDER] = CStringGetTextDatum(hold->holder);
	nulls[HOLD_ORDER_REF] = (hold->order_ref == NULL);
	values[HOLD_ORDER_REF] =
		hold->order_ref == NULL ? (Datum) 0 : CStringGetTextDatum(hold->order_ref);
	nulls[HOLD_REQUEST_KEY] = (hold->request_key == NULL);
	values[HOLD_REQUEST_KEY] =
		hold->request_key == NULL ? (Datum) 0 : CStringGetTextDatum(hold->request_key);
	values[HOLD_SEATS] = sl_datum_int32_array(hold->num_seats, hold->seats);
}

void
sl_store_insert_hold(Store *store, int32 event_id, const HoldRow *hold)
{
	Datum values[NUM_HOLD_COLUMNS];
	bool nulls[NUM_HOLD_COLUMNS];

	form_row(event_id, hold, values, nulls);
	sl_table_insert(store, TABLE_HOLD, values, nulls);
}

/* Write a hold that was pinned. */
void
sl_store_update_hold(Store *store, int32 event_id, HoldRow *hold)
{
	Datum values[NUM_HOLD_COLUMNS];
	bool nulls[NUM_HOLD_COLUMNS];

	form_row(event_id, hold, values, nulls);
	sl_table_update(store, TABLE_HOLD, &hold->tid, values, nulls);
}

/*
 * Seats that a holder has in an event, held and not expired, or booked.  The
 * index has no entry for holds made while the event had no cap: alter_event
 * adds them when it sets the first one.  A hold whose end is recorded leaves it.
 */
int
sl_store_count_holder_seats(Store *store, int32 event_id, const char *holder, TimestampTz now)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;
	int count = 0;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_text(&keys[1], 2, holder);
	for (slot = sl_table_find(store, INDEX_HOLD_HOLDER, keys, 2); slot != NULL;
		 slot = sl_table_next(store, INDEX_HOLD_HOLDER))
	{
		HoldRow hold;

		read_slot(slot, &hold);
		if (hold.state == HOLD_BOOKED || (hold.state == HOLD_HELD && hold.expires_at > now))
			count += hold.num_seats;
	}
	return count;
}

static bool
is_text(Datum datum, const char *wanted)
{
	const text *value = DatumGetTextPP(datum);

	return VARSIZE_ANY_EXHDR(value) == strlen(wanted) &&
		   memcmp(VARDATA_ANY(value), wanted, strlen(wanted)) == 0;
}

/*
 * All holds of a holder, ended ones too; returns how many.  No index has them,
 * which every claim would have to maintain: the event's holds are read.
 */
int
sl_store_find_holds_of(Store *store, int32 event_id, const char *holder, HoldRow **holds)
{
	int room = 0;
	int count = 0;
	ScanKeyData key;

	*holds = NULL;
	sl_key_int32(&key, 1, event_id);
	for (TupleTableSlot *slot = sl_table_find(store, INDEX_HOLD_TOKEN, &key, 1); slot != NULL;
		 slot = sl_table_next(store, INDEX_HOLD_TOKEN))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		if (!is_text(slot->tts_values[HOLD_HOLDER], holder))
			continue;
		*holds = grow_array(*holds, count, &room, sizeof(HoldRow));
		read_slot(slot, &(*holds)[count++]);
	}
	return count;
}

/* Ended and recorded so.  A lapse that is not recorded yet is not over: seats carry the token. */
static bool
ended_before(TupleTableSlot *slot, TimestampTz before)
{
	HoldState state = (HoldState) DatumGetChar(slot->tts_values[HOLD_STATE]);

	return state != HOLD_HELD && state != HOLD_BOOKED && !slot->tts_isnull[HOLD_ENDED_AT] &&
		   DatumGetTimestampTz(slot->tts_values[HOLD_ENDED_AT]) < before;
}

/* A hold that stays: its requests go when they are all old. */
static void
prune_requests_of(Store *store, int32 event_id, TupleTableSlot *slot, TimestampTz before)
{
	Datum newest = slot->tts_values[HOLD_REQUEST_KEY];
	HoldRow hold;

	if (!sl_store_request_is_old(store, event_id, newest, before))
		return;
	read_slot(slot, &hold);
	if (sl_store_pin_hold(store, &hold) != PIN_OK)
		return;
	sl_store_prune_requests(store, event_id, newest, before);
	hold.request_key = NULL;
	sl_store_update_hold(store, event_id, &hold);
}

/*
 * Remove the holds that ended before a moment, and all requests from before it.
 *
 * A token begins with the time of its making: so the holds come oldest first,
 * and the walk ends at the first that was made at that moment.  It passes by
 * those alone that lived then, which are no more than the event has seats.
 * Requests have no index by time or token; their holds lead to them.
 */
void
sl_store_prune_holds(Store *store, int32 event_id, TimestampTz before)
{
	ScanKeyData key;
	TupleTableSlot *slot;

	sl_key_int32(&key, 1, event_id);
	for (slot = sl_table_find(store, INDEX_HOLD_TOKEN, &key, 1); slot != NULL;
		 slot = sl_table_next(store, INDEX_HOLD_TOKEN))
	{
		bool has_requests;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		if (DatumGetTimestampTz(slot->tts_values[HOLD_CREATED_AT]) >= before)
			break;
		has_requests = !slot->tts_isnull[HOLD_REQUEST_KEY];
		if (!ended_before(slot, before))
		{
			if (has_requests)
				prune_requests_of(store, event_id, slot, before);
		}
		else if (sl_table_delete(store, TABLE_HOLD, &slot->tts_tid) && has_requests)
			sl_store_prune_requests(store, event_id, slot->tts_values[HOLD_REQUEST_KEY], before);
	}
}

static void
visit_live_hold(TupleTableSlot *slot, void (*visit)(const DueHold *hold))
{
	DueHold hold = {0};

	slot_getallattrs(slot);
	if (DatumGetChar(slot->tts_values[HOLD_STATE]) != HOLD_HELD)
		return;
	hold.expires_at = DatumGetTimestampTz(slot->tts_values[HOLD_EXPIRES_AT]);
	hold.event_id = DatumGetInt32(slot->tts_values[HOLD_EVENT_ID]);
	hold.token = *DatumGetUUIDP(slot->tts_values[HOLD_TOKEN]);
	visit(&hold);
}

static void
visit_piece(Store *store, OpenTable *table, uint32 first_block, void (*visit)(const DueHold *hold))
{
	ItemPointerData first;
	ItemPointerData last;
	TableScanDesc scan;

	ItemPointerSet(&first, first_block, FirstOffsetNumber);
	ItemPointerSet(&last, first_block + BLOCKS_PER_PIECE - 1, MaxOffsetNumber);
	scan = table_beginscan_tidrange(table->rel, store->snapshot, &first, &last);
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, table->found))
		visit_live_hold(table->found, visit);
	ExecClearTuple(table->found);
	table_endscan(scan);
}

/*
 * Visit the live holds of all events in some blocks of the table from that one
 * on; returns the block to go on with, or 0 at the end.
 */
uint32
sl_store_read_due(uint32 first_block, void (*visit)(const DueHold *hold))
{
	Store *store = sl_store_open(false);
	OpenTable *table = sl_table_open(store, TABLE_HOLD);
	uint32 num_blocks = RelationGetNumberOfBlocks(table->rel);

	sl_store_refresh(store);
	if (first_block < num_blocks)
		visit_piece(store, table, first_block, visit);
	sl_store_close(store);
	return first_block + BLOCKS_PER_PIECE < num_blocks ? first_block + BLOCKS_PER_PIECE : 0;
}
