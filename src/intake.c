/*-------------------------------------------------------------------------
 *
 * intake.c
 *		Claims that wait in Redis, decided here.
 *
 * The stream is read in batches; a batch is a group, decided and committed as
 * those of claim_now.  The ticket is the request key: an entry that was decided
 * but not answered, because this process or the connection died in between, is
 * decided again and finds its own success.  So the order is commit, then verdict,
 * and the verdict removes the entry.
 *
 * An entry past its deadline gives nobody a seat who may have left: it is only
 * looked up whether it was decided before.  One that met somebody's lock stays
 * and is tried again until then.
 *
 * Entries come through Redis and may be anybody's work.  Each is checked as the
 * arguments of an SQL call are, and one that cannot be read is removed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "clock.h"
#include "errand.h"
#include "errors.h"
#include "group.h"
#include "intake.h"
#include "settings.h"
#include "verdict.h"

/* how long a verdict can be fetched */
#define VERDICT_TTL_MS INT64CONST(900000)

/* entries that met a lock are tried again after this long */
#define RETRY_MS 20

/* how often it is looked whether the role still may sell */
#define ROLE_CHECK_MS 10000

/* an entry has up to 64 values (redis_library.lua); a reply that is refused would come again for ever */
#define MAX_REPLY_ELEMENTS (8 * SL_MAX_GROUP)

#define FIRST_ID "0-0"
#define MAX_ID_LENGTH 64

/* An entry of the stream. */
typedef struct Entry
{
	const char *id;
	const char *ticket;  /* NULL: nobody to answer */
	int64 deadline;      /* milliseconds by the clock of Redis */
	const char *verdict; /* NULL: none yet */
	ClaimRequest *request;
	const char *malformed; /* what is wrong, or NULL */
} Entry;

/* What is at work; the clerk finds it here. */
static struct
{
	int64 now; /* by the clock of Redis, when the batch was taken */
	int num_entries;
	Entry entries[SL_MAX_GROUP];
	char error[SL_POST_ERROR_LENGTH]; /* of the last member that raised one */
} batch;

static RedisReply *taken;                       /* entries that wait to be decided, or NULL */
static char after_id[MAX_ID_LENGTH] = FIRST_ID; /* entries up to here were taken */
static bool have_retries;                       /* some of them are still there */
static int64 retry_at;                          /* ticks */

static bool role_may_sell;
static int64 next_role_check; /* ticks */

static void
forget_taken(void)
{
	sl_redis_free(taken);
	taken = NULL;
}

/* Read the stream from its beginning: another owner, or a new connection. */
void
sl_intake_start_over(void)
{
	forget_taken();
	strlcpy(after_id, FIRST_ID, sizeof(after_id));
	have_retries = false;
	next_role_check = 0;
}

static bool
role_can_run(const char *role, const char *function)
{
	return DatumGetBool(DirectFunctionCall3(
		has_function_privilege_name_name, DirectFunctionCall1(namein, CStringGetDatum(role)),
		CStringGetTextDatum(function), CStringGetTextDatum("EXECUTE")));
}

static void
check_role(void *arg)
{
	static const char *const functions[] = {
		"seatlock.claim(text,text,text,integer,text,text)",
		"seatlock.claim_best(text,integer,text,text,text,integer,text,text,text)",
		"seatlock.release(text,text,text)"};
	const char *role = sl_setting_redis_role;

	for (int i = 0; i < lengthof(functions); i++)
		if (!role_can_run(role, functions[i]))
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("role \"%s\" of seatlock.redis_role may not run %s", role,
								   functions[i])));
}

/* May claims come in through Redis?  Where the role cannot sell, the link tells why. */
bool
sl_intake_is_open(RedisLink *link)
{
	const char *error;

	if (sl_setting_redis_role[0] == '\0')
		return false;
	if (sl_clock_ticks() < next_role_check)
		return role_may_sell;
	next_role_check = sl_clock_ticks() + ROLE_CHECK_MS;
	error = sl_errand_run(check_role, NULL);
	role_may_sell = (error == NULL);
	if (error != NULL)
		sl_link_note_error(link, error);
	return role_may_sell;
}

