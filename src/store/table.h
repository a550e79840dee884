/*-------------------------------------------------------------------------
 *
 * table.h
 *		Open tables, index look-ups and writes, for the files of this folder.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_TABLE_H
#define SEATLOCK_TABLE_H

#include "access/genam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "storage/buf.h"
#include "utils/rel.h"

#include "store/store.h"

typedef enum StoreTable
{
	TABLE_EVENT,
	TABLE_SEAT,
	TABLE_SEAT_STATE,
	TABLE_HOLD,
	TABLE_CHANGE,
	TABLE_REQUEST,
	/* the verbs need no more than these */
	NUM_VERB_TABLES,
	TABLE_LAYOUT = NUM_VERB_TABLES,
	TABLE_LAYOUT_SECTION,
	TABLE_LAYOUT_CATEGORY,
	NUM_TABLES
} StoreTable;

typedef enum StoreIndex
{
	INDEX_EVENT_ID,
	INDEX_EVENT_NAME,
	INDEX_SEAT_LABEL,
	INDEX_SEAT_GUID,
	INDEX_SEAT_NO,
	INDEX_SEAT_STATE,
	INDEX_HOLD_TOKEN,
	INDEX_HOLD_HOLDER,
	INDEX_CHANGE_SEQ,
	INDEX_REQUEST_KEY,
	INDEX_LAYOUT_ID,
	INDEX_LAYOUT_SECTION,
	INDEX_LAYOUT_CATEGORY,
	NUM_INDEXES
} StoreIndex;

/* What is learned of rows is believed for a generation of the tables that they are in. */
typedef enum TableGroup
{
	TABLES_OF_LAYOUTS, /* seat and layout* */
	TABLES_OF_EVENTS,  /* the others, and the sequence of changes */
	NUM_TABLE_GROUPS
} TableGroup;

/* widest of the tables above */
#define SL_MAX_COLUMNS 16

typedef struct OpenTable
{
	Relation rel;
	TupleTableSlot *found;     /* where look-ups leave their row */
	TupleTableSlot *locked;    /* where pins leave theirs; NULL until the first */
	TupleTableSlot *written;   /* the row being inserted or updated; NULL until the first */
	ResultRelInfo *result_rel; /* the indexes to maintain; NULL until one needs an entry */
	Buffer vm_buffer;          /* the page of the visibility map looked at last */
} OpenTable;

struct Store
{
	bool writing; /* locks tables as a writer does */
	bool latest;  /* looks at what is committed now, not through the caller's snapshot */
	bool have_snapshot;
	Snapshot snapshot;
	uint64 generation; /* of TABLES_OF_LAYOUTS when the snapshot was taken */
	EState *estate;    /* for index maintenance */
	OpenTable tables[NUM_TABLES];
	Relation indexes[NUM_INDEXES];
	IndexScanDesc scans[NUM_INDEXES]; /* kept over look-ups through one snapshot */
};

/* How tables are locked: a verb's as any DML locks them. */
static inline LOCKMODE
table_lock_mode(const Store *store)
{
	return store->writing ? RowExclusiveLock : AccessShareLock;
}

/* table.c */
extern void sl_table_register_callbacks(void);
extern uint64 sl_table_generation(TableGroup group);
extern void sl_table_begin_generation(TableGroup group);
extern Oid sl_table_oid(StoreTable table);
extern OpenTable *sl_table_open(Store *store, StoreTable table);
extern bool sl_table_try_lock(Store *store, StoreTable table);
extern TupleTableSlot *sl_table_find(Store *store, StoreIndex index, ScanKey keys, int num_keys);
extern TupleTableSlot *sl_table_next(Store *store, StoreIndex index);
extern TupleTableSlot *sl_table_find_last(Store *store, StoreIndex index, ScanKey keys,
										  int num_keys);
extern TupleTableSlot *sl_table_previous(Store *store, StoreIndex index);
extern void sl_table_end_scans(Store *store);
extern void sl_table_close_all(Store *store);
extern IndexScanDesc sl_table_scan(Store *store, StoreIndex index, int num_keys, OpenTable **table);
extern bool sl_table_has_block(OpenTable *table, BlockNumber block);
extern TupleTableSlot *sl_table_fetch(Store *store, StoreTable table, ItemPointer tid);
extern Oid sl_table_change_sequence(void);

/* table_lookup.c */
extern TupleTableSlot *sl_table_fetch_hot(Store *store, StoreTable table, ItemPointer tid);
extern TupleTableSlot *sl_table_find_hot(Store *store, StoreIndex index, ScanKey keys,
										 int num_keys);
extern bool sl_table_find_column(Store *store, StoreIndex index, ScanKey keys, int num_keys,
								 AttrNumber column, Datum *value);

/* tuple_state.c */
extern bool sl_tuple_is_changing(TupleTableSlot *slot);
extern bool sl_tuple_is_ours(TupleTableSlot *slot);

/* table_write.c */
extern PinResult sl_table_pin(Store *store, StoreTable table, ItemPointer tid);
extern void sl_table_insert(Store *store, StoreTable table, const Datum *values, const bool *nulls);
extern void sl_table_insert_many(Store *store, StoreTable table, int num_rows,
								 void (*fill)(int i, Datum *values, bool *nulls, void *arg),
								 void *arg);
extern void sl_table_update(Store *store, StoreTable table, ItemPointer tid, const Datum *values,
							const bool *nulls);
extern bool sl_table_delete(Store *store, StoreTable table, ItemPointer tid);

/* store_key.c */
extern void sl_key_int32(ScanKey key, AttrNumber column, int32 value);
extern void sl_key_int32_from(ScanKey key, AttrNumber column, int32 value);
extern void sl_key_int32_to(ScanKey key, AttrNumber column, int32 value);
extern void sl_key_int64_above(ScanKey key, AttrNumber column, int64 value);
extern void sl_key_text_datum(ScanKey key, AttrNumber column, Datum value);
extern void sl_key_text(ScanKey key, AttrNumber column, const char *value);
extern void sl_key_uuid(ScanKey key, AttrNumber column, const pg_uuid_t *value);

extern Datum sl_datum_int32_array(int n, const int32 *values);
extern Datum sl_datum_int64_array(int n, const int64 *values);
extern int32 *sl_datum_to_int32_array(Datum datum, int *n);

#endif /* SEATLOCK_TABLE_H */
