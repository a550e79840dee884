/*-------------------------------------------------------------------------
 *
 * crew.h
 *		Which database has a worker, who waits for it, and what it has done.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_CREW_H
#define SEATLOCK_CREW_H

#include "base/seatlock.h"

/* databases that can have a worker at the same time */
#define SL_MAX_CREW 32

#define SL_CREW_ERROR_LENGTH 256

/* what a worker counts; the view stat_worker shows them in this order */
typedef enum CrewCounter
{
	CREW_GROUPS,
	CREW_REQUESTS,
	CREW_LARGEST_GROUP,
	CREW_WITHDRAWN,
	CREW_RETRIED,
	CREW_LAPSED,
	NUM_CREW_COUNTERS
} CrewCounter;

typedef struct CrewEntry CrewEntry;

/* a copy of an entry, for the view */
typedef struct CrewReport
{
	pid_t pid; /* 0: none is running */
	uint64 counters[NUM_CREW_COUNTERS];
	char last_error[SL_CREW_ERROR_LENGTH];
} CrewReport;

/* What a caller finds. */
typedef enum CrewPresence
{
	CREW_PRESENT, /* a worker runs, or is on its way */
	CREW_WANTED,  /* none: it is on this caller to start one */
	CREW_NONE     /* none, and not the time to try again */
} CrewPresence;

extern Size sl_crew_shared_size(void);
extern void sl_crew_request_locks(void);
extern void sl_crew_attach(void);
extern bool sl_crew_is_on(void);
extern void sl_crew_require(const char *function, const char *more);

/* for callers */
extern CrewPresence sl_crew_find(Oid database, CrewEntry **entry);
extern void sl_crew_start_failed(Oid database, const char *message);
extern void sl_crew_ring(CrewEntry *entry, int slot);

/* for whoever has something to tell the worker of this database */
extern CrewEntry *sl_crew_here(void);
extern int sl_crew_number(const CrewEntry *entry);
extern void sl_crew_wake(CrewEntry *entry);

/* for the worker of this database */
extern CrewEntry *sl_crew_join(void);
extern bool sl_crew_is_dismissed(const CrewEntry *entry);
extern bool sl_crew_has_requests(CrewEntry *entry);
extern int sl_crew_collect(CrewEntry *entry, int *slots, int max_slots);
extern void sl_crew_count(CrewEntry *entry, CrewCounter counter, int more);
extern void sl_crew_count_group(CrewEntry *entry, int num_requests);
extern void sl_crew_note_error(CrewEntry *entry, const char *message);

/* for those who need a database without its worker */
extern bool sl_crew_dismiss(Oid database);
extern void sl_crew_readmit(Oid database);

/* for statistics */
extern bool sl_crew_report(Oid database, CrewReport *report);
extern void sl_crew_reset(Oid database);

#endif /* SEATLOCK_CREW_H */
