/*-------------------------------------------------------------------------
 *
 * token.c
 *		Tokens: UUIDv7 texts that name a hold.
 *
 * The time in front keeps the index of holds growing at its right end; the 74
 * random bits behind it are what nobody can guess.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/token.h"

/* where the dashes stand in the text form */
#define IS_DASH_POSITION(i) ((i) == 8 || (i) == 13 || (i) == 18 || (i) == 23)
#define TOKEN_TEXT_LENGTH 36

pg_uuid_t
sl_token_make(TimestampTz now)
{
	pg_uuid_t token;
	uint64 unix_ms =
		(now / SL_USECS_PER_MSEC) +
		(uint64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * INT64CONST(1000);

	if (!pg_strong_random(token.data, UUID_LEN))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate random values for a token")));
	for (int i = 0; i < 6; i++)
		token.data[i] = (unsigned char) (unix_ms >> (40 - 8 * i));
	token.data[6] = (token.data[6] & 0x0f) | 0x70; /* version 7 */
	token.data[8] = (token.data[8] & 0x3f) | 0x80; /* RFC variant */
	return token;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * False for a text that no token of ours can have: tokens are opaque, so only
 * the form in which they were handed out is one.
 */
bool
sl_token_parse(const char *text, pg_uuid_t *token)
{
	int digit = 0;

	if (strlen(text) != TOKEN_TEXT_LENGTH)
		return false;
	memset(token, 0, sizeof(*token));
	for (int i = 0; i < TOKEN_TEXT_LENGTH; i++)
	{
		if (IS_DASH_POSITION(i))
		{
			if (text[i] != '-')
				return false;
			continue;
		}
		if (hex_value(text[i]) < 0)
			return false;
		token->data[digit / 2] = (unsigned char) (token->data[digit / 2] << 4 | hex_value(text[i]));
		digit++;
	}
	return true;
}
