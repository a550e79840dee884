/*-------------------------------------------------------------------------
 *
 * seat_map.c
 *		What both pictures need to know of a map: counts, distances, layers.
 *
 * Plans draw the floors of a house on top of each other.  A section whose
 * seats collide with those of earlier sections goes to a layer of its own, so
 * that every seat can be seen.
 *
 * A map may have a million seats, so nothing here compares all seats with all:
 * seats are found by place through a hash of square cells, and usual distances
 * are medians of a sample.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "base/compare.h"
#include "picture/seat_map.h"

#define SAMPLE_SIZE 1000
/* many seats in one cell stand on one spot: no need to look at each */
#define MAX_CHAIN 64
#define MAX_LAYERS 20
/* nearer than so many steps, two seats cannot both be seen */
#define COLLISION_STEPS 0.5
/* a section with so many of its seats in collision lies over another */
#define COLLISION_SHARE 0.05

/* Seats of a layer by place: chains of seats, one chain per hash value. */
typedef struct SeatFinder
{
	const MapSeat *seats;
	double cell;
	uint32 mask;
	int *heads; /* by hash value: a seat or -1 */
	int *next;  /* by seat: the next of the same hash value, or -1; shared by all layers */
} SeatFinder;

const SeatStatus sl_seat_map_statuses[MAP_NUM_STATUSES] = {SEAT_FREE, SEAT_HELD, SEAT_BOOKED,
														   SEAT_NOT_FOR_SALE};
const char *const sl_seat_map_status_names[MAP_NUM_STATUSES] = {"free", "held", "booked",
																"not for sale"};

static void count_seats(SeatMap *map);
static void measure_sections(SeatMap *map);
static void find_layers(SeatMap *map);
static void measure_gaps(SeatMap *map);

void
sl_seat_map_prepare(SeatMap *map)
{
	count_seats(map);
	sl_seat_map_spread_piles(map);
	measure_sections(map);
	find_layers(map);
	measure_gaps(map);
	map->stage = sl_seat_map_find_stage(map);
}

int
sl_seat_map_status_index(SeatStatus status)
{
	for (int i = 0; i < MAP_NUM_STATUSES; i++)
	{
		if (sl_seat_map_statuses[i] == status)
			return i;
	}
	elog(ERROR, "unexpected seat status \"%c\"", status);
}

void
sl_seat_map_extend(PlanBox *box, PlanPoint point)
{
	box->low.x = Min(box->low.x, point.x);
	box->low.y = Min(box->low.y, point.y);
	box->high.x = Max(box->high.x, point.x);
	box->high.y = Max(box->high.y, point.y);
}

static void
count_seat(MapCounts *counts, int status_index)
{
	counts->total++;
	counts->by_status[status_index]++;
}

static void
count_seats(SeatMap *map)
{
	for (int i = 0; i < map->num_seats; i++)
	{
		const MapSeat *seat = &map->seats[i];
		int index = sl_seat_map_status_index(seat->status);

		CHECK_FOR_INTERRUPTS();
		count_seat(&map->counts, index);
		count_seat(&map->kinds[seat->kind], index);
		count_seat(&map->categories[seat->category].counts, index);
		count_seat(&map->sections[seat->section].counts, index);
	}
}

/* 0 when there are no values */
static double
median(double *values, int num_values)
{
	if (num_values == 0)
		return 0;
	qsort(values, num_values, sizeof(double), compare_double);
	return values[num_values / 2];
}

/* every how manieth seat belongs to the sample */
static int
sample_stride(int num_seats)
{
	return Max(num_seats / SAMPLE_SIZE, 1);
}

