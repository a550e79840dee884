/*-------------------------------------------------------------------------
 *
 * best_split.h
 *		The best seats for a party that cannot sit in one block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BEST_SPLIT_H
#define SEATLOCK_BEST_SPLIT_H

#include "seating/best_block.h"

extern int sl_best_split(const BestSearch *search);

#endif /* SEATLOCK_BEST_SPLIT_H */
