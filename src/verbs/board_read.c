/*-------------------------------------------------------------------------
 *
 * board_read.c
 *		All seats of an event at once, from the seat board where it is warm.
 *
 * The board is for those who may see what is committed now: at READ COMMITTED,
 * on a primary, with nothing of their own in the event.  Everybody else reads
 * the table through its own snapshot, as any read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/clock.h"
#include "base/errors.h"
#include "base/grow.h"
#include "board/board_xact.h"
#include "shmem/heat.h"
#include "store/store.h"
#include "store/store_layout.h"
#include "verbs/board_load.h"
#include "verbs/board_read.h"

/* with more ask words than this, one scan is cheaper than a look-up each */
#define MAX_LOOKUPS 64

/* a commit that is visible and not yet on the board is there after a moment */
#define CHECK_WAIT_MS 2000

typedef struct Reader
{
	SeatStates *states;
	Oid table;
	BoardWord *words; /* by seat_no - 1, as seen before the snapshot; NULL: none were */
	int max_seats;
} Reader;

/* Copy the board's words; false when the event is not there, or not for us. */
static bool
copy_words(Reader *reader, const char *event_name)
{
	SeatList none = {0};
	BoardEvent event;

	reader->table = sl_store_event_table();
	if (sl_board_find_seats(reader->table, event_name, &none, &event, NULL, NULL) != BOARD_FOUND ||
		sl_board_xact_has_event(event.event_id))
		return false;
	reader->states->event_id = event.event_id;
	reader->states->layout_id = event.layout_id;
	reader->states->num_seats = event.num_seats;
	reader->words = palloc_extended(sizeof(BoardWord) * event.num_seats, MCXT_ALLOC_HUGE);
	if (sl_board_copy(reader->table, event.event_id, 1, event.num_seats, reader->words))
		return true;
	reader->words = NULL;
	return false;
}

static int
count_asks(const Reader *reader)
{
	int count = 0;

	for (int i = 0; i < reader->states->num_seats; i++)
		count += board_word_asks(reader->words[i]);
	return count;
}

static void
take_row(Reader *reader, const SeatRow *row)
{
	BoardSeat seat = {row->status, row->version, row->expires_at};
	int i = row->seat_no - 1;

	if (seat_row_is_settled(row))
		sl_board_warm(reader->table, reader->states->event_id, row->seat_no, reader->words[i],
					  &seat);
	else
		reader->states->has_writer = true;
	reader->states->seats[i] = seat;
}

/* Read from the table what the board asks for. */
static void
fill_asks(Reader *reader, int num_asks)
{
	SeatStates *states = reader->states;
	Store *store = sl_store_open_latest();
	SeatWalk walk = {
		.store = store, .event_id = states->event_id, .first = 1, .last = states->num_seats};

	sl_store_refresh(store);
	while (num_asks > MAX_LOOKUPS && sl_store_next_seat(&walk))
		if (board_word_asks(reader->words[walk.row.seat_no - 1]))
			take_row(reader, &walk.row);
	for (int i = 0; i < states->num_seats && num_asks <= MAX_LOOKUPS; i++)
	{
		SeatRow row;

		if (board_word_asks(reader->words[i]) &&
			sl_store_read_seat(store, states->event_id, i + 1, &row))
			take_row(reader, &row);
	}
	sl_store_close(store);
}

static void
read_board(Reader *reader)
{
	SeatStates *states = reader->states;
	int num_asks = count_asks(reader);

	states->seats = palloc_extended(sizeof(BoardSeat) * states->num_seats, MCXT_ALLOC_HUGE);
	for (int i = 0; i < states->num_seats; i++)
		states->seats[i] = board_word_seat(reader->words[i]);
	if (num_asks > 0)
		fill_asks(reader, num_asks);
}

static void
add_row(Reader *reader, const SeatRow *row)
{
	SeatStates *states = reader->states;

	states->has_writer = states->has_writer || !seat_row_is_settled(row);
	states->seats =
		grow_array(states->seats, states->num_seats, &reader->max_seats, sizeof(BoardSeat));
	states->seats[states->num_seats++] = (BoardSeat){row->status, row->version, row->expires_at};
}

/* The seats of an event, if they may come from the board; else NULL. */
static SeatStates *
try_board(const char *event_name)
{
	Reader reader = {.states = palloc0(sizeof(SeatStates))};

	if (!sl_board_may_tell() || !copy_words(&reader, event_name))
		return NULL;
	read_board(&reader);
	reader.states->from_board = true;
	reader.states->now = sl_clock_now();
	return reader.states;
}

/* Through the caller's snapshot; NULL: there is no such event. */
static SeatStates *
read_table(const char *event_name)
{
	Reader reader = {.states = palloc0(sizeof(SeatStates))};
	Store *store = sl_store_open(false);
	SeatWalk walk = {.store = store};
	EventRow event;

	sl_store_refresh(store);
	if (!sl_store_find_event(store, event_name, &event))
	{
		sl_store_close(store);
		return NULL;
	}
	reader.states->event_id = event.event_id;
	reader.states->layout_id = event.layout_id;
	walk.event_id = event.event_id;
	while (sl_store_next_seat(&walk))
		add_row(&reader, &walk.row);
	sl_store_close(store);
	reader.states->now = sl_clock_now();
	return reader.states;
}

