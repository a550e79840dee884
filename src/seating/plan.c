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

#include "base/grow.h"
#include "base/name.h"
#include "base/name_table.h"
#include "seating/plan_area.h"
#include "seating/plan_guid.h"
#include "seating/plan_json.h"
#include "seating/plan_keys.h"
#include "seating/plan_order.h"

/* free space around a plan that does not tell its size */
#define PLAN_MARGIN PLAN_SEAT_STEP

/* names that a table is made for; it grows */
#define FIRST_NAMES 64

/* the category of seats that have none, if the plan has not just one */
#define DEFAULT_CATEGORY "Standard"

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
	LabelRule rule;
} PlanReader;

static void read_categories(PlanReader *reader, JsonbContainer *root);
static void read_category(PlanReader *reader, JsonbContainer *json);
static void read_zone(PlanReader *reader, JsonbContainer *zone);
static void read_row(PlanReader *reader, JsonbContainer *row, PlanPoint origin);
static void read_seat(PlanReader *reader, JsonbContainer *seat, PlanPoint origin, PlanSeat *base);
static void read_areas(PlanReader *reader, JsonbContainer *areas, PlanPoint origin);
static void add_places(PlanReader *reader, PlanArea *area, JsonbContainer *json);
static int enter_section(PlanReader *reader, const char *name, bool general_admission);
static void check_name(PlanReader *reader, const char *name);
static void refuse_list_sign(PlanReader *reader, const char *name);
static int find_category(const PlanReader *reader, const char *name);
static const char *read_row_label(PlanReader *reader, JsonbContainer *row);
static void number_seats(PlanReader *reader, PlanSeat *seats, int num_seats);
static void read_size(PlanReader *reader, JsonbContainer *root);

SeatingPlan *
sl_plan_parse(Jsonb *json, LabelRule rule)
{
	PlanReader reader = {.rule = rule};
	JsonbContainer *zones;

	reader.place.notes = sl_plan_notes_create();
	json = sl_plan_json_unwrap(json, &reader.place);
	if (!JB_ROOT_IS_OBJECT(json))
		sl_plan_give_up(&reader.place, "not a JSON object",
						"A plan is an object with \"categories\" and \"zones\".");
	sl_plan_note_keys(&reader.place, OBJECT_PLAN, &json->root);
	reader.plan = palloc0(sizeof(SeatingPlan));
	reader.categories = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	reader.seated = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	reader.standing = names_create(CurrentMemoryContext, FIRST_NAMES, NULL);
	read_categories(&reader, &json->root);
	zones = sl_plan_json_array(&json->root, "zones", &reader.place);
	for (int i = 0; i < sl_plan_json_size(zones); i++)
	{
		JsonbContainer *zone;

		reader.place.zone.number = i + 1;
		zone = sl_plan_json_element(zones, i, &reader.place);
		if (zone != NULL)
			read_zone(&reader, zone);
		reader.place.zone = (PlanStep){0};
	}
	if (reader.plan->num_seats == 0 && reader.place.notes->num_faults == 0)
		sl_plan_refuse(&reader.place, "there are no seats",
					   "A plan needs a row with seats, or an area with a \"capacity\".");
	read_size(&reader, &json->root);
	sl_plan_check(&reader.place);
	sl_plan_drop_doubled_guids(reader.plan, &reader.place);
	sl_plan_put_in_order(reader.plan, reader.rows, reader.num_rows);
	reader.plan->notes = reader.place.notes;
	return reader.plan;
}

static void
read_categories(PlanReader *reader, JsonbContainer *root)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	JsonbContainer *list = sl_plan_json_find_array(root, "categories", place);

	if (sl_plan_json_size(list) > SL_MAX_CATEGORIES)
		sl_plan_give_up(place, "there are too many categories",
						psprintf("A plan has at most %d categories.", SL_MAX_CATEGORIES));
	/* and one for seats that have none */
	plan->categories = palloc(sizeof(PlanCategory) * (sl_plan_json_size(list) + 1));
	for (int i = 0; i < sl_plan_json_size(list); i++)
	{
		JsonbContainer *json;

		place->category.number = i + 1;
		json = sl_plan_json_element(list, i, place);
		if (json != NULL)
			read_category(reader, json);
		place->category = (PlanStep){0};
	}
}

