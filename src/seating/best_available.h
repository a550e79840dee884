/*-------------------------------------------------------------------------
 *
 * best_available.h
 *		Pure search for the best free seats; doc/ranking.md has the rule.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_AVAILABLE_H
#define SEATLOCK_BEST_AVAILABLE_H

#include "base/vocabulary.h"
#include "seating/layout.h"

/* What the search may do with a seat. */
typedef enum SeatChoice
{
	CHOICE_FREE,    /* may be picked */
	CHOICE_TAKEN,   /* is not free */
	CHOICE_SKIPPED, /* free, but somebody is claiming it right now */
	CHOICE_UNKNOWN, /* not read yet: SeatChoices.read is asked */
	CHOICE_PASSED,  /* the search's own mark, gone when it returns */
	NUM_CHOICES
} SeatChoice;

/*
 * The state of every seat of a house.  A caller that does not want to read
 * all of them beforehand sets values to CHOICE_UNKNOWN and gives a read
 * function.  The search goes through the house from the front and asks for the
 * next SL_SEATS_PER_CHUNK seats when it gets there; values survives from one
 * search to the next.
 */
typedef struct SeatChoices
{
	uint8 *values; /* SeatChoice, parallel to Layout.seats */
	bool *full;    /* per chunk that was read: has no seat to pick; NULL: nobody knows */
	/* sets values[first] to values[first + count - 1]; NULL: all are known */
	void (*read)(struct SeatChoices *choices, int first, int count);
	void *arg; /* for read */
} SeatChoices;

typedef struct BestRequest
{
	int quantity;         /* at least 1 */
	const char *section;  /* NULL: any section; else all sections of that name */
	const char *category; /* NULL: any category but the accessible ones */
	Adjacency adjacency;
	/*
	 * 0: strictly the best.  Other values, picked at random, take another of
	 * the up to 8 best that do not overlap and are as good in kind, so that
	 * callers who just lost the same seats do not meet again at the next ones.
	 */
	uint32 seed;
} BestRequest;

typedef enum BestFound
{
	BEST_FOUND,
	BEST_NOT_TOGETHER, /* enough free, but no block: adjacency require */
	BEST_SOLD_OUT,     /* fewer than quantity are free or skipped */
	BEST_ALL_SKIPPED   /* would do, but only with skipped seats: busy */
} BestFound;

typedef enum BestTogether
{
	TOGETHER_NO,
	TOGETHER_YES,     /* neighbours in one row */
	TOGETHER_STANDING /* all in general admission, which has no neighbours: null */
} BestTogether;

/*
 * Pick the best seats for a request.  BEST_FOUND: picked, which must have room
 * for quantity elements or for Layout.num_seats if that is less, receives
 * quantity indexes into house->seats, ascending, and *together is set.
 */
extern BestFound sl_best_available_pick(const Layout *layout, SeatChoices *choices,
										const BestRequest *request, int *picked,
										BestTogether *together);

/* Do these seats, indexes into house->seats, ascending, sit together? */
extern BestTogether sl_best_available_judge(const Layout *layout, int num_seats, const int *seats);

#endif /* SEATLOCK_BEST_AVAILABLE_H */
