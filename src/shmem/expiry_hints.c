/*-------------------------------------------------------------------------
 *
 * expiry_hints.c
 *		Which holds end when: told by those who make them, for the worker.
 *
 * A table without an index on the lapse cannot be asked for the next one, so
 * a call that writes a hold leaves its end here.  It is a hint and told before the
 * commit: the worker reads the hold itself when the time has come.  What gets
 * lost, as when there is no room or no worker, it finds when it next reads the
 * whole table.
 *
 * Lock protocol: one spinlock per list guards all its fields.  It is held over
 * copies of a few hundred bytes, never over anything that could fail.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/shmem.h"
#include "storage/spin.h"

#include "shmem/expiry_hints.h"
#include "shmem/worker_roster.h"

#define MAX_HINTS 1024

typedef struct DueList
{
	slock_t mutex;
	TimestampTz sleeps_until; /* the worker; an earlier end must wake it */
	bool lost;                /* there was no room for some */
	int num_holds;
	DueHold holds[MAX_HINTS];
} DueList;

static DueList *lists;

Size
sl_expiry_hints_shared_size(void)
{
	return mul_size(sizeof(DueList), SL_MAX_DATABASES);
}

/* Under AddinShmemInitLock. */
void
sl_expiry_hints_attach(void)
{
	bool found;

	lists = ShmemInitStruct("seatlock due holds", sl_expiry_hints_shared_size(), &found);
	if (found)
		return;
	memset(lists, 0, sl_expiry_hints_shared_size());
	for (int i = 0; i < SL_MAX_DATABASES; i++)
		SpinLockInit(&lists[i].mutex);
}

/* A hold of this database will end then, if it is committed and lives so long. */
void
sl_expiry_hints_tell(int32 event_id, const pg_uuid_t *token, TimestampTz expires_at)
{
	WorkerEntry *entry = sl_worker_roster_here();
	DueHold hold = {expires_at, event_id, *token};
	DueList *list;
	bool wake;

	if (entry == NULL)
		return;
	list = &lists[sl_worker_roster_number(entry)];
	SpinLockAcquire(&list->mutex);
	if (list->num_holds < MAX_HINTS)
		list->holds[list->num_holds++] = hold;
	else
		list->lost = true;
	wake = expires_at < list->sleeps_until;
	SpinLockRelease(&list->mutex);
	if (wake)
		sl_worker_roster_wake(entry);
}

static DueList *
own_list(void)
{
	return &lists[sl_worker_roster_number(sl_worker_roster_here())];
}

/* Take some of what was told, at most SL_MAX_DUE_TAKEN; *lost when not all could be kept. */
int
sl_expiry_hints_take(DueHold *holds, bool *lost)
{
	DueList *list = own_list();
	int count;

	SpinLockAcquire(&list->mutex);
	count = Min(list->num_holds, SL_MAX_DUE_TAKEN);
	list->num_holds -= count;
	memcpy(holds, list->holds + list->num_holds, count * sizeof(DueHold));
	*lost = list->lost;
	list->lost = false;
	list->sleeps_until = 0; /* awake: no end wakes it */
	SpinLockRelease(&list->mutex);
	return count;
}

/* Before the worker sleeps; false when there is something to take first. */
bool
sl_expiry_hints_sleep(TimestampTz until)
{
	DueList *list = own_list();
	bool nothing;

	SpinLockAcquire(&list->mutex);
	nothing = (list->num_holds == 0 && !list->lost);
	if (nothing)
		list->sleeps_until = until;
	SpinLockRelease(&list->mutex);
	return nothing;
}
