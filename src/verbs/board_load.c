/*-------------------------------------------------------------------------
 *
 * board_load.c
 *		Put events on the seat board, piece by piece.
 *
 * Work of the database's worker alone: a call that misses an event says so
 * (wanted.c) and is answered from the tables.  Each piece is a transaction of
 * its own of about a millisecond, between two groups of claims, so that no
 * buyer waits for the load of a large house.
 *
 * The order matters: labels, which never change while the event lives; then the
 * announcement, from which on commits are marked; then the seats, each piece
 * through a snapshot of its own, and last the sale window.  All of these
 * snapshots are younger than the announcement.  A seat that somebody changes
 * meanwhile stays an ask word; what makes the event as a whole cold ends the
 * load, for then it cannot become ready.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/grow.h"
#include "board/board.h"
#include "board/board_labels.h"
#include "shmem/summon.h"
#include "shmem/wanted.h"
#include "store/worker_xact.h"
#include "store/store.h"
#include "verbs/board_load.h"

/* seats of one piece: about a millisecond's work */
#define PIECE 1024

typedef enum LoadStep
{
	LOAD_BEGIN,
	LOAD_LABELS,
	LOAD_INDEX, /* the labels, into the board's memory */
	LOAD_WORDS,
	LOAD_SEATS,
	LOAD_END
} LoadStep;

typedef enum LoadEnd
{
	LOAD_GOES_ON,
	LOAD_DONE,    /* the event is on the board, or there is no such event */
	LOAD_LEFT_OUT /* not now */
} LoadEnd;

/* The load that is under way. */
static struct
{
	MemoryContext context; /* of the load; NULL: none is under way */
	MemoryContext piece_context;
	WantedEvent event;
	LoadStep step;
	char *name;
	int32 layout_id;
	int num_labels;
	int max_labels;
	char **labels; /* by seat_no - 1 */
	Size label_bytes;
	bool has_gap; /* seat numbers are not 1 to n: somebody else's work */
	int next;     /* the seat, from 0, with which INDEX or SEATS goes on */
	BoardDraft draft;
} load;

/*
 * Somebody has found this event in the tables and not on the board, where it would
 * have been worth so much to the call (heat.h): if that comes to enough, the worker will
 * load it.  Nobody waits for that.
 */
void
sl_load_want(Oid table, const char *event_name, int32 event_id, int worth)
{
	/* whatever it comes to: the worker has lapses to record too */
	WorkerEntry *entry = sl_summon_worker(WORKER_GROUP, MyDatabaseId, MyDatabaseTableSpace);

	if (sl_board_miss(table, event_name, event_id, worth) && entry != NULL)
		sl_wanted_tell(entry, table, event_id);
}

static void
add_label(int32 seat_no, const text *label)
{
	MemoryContext old_context = MemoryContextSwitchTo(load.context);

	load.labels = grow_array(load.labels, load.num_labels, &load.max_labels, sizeof(char *));
	load.has_gap = load.has_gap || seat_no != load.num_labels + 1;
	load.labels[load.num_labels] = text_to_cstring(label);
	load.label_bytes += strlen(load.labels[load.num_labels++]);
	MemoryContextSwitchTo(old_context);
}

static void
warm_seat(const SeatRow *row)
{
	BoardSeat seat = {row->status, row->version, row->expires_at};

	if (seat_row_is_settled(row))
		sl_board_warm(load.event.table, load.event.event_id, row->seat_no, load.draft.initial,
					  &seat);
}

/* The event as committed now, with the layout whose labels are read, and nobody changing it. */
static bool
find_event(Store *store, EventRow *event)
{
	return sl_store_find_event(store, load.name, event) && event->event_id == load.event.event_id &&
		   event->layout_id == load.layout_id && event_row_is_settled(event);
}

/* The labels are there: on with the event's own words. */
static bool
begin_words(void)
{
	load.step = LOAD_WORDS;
	load.next = 0;
	return sl_board_draft(load.event.table, load.event.event_id, load.name, &load.draft);
}

static LoadEnd
begin(Store *store)
{
	EventRow event;
	char *name = sl_store_find_event_name(store, load.event.event_id, &event);

	if (name == NULL)
		return LOAD_DONE;
	load.name = MemoryContextStrdup(load.context, name);
	load.layout_id = event.layout_id;
	if (!find_event(store, &event))
		return LOAD_LEFT_OUT;
	switch (sl_board_begin_load(load.event.table, load.event.event_id, load.layout_id, load.name,
								sl_store_last_seat(store, load.event.event_id), &load.draft))
	{
		case BOARD_LOAD_YOURS:
			load.step = LOAD_LABELS;
			if (!DsaPointerIsValid(load.draft.labels))
				return LOAD_GOES_ON;
			return begin_words() ? LOAD_GOES_ON : LOAD_LEFT_OUT;
		case BOARD_LOAD_OTHERS:
		case BOARD_LOAD_TOO_COLD:
			return LOAD_DONE;
		default:
			return LOAD_LEFT_OUT;
	}
}