/* One whose name was there before is the same. */
static void
read_category(PlanReader *reader, JsonbContainer *json)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	PlanCategory *category = &plan->categories[plan->num_categories];
	bool found;

	sl_plan_note_keys(place, OBJECT_CATEGORY, json);
	category->name = sl_plan_json_text(json, "name", place);
	place->category.name = category->name;
	check_name(reader, category->name);
	category->color = sl_plan_json_find_text(json, "color", place);
	if (category->color == NULL)
		category->color = sl_plan_default_color(plan->num_categories);
	category->accessible = sl_plan_is_accessible_name(category->name);
	if (!category->accessible)
		sl_plan_json_find_bool(json, "accessible", place, &category->accessible);
	(void) names_insert(reader->categories, category->name, &found);
	if (found)
		plan_remedy(place, REMEDY_DOUBLED_CATEGORY);
	else
		names_lookup(reader->categories, category->name)->number = plan->num_categories++;
}

/* The category of what names none: the only one, or one of its own. */
static int
default_category(PlanReader *reader)
{
	SeatingPlan *plan = reader->plan;
	const char *name = plan->num_categories == 1 ? plan->categories[0].name : DEFAULT_CATEGORY;
	NameEntry *entry;
	bool found;

	plan_remedy(&reader->place, REMEDY_NO_CATEGORY);
	if (plan->default_category == NULL)
		plan->default_category = name;
	entry = names_insert(reader->categories, plan->default_category, &found);
	if (!found)
	{
		plan->categories[plan->num_categories] =
			(PlanCategory){plan->default_category, sl_plan_default_color(plan->num_categories)};
		entry->number = plan->num_categories++;
	}
	return entry->number;
}

static void
read_zone(PlanReader *reader, JsonbContainer *zone)
{
	PlanPlace *place = &reader->place;
	PlanPoint origin = {0, 0};
	JsonbContainer *rows;
	JsonbContainer *areas;

	sl_plan_note_keys(place, OBJECT_ZONE, zone);
	place->zone.name = sl_plan_json_find_text(zone, "name", place);
	sl_plan_json_find_point(zone, "position", place, &origin);
	areas = sl_plan_json_find_array(zone, "areas", place);
	/* a zone to stand in, or to look at, may do without rows */
	rows = sl_plan_json_find_array(zone, "rows", place);
	if (place->zone.name == NULL && sl_plan_json_size(rows) > 0)
	{
		place->zone.name = psprintf("%d", place->zone.number);
		plan_remedy(place, REMEDY_ZONE_NAME);
	}
	for (int i = 0; i < sl_plan_json_size(rows); i++)
	{
		JsonbContainer *row;

		place->row.number = i + 1;
		row = sl_plan_json_element(rows, i, place);
		if (row != NULL)
			read_row(reader, row, origin);
		place->row = (PlanStep){0};
	}
	if (areas)
		read_areas(reader, areas, origin);
}

