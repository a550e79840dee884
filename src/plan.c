/*-------------------------------------------------------------------------
 *
 * plan.c
 *		Reads a seating plan in its public JSON shape.
 *
 * A plan has categories and zones; a zone has rows of seats, and areas.  A
 * zone with rows is a section, an area with a capacity is a section of general
 * admission.  Zones (or such areas) of one name are one section, since buyers
 * name the section that they want.  Positions are relative on the way down and
 * absolute in what comes out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "label.h"
#include "name.h"
#include "name_table.h"
#include "plan_area.h"
#include "plan_json.h"
#include "plan_order.h"

/* free space around a plan that does not tell its size */
#define PLAN_MARGIN PLAN_SEAT_STEP

/* names that a table is made for; it grows */
#define FIRST_NAMES 64
#define FIRST_ROWS 64

/* The way through a plan. */
typedef struct PlanReader
{
	SeatingPlan *plan;
	PlanPlace place;
	names_hash *categories;
	names_hash *seated; /* sections of rows */
	names_hash *standing;
	int max_areas; /* room in plan->areas */
	PlanRow *rows;
	int num_rows;
	int max_rows;
} PlanReader;

static void read_categories(PlanReader *reader, JsonbContainer *root);
static void read_zone(PlanReader *reader, JsonbContainer *zone);
static void read_row(PlanReader *reader, JsonbContainer *row, PlanPoint origin);
static void read_seat(PlanReader *reader, JsonbContainer *seat, PlanPoint origin, PlanSeat *base);
static void read_areas(PlanReader *reader, JsonbContainer *areas, PlanPoint origin);
static void add_places(PlanReader *reader, PlanArea *area, JsonbContainer *json);
static int enter_section(PlanReader *reader, const char *name, bool general_admission);
static void check_name(PlanReader *reader, const char *name);
static void refuse_list_sign(PlanReader *reader, const char *name);
static int find_category(const PlanReader *reader, const char *name);
static void refuse_doubled_seats(PlanReader *reader, const PlanSeat *seats, int num_seats);
static void read_size(PlanReader *reader, JsonbContainer *root);

SeatingPlan *
sl_plan_parse(Jsonb *json)
{
	PlanReader reader = {0};
	JsonbContainer *zones;

	if (!JB_ROOT_IS_OBJECT(json))
		sl_plan_refuse(&reader.place, "not a JSON object",
					   "A plan is an object with \"categories\" and \"zones\".");
	reader.plan = palloc0(sizeof(SeatingPlan));
	reader.categories = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	reader.seated = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	reader.standing = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	read_categories(&reader, &json->root);
	zones = sl_plan_json_array(&json->root, "zones", &reader.place);
	for (int i = 0; i < JsonContainerSize(zones); i++)
	{
		reader.place.zone.number = i + 1;
		read_zone(&reader, sl_plan_json_element(zones, i, &reader.place));
		reader.place.zone = (PlanStep){0};
	}
	if (reader.plan->num_seats == 0)
		sl_plan_refuse(&reader.place, "there are no seats",
					   "A plan needs a row with seats, or an area with a \"capacity\".");
	sl_plan_put_in_order(reader.plan, reader.rows, reader.num_rows);
	read_size(&reader, &json->root);
	return reader.plan;
}

static void
read_categories(PlanReader *reader, JsonbContainer *root)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	JsonbContainer *list = sl_plan_json_array(root, "categories", place);

	if (JsonContainerSize(list) > SL_MAX_CATEGORIES)
		sl_plan_refuse(place, "there are too many categories",
					   psprintf("A plan has at most %d categories.", SL_MAX_CATEGORIES));
	plan->categories = palloc(sizeof(PlanCategory) * Max(JsonContainerSize(list), 1));
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		PlanCategory *category = &plan->categories[i];
		JsonbContainer *json;
		bool found;

		place->category.number = i + 1;
		json = sl_plan_json_element(list, i, place);
		category->name = sl_plan_json_text(json, "name", place);
		place->category.name = category->name;
		check_name(reader, category->name);
		names_insert(reader->categories, category->name, &found)->number = i;
		if (found)
			sl_plan_refuse(place, "appears twice", "Categories have names of their own.");
		category->color = sl_plan_json_find_text(json, "color", place);
		if (category->color == NULL)
			category->color = sl_plan_default_color(i);
		category->accessible = false;
		sl_plan_json_find_bool(json, "accessible", place, &category->accessible);
		if (sl_plan_is_accessible_name(category->name))
			category->accessible = true;
		plan->num_categories = i + 1;
		place->category = (PlanStep){0};
	}
}

