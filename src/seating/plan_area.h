/*-------------------------------------------------------------------------
 *
 * plan_area.h
 *		Areas of a seating plan: reading, and spreading places in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_AREA_H
#define SEATLOCK_PLAN_AREA_H

#include "seating/plan.h"
#include "seating/plan_json.h"

/* fills all of area but its section; names it in place for errors */
extern void sl_plan_read_area(JsonbContainer *json, PlanPlace *place, PlanPoint origin,
							  PlanArea *area);
/* absolute positions of so many places inside the area */
extern void sl_plan_spread_places(const PlanArea *area, int num_places, PlanPoint *places);
/* a box around the area and its position */
extern PlanBox sl_plan_area_box(const PlanArea *area);

/* plan_stage.c: is it what the audience looks at?  name is the area's own, or NULL */
extern bool sl_plan_is_stage(const PlanArea *area, const char *name, JsonbContainer *json,
							 const PlanPlace *place);

#endif /* SEATLOCK_PLAN_AREA_H */
