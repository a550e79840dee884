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

#include <math.h>

#include "plan.h"

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

static double
distance_between(PlanPoint a, PlanPoint b)
{
	return hypot(a.x - b.x, a.y - b.y);
}

static int
compare_doubles(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return (left > right) - (left < right);
}

/*
 * The median distance from a seat of the row to the next; 0 for one seat.  Of
 * an even number of steps it is the lower one: in three seats with a gap, the
 * gap is not usual.
 */
static double
usual_step(const PlanSeat *seats, int num_seats)
{
	double *steps;
	double median;

	if (num_seats < 2)
		return 0;
	steps = palloc((num_seats - 1) * sizeof(double));
	for (int i = 0; i < num_seats - 1; i++)
		steps[i] = distance_between(seats[i].position, seats[i + 1].position);
	qsort(steps, num_seats - 1, sizeof(double), compare_doubles);
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
		if (i == 0 || distance_between(seats[i - 1].position, seats[i].position) > longest)
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
		if (distance_between(from, seats[i].position) >
			distance_between(from, seats[best].position))
			best = i;
	}
	return seats[best].position;
}

/*
 * The ends of a row are its two seats farthest apart, wherever the plan lists
 * them; each seat is dropped onto the line from end to end.  This is right for
 * straight rows in any direction, also where odd numbers run to one side and
 * even ones to the other, and keeps the order of "nearer to the middle" in
 * curved rows.
 */
static void
place_along(PlanSeat *seats, int num_seats, double step)
{
	PlanPoint start = farthest_from(seats[0].position, seats, num_seats);
	PlanPoint end = farthest_from(start, seats, num_seats);
	double length = distance_between(start, end);
	bool by_count = !(step > 0 && length / step <= MAX_ROW_STEPS);

	for (int i = 0; i < num_seats; i++)
	{
		PlanPoint at = seats[i].position;
		double dot = (at.x - start.x) * (end.x - start.x) + (at.y - start.y) * (end.y - start.y);

		seats[i].along = by_count ? SL_ROW_STEP * i : (int) rint(dot / length / step * SL_ROW_STEP);
	}
}

/* Fill in run and along of the seats of one row; *num_runs counts the plan's runs. */
void
sl_plan_measure_row(PlanSeat *seats, int num_seats, int *num_runs)
{
	double step = usual_step(seats, num_seats);

	mark_runs(seats, num_seats, step, num_runs);
	place_along(seats, num_seats, step);
}
