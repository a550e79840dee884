/*-------------------------------------------------------------------------
 *
 * plan_json.h
 *		Typed reading of a seating plan's jsonb, with errors that name the place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_JSON_H
#define SEATLOCK_PLAN_JSON_H

#include "compat.h"
#include "plan.h"

/* one step of the way down to a place in the plan */
typedef struct PlanStep
{
	int number;       /* counted from 1; 0: not inside such a thing */
	const char *name; /* NULL until it is known */
} PlanStep;

/* Where the reader is, for errors. */
typedef struct PlanPlace
{
	PlanStep category;
	PlanStep zone;
	PlanStep row;
	PlanStep seat;
	PlanStep area;
} PlanPlace;

/* 22023: invalid seating plan: <place>: <problem> */
pg_noreturn extern void sl_plan_refuse(const PlanPlace *place, const char *problem,
									   const char *detail);

/*
 * Values of an object by key; JSON null counts as absent.  The plain forms
 * refuse an absent value, the find_ forms return false or NULL.
 */
extern JsonbContainer *sl_plan_json_find_object(JsonbContainer *object, const char *key,
												const PlanPlace *place);
extern JsonbContainer *sl_plan_json_array(JsonbContainer *object, const char *key,
										  const PlanPlace *place);
extern JsonbContainer *sl_plan_json_find_array(JsonbContainer *object, const char *key,
											   const PlanPlace *place);
extern JsonbContainer *sl_plan_json_element(JsonbContainer *array, int i, const PlanPlace *place);
/* text without leading and trailing white space; find_ takes an empty one as absent */
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
