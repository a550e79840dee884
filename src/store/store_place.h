/*-------------------------------------------------------------------------
 *
 * store_place.h
 *		Where the state row of a seat should be, by its number.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_PLACE_H
#define SEATLOCK_STORE_PLACE_H

#include "store/table.h"

extern bool sl_place_guess(Store *store, int32 event_id, int32 seat_no, ItemPointer tid);

#endif /* SEATLOCK_STORE_PLACE_H */
