/*-------------------------------------------------------------------------
 *
 * board_answer.c
 *		Refusals from the seat board, and what a claim saw there if it was none.
 *
 * In a rush most answers are "taken".  The board gives them without a lock on
 * a seat, a snapshot or a page, and in the words of the core: order of
 * conflicts, reasons and times are those of claim.c.  It is asked only where
 * the core would come to no other answer: no request key or token, which are
 * decided before, the event on sale, all labels known and warm, and nothing of
 * this transaction's own in the event.
 *
 * What it cannot say, the core says; a row found there warms the word that was
 * seen here, before the core took its snapshot.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/clock.h"
#include "base/compare.h"
#include "base/settings.h"
#include "board/board_xact.h"
#include "verbs/board_load.h"
#include "verbs/board_answer.h"

typedef struct GlanceSeat
{
	int32 seat_no;
	int label; /* index into the request's labels */
	BoardWord word;
} GlanceSeat;

static int
compare_seats(const void *a, const void *b)
{
	int32 x = ((const GlanceSeat *) a)->seat_no;
	int32 y = ((const GlanceSeat *) b)->seat_no;

	return COMPARE(x, y);
}

/* What stands in the way, in seat order; -1 when a word asks or has expired. */
static int
find_conflicts(const ClaimRequest *request, const BoardGlance *glance, TimestampTz now,
			   Conflict *conflicts)
{
	int num_seats = request->seats.num_labels;
	GlanceSeat *seats = palloc(sizeof(GlanceSeat) * num_seats);
	int count = 0;

	for (int i = 0; i < num_seats; i++)
		seats[i] = (GlanceSeat){glance->seat_nos[i], i, glance->words[i]};
	qsort(seats, num_seats, sizeof(GlanceSeat), compare_seats);
	for (int i = 0; i < num_seats; i++)
	{
		BoardSeat seat = board_word_seat(seats[i].word);
		Conflict *conflict = &conflicts[count];

		if (board_word_asks(seats[i].word) || (seat.status == SEAT_HELD && seat.expires_at <= now))
			return -1;
		if (seat.status == SEAT_FREE)
			continue;
		conflict->label = request->seats.labels[seats[i].label];
		conflict->until = seat.status == SEAT_HELD ? seat.expires_at : 0;
		conflict->reason = seat.status == SEAT_HELD     ? REASON_HELD
						   : seat.status == SEAT_BOOKED ? REASON_BOOKED
														: REASON_NOT_FOR_SALE;
		count++;
	}
	return count;
}

static ClaimResult *
taken(int32 event_id, Conflict *conflicts, int num_conflicts, TimestampTz now)
{
	ClaimResult *result = palloc0(sizeof(ClaimResult));

	result->outcome = OUTCOME_TAKEN;
	result->event_table = sl_store_event_table();
	result->event_id = event_id;
	result->from_board = true;
	result->now = now;
	result->conflicts = conflicts;
	result->num_conflicts = num_conflicts;
	result->retry_after_ms = sl_call_retry_after(conflicts, num_conflicts, now);
	result->together = -1;
	return result;
}

/* What a call wants of the board. */
typedef enum BoardUse
{
	BOARD_NOTHING,
	BOARD_SEATS,  /* the numbers of its seats, and to warm them */
	BOARD_REFUSAL /* and the answer "taken" */
} BoardUse;

static BoardUse
use_of(const ClaimRequest *request)
{
	switch (request->verb)
	{
		case VERB_CLAIM:
			/* what is decided before any seat, the tables decide */
			return request->token == NULL && request->request_key == NULL ? BOARD_REFUSAL
																		  : BOARD_SEATS;
		case VERB_BOOK:
		case VERB_CLAIM_BEST:
			return BOARD_SEATS;
		case VERB_CONFIRM:
		case VERB_EXTEND:
		case VERB_RELEASE:
		case VERB_SET_HOLDER:
		case VERB_CANCEL:
		case VERB_BLOCK:
		case VERB_UNBLOCK:
		case VERB_RENAME_HOLDER:
		case VERB_EXPIRE:
		case NUM_VERBS:
			break;
	}
	return BOARD_NOTHING;
}

static void
look_at_board(const ClaimRequest *request, BoardGlance *glance)
{
	int num_labels = request->seats.num_labels;

	glance->asked = true;
	glance->table = sl_store_event_table();
	glance->seat_nos = palloc(sizeof(int32) * num_labels);
	glance->words = palloc(sizeof(BoardWord) * num_labels);
	glance->found = sl_board_find_seats(glance->table, request->event, &request->seats,
										&glance->event, glance->seat_nos, glance->words);
}

/*
 * The answer "taken", when the board may give it and is sure of it; else NULL: decide
 * by the tables, for which glance keeps what was seen.
 */
ClaimResult *
sl_board_answer(const ClaimRequest *request, BoardGlance *glance)
{
	BoardUse use = use_of(request);
	const BoardEvent *event = &glance->event;
	Conflict *conflicts;
	int num_conflicts;
	TimestampTz now;

	glance->asked = false;
	if (use == BOARD_NOTHING || !sl_board_may_tell() || sl_board_xact_has_marks())
		return NULL;
	look_at_board(request, glance);
	if (use != BOARD_REFUSAL || glance->found != BOARD_FOUND ||
		sl_board_xact_has_event(event->event_id))
		return NULL;
	now = sl_clock_now();
	if (now < event->opens_at || now >= event->closes_at)
		return NULL;
	conflicts = palloc(sizeof(Conflict) * request->seats.num_labels);
	num_conflicts = find_conflicts(request, glance, now, conflicts);
	return num_conflicts > 0 ? taken(event->event_id, conflicts, num_conflicts, now) : NULL;
}

static bool
has_seen(const Call *call)
{
	return call->board->asked && call->board->found == BOARD_FOUND &&
		   call->board->event.event_id == call->event.event_id;
}

/* The numbers of the request's labels, if the board knew them; else NULL. */
const int32 *
sl_board_answer_seat_nos(const Call *call)
{
	return has_seen(call) ? call->board->seat_nos : NULL;
}

/*
 * The tables have refused: rows that were read, and nobody is changing, warm the
 * words seen before.
 */
void
sl_board_answer_warm(Call *call)
{
	const BoardGlance *seen = call->board;

	if (!has_seen(call))
		return;
#ifdef SEATLOCK_FAULTS
	if (sl_fault_is(FAULT_PARK_WARM))
		sl_lockkey_park();
#endif
	for (int i = 0; i < call->request->seats.num_labels; i++)
	{
		const SeatEntry *entry;
		BoardSeat seat;

		if (!board_word_asks(seen->words[i]))
			continue;
		entry = sl_call_find_entry(call, seen->seat_nos[i]);
		if (entry == NULL || !seat_row_is_settled(&entry->row))
			continue;
		seat = (BoardSeat){entry->row.status, entry->row.version, entry->row.expires_at};
		sl_board_warm(seen->table, seen->event.event_id, seen->seat_nos[i], seen->words[i], &seat);
	}
}

/* After an answer of the tables: an event that buyers missed on the board is wanted there. */
void
sl_board_answer_missed(const ClaimRequest *request, const BoardGlance *glance,
					   const ClaimResult *result)
{
	if (glance->asked && glance->found == BOARD_ABSENT && request->verb != VERB_BOOK &&
		OidIsValid(result->event_table))
		sl_load_want(result->event_table, request->event, result->event_id, result->spared);
}
