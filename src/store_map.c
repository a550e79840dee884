/*-------------------------------------------------------------------------
 *
 * store_map.c
 *		Loads what the pictures of an event show.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "plan_area.h"
#include "seat_map.h"
#include "store_map.h"
#include "store_sql.h"

#define ROWS_PER_FETCH 5000

/* The load under way. */
typedef struct MapLoader
{
	SeatMap *map;
	MemoryContext context; /* outlives SPI */
	int max_seats;
	int32 *section_nos; /* by index of the map's arrays */
	int32 *category_nos;
} MapLoader;

static void load_sections(SqlScope *scope, MapLoader *loader, SqlArg event);
static void load_categories(SqlScope *scope, MapLoader *loader, SqlArg event);
static void load_seats(SqlScope *scope, MapLoader *loader, SqlArg event, TimestampTz now);
static void load_drawing(SqlScope *scope, MapLoader *loader, SqlArg event);
static void drop_empty_sections(SeatMap *map);

SeatMap *
sl_store_map_load(const char *event, TimestampTz now)
{
	MapLoader loader = {0};
	SqlScope scope;
	SqlArg arg;

	loader.context = CurrentMemoryContext;
	loader.map = palloc0(sizeof(SeatMap));
	loader.map->event = event;
	sl_sql_begin(&scope, true);
	arg = sql_arg(INT4OID, Int32GetDatum(sl_sql_find_event(&scope, event)));
	load_sections(&scope, &loader, arg);
	load_categories(&scope, &loader, arg);
	load_seats(&scope, &loader, arg, now);
	drop_empty_sections(loader.map);
	load_drawing(&scope, &loader, arg);
	sl_sql_end(&scope);
	sl_seat_map_prepare(loader.map);
	return loader.map;
}

static Datum
column(HeapTuple row, int number)
{
	bool isnull;

	return SPI_getbinval(row, SPI_tuptable->tupdesc, number, &isnull);
}

/* NULL when null */
static char *
text_column(MapLoader *loader, HeapTuple row, int number)
{
	MemoryContext old_context;
	char *copy;
	bool isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, number, &isnull);

	if (isnull)
		return NULL;
	old_context = MemoryContextSwitchTo(loader->context);
	copy = TextDatumGetCString(value);
	MemoryContextSwitchTo(old_context);
	return copy;
}

static int32
row_column(HeapTuple row, int number)
{
	bool isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, number, &isnull);

	return isnull ? PLAN_NO_ROW : DatumGetInt32(value);
}

static void
load_sections(SqlScope *scope, MapLoader *loader, SqlArg event)
{
	SeatMap *map = loader->map;

	map->num_sections = (int) sl_sql_run(scope,
										 "SELECT section_no, name, general_admission"
										 "  FROM seatlock.event_section WHERE event_id = $1"
										 " ORDER BY section_no",
										 1, &event);
	map->sections = MemoryContextAllocZero(loader->context, sizeof(MapSection) * map->num_sections);
	loader->section_nos = palloc(sizeof(int32) * map->num_sections);
	for (int i = 0; i < map->num_sections; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		loader->section_nos[i] = DatumGetInt32(column(row, 1));
		map->sections[i].name = text_column(loader, row, 2);
		map->sections[i].general_admission = DatumGetBool(column(row, 3));
	}
}

static void
load_categories(SqlScope *scope, MapLoader *loader, SqlArg event)
{
	SeatMap *map = loader->map;

	map->num_categories = (int) sl_sql_run(scope,
										   "SELECT category_no, name, color"
										   "  FROM seatlock.event_category WHERE event_id = $1"
										   " ORDER BY category_no",
										   1, &event);
	map->categories =
		MemoryContextAllocZero(loader->context, sizeof(MapCategory) * map->num_categories);
	loader->category_nos = palloc(sizeof(int32) * map->num_categories);
	for (int i = 0; i < map->num_categories; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		loader->category_nos[i] = DatumGetInt32(column(row, 1));
		map->categories[i].name = text_column(loader, row, 2);
		map->categories[i].color = text_column(loader, row, 3);
	}
}

/* The index of a number in an ascending array; it is mostly the last one's. */
static int
find_index(const int32 *numbers, int count, int32 number, int last)
{
	int low = 0;
	int high = count;

	if (last < count && numbers[last] == number)
		return last;
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || numbers[low] != number)
		elog(ERROR, "could not find section or category %d", number);
	return low;
}

