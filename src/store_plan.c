/*-------------------------------------------------------------------------
 *
 * store_plan.c
 *		Venues: a plan in the tables.
 *
 * Lock protocol: the row of seatlock.venue guards all that belongs to the
 * venue.  Whoever adds to a venue updates that row, whoever copies it holds it
 * FOR SHARE, whoever drops it holds it FOR UPDATE, each until the transaction
 * ends.  Adding is an update and no mere lock, so that a REPEATABLE READ caller
 * whose snapshot is older gets 40001 and not half a venue.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "errors.h"
#include "store_plan.h"

/* What a venue has already: numbers given to new things start above. */
typedef struct VenueBase
{
	int32 venue_id;
	double top; /* y of what is added */
	int32 section;
	int32 seat;
	int32 row;
	int32 run;
} VenueBase;

/* columns of seatlock.venue_seat as they are passed, one array each */
typedef enum SeatColumn
{
	COLUMN_SECTION,
	COLUMN_CATEGORY,
	COLUMN_ROW,
	COLUMN_RUN,
	COLUMN_ROW_LABEL,
	COLUMN_SEAT_NUMBER,
	COLUMN_X,
	COLUMN_Y,
	NUM_SEAT_COLUMNS
} SeatColumn;

static const Oid seat_column_types[NUM_SEAT_COLUMNS] = {
	[COLUMN_SECTION] = INT4OID, [COLUMN_CATEGORY] = INT4OID,  [COLUMN_ROW] = INT4OID,
	[COLUMN_RUN] = INT4OID,     [COLUMN_ROW_LABEL] = TEXTOID, [COLUMN_SEAT_NUMBER] = TEXTOID,
	[COLUMN_X] = FLOAT8OID,     [COLUMN_Y] = FLOAT8OID,
};

static void lock_base(SqlScope *scope, VenueBase *base);
static int32 *store_categories(SqlScope *scope, const VenueBase *base, const char *venue,
							   const SeatingPlan *plan);
static void store_sections(SqlScope *scope, const VenueBase *base, const char *venue,
						   const SeatingPlan *plan);
static void store_seats(SqlScope *scope, const VenueBase *base, const SeatingPlan *plan,
						const int32 *categories);
static void fill_seat_columns(const VenueBase *base, const SeatingPlan *plan,
							  const int32 *categories, Datum **values, bool *is_place);

static int32
result_int32(int column)
{
	bool isnull;

	return DatumGetInt32(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull));
}

static SqlArg
array_arg(Oid type, Datum *values, bool *nulls, int num_values)
{
	int16 length;
	bool by_value;
	char align;
	int low = 1;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	return sql_arg(get_array_type(type),
				   PointerGetDatum(construct_md_array(values, nulls, 1, &num_values, &low, type,
													  length, by_value, align)));
}

static void
refuse_too_many(const char *venue, const char *what, int most)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("venue \"%s\" would have too many %s", venue, what),
					errdetail("A venue has at most %d %s.", most, what)));
}

void
sl_store_plan_create(SqlScope *scope, const char *venue, const SeatingPlan *plan)
{
	VenueBase base = {0};
	SqlArg args[] = {
		sql_arg(TEXTOID, CStringGetTextDatum(venue)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.x)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.y)),
		sql_arg(JSONBOID, JsonbPGetDatum(sl_plan_drawing(plan, 0))),
		sql_arg(INT4OID, Int32GetDatum(plan->num_seats)),
	};

	if (sl_sql_run(scope,
				   "INSERT INTO seatlock.venue (name, width, height, drawing, num_seats)"
				   " VALUES ($1, $2, $3, $4, $5)"
				   " ON CONFLICT (name) DO NOTHING RETURNING venue_id",
				   lengthof(args), args) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("venue \"%s\" already exists", venue)));
	base.venue_id = result_int32(1);
	store_sections(scope, &base, venue, plan);
	store_seats(scope, &base, plan, store_categories(scope, &base, venue, plan));
}

