/*-------------------------------------------------------------------------
 *
 * svg_letters.c
 *		Row letters of the SVG picture.
 *
 * They go to the ends of their row where no seat and no other letter is, and
 * are made smaller when that is neither.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "base/grow.h"
#include "picture/seat_map_svg.h"

/* sizes of letters: in gaps of the section, and at most in units */
#define LETTER_GAPS 0.6
#define MAX_LETTER_UNITS 1.0
/* the smaller size, as a share of the other */
#define SMALL_LETTER 0.7
/* from a seat's edge to its row's letter, in gaps */
#define LETTER_DISTANCE 0.3
/* to the letters at its sides, as a share of its size */
#define SPACE_ASIDE 0.1
/* half the height of capital letters, as a share of their size */
#define HALF_LETTER 0.4

/* The box of a row's letter, beyond a seat as seen from the seat next to it. */
static PlanBox
place_letter(const MapSection *section, const MapSeat *seat, const MapSeat *next, double size)
{
	PlanPoint away = {-1, 0};
	PlanPoint half = {sl_svg_text_width(seat->row_label, size) / 2 + SPACE_ASIDE * size,
					  HALF_LETTER * size};
	PlanPoint middle = seat->position;
	double reach;

	if (next)
	{
		double x = seat->position.x - next->position.x;
		double y = seat->position.y - next->position.y;
		double length = hypot(x, y);

		if (length > 0)
			away = (PlanPoint){x / length, y / length};
	}
	reach = fabs(away.x) * half.x + fabs(away.y) * half.y;
	reach += sl_svg_seat_radius(section) + LETTER_DISTANCE * section->gap;
	middle.x += away.x * reach;
	middle.y += away.y * reach;
	return (PlanBox){{middle.x - half.x, middle.y - half.y},
					 {middle.x + half.x, middle.y + half.y}};
}

static void
add_letter(SvgPanel *panel, SvgLetters *letters, const char *label, PlanBox box, double size)
{
	panel->letters =
		grow_array(panel->letters, panel->num_letters, &panel->max_letters, sizeof(SvgText));
	panel->letters[panel->num_letters++] = (SvgText){.text = label, .box = box, .size = size};
	if (letters->count++ == 0)
		letters->box = box;
	sl_svg_extend(&letters->box, &box);
	sl_svg_extend(&panel->box, &box);
}

/* A letter at one end of a row; false if there is no room. */
static bool
lay_out_letter(const SvgPicture *picture, SvgPanel *panel, const MapSection *section,
			   const MapSeat *seat, const MapSeat *next, double size)
{
	PlanBox box = place_letter(section, seat, next, size);

	if (!sl_svg_is_clear_of_rows(picture, panel, &box))
		return false;
	add_letter(panel, &panel->letters_of[section - picture->map->sections], seat->row_label, box,
			   size);
	return true;
}

/* The letters of the row of the seats from first to last. */
static void
lay_out_row(const SvgPicture *picture, SvgPanel *panel, const MapSection *section,
			const MapSeat *first, const MapSeat *last)
{
	double size = Min(LETTER_GAPS * section->gap, MAX_LETTER_UNITS * picture->unit);
	bool single = first == last;
	bool done = false;

	for (int i = 0; i < 2 && !done; i++)
	{
		done = lay_out_letter(picture, panel, section, first, single ? NULL : first + 1, size);
		if (!single && lay_out_letter(picture, panel, section, last, last - 1, size))
			done = true;
		size *= SMALL_LETTER;
	}
}

void
sl_svg_lay_out_letters(const SvgPicture *picture, SvgPanel *panel, const MapSection *section)
{
	const MapSeat *seats = picture->map->seats;
	int end = section->first_seat + section->num_seats;
	int first = section->first_seat;

	panel->letters_of[section - picture->map->sections].first = panel->num_letters;
	if (section->general_admission)
		return;
	for (int i = first + 1; i <= end; i++)
	{
		if (i < end && seats[i].row_no == seats[first].row_no)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (seats[first].row_label)
			lay_out_row(picture, panel, section, &seats[first], &seats[i - 1]);
		first = i;
	}
}

void
sl_svg_write_letters(const SvgPicture *picture, const SvgPanel *panel)
{
	appendStringInfoString(picture->out, "<g class=\"rows\" fill=\"#757575\">\n");
	for (int i = 0; i < panel->num_letters; i++)
		sl_svg_put_label(picture, &panel->letters[i]);
	appendStringInfoString(picture->out, "</g>\n");
}