/* The value of a field, in the server's encoding; "" when there is none. */
static char *
field(const RedisReply *fields, const char *name)
{
	for (int i = 0; i + 1 < sl_redis_num_elements(fields); i += 2)
	{
		const RedisReply *value = sl_redis_element(fields, i + 1);
		const char *text = sl_redis_text(value);

		if (strcmp(sl_redis_text(sl_redis_element(fields, i)), name) != 0)
			continue;
		if (strlen(text) != sl_redis_length(value))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("field \"%s\" has a zero byte", name)));
		return pstrdup(pg_any_to_server(text, (int) sl_redis_length(value), PG_UTF8));
	}
	return pstrdup("");
}

static char *
name_field(const RedisReply *fields, const char *name)
{
	char *value = field(fields, name);

	if (value[0] == '\0')
		sl_error_empty_argument(name);
	if (strlen(value) > SL_MAX_NAME_LENGTH)
		sl_error_too_long(name, SL_MAX_NAME_LENGTH);
	return value;
}

static char *
optional_field(const RedisReply *fields, const char *name)
{
	char *value = field(fields, name);

	return value[0] == '\0' ? NULL : value;
}

/* A whole number of at least 1, or absent where there is none. */
static int
number_field(const RedisReply *fields, const char *name, int absent)
{
	char *value = optional_field(fields, name);
	int number;

	if (value == NULL)
		return absent;
	number = pg_strtoint32(value);
	if (number < 1)
		sl_error_not_positive(name, number);
	return number;
}

static SeatList
seats_field(const RedisReply *fields)
{
	char *value = field(fields, "seats");

	if (value[0] != '[')
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("field \"seats\" is no JSON array")));
	return sl_seat_list_parse(value, "seats");
}

static Adjacency
adjacency_field(const RedisReply *fields)
{
	const char *value = field(fields, "adjacency");

	if (strcmp(value, "require") == 0)
		return ADJACENCY_REQUIRE;
	return strcmp(value, "any") == 0 ? ADJACENCY_ANY : ADJACENCY_PREFER;
}

static void
read_claim_best(ClaimRequest *request, const RedisReply *fields)
{
	request->holder = name_field(fields, "holder");
	request->ttl_seconds = number_field(fields, "ttl", 0);
	request->quantity = number_field(fields, "quantity", 1);
	request->section = optional_field(fields, "section");
	request->category = optional_field(fields, "category");
	request->adjacency = adjacency_field(fields);
}

static void
read_claim(ClaimRequest *request, const RedisReply *fields)
{
	request->holder = name_field(fields, "holder");
	request->ttl_seconds = number_field(fields, "ttl", 0);
	request->seats = seats_field(fields);
}

static void
read_release(ClaimRequest *request, const RedisReply *fields)
{
	request->release = true;
	request->token = name_field(fields, "token");
	if (optional_field(fields, "seats") != NULL)
		request->seats = seats_field(fields);
}

static void
read_request(Entry *entry, const RedisReply *fields)
{
	static const struct
	{
		const char *verb;
		void (*read)(ClaimRequest *request, const RedisReply *fields);
	} verbs[] = {{"claim", read_claim}, {"claim_best", read_claim_best}, {"release", read_release}};
	ClaimRequest *request = palloc0(sizeof(ClaimRequest));
	const char *verb;

	entry->ticket = name_field(fields, "ticket");
	entry->deadline = pg_strtoint64(name_field(fields, "deadline"));
	verb = name_field(fields, "verb");
	request->event = name_field(fields, "event");
	request->request_key = entry->ticket;
	request->actor = sl_setting_redis_role;
	request->late = entry->deadline <= batch.now;
	for (int i = 0; i < lengthof(verbs); i++)
		if (strcmp(verb, verbs[i].verb) == 0)
		{
			request->verb = verbs[i].verb;
			verbs[i].read(request, fields);
			entry->request = request;
			return;
		}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there is no verb \"%s\"", verb)));
}

