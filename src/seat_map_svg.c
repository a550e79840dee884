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

#include "plan_area.h"
#include "seat_map_svg.h"

#define FONT "Helvetica, Arial, sans-serif"
#define PAGE_WIDTH 1200 /* pixels, where a viewer does not decide */

/* least width of a picture, letters in areas, the stage: in steps */
#define MIN_WIDTH_STEPS 20.0
#define AREA_TEXT_STEPS 1.2
#define STAGE_WIDTH_SHARE 0.5
#define STAGE_DEPTH_STEPS 1.8
/* small letters: so many to the picture's width */
#define UNITS_PER_WIDTH 75.0
#define TITLE_HEIGHT 3.4
#define LEGEND_GAP 0.6
/* steps that are written as they are; viewers cannot draw very small letters */
#define MIN_STEP 2.0
#define MAX_STEP 1000.0

static PlanBox stack_panels(const SeatMap *map, SvgPanel *panels);
static void write_head(const SvgPicture *picture, const PlanBox *box);
static void lay_out_panel(const SvgPicture *picture, SvgPanel *panel, int layer);
static void write_panel(const SvgPicture *picture, const SvgPanel *panel, StringInfo headings);
static void write_area(const SvgPicture *picture, const PlanArea *area);
static void write_stage(const SvgPicture *picture, const PlanBox *box);

static void
extend_box(PlanBox *box, const PlanBox *other)
{
	sl_seat_map_extend(box, other->low);
	sl_seat_map_extend(box, other->high);
}

static PlanBox
widen_box(PlanBox box, double margin)
{
	box.low.x -= margin;
	box.low.y -= margin;
	box.high.x += margin;
	box.high.y += margin;
	return box;
}

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

/* What the width of the picture will be, nearly. */
static double
seats_width(const SeatMap *map)
{
	PlanBox box = {{0, 0}, {0, 0}};

	for (int i = 0; i < map->num_sections; i++)
	{
		if (i == 0)
			box = map->sections[0].box;
		extend_box(&box, &map->sections[i].box);
	}
	return box.high.x - box.low.x;
}

/*
 * The parts of the picture are laid out before anything is written, since the
 * head of the document tells its size.  Headings, which look for free places,
 * and the legend are written aside until their turn comes.
 */
void
sl_seat_map_svg(const SeatMap *map, StringInfo out)
{
	SvgPicture picture = {map, out, choose_zoom(map->step), 0, 0};
	SvgPanel *panels = palloc0(sizeof(SvgPanel) * map->num_layers);
	StringInfoData *headings = palloc(sizeof(StringInfoData) * map->num_layers);
	StringInfoData legend;
	PlanBox box;

	picture.decimals = Max(0, 2 + (int) ceil(-log10(map->step * picture.zoom)));
	picture.unit = seats_width(map) / UNITS_PER_WIDTH;
	for (int i = 0; i < map->num_layers; i++)
	{
		initStringInfo(&headings[i]);
		picture.out = &headings[i];
		lay_out_panel(&picture, &panels[i], i);
	}
	box = stack_panels(map, panels);
	picture.unit = (box.high.x - box.low.x) / UNITS_PER_WIDTH;
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
		write_panel(&picture, &panels[i], &headings[i]);
	appendBinaryStringInfo(out, legend.data, legend.len);
	appendStringInfoString(out, "</svg>\n");
}

/* One below the other; returns the box around all of them. */
static PlanBox
stack_panels(const SeatMap *map, SvgPanel *panels)
{
	PlanBox box = {{0, 0}, {map->step, map->step}};
	double missing;

	for (int i = 0; i < map->num_layers; i++)
	{
		if (i == 0)
			box = panels[0].box;
		else
			panels[i].down = box.high.y + 2 * map->step - panels[i].box.low.y;
		panels[i].box.low.y += panels[i].down;
		panels[i].box.high.y += panels[i].down;
		extend_box(&box, &panels[i].box);
	}
	box = widen_box(box, map->step);
	missing = MIN_WIDTH_STEPS * map->step - (box.high.x - box.low.x);
	box.low.x -= Max(missing, 0) / 2;
	box.high.x += Max(missing, 0) / 2;
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

	appendStringInfo(out,
					 "<svg xmlns=\"http://www.w3.org/2000/svg\""
					 " xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%d\" height=\"%.0f\""
					 " viewBox=\"",
					 PAGE_WIDTH, ceil(PAGE_WIDTH * size.y / size.x));
	sl_svg_put_number(picture, box->low.x);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, box->low.y);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, size.x);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, size.y);
	appendStringInfoString(out, "\" font-family=\"" FONT "\" text-anchor=\"middle\">\n<title>");
	sl_svg_put_text(out, picture->map->event);
	appendStringInfoString(out, "</title>\n<rect fill=\"#fff\"");
	put_box(picture, box);
	appendStringInfoString(out, "/>\n<text fill=\"" SVG_TEXT_COLOR "\" font-weight=\"bold\"");
	sl_svg_put_point(picture, "x", "y",
					 (PlanPoint){box->low.x + size.x / 2, box->low.y + 2.4 * picture->unit});
	sl_svg_put_length(picture, "font-size", 1.8 * picture->unit);
	appendStringInfoChar(out, '>');
	sl_svg_put_text(out, picture->map->event);
	appendStringInfoString(out, "</text>\n");
}

