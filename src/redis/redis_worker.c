/*-------------------------------------------------------------------------
 *
 * redis_worker.c
 *		The life of the Redis workers: one per database that has a worker.
 *
 * One loop: own the keys, publish what has changed, decide what has come in.
 * No call waits for it, and it waits for Redis outside of transactions only,
 * no longer than a deadline.  The group worker of the database starts it when
 * seatlock.redis_url is set; the postmaster starts it anew after a crash.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "redis/intake.h"
#include "redis/mirror.h"
#include "redis_api.h"

/* how often the owner's key is renewed, and some maps */
#define RENEW_MS 1000

/* pause between turns: while something happens, and for a second after that; else; and fenced */
#define BUSY_PAUSE_MS 10
#define CALM_PAUSE_MS 40
#define FENCED_PAUSE_MS 500
#define BUSY_MS 1000

/*
 * pause after a connection that failed, or brought nothing: it doubles from the
 * least to the most
 */
#define LEAST_BACKOFF_MS 100
#define MOST_BACKOFF_MS 5000

PG_MODULE_MAGIC;

PGDLLEXPORT void seatlock_redis_worker_main(Datum arg);

static RedisLink redis;
static MemoryContext link_context; /* as long as the connection lives */
static MemoryContext turn_context; /* reset after each turn */
static int64 next_renewal;         /* ticks, with the next two */
static int64 busy_until;
static int backoff_ms = LEAST_BACKOFF_MS;
static bool was_intake_open;

/* Obey signals; true when the settings of the connection have changed. */
static bool
be_ready(void)
{
	CHECK_FOR_INTERRUPTS();
	if (!ConfigReloadPending)
		return false;
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	return true;
}

/*
 * What sets the latch is looked at again before the sleep: waiting for Redis, or
 * for a standby, may have reset it.
 */
static void
rest(long pause)
{
	pgstat_report_activity(STATE_IDLE, NULL);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending || sl_worker_roster_is_dismissed() || sl_worker_roster_has_orders())
		return;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
}

/*
 * After a failure: pause for longer each time, at random so that many workers do not
 * come at once.
 */
static void
back_off(void)
{
	rest(backoff_ms / 2 + (long) (pg_prng_double(&pg_global_prng_state) * backoff_ms / 2));
	backoff_ms = Min(2 * backoff_ms, MOST_BACKOFF_MS);
}

static void
connect_to_redis(void)
{
	MemoryContext old_context;

	MemoryContextReset(link_context);
	old_context = MemoryContextSwitchTo(link_context);
	(void) sl_link_open(&redis);
	MemoryContextSwitchTo(old_context);
	sl_worker_roster_say(&redis.status);
	next_renewal = 0;
}

/* Renew what would expire. */
static void
renew(bool take_over)
{
	bool anew;

	next_renewal = sl_clock_ticks() + RENEW_MS;
	if (!sl_link_own(&redis, take_over, &anew))
		return;
	if (anew)
	{
		sl_mirror_start_over(&redis);
		sl_intake_start_over();
	}
	sl_mirror_renew(&redis);
}

static bool
is_owner(void)
{
	return redis.conn != NULL && redis.status.owner == REDIS_OWNER;
}

/* What others want of this worker; true when it shall take over. */
static bool
obey_orders(void)
{
	RedisOrders orders;

	sl_worker_roster_take_orders(&orders);
	if (orders.resync_all)
		sl_mirror_forget(SL_MIRROR_ALL);
	for (int i = 0; i < orders.num_resyncs; i++)
		sl_mirror_forget(orders.resyncs[i]);
	return orders.take_over;
}

/* Publish and decide; true when more may have come in meanwhile. */
static bool
work(void)
{
	bool intake = sl_intake_is_open(&redis);
	bool more = false;
	bool published;

	/* the maps say whether claims are taken in */
	if (intake != was_intake_open)
		sl_mirror_forget(SL_MIRROR_ALL);
	was_intake_open = intake;
	published = sl_mirror_publish(&redis, intake);
	if (intake && is_owner())
		more = sl_intake_run(&redis);
	if (published || more)
		busy_until = sl_clock_ticks() + BUSY_MS;
	return is_owner() && more;
}

/* Returns for how long to rest. */
static long
turn(void)
{
	bool take_over = obey_orders();
	bool more = false;
	int64 now = sl_clock_ticks();

	if (take_over || now >= next_renewal)
		renew(take_over);
	if (is_owner())
		more = work();
	sl_worker_roster_say(&redis.status);
	if (redis.conn == NULL)
		return 0;
	backoff_ms = LEAST_BACKOFF_MS;
	if (more)
		return 0;
	if (!is_owner())
		return FENCED_PAUSE_MS;
	return sl_clock_ticks() < busy_until ? BUSY_PAUSE_MS : CALM_PAUSE_MS;
}

static void
serve(void)
{
	while (!sl_worker_roster_is_dismissed() && sl_setting_redis_url[0] != '\0')
	{
		long pause = 0;

		if (be_ready())
			sl_link_close(&redis, NULL); /* another address or name, perhaps */
		if (redis.conn == NULL)
			connect_to_redis();
		if (redis.conn != NULL)
			pause = turn();
		(void) pgstat_report_stat(false);
		MemoryContextReset(turn_context);
		if (redis.conn == NULL)
			back_off();
		else if (pause > 0)
			rest(pause);
	}
	sl_link_close(&redis, NULL);
}

void
seatlock_redis_worker_main(Datum arg)
{
	bool read_only = DefaultXactReadOnly; /* the server's: a database's comes with its settings */

	seatlock_redis_worker_begin(SL_REDIS_API);
	if (!sl_worker_roster_join(WORKER_REDIS) || !sl_group_worker_has_extension())
		proc_exit(0);
	link_context = AllocSetContextCreate(TopMemoryContext, "seatlock link", ALLOCSET_SMALL_SIZES);
	turn_context = AllocSetContextCreate(TopMemoryContext, "seatlock turn", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(turn_context);
	sl_group_init();
	sl_mirror_init();
	sl_intake_init(read_only);
	serve();
	proc_exit(0);
}
