/*-------------------------------------------------------------------------
 *
 * store_area.c
 *		Areas of general admission of events that are on sale.
 *
 * An area grows by places that come last in the seat order, so that no seat gets
 * another number.  Nor does any get another label: tickets have them.  The layout
 * that the event had is final, and perhaps other nights' too, so the event gets
 * a copy of its own with the new places in it, in the same transaction.
 *
 * Lock protocol: the event's row FOR KEY SHARE, so that it is not dropped; that is
 * nothing to claims, which go on while the copy is made.  Then the layout's row
 * FOR UPDATE, which two that grow one event come to one after the other; the
 * second finds that the event has another layout by now.  Then the event's row is
 * updated, so that claims from here to the end answer busy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/errors.h"
#include "base/name_table.h"
#include "seating/plan_area.h"
#include "store/store.h"
#include "store/store_setup.h"
#include "store/store_layout_grow.h"

/* An area that places are being added to. */
typedef struct AreaGrowth
{
	SqlScope *scope;
	const char *event;
	const char *section;
	int num_places; /* to be added */
	int32 event_id;
	int32 old_layout_id;
	int32 layout_id; /* the event's own */
	int num_seats;   /* of the old layout */
	Jsonb *drawing;
	int32 section_no;
	int32 category_no; /* of its last place, and of those to come */
	int num_before;    /* places that it has */
	int area_no;       /* its last area in the drawing, from 0; -1: it is not drawn */
	PlanArea area;
	int32 first_moved; /* from this seat on its places are in that area */
	int num_moved;     /* so many */
	PlanPoint *points; /* of these, then of the new ones */
	char **labels;     /* of the new ones */
	int num_suffixed;
} AreaGrowth;

static SqlArg
int32_arg(int32 value)
{
	return sql_arg(INT4OID, Int32GetDatum(value));
}

static void
find_event(AreaGrowth *growth)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(growth->event));

	if (sl_sql_run(growth->scope,
				   "SELECT event_id, layout_id FROM seatlock.event WHERE name" EQ
				   "$1 FOR KEY SHARE",
				   1, &arg) == 0)
		sl_error_no_event(growth->event);
	growth->event_id = sl_sql_int32(1);
	growth->old_layout_id = sl_sql_int32(2);
}

/* False when the event has had another layout since. */
static bool
lock_layout(AreaGrowth *growth)
{
	SqlArg layout = int32_arg(growth->old_layout_id);
	SqlArg event = int32_arg(growth->event_id);

	if (sl_sql_run(growth->scope,
				   "SELECT num_seats, drawing FROM seatlock.layout WHERE layout_id" EQ
				   "$1 FOR UPDATE",
				   1, &layout) == 0)
		return false;
	growth->num_seats = sl_sql_int32(1);
	growth->drawing = DatumGetJsonbPCopy(sl_sql_column(2).value);
	sl_sql_run_latest(growth->scope, "SELECT layout_id FROM seatlock.event WHERE event_id" EQ "$1",
					  1, &event);
	return sl_sql_int32(1) == growth->old_layout_id;
}

static void
lock_event(AreaGrowth *growth)
{
	find_event(growth);
	while (!lock_layout(growth))
	{
		CHECK_FOR_INTERRUPTS();
		if (IsolationUsesXactSnapshot())
			ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
							errmsg("could not serialize access due to concurrent update")));
		find_event(growth);
	}
}

/* A seated section may have the same name. */
static void
find_section(AreaGrowth *growth)
{
	SqlArg args[] = {
		int32_arg(growth->old_layout_id),
		sql_arg(TEXTOID, CStringGetTextDatum(growth->section)),
	};
	uint64 num_found = sl_sql_run(growth->scope,
								  "SELECT section_no, general_admission"
								  " FROM seatlock.layout_section WHERE layout_id" EQ
								  "$1 AND name" EQ "$2 ORDER BY section_no",
								  lengthof(args), args);
	bool isnull;

	if (num_found == 0)
		sl_error_no_section(growth->section, growth->event);
	for (uint64 i = 0; i < num_found && growth->section_no == 0; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		if (DatumGetBool(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull)))
			growth->section_no =
				DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
	}
	if (growth->section_no == 0)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("section \"%s\" of event \"%s\" is not general admission",
							   growth->section, growth->event),
						errdetail("It has rows of seats, which stay as they are.")));
}

