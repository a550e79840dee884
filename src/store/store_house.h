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
 * The house of a layout as committed now; as the caller's snapshot has it when it
 * is gone by now, and that is asked for.  Good until the next call.
 */
extern const Layout *sl_store_kept_layout(int32 layout_id, bool latest);

#endif /* SEATLOCK_STORE_HOUSE_H */
