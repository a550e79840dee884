/*-------------------------------------------------------------------------
 *
 * redis_package.h
 *		The library seatlock_redis, which comes in a package of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_PACKAGE_H
#define SEATLOCK_REDIS_PACKAGE_H

#include "base/seatlock.h"

/* as Debian names them */
#define SL_PACKAGE "postgresql-" PG_MAJORVERSION "-seatlock"
#define SL_REDIS_PACKAGE SL_PACKAGE "-redis"

/* for bgw_library_name */
#define SL_REDIS_LIBRARY "$libdir/seatlock_redis"

#define SL_REDIS_MISSING "the library seatlock_redis is not installed"

extern bool sl_redis_package_check(int elevel);

#endif /* SEATLOCK_REDIS_PACKAGE_H */
