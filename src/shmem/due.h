/*-------------------------------------------------------------------------
 *
 * due.h
 *		Which holds end when: told by those who make them, for the worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_DUE_H
#define SEATLOCK_DUE_H

#include "shmem/crew.h"

typedef struct DueHold
{
	TimestampTz expires_at;
	int32 event_id;
	pg_uuid_t token;
} DueHold;

/* most that one sl_due_take returns */
#define SL_MAX_DUE_TAKEN 64

extern Size sl_due_shared_size(void);
extern void sl_due_attach(void);
extern void sl_due_tell(int32 event_id, const pg_uuid_t *token, TimestampTz expires_at);

/* for the worker */
extern int sl_due_take(const CrewEntry *entry, DueHold *holds, bool *lost);
extern bool sl_due_sleep(const CrewEntry *entry, TimestampTz until);

#endif /* SEATLOCK_DUE_H */
