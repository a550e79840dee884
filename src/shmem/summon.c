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

#include "base/settings.h"
#include "shmem/post.h"
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
	sl_crew_start_failed(database, NO_SLOT);
	ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					  errmsg("could not start the seatlock worker: no free worker slot"),
					  errdetail("Until there is one, claim_now answers \"busy\", no event comes "
								"onto the seat board, and no lapse is recorded before somebody "
								"asks for its seats. The next try is in 60 seconds."),
					  errhint("Increase max_worker_processes.")));
}

/* From the worker of this database: have the Redis worker started, where there is a Redis. */
void
sl_summon_redis_worker(void)
{
	if (sl_setting_redis_url[0] == '\0' || !sl_post_is_wanted(MyDatabaseId) ||
		register_worker("seatlock redis worker", "seatlock_redis_worker_main", MyDatabaseId,
						MyDatabaseTableSpace))
		return;
	sl_post_start_failed(NO_SLOT);
	ereport(WARNING,
			(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
			 errmsg("could not start the seatlock Redis worker: no free worker slot"),
			 errdetail("Until there is one, nothing goes to Redis. The next try is in 60 seconds."),
			 errhint("Increase max_worker_processes.")));
}

/* The entry behind which a worker stands or soon will, or NULL: not now. */
CrewEntry *
sl_summon_worker(Oid database, Oid tablespace)
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
