/*-------------------------------------------------------------------------
 *
 * board_events.h
 *		The events on the seat board as wholes: their memory, loading, marking.
 *
 * What board_entry.c and board_draft.c do for others than board.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_EVENTS_H
#define SEATLOCK_BOARD_EVENTS_H

#include "datatype/timestamp.h"
#include "utils/dsa.h"

#include "board/board_word.h"

extern Size sl_board_shared_size(void);
extern void sl_board_attach(void);

/* to be called before a commit callback may need the board; false: there is none */
extern bool sl_board_open(void);

/* may this transaction believe the board? */
extern bool sl_board_may_tell(void);

/* Loading an event. */
typedef enum BoardLoad
{
	BOARD_LOAD_YOURS,    /* the caller loads it */
	BOARD_LOAD_OTHERS,   /* it is there */
	BOARD_LOAD_TOO_COLD, /* not before it is asked for more */
	BOARD_LOAD_NO_ROOM   /* not now */
} BoardLoad;

/* The memory of an event before it is announced: of its loader alone. */
typedef struct BoardDraft
{
	dsa_pointer memory; /* invalid: none, or it is the event's; so the next */
	dsa_pointer labels;
	int num_seats;
	BoardWord initial; /* what each seat begins with */
} BoardDraft;

extern BoardLoad sl_board_begin_load(Oid table, int32 event_id, int32 layout_id,
									 const char *event_name, int num_seats, BoardDraft *draft);
/* labels to be filled, if the draft has none; then the words */
extern bool sl_board_draft_labels(Oid table, int32 event_id, int num_seats, Size text_bytes,
								  BoardDraft *draft);
extern bool sl_board_draft(Oid table, int32 event_id, const char *event_name, BoardDraft *draft);
extern void sl_board_fill(const BoardDraft *draft, int first, int count);
extern void sl_board_discard(BoardDraft *draft);
extern bool sl_board_announce(Oid table, int32 event_id, BoardDraft *draft);
extern bool sl_board_end_load(Oid table, int32 event_id, TimestampTz opens_at,
							  TimestampTz closes_at);
extern void sl_board_give_up_load(Oid table, int32 event_id);

/*
 * All words of an event, of the events of a layout, or of all events, ask from
 * now on.  None of these can fail once sl_board_open has been called.
 */
extern void sl_board_mark_event(Oid table, int32 event_id);
extern void sl_board_mark_layout(Oid table, int32 layout_id);
extern void sl_board_mark_all(Oid table);

#endif /* SEATLOCK_BOARD_EVENTS_H */
