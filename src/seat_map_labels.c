/*-------------------------------------------------------------------------
 *
 * seat_map_labels.c
 *		Row letters and section names of the SVG picture.
 *
 * They go where no seat is: a row's letter before its first seat, else behind
 * its last, else nowhere; a section's name above it, else below, left or right,
 * and only if nowhere is room across it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "plan_area.h"
#include "seat_map_svg.h"

/* radius of a seat: so much of the distance to the nearest one */
#define RADIUS_SHARE 0.42
/* radii are cut to powers of this, so that sections share symbols */
#define RADIUS_STEP 1.05

/* sizes of letters, in steps of the section */
#define ROW_LETTER_STEPS 0.6
#define MIN_HEADING_STEPS 0.6

/* bold letters are wider than others by this */
#define HEADING_WIDTH 1.15

/* the place of a heading is looked at in so many points a side, at most */
#define MAX_PROBES 100

/* where a section's name may go, best place first */
typedef enum HeadingPlace
{
	HEADING_ABOVE,
	HEADING_LEFT,
	HEADING_RIGHT,
	HEADING_BELOW, /* last: it may be taken for the next section's */
	NUM_HEADING_PLACES
} HeadingPlace;

double
sl_svg_seat_radius(const MapSection *section)
{
	double radius = RADIUS_SHARE * section->gap;

	return pow(RADIUS_STEP, floor(log(radius) / log(RADIUS_STEP)));
}

/* The middle of a row's letter, beyond a seat as seen from the seat next to it. */
static PlanPoint
place_letter(const MapSection *section, const MapSeat *seat, const MapSeat *next, double size)
{
	PlanPoint place = seat->position;
	PlanPoint away = {-1, 0};
	double reach = sl_svg_text_width(seat->row_label, size) / 2;

	if (next)
	{
		double x = seat->position.x - next->position.x;
		double y = seat->position.y - next->position.y;
		double length = hypot(x, y);

		if (length > 0)
			away = (PlanPoint){x / length, y / length};
	}
	reach = fabs(away.x) * reach + fabs(away.y) * size / 2;
	reach += sl_svg_seat_radius(section) + 0.3 * section->step;
	place.x += away.x * reach;
	place.y += away.y * reach;
	return place;
}

double
sl_svg_row_label_reach(const SvgPicture *picture, const MapSection *section)
{
	const MapSeat *seats = picture->map->seats;
	double widest = 0;

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		/* seats of one row share the text itself */
		if (seats[i].row_label &&
			(i == section->first_seat || seats[i].row_label != seats[i - 1].row_label))
			widest = Max(widest,
						 sl_svg_text_width(seats[i].row_label, ROW_LETTER_STEPS * section->step));
	}
	return widest + section->step;
}

static void
write_row_letter(const SvgPicture *picture, const MapSection *section, int first, int end,
				 double size)
{
	const MapSeat *seats = picture->map->seats;
	double clearance = 0.7 * Min(section->step, picture->map->step);
	bool single = end - first == 1;

	for (int side = 0; side < 2; side++)
	{
		const MapSeat *seat = &seats[side == 0 ? first : end - 1];
		const MapSeat *next = single ? NULL : (side == 0 ? seat + 1 : seat - 1);
		PlanPoint place = place_letter(section, seat, next, size);

		if (sl_seat_map_distance(picture->map, section->layer, place, clearance) < clearance)
			continue;
		place.y += 0.35 * size;
		appendStringInfoString(picture->out, "<text");
		sl_svg_put_point(picture, "x", "y", place);
		appendStringInfoChar(picture->out, '>');
		sl_svg_put_text(picture->out, seat->row_label);
		appendStringInfoString(picture->out, "</text>\n");
		return;
	}
}

void
sl_svg_write_row_labels(const SvgPicture *picture, const MapSection *section)
{
	const MapSeat *seats = picture->map->seats;
	double size = ROW_LETTER_STEPS * section->step;
	int end = section->first_seat + section->num_seats;
	int first = section->first_seat;

	appendStringInfoString(picture->out, "<g class=\"rows\" fill=\"#757575\"");
	sl_svg_put_length(picture, "font-size", size);
	appendStringInfoString(picture->out, ">\n");
	for (int i = first + 1; i <= end; i++)
	{
		if (i < end && seats[i].row_no == seats[first].row_no)
			continue;
		if (seats[first].row_label)
			write_row_letter(picture, section, first, i, size);
		first = i;
	}
	appendStringInfoString(picture->out, "</g>\n");
}

/*
 * Move the upper and lower side of the box around a section to where its seats
 * end about the middle: rows may be curved.
 */
static PlanBox
middle_part(const SvgPicture *picture, const MapSection *section, PlanBox around, double width)
{
	double middle = (around.low.x + around.high.x) / 2;
	PlanBox part = {{around.low.x, around.high.y}, {around.high.x, around.low.y}};

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		PlanPoint point = picture->map->seats[i].position;

		if (fabs(point.x - middle) > width / 2 + section->step)
			continue;
		part.low.y = Min(part.low.y, point.y);
		part.high.y = Max(part.high.y, point.y);
	}
	return part.low.y <= part.high.y ? part : around;
}

