/*-------------------------------------------------------------------------
 *
 * worker.h
 *		The life of the workers: one per database, and one for its Redis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WORKER_H
#define SEATLOCK_WORKER_H

#include "base/seatlock.h"

/* worker.c */
extern void sl_worker_begin(void);
extern bool sl_worker_has_extension(void);

/* worker_leave.c */
extern void sl_worker_install_leave(void);

#endif /* SEATLOCK_WORKER_H */
