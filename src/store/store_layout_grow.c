/*-------------------------------------------------------------------------
 *
 * store_layout_grow.c
 *		Layouts in the tables: what all nights of a house share.
 *
 * A layout has sections, categories and labelled seats.  A venue has one, which
 * grows with it; an event takes the one that its venue has at that moment, and
 * with that the layout is final: none of its rows changes any more, so backends
 * and the seat board may keep what they have read of it for as long as they
 * like.  When a venue grows whose layout is final, it gets a new one, a copy that
 * has the new seats too.  So does a venue whose labels must change for the new
 * seats' sake.  A layout goes with the last that has it.
 *
 * Lock protocol: the row of seatlock.layout guards the layout's life.  A command that
 * takes a venue or an event from it locks that row before it looks whether it was
 * the last.  Nobody can give it to another event meanwhile: create_event holds the
 * row of its venue FOR SHARE, see store_plan.c, and an event takes no layout but
 * its venue's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "store/store_layout_grow.h"

/* A layout that seats are being added to: numbers given to new things start above. */
typedef struct Growth
{
	SqlScope *scope;
	const char *venue;
	const SeatingPlan *plan;
	int32 layout_id;
	bool is_final;
	LabelRule rule; /* that its labels are made by */
	double top;     /* y of what is added */
	int32 last_section;
	int32 last_seat;
	int32 last_row;
	int32 last_run;
	int num_old;      /* seats that were there */
	char **labels;    /* of these, then of the plan's */
	bool must_rename; /* some of the old labels are others */
	LabelCounts counts;
} Growth;

/* columns of seatlock.seat as they are passed, one array each */
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
	COLUMN_ALONG,
	COLUMN_ACCESSIBLE,
	COLUMN_COMPANION,
	COLUMN_FOR_SALE,
	COLUMN_LABEL,
	COLUMN_GUID,
	NUM_SEAT_COLUMNS
} SeatColumn;

static const Oid seat_column_types[NUM_SEAT_COLUMNS] = {
	[COLUMN_SECTION] = INT4OID,    [COLUMN_CATEGORY] = INT4OID,  [COLUMN_ROW] = INT4OID,
	[COLUMN_RUN] = INT4OID,        [COLUMN_ROW_LABEL] = TEXTOID, [COLUMN_SEAT_NUMBER] = TEXTOID,
	[COLUMN_X] = FLOAT8OID,        [COLUMN_Y] = FLOAT8OID,       [COLUMN_ALONG] = INT4OID,
	[COLUMN_ACCESSIBLE] = BOOLOID, [COLUMN_COMPANION] = BOOLOID, [COLUMN_FOR_SALE] = BOOLOID,
	[COLUMN_LABEL] = TEXTOID,      [COLUMN_GUID] = TEXTOID,
};

static void read_base(Growth *growth);
static void make_labels(Growth *growth);
static void copy_layout(Growth *growth);
static void grow_picture(Growth *growth);
static int32 *store_categories(Growth *growth);
static void store_sections(Growth *growth);
static void store_seats(Growth *growth, const int32 *categories);

static LabelRule
result_rule(int column)
{
	char *word = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
	LabelRule rule;

	if (!sl_label_find_rule(word, &rule))
		elog(ERROR, "there is no rule \"%s\" for labels", word);
	return rule;
}

static SqlArg
labels_arg(char *const *labels, int num_labels)
{
	Datum *texts = palloc(sizeof(Datum) * Max(num_labels, 1));

	for (int i = 0; i < num_labels; i++)
		texts[i] = CStringGetTextDatum(labels[i]);
	return sl_sql_array(TEXTOID, texts, NULL, num_labels);
}

static void
refuse_too_many(const char *venue, const char *what, int most)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("venue \"%s\" would have too many %s", venue, what),
					errdetail("A venue has at most %d %s.", most, what)));
}

void
sl_store_layout_create(SqlScope *scope, int32 layout_id, LabelRule rule)
{
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(layout_id)),
		sql_arg(TEXTOID, CStringGetTextDatum(sl_label_rule_word(rule))),
	};

	sl_sql_run(scope,
			   "INSERT INTO seatlock.layout (layout_id, width, height, labels)"
			   " VALUES ($1, 0, 0, $2)",
			   lengthof(args), args);
}

