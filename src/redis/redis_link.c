/*-------------------------------------------------------------------------
 *
 * redis_link.c
 *		A worker's link to Redis: connected, with the function library, and owner or not.
 *
 * All keys of a database belong to one worker in the world, the owner: the one that
 * has its name in the key "owner", for as long as it renews it.  A clone of the
 * database, or an old primary, finds another's name there and is fenced: the
 * library's functions, which all look at that key first, do nothing for it.
 *
 * What the key holds is the worker's name and an epoch, and maps of another epoch
 * count for nothing.  So all maps are lost at once when the key is, or when the
 * epoch ends.
 *
 * Whatever goes wrong ends the connection, and with it the epoch.  Nothing is lost
 * by that: claims in the stream are read again, and verdicts are found under their
 * tickets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/namespace.h"
#include "common/string.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/fd.h"

#include "redis/redis_link.h"
#include "redis_api.h"

#define MIN_REDIS_VERSION 7

static const char library[] =
#include "redis/redis_library.inc"
	;

/* A plain command; the reply, or NULL: the connection is closed. */
static RedisReply *
command(RedisLink *link, int argc, const char *const *argv)
{
	RedisReply *reply;

	sl_redis_send(link->conn, argc, argv, NULL);
	reply = sl_redis_receive(link->conn, SL_REDIS_TIMEOUT_MS, 1);
	if (reply == NULL)
		sl_link_close(link, sl_redis_error(link->conn));
	else if (sl_redis_kind(reply) == REDIS_ERROR)
	{
		sl_link_close(link, psprintf("Redis refused %s: %s", argv[0], sl_redis_text(reply)));
		sl_redis_free(reply);
		reply = NULL;
	}
	return reply;
}

static bool
command_is_done(RedisLink *link, int argc, const char *const *argv)
{
	RedisReply *reply = command(link, argc, argv);

	if (reply == NULL)
		return false;
	sl_redis_free(reply);
	return true;
}

/* Read the first line of a password file; returns what is wrong, or NULL. */
static const char *
read_password(const char *path, char *line, int size)
{
	FILE *file = AllocateFile(path, "r");
	const char *problem = NULL;

	if (file == NULL || fgets(line, size, file) == NULL)
		problem = psprintf("could not read Redis password file \"%s\": %m", path);
	else if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		problem = psprintf("Redis password file \"%s\" begins with a byte-order mark", path);
	else if (strlen(line) == size - 1 && line[size - 2] != '\n')
		problem = psprintf("password in Redis password file \"%s\" is too long", path);
	if (file != NULL)
		FreeFile(file);
	return problem;
}

/* What the password file has goes before the URL's password; false: it is of no use. */
static bool
find_password(RedisLink *link, RedisUrl *url)
{
	const char *path = sl_setting_redis_password_file;
	const char *problem;
	char line[1024];

	if (path[0] == '\0')
		return true;
	problem = read_password(path, line, sizeof(line));
	if (problem != NULL)
	{
		sl_link_close(link, problem);
		return false;
	}
	line[strcspn(line, "\r\n")] = '\0';
	url->password = pstrdup(line);
	return true;
}

/* Copy what follows a name in the text of INFO. */
static void
copy_word(const char *info, const char *name, char *word, Size size)
{
	const char *found = strstr(info, name);

	word[0] = '\0';
	if (found == NULL)
		return;
	found += strlen(name);
	strlcpy(word, found, Min(size, strcspn(found, "\r\n") + 1));
	for (; *word != '\0'; word++)
		if (IS_HIGHBIT_SET(*word))
			*word = '?';
}

