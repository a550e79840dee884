/*-------------------------------------------------------------------------
 *
 * best_search.h
 *		One search for the best seats: what it works on, and its smallest steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_SEARCH_H
#define SEATLOCK_BEST_SEARCH_H

#include "seating/best_available.h"

/* One search: the house, the state of its seats, what is asked for. */
typedef struct BestSearch
{
	const House *house;
	SeatChoices *choices;
	int quantity;
	bool *section_wanted;     /* parallel to House.sections */
	bool *kind_wanted;        /* by HouseSeat.kind */
	bool usable[NUM_CHOICES]; /* which choices may be picked */
	int *picked;              /* where solutions are written */
} BestSearch;

/* Consecutive seats of one run. */
typedef struct Block
{
	int first;    /* index into House.seats; -1: none found yet */
	int orphans;  /* single free seats it leaves at its sides: 0, 1 or 2 */
	int distance; /* of its middle from its row's, in halves of HouseSeat.along */
} Block;

extern void sl_best_read(const BestSearch *search, int first, int end);
extern void sl_best_read_row(const BestSearch *search, const HouseRow *row);
extern void sl_best_find_block(const BestSearch *search, const HouseRow *row, const HouseRun *run,
							   int from, int to, int size, Block *best);

static inline bool
seat_is_usable(const BestSearch *search, int seat)
{
	return search->usable[search->choices->values[seat]] &&
		   search->kind_wanted[search->house->seats[seat].kind];
}

static inline bool
row_is_wanted(const BestSearch *search, const HouseRow *row, bool standing)
{
	return row->standing == standing && search->section_wanted[row->section];
}

#endif /* SEATLOCK_BEST_SEARCH_H */
