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

#include "plan_area.h"
#include "seat_map.h"

#define SAMPLE_SIZE 1000
/* many seats in one cell stand on one spot: no need to look at each */
#define MAX_CHAIN 64
#define MAX_LAYERS 20
/* nearer than so many steps, two seats cannot both be seen */
#define COLLISION_STEPS 0.5
/* a section with so many of its seats in collision lies over another */
#define COLLISION_SHARE 0.05
/* an area with more of the seats inside is the ground they stand on */
#define GROUND_SHARE 0.02
/* a stage is at least so long, as a share of the house */
#define STAGE_SHARE 0.2

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
static void measure_gap(const SeatMap *map, MapSection *section);
static const PlanArea *find_stage(const SeatMap *map);

void
sl_seat_map_prepare(SeatMap *map)
{
	count_seats(map);
	measure_sections(map);
	find_layers(map);
	for (int i = 0; i < map->num_sections; i++)
		measure_gap(map, &map->sections[i]);
	map->stage = find_stage(map);
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
		count_seat(&map->categories[seat->category].counts, index);
		count_seat(&map->sections[seat->section].counts, index);
	}
}

static double
distance(PlanPoint a, PlanPoint b)
{
	return hypot(a.x - b.x, a.y - b.y);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}

/* 0 when there are no values */
static double
median(double *values, int num_values)
{
	if (num_values == 0)
		return 0;
	qsort(values, num_values, sizeof(double), compare_doubles);
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
		double step = distance(seat[0].position, seat[1].position);

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
				nearest = Min(nearest, distance(point, finder->seats[seat].position));
			seat = finder->next[seat];
		}
	}
	return nearest;
}

double
sl_seat_map_distance(const SeatMap *map, int layer, PlanPoint point, double limit)
{
	return find_nearest(map->finders[layer], point, -1, limit);
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

static bool
mentions_stage(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (pg_strncasecmp(text, "stage", 5) == 0)
			return true;
	}
	return false;
}

static bool
is_ground(const SeatMap *map, const PlanArea *area)
{
	PlanBox box = sl_plan_area_box(area);
	int stride = sample_stride(map->num_seats);
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
 * What the seats look at: the area called a stage, in whatever words around
 * it, else the largest that is only drawn and has no seats on it (a stage in
 * another language, a playing field), unless it is small beside the house.
 */
static const PlanArea *
find_stage(const SeatMap *map)
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
		if (map->areas[i].text && mentions_stage(map->areas[i].text))
			return &map->areas[i];
	}
	for (int i = 0; i < map->num_areas; i++)
	{
		const PlanArea *area = &map->areas[i];
		PlanBox box = sl_plan_area_box(area);
		double size = (box.high.x - box.low.x) * (box.high.y - box.low.y);

		if (area->capacity == 0 && area->shape != SHAPE_TEXT && size > stage_size &&
			longer_side(&box) >= least_side && !is_ground(map, area))
		{
			stage = area;
			stage_size = size;
		}
	}
	return stage;
}
