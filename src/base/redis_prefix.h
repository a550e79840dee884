/*-------------------------------------------------------------------------
 *
 * redis_prefix.h
 *		What the keys in Redis begin with, braces included.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_PREFIX_H
#define SEATLOCK_REDIS_PREFIX_H

extern PGDLLEXPORT char *sl_redis_prefix(void);
extern char *sl_redis_prefix_common(void);

#endif /* SEATLOCK_REDIS_PREFIX_H */
