/*-------------------------------------------------------------------------
 *
 * best_block.h
 *		One search for the best seats: what it works on, and its smallest steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_BLOCK_H
#define SEATLOCK_BEST_BLOCK_H

#include "seating/best_available.h"

/* One search: the house, the state of its seats, what is asked for. */
typedef struct BestSearch
{
	const Layout *layout;
	SeatChoices *choices;
	int quantity;
	bool *section_wanted;     /* parallel to Layout.sections */
	bool *kind_wanted;        /* by LayoutSeat.kind */
	bool usable[NUM_CHOICES]; /* which choices may be picked */
	int *picked;              /* where solutions are written */
} BestSearch;

/* Consecutive seats of one run. */
typedef struct Block
{
	int first;    /* index into Layout.seats; -1: none found yet */
	int orphans;  /* single free seats it leaves at its sides: 0, 1 or 2 */
	int distance; /* of its middle from its row's, in halves of LayoutSeat.along */
} Block;

extern void sl_best_block_read(const BestSearch *search, int first, int end);
extern void sl_best_block_read_row(const BestSearch *search, const LayoutRow *row);
extern void sl_best_block_find(const BestSearch *search, const LayoutRow *row, const LayoutRun *run,
							   int from, int to, int size, Block *best);

static inline bool
seat_is_usable(const BestSearch *search, int seat)
{
	return search->usable[search->choices->values[seat]] &&
		   search->kind_wanted[search->layout->seats[seat].kind];
}

static inline bool
row_is_wanted(const BestSearch *search, const LayoutRow *row, bool standing)
{
	return row->standing == standing && search->section_wanted[row->section];
}

#endif /* SEATLOCK_BEST_BLOCK_H */
