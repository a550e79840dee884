/*-------------------------------------------------------------------------
 *
 * board_load.h
 *		Put events on the seat board, piece by piece.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_LOAD_H
#define SEATLOCK_BOARD_LOAD_H

#include "base/seatlock.h"

/* for a call that misses an event on the board */
extern void sl_load_want(Oid table, const char *event_name, int32 event_id, int worth);

/* for the worker */
extern void sl_load_init(void);
extern bool sl_load_is_due(void);
extern void sl_load_run(void);

#endif /* SEATLOCK_BOARD_LOAD_H */
