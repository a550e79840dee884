/*-------------------------------------------------------------------------
 *
 * expiry.c
 *		The worker records lapses as they come due.
 *
 * No answer depends on it: a lapsed hold is free the moment anybody asks.  It
 * is for the change feed and the versions, which tell of a lapse only when
 * somebody has recorded it.
 *
 * The worker keeps the ends of live holds in a heap, the next one first.  It
 * knows them from hints (expiry_hints.c), and from reading the whole table, piece by
 * piece, when it starts and every minute: that finds what no hint told, and
 * forgets what is in the heap for nothing.  Work is done in batches bounded by
 * a count, each a transaction of its own between two groups of claims.  After an
 * error the holds of its batch are tried one by one, and only the one at fault
 * is put off, until the next reading.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "shmem/expiry_hints.h"
#include "shmem/stat.h"
#include "shmem/worker_roster.h"
#include "store/worker_xact.h"
#include "verbs/verbs.h"
#include "worker/expiry.h"

/* ends kept in memory; with more live holds than this, some lapses are told late */
#define MAX_KNOWN 65536

/* lapses recorded in one transaction: a millisecond or two of work */
#define MAX_BATCH 32

#define SCAN_MS 60000

/* pause after a hold that others were at work on, or an error */
#define RETRY_SECONDS 1

/* under a steady stream of claims, work begins no later than this after it was due */
#define MAX_LATE_MS 300

static MemoryContext context; /* reset after each step */

static MemoryContext known_context;
static binaryheap *known; /* holds in that context, the next end first */
#define END_OF(datum) (((DueHold *) DatumGetPointer(datum))->expires_at)

static DueHold batch[MAX_BATCH]; /* at work on */
static int batch_size;
static int num_single; /* so many batches are of one hold, after an error */

/* What is done in one transaction: a piece of the table is read, or a batch recorded. */
typedef struct Piece
{
	bool reads;
	TimestampTz now;
	int num_recorded;
	ClaimResult *results[MAX_BATCH];
} Piece;

static bool scanning;
static uint32 next_block;
static int64 next_scan; /* ticks */

/* A binaryheap has the greatest first. */
static int
compare_ends(Datum a, Datum b, void *arg)
{
	return (END_OF(a) < END_OF(b)) - (END_OF(a) > END_OF(b));
}

/* Once in the life of a worker. */
void
sl_expiry_init(void)
{
	context = AllocSetContextCreate(TopMemoryContext, "seatlock expiry", ALLOCSET_DEFAULT_SIZES);
	known_context = SlabContextCreate(TopMemoryContext, "seatlock known holds",
									  SLAB_DEFAULT_BLOCK_SIZE, sizeof(DueHold));
	known = binaryheap_allocate(MAX_KNOWN, compare_ends, NULL);
	next_scan = sl_clock_ticks();
}

static void
remember(const DueHold *hold)
{
	DueHold *kept;

	if (known->bh_size == MAX_KNOWN)
		return;
	kept = MemoryContextAlloc(known_context, sizeof(DueHold));
	*kept = *hold;
	binaryheap_add(known, PointerGetDatum(kept));
}

static void
remember_until(DueHold hold, TimestampTz expires_at)
{
	hold.expires_at = expires_at;
	remember(&hold);
}

/* When the next of them ends; DT_NOEND: there is none. */
static TimestampTz
next_end(void)
{
	return binaryheap_empty(known) ? DT_NOEND : END_OF(binaryheap_first(known));
}

/* Take the next one out of the heap. */
static DueHold
take_first(void)
{
	DueHold *first = (DueHold *) DatumGetPointer(binaryheap_remove_first(known));
	DueHold hold = *first;

	pfree(first);
	return hold;
}

static void
listen_to_hints(void)
{
	DueHold holds[SL_MAX_DUE_TAKEN];
	bool lost;
	int count;

	do
	{
		count = sl_expiry_hints_take(holds, &lost);
		for (int i = 0; i < count; i++)
			remember(&holds[i]);
		if (lost && !scanning)
			next_scan = sl_clock_ticks();
	} while (count == SL_MAX_DUE_TAKEN);
}

static bool
scan_is_due(void)
{
	return scanning || sl_clock_ticks() >= next_scan;
}

