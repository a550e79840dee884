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

#include "stat.h"

extern Datum sl_result_to_datum(FunctionCallInfo fcinfo, const ClaimResult *result);
extern Datum sl_result_counted(FunctionCallInfo fcinfo, StatVerb verb, const ClaimResult *result);

#endif /* SEATLOCK_API_RESULT_H */
