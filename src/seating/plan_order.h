/*-------------------------------------------------------------------------
 *
 * plan_order.h
 *		The order of a plan's rows and seats, by where they stand.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_ORDER_H
#define SEATLOCK_PLAN_ORDER_H

#include "seating/plan.h"

/* A row as a plan lists it: its seats follow each other in the plan's array. */
typedef struct PlanRow
{
	int zone;
	const char *label;
	int first;
	int num_seats;
} PlanRow;

/*
 * Put the seats in seat order: sections as they first appear, in each the rows
 * from the front, in each of these the seats along it.  Rows are those of the
 * seats, PlanSeat.row; afterwards row, run and along are as in the result.
 */
extern void sl_plan_put_in_order(SeatingPlan *plan, const PlanRow *rows, int num_rows);

#endif /* SEATLOCK_PLAN_ORDER_H */
