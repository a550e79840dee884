/*-------------------------------------------------------------------------
 *
 * tuple_state.c
 *		Who is at work on a row, as its header tells.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/transam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "storage/procarray.h"

#include "store/table.h"

/*
 * Does another transaction's change or lock of a row stand in the way?  A change
 * that was committed since our snapshot was taken does: what we see is an old
 * version.  A lock is over with its transaction.
 */
static bool
is_in_the_way(TransactionId xid, bool lock_only)
{
	if (TransactionIdIsCurrentTransactionId(xid))
		return false;
	return TransactionIdIsInProgress(xid) || (!lock_only && TransactionIdDidCommit(xid));
}

/*
 * Several transactions have locked or changed the row.  Our own may be among
 * them, as after a savepoint was rolled back, and does not stand in our way.
 */
static bool
other_member_is_in_the_way(MultiXactId multi, bool lock_only)
{
	MultiXactMember *members;
	int num_members = GetMultiXactIdMembers(multi, &members, false, lock_only);
	bool found = false;

	for (int i = 0; i < num_members && !found; i++)
		found = members[i].status != MultiXactStatusForKeyShare &&
				is_in_the_way(members[i].xid, !ISUPDATE_from_mxstatus(members[i].status));
	if (num_members > 0)
		pfree(members);
	return found;
}

/*
 * Has another running or prepared transaction changed or locked this row, or one
 * changed it that ended after the snapshot?  A lock on its key alone, as a foreign
 * key takes it, is no matter: no verb changes a key.
 */
bool
sl_tuple_is_changing(TupleTableSlot *slot)
{
	HeapTupleHeader tuple = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;
	TransactionId xmax;
	bool lock_only;

	if (tuple->t_infomask & HEAP_XMAX_INVALID)
		return false;
	xmax = HeapTupleHeaderGetRawXmax(tuple);
	if (!TransactionIdIsValid(xmax))
		return false;
	lock_only = HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_infomask);
	if (lock_only && HEAP_XMAX_IS_KEYSHR_LOCKED(tuple->t_infomask) &&
		!(tuple->t_infomask & HEAP_XMAX_IS_MULTI))
		return false;
	if (tuple->t_infomask & HEAP_XMAX_IS_MULTI)
		return other_member_is_in_the_way(xmax, lock_only);
	return is_in_the_way(xmax, lock_only);
}

/* Has this transaction written or locked the row, and not rolled that back? */
bool
sl_tuple_is_ours(TupleTableSlot *slot)
{
	HeapTupleHeader tuple = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;

	if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple)))
		return true;
	return !(tuple->t_infomask & (HEAP_XMAX_INVALID | HEAP_XMAX_IS_MULTI)) &&
		   TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmax(tuple));
}
