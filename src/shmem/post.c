/*-------------------------------------------------------------------------
 *
 * post.c
 *		The Redis worker of each database: who it is, what it is told, what it says.
 *
 * Lock protocol, field by field, of an entry:
 *
 *		database	written under the lock, exclusive, when the entry is made;
 *					never changed while pid or started_at is set
 *		pid, proc	written by the worker itself under the lock, exclusive,
 *					when it joins and when it exits
 *		started_at	when somebody last asked for a worker, in ticks, 0 when it
 *					has come; under the lock
 *		retry_at	not before then, in ticks, after no worker was to be had;
 *					under the lock
 *		dismissed	how many want the database without its worker: while it is
 *					not 0 none starts, and one that runs goes.  Written under
 *					the lock, exclusive; atomic, since the worker reads it
 *					without
 *		nonce		drawn by the first worker of the entry, kept for the next
 *					ones: a worker that was killed goes on with its lease
 *		epochs		counted up by the worker; under the lock
 *		orders		written by others, taken by the worker; under the lock
 *		status		written by the worker, under the lock
 *		counters	written by the worker; atomic
 *
 * An entry is kept while its worker is away, and given to another database when
 * all are in use.
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

#include "base/clock.h"
#include "base/compat.h"
#include "shmem/crew.h"
#include "shmem/post.h"

/* a start that took longer than this has failed; somebody else may try */
#define MAX_START_MS 10000

/* pause after no worker was to be had */
#define RETRY_MS 60000

/* longest wait for a worker to go */
#define MAX_LEAVE_MS 5000

#define NONCE_BYTES 16

typedef struct PostEntry
{
	Oid database;
	pid_t pid;
	int proc;
	int64 started_at;
	int64 retry_at;
	pg_atomic_uint32 dismissed;
	char nonce[2 * NONCE_BYTES + 1];
	uint32 epochs;
	PostOrders orders;
	PostStatus status;
	pg_atomic_uint64 counters[NUM_POST_COUNTERS];
} PostEntry;

typedef struct Post
{
	LWLock *lock;
	PostEntry entries[SL_MAX_CREW];
} Post;

static Post *post;
static PostEntry *mine; /* the worker's own */

Size
sl_post_shared_size(void)
{
	return sizeof(Post);
}

void
sl_post_request_locks(void)
{
	RequestNamedLWLockTranche("seatlock_redis", 1);
}

static void
init_entry(PostEntry *entry)
{
	memset(entry, 0, sizeof(*entry));
	pg_atomic_init_u32(&entry->dismissed, 0);
	for (int i = 0; i < NUM_POST_COUNTERS; i++)
		pg_atomic_init_u64(&entry->counters[i], 0);
	entry->status.backlog = -1;
}

/* Under AddinShmemInitLock. */
void
sl_post_attach(void)
{
	bool found;

	post = ShmemInitStruct("seatlock redis", sl_post_shared_size(), &found);
	if (found)
		return;
	post->lock = &GetNamedLWLockTranche("seatlock_redis")->lock;
	for (int i = 0; i < SL_MAX_CREW; i++)
		init_entry(&post->entries[i]);
}

static bool
is_dismissed(PostEntry *entry)
{
	return pg_atomic_read_u32(&entry->dismissed) != 0;
}

static PostEntry *
find_entry(Oid database)
{
	for (int i = 0; i < SL_MAX_CREW; i++)
		if (post->entries[i].database == database)
			return &post->entries[i];
	return NULL;
}

/* An entry for a database; NULL when all are others' whose workers run. */
static PostEntry *
find_or_make_entry(Oid database)
{
	PostEntry *entry = find_entry(database);

	if (entry == NULL)
		entry = find_entry(InvalidOid);
	for (int i = 0; i < SL_MAX_CREW && entry == NULL; i++)
		if (post->entries[i].pid == 0 && post->entries[i].started_at == 0 &&
			!is_dismissed(&post->entries[i]))
			entry = &post->entries[i];
	if (entry != NULL && entry->database != database)
	{
		init_entry(entry);
		entry->database = database;
	}
	return entry;
}

static bool
is_starting(const PostEntry *entry, int64 now)
{
	return entry->started_at != 0 && now < entry->started_at + MAX_START_MS;
}

/* Is it on the caller to start a worker for this database? */
bool
sl_post_is_wanted(Oid database)
{
	int64 now = sl_clock_ticks();
	PostEntry *entry;
	bool wanted;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(database);
	wanted = entry != NULL && entry->pid == 0 && !is_starting(entry, now) &&
			 now >= entry->retry_at && !is_dismissed(entry);
	if (wanted)
		entry->started_at = now;
	LWLockRelease(post->lock);
	return wanted;
}

/* Who was to start this database's worker could not: nobody tries for a while. */
void
sl_post_start_failed(const char *message)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_entry(MyDatabaseId);
	if (entry != NULL)
	{
		entry->started_at = 0;
		entry->retry_at = sl_clock_ticks() + RETRY_MS;
		strlcpy(entry->status.last_error, message, sizeof(entry->status.last_error));
	}
	LWLockRelease(post->lock);
}

static void
leave_at_exit(int code, Datum arg)
{
	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	mine->pid = 0;
	mine->status.connected = false;
	mine->status.owner = POST_NOBODY;
	mine->status.backlog = -1;
	LWLockRelease(post->lock);
}

