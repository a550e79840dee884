/*-------------------------------------------------------------------------
 *
 * layout.c
 *		A layout as the best-available search knows it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/layout.h"

static void *grow(LayoutBuilder *builder, void *array, int used, int *allocated, Size size);
static int find_category_index(const Layout *layout, int32 category_no);
static void begin_row(LayoutBuilder *builder, const SeatPlace *seat);
static void begin_run(LayoutBuilder *builder);

void
sl_layout_begin(LayoutBuilder *builder, int32 layout_id)
{
	memset(builder, 0, sizeof(LayoutBuilder));
	builder->context = CurrentMemoryContext;
	builder->layout = palloc0(sizeof(Layout));
	builder->layout->layout_id = layout_id;
}

void
sl_layout_add_section(LayoutBuilder *builder, int32 section_no, const char *name)
{
	Layout *layout = builder->layout;
	int n = layout->num_sections++;

	layout->sections = n == 0 ? MemoryContextAlloc(builder->context, sizeof(LayoutSection))
							  : repalloc(layout->sections, (n + 1) * sizeof(LayoutSection));
	layout->sections[n].section_no = section_no;
	layout->sections[n].name = MemoryContextStrdup(builder->context, name);
	layout->sections[n].area = -1;
}

void
sl_layout_add_category(LayoutBuilder *builder, int32 category_no, const char *name, bool accessible)
{
	Layout *layout = builder->layout;
	int n = layout->num_categories++;

	layout->categories = n == 0 ? MemoryContextAlloc(builder->context, sizeof(LayoutCategory))
								: repalloc(layout->categories, (n + 1) * sizeof(LayoutCategory));
	layout->categories[n].category_no = category_no;
	layout->categories[n].name = MemoryContextStrdup(builder->context, name);
	layout->categories[n].accessible = accessible;
}

/*
 * A row ends where the section or the row changes, a run also where the run
 * does.  Places of general admission have no row: an area ends with its
 * section, and goes on where more of its places come.
 */
void
sl_layout_add_seat(LayoutBuilder *builder, const SeatPlace *seat)
{
	Layout *layout = builder->layout;
	const SeatPlace *last = &builder->last;
	bool same_row = layout->num_seats > 0 && seat->section_no == last->section_no &&
					seat->row_no == last->row_no;

	if (!same_row)
		begin_row(builder, seat);
	if (!same_row || seat->run_no != last->run_no)
		begin_run(builder);

	layout->seats =
		grow(builder, layout->seats, layout->num_seats, &builder->max_seats, sizeof(LayoutSeat));
	layout->seats[layout->num_seats].seat_no = seat->seat_no;
	layout->seats[layout->num_seats].kind =
		layout_kind(find_category_index(layout, seat->category_no), seat->by_label);
	layout->seats[layout->num_seats].along = seat->along;
	layout->num_seats++;
	layout->runs[layout->num_runs - 1].count++;
	/* a row's ends are at 0 and at the place of its last seat, wherever that is listed */
	layout->rows[layout->num_rows - 1].ends =
		Max(layout->rows[layout->num_rows - 1].ends, seat->along);
	builder->last = *seat;
}

Layout *
sl_layout_end(LayoutBuilder *builder)
{
	Layout *layout = builder->layout;

	if (layout->num_seats > 0)
	{
		/* give back what growing by doubling took too much */
		layout->seats = repalloc(layout->seats, layout->num_seats * sizeof(LayoutSeat));
		layout->runs = repalloc(layout->runs, layout->num_runs * sizeof(LayoutRun));
		layout->rows = repalloc(layout->rows, layout->num_rows * sizeof(LayoutRow));
	}
	return layout;
}

int
sl_layout_find_seat(const Layout *layout, int32 seat_no)
{
	int low = 0;
	int high = layout->num_seats;

	/* seat numbers rise, nearly always by one: then the first guess is right */
	if (layout->num_seats > 0)
	{
		int64 guess = (int64) seat_no - layout->seats[0].seat_no;

		if (guess >= 0 && guess < layout->num_seats && layout->seats[guess].seat_no == seat_no)
			return (int) guess;
	}
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (layout->seats[middle].seat_no < seat_no)
			low = middle + 1;
		else
			high = middle;
	}
	return low < layout->num_seats && layout->seats[low].seat_no == seat_no ? low : -1;
}

int
sl_layout_find_section(const Layout *layout, const char *name)
{
	for (int i = 0; i < layout->num_sections; i++)
	{
		if (strcmp(layout->sections[i].name, name) == 0)
			return i;
	}
	return -1;
}

int
sl_layout_find_category(const Layout *layout, const char *name)
{
	for (int i = 0; i < layout->num_categories; i++)
	{
		if (strcmp(layout->categories[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* Room for one element more, by doubling. */
static void *
grow(LayoutBuilder *builder, void *array, int used, int *allocated, Size size)
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
sl_layout_find_number(const void *array, int count, Size size, int32 number, int guess)
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
find_category_index(const Layout *layout, int32 category_no)
{
	int guess =
		layout->num_seats == 0 ? 0 : layout_seat_category(&layout->seats[layout->num_seats - 1]);

	return sl_layout_find_number(layout->categories, layout->num_categories, sizeof(LayoutCategory),
								 category_no, guess);
}

/* Places that an area has got later come last in the seat order: link them to the others. */
static void
join_area(Layout *layout, LayoutRow *row)
{
	LayoutSection *section = &layout->sections[row->section];

	row->is_more = section->area >= 0;
	if (row->is_more)
		layout->rows[section->area].more = layout->num_rows - 1;
	section->area = layout->num_rows - 1;
}

static void
begin_row(LayoutBuilder *builder, const SeatPlace *seat)
{
	Layout *layout = builder->layout;
	LayoutRow *row;

	layout->rows =
		grow(builder, layout->rows, layout->num_rows, &builder->max_rows, sizeof(LayoutRow));
	row = &layout->rows[layout->num_rows++];
	row->section =
		sl_layout_find_number(layout->sections, layout->num_sections, sizeof(LayoutSection),
							  seat->section_no, layout->num_rows == 1 ? 0 : row[-1].section);
	row->first_run = layout->num_runs;
	row->num_runs = 0;
	row->ends = 0;
	row->standing = seat->row_no == SL_NO_ROW;
	row->more = 0;
	row->is_more = false;
	if (row->standing)
		join_area(layout, row);
}

static void
begin_run(LayoutBuilder *builder)
{
	Layout *layout = builder->layout;
	LayoutRun *run;

	layout->runs =
		grow(builder, layout->runs, layout->num_runs, &builder->max_runs, sizeof(LayoutRun));
	run = &layout->runs[layout->num_runs++];
	run->first = layout->num_seats;
	run->count = 0;
	layout->rows[layout->num_rows - 1].num_runs++;
}
