/*-------------------------------------------------------------------------
 *
 * call.h
 *		One call at work: what its verb sees, decides and writes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CALL_H
#define SEATLOCK_CALL_H

#include "store/lockkey.h"
#include "verbs/verbs.h"

struct BoardGlance;

/* A seat that the call works on. */
typedef struct SeatEntry
{
	SeatRow row;
	char *label;  /* NULL until somebody asks for it */
	bool wanted;  /* false: it only expires together with a wanted one */
	bool expired; /* its hold is over, which nobody has recorded yet */
	bool kept;    /* the call leaves it as it is */
	bool busy;    /* another transaction is working on it */
} SeatEntry;

typedef struct Call
{
	const ClaimRequest *request;     /* NULL: it only reads, or locks */
	const CallTerms *terms;          /* NULL: it is by itself */
	const struct VerbSteps *steps;   /* of its verb */
	const struct BoardGlance *board; /* what was seen there before any look */
	void *own;                       /* what its verb keeps from look to look */

	const char *event_name;
	Store *store;
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

	int num_expired;
	HoldRow *expired; /* holds to record as expired before anything else */

	int num_conflicts;
	Conflict *conflicts;

	Outcome outcome; /* that a look has decided */
	bool replayed;   /* this and the next two as in ClaimResult */
	int together;
	bool too_large;
	bool shows_all;   /* the answer has the seats of the call, and no token */
	bool secured;     /* what was looked at stays so: write */
	bool rechecking;  /* the last look was made after it had begun to take locks */
	int num_expiries; /* that it wrote */
	int spared;       /* the reading of a whole house, by the board (heat.h) */
} Call;

/* How far a call has come. */
typedef enum Progress
{
	CALL_DECIDED, /* the call's outcome is the answer, and nothing is written */
	CALL_READY,   /* after a look: lock and pin; after that: write */
	CALL_AGAIN,   /* something moved: look again */
	CALL_BUSY,    /* others are working on the seats */
	CALL_SHUT     /* other seats would not do either: the event, a name or the own hold is busy */
} Progress;

/* What a verb does in the loop of call.c. */
typedef struct VerbSteps
{
	int least_wait_ms; /* it waits so long for others, however short lock_wait is */

	/* before the request key is asked; false: busy; NULL: nothing */
	bool (*begin)(Call *call);

	/* at what is committed now: CALL_READY with the seats set and read, or the answer */
	Progress (*look)(Call *call);

	/* rows of its own beside the seats and holds of the call; NULL: none */
	PinResult (*pin)(Call *call);

	/* all of it, which cannot fail any more for another buyer's sake */
	ClaimResult *(*write)(Call *call);

	/* others are in the way, CALL_BUSY or CALL_SHUT: CALL_AGAIN, or CALL_BUSY for good */
	Progress (*meet)(Call *call, Progress progress);
} VerbSteps;

/* call_look.c */
extern void sl_call_begin(Call *call, const char *event_name, Store *store, int wait_ms);
extern void sl_call_look(Call *call);
extern void sl_call_set_labels(Call *call, const SeatList *list, const int32 *seat_nos);
extern void sl_call_set_seats(Call *call, int num_seats, const int32 *seat_nos);
extern void sl_call_read_wanted(Call *call);
extern void sl_call_read_seats(Call *call);
extern void sl_call_read_own_seats(Call *call);
extern SeatEntry *sl_call_find_entry(Call *call, int32 seat_no);
extern bool sl_call_find_hold(Call *call, const char *token);
extern bool sl_call_hold_is_live(const Call *call);
extern Outcome sl_call_judge_hold(Call *call);
extern bool sl_call_nap(Call *call);
extern bool sl_call_lock_name(Call *call, NameLock what, const char *name);
extern PinResult sl_call_pin_seat(Call *call, SeatRow *row);
extern void sl_call_end(Call *call);

/* call.c */
extern Progress sl_call_decide(Call *call, Outcome outcome);
extern Progress sl_call_wait(Call *call, Progress progress);
extern Progress sl_call_give_up(Call *call, Progress progress);

/* call_write.c */
extern void sl_call_begin_hold(const Call *call, HoldRow *hold, HoldState state);
extern void sl_call_end_hold(const Call *call, HoldRow *hold, HoldState ended);
extern void sl_call_write_hold(Call *call, bool is_new);
extern void sl_call_write_expiries(Call *call);
extern void sl_call_write_seats(Call *call, SeatStatus status, const pg_uuid_t *token,
								TimestampTz expires_at, bool new_version);
extern void sl_call_write_change(Call *call, ChangeAction action);
extern char *sl_call_label(Call *call, SeatEntry *entry);
extern void sl_call_add_unknown_conflicts(Call *call);
extern void sl_call_add_row_conflict(Call *call, SeatEntry *entry);
extern int sl_call_retry_after(const Conflict *conflicts, int num_conflicts, TimestampTz now);
extern ClaimResult *sl_call_answer(Call *call, Outcome outcome);
extern ClaimResult *sl_call_refuse(Call *call, Outcome outcome);

#endif /* SEATLOCK_CALL_H */
