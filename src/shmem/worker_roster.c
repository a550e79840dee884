/*-------------------------------------------------------------------------
 *
 * worker_roster.c
 *		Who works for which database: what it is told, what it says, what it has done.
 *
 * An entry for each database and kind of worker, group or Redis.  step() alone
 * changes its state:
 *
 *                 ask                join
 *         away ----------> starting ----------> on duty
 *          ^                |   |                  |
 *          |<-- turned away,    | start failed     | exit
 *          |    or 10 s         v                  |
 *          |<----- 60 s ----- put off              |
 *          '---------------------------------------'
 *
 *		away		nobody works
 *		starting	somebody has asked for a worker; over after MAX_START_MS
 *		put off		there was no free worker slot; over after RETRY_MS
 *		on duty		a process works for the database
 *
 * The postmaster starts some workers with the server, and all anew after an
 * error: so one may join from away and put off too.  While it is dismissed, none
 * is asked for, and one that comes is turned away.
 *
 * Lock protocol: all under the roster's one lock, written with it exclusive, but
 *
 *		database	read without it too by backends of that database: as long as
 *					they are, the entry is their database's or another one's,
 *					and then they take the lock
 *		proc		number of the worker's PGPROC, NO_PROC when it is not on
 *					duty; atomic, since a process that wakes a worker reads it without.  A
 *					latch set too much is harmless
 *		dismissed	how many want the database without its workers; atomic,
 *					since the worker reads it without
 *		counts		written by the worker, withdrawn by callers; atomic
 *		nonce, epochs	the Redis worker's own while it is on duty, and kept for
 *					the next one: after a crash it goes on with its lease
 *
 * An entry is kept while its worker is away, for the statistics, and given to
 * another database when all are in use.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/builtins.h"

#include "base/clock.h"
#include "base/compat.h"
#include "base/errors.h"
#include "shmem/worker_roster.h"

#define NO_PROC PG_UINT32_MAX
#define NONCE_BYTES 16

/* a start that took longer than this has failed; somebody else may try */
#define MAX_START_MS 10000

/* pause after no worker could be started */
#define RETRY_MS 60000

/* longest wait for workers to go */
#define MAX_LEAVE_MS 5000

typedef enum WorkerState
{
	WORKER_AWAY,
	WORKER_STARTING,
	WORKER_PUT_OFF,
	WORKER_ON_DUTY
} WorkerState;

struct WorkerEntry
{
	Oid database;
	WorkerState state;
	int64 since; /* ticks at the last step; 0: none yet */
	pid_t pid;
	pg_atomic_uint32 proc;
	pg_atomic_uint32 dismissed;
	pg_atomic_uint64 counts[SL_MAX_WORKER_COUNTS];
	WorkerStatus status;
	RedisOrders orders;
	char nonce[2 * NONCE_BYTES + 1];
	uint32 epochs;
};

typedef struct Roster
{
	LWLock *lock;
	WorkerEntry entries[NUM_WORKER_KINDS][SL_MAX_DATABASES];
} Roster;

static Roster *roster;
static WorkerEntry *here; /* of this database's group worker, once found */
static WorkerEntry *own;  /* of this process, when it is a worker */

Size
sl_worker_roster_shared_size(void)
{
	return sizeof(Roster);
}

void
sl_worker_roster_request_locks(void)
{
	RequestNamedLWLockTranche("seatlock_worker_roster", 1);
}

static void
init_entry(WorkerEntry *entry, Oid database)
{
	memset(entry, 0, sizeof(*entry));
	pg_atomic_init_u32(&entry->proc, NO_PROC);
	pg_atomic_init_u32(&entry->dismissed, 0);
	for (int i = 0; i < SL_MAX_WORKER_COUNTS; i++)
		pg_atomic_init_u64(&entry->counts[i], 0);
	entry->status.backlog = -1;
	entry->database = database;
}

/* Under AddinShmemInitLock. */
void
sl_worker_roster_attach(void)
{
	bool found;

	roster = ShmemInitStruct("seatlock worker roster", sl_worker_roster_shared_size(), &found);
	if (found)
		return;
	roster->lock = &GetNamedLWLockTranche("seatlock_worker_roster")->lock;
	for (int kind = 0; kind < NUM_WORKER_KINDS; kind++)
		for (int i = 0; i < SL_MAX_DATABASES; i++)
			init_entry(&roster->entries[kind][i], InvalidOid);
}

