/*-------------------------------------------------------------------------
 *
 * board_name.h
 *		Numbers of the events on the seat board, by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_NAME_H
#define SEATLOCK_BOARD_NAME_H

#include "shmem/event_key.h"

extern Size sl_board_name_shared_size(void);
extern void sl_board_name_attach(void);

extern int32 sl_board_name_find(Oid table, const char *name);
extern void sl_board_name_note(const EventKey *event, const char *name);
extern void sl_board_name_forget(const EventKey *event, const char *name);

#endif /* SEATLOCK_BOARD_NAME_H */
