/*-------------------------------------------------------------------------
 *
 * store_setup.h
 *		Events: made from a venue, altered and dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SETUP_H
#define SEATLOCK_STORE_SETUP_H

#include "seating/label.h"
#include "store/store_sql.h"

/* When and how an event is sold. */
typedef struct EventTerms
{
	NullableDatum opens_at;  /* null: at once */
	NullableDatum closes_at; /* null: never */
	int hold_seconds;
	int max_hold_seconds;
	int max_seats_per_holder; /* 0: no cap */
} EventTerms;

/* number of seats; 42704, 42710 */
extern uint64 sl_store_setup_create(SqlScope *scope, const char *event, const char *venue,
									const EventTerms *terms, TimestampTz now, LabelCounts *counts);
/* locks the event's row and reads its terms; 42704 */
extern int32 sl_store_setup_lock_terms(SqlScope *scope, const char *event, EventTerms *terms);
extern void sl_store_setup_set_terms(SqlScope *scope, int32 event_id, const EventTerms *terms);
/* from now on all holds count for max_seats_per_holder */
extern void sl_store_setup_cap_holds(SqlScope *scope, int32 event_id);
/* the event's row alone, so that claims meet a row in change; 42704 */
extern int32 sl_store_setup_remove_event(SqlScope *scope, const char *event, int32 *layout_id);
extern void sl_store_setup_count_live(SqlScope *scope, int32 event_id, TimestampTz now,
									  int64 *num_held, int64 *num_booked);
/* number of seats */
extern uint64 sl_store_setup_remove_rest(SqlScope *scope, int32 event_id, int32 layout_id);

/* adds places to a section of general admission of this event alone; 42704, 42809, 22023 */
extern void sl_store_area_grow(SqlScope *scope, const char *event, const char *section,
							   int num_places);

#endif /* SEATLOCK_STORE_SETUP_H */
