/*-------------------------------------------------------------------------
 *
 * redis_prefix.c
 *		What the keys in Redis begin with, braces included.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "miscadmin.h"

#include "base/redis_prefix.h"
#include "base/settings.h"

/* all keys of this database */
char *
sl_redis_prefix(void)
{
	if (sl_setting_redis_prefix[0] != '\0')
		return psprintf("{%s}", sl_setting_redis_prefix);
	return psprintf("{seatlock:" UINT64_FORMAT ":%u}", GetSystemIdentifier(), MyDatabaseId);
}

/* those of all databases of this server */
char *
sl_redis_prefix_common(void)
{
	if (sl_setting_redis_prefix[0] != '\0')
		return psprintf("{%s}:", sl_setting_redis_prefix);
	return psprintf("{seatlock:" UINT64_FORMAT ":", GetSystemIdentifier());
}
