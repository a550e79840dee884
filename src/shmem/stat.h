/*-------------------------------------------------------------------------
 *
 * stat.h
 *		How many calls each event had, by verb and outcome.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STAT_H
#define SEATLOCK_STAT_H

#include "base/claim_result.h"

/* events that are counted at the same time */
#define SL_MAX_STAT_EVENTS 512

/* what is counted apart: each verb, and these two where the worker decides them */
enum
{
	STAT_CLAIM_NOW = NUM_VERBS,
	STAT_CLAIM_BEST_NOW,
	NUM_STAT_VERBS
};

/* what is counted per verb: the outcomes come first; the view stat_claims shows this order */
typedef enum StatCounter
{
	STAT_REPLAYED = NUM_OUTCOMES,
	STAT_REFUSED_BY_BOARD,
	STAT_REFUSED_BY_RECHECK,
	STAT_LOCK_WAITS,
	STAT_EXPIRIES,
	NUM_STAT_COUNTERS
} StatCounter;

/* where an event is counted, as somebody remembers it; all 0: nowhere yet */
typedef struct StatRef
{
	struct StatEntry *entry;
	uint32 generation;
} StatRef;

/* a copy of what is counted for an event, for the view */
typedef struct StatReport
{
	Oid event_table;
	int32 event_id;
	TimestampTz counted_since;
	uint64 counters[NUM_STAT_VERBS][NUM_STAT_COUNTERS];
} StatReport;

extern Size sl_stat_shared_size(void);
extern void sl_stat_request_locks(void);
extern void sl_stat_attach(void);

extern void sl_stat_count(StatRef *ref, Verb verb, const ClaimResult *result);
extern void sl_stat_count_in_group(StatRef *ref, Verb verb, const ClaimResult *result);

/* for statistics */
extern const char *sl_stat_verb(int verb);
extern bool sl_stat_report(int number, Oid database, StatReport *report);
extern void sl_stat_reset(Oid database);

#endif /* SEATLOCK_STAT_H */
