/*-------------------------------------------------------------------------
 *
 * store_seat.c
 *		Seats: the fixed label, and the state that changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/compare.h"
#include "base/seat_list.h"
#include "board/board_xact.h"
#include "store/event_cache.h"
#include "store/table.h"

/* columns of seat_state, counted from 0 */
enum seat_state_column
{
	STATE_EVENT_ID,
	STATE_SEAT_NO,
	STATE_VERSION,
	STATE_EXPIRES_AT,
	STATE_TOKEN,
	STATE_STATUS,
	STATE_CHANNEL_NO, /* null: no channel */
	NUM_STATE_COLUMNS
};

/* columns of seat, counted from 1 */
enum seat_column
{
	SEAT_NO = 2,
	SEAT_SECTION_NO,
	SEAT_CATEGORY_NO,
	SEAT_ROW_NO,
	SEAT_RUN_NO,
	SEAT_X,
	SEAT_Y,
	SEAT_ALONG,
	SEAT_ACCESSIBLE,
	SEAT_COMPANION,
	SEAT_FOR_SALE,
	SEAT_LABEL,
	SEAT_ROW_LABEL,
	SEAT_NUMBER,
	SEAT_GUID
};

/* to a seat that is no further away one goes step by step, and not by the index */
#define NEAR 8

/* the column of the indexes on label and on guid that has the seat's number, counted from 1 */
#define NAME_INDEX_SEAT_NO 3

/*
 * The number of the seat with this label, or named by its guid as in a SeatList,
 * for the next call of this backend too; 0 when there is no such seat.
 */
int32
sl_store_find_seat(Store *store, int32 layout_id, const char *label)
{
	int32 seat_no = sl_event_cache_find_seat(store, layout_id, label);
	ScanKeyData keys[2];
	const char *guid;
	Datum found;

	if (seat_no != 0)
		return seat_no;
	guid = sl_seat_list_find_guid(label);
	sl_key_int32(&keys[0], 1, layout_id);
	sl_key_text(&keys[1], 2, guid ? guid : label);
	if (!sl_table_find_column(store, guid ? INDEX_SEAT_GUID : INDEX_SEAT_LABEL, keys, 2,
							  NAME_INDEX_SEAT_NO, &found))
		return 0;
	seat_no = DatumGetInt32(found);
	sl_event_cache_note_seat(store, layout_id, label, seat_no);
	return seat_no;
}

char *
sl_store_find_label(Store *store, int32 layout_id, int32 seat_no)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;
	bool isnull;

	sl_key_int32(&keys[0], 1, layout_id);
	sl_key_int32(&keys[1], 2, seat_no);
	slot = sl_table_find(store, INDEX_SEAT_NO, keys, 2);
	if (slot == NULL)
		elog(ERROR, "seat %d of layout %d has no label", seat_no, layout_id);
	return TextDatumGetCString(slot_getattr(slot, SEAT_LABEL, &isnull));
}

static void
read_slot(TupleTableSlot *slot, SeatRow *row)
{
	slot_getallattrs(slot);
	row->seat_no = DatumGetInt32(slot->tts_values[STATE_SEAT_NO]);
	row->version = DatumGetInt64(slot->tts_values[STATE_VERSION]);
	row->status = (SeatStatus) DatumGetChar(slot->tts_values[STATE_STATUS]);
	row->expires_at = slot->tts_isnull[STATE_EXPIRES_AT]
						  ? 0
						  : DatumGetTimestampTz(slot->tts_values[STATE_EXPIRES_AT]);
	if (slot->tts_isnull[STATE_TOKEN])
		memset(&row->token, 0, sizeof(row->token));
	else
		row->token = *DatumGetUUIDP(slot->tts_values[STATE_TOKEN]);
	row->changing = sl_tuple_is_changing(slot);
	row->ours = sl_tuple_is_ours(slot);
	row->tid = slot->tts_tid;
}

