/*-------------------------------------------------------------------------
 *
 * availability.c
 *		Pure counting: how many seats of each section and category are what.
 *
 * A block is free neighbours of one category that claim_best may pick together: a
 * seat that is not free, or sold by label only, the end of a run and a change of
 * category end it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/grow.h"
#include "seating/availability.h"

typedef struct Counting
{
	const Layout *layout;
	const char *statuses;    /* SeatStatus, parallel to Layout.seats */
	SeatCounts *by_category; /* of the section being counted */
	SeatCounts *counts;
	int num_counts;
	int max_counts;
} Counting;

static void
count_seat(Counting *counting, int seat, int *block)
{
	const LayoutSeat *place = &counting->layout->seats[seat];
	SeatCounts *counts = &counting->by_category[layout_seat_category(place)];

	counts->capacity++;
	switch ((SeatStatus) counting->statuses[seat])
	{
		case SEAT_FREE:
			counts->num_free++;
			if (layout_seat_is_by_label(place))
				break;
			(*block)++;
			counts->largest_block = Max(counts->largest_block, *block);
			return;
		case SEAT_HELD:
			counts->num_held++;
			break;
		case SEAT_BOOKED:
			counts->num_booked++;
			break;
		case SEAT_NOT_FOR_SALE:
			counts->num_not_for_sale++;
			break;
	}
	*block = 0;
}

static void
count_run(Counting *counting, const LayoutRun *run)
{
	const LayoutSeat *seats = counting->layout->seats;
	int block = 0;

	for (int seat = run->first; seat < run->first + run->count; seat++)
	{
		if (seat > run->first && seats[seat].kind != seats[seat - 1].kind)
			block = 0;
		count_seat(counting, seat, &block);
	}
}

static void
count_row(Counting *counting, const LayoutRow *row)
{
	for (int i = row->first_run; i < row->first_run + row->num_runs; i++)
		count_run(counting, &counting->layout->runs[i]);
}

/* The section's counts are complete: keep those of the categories it has. */
static void
end_section(Counting *counting, int section, bool standing)
{
	for (int i = 0; i < counting->layout->num_categories; i++)
	{
		SeatCounts *counts = &counting->by_category[i];

		if (counts->capacity > 0)
		{
			counting->counts = grow_array(counting->counts, counting->num_counts,
										  &counting->max_counts, sizeof(SeatCounts));
			counts->section = section;
			counts->category = i;
			if (standing)
				counts->largest_block = counts->num_free;
			counting->counts[counting->num_counts++] = *counts;
		}
		memset(counts, 0, sizeof(*counts));
	}
}

/*
 * Count by section and category, in the order of both; returns how many rows
 * *counts has.  statuses: a SeatStatus per seat of the house, expired holds as
 * free.
 */
int
sl_availability_count(const Layout *layout, const char *statuses, SeatCounts **counts)
{
	Counting counting = {.layout = layout, .statuses = statuses};

	counting.by_category = palloc0(sizeof(SeatCounts) * Max(layout->num_categories, 1));
	for (int i = 0; i < layout->num_rows; i++)
	{
		const LayoutRow *row = &layout->rows[i];

		if (row->is_more)
			continue;
		count_row(&counting, row);
		for (const LayoutRow *more = row; more->more != 0;)
		{
			more = &layout->rows[more->more];
			count_row(&counting, more);
		}
		if (i + 1 == layout->num_rows || layout->rows[i + 1].section != row->section)
			end_section(&counting, row->section, row->standing);
	}
	*counts = counting.counts;
	return counting.num_counts;
}
