/*-------------------------------------------------------------------------
 *
 * store_map.h
 *		Loads what the pictures of an event show.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_MAP_H
#define SEATLOCK_STORE_MAP_H

#include "picture/seat_map.h"

/* prepared; 42704 when there is no such event */
extern SeatMap *sl_store_map_load(const char *event, TimestampTz now);

#endif /* SEATLOCK_STORE_MAP_H */
