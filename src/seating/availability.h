/*-------------------------------------------------------------------------
 *
 * availability.h
 *		Pure counting: how many seats of each section and category are what.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_AVAILABILITY_H
#define SEATLOCK_AVAILABILITY_H

#include "base/vocabulary.h"
#include "seating/layout.h"

typedef struct SeatCounts
{
	int section;  /* index into Layout.sections */
	int category; /* index into Layout.categories */
	int capacity;
	int num_free;
	int num_held;
	int num_booked;
	int num_not_for_sale;
	int largest_block; /* general admission: num_free */
} SeatCounts;

extern int sl_availability_count(const Layout *layout, const char *statuses, SeatCounts **counts);

#endif /* SEATLOCK_AVAILABILITY_H */