/* A place may hold another row by now, or always have: is it this seat's? */
static bool
is_row_of(TupleTableSlot *slot, int32 event_id, int32 seat_no)
{
	if (slot == NULL)
		return false;
	slot_getallattrs(slot);
	return DatumGetInt32(slot->tts_values[STATE_EVENT_ID]) == event_id &&
		   DatumGetInt32(slot->tts_values[STATE_SEAT_NO]) == seat_no;
}

/* False when there is no such seat, as after the event was dropped. */
bool
sl_store_read_seat(Store *store, int32 event_id, int32 seat_no, SeatRow *row)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;
	ItemPointerData place;

	if (sl_event_cache_find_place(store, event_id, seat_no, &place))
	{
		slot = sl_table_fetch_hot(store, TABLE_SEAT_STATE, &place);
		if (is_row_of(slot, event_id, seat_no))
		{
			read_slot(slot, row);
			return true;
		}
	}
	sl_key_int32(&keys[0], 1, event_id);
	sl_key_int32(&keys[1], 2, seat_no);
	slot = sl_table_find_hot(store, INDEX_SEAT_STATE, keys, 2);
	if (slot == NULL)
		return false;
	read_slot(slot, row);
	return true;
}

/* The same, going straight to where the row was last seen. */
bool
sl_store_reread_seat(Store *store, int32 event_id, SeatRow *row)
{
	TupleTableSlot *slot = sl_table_fetch(store, TABLE_SEAT_STATE, &row->tid);

	if (is_row_of(slot, event_id, row->seat_no))
	{
		read_slot(slot, row);
		return true;
	}
	return sl_store_read_seat(store, event_id, row->seat_no, row);
}

/* The first row of an event or a layout in this index, then the next ones; NULL at the end. */
static TupleTableSlot *
step(SeatWalk *walk, StoreIndex index, int32 id, bool *under_way)
{
	ScanKeyData keys[3];

	if (*under_way)
		return sl_table_next(walk->store, index);
	*under_way = true;
	sl_key_int32(&keys[0], 1, id);
	sl_key_int32_from(&keys[1], 2, walk->first);
	sl_key_int32_to(&keys[2], 2, walk->last);
	return sl_table_find(walk->store, index, keys, walk->last == 0 ? 1 : 3);
}

/*
 * The index of a number in an ascending array of structs that begin with one;
 * it is mostly where the last one was.
 */
