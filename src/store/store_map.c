/*-------------------------------------------------------------------------
 *
 * store_map.c
 *		Loads what the pictures of an event show.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/grow.h"
#include "picture/seat_map.h"
#include "store/store_layout.h"
#include "store/store_map.h"
#include "store/store_read.h"

static void load_layout(SeatMap *map, const Layout *layout);
static void load_seats(SeatMap *map, SeatWalk *walk, TimestampTz now);
static void load_drawing(SeatMap *map, Store *store, int32 layout_id);
static void drop_empty_sections(SeatMap *map);

SeatMap *
sl_store_map_load(const char *event, TimestampTz now)
{
	Store *store = sl_store_open(false);
	SeatMap *map = palloc0(sizeof(SeatMap));
	SeatWalk walk = {.store = store};
	EventRow row;

	map->event = event;
	sl_store_require_event(store, event, &row);
	walk.event_id = row.event_id;
	walk.layout_id = row.layout_id;
	walk.layout = sl_store_layout_read(store, row.layout_id);
	load_layout(map, walk.layout);
	load_seats(map, &walk, now);
	drop_empty_sections(map);
	load_drawing(map, store, row.layout_id);
	sl_store_close(store);
	sl_seat_map_prepare(map);
	return map;
}

static void
load_layout(SeatMap *map, const Layout *layout)
{
	map->num_sections = layout->num_sections;
	map->sections = palloc0(sizeof(MapSection) * Max(map->num_sections, 1));
	for (int i = 0; i < map->num_sections; i++)
	{
		map->sections[i].name = layout->sections[i].name;
		map->sections[i].general_admission = layout->sections[i].general_admission;
	}
	map->num_categories = layout->num_categories;
	map->categories = palloc0(sizeof(MapCategory) * Max(map->num_categories, 1));
	for (int i = 0; i < map->num_categories; i++)
	{
		map->categories[i].name = layout->categories[i].name;
		map->categories[i].color = layout->categories[i].color;
		map->categories[i].accessible = layout->categories[i].accessible;
	}
}

static void
add_seat(SeatMap *map, const SeatView *view, SeatStatus status)
{
	MapSeat *seat = &map->seats[map->num_seats];
	bool first = (map->num_seats == 0);

	seat->section = view->place.section;
	seat->category = view->place.category;
	if (view->accessible || map->categories[seat->category].accessible)
		seat->kind = KIND_ACCESSIBLE;
	else
		seat->kind = view->companion ? KIND_COMPANION : KIND_USUAL;
	seat->row_no = view->place.row_no;
	seat->run_no = view->place.run_no;
	seat->position = (PlanPoint){view->x, view->y};
	seat->label = text_to_cstring(view->label);
	if (view->row_label == NULL)
		seat->row_label = NULL;
	else if (!first && seat[-1].row_no == seat->row_no)
		seat->row_label = seat[-1].row_label;
	else
		seat->row_label = text_to_cstring(view->row_label);
	seat->status = status;
	map->sections[seat->section].num_seats++;
	map->num_seats++;
}

/*
 * Pictures go section by section.  So does the seat order, except for places that an
 * area of general admission has got later, which come last.
 */
static void
gather_sections(SeatMap *map)
{
	MapSeat *seats = palloc_extended(sizeof(MapSeat) * Max(map->num_seats, 1), MCXT_ALLOC_HUGE);
	int *next = palloc(sizeof(int) * Max(map->num_sections, 1));
	int first_seat = 0;

	for (int i = 0; i < map->num_sections; i++)
	{
		next[i] = map->sections[i].first_seat = first_seat;
		first_seat += map->sections[i].num_seats;
	}
	for (int i = 0; i < map->num_seats; i++)
		seats[next[map->seats[i].section]++] = map->seats[i];
	if (map->seats != NULL)
		pfree(map->seats);
	pfree(next);
	map->seats = seats;
}

static void
load_seats(SeatMap *map, SeatWalk *walk, TimestampTz now)
{
	int max_seats = 0;

	while (sl_store_next_seat(walk))
	{
		map->seats = grow_array(map->seats, map->num_seats, &max_seats, sizeof(MapSeat));
		add_seat(map, &walk->seat, sl_store_status_at(&walk->row, now));
	}
	gather_sections(map);
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
load_drawing(SeatMap *map, Store *store, int32 layout_id)
{
	const char **sections;

	map->areas =
		sl_plan_read_drawing(sl_store_find_drawing(store, layout_id), &map->num_areas, &sections);
	for (int i = 0; i < map->num_areas; i++)
		if (sections[i] != NULL)
			map->areas[i].section = find_standing_section(map, sections[i]);
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