void
sl_store_layout_extend(SqlScope *scope, int32 layout_id, const char *venue, const SeatingPlan *plan)
{
	Growth growth = {.scope = scope, .venue = venue, .plan = plan, .layout_id = layout_id};

	read_base(&growth);
	if (growth.num_old + plan->num_seats > SL_MAX_SEATS)
		refuse_too_many(venue, "seats", SL_MAX_SEATS);
	if (growth.last_section + plan->num_sections > SL_MAX_SECTIONS)
		refuse_too_many(venue, "sections", SL_MAX_SECTIONS);
	make_labels(&growth);
	if (growth.is_final || growth.must_rename)
		copy_layout(&growth);
	grow_picture(&growth);
	store_sections(&growth);
	store_seats(&growth, store_categories(&growth));
}

/* Lock the layout, and read its highest numbers. */
static void
read_base(Growth *growth)
{
	SqlScope *scope = growth->scope;
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(growth->layout_id));

	sl_sql_run(scope,
			   "SELECT is_final, num_seats, height, labels FROM seatlock.layout WHERE layout_id" EQ
			   "$1"
			   " FOR UPDATE",
			   1, &arg);
	growth->is_final = DatumGetBool(sl_sql_column(1).value);
	growth->num_old = sl_sql_int32(2);
	growth->top = DatumGetFloat8(sl_sql_column(3).value);
	growth->rule = result_rule(4);
	growth->last_seat = growth->num_old;
	/* rows and runs rise with the seat order: the last seat in rows has the highest */
	sl_sql_run(scope,
			   "SELECT coalesce((SELECT section_no FROM seatlock.layout_section"
			   " WHERE layout_id" EQ "$1 ORDER BY section_no DESC LIMIT 1), 0),"
			   " coalesce(row_no, 0), coalesce(run_no, 0)"
			   " FROM (VALUES (1)) AS one LEFT JOIN"
			   " (SELECT row_no, run_no FROM seatlock.seat"
			   " WHERE layout_id" EQ
			   "$1 AND row_no IS NOT NULL ORDER BY seat_no DESC LIMIT 1) AS last"
			   " ON true",
			   1, &arg);
	growth->last_section = sl_sql_int32(1);
	growth->last_row = sl_sql_int32(2);
	growth->last_run = sl_sql_int32(3);
}

/* What the seats that are there are called, in seat order; old_labels are those they have. */
static void
read_names(Growth *growth, SeatName *names, char **old_labels)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(growth->layout_id));
	const char **sections = palloc(sizeof(char *) * Max(growth->last_section, 1));
	SPITupleTable *rows;

	/* numbered from 1 without gaps */
	sl_sql_run(growth->scope,
			   "SELECT name::pg_catalog.text FROM seatlock.layout_section"
			   " WHERE layout_id" EQ "$1 ORDER BY section_no",
			   1, &arg);
	for (int i = 0; i < growth->last_section; i++)
		sections[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	sl_sql_run(growth->scope,
			   "SELECT section_no, row_label::pg_catalog.text, seat_number::pg_catalog.text,"
			   " guid::pg_catalog.text, label::pg_catalog.text"
			   " FROM seatlock.seat WHERE layout_id" EQ "$1 ORDER BY seat_no",
			   1, &arg);
	rows = SPI_tuptable;
	for (int i = 0; i < growth->num_old; i++)
	{
		bool isnull;
		int32 section_no = DatumGetInt32(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull));

		names[i].section = sections[section_no - 1];
		names[i].row_label = SPI_getvalue(rows->vals[i], rows->tupdesc, 2);
		names[i].seat_number = SPI_getvalue(rows->vals[i], rows->tupdesc, 3);
		names[i].guid = SPI_getvalue(rows->vals[i], rows->tupdesc, 4);
		old_labels[i] = SPI_getvalue(rows->vals[i], rows->tupdesc, 5);
	}
	SPI_freetuptable(rows);
}

