/*-------------------------------------------------------------------------
 *
 * board_xact.h
 *		What this transaction has written, for the board when it commits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_XACT_H
#define SEATLOCK_BOARD_XACT_H

#include "board/board.h"

/* Pass for event_id: all events of the table. */
#define SL_ALL_EVENTS 0

extern void sl_board_xact_register_callbacks(void);
extern void sl_board_xact_note_seat(Oid table, int32 event_id, int32 seat_no,
									const BoardSeat *seat);
extern void sl_board_xact_note_event(Oid table, int32 event_id);
extern void sl_board_xact_note_layout(Oid table, int32 layout_id);
extern bool sl_board_xact_has_event(int32 event_id);
extern bool sl_board_xact_has_marks(void);
extern void sl_board_xact_visit(int32 event_id,
								void (*visit)(int32 seat_no, const BoardSeat *seat, void *arg),
								void *arg);

#endif /* SEATLOCK_BOARD_XACT_H */
