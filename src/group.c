/*-------------------------------------------------------------------------
 *
 * group.c
 *		Many buyers' claims decided and committed together.
 *
 * The worker runs each member of a group through the ordinary verb, one after
 * the other, in one transaction: a later member sees what an earlier one took.
 * Nobody is answered before the commit is durable, since until then even a
 * refusal could rest on something that never happened.
 *
 * Nothing here waits for another transaction.  Tables are locked if they can
 * be, else the whole group is busy; a seat, a name or a row that somebody else
 * has makes its member busy.
 *
 * There is no subtransaction per member: that would cost each of them what an
 * error costs few.  An error aborts the group, and each member is run again by
 * itself; the one at fault gets its error.  Errors that a buyer could cause at
 * will, a name that does not exist, are found before anything is written, and
 * spoil no group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

#include "clock.h"
#include "errors.h"
#include "group.h"
#include "parcel.h"
#include "refuse.h"
#include "slot.h"
#include "store_house.h"

/* the lock may be gone after one commit of whoever has it */
#define BUSY_RETRY_MS 100

typedef enum MemberState
{
	MEMBER_WAITING,    /* nothing of it is committed */
	MEMBER_COMMITTING, /* it may be */
	MEMBER_ANSWERED
} MemberState;

typedef struct Member
{
	int slot;
	MemberState state;
	ClaimRequest *request;
	EventRow event;     /* its number is 0 until it was found */
	ClaimResult result; /* kept for statistics; of no event: not to be counted */
	char *answer;       /* packed */
	Size answer_size;
} Member;

/* The group at work; the exit hook must find it. */
static struct
{
	MemoryContext context; /* reset after each group */
	int num_members;
	Member members[SL_MAX_GROUP];
} group;

static char scratch[SL_SLOT_ROOM];

/* The worker goes in the middle of a group: those who wait are told what is known. */
static void
give_back(int code, Datum arg)
{
	for (int i = 0; i < group.num_members; i++)
	{
		Member *member = &group.members[i];

		if (member->state == MEMBER_WAITING)
			sl_slot_finish(member->slot, SLOT_RETURNED, NULL, 0);
		else if (member->state == MEMBER_COMMITTING)
			sl_slot_finish(member->slot, SLOT_LOST, NULL, 0);
	}
	group.num_members = 0;
}

/* What a member is counted as. */
StatVerb
sl_group_verb(const ClaimRequest *request)
{
	return request->quantity > 0 ? STAT_CLAIM_BEST_NOW : STAT_CLAIM_NOW;
}

/* Once in the life of a worker. */
void
sl_group_init(void)
{
	group.context =
		AllocSetContextCreate(TopMemoryContext, "seatlock group", ALLOCSET_DEFAULT_SIZES);
	/* each member may lock its request key and its holder until the commit */
	sl_lockkey_set_bound(SL_MAX_LOCKS + 2 * SL_MAX_GROUP);
	/* after the transaction was aborted, which before_shmem_exit hooks do */
	on_shmem_exit(give_back, (Datum) 0);
}

static void
keep_answer(Member *member, Size size)
{
	member->answer = MemoryContextAlloc(group.context, size);
	memcpy(member->answer, scratch, size);
	member->answer_size = size;
}

static void
answer_result(Member *member, const ClaimResult *result)
{
	Size size = sl_parcel_pack_result(scratch, sizeof(scratch), result);

	if (size == 0)
		sl_error_group_too_large(member->request->verb);
	keep_answer(member, size);
	member->result = *result;
}

static void
answer_error(Member *member, const ErrorData *error)
{
	keep_answer(member, sl_parcel_pack_error(scratch, sizeof(scratch), error));
	member->result.event_table = InvalidOid;
}

