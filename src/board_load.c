/*-------------------------------------------------------------------------
 *
 * board_load.c
 *		Put an event on the seat board.
 *
 * Whoever first misses an event there loads it, after his own answer has been
 * decided.  The order matters: labels, which never change while the event
 * lives; then the announcement, from which on commits are marked; then a new
 * snapshot, and through it the sale window and the seats.  A seat that
 * somebody changes meanwhile stays an ask word.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

#include "board.h"
#include "board_load.h"
#include "clock.h"
#include "pending.h"
#include "store.h"

/*
 * Whoever has written more seats than this leaves the load to others: to him
 * they are not committed, and would all be ask words.
 */
#define MAX_OWN_SEATS 64

/* pause after there was no room */
#define RETRY_MS 2000

typedef struct Loader
{
	const char *name;
	Oid table;
	int32 event_id;
	Store *store;
	int num_labels;
	int max_labels;
	char **labels; /* by seat_no - 1 */
	bool has_gap;  /* seat numbers are not 1 to n: somebody else's work */
	BoardWord initial;
} Loader;

/* The one event that did not get in last. */
static struct
{
	char *name;  /* NULL: none */
	int64 until; /* ticks */
} left_out;

static void
leave_out(const char *name)
{
	char *copy = MemoryContextStrdup(TopMemoryContext, name);

	if (left_out.name != NULL)
		pfree(left_out.name);
	left_out.name = copy;
	left_out.until = sl_clock_ticks() + RETRY_MS;
}

static bool
is_left_out(const char *name)
{
	return left_out.name != NULL && strcmp(left_out.name, name) == 0 &&
		   sl_clock_ticks() < left_out.until;
}

static void
add_label(int32 seat_no, char *label, void *arg)
{
	Loader *loader = arg;

	CHECK_FOR_INTERRUPTS();
	if (loader->num_labels == loader->max_labels)
	{
		loader->max_labels = Max(1024, loader->max_labels * 2);
		loader->labels = loader->labels == NULL
							 ? palloc(sizeof(char *) * loader->max_labels)
							 : repalloc_huge(loader->labels, sizeof(char *) * loader->max_labels);
	}
	loader->has_gap = loader->has_gap || seat_no != loader->num_labels + 1;
	loader->labels[loader->num_labels++] = label;
}

static void
warm_seat(const SeatRow *row, void *arg)
{
	Loader *loader = arg;
	BoardSeat seat = {row->status, row->version, row->expires_at};

	CHECK_FOR_INTERRUPTS();
	if (seat_row_is_settled(row))
		sl_board_warm(loader->table, loader->event_id, row->seat_no, loader->initial, &seat);
}

/* True when the event is on the board now. */
static bool
load(Loader *loader)
{
	EventRow event;

	sl_store_read_labels(loader->store, loader->event_id, add_label, loader);
	if (loader->num_labels == 0 || loader->has_gap ||
		!sl_board_announce(loader->table, loader->event_id, loader->name, loader->num_labels,
						   loader->labels, &loader->initial))
		return false;
	sl_store_refresh(loader->store);
	if (!sl_store_find_event(loader->store, loader->name, &event) ||
		event.event_id != loader->event_id || !event_row_is_settled(&event))
		return false;
	sl_store_read_seat_range(loader->store, loader->event_id, 1, loader->num_labels, warm_seat,
							 loader);
	sl_board_end_load(loader->table, loader->event_id, event.opens_at, event.closes_at);
	return true;
}

/* A load that did not end leaves nothing that others would wait for. */
static void
give_up(int code, Datum arg)
{
	Loader *loader = (Loader *) DatumGetPointer(arg);

	sl_board_mark_event(loader->table, loader->event_id);
}

static void
load_or_give_up(Loader *loader)
{
	PG_ENSURE_ERROR_CLEANUP(give_up, PointerGetDatum(loader));
	{
		if (!load(loader))
		{
			give_up(0, PointerGetDatum(loader));
			leave_out(loader->name);
		}
	}
	PG_END_ENSURE_ERROR_CLEANUP(give_up, PointerGetDatum(loader));
}

/* Does nothing when there is no such event, no room, or somebody else at it. */
void
sl_board_load(const char *event_name)
{
	Loader loader = {.name = event_name};
	MemoryContext old_context;
	MemoryContext context;
	EventRow event;

	if (!sl_board_open() || is_left_out(event_name))
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "seatlock load", ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(context);
	loader.table = sl_store_event_table();
	loader.store = sl_store_open_latest();
	sl_store_refresh(loader.store);
	/* whoever has been answered must not wait here for somebody's TRUNCATE */
	if (sl_store_try_lock(loader.store) && sl_store_find_event(loader.store, event_name, &event) &&
		event_row_is_settled(&event) && sl_pending_count(event.event_id) <= MAX_OWN_SEATS)
	{
		loader.event_id = event.event_id;
		sl_board_note_name(loader.table, event_name, event.event_id);
		switch (sl_board_begin_load(loader.table, event.event_id))
		{
			case BOARD_LOAD_YOURS:
				load_or_give_up(&loader);
				break;
			case BOARD_LOAD_NO_ROOM:
				leave_out(event_name);
				break;
			case BOARD_LOAD_OTHERS:
				break;
		}
	}
	sl_store_close(loader.store);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
}
