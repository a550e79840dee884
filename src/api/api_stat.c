/*-------------------------------------------------------------------------
 *
 * api_stat.c
 *		Statistics of the calls, and of the workers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/rows.h"
#include "shmem/stat.h"
#include "shmem/worker_roster.h"

PG_FUNCTION_INFO_V1(seatlock_claim_statistics);
PG_FUNCTION_INFO_V1(seatlock_worker_statistics);
PG_FUNCTION_INFO_V1(seatlock_stat_reset);

/* columns of claim_statistics() */
enum claim_column
{
	CLAIM_EVENT_TABLE,
	CLAIM_EVENT_ID,
	CLAIM_VERB,
	CLAIM_CALLS,
	CLAIM_COUNTERS, /* one for each StatCounter, in its order */
	CLAIM_STATS_RESET = CLAIM_COUNTERS + NUM_STAT_COUNTERS,
	NUM_CLAIM_COLUMNS
};

/* columns of stat_worker */
enum worker_column
{
	WORKER_DATABASE,
	WORKER_PID,
	WORKER_COUNTERS, /* one for each GroupCount, in its order */
	WORKER_LAST_ERROR = WORKER_COUNTERS + NUM_GROUP_COUNTS,
	NUM_WORKER_COLUMNS
};

/* Every call has one outcome. */
static uint64
num_calls(const uint64 *counters)
{
	uint64 sum = 0;

	for (int i = 0; i < NUM_OUTCOMES; i++)
		sum += counters[i];
	return sum;
}

static void
put_verb(ReturnSetInfo *rsinfo, const StatReport *report, int verb)
{
	const uint64 *counters = report->counters[verb];
	uint64 calls = num_calls(counters);
	Datum values[NUM_CLAIM_COLUMNS];
	bool nulls[NUM_CLAIM_COLUMNS] = {false};

	if (calls == 0)
		return;
	values[CLAIM_EVENT_TABLE] = ObjectIdGetDatum(report->event_table);
	values[CLAIM_EVENT_ID] = Int32GetDatum(report->event_id);
	values[CLAIM_VERB] = CStringGetTextDatum(sl_stat_verb(verb));
	values[CLAIM_CALLS] = Int64GetDatum((int64) calls);
	for (int i = 0; i < NUM_STAT_COUNTERS; i++)
		values[CLAIM_COUNTERS + i] = Int64GetDatum((int64) counters[i]);
	values[CLAIM_STATS_RESET] = TimestampTzGetDatum(report->counted_since);
	rows_put(rsinfo, values, nulls);
}

/* What the view stat_claims shows: a row per event and verb of this database. */
Datum
seatlock_claim_statistics(PG_FUNCTION_ARGS)
{
	StatReport report;
	ReturnSetInfo *rsinfo;

	sl_worker_roster_require("seatlock.stat_claims", "");
	rsinfo = sl_rows_begin(fcinfo, NUM_CLAIM_COLUMNS);
	for (int i = 0; i < SL_MAX_STAT_EVENTS; i++)
		if (sl_stat_report(i, MyDatabaseId, &report))
			for (int verb = 0; verb < NUM_STAT_VERBS; verb++)
				put_verb(rsinfo, &report, verb);
	return (Datum) 0;
}

static void
put_report(ReturnSetInfo *rsinfo, const WorkerReport *report)
{
	Datum values[NUM_WORKER_COLUMNS];
	bool nulls[NUM_WORKER_COLUMNS] = {false};

	values[WORKER_DATABASE] = CStringGetTextDatum(get_database_name(MyDatabaseId));
	nulls[WORKER_PID] = (report->pid == 0);
	values[WORKER_PID] = Int32GetDatum(report->pid);
	for (int i = 0; i < NUM_GROUP_COUNTS; i++)
		values[WORKER_COUNTERS + i] = Int64GetDatum((int64) report->counts[i]);
	nulls[WORKER_LAST_ERROR] = (report->status.last_error[0] == '\0');
	values[WORKER_LAST_ERROR] = CStringGetTextDatum(report->status.last_error);
	rows_put(rsinfo, values, nulls);
}

/* What the view stat_worker shows: a row, when this database has, or had, a worker. */
Datum
seatlock_worker_statistics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	WorkerReport report;

	sl_worker_roster_require("seatlock.stat_worker", "");
	rsinfo = sl_rows_begin(fcinfo, NUM_WORKER_COLUMNS);
	if (sl_worker_roster_report(WORKER_GROUP, &report))
		put_report(rsinfo, &report);
	return (Datum) 0;
}

/* stat_reset(): the statistics of this database start again at 0. */
Datum
seatlock_stat_reset(PG_FUNCTION_ARGS)
{
	sl_worker_roster_require("seatlock.stat_reset()", "");
	sl_worker_roster_reset();
	sl_stat_reset(MyDatabaseId);
	PG_RETURN_VOID();
}
