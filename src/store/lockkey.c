/*-------------------------------------------------------------------------
 *
 * lockkey.c
 *		Advisory locks of seatlock's own class: seats, events, names.
 *
 * The tag is (database, event, seat or hash, class).  Core's own functions use
 * classes 1 and 2 only, so no application can meet or block these locks.  All
 * are transaction-level: session-level ones would leak through poolers.
 *
 *		SEAT_CLASS (event, 0)		shared: an open writer of the event, which
 *									the change feed looks for;
 *									exclusive: the event is being dropped
 *		SEAT_CLASS (event, seat)	exclusive: a claim is deciding this seat
 *		KEY_CLASS, HOLDER_CLASS (event, hash)	exclusive: this name;
 *									a collision costs waiting, nothing else
 *		KEY_CLASS, HOLDER_CLASS (event, stripe)	shared: a single name of the stripe;
 *									exclusive: all names of the stripe at once
 *		KEY_CLASS, HOLDER_CLASS (event, 0)	shared: a single name or a stripe;
 *									exclusive: all names of the event at once
 *
 * The server's lock table is small and shared by all.  One transaction takes
 * at most SL_MAX_LOCKS locks on seats and names, then none on seats: the seats
 * it has pinned in seat_state are locked by their rows, which costs no entry
 * and blocks nobody else (another claim finds the row being changed, and
 * polls).  Such a pin is made while the seat's lock is held for a moment, so the
 * holder of that lock knows that nobody pins or writes the row meanwhile, and needs
 * no pin.  A lock on the whole event instead would refuse every other buyer,
 * and could not be taken under a steady stream of claims.  Names beyond the
 * bound are covered by the lock over all names of their stripe: of the others'
 * names, one in NUM_STRIPES meets it.  Stripes have a bound too, as many as one
 * event has, for a transaction that works in many events; beyond that, all names
 * of an event have one lock.
 *
 * No call here waits inside the lock manager, except for a test's sl_lockkey_park.
 * Callers poll, so the server's deadlock detector never has anything of ours to
 * break.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"

#include "base/clock.h"
#include "base/compat.h"
#include "base/settings.h"
#include "store/lockkey.h"

/* the view seatlock.locks knows the first as 24231 */
#define SEAT_CLASS 0x5EA7
#define KEY_CLASS 0x5EA8
#define HOLDER_CLASS 0x5EA9

/* pg_advisory_lock(24231), on which a test parks sessions: its key is of that class */
#define PARK_KEY SEAT_CLASS
#define PARK_CLASS 1

#define WHOLE_EVENT 0
#define ALL_NAMES 0
/* of names by their hash, numbered from 1; these numbers are no hashes */
#define NUM_STRIPES 128
/* most stripes that one transaction locks: those of one event */
#define MAX_STRIPE_LOCKS (2 * NUM_STRIPES)

/*
 * Locks of one sort that this transaction holds, each as the subtransaction that
 * would give it back, the newest last.
 */
typedef struct Counted
{
	int bound;
	int num;
	SubTransactionId owners[SL_HIGHEST_BOUND];
} Counted;

static LocalTransactionId counted_lxid = InvalidLocalTransactionId;
static Counted singles = {.bound = SL_MAX_LOCKS}; /* seats and single names */
static Counted stripes = {.bound = MAX_STRIPE_LOCKS};

StaticAssertDecl(MAX_STRIPE_LOCKS <= SL_HIGHEST_BOUND, "there is room to count stripes");

/* For a process whose transactions are many buyers' at once. */
void
sl_lockkey_set_bound(int max_locks)
{
	Assert(max_locks <= SL_HIGHEST_BOUND);
	singles.bound = max_locks;
}

static bool
is_bound_reached(const Counted *counted)
{
	if (counted_lxid != MY_LXID)
	{
		counted_lxid = MY_LXID;
		singles.num = 0;
		stripes.num = 0;
	}
	return counted->num >= counted->bound;
}

/* Count a lock just taken; the bound was asked for before. */
static void
count_lock(Counted *counted)
{
	Assert(counted->num < counted->bound);
	counted->owners[counted->num++] = GetCurrentSubTransactionId();
}

static void
hand_on(Counted *counted, SubXactEvent event, SubTransactionId ended, SubTransactionId parent)
{
	int kept = 0;

	for (int i = 0; i < counted->num; i++)
	{
		if (counted->owners[i] != ended)
			counted->owners[kept++] = counted->owners[i];
		else if (event == SUBXACT_EVENT_COMMIT_SUB)
			counted->owners[kept++] = parent;
	}
	counted->num = kept;
}

