/*-------------------------------------------------------------------------
 *
 * redis_acl.h
 *		The Redis users of a database, as commands that make them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_ACL_H
#define SEATLOCK_REDIS_ACL_H

typedef enum RedisUser
{
	REDIS_BUYER,
	REDIS_MAP_PAGE,
	REDIS_WORKER,
	NUM_REDIS_USERS
} RedisUser;

extern char *sl_redis_acl(RedisUser user, const char *prefix, const char *workers_prefix);

#endif /* SEATLOCK_REDIS_ACL_H */
