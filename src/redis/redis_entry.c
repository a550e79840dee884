/*-------------------------------------------------------------------------
 *
 * redis_entry.c
 *		An entry of the stream, read as a claim.
 *
 * Entries come through Redis and may be anybody's work.  Each is checked as the
 * arguments of an SQL call are, and by the limits of the library's calls.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/string.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "redis/redis_entry.h"
#include "redis_api.h"

/*
 * What the library lets through (redis_library.lua); an entry may have come
 * without it.  Each text has its bound before anything is made of it.
 */
#define MIN_TICKET_LENGTH 16
#define MAX_TICKET_LENGTH 64
#define MAX_SEATS 100
#define MAX_SEATS_BYTES 65536
#define MAX_DEADLINE_MS 60000

/*
 * the request key of a ticket: no ticket is the key of a claim by SQL, and none
 * names it by chance
 */
#define TICKET_KEY_FORMAT "ticket:%s"

/* no name that the server takes is longer in UTF-8 */
#define MAX_NAME_BYTES ((Size) 4 * SL_MAX_NAME_LENGTH)

/* so many digits fit into 64 bits */
#define MAX_DIGITS 18

pg_noreturn static void error_in_field(const char *name, const char *what);

static void
error_in_field(const char *name, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("field \"%s\" %s", name, what)));
}

/* The value of a field, in the server's encoding; "" when there is none. */
static char *
field(const RedisReply *fields, const char *name, Size max_bytes)
{
	for (int i = 0; i + 1 < sl_redis_num_elements(fields); i += 2)
	{
		const RedisReply *value = sl_redis_element(fields, i + 1);
		const char *text = sl_redis_text(value);

		if (strcmp(sl_redis_text(sl_redis_element(fields, i)), name) != 0)
			continue;
		if (sl_redis_length(value) > max_bytes)
			error_in_field(name, psprintf("is longer than %zu bytes", max_bytes));
		if (strlen(text) != sl_redis_length(value))
			error_in_field(name, "has a zero byte");
		/* of an encoding that has no conversion, too */
		if (pg_is_ascii(text))
			return pstrdup(text);
		return pstrdup(pg_any_to_server(text, (int) sl_redis_length(value), PG_UTF8));
	}
	return pstrdup("");
}

static char *
optional_field(const RedisReply *fields, const char *name)
{
	char *value = field(fields, name, MAX_NAME_BYTES);

	if (strlen(value) > SL_MAX_NAME_LENGTH)
		sl_error_too_long(name, SL_MAX_NAME_LENGTH);
	return value[0] == '\0' ? NULL : value;
}

static char *
name_field(const RedisReply *fields, const char *name)
{
	char *value = optional_field(fields, name);

	if (value == NULL)
		sl_error_empty_argument(name);
	return value;
}

static char *
ticket_field(const RedisReply *fields)
{
	char *value = field(fields, "ticket", MAX_TICKET_LENGTH);
	Size length = strlen(value);

	if (length < MIN_TICKET_LENGTH ||
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != length)
		error_in_field("ticket", "is no ticket");
	return value;
}

/* A whole number of at least 1, or absent where there is none. */
static int64
number_field(const RedisReply *fields, const char *name, int64 absent, int64 max)
{
	char *value = field(fields, name, MAX_DIGITS);
	int64 number;

	if (value[0] == '\0')
		return absent;
	number = value[strspn(value, "0123456789")] == '\0' ? strtoll(value, NULL, 10) : 0;
	if (number < 1 || number > max)
		error_in_field(name, psprintf("must be a whole number from 1 to " INT64_FORMAT, max));
	return number;
}

/* Later than any that the library would have written: it would be tried for ever. */
static int64
deadline_field(const RedisReply *fields, int64 now)
{
	int64 deadline = number_field(fields, "deadline", 0, PG_INT64_MAX);

	if (deadline == 0)
		sl_error_empty_argument("deadline");
	if (deadline > now + MAX_DEADLINE_MS)
		error_in_field("deadline", psprintf("lies more than %d ms ahead", MAX_DEADLINE_MS));
	return deadline;
}