void
sl_store_plan_extend(SqlScope *scope, const char *venue, const SeatingPlan *plan)
{
	VenueBase base = {0};
	SqlArg args[] = {
		sql_arg(TEXTOID, CStringGetTextDatum(venue)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.x)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.y)),
		sql_arg(INT4OID, Int32GetDatum(plan->num_seats)),
	};
	SqlArg drawing[2];
	bool isnull;

	/* one statement makes the venue or locks it, whoever else does the same */
	sl_sql_run(scope,
			   "INSERT INTO seatlock.venue AS v (name, width, height, num_seats)"
			   " VALUES ($1, $2, $3, $4)"
			   " ON CONFLICT (name) DO UPDATE SET width = greatest(v.width, excluded.width),"
			   " height = v.height OPERATOR(pg_catalog.+) excluded.height,"
			   " num_seats = v.num_seats OPERATOR(pg_catalog.+) excluded.num_seats"
			   " RETURNING venue_id, height OPERATOR(pg_catalog.-) $3,"
			   " num_seats OPERATOR(pg_catalog.-) $4",
			   lengthof(args), args);
	base.venue_id = result_int32(1);
	base.seat = result_int32(3);
	base.top =
		DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	lock_base(scope, &base);
	if (base.seat + plan->num_seats > SL_MAX_SEATS)
		refuse_too_many(venue, "seats", SL_MAX_SEATS);
	drawing[0] = sql_arg(INT4OID, Int32GetDatum(base.venue_id));
	drawing[1] = sql_arg(JSONBOID, JsonbPGetDatum(sl_plan_drawing(plan, base.top)));
	if (plan->num_areas > 0)
		sl_sql_run(scope,
				   "UPDATE seatlock.venue SET drawing = drawing OPERATOR(pg_catalog.||) $2"
				   " WHERE venue_id" EQ "$1",
				   lengthof(drawing), drawing);
	store_sections(scope, &base, venue, plan);
	store_seats(scope, &base, plan, store_categories(scope, &base, venue, plan));
}

/* The highest numbers of a venue that the caller has locked. */
static void
lock_base(SqlScope *scope, VenueBase *base)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(base->venue_id));

	sl_sql_run(scope,
			   "SELECT coalesce((SELECT section_no FROM seatlock.venue_section"
			   " WHERE venue_id" EQ "$1 ORDER BY section_no DESC LIMIT 1), 0)",
			   1, &arg);
	base->section = result_int32(1);
	/* rows and runs rise with the seat order: the last seat in rows has the highest */
	if (sl_sql_run(scope,
				   "SELECT row_no, run_no FROM seatlock.venue_seat"
				   " WHERE venue_id" EQ "$1 AND row_no IS NOT NULL ORDER BY seat_no DESC LIMIT 1",
				   1, &arg) == 0)
		return;
	base->row = result_int32(1);
	base->run = result_int32(2);
}

/* Category numbers by the plan's index; a category that the venue has is kept. */
static int32 *
store_categories(SqlScope *scope, const VenueBase *base, const char *venue, const SeatingPlan *plan)
{
	int32 *numbers = palloc(sizeof(int32) * Max(plan->num_categories, 1));

	for (int i = 0; i < plan->num_categories; i++)
	{
		const PlanCategory *category = &plan->categories[i];
		int32 next;
		SqlArg args[5] = {
			sql_arg(INT4OID, Int32GetDatum(base->venue_id)),
			sql_arg(TEXTOID, CStringGetTextDatum(category->name)),
		};

		sl_sql_run(scope,
				   "SELECT coalesce(pg_catalog.max(category_no), 0) OPERATOR(pg_catalog.+) 1,"
				   " coalesce(pg_catalog.max(category_no) FILTER (WHERE name" EQ "$2), 0)"
				   " FROM seatlock.venue_category WHERE venue_id" EQ "$1",
				   2, args);
		next = result_int32(1);
		numbers[i] = result_int32(2);
		if (numbers[i] != 0)
			continue;
		if (next > SL_MAX_CATEGORIES)
			refuse_too_many(venue, "categories", SL_MAX_CATEGORIES);
		numbers[i] = next;
		args[2] = sql_arg(INT4OID, Int32GetDatum(next));
		args[3] = sql_arg(TEXTOID,
						  CStringGetTextDatum(category->color ? category->color
															  : sl_plan_default_color(next - 1)));
		args[4] = sql_arg(BOOLOID, BoolGetDatum(category->accessible));
		sl_sql_run(scope,
				   "INSERT INTO seatlock.venue_category"
				   " (venue_id, name, category_no, color, accessible)"
				   " VALUES ($1, $2, $3, $4, $5)",
				   lengthof(args), args);
	}
	return numbers;
}

static void
store_sections(SqlScope *scope, const VenueBase *base, const char *venue, const SeatingPlan *plan)
{
	Datum *names = palloc(sizeof(Datum) * plan->num_sections);
	Datum *kinds = palloc(sizeof(Datum) * plan->num_sections);
	SqlArg args[4];

	if (base->section + plan->num_sections > SL_MAX_SECTIONS)
		refuse_too_many(venue, "sections", SL_MAX_SECTIONS);
	for (int i = 0; i < plan->num_sections; i++)
	{
		names[i] = CStringGetTextDatum(plan->sections[i].name);
		kinds[i] = BoolGetDatum(plan->sections[i].general_admission);
	}
	args[0] = sql_arg(INT4OID, Int32GetDatum(base->venue_id));
	args[1] = array_arg(TEXTOID, names, NULL, plan->num_sections);
	if (sl_sql_run(scope,
				   "SELECT name::pg_catalog.text FROM seatlock.venue_section"
				   " WHERE venue_id" EQ "$1 AND name" EQ "ANY ($2)",
				   2, args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("section \"%s\" of venue \"%s\" already exists",
						SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1), venue)));
	args[2] = array_arg(BOOLOID, kinds, NULL, plan->num_sections);
	args[3] = sql_arg(INT4OID, Int32GetDatum(base->section));
	sl_sql_run(scope,
			   "INSERT INTO seatlock.venue_section"
			   " (venue_id, section_no, name, general_admission)"
			   " SELECT $1, $4 OPERATOR(pg_catalog.+) s.n, s.name, s.ga"
			   " FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3))"
			   " WITH ORDINALITY AS s (name, ga, n)",
			   lengthof(args), args);
}

