/*-------------------------------------------------------------------------
 *
 * group.c
 *		Many buyers' claims decided and committed together.
 *
 * A worker runs each member of a group through the ordinary verb, one after
 * the other, in one transaction: a later member sees what an earlier one took.
 * Nobody is answered before the commit is durable, since until then even a
 * refusal could rest on something that never happened.  Where members come from
 * and how they hear of their answers is their clerk's business.
 *
 * Nothing here waits for another transaction.  Tables are locked if they can
 * be, else the whole group is busy; a seat, a name or a row that somebody else
 * has makes its member busy.
 *
 * There is no subtransaction per member: that would cost each of them what an
 * error costs few.  An error aborts the group, and each member is run again by
 * itself; the one at fault gets its error.  Errors that a buyer could cause at
 * will, a name that does not exist, an answer that has no room, are found before
 * anything is written, and spoil no group.  One that spoils it nevertheless is a
 * suspect to its clerk, and its next requests run by themselves, before the group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"

#include "base/clock.h"
#include "base/errors.h"
#include "store/event_cache.h"
#include "store/lockkey.h"
#include "store/store_layout.h"
#include "worker/group.h"

static MemoryContext context; /* reset after each group */

static volatile sig_atomic_t committing;

/*
 * A cancel is for the verbs.  In a wait for a standby it would end the wait, and
 * callers would be told of claims that no standby has.
 */
static void
cancel_verbs(SIGNAL_ARGS)
{
	if (!committing)
		StatementCancelHandler(postgres_signal_arg);
}

/* Once in the life of a worker. */
void
sl_group_init(void)
{
	pqsignal(SIGINT, cancel_verbs);
	context = AllocSetContextCreate(TopMemoryContext, "seatlock group", ALLOCSET_DEFAULT_SIZES);
	/* each member may lock its request key and its holder until the commit */
	sl_lockkey_set_bound(SL_MAX_LOCKS + 2 * SL_MAX_GROUP);
}

/* Where members, requests and answers of the next group belong. */
MemoryContext
sl_group_context(void)
{
	return context;
}

static void
answer_error(const GroupClerk *clerk, GroupMember *member, const ErrorData *error)
{
	clerk->pack_error(member, error);
	member->result.event_table = InvalidOid;
}

static void
answer_result(const GroupClerk *clerk, GroupMember *member, const ClaimResult *result)
{
	ErrorData error;

	if (!result->too_large && clerk->pack_result(member, result))
	{
		member->result = *result;
		return;
	}
	if (!result->too_large && outcome_is_success(result->outcome) && !result->replayed)
		elog(ERROR, "the answer to a claim is too large, and was not refused before");
	sl_error_fill_group_too_large(&error, sl_vocabulary_verb(member->request->verb));
	answer_error(clerk, member, &error);
}

static void
answer_busy(const GroupClerk *clerk, GroupMember *member)
{
	ClaimResult result = {.outcome = OUTCOME_BUSY, .retry_after_ms = BUSY_RETRY_MS, .together = -1};

	result.now = sl_clock_now();
	result.event_table = member->event.event_table;
	result.event_id = member->event.event_id;
	answer_result(clerk, member, &result);
}

typedef enum Names
{
	NAMES_EXIST,
	NO_EVENT,
	NO_SECTION,
	NO_CATEGORY
} Names;

static Names
look_names_up(Store *store, const ClaimRequest *request, EventRow *event)
{
	const Layout *layout;

	if (!sl_store_find_event(store, request->event, event))
		return NO_EVENT;
	if (request->section == NULL && request->category == NULL)
		return NAMES_EXIST;
	layout = sl_store_kept_layout(event->layout_id, true);
	/* the event has just got another layout: the verb will see */
	if (layout->num_seats == 0)
		return NAMES_EXIST;
	if (request->section != NULL && sl_layout_find_section(layout, request->section) < 0)
		return NO_SECTION;
	if (request->category != NULL && sl_layout_find_category(layout, request->category) < 0)
		return NO_CATEGORY;
	return NAMES_EXIST;
}

static void
raise_name_error(const ClaimRequest *request, Names missing)
{
	switch (missing)
	{
		case NO_EVENT:
			sl_error_no_event(request->event);
			break;
		case NO_SECTION:
			sl_error_no_section(request->section, request->event);
			break;
		case NO_CATEGORY:
			sl_error_no_category(request->category, request->event);
			break;
		case NAMES_EXIST:
			break;
	}
}

/* The member's answer is the error that the verb would raise: raised and caught on the spot. */
static void
answer_name_error(const GroupClerk *clerk, GroupMember *member, Names missing)
{
	PG_TRY();
	{
		raise_name_error(member->request, missing);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		answer_error(clerk, member, CopyErrorData());
		FlushErrorState();
	}
	PG_END_TRY();
}

