/*-------------------------------------------------------------------------
 *
 * table_lookup.c
 *		The two look-ups of every claim, at their least cost.
 *
 * State rows.  The server's own index fetch prunes a page as soon as it is
 * fuller than the table's fillfactor wants it: for seat_state, which is loaded
 * to that mark, after every update, so every look at a seat sold a moment ago
 * wrote a page and a WAL record (11 % of a claim's time).  Here a page is
 * pruned only when it has no room for many more versions; until then the room
 * that fillfactor left takes them.  Updates stay heap-only either way.
 *
 * Labels.  The index carries the seat's number, so the cold heap is visited
 * only where the visibility map does not vouch for the page, as in any
 * index-only scan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/visibilitymap.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"

#include "store/table.h"

/* below this much room a page is pruned before it is read */
#define MIN_ROOM (BLCKSZ / 8)

static void
prune_when_full(Relation rel, Buffer buffer)
{
	Page page = BufferGetPage(buffer);

	/* unlocked, as heap_page_prune_opt looks itself: a wrong guess costs one prune */
	if (PageIsFull(page) || PageGetHeapFreeSpace(page) < MIN_ROOM)
		heap_page_prune_opt(rel, buffer);
}

/* The version at this index entry that the snapshot sees, into the table's slot. */
static TupleTableSlot *
fetch_version(Store *store, OpenTable *table, ItemPointer tid)
{
	BufferHeapTupleTableSlot *slot = (BufferHeapTupleTableSlot *) table->found;
	HeapTuple tuple = &slot->base.tupdata;
	ItemPointerData at = *tid;
	Buffer buffer;
	bool found;

	ExecClearTuple(table->found);
	buffer = ReadBuffer(table->rel, ItemPointerGetBlockNumber(&at));
	prune_when_full(table->rel, buffer);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	found = heap_hot_search_buffer(&at, table->rel, buffer, store->snapshot, tuple, NULL, true);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	if (found)
	{
		tuple->t_self = at;
		ExecStorePinnedBufferHeapTuple(tuple, table->found, buffer);
		return table->found;
	}
	ReleaseBuffer(buffer);
	return NULL;
}

/*
 * As sl_table_fetch, but the place is that of a row's first version, as the
 * index has it: the one that the snapshot sees may be another in its page.
 */
TupleTableSlot *
sl_table_fetch_hot(Store *store, StoreTable id, ItemPointer tid)
{
	OpenTable *table = sl_table_open(store, id);

	return sl_table_has_block(table, ItemPointerGetBlockNumber(tid))
			   ? fetch_version(store, table, tid)
			   : NULL;
}

/*
 * As sl_table_find for a unique index, of a table whose pages are hot.
 *
 * A seat that has changed hands many times while somebody holds an old snapshot
 * has an entry for each page that its versions have filled.  The newest has the
 * highest place, since no page that they are in can be used again: so the scan
 * goes backwards, and finds it first.  (The index must not deduplicate: scans in
 * either direction read the places of one entry upwards.)
 */
TupleTableSlot *
sl_table_find_hot(Store *store, StoreIndex index, ScanKey keys, int num_keys)
{
	OpenTable *table;
	IndexScanDesc scan = sl_table_scan(store, index, num_keys, &table);
	ItemPointer tid;

	index_rescan(scan, keys, num_keys, NULL, 0);
	while ((tid = index_getnext_tid(scan, BackwardScanDirection)) != NULL)
	{
		TupleTableSlot *slot = fetch_version(store, table, tid);

		if (slot != NULL)
			return slot;
	}
	return NULL;
}

/*
 * One column of the row with these keys, from the index alone where that is
 * sure to be visible.  False when there is no such row.
 */
bool
sl_table_find_column(Store *store, StoreIndex index, ScanKey keys, int num_keys, AttrNumber column,
					 Datum *value)
{
	OpenTable *table;
	IndexScanDesc scan = sl_table_scan(store, index, num_keys, &table);
	ItemPointer tid;

	scan->xs_want_itup = true;
	index_rescan(scan, keys, num_keys, NULL, 0);
	while ((tid = index_getnext_tid(scan, ForwardScanDirection)) != NULL)
	{
		bool isnull;

		if (!VM_ALL_VISIBLE(table->rel, ItemPointerGetBlockNumber(tid), &table->vm_buffer) &&
			!index_fetch_heap(scan, table->found))
			continue;
		*value = index_getattr(scan->xs_itup, column, scan->xs_itupdesc, &isnull);
		return !isnull;
	}
	return false;
}
