/*-------------------------------------------------------------------------
 *
 * worker.h
 *		The life of the workers: one per database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WORKER_H
#define SEATLOCK_WORKER_H

#include "crew.h"

/* worker.c */
extern void sl_worker_install(void);
extern CrewEntry *sl_worker_summon(Oid database, Oid tablespace);

/* worker_leave.c */
extern void sl_worker_install_leave(void);

#endif /* SEATLOCK_WORKER_H */
