/*-------------------------------------------------------------------------
 *
 * summon.h
 *		Have the postmaster start workers, and bring these to their database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SUMMON_H
#define SEATLOCK_SUMMON_H

#include "shmem/worker_roster.h"

/* while the server preloads the library */
extern void sl_summon_named_workers(void);

/* for anybody */
extern WorkerEntry *sl_summon_worker(WorkerKind kind, Oid database, Oid tablespace);

/* for workers */
extern void sl_summon_connect(void);
extern bool sl_summon_was_named(void);

#endif /* SEATLOCK_SUMMON_H */
