/*-------------------------------------------------------------------------
 *
 * pending.h
 *		What this transaction has written, for the board when it commits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PENDING_H
#define SEATLOCK_PENDING_H

#include "board/board.h"

/* Pass for event_id: all events of the table. */
#define SL_ALL_EVENTS 0

extern void sl_pending_register_callbacks(void);
extern void sl_pending_note_seat(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat);
extern void sl_pending_note_event(Oid table, int32 event_id);
extern void sl_pending_note_layout(Oid table, int32 layout_id);
extern bool sl_pending_has_event(int32 event_id);
extern void sl_pending_visit(int32 event_id,
							 void (*visit)(int32 seat_no, const BoardSeat *seat, void *arg),
							 void *arg);

#endif /* SEATLOCK_PENDING_H */
