/*-------------------------------------------------------------------------
 *
 * store.c
 *		Open tables, index look-ups and guarded writes for the verbs.
 *
 * The verbs read and write through the table and index interface of the
 * server, not through SQL: no plan, no executor start-up, no operator that a
 * search_path could replace.  What the executor would guard is guarded here
 * or by the callers: read-only transactions and standbys are refused before
 * the store is opened (args.c), EXECUTE on the verb is the privilege, and
 * indexes, also those that an administrator added, are maintained by the
 * executor's own routine.
 *
 * Snapshots.  Each look goes through GetLatestSnapshot(), under every
 * isolation level: the truth is what is committed now, and a look after a
 * lock was won must see what the last owner of the lock committed.  Under
 * REPEATABLE READ and SERIALIZABLE a pin then compares with the transaction's
 * own snapshot, and raises 40001 where the row that it would change is newer:
 * the executor would do so, table_tuple_update does not.
 *
 * Waiting.  Nothing here waits for another verb: a row that somebody else has
 * changed or locked is PIN_BUSY.  So no two verbs can deadlock, and the caller
 * decides how long to poll.  Two waits are left.  One is inside a unique index,
 * when two transactions insert the same request key at once; the key's advisory
 * lock keeps them apart.  The other is before a row that was not pinned, when
 * SQL of the table's owner got at it in between the look and the write.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/smgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "base/errors.h"
#include "base/settings.h"
#include "store/store_seen.h"
#include "store/store_table.h"

/* The tables as this library knows them: it copies rows by the number of their columns. */
static const struct
{
	const char *name;
	int num_columns;
	Oid types[SL_MAX_COLUMNS];
} tables[NUM_TABLES] = {
	[TABLE_EVENT] = {"event",
					 11,
					 {INT4OID, TEXTOID, INT4OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID,
					  INT4OID, INT4OID, TIMESTAMPTZOID, INT2OID}},
	[TABLE_SEAT] = {"seat",
					16,
					{INT4OID, INT4OID, INT4OID, INT4OID, INT4OID, INT4OID, FLOAT8OID, FLOAT8OID,
					 INT4OID, BOOLOID, BOOLOID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}},
	[TABLE_SEAT_STATE] = {"seat_state",
						  7,
						  {INT4OID, INT4OID, INT8OID, TIMESTAMPTZOID, UUIDOID, CHAROID, INT2OID}},
	[TABLE_HOLD] = {"hold",
					12,
					{INT4OID, CHAROID, BOOLOID, INT2OID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
					 TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, INT4ARRAYOID}},
	[TABLE_CHANGE] = {"change",
					  13,
					  {INT4OID, INT8OID, XID8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, UUIDOID,
					   TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4ARRAYOID, INT8ARRAYOID}},
	[TABLE_REQUEST] = {"request",
					   10,
					   {INT4OID, TEXTOID, TEXTOID, BYTEAOID, TEXTOID, UUIDOID, BOOLOID,
						INT4ARRAYOID, TIMESTAMPTZOID, TEXTOID}},
	[TABLE_LAYOUT] = {"layout",
					  9,
					  {INT4OID, BOOLOID, INT4OID, INT4OID, INT4OID, FLOAT8OID, FLOAT8OID, JSONBOID,
					   TEXTOID}},
	[TABLE_LAYOUT_SECTION] = {"layout_section", 4, {INT4OID, INT4OID, TEXTOID, BOOLOID}},
	[TABLE_LAYOUT_CATEGORY] = {"layout_category", 5, {INT4OID, INT4OID, TEXTOID, TEXTOID, BOOLOID}},
};

