/*-------------------------------------------------------------------------
 *
 * expiry.h
 *		The worker records lapses as they come due.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EXPIRY_H
#define SEATLOCK_EXPIRY_H

#include "base/seatlock.h"

extern void sl_expiry_init(void);
extern bool sl_expiry_is_due(void);
extern bool sl_expiry_run(void);
extern long sl_expiry_pause(void);

#endif /* SEATLOCK_EXPIRY_H */