static void
read_places(AreaGrowth *growth)
{
	SqlArg args[] = {int32_arg(growth->old_layout_id), int32_arg(growth->section_no)};

	sl_sql_run(growth->scope,
			   "SELECT pg_catalog.count(*)::pg_catalog.int4 FROM seatlock.seat"
			   " WHERE layout_id" EQ "$1 AND section_no" EQ "$2",
			   lengthof(args), args);
	growth->num_before = sl_sql_int32(1);
	if (sl_sql_run(growth->scope,
				   "SELECT category_no, x, y FROM seatlock.seat WHERE layout_id" EQ
				   "$1 AND section_no" EQ "$2 ORDER BY seat_no DESC LIMIT 1",
				   lengthof(args), args) == 0)
		elog(ERROR, "section %d of layout %d has no places", growth->section_no,
			 growth->old_layout_id);
	growth->category_no = sl_sql_int32(1);
	/* where it is not drawn, all stand with the last one */
	growth->area.shape = SHAPE_TEXT;
	growth->area.position.x = DatumGetFloat8(sl_sql_column(2).value);
	growth->area.position.y = DatumGetFloat8(sl_sql_column(3).value);
}

/* The places of a section fill its areas in order: those of the last are its last. */
static void
find_area(AreaGrowth *growth)
{
	const char **sections;
	int num_areas;
	PlanArea *areas = sl_plan_read_drawing(growth->drawing, &num_areas, &sections);

	growth->area_no = -1;
	for (int i = 0; i < num_areas; i++)
		if (sections[i] != NULL && strcmp(sections[i], growth->section) == 0)
			growth->area_no = i;
	if (growth->area_no >= 0)
		growth->area = areas[growth->area_no];
	growth->num_moved = Min(growth->area.capacity, growth->num_before);
}

/* All places of the area are spread anew, so that the new ones are inside of it too. */
static void
spread_places(AreaGrowth *growth)
{
	int num_points = growth->num_moved + growth->num_places;
	SqlArg args[] = {
		int32_arg(growth->old_layout_id),
		int32_arg(growth->section_no),
		sql_arg(INT8OID, Int64GetDatum(growth->num_moved - 1)),
	};

	growth->points = palloc(sizeof(PlanPoint) * num_points);
	sl_plan_spread_places(&growth->area, num_points, growth->points);
	growth->first_moved = PG_INT32_MAX;
	if (growth->num_moved == 0)
		return;
	sl_sql_run(growth->scope,
			   "SELECT seat_no FROM seatlock.seat WHERE layout_id" EQ "$1 AND section_no" EQ
			   "$2 ORDER BY seat_no DESC OFFSET $3 LIMIT 1",
			   lengthof(args), args);
	growth->first_moved = sl_sql_int32(1);
}

/* Give those labels a suffix that other seats have; returns how many did. */
static int
avoid_labels(AreaGrowth *growth, char *const *plain, int suffix)
{
	int num_places = growth->num_places;
	Datum *texts = palloc(sizeof(Datum) * num_places);
	names_hash *places = names_create(CurrentMemoryContext, num_places, NULL);
	bool found;
	SqlArg args[2] = {int32_arg(growth->old_layout_id)};
	uint64 num_taken;
	SPITupleTable *rows;

	for (int i = 0; i < num_places; i++)
	{
		texts[i] = CStringGetTextDatum(growth->labels[i]);
		names_insert(places, growth->labels[i], &found)->number = i;
	}
	args[1] = sl_sql_array(TEXTOID, texts, NULL, num_places);
	num_taken = sl_sql_run(growth->scope,
						   "SELECT label::pg_catalog.text FROM seatlock.seat WHERE layout_id" EQ
						   "$1 AND label" EQ "ANY ($2)",
						   lengthof(args), args);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < num_taken; i++)
	{
		int place = names_lookup(places, SPI_getvalue(rows->vals[i], rows->tupdesc, 1))->number;

		CHECK_FOR_INTERRUPTS();
		growth->labels[place] = psprintf("%s (%d)", plain[place], suffix);
	}
	names_destroy(places);
	return (int) num_taken;
}

