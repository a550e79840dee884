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

/* argument: its name in SQL, for errors */
extern SeatList sl_seat_list_parse(const char *text, const char *argument);
extern SeatList sl_seat_list_from_array(ArrayType *array, const char *argument);

#endif /* SEATLOCK_SEAT_LIST_H */