/* The labels of all seats, the plan's included: these may give the old ones others. */
static void
make_labels(Growth *growth)
{
	const SeatingPlan *plan = growth->plan;
	int num_seats = growth->num_old + plan->num_seats;
	SeatName *names = palloc(sizeof(SeatName) * Max(num_seats, 1));
	char **old_labels = palloc(sizeof(char *) * Max(growth->num_old, 1));

	if (growth->num_old > 0)
		read_names(growth, names, old_labels);
	for (int i = 0; i < plan->num_seats; i++)
	{
		const PlanSeat *seat = &plan->seats[i];

		names[growth->num_old + i] = (SeatName){plan->sections[seat->section].name, seat->row_label,
												seat->seat_number, seat->guid};
	}
	growth->labels = sl_label_make(names, num_seats, growth->rule, &growth->counts);
	for (int i = 0; i < growth->num_old && !growth->must_rename; i++)
		growth->must_rename = strcmp(growth->labels[i], old_labels[i]) != 0;
}

/* The categories and sections of a layout, under another's number too. */
void
sl_store_layout_copy_parts(SqlScope *scope, int32 from, int32 to)
{
	static const char *const copies[] = {
		"INSERT INTO seatlock.layout_category (layout_id, category_no, name, color, accessible)"
		" SELECT $2, category_no, name, color, accessible"
		" FROM seatlock.layout_category WHERE layout_id" EQ "$1 ORDER BY category_no",
		"INSERT INTO seatlock.layout_section (layout_id, section_no, name, general_admission)"
		" SELECT $2, section_no, name, general_admission"
		" FROM seatlock.layout_section WHERE layout_id" EQ "$1 ORDER BY section_no",
	};
	SqlArg args[] = {sql_arg(INT4OID, Int32GetDatum(from)), sql_arg(INT4OID, Int32GetDatum(to))};

	for (int i = 0; i < lengthof(copies); i++)
		sl_sql_run(scope, copies[i], lengthof(args), args);
}

/*
 * Give the venue a layout of its own: all that it has, under another number.
 * Seats and labels are zipped as arrays: a join would be planned on statistics
 * that know nothing of what was made a moment ago, and may take hours.
 */
static void
copy_layout(Growth *growth)
{
	int32 old_id = growth->layout_id;
	SqlArg args[3] = {sql_arg(INT4OID, Int32GetDatum(old_id))};

	sl_sql_run(
		growth->scope,
		"UPDATE seatlock.venue SET layout_id = pg_catalog.nextval('seatlock.layout_id_seq'::pg_catalog.regclass)"
		" WHERE layout_id" EQ "$1 RETURNING layout_id",
		1, args);
	growth->layout_id = sl_sql_int32(1);
	args[1] = sql_arg(INT4OID, Int32GetDatum(growth->layout_id));
	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.layout (layout_id, num_seats, width, height, drawing, labels)"
			   " SELECT $2, num_seats, width, height, drawing, labels"
			   " FROM seatlock.layout WHERE layout_id" EQ "$1",
			   2, args);
	sl_store_layout_copy_parts(growth->scope, old_id, growth->layout_id);
	args[2] = labels_arg(growth->labels, growth->num_old);
	sl_sql_run(
		growth->scope,
		"INSERT INTO seatlock.seat (layout_id, seat_no, section_no, category_no,"
		" row_no, run_no, x, y, along, accessible, companion, for_sale, label, row_label,"
		" seat_number, guid)"
		" SELECT $2, s.* FROM (SELECT pg_catalog.array_agg(seat_no) AS seat_no,"
		" pg_catalog.array_agg(section_no) AS section_no, pg_catalog.array_agg(category_no) AS category_no,"
		" pg_catalog.array_agg(row_no) AS row_no, pg_catalog.array_agg(run_no) AS run_no,"
		" pg_catalog.array_agg(x) AS x, pg_catalog.array_agg(y) AS y, pg_catalog.array_agg(along) AS along,"
		" pg_catalog.array_agg(accessible) AS accessible,"
		" pg_catalog.array_agg(companion) AS companion, pg_catalog.array_agg(for_sale) AS for_sale,"
		" pg_catalog.array_agg(row_label) AS row_label, pg_catalog.array_agg(seat_number) AS seat_number,"
		" pg_catalog.array_agg(guid) AS guid"
		" FROM (SELECT * FROM seatlock.seat WHERE layout_id" EQ "$1"
		" ORDER BY seat_no) AS v) AS a,"
		" ROWS FROM (pg_catalog.unnest(seat_no), pg_catalog.unnest(section_no),"
		" pg_catalog.unnest(category_no), pg_catalog.unnest(row_no),"
		" pg_catalog.unnest(run_no), pg_catalog.unnest(x), pg_catalog.unnest(y),"
		" pg_catalog.unnest(along), pg_catalog.unnest(accessible),"
		" pg_catalog.unnest(companion), pg_catalog.unnest(for_sale),"
		" pg_catalog.unnest($3), pg_catalog.unnest(row_label),"
		" pg_catalog.unnest(seat_number), pg_catalog.unnest(guid)) AS s",
		lengthof(args), args);
	sl_store_layout_leave(growth->scope, old_id);
}

