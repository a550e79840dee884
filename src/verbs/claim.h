/*-------------------------------------------------------------------------
 *
 * claim.h
 *		The verbs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_H
#define SEATLOCK_CLAIM_H

#include "verbs/claim_request.h"

/* claim.c */
extern ClaimResult *sl_claim(ClaimRequest *request);

/* claim_best.c */
extern ClaimResult *sl_claim_best(const ClaimRequest *request);

/* hold.c */
extern ClaimResult *sl_hold_confirm(const char *event, const char *token, const char *order_ref);
extern ClaimResult *sl_hold_extend(const char *event, const char *token, int ttl_seconds);
extern ClaimResult *sl_hold_release(const char *event, const char *token, const SeatList *seats);
extern ClaimResult *sl_hold_release_within(const ClaimRequest *request);
extern ClaimResult *sl_hold_cancel(const char *event, const char *token, const SeatList *seats,
								   const char *order_ref);
extern ClaimResult *sl_hold_set_holder(const char *event, const char *token, const char *holder);
extern ClaimResult *sl_hold_read(const char *event, const char *token);

/* block.c */
extern ClaimResult *sl_block(const char *event, const SeatList *seats, const char *reason);
extern ClaimResult *sl_unblock(const char *event, const SeatList *seats);

/* rename.c */
extern ClaimResult *sl_rename_holder(const char *event, const char *holder, const char *into);

/* lock.c */
typedef struct LockedSeat
{
	char *label;
	bool locked;
	const char *status; /* NULL: no such seat */
} LockedSeat;

extern int sl_lock(const char *event, const SeatList *seats, int wait_ms, LockedSeat **locked);

#endif /* SEATLOCK_CLAIM_H */