/*
 * First thing in a function that needs workers: 55000 without, and what to set; more
 * of that, or "".
 */
void
sl_worker_roster_require(const char *function, const char *more)
{
	if (roster == NULL)
		sl_error_not_preloaded(function, more);
}

static bool
is_dismissed(const WorkerEntry *entry)
{
	return pg_atomic_read_u32(unconstify(pg_atomic_uint32 *, &entry->dismissed)) != 0;
}

/* The state now: a start that took too long and a pause that is over leave it away. */
static WorkerState
state_of(const WorkerEntry *entry)
{
	int64 age = sl_clock_ticks() - entry->since;

	if ((entry->state == WORKER_STARTING && age >= MAX_START_MS) ||
		(entry->state == WORKER_PUT_OFF && age >= RETRY_MS))
		return WORKER_AWAY;
	return entry->state;
}

/* Does none run, nor is one on its way? */
static bool
is_away(const WorkerEntry *entry)
{
	WorkerState state = state_of(entry);

	return state == WORKER_AWAY || state == WORKER_PUT_OFF;
}

/* Go on to another state, as the drawing above allows; under the lock. */
static void
step(WorkerEntry *entry, WorkerState next)
{
	Assert(LWLockHeldByMeInMode(roster->lock, LW_EXCLUSIVE));
	Assert(next != WORKER_AWAY || entry->state == WORKER_STARTING || entry->pid == MyProcPid);
	Assert(next != WORKER_STARTING || (state_of(entry) == WORKER_AWAY && !is_dismissed(entry)));
	Assert(next != WORKER_PUT_OFF || entry->state == WORKER_STARTING);
	Assert(next != WORKER_ON_DUTY || (entry->state != WORKER_ON_DUTY && !is_dismissed(entry)));
	entry->state = next;
	entry->since = sl_clock_ticks();
	entry->pid = next == WORKER_ON_DUTY ? MyProcPid : 0;
	pg_atomic_write_u32(&entry->proc, next == WORKER_ON_DUTY ? MY_PROC_NUMBER : NO_PROC);
}

static WorkerEntry *
find_entry(WorkerKind kind, Oid database)
{
	for (int i = 0; i < SL_MAX_DATABASES; i++)
		if (roster->entries[kind][i].database == database)
			return &roster->entries[kind][i];
	return NULL;
}

/* An entry for a database; NULL when all are others' that have workers. */
static WorkerEntry *
find_or_make_entry(WorkerKind kind, Oid database)
{
	WorkerEntry *entry = find_entry(kind, database);

	if (entry != NULL)
		return entry;
	entry = find_entry(kind, InvalidOid);
	for (int i = 0; i < SL_MAX_DATABASES && entry == NULL; i++)
		if (is_away(&roster->entries[kind][i]) && !is_dismissed(&roster->entries[kind][i]))
			entry = &roster->entries[kind][i];
	if (entry != NULL)
		init_entry(entry, database);
	return entry;
}

/*
 * The entry behind which a worker stands or soon will; *wanted: once the caller
 * has started it.  NULL: there is none, and it is not the time to try.
 */
WorkerEntry *
sl_worker_roster_find(WorkerKind kind, Oid database, bool *wanted)
{
	bool is_mine = kind == WORKER_GROUP && database == MyDatabaseId;
	WorkerEntry *entry = is_mine ? sl_worker_roster_here() : NULL;

	*wanted = false;
	if (entry != NULL)
		return entry;
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(kind, database);
	if (entry != NULL && (is_dismissed(entry) || state_of(entry) == WORKER_PUT_OFF))
		entry = NULL;
	*wanted = entry != NULL && state_of(entry) == WORKER_AWAY;
	if (*wanted)
		step(entry, WORKER_STARTING);
	LWLockRelease(roster->lock);
	return entry;
}

/* Who was to start a worker could not: nobody tries for a while. */
void
sl_worker_roster_start_failed(WorkerKind kind, Oid database, const char *message)
{
	WorkerEntry *entry;

	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	entry = find_entry(kind, database);
	if (entry != NULL && entry->state == WORKER_STARTING)
	{
		step(entry, WORKER_PUT_OFF);
		strlcpy(entry->status.last_error, message, SL_WORKER_ERROR_LENGTH);
	}
	LWLockRelease(roster->lock);
}

