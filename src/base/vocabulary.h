/*-------------------------------------------------------------------------
 *
 * vocabulary.h
 *		The fixed vocabulary of the contract: verbs, statuses, outcomes, conflict
 *		reasons, actions, hold states.  All lower case, fixed for ever.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_VOCABULARY_H
#define SEATLOCK_VOCABULARY_H

#include "base/seatlock.h"

/* What a call asks for.  Who tells verbs apart does so by a switch without default. */
typedef enum Verb
{
	VERB_CLAIM,
	VERB_CLAIM_BEST,
	VERB_CONFIRM,
	VERB_EXTEND,
	VERB_RELEASE,
	VERB_SET_HOLDER,
	VERB_BOOK,
	VERB_CANCEL,
	VERB_BLOCK,
	VERB_UNBLOCK,
	VERB_RENAME_HOLDER,
	VERB_EXPIRE, /* the worker records a lapse */
	NUM_VERBS
} Verb;

/* status of a seat, as stored in seat_state.status */
typedef enum SeatStatus
{
	SEAT_FREE = 'f',        /* next: held, booked, not for sale */
	SEAT_HELD = 'h',        /* next: booked, free; or held on, longer or by another */
	SEAT_BOOKED = 'b',      /* next: free */
	SEAT_NOT_FOR_SALE = 'n' /* next: free */
} SeatStatus;

static inline bool
seat_status_may_follow(SeatStatus from, SeatStatus to)
{
	switch (from)
	{
		case SEAT_FREE:
			return to != SEAT_FREE;
		case SEAT_HELD:
			return to != SEAT_NOT_FOR_SALE;
		case SEAT_BOOKED:
		case SEAT_NOT_FOR_SALE:
			return to == SEAT_FREE;
	}
	return false;
}

/* state of a token, as stored in hold.state */
typedef enum HoldState
{
	HOLD_HELD = 'h',     /* next: booked, expired, released */
	HOLD_EXPIRED = 'l',  /* l(apsed); next: booked (late confirm) */
	HOLD_BOOKED = 'b',   /* next: cancelled */
	HOLD_RELEASED = 'r', /* final */
	HOLD_CANCELLED = 'c' /* final */
} HoldState;

#define HOLD_NONE ((HoldState) 0) /* of a token that is being made; next: held, booked */

static inline bool
hold_state_may_follow(HoldState from, HoldState to)
{
	if (from == HOLD_NONE)
		return to == HOLD_HELD || to == HOLD_BOOKED;
	switch (from)
	{
		case HOLD_HELD:
			return to == HOLD_BOOKED || to == HOLD_EXPIRED || to == HOLD_RELEASED;
		case HOLD_EXPIRED:
			return to == HOLD_BOOKED;
		case HOLD_BOOKED:
			return to == HOLD_CANCELLED;
		case HOLD_RELEASED:
		case HOLD_CANCELLED:
			break;
	}
	return false;
}

typedef enum Outcome
{
	/* successes first: outcome_is_success() relies on it */
	OUTCOME_HELD,
	OUTCOME_BOOKED,
	OUTCOME_EXTENDED,
	OUTCOME_RELEASED,
	OUTCOME_CANCELLED,
	OUTCOME_BLOCKED,
	OUTCOME_UNBLOCKED,
	/* refusals */
	OUTCOME_TAKEN,
	OUTCOME_BUSY,
	OUTCOME_EXPIRED,
	OUTCOME_NOT_FOUND,
	OUTCOME_LIMIT,
	OUTCOME_NOT_TOGETHER,
	OUTCOME_SOLD_OUT,
	OUTCOME_NOT_ON_SALE,
	OUTCOME_KEY_REUSED,
	OUTCOME_CANNOT_EXTEND,
	OUTCOME_ORDER_REUSED,
	NUM_OUTCOMES
} Outcome;

/* why one seat stood in the way */
typedef enum ConflictReason
{
	REASON_HELD,
	REASON_BOOKED,
	REASON_NOT_FOR_SALE,
	REASON_UNKNOWN_SEAT,
	REASON_BUSY,
	NUM_REASONS
} ConflictReason;

/* action of a row of the change history */
typedef enum ChangeAction
{
	ACTION_HELD,
	ACTION_BOOKED,
	ACTION_EXTENDED,
	ACTION_RELEASED,
	ACTION_CANCELLED,
	ACTION_BLOCKED,
	ACTION_UNBLOCKED,
	ACTION_EXPIRED,
	NUM_ACTIONS
} ChangeAction;

/* claim_best's adjacency argument */
typedef enum Adjacency
{
	ADJACENCY_REQUIRE,
	ADJACENCY_PREFER,
	ADJACENCY_ANY
} Adjacency;

extern PGDLLEXPORT const char *sl_vocabulary_verb(Verb verb);
extern PGDLLEXPORT const char *sl_vocabulary_status(SeatStatus status);
extern const char *sl_vocabulary_outcome(Outcome outcome);
extern bool sl_vocabulary_find_outcome(const char *word, Outcome *outcome);
extern const char *sl_vocabulary_reason(ConflictReason reason);
extern const char *sl_vocabulary_action(ChangeAction action);

static inline bool
outcome_is_success(Outcome outcome)
{
	return outcome <= OUTCOME_UNBLOCKED;
}

#endif /* SEATLOCK_VOCABULARY_H */
