/*-------------------------------------------------------------------------
 *
 * seat_list.h
 *		The seats argument: a set of labels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_LIST_H
#define SEATLOCK_SEAT_LIST_H

#include "utils/array.h"

#include "seatlock.h"

/* Labels in byte order, each once. */
typedef struct SeatList
{
	int num_labels;
	char **labels;
} SeatList;

extern SeatList sl_seat_list_parse(const char *text);
extern SeatList sl_seat_list_from_array(ArrayType *array);

#endif /* SEATLOCK_SEAT_LIST_H */
