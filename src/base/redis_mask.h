/*-------------------------------------------------------------------------
 *
 * redis_mask.h
 *		Keep the password in seatlock.redis_url out of the server's log.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_MASK_H
#define SEATLOCK_REDIS_MASK_H

/* to be called before the settings are defined */
extern void sl_redis_mask_install(void);

#endif /* SEATLOCK_REDIS_MASK_H */