/* Read a piece of the table; a new scan begins with an empty heap. */
static void
scan(void)
{
	if (!scanning)
	{
		binaryheap_reset(known);
		MemoryContextReset(known_context);
	}
	scanning = true;
	next_block = sl_store_read_due(next_block, remember);
	if (next_block == 0)
	{
		scanning = false;
		next_scan = sl_clock_ticks() + SCAN_MS;
	}
}

static void
take_batch(TimestampTz now)
{
	int most = num_single > 0 ? 1 : MAX_BATCH;

	batch_size = 0;
	while (batch_size < most && next_end() <= now)
		batch[batch_size++] = take_first();
	if (num_single > 0)
		num_single--;
}

/* None of the batch was recorded: one of them is at fault. */
static void
take_batch_apart(void)
{
	if (batch_size == 1)
		return;
	for (int i = 0; i < batch_size; i++)
		remember(&batch[i]);
	num_single = batch_size;
}

/* Record the lapses of the batch. */
static void
record(Piece *piece)
{
	TimestampTz retry_at = sl_clock_add_seconds(piece->now, RETRY_SECONDS);
	Store *store = sl_store_open(true);
	Oid user;
	int security;

	GetUserIdAndSecContext(&user, &security);
	if (!sl_store_try_lock(store))
	{
		for (int i = 0; i < batch_size; i++)
			remember_until(batch[i], retry_at);
		sl_store_close(store);
		return;
	}
	SetUserIdAndSecContext(sl_store_owner(store), security | SECURITY_LOCAL_USERID_CHANGE);
	sl_store_refresh(store);
	for (int i = 0; i < batch_size; i++)
	{
		ClaimResult *result = sl_expire_hold(store, batch[i].event_id, &batch[i].token);

		if (result == NULL)
			continue;
		if (result->outcome == OUTCOME_EXPIRED)
			piece->results[piece->num_recorded++] = result;
		else if (result->outcome == OUTCOME_BUSY)
			remember_until(batch[i], retry_at);
		else if (result->outcome == OUTCOME_HELD)
			remember_until(batch[i], result->expires_at);
	}
	SetUserIdAndSecContext(user, security);
	sl_store_close(store);
	sl_worker_roster_count(GROUP_COUNT_LAPSED, piece->num_recorded);
}

/* The table could not be read: begin anew in a while. */
static void
put_scan_off(void)
{
	scanning = false;
	next_block = 0;
	next_scan = sl_clock_ticks() + (int64) RETRY_SECONDS * 1000;
}

static void
do_piece(void *arg)
{
	Piece *piece = arg;

	XactReadOnly = false; /* a lapse takes nothing from anybody */
	if (piece->reads)
		scan();
	else
	{
		take_batch(piece->now);
		record(piece);
	}
}

/* False: it failed. */
static bool
step(void)
{
	Piece piece = {.reads = scan_is_due(), .now = sl_clock_now()};
	const char *error;

	MemoryContextSwitchTo(context);
	error = sl_worker_xact_run(do_piece, &piece);
	if (error != NULL)
	{
		sl_worker_roster_note_error(error);
		if (piece.reads)
			put_scan_off();
		else
			take_batch_apart();
	}
	for (int i = 0; error == NULL && i < piece.num_recorded; i++)
		sl_stat_count(VERB_EXPIRE, piece.results[i]);
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(context);
	return error == NULL;
}

/*
 * Milliseconds until there is something to do: a lapse comes by the wall clock,
 * a scan by one that nobody can set.
 */
static long
next_work(void)
{
	int64 left = scanning ? 0 : Max(next_scan - sl_clock_ticks(), 0);

	return (long) Min(left, sl_clock_ms_left(sl_clock_now(), next_end()));
}

/* Is there work that has waited long, although claims keep coming? */
bool
sl_expiry_is_due(void)
{
	static int64 last_look = 0;
	int64 now = sl_clock_ticks();

	if (now - last_look < MAX_LATE_MS)
		return false;
	last_look = now;
	listen_to_hints();
	return next_work() == 0;
}

/* Do a bounded piece of what is due; false when it failed. */
bool
sl_expiry_run(void)
{
	listen_to_hints();
	return next_work() > 0 || step();
}

/* How long the worker may sleep, in milliseconds; 0: there is work. */
long
sl_expiry_pause(void)
{
	long pause = next_work();

	if (!sl_expiry_hints_sleep(sl_clock_now() + pause * SL_USECS_PER_MSEC))
		return 0;
	return pause;
}
