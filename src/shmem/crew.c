/*-------------------------------------------------------------------------
 *
 * crew.c
 *		Which database has a worker, who waits for it, and what it has done.
 *
 * Lock protocol, field by field, of an entry:
 *
 *		database	written under the lock, exclusive; read under the lock, or
 *					without it by who is connected to that database: while he
 *					is, the entry is his database's or another one's, and then
 *					he takes the lock
 *		pid			written by the worker itself under the lock, exclusive,
 *					when it joins and when it exits
 *		started_at	when somebody last asked for a worker, in ticks, 0 when it
 *					has come; under the lock
 *		retry_at	not before then, after no worker was to be had; under the
 *					lock
 *		proc		number of the worker's PGPROC, NO_PROC when none runs:
 *					written with pid, read without the lock by whoever wants
 *					to wake it.  A latch set too much is harmless
 *		dismissed	how many want the database without its worker: while it is
 *					not 0 none starts, and one that runs goes.  Written under
 *					the lock, exclusive; atomic, since the worker reads it
 *					without
 *		asked		a bit per slot that waits for the worker: set by callers
 *					after the slot is in state asked, cleared by the worker
 *					before it takes the slot; atomic.  A bit too much is
 *					harmless, since the slot's own word decides
 *		counters	written by the worker, withdrawn by callers; atomic
 *		last_error	under the lock
 *
 * Nobody sleeps through a ring: the caller sets his bit and then the worker's
 * latch, the worker looks at the bits after whatever may have reset its latch,
 * a commit that waits for a standby included, and just before it sleeps
 * (sl_crew_has_requests).  Setting and resetting a latch are full barriers, and so
 * are the exchanges of bits.  The worker's proc is stored before it first looks at
 * the bits, with the release of the lock between.
 *
 * An entry is kept while its worker is away, for the statistics, and given to
 * another database when all are in use.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "port/pg_bitutils.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#include "base/clock.h"
#include "base/compat.h"
#include "base/errors.h"
#include "shmem/crew.h"
#include "shmem/request_slot.h"

#define NO_PROC PG_UINT32_MAX
#define BITS_PER_WORD 64

/* a start that took longer than this has failed; somebody else may try */
#define MAX_START_MS 10000

/* pause after no worker was to be had */
#define RETRY_MS 60000

/* longest wait for a worker to go */
#define MAX_LEAVE_MS 5000

struct CrewEntry
{
	Oid database;
	pid_t pid;
	int64 started_at;
	int64 retry_at;
	pg_atomic_uint32 proc;
	pg_atomic_uint32 dismissed;
	pg_atomic_uint64 *asked; /* into the same shared memory, which never moves */
	pg_atomic_uint64 counters[NUM_CREW_COUNTERS];
	char last_error[SL_CREW_ERROR_LENGTH];
};

typedef struct Crew
{
	LWLock *lock;
	CrewEntry entries[SL_MAX_CREW];
	pg_atomic_uint64 asked[FLEXIBLE_ARRAY_MEMBER];
} Crew;

static Crew *crew;
static CrewEntry *own_entry; /* of this backend's database, once found */

static int
num_words(void)
{
	return (sl_request_slot_count() + BITS_PER_WORD - 1) / BITS_PER_WORD;
}

Size
sl_crew_shared_size(void)
{
	return add_size(offsetof(Crew, asked),
					mul_size(sizeof(pg_atomic_uint64), mul_size(SL_MAX_CREW, num_words())));
}

void
sl_crew_request_locks(void)
{
	RequestNamedLWLockTranche("seatlock_crew", 1);
}

static void
init_entry(CrewEntry *entry, int number)
{
	memset(entry, 0, sizeof(*entry));
	pg_atomic_init_u32(&entry->proc, NO_PROC);
	pg_atomic_init_u32(&entry->dismissed, 0);
	entry->asked = &crew->asked[(size_t) number * num_words()];
	for (int i = 0; i < num_words(); i++)
		pg_atomic_init_u64(&entry->asked[i], 0);
	for (int i = 0; i < NUM_CREW_COUNTERS; i++)
		pg_atomic_init_u64(&entry->counters[i], 0);
}

/* Under AddinShmemInitLock. */
void
sl_crew_attach(void)
{
	bool found;

	crew = ShmemInitStruct("seatlock crew", sl_crew_shared_size(), &found);
	if (found)
		return;
	crew->lock = &GetNamedLWLockTranche("seatlock_crew")->lock;
	for (int i = 0; i < SL_MAX_CREW; i++)
		init_entry(&crew->entries[i], i);
}

/* Was the library preloaded, so that there can be workers? */
bool
sl_crew_is_on(void)
{
	return crew != NULL;
}

/* First thing in a function that needs it: 55000 without, and what to set; more of that, or "". */
void
sl_crew_require(const char *function, const char *more)
{
	if (!sl_crew_is_on())
		sl_error_not_preloaded(function, more);
}

