/*-------------------------------------------------------------------------
 *
 * group_queue.h
 *		Where SQL callers hand in their requests to the group worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_GROUP_QUEUE_H
#define SEATLOCK_GROUP_QUEUE_H

#include "base/seatlock.h"

/* room for a request: what is answered about its seats must fit into a slot too */
#define SL_MAX_REQUEST_BYTES 3000

extern void sl_group_queue_init(void);
extern void sl_group_queue_serve(const int *slots, int num_slots);

#endif /* SEATLOCK_GROUP_QUEUE_H */
