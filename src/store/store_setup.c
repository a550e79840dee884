/*-------------------------------------------------------------------------
 *
 * store_setup.c
 *		Events: made from a venue, altered and dropped.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/errors.h"
#include "store/store.h"
#include "store/store_layout_grow.h"
#include "store/store_sequence.h"
#include "store/store_setup.h"

static int32 insert_event(SqlScope *scope, const char *event, int32 venue_id, int32 layout_id,
						  const EventTerms *terms);
static const int32 *find_not_for_sale(SqlScope *scope, int32 layout_id, int *count);
static void tell_not_for_sale(SqlScope *scope, int32 event_id, TimestampTz now, const int32 *seats,
							  int count);

static SqlArg
nullable_arg(Oid type, NullableDatum value)
{
	return value.isnull ? sql_null(type) : sql_arg(type, value.value);
}

static SqlArg
cap_arg(const EventTerms *terms)
{
	return terms->max_seats_per_holder > 0
			   ? sql_arg(INT4OID, Int32GetDatum(terms->max_seats_per_holder))
			   : sql_null(INT4OID);
}

/*
 * The venue's row is held FOR SHARE until the event is committed, so that the
 * venue neither grows nor goes away meanwhile: see store_plan.c.
 */
uint64
sl_store_setup_create(SqlScope *scope, const char *event, const char *venue,
					  const EventTerms *terms, TimestampTz now, LabelCounts *counts)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));
	int32 venue_id;
	int32 layout_id;
	int32 event_id;
	const int32 *not_for_sale;
	int num_blocked;
	int num_seats;

	sl_store_sequences_check(scope);
	if (sl_sql_run(scope,
				   "SELECT venue_id, layout_id FROM seatlock.venue WHERE name" EQ "$1 FOR SHARE", 1,
				   &arg) == 0)
		sl_error_no_venue(venue);
	venue_id = sl_sql_int32(1);
	layout_id = sl_sql_int32(2);
	num_seats = sl_store_layout_finish(scope, layout_id, counts);
	event_id = insert_event(scope, event, venue_id, layout_id, terms);
	not_for_sale = find_not_for_sale(scope, layout_id, &num_blocked);
	sl_store_insert_seats(event_id, 1, num_seats, not_for_sale);
	if (num_blocked > 0)
		tell_not_for_sale(scope, event_id, now, not_for_sale, num_blocked);
	return num_seats;
}

/* The numbers of the seats that the plan does not put on sale, ascending, then 0. */
static const int32 *
find_not_for_sale(SqlScope *scope, int32 layout_id, int *count)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(layout_id));
	int32 *seats;
	bool isnull;

	*count = (int) sl_sql_run(scope,
							  "SELECT seat_no FROM seatlock.seat WHERE layout_id" EQ
							  "$1 AND NOT for_sale ORDER BY seat_no",
							  1, &arg);
	seats = palloc(sizeof(int32) * (*count + 1));
	for (int i = 0; i < *count; i++)
		seats[i] =
			DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
	seats[*count] = 0;
	return seats;
}

/* The history says of each seat how it came to be what it is: of these too. */
static void
tell_not_for_sale(SqlScope *scope, int32 event_id, TimestampTz now, const int32 *seats, int count)
{
	int64 *versions = palloc(sizeof(int64) * count);
	ChangeRow change = {.action = ACTION_BLOCKED,
						.reason = "seating plan",
						.actor = GetUserNameFromId(scope->caller, false),
						.num_seats = count,
						.seats = seats,
						.versions = versions};
	Store *store = sl_store_open(true);

	for (int i = 0; i < count; i++)
		versions[i] = SL_FIRST_BLOCKED;
	sl_store_refresh(store);
	sl_store_insert_change(store, event_id, now, &change);
	sl_store_close(store);
}

static int32
insert_event(SqlScope *scope, const char *event, int32 venue_id, int32 layout_id,
			 const EventTerms *terms)
{
	SqlArg args[] = {
		sql_arg(TEXTOID, CStringGetTextDatum(event)),
		sql_arg(INT4OID, Int32GetDatum(venue_id)),
		sql_arg(INT4OID, Int32GetDatum(layout_id)),
		nullable_arg(TIMESTAMPTZOID, terms->opens_at),
		nullable_arg(TIMESTAMPTZOID, terms->closes_at),
		sql_arg(INT4OID, Int32GetDatum(terms->hold_seconds)),
		sql_arg(INT4OID, Int32GetDatum(terms->max_hold_seconds)),
		cap_arg(terms),
	};

	if (sl_sql_run(scope,
				   "INSERT INTO seatlock.event (name, venue_id, layout_id, opens_at, closes_at,"
				   " hold_seconds, max_hold_seconds, max_seats_per_holder)"
				   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
				   " ON CONFLICT (name) DO NOTHING RETURNING event_id",
				   lengthof(args), args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("event \"%s\" already exists", event)));
	return sl_sql_int32(1);
}

