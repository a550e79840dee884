/*-------------------------------------------------------------------------
 *
 * seat_map_svg.c
 *		The seat map as a stand-alone SVG picture.
 *
 * Seats stand at their places in the coordinates of the plan; the picture is
 * cut to what there is to see.  Layers of a plan (floors that are drawn on top
 * of each other) become panels, one below the other.  The colour of a seat is
 * its category, its status is told by shape: a disc is free, a half-filled
 * ring held, a crossed square booked, a bar not for sale.  Each seat has a
 * title, which viewers show under the pointer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "picture/seat_map_svg.h"
#include "seating/plan_area.h"

#define FONT "Helvetica, Arial, sans-serif"
#define PAGE_WIDTH 1200 /* pixels, where a viewer does not decide */

/*
 * All letters and margins are measured in units: the small letters, so many to
 * the width of the house; in a small house, so many to a seat, and its picture
 * gets smaller instead of its seats huge.
 */
#define UNIT_PIXELS 16.0
#define UNITS_PER_HOUSE 72.0
#define UNITS_PER_HEIGHT 300.0 /* a column of seats is not drawn miles high */
#define UNITS_PER_GAP (1 / 0.35)
#define MIN_WIDTH 26.0
#define MAX_FITTED_WIDTH 60.0 /* how wide a picture is made for its longest texts */
#define TITLE_HEIGHT 3.4
#define TITLE_SIZE 1.8
#define TITLE_WIDTH 1.12 /* bold letters are wider than others by this */
#define LEGEND_GAP 0.6
#define STAGE_DEPTH 2.6
#define STAGE_WIDTH_SHARE 0.5
/* letters in areas: in gaps of seats, and at most in units */
#define AREA_TEXT_GAPS 1.2
#define AREA_TEXT_UNITS 1.35
/* digits of lengths; what is smaller cannot be told apart */
#define MAX_DECIMALS 9
/* steps that are written as they are; viewers cannot draw very small letters */
#define MIN_STEP 2.0
#define MAX_STEP 1000.0

static PlanBox stack_panels(const SvgPicture *picture, SvgPanel *panels);
static PlanBox fit_texts(const SvgPicture *picture, PlanBox box);
static void write_head(const SvgPicture *picture, const PlanBox *box);
static void lay_out_panel(const SvgPicture *picture, SvgPanel *panel, int layer);
static void write_panel(const SvgPicture *picture, const SvgPanel *panel);
static void write_area(const SvgPicture *picture, const PlanArea *area);
static void write_stage(const SvgPicture *picture, const SvgPanel *panel);

/* Areas to stand in belong to the layer of their section, others to all. */
static bool
area_is_shown(const SeatMap *map, const PlanArea *area, int layer)
{
	return area->section == PLAN_NO_SECTION || map->sections[area->section].layer == layer;
}

/* A power of ten, so that coordinates of the plan are still recognized. */
static double
choose_zoom(double step)
{
	double zoom = 1;

	while (step * zoom < MIN_STEP)
		zoom *= 10;
	while (step * zoom > MAX_STEP)
		zoom /= 10;
	return zoom;
}

/* The size of small letters in a picture of all seats and areas. */
static double
choose_unit(const SeatMap *map)
{
	PlanBox box = {{0, 0}, {0, 0}};

	for (int i = 0; i < map->num_sections; i++)
	{
		if (i == 0)
			box = map->sections[0].box;
		sl_svg_extend(&box, &map->sections[i].box);
	}
	for (int i = 0; i < map->num_areas; i++)
	{
		PlanBox area = sl_plan_area_box(&map->areas[i]);

		sl_svg_extend(&box, &area);
	}
	return Max(Max((box.high.x - box.low.x) / UNITS_PER_HOUSE,
				   (box.high.y - box.low.y) / UNITS_PER_HEIGHT),
			   map->gap / UNITS_PER_GAP);
}

/*
 * The parts of the picture are laid out before anything is written, since the
 * head of the document tells its size; the legend is written aside.
 */
