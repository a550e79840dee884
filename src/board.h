/*-------------------------------------------------------------------------
 *
 * board.h
 *		The seat board: what is taken, in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_H
#define SEATLOCK_BOARD_H

#include "seat_list.h"
#include "words.h"

/*
 * A seat's word as the board keeps it.  Warm: what a committed row says.  Ask:
 * nothing but a number that no other ask word of this server's life has had.
 */
typedef uint64 BoardWord;

/* What a word, or a row, says of a seat. */
typedef struct BoardSeat
{
	SeatStatus status;
	int64 version;
	TimestampTz expires_at; /* held only */
} BoardSeat;

/* What the board knows of an event as a whole. */
typedef struct BoardEvent
{
	int32 event_id;
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
} BoardReport;

/* What a look for an event came to. */
typedef enum BoardFound
{
	BOARD_ABSENT,  /* the event should be loaded */
	BOARD_UNKNOWN, /* one of the labels is none of the event */
	BOARD_FOUND
} BoardFound;

extern Size sl_board_shared_size(void);
extern void sl_board_attach(void);

/* to be called before a commit callback may need the board; false: there is none */
extern bool sl_board_open(void);

/* Readers.  table is the OID of seatlock.event, another one in a new extension. */
extern BoardFound sl_board_find_seats(Oid table, const char *event_name, const SeatList *list,
									  BoardEvent *event, int32 *seat_nos, BoardWord *words);
extern bool sl_board_find_event(Oid table, int32 event_id, BoardEvent *event);
extern bool sl_board_copy(Oid table, int32 event_id, int32 first_seat_no, int count,
						  BoardWord *words);
extern bool sl_board_copy_stretch(Oid table, int32 event_id, int stretch, int count,
								  TimestampTz now, BoardWord *words, bool *full);
extern void sl_board_note_name(Oid table, const char *event_name, int32 event_id);
extern int sl_board_report(Oid table, BoardReport *reports, int max_reports);

/* Whoever has read a row warms its word, if that is as it was before his snapshot. */
extern void sl_board_warm(Oid table, int32 event_id, int32 seat_no, BoardWord seen,
						  const BoardSeat *seat);

/* Loading an event. */
typedef enum BoardLoad
{
	BOARD_LOAD_YOURS,  /* the caller loads it */
	BOARD_LOAD_OTHERS, /* it is there, or somebody is at it */
	BOARD_LOAD_NO_ROOM /* not now */
} BoardLoad;

extern BoardLoad sl_board_begin_load(Oid table, int32 event_id);
extern bool sl_board_announce(Oid table, int32 event_id, const char *event_name, int num_seats,
							  char *const *labels, BoardWord *initial);
extern void sl_board_end_load(Oid table, int32 event_id, TimestampTz opens_at,
							  TimestampTz closes_at);

/* Writers; none of these can fail once sl_board_open has been called. */
extern void sl_board_store(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat);
extern void sl_board_mark(Oid table, int32 event_id, int32 seat_no);
extern void sl_board_mark_event(Oid table, int32 event_id);
extern void sl_board_mark_all(Oid table);

#define BOARD_ASK (UINT64CONST(1) << 63)
#define BOARD_STATUS_SHIFT 61
#define BOARD_VERSION_SHIFT 41
#define BOARD_VERSION_MAX ((INT64CONST(1) << (BOARD_STATUS_SHIFT - BOARD_VERSION_SHIFT)) - 1)
#define BOARD_EXPIRY_MAX ((INT64CONST(1) << BOARD_VERSION_SHIFT) - 1)

/* consecutive seats about which the board also keeps whether all are taken */
#define BOARD_STRETCH 512

static inline int
board_num_stretches(int num_seats)
{
	return (num_seats + BOARD_STRETCH - 1) / BOARD_STRETCH;
}

static inline bool
board_word_asks(BoardWord word)
{
	return (word & BOARD_ASK) != 0;
}

static inline BoardSeat
board_word_seat(BoardWord word)
{
	static const SeatStatus statuses[] = {SEAT_FREE, SEAT_HELD, SEAT_BOOKED, SEAT_NOT_FOR_SALE};
	BoardSeat seat;

	seat.status = statuses[(word >> BOARD_STATUS_SHIFT) & 3];
	seat.version = (int64) ((word >> BOARD_VERSION_SHIFT) & BOARD_VERSION_MAX);
	seat.expires_at = (TimestampTz) (word & BOARD_EXPIRY_MAX) * 1000;
	return seat;
}

/* Is the seat another's, or not for sale, for as long as the word stands? */
static inline bool
board_seat_is_taken(const BoardSeat *seat, TimestampTz now)
{
	return seat->status != SEAT_FREE && (seat->status != SEAT_HELD || seat->expires_at > now);
}

#endif /* SEATLOCK_BOARD_H */
