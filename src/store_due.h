/*-------------------------------------------------------------------------
 *
 * store_due.h
 *		The live holds of all events, read piece by piece.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_DUE_H
#define SEATLOCK_STORE_DUE_H

#include "due.h"

/*
 * Visit the live holds in some blocks of the table from that one on; returns
 * the block to go on with, or 0 at the end.
 */
extern uint32 sl_store_read_due(uint32 first_block, void (*visit)(const DueHold *hold));

#endif /* SEATLOCK_STORE_DUE_H */
