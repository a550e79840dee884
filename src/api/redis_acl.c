/*-------------------------------------------------------------------------
 *
 * redis_acl.c
 *		The Redis users of a database, as commands that make them.
 *
 * Each may do what its part needs and nothing else; doc/redis.md says what that
 * leaves to a hostile one, and the tests run as these users.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/redis_acl.h"

/*
 * After ~ and &, P stands for the prefix of the keys and W for what the keys of
 * all workers that share a user begin with.  #PASSWORD is no hash, so Redis
 * refuses a line in which nobody has put a password.  In brackets is what those
 * commands may have beside the keys that all may have: XADD writes to the queue
 * alone, and to nothing when it is called for another key.
 */
static const char *const templates[NUM_REDIS_USERS] = {
	"ACL SETUSER buyer reset on #PASSWORD"
	" +ping +get +mget +hget +hmget +xlen +time +subscribe +unsubscribe"
	" %R~P:owner %R~P:map:* %R~P:labels:* %R~P:in %R~P:ticket:* &P:changes:* &P:ticket:*"
	" (+fcall|seatlock_claim +fcall|seatlock_claim_best +fcall|seatlock_release"
	" +fcall|seatlock_map ~P:owner ~P:map:* ~P:in ~P:ticket:*)"
	" (+xadd +pexpire %W~P:in) (+set %W~P:ticket:*) (+scard +sadd +pexpire ~P:wanted)",
	"ACL SETUSER map_page reset on #PASSWORD"
	" +ping +get +hget +hmget +subscribe +unsubscribe %R~P:owner %R~P:map:* &P:changes:*"
	" (+fcall|seatlock_map ~P:owner ~P:map:*) (+scard +sadd +pexpire ~P:wanted)",
	"ACL SETUSER worker reset on #PASSWORD"
	" +info +select +function|load +fcall +get +set +del +exists +pexpire +hset +hget +hexists"
	" +spop +xrange +xlen +xdel +xinfo|stream +time +publish ~W* &W*",
};

/*
 * A pattern for exactly this text or, where a character means something to Redis'
 * patterns, to its rules or to the line's reader, for any character there.
 */
static void
append_pattern(StringInfo line, const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (!IS_HIGHBIT_SET(*text) &&
			(isalnum((unsigned char) *text) || strchr("{}:_.-", *text) != NULL))
			appendStringInfoChar(line, *text);
		else
			appendStringInfoChar(line, '?');
	}
}

/* The command that makes a user. */
char *
sl_redis_acl(RedisUser user, const char *prefix, const char *workers_prefix)
{
	StringInfoData line;

	initStringInfo(&line);
	for (const char *from = templates[user]; *from != '\0'; from++)
	{
		appendStringInfoChar(&line, *from);
		if (*from != '~' && *from != '&')
			continue;
		from++;
		append_pattern(&line, *from == 'P' ? prefix : workers_prefix);
	}
	return line.data;
}