/*
 * The lock manager gives a subtransaction's locks back when it is rolled back,
 * and to its parent when it ends well.  A count that only rose would send a
 * long transaction with savepoints to row locks for nothing.
 */
static void
follow_subtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
					  void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	hand_on(&singles, event, ended, parent);
	hand_on(&stripes, event, ended, parent);
}

/* To be called once in the life of a backend, from _PG_init. */
void
sl_lockkey_register_callbacks(void)
{
	RegisterSubXactCallback(follow_subtransaction, NULL);
}

static LOCKTAG
lock_tag(int32 event_id, uint32 number, uint16 class)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) event_id, number, class);
	return tag;
}

static uint16
name_class(NameLock what)
{
	return what == NAME_LOCK_REQUEST_KEY ? KEY_CLASS : HOLDER_CLASS;
}

/* A full lock table is as good as a lock that somebody else has: ask again. */
static LockAcquireResult
try_lock(LOCKTAG tag, LOCKMODE mode)
{
	return LockAcquireExtended(&tag, mode, false, true, false, NULL LOG_LOCK_FAILURE_ARG);
}

static void
unlock(LOCKTAG tag, LOCKMODE mode)
{
	LockRelease(&tag, mode, false);
}

void
sl_lockkey_init(LockSet *locks, int32 event_id)
{
	locks->event_id = event_id;
	locks->have_event = false;
	locks->num_counted_seats = 0;
	locks->num_counted_names = 0;
	locks->num_counted_stripes = 0;
	locks->num_seats = 0;
	locks->num_names = 0;
}

/* Enter the event as a writer.  Fails while the event is being dropped. */
bool
sl_lockkey_try_event(LockSet *locks, bool *is_new)
{
	LockAcquireResult result;

	if (locks->have_event)
		return true;
	result = try_lock(lock_tag(locks->event_id, WHOLE_EVENT, SEAT_CLASS), ShareLock);
	if (result == LOCKACQUIRE_NOT_AVAIL)
		return false;
	if (result == LOCKACQUIRE_OK)
		*is_new = true;
	locks->have_event = true;
	return true;
}

/* Did this call lock the seat itself, rather than leave it to its row? */
bool
sl_lockkey_has_seat(const LockSet *locks, int32 seat_no)
{
	for (int i = 0; i < locks->num_seats; i++)
		if (locks->seats[i] == seat_no)
			return true;
	return false;
}

/*
 * Lock one seat; true beyond the bound too, where its row is the lock.  is_new is
 * set when the lock was not held before: what was read earlier may be old.
 */
bool
sl_lockkey_try_seat(LockSet *locks, int32 seat_no, bool *is_new)
{
	LOCKTAG tag;
	LockAcquireResult result;

	if (sl_fault_is(FAULT_NO_SEAT_LOCK))
		return true;
	if (sl_lockkey_has_seat(locks, seat_no))
		return true;

	tag = lock_tag(locks->event_id, (uint32) seat_no, SEAT_CLASS);
	if (is_bound_reached(&singles) || locks->num_seats >= SL_MAX_LOCKS)
		return true;
	result = try_lock(tag, ExclusiveLock);
	if (result == LOCKACQUIRE_NOT_AVAIL)
		return false;
	if (result == LOCKACQUIRE_OK)
	{
		count_lock(&singles);
		locks->num_counted_seats++;
		*is_new = true;
	}
	locks->seats[locks->num_seats++] = seat_no;
	return true;
}

/*
 * Have the seat's lock for a moment, while its row is locked instead: until
 * sl_lockkey_end_seat, and for no entry among the call's own.
 */
bool
sl_lockkey_begin_seat(const LockSet *locks, int32 seat_no)
{
	if (sl_fault_is(FAULT_NO_SEAT_LOCK))
		return true;
	return try_lock(lock_tag(locks->event_id, (uint32) seat_no, SEAT_CLASS), ExclusiveLock) !=
		   LOCKACQUIRE_NOT_AVAIL;
}

void
sl_lockkey_end_seat(const LockSet *locks, int32 seat_no)
{
	if (sl_fault_is(FAULT_NO_SEAT_LOCK))
		return;
	unlock(lock_tag(locks->event_id, (uint32) seat_no, SEAT_CLASS), ExclusiveLock);
}

