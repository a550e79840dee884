/*-------------------------------------------------------------------------
 *
 * plan_area.c
 *		Areas of a seating plan: reading, and spreading places in them.
 *
 * In here points are relative to the area's position and not turned, until
 * they leave.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "seating/plan_area.h"

#define RADIANS_PER_DEGREE (M_PI / 180.0)

/* each place that is tried is compared with all sides of its area */
#define MAX_POLYGON_POINTS 1000

/* places are tried on ever finer grids: each at least so much finer than the last */
#define GRID_SHRINK 0.95
/* give up and use the centre when a grid would have this many points per place */
#define MAX_GRID_POINTS 10

static const char *const shape_words[NUM_SHAPES] = {
	[SHAPE_RECTANGLE] = "rectangle", [SHAPE_CIRCLE] = "circle", [SHAPE_ELLIPSE] = "ellipse",
	[SHAPE_POLYGON] = "polygon",     [SHAPE_TEXT] = "text",
};

static void read_geometry(JsonbContainer *json, const PlanPlace *place, PlanArea *area);
static int check_capacity(const PlanPlace *place, double capacity);
static void read_polygon(JsonbContainer *json, const PlanPlace *place, PlanArea *area);
static void read_area_text(JsonbContainer *json, const PlanPlace *place, PlanArea *area);

void
sl_plan_read_area(JsonbContainer *json, PlanPlace *place, PlanPoint origin, PlanArea *area)
{
	const char *name = sl_plan_json_find_text(json, "name", place);
	double capacity = 0;

	memset(area, 0, sizeof(*area));
	area->json = json;
	area->origin = origin;
	area->section = PLAN_NO_SECTION;
	place->area.name = name;
	read_area_text(json, place, area);
	if (name == NULL)
		place->area.name = area->text;
	sl_plan_json_find_point(json, "position", place, &area->position);
	area->position.x += origin.x;
	area->position.y += origin.y;
	sl_plan_json_find_number(json, "rotation", place, &area->rotation);
	area->color = sl_plan_json_find_text(json, "color", place);
	area->border_color = sl_plan_json_find_text(json, "border_color", place);
	read_geometry(json, place, area);
	if (sl_plan_json_find_number(json, "capacity", place, &capacity))
		area->capacity = check_capacity(place, capacity);
	area->is_stage = sl_plan_is_stage(area, name, json, place);
}

static int
check_capacity(const PlanPlace *place, double capacity)
{
	if (capacity == floor(capacity) && capacity >= 1 && capacity <= SL_MAX_SEATS)
		return (int) capacity;
	sl_plan_refuse(place, "\"capacity\" is out of range",
				   psprintf("\"capacity\" must be a whole number between 1 and %d.", SL_MAX_SEATS));
	return 0;
}

static void
read_geometry(JsonbContainer *json, const PlanPlace *place, PlanArea *area)
{
	const char *shape = sl_plan_json_find_text(json, "shape", place);
	int num_faults = plan_num_faults(place);
	JsonbContainer *geometry;
	bool positive = true;

	/* nothing to draw but its text: enough for an area to stand in */
	if (shape == NULL)
		shape = shape_words[SHAPE_TEXT];
	for (area->shape = 0; area->shape < NUM_SHAPES; area->shape++)
	{
		if (strcmp(shape_words[area->shape], shape) == 0)
			break;
	}
	if (area->shape == NUM_SHAPES)
	{
		sl_plan_refuse(place, psprintf("shape \"%s\" does not exist", shape),
					   "Shapes are rectangle, circle, ellipse, polygon and text.");
		area->shape = SHAPE_TEXT;
	}
	if (area->shape == SHAPE_TEXT)
		return;
	geometry = sl_plan_json_find_object(json, shape, place);
	if (geometry == NULL)
	{
		if (plan_num_faults(place) == num_faults)
			sl_plan_refuse(place, psprintf("\"%s\" is missing", shape),
						   psprintf("An area of that shape has an object \"%s\".", shape));
		area->shape = SHAPE_TEXT;
		return;
	}
	if (area->shape == SHAPE_POLYGON)
		read_polygon(geometry, place, area);
	else if (area->shape == SHAPE_ELLIPSE)
		area->extent = sl_plan_json_point(geometry, "radius", place);
	else if (area->shape == SHAPE_CIRCLE)
		area->extent.x = area->extent.y = sl_plan_json_number(geometry, "radius", place);
	else
	{
		area->extent.x = sl_plan_json_number(geometry, "width", place);
		area->extent.y = sl_plan_json_number(geometry, "height", place);
	}
	if (area->shape != SHAPE_POLYGON)
		positive = area->extent.x >= 0 && area->extent.y >= 0;
	if (!positive)
		sl_plan_refuse(place, psprintf("\"%s\" is negative", shape),
					   "Widths, heights and radii are not below 0.");
}

static void
read_polygon(JsonbContainer *json, const PlanPlace *place, PlanArea *area)
{
	JsonbContainer *points = sl_plan_json_array(json, "points", place);

	area->num_points = sl_plan_json_size(points);
	if (points != NULL && area->num_points == 0)
		sl_plan_refuse(place, "\"points\" is empty", "A polygon has points.");
	if (area->num_points > MAX_POLYGON_POINTS)
		sl_plan_refuse(place, "\"points\" is too long",
					   psprintf("A polygon has at most %d points.", MAX_POLYGON_POINTS));
	if (area->num_points == 0 || area->num_points > MAX_POLYGON_POINTS)
	{
		area->shape = SHAPE_TEXT;
		return;
	}
	area->points = palloc0(sizeof(PlanPoint) * area->num_points);
	for (int i = 0; i < area->num_points; i++)
	{
		JsonbContainer *point = sl_plan_json_element(points, i, place);

		if (point == NULL)
			continue;
		area->points[i].x = sl_plan_json_number(point, "x", place);
		area->points[i].y = sl_plan_json_number(point, "y", place);
	}
}

