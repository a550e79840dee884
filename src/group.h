/*-------------------------------------------------------------------------
 *
 * group.h
 *		Many buyers' claims decided and committed together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_GROUP_H
#define SEATLOCK_GROUP_H

#include "claim.h"
#include "crew.h"
#include "stat.h"

/* most requests in one group */
#define SL_MAX_GROUP 64

/* room for a request: what is answered about its seats must fit into a slot too */
#define SL_MAX_REQUEST_BYTES 3000

extern StatVerb sl_group_verb(const ClaimRequest *request);
extern void sl_group_init(void);
extern void sl_group_run(CrewEntry *entry, const int *slots, int num_slots);

#endif /* SEATLOCK_GROUP_H */