/*
 * Read one entry; what is wrong with it is noted.  The parsers leave nothing
 * behind that an abort would have to clean up.
 */
static void
read_entry(Entry *entry, const RedisReply *reply)
{
	MemoryContext context = CurrentMemoryContext;

	entry->id = pstrdup(sl_redis_text(sl_redis_element(reply, 0)));
	PG_TRY();
	{
		read_request(entry, sl_redis_element(reply, 1));
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		entry->malformed = error->message;
		if (entry->ticket != NULL)
			entry->verdict = sl_verdict_of_error(error->sqlerrcode, error->message);
	}
	PG_END_TRY();
}

/* Within a transaction, since texts may have to be converted to the server's encoding. */
static void
read_batch(void *arg)
{
	const RedisReply *entries = arg;
	int count = Min(sl_redis_num_elements(entries), SL_MAX_GROUP);

	for (int i = 0; i < count; i++)
		read_entry(&batch.entries[batch.num_entries++], sl_redis_element(entries, i));
}

/* The clerk: verdicts are kept with the entries, and told after the commit. */
static bool
pack_result(GroupMember *member, const ClaimResult *result)
{
	Entry *entry = &batch.entries[member->number];

	/* what an attempt that was rolled back has left is to be forgotten, too */
	entry->verdict = NULL;
	if (result->outcome != OUTCOME_BUSY || result->too_late)
		entry->verdict = sl_verdict_of_result(result);
	return true;
}

static void
pack_error(GroupMember *member, const ErrorData *error)
{
	Entry *entry = &batch.entries[member->number];

	entry->verdict = NULL;
	if (!sl_error_is_transient(error->sqlerrcode))
		entry->verdict = sl_verdict_of_error(error->sqlerrcode, error->message);
}

static void
finish(GroupMember *member)
{
}

static void
note_error(const char *message)
{
	strlcpy(batch.error, message, sizeof(batch.error));
}

static const GroupClerk clerk = {pack_result, pack_error, finish, note_error};

static void
decide_batch(void)
{
	static GroupMember members[SL_MAX_GROUP];
	int num_members = 0;
	int num_late = 0;

	memset(members, 0, sizeof(members));
	for (int i = 0; i < batch.num_entries; i++)
	{
		if (batch.entries[i].request == NULL)
			continue;
		members[num_members].number = i;
		members[num_members++].request = batch.entries[i].request;
		num_late += batch.entries[i].request->late;
	}
	sl_post_count(POST_LATE, num_late);
	if (num_members > 0)
		(void) sl_group_run(&clerk, members, num_members);
}

static void
verdicts_arrived(RedisLink *link, RedisReply *reply)
{
	int64 num_set = sl_redis_integer(sl_redis_element(reply, 1));

	if (num_set > 0)
		sl_post_count(POST_VERDICTS, (int) Min(num_set, SL_MAX_GROUP));
	sl_redis_free(reply);
}

/* Tell the verdicts; that they have arrived is learned later. */
static void
answer_batch(RedisLink *link)
{
	bool any = false;
	RedisCall call;

	sl_call_redis_begin(&call, "seatlock_answer");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	for (int i = 0; i < batch.num_entries; i++)
		if (batch.entries[i].verdict != NULL)
			sl_call_redis_key(&call, sl_link_key(link, "ticket", batch.entries[i].ticket));
	sl_call_redis_text(&call, link->name);
	sl_call_redis_number(&call, VERDICT_TTL_MS);
	for (int i = 0; i < batch.num_entries; i++)
		if (batch.entries[i].verdict != NULL)
		{
			sl_call_redis_text(&call, batch.entries[i].id);
			sl_call_redis_text(&call, batch.entries[i].verdict);
			any = true;
		}
	if (any)
		sl_call_redis_post(&call, link, 4, verdicts_arrived);
}

