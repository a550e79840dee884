/*-------------------------------------------------------------------------
 *
 * layout.c
 *		A layout as the best-available search knows it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/grow.h"
#include "seating/layout.h"

static void begin_row(LayoutBuilder *builder, const SeatPlace *seat);
static void begin_run(LayoutBuilder *builder);

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
	bool same_row =
		layout->num_seats > 0 && seat->section == last->section && seat->row_no == last->row_no;

	if (!same_row)
		begin_row(builder, seat);
	if (!same_row || seat->run_no != last->run_no)
		begin_run(builder);

	layout->seats =
		grow_array(layout->seats, layout->num_seats, &builder->max_seats, sizeof(LayoutSeat));
	layout->seats[layout->num_seats].seat_no = seat->seat_no;
	layout->seats[layout->num_seats].kind = layout_kind(seat->category, seat->by_label);
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
		grow_array(layout->rows, layout->num_rows, &builder->max_rows, sizeof(LayoutRow));
	row = &layout->rows[layout->num_rows++];
	row->section = seat->section;
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
		grow_array(layout->runs, layout->num_runs, &builder->max_runs, sizeof(LayoutRun));
	run = &layout->runs[layout->num_runs++];
	run->first = layout->num_seats;
	run->count = 0;
	layout->rows[layout->num_rows - 1].num_runs++;
}