static CrewEntry *
find_entry(Oid database)
{
	for (int i = 0; i < SL_MAX_CREW; i++)
		if (crew->entries[i].database == database)
			return &crew->entries[i];
	return NULL;
}

/* An entry for a database that has none; NULL when all have workers. */
static CrewEntry *
make_entry(Oid database)
{
	CrewEntry *entry = find_entry(InvalidOid);

	for (int i = 0; i < SL_MAX_CREW && entry == NULL; i++)
		if (crew->entries[i].pid == 0 && crew->entries[i].started_at == 0 &&
			!sl_crew_is_dismissed(&crew->entries[i]))
			entry = &crew->entries[i];
	if (entry == NULL)
		return NULL;
	init_entry(entry, (int) (entry - crew->entries));
	entry->database = database;
	return entry;
}

/* Is somebody starting a worker, and may it still come? */
static bool
is_starting(const CrewEntry *entry, int64 now)
{
	return entry->started_at != 0 && now < entry->started_at + MAX_START_MS;
}

static CrewPresence
find_or_start(Oid database, CrewEntry **entry)
{
	int64 now = sl_clock_ticks();
	CrewEntry *found = find_entry(database);

	if (found == NULL)
		found = make_entry(database);
	*entry = found;
	if (found == NULL || now < found->retry_at || sl_crew_is_dismissed(found))
		return CREW_NONE;
	if (found->pid != 0 || is_starting(found, now))
		return CREW_PRESENT;
	found->started_at = now;
	return CREW_WANTED;
}

/* The entry of a database, and whether there is a worker behind it. */
CrewPresence
sl_crew_find(Oid database, CrewEntry **entry)
{
	CrewPresence presence;

	if (own_entry != NULL && own_entry->database == database &&
		pg_atomic_read_u32(&own_entry->proc) != NO_PROC)
	{
		*entry = own_entry;
		return CREW_PRESENT;
	}
	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	presence = find_or_start(database, entry);
	LWLockRelease(crew->lock);
	if (database == MyDatabaseId)
		own_entry = *entry;
	return presence;
}

/* Who was to start a worker could not: nobody tries for a while. */
void
sl_crew_start_failed(Oid database, const char *message)
{
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL)
	{
		entry->started_at = 0;
		entry->retry_at = sl_clock_ticks() + RETRY_MS;
		strlcpy(entry->last_error, message, SL_CREW_ERROR_LENGTH);
	}
	LWLockRelease(crew->lock);
}

/*
 * The entry of this database, when its worker runs; else NULL.  Looked for
 * without the lock: while somebody is connected to a database, its entry is
 * not given to another, unless its worker has gone.
 */
CrewEntry *
sl_crew_here(void)
{
	if (crew == NULL)
		return NULL;
	if (own_entry == NULL || own_entry->database != MyDatabaseId)
		own_entry = find_entry(MyDatabaseId);
	if (own_entry == NULL || pg_atomic_read_u32(&own_entry->proc) == NO_PROC)
		return NULL;
	return own_entry;
}

int
sl_crew_number(const CrewEntry *entry)
{
	return (int) (entry - crew->entries);
}

void
sl_crew_wake(CrewEntry *entry)
{
	uint32 proc = pg_atomic_read_u32(&entry->proc);

	if (proc != NO_PROC)
		SetLatch(&ProcGlobal->allProcs[proc].procLatch);
}

/* A slot waits for the worker. */
void
sl_crew_ring(CrewEntry *entry, int slot)
{
	pg_atomic_fetch_or_u64(&entry->asked[slot / BITS_PER_WORD], UINT64CONST(1)
																	<< (slot % BITS_PER_WORD));
	sl_crew_wake(entry);
}

static void
leave_at_exit(int code, Datum arg)
{
	CrewEntry *entry = (CrewEntry *) DatumGetPointer(arg);

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry->pid = 0;
	pg_atomic_write_u32(&entry->proc, NO_PROC);
	LWLockRelease(crew->lock);
}

/* Become the worker of this database; NULL when it has one, or wants none. */
CrewEntry *
sl_crew_join(void)
{
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry = find_entry(MyDatabaseId);
	if (entry == NULL)
		entry = make_entry(MyDatabaseId);
	if (entry != NULL && entry->pid == 0)
	{
		entry->started_at = 0;
		if (sl_crew_is_dismissed(entry))
			entry = NULL;
		else
		{
			entry->pid = MyProcPid;
			entry->retry_at = 0;
			pg_atomic_write_u32(&entry->proc, MY_PROC_NUMBER);
		}
	}
	else
		entry = NULL;
	LWLockRelease(crew->lock);
	if (entry != NULL)
		on_shmem_exit(leave_at_exit, PointerGetDatum(entry));
	return entry;
}

bool
sl_crew_is_dismissed(const CrewEntry *entry)
{
	return pg_atomic_read_u32(unconstify(pg_atomic_uint32 *, &entry->dismissed)) != 0;
}

