/*-------------------------------------------------------------------------
 *
 * store_read.h
 *		The reads: rows of an event as they stand now.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_READ_H
#define SEATLOCK_STORE_READ_H

#include "nodes/execnodes.h"

#include "store/store.h"

extern void sl_store_read_seat_map(ReturnSetInfo *result, const char *event, TimestampTz now);
extern void sl_store_read_holds(ReturnSetInfo *result, const char *event, TimestampTz now);
extern void sl_store_read_seat_history(ReturnSetInfo *result, const char *event, const char *seat);
extern void sl_store_feed_read(ReturnSetInfo *result, const char *event, int64 after, int max_rows);

/* shared by the reads */
extern SeatStatus sl_store_status_at(const SeatRow *seat, TimestampTz now);
extern Datum sl_store_token_text(const pg_uuid_t *token, bool *isnull);

#endif /* SEATLOCK_STORE_READ_H */
