/*-------------------------------------------------------------------------
 *
 * store.h
 *		The tables as the verbs see them: rows in, rows out, no SQL.
 *
 * A verb opens the store, looks through one snapshot after another, pins the
 * rows it is about to change, and writes.  A row that was pinned cannot be
 * changed by anybody else before the transaction ends, so a write after a pin
 * cannot fail; a pin fails when the row is no longer the one that was read.  A
 * lock that keeps all others from the row does as well, where
 * sl_store_must_pin() does not object: the write itself still sees to it that
 * the row is the one that was read, and raises 40001 when it is not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_H
#define SEATLOCK_STORE_H

#include "access/transam.h"
#include "storage/itemptr.h"

#include "base/vocabulary.h"
#include "seating/layout.h"

typedef struct Store Store;

struct DueHold;
struct TupleTableSlot;

typedef struct EventRow
{
	Oid event_table; /* the table it is in: with event_id unique in the database */
	int32 event_id;
	int32 layout_id;       /* its seats, sections and categories */
	TimestampTz opens_at;  /* -infinity: at once */
	TimestampTz closes_at; /* infinity: never */
	int hold_seconds;
	int max_hold_seconds;
	int max_seats_per_holder; /* 0: no cap */
	bool changing;            /* somebody is altering or dropping it right now */
	bool ours;                /* this transaction has */
} EventRow;

typedef struct SeatRow
{
	int32 seat_no;
	SeatStatus status;
	int64 version;
	TimestampTz expires_at; /* held only */
	pg_uuid_t token;        /* held and booked only */
	bool changing;          /* another transaction has changed or locked the row */
	bool ours;              /* this transaction has */
	ItemPointerData tid;
} SeatRow;

/* A seat as the reads show it.  The texts are good until the walk's next step. */
typedef struct SeatView
{
	SeatPlace place;
	double x;
	double y;
	text *label;
	text *row_label; /* NULL in general admission */
	text *seat_number;
	text *guid; /* NULL: none */
	bool accessible;
	bool companion; /* beside an accessible seat */
} SeatView;

/*
 * The seats of a layout, the states of an event's, or both side by side, one by
 * one in seat order; one walk at a time to a store.
 */
typedef struct SeatWalk
{
	/* to be filled in, the rest with zeros */
	Store *store;
	int32 layout_id;      /* whose seats are wanted; 0: none */
	const Layout *layout; /* its sections and categories, if the places' are wanted */
	int32 event_id;       /* whose states are wanted; 0: none */
	int32 first;          /* from this number on */
	int32 last;           /* to this one; 0: all seats */
	/* where it is */
	bool in_seats;
	bool in_states;
	bool past_states;
	SeatView seat;
	SeatRow row; /* its state */
} SeatWalk;

/*
 * Is the row as committed, and the newest?  Not when anybody has written or
 * locked it whose end is to come: it may be a prepared transaction, of whose end
 * nobody will be told.
 */
static inline bool
seat_row_is_settled(const SeatRow *row)
{
	return !row->changing && !row->ours;
}

static inline bool
event_row_is_settled(const EventRow *event)
{
	return !event->changing && !event->ours;
}

typedef struct HoldRow
{
	pg_uuid_t token;
	HoldState state;
	bool capped; /* alive and counted against the event's max_seats_per_holder */
	TimestampTz created_at;
	TimestampTz expires_at;
	TimestampTz ended_at; /* 0: alive */
	char *holder;
	char *order_ref;         /* NULL: none */
	const char *request_key; /* of the last request that names it; NULL: none */
	int num_seats;
	int32 *seats; /* ascending */
	ItemPointerData tid;
} HoldRow;

typedef struct ChangeRow
{
	ChangeAction action;
	TimestampTz expires_at; /* until when it holds the seats; 0: it does not */
	const pg_uuid_t *token; /* NULL: none */
	const char *holder;     /* NULL: none */
	const char *order_ref;  /* NULL: none */
	const char *reason;     /* NULL: none */
	const char *actor;      /* NULL: the current user */
	int num_seats;
	const int32 *seats;
	const int64 *versions;
} ChangeRow;

/* A row of the change history as the reads show it. */
typedef struct ChangeView
{
	int64 seq;
	FullTransactionId fence;
	TimestampTz changed_at;
	text *action;
	pg_uuid_t *token; /* NULL: none */
	text *holder;     /* NULL: none */
	text *order_ref;  /* NULL: none */
	text *actor;
	text *reason; /* NULL: none */
} ChangeView;

/*
 * The changes of an event one by one, in the order of seq or against it; one at a
 * time to a store.
 */
typedef struct ChangeWalk
{
	Store *store;
	int32 event_id;
	int64 after;
	bool backward; /* from the newest on */
	bool under_way;
	MemoryContext context; /* of the change at hand: the next step empties it */
	ChangeView change;
} ChangeWalk;

/* A change that names a holder, as it is found to name another. */
typedef struct NamedChange
{
	pg_uuid_t token;
	ItemPointerData tid;
} NamedChange;

