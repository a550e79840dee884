/*-------------------------------------------------------------------------
 *
 * intake.c
 *		Claims that wait in Redis, decided here.
 *
 * The stream is read in batches; a batch is a group, decided and committed as
 * those of claim_now.  The ticket makes the request key: an entry that was decided
 * but not answered, because this process or the connection died in between, is
 * decided again and finds its own success.  So the order is commit, then verdict,
 * and the verdict removes the entry.
 *
 * An entry past its deadline gives nobody a seat who may have left: it is only
 * looked up whether it was decided before.  One that met somebody's lock stays
 * and is tried again until then: batches of such old ones and of new ones take
 * turns, so that neither has to wait for the other's end.
 *
 * An entry that cannot be read is removed; one that names its ticket is answered.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "redis/intake.h"
#include "redis/redis_entry.h"
#include "redis_api.h"

/* how long a verdict can be fetched */
#define VERDICT_TTL_MS INT64CONST(900000)

/* entries that met a lock are tried again after this long */
#define RETRY_MS 20

/* how often it is looked whether the role still may sell */
#define ROLE_CHECK_MS 1000

/*
 * an entry has up to 64 values (redis_library.lua); a reply that is refused would
 * come again for ever
 */
#define MAX_REPLY_ELEMENTS (8 * SL_MAX_GROUP)

#define FIRST_ID "0-0"
#define LAST_ID "+"
#define MAX_ID_LENGTH 64

/* What is at work; the clerk finds it here. */
static struct
{
	int64 now; /* by the clock of Redis, when the batch was taken */
	int num_entries;
	RedisEntry entries[SL_MAX_GROUP];
	char error[SL_WORKER_ERROR_LENGTH]; /* of the last member that raised one */
} batch;

static RedisReply *taken; /* entries that wait to be decided, or NULL */

/*
 * How far the stream was read.  A pass over the old entries goes from the
 * stream's beginning to what was new_id when it began.
 */
static struct
{
	char new_id[MAX_ID_LENGTH]; /* entries up to here were taken */
	bool have_old;              /* some of them are still there */
	bool in_pass;
	char old_id[MAX_ID_LENGTH]; /* in this pass, those up to here were */
	char old_end[MAX_ID_LENGTH];
	int64 next_pass; /* ticks */
	bool took_old;   /* the last batch, or the one that was asked for */
} place;

/*
 * The server's default_transaction_read_only, where a setting of the database's hid
 * it when this worker began.
 */
static bool servers_read_only;
static bool servers_is_hidden;

static bool role_may_sell;
static int64 next_role_check; /* ticks */

static void
forget_taken(void)
{
	sl_redis_free(taken);
	taken = NULL;
}

/* Once in the life of a worker, which has found this before it had a database. */
void
sl_intake_init(bool read_only)
{
	servers_read_only = read_only;
	servers_is_hidden = (DefaultXactReadOnly != read_only);
}

/* Read the stream from its beginning: another owner, or a new connection. */
void
sl_intake_start_over(void)
{
	forget_taken();
	memset(&place, 0, sizeof(place));
	strlcpy(place.new_id, FIRST_ID, MAX_ID_LENGTH);
	next_role_check = 0;
}

static void
require_privilege(PGFunction has_privilege, Datum object, const char *privilege, const char *deed)
{
	const char *role = sl_setting_redis_role;

	if (!DatumGetBool(DirectFunctionCall3(has_privilege,
										  DirectFunctionCall1(namein, CStringGetDatum(role)),
										  object, CStringGetTextDatum(privilege))))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" of seatlock.redis_role may not %s", role, deed)));
}

/* Its number. */
static Oid
require_login(void)
{
	HeapTuple role = SearchSysCache1(AUTHNAME, CStringGetDatum(sl_setting_redis_role));
	bool can_login = HeapTupleIsValid(role) && ((Form_pg_authid) GETSTRUCT(role))->rolcanlogin;
	Oid number = HeapTupleIsValid(role) ? ((Form_pg_authid) GETSTRUCT(role))->oid : InvalidOid;

	if (!HeapTupleIsValid(role))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\" of seatlock.redis_role does not exist",
							   sl_setting_redis_role)));
	ReleaseSysCache(role);
	if (!can_login)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" of seatlock.redis_role may not log in",
							   sl_setting_redis_role)));
	return number;
}

/* A server, database or role that was made read-only sells nothing more here either. */
static void
require_writable(Oid role)
{
	bool servers = servers_is_hidden ? servers_read_only : DefaultXactReadOnly;

	if (sl_store_begins_read_only(role, servers))
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("role \"%s\" of seatlock.redis_role may not write: "
							   "default_transaction_read_only is on",
							   sl_setting_redis_role)));
}

