/*-------------------------------------------------------------------------
 *
 * claim_step.h
 *		The steps that claim, claim_best, book and release share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_STEP_H
#define SEATLOCK_CLAIM_STEP_H

#include "verbs/claim_request.h"

extern void sl_claim_begin(Call *call, const ClaimRequest *request);
extern bool sl_claim_replay(Call *call, const ClaimRequest *request, ClaimResult **result);
extern ClaimResult *sl_claim_repeat(const ClaimRequest *request);
extern bool sl_claim_may_start(Call *call, const ClaimRequest *request, Outcome *refusal);
extern bool sl_claim_within_limit(Call *call, const ClaimRequest *request);
extern bool sl_claim_may_own(Call *call, const char *holder, int num_more);
extern ClaimResult *sl_claim_too_large(Call *call);
extern ClaimResult *sl_claim_write(Call *call, const ClaimRequest *request, int together);
extern void sl_claim_note_request(Call *call, const ClaimRequest *request, Outcome outcome,
								  int together);

#endif /* SEATLOCK_CLAIM_STEP_H */
