/*-------------------------------------------------------------------------
 *
 * call.h
 *		One verb at work: look, lock, look again, pin, write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CALL_H
#define SEATLOCK_CALL_H

#include "base/claim_result.h"
#include "base/seat_list.h"
#include "store/lockkey.h"
#include "store/store.h"

/* A seat that the call works on. */
typedef struct SeatEntry
{
	SeatRow row;
	char *label; /* NULL until somebody asks for it */
	bool wanted; /* false: it only lapses together with a wanted one */
	bool lapsed; /* its hold is over, which nobody has recorded yet */
	bool kept;   /* the call leaves it as it is */
	bool busy;   /* another transaction is working on it */
} SeatEntry;

typedef struct Call
{
	const char *event_name;
	Store *store;
	bool store_is_lent; /* and stays open when the call ends */
	const char *actor;  /* who the history names; NULL: the current user */
	EventRow event;
	LockSet locks;
	TimestampTz now; /* the clock at the last look */
	int64 deadline;  /* of waiting for locks, in ticks */
	int nap_ms;
	int num_waits;              /* naps so far */
	const char *counted_holder; /* lock this name too: its seats are counted */

	bool have_hold;
	HoldRow hold;             /* of the call's own token */
	const char *previous_key; /* of its last request before this one; NULL: none */

	int num_seats;
	SeatEntry *seats; /* by seat number */
	int num_unknown;
	char **unknown; /* labels that the event does not have */

	int num_lapsed;
	HoldRow *lapsed; /* holds to record as expired before anything else */

	int num_conflicts;
	Conflict *conflicts;

	bool wrote;      /* its own step is in the history */
	bool rechecking; /* the last look was made after it had begun to take locks */
	int num_lapses;  /* that it wrote */
} Call;

/* What sl_call_secure achieved. */
typedef enum Secured
{
	SECURED_ALL,   /* the seats are as last looked at, and stay so: write */
	SECURED_AGAIN, /* something moved: look again */
	SECURED_BUSY,  /* others are working on them */
	SECURED_SHUT /* other seats would not do either: the event, the holder or the own hold is busy */
} Secured;

/* call.c */
extern void sl_call_begin(Call *call, const char *event_name, int wait_ms);
extern void sl_call_begin_within(Call *call, Store *store, const char *event_name,
								 const char *actor);
extern void sl_call_look(Call *call);
extern void sl_call_set_labels(Call *call, const SeatList *list, const int32 *seat_nos);
extern void sl_call_set_seats(Call *call, int num_seats, const int32 *seat_nos);
extern void sl_call_read_wanted(Call *call);
extern void sl_call_read_seats(Call *call);
extern SeatEntry *sl_call_find_entry(Call *call, int32 seat_no);
extern bool sl_call_find_hold(Call *call, const char *token);
extern bool sl_call_hold_is_live(const Call *call);
extern Outcome sl_call_judge_hold(Call *call);
extern bool sl_call_lock_name(Call *call, NameLock what, const char *name);
extern bool sl_call_nap(Call *call);
extern PinResult sl_call_pin_seat(Call *call, SeatRow *row);
extern Secured sl_call_try_secure(Call *call);
extern Secured sl_call_secure(Call *call);
extern void sl_call_end(Call *call);

/* call_write.c */
extern void sl_call_link_request(Call *call, const char *request_key);
extern void sl_call_begin_hold(const Call *call, HoldRow *hold, HoldState state);
extern void sl_call_end_hold(const Call *call, HoldRow *hold, HoldState ended);
extern void sl_call_write_lapses(Call *call);
extern void sl_call_write_seats(Call *call, SeatStatus status, const pg_uuid_t *token,
								TimestampTz expires_at, bool new_version);
extern void sl_call_write_change(Call *call, ChangeAction action, const char *reason);
extern char *sl_call_label(Call *call, SeatEntry *entry);
extern void sl_call_add_conflict(Call *call, const char *label, ConflictReason reason,
								 TimestampTz until);
extern void sl_call_add_row_conflict(Call *call, SeatEntry *entry);
extern int sl_call_retry_after(const Conflict *conflicts, int num_conflicts, TimestampTz now);
extern void sl_call_fill_statistics(const Call *call, ClaimResult *result);
extern ClaimResult *sl_call_answer(Call *call, Outcome outcome);
extern ClaimResult *sl_call_refuse(Call *call, Outcome outcome);

#endif /* SEATLOCK_CALL_H */
