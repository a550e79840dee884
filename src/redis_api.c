/*-------------------------------------------------------------------------
 *
 * redis_api.c
 *		What a Redis worker calls first, whichever release its library is of.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"

#include "base/redis_package.h"
#include "redis_api.h"

/*
 * Signals, database, settings; then the two interfaces are compared.  The exit
 * code keeps the postmaster from starting a worker of this library anew, which
 * the group worker does instead, from time to time.
 */
void
seatlock_redis_worker_begin(int api)
{
	const char *older = api < SL_REDIS_API ? SL_REDIS_PACKAGE : SL_PACKAGE;
	char *message;

	sl_group_worker_begin();
	if (api == SL_REDIS_API)
		return;
	message = psprintf("seatlock_redis wants interface %d of seatlock, which has interface %d: "
					   "upgrade %s, and restart the server",
					   api, SL_REDIS_API, older);
	sl_worker_roster_start_failed(WORKER_REDIS, MyDatabaseId, message);
	ereport(WARNING,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s", message),
			 errdetail("Until then nothing goes to Redis. The next try is in 60 seconds.")));
	proc_exit(0);
}