/* Section-n under every rule, except for labels that the event has: those stay where they are. */
static void
make_labels(AreaGrowth *growth)
{
	char **plain = palloc(sizeof(char *) * growth->num_places);
	int num_avoided;
	int suffix = 2;

	growth->labels = palloc(sizeof(char *) * growth->num_places);
	for (int i = 0; i < growth->num_places; i++)
		growth->labels[i] = plain[i] =
			psprintf("%s-%d", growth->section, growth->num_before + i + 1);
	growth->num_suffixed = avoid_labels(growth, plain, suffix);
	for (num_avoided = growth->num_suffixed; num_avoided > 0;)
		num_avoided = avoid_labels(growth, plain, ++suffix);
}

static void
make_layout(AreaGrowth *growth)
{
	SqlArg args[6] = {int32_arg(growth->old_layout_id)};

	sl_sql_run(growth->scope,
			   "SELECT pg_catalog.nextval('seatlock.layout_id_seq'::pg_catalog.regclass)"
			   "::pg_catalog.int4",
			   0, NULL);
	growth->layout_id = sl_sql_int32(1);
	args[1] = int32_arg(growth->layout_id);
	args[2] = int32_arg(growth->num_places);
	args[3] = int32_arg(growth->num_suffixed);
	args[4] = growth->area_no < 0
				  ? sql_null(TEXTOID)
				  : sql_arg(TEXTOID, CStringGetTextDatum(psprintf("%d", growth->area_no)));
	args[5] = int32_arg(growth->area.capacity + growth->num_places);
	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.layout (layout_id, is_final, num_seats, num_prefixed,"
			   " num_suffixed, width, height, labels, drawing)"
			   " SELECT $2, true, num_seats OPERATOR(pg_catalog.+) $3, num_prefixed,"
			   " num_suffixed OPERATOR(pg_catalog.+) $4, width, height, labels,"
			   " CASE WHEN $5 IS NULL THEN drawing ELSE pg_catalog.jsonb_set(drawing,"
			   " ARRAY[$5, 'area', 'capacity'], pg_catalog.to_jsonb($6)) END"
			   " FROM seatlock.layout WHERE layout_id" EQ "$1",
			   lengthof(args), args);
	sl_store_layout_copy_parts(growth->scope, growth->old_layout_id, growth->layout_id);
}

static SqlArg
points_arg(const PlanPoint *points, int num_points, bool is_x)
{
	Datum *values = palloc(sizeof(Datum) * Max(num_points, 1));

	for (int i = 0; i < num_points; i++)
		values[i] = Float8GetDatum(is_x ? points[i].x : points[i].y);
	return sl_sql_array(FLOAT8OID, values, NULL, num_points);
}

