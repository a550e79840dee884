/*-------------------------------------------------------------------------
 *
 * store_change.c
 *		The change history, row by row; store_feed.c says what may be shown.
 *
 * seq and fence make the feed complete.  A writer has its transaction id
 * before it takes seq, and notes the next free transaction id after: so every
 * transaction that ever took a lower seq has an id below this row's fence.
 * The reader returns a row only when no such writer is still open.  Reversing
 * either step would let a poller skip a row for ever.
 *
 * All of it rests on a sequence that only rises, while logical replication
 * brings rows and leaves the sequence behind.  So seq must be above all that the
 * event has, or it is refused: a poller would have passed it by.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "commands/sequence.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "base/errors.h"
#include "base/grow.h"
#include "store/event_cache.h"
#include "store/table.h"

#define SEQUENCE "change_seq"

/* columns of change, counted from 0 */
enum change_column
{
	CHANGE_EVENT_ID,
	CHANGE_SEQ,
	CHANGE_FENCE,
	CHANGE_CHANGED_AT,
	CHANGE_EXPIRES_AT,
	CHANGE_ACTION,
	CHANGE_TOKEN,
	CHANGE_HOLDER,
	CHANGE_ORDER_REF,
	CHANGE_REASON,
	CHANGE_ACTOR,
	CHANGE_SEATS,
	CHANGE_VERSIONS,
	NUM_CHANGE_COLUMNS
};

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = (text == NULL);
	values[column] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

/* The event's highest seq, 0: none, as the store's snapshot sees it. */
static int64
find_highest_seq(Store *store, int32 event_id)
{
	ChangeWalk walk;

	sl_store_begin_changes(&walk, store, event_id, 0);
	walk.backward = true;
	return sl_store_next_change(&walk) ? walk.change.seq : 0;
}

/*
 * The next seq.  What the event has is looked for at the first change that this
 * backend writes to it, and with nothing drawn: refused calls must not take the
 * sequence nearer to numbers that are in use, until one gets beyond them.  The
 * snapshot is older than the look at the sequence, so whatever it shows was drawn
 * before.
 */
static int64
draw_seq(Store *store, int32 event_id)
{
	int64 highest = sl_event_cache_find_seq(event_id);
	int64 seq;

	if (highest == 0)
	{
		highest = find_highest_seq(store, event_id);
		seq = sl_store_read_last_seq();
		if (seq < highest)
			sl_error_sequence_behind(SEQUENCE, seq, highest);
	}
	seq = nextval_internal(sl_table_change_sequence(), false);
	if (seq <= highest)
	{
		sl_table_begin_generation(TABLES_OF_EVENTS);
		sl_error_sequence_behind(SEQUENCE, seq, highest);
	}
	sl_event_cache_note_seq(event_id, seq);
	return seq;
}

void
sl_store_insert_change(Store *store, int32 event_id, TimestampTz now, const ChangeRow *change)
{
	Datum values[NUM_CHANGE_COLUMNS];
	bool nulls[NUM_CHANGE_COLUMNS] = {false};

	(void) GetTopFullTransactionId(); /* before seq, see above */
	values[CHANGE_SEQ] = Int64GetDatum(draw_seq(store, event_id));
	values[CHANGE_FENCE] = FullTransactionIdGetDatum(ReadNextFullTransactionId());

	values[CHANGE_EVENT_ID] = Int32GetDatum(event_id);
	values[CHANGE_CHANGED_AT] = TimestampTzGetDatum(now);
	values[CHANGE_EXPIRES_AT] = TimestampTzGetDatum(change->expires_at);
	nulls[CHANGE_EXPIRES_AT] = (change->expires_at == 0);
	set_text(values, nulls, CHANGE_ACTION, sl_vocabulary_action(change->action));
	values[CHANGE_TOKEN] = UUIDPGetDatum(change->token);
	nulls[CHANGE_TOKEN] = (change->token == NULL);
	set_text(values, nulls, CHANGE_HOLDER, change->holder);
	set_text(values, nulls, CHANGE_ORDER_REF, change->order_ref);
	set_text(values, nulls, CHANGE_REASON, change->reason);
	set_text(values, nulls, CHANGE_ACTOR,
			 change->actor != NULL ? change->actor : GetUserNameFromId(GetUserId(), false));
	values[CHANGE_SEATS] = sl_datum_int32_array(change->num_seats, change->seats);
	values[CHANGE_VERSIONS] = sl_datum_int64_array(change->num_seats, change->versions);
	sl_table_insert(store, TABLE_CHANGE, values, nulls);
}

/*
 * The last seq that was drawn, 0 before the first.  A sequence is a table of one
 * row that is changed in place, whatever the transaction.
 */
int64
sl_store_read_last_seq(void)
{
	Relation rel = relation_open(sl_table_change_sequence(), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, SnapshotAny, 0, NULL);
	int64 last_seq;
	bool isnull;

	if (!table_scan_getnextslot(scan, ForwardScanDirection, slot))
		elog(ERROR, "could not read sequence \"seatlock." SEQUENCE "\"");
	last_seq = DatumGetInt64(slot_getattr(slot, SEQ_COL_LASTVAL, &isnull));
	if (!DatumGetBool(slot_getattr(slot, SEQ_COL_CALLED, &isnull)))
		last_seq--;
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(rel, AccessShareLock);
	return last_seq;
}

/* NULL when null */
static text *
get_text(TupleTableSlot *slot, enum change_column column)
{
	return slot->tts_isnull[column] ? NULL : DatumGetTextPP(slot->tts_values[column]);
}