typedef struct RequestRow
{
	const char *verb;
	bytea *fingerprint;
	Outcome outcome;
	pg_uuid_t token;
	const char *previous_key; /* of the request before it of the same token; NULL: none */
	int together;             /* -1: null */
	int num_seats;
	int32 *seats;
} RequestRow;

typedef enum PinResult
{
	PIN_OK,      /* nobody else can change the row before we end */
	PIN_CHANGED, /* it is not the row that was read: look again */
	PIN_BUSY     /* another transaction is changing it */
} PinResult;

/* store.c */
extern Store *sl_store_open(bool writing);
extern PGDLLEXPORT Store *sl_store_open_latest(void);
extern Oid sl_store_event_table(void);
extern PGDLLEXPORT void sl_store_close(Store *store);
extern PGDLLEXPORT void sl_store_refresh(Store *store);
extern bool sl_store_try_lock(Store *store);
extern Oid sl_store_owner(Store *store);
extern bool sl_store_must_pin(void);

/* store_event.c */
extern PGDLLEXPORT bool sl_store_find_event(Store *store, const char *name, EventRow *event);
extern void sl_store_require_event(Store *store, const char *name, EventRow *event);
extern PGDLLEXPORT void
sl_store_read_events(Store *store,
					 void (*visit)(const char *name, const EventRow *event, void *arg), void *arg);
extern bool sl_store_try_find_event(const char *name, EventRow *event);
extern char *sl_store_find_event_name(Store *store, int32 event_id, EventRow *event);

/* store_seat.c */
extern int32 sl_store_find_seat(Store *store, int32 layout_id, const char *label);
extern char *sl_store_find_label(Store *store, int32 layout_id, int32 seat_no);
extern bool sl_store_read_seat(Store *store, int32 event_id, int32 seat_no, SeatRow *row);
extern bool sl_store_reread_seat(Store *store, int32 event_id, SeatRow *row);
extern PGDLLEXPORT bool sl_store_next_seat(SeatWalk *walk);
extern int32 sl_store_last_seat(Store *store, int32 event_id);
extern int sl_store_find_labels(Store *store, int32 layout_id, int num_seats, const int32 *seats,
								MemoryContext context, Datum *labels);
extern PinResult sl_store_pin_seat(Store *store, SeatRow *row);
extern void sl_store_update_seat(Store *store, int32 event_id, SeatRow *row);
/* the version of a seat that is not for sale from the beginning: blocked once */
#define SL_FIRST_BLOCKED 1
extern void sl_store_sort_seats(int32 *seat_nos, int count);
extern void sl_store_insert_seats(int32 event_id, int32 first, int num_seats,
								  const int32 *not_for_sale);

/* store_hold.c */
extern bool sl_store_find_hold(Store *store, int32 event_id, const pg_uuid_t *token, HoldRow *hold);
extern PinResult sl_store_pin_hold(Store *store, HoldRow *hold);
extern void sl_store_insert_hold(Store *store, int32 event_id, const HoldRow *hold);
extern void sl_store_update_hold(Store *store, int32 event_id, HoldRow *hold);
extern int sl_store_count_holder_seats(Store *store, int32 event_id, const char *holder,
									   TimestampTz now);
extern int sl_store_find_holds_of(Store *store, int32 event_id, const char *holder,
								  HoldRow **holds);
extern void sl_store_prune_holds(Store *store, int32 event_id, TimestampTz before);
extern uint32 sl_store_read_due(uint32 first_block, void (*visit)(const struct DueHold *hold));

/* store_change.c */
extern int64 sl_store_read_last_seq(void);
extern void sl_store_begin_changes(ChangeWalk *walk, Store *store, int32 event_id, int64 after);
extern bool sl_store_next_change(ChangeWalk *walk);
extern int32 *sl_store_read_change_seats(ChangeWalk *walk, int *num_seats);
extern int64 *sl_store_read_change_versions(ChangeWalk *walk, int *num_versions);
extern void sl_store_prune_changes(Store *store, int32 event_id, TimestampTz before);
extern int sl_store_find_changes_of(Store *store, int32 event_id, const char *holder,
									NamedChange **changes);
extern PinResult sl_store_pin_change(Store *store, NamedChange *change);
extern void sl_store_rename_change(Store *store, NamedChange *change, const char *holder);
extern void sl_store_insert_change(Store *store, int32 event_id, TimestampTz now,
								   const ChangeRow *change);

/* store_request.c */
extern bool sl_store_find_request(Store *store, int32 event_id, const char *key,
								  RequestRow *request);
extern void sl_store_insert_request(Store *store, int32 event_id, const char *key, TimestampTz now,
									const RequestRow *request);
extern bool sl_store_request_is_old(Store *store, int32 event_id, Datum key, TimestampTz before);
extern void sl_store_prune_requests(Store *store, int32 event_id, Datum newest, TimestampTz before);
extern void sl_store_void_requests(Store *store, int32 event_id, const char *newest);

#endif /* SEATLOCK_STORE_H */