/*
 * The entry of this database, when its group worker runs; else NULL.  Looked for
 * without the lock: while somebody is connected to a database, its entry is
 * not given to another, unless its worker has gone.
 */
WorkerEntry *
sl_worker_roster_here(void)
{
	if (roster == NULL)
		return NULL;
	if (here == NULL || here->database != MyDatabaseId)
		here = find_entry(WORKER_GROUP, MyDatabaseId);
	if (here == NULL || pg_atomic_read_u32(&here->proc) == NO_PROC)
		return NULL;
	return here;
}

/* The number of a group worker's entry, below SL_MAX_DATABASES. */
int
sl_worker_roster_number(const WorkerEntry *entry)
{
	return (int) (entry - roster->entries[WORKER_GROUP]);
}

void
sl_worker_roster_wake(WorkerEntry *entry)
{
	uint32 proc = pg_atomic_read_u32(&entry->proc);

	if (proc != NO_PROC)
		SetLatch(&ProcGlobal->allProcs[proc].procLatch);
}

/* A caller has taken its request back before the group worker took it. */
void
sl_worker_roster_count_withdrawn(WorkerEntry *entry)
{
	pg_atomic_fetch_add_u64(&entry->counts[GROUP_COUNT_WITHDRAWN], 1);
}

/* What this database's Redis worker is told, and wake it; NULL: none runs.  Under the lock. */
static RedisOrders *
find_orders(void)
{
	WorkerEntry *entry = find_entry(WORKER_REDIS, MyDatabaseId);

	if (entry == NULL || entry->state != WORKER_ON_DUTY)
		return NULL;
	sl_worker_roster_wake(entry);
	return &entry->orders;
}

/* Have an event published anew; false when no Redis worker runs. */
bool
sl_worker_roster_order_resync(int32 event_id)
{
	RedisOrders *orders;

	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	orders = find_orders();
	if (orders != NULL && orders->num_resyncs < SL_MAX_RESYNCS)
		orders->resyncs[orders->num_resyncs++] = event_id;
	else if (orders != NULL)
		orders->resync_all = true;
	LWLockRelease(roster->lock);
	return orders != NULL;
}

/* Have the Redis worker own the keys, whichever does now; false when none runs. */
bool
sl_worker_roster_order_take_over(void)
{
	RedisOrders *orders;

	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	orders = find_orders();
	if (orders != NULL)
		orders->take_over = true;
	LWLockRelease(roster->lock);
	return orders != NULL;
}

static void
leave_at_exit(int code, Datum arg)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	step(own, WORKER_AWAY);
	own->status.connected = false;
	own->status.owner = REDIS_NOBODY;
	own->status.backlog = -1;
	LWLockRelease(roster->lock);
}

/* Become the worker of this database; false when it has one, or wants none. */
bool
sl_worker_roster_join(WorkerKind kind)
{
	WorkerEntry *entry;

	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(kind, MyDatabaseId);
	if (entry != NULL && entry->state != WORKER_ON_DUTY && !is_dismissed(entry))
	{
		step(entry, WORKER_ON_DUTY);
		own = entry;
	}
	else if (entry != NULL && entry->state == WORKER_STARTING)
		step(entry, WORKER_AWAY);
	LWLockRelease(roster->lock);
	if (own != NULL)
		on_shmem_exit(leave_at_exit, (Datum) 0);
	return own != NULL;
}

bool
sl_worker_roster_is_dismissed(void)
{
	return is_dismissed(own);
}

void
sl_worker_roster_count(int counter, int more)
{
	pg_atomic_fetch_add_u64(&own->counts[counter], more);
}

void
sl_worker_roster_note_error(const char *message)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	strlcpy(own->status.last_error, message, SL_WORKER_ERROR_LENGTH);
	LWLockRelease(roster->lock);
}

void
sl_worker_roster_count_group(int num_requests)
{
	sl_worker_roster_count(GROUP_COUNT_GROUPS, 1);
	sl_worker_roster_count(GROUP_COUNT_REQUESTS, num_requests);
	if (pg_atomic_read_u64(&own->counts[GROUP_COUNT_LARGEST]) < num_requests)
		pg_atomic_write_u64(&own->counts[GROUP_COUNT_LARGEST], num_requests);
}

