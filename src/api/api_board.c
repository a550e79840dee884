/*-------------------------------------------------------------------------
 *
 * api_board.c
 *		Entry points of the seat board: compact map, counts, checks, and the
 *		trigger by which SQL on the tables makes it cold.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "base/args.h"
#include "base/clock.h"
#include "base/rows.h"
#include "board/board_xact.h"
#include "seating/availability.h"
#include "shmem/worker_roster.h"
#include "store/store.h"
#include "store/store_integrity.h"
#include "verbs/board_read.h"

PG_FUNCTION_INFO_V1(seatlock_seat_map_compact);
PG_FUNCTION_INFO_V1(seatlock_availability);
PG_FUNCTION_INFO_V1(seatlock_board_statistics);
PG_FUNCTION_INFO_V1(seatlock_check_board);
PG_FUNCTION_INFO_V1(seatlock_board_reset);
PG_FUNCTION_INFO_V1(seatlock_board_trigger);

/* of each table that has the trigger: event_id, in seat layout_id */
#define NUMBER_COLUMN 1

/* columns of board_statistics() */
enum board_column
{
	BOARD_EVENT_ID,
	BOARD_NUM_SEATS,
	BOARD_NUM_WARM,
	BOARD_BYTES,
	BOARD_HEAT,
	BOARD_HITS,
	BOARD_ASKS,
	BOARD_LOADS,
	BOARD_EVICTIONS,
	NUM_BOARD_COLUMNS
};

/* A letter per seat. */
static void
write_letters(char *letters, const SeatStates *states)
{
	for (int i = 0; i < states->num_seats; i++)
		letters[i] = (char) board_seat_status(&states->seats[i], states->now);
}

/*
 * seat_map_compact(event text): a letter per seat in seat order, and a number
 * that rises with each change of a seat: the sum of the seats' versions.
 */
Datum
seatlock_seat_map_compact(PG_FUNCTION_ARGS)
{
	SeatStates *states = sl_board_read_states(sl_arg_name(fcinfo, 0, "event"));
	text *letters = palloc_extended(VARHDRSZ + states->num_seats, MCXT_ALLOC_HUGE);
	int64 version = 0;
	TupleDesc tupdesc = sl_rows_describe(fcinfo, 2);
	Datum values[2];
	bool nulls[2] = {false};

	SET_VARSIZE(letters, VARHDRSZ + states->num_seats);
	write_letters(VARDATA(letters), states);
	for (int i = 0; i < states->num_seats; i++)
		version += states->seats[i].version;
	values[0] = Int64GetDatum(version);
	values[1] = PointerGetDatum(letters);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

static void
put_counts(ReturnSetInfo *rsinfo, const Layout *layout, const SeatCounts *counts)
{
	Datum values[8];
	bool nulls[8] = {false};

	values[0] = CStringGetTextDatum(layout->sections[counts->section].name);
	values[1] = CStringGetTextDatum(layout->categories[counts->category].name);
	values[2] = Int32GetDatum(counts->capacity);
	values[3] = Int32GetDatum(counts->num_free);
	values[4] = Int32GetDatum(counts->num_held);
	values[5] = Int32GetDatum(counts->num_booked);
	values[6] = Int32GetDatum(counts->num_not_for_sale);
	values[7] = Int32GetDatum(counts->largest_block);
	rows_put(rsinfo, values, nulls);
}

/* availability(event text): counts of seats by section and category. */
Datum
seatlock_availability(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = sl_rows_begin(fcinfo, 8);
	const Layout *layout;
	const SeatStates *states = sl_board_read_layout(sl_arg_name(fcinfo, 0, "event"), &layout);
	char *letters = palloc_extended(Max(states->num_seats, 1), MCXT_ALLOC_HUGE);
	SeatCounts *counts;
	int num_counts;

	write_letters(letters, states);
	num_counts = sl_availability_count(layout, letters, &counts);
	for (int i = 0; i < num_counts; i++)
		put_counts(rsinfo, layout, &counts[i]);
	PG_RETURN_NULL();
}

/* The events on the board, for this function; 55000 when the library was not preloaded. */
static int
find_events(const char *function, BoardReport **reports)
{
	sl_worker_roster_require(function, "");
	return sl_board_open() ? sl_board_report(sl_store_event_table(), reports) : 0;
}

static void
put_board(ReturnSetInfo *rsinfo, const BoardReport *report)
{
	const HeatReport *heat = &report->heat;
	Datum values[NUM_BOARD_COLUMNS];
	bool nulls[NUM_BOARD_COLUMNS] = {false};

	values[BOARD_EVENT_ID] = Int32GetDatum(report->event_id);
	values[BOARD_NUM_SEATS] = Int32GetDatum(report->num_seats);
	values[BOARD_NUM_WARM] = Int32GetDatum(report->num_warm);
	values[BOARD_BYTES] = Int64GetDatum((int64) report->bytes);
	values[BOARD_HEAT] = Int64GetDatum((int64) heat->heat);
	values[BOARD_HITS] = Int64GetDatum((int64) heat->hits);
	values[BOARD_ASKS] = Int64GetDatum((int64) (heat->hits + heat->misses));
	values[BOARD_LOADS] = Int64GetDatum((int64) heat->loads);
	values[BOARD_EVICTIONS] = Int64GetDatum((int64) heat->evictions);
	rows_put(rsinfo, values, nulls);
}

/* What the view stat_board shows: a row per event that is on the board. */
Datum
seatlock_board_statistics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = sl_rows_begin(fcinfo, NUM_BOARD_COLUMNS);
	BoardReport *reports = NULL;
	int count = find_events("seatlock.stat_board", &reports);

	for (int i = 0; i < count; i++)
		put_board(rsinfo, &reports[i]);
	return (Datum) 0;
}

