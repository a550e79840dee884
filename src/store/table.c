/*-------------------------------------------------------------------------
 *
 * table.c
 *		Open tables and look-ups in them, by index or by place.
 *
 * OIDs of our relations are looked up once, and again after an invalidation of one
 * of them: then another generation of its group begins, and what was learned of
 * their rows before is forgotten (event_cache.c).  A table of another shape than
 * this library knows is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/smgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"

#include "base/errors.h"
#include "store/table.h"

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

/* A relation of ours, looked up once in each generation of its group. */
typedef struct KnownRelation
{
	Oid oid; /* the last that was found, also when it is to be looked up again */
	uint64 generation;
} KnownRelation;

static struct
{
	KnownRelation tables[NUM_TABLES];
	KnownRelation indexes[NUM_INDEXES];
	KnownRelation change_sequence;
	uint64 checked[NUM_TABLES]; /* the generation in which the table had the columns of above */
} known;

static uint64 generations[NUM_TABLE_GROUPS] = {1, 1};

static TableGroup
group_of(StoreTable id)
{
	return id == TABLE_SEAT || id >= NUM_VERB_TABLES ? TABLES_OF_LAYOUTS : TABLES_OF_EVENTS;
}

/* Another one when what was learned of the rows of these tables may be wrong. */
uint64
sl_table_generation(TableGroup group)
{
	return generations[group];
}

void
sl_table_begin_generation(TableGroup group)
{
	generations[group]++;
}

/*
 * A relation was changed: when it is one of ours, another generation begins.  This
 * may come in the middle of any look at a table, so it must do no more, and it
 * cannot fail.  OIDs stay, to know the relations by until they are looked up again.
 * What changes the OID of an index is a change of its table too.
 */
static void
note_change(Datum arg, Oid relid)
{
	for (int i = 0; i < NUM_TABLES; i++)
		if (relid == InvalidOid || relid == known.tables[i].oid)
			sl_table_begin_generation(group_of(i));
	if (relid == known.change_sequence.oid)
		sl_table_begin_generation(TABLES_OF_EVENTS);
}

/* To be called once in the life of a backend, from _PG_init. */
void
sl_table_register_callbacks(void)
{
	CacheRegisterRelcacheCallback(note_change, (Datum) 0);
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

static Oid
oid_of(KnownRelation *relation, TableGroup group, const char *name)
{
	uint64 generation = generations[group];

	if (relation->generation != generation)
	{
		relation->oid = find_relation(name);
		/* not the one that may have begun meanwhile */
		relation->generation = generation;
	}
	return relation->oid;
}

Oid
sl_table_change_sequence(void)
{
	return oid_of(&known.change_sequence, TABLES_OF_EVENTS, "change_seq");
}

/* Another one after DROP EXTENSION and CREATE EXTENSION. */
Oid
sl_table_oid(StoreTable id)
{
	return oid_of(&known.tables[id], group_of(id), tables[id].name);
}

static Oid
index_oid(StoreIndex id)
{
	return oid_of(&known.indexes[id], group_of(index_names[id].table), index_names[id].name);
}

/*
 * Refuse a table of another shape: one that an administrator has altered, or of
 * another version of the extension.  Once a generation: altering it again begins
 * another, before anybody gets the lock to open it.
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
	known.checked[id] = generations[group_of(id)];
}

OpenTable *
sl_table_open(Store *store, StoreTable id)
{
	OpenTable *table = &store->tables[id];

	if (table->rel == NULL)
	{
		table->rel = table_open(sl_table_oid(id), table_lock_mode(store));
		if (known.checked[id] != generations[group_of(id)])
			check_shape(id, table->rel);
		table->found = table_slot_create(table->rel, NULL);
	}
	return table;
}

/* Lock a table and its indexes; false when somebody else has one of them, as TRUNCATE does. */
bool
sl_table_try_lock(Store *store, StoreTable id)
{
	List *indexes;
	ListCell *cell;

	if (!ConditionalLockRelationOid(sl_table_oid(id), table_lock_mode(store)))
		return false;
	indexes = RelationGetIndexList(sl_table_open(store, id)->rel);
	foreach (cell, indexes)
		if (!ConditionalLockRelationOid(lfirst_oid(cell), table_lock_mode(store)))
			return false;
	list_free(indexes);
	return true;
}

/* Before the snapshot changes. */
void
sl_table_end_scans(Store *store)
{
	for (int i = 0; i < NUM_INDEXES; i++)
	{
		if (store->scans[i] != NULL)
			index_endscan(store->scans[i]);
		store->scans[i] = NULL;
	}
}

static void
close_table(OpenTable *table)
{
	if (table->rel == NULL)
		return;
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

/* Locks on tables stay until the transaction ends, as after any DML. */
void
sl_table_close_all(Store *store)
{
	sl_table_end_scans(store);
	for (int i = 0; i < NUM_INDEXES; i++)
		if (store->indexes[i] != NULL)
			index_close(store->indexes[i], NoLock);
	for (int i = 0; i < NUM_TABLES; i++)
		close_table(&store->tables[i]);
}

/* A scan of this index through the snapshot, to be positioned by index_rescan. */
IndexScanDesc
sl_table_scan(Store *store, StoreIndex id, int num_keys, OpenTable **of)
{
	OpenTable *table = sl_table_open(store, index_names[id].table);

	*of = table;
	if (store->indexes[id] == NULL)
		store->indexes[id] = index_open(index_oid(id), table_lock_mode(store));
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
 * Does the table reach so far?  Under our lock on it, it can only grow.  A command
 * that has cut it off before made all others forget its length, of which they hear
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
