/*-------------------------------------------------------------------------
 *
 * claim.h
 *		The steps of each verb, and those that claim, book and claim_best share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_H
#define SEATLOCK_CLAIM_H

#include "verbs/call.h"

extern const VerbSteps sl_claim_steps; /* and book */
extern const VerbSteps sl_claim_best_steps;
extern const VerbSteps sl_hold_confirm_steps;
extern const VerbSteps sl_hold_extend_steps;
extern const VerbSteps sl_hold_release_steps;
extern const VerbSteps sl_hold_cancel_steps;
extern const VerbSteps sl_hold_set_holder_steps;
extern const VerbSteps sl_block_steps; /* and unblock */
extern const VerbSteps sl_rename_steps;
extern const VerbSteps sl_expire_steps;

/* claim.c */
extern Progress sl_claim_may_start(Call *call);
extern Progress sl_claim_within_limit(Call *call);
extern bool sl_claim_may_own(Call *call, const char *holder, int num_more);
extern bool sl_claim_has_room(Call *call, int num_labels, Size label_bytes);
extern ClaimResult *sl_claim_write(Call *call);

#endif /* SEATLOCK_CLAIM_H */
