/*-------------------------------------------------------------------------
 *
 * plan_row.c
 *		A row of a plan, measured: who are neighbours, how far along each is.
 *
 * Both are worked out here once, when a plan is taken in, and kept with the
 * seat.  A search then compares whole numbers only: two blocks equally far from
 * the middle are exactly equal, and the pick does not hang on how a platform
 * rounds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/compare.h"
#include "seating/plan.h"

/* a gap of more steps than that parts neighbours */
#define AISLE_STEPS 1.5

/* step lengths are differences of rounded decimals */
#define STEP_TOLERANCE 1e-6

/*
 * A row longer than this many of its own steps has no sensible step: a plan
 * with seats nearly on top of each other.  Such a row is measured by counting,
 * and no along can overflow.
 */
#define MAX_ROW_STEPS 1e7

/*
 * The median distance from a seat of the row to the next; 0 for one seat.  Of
 * an even number of steps it is the lower one: in three seats with a gap, the
 * gap is not usual.
 */
double
sl_plan_usual_step(const PlanSeat *seats, int num_seats)
{
	double *steps;
	double median;

	if (num_seats < 2)
		return 0;
	steps = palloc((num_seats - 1) * sizeof(double));
	for (int i = 0; i < num_seats - 1; i++)
		steps[i] = plan_distance(seats[i].position, seats[i + 1].position);
	qsort(steps, num_seats - 1, sizeof(double), compare_double);
	median = steps[(num_seats - 2) / 2];
	pfree(steps);
	return median;
}

/* Neighbours follow each other in the row and are not farther apart than is usual in it. */
static void
mark_runs(PlanSeat *seats, int num_seats, double step, int *num_runs)
{
	double longest = AISLE_STEPS * step * (1 + STEP_TOLERANCE);

	for (int i = 0; i < num_seats; i++)
	{
		if (i == 0 || plan_distance(seats[i - 1].position, seats[i].position) > longest)
			(*num_runs)++;
		seats[i].run = *num_runs - 1;
	}
}

static PlanPoint
farthest_from(PlanPoint from, const PlanSeat *seats, int num_seats)
{
	int best = 0;

	for (int i = 1; i < num_seats; i++)
	{
		if (plan_distance(from, seats[i].position) > plan_distance(from, seats[best].position))
			best = i;
	}
	return seats[best].position;
}

/*
 * The line of a row goes from end to end: its two seats farthest apart, wherever
 * the plan lists them.  This is right for straight rows in any direction, and
 * keeps the order of "nearer to the middle" in curved rows.
 */
PlanLine
sl_plan_find_line(const PlanSeat *seats, int num_seats)
{
	PlanLine line;

	line.start = farthest_from(seats[0].position, seats, num_seats);
	line.end = farthest_from(line.start, seats, num_seats);
	return line;
}

/* How far along the line a seat is, which need not stand on it: in units of its length. */
double
sl_plan_drop_onto(const PlanLine *line, PlanPoint at)
{
	return (at.x - line->start.x) * (line->end.x - line->start.x) +
		   (at.y - line->start.y) * (line->end.y - line->start.y);
}

static void
place_along(PlanSeat *seats, int num_seats, double step)
{
	PlanLine line = sl_plan_find_line(seats, num_seats);
	double length = plan_distance(line.start, line.end);
	bool by_count = !(step > 0 && length / step <= MAX_ROW_STEPS);

	for (int i = 0; i < num_seats; i++)
		seats[i].along = by_count ? SL_ROW_STEP * i
								  : (int) rint(sl_plan_drop_onto(&line, seats[i].position) /
											   length / step * SL_ROW_STEP);
}

/* A seat on its way to its place in the row. */
typedef struct SeatInRow
{
	double along;
	int listed;
} SeatInRow;

static int
compare_in_row(const void *a, const void *b)
{
	const SeatInRow *x = a;
	const SeatInRow *y = b;

	if (x->along != y->along)
		return x->along < y->along ? -1 : 1;
	return COMPARE(x->listed, y->listed);
}

static double
path_length(const PlanSeat *seats, int num_seats)
{
	double length = 0;

	for (int i = 1; i < num_seats; i++)
		length += plan_distance(seats[i - 1].position, seats[i].position);
	return length;
}

/* Does the list run against the line, in most of its steps?  Else go to the right, or down. */
static bool
runs_backwards(const PlanLine *line, const PlanSeat *seats, int num_seats)
{
	int forwards = 0;

	for (int i = 1; i < num_seats; i++)
	{
		double before = sl_plan_drop_onto(line, seats[i - 1].position);
		double here = sl_plan_drop_onto(line, seats[i].position);

		forwards += COMPARE(here, before);
	}
	if (forwards != 0)
		return forwards < 0;
	return line->end.x < line->start.x ||
		   (line->end.x == line->start.x && line->end.y < line->start.y);
}

/*
 * Put the seats of a row in the order in which they stand along it, where the
 * list does not have them so: where it goes a longer way than that order does.  A
 * row that turns back on itself, and is listed as it runs, stays so.
 */
void
sl_plan_order_row(PlanSeat *seats, int num_seats)
{
	PlanLine line = sl_plan_find_line(seats, num_seats);
	SeatInRow *order;
	PlanSeat *sorted;
	bool backwards;

	if (num_seats < 3 || plan_distance(line.start, line.end) == 0)
		return;
	order = palloc(sizeof(SeatInRow) * num_seats);
	sorted = palloc_extended(sizeof(PlanSeat) * num_seats, MCXT_ALLOC_HUGE);
	for (int i = 0; i < num_seats; i++)
		order[i] = (SeatInRow){sl_plan_drop_onto(&line, seats[i].position), i};
	qsort(order, num_seats, sizeof(SeatInRow), compare_in_row);
	backwards = runs_backwards(&line, seats, num_seats);
	for (int i = 0; i < num_seats; i++)
		sorted[backwards ? num_seats - 1 - i : i] = seats[order[i].listed];
	if (path_length(sorted, num_seats) < path_length(seats, num_seats) * (1 - STEP_TOLERANCE))
		memcpy(seats, sorted, sizeof(PlanSeat) * num_seats);
	pfree(sorted);
	pfree(order);
}

/* Fill in run and along of the seats of one row; *num_runs counts the plan's runs. */
void
sl_plan_measure_row(PlanSeat *seats, int num_seats, int *num_runs)
{
	double step = sl_plan_usual_step(seats, num_seats);

	mark_runs(seats, num_seats, step, num_runs);
	place_along(seats, num_seats, step);
}
