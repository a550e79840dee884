/*-------------------------------------------------------------------------
 *
 * board.h
 *		The seat board: what is taken, in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_H
#define SEATLOCK_BOARD_H

#include "base/seat_list.h"
#include "board/board_events.h"
#include "board/board_word.h"
#include "shmem/heat.h"

/* What the board knows of an event as a whole. */
typedef struct BoardEvent
{
	int32 event_id;
	int32 layout_id;
	TimestampTz opens_at;
	TimestampTz closes_at;
	int num_seats;
	uint64 changes; /* rises with each change of a word */
} BoardEvent;

/* For the view: an event on the board. */
typedef struct BoardReport
{
	int32 event_id;
	int num_seats;
	int num_warm;
	Size bytes;
	HeatReport heat;
} BoardReport;

/* What a look for an event came to. */
typedef enum BoardFound
{
	BOARD_ABSENT,  /* the event should be loaded */
	BOARD_UNKNOWN, /* one of the labels is not of the event */
	BOARD_FOUND
} BoardFound;

/* Readers.  table is the OID of seatlock.event, another one in a new extension. */
extern BoardFound sl_board_find_seats(Oid table, const char *event_name, const SeatList *list,
									  BoardEvent *event, int32 *seat_nos, BoardWord *words);
extern bool sl_board_find_event(Oid table, int32 event_id, BoardEvent *event);
extern bool sl_board_copy(Oid table, int32 event_id, int32 first_seat_no, int count,
						  BoardWord *words);
extern bool sl_board_copy_chunk(Oid table, int32 event_id, int chunk, int count, TimestampTz now,
								BoardWord *words, bool *full);
extern bool sl_board_miss(Oid table, const char *event_name, int32 event_id, int worth);
extern int sl_board_report(Oid table, BoardReport **reports);

/* A reader of a row warms its word, if that is as it was before the snapshot. */
extern void sl_board_warm(Oid table, int32 event_id, int32 seat_no, BoardWord seen,
						  const BoardSeat *seat);

/* Writers; none of these can fail once sl_board_open has been called. */
extern void sl_board_store(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat);
extern void sl_board_mark(Oid table, int32 event_id, int32 seat_no);

#endif /* SEATLOCK_BOARD_H */