static void
read_area_text(JsonbContainer *json, const PlanPlace *place, PlanArea *area)
{
	JsonbContainer *text = sl_plan_json_find_object(json, "text", place);

	if (text == NULL)
		return;
	area->text = sl_plan_json_find_text(text, "text", place);
	area->text_color = sl_plan_json_find_text(text, "color", place);
	sl_plan_json_find_number(text, "size", place, &area->text_size);
	sl_plan_json_find_point(text, "position", place, &area->text_position);
}

static PlanBox
box_around(const PlanArea *area)
{
	PlanBox box = {{0, 0}, {0, 0}};

	switch (area->shape)
	{
		case SHAPE_RECTANGLE:
			box.high = area->extent;
			break;
		case SHAPE_CIRCLE:
		case SHAPE_ELLIPSE:
			box.low = (PlanPoint){-area->extent.x, -area->extent.y};
			box.high = area->extent;
			break;
		case SHAPE_POLYGON:
			box.low = box.high = area->points[0];
			for (int i = 1; i < area->num_points; i++)
			{
				box.low.x = Min(box.low.x, area->points[i].x);
				box.low.y = Min(box.low.y, area->points[i].y);
				box.high.x = Max(box.high.x, area->points[i].x);
				box.high.y = Max(box.high.y, area->points[i].y);
			}
			break;
		case SHAPE_TEXT:
		case NUM_SHAPES:
			break;
	}
	return box;
}

/* Even-odd rule: count the edges that a ray to the right crosses. */
static bool
polygon_contains(const PlanArea *area, double x, double y)
{
	bool inside = false;

	for (int i = 0, j = area->num_points - 1; i < area->num_points; j = i++)
	{
		PlanPoint a = area->points[i];
		PlanPoint b = area->points[j];

		if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
			inside = !inside;
	}
	return inside;
}

static bool
area_contains(const PlanArea *area, double x, double y)
{
	switch (area->shape)
	{
		case SHAPE_RECTANGLE:
			return true; /* it is its own box */
		case SHAPE_CIRCLE:
		case SHAPE_ELLIPSE:
			x /= area->extent.x;
			y /= area->extent.y;
			return x * x + y * y <= 1;
		case SHAPE_POLYGON:
			return polygon_contains(area, x, y);
		default:
			return false;
	}
}

/* Turn about the area's position, and move there. */
static PlanPoint
to_absolute(const PlanArea *area, double x, double y)
{
	double angle = area->rotation * RADIANS_PER_DEGREE;
	PlanPoint point;

	point.x = area->position.x + x * cos(angle) - y * sin(angle);
	point.y = area->position.y + x * sin(angle) + y * cos(angle);
	return point;
}

/*
 * The points of a square grid that lie inside, up to num_places of them.  The
 * caller sees to it that the box is wider and higher than a step, and that the
 * grid has not too many points.
 */
static int
fill_grid(const PlanArea *area, PlanBox box, double step, int num_places, PlanPoint *places)
{
	int num_columns = (int) ((box.high.x - box.low.x) / step);
	int num_lines = (int) ((box.high.y - box.low.y) / step);
	double left = (box.low.x + box.high.x - (num_columns - 1) * step) / 2;
	double top = (box.low.y + box.high.y - (num_lines - 1) * step) / 2;
	int num_found = 0;

	for (int line = 0; line < num_lines; line++)
	{
		for (int column = 0; column < num_columns && num_found < num_places; column++)
		{
			double x = left + column * step;
			double y = top + line * step;

			CHECK_FOR_INTERRUPTS();
			if (area_contains(area, x, y))
				places[num_found++] = to_absolute(area, x, y);
		}
	}
	return num_found;
}

/*
 * Spread places evenly: on the first grid, of ever finer ones, with enough
 * points inside the area.  An area with hardly an inside has them all at the
 * centre of its box, as has a text.
 */
void
sl_plan_spread_places(const PlanArea *area, int num_places, PlanPoint *places)
{
	PlanBox box = box_around(area);
	double width = box.high.x - box.low.x;
	double height = box.high.y - box.low.y;
	double step = Min(sqrt(width * height / num_places), Min(width, height));
	PlanPoint centre;

	while (step > 0 && width * height / (step * step) <= (double) MAX_GRID_POINTS * num_places)
	{
		int num_found = fill_grid(area, box, step, num_places, places);

		if (num_found == num_places)
			return;
		step *= Min(GRID_SHRINK, sqrt(Max(num_found, 1.0) / num_places));
	}
	centre = to_absolute(area, (box.low.x + box.high.x) / 2, (box.low.y + box.high.y) / 2);
	for (int i = 0; i < num_places; i++)
		places[i] = centre;
}

PlanBox
sl_plan_area_box(const PlanArea *area)
{
	PlanBox flat = box_around(area);
	PlanBox box = {area->position, area->position};

	for (int i = 0; i < 4; i++)
	{
		PlanPoint corner =
			to_absolute(area, i & 1 ? flat.high.x : flat.low.x, i & 2 ? flat.high.y : flat.low.y);

		box.low.x = Min(box.low.x, corner.x);
		box.low.y = Min(box.low.y, corner.y);
		box.high.x = Max(box.high.x, corner.x);
		box.high.y = Max(box.high.y, corner.y);
	}
	return box;
}
