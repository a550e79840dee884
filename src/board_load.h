/*-------------------------------------------------------------------------
 *
 * board_load.h
 *		Put an event on the seat board.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_LOAD_H
#define SEATLOCK_BOARD_LOAD_H

extern void sl_board_load(const char *event_name);

#endif /* SEATLOCK_BOARD_LOAD_H */