/* A stage of our own, above the seats. */
static PlanBox
place_stage(const SvgPicture *picture, const SvgPanel *panel)
{
	double step = picture->map->step;
	double middle = (panel->seats.low.x + panel->seats.high.x) / 2;
	double width = panel->seats.high.x - panel->seats.low.x + step;
	double depth = Max(STAGE_DEPTH_STEPS * step, 0.05 * width);
	double low;

	width = Max(STAGE_WIDTH_SHARE * width, 4 * depth);
	low = panel->box.low.y - Max(step, depth / 4);
	return (PlanBox){{middle - width / 2, low - depth}, {middle + width / 2, low}};
}

/* Letters of a text that the plan gives no size. */
static double
area_text_size(const SvgPicture *picture, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	double size = AREA_TEXT_STEPS * picture->map->step;
	double width = sl_svg_text_width(area->text, size);

	if (area->text_size > 0)
		return area->text_size;
	if (area->shape != SHAPE_TEXT && width > box.high.x - box.low.x)
		size *= Max((box.high.x - box.low.x) / width, 0.5);
	return size;
}

/* Around an area and its text, whichever way that is turned. */
static PlanBox
drawn_box(const SvgPicture *picture, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	double angle = area->rotation * M_PI / 180;
	PlanPoint at = area->text_position;
	double size;
	double reach;

	if (area->text == NULL || area->section != PLAN_NO_SECTION)
		return box;
	at = (PlanPoint){area->position.x + at.x * cos(angle) - at.y * sin(angle),
					 area->position.y + at.x * sin(angle) + at.y * cos(angle)};
	size = area_text_size(picture, area);
	reach = sl_svg_text_width(area->text, size) / 2;
	sl_seat_map_extend(&box, (PlanPoint){at.x - fabs(cos(angle)) * reach - size / 2,
										 at.y - fabs(sin(angle)) * reach - size / 2});
	sl_seat_map_extend(&box, (PlanPoint){at.x + fabs(cos(angle)) * reach + size / 2,
										 at.y + fabs(sin(angle)) * reach + size / 2});
	return box;
}

static void
lay_out_panel(const SvgPicture *picture, SvgPanel *panel, int layer)
{
	const SeatMap *map = picture->map;
	double reach = 0;
	bool is_empty = true;

	panel->layer = layer;
	panel->taken = palloc(sizeof(PlanBox) * (map->num_areas + map->num_sections + 1));
	for (int i = 0; i < map->num_sections; i++)
	{
		const MapSection *section = &map->sections[i];

		if (section->layer != layer)
			continue;
		if (is_empty)
			panel->seats = section->box;
		extend_box(&panel->seats, &section->box);
		reach = Max(reach, sl_svg_row_label_reach(picture, section));
		is_empty = false;
	}
	panel->box = widen_box(panel->seats, map->step);
	panel->box.low.x = Min(panel->box.low.x, panel->seats.low.x - reach);
	panel->box.high.x = Max(panel->box.high.x, panel->seats.high.x + reach);
	for (int i = 0; i < map->num_areas; i++)
	{
		PlanBox box = drawn_box(picture, &map->areas[i]);

		if (!area_is_shown(map, &map->areas[i], layer))
			continue;
		extend_box(&panel->box, &box);
		panel->taken[panel->num_taken++] = box;
	}
	appendStringInfoString(picture->out, "<g class=\"sections\" fill=\"#555555\""
										 " font-weight=\"bold\">\n");
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].layer == layer)
			sl_svg_write_heading(picture, panel, &map->sections[i]);
	}
	appendStringInfoString(picture->out, "</g>\n");
	if (map->stage == NULL)
	{
		panel->stage = place_stage(picture, panel);
		extend_box(&panel->box, &panel->stage);
	}
}

static void
write_panel(const SvgPicture *picture, const SvgPanel *panel, StringInfo headings)
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
	if (map->stage == NULL)
		write_stage(picture, &panel->stage);
	for (int i = 0; i < map->num_sections; i++)
	{
		const MapSection *section = &map->sections[i];

		if (section->layer != panel->layer)
			continue;
		if (!section->general_admission)
			sl_svg_write_row_labels(picture, section);
		sl_svg_write_seats(picture, section);
	}
	appendBinaryStringInfo(out, headings->data, headings->len);
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
	if (area->color)
		sl_svg_put_color(out, "fill", area->color, "none");
	else
		appendStringInfoString(out, " fill=\"none\"");
	if (area->border_color)
		sl_svg_put_color(out, "stroke", area->border_color, "none");
	sl_svg_put_length(picture, "stroke-width", picture->map->step / 12);
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

static void
write_stage(const SvgPicture *picture, const PlanBox *box)
{
	StringInfo out = picture->out;
	double depth = box->high.y - box->low.y;
	double slant = depth / 2;

	appendStringInfoString(out, "<g class=\"stage\"><polygon fill=\"#CFD8DC\" points=\"");
	for (int i = 0; i < 4; i++)
	{
		/* clockwise, narrower at the back */
		double x = i == 0 || i == 3 ? box->low.x : box->high.x;

		if (i < 2)
			x += i == 0 ? slant : -slant;
		sl_svg_put_number(picture, x);
		appendStringInfoChar(out, ',');
		sl_svg_put_number(picture, i < 2 ? box->low.y : box->high.y);
		appendStringInfoChar(out, i < 3 ? ' ' : '"');
	}
	appendStringInfoString(out, "/><text dy=\".35em\" fill=\"" SVG_TEXT_COLOR "\"");
	sl_svg_put_point(picture, "x", "y",
					 (PlanPoint){(box->low.x + box->high.x) / 2, (box->low.y + box->high.y) / 2});
	sl_svg_put_length(picture, "font-size", 0.5 * depth);
	appendStringInfoString(out, ">Stage</text></g>\n");
}