void
sl_seat_map_svg(const SeatMap *map, StringInfo out)
{
	SvgPicture picture = {map, out, choose_zoom(map->step), 0, choose_unit(map)};
	SvgPanel *panels = palloc0(sizeof(SvgPanel) * map->num_layers);
	double digits = 2 + ceil(-log10(map->gap * picture.zoom));
	StringInfoData legend;
	PlanBox box;

	picture.decimals = (int) Min(Max(digits, 0), MAX_DECIMALS);
	for (int i = 0; i < map->num_layers; i++)
		lay_out_panel(&picture, &panels[i], i);
	box = fit_texts(&picture, stack_panels(&picture, panels));
	initStringInfo(&legend);
	picture.out = &legend;
	box.high.y += LEGEND_GAP * picture.unit;
	box.high.y += sl_svg_write_legend(&picture, (PlanPoint){box.low.x + picture.unit, box.high.y},
									  box.high.x - box.low.x - 2 * picture.unit);
	box.low.y -= TITLE_HEIGHT * picture.unit;

	picture.out = out;
	write_head(&picture, &box);
	sl_svg_write_symbols(&picture);
	for (int i = 0; i < map->num_layers; i++)
		write_panel(&picture, &panels[i]);
	appendBinaryStringInfo(out, legend.data, legend.len);
	appendStringInfoString(out, "</svg>\n");
}

/* One below the other; returns the box around all of them. */
static PlanBox
stack_panels(const SvgPicture *picture, SvgPanel *panels)
{
	PlanBox box = {{0, 0}, {picture->unit, picture->unit}};

	for (int i = 0; i < picture->map->num_layers; i++)
	{
		if (i == 0)
			box = panels[0].box;
		else
			panels[i].down = box.high.y + 2 * picture->unit - panels[i].box.low.y;
		panels[i].box.low.y += panels[i].down;
		panels[i].box.high.y += panels[i].down;
		sl_svg_extend(&box, &panels[i].box);
	}
	return sl_svg_widen(box, picture->unit);
}

/* Wide enough for the title and the legend, within reason. */
static PlanBox
fit_texts(const SvgPicture *picture, PlanBox box)
{
	double margin = 2 * picture->unit;
	double title = sl_svg_text_width(picture->map->event, TITLE_WIDTH * TITLE_SIZE * picture->unit);
	double wanted = Max(title, sl_svg_legend_width(picture)) + margin;
	double missing;

	wanted = Max(Min(wanted, MAX_FITTED_WIDTH * picture->unit), MIN_WIDTH * picture->unit);
	missing = Max(wanted - (box.high.x - box.low.x), 0);
	box.low.x -= missing / 2;
	box.high.x += missing / 2;
	return box;
}

static void
put_box(const SvgPicture *picture, const PlanBox *box)
{
	sl_svg_put_point(picture, "x", "y", box->low);
	sl_svg_put_point(picture, "width", "height",
					 (PlanPoint){box->high.x - box->low.x, box->high.y - box->low.y});
}

static void
write_head(const SvgPicture *picture, const PlanBox *box)
{
	StringInfo out = picture->out;
	PlanPoint size = {box->high.x - box->low.x, box->high.y - box->low.y};
	double width = Min(PAGE_WIDTH, UNIT_PIXELS * size.x / picture->unit);
	const char *event = picture->map->event;
	double letters = TITLE_SIZE * picture->unit;

	letters *= Min(1, (size.x - picture->unit) / sl_svg_text_width(event, TITLE_WIDTH * letters));
	appendStringInfo(out,
					 "<svg xmlns=\"http://www.w3.org/2000/svg\""
					 " xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%.0f\" height=\"%.0f\""
					 " viewBox=\"",
					 width, ceil(width * size.y / size.x));
	sl_svg_put_number(picture, box->low.x);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, box->low.y);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, size.x);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, size.y);
	appendStringInfoString(out, "\" font-family=\"" FONT "\" text-anchor=\"middle\">\n<title>");
	sl_svg_put_text(out, event);
	appendStringInfoString(out, "</title>\n<rect fill=\"#fff\"");
	put_box(picture, box);
	appendStringInfoString(out, "/>\n<text fill=\"" SVG_TEXT_COLOR "\" font-weight=\"bold\"");
	sl_svg_put_point(picture, "x", "y",
					 (PlanPoint){box->low.x + size.x / 2, box->low.y + 2.4 * picture->unit});
	sl_svg_put_length(picture, "font-size", letters);
	appendStringInfoChar(out, '>');
	sl_svg_put_text(out, event);
	appendStringInfoString(out, "</text>\n");
}

