/*-------------------------------------------------------------------------
 *
 * worker_roster.h
 *		Who works for which database: what it is told, what it says, what it has done.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_WORKER_ROSTER_H
#define SEATLOCK_WORKER_ROSTER_H

#include "base/seatlock.h"

/* databases that can have workers at the same time */
#define SL_MAX_DATABASES 32

#define SL_WORKER_ERROR_LENGTH 256
#define SL_REDIS_WORD_LENGTH 64

/* events that can wait for a resync one by one; with more, all are published anew */
#define SL_MAX_RESYNCS 32

typedef enum WorkerKind
{
	WORKER_GROUP,
	WORKER_REDIS,
	NUM_WORKER_KINDS
} WorkerKind;

/* what a group worker counts; the view stat_worker shows them in this order */
typedef enum GroupCount
{
	GROUP_COUNT_GROUPS,
	GROUP_COUNT_REQUESTS,
	GROUP_COUNT_LARGEST,
	GROUP_COUNT_WITHDRAWN,
	GROUP_COUNT_RETRIED,
	GROUP_COUNT_EXPIRED,
	NUM_GROUP_COUNTS
} GroupCount;

/* what a Redis worker counts; the view stat_redis shows them in this order */
typedef enum RedisCount
{
	REDIS_COUNT_CONNECTS,
	REDIS_COUNT_PUBLICATIONS,
	REDIS_COUNT_SEATS,
	REDIS_COUNT_ENTRIES,
	REDIS_COUNT_VERDICTS,
	REDIS_COUNT_RETRIED,
	REDIS_COUNT_LATE,
	REDIS_COUNT_MALFORMED,
	REDIS_COUNT_ERRORS,
	NUM_REDIS_COUNTS
} RedisCount;

#define SL_MAX_WORKER_COUNTS Max((int) NUM_GROUP_COUNTS, (int) NUM_REDIS_COUNTS)

typedef enum RedisOwnership
{
	REDIS_NOBODY, /* not known: not connected */
	REDIS_OWNER,
	REDIS_FENCED
} RedisOwnership;

/* how things stand, as the worker last said; all but the first is a Redis worker's */
typedef struct WorkerStatus
{
	char last_error[SL_WORKER_ERROR_LENGTH];
	bool connected;
	char version[SL_REDIS_WORD_LENGTH]; /* of the Redis server */
	char role[SL_REDIS_WORD_LENGTH];    /* master or slave, in its own words */
	RedisOwnership owner;
	char epoch[SL_REDIS_WORD_LENGTH + 16];
	bool behind;            /* something is not in Redis yet */
	TimestampTz current_at; /* Redis had all that was committed then; 0: never */
	int64 backlog;          /* entries in the stream; -1: not known */
} WorkerStatus;

/* what somebody wants of a Redis worker */
typedef struct RedisOrders
{
	bool take_over;
	bool resync_all;
	int num_resyncs;
	int32 resyncs[SL_MAX_RESYNCS]; /* event ids */
} RedisOrders;

typedef struct WorkerEntry WorkerEntry;

/* a copy of an entry, for the views */
typedef struct WorkerReport
{
	pid_t pid; /* 0: none is running */
	WorkerStatus status;
	uint64 counts[SL_MAX_WORKER_COUNTS];
} WorkerReport;

extern Size sl_worker_roster_shared_size(void);
extern void sl_worker_roster_request_locks(void);
extern void sl_worker_roster_attach(void);
extern void sl_worker_roster_require(const char *function, const char *more);

/* for callers */
extern WorkerEntry *sl_worker_roster_find(WorkerKind kind, Oid database, bool *wanted);
extern void sl_worker_roster_start_failed(WorkerKind kind, Oid database, const char *message);

/* for who has something to tell the group worker of this database */
extern WorkerEntry *sl_worker_roster_here(void);
extern int sl_worker_roster_number(const WorkerEntry *entry);
extern void sl_worker_roster_wake(WorkerEntry *entry);
extern void sl_worker_roster_count_withdrawn(WorkerEntry *entry);

/* for who has something to tell the Redis worker of this database */
extern bool sl_worker_roster_order_resync(int32 event_id);
extern bool sl_worker_roster_order_take_over(void);

/* for the worker itself */
extern PGDLLEXPORT bool sl_worker_roster_join(WorkerKind kind);
extern PGDLLEXPORT bool sl_worker_roster_is_dismissed(void);
extern PGDLLEXPORT void sl_worker_roster_count(int counter, int more);
extern void sl_worker_roster_note_error(const char *message);
extern void sl_worker_roster_count_group(int num_requests);

/* for the Redis worker */
extern PGDLLEXPORT const char *sl_worker_roster_nonce(void);
extern PGDLLEXPORT uint32 sl_worker_roster_next_epoch(void);
extern PGDLLEXPORT bool sl_worker_roster_has_orders(void);
extern PGDLLEXPORT void sl_worker_roster_take_orders(RedisOrders *orders);
extern PGDLLEXPORT void sl_worker_roster_say(const WorkerStatus *status);

/* for those who need a database without its workers */
extern bool sl_worker_roster_dismiss(Oid database);
extern void sl_worker_roster_readmit(Oid database);

/* for statistics */
extern bool sl_worker_roster_report(WorkerKind kind, WorkerReport *report);
extern void sl_worker_roster_reset(void);

#endif /* SEATLOCK_WORKER_ROSTER_H */