/* No labels when there is no such field. */
static SeatList
seats_field(const RedisReply *fields)
{
	char *value = field(fields, "seats", MAX_SEATS_BYTES);
	SeatList seats = {0};

	value += strspn(value, " \t\r\n");
	if (value[0] == '\0')
		return seats;
	if (value[0] != '[')
		error_in_field("seats", "is no JSON array");
	seats = sl_seat_list_parse(value, "seats");
	if (seats.num_labels > MAX_SEATS)
		error_in_field("seats", psprintf("names more than %d seats", MAX_SEATS));
	return seats;
}

static Adjacency
adjacency_field(const RedisReply *fields)
{
	const char *value = optional_field(fields, "adjacency");

	if (value == NULL || strcmp(value, "prefer") == 0)
		return ADJACENCY_PREFER;
	if (strcmp(value, "any") == 0)
		return ADJACENCY_ANY;
	if (strcmp(value, "require") != 0)
		error_in_field("adjacency", "must be prefer, require or any");
	return ADJACENCY_REQUIRE;
}

static int
ttl_field(const RedisReply *fields)
{
	return (int) number_field(fields, "ttl", 0, PG_INT32_MAX);
}

static void
read_claim_best(ClaimRequest *request, const RedisReply *fields)
{
	request->holder = name_field(fields, "holder");
	request->ttl_seconds = ttl_field(fields);
	request->quantity = (int) number_field(fields, "quantity", 1, MAX_SEATS);
	request->section = optional_field(fields, "section");
	request->category = optional_field(fields, "category");
	request->adjacency = adjacency_field(fields);
}

static void
read_claim(ClaimRequest *request, const RedisReply *fields)
{
	request->holder = name_field(fields, "holder");
	request->ttl_seconds = ttl_field(fields);
	request->seats = seats_field(fields);
	if (request->seats.num_labels == 0)
		sl_error_empty_argument("seats");
}

static void
read_release(ClaimRequest *request, const RedisReply *fields)
{
	request->token = name_field(fields, "token");
	request->seats = seats_field(fields);
}

static void
read_request(RedisEntry *entry, const RedisReply *fields, int64 now)
{
	static const struct
	{
		Verb verb;
		void (*read)(ClaimRequest *request, const RedisReply *fields);
	} verbs[] = {
		{VERB_CLAIM, read_claim}, {VERB_CLAIM_BEST, read_claim_best}, {VERB_RELEASE, read_release}};
	ClaimRequest *request = palloc0(sizeof(ClaimRequest));
	const char *verb;

	entry->ticket = ticket_field(fields);
	entry->deadline = deadline_field(fields, now);
	verb = name_field(fields, "verb");
	request->event = name_field(fields, "event");
	request->request_key = psprintf(TICKET_KEY_FORMAT, entry->ticket);
	request->actor = sl_setting_redis_role;
	for (int i = 0; i < lengthof(verbs); i++)
		if (strcmp(verb, sl_vocabulary_verb(verbs[i].verb)) == 0)
		{
			request->verb = verbs[i].verb;
			verbs[i].read(request, fields);
			entry->request = request;
			return;
		}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there is no verb \"%s\"", verb)));
}

/* What SQL would raise as an error, as a verdict. */
char *
sl_redis_entry_error(int sqlerrcode, const char *message)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"ok\":false,\"outcome\":\"error\",\"sqlstate\":\"%s\",\"message\":",
					 unpack_sql_state(sqlerrcode));
	escape_json(&json, message);
	appendStringInfoChar(&json, '}');
	return json.data;
}

/*
 * Read one entry; what is wrong with it is noted.  The parsers leave nothing
 * behind that an abort would have to clean up.
 */
void
sl_redis_entry_read(RedisEntry *entry, const RedisReply *reply, int64 now)
{
	MemoryContext context = CurrentMemoryContext;

	entry->id = pstrdup(sl_redis_text(sl_redis_element(reply, 0)));
	PG_TRY();
	{
		read_request(entry, sl_redis_element(reply, 1), now);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		entry->malformed = error->message;
		if (entry->ticket != NULL)
			entry->verdict = sl_redis_entry_error(error->sqlerrcode, error->message);
	}
	PG_END_TRY();
}