/* Entries that nobody can be answered about. */
static void
drop_unreadable(RedisLink *link)
{
	int num_dropped = 0;
	RedisCall call;

	sl_call_redis_begin(&call, "seatlock_drop");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	sl_call_redis_text(&call, link->name);
	for (int i = 0; i < batch.num_entries; i++)
	{
		const Entry *entry = &batch.entries[i];

		if (entry->malformed == NULL)
			continue;
		sl_post_count(POST_MALFORMED, 1);
		strlcpy(batch.error, entry->malformed, sizeof(batch.error));
		if (entry->ticket != NULL)
			continue;
		sl_call_redis_text(&call, entry->id);
		num_dropped++;
	}
	if (num_dropped > 0)
		sl_redis_free(sl_call_redis_run(&call, link, 4));
}

static void
count_retries(void)
{
	for (int i = 0; i < batch.num_entries; i++)
	{
		const Entry *entry = &batch.entries[i];

		if (entry->request != NULL && entry->verdict == NULL)
		{
			sl_post_count(POST_RETRIED, 1);
			have_retries = true;
		}
	}
}

/* The stream was read to its end: read it from the start when some of it must be tried again. */
static void
start_again(void)
{
	if (!have_retries || sl_clock_ticks() < retry_at)
		return;
	strlcpy(after_id, FIRST_ID, sizeof(after_id));
	have_retries = false;
	retry_at = sl_clock_ticks() + RETRY_MS;
}

static void
entries_arrived(RedisLink *link, RedisReply *reply)
{
	taken = reply;
}

static void
ask_for_entries(RedisLink *link)
{
	RedisCall call;

	sl_call_redis_begin(&call, "seatlock_take");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	sl_call_redis_text(&call, link->name);
	sl_call_redis_text(&call, after_id);
	sl_call_redis_number(&call, SL_MAX_GROUP);
	sl_call_redis_post(&call, link, MAX_REPLY_ELEMENTS, entries_arrived);
}

/* Make a batch of the entries that have arrived. */
static void
read_taken(RedisLink *link)
{
	const RedisReply *entries = sl_redis_element(taken, 3);
	const char *error;

	memset(&batch, 0, sizeof(batch));
	batch.now = sl_redis_integer(sl_redis_element(taken, 1));
	link->status.backlog = sl_redis_integer(sl_redis_element(taken, 2));
	if (sl_redis_num_elements(entries) > 0)
	{
		error = sl_errand_run(read_batch, unconstify(RedisReply *, entries));
		if (error != NULL)
			strlcpy(batch.error, error, sizeof(batch.error));
	}
	if (batch.num_entries > 0)
		strlcpy(after_id, batch.entries[batch.num_entries - 1].id, sizeof(after_id));
	forget_taken();
}

/* Decide what was taken, and answer. */
static void
run_batch(RedisLink *link)
{
	bool is_full;

	read_taken(link);
	is_full = (batch.num_entries == SL_MAX_GROUP);
	sl_post_count(POST_ENTRIES, batch.num_entries);
	/* Redis looks for the next ones while these are decided */
	if (is_full)
		ask_for_entries(link);
	decide_batch();
	answer_batch(link);
	drop_unreadable(link);
	count_retries();
	if (!is_full)
		start_again();
	if (batch.error[0] != '\0')
		sl_link_note_error(link, batch.error);
}

/* Decide what has come in, as far as a batch takes; returns how many entries that were. */
int
sl_intake_run(RedisLink *link)
{
	MemoryContext old_context = MemoryContextSwitchTo(sl_group_context());
	int num_entries = 0;

	sl_link_catch_up(link);
	if (taken == NULL)
	{
		ask_for_entries(link);
		sl_link_catch_up(link);
	}
	if (taken != NULL && link->status.owner == POST_OWNER)
	{
		run_batch(link);
		num_entries = batch.num_entries;
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(sl_group_context());
	return num_entries;
}