/* For who looks without being asked: the board need not have the event.  NULL: there is none. */
SeatStates *
sl_board_peek_states(const char *event_name)
{
	SeatStates *states = try_board(event_name);

	return states != NULL ? states : read_table(event_name);
}

static SeatStates *
must_read_table(const char *event_name)
{
	SeatStates *states = read_table(event_name);

	if (states == NULL)
		sl_error_no_event(event_name);
	return states;
}

/* The seats of an event, from the table when the board is cold. */
SeatStates *
sl_board_read_states(const char *event_name)
{
	SeatStates *states = try_board(event_name);

	if (states == NULL)
	{
		states = must_read_table(event_name);
		if (sl_board_may_tell())
			sl_load_want(sl_store_event_table(), event_name, states->event_id,
						 heat_of_house(states->num_seats));
	}
	return states;
}

/* The same, with their layout: one of just these seats. */
SeatStates *
sl_board_read_layout(const char *event_name, const Layout **layout)
{
	SeatStates *states = sl_board_read_states(event_name);

	*layout = sl_store_kept_layout(states->layout_id, states->from_board);
	/* the event has had another one since the board was read: look at both at once */
	if (states->from_board && (*layout)->num_seats != states->num_seats)
	{
		states = must_read_table(event_name);
		*layout = sl_store_kept_layout(states->layout_id, false);
	}
	if ((*layout)->num_seats != states->num_seats)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("event \"%s\" has %d seats, but its layout has %d", event_name,
							   states->num_seats, (*layout)->num_seats),
						errhint("See seatlock.check_integrity().")));
	return states;
}

static bool
is_same(const BoardSeat *a, const BoardSeat *b)
{
	return a->status == b->status && a->version == b->version &&
		   (a->status != SEAT_HELD || a->expires_at == b->expires_at);
}

/* The check of one event under way. */
typedef struct Checker
{
	Store *store;
	Oid table;
	int32 event_id;
	int num_seats;
	bool *own; /* by seat_no - 1: this transaction has written it, the board is not told yet */
} Checker;

static void
note_own_seat(int32 seat_no, const BoardSeat *seat, void *arg)
{
	Checker *checker = arg;

	if (seat_no >= 1 && seat_no <= checker->num_seats)
		checker->own[seat_no - 1] = true;
}

/* Does the warm word of a seat, which stayed as it is, say what the table says? */
static bool
seat_is_right(const Checker *checker, int32 seat_no, BoardMismatch *mismatch)
{
	BoardWord before;
	BoardWord after;
	SeatRow row;

	if (checker->own[seat_no - 1] ||
		!sl_board_copy(checker->table, checker->event_id, seat_no, 1, &before) ||
		board_word_asks(before))
		return true;
	mismatch->seat_no = seat_no;
	mismatch->board = board_word_seat(before);
	sl_store_refresh(checker->store);
	if (!sl_store_read_seat(checker->store, checker->event_id, seat_no, &row))
	{
		mismatch->table = (BoardSeat){.status = 0};
		return false;
	}
	mismatch->table = (BoardSeat){row.status, row.version, row.expires_at};
	return is_same(&mismatch->board, &mismatch->table) ||
		   (sl_board_copy(checker->table, checker->event_id, seat_no, 1, &after) &&
			after != before);
}

static int
find_mismatches(const Checker *checker, BoardMismatch *mismatches)
{
	int count = 0;

	for (int32 seat_no = 1; seat_no <= checker->num_seats; seat_no++)
	{
		CHECK_FOR_INTERRUPTS();
		count += !seat_is_right(checker, seat_no, &mismatches[count]);
	}
	return count;
}

/* Give commits under way the time to reach the board; returns how many are left. */
static int
wait_for_commits(const Checker *checker, BoardMismatch *mismatches, int count)
{
	int64 deadline = sl_clock_ticks() + CHECK_WAIT_MS;
	int nap_ms = 1;

	while (count > 0 && sl_clock_nap(deadline, &nap_ms))
	{
		int left = 0;

		for (int i = 0; i < count; i++)
			left += !seat_is_right(checker, mismatches[i].seat_no, &mismatches[left]);
		count = left;
	}
	return count;
}

/* Where the warm words of an event are wrong; returns how many are. */
int
sl_board_check(int32 event_id, BoardMismatch **mismatches)
{
	Checker checker = {.table = sl_store_event_table(), .event_id = event_id};
	BoardEvent event;
	EventRow row;
	char *name;
	int count = 0;

	if (!sl_board_find_event(checker.table, event_id, &event))
		return 0;
	checker.num_seats = event.num_seats;
	checker.own = palloc0(event.num_seats);
	sl_board_xact_visit(event_id, note_own_seat, &checker);
	*mismatches = palloc_extended(sizeof(BoardMismatch) * (event.num_seats + 1), MCXT_ALLOC_HUGE);
	checker.store = sl_store_open_latest();
	sl_store_refresh(checker.store);
	name = sl_store_find_event_name(checker.store, event_id, &row);
	/* none: dropped, and this transaction has seen so before the board was told */
	if (name != NULL)
		count = wait_for_commits(&checker, *mismatches, find_mismatches(&checker, *mismatches));
	for (int i = 0; i < count; i++)
	{
		(*mismatches)[i].event = name;
		(*mismatches)[i].label =
			sl_store_find_label(checker.store, row.layout_id, (*mismatches)[i].seat_no);
	}
	sl_store_close(checker.store);
	return count;
}
