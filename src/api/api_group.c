/*-------------------------------------------------------------------------
 *
 * api_group.c
 *		claim_now and claim_best_now: ask the worker, and wait for its answer.
 *
 * Arguments and privileges are checked here, in the caller's backend; the
 * worker trusts what it finds in the slot.
 *
 * Until the worker takes the request, an interrupt withdraws it and is obeyed.
 * From then on a cancel waits for the answer: raised now, it would leave the
 * caller with a hold that the caller does not know of.  (It is raised after the answer
 * nevertheless, if the server gets to it before the answer reaches the client;
 * then the hold stays, and a repetition with the same request key tells.)  A
 * terminated caller does not wait; the slot is left to the worker.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/wait_event.h"

#include "api/api_claim.h"
#include "api/api_result.h"
#include "base/args.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/settings.h"
#include "shmem/request_slot.h"
#include "shmem/summon.h"
#include "store/event_cache.h"
#include "verbs/board_answer.h"
#include "worker/group_queue.h"
#include "worker/group.h"
#include "worker/request_codec.h"

PG_FUNCTION_INFO_V1(seatlock_claim_now);
PG_FUNCTION_INFO_V1(seatlock_claim_now_array);
PG_FUNCTION_INFO_V1(seatlock_claim_best_now);

/* What became of a request. */
typedef enum Asked
{
	ASKED_ANSWERED,
	ASKED_WITHDRAWN, /* before the worker took it */
	ASKED_RETURNED,  /* the worker did nothing */
	ASKED_UNKNOWN    /* nobody can say what was done */
} Asked;

static void
leave_slot(int code, Datum arg)
{
	sl_request_slot_leave();
}

/* Not taken yet.  False when the wait is over: the request is withdrawn. */
static bool
wait_to_be_taken(int64 waited)
{
	if ((QueryCancelPending || ProcDiePending || waited >= sl_setting_group_wait) &&
		sl_request_slot_withdraw())
		return false;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 Max(sl_setting_group_wait - waited, 1), PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	return true;
}

/* Taken.  False when the wait was too long: the slot is left. */
static bool
wait_for_answer(int64 waited)
{
	if (waited >= sl_setting_group_limit)
		return false;
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 sl_setting_group_limit - waited, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	/* cancels are held off; a terminated caller goes, and leaves the slot */
	CHECK_FOR_INTERRUPTS();
	return true;
}

/* The state is looked at after each reset of the latch, and before each sleep. */
static Asked
wait_for_worker(void)
{
	int64 start = sl_clock_ticks();

	for (;;)
	{
		switch (sl_request_slot_state())
		{
			case SLOT_ASKED:
				if (!wait_to_be_taken(sl_clock_ticks() - start))
					return ASKED_WITHDRAWN;
				break;
			case SLOT_TAKEN:
				if (!wait_for_answer(sl_clock_ticks() - start))
					return ASKED_UNKNOWN;
				break;
			case SLOT_DONE:
				return ASKED_ANSWERED;
			case SLOT_RETURNED:
				return ASKED_RETURNED;
			default:
				return ASKED_UNKNOWN;
		}
	}
}

/* Hand the request to the worker; the slot is ours again, or left, when this returns. */
static Asked
ask(WorkerEntry *entry, const StringInfoData *request, ClaimResult **result)
{
	Asked asked;
	Size size;
	MemoryContext context = CurrentMemoryContext;

	HOLD_CANCEL_INTERRUPTS();
	PG_ENSURE_ERROR_CLEANUP(leave_slot, (Datum) 0);
	{
		sl_request_slot_ask(entry, request->data, request->len);
		asked = wait_for_worker();
		MemoryContextSwitchTo(context);
		if (asked == ASKED_ANSWERED)
		{
			const char *answer = sl_request_slot_answer(&size);

			*result = sl_request_codec_unpack_result(answer, size);
		}
	}
	PG_END_ENSURE_ERROR_CLEANUP(leave_slot, (Datum) 0);
	sl_request_slot_leave();
	RESUME_CANCEL_INTERRUPTS();
	return asked;
}

