/*-------------------------------------------------------------------------
 *
 * claim_result.h
 *		The answer of a verb, before it becomes a row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_RESULT_H
#define SEATLOCK_CLAIM_RESULT_H

#include "words.h"

/* One seat that stood in the way. */
typedef struct Conflict
{
	const char *label;
	ConflictReason reason;
	TimestampTz until; /* 0, or when the hold in the way lapses */
} Conflict;

typedef struct ClaimResult
{
	Outcome outcome;
	TimestampTz now; /* expires_at and conflicts are counted from here */
	bool have_token;
	pg_uuid_t token;
	TimestampTz expires_at; /* 0: none, or booked */
	int retry_after_ms;     /* -1: null */
	int num_seats;
	char **seats; /* labels the token owns now, in seat order */
	int num_conflicts;
	const Conflict *conflicts;
	bool replayed;
	int together; /* 1, 0, or -1: null */
} ClaimResult;

#endif /* SEATLOCK_CLAIM_RESULT_H */