static const struct
{
	StoreTable table;
	const char *name;
} index_names[NUM_INDEXES] = {
	[INDEX_EVENT_ID] = {TABLE_EVENT, "event_pkey"},
	[INDEX_EVENT_NAME] = {TABLE_EVENT, "event_name_key"},
	[INDEX_SEAT_LABEL] = {TABLE_SEAT, "seat_layout_id_label_key"},
	[INDEX_SEAT_GUID] = {TABLE_SEAT, "seat_layout_id_guid_key"},
	[INDEX_SEAT_NO] = {TABLE_SEAT, "seat_pkey"},
	[INDEX_SEAT_STATE] = {TABLE_SEAT_STATE, "seat_state_pkey"},
	[INDEX_HOLD_TOKEN] = {TABLE_HOLD, "hold_pkey"},
	[INDEX_HOLD_HOLDER] = {TABLE_HOLD, "hold_holder_idx"},
	[INDEX_CHANGE_SEQ] = {TABLE_CHANGE, "change_pkey"},
	[INDEX_REQUEST_KEY] = {TABLE_REQUEST, "request_pkey"},
	[INDEX_LAYOUT_ID] = {TABLE_LAYOUT, "layout_pkey"},
	[INDEX_LAYOUT_SECTION] = {TABLE_LAYOUT_SECTION, "layout_section_pkey"},
	[INDEX_LAYOUT_CATEGORY] = {TABLE_LAYOUT_CATEGORY, "layout_category_pkey"},
};

/*
 * OIDs of our relations, looked up once per backend.  InvalidOid: not known.
 * Any invalidation of one of them, as by DROP EXTENSION, forgets them all, and
 * what was seen in them.
 */
static struct
{
	Oid tables[NUM_TABLES];
	bool checked[NUM_TABLES]; /* the table has the columns of above */
	Oid indexes[NUM_INDEXES];
	Oid change_sequence;
} known;

static uint64 generation = 1;

static void
forget_relation(Datum arg, Oid relid)
{
	bool ours = (relid == InvalidOid || relid == known.change_sequence);

	for (int i = 0; i < NUM_TABLES && !ours; i++)
		ours = (relid == known.tables[i]);
	for (int i = 0; i < NUM_INDEXES && !ours; i++)
		ours = (relid == known.indexes[i]);
	if (!ours)
		return;
	memset(&known, 0, sizeof(known));
	generation++;
	sl_seen_forget();
}

/* Another one when what was learned of our tables' rows may be wrong. */
uint64
sl_table_generation(void)
{
	return generation;
}

/* To be called once in the life of a backend, from _PG_init. */
void
sl_store_register_callbacks(void)
{
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
}

static Oid
find_relation(const char *name)
{
	Oid relid = get_relname_relid(name, get_namespace_oid("seatlock", false));

	if (!OidIsValid(relid))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation \"seatlock.%s\" does not exist", name),
						errhint("Was the extension created in this database?")));
	return relid;
}

Oid
sl_table_change_sequence(void)
{
	if (!OidIsValid(known.change_sequence))
		known.change_sequence = find_relation("change_seq");
	return known.change_sequence;
}

/* Open for a verb (writing), or for a read in any transaction, also on a standby. */
Store *
sl_store_open(bool writing)
{
	Store *store = palloc0(sizeof(Store));

	store->writing = writing;
	store->latest = writing;
	return store;
}

/* Open for a read of what is committed now. */
Store *
sl_store_open_latest(void)
{
	Store *store = sl_store_open(false);

	store->latest = true;
	return store;
}

/* The OID of seatlock.event: another one after DROP and CREATE EXTENSION. */
Oid
sl_store_event_table(void)
{
	if (!OidIsValid(known.tables[TABLE_EVENT]))
		known.tables[TABLE_EVENT] = find_relation(tables[TABLE_EVENT].name);
	return known.tables[TABLE_EVENT];
}

static LOCKMODE
lock_mode(const Store *store)
{
	return store->writing ? RowExclusiveLock : AccessShareLock;
}

