/*-------------------------------------------------------------------------
 *
 * request_slot.c
 *		Requests to the group worker, and its answers, in shared memory.
 *
 * One slot per process that can call, known by the number of its PGPROC.
 *
 * Lock protocol: there is no lock.  A slot's word holds its state and a
 * generation, and changes by compare-and-swap only; the process that owns the state
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
 *		asked		a bit per database and slot that waits for its worker: set by
 *					the caller after the slot is in state asked, cleared by the
 *					worker before it takes the slot; atomic.  A bit too much is
 *					harmless, since the slot's own word decides
 *
 *				 ask			 take			 finish
 *		  idle -------> asked -------> taken ---------------> done, returned, lost
 *			^ withdraw	  |				 |  leave					|
 *			|<------------'				 `-------> left				|
 *			|<--------------------- finish ----------'				|
 *			`<-------------------------- leave ---------------------'
 *
 * Barriers.  The process that gives a slot away does so by compare-and-swap, a full barrier,
 * after it has written the fields.  The one that gets it looks at the fields after it
 * has seen the state: the worker, before it takes a slot, reads database behind a
 * read barrier (take), and the rest after its own compare-and-swap; the
 * caller, which only reads that it is answered, reads the answer behind a read
 * barrier (sl_request_slot_answer).  A caller that finds its slot idle only writes: the
 * worker's reads were over before its compare-and-swap, and no processor writes
 * what hangs on a branch before the branch is decided.  Nothing here can fail, so
 * a slot never changes hands half-way.
 *
 * No worker sleeps through a ring: the caller sets its bit and then the worker's
 * latch, the worker looks at the bits after whatever may have reset its latch,
 * a commit that waits for a standby included, and just before it sleeps
 * (sl_request_slot_is_any).  Setting and resetting a latch are full barriers, and so
 * are the exchanges of bits.  The worker's proc is stored (worker_roster.c) before
 * it first looks at the bits, with the release of a lock between.
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
#include "port/pg_bitutils.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#include "base/compat.h"
#include "shmem/request_slot.h"

#define STATE_MASK 7u
#define ONE_GENERATION 8u
#define BITS_PER_WORD 64

typedef struct Slot
{
	pg_atomic_uint32 word;
	Oid database;
	Size size;
	char data[SL_SLOT_ROOM];
} Slot;

static Slot *slots;
static pg_atomic_uint64 *asked; /* behind the slots */

int
sl_request_slot_count(void)
{
	return MaxBackends;
}

static int
num_words(void)
{
	return (MaxBackends + BITS_PER_WORD - 1) / BITS_PER_WORD;
}

Size
sl_request_slot_shared_size(void)
{
	return add_size(mul_size(sizeof(Slot), MaxBackends),
					mul_size(sizeof(pg_atomic_uint64), mul_size(SL_MAX_DATABASES, num_words())));
}

/* Under AddinShmemInitLock. */
void
sl_request_slot_attach(void)
{
	bool found;

	slots = ShmemInitStruct("seatlock slots", sl_request_slot_shared_size(), &found);
	asked = (pg_atomic_uint64 *) &slots[MaxBackends];
	if (found)
		return;
	for (int i = 0; i < MaxBackends; i++)
		pg_atomic_init_u32(&slots[i].word, SLOT_IDLE);
	for (int i = 0; i < SL_MAX_DATABASES * num_words(); i++)
		pg_atomic_init_u64(&asked[i], 0);
}

/* The bits of a database's worker. */
static pg_atomic_uint64 *
asked_of(const WorkerEntry *entry)
{
	return &asked[(Size) sl_worker_roster_number(entry) * num_words()];
}

static SlotState
state_of(uint32 word)
{
	return (SlotState) (word & STATE_MASK);
}

#ifdef USE_ASSERT_CHECKING
/* The picture above. */
static bool
may_follow(SlotState from, SlotState to)
{
	switch (from)
	{
		case SLOT_IDLE:
			return to == SLOT_ASKED;
		case SLOT_ASKED:
			return to == SLOT_TAKEN || to == SLOT_IDLE;
		case SLOT_TAKEN:
			return to == SLOT_DONE || to == SLOT_RETURNED || to == SLOT_LOST || to == SLOT_LEFT;
		case SLOT_DONE:
		case SLOT_RETURNED:
		case SLOT_LOST:
		case SLOT_LEFT:
			return to == SLOT_IDLE;
	}
	return false;
}
#endif

/* Each change of a slot's state; false when somebody else has changed it since word was read. */
static bool
move(Slot *slot, uint32 word, SlotState to)
{
	uint32 next = (word & ~STATE_MASK) | to;

	Assert(may_follow(state_of(word), to));
	if (to == SLOT_ASKED)
		next += ONE_GENERATION;
	return pg_atomic_compare_exchange_u32(&slot->word, &word, next);
}

static int
my_number(void)
{
	Assert(MY_PROC_NUMBER < MaxBackends);
	return MY_PROC_NUMBER;
}