static void
decide_member(Store *store, const GroupClerk *clerk, GroupMember *member)
{
	CallTerms terms = {.store = store, .answer_room = clerk->answer_room, .late = member->late};
	Names names = look_names_up(store, member->request, &member->event);

	if (names != NAMES_EXIST)
		answer_name_error(clerk, member, names);
	else
		answer_result(clerk, member, sl_call_run(member->request, &terms));
}

/* Decide members within one transaction, as the owner of the tables. */
static void
decide(const GroupClerk *clerk, GroupMember *members, int num_members)
{
	Store *store = sl_store_open(true);
	Oid user;
	int security;

	if (!sl_store_try_lock(store))
	{
		for (int i = 0; i < num_members; i++)
		{
			(void) sl_store_try_find_event(members[i].request->event, &members[i].event);
			answer_busy(clerk, &members[i]);
		}
		sl_store_close(store);
		return;
	}
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(sl_store_owner(store), security | SECURITY_LOCAL_USERID_CHANGE);
	sl_store_refresh(store);
	for (int i = 0; i < num_members; i++)
		decide_member(store, clerk, &members[i]);
	SetUserIdAndSecContext(user, security);
	sl_store_close(store);
}

/* Hand the answer over, counted before anybody can see it. */
static void
finish(const GroupClerk *clerk, GroupMember *member)
{
	sl_stat_count_in_group(sl_event_cache_stat(&member->result), member->request->verb,
						   &member->result);
	clerk->finish(member);
	member->state = MEMBER_ANSWERED;
}

static void
commit(const GroupClerk *clerk, GroupMember *members, int num_members)
{
	committing = true;
	/* one that came before is obeyed now */
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < num_members; i++)
		members[i].state = MEMBER_COMMITTING;
	CommitTransactionCommand();
	committing = false;

	/*
	 * A worker that is told to go stops waiting for a standby.  Then nobody
	 * may be answered: the outcome is unknown.  Only that interrupt is of
	 * interest, an error here would run members twice.  Where the postmaster
	 * has died, the wait sets ProcDiePending and nothing else.
	 */
	if (ProcDiePending)
	{
		InterruptPending = true;
		CHECK_FOR_INTERRUPTS();
	}
	for (int i = 0; i < num_members; i++)
		finish(clerk, &members[i]);
}

/* Decide and commit; on an error, nothing of it happened and the error is returned. */
static ErrorData *
try_together(const GroupClerk *clerk, GroupMember *members, int num_members)
{
	ErrorData *volatile error = NULL;

	PG_TRY();
	{
		StartTransactionCommand();
		XactReadOnly = false; /* the one that asked may write, whatever the default is */
		MemoryContextSwitchTo(context);
		decide(clerk, members, num_members);
		commit(clerk, members, num_members);
	}
	PG_CATCH();
	{
		committing = false;
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		for (int i = 0; i < num_members; i++)
			if (members[i].state == MEMBER_COMMITTING)
				members[i].state = MEMBER_WAITING;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	return error;
}

/* A member by itself, whose error is its own. */
static void
run_alone(const GroupClerk *clerk, GroupMember *member)
{
	ErrorData *error = try_together(clerk, member, 1);

	member->failed = error != NULL && !sl_error_is_transient(error->sqlerrcode);
	if (error == NULL)
		return;
	clerk->note_error(error->message);
	if (error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE)
		answer_busy(clerk, member);
	else
		answer_error(clerk, member, error);
	finish(clerk, member);
}

/* Put the suspects in front, without care for the order of the others; returns how many. */
static int
find_suspects(GroupMember *members, int num_members)
{
	int num_suspects = 0;

	for (int i = 0; i < num_members; i++)
	{
		GroupMember member = members[i];

		if (!member.suspect)
			continue;
		members[i] = members[num_suspects];
		members[num_suspects++] = member;
	}
	return num_suspects;
}

/*
 * Decide these members, commit, and have the clerk answer them.  Returns how
 * many of them were run again by themselves.
 */
int
sl_group_run(const GroupClerk *clerk, GroupMember *members, int num_members)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	int num_suspects = find_suspects(members, num_members);
	int num_retried = 0;

	for (int i = 0; i < num_suspects; i++)
		run_alone(clerk, &members[i]);
	members += num_suspects;
	num_members -= num_suspects;
	if (num_members == 1)
		run_alone(clerk, &members[0]);
	else if (num_members > 1 && try_together(clerk, members, num_members) != NULL)
	{
		num_retried = num_members;
		for (int i = 0; i < num_members; i++)
			run_alone(clerk, &members[i]);
	}
	MemoryContextSwitchTo(old_context);
	return num_retried;
}
