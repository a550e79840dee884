/*-------------------------------------------------------------------------
 *
 * refuse.h
 *		Refusals from the seat board, and what a claim saw there if it was none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REFUSE_H
#define SEATLOCK_REFUSE_H

#include "verbs/claim_request.h"

extern ClaimResult *sl_refuse(ClaimRequest *request);
extern const int32 *sl_refuse_seat_nos(const ClaimRequest *request, const Call *call);
extern void sl_refuse_warm(const ClaimRequest *request, const Call *call);
extern void sl_refuse_missed(const ClaimRequest *request, const ClaimResult *result);

#endif /* SEATLOCK_REFUSE_H */