/* Lock a table and its indexes; false when somebody else has one of them, as TRUNCATE does. */
bool
sl_table_try_lock(Store *store, StoreTable id)
{
	List *indexes;
	ListCell *cell;

	if (!OidIsValid(known.tables[id]))
		known.tables[id] = find_relation(tables[id].name);
	if (!ConditionalLockRelationOid(known.tables[id], lock_mode(store)))
		return false;
	indexes = RelationGetIndexList(sl_table_open(store, id)->rel);
	foreach (cell, indexes)
		if (!ConditionalLockRelationOid(lfirst_oid(cell), lock_mode(store)))
			return false;
	list_free(indexes);
	return true;
}

/*
 * Lock all that a verb may touch, or nothing for sure.  A call that opens a
 * table later then has nothing to wait for.
 */
bool
sl_store_try_lock(Store *store)
{
	if (!ConditionalLockRelationOid(sl_table_change_sequence(), lock_mode(store)))
		return false;
	for (int i = 0; i < NUM_VERB_TABLES; i++)
		if (!sl_table_try_lock(store, i))
			return false;
	return true;
}

/* The role that owns the tables. */
Oid
sl_store_owner(Store *store)
{
	return sl_table_open(store, TABLE_EVENT)->rel->rd_rel->relowner;
}

static void
end_scans(Store *store)
{
	for (int i = 0; i < NUM_INDEXES; i++)
	{
		if (store->scans[i] != NULL)
			index_endscan(store->scans[i]);
		store->scans[i] = NULL;
	}
}

/*
 * Look through a new snapshot from now on.  The new one is taken before the
 * old one is given up, and the changes of this transaction so far are in it.
 */
void
sl_store_refresh(Store *store)
{
	if (sl_fault_is(FAULT_STALE_RECHECK) && store->have_snapshot)
		return;

	end_scans(store);
	if (store->have_snapshot)
		PopActiveSnapshot();
	if (store->writing)
		CommandCounterIncrement();
	if (store->latest)
		PushActiveSnapshot(GetLatestSnapshot());
	else
		PushActiveSnapshot(GetActiveSnapshot());
	store->snapshot = GetActiveSnapshot();
	store->have_snapshot = true;
	store->generation = generation;
}

/* Close; locks on tables stay until the transaction ends, as after any DML. */
void
sl_store_close(Store *store)
{
	end_scans(store);
	for (int i = 0; i < NUM_INDEXES; i++)
		if (store->indexes[i] != NULL)
			index_close(store->indexes[i], NoLock);
	for (int i = 0; i < NUM_TABLES; i++)
	{
		OpenTable *table = &store->tables[i];

		if (table->rel == NULL)
			continue;
		if (table->result_rel != NULL)
			ExecCloseIndices(table->result_rel);
		ExecDropSingleTupleTableSlot(table->found);
		if (table->locked != NULL)
			ExecDropSingleTupleTableSlot(table->locked);
		if (table->written != NULL)
			ExecDropSingleTupleTableSlot(table->written);
		if (BufferIsValid(table->vm_buffer))
			ReleaseBuffer(table->vm_buffer);
		table_close(table->rel, NoLock);
	}
	if (store->estate != NULL)
		FreeExecutorState(store->estate);
	if (store->have_snapshot)
		PopActiveSnapshot();
	if (store->writing)
		CommandCounterIncrement();
	pfree(store);
}

/*
 * Refuse a table of another shape: one that an administrator has altered, or of
 * another version of the extension.  Once per shape: altering it again forgets
 * that it was checked, before anybody gets the lock to open it.
 */
static void
check_shape(StoreTable id, Relation rel)
{
	TupleDesc found = RelationGetDescr(rel);
	bool same = found->natts == tables[id].num_columns;

	for (int i = 0; i < tables[id].num_columns && same; i++)
		same = !TupleDescAttr(found, i)->attisdropped &&
			   TupleDescAttr(found, i)->atttypid == tables[id].types[i];
	if (!same)
		sl_error_other_version(psprintf("table \"seatlock.%s\"", tables[id].name),
							   tables[id].num_columns, found->natts);
	known.checked[id] = true;
}

