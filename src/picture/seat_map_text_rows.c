/*-------------------------------------------------------------------------
 *
 * seat_map_text_rows.c
 *		Rows of a section as the text map shows them: which share a line, and in
 *		which order lines follow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "picture/seat_map_text.h"

/* a row within so many steps of height is level; rows that near share a line */
#define LEVEL_STEPS 0.35
/* rows steeper than this are read in seat order, others from the left */
#define STEEP_SLOPE 5.0

/* Which way a run is shown: from the left, and if it is upright as it comes. */
static void
finish_run(const SeatMap *map, TextRun *run)
{
	PlanPoint first = map->seats[run->first].position;
	PlanPoint last = map->seats[run->first + run->count - 1].position;

	run->middle = (first.x + last.x) / 2;
	run->backwards =
		last.x < first.x && fabs(last.y - first.y) <= STEEP_SLOPE * fabs(last.x - first.x);
}

static void
collect_rows(TextSection *text, const MapSection *section)
{
	const MapSeat *seats = text->map->seats;

	text->runs = palloc(sizeof(TextRun) * section->num_seats);
	text->rows = palloc(sizeof(TextRow) * section->num_seats);
	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		bool new_row = i == section->first_seat || seats[i].row_no != seats[i - 1].row_no;
		TextRow *row = &text->rows[new_row ? text->num_rows : text->num_rows - 1];

		CHECK_FOR_INTERRUPTS();
		if (new_row)
		{
			row->number = row->line = text->num_rows++;
			row->label = seats[i].row_label ? seats[i].row_label : "";
			row->label_width = sl_text_put(NULL, row->label, TEXT_MAX_LABEL_WIDTH);
			row->first_run = text->num_runs;
			row->num_runs = row->num_seats = 0;
			row->box.low = row->box.high = seats[i].position;
			text->label_width = Max(text->label_width, row->label_width);
		}
		if (new_row || seats[i].run_no != seats[i - 1].run_no)
		{
			text->runs[text->num_runs++] = (TextRun){i, 0, false, 0};
			row->num_runs++;
		}
		text->runs[text->num_runs - 1].count++;
		row->num_seats++;
		sl_seat_map_extend(&row->box, seats[i].position);
	}
	for (int i = 0; i < text->num_runs; i++)
		finish_run(text->map, &text->runs[i]);
}

static int
compare_height(const void *a, const void *b)
{
	const TextRow *x = a;
	const TextRow *y = b;

	if (x->is_level != y->is_level)
		return x->is_level ? -1 : 1;
	if (x->box.low.y != y->box.low.y)
		return x->box.low.y < y->box.low.y ? -1 : 1;
	if (x->box.low.x != y->box.low.x)
		return x->box.low.x < y->box.low.x ? -1 : 1;
	return x->number - y->number;
}

static int
compare_line(const void *a, const void *b)
{
	const TextRow *x = a;
	const TextRow *y = b;

	if (x->line != y->line)
		return x->line - y->line;
	if (x->box.low.x != y->box.low.x)
		return x->box.low.x < y->box.low.x ? -1 : 1;
	return x->number - y->number;
}

/* The columns of a row with its labels and the least gaps. */
static int
packed_width(const TextRow *row)
{
	return row->num_seats + row->num_runs - 1 + 2 * (row->label_width + 1);
}

static int
compare_left(const void *a, const void *b)
{
	const TextRow *x = *(TextRow *const *) a;
	const TextRow *y = *(TextRow *const *) b;

	if (x->box.low.x != y->box.low.x)
		return x->box.low.x < y->box.low.x ? -1 : 1;
	return x->number - y->number;
}

/*
 * Of rows at one height, given as sorted by it, join those that follow each
 * other from left to right, as long as they fit into a line.
 */
static void
join_level_rows(TextRow *rows, int num_rows, double step)
{
	TextRow **order = palloc(sizeof(TextRow *) * num_rows);
	TextRow *last = NULL;
	int width = 0;
	int first = 0;

	for (int i = 0; i < num_rows; i++)
		order[i] = &rows[i];
	qsort(order, num_rows, sizeof(TextRow *), compare_left);
	for (int i = 0; i < num_rows; i++)
	{
		TextRow *row = order[i];

		if (last && row->box.low.x > last->box.high.x + step / 2 &&
			width + 2 + packed_width(row) <= TEXT_MAX_WIDTH)
			width += 2 + packed_width(row);
		else
		{
			first = i;
			width = packed_width(row);
		}
		last = row;
		/* the line stands where the plan first comes to a row of it */
		for (int k = first; k <= i; k++)
			order[k]->line = Min(order[first]->line, row->line);
	}
	pfree(order);
}

static int
compare_number(const void *a, const void *b)
{
	const TextRow *x = a;
	const TextRow *y = b;

	return x->number - y->number;
}

/*
 * Rows rank from the stage, which may be below or in the midst of them, but a
 * map is read from above: straight rows are shown by height, and curved ones in
 * reverse when they begin below.  All others stay as they rank: stands around a
 * hall would only be mixed up.
 */
static void
order_rows(TextSection *text, const MapSection *section)
{
	TextRow *rows = text->rows;
	bool all_level = true;

	for (int i = 0; i < text->num_rows; i++)
	{
		rows[i].is_level = rows[i].box.high.y - rows[i].box.low.y <= LEVEL_STEPS * text->step;
		all_level = all_level && rows[i].is_level;
	}
	if (all_level)
		qsort(rows, text->num_rows, sizeof(TextRow), compare_height);
	else if (sl_seat_map_section_front(text->map, section) == FRONT_BELOW)
	{
		for (int i = 0; i < text->num_rows; i++)
			rows[i].number = text->num_rows - 1 - i;
		qsort(rows, text->num_rows, sizeof(TextRow), compare_number);
	}
	for (int i = 0; i < text->num_rows; i++)
		rows[i].number = rows[i].line = i;
}

/* Give rows that share a line its number, and sort rows by line and place. */
static void
join_rows(TextSection *text)
{
	double tolerance = LEVEL_STEPS * text->step;
	TextRow *rows = text->rows;
	int first = 0;

	qsort(rows, text->num_rows, sizeof(TextRow), compare_height);
	while (first < text->num_rows && rows[first].is_level)
	{
		int end = first + 1;

		while (end < text->num_rows && rows[end].is_level &&
			   rows[end].box.high.y - rows[first].box.low.y <= tolerance)
			end++;
		join_level_rows(&rows[first], end - first, text->step);
		first = end;
	}
	qsort(rows, text->num_rows, sizeof(TextRow), compare_line);
}

void
sl_text_lay_out_rows(TextSection *text, const MapSection *section)
{
	collect_rows(text, section);
	order_rows(text, section);
	join_rows(text);
}