/* A stage of our own, where the rows begin. */
static PlanBox
place_stage(const SvgPicture *picture, const SvgPanel *panel)
{
	double depth = STAGE_DEPTH * picture->unit;
	double middle = (panel->inner.low.x + panel->inner.high.x) / 2;
	double width = panel->inner.high.x - panel->inner.low.x + picture->map->gap;
	double low = panel->box.low.y - picture->unit - depth;

	if (panel->front == FRONT_BELOW)
		low = panel->box.high.y + picture->unit;
	width = Max(STAGE_WIDTH_SHARE * width, 4 * depth);
	return (PlanBox){{middle - width / 2, low}, {middle + width / 2, low + depth}};
}

/* Letters of a text that the plan gives no size. */
static double
area_text_size(const SvgPicture *picture, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	double size = Min(AREA_TEXT_GAPS * picture->map->gap, AREA_TEXT_UNITS * picture->unit);
	double width = sl_svg_text_width(area->text, size);

	if (area->text_size > 0)
		return area->text_size;
	if (area->shape != SHAPE_TEXT && width > box.high.x - box.low.x)
		size *= Max((box.high.x - box.low.x) / width, 0.5);
	return size;
}

/* Around the text of an area, whichever way it is turned. */
static PlanBox
text_box(const SvgPicture *picture, const PlanArea *area)
{
	double angle = area->rotation * M_PI / 180;
	PlanPoint at = area->text_position;
	double size = area_text_size(picture, area);
	double reach = sl_svg_text_width(area->text, size) / 2;
	PlanPoint half = {fabs(cos(angle)) * reach + size / 2, fabs(sin(angle)) * reach + size / 2};

	at = (PlanPoint){area->position.x + at.x * cos(angle) - at.y * sin(angle),
					 area->position.y + at.x * sin(angle) + at.y * cos(angle)};
	return (PlanBox){{at.x - half.x, at.y - half.y}, {at.x + half.x, at.y + half.y}};
}

/* Headings keep clear of an area, or where seats stand on it of its text. */
static void
lay_out_area(const SvgPicture *picture, SvgPanel *panel, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	bool is_ground = sl_seat_map_is_ground(picture->map, area);

	sl_svg_extend(&panel->box, &box);
	if (area->section != PLAN_NO_SECTION)
		sl_svg_extend(&panel->inner, &box);
	else if (area->text)
	{
		PlanBox text = text_box(picture, area);

		sl_svg_extend(&panel->box, &text);
		if (is_ground)
			box = text;
		else
			sl_svg_extend(&box, &text);
	}
	else if (is_ground)
		return;
	panel->taken[panel->num_taken++] = box;
}

static void
lay_out_panel(const SvgPicture *picture, SvgPanel *panel, int layer)
{
	const SeatMap *map = picture->map;
	bool is_empty = true;

	panel->layer = layer;
	panel->taken = palloc(sizeof(PlanBox) * (map->num_areas + map->num_sections));
	panel->headings = palloc(sizeof(SvgText) * map->num_sections);
	panel->letters_of = palloc0(sizeof(SvgLetters) * map->num_sections);
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].layer != layer)
			continue;
		if (is_empty)
			panel->inner = map->sections[i].box;
		sl_svg_extend(&panel->inner, &map->sections[i].box);
		is_empty = false;
	}
	panel->box = sl_svg_widen(panel->inner, map->gap / 2);
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].layer == layer)
			sl_svg_lay_out_letters(picture, panel, &map->sections[i]);
	}
	for (int i = 0; i < map->num_areas; i++)
	{
		if (area_is_shown(map, &map->areas[i], layer))
			lay_out_area(picture, panel, &map->areas[i]);
	}
	sl_svg_lay_out_headings(picture, panel);
	panel->front = map->stage == NULL ? sl_seat_map_front(map, layer) : FRONT_UNKNOWN;
	if (panel->front != FRONT_UNKNOWN)
	{
		panel->stage = place_stage(picture, panel);
		sl_svg_extend(&panel->box, &panel->stage);
	}
}

