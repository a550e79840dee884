/*-------------------------------------------------------------------------
 *
 * choices.h
 *		Which seats claim_best may pick: from the seat board, else the table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CHOICES_H
#define SEATLOCK_CHOICES_H

#include "seating/best_available.h"
#include "verbs/call.h"

/* Where the choices of a search are read from. */
typedef struct ChoiceSource
{
	Call *call;
	const House *house;
	SeatChoices choices; /* what the search is given; its arg is this */
	uint8 *own;          /* of seats this transaction has written; NULL: none */
	bool *has_own;       /* per chunk: is there one? */
} ChoiceSource;

extern void sl_choices_open(ChoiceSource *source, Call *call, const House *house);
extern void sl_choices_forget(ChoiceSource *source);
extern void sl_choices_reread(ChoiceSource *source, int seat);

#endif /* SEATLOCK_CHOICES_H */