/* A row that begins here; returns its number. */
static int
add_row(PlanReader *reader, const char *label)
{
	reader->rows = grow_array(reader->rows, reader->num_rows, &reader->max_rows, sizeof(PlanRow));
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

	sl_plan_note_keys(place, OBJECT_ROW, row);
	base.row_label = read_row_label(reader, row);
	place->row.name = base.row_label;
	check_name(reader, base.row_label);
	refuse_list_sign(reader, base.row_label);
	sl_plan_json_find_point(row, "position", place, &offset);
	seats = sl_plan_json_find_array(row, "seats", place);
	if (sl_plan_json_size(seats) == 0)
	{
		plan_remedy(place, REMEDY_EMPTY_ROW);
		return;
	}
	base.section = enter_section(reader, place->zone.name, false);
	base.row = add_row(reader, base.row_label);
	offset.x += origin.x;
	offset.y += origin.y;
	for (int i = 0; i < sl_plan_json_size(seats); i++)
	{
		JsonbContainer *seat;

		place->seat.number = i + 1;
		seat = sl_plan_json_element(seats, i, place);
		if (seat != NULL)
			read_seat(reader, seat, offset, &base);
		place->seat = (PlanStep){0};
	}
	number_seats(reader, plan->seats + first, plan->num_seats - first);
	reader->rows[base.row].num_seats = plan->num_seats - first;
}

/* What the plan's editor knows the seat by; NULL when it does not tell. */
static const char *
read_guid(PlanReader *reader, JsonbContainer *seat)
{
	const char *guid = sl_plan_json_find_text(seat, "seat_guid", &reader->place);

	if (guid == NULL)
		guid = sl_plan_json_find_text(seat, "uuid", &reader->place);
	if (guid == NULL)
		return NULL;
	check_name(reader, guid);
	if (reader->rule == LABELS_GUID)
		refuse_list_sign(reader, guid);
	return guid;
}

/* What a seat is, beside its price. */
static void
read_marks(PlanReader *reader, JsonbContainer *json, PlanSeat *seat)
{
	const PlanPlace *place = &reader->place;
	bool for_sale = true;

	seat->accessible = seat->companion = false;
	sl_plan_json_find_bool(json, "accessible", place, &seat->accessible);
	sl_plan_json_find_bool(json, "companion", place, &seat->companion);
	sl_plan_json_find_bool(json, "for_sale", place, &for_sale);
	seat->not_for_sale = !for_sale;
}

static void
read_seat(PlanReader *reader, JsonbContainer *seat, PlanPoint origin, PlanSeat *base)
{
	PlanPlace *place = &reader->place;
	PlanPoint offset;
	const char *category;

	sl_plan_note_keys(place, OBJECT_SEAT, seat);
	base->seat_number = sl_plan_json_find_text(seat, "seat_number", place);
	place->seat.name = base->seat_number;
	if (base->seat_number != NULL)
		check_name(reader, base->seat_number);
	base->guid = read_guid(reader, seat);
	read_marks(reader, seat, base);
	category = sl_plan_json_find_text(seat, "category", place);
	base->category = category ? find_category(reader, category) : default_category(reader);
	if (base->category < 0)
		sl_plan_refuse(place, psprintf("category \"%s\" does not exist", category),
					   "A seat names one of the plan's \"categories\".");
	CHECK_FOR_INTERRUPTS();
	offset = sl_plan_json_point(seat, "position", place);
	base->position = (PlanPoint){origin.x + offset.x, origin.y + offset.y};
	if (reader->plan->num_seats >= SL_MAX_SEATS)
		sl_plan_give_up(place, "there are too many seats",
						psprintf("A plan has at most %d seats and places.", SL_MAX_SEATS));
	sl_plan_add_seat(reader->plan, base);
}

