/*-------------------------------------------------------------------------
 *
 * compare.h
 *		Numbers in ascending order, for qsort().
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_COMPARE_H
#define SEATLOCK_COMPARE_H

#include "postgres.h"

#define COMPARE(x, y) (((x) > (y)) - ((x) < (y)))

static inline int
compare_int32(const void *a, const void *b)
{
	return COMPARE(*(const int32 *) a, *(const int32 *) b);
}

static inline int
compare_double(const void *a, const void *b)
{
	return COMPARE(*(const double *) a, *(const double *) b);
}

#endif /* SEATLOCK_COMPARE_H */