/* The usual distance of seats that follow each other, within a run or at all. */
static double
usual_step(const SeatMap *map, const MapSection *section, bool within_run)
{
	double values[2 * SAMPLE_SIZE];
	int num_values = 0;
	int end = section->first_seat + section->num_seats;

	for (int i = section->first_seat; i + 1 < end && num_values < lengthof(values);
		 i += sample_stride(section->num_seats))
	{
		const MapSeat *seat = &map->seats[i];
		double step = plan_distance(seat[0].position, seat[1].position);

		if (step > 0 && (!within_run || seat[0].run_no == seat[1].run_no))
			values[num_values++] = step;
	}
	return median(values, num_values);
}

static void
measure_sections(SeatMap *map)
{
	double *steps = palloc(sizeof(double) * map->num_sections);
	int num_steps = 0;

	for (int i = 0; i < map->num_sections; i++)
	{
		MapSection *section = &map->sections[i];

		section->box.low = section->box.high = map->seats[section->first_seat].position;
		for (int k = 1; k < section->num_seats; k++)
			sl_seat_map_extend(&section->box, map->seats[section->first_seat + k].position);
		section->step = usual_step(map, section, true);
		if (section->step == 0)
			section->step = usual_step(map, section, false);
		if (section->step > 0 && !section->general_admission)
			steps[num_steps++] = section->step;
	}
	map->step = median(steps, num_steps);
	for (int i = 0; i < map->num_sections && map->step == 0; i++)
		map->step = map->sections[i].step;
	if (map->step == 0)
		map->step = PLAN_SEAT_STEP;
	for (int i = 0; i < map->num_sections; i++)
	{
		if (map->sections[i].step == 0)
			map->sections[i].step = map->step;
	}
}

/* The cell of a coordinate; far out of any plan, cells may coincide. */
static int32
cell_of(const SeatFinder *finder, double coordinate)
{
	double cell = floor(coordinate / finder->cell);

	return cell > -1e9 && cell < 1e9 ? (int32) cell : 0;
}

static uint32
hash_cell(const SeatFinder *finder, int32 column, int32 line)
{
	return hash_combine(murmurhash32((uint32) column), murmurhash32((uint32) line)) & finder->mask;
}

static SeatFinder *
make_finder(const SeatMap *map, int *next)
{
	SeatFinder *finder = palloc(sizeof(SeatFinder));
	uint32 size = pg_nextpower2_32(Max(map->num_seats, 16));

	finder->seats = map->seats;
	finder->cell = map->step;
	finder->mask = size - 1;
	finder->heads = palloc(sizeof(int) * size);
	memset(finder->heads, -1, sizeof(int) * size);
	finder->next = next;
	return finder;
}

static void
add_to_finder(SeatFinder *finder, int seat)
{
	PlanPoint point = finder->seats[seat].position;
	uint32 hash = hash_cell(finder, cell_of(finder, point.x), cell_of(finder, point.y));

	finder->next[seat] = finder->heads[hash];
	finder->heads[hash] = seat;
}

/* The distance to the nearest seat but one, or limit, which is a cell at most. */
static double
find_nearest(const SeatFinder *finder, PlanPoint point, int but, double limit)
{
	int32 column = cell_of(finder, point.x);
	int32 line = cell_of(finder, point.y);
	double nearest = limit;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < 9; i++)
	{
		int seat = finder->heads[hash_cell(finder, column + i % 3 - 1, line + i / 3 - 1)];

		for (int k = 0; seat >= 0 && k < MAX_CHAIN; k++)
		{
			if (seat != but)
				nearest = Min(nearest, plan_distance(point, finder->seats[seat].position));
			seat = finder->next[seat];
		}
	}
	return nearest;
}

static bool
section_collides(const SeatMap *map, const MapSection *section, const SeatFinder *finder)
{
	double limit = COLLISION_STEPS * Min(section->step, map->step);
	int num_collisions = 0;

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		if (find_nearest(finder, map->seats[i].position, -1, limit) < limit)
			num_collisions++;
	}
	return num_collisions > COLLISION_SHARE * section->num_seats;
}

