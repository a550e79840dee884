/*-------------------------------------------------------------------------
 *
 * board_answer.h
 *		Refusals from the seat board, and what a claim saw there if it was none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_ANSWER_H
#define SEATLOCK_BOARD_ANSWER_H

#include "board/board.h"
#include "verbs/call.h"

/* What a call saw on the seat board before it went to the tables. */
typedef struct BoardGlance
{
	bool asked; /* the next two: only if it was */
	Oid table;
	BoardFound found;
	BoardEvent event; /* and the next two: only if it was found */
	int32 *seat_nos;  /* parallel to the request's labels */
	BoardWord *words;
} BoardGlance;

extern ClaimResult *sl_board_answer(const ClaimRequest *request, BoardGlance *glance);
extern const int32 *sl_board_answer_seat_nos(const Call *call);
extern void sl_board_answer_warm(Call *call);
extern void sl_board_answer_missed(const ClaimRequest *request, const BoardGlance *glance,
								   const ClaimResult *result);

#endif /* SEATLOCK_BOARD_ANSWER_H */