static int
find_number(const void *array, int count, Size size, int32 number, int guess)
{
	int low = 0;
	int high = count;

#define NUMBER_AT(i) (*(const int32 *) ((const char *) array + (i) *size))
	if (guess < count && NUMBER_AT(guess) == number)
		return guess;
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (NUMBER_AT(middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || NUMBER_AT(low) != number)
		elog(ERROR, "could not find section or category %d", number);
	return low;
}

static Datum
seat_value(TupleTableSlot *slot, enum seat_column column)
{
	return slot->tts_values[column - 1];
}

static text *
seat_text_or_null(TupleTableSlot *slot, enum seat_column column)
{
	return slot->tts_isnull[column - 1] ? NULL : DatumGetTextPP(seat_value(slot, column));
}

/* Its section and category, as indexes. */
static void
view_names(TupleTableSlot *slot, const Layout *layout, SeatPlace *place)
{
	place->section = find_number(layout->sections, layout->num_sections, sizeof(LayoutSection),
								 DatumGetInt32(seat_value(slot, SEAT_SECTION_NO)), place->section);
	place->category =
		find_number(layout->categories, layout->num_categories, sizeof(LayoutCategory),
					DatumGetInt32(seat_value(slot, SEAT_CATEGORY_NO)), place->category);
}

static void
view_seat(TupleTableSlot *slot, SeatView *seat)
{
	bool in_row = !slot->tts_isnull[SEAT_ROW_NO - 1];
	bool in_run = !slot->tts_isnull[SEAT_RUN_NO - 1];

	seat->place.seat_no = DatumGetInt32(seat_value(slot, SEAT_NO));
	seat->place.row_no = in_row ? DatumGetInt32(seat_value(slot, SEAT_ROW_NO)) : SL_NO_ROW;
	seat->place.run_no = in_run ? DatumGetInt32(seat_value(slot, SEAT_RUN_NO)) : SL_NO_ROW;
	seat->place.along = DatumGetInt32(seat_value(slot, SEAT_ALONG));
	seat->accessible = DatumGetBool(seat_value(slot, SEAT_ACCESSIBLE));
	seat->companion = DatumGetBool(seat_value(slot, SEAT_COMPANION));
	seat->place.by_label = seat->accessible || seat->companion;
	seat->x = DatumGetFloat8(seat_value(slot, SEAT_X));
	seat->y = DatumGetFloat8(seat_value(slot, SEAT_Y));
	seat->label = DatumGetTextPP(seat_value(slot, SEAT_LABEL));
	seat->row_label = seat_text_or_null(slot, SEAT_ROW_LABEL);
	seat->seat_number = DatumGetTextPP(seat_value(slot, SEAT_NUMBER));
	seat->guid = seat_text_or_null(slot, SEAT_GUID);
}

static bool
next_state(SeatWalk *walk)
{
	TupleTableSlot *slot = step(walk, INDEX_SEAT_STATE, walk->event_id, &walk->in_states);

	CHECK_FOR_INTERRUPTS();
	if (slot != NULL)
		read_slot(slot, &walk->row);
	else
		walk->past_states = true;
	return slot != NULL;
}

static bool
next_place(SeatWalk *walk)
{
	TupleTableSlot *slot = step(walk, INDEX_SEAT_NO, walk->layout_id, &walk->in_seats);

	CHECK_FOR_INTERRUPTS();
	if (slot == NULL)
		return false;
	slot_getallattrs(slot);
	view_seat(slot, &walk->seat);
	if (walk->layout != NULL)
		view_names(slot, walk->layout, &walk->seat.place);
	return true;
}

/* Both tables are walked in the order of their keys: on to this seat's state. */
static bool
reach_state(SeatWalk *walk)
{
	while (!walk->past_states && walk->row.seat_no < walk->seat.place.seat_no)
		(void) next_state(walk);
	return walk->row.seat_no == walk->seat.place.seat_no;
}

/*
 * On to the next seat; false at the end.  Where both are wanted, a seat without
 * a state is left out.
 */
bool
sl_store_next_seat(SeatWalk *walk)
{
	if (walk->layout_id == 0)
		return next_state(walk);
	while (next_place(walk))
		if (walk->event_id == 0 || reach_state(walk))
			return true;
	return false;
}

/* The highest number of an event's seats; 0: it has none. */
int32
sl_store_last_seat(Store *store, int32 event_id)
{
	ScanKeyData key;
	TupleTableSlot *slot;
	bool isnull;

	sl_key_int32(&key, 1, event_id);
	slot = sl_table_find_last(store, INDEX_SEAT_STATE, &key, 1);
	return slot == NULL ? 0 : DatumGetInt32(slot_getattr(slot, STATE_SEAT_NO + 1, &isnull));
}

static int32
seat_no_of(TupleTableSlot *slot)
{
	bool isnull;

	return DatumGetInt32(slot_getattr(slot, SEAT_NO, &isnull));
}

static Datum
copy_label(TupleTableSlot *slot, MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	bool isnull;
	text *label = DatumGetTextPCopy(slot_getattr(slot, SEAT_LABEL, &isnull));

	MemoryContextSwitchTo(old_context);
	return PointerGetDatum(label);
}

/*
 * Labels of seats, whose numbers must ascend, as texts in that context.  Returns
 * how many there are: what is no seat of the layout has none.
 */
int
sl_store_find_labels(Store *store, int32 layout_id, int num_seats, const int32 *seats,
					 MemoryContext context, Datum *labels)
{
	TupleTableSlot *slot = NULL;
	int num_labels = 0;

	for (int i = 0; i < num_seats; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (slot == NULL || seats[i] - seat_no_of(slot) > NEAR)
		{
			ScanKeyData keys[2];

			sl_key_int32(&keys[0], 1, layout_id);
			sl_key_int32_from(&keys[1], 2, seats[i]);
			slot = sl_table_find(store, INDEX_SEAT_NO, keys, 2);
		}
		while (slot != NULL && seat_no_of(slot) < seats[i])
			slot = sl_table_next(store, INDEX_SEAT_NO);
		if (slot != NULL && seat_no_of(slot) == seats[i])
			labels[num_labels++] = copy_label(slot, context);
	}
	return num_labels;
}

PinResult
sl_store_pin_seat(Store *store, SeatRow *row)
{
	return sl_table_pin(store, TABLE_SEAT_STATE, &row->tid);
}

/* Write the status, version, expiry and token of a pinned seat. */
void
sl_store_update_seat(Store *store, int32 event_id, SeatRow *row)
{
	Datum values[NUM_STATE_COLUMNS];
	bool nulls[NUM_STATE_COLUMNS] = {false};
	bool owned = (row->status == SEAT_HELD || row->status == SEAT_BOOKED);
	BoardSeat board;

	values[STATE_EVENT_ID] = Int32GetDatum(event_id);
	values[STATE_SEAT_NO] = Int32GetDatum(row->seat_no);
	values[STATE_VERSION] = Int64GetDatum(row->version);
	values[STATE_EXPIRES_AT] = TimestampTzGetDatum(row->expires_at);
	nulls[STATE_EXPIRES_AT] = (row->status != SEAT_HELD);
	values[STATE_TOKEN] = UUIDPGetDatum(&row->token);
	nulls[STATE_TOKEN] = !owned;
	values[STATE_STATUS] = CharGetDatum((char) row->status);
	nulls[STATE_CHANNEL_NO] = true;
	sl_table_update(store, TABLE_SEAT_STATE, &row->tid, values, nulls);
	board = (BoardSeat){row->status, row->version, row->expires_at};
	sl_board_xact_note_seat(sl_store_event_table(), event_id, row->seat_no, &board);
}

/* New seats of an event while their rows are written. */
typedef struct NewSeats
{
	int32 event_id;
	int32 first;
	const int32 *not_for_sale; /* ascending; those yet to come, then 0 */
} NewSeats;

static void
fill_new_row(int i, Datum *values, bool *nulls, void *arg)
{
	NewSeats *seats = arg;
	int32 seat_no = seats->first + i;
	bool for_sale = *seats->not_for_sale != seat_no;

	if (!for_sale)
		seats->not_for_sale++;
	values[STATE_EVENT_ID] = Int32GetDatum(seats->event_id);
	values[STATE_SEAT_NO] = Int32GetDatum(seat_no);
	values[STATE_VERSION] = Int64GetDatum(for_sale ? 0 : SL_FIRST_BLOCKED);
	values[STATE_STATUS] = CharGetDatum((char) (for_sale ? SEAT_FREE : SEAT_NOT_FOR_SALE));
	for (int column = 0; column < NUM_STATE_COLUMNS; column++)
		nulls[column] =
			column == STATE_EXPIRES_AT || column == STATE_TOKEN || column == STATE_CHANNEL_NO;
}

/*
 * The state rows of so many new seats, in the order of their numbers, all free but
 * for those of the list, which ascends and ends with 0.
 */
void
sl_store_insert_seats(int32 event_id, int32 first, int num_seats, const int32 *not_for_sale)
{
	Store *store = sl_store_open(true);
	NewSeats seats = {event_id, first, not_for_sale};

	sl_table_insert_many(store, TABLE_SEAT_STATE, num_seats, fill_new_row, &seats);
	sl_store_close(store);
}

/* Numbers of seats, ascending, as holds and changes have them. */
void
sl_store_sort_seats(int32 *seat_nos, int count)
{
	qsort(seat_nos, count, sizeof(int32), compare_int32);
}
