/*-------------------------------------------------------------------------
 *
 * best_block.c
 *		What each search for the best seats does over and over: read a row, and
 *		find the best block in a part of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/best_block.h"

/* Make sure that the choices of the seats from first to before end are known. */
void
sl_best_block_read(const BestSearch *search, int first, int end)
{
	SeatChoices *choices = search->choices;

	CHECK_FOR_INTERRUPTS();
	if (choices->read == NULL)
		return;
	for (int chunk = first - first % SL_SEATS_PER_CHUNK; chunk < end; chunk += SL_SEATS_PER_CHUNK)
	{
		if (choices->values[chunk] == CHOICE_UNKNOWN)
			choices->read(choices, chunk,
						  Min(SL_SEATS_PER_CHUNK, search->layout->num_seats - chunk));
	}
}

void
sl_best_block_read_row(const BestSearch *search, const LayoutRow *row)
{
	sl_best_block_read(search, layout_row_first(search->layout, row),
					   layout_row_end(search->layout, row));
}

/*
 * An orphan is one free seat between the block and a taken seat or the end of
 * the run.  Any free seat counts, also one that this party may not have (of
 * another category): alone is alone.  A skipped seat is neither free nor taken,
 * since its claimer may lose: it is no orphan and makes none.
 */
static bool
leaves_orphan(const BestSearch *search, const LayoutRun *run, int seat, int direction)
{
	const uint8 *values = search->choices->values;
	int beyond = seat + direction;
	int end = run->first + run->count;

	if (seat < run->first || seat >= end || values[seat] != CHOICE_FREE)
		return false;
	return beyond < run->first || beyond >= end || values[beyond] == CHOICE_TAKEN;
}

/*
 * Find the best block of size usable neighbours among the seats from..to-1 of a
 * run.  A block replaces *best when it leaves fewer orphans, or as many and is
 * nearer to its row's middle; of equals the first stays.
 */
void
sl_best_block_find(const BestSearch *search, const LayoutRow *row, const LayoutRun *run, int from,
				   int to, int size, Block *best)
{
	const LayoutSeat *seats = search->layout->seats;
	int streak = 0;

	for (int last = from; last < to; last++)
	{
		Block block;

		streak = seat_is_usable(search, last) ? streak + 1 : 0;
		if (streak < size)
			continue;
		block.first = last - size + 1;
		block.orphans = leaves_orphan(search, run, block.first - 1, -1) +
						leaves_orphan(search, run, last + 1, +1);
		block.distance = abs(seats[block.first].along + seats[last].along - row->ends);
		if (best->first < 0 || block.orphans < best->orphans ||
			(block.orphans == best->orphans && block.distance < best->distance))
			*best = block;
	}
}
