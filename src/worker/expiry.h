/*-------------------------------------------------------------------------
 *
 * expiry.h
 *		The worker records lapses as they come due.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EXPIRY_H
#define SEATLOCK_EXPIRY_H

#include "shmem/crew.h"

extern void sl_expiry_init(void);
extern bool sl_expiry_is_due(const CrewEntry *entry);
extern bool sl_expiry_run(CrewEntry *entry);
extern long sl_expiry_pause(const CrewEntry *entry);

#endif /* SEATLOCK_EXPIRY_H */