static void
read_zone(PlanReader *reader, JsonbContainer *zone)
{
	PlanPlace *place = &reader->place;
	PlanPoint origin = {0, 0};
	JsonbContainer *rows;
	JsonbContainer *areas;

	place->zone.name = sl_plan_json_text(zone, "name", place);
	sl_plan_json_find_point(zone, "position", place, &origin);
	areas = sl_plan_json_find_array(zone, "areas", place);
	/* a zone to stand in, or to look at, may do without rows */
	rows = areas ? sl_plan_json_find_array(zone, "rows", place)
				 : sl_plan_json_array(zone, "rows", place);
	for (int i = 0; rows && i < JsonContainerSize(rows); i++)
	{
		place->row.number = i + 1;
		read_row(reader, sl_plan_json_element(rows, i, place), origin);
		place->row = (PlanStep){0};
	}
	if (areas)
		read_areas(reader, areas, origin);
}

/* A row that begins here; returns its number. */
static int
add_row(PlanReader *reader, const char *label)
{
	if (reader->num_rows == reader->max_rows)
	{
		reader->max_rows = Max(FIRST_ROWS, reader->max_rows * 2);
		reader->rows = reader->rows
						   ? repalloc_huge(reader->rows, sizeof(PlanRow) * reader->max_rows)
						   : palloc(sizeof(PlanRow) * reader->max_rows);
	}
	reader->rows[reader->num_rows] =
		(PlanRow){reader->place.zone.number, label, reader->plan->num_seats, 0};
	return reader->num_rows++;
}

static void
read_row(PlanReader *reader, JsonbContainer *row, PlanPoint origin)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	PlanSeat base = {0};
	PlanPoint offset = {0, 0};
	JsonbContainer *seats;
	int first = plan->num_seats;

	base.row_label = sl_plan_json_find_text(row, "row_label", place);
	if (base.row_label == NULL)
		base.row_label = sl_plan_json_text(row, "row_number", place);
	place->row.name = base.row_label;
	check_name(reader, base.row_label);
	refuse_list_sign(reader, base.row_label);
	sl_plan_json_find_point(row, "position", place, &offset);
	seats = sl_plan_json_array(row, "seats", place);
	if (JsonContainerSize(seats) == 0)
		sl_plan_refuse(place, "there are no seats", "A row has at least one seat.");
	base.section = enter_section(reader, place->zone.name, false);
	base.row = add_row(reader, base.row_label);
	offset.x += origin.x;
	offset.y += origin.y;
	for (int i = 0; i < JsonContainerSize(seats); i++)
	{
		place->seat.number = i + 1;
		read_seat(reader, sl_plan_json_element(seats, i, place), offset, &base);
		place->seat = (PlanStep){0};
	}
	refuse_doubled_seats(reader, plan->seats + first, plan->num_seats - first);
	reader->rows[base.row].num_seats = plan->num_seats - first;
}

static void
read_seat(PlanReader *reader, JsonbContainer *seat, PlanPoint origin, PlanSeat *base)
{
	PlanPlace *place = &reader->place;
	PlanPoint offset;
	const char *category;

	base->seat_number = sl_plan_json_text(seat, "seat_number", place);
	place->seat.name = base->seat_number;
	check_name(reader, base->seat_number);
	category = sl_plan_json_text(seat, "category", place);
	base->category = find_category(reader, category);
	if (base->category < 0)
		sl_plan_refuse(place, psprintf("category \"%s\" does not exist", category),
					   "A seat names one of the plan's \"categories\".");
	CHECK_FOR_INTERRUPTS();
	offset = sl_plan_json_point(seat, "position", place);
	base->position = (PlanPoint){origin.x + offset.x, origin.y + offset.y};
	if (reader->plan->num_seats >= SL_MAX_SEATS)
		sl_plan_refuse(place, "there are too many seats",
					   psprintf("A plan has at most %d seats and places.", SL_MAX_SEATS));
	sl_plan_add_seat(reader->plan, base);
}

static void
make_room_for_areas(PlanReader *reader, int num_more)
{
	SeatingPlan *plan = reader->plan;

	if (plan->num_areas + num_more <= reader->max_areas)
		return;
	reader->max_areas = Max(plan->num_areas + num_more, reader->max_areas * 2);
	plan->areas = plan->areas ? repalloc(plan->areas, sizeof(PlanArea) * reader->max_areas)
							  : palloc(sizeof(PlanArea) * reader->max_areas);
}

static void
read_areas(PlanReader *reader, JsonbContainer *areas, PlanPoint origin)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	int num_areas = JsonContainerSize(areas);

	if (plan->num_areas + num_areas > SL_MAX_AREAS)
		sl_plan_refuse(place, "there are too many areas",
					   psprintf("A plan has at most %d areas.", SL_MAX_AREAS));
	make_room_for_areas(reader, num_areas);
	for (int i = 0; i < num_areas; i++)
	{
		PlanArea *area = &plan->areas[plan->num_areas++];
		JsonbContainer *json;

		place->area.number = i + 1;
		json = sl_plan_json_element(areas, i, place);
		sl_plan_read_area(json, place, origin, area);
		if (area->capacity > 0)
			add_places(reader, area, json);
		place->area = (PlanStep){0};
	}
}

