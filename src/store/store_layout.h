/*-------------------------------------------------------------------------
 *
 * store_layout.h
 *		The sections and categories of a layout.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_LAYOUT_H
#define SEATLOCK_STORE_LAYOUT_H

#include "utils/jsonb.h"

#include "store/store.h"

/* without its seats: in the order of their numbers, its sections and categories */
extern Layout *sl_store_layout_read(Store *store, int32 layout_id);
extern Jsonb *sl_store_find_drawing(Store *store, int32 layout_id);

/*
 * With its seats, as committed now; as the caller's snapshot has it when it is
 * gone by now, and that is asked for.  Good until the next call.
 */
extern const Layout *sl_store_kept_layout(int32 layout_id, bool latest);

#endif /* SEATLOCK_STORE_LAYOUT_H */
