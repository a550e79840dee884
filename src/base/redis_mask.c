/*-------------------------------------------------------------------------
 *
 * redis_mask.c
 *		Keep the password in seatlock.redis_url out of the server's log.
 *
 * The server notes what a reload changed a setting to, quotes values that it
 * refuses, and logs statements that set one or fail: with the value, whether or not that user may
 * read the log.  So whatever names the setting loses what stands before the last
 * @ of its text, and a statement that does is left out.  In the postmaster, which
 * speaks of reloads, this library is there only when it is preloaded; and without
 * that nobody connects to Redis.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "tcop/tcopprot.h"

#include "base/redis_mask.h"

#define SETTING "seatlock.redis_url"
#define MASK "***"

static emit_log_hook_type prev_emit_log;

/* What is to be hidden in a text, or NULL: from *start up to what is returned. */
static char *
find_secret(char *text, char **start)
{
	char *value = text == NULL ? NULL : strstr(text, SETTING);
	char *end = value == NULL ? NULL : strrchr(value, '@');
	char *scheme = value == NULL ? NULL : strstr(value, "://");

	if (end != NULL)
		*start = scheme != NULL && scheme < end ? scheme + strlen("://") : value + strlen(SETTING);
	return end;
}

/* In place: it must not fail. */
static void
mask(char *text)
{
	char *start;
	char *end = find_secret(text, &start);
	size_t length;

	if (end == NULL)
		return;
	length = Min(strlen(MASK), (size_t) (end - start));
	memcpy(start, MASK, length);
	memmove(start + length, end, strlen(end) + 1);
}

static void
emit_log(ErrorData *error)
{
	char *ignored;

	mask(error->message);
	mask(error->detail);
	mask(error->detail_log);
	mask(error->context);
	mask(error->internalquery);
	if (find_secret(unconstify(char *, debug_query_string), &ignored) != NULL)
		error->hide_stmt = true;
	if (prev_emit_log)
		prev_emit_log(error);
}

void
sl_redis_mask_install(void)
{
	prev_emit_log = emit_log_hook;
	emit_log_hook = emit_log;
}