/* Room for the plan below what is there, its areas, and the counts. */
static void
grow_picture(Growth *growth)
{
	const SeatingPlan *plan = growth->plan;
	SqlArg args[] = {
		sql_arg(INT4OID, Int32GetDatum(growth->layout_id)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.x)),
		sql_arg(FLOAT8OID, Float8GetDatum(plan->size.y)),
		sql_arg(JSONBOID, JsonbPGetDatum(sl_plan_drawing(plan, growth->top))),
		sql_arg(INT4OID, Int32GetDatum(plan->num_seats)),
		sql_arg(INT4OID, Int32GetDatum(growth->counts.num_prefixed)),
		sql_arg(INT4OID, Int32GetDatum(growth->counts.num_suffixed)),
	};

	sl_sql_run(growth->scope,
			   "UPDATE seatlock.layout AS l SET width = greatest(l.width, $2),"
			   " height = l.height OPERATOR(pg_catalog.+) $3,"
			   " drawing = l.drawing OPERATOR(pg_catalog.||) $4,"
			   " num_seats = l.num_seats OPERATOR(pg_catalog.+) $5,"
			   " num_prefixed = $6, num_suffixed = $7 WHERE layout_id" EQ "$1",
			   lengthof(args), args);
}

/* Category numbers by the plan's index; a category that the layout has is kept. */
static int32 *
store_categories(Growth *growth)
{
	const SeatingPlan *plan = growth->plan;
	int32 *numbers = palloc(sizeof(int32) * Max(plan->num_categories, 1));

	for (int i = 0; i < plan->num_categories; i++)
	{
		const PlanCategory *category = &plan->categories[i];
		int32 next;
		SqlArg args[5] = {
			sql_arg(INT4OID, Int32GetDatum(growth->layout_id)),
			sql_arg(TEXTOID, CStringGetTextDatum(category->name)),
		};

		sl_sql_run(growth->scope,
				   "SELECT coalesce(pg_catalog.max(category_no), 0) OPERATOR(pg_catalog.+) 1,"
				   " coalesce(pg_catalog.max(category_no) FILTER (WHERE name" EQ "$2), 0)"
				   " FROM seatlock.layout_category WHERE layout_id" EQ "$1",
				   2, args);
		next = sl_sql_int32(1);
		numbers[i] = sl_sql_int32(2);
		if (numbers[i] != 0)
			continue;
		if (next > SL_MAX_CATEGORIES)
			refuse_too_many(growth->venue, "categories", SL_MAX_CATEGORIES);
		numbers[i] = next;
		args[2] = sql_arg(INT4OID, Int32GetDatum(next));
		args[3] = sql_arg(TEXTOID,
						  CStringGetTextDatum(category->color ? category->color
															  : sl_plan_default_color(next - 1)));
		args[4] = sql_arg(BOOLOID, BoolGetDatum(category->accessible));
		sl_sql_run(growth->scope,
				   "INSERT INTO seatlock.layout_category"
				   " (layout_id, name, category_no, color, accessible)"
				   " VALUES ($1, $2, $3, $4, $5)",
				   lengthof(args), args);
	}
	return numbers;
}