/* The box of a heading that is so wide. */
static PlanBox
place_heading(const MapSection *section, const PlanBox *around, HeadingPlace place, double size,
			  double width)
{
	PlanPoint middle = {(around->low.x + around->high.x) / 2, (around->low.y + around->high.y) / 2};
	double away = sl_svg_seat_radius(section) + 0.8 * size;
	/* row letters stand at the sides */
	double aside = away + 1.2 * section->step;
	bool upright = place == HEADING_LEFT || place == HEADING_RIGHT;
	double half_width = upright ? 0.6 * size : width / 2;
	double half_height = upright ? width / 2 : 0.6 * size;

	if (place == HEADING_ABOVE)
		middle.y = around->low.y - away;
	else if (place == HEADING_BELOW)
		middle.y = around->high.y + away;
	else if (place == HEADING_LEFT)
		middle.x = around->low.x - aside;
	else
		middle.x = around->high.x + aside;
	return (PlanBox){{middle.x - half_width, middle.y - half_height},
					 {middle.x + half_width, middle.y + half_height}};
}

static bool
box_is_clear(const SvgPicture *picture, const SvgPanel *panel, const PlanBox *box)
{
	double clearance = picture->map->step / 2;
	double width = box->high.x - box->low.x;
	double height = box->high.y - box->low.y;
	int num_columns = (int) Min(1 + width / clearance, MAX_PROBES);
	int num_lines = (int) Min(1 + height / clearance, MAX_PROBES);

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < panel->num_taken; i++)
	{
		const PlanBox *taken = &panel->taken[i];

		if (box->low.x < taken->high.x && box->high.x > taken->low.x &&
			box->low.y < taken->high.y && box->high.y > taken->low.y)
			return false;
	}
	for (int line = 0; line <= num_lines; line++)
	{
		for (int column = 0; column <= num_columns; column++)
		{
			PlanPoint point = {box->low.x + width * column / num_columns,
							   box->low.y + height * line / num_lines};

			if (sl_seat_map_distance(picture->map, panel->layer, point, clearance) < clearance)
				return false;
		}
	}
	return true;
}

static void
put_heading(const SvgPicture *picture, const PlanBox *box, bool upright, double size,
			const char *text)
{
	PlanPoint middle = {(box->low.x + box->high.x) / 2, (box->low.y + box->high.y) / 2};

	appendStringInfoString(picture->out, "<text transform=\"translate(");
	sl_svg_put_number(picture, middle.x);
	appendStringInfoChar(picture->out, ' ');
	sl_svg_put_number(picture, middle.y);
	appendStringInfo(picture->out, ")%s\" dy=\".35em\"", upright ? " rotate(-90)" : "");
	sl_svg_put_length(picture, "font-size", size);
	appendStringInfoChar(picture->out, '>');
	sl_svg_put_text(picture->out, text);
	appendStringInfoString(picture->out, "</text>\n");
}

/* Around a section's seats and the areas that it stands in. */
static PlanBox
section_box(const SeatMap *map, const MapSection *section)
{
	PlanBox box = section->box;

	for (int i = 0; i < map->num_areas && section->general_admission; i++)
	{
		const PlanArea *area = &map->areas[i];

		if (area->section != PLAN_NO_SECTION && &map->sections[area->section] == section)
		{
			PlanBox area_box = sl_plan_area_box(area);

			sl_seat_map_extend(&box, area_box.low);
			sl_seat_map_extend(&box, area_box.high);
		}
	}
	return box;
}

/* Nowhere is room: across the section itself, on a ground that lets it be read. */
static PlanBox
place_across(const SvgPicture *picture, const PlanBox *around, double size, double width)
{
	PlanPoint middle = {(around->low.x + around->high.x) / 2, (around->low.y + around->high.y) / 2};
	PlanBox box = {{middle.x - width / 2, middle.y - 0.6 * size},
				   {middle.x + width / 2, middle.y + 0.6 * size}};

	appendStringInfoString(picture->out, "<rect pointer-events=\"none\" fill=\"#fff\""
										 " fill-opacity=\".8\"");
	sl_svg_put_point(picture, "x", "y", box.low);
	sl_svg_put_point(picture, "width", "height",
					 (PlanPoint){box.high.x - box.low.x, box.high.y - box.low.y});
	appendStringInfoString(picture->out, "/>\n");
	return box;
}

void
sl_svg_write_heading(const SvgPicture *picture, SvgPanel *panel, const MapSection *section)
{
	PlanBox around = section_box(picture->map, section);
	double step = section->general_admission ? picture->map->step : section->step;
	/* in a large house, seats are too small to measure letters by */
	double size = Max(step, picture->unit);
	const char *text = section->name;
	double width;
	HeadingPlace place;
	PlanBox box;

	/* its places are too small to be counted by eye */
	if (section->general_admission)
		text = psprintf("%s: %d of %d free", section->name, section->counts.by_status[0],
						section->counts.total);
	width = HEADING_WIDTH * sl_svg_text_width(text, size);
	size *= Min(1, (around.high.x - around.low.x + step) / width);
	size = Max(size, MIN_HEADING_STEPS * step);
	width = HEADING_WIDTH * sl_svg_text_width(text, size);
	if (!section->general_admission)
		around = middle_part(picture, section, around, width);
	for (place = 0; place < NUM_HEADING_PLACES; place++)
	{
		box = place_heading(section, &around, place, size, width);
		if (box_is_clear(picture, panel, &box))
			break;
	}
	if (place == NUM_HEADING_PLACES)
	{
		size = Min(size, step);
		width = HEADING_WIDTH * sl_svg_text_width(text, size);
		box = place_across(picture, &around, size, width);
	}
	put_heading(picture, &box, place == HEADING_LEFT || place == HEADING_RIGHT, size, text);
	sl_seat_map_extend(&panel->box, box.low);
	sl_seat_map_extend(&panel->box, box.high);
	panel->taken[panel->num_taken++] = box;
}