/* Our function that runs this symbol of the library: its arguments are told by the script alone. */
static Oid
find_function(const char *name, const char *symbol)
{
	CatCList *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	Oid schema = get_namespace_oid("seatlock", false);
	Oid found = InvalidOid;

	for (int i = 0; i < list->n_members && !OidIsValid(found); i++)
	{
		HeapTuple tuple = &list->members[i]->tuple;
		Form_pg_proc function = (Form_pg_proc) GETSTRUCT(tuple);
		bool isnull;
		Datum source = SysCacheGetAttr(PROCNAMEARGSNSP, tuple, Anum_pg_proc_prosrc, &isnull);

		if (function->pronamespace == schema && !isnull &&
			strcmp(TextDatumGetCString(source), symbol) == 0)
			found = function->oid;
	}
	ReleaseSysCacheList(list);
	if (!OidIsValid(found))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("function seatlock.%s does not exist", name)));
	return found;
}

/* What would keep the role from selling by SQL keeps it from selling here. */
static void
check_role(void *arg)
{
	static const char *const functions[][2] = {{"claim", "seatlock_claim"},
											   {"claim_best", "seatlock_claim_best"},
											   {"release", "seatlock_release"}};

	require_writable(require_login());
	require_privilege(has_database_privilege_name_id, ObjectIdGetDatum(MyDatabaseId), "CONNECT",
					  "connect to this database");
	require_privilege(has_schema_privilege_name_name, CStringGetTextDatum("seatlock"), "USAGE",
					  "use the schema seatlock");
	for (int i = 0; i < lengthof(functions); i++)
	{
		Oid function = find_function(functions[i][0], functions[i][1]);

		require_privilege(has_function_privilege_name_id, ObjectIdGetDatum(function), "EXECUTE",
						  psprintf("run %s", format_procedure(function)));
	}
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
	error = sl_worker_xact_run(check_role, NULL);
	role_may_sell = (error == NULL);
	if (error != NULL)
		sl_link_note_error(link, error);
	return role_may_sell;
}

/* Within a transaction, since texts may have to be converted to the server's encoding. */
static void
read_batch(void *arg)
{
	const RedisReply *entries = arg;
	int count = Min(sl_redis_num_elements(entries), SL_MAX_GROUP);

	for (int i = 0; i < count; i++)
		sl_redis_entry_read(&batch.entries[batch.num_entries++], sl_redis_element(entries, i),
							batch.now);
}

/* The clerk: verdicts are kept with the entries, and told after the commit. */
static bool
pack_result(GroupMember *member, const ClaimResult *result)
{
	RedisEntry *entry = &batch.entries[member->number];

	/* what an attempt that was rolled back has left is to be forgotten, too */
	entry->verdict = NULL;
	if (result->outcome != OUTCOME_BUSY || result->too_late)
		entry->verdict = sl_result_to_json(result);
	return true;
}

static void
pack_error(GroupMember *member, const ErrorData *error)
{
	RedisEntry *entry = &batch.entries[member->number];

	entry->verdict = NULL;
	if (!sl_error_is_transient(error->sqlerrcode))
		entry->verdict = sl_redis_entry_error(error->sqlerrcode, error->message);
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
		members[num_members].request = batch.entries[i].request;
		members[num_members].late = batch.entries[i].deadline <= batch.now;
		num_late += members[num_members++].late;
	}
	sl_worker_roster_count(REDIS_COUNT_LATE, num_late);
	if (num_members > 0)
		(void) sl_group_run(&clerk, members, num_members);
}

/* Verdicts in UTF-8; what has no such form loses all but its ASCII characters. */
static void
translate_verdicts(void *arg)
{
	for (int i = 0; i < batch.num_entries; i++)
	{
		RedisEntry *entry = &batch.entries[i];
		char *utf8 = entry->verdict == NULL ? NULL : sl_link_to_utf8(entry->verdict);

		if (entry->verdict == NULL)
			continue;
		if (utf8 == NULL)
		{
			utf8 = pstrdup(entry->verdict);
			for (char *byte = utf8; *byte != '\0'; byte++)
				if (IS_HIGHBIT_SET(*byte))
					*byte = '?';
		}
		entry->verdict = utf8;
	}
}

/*
 * Where that fails nobody is answered yet: the entries are decided again, and find
 * their success.
 */
