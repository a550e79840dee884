/*-------------------------------------------------------------------------
 *
 * board_read.h
 *		All seats of an event at once, from the seat board where it is warm.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_READ_H
#define SEATLOCK_BOARD_READ_H

#include "board/board.h"
#include "seating/layout.h"

typedef struct SeatStates
{
	int32 event_id;
	int32 layout_id;
	bool from_board; /* not through the caller's snapshot */
	bool has_writer; /* somebody is changing a seat that was read from the table */
	TimestampTz now;
	int num_seats;
	BoardSeat *seats; /* in seat order */
} SeatStates;

/* A warm word that the tables do not bear out. */
typedef struct BoardMismatch
{
	int32 seat_no;
	char *event;
	char *label;
	BoardSeat board;
	BoardSeat table;
} BoardMismatch;

extern PGDLLEXPORT SeatStates *sl_board_peek_states(const char *event_name);
extern SeatStates *sl_board_read_states(const char *event_name);
extern SeatStates *sl_board_read_layout(const char *event_name, const Layout **layout);
extern int sl_board_check(int32 event_id, BoardMismatch **mismatches);

#endif /* SEATLOCK_BOARD_READ_H */
