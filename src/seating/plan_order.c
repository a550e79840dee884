/*-------------------------------------------------------------------------
 *
 * plan_order.c
 *		The order of a plan's rows and seats, by where they stand.
 *
 * Plans list rows and seats in many ways: by number with odd ones to the left,
 * a row in pieces, the middle first.  Buyers and the search for the best seats
 * go by where things are.  So here, once, when a plan is taken in: pieces that
 * continue each other become one row, rows rank from the stage if one is drawn,
 * and seats go along their row (plan_row.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/compare.h"
#include "seating/plan_area.h"
#include "seating/plan_order.h"

/* pieces of a row may be so many of its steps apart */
#define PIECE_STEPS 4

/* and the way from one to the next turns by no more than that: the cosine of 30 degrees */
#define PIECE_COSINE 0.866

/* distances of rows from the stage are told apart to this part of a unit */
#define FRONT_UNIT (1.0 / 16)
#define MAX_DISTANCE 1e15

/* each seat is held against each of so many */
#define MAX_STAGES 16

/* Where a row of the plan goes. */
typedef struct RowRank
{
	int64 distance; /* from the stage, in FRONT_UNITs; the same for all when there is none */
	int row;        /* where the plan lists the first of its pieces */
} RowRank;

/* A piece of a row, while it is looked at beside the others of its name. */
typedef struct Piece
{
	const PlanRow *row;
	int index; /* of the row */
	double along;
	const PlanSeat *seats;
} Piece;

/* Where a seat goes. */
typedef struct SeatRank
{
	int section;
	RowRank row; /* places have none */
	int seat;    /* as the plan lists it */
} SeatRank;

/* The cosine of the angle between two ways; 1 when one of them leads nowhere. */
static double
cosine_between(PlanPoint from, PlanPoint over, PlanPoint to)
{
	double lengths = plan_distance(from, over) * plan_distance(over, to);

	if (lengths == 0)
		return 1;
	return ((over.x - from.x) * (to.x - over.x) + (over.y - from.y) * (to.y - over.y)) / lengths;
}

/* The seat at one end of a piece, and the one before it, if there is one. */
static const PlanSeat *
end_of(const Piece *piece, bool last, const PlanSeat **before)
{
	int n = piece->row->num_seats;
	int end = last ? n - 1 : 0;

	*before = n == 1 ? NULL : &piece->seats[last ? n - 2 : 1];
	return &piece->seats[end];
}

/* Does one end of a piece lead to one end of the other, a few steps away? */
static bool
ends_meet(const Piece *a, bool last_of_a, const Piece *b, bool last_of_b, double step)
{
	const PlanSeat *before;
	const PlanSeat *after;
	const PlanSeat *from = end_of(a, last_of_a, &before);
	const PlanSeat *to = end_of(b, last_of_b, &after);

	/* what stands in one place is listed twice, and continues nothing */
	if (plan_distance(from->position, to->position) > PIECE_STEPS * step ||
		plan_distance(from->position, to->position) < step / 2)
		return false;
	return (before == NULL ||
			cosine_between(before->position, from->position, to->position) >= PIECE_COSINE) &&
		   (after == NULL ||
			cosine_between(from->position, to->position, after->position) >= PIECE_COSINE);
}

static bool
continue_each_other(const Piece *a, const Piece *b)
{
	double step = Max(sl_plan_usual_step(a->seats, a->row->num_seats),
					  sl_plan_usual_step(b->seats, b->row->num_seats));

	return ends_meet(a, true, b, false, step) || ends_meet(a, false, b, true, step) ||
		   ends_meet(a, true, b, true, step) || ends_meet(a, false, b, false, step);
}

static int
compare_names(const void *a, const void *b)
{
	const Piece *x = a;
	const Piece *y = b;
	int names;

	if (x->row->zone != y->row->zone)
		return x->row->zone < y->row->zone ? -1 : 1;
	names = strcmp(x->row->label, y->row->label);
	return names != 0 ? names : COMPARE(x->index, y->index);
}

static int
compare_along(const void *a, const void *b)
{
	const Piece *x = a;
	const Piece *y = b;

	if (x->along != y->along)
		return x->along < y->along ? -1 : 1;
	return COMPARE(x->index, y->index);
}

/*
 * Join pieces of one zone and row number that stand in one line: each is looked
 * at beside the next, in the order in which they stand.
 */
static void
join_pieces(Piece *pieces, int count, int *row_of)
{
	PlanSeat *heads = palloc(sizeof(PlanSeat) * count);
	PlanLine line;

	for (int i = 0; i < count; i++)
		heads[i] = pieces[i].seats[0];
	line = sl_plan_find_line(heads, count);
	for (int i = 0; i < count; i++)
		pieces[i].along = sl_plan_drop_onto(&line, heads[i].position);
	pfree(heads);
	qsort(pieces, count, sizeof(Piece), compare_along);
	for (int i = 1; i < count; i++)
		if (continue_each_other(&pieces[i - 1], &pieces[i]))
			row_of[pieces[i].index] = row_of[pieces[i - 1].index];
}

static bool
have_one_name(const Piece *a, const Piece *b)
{
	return a->row->zone == b->row->zone && strcmp(a->row->label, b->row->label) == 0;
}