/* What no other worker has; kept for the next one of the entry. */
const char *
sl_worker_roster_nonce(void)
{
	char bytes[NONCE_BYTES];

	if (own->nonce[0] == '\0')
	{
		if (!pg_strong_random(bytes, sizeof(bytes)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not draw a random nonce")));
		hex_encode(bytes, sizeof(bytes), own->nonce);
	}
	return own->nonce;
}

uint32
sl_worker_roster_next_epoch(void)
{
	return ++own->epochs;
}

/* Is there something for the worker to do?  To be asked before it sleeps. */
bool
sl_worker_roster_has_orders(void)
{
	bool has_orders;

	LWLockAcquire(roster->lock, LW_SHARED);
	has_orders = own->orders.take_over || own->orders.resync_all || own->orders.num_resyncs > 0;
	LWLockRelease(roster->lock);
	return has_orders;
}

void
sl_worker_roster_take_orders(RedisOrders *orders)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	*orders = own->orders;
	memset(&own->orders, 0, sizeof(own->orders));
	LWLockRelease(roster->lock);
}

void
sl_worker_roster_say(const WorkerStatus *status)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	own->status = *status;
	LWLockRelease(roster->lock);
}

static bool
are_away(Oid database)
{
	bool away = true;

	LWLockAcquire(roster->lock, LW_SHARED);
	for (int kind = 0; kind < NUM_WORKER_KINDS; kind++)
	{
		WorkerEntry *entry = find_entry(kind, database);

		away = away && (entry == NULL || is_away(entry));
	}
	LWLockRelease(roster->lock);
	return away;
}

/*
 * Send the workers of a database away and wait until they are gone; false when
 * there were none.  Until sl_worker_roster_readmit, no other ones come, whatever
 * asks for them.  One that does not obey is left to the caller's command, which
 * says what is wrong with it.
 */
bool
sl_worker_roster_dismiss(Oid database)
{
	int64 deadline = sl_clock_ticks() + MAX_LEAVE_MS;
	bool were_away = are_away(database);
	int nap_ms = 1;

	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	for (int kind = 0; kind < NUM_WORKER_KINDS; kind++)
	{
		WorkerEntry *entry = find_or_make_entry(kind, database);

		if (entry == NULL)
			continue;
		pg_atomic_fetch_add_u32(&entry->dismissed, 1);
		sl_worker_roster_wake(entry);
	}
	LWLockRelease(roster->lock);
	while (!are_away(database) && sl_clock_nap(deadline, &nap_ms))
		continue;
	return !were_away;
}

/* The end of what sl_worker_roster_dismiss has begun. */
void
sl_worker_roster_readmit(Oid database)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	for (int kind = 0; kind < NUM_WORKER_KINDS; kind++)
	{
		WorkerEntry *entry = find_entry(kind, database);

		if (entry != NULL && is_dismissed(entry))
			pg_atomic_fetch_sub_u32(&entry->dismissed, 1);
	}
	LWLockRelease(roster->lock);
}

/* Copy an entry of this database; false when nobody ever asked for such a worker. */
bool
sl_worker_roster_report(WorkerKind kind, WorkerReport *report)
{
	WorkerEntry *entry;

	LWLockAcquire(roster->lock, LW_SHARED);
	entry = find_entry(kind, MyDatabaseId);
	if (entry != NULL && entry->since == 0)
		entry = NULL;
	if (entry != NULL)
	{
		report->pid = entry->pid;
		report->status = entry->status;
		for (int i = 0; i < SL_MAX_WORKER_COUNTS; i++)
			report->counts[i] = pg_atomic_read_u64(&entry->counts[i]);
	}
	LWLockRelease(roster->lock);
	return entry != NULL;
}

/* Count from zero again for this database; redis_status(), which is no count, stays. */
void
sl_worker_roster_reset(void)
{
	LWLockAcquire(roster->lock, LW_EXCLUSIVE);
	for (int kind = 0; kind < NUM_WORKER_KINDS; kind++)
	{
		WorkerEntry *entry = find_entry(kind, MyDatabaseId);

		if (entry == NULL)
			continue;
		for (int i = 0; i < SL_MAX_WORKER_COUNTS; i++)
			pg_atomic_write_u64(&entry->counts[i], 0);
		if (kind == WORKER_GROUP)
			entry->status.last_error[0] = '\0';
	}
	LWLockRelease(roster->lock);
}
