/*-------------------------------------------------------------------------
 *
 * request_key.h
 *		Request keys: a repetition is told what was done, and does nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REQUEST_KEY_H
#define SEATLOCK_REQUEST_KEY_H

#include "verbs/call.h"

extern ClaimResult *sl_request_key_replay(Call *call);
extern void sl_request_key_note(const Call *call, Outcome outcome);

#endif /* SEATLOCK_REQUEST_KEY_H */
