/*-------------------------------------------------------------------------
 *
 * seat_map_pile.c
 *		Places for seats that a plan puts in one pile.
 *
 * Plans need not say where rows are: then all rows of a section lie on each
 * other, or even all seats, and a picture of them as they stand would show one
 * seat for many.  Such a section is drawn as it is listed, row below row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "picture/seat_map.h"

/* a section is a pile when so many of its rows cannot be seen */
#define PILE_SHARE 0.5

/* Where a row begins and ends. */
typedef struct RowEnds
{
	PlanPoint first;
	PlanPoint last;
	int num_seats;
} RowEnds;

static int
compare_points(const PlanPoint *a, const PlanPoint *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return (a->y > b->y) - (a->y < b->y);
}

static int
compare_ends(const void *a, const void *b)
{
	const RowEnds *x = a;
	const RowEnds *y = b;
	int first = compare_points(&x->first, &y->first);

	return first != 0 ? first : compare_points(&x->last, &y->last);
}

static RowEnds *
collect_ends(const SeatMap *map, const MapSection *section, int *num_rows)
{
	RowEnds *rows =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(RowEnds) * (Size) section->num_seats);

	*num_rows = 0;
	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		const MapSeat *seat = &map->seats[i];

		if (i == section->first_seat || seat->row_no != seat[-1].row_no)
			rows[(*num_rows)++] = (RowEnds){seat->position, seat->position, 0};
		rows[*num_rows - 1].last = seat->position;
		rows[*num_rows - 1].num_seats++;
	}
	return rows;
}

/*
 * Rows that begin or end where another does lie on it; rows that end where they
 * begin, on one spot.
 */
static bool
is_pile(const SeatMap *map, const MapSection *section)
{
	int num_rows;
	RowEnds *rows = collect_ends(map, section, &num_rows);
	int num_hidden = 0;

	CHECK_FOR_INTERRUPTS();
	qsort(rows, num_rows, sizeof(RowEnds), compare_ends);
	for (int i = 0; i < num_rows; i++)
	{
		if ((i > 0 && compare_points(&rows[i - 1].first, &rows[i].first) == 0) ||
			(rows[i].num_seats > 1 && compare_points(&rows[i].first, &rows[i].last) == 0))
			num_hidden++;
	}
	pfree(rows);
	return num_hidden > 0 && num_hidden >= PILE_SHARE * num_rows;
}

static void
lay_out_rows(SeatMap *map, const MapSection *section)
{
	PlanPoint start = map->seats[section->first_seat].position;
	PlanPoint place = start;

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		MapSeat *seat = &map->seats[i];

		if (i > section->first_seat && seat->row_no != seat[-1].row_no)
			place = (PlanPoint){start.x, place.y + PLAN_SEAT_STEP};
		else if (i > section->first_seat)
			place.x += PLAN_SEAT_STEP;
		seat->position = place;
	}
}

void
sl_seat_map_spread_piles(SeatMap *map)
{
	for (int i = 0; i < map->num_sections; i++)
	{
		MapSection *section = &map->sections[i];

		section->is_pile = !section->general_admission && is_pile(map, section);
		if (section->is_pile)
			lay_out_rows(map, section);
	}
}
