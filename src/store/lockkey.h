/*-------------------------------------------------------------------------
 *
 * lockkey.h
 *		Advisory locks of seatlock's own class: seats, events, names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_LOCKKEY_H
#define SEATLOCK_LOCKKEY_H

#include "base/seatlock.h"

/* most locks on seats and names that one transaction takes, the group worker's excepted */
#define SL_MAX_LOCKS 32
/* and the most that sl_lockkey_set_bound may allow */
#define SL_HIGHEST_BOUND 1024

/* what a name lock protects */
typedef enum NameLock
{
	NAME_LOCK_REQUEST_KEY,
	NAME_LOCK_HOLDER
} NameLock;

/* The locks that one call has taken, so that a refused call can give them back. */
typedef struct LockSet
{
	int32 event_id;
	bool have_event;
	int num_counted_seats; /* those the transaction did not hold before */
	int num_seats;
	int32 seats[SL_MAX_LOCKS];
	int num_counted_names;
	int num_counted_stripes;
	int num_names;
	struct
	{
		NameLock what;
		uint32 hash;   /* of the name */
		uint32 number; /* the same, or that of a stripe of names, or 0: all */
	} names[4];
} LockSet;

extern void sl_lockkey_set_bound(int max_locks);
extern void sl_lockkey_register_callbacks(void);
extern void sl_lockkey_init(LockSet *locks, int32 event_id);
extern bool sl_lockkey_try_event(LockSet *locks, bool *is_new);
extern bool sl_lockkey_try_seat(LockSet *locks, int32 seat_no, bool *is_new);
extern bool sl_lockkey_has_seat(const LockSet *locks, int32 seat_no);
extern bool sl_lockkey_begin_seat(const LockSet *locks, int32 seat_no);
extern void sl_lockkey_end_seat(const LockSet *locks, int32 seat_no);
extern bool sl_lockkey_try_name(LockSet *locks, NameLock what, const char *name, bool *is_new);
extern void sl_lockkey_release_seats(LockSet *locks);
extern void sl_lockkey_release(LockSet *locks);
#ifdef SEATLOCK_FAULTS
extern void sl_lockkey_park(void);
#endif
extern TransactionId *sl_lockkey_find_writers(int32 event_id, int *num_writers);
extern bool sl_lockkey_acquire_event_exclusive(int32 event_id, int max_wait_ms);

#endif /* SEATLOCK_LOCKKEY_H */
