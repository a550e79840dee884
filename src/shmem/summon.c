/*-------------------------------------------------------------------------
 *
 * summon.c
 *		Have the postmaster start workers, and bring these to their database.
 *
 * A worker is started by the first call that needs it, or with the server for
 * the databases in seatlock.databases.  The postmaster starts it anew after a
 * crash or an error; exit code 0 ends that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "common/relpath.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "utils/varlena.h"

#include "base/redis_package.h"
#include "base/settings.h"
#include "shmem/summon.h"

#define RESTART_SECONDS 1

/* what the views show then */
#define NO_SLOT "no free worker slot: increase max_worker_processes"

/* one that was named in the settings may not exist: do not fill the log */
#define NAMED_RESTART_SECONDS 10

/* Where a worker is to work; in its bgw_extra. */
typedef struct WorkerPlace
{
	Oid database; /* InvalidOid: known by name */
	Oid tablespace;
	char name[NAMEDATALEN];
} WorkerPlace;

StaticAssertDecl(sizeof(WorkerPlace) <= BGW_EXTRALEN, "a worker's place fits into bgw_extra");

typedef struct WorkerTrade
{
	const char *name; /* of its processes */
	const char *library;
	const char *function;
	const char *title;   /* in messages */
	const char *without; /* what is missed */
} WorkerTrade;

static const WorkerTrade trades[] = {
	[WORKER_GROUP] = {"seatlock worker", "seatlock", "seatlock_worker_main", "worker",
					  "claim_now answers \"busy\", no event comes onto the seat board, and no "
					  "lapse is recorded before somebody asks for its seats"},
	[WORKER_REDIS] = {"seatlock redis worker", SL_REDIS_LIBRARY, "seatlock_redis_worker_main",
					  "Redis worker", "nothing goes to Redis"},
};

static BackgroundWorker
describe(WorkerKind kind, const WorkerPlace *place, int restart_seconds)
{
	BackgroundWorker worker = {0};

	strlcpy(worker.bgw_name, trades[kind].name, BGW_MAXLEN);
	strlcpy(worker.bgw_type, trades[kind].name, BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, trades[kind].library, BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, trades[kind].function, BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = restart_seconds;
	memcpy(worker.bgw_extra, place, sizeof(*place));
	return worker;
}

/* To be called while the server preloads this library. */
void
sl_summon_named_workers(void)
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
		strlcpy(place.name, lfirst(cell), NAMEDATALEN);
		worker = describe(WORKER_GROUP, &place, NAMED_RESTART_SECONDS);
		RegisterBackgroundWorker(&worker);
	}
}

static void
start(WorkerKind kind, Oid database, Oid tablespace)
{
	WorkerPlace place = {database, tablespace};
	BackgroundWorker worker = describe(kind, &place, RESTART_SECONDS);

	if (kind == WORKER_REDIS && !sl_redis_package_check(WARNING))
	{
		sl_worker_roster_start_failed(kind, database, SL_REDIS_MISSING);
		return;
	}
	if (RegisterDynamicBackgroundWorker(&worker, NULL))
		return;
	sl_worker_roster_start_failed(kind, database, NO_SLOT);
	ereport(
		WARNING,
		(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
		 errmsg("could not start the seatlock %s: no free worker slot", trades[kind].title),
		 errdetail("Until there is one, %s. The next try is in 60 seconds.", trades[kind].without),
		 errhint("Increase max_worker_processes.")));
}

/* The entry behind which a worker stands or soon will, or NULL: not now. */
WorkerEntry *
sl_summon_worker(WorkerKind kind, Oid database, Oid tablespace)
{
	bool wanted;
	WorkerEntry *entry = sl_worker_roster_find(kind, database, &wanted);

	if (wanted)
		start(kind, database, tablespace);
	return entry;
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

void
sl_summon_connect(void)
{
	WorkerPlace place;

	memcpy(&place, MyBgworkerEntry->bgw_extra, sizeof(place));
	/* also where nobody else may connect, as autovacuum: else it would be started for ever */
	if (!OidIsValid(place.database))
		BackgroundWorkerInitializeConnection(place.name, NULL, BGWORKER_BYPASS_ALLOWCONN);
	else if (still_exists(&place))
		BackgroundWorkerInitializeConnectionByOid(place.database, InvalidOid,
												  BGWORKER_BYPASS_ALLOWCONN);
	else
		proc_exit(0);
}

/* Did this worker come with the server, and not for a call? */
bool
sl_summon_was_named(void)
{
	return MyBgworkerEntry->bgw_restart_time == NAMED_RESTART_SECONDS;
}
