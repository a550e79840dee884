/*-------------------------------------------------------------------------
 *
 * group_worker.c
 *		The life of the workers: one per database, and one for its Redis.
 *
 * How it is started, summon.c has.  It exits with code 0, and is not started
 * anew, when it was dismissed, found another on duty, or was called to a
 * database that has nothing for it to do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "base/clock.h"
#include "base/compat.h"
#include "base/settings.h"
#include "shmem/request_slot.h"
#include "shmem/summon.h"
#include "verbs/board_load.h"
#include "worker/group_queue.h"
#include "worker/group.h"
#include "worker/expiry.h"
#include "worker/group_worker.h"

/* how often a worker that came with the server looks whether its extension has been created */
#define EXTENSION_LOOK_MS 1000

/* how often this worker sees to it that the Redis worker runs */
#define REDIS_LOOK_MS 10000

static int64 next_redis_look; /* ticks */

PGDLLEXPORT void seatlock_worker_main(Datum arg);

bool
sl_group_worker_has_extension(void)
{
	bool exists;

	StartTransactionCommand();
	exists = OidIsValid(get_extension_oid("seatlock", true));
	CommitTransactionCommand();
	return exists;
}

static void
set(const char *name, const char *value)
{
	SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * What an administrator sets for everybody must not change what the worker's
 * transactions are.  synchronous_commit stays: it is what callers were promised;
 * and default_transaction_read_only, from which those that write exempt themselves.
 */
static void
fix_settings(void)
{
	set("default_transaction_isolation", "read committed");
	set("search_path", "pg_catalog, pg_temp");
	set("statement_timeout", "0");
	set("idle_in_transaction_session_timeout", "0");
	if (HAS_TRANSACTION_TIMEOUT)
		set("transaction_timeout", "0");
	/* all locks are tried without waiting; one that nobody thought of is an error soon */
	set("lock_timeout", "10ms");
}

static void
be_ready(void)
{
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		next_redis_look = 0;
	}
}

/* Have a Redis worker beside this one, where there is a Redis. */
static void
look_for_redis_worker(void)
{
	int64 now = sl_clock_ticks();

	if (now < next_redis_look)
		return;
	next_redis_look = now + REDIS_LOOK_MS;
	if (sl_setting_redis_url[0] != '\0')
		(void) sl_summon_worker(WORKER_REDIS, MyDatabaseId, MyDatabaseTableSpace);
}

/*
 * Sleep until somebody asks, or a lapse is due.  A commit may have waited for a
 * standby since the last look for requests, and its wait resets the latch: so
 * this looks again for all that sets it, once nothing can reset it any more.
 */
static void
rest(void)
{
	long pause = sl_expiry_pause();

	if (pause == 0)
		return;
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending || sl_worker_roster_is_dismissed() || sl_request_slot_is_any() ||
		sl_load_is_due())
		return;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	/* a cancel is for the group that was at work when it came */
	QueryCancelPending = false;
}

/* When it fails because the extension is gone, there is nothing left to do here. */
static void
record_expiries(void)
{
	if (!sl_expiry_run() && !sl_group_worker_has_extension())
		proc_exit(0);
}

/*
 * Work until dismissed.  The latch stays set while there is work, so that
 * callers need no system call to set it; rest() resets it and then all is looked at.
 */
static void
serve(void)
{
	int slots[SL_MAX_GROUP];

	while (!sl_worker_roster_is_dismissed())
	{
		int num_slots;

		be_ready();
		look_for_redis_worker();
		num_slots = sl_request_slot_collect(slots, SL_MAX_GROUP);
		if (num_slots > 0)
		{
			sl_group_queue_serve(slots, num_slots);
			(void) pgstat_report_stat(false);
		}
		if (num_slots == 0 || sl_expiry_is_due())
			record_expiries();
		/* also between groups: a piece of a load delays nobody for long */
		if (sl_load_is_due())
			sl_load_run();
		else if (num_slots == 0)
			rest();
	}
}

/* What each kind of worker does first: signals, database, settings. */
void
sl_group_worker_begin(void)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	sl_summon_connect();
	fix_settings();
}

/*
 * A worker that came with the server waits for its extension to be created;
 * one that was called for it finds it, or has nothing to do.  False: go.
 */
static bool
await_extension(void)
{
	while (!sl_worker_roster_is_dismissed())
	{
		be_ready();
		if (sl_group_worker_has_extension())
			return true;
		if (!sl_summon_was_named())
			return false;
		pgstat_report_activity(STATE_IDLE, NULL);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 EXTENSION_LOOK_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	return false;
}

void
seatlock_worker_main(Datum arg)
{
	sl_group_worker_begin();
	if (!sl_worker_roster_join(WORKER_GROUP) || !await_extension())
		proc_exit(0);
	sl_group_init();
	sl_group_queue_init();
	sl_expiry_init();
	sl_load_init();
	serve();
	proc_exit(0);
}