/* The row that each listed row is part of, named by one of its pieces. */
static int *
find_rows(const SeatingPlan *plan, const PlanRow *rows, int num_rows)
{
	Piece *pieces = palloc(sizeof(Piece) * Max(num_rows, 1));
	int *row_of = palloc(sizeof(int) * Max(num_rows, 1));
	int first = 0;

	for (int i = 0; i < num_rows; i++)
	{
		row_of[i] = i;
		pieces[i] = (Piece){&rows[i], i, 0, plan->seats + rows[i].first};
	}
	qsort(pieces, num_rows, sizeof(Piece), compare_names);
	for (int i = 1; i <= num_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i < num_rows && have_one_name(&pieces[first], &pieces[i]))
			continue;
		if (i - first > 1)
			join_pieces(pieces + first, i - first, row_of);
		first = i;
	}
	pfree(pieces);
	return row_of;
}

/* How far it is from a seat to the nearest stage. */
static double
distance_to_stage(PlanPoint seat, const PlanBox *stages, int num_stages)
{
	double nearest = INFINITY;

	for (int i = 0; i < num_stages; i++)
	{
		double x = Max(Max(stages[i].low.x - seat.x, seat.x - stages[i].high.x), 0);
		double y = Max(Max(stages[i].low.y - seat.y, seat.y - stages[i].high.y), 0);

		nearest = Min(nearest, hypot(x, y));
	}
	return nearest;
}

static PlanBox *
find_stages(const SeatingPlan *plan, int *num_stages)
{
	PlanBox *stages = palloc(sizeof(PlanBox) * Max(plan->num_areas, 1));

	*num_stages = 0;
	for (int i = 0; i < plan->num_areas && *num_stages < MAX_STAGES; i++)
		if (plan->areas[i].is_stage)
			stages[(*num_stages)++] = sl_plan_area_box(&plan->areas[i]);
	return stages;
}

/* A row is as far from the stage as the nearest of its seats. */
static void
measure_distances(const SeatingPlan *plan, const int *row_of, RowRank *ranks)
{
	int num_stages;
	PlanBox *stages = find_stages(plan, &num_stages);

	for (int i = 0; i < plan->num_seats && num_stages > 0; i++)
	{
		const PlanSeat *seat = &plan->seats[i];

		CHECK_FOR_INTERRUPTS();
		if (seat->row != PLAN_NO_ROW)
		{
			RowRank *rank = &ranks[row_of[seat->row]];
			double distance = distance_to_stage(seat->position, stages, num_stages);

			rank->distance =
				Min(rank->distance, (int64) rint(Min(distance / FRONT_UNIT, MAX_DISTANCE)));
		}
	}
	pfree(stages);
}

/* By the row that names it. */
static RowRank *
rank_rows(const SeatingPlan *plan, const int *row_of, int num_rows)
{
	RowRank *ranks = palloc(sizeof(RowRank) * Max(num_rows, 1));

	/* a row is listed where the first of its pieces is */
	for (int i = num_rows - 1; i >= 0; i--)
	{
		ranks[i].distance = MAX_DISTANCE;
		ranks[row_of[i]].row = i;
	}
	measure_distances(plan, row_of, ranks);
	return ranks;
}

static int
compare_seats(const void *a, const void *b)
{
	const SeatRank *x = a;
	const SeatRank *y = b;

	if (x->section != y->section)
		return COMPARE(x->section, y->section);
	if (x->row.distance != y->row.distance)
		return COMPARE(x->row.distance, y->row.distance);
	if (x->row.row != y->row.row)
		return COMPARE(x->row.row, y->row.row);
	return COMPARE(x->seat, y->seat);
}

/* Sort the seats by section and row; within a row they stay as they are listed. */
static void
sort_seats(SeatingPlan *plan, const int *row_of, const RowRank *rows)
{
	Size count = plan->num_seats;
	SeatRank *ranks = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(SeatRank) * count);
	PlanSeat *sorted = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(PlanSeat) * count);

	for (int i = 0; i < plan->num_seats; i++)
	{
		const PlanSeat *seat = &plan->seats[i];

		ranks[i] = (SeatRank){.section = seat->section, .seat = i};
		if (seat->row != PLAN_NO_ROW)
			ranks[i].row = rows[row_of[seat->row]];
	}
	qsort(ranks, count, sizeof(SeatRank), compare_seats);
	for (int i = 0; i < plan->num_seats; i++)
	{
		sorted[i] = plan->seats[ranks[i].seat];
		if (sorted[i].row != PLAN_NO_ROW)
			sorted[i].row = ranks[i].row.row;
	}
	memcpy(plan->seats, sorted, sizeof(PlanSeat) * count);
	pfree(sorted);
	pfree(ranks);
}

/* Seats that follow each other and have one row are a row: rows and runs rise with the order. */
static void
measure_rows(SeatingPlan *plan)
{
	int num_rows = 0;
	int num_runs = 0;
	int next;

	for (int first = 0; first < plan->num_seats; first = next)
	{
		int row = plan->seats[first].row;

		CHECK_FOR_INTERRUPTS();
		next = first + 1;
		if (row == PLAN_NO_ROW)
			continue;
		while (next < plan->num_seats && plan->seats[next].row == row)
			next++;
		sl_plan_order_row(plan->seats + first, next - first);
		sl_plan_measure_row(plan->seats + first, next - first, &num_runs);
		for (int i = first; i < next; i++)
			plan->seats[i].row = num_rows;
		num_rows++;
	}
}

void
sl_plan_put_in_order(SeatingPlan *plan, const PlanRow *rows, int num_rows)
{
	int *row_of;

	for (int i = 0; i < num_rows; i++)
		sl_plan_order_row(plan->seats + rows[i].first, rows[i].num_seats);
	row_of = find_rows(plan, rows, num_rows);
	sort_seats(plan, row_of, rank_rows(plan, row_of, num_rows));
	measure_rows(plan);
	pfree(row_of);
}