OpenTable *
sl_table_open(Store *store, StoreTable id)
{
	OpenTable *table = &store->tables[id];

	if (table->rel == NULL)
	{
		if (!OidIsValid(known.tables[id]))
			known.tables[id] = find_relation(tables[id].name);
		table->rel = table_open(known.tables[id], lock_mode(store));
		if (!known.checked[id])
			check_shape(id, table->rel);
		table->found = table_slot_create(table->rel, NULL);
	}
	return table;
}

/* A scan of this index through the snapshot, to be positioned by index_rescan. */
IndexScanDesc
sl_table_scan(Store *store, StoreIndex id, int num_keys, OpenTable **of)
{
	OpenTable *table = sl_table_open(store, index_names[id].table);

	*of = table;
	if (store->indexes[id] == NULL)
	{
		if (!OidIsValid(known.indexes[id]))
			known.indexes[id] = find_relation(index_names[id].name);
		store->indexes[id] = index_open(known.indexes[id], lock_mode(store));
	}
	if (store->scans[id] != NULL && store->scans[id]->numberOfKeys != num_keys)
	{
		index_endscan(store->scans[id]);
		store->scans[id] = NULL;
	}
	if (store->scans[id] == NULL)
		store->scans[id] =
			index_beginscan(table->rel, store->indexes[id], store->snapshot, NULL, num_keys, 0);
	return store->scans[id];
}

/*
 * The first row with these keys, or NULL.  The slot stays valid until the
 * next look-up in the same table.
 */
TupleTableSlot *
sl_table_find(Store *store, StoreIndex index, ScanKey keys, int num_keys)
{
	OpenTable *table;

	index_rescan(sl_table_scan(store, index, num_keys, &table), keys, num_keys, NULL, 0);
	return sl_table_next(store, index);
}

static TupleTableSlot *
step(Store *store, StoreIndex index, ScanDirection direction)
{
	TupleTableSlot *slot = store->tables[index_names[index].table].found;

	return index_getnext_slot(store->scans[index], direction, slot) ? slot : NULL;
}

/* The next row of the last sl_table_find, or NULL. */
TupleTableSlot *
sl_table_next(Store *store, StoreIndex index)
{
	return step(store, index, ForwardScanDirection);
}

/* As sl_table_find, but the last row; sl_table_previous has the one before it. */
TupleTableSlot *
sl_table_find_last(Store *store, StoreIndex index, ScanKey keys, int num_keys)
{
	OpenTable *table;

	index_rescan(sl_table_scan(store, index, num_keys, &table), keys, num_keys, NULL, 0);
	return sl_table_previous(store, index);
}

TupleTableSlot *
sl_table_previous(Store *store, StoreIndex index)
{
	return step(store, index, BackwardScanDirection);
}

/*
 * Does the table reach so far?  Under our lock on it, it can only grow.  Whoever
 * has cut it off before made all others forget its length, of which they hear
 * when they get that lock; so the file is asked only beyond what is remembered.
 */
bool
sl_table_has_block(OpenTable *table, BlockNumber block)
{
	BlockNumber known_length = RelationGetSmgr(table->rel)->smgr_cached_nblocks[MAIN_FORKNUM];

	if (known_length == InvalidBlockNumber || block >= known_length)
		known_length = RelationGetNumberOfBlocks(table->rel);
	return block < known_length;
}

/*
 * The row version at this place, when the snapshot sees it; else NULL.  The
 * place may be an old one, which a vacuum has cut off since.
 */
TupleTableSlot *
sl_table_fetch(Store *store, StoreTable id, ItemPointer tid)
{
	OpenTable *table = sl_table_open(store, id);

	if (!sl_table_has_block(table, ItemPointerGetBlockNumber(tid)))
		return NULL;
	if (!table_tuple_fetch_row_version(table->rel, tid, store->snapshot, table->found))
		return NULL;
	return table->found;
}