/* Make an area with a capacity a section of so many places. */
static void
add_places(PlanReader *reader, PlanArea *area, JsonbContainer *json)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	const char *category = sl_plan_json_find_text(json, "category", place);
	PlanSeat seat = {.row = PLAN_NO_ROW, .run = PLAN_NO_ROW};
	PlanPoint *positions;
	int num_before;

	seat.category = category ? find_category(reader, category) : 0;
	if (category == NULL && plan->num_categories != 1)
		sl_plan_refuse(place, "\"category\" is missing",
					   "An area with a \"capacity\" names one of the plan's \"categories\", "
					   "unless there is just one.");
	if (seat.category < 0)
		sl_plan_refuse(place, psprintf("category \"%s\" does not exist", category),
					   "An area with a \"capacity\" names one of the plan's \"categories\".");
	if (area->capacity > SL_MAX_SEATS - plan->num_seats)
		sl_plan_refuse(place, "there are too many seats",
					   psprintf("A plan has at most %d seats and places.", SL_MAX_SEATS));
	area->section =
		enter_section(reader, place->area.name ? place->area.name : place->zone.name, true);
	num_before = plan->sections[area->section].num_seats;
	positions = palloc(sizeof(PlanPoint) * area->capacity);
	sl_plan_spread_places(area, area->capacity, positions);
	seat.section = area->section;
	for (int i = 0; i < area->capacity; i++)
	{
		seat.position = positions[i];
		seat.seat_number = psprintf("%d", num_before + i + 1);
		sl_plan_add_seat(plan, &seat);
	}
	pfree(positions);
}

/* The section of that name and kind, made when it is not there yet. */
static int
enter_section(PlanReader *reader, const char *name, bool general_admission)
{
	SeatingPlan *plan = reader->plan;
	NameEntry *entry;
	bool found;

	entry = names_insert(general_admission ? reader->standing : reader->seated, name, &found);
	if (!found)
	{
		check_name(reader, name);
		refuse_list_sign(reader, name);
		entry->number = sl_plan_add_section(plan, name, general_admission);
	}
	return entry->number;
}

/* Names are shown, in maps and on terminals. */
static void
check_name(PlanReader *reader, const char *name)
{
	if (sl_name_has_control(name))
		sl_plan_refuse(&reader->place, psprintf("\"%s\" has a control character", name),
					   "Names of a plan are text without line breaks and the like.");
}

/* Labels begin with a row or a section, and such a label could not be claimed. */
static void
refuse_list_sign(PlanReader *reader, const char *name)
{
	if (sl_label_reads_as_list(name))
		sl_plan_refuse(&reader->place, psprintf("\"%s\" begins with \"%c\"", name, name[0]),
					   "A label made of it would read as a list of seats.");
}

static int
find_category(const PlanReader *reader, const char *name)
{
	const NameEntry *entry = names_lookup(reader->categories, name);

	return entry == NULL ? -1 : entry->number;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void
refuse_doubled_seats(PlanReader *reader, const PlanSeat *seats, int num_seats)
{
	const char **numbers = palloc(sizeof(char *) * num_seats);

	for (int i = 0; i < num_seats; i++)
		numbers[i] = seats[i].seat_number;
	qsort(numbers, num_seats, sizeof(char *), compare_texts);
	for (int i = 1; i < num_seats; i++)
	{
		if (strcmp(numbers[i - 1], numbers[i]) == 0)
		{
			reader->place.seat = (PlanStep){i, numbers[i]};
			sl_plan_refuse(&reader->place, "appears twice",
						   "Seats of one row have numbers of their own.");
		}
	}
	pfree(numbers);
}

/* What the plan says, or room for all that it draws. */
static void
read_size(PlanReader *reader, JsonbContainer *root)
{
	SeatingPlan *plan = reader->plan;
	JsonbContainer *size = sl_plan_json_find_object(root, "size", &reader->place);

	if (size)
	{
		plan->size.x = sl_plan_json_number(size, "width", &reader->place);
		plan->size.y = sl_plan_json_number(size, "height", &reader->place);
		if (plan->size.x <= 0 || plan->size.y <= 0)
			sl_plan_refuse(&reader->place, "\"size\" is not positive",
						   "A plan is wider and higher than 0.");
		return;
	}
	for (int i = 0; i < plan->num_seats; i++)
	{
		plan->size.x = Max(plan->size.x, plan->seats[i].position.x);
		plan->size.y = Max(plan->size.y, plan->seats[i].position.y);
	}
	for (int i = 0; i < plan->num_areas; i++)
	{
		PlanPoint corner = sl_plan_area_box(&plan->areas[i]).high;

		plan->size.x = Max(plan->size.x, corner.x);
		plan->size.y = Max(plan->size.y, corner.y);
	}
	plan->size.x += PLAN_MARGIN;
	plan->size.y += PLAN_MARGIN;
}
