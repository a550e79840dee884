/*-------------------------------------------------------------------------
 *
 * wanted.h
 *		Which events are wanted on the seat board: told by who missed them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WANTED_H
#define SEATLOCK_WANTED_H

#include "shmem/crew.h"

typedef struct WantedEvent
{
	Oid table;
	int32 event_id;
} WantedEvent;

extern Size sl_wanted_shared_size(void);
extern void sl_wanted_attach(void);
extern void sl_wanted_tell(CrewEntry *entry, Oid table, int32 event_id);

/* for the worker */
extern bool sl_wanted_next(const CrewEntry *entry, WantedEvent *event);
extern bool sl_wanted_is_any(const CrewEntry *entry);
extern void sl_wanted_done(const CrewEntry *entry, const WantedEvent *event);
extern void sl_wanted_leave_out(const CrewEntry *entry, const WantedEvent *event);

#endif /* SEATLOCK_WANTED_H */
