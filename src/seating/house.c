/*-------------------------------------------------------------------------
 *
 * house.c
 *		A house: what the best-available search knows of a layout.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/house.h"

static void *grow(HouseBuilder *builder, void *array, int used, int *allocated, Size size);
static int find_category_index(const House *house, int32 category_no);
static void begin_row(HouseBuilder *builder, const SeatPlace *seat);
static void begin_run(HouseBuilder *builder);

void
sl_house_begin(HouseBuilder *builder, int32 layout_id)
{
	memset(builder, 0, sizeof(HouseBuilder));
	builder->context = CurrentMemoryContext;
	builder->house = palloc0(sizeof(House));
	builder->house->layout_id = layout_id;
}

void
sl_house_add_section(HouseBuilder *builder, int32 section_no, const char *name)
{
	House *house = builder->house;
	int n = house->num_sections++;

	house->sections = n == 0 ? MemoryContextAlloc(builder->context, sizeof(HouseSection))
							 : repalloc(house->sections, (n + 1) * sizeof(HouseSection));
	house->sections[n].section_no = section_no;
	house->sections[n].name = MemoryContextStrdup(builder->context, name);
	house->sections[n].area = -1;
}

void
sl_house_add_category(HouseBuilder *builder, int32 category_no, const char *name, bool accessible)
{
	House *house = builder->house;
	int n = house->num_categories++;

	house->categories = n == 0 ? MemoryContextAlloc(builder->context, sizeof(HouseCategory))
							   : repalloc(house->categories, (n + 1) * sizeof(HouseCategory));
	house->categories[n].category_no = category_no;
	house->categories[n].name = MemoryContextStrdup(builder->context, name);
	house->categories[n].accessible = accessible;
}

/*
 * A row ends where the section or the row changes, a run also where the run
 * does.  Places of general admission have no row: an area ends with its
 * section, and goes on where more of its places come.
 */
void
sl_house_add_seat(HouseBuilder *builder, const SeatPlace *seat)
{
	House *house = builder->house;
	const SeatPlace *last = &builder->last;
	bool same_row = house->num_seats > 0 && seat->section_no == last->section_no &&
					seat->row_no == last->row_no;

	if (!same_row)
		begin_row(builder, seat);
	if (!same_row || seat->run_no != last->run_no)
		begin_run(builder);

	house->seats =
		grow(builder, house->seats, house->num_seats, &builder->max_seats, sizeof(HouseSeat));
	house->seats[house->num_seats].seat_no = seat->seat_no;
	house->seats[house->num_seats].kind =
		house_kind(find_category_index(house, seat->category_no), seat->by_label);
	house->seats[house->num_seats].along = seat->along;
	house->num_seats++;
	house->runs[house->num_runs - 1].count++;
	/* a row's ends are at 0 and at the place of its last seat, wherever that is listed */
	house->rows[house->num_rows - 1].ends = Max(house->rows[house->num_rows - 1].ends, seat->along);
	builder->last = *seat;
}

House *
sl_house_end(HouseBuilder *builder)
{
	House *house = builder->house;

	if (house->num_seats > 0)
	{
		/* give back what growing by doubling took too much */
		house->seats = repalloc(house->seats, house->num_seats * sizeof(HouseSeat));
		house->runs = repalloc(house->runs, house->num_runs * sizeof(HouseRun));
		house->rows = repalloc(house->rows, house->num_rows * sizeof(HouseRow));
	}
	return house;
}

int
sl_house_find_seat(const House *house, int32 seat_no)
{
	int low = 0;
	int high = house->num_seats;

	/* seat numbers rise, nearly always by one: then the first guess is right */
	if (house->num_seats > 0)
	{
		int64 guess = (int64) seat_no - house->seats[0].seat_no;

		if (guess >= 0 && guess < house->num_seats && house->seats[guess].seat_no == seat_no)
			return (int) guess;
	}
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (house->seats[middle].seat_no < seat_no)
			low = middle + 1;
		else
			high = middle;
	}
	return low < house->num_seats && house->seats[low].seat_no == seat_no ? low : -1;
}

int
sl_house_find_section(const House *house, const char *name)
{
	for (int i = 0; i < house->num_sections; i++)
	{
		if (strcmp(house->sections[i].name, name) == 0)
			return i;
	}
	return -1;
}

int
sl_house_find_category(const House *house, const char *name)
{
	for (int i = 0; i < house->num_categories; i++)
	{
		if (strcmp(house->categories[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* Room for one element more, by doubling. */
static void *
grow(HouseBuilder *builder, void *array, int used, int *allocated, Size size)
{
	if (used < *allocated)
		return array;
	*allocated = *allocated == 0 ? 64 : *allocated * 2;
	if (array == NULL)
		return MemoryContextAlloc(builder->context, *allocated * size);
	return repalloc(array, *allocated * size);
}

/*
 * The index of a number in an ascending array of structs that begin with one;
 * it is mostly where the last one was.
 */
int
sl_house_find_number(const void *array, int count, Size size, int32 number, int guess)
{
	int low = 0;
	int high = count;

#define NUMBER_AT(i) (*(const int32 *) ((const char *) array + (i) *size))
	if (guess < count && NUMBER_AT(guess) == number)
		return guess;
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (NUMBER_AT(middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || NUMBER_AT(low) != number)
		elog(ERROR, "could not find section or category %d", number);
	return low;
}

static int
find_category_index(const House *house, int32 category_no)
{
	int guess =
		house->num_seats == 0 ? 0 : house_seat_category(&house->seats[house->num_seats - 1]);

	return sl_house_find_number(house->categories, house->num_categories, sizeof(HouseCategory),
								category_no, guess);
}

/* Places that an area has got later come last in the seat order: link them to the others. */
static void
join_area(House *house, HouseRow *row)
{
	HouseSection *section = &house->sections[row->section];

	row->is_more = section->area >= 0;
	if (row->is_more)
		house->rows[section->area].more = house->num_rows - 1;
	section->area = house->num_rows - 1;
}

static void
begin_row(HouseBuilder *builder, const SeatPlace *seat)
{
	House *house = builder->house;
	HouseRow *row;

	house->rows = grow(builder, house->rows, house->num_rows, &builder->max_rows, sizeof(HouseRow));
	row = &house->rows[house->num_rows++];
	row->section =
		sl_house_find_number(house->sections, house->num_sections, sizeof(HouseSection),
							 seat->section_no, house->num_rows == 1 ? 0 : row[-1].section);
	row->first_run = house->num_runs;
	row->num_runs = 0;
	row->ends = 0;
	row->standing = seat->row_no == SL_NO_ROW;
	row->more = 0;
	row->is_more = false;
	if (row->standing)
		join_area(house, row);
}

static void
begin_run(HouseBuilder *builder)
{
	House *house = builder->house;
	HouseRun *run;

	house->runs = grow(builder, house->runs, house->num_runs, &builder->max_runs, sizeof(HouseRun));
	run = &house->runs[house->num_runs++];
	run->first = house->num_seats;
	run->count = 0;
	house->rows[house->num_rows - 1].num_runs++;
}
