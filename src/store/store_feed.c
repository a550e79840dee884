/*-------------------------------------------------------------------------
 *
 * store_feed.c
 *		The change feed of an event: seq only rises, nothing is skipped.
 *
 * A poller asks for what comes after the last seq that it saw.  Were a row
 * given out while a transaction with a lower seq is still open, that lower one
 * would commit behind the poller's back and never be read.  So the feed ends
 * before the first row of which this is to be feared.
 *
 * What a writer does, in this order, and what follows from it:
 *
 *	 1. it takes the event's advisory lock, in any mode, until its end;
 *	 2. it has a transaction id;
 *	 3. it draws seq from the sequence (which must not cache values);
 *	 4. it reads the cluster's next transaction id, and writes it as fence.
 *
 * A call that drew a lower seq did so before 3 and had its transaction id before
 * that, so that id is below fence.  Hence a row is *safe*, with all rows of
 * lower seq, once no open writer of the event has a transaction id below the
 * row's fence.  A later safe row proves the same of all rows before it, so the
 * feed goes up to the last safe one.
 *
 * Open writers are found by their locks, since transactions that have nothing
 * to do with the event must not hold it back.  The order of the reader's steps:
 *
 *	 a. the sequence's last value: nothing above it is given out;
 *	 b. the lowest transaction id among the holders of the event's lock;
 *	 c. a new snapshot, whatever the isolation level: the feed answers from now;
 *	 d. the cluster's next transaction id.
 *
 * Who drew a seq up to (a) either still holds lock and transaction id at (b),
 * or has ended before it; and since locks are released after the end is
 * visible to snapshots, (c) sees all its rows.  A holder that has no id at (b)
 * will draw a seq above (a).  Prepared transactions keep their locks and count.
 * The reader's own open transaction counts too: its rows may yet be rolled
 * back, so they stay out, and so does what comes after them.
 *
 * A fence above (d) counts ids that this cluster has never given out, or lost
 * in a crash: the row was restored from another cluster, or is older than the
 * crash, and so are all rows of lower seq: it is safe.  The next id must be
 * read after the snapshot: read before, it could lie below the fence of a row
 * that has been written in between.
 *
 * A standby knows no locks.  There a row is safe when its fence is not above
 * the oldest transaction id that the snapshot of (c) takes for running, and no
 * bound (a) is needed, as one snapshot tells both.  But ids reach a standby
 * only with what their transactions log, so the fence of a native row may lie
 * above the next id known here: by as many as there can be transactions and
 * subtransactions that have an id and have logged nothing yet.  Only beyond
 * that a fence proves a restore.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/twophase.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "store/lockkey.h"
#include "store/store_read.h"
#include "store/table.h"

/* Up to where the feed may go. */
typedef struct FeedLimit
{
	int64 last_seq;
	FullTransactionId oldest_open; /* fences up to this are safe */
	FullTransactionId last_native; /* and so are fences beyond this */
} FeedLimit;

static FullTransactionId find_oldest(const TransactionId *xids, int num_xids,
									 FullTransactionId next);
static FullTransactionId widen_xid(TransactionId xid, FullTransactionId next);
static uint64 max_unlogged_xids(void);
static void read_page(Store *store, ReturnSetInfo *result, const EventRow *event, int64 after,
					  int max_rows, const FeedLimit *limit);

void
sl_store_feed_read(ReturnSetInfo *result, const char *event, int64 after, int max_rows)
{
	Store *store = sl_store_open_latest();
	FeedLimit limit;
	EventRow row;
	TransactionId *writers = NULL;
	int num_writers = 0;
	bool standby = RecoveryInProgress();

	sl_store_require_event(store, event, &row);
	limit.last_seq = standby ? PG_INT64_MAX : sl_store_read_last_seq();
	if (limit.last_seq > after)
	{
		FullTransactionId next;

		if (!standby)
			writers = sl_lockkey_find_writers(row.event_id, &num_writers);
		sl_store_refresh(store);
		next = ReadNextFullTransactionId();
		limit.last_native = next;
		if (standby)
		{
			limit.oldest_open = widen_xid(store->snapshot->xmin, next);
			limit.last_native.value += max_unlogged_xids();
		}
		else
			limit.oldest_open = find_oldest(writers, num_writers, next);
		read_page(store, result, &row, after, max_rows, &limit);
	}
	sl_store_close(store);
}

