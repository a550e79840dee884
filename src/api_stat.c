/*-------------------------------------------------------------------------
 *
 * api_stat.c
 *		Statistics of the workers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "crew.h"
#include "errors.h"

PG_FUNCTION_INFO_V1(seatlock_worker_statistics);
PG_FUNCTION_INFO_V1(seatlock_stat_reset);

/* columns of stat_worker */
enum worker_column
{
	WORKER_DATABASE,
	WORKER_PID,
	WORKER_COUNTERS, /* one for each CrewCounter, in its order */
	WORKER_LAST_ERROR = WORKER_COUNTERS + NUM_CREW_COUNTERS,
	NUM_WORKER_COLUMNS
};

static void
put_report(ReturnSetInfo *rsinfo, const CrewReport *report)
{
	Datum values[NUM_WORKER_COLUMNS];
	bool nulls[NUM_WORKER_COLUMNS] = {false};
	char *database = get_database_name(report->database);

	nulls[WORKER_DATABASE] = (database == NULL);
	if (database != NULL)
		values[WORKER_DATABASE] = CStringGetTextDatum(database);
	nulls[WORKER_PID] = (report->pid == 0);
	values[WORKER_PID] = Int32GetDatum(report->pid);
	for (int i = 0; i < NUM_CREW_COUNTERS; i++)
		values[WORKER_COUNTERS + i] = Int64GetDatum((int64) report->counters[i]);
	nulls[WORKER_LAST_ERROR] = (report->last_error[0] == '\0');
	values[WORKER_LAST_ERROR] = CStringGetTextDatum(report->last_error);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* What the view stat_worker shows: a row per database that has, or had, a worker. */
Datum
seatlock_worker_statistics(PG_FUNCTION_ARGS)
{
	CrewReport *reports;
	int count;

	if (!sl_crew_is_on())
		sl_error_not_preloaded();
	InitMaterializedSRF(fcinfo, 0);
	reports = palloc(sizeof(CrewReport) * SL_MAX_CREW);
	count = sl_crew_report(reports);
	for (int i = 0; i < count; i++)
		put_report((ReturnSetInfo *) fcinfo->resultinfo, &reports[i]);
	return (Datum) 0;
}

/* stat_reset(): the statistics of this database start again at 0. */
Datum
seatlock_stat_reset(PG_FUNCTION_ARGS)
{
	if (!sl_crew_is_on())
		sl_error_not_preloaded();
	sl_crew_reset(MyDatabaseId);
	PG_RETURN_VOID();
}
