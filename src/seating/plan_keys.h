/*-------------------------------------------------------------------------
 *
 * plan_keys.h
 *		The keys that objects of a plan have, and those that nobody reads.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_KEYS_H
#define SEATLOCK_PLAN_KEYS_H

#include "utils/jsonb.h"

#include "seating/plan_notes.h"

typedef enum PlanObject
{
	OBJECT_PLAN,
	OBJECT_CATEGORY,
	OBJECT_ZONE,
	OBJECT_ROW,
	OBJECT_SEAT,
	OBJECT_AREA,
	NUM_OBJECTS
} PlanObject;

/* note which keys of it mean nothing */
extern void sl_plan_note_keys(const PlanPlace *place, PlanObject kind, JsonbContainer *json);
/* one notice with all of them */
extern void sl_plan_tell_keys(const PlanNotes *notes, const char *venue);

#endif /* SEATLOCK_PLAN_KEYS_H */
