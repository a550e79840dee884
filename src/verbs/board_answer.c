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

	return (x > y) - (x < y);
}

/* What stands in the way, in seat order; -1 when a word asks or has lapsed. */
static int
find_conflicts(const ClaimRequest *request, TimestampTz now, Conflict *conflicts)
{
	const BoardGlance *glance = request->glance;
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

/* Look at the board; the request keeps what was seen. */
static void
glance(ClaimRequest *request)
{
	int num_labels = request->seats.num_labels;
	BoardGlance *seen = palloc(sizeof(BoardGlance));

	seen->table = sl_store_event_table();
	seen->seat_nos = palloc(sizeof(int32) * num_labels);
	seen->words = palloc(sizeof(BoardWord) * num_labels);
	seen->found = sl_board_find_seats(seen->table, request->event, &request->seats, &seen->event,
									  seen->seat_nos, seen->words);
	request->glance = seen;
}

/* The answer "taken", when the board is sure of it; else NULL: decide by the tables. */
ClaimResult *
sl_board_answer(ClaimRequest *request)
{
	const BoardEvent *event;
	Conflict *conflicts;
	int num_conflicts;
	TimestampTz now;

	if (!sl_board_may_tell())
		return NULL;
	glance(request);
	event = &request->glance->event;
	if (request->glance->found != BOARD_FOUND || request->quantity > 0 || request->token != NULL ||
		request->request_key != NULL || request->book || sl_board_xact_has_event(event->event_id))
		return NULL;
	now = sl_clock_now();
	if (now < event->opens_at || now >= event->closes_at)
		return NULL;
	conflicts = palloc(sizeof(Conflict) * request->seats.num_labels);
	num_conflicts = find_conflicts(request, now, conflicts);
	return num_conflicts > 0 ? taken(event->event_id, conflicts, num_conflicts, now) : NULL;
}

static bool
has_seen(const ClaimRequest *request, const Call *call)
{
	const BoardGlance *seen = request->glance;

	return seen != NULL && seen->found == BOARD_FOUND &&
		   seen->event.event_id == call->event.event_id;
}

/* The numbers of the request's labels, if the board knew them; else NULL. */
const int32 *
sl_board_answer_seat_nos(const ClaimRequest *request, const Call *call)
{
	return has_seen(request, call) ? request->glance->seat_nos : NULL;
}

/* The core has refused: rows it read, and nobody is changing, warm the words seen before. */
void
sl_board_answer_warm(const ClaimRequest *request, const Call *call)
{
	const BoardGlance *seen = request->glance;

	if (!has_seen(request, call))
		return;
#ifdef SEATLOCK_FAULTS
	if (sl_fault_is(FAULT_PARK_WARM))
		sl_lockkey_park();
#endif
	for (int i = 0; i < request->seats.num_labels; i++)
	{
		const SeatEntry *entry;
		BoardSeat seat;

		if (!board_word_asks(seen->words[i]))
			continue;
		entry = sl_call_find_entry(unconstify(Call *, call), seen->seat_nos[i]);
		if (entry == NULL || !seat_row_is_settled(&entry->row))
			continue;
		seat = (BoardSeat){entry->row.status, entry->row.version, entry->row.expires_at};
		sl_board_warm(seen->table, seen->event.event_id, seen->seat_nos[i], seen->words[i], &seat);
	}
}

/* After an answer of the core: an event that was missed on the board is wanted there. */
void
sl_board_answer_missed(const ClaimRequest *request, const ClaimResult *result)
{
	if (request->glance != NULL && request->glance->found == BOARD_ABSENT &&
		OidIsValid(result->event_table))
		sl_load_want(result->event_table, request->event, result->event_id,
					 result->outcome == OUTCOME_TAKEN ? 1 : 0);
}