/* Who is this server?  It must know functions, and be no replica. */
static bool
get_acquainted(RedisLink *link)
{
	const char *info[] = {"INFO"};
	WorkerStatus *status = &link->status;
	RedisReply *reply = command(link, lengthof(info), info);

	if (reply == NULL)
		return false;
	copy_word(sl_redis_text(reply), "redis_version:", status->version, sizeof(status->version));
	copy_word(sl_redis_text(reply), "role:", status->role, sizeof(status->role));
	sl_redis_free(reply);
	if (atoi(status->version) < MIN_REDIS_VERSION)
	{
		sl_link_close(link, psprintf("Redis %s is too old, functions need version %d",
									 status->version, MIN_REDIS_VERSION));
		return false;
	}
	return true;
}

static bool
load_library(RedisLink *link)
{
	const char *load[] = {"FUNCTION", "LOAD", "REPLACE", library};

	return command_is_done(link, lengthof(load), load);
}

/* No other epoch of any worker is called so. */
static void
draw_next_epoch(RedisLink *link)
{
	snprintf(link->next_epoch, sizeof(link->next_epoch), "%s:%u", link->name,
			 sl_worker_roster_next_epoch());
}

static void
set_identity(RedisLink *link)
{
	link->prefix = sl_redis_prefix();
	snprintf(link->name, sizeof(link->name), "%u.%s", GetWALInsertionTimeLine(),
			 sl_worker_roster_nonce());
	draw_next_epoch(link);
}

/*
 * Connect; false: the status tells why not.  What is allocated here belongs to
 * the current memory context and must live as long as the link.
 */
bool
sl_link_open(RedisLink *link)
{
	RedisUrl url;
	char error[SL_WORKER_ERROR_LENGTH];

	if (sl_redis_url_parse(sl_setting_redis_url, &url) != NULL)
		return false; /* the setting's own check keeps such out */
	set_identity(link);
	if (!find_password(link, &url))
		return false;
	link->conn = sl_redis_connect(&url, SL_REDIS_TIMEOUT_MS, error, sizeof(error));
	if (link->conn == NULL)
	{
		sl_link_close(link, error);
		return false;
	}
	if (!get_acquainted(link) || !load_library(link))
		return false;
	link->status.connected = true;
	sl_worker_roster_count(REDIS_COUNT_CONNECTS, 1);
	return true;
}

/*
 * Keep an error for redis_status().  It may be Redis' own words, in whatever
 * encoding: what is no text to this server loses all but its ASCII characters.
 */
void
sl_link_note_error(RedisLink *link, const char *message)
{
	char *kept = link->status.last_error;
	int length = (int) strlen(message);
	bool is_text = pg_verifymbstr(message, length, true);

	length = pg_mbcliplen(message, length, sizeof(link->status.last_error) - 1);
	memcpy(kept, message, length);
	kept[length] = '\0';
	for (; !is_text && *kept != '\0'; kept++)
		if (IS_HIGHBIT_SET(*kept))
			*kept = '?';
}

/* Give the connection up; why is kept for redis_status(), NULL: nothing went wrong. */
void
sl_link_close(RedisLink *link, const char *why)
{
	if (why != NULL)
	{
		sl_link_note_error(link, why);
		sl_worker_roster_count(REDIS_COUNT_ERRORS, 1);
	}
	if (link->conn != NULL)
		sl_redis_disconnect(link->conn);
	link->conn = NULL;
	link->num_posted = 0;
	link->status.connected = false;
	link->status.owner = REDIS_NOBODY;
	link->status.backlog = -1;
}

/*
 * A text of this database as Redis has it, in UTF-8; NULL when it has no such form.
 * Within a transaction only, since the conversion is looked up in the catalog.
 */
char *
sl_link_to_utf8(const char *text)
{
	int encoding = GetDatabaseEncoding();
	int length = (int) strlen(text);
	Oid conversion;
	char *utf8;
	Size size;

	if (encoding == PG_UTF8 || pg_is_ascii(text))
		return pstrdup(text);
	if (encoding == PG_SQL_ASCII)
		return pg_verify_mbstr(PG_UTF8, text, length, true) ? pstrdup(text) : NULL;
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return NULL;
	size = ((Size) length + 1) * MAX_CONVERSION_GROWTH;
	utf8 = palloc_extended(size, MCXT_ALLOC_HUGE);
	if (pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, (unsigned char *) text, length,
									  (unsigned char *) utf8, (int) Min(size, PG_INT32_MAX),
									  true) != length)
		return NULL;
	return utf8;
}