static void
write_panel(const SvgPicture *picture, const SvgPanel *panel)
{
	const SeatMap *map = picture->map;
	StringInfo out = picture->out;

	appendStringInfoString(out, "<g class=\"floor\" transform=\"translate(0 ");
	sl_svg_put_number(picture, panel->down);
	appendStringInfoString(out, ")\">\n");
	for (int i = 0; i < map->num_areas; i++)
	{
		if (area_is_shown(map, &map->areas[i], panel->layer))
			write_area(picture, &map->areas[i]);
	}
	if (panel->front != FRONT_UNKNOWN)
		write_stage(picture, panel);
	sl_svg_write_letters(picture, panel);
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].layer == panel->layer)
			sl_svg_write_seats(picture, &map->sections[i]);
	}
	sl_svg_write_headings(picture, panel);
	appendStringInfoString(out, "</g>\n");
}

static void
put_shape(const SvgPicture *picture, const PlanArea *area)
{
	StringInfo out = picture->out;

	switch (area->shape)
	{
		case SHAPE_RECTANGLE:
			appendStringInfoString(out, "<rect");
			sl_svg_put_point(picture, "width", "height", area->extent);
			break;
		case SHAPE_CIRCLE:
		case SHAPE_ELLIPSE:
			appendStringInfoString(out, "<ellipse");
			sl_svg_put_point(picture, "rx", "ry", area->extent);
			break;
		case SHAPE_POLYGON:
			appendStringInfoString(out, "<polygon points=\"");
			for (int i = 0; i < area->num_points; i++)
			{
				sl_svg_put_number(picture, area->points[i].x);
				appendStringInfoChar(out, ',');
				sl_svg_put_number(picture, area->points[i].y);
				appendStringInfoChar(out, ' ');
			}
			appendStringInfoChar(out, '"');
			break;
		case SHAPE_TEXT:
		case NUM_SHAPES:
			return;
	}
	sl_svg_put_color(out, "fill", area->color, "none");
	/* what the plan gives no color is seen by its edge */
	sl_svg_put_color(out, "stroke", area->border_color, area->color ? "none" : "#999999");
	sl_svg_put_length(picture, "stroke-width", picture->map->gap / 12);
	appendStringInfoString(out, "/>\n");
}

/* The text of an area to stand in is left to its section's heading. */
static void
write_area(const SvgPicture *picture, const PlanArea *area)
{
	StringInfo out = picture->out;

	appendStringInfo(out, "<g class=\"%s\" transform=\"translate(",
					 area == picture->map->stage ? "stage" : "area");
	sl_svg_put_number(picture, area->position.x);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, area->position.y);
	appendStringInfo(out, ") rotate(%g)\">\n", area->rotation);
	put_shape(picture, area);
	if (area->text && area->section == PLAN_NO_SECTION)
	{
		appendStringInfoString(out, "<text dy=\".35em\"");
		sl_svg_put_point(picture, "x", "y", area->text_position);
		sl_svg_put_length(picture, "font-size", area_text_size(picture, area));
		sl_svg_put_color(out, "fill", area->text_color, SVG_TEXT_COLOR);
		appendStringInfoChar(out, '>');
		sl_svg_put_text(out, area->text);
		appendStringInfoString(out, "</text>\n");
	}
	appendStringInfoString(out, "</g>\n");
}

/* It is wider where the house begins. */
static void
write_stage(const SvgPicture *picture, const SvgPanel *panel)
{
	StringInfo out = picture->out;
	const PlanBox *box = &panel->stage;
	double slant = (box->high.y - box->low.y) / 2;
	double upper = panel->front == FRONT_ABOVE ? slant : 0;
	double lower = panel->front == FRONT_ABOVE ? 0 : slant;
	PlanPoint corners[] = {{box->low.x + upper, box->low.y},
						   {box->high.x - upper, box->low.y},
						   {box->high.x - lower, box->high.y},
						   {box->low.x + lower, box->high.y}};
	SvgText text = {.text = "Stage", .box = *box, .size = AREA_TEXT_UNITS * picture->unit};

	appendStringInfoString(out, "<g class=\"stage\" fill=\"" SVG_TEXT_COLOR "\">"
								"<polygon fill=\"#CFD8DC\" points=\"");
	for (int i = 0; i < lengthof(corners); i++)
	{
		sl_svg_put_number(picture, corners[i].x);
		appendStringInfoChar(out, ',');
		sl_svg_put_number(picture, corners[i].y);
		appendStringInfoChar(out, i + 1 < lengthof(corners) ? ' ' : '"');
	}
	appendStringInfoString(out, "/>");
	sl_svg_put_label(picture, &text);
	appendStringInfoString(out, "</g>\n");
}