static void
answer_busy(Member *member)
{
	ClaimResult result = {.outcome = OUTCOME_BUSY, .retry_after_ms = BUSY_RETRY_MS, .together = -1};

	result.now = sl_clock_now();
	result.event_table = member->event.event_table;
	result.event_id = member->event.event_id;
	answer_result(member, &result);
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
	const House *house;

	if (!sl_store_find_event(store, request->event, event))
		return NO_EVENT;
	if (request->section == NULL && request->category == NULL)
		return NAMES_EXIST;
	house = sl_store_house(event->event_id);
	if (request->section != NULL && sl_house_find_section(house, request->section) < 0)
		return NO_SECTION;
	if (request->category != NULL && sl_house_find_category(house, request->category) < 0)
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
answer_name_error(Member *member, Names missing)
{
	PG_TRY();
	{
		raise_name_error(member->request, missing);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(group.context);
		answer_error(member, CopyErrorData());
		FlushErrorState();
	}
	PG_END_TRY();
}

static void
decide_member(Store *store, Member *member)
{
	ClaimRequest *request = member->request;
	Names names = look_names_up(store, request, &member->event);

	if (names != NAMES_EXIST)
	{
		answer_name_error(member, names);
		return;
	}
	request->store = store;
	/* or the board would not know in this process which event is meant */
	sl_board_note_name(member->event.event_table, request->event, member->event.event_id);
	answer_result(member, sl_refuse_or_decide(request));
}

/* Decide members within one transaction, as the owner of the tables. */
static void
decide(Member *members, int num_members)
{
	Store *store = sl_store_open(true);
	Oid user;
	int context;

	if (!sl_store_try_lock(store))
	{
		for (int i = 0; i < num_members; i++)
		{
			(void) sl_store_try_find_event(members[i].request->event, &members[i].event);
			answer_busy(&members[i]);
		}
		sl_store_close(store);
		return;
	}
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(sl_store_owner(store), context | SECURITY_LOCAL_USERID_CHANGE);
	sl_store_refresh(store);
	for (int i = 0; i < num_members; i++)
		decide_member(store, &members[i]);
	SetUserIdAndSecContext(user, context);
	sl_store_close(store);
}

/* Hand the answer over, counted before anybody can see it. */
static void
finish(Member *member)
{
	sl_stat_count(sl_group_verb(member->request), &member->result);
	sl_slot_finish(member->slot, SLOT_DONE, member->answer, member->answer_size);
	member->state = MEMBER_ANSWERED;
}

static void
commit(Member *members, int num_members)
{
	for (int i = 0; i < num_members; i++)
		members[i].state = MEMBER_COMMITTING;
	CommitTransactionCommand();

	/*
	 * A worker that is told to go stops waiting for a standby.  Then nobody
	 * may be answered: the exit hook says that the outcome is unknown.  Only
	 * that interrupt is of interest, an error here would run members twice.
	 */
	if (ProcDiePending)
		CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < num_members; i++)
		finish(&members[i]);
}

/* Decide and commit; on an error, nothing of it happened and the error is returned. */
static ErrorData *
try_together(Member *members, int num_members)
{
	ErrorData *volatile error = NULL;

	PG_TRY();
	{
		StartTransactionCommand();
		MemoryContextSwitchTo(group.context);
		decide(members, num_members);
		commit(members, num_members);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(group.context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		for (int i = 0; i < num_members; i++)
			if (members[i].state == MEMBER_COMMITTING)
				members[i].state = MEMBER_WAITING;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(group.context);
	return error;
}

/* A member by itself, whose error is its own. */
static void
run_alone(CrewEntry *entry, Member *member)
{
	ErrorData *error = try_together(member, 1);

	if (error == NULL)
		return;
	sl_crew_note_error(entry, error->message);
	if (error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE)
		answer_busy(member);
	else
		answer_error(member, error);
	finish(member);
}

/* Decide these requests, which the worker has taken, and answer them. */
void
sl_group_run(CrewEntry *entry, const int *slots, int num_slots)
{
	MemoryContext old_context;

	memset(group.members, 0, sizeof(Member) * num_slots);
	for (int i = 0; i < num_slots; i++)
		group.members[i].slot = slots[i];
	group.num_members = num_slots;

	old_context = MemoryContextSwitchTo(group.context);
	for (int i = 0; i < num_slots; i++)
		group.members[i].request = sl_parcel_unpack_request(sl_slot_request(slots[i]));
	sl_crew_count_group(entry, num_slots);
	if (num_slots == 1)
		run_alone(entry, &group.members[0]);
	else if (try_together(group.members, num_slots) != NULL)
	{
		sl_crew_count(entry, CREW_RETRIED, num_slots);
		for (int i = 0; i < num_slots; i++)
			run_alone(entry, &group.members[i]);
	}
	group.num_members = 0;
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(group.context);
}