static void
read_areas(PlanReader *reader, JsonbContainer *areas, PlanPoint origin)
{
	SeatingPlan *plan = reader->plan;
	PlanPlace *place = &reader->place;
	int num_areas = sl_plan_json_size(areas);

	if (plan->num_areas + num_areas > SL_MAX_AREAS)
		sl_plan_give_up(place, "there are too many areas",
						psprintf("A plan has at most %d areas.", SL_MAX_AREAS));
	for (int i = 0; i < num_areas; i++)
	{
		JsonbContainer *json;
		PlanArea *area;

		place->area.number = i + 1;
		json = sl_plan_json_element(areas, i, place);
		if (json != NULL)
		{
			plan->areas =
				grow_array(plan->areas, plan->num_areas, &reader->max_areas, sizeof(PlanArea));
			area = &plan->areas[plan->num_areas++];
			sl_plan_note_keys(place, OBJECT_AREA, json);
			sl_plan_read_area(json, place, origin, area);
			if (area->capacity > 0)
				add_places(reader, area, json);
		}
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
	const char *section = place->area.name ? place->area.name : place->zone.name;
	int num_before;

	if (category != NULL)
		seat.category = find_category(reader, category);
	else
		seat.category = plan->num_categories == 1 ? 0 : default_category(reader);
	if (seat.category < 0)
		sl_plan_refuse(place, psprintf("category \"%s\" does not exist", category),
					   "An area with a \"capacity\" names one of the plan's \"categories\".");
	if (area->capacity > SL_MAX_SEATS - plan->num_seats)
		sl_plan_give_up(place, "there are too many seats",
						psprintf("A plan has at most %d seats and places.", SL_MAX_SEATS));
	if (section == NULL)
		sl_plan_refuse(place, "\"name\" is missing",
					   "An area with a \"capacity\", or its zone, has a name.");
	if (section == NULL || seat.category < 0)
		return;
	area->section = enter_section(reader, section, true);
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

/* "Row %s" is a pattern for the number of the row, as the plan's editor has it. */
static const char *
fill_pattern(PlanReader *reader, const char *pattern, const char *number)
{
	const char *gap = strstr(pattern, "%s");
	char *label;

	if (gap == NULL)
		return pattern;
	label = psprintf("%.*s%s%s", (int) (gap - pattern), pattern, number, gap + 2);
	if (strlen(label) > SL_MAX_NAME_LENGTH)
		sl_plan_refuse(
			&reader->place, "\"row_label\" is too long",
			psprintf("With the row's number it has up to %d bytes.", SL_MAX_NAME_LENGTH));
	return label;
}

/* What the row is called: by its label, its number, or its place in the zone. */
static const char *
read_row_label(PlanReader *reader, JsonbContainer *row)
{
	PlanPlace *place = &reader->place;
	const char *label = sl_plan_json_find_text(row, "row_label", place);
	const char *number = sl_plan_json_find_text(row, "row_number", place);

	if (number == NULL && (label == NULL || strstr(label, "%s") != NULL))
	{
		number = psprintf("%d", place->row.number);
		plan_remedy(place, REMEDY_ROW_NUMBER);
	}
	return label == NULL ? number : fill_pattern(reader, label, number);
}

/* Seats without a number get the lowest that the row does not use. */
static void
number_seats(PlanReader *reader, PlanSeat *seats, int num_seats)
{
	names_hash *used = names_create(CurrentMemoryContext, num_seats, NULL);
	int next = 0;
	bool found;

	for (int i = 0; i < num_seats; i++)
	{
		if (seats[i].seat_number == NULL)
			continue;
		(void) names_insert(used, seats[i].seat_number, &found);
		if (found)
			plan_remedy(&reader->place, REMEDY_DOUBLED_NUMBER);
	}
	for (int i = 0; i < num_seats; i++)
	{
		if (seats[i].seat_number != NULL)
			continue;
		do
			seats[i].seat_number = psprintf("%d", ++next);
		while (names_lookup(used, seats[i].seat_number) != NULL);
		plan_remedy(&reader->place, REMEDY_SEAT_NUMBER);
	}
	names_destroy(used);
}

/* What the plan says, or room for all that it draws. */
static void
read_size(PlanReader *reader, JsonbContainer *root)
{
	SeatingPlan *plan = reader->plan;
	int num_faults = plan_num_faults(&reader->place);
	JsonbContainer *size = sl_plan_json_find_object(root, "size", &reader->place);

	if (size)
	{
		plan->size.x = sl_plan_json_number(size, "width", &reader->place);
		plan->size.y = sl_plan_json_number(size, "height", &reader->place);
		if (plan_num_faults(&reader->place) == num_faults &&
			(plan->size.x <= 0 || plan->size.y <= 0))
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
