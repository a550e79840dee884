/*-------------------------------------------------------------------------
 *
 * tidy.h
 *		The worker records lapses as they come due.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_TIDY_H
#define SEATLOCK_TIDY_H

#include "shmem/crew.h"

extern void sl_tidy_init(void);
extern bool sl_tidy_is_due(const CrewEntry *entry);
extern bool sl_tidy_run(CrewEntry *entry);
extern long sl_tidy_pause(const CrewEntry *entry);

#endif /* SEATLOCK_TIDY_H */