static void
prepare_verdicts(void)
{
	const char *error;

	if (GetDatabaseEncoding() == PG_UTF8 || batch.num_entries == 0)
		return;
	error = sl_worker_xact_run(translate_verdicts, NULL);
	if (error == NULL)
		return;
	strlcpy(batch.error, error, sizeof(batch.error));
	for (int i = 0; i < batch.num_entries; i++)
		batch.entries[i].verdict = NULL;
}

static void
verdicts_arrived(RedisLink *link, RedisReply *reply)
{
	int64 num_set = sl_redis_integer(sl_redis_element(reply, 1));

	if (num_set > 0)
		sl_worker_roster_count(REDIS_COUNT_VERDICTS, (int) Min(num_set, SL_MAX_GROUP));
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
	sl_call_redis_text(&call, link->status.epoch);
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
	sl_call_redis_text(&call, link->status.epoch);
	for (int i = 0; i < batch.num_entries; i++)
	{
		const RedisEntry *entry = &batch.entries[i];

		if (entry->malformed == NULL)
			continue;
		sl_worker_roster_count(REDIS_COUNT_MALFORMED, 1);
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
		const RedisEntry *entry = &batch.entries[i];

		if (entry->request != NULL && entry->verdict == NULL)
		{
			sl_worker_roster_count(REDIS_COUNT_RETRIED, 1);
			place.have_old = true;
		}
	}
}

/* Is it the turn of entries that were taken before? */
static bool
old_are_next(void)
{
	if (place.took_old)
		return false;
	return place.in_pass || (place.have_old && sl_clock_ticks() >= place.next_pass);
}

static void
begin_pass(void)
{
	place.in_pass = true;
	place.have_old = false;
	strlcpy(place.old_id, FIRST_ID, MAX_ID_LENGTH);
	strlcpy(place.old_end, place.new_id, MAX_ID_LENGTH);
	place.next_pass = sl_clock_ticks() + RETRY_MS;
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

	place.took_old = old_are_next();
	if (place.took_old && !place.in_pass)
		begin_pass();
	sl_call_redis_begin(&call, "seatlock_take");
	sl_call_redis_key(&call, sl_link_key(link, "owner", NULL));
	sl_call_redis_key(&call, sl_link_key(link, "in", NULL));
	sl_call_redis_text(&call, link->status.epoch);
	sl_call_redis_text(&call, place.took_old ? place.old_id : place.new_id);
	sl_call_redis_text(&call, place.took_old ? place.old_end : LAST_ID);
	sl_call_redis_number(&call, SL_MAX_GROUP);
	sl_call_redis_post(&call, link, MAX_REPLY_ELEMENTS, entries_arrived);
}

/* Go on after what has come. */
static void
move_on(int64 backlog)
{
	bool is_full = (batch.num_entries == SL_MAX_GROUP);

	if (batch.num_entries > 0)
		strlcpy(place.took_old ? place.old_id : place.new_id,
				batch.entries[batch.num_entries - 1].id, MAX_ID_LENGTH);
	if (place.took_old)
		place.in_pass = is_full;
	else if (!is_full && backlog > batch.num_entries)
		place.have_old = true; /* also where the stream was begun anew, with lower ids */
	if (backlog == 0)
		strlcpy(place.new_id, FIRST_ID, MAX_ID_LENGTH);
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
		error = sl_worker_xact_run(read_batch, unconstify(RedisReply *, entries));
		if (error != NULL)
			strlcpy(batch.error, error, sizeof(batch.error));
	}
	move_on(link->status.backlog);
	forget_taken();
}

/* Decide what was taken, and answer. */
static void
run_batch(RedisLink *link)
{
	read_taken(link);
	sl_worker_roster_count(REDIS_COUNT_ENTRIES, batch.num_entries);
	/* Redis looks for new ones while these are decided; old ones are in its answer until then */
	if (batch.num_entries == SL_MAX_GROUP && !old_are_next())
		ask_for_entries(link);
	decide_batch();
	prepare_verdicts();
	answer_batch(link);
	drop_unreadable(link);
	count_retries();
	if (batch.error[0] != '\0')
		sl_link_note_error(link, batch.error);
}

/* Decide what has come in, as far as a batch takes; true when there may be more at once. */
bool
sl_intake_run(RedisLink *link)
{
	MemoryContext old_context = MemoryContextSwitchTo(sl_group_context());
	bool more = false;

	sl_link_catch_up(link);
	if (taken == NULL)
	{
		ask_for_entries(link);
		sl_link_catch_up(link);
	}
	if (taken != NULL && link->status.owner == REDIS_OWNER)
	{
		run_batch(link);
		more = batch.num_entries > 0 || place.in_pass;
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(sl_group_context());
	return more;
}