static Datum
describe_seat(const BoardSeat *seat)
{
	if (seat->status == 0)
		return PointerGetDatum(cstring_to_text("no row"));
	if (seat->status != SEAT_HELD)
		return PointerGetDatum(cstring_to_text(psprintf(
			"%s, version " INT64_FORMAT, sl_vocabulary_status(seat->status), seat->version)));
	return PointerGetDatum(cstring_to_text(
		psprintf("%s, version " INT64_FORMAT ", %d ms left", sl_vocabulary_status(seat->status),
				 seat->version, sl_clock_ms_left(sl_clock_now(), seat->expires_at))));
}

/* check_board(): where the board says what the tables do not; no rows = all is well. */
Datum
seatlock_check_board(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = sl_rows_begin(fcinfo, 4);
	BoardReport *reports = NULL;
	int num_events = find_events("seatlock.check_board()", &reports);

	sl_store_triggers_check(rsinfo);
	for (int i = 0; i < num_events; i++)
	{
		BoardMismatch *mismatches = NULL;
		int count = sl_board_check(reports[i].event_id, &mismatches);

		for (int j = 0; j < count; j++)
		{
			Datum values[4];
			bool nulls[4] = {false};

			values[0] = CStringGetTextDatum(mismatches[j].event);
			values[1] = CStringGetTextDatum(mismatches[j].label);
			values[2] = describe_seat(&mismatches[j].board);
			values[3] = describe_seat(&mismatches[j].table);
			rows_put(rsinfo, values, nulls);
		}
	}
	return (Datum) 0;
}

/* board_reset(event text): make the event cold, after SQL with the triggers off. */
Datum
seatlock_board_reset(PG_FUNCTION_ARGS)
{
	char *name;
	Store *store;
	EventRow event;

	sl_arg_require_writable("seatlock.board_reset()");
	name = sl_arg_name(fcinfo, 0, "event");
	sl_worker_roster_require("seatlock.board_reset()", "");
	store = sl_store_open_latest();
	sl_store_require_event(store, name, &event);
	sl_store_close(store);
	sl_board_xact_note_event(sl_store_event_table(), event.event_id);
	PG_RETURN_VOID();
}

static bool
is_seat_table(const TriggerData *trigger)
{
	return strcmp(RelationGetRelationName(trigger->tg_relation), "seat") == 0;
}

static void
note_row(const TriggerData *trigger, HeapTuple row)
{
	bool isnull;
	int32 number = DatumGetInt32(
		heap_getattr(row, NUMBER_COLUMN, RelationGetDescr(trigger->tg_relation), &isnull));

	if (is_seat_table(trigger))
		sl_board_xact_note_layout(sl_store_event_table(), number);
	else
		sl_board_xact_note_event(sl_store_event_table(), number);
}

/*
 * Somebody writes the tables by SQL, or a logical subscription does: the events
 * of the rows are cold, now and again when that commits.  Row by row, since an
 * apply worker fires no statement triggers except for TRUNCATE.
 */
Datum
seatlock_board_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("seatlock.board_trigger() was not called by a trigger")));
	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		sl_board_xact_note_event(sl_store_event_table(), SL_ALL_EVENTS);
		return PointerGetDatum(NULL);
	}
	note_row(trigger, trigger->tg_trigtuple);
	/* sessions believe the labels that they have seen, until told */
	if (is_seat_table(trigger))
		CacheInvalidateRelcache(trigger->tg_relation);
	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);
	note_row(trigger, trigger->tg_newtuple);
	return PointerGetDatum(trigger->tg_newtuple);
}
