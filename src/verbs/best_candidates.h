/*-------------------------------------------------------------------------
 *
 * best_candidates.h
 *		Which seats claim_best may pick: from the seat board, else the table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_CANDIDATES_H
#define SEATLOCK_BEST_CANDIDATES_H

#include "seating/best_available.h"
#include "verbs/call.h"

/* Where the choices of a search are read from. */
typedef struct ChoiceSource
{
	Call *call;
	const Layout *layout;
	SeatChoices choices; /* what the search is given; its arg is this */
	uint8 *own;          /* of seats this transaction has written; NULL: none */
	bool *has_own;       /* per chunk: is there one? */
} ChoiceSource;

extern void sl_best_candidates_open(ChoiceSource *source, Call *call, const Layout *layout);
extern void sl_best_candidates_forget(ChoiceSource *source);
extern void sl_best_candidates_reread(ChoiceSource *source, int seat);

#endif /* SEATLOCK_BEST_CANDIDATES_H */
