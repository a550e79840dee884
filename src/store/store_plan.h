/*-------------------------------------------------------------------------
 *
 * store_plan.h
 *		Venues: a plan in the tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_PLAN_H
#define SEATLOCK_STORE_PLAN_H

#include "seating/plan.h"
#include "store/store_sql.h"

/* 42710 when the venue exists */
extern void sl_store_plan_create(SqlScope *scope, const char *venue, const SeatingPlan *plan,
								 LabelRule rule);
/* below what the venue has; makes the venue when it does not exist; 42710 for its sections */
extern void sl_store_plan_extend(SqlScope *scope, const char *venue, const SeatingPlan *plan);
/* number of seats removed; 42704, 2BP01 */
extern uint64 sl_store_plan_drop(SqlScope *scope, const char *venue);

#endif /* SEATLOCK_STORE_PLAN_H */
