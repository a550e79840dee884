/*-------------------------------------------------------------------------
 *
 * post.h
 *		The Redis worker of each database: who it is, what it is told, what it says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_POST_H
#define SEATLOCK_POST_H

#include "base/seatlock.h"

#define SL_POST_ERROR_LENGTH 256
#define SL_POST_WORD_LENGTH 64

/* events that can wait for a resync one by one; with more, all are published anew */
#define SL_MAX_RESYNCS 32

typedef enum PostOwner
{
	POST_NOBODY, /* not known: not connected */
	POST_OWNER,
	POST_FENCED
} PostOwner;

/* what a worker counts; the view stat_redis shows them in this order */
typedef enum PostCounter
{
	POST_CONNECTS,
	POST_PUBLICATIONS,
	POST_SEATS,
	POST_ENTRIES,
	POST_VERDICTS,
	POST_RETRIED,
	POST_LATE,
	POST_MALFORMED,
	POST_ERRORS,
	NUM_POST_COUNTERS
} PostCounter;

/* how things stand, as the worker last said */
typedef struct PostStatus
{
	bool connected;
	char version[SL_POST_WORD_LENGTH]; /* of the Redis server */
	char role[SL_POST_WORD_LENGTH];    /* master or slave, in its own words */
	PostOwner owner;
	char epoch[SL_POST_WORD_LENGTH + 16];
	bool behind;            /* something is not in Redis yet */
	TimestampTz current_at; /* Redis had all that was committed then; 0: never */
	int64 backlog;          /* entries in the stream; -1: not known */
	char last_error[SL_POST_ERROR_LENGTH];
} PostStatus;

/* a copy of an entry, for the view */
typedef struct PostReport
{
	pid_t pid; /* 0: none is running */
	PostStatus status;
	uint64 counters[NUM_POST_COUNTERS];
} PostReport;

/* what somebody wants of the worker */
typedef struct PostOrders
{
	bool take_over;
	bool resync_all;
	int num_resyncs;
	int32 resyncs[SL_MAX_RESYNCS]; /* event ids */
} PostOrders;

extern Size sl_post_shared_size(void);
extern void sl_post_request_locks(void);
extern void sl_post_attach(void);

/* for the worker of this database */
extern bool sl_post_join(void);
extern bool sl_post_is_dismissed(void);
extern const char *sl_post_nonce(void);
extern uint32 sl_post_next_epoch(void);
extern bool sl_post_has_orders(void);
extern void sl_post_take_orders(PostOrders *orders);
extern void sl_post_say(const PostStatus *status);
extern void sl_post_count(PostCounter counter, int more);

/* for others */
extern bool sl_post_is_wanted(Oid database);
extern void sl_post_start_failed(const char *message);
extern bool sl_post_order_resync(int32 event_id);
extern bool sl_post_order_take_over(void);
extern bool sl_post_dismiss(Oid database);
extern void sl_post_readmit(Oid database);
extern bool sl_post_report(Oid database, PostReport *report);
extern void sl_post_reset(Oid database);

#endif /* SEATLOCK_POST_H */