static FullTransactionId
find_oldest(const TransactionId *xids, int num_xids, FullTransactionId next)
{
	FullTransactionId oldest = next;

	for (int i = 0; i < num_xids; i++)
	{
		FullTransactionId xid = widen_xid(xids[i], next);

		if (FullTransactionIdPrecedes(xid, oldest))
			oldest = xid;
	}
	return oldest;
}

/* An id of a running transaction is less than one wrap-around behind the next. */
static FullTransactionId
widen_xid(TransactionId xid, FullTransactionId next)
{
	uint32 epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return FullTransactionIdFromEpochAndXid(epoch, xid);
}

/*
 * How many transaction ids can have been given out on the primary without a
 * trace in its log: subtransactions log their ids when a process has so many
 * of them.  A standby allows at least as many connections, walsenders, workers
 * and prepared transactions as its primary; twice that covers the few other
 * processes.
 */
static uint64
max_unlogged_xids(void)
{
	return (uint64) 2 * (MaxBackends + max_prepared_xacts) * (PGPROC_MAX_CACHED_SUBXIDS + 1);
}

static bool
is_safe(const ChangeView *change, const FeedLimit *limit)
{
	return FullTransactionIdPrecedesOrEquals(change->fence, limit->oldest_open) ||
		   FullTransactionIdFollows(change->fence, limit->last_native);
}

/* The last seq that may be given out; safety is asked of max_rows rows at most. */
static int64
find_last_safe(Store *store, int32 event_id, int64 after, int max_rows, const FeedLimit *limit)
{
	int64 last_safe = after;
	ChangeWalk walk;

	sl_store_begin_changes(&walk, store, event_id, after);
	for (int i = 0; i < max_rows && sl_store_next_change(&walk); i++)
	{
		if (walk.change.seq > limit->last_seq)
			break;
		if (is_safe(&walk.change, limit))
			last_safe = walk.change.seq;
	}
	return last_safe;
}

/* Labels of the change at hand, in its memory; returns how many there are. */
static int
find_labels(ChangeWalk *walk, int32 layout_id, Datum **labels)
{
	MemoryContext old_context = MemoryContextSwitchTo(walk->context);
	int num_seats;
	int32 *seats = sl_store_read_change_seats(walk, &num_seats);

	sl_store_sort_seats(seats, num_seats);
	*labels = palloc_extended(sizeof(Datum) * Max(num_seats, 1), MCXT_ALLOC_HUGE);
	MemoryContextSwitchTo(old_context);
	return sl_store_find_labels(walk->store, layout_id, num_seats, seats, walk->context, *labels);
}

static void
put_change(ReturnSetInfo *result, const ChangeView *change, Datum *labels, int num_labels)
{
	Datum values[9];
	bool nulls[9] = {false};

	values[0] = Int64GetDatum(change->seq);
	values[1] = TimestampTzGetDatum(change->changed_at);
	values[2] = PointerGetDatum(change->action);
	values[3] = sl_store_token_text(change->token, &nulls[3]);
	values[4] = PointerGetDatum(change->holder);
	nulls[4] = change->holder == NULL;
	values[5] =
		PointerGetDatum(construct_array(labels, num_labels, TEXTOID, -1, false, TYPALIGN_INT));
	values[6] = PointerGetDatum(change->order_ref);
	nulls[6] = change->order_ref == NULL;
	values[7] = PointerGetDatum(change->actor);
	values[8] = PointerGetDatum(change->reason);
	nulls[8] = change->reason == NULL;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
read_page(Store *store, ReturnSetInfo *result, const EventRow *event, int64 after, int max_rows,
		  const FeedLimit *limit)
{
	int64 last_safe = find_last_safe(store, event->event_id, after, max_rows, limit);
	ChangeWalk walk;

	if (last_safe == after)
		return;
	sl_store_begin_changes(&walk, store, event->event_id, after);
	while (sl_store_next_change(&walk) && walk.change.seq <= last_safe)
	{
		Datum *labels;
		int num_labels = find_labels(&walk, event->layout_id, &labels);
		MemoryContext old_context = MemoryContextSwitchTo(walk.context);

		put_change(result, &walk.change, labels, num_labels);
		MemoryContextSwitchTo(old_context);
	}
}
