/*-------------------------------------------------------------------------
 *
 * expiry_hints.h
 *		Which holds end when: told by those who make them, for the worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EXPIRY_HINTS_H
#define SEATLOCK_EXPIRY_HINTS_H

#include "base/seatlock.h"

typedef struct DueHold
{
	TimestampTz expires_at;
	int32 event_id;
	pg_uuid_t token;
	int pause; /* seconds for which the worker put it off after an error; 0: there was none */
} DueHold;

/* most that one sl_expiry_hints_take returns */
#define SL_MAX_DUE_TAKEN 64

extern Size sl_expiry_hints_shared_size(void);
extern void sl_expiry_hints_attach(void);
extern void sl_expiry_hints_tell(int32 event_id, const pg_uuid_t *token, TimestampTz expires_at);

/* for the worker */
extern int sl_expiry_hints_take(DueHold *holds, bool *lost);
extern bool sl_expiry_hints_sleep(TimestampTz until);

#endif /* SEATLOCK_EXPIRY_HINTS_H */
