/*-------------------------------------------------------------------------
 *
 * store_setup.c
 *		Events: made from a venue, altered, pruned and dropped.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "store_setup.h"

static int32 insert_event(SqlScope *scope, const char *event, int32 venue_id,
						  const EventTerms *terms);
static uint64 copy_seats(SqlScope *scope, int32 event_id, int32 venue_id, LabelCounts *counts);
static int read_names(SqlScope *scope, int32 venue_id, SeatName **names);

static Datum
result_value(int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, isnull);
}

static int32
result_int32(int column)
{
	bool isnull;
	Datum value = result_value(column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

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
 * plan neither grows nor goes away under the copy: see store_plan.c.
 */
uint64
sl_store_setup_create(SqlScope *scope, const char *event, const char *venue,
					  const EventTerms *terms, LabelCounts *counts)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));
	SqlArg ids[2];
	int32 venue_id;
	int32 event_id;

	if (sl_sql_run(scope, "SELECT venue_id FROM seatlock.venue WHERE name" EQ "$1 FOR SHARE", 1,
				   &arg) == 0)
		sl_error_no_venue(venue);
	venue_id = result_int32(1);
	event_id = insert_event(scope, event, venue_id, terms);
	ids[0] = sql_arg(INT4OID, Int32GetDatum(event_id));
	ids[1] = sql_arg(INT4OID, Int32GetDatum(venue_id));
	sl_sql_run(scope,
			   "INSERT INTO seatlock.event_category"
			   " (event_id, category_no, name, color, accessible)"
			   " SELECT $1, category_no, name, color, accessible"
			   " FROM seatlock.venue_category WHERE venue_id" EQ "$2 ORDER BY category_no",
			   lengthof(ids), ids);
	sl_sql_run(scope,
			   "INSERT INTO seatlock.event_section (event_id, section_no, name, general_admission)"
			   " SELECT $1, section_no, name, general_admission"
			   " FROM seatlock.venue_section WHERE venue_id" EQ "$2 ORDER BY section_no",
			   lengthof(ids), ids);
	return copy_seats(scope, event_id, venue_id, counts);
}

static int32
insert_event(SqlScope *scope, const char *event, int32 venue_id, const EventTerms *terms)
{
	SqlArg args[] = {
		sql_arg(TEXTOID, CStringGetTextDatum(event)),
		sql_arg(INT4OID, Int32GetDatum(venue_id)),
		nullable_arg(TIMESTAMPTZOID, terms->opens_at),
		nullable_arg(TIMESTAMPTZOID, terms->closes_at),
		sql_arg(INT4OID, Int32GetDatum(terms->hold_seconds)),
		sql_arg(INT4OID, Int32GetDatum(terms->max_hold_seconds)),
		cap_arg(terms),
	};

	if (sl_sql_run(scope,
				   "INSERT INTO seatlock.event (name, venue_id, opens_at, closes_at,"
				   " hold_seconds, max_hold_seconds, max_seats_per_holder,"
				   " width, height, drawing, num_seats)"
				   " SELECT $1, $2, $3, $4, $5, $6, $7, width, height, drawing, num_seats"
				   " FROM seatlock.venue WHERE venue_id" EQ "$2"
				   " ON CONFLICT (name) DO NOTHING RETURNING event_id",
				   lengthof(args), args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("event \"%s\" already exists", event)));
	return result_int32(1);
}

/*
 * The seats, labelled, in seat order, so that neighbours share pages.  Seats
 * and labels are zipped as arrays: a join would be planned on statistics that
 * know nothing of a venue made a moment ago, and may take hours.
 */
static uint64
copy_seats(SqlScope *scope, int32 event_id, int32 venue_id, LabelCounts *counts)
{
	SqlArg args[3] = {
		sql_arg(INT4OID, Int32GetDatum(event_id)),
		sql_arg(INT4OID, Int32GetDatum(venue_id)),
	};
	SeatName *names;
	int num_seats = read_names(scope, venue_id, &names);
	char **labels = sl_label_make(names, num_seats, counts);
	Datum *texts = palloc(sizeof(Datum) * Max(num_seats, 1));

	for (int i = 0; i < num_seats; i++)
		texts[i] = CStringGetTextDatum(labels[i]);
	args[2] = sql_arg(TEXTARRAYOID, PointerGetDatum(construct_array(texts, num_seats, TEXTOID, -1,
																	false, TYPALIGN_INT)));
	sl_sql_run(
		scope,
		"INSERT INTO seatlock.seat (event_id, seat_no, section_no, category_no,"
		" row_no, run_no, x, y, label, row_label, seat_number)"
		" SELECT $1, s.* FROM (SELECT"
		" pg_catalog.array_agg(seat_no) AS seat_no, pg_catalog.array_agg(section_no) AS section_no,"
		" pg_catalog.array_agg(category_no) AS category_no, pg_catalog.array_agg(row_no) AS row_no,"
		" pg_catalog.array_agg(run_no) AS run_no, pg_catalog.array_agg(x) AS x,"
		" pg_catalog.array_agg(y) AS y, pg_catalog.array_agg(row_label) AS row_label,"
		" pg_catalog.array_agg(seat_number) AS seat_number"
		" FROM (SELECT * FROM seatlock.venue_seat WHERE venue_id" EQ "$2"
		" ORDER BY seat_no) AS v) AS a,"
		" ROWS FROM (pg_catalog.unnest(seat_no), pg_catalog.unnest(section_no),"
		" pg_catalog.unnest(category_no), pg_catalog.unnest(row_no), pg_catalog.unnest(run_no),"
		" pg_catalog.unnest(x), pg_catalog.unnest(y), pg_catalog.unnest($3),"
		" pg_catalog.unnest(row_label), pg_catalog.unnest(seat_number)) AS s",
		lengthof(args), args);
	return sl_sql_run(scope,
					  "INSERT INTO seatlock.seat_state (event_id, seat_no)"
					  " SELECT $1, seat_no FROM seatlock.venue_seat"
					  " WHERE venue_id" EQ "$2 ORDER BY seat_no",
					  2, args);
}