/* Each section goes to the first layer that has room for it. */
static void
find_layers(SeatMap *map)
{
	int *next = palloc(sizeof(int) * map->num_seats);

	map->finders = palloc(sizeof(SeatFinder *) * MAX_LAYERS);
	for (int i = 0; i < map->num_sections; i++)
	{
		MapSection *section = &map->sections[i];
		int layer = 0;

		while (layer < map->num_layers && layer < MAX_LAYERS - 1 &&
			   section_collides(map, section, map->finders[layer]))
			layer++;
		if (layer == map->num_layers)
			map->finders[map->num_layers++] = make_finder(map, next);
		section->layer = layer;
		for (int k = 0; k < section->num_seats; k++)
			add_to_finder(map->finders[layer], section->first_seat + k);
	}
}

static void
measure_gap(const SeatMap *map, MapSection *section)
{
	double values[2 * SAMPLE_SIZE];
	int num_values = 0;
	double limit = Min(section->step, map->step);
	int end = section->first_seat + section->num_seats;

	for (int i = section->first_seat; i < end && num_values < lengthof(values);
		 i += sample_stride(section->num_seats))
	{
		double gap = find_nearest(map->finders[section->layer], map->seats[i].position, i, limit);

		/* seats on one spot cannot be told apart at any size */
		if (gap > 0)
			values[num_values++] = gap;
	}
	section->gap = num_values > 0 ? median(values, num_values) : limit;
}

/*
 * Standing places are packed as their area has room; they only count where there is
 * nothing else.
 */
static void
measure_gaps(SeatMap *map)
{
	double *gaps = palloc(sizeof(double) * map->num_sections);
	int num_gaps = 0;

	for (int i = 0; i < map->num_sections; i++)
	{
		measure_gap(map, &map->sections[i]);
		if (!map->sections[i].general_admission)
			gaps[num_gaps++] = map->sections[i].gap;
	}
	for (int i = 0; i < map->num_sections && num_gaps == 0; i++)
		gaps[num_gaps++] = map->sections[i].gap;
	map->gap = num_gaps > 0 ? median(gaps, num_gaps) : map->step;
	pfree(gaps);
}

static bool
seat_touches(const SeatMap *map, const MapSeat *seat, const PlanBox *box, double clearance)
{
	double x = Max(Max(box->low.x - seat->position.x, seat->position.x - box->high.x), 0);
	double y = Max(Max(box->low.y - seat->position.y, seat->position.y - box->high.y), 0);

	return hypot(x, y) < clearance * map->sections[seat->section].gap;
}

static bool
cell_touches(const SeatMap *map, const SeatFinder *finder, int32 column, int32 line,
			 const PlanBox *box, double clearance)
{
	int seat = finder->heads[hash_cell(finder, column, line)];

	for (int k = 0; seat >= 0 && k < MAX_CHAIN; k++)
	{
		if (seat_touches(map, &map->seats[seat], box, clearance))
			return true;
		seat = finder->next[seat];
	}
	return false;
}

/*
 * The seats of a layer are asked by place, or one by one where the box is so
 * large that it has more cells than the map has seats.
 */
bool
sl_seat_map_box_is_free(const SeatMap *map, int layer, const PlanBox *box, double clearance)
{
	const SeatFinder *finder = map->finders[layer];
	int32 left = cell_of(finder, box->low.x - map->step);
	int32 right = cell_of(finder, box->high.x + map->step);
	int32 top = cell_of(finder, box->low.y - map->step);
	int32 bottom = cell_of(finder, box->high.y + map->step);

	if (((double) right - left + 1) * ((double) bottom - top + 1) > map->num_seats)
	{
		for (int i = 0; i < map->num_seats; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (map->sections[map->seats[i].section].layer == layer &&
				seat_touches(map, &map->seats[i], box, clearance))
				return false;
		}
		return true;
	}
	for (int32 line = top; line <= bottom; line++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int32 column = left; column <= right; column++)
		{
			if (cell_touches(map, finder, column, line, box, clearance))
				return false;
		}
	}
	return true;
}
