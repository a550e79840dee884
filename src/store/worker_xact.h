/*-------------------------------------------------------------------------
 *
 * worker_xact.h
 *		A piece of a worker's work, in a transaction of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WORKER_XACT_H
#define SEATLOCK_WORKER_XACT_H

#include "base/seatlock.h"

extern PGDLLEXPORT const char *sl_worker_xact_run(void (*work)(void *arg), void *arg);

#endif /* SEATLOCK_WORKER_XACT_H */
