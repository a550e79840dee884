/*-------------------------------------------------------------------------
 *
 * request_slot.h
 *		Requests to the group worker, and its answers, in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REQUEST_SLOT_H
#define SEATLOCK_REQUEST_SLOT_H

#include "shmem/worker_roster.h"

/* a request, or an answer, in bytes */
#define SL_SLOT_ROOM 8160

typedef enum SlotState
{
	SLOT_IDLE,     /* next: asked (caller) */
	SLOT_ASKED,    /* next: taken (worker), idle (caller) */
	SLOT_TAKEN,    /* next: done, returned, lost (worker), left (caller) */
	SLOT_DONE,     /* the answer is there; next: idle (caller) */
	SLOT_RETURNED, /* nothing was done; next: idle (caller) */
	SLOT_LOST,     /* nobody can say what was done; next: idle (caller) */
	SLOT_LEFT      /* the caller is gone; next: idle (worker) */
} SlotState;

extern Size sl_request_slot_shared_size(void);
extern void sl_request_slot_attach(void);
extern int sl_request_slot_count(void);

/* for the caller: the slot of this backend */
extern bool sl_request_slot_is_idle(void);
extern void sl_request_slot_ask(WorkerEntry *entry, const char *request, Size size);
extern SlotState sl_request_slot_state(void);
extern bool sl_request_slot_withdraw(void);
extern const char *sl_request_slot_answer(Size *size);
extern void sl_request_slot_leave(void);

/* for the worker */
extern bool sl_request_slot_is_any(void);
extern int sl_request_slot_collect(int *numbers, int max);
extern const char *sl_request_slot_request(int number, Size *size);
extern void sl_request_slot_finish(int number, SlotState outcome, const char *answer, Size size);

#endif /* SEATLOCK_REQUEST_SLOT_H */