static LOCKTAG
name_tag(const LockSet *locks, NameLock what, uint32 number)
{
	return lock_tag(locks->event_id, number, name_class(what));
}

static uint32
stripe_of(uint32 hash)
{
	return 1 + hash % NUM_STRIPES;
}

/* Whose lock, in share, keeps a lock over more names than this number's out. */
static uint32
number_above(uint32 number)
{
	return number > NUM_STRIPES ? stripe_of(number) : ALL_NAMES;
}

/* Give back the shares above a number. */
static void
unlock_above(const LockSet *locks, NameLock what, uint32 number)
{
	while (number != ALL_NAMES)
	{
		number = number_above(number);
		unlock(name_tag(locks, what, number), ShareLock);
	}
}

/* Take the shares above a number, from the top; all or none. */
static bool
share_above(const LockSet *locks, NameLock what, uint32 number)
{
	uint32 above = number_above(number);

	if (number == ALL_NAMES)
		return true;
	if (!share_above(locks, what, above))
		return false;
	if (try_lock(name_tag(locks, what, above), ShareLock) != LOCKACQUIRE_NOT_AVAIL)
		return true;
	unlock_above(locks, what, above);
	return false;
}

/* Lock a single name, a stripe of them, or all. */
static LockAcquireResult
try_number(const LockSet *locks, NameLock what, uint32 number)
{
	LockAcquireResult result;

	if (!share_above(locks, what, number))
		return LOCKACQUIRE_NOT_AVAIL;
	result = try_lock(name_tag(locks, what, number), ExclusiveLock);
	if (result == LOCKACQUIRE_NOT_AVAIL)
		unlock_above(locks, what, number);
	return result;
}

/* Has an earlier call of this transaction locked this number? */
static bool
have_number(const LockSet *locks, NameLock what, uint32 number)
{
	LOCKTAG tag = name_tag(locks, what, number);
	LockAcquireResult result = try_lock(tag, ExclusiveLock);

	if (result != LOCKACQUIRE_NOT_AVAIL)
		unlock(tag, ExclusiveLock);
	return result == LOCKACQUIRE_ALREADY_HELD;
}

static uint32
hash_of(const char *name)
{
	uint32 hash = hash_bytes((const unsigned char *) name, (int) strlen(name));

	return hash <= NUM_STRIPES ? hash + NUM_STRIPES + 1 : hash;
}

/* What to lock for a name of that hash: itself, or beyond the bounds its stripe, or all. */
static uint32
number_of(const LockSet *locks, NameLock what, uint32 hash)
{
	if (!is_bound_reached(&singles) || have_number(locks, what, hash))
		return hash;
	if (!is_bound_reached(&stripes) || have_number(locks, what, stripe_of(hash)))
		return stripe_of(hash);
	return ALL_NAMES;
}

/*
 * Lock a name, so that no other call works under it before we end.  Beyond the
 * bound, one that we do not have yet needs the lock over its stripe, which others
 * keep from us only while they buy under a name of that stripe.
 */
bool
sl_lockkey_try_name(LockSet *locks, NameLock what, const char *name, bool *is_new)
{
	uint32 hash = hash_of(name);
	uint32 number;

	for (int i = 0; i < locks->num_names; i++)
		if (locks->names[i].what == what && locks->names[i].hash == hash)
			return true;

	number = number_of(locks, what, hash);
	switch (try_number(locks, what, number))
	{
		case LOCKACQUIRE_NOT_AVAIL:
			return false;
		case LOCKACQUIRE_OK:
			*is_new = true;
			if (number > NUM_STRIPES)
			{
				count_lock(&singles);
				locks->num_counted_names++;
			}
			else if (number != ALL_NAMES)
			{
				count_lock(&stripes);
				locks->num_counted_stripes++;
			}
			break;
		default:
			break; /* we have it */
	}
	Assert(locks->num_names < lengthof(locks->names));
	locks->names[locks->num_names].what = what;
	locks->names[locks->num_names].hash = hash;
	locks->names[locks->num_names].number = number;
	locks->num_names++;
	return true;
}

/* Give back the seats: the call goes for others instead. */
void
sl_lockkey_release_seats(LockSet *locks)
{
	for (int i = 0; i < locks->num_seats; i++)
		unlock(lock_tag(locks->event_id, (uint32) locks->seats[i], SEAT_CLASS), ExclusiveLock);
	singles.num -= locks->num_counted_seats;
	locks->num_counted_seats = 0;
	locks->num_seats = 0;
}