static LoadEnd
read_labels(Store *store)
{
	int before = load.num_labels;
	SeatWalk walk = {
		.store = store, .layout_id = load.layout_id, .first = before + 1, .last = before + PIECE};

	while (sl_store_next_seat(&walk))
		add_label(walk.seat.place.seat_no, walk.seat.label);
	if (load.num_labels == before + PIECE)
		return LOAD_GOES_ON;
	if (load.num_labels == 0 || load.has_gap)
		return LOAD_LEFT_OUT;
	if (!sl_board_draft_labels(load.event.table, load.event.event_id, load.num_labels,
							   load.label_bytes, &load.draft))
		return LOAD_LEFT_OUT;
	load.step = LOAD_INDEX;
	load.next = 0;
	return LOAD_GOES_ON;
}

static int
size_of_piece(void)
{
	return Min(PIECE, load.draft.num_seats - load.next);
}

static LoadEnd
fill_index(void)
{
	int count = size_of_piece();

	sl_board_labels_add(load.draft.labels, load.next, count, load.labels);
	load.next += count;
	if (load.next < load.draft.num_seats)
		return LOAD_GOES_ON;
	return begin_words() ? LOAD_GOES_ON : LOAD_LEFT_OUT;
}

static LoadEnd
fill_words(void)
{
	int count = size_of_piece();

	sl_board_fill(&load.draft, load.next, count);
	load.next += count;
	if (load.next < load.draft.num_seats)
		return LOAD_GOES_ON;
	if (!sl_board_announce(load.event.table, load.event.event_id, &load.draft))
		return LOAD_LEFT_OUT;
	load.step = LOAD_SEATS;
	load.next = 0;
	return LOAD_GOES_ON;
}

static LoadEnd
read_seats(Store *store)
{
	int count = size_of_piece();
	SeatWalk walk = {.store = store,
					 .event_id = load.event.event_id,
					 .first = load.next + 1,
					 .last = load.next + count};

	while (sl_store_next_seat(&walk))
		warm_seat(&walk.row);
	load.next += count;
	if (load.next == load.draft.num_seats)
		load.step = LOAD_END;
	return LOAD_GOES_ON;
}

static LoadEnd
end(Store *store)
{
	EventRow event;

	if (!find_event(store, &event) ||
		!sl_board_end_load(load.event.table, load.event.event_id, event.opens_at, event.closes_at))
		return LOAD_LEFT_OUT;
	return LOAD_DONE;
}

static LoadEnd
do_step(Store *store)
{
	switch (load.step)
	{
		case LOAD_BEGIN:
			return begin(store);
		case LOAD_LABELS:
			return read_labels(store);
		case LOAD_INDEX:
			return fill_index();
		case LOAD_WORDS:
			return fill_words();
		case LOAD_SEATS:
			return read_seats(store);
		default:
			return end(store);
	}
}

/* One piece; *arg tells how it ended.  Nobody's TRUNCATE is waited for. */
static void
do_piece(void *arg)
{
	LoadEnd *ended = arg;
	Store *store = sl_store_open_latest();

	*ended = LOAD_LEFT_OUT;
	if (sl_store_event_table() != load.event.table)
		*ended = LOAD_DONE; /* of an extension that was dropped */
	else if (sl_store_try_lock(store))
	{
		sl_store_refresh(store);
		*ended = do_step(store);
	}
	sl_store_close(store);
}

/* What did not become ready leaves nothing behind. */
static void
clean_up(void)
{
	if (load.context == NULL)
		return;
	sl_board_discard(&load.draft);
	if (load.step != LOAD_BEGIN)
		sl_board_give_up_load(load.event.table, load.event.event_id);
	MemoryContextDelete(load.context);
	load.context = NULL;
}

static void
clean_up_at_exit(int code, Datum arg)
{
	clean_up();
}

/* Once in the life of a worker. */
void
sl_load_init(void)
{
	load.piece_context =
		AllocSetContextCreate(TopMemoryContext, "seatlock load piece", ALLOCSET_DEFAULT_SIZES);
	if (sl_board_open())
		on_shmem_exit(clean_up_at_exit, (Datum) 0);
}

/* Is an event being loaded, or wanted? */
bool
sl_load_is_due(void)
{
	return load.context != NULL || sl_wanted_is_any();
}

static void
start(const WantedEvent *event)
{
	MemoryContext piece_context = load.piece_context;

	memset(&load, 0, sizeof(load));
	load.piece_context = piece_context;
	load.event = *event;
	load.context = AllocSetContextCreate(TopMemoryContext, "seatlock load", ALLOCSET_DEFAULT_SIZES);
}

/* Do a piece of what is due; an error ends the load. */
void
sl_load_run(void)
{
	LoadEnd ended = LOAD_LEFT_OUT;
	MemoryContext old_context;
	WantedEvent event;
	const char *error;

	if (load.context == NULL)
	{
		if (!sl_wanted_next(&event))
			return;
		start(&event);
	}
	old_context = MemoryContextSwitchTo(load.piece_context);
	error = sl_worker_xact_run(do_piece, &ended);
	if (error != NULL)
	{
		sl_worker_roster_note_error(error);
		ended = LOAD_LEFT_OUT;
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(load.piece_context);
	if (ended == LOAD_GOES_ON)
		return;
	if (ended == LOAD_DONE)
		sl_wanted_done(&load.event);
	else
		sl_wanted_leave_out(&load.event);
	clean_up();
}
