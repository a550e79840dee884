/*-------------------------------------------------------------------------
 *
 * api_redis.c
 *		Entry points of the Redis fast path: how it stands, and what it is told.
 *
 * None of them talks to Redis: that does the worker.  The users of Redis are
 * made by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/redis_acl.h"
#include "base/args.h"
#include "base/clock.h"
#include "base/redis_package.h"
#include "base/redis_prefix.h"
#include "base/rows.h"
#include "base/settings.h"
#include "shmem/summon.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(seatlock_redis_status);
PG_FUNCTION_INFO_V1(seatlock_redis_resync);
PG_FUNCTION_INFO_V1(seatlock_redis_take_over);
PG_FUNCTION_INFO_V1(seatlock_redis_acl);
PG_FUNCTION_INFO_V1(seatlock_redis_statistics);

/* a Redis worker that knows of no change looks again within this time */
#define LONGEST_TURN_MS 1000

/* columns of redis_status() */
enum status_column
{
	STATUS_CONNECTED,
	STATUS_SERVER_VERSION,
	STATUS_ROLE,
	STATUS_OWNERSHIP,
	STATUS_LAG_MS,
	STATUS_BACKLOG,
	STATUS_EPOCH,
	STATUS_LAST_ERROR,
	NUM_STATUS_COLUMNS
};

/* columns of stat_redis */
enum redis_column
{
	REDIS_DATABASE,
	REDIS_PID,
	REDIS_COUNTERS, /* one for each RedisCount, in its order */
	NUM_REDIS_COLUMNS = REDIS_COUNTERS + NUM_REDIS_COUNTS
};

static void
require_worker(const char *function)
{
	(void) sl_redis_package_check(ERROR);
	sl_worker_roster_require(function, " Set seatlock.redis_url there, too.");
}

/* A database whose worker was not started with the server has none until somebody asks. */
static void
summon_worker(void)
{
	if (sl_setting_redis_url[0] != '\0' && !RecoveryInProgress())
		(void) sl_summon_worker(WORKER_GROUP, MyDatabaseId, MyDatabaseTableSpace);
}

static void
error_no_worker(void)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("no seatlock Redis worker runs in this database"),
					errhint("Set seatlock.redis_url, and name the database in "
							"seatlock.databases.")));
}

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = (text == NULL || text[0] == '\0');
	if (!nulls[column])
		values[column] = CStringGetTextDatum(text);
}

/* How this database's worker last said things were; without one, as if none had ever been. */
static WorkerStatus
find_status(void)
{
	WorkerReport report;

	if (sl_worker_roster_report(WORKER_REDIS, &report))
		return report.status;
	return (WorkerStatus){.backlog = -1};
}

static const char *
ownership_word(RedisOwnership owner)
{
	switch (owner)
	{
		case REDIS_OWNER:
			return "owner";
		case REDIS_FENCED:
			return "fenced";
		default:
			return NULL;
	}
}

/*
 * The age of the oldest change that Redis may not have yet; 0: none.  A worker
 * that has not looked for a while, as it does all the time, does not know.
 */
static int64
lag_ms(const WorkerStatus *status)
{
	int64 age = (sl_clock_now() - status->current_at) / SL_USECS_PER_MSEC;

	if (status->owner == REDIS_OWNER && !status->behind && age < LONGEST_TURN_MS)
		return 0;
	return Max(age, 0);
}

/* redis_status(): one row, as the worker of this database last saw things. */
Datum
seatlock_redis_status(PG_FUNCTION_ARGS)
{
	WorkerStatus status;
	TupleDesc tupdesc = sl_rows_describe(fcinfo, NUM_STATUS_COLUMNS);
	Datum values[NUM_STATUS_COLUMNS];
	bool nulls[NUM_STATUS_COLUMNS] = {false};

	require_worker("seatlock.redis_status()");
	summon_worker();
	status = find_status();
	values[STATUS_CONNECTED] = BoolGetDatum(status.connected);
	set_text(values, nulls, STATUS_SERVER_VERSION, status.version);
	set_text(values, nulls, STATUS_ROLE, status.role);
	set_text(values, nulls, STATUS_OWNERSHIP, ownership_word(status.owner));
	nulls[STATUS_LAG_MS] = (status.current_at == 0);
	values[STATUS_LAG_MS] = Int64GetDatum(lag_ms(&status));
	nulls[STATUS_BACKLOG] = (status.backlog < 0);
	values[STATUS_BACKLOG] = Int64GetDatum(status.backlog);
	set_text(values, nulls, STATUS_EPOCH, status.epoch);
	set_text(values, nulls, STATUS_LAST_ERROR, status.last_error);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/* redis_resync(event text): have the worker publish the event anew, labels too. */
Datum
seatlock_redis_resync(PG_FUNCTION_ARGS)
{
	char *name = sl_arg_name(fcinfo, 0, "event");
	Store *store;
	EventRow event;

	require_worker("seatlock.redis_resync()");
	store = sl_store_open_latest();
	sl_store_require_event(store, name, &event);
	sl_store_close(store);
	if (!sl_worker_roster_order_resync(event.event_id))
		error_no_worker();
	PG_RETURN_VOID();
}

/* redis_take_over(): have this database's worker own the keys, whichever does now. */
Datum
seatlock_redis_take_over(PG_FUNCTION_ARGS)
{
	require_worker("seatlock.redis_take_over()");
	if (!sl_worker_roster_order_take_over())
		error_no_worker();
	PG_RETURN_VOID();
}

/* redis_acl(): the commands that make the Redis users of this database. */
Datum
seatlock_redis_acl(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	(void) sl_redis_package_check(ERROR);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < NUM_REDIS_USERS; i++)
	{
		char *line = sl_redis_acl((RedisUser) i, sl_redis_prefix(), sl_redis_prefix_common());
		Datum value = CStringGetTextDatum(line);
		bool null = false;

		rows_put(rsinfo, &value, &null);
	}
	return (Datum) 0;
}

/* What the view stat_redis shows: a row, when this database has, or had, a Redis worker. */
Datum
seatlock_redis_statistics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	Datum values[NUM_REDIS_COLUMNS];
	bool nulls[NUM_REDIS_COLUMNS] = {false};
	WorkerReport report;

	require_worker("seatlock.stat_redis");
	rsinfo = sl_rows_begin(fcinfo, NUM_REDIS_COLUMNS);
	if (!sl_worker_roster_report(WORKER_REDIS, &report))
		return (Datum) 0;
	set_text(values, nulls, REDIS_DATABASE, get_database_name(MyDatabaseId));
	nulls[REDIS_PID] = (report.pid == 0);
	values[REDIS_PID] = Int32GetDatum(report.pid);
	for (int i = 0; i < NUM_REDIS_COUNTS; i++)
		values[REDIS_COUNTERS + i] = Int64GetDatum((int64) report.counts[i]);
	rows_put(rsinfo, values, nulls);
	return (Datum) 0;
}
