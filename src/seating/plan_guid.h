/*-------------------------------------------------------------------------
 *
 * plan_guid.h
 *		The guids of a plan's seats, each of one seat.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_GUID_H
#define SEATLOCK_PLAN_GUID_H

#include "seating/plan.h"
#include "seating/plan_notes.h"

/* take a guid that several seats have from all of them */
extern void sl_plan_drop_doubled_guids(SeatingPlan *plan, const PlanPlace *place);

#endif /* SEATLOCK_PLAN_GUID_H */
