/*-------------------------------------------------------------------------
 *
 * redis_package.c
 *		The library seatlock_redis, which comes in a package of its own.
 *
 * Only a Redis worker loads it.  Others look whether it could: the postmaster
 * would start a worker without its library anew, and in vain, every second.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "miscadmin.h"

#include "base/redis_package.h"

/* Is it installed?  A report of that level says so where it is not. */
bool
sl_redis_package_check(int elevel)
{
	char *path = psprintf("%s%s" DLSUFFIX, pkglib_path, strchr(SL_REDIS_LIBRARY, '/'));
	bool is_installed = (access(path, R_OK) == 0);

	pfree(path);
	if (!is_installed)
		ereport(elevel, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg(SL_REDIS_MISSING),
						 errdetail("Without it nothing goes to Redis."),
						 errhint("Install the package %s, or build seatlock with WITH_REDIS=yes.",
								 SL_REDIS_PACKAGE)));
	return is_installed;
}