static void
view_change(TupleTableSlot *slot, ChangeView *change)
{
	slot_getallattrs(slot);
	change->seq = DatumGetInt64(slot->tts_values[CHANGE_SEQ]);
	change->fence = DatumGetFullTransactionId(slot->tts_values[CHANGE_FENCE]);
	change->changed_at = DatumGetTimestampTz(slot->tts_values[CHANGE_CHANGED_AT]);
	change->action = get_text(slot, CHANGE_ACTION);
	change->token =
		slot->tts_isnull[CHANGE_TOKEN] ? NULL : DatumGetUUIDP(slot->tts_values[CHANGE_TOKEN]);
	change->holder = get_text(slot, CHANGE_HOLDER);
	change->order_ref = get_text(slot, CHANGE_ORDER_REF);
	change->actor = get_text(slot, CHANGE_ACTOR);
	change->reason = get_text(slot, CHANGE_REASON);
}

/* Every change after that seq which the store's snapshot sees. */
void
sl_store_begin_changes(ChangeWalk *walk, Store *store, int32 event_id, int64 after)
{
	*walk = (ChangeWalk){.store = store, .event_id = event_id, .after = after};
	walk->context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock change", ALLOCSET_DEFAULT_SIZES);
}

/* On to the next change, into walk->change; false at the end. */
bool
sl_store_next_change(ChangeWalk *walk)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;
	MemoryContext old_context;

	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(walk->context);
	if (walk->under_way)
		slot = walk->backward ? sl_table_previous(walk->store, INDEX_CHANGE_SEQ)
							  : sl_table_next(walk->store, INDEX_CHANGE_SEQ);
	else
	{
		sl_key_int32(&keys[0], 1, walk->event_id);
		sl_key_int64_above(&keys[1], 2, walk->after);
		slot = walk->backward ? sl_table_find_last(walk->store, INDEX_CHANGE_SEQ, keys, 2)
							  : sl_table_find(walk->store, INDEX_CHANGE_SEQ, keys, 2);
		walk->under_way = true;
	}
	if (slot == NULL)
		return false;
	old_context = MemoryContextSwitchTo(walk->context);
	view_change(slot, &walk->change);
	MemoryContextSwitchTo(old_context);
	return true;
}

/* The seats of the change at hand, a copy. */
int32 *
sl_store_read_change_seats(ChangeWalk *walk, int *num_seats)
{
	TupleTableSlot *slot = sl_table_open(walk->store, TABLE_CHANGE)->found;

	return sl_datum_to_int32_array(slot->tts_values[CHANGE_SEATS], num_seats);
}

/* And the version that each of them got. */
int64 *
sl_store_read_change_versions(ChangeWalk *walk, int *num_versions)
{
	TupleTableSlot *slot = sl_table_open(walk->store, TABLE_CHANGE)->found;
	ArrayType *array = DatumGetArrayTypePCopy(slot->tts_values[CHANGE_VERSIONS]);

	*num_versions = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	return (int64 *) ARR_DATA_PTR(array);
}

/*
 * Remove the changes from before a moment: the oldest first, up to one that is
 * not so old, or that somebody is changing.  So what is left is never without a
 * piece in between, also where the clock has stepped.
 */
void
sl_store_prune_changes(Store *store, int32 event_id, TimestampTz before)
{
	OpenTable *table = sl_table_open(store, TABLE_CHANGE);
	ChangeWalk walk;

	sl_store_begin_changes(&walk, store, event_id, 0);
	while (sl_store_next_change(&walk) && walk.change.changed_at < before &&
		   sl_table_delete(store, TABLE_CHANGE, &table->found->tts_tid))
		;
}

static bool
is_text(const text *value, const char *wanted)
{
	return value != NULL && VARSIZE_ANY_EXHDR(value) == strlen(wanted) &&
		   memcmp(VARDATA_ANY(value), wanted, strlen(wanted)) == 0;
}

/*
 * The changes that name a holder; returns how many.  No index has them, as none
 * has a seat's (store_history.c): the event's history is read.
 */
int
sl_store_find_changes_of(Store *store, int32 event_id, const char *holder, NamedChange **changes)
{
	OpenTable *table = sl_table_open(store, TABLE_CHANGE);
	int room = 0;
	int count = 0;
	ChangeWalk walk;

	*changes = NULL;
	sl_store_begin_changes(&walk, store, event_id, 0);
	while (sl_store_next_change(&walk))
	{
		if (walk.change.token == NULL || !is_text(walk.change.holder, holder))
			continue;
		*changes = grow_array(*changes, count, &room, sizeof(NamedChange));
		(*changes)[count++] = (NamedChange){*walk.change.token, table->found->tts_tid};
	}
	MemoryContextDelete(walk.context);
	return count;
}

PinResult
sl_store_pin_change(Store *store, NamedChange *change)
{
	return sl_table_pin(store, TABLE_CHANGE, &change->tid);
}

/*
 * Write another name into a change that was pinned.  It keeps its seq and its
 * fence: to the feed it is the row that it was.
 */
void
sl_store_rename_change(Store *store, NamedChange *change, const char *holder)
{
	TupleTableSlot *slot = sl_table_fetch(store, TABLE_CHANGE, &change->tid);
	Datum values[NUM_CHANGE_COLUMNS];
	bool nulls[NUM_CHANGE_COLUMNS];

	if (slot == NULL)
		elog(ERROR, "a change that was pinned is not there");
	slot_getallattrs(slot);
	memcpy(values, slot->tts_values, sizeof(values));
	memcpy(nulls, slot->tts_isnull, sizeof(nulls));
	set_text(values, nulls, CHANGE_HOLDER, holder);
	sl_table_update(store, TABLE_CHANGE, &change->tid, values, nulls);
}