/* May this backend ask?  Not while the worker still has its last request. */
bool
sl_request_slot_is_idle(void)
{
	return sl_request_slot_state() == SLOT_IDLE;
}

/* Ask the worker for what was written. */
void
sl_request_slot_ask(WorkerEntry *entry, const char *request, Size size)
{
	int number = my_number();
	Slot *slot = &slots[number];
	uint32 word = pg_atomic_read_u32(&slot->word);

	Assert(size <= SL_SLOT_ROOM);
	if (state_of(word) != SLOT_IDLE)
		elog(ERROR, "request slot %d is not idle", number);
	slot->database = MyDatabaseId;
	slot->size = size;
	memcpy(slot->data, request, size);
	/* nobody else touches a slot that is idle */
	(void) move(slot, word, SLOT_ASKED);
	pg_atomic_fetch_or_u64(&asked_of(entry)[number / BITS_PER_WORD],
						   UINT64CONST(1) << (number % BITS_PER_WORD));
	sl_worker_roster_wake(entry);
}

SlotState
sl_request_slot_state(void)
{
	return state_of(pg_atomic_read_u32(&slots[my_number()].word));
}

/* Take the request back; false when the worker has it. */
bool
sl_request_slot_withdraw(void)
{
	Slot *slot = &slots[my_number()];
	uint32 word = pg_atomic_read_u32(&slot->word);

	return state_of(word) == SLOT_ASKED && move(slot, word, SLOT_IDLE);
}

/* The answer of a request that is done; good until sl_request_slot_leave. */
const char *
sl_request_slot_answer(Size *size)
{
	const Slot *slot = &slots[my_number()];

	Assert(sl_request_slot_state() == SLOT_DONE);
	/* pairs with the compare-and-swap of sl_request_slot_finish */
	pg_read_barrier();
	*size = Min(slot->size, SL_SLOT_ROOM);
	return slot->data;
}

/* The caller goes, with or without an answer. */
void
sl_request_slot_leave(void)
{
	Slot *slot = &slots[my_number()];
	uint32 word = pg_atomic_read_u32(&slot->word);

	/* it fails only when the worker moved meanwhile, at most twice */
	while (state_of(word) != SLOT_IDLE && state_of(word) != SLOT_LEFT &&
		   !move(slot, word, state_of(word) == SLOT_TAKEN ? SLOT_LEFT : SLOT_IDLE))
		word = pg_atomic_read_u32(&slot->word);
}

/* Make a request the worker's; false when it is not of its database. */
static bool
take(int number)
{
	Slot *slot = &slots[number];
	uint32 word = pg_atomic_read_u32(&slot->word);

	if (state_of(word) != SLOT_ASKED)
		return false;
	/* pairs with the compare-and-swap of sl_request_slot_ask */
	pg_read_barrier();
	return slot->database == MyDatabaseId && move(slot, word, SLOT_TAKEN);
}

/* Does somebody wait?  To be asked before the worker sleeps. */
bool
sl_request_slot_is_any(void)
{
	pg_atomic_uint64 *words = asked_of(sl_worker_roster_here());

	for (int i = 0; i < num_words(); i++)
		if (pg_atomic_read_u64(&words[i]) != 0)
			return true;
	return false;
}

/* Take those of a word's slots that wait and are in the mask. */
static int
collect_word(int word, uint64 mask, int *numbers, int max)
{
	pg_atomic_uint64 *waiting = &asked_of(sl_worker_roster_here())[word];
	uint64 bits = pg_atomic_read_u64(waiting) & mask;
	int count = 0;

	while (bits != 0 && count < max)
	{
		int bit = pg_rightmost_one_pos64(bits);

		bits &= bits - 1;
		pg_atomic_fetch_and_u64(waiting, ~(UINT64CONST(1) << bit));
		if (take(word * BITS_PER_WORD + bit))
			numbers[count++] = word * BITS_PER_WORD + bit;
	}
	return count;
}

/*
 * Take the slots that wait, at most max; the others keep their bits.  Each time
 * another slot is the first, or low ones would always win.
 */
int
sl_request_slot_collect(int *numbers, int max)
{
	static int first = 0;
	int word = first / BITS_PER_WORD;
	uint64 from_first = PG_UINT64_MAX << (first % BITS_PER_WORD);
	int count = collect_word(word, from_first, numbers, max);

	for (int i = 1; i < num_words(); i++)
		count +=
			collect_word((word + i) % num_words(), PG_UINT64_MAX, numbers + count, max - count);
	count += collect_word(word, ~from_first, numbers + count, max - count);
	if (count > 0)
		first = (numbers[0] + 1) % MaxBackends;
	return count;
}

const char *
sl_request_slot_request(int number, Size *size)
{
	*size = Min(slots[number].size, SL_SLOT_ROOM);
	return slots[number].data;
}

/* The worker is through with a request that it took: wake the caller, if it is still there. */
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
