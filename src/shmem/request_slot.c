/*-------------------------------------------------------------------------
 *
 * request_slot.c
 *		Requests to the group worker, and its answers, in shared memory.
 *
 * One slot per process that can call, known by the number of its PGPROC.
 *
 * Lock protocol: there is no lock.  A slot's word holds its state and a
 * generation, and changes by compare-and-swap only; whoever owns the state
 * owns the other fields:
 *
 *		word		state in the low bits, generation above; the generation
 *					rises at each ask, so that a worker that looked at an
 *					earlier ask cannot take a later one by mistake
 *		database	written by the caller while idle, read by workers while
 *					asked: whose work it is
 *		size, data	idle: the caller's, to write the request;
 *					asked: nobody's;
 *					taken: the worker's, to read the request, then to write
 *					the answer;
 *					done: the caller's, to read the answer;
 *					left: nobody's
 *
 *				 ask			 take			 finish
 *		  idle -------> asked -------> taken ---------------> done, returned, lost
 *			^ withdraw	  |				 |  leave					|
 *			|<------------'				 `-------> left				|
 *			|<--------------------- finish ----------'				|
 *			`<-------------------------- leave ---------------------'
 *
 * Barriers.  Who gives a slot away does so by compare-and-swap, a full barrier,
 * after he has written the fields.  Who gets it looks at the fields after he
 * has seen the state: the worker, before it takes a slot, reads database behind a
 * read barrier (sl_request_slot_take), and the rest after its own compare-and-swap; the
 * caller, who only reads that he is answered, reads the answer behind a read
 * barrier (sl_request_slot_answer).  A caller who finds his slot idle only writes: the
 * worker's reads were over before its compare-and-swap, and no processor writes
 * what hangs on a branch before the branch is decided.  Nothing here can fail, so
 * a slot never changes hands half-way.
 *
 * A caller who gives up while the worker is at it leaves the slot to the
 * worker, who sets it idle when done.  Until then a next caller in the same
 * PGPROC has no slot, and is told busy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#include "base/compat.h"
#include "shmem/request_slot.h"

#define STATE_MASK 7u
#define ONE_GENERATION 8u

typedef struct Slot
{
	pg_atomic_uint32 word;
	Oid database;
	Size size;
	char data[SL_SLOT_ROOM];
} Slot;

static Slot *slots;

int
sl_request_slot_count(void)
{
	return MaxBackends;
}

Size
sl_request_slot_shared_size(void)
{
	return mul_size(sizeof(Slot), MaxBackends);
}

/* Under AddinShmemInitLock. */
void
sl_request_slot_attach(void)
{
	bool found;

	slots = ShmemInitStruct("seatlock slots", sl_request_slot_shared_size(), &found);
	if (found)
		return;
	for (int i = 0; i < MaxBackends; i++)
		pg_atomic_init_u32(&slots[i].word, SLOT_IDLE);
}

static SlotState
state_of(uint32 word)
{
	return (SlotState) (word & STATE_MASK);
}

static bool
move(Slot *slot, uint32 word, SlotState to)
{
	return pg_atomic_compare_exchange_u32(&slot->word, &word, (word & ~STATE_MASK) | to);
}

int
sl_request_slot_mine(void)
{
	Assert(MY_PROC_NUMBER < MaxBackends);
	return MY_PROC_NUMBER;
}

/* Where to write the request; NULL when the worker still has the last one. */
char *
sl_request_slot_reserve(void)
{
	Slot *slot = &slots[sl_request_slot_mine()];

	if (state_of(pg_atomic_read_u32(&slot->word)) != SLOT_IDLE)
		return NULL;
	return slot->data;
}

void
sl_request_slot_ask(Size size)
{
	Slot *slot = &slots[sl_request_slot_mine()];
	uint32 word = pg_atomic_read_u32(&slot->word);

	slot->database = MyDatabaseId;
	slot->size = size;
	if (!pg_atomic_compare_exchange_u32(&slot->word, &word, word + ONE_GENERATION + SLOT_ASKED))
		elog(ERROR, "request slot %d is not idle", sl_request_slot_mine());
}

SlotState
sl_request_slot_state(void)
{
	return state_of(pg_atomic_read_u32(&slots[sl_request_slot_mine()].word));
}

/* Take the request back; false when the worker has it. */
bool
sl_request_slot_withdraw(void)
{
	Slot *slot = &slots[sl_request_slot_mine()];
	uint32 word = pg_atomic_read_u32(&slot->word);

	return state_of(word) == SLOT_ASKED && move(slot, word, SLOT_IDLE);
}

/* The answer of a request that is done; good until sl_request_slot_leave. */
const char *
sl_request_slot_answer(void)
{
	Assert(sl_request_slot_state() == SLOT_DONE);
	/* pairs with the compare-and-swap of sl_request_slot_finish */
	pg_read_barrier();
	return slots[sl_request_slot_mine()].data;
}

/* The caller goes, with or without an answer. */
void
sl_request_slot_leave(void)
{
	Slot *slot = &slots[sl_request_slot_mine()];
	uint32 word = pg_atomic_read_u32(&slot->word);

	/* it fails only when the worker moved meanwhile, at most twice */
	while (state_of(word) != SLOT_IDLE && state_of(word) != SLOT_LEFT &&
		   !move(slot, word, state_of(word) == SLOT_TAKEN ? SLOT_LEFT : SLOT_IDLE))
		word = pg_atomic_read_u32(&slot->word);
}

/* Make a request the worker's; false when it is none of its database. */
bool
sl_request_slot_take(int number)
{
	Slot *slot = &slots[number];
	uint32 word = pg_atomic_read_u32(&slot->word);

	if (state_of(word) != SLOT_ASKED)
		return false;
	/* pairs with the compare-and-swap of sl_request_slot_ask */
	pg_read_barrier();
	return slot->database == MyDatabaseId && move(slot, word, SLOT_TAKEN);
}

const char *
sl_request_slot_request(int number)
{
	return slots[number].data;
}

/* The worker is through with a request that it took: wake the caller, if he is still there. */
void
sl_request_slot_finish(int number, SlotState outcome, const char *answer, Size size)
{
	Slot *slot = &slots[number];
	uint32 word = pg_atomic_read_u32(&slot->word);

	/* a caller who leaves in the middle of the copy does not mind it */
	if (state_of(word) == SLOT_TAKEN)
	{
		Assert(size <= SL_SLOT_ROOM);
		if (size > 0)
			memcpy(slot->data, answer, size);
		slot->size = size;
		if (move(slot, word, outcome))
		{
			SetLatch(&ProcGlobal->allProcs[number].procLatch);
			return;
		}
		word = pg_atomic_read_u32(&slot->word);
	}
	Assert(state_of(word) == SLOT_LEFT);
	(void) move(slot, word, SLOT_IDLE);
}
