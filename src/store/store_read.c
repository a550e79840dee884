/*-------------------------------------------------------------------------
 *
 * store_read.c
 *		The reads: rows of an event as they stand now.
 *
 * All of them read with the caller's snapshot and write nothing, so they
 * answer in a read-only transaction and on a standby.  A hold that has expired
 * is free from that moment, recorded or not: every read compares expires_at
 * with a time that the caller of this file takes from the one clock.
 *
 * No SQL: an event that is about to go on sale is younger than any statistics,
 * and a planner that believes it to have one row joins all seats with all
 * states.  The tables are walked in the order of their keys.  The rows go
 * straight into the result's tuplestore, which spills to disk, so an event of
 * any size needs no more than work_mem.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "base/grow.h"
#include "base/token.h"
#include "store/store_layout.h"
#include "store/store_read.h"

/* The status that a seat has at a moment: no reader sees an expired hold. */
SeatStatus
sl_store_status_at(const SeatRow *seat, TimestampTz now)
{
	return seat->status == SEAT_HELD && seat->expires_at <= now ? SEAT_FREE : seat->status;
}

static Datum
text_or_null(text *value, bool *isnull)
{
	*isnull = value == NULL;
	return PointerGetDatum(value);
}

/* The names of a layout as text values, made once and not for each seat. */
typedef struct Names
{
	Datum *sections;
	Datum *categories;
	Datum statuses[UCHAR_MAX + 1]; /* by SeatStatus */
} Names;

static void
make_names(Names *names, const Layout *layout)
{
	static const SeatStatus statuses[] = {SEAT_FREE, SEAT_HELD, SEAT_BOOKED, SEAT_NOT_FOR_SALE};

	names->sections = palloc(sizeof(Datum) * Max(layout->num_sections, 1));
	names->categories = palloc(sizeof(Datum) * Max(layout->num_categories, 1));
	for (int i = 0; i < layout->num_sections; i++)
		names->sections[i] = CStringGetTextDatum(layout->sections[i].name);
	for (int i = 0; i < layout->num_categories; i++)
		names->categories[i] = CStringGetTextDatum(layout->categories[i].name);
	for (int i = 0; i < lengthof(statuses); i++)
		names->statuses[statuses[i]] = CStringGetTextDatum(sl_vocabulary_status(statuses[i]));
}

void
sl_store_read_seat_map(ReturnSetInfo *result, const char *event, TimestampTz now)
{
	Store *store = sl_store_open(false);
	Names names;
	SeatWalk walk = {.store = store};
	EventRow row;

	sl_store_require_event(store, event, &row);
	walk.event_id = row.event_id;
	walk.layout_id = row.layout_id;
	walk.layout = sl_store_layout_read(store, row.layout_id);
	make_names(&names, walk.layout);
	while (sl_store_next_seat(&walk))
	{
		const SeatView *seat = &walk.seat;
		Datum values[10];
		bool nulls[10] = {false};

		values[0] = PointerGetDatum(seat->label);
		values[1] = names.sections[seat->place.section];
		values[2] = text_or_null(seat->row_label, &nulls[2]);
		values[3] = PointerGetDatum(seat->seat_number);
		values[4] = names.categories[seat->place.category];
		values[5] = names.statuses[sl_store_status_at(&walk.row, now)];
		values[6] = Int64GetDatum(walk.row.version);
		values[7] = Float8GetDatum(seat->x);
		values[8] = Float8GetDatum(seat->y);
		values[9] = text_or_null(seat->guid, &nulls[9]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	sl_store_close(store);
}

/* Tokens that own seats at a moment; one that owns many seats may be in it more than once. */
typedef struct Owners
{
	TimestampTz now;
	pg_uuid_t *tokens;
	int count;
	int room;
} Owners;

static void
note_owner(Owners *owners, const SeatRow *seat)
{
	if (seat->status != SEAT_BOOKED &&
		(seat->status != SEAT_HELD || seat->expires_at <= owners->now))
		return;
	/* neighbours mostly have one owner */
	if (owners->count > 0 && token_equals(&owners->tokens[owners->count - 1], &seat->token))
		return;
	owners->tokens = grow_array(owners->tokens, owners->count, &owners->room, sizeof(pg_uuid_t));
	owners->tokens[owners->count++] = seat->token;
}

static int
compare_tokens(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(pg_uuid_t));
}

/* False when the hold is not what its seats say; check_integrity() tells. */
static bool
find_live_hold(Store *store, int32 event_id, const pg_uuid_t *token, HoldRow *hold)
{
	return sl_store_find_hold(store, event_id, token, hold) &&
		   (hold->state == HOLD_HELD || hold->state == HOLD_BOOKED);
}

static void
put_hold(ReturnSetInfo *result, Store *store, int32 layout_id, const HoldRow *hold)
{
	bool booked = (hold->state == HOLD_BOOKED);
	Datum *labels = palloc_extended(sizeof(Datum) * Max(hold->num_seats, 1), MCXT_ALLOC_HUGE);
	int num_labels = sl_store_find_labels(store, layout_id, hold->num_seats, hold->seats,
										  CurrentMemoryContext, labels);
	Datum values[7];
	bool nulls[7] = {false};

	values[0] = sl_store_token_text(&hold->token, &nulls[0]);
	values[1] = CStringGetTextDatum(hold->holder);
	values[2] = CStringGetTextDatum(sl_vocabulary_status(booked ? SEAT_BOOKED : SEAT_HELD));
	values[3] =
		PointerGetDatum(construct_array(labels, num_labels, TEXTOID, -1, false, TYPALIGN_INT));
	nulls[4] = hold->order_ref == NULL;
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(hold->order_ref);
	values[5] = TimestampTzGetDatum(hold->created_at);
	values[6] = TimestampTzGetDatum(hold->expires_at);
	nulls[6] = booked;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * The holds and sales that live, found by the seats that they own: holds that
 * have ended, of which there may be millions, cost nothing.
 */
void
sl_store_read_holds(ReturnSetInfo *result, const char *event, TimestampTz now)
{
	Store *store = sl_store_open(false);
	Owners owners = {.now = now};
	SeatWalk walk = {.store = store};
	EventRow row;

	sl_store_require_event(store, event, &row);
	walk.event_id = row.event_id;
	while (sl_store_next_seat(&walk))
		note_owner(&owners, &walk.row);
	if (owners.count > 0)
		qsort(owners.tokens, owners.count, sizeof(pg_uuid_t), compare_tokens);

	for (int i = 0; i < owners.count; i++)
	{
		HoldRow hold;

		CHECK_FOR_INTERRUPTS();
		if (i > 0 && token_equals(&owners.tokens[i], &owners.tokens[i - 1]))
			continue;
		if (find_live_hold(store, row.event_id, &owners.tokens[i], &hold))
			put_hold(result, store, row.layout_id, &hold);
	}
	sl_store_close(store);
}

/* A token as the reads show it. */
Datum
sl_store_token_text(const pg_uuid_t *token, bool *isnull)
{
	char *string;

	*isnull = token == NULL;
	if (token == NULL)
		return (Datum) 0;
	string = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(token)));
	return CStringGetTextDatum(string);
}