static void
store_sections(Growth *growth)
{
	const SeatingPlan *plan = growth->plan;
	Datum *names = palloc(sizeof(Datum) * plan->num_sections);
	Datum *kinds = palloc(sizeof(Datum) * plan->num_sections);
	SqlArg args[4];

	for (int i = 0; i < plan->num_sections; i++)
	{
		names[i] = CStringGetTextDatum(plan->sections[i].name);
		kinds[i] = BoolGetDatum(plan->sections[i].general_admission);
	}
	args[0] = sql_arg(INT4OID, Int32GetDatum(growth->layout_id));
	args[1] = sl_sql_array(TEXTOID, names, NULL, plan->num_sections);
	if (sl_sql_run(growth->scope,
				   "SELECT name::pg_catalog.text FROM seatlock.layout_section"
				   " WHERE layout_id" EQ "$1 AND name" EQ "ANY ($2)",
				   2, args) > 0)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("section \"%s\" of venue \"%s\" already exists",
							   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1),
							   growth->venue)));
	args[2] = sl_sql_array(BOOLOID, kinds, NULL, plan->num_sections);
	args[3] = sql_arg(INT4OID, Int32GetDatum(growth->last_section));
	sl_sql_run(growth->scope,
			   "INSERT INTO seatlock.layout_section"
			   " (layout_id, section_no, name, general_admission)"
			   " SELECT $1, $4 OPERATOR(pg_catalog.+) s.n, s.name, s.ga"
			   " FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3))"
			   " WITH ORDINALITY AS s (name, ga, n)",
			   lengthof(args), args);
}

static void
fill_seat_columns(const Growth *growth, const int32 *categories, Datum **values, bool *is_place,
				  bool *has_no_guid)
{
	const SeatingPlan *plan = growth->plan;

	for (int i = 0; i < plan->num_seats; i++)
	{
		const PlanSeat *seat = &plan->seats[i];

		CHECK_FOR_INTERRUPTS();
		is_place[i] = seat->row == PLAN_NO_ROW;
		values[COLUMN_SECTION][i] = Int32GetDatum(growth->last_section + seat->section + 1);
		values[COLUMN_CATEGORY][i] = Int32GetDatum(categories[seat->category]);
		values[COLUMN_ROW][i] = Int32GetDatum(growth->last_row + seat->row + 1);
		values[COLUMN_RUN][i] = Int32GetDatum(growth->last_run + seat->run + 1);
		values[COLUMN_ROW_LABEL][i] =
			is_place[i] ? (Datum) 0 : CStringGetTextDatum(seat->row_label);
		values[COLUMN_SEAT_NUMBER][i] = CStringGetTextDatum(seat->seat_number);
		values[COLUMN_X][i] = Float8GetDatum(seat->position.x);
		values[COLUMN_Y][i] = Float8GetDatum(seat->position.y + growth->top);
		values[COLUMN_ALONG][i] = Int32GetDatum(seat->along);
		values[COLUMN_ACCESSIBLE][i] = BoolGetDatum(seat->accessible);
		values[COLUMN_COMPANION][i] = BoolGetDatum(seat->companion);
		values[COLUMN_FOR_SALE][i] = BoolGetDatum(!seat->not_for_sale);
		values[COLUMN_LABEL][i] = CStringGetTextDatum(growth->labels[growth->num_old + i]);
		has_no_guid[i] = seat->guid == NULL;
		values[COLUMN_GUID][i] = has_no_guid[i] ? (Datum) 0 : CStringGetTextDatum(seat->guid);
	}
}