/* The answer when the worker gave none, and so has not counted the call. */
static ClaimResult *
busy(const ClaimRequest *request)
{
	ClaimResult *result = palloc0(sizeof(ClaimResult));
	EventRow event;

	result->outcome = OUTCOME_BUSY;
	result->now = sl_clock_now();
	result->retry_after_ms = WORKER_RETRY_MS;
	result->together = -1;
	if (sl_store_try_find_event(request->event, &event))
	{
		result->event_table = event.event_table;
		result->event_id = event.event_id;
	}
	sl_stat_count_in_group(sl_event_cache_stat(result), request->verb, result);
	return result;
}

/* The request as it travels, with the name of the user who asks. */
static void
pack(StringInfo bytes, const ClaimRequest *request)
{
	ClaimRequest sent = *request;

	sent.actor = GetUserNameFromId(GetUserId(), false);
	initStringInfo(bytes);
	sl_request_codec_pack_request(bytes, &sent);
	if (bytes->len > SL_MAX_REQUEST_BYTES)
		sl_error_group_too_large(sl_vocabulary_verb(request->verb));
}

static ClaimResult *
decide_in_group(const ClaimRequest *request)
{
	BoardGlance board;
	ClaimResult *result = sl_board_answer(request, &board);
	StringInfoData bytes;
	WorkerEntry *entry;

	if (result != NULL)
	{
		sl_stat_count_in_group(sl_event_cache_stat(result), request->verb, result);
		return result;
	}
	pack(&bytes, request);
	entry = sl_summon_worker(WORKER_GROUP, MyDatabaseId, MyDatabaseTableSpace);
	if (entry == NULL || !sl_request_slot_is_idle())
		return busy(request);
	switch (ask(entry, &bytes, &result))
	{
		case ASKED_ANSWERED:
			sl_board_answer_missed(request, &board, result);
			return result;
		case ASKED_WITHDRAWN:
			sl_worker_roster_count_withdrawn(entry);
			CHECK_FOR_INTERRUPTS();
			return busy(request);
		case ASKED_RETURNED:
			return busy(request);
		default:
			ereport(ERROR,
					(errcode(ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN),
					 errmsg("the outcome of the claim is unknown"),
					 errdetail("The worker took the request and gave no answer."),
					 errhint("Repeat the call with the same request key: it returns what was "
							 "decided, or decides it.")));
	}
}

static Datum
claim_in_group(FunctionCallInfo fcinfo, const char *function, const char *more,
			   void (*read_arguments)(FunctionCallInfo fcinfo, ClaimRequest *request))
{
	ClaimRequest request = {0};
	TupleDesc tupdesc;

	sl_arg_require_writable(function);
	sl_worker_roster_require(function, more);
	read_arguments(fcinfo, &request);
	tupdesc = sl_result_describe(fcinfo);
	return sl_result_form(tupdesc, decide_in_group(&request));
}

/* claim_now(event, seats, holder, ...): claim, in one commit with other buyers'. */
Datum
seatlock_claim_now(PG_FUNCTION_ARGS)
{
	return claim_in_group(fcinfo, "seatlock.claim_now()", " seatlock.claim() works without.",
						  sl_api_claim_arguments);
}

Datum
seatlock_claim_now_array(PG_FUNCTION_ARGS)
{
	return claim_in_group(fcinfo, "seatlock.claim_now()", " seatlock.claim() works without.",
						  sl_api_claim_array_arguments);
}

/* claim_best_now(event, quantity, holder, ...): claim_best, in the same way. */
Datum
seatlock_claim_best_now(PG_FUNCTION_ARGS)
{
	return claim_in_group(fcinfo, "seatlock.claim_best_now()",
						  " seatlock.claim_best() works without.", sl_api_claim_best_arguments);
}
