/*-------------------------------------------------------------------------
 *
 * store_integrity.h
 *		The invariants of the tables, as queries that find no rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_INTEGRITY_H
#define SEATLOCK_STORE_INTEGRITY_H

#include "nodes/execnodes.h"

#include "base/seatlock.h"

extern void sl_store_integrity_check(ReturnSetInfo *result, const char *event);
extern void sl_store_triggers_check(ReturnSetInfo *result);

#endif /* SEATLOCK_STORE_INTEGRITY_H */
