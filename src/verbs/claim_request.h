/*-------------------------------------------------------------------------
 *
 * claim_request.h
 *		What a claim is asked for, and what it saw on the seat board.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_REQUEST_H
#define SEATLOCK_CLAIM_REQUEST_H

#include "board/board.h"
#include "verbs/call.h"

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
	Size answer_room;    /* for the labels of the answer, see claim_answer_size; 0: any */
	bool late;           /* decide no more: only repeat what was decided under the request key */
	Store *store;        /* NULL: the call's own; else one that others work on in turn */
	const char *actor;   /* NULL: the current user */
	BoardGlance *glance; /* NULL: the board was not asked */
} ClaimRequest;

/* What labels of so many bytes take in an answer that travels. */
static inline Size
claim_answer_size(int num_labels, Size label_bytes)
{
	return (Size) num_labels * (sizeof(int32) + 1) + label_bytes;
}

#endif /* SEATLOCK_CLAIM_REQUEST_H */
