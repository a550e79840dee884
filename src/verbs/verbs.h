/*-------------------------------------------------------------------------
 *
 * verbs.h
 *		The verbs, for those who call them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_VERBS_H
#define SEATLOCK_VERBS_H

#include "base/claim_request.h"
#include "base/claim_result.h"
#include "store/store.h"

/* How a worker has it done: as one of many in a transaction, which waits for nobody. */
typedef struct CallTerms
{
	Store *store;     /* that the others work on in turn */
	Size answer_room; /* for the labels of the answer, see claim_answer_size; 0: any */
	bool late;        /* decide no more: only repeat what was decided under the request key */
} CallTerms;

typedef struct LockedSeat
{
	char *label;
	bool locked;
	const char *status; /* NULL: no such seat */
} LockedSeat;

/* call.c; terms are NULL for a call by itself */
extern ClaimResult *sl_call_run(const ClaimRequest *request, const CallTerms *terms);

/* expire_hold.c */
extern ClaimResult *sl_expire_hold(Store *store, int32 event_id, const pg_uuid_t *token);

/* hold.c */
extern ClaimResult *sl_hold_read(const char *event, const char *token);

/* lock.c */
extern int sl_lock(const char *event, const SeatList *seats, int wait_ms, LockedSeat **locked);

#endif /* SEATLOCK_VERBS_H */
