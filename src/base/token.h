/*-------------------------------------------------------------------------
 *
 * token.h
 *		Tokens: UUIDv7 texts that name a hold.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_TOKEN_H
#define SEATLOCK_TOKEN_H

#include "base/seatlock.h"

extern pg_uuid_t sl_token_make(TimestampTz now);
extern bool sl_token_parse(const char *text, pg_uuid_t *token);

static inline bool
token_equals(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a->data, b->data, UUID_LEN) == 0;
}

#endif /* SEATLOCK_TOKEN_H */
