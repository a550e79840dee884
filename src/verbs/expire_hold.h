/*-------------------------------------------------------------------------
 *
 * expire_hold.h
 *		Record that a hold is over, before anybody asks for its seats.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EXPIRE_HOLD_H
#define SEATLOCK_EXPIRE_HOLD_H

#include "base/claim_result.h"
#include "store/store.h"

typedef enum Lapse
{
	LAPSE_RECORDED,
	LAPSE_NONE, /* it is over already, or not yet */
	LAPSE_BUSY  /* others are at work on it */
} Lapse;

extern Lapse sl_expire_hold(Store *store, int32 event_id, const pg_uuid_t *token,
							TimestampTz *expires_at, ClaimResult **result);

#endif /* SEATLOCK_EXPIRE_HOLD_H */
