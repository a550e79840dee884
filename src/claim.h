/*-------------------------------------------------------------------------
 *
 * claim.h
 *		The verbs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_H
#define SEATLOCK_CLAIM_H

#include "board.h"
#include "call.h"

/* What a claim saw on the seat board before it went to the tables. */
typedef struct BoardGlance
{
	Oid table;
	BoardFound found;
	BoardEvent event; /* and the next two: only if it was found */
	int32 *seat_nos;  /* parallel to the request's labels */
	BoardWord *words;
} BoardGlance;

/* claim, claim_best or book, or release by a worker, with its arguments checked */
typedef struct ClaimRequest
{
	const char *verb; /* for request keys */
	const char *event;
	const char *holder;
	int ttl_seconds;         /* 0: the event's hold_seconds */
	const char *token;       /* NULL: a new hold */
	const char *request_key; /* NULL: none */
	const char *order_ref;   /* book only; NULL: none */
	bool book;               /* sell at once, also outside the sale window */
	bool release;            /* give back seats of the token; no seats named: all */
	SeatList seats;          /* claim, book and release */
	int quantity;            /* claim_best, with the next three */
	const char *section;     /* NULL: any */
	const char *category;    /* NULL: any but accessible ones */
	Adjacency adjacency;
	bool late;           /* decide no more: only repeat what was decided under the request key */
	Store *store;        /* NULL: the call's own; else one that others work on in turn */
	const char *actor;   /* NULL: the current user */
	BoardGlance *glance; /* NULL: the board was not asked */
} ClaimRequest;

/* claim.c */
extern ClaimResult *sl_claim(const ClaimRequest *request);

/* claim_best.c */
extern ClaimResult *sl_claim_best(const ClaimRequest *request);

/* claim_step.c, for the two above and release */
extern void sl_claim_begin(Call *call, const ClaimRequest *request);
extern bool sl_claim_replay(Call *call, const ClaimRequest *request, ClaimResult **result);
extern ClaimResult *sl_claim_repeat(const ClaimRequest *request);
extern bool sl_claim_may_start(Call *call, const ClaimRequest *request, Outcome *refusal);
extern bool sl_claim_within_limit(Call *call, const ClaimRequest *request);
extern ClaimResult *sl_claim_write(Call *call, const ClaimRequest *request, int together);
extern void sl_claim_note_request(Call *call, const ClaimRequest *request, Outcome outcome,
								  int together);

/* hold.c */
extern ClaimResult *sl_hold_confirm(const char *event, const char *token, const char *order_ref);
extern ClaimResult *sl_hold_extend(const char *event, const char *token, int ttl_seconds);
extern ClaimResult *sl_hold_release(const char *event, const char *token, const SeatList *seats);
extern ClaimResult *sl_hold_release_within(const ClaimRequest *request);
extern ClaimResult *sl_hold_cancel(const char *event, const char *token, const SeatList *seats);
extern ClaimResult *sl_hold_set_holder(const char *event, const char *token, const char *holder);
extern ClaimResult *sl_hold_read(const char *event, const char *token);

/* block.c */
extern ClaimResult *sl_block(const char *event, const SeatList *seats, const char *reason);
extern ClaimResult *sl_unblock(const char *event, const SeatList *seats);

/* lock.c */
typedef struct LockedSeat
{
	char *label;
	bool locked;
	const char *status; /* NULL: no such seat */
} LockedSeat;

extern int sl_lock(const char *event, const SeatList *seats, int wait_ms, LockedSeat **locked);

#endif /* SEATLOCK_CLAIM_H */