/* {prefix}:kind or {prefix}:kind:rest; both in UTF-8 */
char *
sl_link_key(const RedisLink *link, const char *kind, const char *rest)
{
	if (rest == NULL)
		return psprintf("%s:%s", link->prefix, kind);
	return psprintf("%s:%s:%s", link->prefix, kind, rest);
}

static void
add(RedisCall *call, const char *bytes, Size length)
{
	if (call->num_args == call->max_args)
	{
		call->max_args *= 2;
		call->args = repalloc(call->args, sizeof(char *) * call->max_args);
		call->lengths = repalloc(call->lengths, sizeof(Size) * call->max_args);
	}
	call->args[call->num_args] = bytes;
	call->lengths[call->num_args++] = length;
}

/* First the keys, then the other arguments; all must live until the call is run. */
void
sl_call_redis_begin(RedisCall *call, const char *function)
{
	memset(call, 0, sizeof(*call));
	call->max_args = 16;
	call->args = palloc(sizeof(char *) * call->max_args);
	call->lengths = palloc(sizeof(Size) * call->max_args);
	add(call, "FCALL", 5);
	add(call, function, strlen(function));
	add(call, "", 0); /* the number of keys, told later */
}

void
sl_call_redis_key(RedisCall *call, const char *key)
{
	Assert(call->num_keys == call->num_args - 3);
	sl_call_redis_text(call, key);
	call->num_keys++;
}

void
sl_call_redis_text(RedisCall *call, const char *text)
{
	add(call, text, strlen(text));
}

void
sl_call_redis_bytes(RedisCall *call, const char *bytes, Size length)
{
	add(call, bytes, length);
}

void
sl_call_redis_number(RedisCall *call, int64 number)
{
	sl_call_redis_text(call, psprintf(INT64_FORMAT, number));
}