/* All seats in one statement: 400,000 of them take seconds, not minutes. */
static void
store_seats(Growth *growth, const int32 *categories)
{
	int num_seats = growth->plan->num_seats;
	Datum *values[NUM_SEAT_COLUMNS];
	bool *is_place = palloc(sizeof(bool) * num_seats);
	bool *has_no_guid = palloc(sizeof(bool) * num_seats);
	bool *nulls[NUM_SEAT_COLUMNS] = {
		[COLUMN_ROW] = is_place,
		[COLUMN_RUN] = is_place,
		[COLUMN_ROW_LABEL] = is_place,
		[COLUMN_GUID] = has_no_guid,
	};
	SqlArg args[NUM_SEAT_COLUMNS + 2];

	for (int column = 0; column < NUM_SEAT_COLUMNS; column++)
		values[column] = palloc(sizeof(Datum) * num_seats);
	fill_seat_columns(growth, categories, values, is_place, has_no_guid);
	for (int column = 0; column < NUM_SEAT_COLUMNS; column++)
	{
		args[column] =
			sl_sql_array(seat_column_types[column], values[column], nulls[column], num_seats);
		pfree(values[column]);
	}
	args[NUM_SEAT_COLUMNS] = sql_arg(INT4OID, Int32GetDatum(growth->layout_id));
	args[NUM_SEAT_COLUMNS + 1] = sql_arg(INT4OID, Int32GetDatum(growth->last_seat));
	sl_sql_run(
		growth->scope,
		"INSERT INTO seatlock.seat (layout_id, seat_no, section_no, category_no,"
		" row_no, run_no, row_label, seat_number, x, y, along, accessible, companion, for_sale,"
		" label, guid)"
		" SELECT $15, $16 OPERATOR(pg_catalog.+) s.n, s.section_no, s.category_no,"
		" s.row_no, s.run_no, s.row_label, s.seat_number, s.x, s.y, s.along,"
		" s.accessible, s.companion, s.for_sale, s.label, s.guid"
		" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
		" pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5),"
		" pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8),"
		" pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),"
		" pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14)) WITH ORDINALITY AS s (section_no, category_no, row_no, run_no, row_label, seat_number, x, y,"
		" along, accessible, companion, for_sale, label, guid, n)",
		lengthof(args), args);
}

int
sl_store_layout_finish(SqlScope *scope, int32 layout_id, LabelCounts *counts)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(layout_id));

	/* the first event does so; a second one that begins meanwhile waits for its end */
	sl_sql_run(scope,
			   "UPDATE seatlock.layout SET is_final = true WHERE layout_id" EQ
			   "$1 AND NOT is_final",
			   1, &arg);
	sl_sql_run(scope,
			   "SELECT num_seats, num_prefixed, num_suffixed, labels FROM seatlock.layout"
			   " WHERE layout_id" EQ "$1",
			   1, &arg);
	counts->rule = result_rule(4);
	counts->num_prefixed = sl_sql_int32(2);
	counts->num_suffixed = sl_sql_int32(3);
	return sl_sql_int32(1);
}

uint64
sl_store_layout_leave(SqlScope *scope, int32 layout_id)
{
	SqlArg arg = sql_arg(INT4OID, Int32GetDatum(layout_id));

	sl_sql_run(scope, "SELECT FROM seatlock.layout WHERE layout_id" EQ "$1 FOR UPDATE", 1, &arg);
	/* also what an older snapshot would not show */
	if (sl_sql_run_latest(scope,
						  "SELECT FROM (SELECT layout_id FROM seatlock.event"
						  " UNION ALL SELECT layout_id FROM seatlock.venue) AS u"
						  " WHERE layout_id" EQ "$1 LIMIT 1",
						  1, &arg) > 0)
		return 0;
	sl_sql_run(scope, "DELETE FROM seatlock.layout WHERE layout_id" EQ "$1", 1, &arg);
	sl_sql_run(scope, "DELETE FROM seatlock.layout_category WHERE layout_id" EQ "$1", 1, &arg);
	sl_sql_run(scope, "DELETE FROM seatlock.layout_section WHERE layout_id" EQ "$1", 1, &arg);
	return sl_sql_run(scope, "DELETE FROM seatlock.seat WHERE layout_id" EQ "$1", 1, &arg);
}
