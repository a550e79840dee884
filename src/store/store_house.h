/*-------------------------------------------------------------------------
 *
 * store_house.h
 *		The houses of layouts, loaded once and kept by the backend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_HOUSE_H
#define SEATLOCK_STORE_HOUSE_H

#include "seating/house.h"

/* The house of a layout.  It belongs to the cache and is good until the next call. */
extern const House *sl_store_house(int32 layout_id);

extern const House *sl_store_read_house(const char *event, TimestampTz now, const char **statuses);

#endif /* SEATLOCK_STORE_HOUSE_H */
