/*-------------------------------------------------------------------------
 *
 * claim_result.h
 *		The answer of a verb, before it becomes a row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_RESULT_H
#define SEATLOCK_CLAIM_RESULT_H

#include "base/vocabulary.h"

/*
 * retry_after_ms of a busy answer: a lock is held for about one commit, and a
 * worker that is late now may be back a bit later.
 */
#define BUSY_RETRY_MS 100
#define WORKER_RETRY_MS 200

/* One seat that stood in the way. */
typedef struct Conflict
{
	const char *label;
	ConflictReason reason;
	TimestampTz until; /* 0, or when the hold in the way expires */
} Conflict;

typedef struct ClaimResult
{
	Outcome outcome;
	TimestampTz now; /* expires_at and conflicts are counted from here */
	bool have_token;
	pg_uuid_t token;
	TimestampTz expires_at; /* 0: none, or booked */
	const char *order_ref;  /* of a sale; NULL: none */
	int retry_after_ms;     /* -1: null */
	int num_seats;
	char **seats; /* labels the token owns now, in seat order */
	int num_conflicts;
	const Conflict *conflicts;
	bool replayed;
	int together;   /* 1, 0, or -1: null */
	bool too_late;  /* busy for good: the request's deadline has passed */
	bool too_large; /* nothing was done: the answer has no room in ClaimRequest.answer_room */

	/* the rest is for statistics (stat.c) */
	Oid event_table; /* with event_id the event; InvalidOid: not known */
	int32 event_id;
	int spared;       /* by the board, if it had the event: heat (heat.h) */
	bool from_board;  /* a refusal that the board gave */
	bool rechecked;   /* decided at a look made after the call had begun to take locks */
	int num_waits;    /* naps while others had the locks */
	int num_expiries; /* holds that the call recorded as expired */
} ClaimResult;

#endif /* SEATLOCK_CLAIM_RESULT_H */
