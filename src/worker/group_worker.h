/*-------------------------------------------------------------------------
 *
 * group_worker.h
 *		The life of the workers: one per database, and one for its Redis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_GROUP_WORKER_H
#define SEATLOCK_GROUP_WORKER_H

#include "base/seatlock.h"

/* group_worker.c */
extern void sl_group_worker_begin(void);
extern PGDLLEXPORT bool sl_group_worker_has_extension(void);

/* utility_hook.c */
extern void sl_utility_hook_install(void);

#endif /* SEATLOCK_GROUP_WORKER_H */
