/*-------------------------------------------------------------------------
 *
 * seat_list.h
 *		The seats argument: a set of labels and guids.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_LIST_H
#define SEATLOCK_SEAT_LIST_H

#include "utils/array.h"

#include "base/seatlock.h"

/*
 * Labels in byte order, each once.  A seat that is named by its guid stands among
 * them as {"guid": "..."}, with one blank and no escapes, as no label can begin.
 */
typedef struct SeatList
{
	int num_labels;
	char **labels;
} SeatList;

/* the guid in such a name, copied; NULL: it is a label */
extern char *sl_seat_list_find_guid(const char *label);
/* argument: its name in SQL, for errors */
extern PGDLLEXPORT SeatList sl_seat_list_parse(const char *text, const char *argument);
extern SeatList sl_seat_list_from_array(ArrayType *array, const char *argument);

#endif /* SEATLOCK_SEAT_LIST_H */
