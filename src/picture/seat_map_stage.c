/*-------------------------------------------------------------------------
 *
 * seat_map_stage.c
 *		What the seats of a map look at: the stage that the plan draws, or else
 *		the side on which the rows begin.
 *
 * A picture shows a stage of its own only where the plan draws none and the
 * rows say where it is.  Tables, single rows and stands around a hall do not
 * say, and a stage that is not there would mislead a buyer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "picture/seat_map.h"
#include "seating/plan_area.h"

/* so many seats are asked whether they stand on an area */
#define SAMPLE_SIZE 1000
/* an area with more of the seats inside is the ground they stand on */
#define GROUND_SHARE 0.02
/* what is not called a stage is at least so long, as a share of the house */
#define STAGE_SHARE 0.2
/* rows nearer than so many steps are at one height */
#define LEVEL_STEPS 0.1
/* rows say where they begin when so many of them lie behind the one before */
#define BEHIND_SHARE 0.5

/* How the rows of a section follow each other. */
typedef struct RowSteps
{
	int down;
	int up;
	int level;
} RowSteps;

bool
sl_seat_map_is_ground(const SeatMap *map, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	int stride = Max(map->num_seats / SAMPLE_SIZE, 1);
	int num_inside = 0;
	int num_asked = 0;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < map->num_seats; i += stride, num_asked++)
	{
		PlanPoint point = map->seats[i].position;

		if (point.x >= box.low.x && point.x <= box.high.x && point.y >= box.low.y &&
			point.y <= box.high.y)
			num_inside++;
	}
	return num_inside > GROUND_SHARE * num_asked;
}

static double
longer_side(const PlanBox *box)
{
	return Max(box->high.x - box->low.x, box->high.y - box->low.y);
}

/*
 * The first area that is a stage by the plan, else the largest that is only
 * drawn and has no seats on it (a stage in a language that we do not know, a
 * playing field without a name), unless it is small beside the house.
 */
const PlanArea *
sl_seat_map_find_stage(const SeatMap *map)
{
	const PlanArea *stage = NULL;
	double stage_size = 0;
	double least_side;
	PlanBox seats = {{0, 0}, {0, 0}};

	for (int i = 0; i < map->num_sections; i++)
	{
		if (i == 0)
			seats = map->sections[i].box;
		sl_seat_map_extend(&seats, map->sections[i].box.low);
		sl_seat_map_extend(&seats, map->sections[i].box.high);
	}
	least_side = STAGE_SHARE * longer_side(&seats);
	for (int i = 0; i < map->num_areas; i++)
	{
		if (map->areas[i].is_stage)
			return &map->areas[i];
	}
	for (int i = 0; i < map->num_areas; i++)
	{
		const PlanArea *area = &map->areas[i];
		PlanBox box = sl_plan_area_box(area);
		double size = (box.high.x - box.low.x) * (box.high.y - box.low.y);

		if (area->capacity == 0 && area->shape != SHAPE_TEXT && size > stage_size &&
			longer_side(&box) >= least_side && !sl_seat_map_is_ground(map, area))
		{
			stage = area;
			stage_size = size;
		}
	}
	return stage;
}

static void
count_step(RowSteps *steps, double from, double to, double tolerance)
{
	if (to > from + tolerance)
		steps->down++;
	else if (to < from - tolerance)
		steps->up++;
	else
		steps->level++;
}

/* Rows are looked at by the mean height of their seats: they may be curved. */
static RowSteps
count_row_steps(const SeatMap *map, const MapSection *section)
{
	RowSteps steps = {0, 0, 0};
	int end = section->first_seat + section->num_seats;
	int first = section->first_seat;
	double before = 0;
	double sum = 0;

	for (int i = first; i <= end; i++)
	{
		if (i == end || map->seats[i].row_no != map->seats[first].row_no)
		{
			double height = sum / (i - first);

			if (first > section->first_seat)
				count_step(&steps, before, height, LEVEL_STEPS * section->step);
			before = height;
			first = i;
			sum = 0;
		}
		if (i < end)
			sum += map->seats[i].position.y;
	}
	return steps;
}

MapFront
sl_seat_map_section_front(const SeatMap *map, const MapSection *section)
{
	RowSteps steps = count_row_steps(map, section);
	int num_steps = steps.down + steps.up + steps.level;

	CHECK_FOR_INTERRUPTS();
	if (section->is_pile || Min(steps.down, steps.up) > 0 || steps.level > BEHIND_SHARE * num_steps)
		return FRONT_UNKNOWN;
	if (steps.down > 0)
		return FRONT_ABOVE;
	return steps.up > 0 ? FRONT_BELOW : FRONT_UNKNOWN;
}

static bool
has_one_row(const SeatMap *map, const MapSection *section)
{
	return map->seats[section->first_seat].row_no ==
		   map->seats[section->first_seat + section->num_seats - 1].row_no;
}

/* All sections of the layer with more rows than one have to agree. */
MapFront
sl_seat_map_front(const SeatMap *map, int layer)
{
	MapFront front = FRONT_UNKNOWN;

	for (int i = 0; i < map->num_sections; i++)
	{
		const MapSection *section = &map->sections[i];
		MapFront said;

		if (section->general_admission || (layer != ALL_LAYERS && section->layer != layer) ||
			has_one_row(map, section))
			continue;
		said = sl_seat_map_section_front(map, section);
		if (said == FRONT_UNKNOWN || (front != FRONT_UNKNOWN && front != said))
			return FRONT_UNKNOWN;
		front = said;
	}
	return front;
}
