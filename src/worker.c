/*-------------------------------------------------------------------------
 *
 * worker.c
 *		The life of the workers: one per database, and one for its Redis.
 *
 * A worker is started by the first call that needs it, or with the server for
 * the databases in seatlock.databases.  The postmaster starts it anew after a
 * crash or an error; exit code 0 ends that, when it was dismissed, found
 * another on duty, or was called to a database that has nothing for it to do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "access/xact.h"
#include "commands/extension.h"
#include "common/relpath.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/varlena.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "desk.h"
#include "group.h"
#include "post.h"
#include "settings.h"
#include "tidy.h"
#include "worker.h"

#define RESTART_SECONDS 1

/* one that was named in the settings may not exist: do not fill the log */
#define NAMED_RESTART_SECONDS 10

/* how often such a one looks whether its extension has been created */
#define EXTENSION_LOOK_MS 1000

/* Where a worker is to work; in its bgw_extra. */
typedef struct WorkerPlace
{
	Oid database; /* InvalidOid: known by name */
	Oid tablespace;
	char name[NAMEDATALEN];
} WorkerPlace;

StaticAssertDecl(sizeof(WorkerPlace) <= BGW_EXTRALEN, "a worker's place fits into bgw_extra");

PGDLLEXPORT void seatlock_worker_main(Datum arg);

static void
describe(BackgroundWorker *worker, const char *name, const char *function, int restart_seconds)
{
	memset(worker, 0, sizeof(*worker));
	strlcpy(worker->bgw_name, name, BGW_MAXLEN);
	strlcpy(worker->bgw_type, name, BGW_MAXLEN);
	strlcpy(worker->bgw_library_name, "seatlock", BGW_MAXLEN);
	strlcpy(worker->bgw_function_name, function, BGW_MAXLEN);
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = restart_seconds;
}

/* To be called while the server preloads this library. */
void
sl_worker_install(void)
{
	BackgroundWorker worker;
	WorkerPlace place = {InvalidOid};
	List *names;
	ListCell *cell;

	if (IsBinaryUpgrade || sl_setting_databases == NULL)
		return;
	if (!SplitIdentifierString(pstrdup(sl_setting_databases), ',', &names))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("seatlock.databases is no list of names")));
	foreach (cell, names)
	{
		describe(&worker, "seatlock worker", "seatlock_worker_main", NAMED_RESTART_SECONDS);
		strlcpy(place.name, lfirst(cell), NAMEDATALEN);
		memcpy(worker.bgw_extra, &place, sizeof(place));
		RegisterBackgroundWorker(&worker);
	}
}

/* False: there is no free worker slot. */
static bool
register_worker(const char *name, const char *function, Oid database, Oid tablespace)
{
	BackgroundWorker worker;
	WorkerPlace place = {database, tablespace};

	describe(&worker, name, function, RESTART_SECONDS);
	memcpy(worker.bgw_extra, &place, sizeof(place));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

static void
start(Oid database, Oid tablespace)
{
	if (register_worker("seatlock worker", "seatlock_worker_main", database, tablespace))
		return;
	sl_crew_start_failed(database);
	ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					  errmsg("could not start the seatlock worker: no free worker slot"),
					  errdetail("Until there is one, claim_now answers \"busy\". The next try is "
								"in 60 seconds."),
					  errhint("Increase max_worker_processes.")));
}

/* From the worker of this database: have the Redis worker started, where there is a Redis. */
static void
start_redis_worker(void)
{
	if (sl_setting_redis_url[0] != '\0' && sl_post_is_wanted(MyDatabaseId) &&
		!register_worker("seatlock redis worker", "seatlock_redis_worker_main", MyDatabaseId,
						 MyDatabaseTableSpace))
		ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						  errmsg("could not start the seatlock Redis worker: no free worker slot"),
						  errhint("Increase max_worker_processes.")));
}

/* The entry behind which a worker stands or soon will, or NULL: not now. */
CrewEntry *
sl_worker_summon(Oid database, Oid tablespace)
{
	CrewEntry *entry;

	switch (sl_crew_find(database, &entry))
	{
		case CREW_PRESENT:
			return entry;
		case CREW_WANTED:
			start(database, tablespace);
			return entry;
		default:
			return NULL;
	}
}

/* The database may have gone while the postmaster waited to start its worker. */
static bool
still_exists(const WorkerPlace *place)
{
	char *path = GetDatabasePath(place->database, place->tablespace);
	bool exists = (access(path, F_OK) == 0);

	pfree(path);
	return exists;
}

static void
connect_to_database(void)
{
	WorkerPlace place;

	memcpy(&place, MyBgworkerEntry->bgw_extra, sizeof(place));
	if (!OidIsValid(place.database))
		BackgroundWorkerInitializeConnection(place.name, NULL, 0);
	else if (still_exists(&place))
		BackgroundWorkerInitializeConnectionByOid(place.database, InvalidOid, 0);
	else
		proc_exit(0);
}

bool
sl_worker_has_extension(void)
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
 * transactions are.  synchronous_commit stays: it is what callers were promised.
 */
static void
fix_settings(void)
{
	set("default_transaction_isolation", "read committed");
	set("default_transaction_read_only", "off");
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
		start_redis_worker();
	}
}

/*
 * Sleep until somebody asks, or a lapse is due.  A commit may have waited for a
 * standby since the last look for requests, and its wait resets the latch: so
 * this looks again for all that sets it, once nothing can reset it any more.
 */
static void
rest(CrewEntry *entry)
{
	long pause = sl_tidy_pause(entry);

	if (pause == 0)
		return;
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending || sl_crew_is_dismissed(entry) || sl_crew_has_requests(entry))
		return;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	/* a cancel is for the group that was at work when it came */
	QueryCancelPending = false;
}

/* When it fails because the extension is gone, there is nothing left to do here. */
static void
tidy(CrewEntry *entry)
{
	if (!sl_tidy_run(entry) && !sl_worker_has_extension())
		proc_exit(0);
}

/*
 * Work until dismissed.  The latch stays set while there is work, so that
 * callers need no system call to set it; rest() resets it and then all is looked at.
 */
static void
serve(CrewEntry *entry)
{
	int slots[SL_MAX_GROUP];

	while (!sl_crew_is_dismissed(entry))
	{
		int num_slots;

		be_ready();
		num_slots = sl_crew_collect(entry, slots, SL_MAX_GROUP);
		if (num_slots > 0)
		{
			sl_desk_serve(slots, num_slots);
			(void) pgstat_report_stat(false);
		}
		if (num_slots == 0 || sl_tidy_is_due(entry))
			tidy(entry);
		if (num_slots == 0)
			rest(entry);
	}
}

/* What each kind of worker does first: signals, database, settings. */
void
sl_worker_begin(void)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	connect_to_database();
	fix_settings();
}

/*
 * A worker that came with the server waits for its extension to be created;
 * one that was called for it finds it, or has nothing to do.  False: go.
 */
static bool
await_extension(const CrewEntry *entry)
{
	bool named = MyBgworkerEntry->bgw_restart_time == NAMED_RESTART_SECONDS;

	while (!sl_crew_is_dismissed(entry))
	{
		be_ready();
		if (sl_worker_has_extension())
			return true;
		if (!named)
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
	CrewEntry *entry;

	sl_worker_begin();
	entry = sl_crew_join();
	if (entry == NULL || !await_extension(entry))
		proc_exit(0);
	sl_group_init();
	sl_desk_init(entry);
	sl_tidy_init();
	start_redis_worker();
	serve(entry);
	proc_exit(0);
}
