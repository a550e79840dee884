/*-------------------------------------------------------------------------
 *
 * stat.c
 *		How many calls each event had, by verb and outcome.
 *
 * A fixed table in shared memory with an entry per event.  Counting takes no
 * lock: an entry, once given to an event, is remembered by each backend that
 * counts it (store/event_cache.c), and its counters are atomic.  When all entries
 * are in use, a new event gets the one that was counted least recently.
 *
 * Lock protocol, field by field, of an entry:
 *
 *		database, event_table, event_id
 *						the event; written under the lock, exclusive, when the
 *						entry is given away; read under the lock, shared
 *		generation		how often the entry was given away: written with the
 *						event, read without the lock by a backend that remembers that
 *						an event had this entry in that generation; atomic
 *		counted_at		about when it was last counted, good to
 *						COUNTED_AT_SECONDS; written without the lock; atomic
 *		counted_since	under the lock
 *		counters		incremented without the lock; set to 0 under the lock,
 *						exclusive, when the entry is given away or reset;
 *						atomic
 *
 * A backend that finds the generation it remembers needs nothing else of the entry but
 * its counters, so no barrier stands between: see the next lines.
 *
 * An increment may meet the moment in which its entry is given to another
 * event, between the look at the generation and the addition.  Then one call is
 * counted for the other event, or lost.  It takes more events than entries, and
 * a call for the very event that had none for the longest time.  A reader, or a
 * reset, may come between two increments of one call.  Nothing but the view
 * reads what is counted here, so no decision rests on it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "base/clock.h"
#include "shmem/stat.h"

/* an entry is marked as counted no more often than this */
#define COUNTED_AT_SECONDS 1

typedef struct StatEntry
{
	Oid database; /* InvalidOid: never in use */
	Oid event_table;
	int32 event_id;
	pg_atomic_uint32 generation;
	pg_atomic_uint64 counted_at;
	TimestampTz counted_since;
	pg_atomic_uint64 counters[NUM_STAT_VERBS][NUM_STAT_COUNTERS];
} StatEntry;

typedef struct StatTable
{
	LWLock *lock;
	StatEntry entries[SL_MAX_STAT_EVENTS];
} StatTable;

static StatTable *table; /* NULL: the library was not preloaded */

Size
sl_stat_shared_size(void)
{
	return sizeof(StatTable);
}

void
sl_stat_request_locks(void)
{
	RequestNamedLWLockTranche("seatlock_stat", 1);
}

/* Under AddinShmemInitLock. */
void
sl_stat_attach(void)
{
	bool found;

	table = ShmemInitStruct("seatlock statistics", sl_stat_shared_size(), &found);
	if (found)
		return;
	memset(table, 0, sl_stat_shared_size());
	table->lock = &GetNamedLWLockTranche("seatlock_stat")->lock;
	for (int i = 0; i < SL_MAX_STAT_EVENTS; i++)
	{
		StatEntry *entry = &table->entries[i];

		pg_atomic_init_u32(&entry->generation, 0);
		pg_atomic_init_u64(&entry->counted_at, 0);
		for (int verb = 0; verb < NUM_STAT_VERBS; verb++)
			for (int counter = 0; counter < NUM_STAT_COUNTERS; counter++)
				pg_atomic_init_u64(&entry->counters[verb][counter], 0);
	}
}

static bool
is_entry_of(const StatEntry *entry, Oid event_table, int32 event_id)
{
	return entry->event_id == event_id && entry->event_table == event_table &&
		   entry->database == MyDatabaseId;
}

/* Under the lock, any mode. */
static StatEntry *
find_entry(Oid event_table, int32 event_id)
{
	for (int i = 0; i < SL_MAX_STAT_EVENTS; i++)
		if (is_entry_of(&table->entries[i], event_table, event_id))
			return &table->entries[i];
	return NULL;
}

/* Under the lock, exclusive. */
static void
restart_counting(StatEntry *entry)
{
	entry->counted_since = sl_clock_now();
	for (int verb = 0; verb < NUM_STAT_VERBS; verb++)
		for (int counter = 0; counter < NUM_STAT_COUNTERS; counter++)
			pg_atomic_write_u64(&entry->counters[verb][counter], 0);
}

/* Under the lock, exclusive: the entry counted least recently, or never. */
static StatEntry *
give_entry(Oid event_table, int32 event_id)
{
	StatEntry *entry = &table->entries[0];

	for (int i = 1; i < SL_MAX_STAT_EVENTS; i++)
		if (pg_atomic_read_u64(&table->entries[i].counted_at) <
			pg_atomic_read_u64(&entry->counted_at))
			entry = &table->entries[i];
	pg_atomic_fetch_add_u32(&entry->generation, 1);
	entry->database = MyDatabaseId;
	entry->event_table = event_table;
	entry->event_id = event_id;
	restart_counting(entry);
	pg_atomic_write_u64(&entry->counted_at, entry->counted_since);
	return entry;
}

