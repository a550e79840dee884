/*-------------------------------------------------------------------------
 *
 * store_area.h
 *		Areas of general admission of events that are on sale.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_AREA_H
#define SEATLOCK_STORE_AREA_H

#include "store/store_sql.h"

/* adds places to a section of general admission of this event alone; 42704, 42809, 22023 */
extern void sl_store_area_grow(SqlScope *scope, const char *event, const char *section,
							   int num_places);

#endif /* SEATLOCK_STORE_AREA_H */
