/*-------------------------------------------------------------------------
 *
 * table_write.c
 *		Pins and guarded writes of rows.
 *
 * A write goes to the row version that was looked at, or raises 40001; it never
 * waits for another call.  store.c has the whole of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/settings.h"
#include "store/table.h"

/* handed to the table at once by sl_table_insert_many */
#define ROWS_PER_INSERT 500

static void
error_concurrent_update(void)
{
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("could not serialize access due to concurrent update")));
}

/*
 * Under REPEATABLE READ and SERIALIZABLE, a write over a row version that the
 * transaction's snapshot cannot see would lose somebody's update.
 */
static void
check_serializable(OpenTable *table)
{
	if (!IsolationUsesXactSnapshot())
		return;
	if (!table_tuple_satisfies_snapshot(table->rel, table->locked, GetTransactionSnapshot()))
		error_concurrent_update();
}

/* Make sure that the row version at tid is the newest one and stays it. */
PinResult
sl_table_pin(Store *store, StoreTable id, ItemPointer tid)
{
	OpenTable *table = sl_table_open(store, id);
	bool broken = (sl_fault_is(FAULT_STALE_RECHECK));
	TM_FailureData failure;
	TM_Result result;

	if (table->locked == NULL)
		table->locked = table_slot_create(table->rel, NULL);
	result = table_tuple_lock(table->rel, tid, store->snapshot, table->locked,
							  GetCurrentCommandId(true), LockTupleNoKeyExclusive, LockWaitSkip,
							  broken ? TUPLE_LOCK_FLAG_FIND_LAST_VERSION : 0, &failure);
	switch (result)
	{
		case TM_Ok:
			if (broken)
				*tid = table->locked->tts_tid;
			check_serializable(table);
			return PIN_OK;
		case TM_WouldBlock:
		case TM_BeingModified:
			return PIN_BUSY;
		case TM_Updated:
		case TM_Deleted:
			return PIN_CHANGED;
		default:
			elog(ERROR, "unexpected result %d of locking a row of table \"%s\"", result,
				 RelationGetRelationName(table->rel));
	}
}

static void
fill_slot(TupleTableSlot *slot, const Datum *values, const bool *nulls)
{
	int natts = slot->tts_tupleDescriptor->natts;

	ExecClearTuple(slot);
	memcpy(slot->tts_values, values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
}

static TupleTableSlot *
written_slot(OpenTable *table)
{
	if (table->written == NULL)
		table->written = table_slot_create(table->rel, NULL);
	return table->written;
}

/* Make the index entries of the row just written; a heap-only update has none. */
static void
insert_index_entries(Store *store, OpenTable *table, TupleTableSlot *slot, bool is_update,
					 TU_UpdateIndexes which)
{
	if (store->estate == NULL)
		store->estate = CreateExecutorState();
	if (table->result_rel == NULL)
	{
		table->result_rel = makeNode(ResultRelInfo);
		InitResultRelInfo(table->result_rel, table->rel, 0, NULL, 0);
		ExecOpenIndices(table->result_rel, false);
	}
	ExecInsertIndexTuples(table->result_rel, slot, store->estate, is_update, false, NULL, NIL,
						  which == TU_Summarizing);
	ResetPerTupleExprContext(store->estate);
}

void
sl_table_insert(Store *store, StoreTable id, const Datum *values, const bool *nulls)
{
	OpenTable *table = sl_table_open(store, id);

	fill_slot(written_slot(table), values, nulls);
	table_tuple_insert(table->rel, table->written, GetCurrentCommandId(true), 0, NULL);
	insert_index_entries(store, table, table->written, false, TU_All);
}

/* The server leaves a copy of each row in the current memory context. */
static void
insert_rows(OpenTable *table, TupleTableSlot **slots, int count, BulkInsertState state,
			MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);

	table_multi_insert(table->rel, slots, count, GetCurrentCommandId(true), 0, state);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(context);
}

/*
 * Insert many rows, a page at a time: the same in the end, at a third of the
 * price.  fill makes row i, of values that need no memory of their own.
 */
void
sl_table_insert_many(Store *store, StoreTable id, int num_rows,
					 void (*fill)(int i, Datum *values, bool *nulls, void *arg), void *arg)
{
	OpenTable *table = sl_table_open(store, id);
	BulkInsertState state = GetBulkInsertState();
	TupleTableSlot *slots[ROWS_PER_INSERT];
	Datum values[SL_MAX_COLUMNS];
	bool nulls[SL_MAX_COLUMNS];
	MemoryContext rows_context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock rows", ALLOCSET_DEFAULT_SIZES);
	int count = 0;

	for (int i = 0; i < Min(num_rows, ROWS_PER_INSERT); i++)
		slots[i] = table_slot_create(table->rel, NULL);
	for (int i = 0; i < num_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fill(i, values, nulls, arg);
		fill_slot(slots[count++], values, nulls);
		if (count < ROWS_PER_INSERT && i + 1 < num_rows)
			continue;
		insert_rows(table, slots, count, state, rows_context);
		for (int j = 0; j < count; j++)
			insert_index_entries(store, table, slots[j], false, TU_All);
		count = 0;
	}
	for (int i = 0; i < Min(num_rows, ROWS_PER_INSERT); i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	FreeBulkInsertState(state);
	MemoryContextDelete(rows_context);
}

/*
 * Write a new version of a row that was pinned, or that a lock keeps from all
 * other calls: then only SQL of the table's owner can have been there since it
 * was looked at.
 */
void
sl_table_update(Store *store, StoreTable id, ItemPointer tid, const Datum *values,
				const bool *nulls)
{
	OpenTable *table = sl_table_open(store, id);
	TM_FailureData failure;
	LockTupleMode lockmode;
	TU_UpdateIndexes update_indexes;
	TM_Result result;

	fill_slot(written_slot(table), values, nulls);
	result = table_tuple_update(table->rel, tid, table->written, GetCurrentCommandId(true),
								store->snapshot, InvalidSnapshot, true, &failure, &lockmode,
								&update_indexes);
	if (result == TM_Updated || result == TM_Deleted)
		error_concurrent_update();
	if (result != TM_Ok)
		elog(ERROR, "unexpected result %d of updating a row of table \"%s\"", result,
			 RelationGetRelationName(table->rel));
	if (update_indexes != TU_None)
		insert_index_entries(store, table, table->written, true, update_indexes);
}

/*
 * Delete a row that the snapshot sees; false when it has changed since, or
 * somebody is changing it: nothing waits.
 */
bool
sl_table_delete(Store *store, StoreTable id, ItemPointer tid)
{
	TM_FailureData failure;

	return table_tuple_delete(sl_table_open(store, id)->rel, tid, GetCurrentCommandId(true),
							  store->snapshot, InvalidSnapshot, false, &failure, false) == TM_Ok;
}
