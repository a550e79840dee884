/*-------------------------------------------------------------------------
 *
 * verdict.h
 *		The answer of a verb as JSON, for callers that are no SQL clients.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_VERDICT_H
#define SEATLOCK_VERDICT_H

#include "base/claim_result.h"

extern char *sl_verdict_of_result(const ClaimResult *result);
extern char *sl_verdict_of_error(int sqlerrcode, const char *message);

#endif /* SEATLOCK_VERDICT_H */
