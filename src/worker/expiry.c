/*-------------------------------------------------------------------------
 *
 * expiry.c
 *		The worker records lapses as they come due.
 *
 * No answer depends on it: an expired hold is free the moment anybody asks.  It
 * is for the change feed and the versions, which tell of a lapse only when
 * somebody has recorded it.
 *
 * The worker keeps the ends of live holds in a heap, the next one first.  It
 * knows them from hints (expiry_hints.c), and from reading the whole table, piece by
 * piece, when it starts and every minute: that finds what no hint told, and
 * forgets what is in the heap for nothing.  Work is done in batches bounded by
 * a count, each a transaction of its own between two groups of claims.  After an
 * error the holds of its batch are tried one by one, and only the one at fault
 * is put off, for longer each time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "shmem/expiry_hints.h"
#include "shmem/worker_roster.h"
#include "store/event_cache.h"
#include "store/worker_xact.h"
#include "verbs/verbs.h"
#include "worker/expiry.h"

/* ends kept in memory; with more live holds than this, some lapses are told late */
#define MAX_KNOWN 65536

/* lapses recorded in one transaction: a millisecond or two of work */
#define MAX_BATCH 32

#define SCAN_MS 60000

/*
 * pause after a hold that others were at work on, or an error; it doubles with each
 * of the same hold
 */
#define RETRY_SECONDS 1
#define MAX_RETRY_SECONDS 60

/* under a steady stream of claims, work begins no later than this after it was due */
#define MAX_LATE_MS 300

static MemoryContext context; /* reset after each step */

/*
 * A heap: no element ends before the one at (its index - 1) / 2.  Not the server's
 * binaryheap, which has pointers: a busy house makes tens of thousands of holds
 * between two readings of the table, and each would take nearly twice as much.
 */
static DueHold *known;
static int num_known;

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

/* Once in the life of a worker. */
void
sl_expiry_init(void)
{
	context = AllocSetContextCreate(TopMemoryContext, "seatlock expiry", ALLOCSET_DEFAULT_SIZES);
	known = MemoryContextAlloc(TopMemoryContext, sizeof(DueHold) * MAX_KNOWN);
	next_scan = sl_clock_ticks();
}

static void
swap(int i, int j)
{
	DueHold hold = known[i];

	known[i] = known[j];
	known[j] = hold;
}

static void
remember(const DueHold *hold)
{
	int i = num_known;

	if (num_known == MAX_KNOWN)
		return;
	known[num_known++] = *hold;
	while (i > 0 && known[i].expires_at < known[(i - 1) / 2].expires_at)
	{
		swap(i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void
remember_until(DueHold hold, TimestampTz expires_at)
{
	hold.expires_at = expires_at;
	remember(&hold);
}

/* Take the next one out of the heap. */
static DueHold
take_first(void)
{
	DueHold first = known[0];
	int i = 0;

	known[0] = known[--num_known];
	for (;;)
	{
		int child = 2 * i + 1;

		if (child + 1 < num_known && known[child + 1].expires_at < known[child].expires_at)
			child++;
		if (child >= num_known || known[i].expires_at <= known[child].expires_at)
			return first;
		swap(i, child);
		i = child;
	}
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
		num_known = 0;
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
	while (batch_size < most && num_known > 0 && known[0].expires_at <= now)
		batch[batch_size++] = take_first();
	if (num_single > 0)
		num_single--;
}

/* None of the batch was recorded: one of them is at fault, and put off once it is known. */
static void
take_batch_apart(TimestampTz now)
{
	if (batch_size == 1)
	{
		batch[0].pause = Max(RETRY_SECONDS, Min(2 * batch[0].pause, MAX_RETRY_SECONDS));
		remember_until(batch[0], sl_clock_add_seconds(now, batch[0].pause));
		return;
	}
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
	sl_worker_roster_count(GROUP_COUNT_EXPIRED, piece->num_recorded);
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
			take_batch_apart(piece.now);
	}
	for (int i = 0; error == NULL && i < piece.num_recorded; i++)
		sl_stat_count(sl_event_cache_stat(piece.results[i]), VERB_EXPIRE, piece.results[i]);
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

	if (num_known > 0)
		left = Min(left, sl_clock_ms_left(sl_clock_now(), known[0].expires_at));
	return (long) left;
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
