/*-------------------------------------------------------------------------
 *
 * group_queue.c
 *		Where SQL callers hand in their requests to the group worker.
 *
 * Each member of a group is a slot that the worker has taken.  Whatever becomes
 * of the worker, callers that wait at a slot are told what is known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/ipc.h"
#include "utils/memutils.h"

#include "shmem/request_slot.h"
#include "worker/group_queue.h"
#include "worker/group.h"
#include "worker/request_codec.h"

/* The group at work; the exit hook must find it. */
static GroupMember members[SL_MAX_GROUP];
static int num_members;

/*
 * By slot: for how many requests more its caller runs alone.  One who raises
 * an error there does so for SUSPECTED_REQUESTS from then on.
 */
#define SUSPECTED_REQUESTS 32
static uint8 *suspicion;

/* The worker goes in the middle of a group. */
static void
give_back(int code, Datum arg)
{
	for (int i = 0; i < num_members; i++)
	{
		if (members[i].state == MEMBER_WAITING)
			sl_request_slot_finish(members[i].number, SLOT_RETURNED, NULL, 0);
		else if (members[i].state == MEMBER_COMMITTING)
			sl_request_slot_finish(members[i].number, SLOT_LOST, NULL, 0);
	}
	num_members = 0;
}

/* Once in the life of a worker. */
void
sl_group_queue_init(void)
{
	suspicion = MemoryContextAllocZero(TopMemoryContext, sl_request_slot_count());
	/* after the transaction was aborted, which before_shmem_exit hooks do */
	on_shmem_exit(give_back, (Datum) 0);
}

static void
keep_answer(GroupMember *member, const StringInfoData *bytes)
{
	member->answer = bytes->data;
	member->answer_size = bytes->len;
}

static bool
pack_result(GroupMember *member, const ClaimResult *result)
{
	StringInfoData bytes;

	initStringInfo(&bytes);
	sl_request_codec_pack_result(&bytes, result);
	if (bytes.len > SL_SLOT_ROOM)
		return false;
	keep_answer(member, &bytes);
	return true;
}

static void
pack_error(GroupMember *member, const ErrorData *error)
{
	StringInfoData bytes;

	initStringInfo(&bytes);
	sl_request_codec_pack_error(&bytes, SL_SLOT_ROOM, error);
	keep_answer(member, &bytes);
}

static void
finish(GroupMember *member)
{
	sl_request_slot_finish(member->number, SLOT_DONE, member->answer, member->answer_size);
}

static const GroupClerk clerk = {
	.pack_result = pack_result,
	.pack_error = pack_error,
	.finish = finish,
	.note_error = sl_worker_roster_note_error,
	.answer_room = SL_SLOT_ROOM - SL_ANSWER_OVERHEAD,
};

static void
suspect(const GroupMember *member)
{
	uint8 *left = &suspicion[member->number];

	if (member->failed)
		*left = SUSPECTED_REQUESTS;
	else if (*left > 0)
		(*left)--;
}

/* Decide these requests, which the worker has taken, and answer them. */
void
sl_group_queue_serve(const int *slots, int num_slots)
{
	MemoryContext old_context = MemoryContextSwitchTo(sl_group_context());
	int num_retried;

	memset(members, 0, sizeof(GroupMember) * num_slots);
	for (int i = 0; i < num_slots; i++)
	{
		members[i].number = slots[i];
		members[i].suspect = suspicion[slots[i]] > 0;
	}
	num_members = num_slots;
	for (int i = 0; i < num_slots; i++)
	{
		Size size;
		const char *request = sl_request_slot_request(slots[i], &size);

		members[i].request = sl_request_codec_unpack_request(request, size);
	}
	sl_worker_roster_count_group(num_slots);
	num_retried = sl_group_run(&clerk, members, num_slots);
	sl_worker_roster_count(GROUP_COUNT_RETRIED, num_retried);
	for (int i = 0; i < num_slots; i++)
		suspect(&members[i]);
	num_members = 0;
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(sl_group_context());
}
