/*-------------------------------------------------------------------------
 *
 * errand.h
 *		A piece of a worker's work, in a transaction of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_ERRAND_H
#define SEATLOCK_ERRAND_H

#include "base/seatlock.h"

extern const char *sl_errand_run(void (*work)(void *arg), void *arg);

#endif /* SEATLOCK_ERRAND_H */