int32
sl_store_setup_lock_terms(SqlScope *scope, const char *event, EventTerms *terms)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(event));

	if (sl_sql_run(scope,
				   "SELECT event_id, opens_at, closes_at, hold_seconds, max_hold_seconds,"
				   " max_seats_per_holder FROM seatlock.event WHERE name" EQ "$1"
				   " FOR NO KEY UPDATE",
				   1, &arg) == 0)
		sl_error_no_event(event);
	terms->opens_at = sl_sql_column(2);
	terms->closes_at = sl_sql_column(3);
	terms->hold_seconds = sl_sql_int32(4);
	terms->max_hold_seconds = sl_sql_int32(5);
	terms->max_seats_per_holder = sl_sql_int32(6);
	return sl_sql_int32(1);
}

void
sl_store_setup_set_terms(SqlScope *scope, int32 event_id, const EventTerms *terms)
{
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(event_id)),
		nullable_arg(TIMESTAMPTZOID, terms->opens_at),
		nullable_arg(TIMESTAMPTZOID, terms->closes_at),
		sql_arg(INT4OID, Int32GetDatum(terms->hold_seconds)),
		sql_arg(INT4OID, Int32GetDatum(terms->max_hold_seconds)),
		cap_arg(terms),
	};

	sl_sql_run(scope,
			   "UPDATE seatlock.event SET opens_at = $2, closes_at = $3, hold_seconds = $4,"
			   " max_hold_seconds = $5, max_seats_per_holder = $6 WHERE event_id" EQ "$1",
			   lengthof(args), args);
}

void
sl_store_setup_cap_holds(SqlScope *scope, int32 event_id)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(event_id));

	sl_sql_run_latest(scope,
					  "UPDATE seatlock.hold SET capped = true"
					  " WHERE event_id" EQ "$1 AND NOT capped"
					  " AND (state" EQ "'h' OR state" EQ "'b')",
					  1, &arg);
}

int32
sl_store_setup_remove_event(SqlScope *scope, const char *event, int32 *layout_id)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(event));

	if (sl_sql_run(scope,
				   "DELETE FROM seatlock.event WHERE name" EQ "$1 RETURNING event_id, layout_id", 1,
				   &arg) == 0)
		sl_error_no_event(event);
	*layout_id = sl_sql_int32(2);
	return sl_sql_int32(1);
}

/* Seats held, and not expired, and seats sold; also what an old snapshot would not show. */
void
sl_store_setup_count_live(SqlScope *scope, int32 event_id, TimestampTz now, int64 *num_held,
						  int64 *num_booked)
{
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(event_id)),
		sql_arg(TIMESTAMPTZOID, TimestampTzGetDatum(now)),
	};

	sl_sql_run_latest(scope,
					  "SELECT pg_catalog.count(*) FILTER (WHERE status" EQ "'h'"
					  " AND expires_at OPERATOR(pg_catalog.>) $2),"
					  " pg_catalog.count(*) FILTER (WHERE status" EQ "'b')"
					  " FROM seatlock.seat_state WHERE event_id" EQ "$1",
					  lengthof(args), args);
	*num_held = DatumGetInt64(sl_sql_column(1).value);
	*num_booked = DatumGetInt64(sl_sql_column(2).value);
}

/* What hangs on the event, also what an old snapshot would not show. */
uint64
sl_store_setup_remove_rest(SqlScope *scope, int32 event_id, int32 layout_id)
{
	static const char *const deletes[] = {
		"DELETE FROM seatlock.hold WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.change WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.request WHERE event_id" EQ "$1",
	};
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(event_id));

	for (int i = 0; i < lengthof(deletes); i++)
		sl_sql_run_latest(scope, deletes[i], 1, &arg);
	sl_store_layout_leave(scope, layout_id);
	return sl_sql_run_latest(scope, "DELETE FROM seatlock.seat_state WHERE event_id" EQ "$1", 1,
							 &arg);
}
