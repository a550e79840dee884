/*-------------------------------------------------------------------------
 *
 * board_word.h
 *		A seat as the seat board keeps it: one word.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_WORD_H
#define SEATLOCK_BOARD_WORD_H

#include "datatype/timestamp.h"

#include "base/vocabulary.h"

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

#define BOARD_ASK (UINT64CONST(1) << 63)
#define BOARD_STATUS_SHIFT 61
#define BOARD_VERSION_SHIFT 41
#define BOARD_VERSION_MAX ((INT64CONST(1) << (BOARD_STATUS_SHIFT - BOARD_VERSION_SHIFT)) - 1)
#define BOARD_EXPIRY_MAX ((INT64CONST(1) << BOARD_VERSION_SHIFT) - 1)

static inline int
board_num_chunks(int num_seats)
{
	return (num_seats + SL_SEATS_PER_CHUNK - 1) / SL_SEATS_PER_CHUNK;
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

/* What it is at a moment: a hold that is over is free. */
static inline SeatStatus
board_seat_status(const BoardSeat *seat, TimestampTz now)
{
	return board_seat_is_taken(seat, now) ? seat->status : SEAT_FREE;
}

#endif /* SEATLOCK_BOARD_WORD_H */
