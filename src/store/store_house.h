/*-------------------------------------------------------------------------
 *
 * store_house.h
 *		The houses of layouts, loaded once and kept by the backend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_HOUSE_H
#define SEATLOCK_STORE_HOUSE_H

#include "seating/layout.h"

/*
 * The house of a layout as committed now, or through the caller's snapshot.  It
 * belongs to the cache and is good until the next call.
 */
extern const Layout *sl_store_kept_layout(int32 layout_id, bool latest);

#endif /* SEATLOCK_STORE_HOUSE_H */
