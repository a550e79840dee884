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

#include "seating/availability.h"

typedef struct Counting
{
	const House *house;
	const char *statuses;    /* SeatStatus, parallel to House.seats */
	SeatCounts *by_category; /* of the section being counted */
	SeatCounts *counts;
	int num_counts;
	int max_counts;
} Counting;

static void
count_seat(Counting *counting, int seat, int *block)
{
	const HouseSeat *place = &counting->house->seats[seat];
	SeatCounts *counts = &counting->by_category[house_seat_category(place)];

	counts->capacity++;
	switch ((SeatStatus) counting->statuses[seat])
	{
		case SEAT_FREE:
			counts->num_free++;
			if (house_seat_is_by_label(place))
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
count_run(Counting *counting, const HouseRun *run)
{
	const HouseSeat *seats = counting->house->seats;
	int block = 0;

	for (int seat = run->first; seat < run->first + run->count; seat++)
	{
		if (seat > run->first && seats[seat].kind != seats[seat - 1].kind)
			block = 0;
		count_seat(counting, seat, &block);
	}
}

static void
count_row(Counting *counting, const HouseRow *row)
{
	for (int i = row->first_run; i < row->first_run + row->num_runs; i++)
		count_run(counting, &counting->house->runs[i]);
}

/* The section's counts are complete: keep those of the categories it has. */
static void
end_section(Counting *counting, int section, bool standing)
{
	for (int i = 0; i < counting->house->num_categories; i++)
	{
		SeatCounts *counts = &counting->by_category[i];

		if (counts->capacity > 0)
		{
			if (counting->num_counts == counting->max_counts)
			{
				counting->max_counts = counting->max_counts * 2 + 16;
				counting->counts =
					counting->counts == NULL
						? palloc(sizeof(SeatCounts) * counting->max_counts)
						: repalloc(counting->counts, sizeof(SeatCounts) * counting->max_counts);
			}
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
 * *counts has.  statuses: a SeatStatus per seat of the house, lapsed holds as
 * free.
 */
int
sl_availability_count(const House *house, const char *statuses, SeatCounts **counts)
{
	Counting counting = {.house = house, .statuses = statuses};

	counting.by_category = palloc0(sizeof(SeatCounts) * Max(house->num_categories, 1));
	for (int i = 0; i < house->num_rows; i++)
	{
		const HouseRow *row = &house->rows[i];

		if (row->is_more)
			continue;
		count_row(&counting, row);
		for (const HouseRow *more = row; more->more != 0;)
		{
			more = &house->rows[more->more];
			count_row(&counting, more);
		}
		if (i + 1 == house->num_rows || house->rows[i + 1].section != row->section)
			end_section(&counting, row->section, row->standing);
	}
	*counts = counting.counts;
	return counting.num_counts;
}