/* All seats in one statement: 400,000 of them take seconds, not minutes. */
static void
store_seats(SqlScope *scope, const VenueBase *base, const SeatingPlan *plan,
			const int32 *categories)
{
	Datum *values[NUM_SEAT_COLUMNS];
	bool *is_place = palloc(sizeof(bool) * plan->num_seats);
	SqlArg args[NUM_SEAT_COLUMNS + 2];

	for (int column = 0; column < NUM_SEAT_COLUMNS; column++)
		values[column] = palloc(sizeof(Datum) * plan->num_seats);
	fill_seat_columns(base, plan, categories, values, is_place);
	for (int column = 0; column < NUM_SEAT_COLUMNS; column++)
	{
		bool nullable = column == COLUMN_ROW || column == COLUMN_RUN || column == COLUMN_ROW_LABEL;

		args[column] = array_arg(seat_column_types[column], values[column],
								 nullable ? is_place : NULL, plan->num_seats);
		pfree(values[column]);
	}
	args[NUM_SEAT_COLUMNS] = sql_arg(INT4OID, Int32GetDatum(base->venue_id));
	args[NUM_SEAT_COLUMNS + 1] = sql_arg(INT4OID, Int32GetDatum(base->seat));
	sl_sql_run(scope,
			   "INSERT INTO seatlock.venue_seat (venue_id, seat_no, section_no, category_no,"
			   " row_no, run_no, row_label, seat_number, x, y)"
			   " SELECT $9, $10 OPERATOR(pg_catalog.+) s.n, s.section_no, s.category_no,"
			   " s.row_no, s.run_no, s.row_label, s.seat_number, s.x, s.y"
			   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
			   " pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5),"
			   " pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8))"
			   " WITH ORDINALITY AS s (section_no,"
			   " category_no, row_no, run_no, row_label, seat_number, x, y, n)",
			   lengthof(args), args);
}

static void
fill_seat_columns(const VenueBase *base, const SeatingPlan *plan, const int32 *categories,
				  Datum **values, bool *is_place)
{
	for (int i = 0; i < plan->num_seats; i++)
	{
		const PlanSeat *seat = &plan->seats[i];

		CHECK_FOR_INTERRUPTS();
		is_place[i] = seat->row == PLAN_NO_ROW;
		values[COLUMN_SECTION][i] = Int32GetDatum(base->section + seat->section + 1);
		values[COLUMN_CATEGORY][i] = Int32GetDatum(categories[seat->category]);
		values[COLUMN_ROW][i] = Int32GetDatum(base->row + seat->row + 1);
		values[COLUMN_RUN][i] = Int32GetDatum(base->run + seat->run + 1);
		values[COLUMN_ROW_LABEL][i] =
			is_place[i] ? (Datum) 0 : CStringGetTextDatum(seat->row_label);
		values[COLUMN_SEAT_NUMBER][i] = CStringGetTextDatum(seat->seat_number);
		values[COLUMN_X][i] = Float8GetDatum(seat->position.x);
		values[COLUMN_Y][i] = Float8GetDatum(seat->position.y + base->top);
	}
}

uint64
sl_store_plan_drop(SqlScope *scope, const char *venue)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));

	/* waits for a create_event that is copying the venue */
	if (sl_sql_run(scope, "SELECT venue_id FROM seatlock.venue WHERE name" EQ "$1 FOR UPDATE", 1,
				   &arg) == 0)
		sl_error_no_venue(venue);
	arg = sql_arg(INT4OID, Int32GetDatum(result_int32(1)));
	/* whose event an older snapshot would not show */
	if (sl_sql_run_latest(scope,
						  "SELECT name::pg_catalog.text FROM seatlock.event WHERE venue_id" EQ "$1"
						  " ORDER BY event_id LIMIT 1",
						  1, &arg) > 0)
		ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						errmsg("venue \"%s\" is in use by event \"%s\"", venue,
							   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
						errhint("Drop its events first.")));
	sl_sql_run(scope, "DELETE FROM seatlock.venue_category WHERE venue_id" EQ "$1", 1, &arg);
	sl_sql_run(scope, "DELETE FROM seatlock.venue_section WHERE venue_id" EQ "$1", 1, &arg);
	sl_sql_run(scope, "DELETE FROM seatlock.venue WHERE venue_id" EQ "$1", 1, &arg);
	return sl_sql_run(scope, "DELETE FROM seatlock.venue_seat WHERE venue_id" EQ "$1", 1, &arg);
}
