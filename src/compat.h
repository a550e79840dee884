/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Every test of the server's version.  Wrappers take the newest
 *		signature and shrink it for older servers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_COMPAT_H
#define SEATLOCK_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "seatlock needs PostgreSQL 15 or later"
#endif

#endif /* SEATLOCK_COMPAT_H */
