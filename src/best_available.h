/*-------------------------------------------------------------------------
 *
 * best_available.h
 *		Pure search for the best free seats: arrays in, indexes out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_AVAILABLE_H
#define SEATLOCK_BEST_AVAILABLE_H

#include "words.h"

#define SL_NO_ROW (-1) /* row_no and run_no of general admission */

/* The fixed part of one seat, as the search needs it. */
typedef struct HouseSeat
{
	int32 seat_no;
	int32 section_no;
	int32 category_no;
	int32 row_no; /* SL_NO_ROW in general admission */
	int32 run_no; /* seats of one run are neighbours in array order */
	float x;
	float y;
	bool accessible; /* its category is for those who ask for it */
} HouseSeat;

/* All seats of an event in seat order; immutable while the event lives. */
typedef struct House
{
	int32 event_id;
	int num_seats;
	HouseSeat *seats;
} House;

/* What the search may do with a seat. */
typedef enum SeatChoice
{
	CHOICE_FREE,   /* may be picked */
	CHOICE_TAKEN,  /* is not free */
	CHOICE_SKIPPED /* free, but somebody is claiming it right now */
} SeatChoice;

typedef struct BestRequest
{
	int quantity;
	int32 section_no;  /* 0: any section */
	int32 category_no; /* 0: any category but the accessible ones */
	Adjacency adjacency;
} BestRequest;

typedef enum BestFound
{
	BEST_FOUND,
	BEST_NOT_TOGETHER, /* enough free, but no block: adjacency require */
	BEST_SOLD_OUT,     /* fewer than quantity are free or skipped */
	BEST_ALL_SKIPPED   /* would do, but only with skipped seats: busy */
} BestFound;

/*
 * Pick the best quantity seats.  choices (SeatChoice values) runs parallel to
 * house->seats.  picked receives quantity indexes into house->seats, ascending.
 */
extern BestFound sl_best_available_pick(const House *house, const uint8 *choices,
										const BestRequest *request, int *picked, bool *together);

#endif /* SEATLOCK_BEST_AVAILABLE_H */
