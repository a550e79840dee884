/*-------------------------------------------------------------------------
 *
 * store_layout_grow.h
 *		Layouts in the tables: what all nights of a house share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_LAYOUT_GROW_H
#define SEATLOCK_STORE_LAYOUT_GROW_H

#include "seating/plan.h"
#include "store/store_sql.h"

/* of a new venue, without a seat yet */
extern void sl_store_layout_create(SqlScope *scope, int32 layout_id, LabelRule rule);
/* add a plan to the venue's layout, or to a copy of its own; 42710 for its sections */
extern void sl_store_layout_extend(SqlScope *scope, int32 layout_id, const char *venue,
								   const SeatingPlan *plan);
/* an event has it now: from here on it never changes; returns the number of seats */
extern int sl_store_layout_finish(SqlScope *scope, int32 layout_id, LabelCounts *counts);
/* a copy's categories and sections */
extern void sl_store_layout_copy_parts(SqlScope *scope, int32 from, int32 to);
/* a venue or event has it no more: if it was the last, the layout goes; number of seats gone */
extern uint64 sl_store_layout_leave(SqlScope *scope, int32 layout_id);

#endif /* SEATLOCK_STORE_LAYOUT_GROW_H */
