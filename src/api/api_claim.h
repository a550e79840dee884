/*-------------------------------------------------------------------------
 *
 * api_claim.h
 *		The arguments of claim and claim_best, in all their forms.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_API_CLAIM_H
#define SEATLOCK_API_CLAIM_H

#include "fmgr.h"

#include "base/claim_request.h"

extern void sl_api_claim_arguments(FunctionCallInfo fcinfo, ClaimRequest *request);
extern void sl_api_claim_array_arguments(FunctionCallInfo fcinfo, ClaimRequest *request);
extern void sl_api_claim_best_arguments(FunctionCallInfo fcinfo, ClaimRequest *request);

#endif /* SEATLOCK_API_CLAIM_H */
