/*-------------------------------------------------------------------------
 *
 * api_result.h
 *		A claim_result row from a verb's answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_API_RESULT_H
#define SEATLOCK_API_RESULT_H

#include "fmgr.h"

#include "claim_result.h"

extern Datum sl_result_to_datum(FunctionCallInfo fcinfo, const ClaimResult *result);

#endif /* SEATLOCK_API_RESULT_H */
