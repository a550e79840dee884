/*-------------------------------------------------------------------------
 *
 * wanted.h
 *		Which events are wanted on the seat board: told by who missed them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WANTED_H
#define SEATLOCK_WANTED_H

#include "shmem/worker_roster.h"

typedef struct WantedEvent
{
	Oid table;
	int32 event_id;
} WantedEvent;

extern Size sl_wanted_shared_size(void);
extern void sl_wanted_attach(void);
extern void sl_wanted_tell(WorkerEntry *entry, Oid table, int32 event_id);

/* for the worker */
extern bool sl_wanted_next(WantedEvent *event);
extern bool sl_wanted_is_any(void);
extern void sl_wanted_done(const WantedEvent *event);
extern void sl_wanted_leave_out(const WantedEvent *event);

#endif /* SEATLOCK_WANTED_H */
