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
 * Whoever drew a lower seq did so before 3 and had its transaction id before
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
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

#include "store_feed.h"
#include "store_read.h"

/* Up to where the feed may go. */
typedef struct FeedLimit
{
	int64 last_seq;
	FullTransactionId oldest_open; /* fences up to this are safe */
	FullTransactionId last_native; /* and so are fences beyond this */
} FeedLimit;

static int64 read_last_seq(SqlScope *scope);
static TransactionId *read_open_writers(SqlScope *scope, int32 event_id, uint64 *num_writers);
static FullTransactionId find_oldest(const TransactionId *xids, uint64 num_xids,
									 FullTransactionId next);
static FullTransactionId widen_xid(TransactionId xid, FullTransactionId next);
static uint64 max_unlogged_xids(void);
static void read_page(SqlScope *scope, ReturnSetInfo *result, int32 event_id, int64 after,
					  int max_rows, const FeedLimit *limit);

void
sl_store_feed_read(ReturnSetInfo *result, const char *event, int64 after, int max_rows)
{
	SqlScope scope;
	FeedLimit limit;
	int32 event_id;
	TransactionId *writers = NULL;
	uint64 num_writers = 0;
	bool standby = RecoveryInProgress();

	sl_sql_begin(&scope, true);
	event_id = sl_sql_find_event(&scope, event);
	limit.last_seq = standby ? PG_INT64_MAX : read_last_seq(&scope);
	if (limit.last_seq > after)
	{
		FullTransactionId next;

		if (!standby)
			writers = read_open_writers(&scope, event_id, &num_writers);
		PushActiveSnapshot(GetLatestSnapshot());
		next = ReadNextFullTransactionId();
		limit.last_native = next;
		if (standby)
		{
			limit.oldest_open = widen_xid(GetActiveSnapshot()->xmin, next);
			limit.last_native.value += max_unlogged_xids();
		}
		else
			limit.oldest_open = find_oldest(writers, num_writers, next);
		read_page(&scope, result, event_id, after, max_rows, &limit);
		PopActiveSnapshot();
	}
	sl_sql_end(&scope);
}

/* Reading a sequence looks at its page and at no snapshot. */
static int64
read_last_seq(SqlScope *scope)
{
	bool isnull;

	if (sl_sql_run(scope, "SELECT last_value - (NOT is_called)::integer FROM seatlock.change_seq",
				   0, NULL) != 1)
		elog(ERROR, "could not read sequence \"seatlock.change_seq\"");
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/*
 * The transaction ids of all who hold the event's lock.  Not by process: a
 * prepared transaction has none.  One scan of the lock table serves both sides
 * of the join, for speed.
 */
static TransactionId *
read_open_writers(SqlScope *scope, int32 event_id, uint64 *num_writers)
{
	SqlArg args[2];
	TransactionId *xids;
	bool isnull;

	args[0] = sql_arg(INT4OID, Int32GetDatum(event_id));
	args[1] = sql_arg(OIDOID, ObjectIdGetDatum(MyDatabaseId));
	*num_writers = sl_sql_run(
		scope,
		"WITH lock AS MATERIALIZED ("
		"  SELECT locktype, database, classid, objid, objsubid, transactionid, virtualtransaction"
		"    FROM pg_locks"
		"   WHERE granted AND locktype IN ('advisory', 'transactionid'))"
		" SELECT id.transactionid"
		"   FROM lock id"
		"  WHERE id.locktype = 'transactionid' AND id.virtualtransaction IN ("
		"        SELECT virtualtransaction FROM lock"
		"         WHERE locktype = 'advisory' AND database = $2 AND objsubid = 24231"
		"           AND classid = $1::bigint::oid AND objid = 0)",
		2, args);
	xids = palloc(sizeof(TransactionId) * Max(*num_writers, 1));
	for (uint64 i = 0; i < *num_writers; i++)
		xids[i] = DatumGetTransactionId(
			SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
	return xids;
}

static FullTransactionId
find_oldest(const TransactionId *xids, uint64 num_xids, FullTransactionId next)
{
	FullTransactionId oldest = next;

	for (uint64 i = 0; i < num_xids; i++)
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

/* Safety is asked of max_rows rows at most, so a poll never costs more. */
static void
read_page(SqlScope *scope, ReturnSetInfo *result, int32 event_id, int64 after, int max_rows,
		  const FeedLimit *limit)
{
	SqlArg args[6];

	args[0] = sql_arg(INT4OID, Int32GetDatum(event_id));
	args[1] = sql_arg(INT8OID, Int64GetDatum(after));
	args[2] = sql_arg(INT8OID, Int64GetDatum(limit->last_seq));
	args[3] = sql_arg(INT4OID, Int32GetDatum(max_rows));
	args[4] = sql_arg(XID8OID, FullTransactionIdGetDatum(limit->oldest_open));
	args[5] = sql_arg(XID8OID, FullTransactionIdGetDatum(limit->last_native));
	sl_store_read_rows(scope, result,
					   "WITH page AS MATERIALIZED ("
					   "  SELECT *, fence <= $5 OR fence > $6 AS is_safe"
					   "    FROM seatlock.change"
					   "   WHERE event_id = $1 AND seq > $2 AND seq <= $3"
					   "   ORDER BY seq LIMIT $4)"
					   " SELECT seq, changed_at, action, token::text, holder,"
					   "        ARRAY(SELECT s.label::text FROM seatlock.seat s"
					   "               WHERE s.event_id = $1 AND s.seat_no = ANY (page.seats)"
					   "               ORDER BY s.seat_no),"
					   "        order_ref, actor"
					   "   FROM page"
					   "  WHERE seq <= (SELECT max(seq) FROM page WHERE is_safe)"
					   "  ORDER BY seq",
					   6, args);
}