/* What the venue's seats are called, in seat order; returns how many there are. */
static int
read_names(SqlScope *scope, int32 venue_id, SeatName **names)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(venue_id));
	const char **sections;
	SPITupleTable *rows;
	int num_rows;

	/* numbered from 1 without gaps */
	num_rows = (int) sl_sql_run(scope,
								"SELECT name::pg_catalog.text FROM seatlock.venue_section"
								" WHERE venue_id" EQ "$1 ORDER BY section_no",
								1, &arg);
	sections = palloc(sizeof(char *) * Max(num_rows, 1));
	for (int i = 0; i < num_rows; i++)
		sections[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

	num_rows = (int) sl_sql_run(
		scope,
		"SELECT section_no, row_label::pg_catalog.text, seat_number::pg_catalog.text"
		" FROM seatlock.venue_seat WHERE venue_id" EQ "$1 ORDER BY seat_no",
		1, &arg);
	rows = SPI_tuptable;
	*names = palloc(sizeof(SeatName) * Max(num_rows, 1));
	for (int i = 0; i < num_rows; i++)
	{
		SeatName *name = &(*names)[i];
		bool isnull;

		name->section =
			sections[DatumGetInt32(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull)) - 1];
		name->row_label = SPI_getvalue(rows->vals[i], rows->tupdesc, 2);
		name->seat_number = SPI_getvalue(rows->vals[i], rows->tupdesc, 3);
	}
	SPI_freetuptable(rows);
	return num_rows;
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
	terms->opens_at.value = result_value(2, &terms->opens_at.isnull);
	terms->closes_at.value = result_value(3, &terms->closes_at.isnull);
	terms->hold_seconds = result_int32(4);
	terms->max_hold_seconds = result_int32(5);
	terms->max_seats_per_holder = result_int32(6);
	return result_int32(1);
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
sl_store_setup_remove_event(SqlScope *scope, const char *event)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(event));

	if (sl_sql_run(scope, "DELETE FROM seatlock.event WHERE name" EQ "$1 RETURNING event_id", 1,
				   &arg) == 0)
		sl_error_no_event(event);
	return result_int32(1);
}

/* Seats held, and not lapsed, and seats sold; also what an old snapshot would not show. */
void
sl_store_setup_count_live(SqlScope *scope, int32 event_id, TimestampTz now, int64 *num_held,
						  int64 *num_booked)
{
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(event_id)),
		sql_arg(TIMESTAMPTZOID, TimestampTzGetDatum(now)),
	};
	bool isnull;

	sl_sql_run_latest(scope,
					  "SELECT pg_catalog.count(*) FILTER (WHERE status" EQ "'h'"
					  " AND expires_at OPERATOR(pg_catalog.>) $2),"
					  " pg_catalog.count(*) FILTER (WHERE status" EQ "'b')"
					  " FROM seatlock.seat_state WHERE event_id" EQ "$1",
					  lengthof(args), args);
	*num_held = DatumGetInt64(result_value(1, &isnull));
	*num_booked = DatumGetInt64(result_value(2, &isnull));
}

/* What hangs on the event, also what an old snapshot would not show. */
uint64
sl_store_setup_remove_rest(SqlScope *scope, int32 event_id)
{
	static const char *const deletes[] = {
		"DELETE FROM seatlock.event_category WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.event_section WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.seat_state WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.hold WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.change WHERE event_id" EQ "$1",
		"DELETE FROM seatlock.request WHERE event_id" EQ "$1",
	};
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(event_id));

	for (int i = 0; i < lengthof(deletes); i++)
		sl_sql_run_latest(scope, deletes[i], 1, &arg);
	return sl_sql_run_latest(scope, "DELETE FROM seatlock.seat WHERE event_id" EQ "$1", 1, &arg);
}

/*
 * A lapsed hold that nobody has recorded yet (state h) stays: its seats still
 * carry the token, and whoever touches them next records the lapse.
 */
void
sl_store_setup_prune(SqlScope *scope, int32 event_id, TimestampTz before)
{
	static const char *const deletes[] = {
		"DELETE FROM seatlock.change WHERE event_id" EQ "$1"
		" AND changed_at OPERATOR(pg_catalog.<) $2",
		"DELETE FROM seatlock.request WHERE event_id" EQ "$1"
		" AND created_at OPERATOR(pg_catalog.<) $2",
		"DELETE FROM seatlock.hold"
		" WHERE event_id" EQ "$1 AND state" EQ "ANY ('{l,r,c}')"
		" AND ended_at OPERATOR(pg_catalog.<) $2",
	};
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(event_id)),
		sql_arg(TIMESTAMPTZOID, TimestampTzGetDatum(before)),
	};

	for (int i = 0; i < lengthof(deletes); i++)
		sl_sql_run(scope, deletes[i], lengthof(args), args);
}
