/*-------------------------------------------------------------------------
 *
 * plan_json.h
 *		Typed reading of a seating plan's jsonb, with errors that name the place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_JSON_H
#define SEATLOCK_PLAN_JSON_H

#include "seating/plan.h"
#include "seating/plan_notes.h"

/* what is to be read: the plan, or the one whose text it is */
extern Jsonb *sl_plan_json_unwrap(Jsonb *json, const PlanPlace *place);

/*
 * Values of an object by key; JSON null counts as absent.  The plain forms
 * refuse an absent value, the find_ forms return false or NULL.  What is refused
 * is noted, and something harmless returned: NULL, 0 or "?".
 */
extern JsonbContainer *sl_plan_json_find_object(JsonbContainer *object, const char *key,
												const PlanPlace *place);
extern JsonbContainer *sl_plan_json_array(JsonbContainer *object, const char *key,
										  const PlanPlace *place);
extern JsonbContainer *sl_plan_json_find_array(JsonbContainer *object, const char *key,
											   const PlanPlace *place);
extern JsonbContainer *sl_plan_json_element(JsonbContainer *array, int i, const PlanPlace *place);
/* how many elements; none in NULL */
extern int sl_plan_json_size(JsonbContainer *array);
/* text without leading and trailing white space, or a number; find_ takes an empty one as absent */
extern char *sl_plan_json_text(JsonbContainer *object, const char *key, const PlanPlace *place);
extern char *sl_plan_json_find_text(JsonbContainer *object, const char *key,
									const PlanPlace *place);
extern double sl_plan_json_number(JsonbContainer *object, const char *key, const PlanPlace *place);
extern bool sl_plan_json_find_number(JsonbContainer *object, const char *key,
									 const PlanPlace *place, double *number);
extern bool sl_plan_json_find_bool(JsonbContainer *object, const char *key, const PlanPlace *place,
								   bool *value);
/* {x, y} */
extern PlanPoint sl_plan_json_point(JsonbContainer *object, const char *key,
									const PlanPlace *place);
extern bool sl_plan_json_find_point(JsonbContainer *object, const char *key, const PlanPlace *place,
									PlanPoint *point);

#endif /* SEATLOCK_PLAN_JSON_H */