/* Does somebody wait?  To be asked before a sleep. */
bool
sl_crew_has_requests(CrewEntry *entry)
{
	for (int i = 0; i < num_words(); i++)
		if (pg_atomic_read_u64(&entry->asked[i]) != 0)
			return true;
	return false;
}

/* Take those of a word's slots that wait and are in the mask. */
static int
collect_word(CrewEntry *entry, int word, uint64 mask, int *slots, int max_slots)
{
	uint64 bits = pg_atomic_read_u64(&entry->asked[word]) & mask;
	int count = 0;

	while (bits != 0 && count < max_slots)
	{
		int bit = pg_rightmost_one_pos64(bits);

		bits &= bits - 1;
		pg_atomic_fetch_and_u64(&entry->asked[word], ~(UINT64CONST(1) << bit));
		if (sl_request_slot_take(word * BITS_PER_WORD + bit))
			slots[count++] = word * BITS_PER_WORD + bit;
	}
	return count;
}

/*
 * Take the slots that wait, at most max_slots; the others keep their bits.
 * Each time another slot is the first, or low ones would always win.
 */
int
sl_crew_collect(CrewEntry *entry, int *slots, int max_slots)
{
	static int first = 0;
	int word = first / BITS_PER_WORD;
	uint64 from_first = PG_UINT64_MAX << (first % BITS_PER_WORD);
	int count = collect_word(entry, word, from_first, slots, max_slots);

	for (int i = 1; i < num_words(); i++)
		count += collect_word(entry, (word + i) % num_words(), PG_UINT64_MAX, slots + count,
							  max_slots - count);
	count += collect_word(entry, word, ~from_first, slots + count, max_slots - count);
	if (count > 0)
		first = (slots[0] + 1) % sl_request_slot_count();
	return count;
}

void
sl_crew_count(CrewEntry *entry, CrewCounter counter, int more)
{
	pg_atomic_fetch_add_u64(&entry->counters[counter], more);
}

void
sl_crew_count_group(CrewEntry *entry, int num_requests)
{
	sl_crew_count(entry, CREW_GROUPS, 1);
	sl_crew_count(entry, CREW_REQUESTS, num_requests);
	if (pg_atomic_read_u64(&entry->counters[CREW_LARGEST_GROUP]) < num_requests)
		pg_atomic_write_u64(&entry->counters[CREW_LARGEST_GROUP], num_requests);
}

void
sl_crew_note_error(CrewEntry *entry, const char *message)
{
	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	strlcpy(entry->last_error, message, SL_CREW_ERROR_LENGTH);
	LWLockRelease(crew->lock);
}

static bool
is_away(Oid database)
{
	CrewEntry *entry;
	bool away;

	LWLockAcquire(crew->lock, LW_SHARED);
	entry = find_entry(database);
	away = entry == NULL || (entry->pid == 0 && !is_starting(entry, sl_clock_ticks()));
	LWLockRelease(crew->lock);
	return away;
}

/*
 * Send the worker of a database away and wait until it is gone; false when there
 * was none.  Until sl_crew_readmit, no other one comes, whoever asks for it.  A
 * worker that does not obey is left to the caller's command, which says what is
 * wrong with it.
 */
bool
sl_crew_dismiss(Oid database)
{
	int64 deadline = sl_clock_ticks() + MAX_LEAVE_MS;
	bool was_away = is_away(database);
	int nap_ms = 1;
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry == NULL)
		entry = make_entry(database);
	if (entry != NULL)
	{
		pg_atomic_fetch_add_u32(&entry->dismissed, 1);
		sl_crew_wake(entry);
	}
	LWLockRelease(crew->lock);
	while (!is_away(database) && sl_clock_nap(deadline, &nap_ms))
		continue;
	return !was_away;
}

/* The end of what sl_crew_dismiss has begun. */
void
sl_crew_readmit(Oid database)
{
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL && sl_crew_is_dismissed(entry))
		pg_atomic_fetch_sub_u32(&entry->dismissed, 1);
	LWLockRelease(crew->lock);
}

/* Copy the entry of a database; false when it never had a worker. */
bool
sl_crew_report(Oid database, CrewReport *report)
{
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_SHARED);
	entry = find_entry(database);
	if (entry != NULL)
	{
		report->pid = entry->pid;
		for (int i = 0; i < NUM_CREW_COUNTERS; i++)
			report->counters[i] = pg_atomic_read_u64(&entry->counters[i]);
		strlcpy(report->last_error, entry->last_error, SL_CREW_ERROR_LENGTH);
	}
	LWLockRelease(crew->lock);
	return entry != NULL;
}

void
sl_crew_reset(Oid database)
{
	CrewEntry *entry;

	LWLockAcquire(crew->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL)
	{
		for (int i = 0; i < NUM_CREW_COUNTERS; i++)
			pg_atomic_write_u64(&entry->counters[i], 0);
		entry->last_error[0] = '\0';
	}
	LWLockRelease(crew->lock);
}
