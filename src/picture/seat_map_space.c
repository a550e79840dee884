/*-------------------------------------------------------------------------
 *
 * seat_map_space.c
 *		What room there is in a panel of the SVG picture.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "picture/seat_map_svg.h"

/* from a seat's centre, as a share of its section's gap: a bit more than its radius */
#define CLEARANCE 0.47

void
sl_svg_extend(PlanBox *box, const PlanBox *other)
{
	sl_seat_map_extend(box, other->low);
	sl_seat_map_extend(box, other->high);
}

PlanBox
sl_svg_widen(PlanBox box, double margin)
{
	box.low.x -= margin;
	box.low.y -= margin;
	box.high.x += margin;
	box.high.y += margin;
	return box;
}

static bool
boxes_overlap(const PlanBox *a, const PlanBox *b)
{
	return a->low.x < b->high.x && a->high.x > b->low.x && a->low.y < b->high.y &&
		   a->high.y > b->low.y;
}

bool
sl_svg_is_clear_of_rows(const SvgPicture *picture, const SvgPanel *panel, const PlanBox *box)
{
	const SeatMap *map = picture->map;

	CHECK_FOR_INTERRUPTS();
	if (!sl_seat_map_box_is_free(map, panel->layer, box, CLEARANCE))
		return false;
	for (int i = 0; i < map->num_sections; i++)
	{
		const SvgLetters *letters = &panel->letters_of[i];

		if (letters->count == 0 || !boxes_overlap(box, &letters->box))
			continue;
		for (int k = letters->first; k < letters->first + letters->count; k++)
		{
			if (boxes_overlap(box, &panel->letters[k].box))
				return false;
		}
	}
	return true;
}

bool
sl_svg_is_clear(const SvgPicture *picture, const SvgPanel *panel, const PlanBox *box)
{
	for (int i = 0; i < panel->num_taken; i++)
	{
		if (boxes_overlap(box, &panel->taken[i]))
			return false;
	}
	return sl_svg_is_clear_of_rows(picture, panel, box);
}