static void
draw_nonce(PostEntry *entry)
{
	uint8 bytes[NONCE_BYTES];

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not draw a random nonce")));
	for (size_t i = 0; i < NONCE_BYTES; i++)
		snprintf(&entry->nonce[2 * i], 3, "%02x", bytes[i]);
}

/* Become the Redis worker of this database; false when it has one, or wants none. */
bool
sl_post_join(void)
{
	PostEntry *entry;
	bool joined = false;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(MyDatabaseId);
	if (entry != NULL && entry->pid == 0)
	{
		entry->started_at = 0;
		entry->retry_at = 0;
		joined = !is_dismissed(entry);
	}
	if (joined)
	{
		entry->pid = MyProcPid;
		entry->proc = MY_PROC_NUMBER;
		if (entry->nonce[0] == '\0')
			draw_nonce(entry);
	}
	LWLockRelease(post->lock);
	if (joined)
	{
		mine = entry;
		on_shmem_exit(leave_at_exit, (Datum) 0);
	}
	return joined;
}

bool
sl_post_is_dismissed(void)
{
	return is_dismissed(mine);
}

const char *
sl_post_nonce(void)
{
	return mine->nonce;
}

uint32
sl_post_next_epoch(void)
{
	uint32 epoch;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	epoch = ++mine->epochs;
	LWLockRelease(post->lock);
	return epoch;
}

/* Is there something for the worker to do?  To be asked before it sleeps. */
bool
sl_post_has_orders(void)
{
	bool has_orders;

	LWLockAcquire(post->lock, LW_SHARED);
	has_orders = mine->orders.take_over || mine->orders.resync_all || mine->orders.num_resyncs > 0;
	LWLockRelease(post->lock);
	return has_orders;
}

void
sl_post_take_orders(PostOrders *orders)
{
	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	*orders = mine->orders;
	memset(&mine->orders, 0, sizeof(mine->orders));
	LWLockRelease(post->lock);
}

void
sl_post_say(const PostStatus *status)
{
	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	mine->status = *status;
	LWLockRelease(post->lock);
}

void
sl_post_count(PostCounter counter, int more)
{
	pg_atomic_fetch_add_u64(&mine->counters[counter], more);
}

/* This database's entry while its worker runs, else NULL; under the lock. */
static PostEntry *
find_running(void)
{
	PostEntry *entry = find_entry(MyDatabaseId);

	return entry != NULL && entry->pid != 0 ? entry : NULL;
}

static void
wake(const PostEntry *entry)
{
	SetLatch(&ProcGlobal->allProcs[entry->proc].procLatch);
}

/* Have an event published anew; false when no worker runs. */
bool
sl_post_order_resync(int32 event_id)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_running();
	if (entry != NULL)
	{
		PostOrders *orders = &entry->orders;

		if (orders->num_resyncs < SL_MAX_RESYNCS)
			orders->resyncs[orders->num_resyncs++] = event_id;
		else
			orders->resync_all = true;
		wake(entry);
	}
	LWLockRelease(post->lock);
	return entry != NULL;
}

/* Have the worker own the keys, whoever does now; false when no worker runs. */
bool
sl_post_order_take_over(void)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_running();
	if (entry != NULL)
	{
		entry->orders.take_over = true;
		wake(entry);
	}
	LWLockRelease(post->lock);
	return entry != NULL;
}

static bool
is_away(Oid database)
{
	PostEntry *entry;
	bool away;

	LWLockAcquire(post->lock, LW_SHARED);
	entry = find_entry(database);
	away = entry == NULL || (entry->pid == 0 && !is_starting(entry, sl_clock_ticks()));
	LWLockRelease(post->lock);
	return away;
}

/*
 * Send the Redis worker of a database away and wait until it is gone; false when
 * there was none.  Until sl_post_readmit, no other one comes: where there is no
 * entry, the worker that would have one made is dismissed already.
 */
bool
sl_post_dismiss(Oid database)
{
	int64 deadline = sl_clock_ticks() + MAX_LEAVE_MS;
	bool was_away = is_away(database);
	int nap_ms = 1;
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL)
	{
		pg_atomic_fetch_add_u32(&entry->dismissed, 1);
		if (entry->pid != 0)
			wake(entry);
	}
	LWLockRelease(post->lock);
	while (!is_away(database) && sl_clock_nap(deadline, &nap_ms))
		continue;
	return !was_away;
}

/* The end of what sl_post_dismiss has begun. */
void
sl_post_readmit(Oid database)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL && is_dismissed(entry))
		pg_atomic_fetch_sub_u32(&entry->dismissed, 1);
	LWLockRelease(post->lock);
}

/* Copy the entry of a database; false when it never had a Redis worker. */
bool
sl_post_report(Oid database, PostReport *report)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_SHARED);
	entry = find_entry(database);
	if (entry != NULL)
	{
		report->pid = entry->pid;
		report->status = entry->status;
		for (int i = 0; i < NUM_POST_COUNTERS; i++)
			report->counters[i] = pg_atomic_read_u64(&entry->counters[i]);
	}
	LWLockRelease(post->lock);
	return entry != NULL;
}

/* Count from zero again for this database. */
void
sl_post_reset(Oid database)
{
	PostEntry *entry;

	LWLockAcquire(post->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	for (int i = 0; i < NUM_POST_COUNTERS && entry != NULL; i++)
		pg_atomic_write_u64(&entry->counters[i], 0);
	LWLockRelease(post->lock);
}
