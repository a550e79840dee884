/*-------------------------------------------------------------------------
 *
 * api_result.h
 *		A claim_result row from a verb's answer, and the same as JSON.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_API_RESULT_H
#define SEATLOCK_API_RESULT_H

#include "access/tupdesc.h"
#include "fmgr.h"

#include "base/claim_request.h"
#include "base/claim_result.h"

/* in two steps where nothing may fail once the answer is there */
extern TupleDesc sl_result_describe(FunctionCallInfo fcinfo);
extern Datum sl_result_form(TupleDesc tupdesc, const ClaimResult *result);
extern Datum sl_result_to_datum(FunctionCallInfo fcinfo, const ClaimResult *result);
extern PGDLLEXPORT char *sl_result_to_json(const ClaimResult *result);
extern Datum sl_result_run(FunctionCallInfo fcinfo, const ClaimRequest *request);

#endif /* SEATLOCK_API_RESULT_H */
