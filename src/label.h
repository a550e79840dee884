/*-------------------------------------------------------------------------
 *
 * label.h
 *		Labels of seats, unique in the event.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_LABEL_H
#define SEATLOCK_LABEL_H

#include "seatlock.h"

/* What a seat is called on the plan. */
typedef struct SeatName
{
	const char *section;
	const char *row_label; /* NULL in general admission */
	const char *seat_number;
} SeatName;

/* How labels were made unique: what the organiser is told. */
typedef struct LabelCounts
{
	int num_prefixed; /* row seats labelled Section-Row-Number; 0 or all of them */
	int num_suffixed; /* seats that needed " (2)", " (3)" and so on */
} LabelCounts;

/* one label per name, in the same order */
extern char **sl_label_make(const SeatName *names, int num_seats, LabelCounts *counts);
/* would it be read as a JSON array or array literal, where seats are named? */
extern bool sl_label_reads_as_list(const char *label);

#endif /* SEATLOCK_LABEL_H */