/*
 * Give back what this call took: it was refused and has changed nothing.
 * What the transaction held before the call, it keeps (locks are counted).
 * A call runs in one subtransaction, so its locks are the newest counted.
 */
void
sl_lockkey_release(LockSet *locks)
{
	sl_lockkey_release_seats(locks);
	for (int i = 0; i < locks->num_names; i++)
	{
		NameLock what = locks->names[i].what;
		uint32 number = locks->names[i].number;

		unlock(name_tag(locks, what, number), ExclusiveLock);
		unlock_above(locks, what, number);
	}
	if (locks->have_event)
		unlock(lock_tag(locks->event_id, WHOLE_EVENT, SEAT_CLASS), ShareLock);
	singles.num -= locks->num_counted_names;
	stripes.num -= locks->num_counted_stripes;
	sl_lockkey_init(locks, locks->event_id);
}

#ifdef SEATLOCK_FAULTS
/* Wait for as long as a test wants. */
void
sl_lockkey_park(void)
{
	LOCKTAG tag = lock_tag(0, PARK_KEY, PARK_CLASS);

	(void) LockAcquire(&tag, ShareLock, false, false);
	unlock(tag, ShareLock);
}
#endif

/* Poll until no other transaction is a writer of the event.  False: it took too long. */
bool
sl_lockkey_acquire_event_exclusive(int32 event_id, int max_wait_ms)
{
	LOCKTAG tag = lock_tag(event_id, WHOLE_EVENT, SEAT_CLASS);
	int64 deadline = sl_clock_ticks() + max_wait_ms;
	int nap_ms = 1;

	while (try_lock(tag, ExclusiveLock) == LOCKACQUIRE_NOT_AVAIL)
	{
		if (!sl_clock_nap(deadline, &nap_ms))
			return false;
	}
	return true;
}

/* An owner of locks: a process, or a prepared transaction, which has none. */
typedef struct LockOwner
{
	int backend;
	LocalTransactionId lxid;
} LockOwner;

static int
compare_owners(const void *a, const void *b)
{
	const LockOwner *left = a;
	const LockOwner *right = b;

	if (left->backend != right->backend)
		return left->backend < right->backend ? -1 : 1;
	return (left->lxid > right->lxid) - (left->lxid < right->lxid);
}

static LockOwner
owner_of(const LockInstanceData *lock)
{
	return (LockOwner){LOCK_BACKEND(lock), LOCK_LXID(lock)};
}

/* The owners of the event's lock, in any mode, in the order of compare_owners. */
static LockOwner *
find_owners(const LockData *locks, int32 event_id, int *num_owners)
{
	LOCKTAG tag = lock_tag(event_id, WHOLE_EVENT, SEAT_CLASS);
	LockOwner *owners = palloc(sizeof(LockOwner) * Max(locks->nelements, 1));

	*num_owners = 0;
	for (int i = 0; i < locks->nelements; i++)
	{
		const LockInstanceData *lock = &locks->locks[i];

		if (lock->holdMask != 0 && memcmp(&lock->locktag, &tag, sizeof(LOCKTAG)) == 0)
			owners[(*num_owners)++] = owner_of(lock);
	}
	qsort(owners, *num_owners, sizeof(LockOwner), compare_owners);
	return owners;
}

/*
 * The transaction ids of all who have the event's lock: its open writers.  Of a
 * transaction one lock is on its id, and others, of its subtransactions, are on
 * theirs.
 */
TransactionId *
sl_lockkey_find_writers(int32 event_id, int *num_writers)
{
	LockData *locks = GetLockStatusData();
	TransactionId *writers = palloc(sizeof(TransactionId) * Max(locks->nelements, 1));
	int num_owners;
	LockOwner *owners = find_owners(locks, event_id, &num_owners);

	*num_writers = 0;
	for (int i = 0; i < locks->nelements; i++)
	{
		const LockInstanceData *lock = &locks->locks[i];
		LockOwner owner = owner_of(lock);

		if (lock->locktag.locktag_type == LOCKTAG_TRANSACTION && lock->holdMask != 0 &&
			bsearch(&owner, owners, num_owners, sizeof(LockOwner), compare_owners) != NULL)
			writers[(*num_writers)++] = lock->locktag.locktag_field1;
	}
	return writers;
}