static void
add_seat(MapLoader *loader, MapSeat *seat, HeapTuple row)
{
	SeatMap *map = loader->map;
	bool first = (map->num_seats == 0);
	MapSection *section;

	seat->section = find_index(loader->section_nos, map->num_sections,
							   DatumGetInt32(column(row, 1)), first ? 0 : seat[-1].section);
	seat->category = find_index(loader->category_nos, map->num_categories,
								DatumGetInt32(column(row, 2)), first ? 0 : seat[-1].category);
	seat->row_no = row_column(row, 3);
	seat->run_no = row_column(row, 4);
	seat->position.x = DatumGetFloat8(column(row, 5));
	seat->position.y = DatumGetFloat8(column(row, 6));
	seat->label = text_column(loader, row, 7);
	seat->row_label = !first && seat->row_no != PLAN_NO_ROW && seat[-1].row_no == seat->row_no
						  ? seat[-1].row_label
						  : text_column(loader, row, 8);
	seat->status = (SeatStatus) DatumGetChar(column(row, 9));
	section = &map->sections[seat->section];
	if (section->num_seats++ == 0)
		section->first_seat = map->num_seats;
	map->num_seats++;
}

static void
make_room(MapLoader *loader, int num_seats)
{
	SeatMap *map = loader->map;

	if (map->num_seats + num_seats <= loader->max_seats)
		return;
	loader->max_seats = Max(loader->max_seats * 2, map->num_seats + num_seats);
	map->seats = repalloc_huge(map->seats, sizeof(MapSeat) * loader->max_seats);
}

/* Through a cursor, since the rows take more room than the map made of them. */
static void
load_seats(SqlScope *scope, MapLoader *loader, SqlArg event, TimestampTz now)
{
	SeatMap *map = loader->map;
	Oid types[] = {event.type, TIMESTAMPTZOID};
	Datum values[] = {event.value, TimestampTzGetDatum(now)};
	Portal portal = SPI_cursor_open_with_args(
		NULL,
		"SELECT s.section_no, s.category_no, s.row_no, s.run_no, s.x, s.y, s.label, s.row_label,"
		"       CASE WHEN st.status = 'h' AND st.expires_at <= $2 THEN 'f' ELSE st.status END"
		"  FROM seatlock.seat s"
		"  JOIN seatlock.seat_state st USING (event_id, seat_no)"
		" WHERE s.event_id = $1"
		" ORDER BY s.section_no, s.seat_no",
		lengthof(types), types, values, NULL, scope->read_only, 0);

	loader->max_seats = ROWS_PER_FETCH;
	map->seats = MemoryContextAlloc(loader->context, sizeof(MapSeat) * loader->max_seats);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, ROWS_PER_FETCH);
		if (SPI_processed == 0)
			break;
		make_room(loader, (int) SPI_processed);
		for (uint64 i = 0; i < SPI_processed; i++)
			add_seat(loader, &map->seats[map->num_seats], SPI_tuptable->vals[i]);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
}

static int
find_standing_section(const SeatMap *map, const char *name)
{
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].general_admission && strcmp(map->sections[i].name, name) == 0)
			return i;
	}
	return PLAN_NO_SECTION;
}

static void
load_drawing(SqlScope *scope, MapLoader *loader, SqlArg event)
{
	SeatMap *map = loader->map;
	MemoryContext old_context;
	Jsonb *drawing;

	if (sl_sql_run(scope, "SELECT drawing FROM seatlock.event WHERE event_id = $1", 1, &event) != 1)
		elog(ERROR, "could not read the drawing of an event");
	old_context = MemoryContextSwitchTo(loader->context);
	drawing = DatumGetJsonbPCopy(column(SPI_tuptable->vals[0], 1));
	map->num_areas = JB_ROOT_COUNT(drawing);
	map->areas = palloc0(sizeof(PlanArea) * map->num_areas);
	for (int i = 0; i < map->num_areas; i++)
	{
		PlanPlace place = {0};
		JsonbContainer *json = sl_plan_json_element(&drawing->root, i, &place);

		sl_plan_read_area(json, &place, (PlanPoint){0, 0}, &map->areas[i]);
		if (map->areas[i].capacity > 0)
			map->areas[i].section =
				find_standing_section(map, sl_plan_json_text(json, "section", &place));
	}
	MemoryContextSwitchTo(old_context);
}

/* Nothing of them can be shown; seats keep pointing to the right section. */
static void
drop_empty_sections(SeatMap *map)
{
	int *new_index = palloc(sizeof(int) * map->num_sections);
	int num_sections = 0;

	for (int i = 0; i < map->num_sections; i++)
	{
		new_index[i] = num_sections;
		if (map->sections[i].num_seats > 0)
			map->sections[num_sections++] = map->sections[i];
	}
	map->num_sections = num_sections;
	for (int i = 0; i < map->num_seats; i++)
		map->seats[i].section = new_index[map->seats[i].section];
}
