/*-------------------------------------------------------------------------
 *
 * store_feed.h
 *		The change feed of an event.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_FEED_H
#define SEATLOCK_STORE_FEED_H

#include "nodes/execnodes.h"

#include "base/seatlock.h"

extern void sl_store_feed_read(ReturnSetInfo *result, const char *event, int64 after, int max_rows);

#endif /* SEATLOCK_STORE_FEED_H */