/* A call that writes a map or labels: the arguments begin with the epoch and how long it lives. */
void
sl_call_redis_begin_lasting(RedisCall *call, const RedisLink *link, const char *function,
							const char *key)
{
	sl_call_redis_begin(call, function);
	sl_call_redis_key(call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(call, key);
	sl_call_redis_text(call, link->status.epoch);
	sl_call_redis_number(call, SL_REDIS_MAP_TTL_MS);
}

static void
send_call(RedisCall *call, RedisLink *link)
{
	char *num_keys = psprintf("%d", call->num_keys);

	call->args[2] = num_keys;
	call->lengths[2] = strlen(num_keys);
	sl_redis_send(link->conn, call->num_args, call->args, call->lengths);
}

static bool
lacks_library(const RedisReply *reply)
{
	return sl_redis_kind(reply) == REDIS_ERROR &&
		   strstr(sl_redis_text(reply), "Function not found") != NULL;
}

/* Redis is full: what would fill it further is refused, all else goes on. */
static bool
lacks_memory(const RedisReply *reply)
{
	return strncmp(sl_redis_text(reply), "OOM ", 4) == 0;
}

static void
note_refusal(RedisLink *link, const char *function, const RedisReply *reply)
{
	const char *why = psprintf("Redis refused %s: %s", function, sl_redis_text(reply));

	if (lacks_memory(reply))
		sl_link_note_error(link, why);
	else
		sl_link_close(link, why);
}

/* The reply, if it is one to go on with; else NULL, and the link's status tells why. */
static RedisReply *
judge(RedisLink *link, const char *function, RedisReply *reply)
{
	if (reply == NULL)
		sl_link_close(link, sl_redis_error(link->conn));
	else if (sl_redis_kind(reply) == REDIS_ERROR)
		note_refusal(link, function, reply);
	else if (strcmp(sl_redis_text(reply), "fenced") == 0)
		link->status.owner = REDIS_FENCED;
	else
		return reply;
	sl_redis_free(reply);
	return NULL;
}

/* Wait for the replies of all calls that were posted. */
void
sl_link_catch_up(RedisLink *link)
{
	while (link->num_posted > 0)
	{
		PostedCall call = link->posted[0];
		RedisReply *reply;

		link->num_posted--;
		memmove(&link->posted[0], &link->posted[1], sizeof(PostedCall) * link->num_posted);
		reply = sl_redis_receive(link->conn, SL_REDIS_TIMEOUT_MS, call.max_elements);
		reply = judge(link, call.function, reply);
		if (reply != NULL)
			call.arrived(link, reply);
	}
}

/*
 * Run a call.  NULL when the connection broke, which is closed then, when
 * somebody else owns the keys, or when Redis is full: the link's status tells.
 */
RedisReply *
sl_call_redis_run(RedisCall *call, RedisLink *link, int max_elements)
{
	RedisReply *reply;

	sl_link_catch_up(link);
	if (link->conn == NULL)
		return NULL;
	send_call(call, link);
	reply = sl_redis_receive(link->conn, SL_REDIS_TIMEOUT_MS, max_elements);
	if (lacks_library(reply))
	{
		/* FUNCTION FLUSH, or a replica that never had it */
		sl_redis_free(reply);
		if (!load_library(link))
			return NULL;
		send_call(call, link);
		reply = sl_redis_receive(link->conn, SL_REDIS_TIMEOUT_MS, max_elements);
	}
	return judge(link, call->args[1], reply);
}

/* Run a call whose answer is "ok"; false also when it is another. */
bool
sl_call_redis_run_to_ok(RedisCall *call, RedisLink *link)
{
	RedisReply *reply = sl_call_redis_run(call, link, 1);
	bool ok = strcmp(sl_redis_text(reply), "ok") == 0;

	sl_redis_free(reply);
	return ok;
}

/*
 * Send a call, and take its reply later, so that Redis is at work while this
 * process is.  A library that is missing then ends the connection: the next one
 * loads it.
 */
void
sl_call_redis_post(RedisCall *call, RedisLink *link, int max_elements, RedisArrival arrived)
{
	if (link->num_posted == SL_MAX_POSTED)
		sl_link_catch_up(link);
	if (link->conn == NULL)
		return;
	send_call(call, link);
	sl_redis_flush(link->conn);
	link->posted[link->num_posted++] = (PostedCall){call->args[1], max_elements, arrived};
}

/*
 * Become or stay the owner of the keys; false: fenced, or the connection broke.
 * Where the owner's key is not this epoch's, or not any more, nobody knows whether
 * the maps in Redis are true: an epoch begins anew.
 */
bool
sl_link_own(RedisLink *link, bool take_over, bool *anew)
{
	bool was_owner = (link->status.owner == REDIS_OWNER);
	RedisCall call;
	RedisReply *reply;

	sl_call_redis_begin(&call, "seatlock_own");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_text(&call, link->next_epoch);
	sl_call_redis_number(&call, SL_REDIS_OWNER_TTL_MS);
	sl_call_redis_text(&call, take_over ? "1" : "0");
	sl_call_redis_text(&call, was_owner ? link->status.epoch : "");
	reply = sl_call_redis_run(&call, link, 1);
	if (reply == NULL)
		return false;
	*anew = !was_owner || strcmp(sl_redis_text(reply), "anew") == 0;
	sl_redis_free(reply);
	if (*anew)
	{
		strlcpy(link->status.epoch, link->next_epoch, sizeof(link->status.epoch));
		draw_next_epoch(link);
	}
	link->status.owner = REDIS_OWNER;
	return true;
}