/* Seats and points are zipped as arrays, see copy_layout in store_layout_grow.c. */
static void
copy_seats(AreaGrowth *growth)
{
	SqlArg args[] = {
		int32_arg(growth->old_layout_id),
		int32_arg(growth->layout_id),
		int32_arg(growth->section_no),
		int32_arg(growth->first_moved),
		points_arg(growth->points, growth->num_moved, true),
		points_arg(growth->points, growth->num_moved, false),
	};

	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.seat (layout_id, seat_no, section_no, category_no,"
			   " row_no, run_no, x, y, along, accessible, companion, for_sale, label, row_label,"
			   " seat_number, guid)"
			   " SELECT $2, seat_no, section_no, category_no, row_no, run_no, x, y, along,"
			   " accessible, companion, for_sale, label, row_label, seat_number, guid"
			   " FROM seatlock.seat WHERE layout_id" EQ "$1 AND NOT (section_no" EQ
			   "$3 AND seat_no OPERATOR(pg_catalog.>=) $4) ORDER BY seat_no",
			   4, args);
	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.seat (layout_id, section_no, along, seat_no, category_no,"
			   " accessible, companion, for_sale, label, seat_number, guid, x, y)"
			   " SELECT $2, $3, 0, s.* FROM (SELECT pg_catalog.array_agg(seat_no) AS seat_no,"
			   " pg_catalog.array_agg(category_no) AS category_no,"
			   " pg_catalog.array_agg(accessible) AS accessible,"
			   " pg_catalog.array_agg(companion) AS companion,"
			   " pg_catalog.array_agg(for_sale) AS for_sale, pg_catalog.array_agg(label) AS label,"
			   " pg_catalog.array_agg(seat_number) AS seat_number,"
			   " pg_catalog.array_agg(guid) AS guid"
			   " FROM (SELECT * FROM seatlock.seat WHERE layout_id" EQ "$1 AND section_no" EQ
			   "$3 AND seat_no OPERATOR(pg_catalog.>=) $4 ORDER BY seat_no) AS v) AS a,"
			   " ROWS FROM (pg_catalog.unnest(seat_no), pg_catalog.unnest(category_no),"
			   " pg_catalog.unnest(accessible), pg_catalog.unnest(companion),"
			   " pg_catalog.unnest(for_sale), pg_catalog.unnest(label),"
			   " pg_catalog.unnest(seat_number), pg_catalog.unnest(guid),"
			   " pg_catalog.unnest($5), pg_catalog.unnest($6)) AS s",
			   lengthof(args), args);
}

static void
add_seats(AreaGrowth *growth)
{
	const PlanPoint *points = growth->points + growth->num_moved;
	Datum *labels = palloc(sizeof(Datum) * growth->num_places);
	SqlArg args[8] = {
		int32_arg(growth->layout_id),
		int32_arg(growth->num_seats),
		int32_arg(growth->section_no),
		int32_arg(growth->category_no),
		int32_arg(growth->num_before),
		points_arg(points, growth->num_places, true),
		points_arg(points, growth->num_places, false),
	};

	for (int i = 0; i < growth->num_places; i++)
		labels[i] = CStringGetTextDatum(growth->labels[i]);
	args[7] = sl_sql_array(TEXTOID, labels, NULL, growth->num_places);
	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.seat (layout_id, seat_no, section_no, category_no, x, y,"
			   " along, label, seat_number)"
			   " SELECT $1, $2 OPERATOR(pg_catalog.+) s.n, $3, $4, s.x, s.y, 0, s.label,"
			   " ($5 OPERATOR(pg_catalog.+) s.n)::pg_catalog.text"
			   " FROM ROWS FROM (pg_catalog.unnest($6), pg_catalog.unnest($7),"
			   " pg_catalog.unnest($8)) WITH ORDINALITY AS s (x, y, label, n)",
			   lengthof(args), args);
}

/* Last, since claims answer busy from here on. */
static void
give_to_event(AreaGrowth *growth)
{
	const int32 none = 0;
	SqlArg args[] = {int32_arg(growth->event_id), int32_arg(growth->layout_id)};

	sl_store_insert_seats(growth->event_id, growth->num_seats + 1, growth->num_places, &none);
	sl_sql_run(growth->scope, "UPDATE seatlock.event SET layout_id = $2 WHERE event_id" EQ "$1",
			   lengthof(args), args);
	sl_store_layout_leave(growth->scope, growth->old_layout_id);
}

void
sl_store_area_grow(SqlScope *scope, const char *event, const char *section, int num_places)
{
	AreaGrowth growth = {
		.scope = scope, .event = event, .section = section, .num_places = num_places};

	lock_event(&growth);
	find_section(&growth);
	if (num_places > SL_MAX_SEATS - growth.num_seats)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("event \"%s\" would have too many seats", event),
						errdetail("An event has at most %d seats and places.", SL_MAX_SEATS)));
	read_places(&growth);
	find_area(&growth);
	spread_places(&growth);
	make_labels(&growth);
	make_layout(&growth);
	copy_seats(&growth);
	add_seats(&growth);
	give_to_event(&growth);
}
