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

#include "store_sql.h"

/* run one statement, its rows become the result of the set-returning function */
extern void sl_store_read_rows(SqlScope *scope, ReturnSetInfo *result, const char *query, int nargs,
							   const SqlArg *args);

extern void sl_store_read_seat_map(ReturnSetInfo *result, const char *event, TimestampTz now);
extern void sl_store_read_availability(ReturnSetInfo *result, const char *event, TimestampTz now);
extern void sl_store_read_seat_history(ReturnSetInfo *result, const char *event, const char *seat);

#endif /* SEATLOCK_STORE_READ_H */
