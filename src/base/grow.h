/*-------------------------------------------------------------------------
 *
 * grow.h
 *		Arrays that get one element after the other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_GROW_H
#define SEATLOCK_GROW_H

#include "postgres.h"

#define GROW_FIRST 16

/*
 * The array with room for one element more than are in use, by doubling *room.
 * It begins as NULL with no room, in the current memory context, and stays there.
 */
static inline void *
grow_array(void *array, int used, int *room, Size size)
{
	if (used < *room)
		return array;
	*room = Max(GROW_FIRST, *room * 2);
	return array == NULL ? palloc(size * *room) : repalloc_huge(array, size * *room);
}

#endif /* SEATLOCK_GROW_H */