/* Look in shared memory, and note what was found. */
static void
find_or_give_entry(StatRef *ref, Oid event_table, int32 event_id)
{
	LWLockAcquire(table->lock, LW_SHARED);
	ref->entry = find_entry(event_table, event_id);
	if (ref->entry == NULL)
	{
		LWLockRelease(table->lock);
		LWLockAcquire(table->lock, LW_EXCLUSIVE);
		/* in between somebody else may have given the event an entry */
		ref->entry = find_entry(event_table, event_id);
		if (ref->entry == NULL)
			ref->entry = give_entry(event_table, event_id);
	}
	ref->generation = pg_atomic_read_u32(&ref->entry->generation);
	LWLockRelease(table->lock);
}

static void
mark_as_counted(StatEntry *entry, TimestampTz now)
{
	TimestampTz before = (TimestampTz) pg_atomic_read_u64(&entry->counted_at);

	if (now >= sl_clock_add_seconds(before, COUNTED_AT_SECONDS))
		pg_atomic_write_u64(&entry->counted_at, now);
}

/*
 * Count a call by its answer, where its event was counted before, if that is
 * remembered.  One addition, and one more for each of the rarer things that are
 * counted; nothing here can fail.  What the answer is about is not known when it
 * was made without a look at the event: then nothing is counted.
 */
static void
count(StatRef *ref, int verb, const ClaimResult *result)
{
	pg_atomic_uint64 *counters;

	if (table == NULL || !OidIsValid(result->event_table))
		return;
	if (ref->entry == NULL || pg_atomic_read_u32(&ref->entry->generation) != ref->generation)
		find_or_give_entry(ref, result->event_table, result->event_id);
	mark_as_counted(ref->entry, result->now);
	counters = ref->entry->counters[verb];
	pg_atomic_fetch_add_u64(&counters[result->outcome], 1);
	if (result->replayed)
		pg_atomic_fetch_add_u64(&counters[STAT_REPLAYED], 1);
	if (result->from_board)
		pg_atomic_fetch_add_u64(&counters[STAT_REFUSED_BY_BOARD], 1);
	if (result->rechecked && result->outcome == OUTCOME_TAKEN)
		pg_atomic_fetch_add_u64(&counters[STAT_REFUSED_BY_RECHECK], 1);
	if (result->num_waits > 0)
		pg_atomic_fetch_add_u64(&counters[STAT_LOCK_WAITS], result->num_waits);
	if (result->num_expiries > 0)
		pg_atomic_fetch_add_u64(&counters[STAT_EXPIRIES], result->num_expiries);
}

void
sl_stat_count(StatRef *ref, Verb verb, const ClaimResult *result)
{
	count(ref, (int) verb, result);
}

void
sl_stat_count_in_group(StatRef *ref, Verb verb, const ClaimResult *result)
{
	count(ref,
		  verb == VERB_CLAIM        ? STAT_CLAIM_NOW
		  : verb == VERB_CLAIM_BEST ? STAT_CLAIM_BEST_NOW
									: (int) verb,
		  result);
}

const char *
sl_stat_verb(int verb)
{
	if (verb < NUM_VERBS)
		return sl_vocabulary_verb((Verb) verb);
	return verb == STAT_CLAIM_NOW ? "claim_now" : "claim_best_now";
}

/* Copy an entry, by its number; false when it counts nothing of this database. */
bool
sl_stat_report(int number, Oid database, StatReport *report)
{
	StatEntry *entry = &table->entries[number];
	bool found;

	LWLockAcquire(table->lock, LW_SHARED);
	found = (entry->database == database);
	if (found)
	{
		report->event_table = entry->event_table;
		report->event_id = entry->event_id;
		report->counted_since = entry->counted_since;
		for (int verb = 0; verb < NUM_STAT_VERBS; verb++)
			for (int counter = 0; counter < NUM_STAT_COUNTERS; counter++)
				report->counters[verb][counter] =
					pg_atomic_read_u64(&entry->counters[verb][counter]);
	}
	LWLockRelease(table->lock);
	return found;
}

void
sl_stat_reset(Oid database)
{
	LWLockAcquire(table->lock, LW_EXCLUSIVE);
	for (int i = 0; i < SL_MAX_STAT_EVENTS; i++)
		if (table->entries[i].database == database)
			restart_counting(&table->entries[i]);
	LWLockRelease(table->lock);
}
