/*-------------------------------------------------------------------------
 *
 * board_answer.h
 *		Refusals from the seat board, and what a claim saw there if it was none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_ANSWER_H
#define SEATLOCK_BOARD_ANSWER_H

#include "verbs/claim_request.h"

extern ClaimResult *sl_board_answer(ClaimRequest *request);
extern const int32 *sl_board_answer_seat_nos(const ClaimRequest *request, const Call *call);
extern void sl_board_answer_warm(const ClaimRequest *request, const Call *call);
extern void sl_board_answer_missed(const ClaimRequest *request, const ClaimResult *result);

#endif /* SEATLOCK_BOARD_ANSWER_H */
