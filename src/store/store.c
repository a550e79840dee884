/*-------------------------------------------------------------------------
 *
 * store.c
 *		Snapshots: what a look at the tables sees, and when it is taken anew.
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

#include "access/xact.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

#include "base/settings.h"
#include "store/table.h"

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
	return sl_table_oid(TABLE_EVENT);
}

/*
 * Lock all that a verb may touch, or nothing for sure.  A call that opens a
 * table later then has nothing to wait for.
 */
bool
sl_store_try_lock(Store *store)
{
	if (!ConditionalLockRelationOid(sl_table_change_sequence(), table_lock_mode(store)))
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

/*
 * Look through a new snapshot from now on.  The new one is taken before the
 * old one is given up, and the changes of this transaction so far are in it.
 */
void
sl_store_refresh(Store *store)
{
	if (sl_fault_is(FAULT_STALE_RECHECK) && store->have_snapshot)
		return;

	sl_table_end_scans(store);
	if (store->have_snapshot)
		PopActiveSnapshot();
	if (store->writing)
		CommandCounterIncrement();
	if (store->latest)
	{
		PushActiveSnapshot(GetLatestSnapshot());
		/* the locks that we have already bring no news of what was committed since */
		AcceptInvalidationMessages();
	}
	else
		PushActiveSnapshot(GetActiveSnapshot());
	store->snapshot = GetActiveSnapshot();
	store->have_snapshot = true;
	store->generation = sl_table_generation(TABLES_OF_LAYOUTS);
}

/* Close; locks on tables stay until the transaction ends, as after any DML. */
void
sl_store_close(Store *store)
{
	sl_table_close_all(store);
	if (store->estate != NULL)
		FreeExecutorState(store->estate);
	if (store->have_snapshot)
		PopActiveSnapshot();
	if (store->writing)
		CommandCounterIncrement();
	pfree(store);
}

/*
 * Is a pin needed even where a lock keeps other calls from the row?  It is what
 * compares with the transaction's own snapshot, and without any advisory lock it
 * alone decides.
 */
bool
sl_store_must_pin(void)
{
	return IsolationUsesXactSnapshot() || !sl_fault_is(FAULT_NONE);
}
