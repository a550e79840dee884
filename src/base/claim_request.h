/*-------------------------------------------------------------------------
 *
 * claim_request.h
 *		What a verb is asked for, with its arguments checked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CLAIM_REQUEST_H
#define SEATLOCK_CLAIM_REQUEST_H

#include "base/seat_list.h"
#include "base/vocabulary.h"

/* A verb reads it, and writes nothing here. */
typedef struct ClaimRequest
{
	Verb verb;
	const char *event;
	const char *holder;      /* whose hold or sale it will be; rename_holder: whose name it was */
	const char *into;        /* rename_holder */
	int ttl_seconds;         /* 0: the event's hold_seconds */
	const char *token;       /* NULL: a new hold */
	const char *request_key; /* NULL: none */
	const char *order_ref;   /* NULL: none */
	const char *reason;      /* block; NULL: none */
	SeatList seats;          /* release and cancel: none named are all */
	int quantity;            /* claim_best, with the next three */
	const char *section;     /* NULL: any */
	const char *category;    /* NULL: any but accessible ones */
	Adjacency adjacency;
	const char *actor; /* who the history names; NULL: the current user */
} ClaimRequest;

/* What labels of so many bytes take in an answer that travels. */
static inline Size
claim_answer_size(int num_labels, Size label_bytes)
{
	return (Size) num_labels * (sizeof(int32) + 1) + label_bytes;
}

#endif /* SEATLOCK_CLAIM_REQUEST_H */
