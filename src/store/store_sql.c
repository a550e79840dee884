/*-------------------------------------------------------------------------
 *
 * store_sql.c
 *		SQL run inside set-up functions and checks.
 *
 * EXECUTE on the function is the caller's right; the caller has none on the tables.
 * So statements run as the owner of the extension's tables.  The functions
 * that come here pin search_path in their definition, hence nothing a caller
 * creates can stand in for a name or an operator.
 *
 * Nor is a plan left to chance.  Statistics know nothing of an event made a
 * moment ago, and a caller may have switched off anything: so the
 * planner's settings are pinned to the one kind of plan that is linear in the
 * rows for sure.  By key: an index scan, in the order of the index where the
 * statement says ORDER BY, and no join at all.  On whole tables: scans, joined
 * by hash.  On one event: the pages where its rows are, each once, whichever
 * index the planner takes to find them, joined by hash.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "store/store_sql.h"

typedef struct PlannerSetting
{
	const char *name;
	const char *values[NUM_SQL_SHAPES];
} PlannerSetting;

/*
 * in the order of SqlShape; sort and hashagg are the only way to group and to order
 * what no index does
 */
static const PlannerSetting planner_settings[] = {
	{"enable_indexscan", {"on", "off", "off"}},
	{"enable_indexonlyscan", {"on", "off", "off"}},
	{"enable_bitmapscan", {"off", "off", "on"}},
	{"enable_seqscan", {"off", "on", "off"}},
	{"enable_tidscan", {"off", "off", "off"}},
	{"enable_nestloop", {"on", "off", "off"}},
	{"enable_hashjoin", {"off", "on", "on"}},
	{"enable_mergejoin", {"off", "off", "off"}},
	{"enable_material", {"on", "on", "on"}},
	{"enable_memoize", {"off", "off", "off"}},
	{"enable_sort", {"off", "on", "on"}},
	{"enable_incremental_sort", {"off", "off", "off"}},
	{"enable_hashagg", {"on", "on", "on"}},
	{"max_parallel_workers_per_gather", {"0", "0", "0"}},
	{"plan_cache_mode", {"force_custom_plan", "force_custom_plan", "force_custom_plan"}},
	{"from_collapse_limit", {"8", "8", "8"}},
	{"join_collapse_limit", {"8", "8", "8"}},
	{"geqo", {"off", "off", "off"}},
	{"jit", {"off", "off", "off"}},
	{"seq_page_cost", {"1", "1", "1"}},
	{"random_page_cost", {"4", "4", "4"}},
	{"cpu_tuple_cost", {"0.01", "0.01", "0.01"}},
	{"cpu_index_tuple_cost", {"0.005", "0.005", "0.005"}},
	{"cpu_operator_cost", {"0.0025", "0.0025", "0.0025"}},
};

static void pin_planner(SqlScope *scope, SqlShape shape);
static uint64 run_statement(SqlScope *scope, const char *query, int nargs, const SqlArg *args,
							Snapshot snapshot, Snapshot crosscheck);
static Oid table_owner(void);

/*
 * Connect to SPI and act as the owner of the tables until sl_sql_end.  An
 * error in between needs no clean-up here: (sub)transaction abort resets all.
 */
void
sl_sql_begin(SqlScope *scope, SqlShape shape)
{
	Oid owner = table_owner();

	GetUserIdAndSecContext(&scope->caller, &scope->caller_context);
	scope->read_only = shape != SQL_BY_KEY;
	pin_planner(scope, shape);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	SetUserIdAndSecContext(owner, scope->caller_context | SECURITY_LOCAL_USERID_CHANGE |
									  SECURITY_NOFORCE_RLS);
}

void
sl_sql_end(SqlScope *scope)
{
	SetUserIdAndSecContext(scope->caller, scope->caller_context);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	AtEOXact_GUC(true, scope->settings);
}

/* As if the function had been defined with SET for each of them. */
static void
pin_planner(SqlScope *scope, SqlShape shape)
{
	scope->settings = NewGUCNestLevel();
	for (int i = 0; i < lengthof(planner_settings); i++)
	{
		const PlannerSetting *setting = &planner_settings[i];

		(void) set_config_option(setting->name, setting->values[shape], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	}
}

/*
 * Run one statement; returns SPI_processed, rows are in SPI_tuptable.  It sees
 * what the caller's statements see: at REPEATABLE READ, an old snapshot.
 */
uint64
sl_sql_run(SqlScope *scope, const char *query, int nargs, const SqlArg *args)
{
	return run_statement(scope, query, nargs, args, InvalidSnapshot, InvalidSnapshot);
}

/*
 * The same, on all that is committed by now, also at REPEATABLE READ: for
 * checks under a lock that was waited for.  A write to a row that the caller's
 * snapshot does not show raises 40001, as foreign keys do.
 */
uint64
sl_sql_run_latest(SqlScope *scope, const char *query, int nargs, const SqlArg *args)
{
	Snapshot callers = IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : InvalidSnapshot;

	CommandCounterIncrement();
	return run_statement(scope, query, nargs, args, GetLatestSnapshot(), callers);
}

static uint64
run_statement(SqlScope *scope, const char *query, int nargs, const SqlArg *args, Snapshot snapshot,
			  Snapshot crosscheck)
{
	Oid *types = palloc(sizeof(Oid) * Max(nargs, 1));
	Datum *values = palloc(sizeof(Datum) * Max(nargs, 1));
	char *nulls = palloc(Max(nargs, 1));
	SPIPlanPtr plan;
	int result;

	for (int i = 0; i < nargs; i++)
	{
		types[i] = args[i].type;
		values[i] = args[i].value;
		nulls[i] = args[i].isnull ? 'n' : ' ';
	}
	plan = SPI_prepare(query, nargs, types);
	if (plan == NULL)
		elog(ERROR, "could not prepare statement: %s", query);
	result =
		SPI_execute_snapshot(plan, values, nulls, snapshot, crosscheck, scope->read_only, true, 0);
	if (result < 0)
		elog(ERROR, "statement failed with %s: %s", SPI_result_code_string(result), query);
	SPI_freeplan(plan);
	return SPI_processed;
}

/* An array as a parameter; nulls NULL: none is. */
SqlArg
sl_sql_array(Oid type, Datum *values, bool *nulls, int num_values)
{
	int16 length;
	bool by_value;
	char align;
	int low = 1;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	return sql_arg(get_array_type(type),
				   PointerGetDatum(construct_md_array(values, nulls, 1, &num_values, &low, type,
													  length, by_value, align)));
}

/* A column, from 1, of the first row that the last statement found. */
NullableDatum
sl_sql_column(int column)
{
	NullableDatum result;

	result.value =
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &result.isnull);
	return result;
}

/* The same, a number; null is 0. */
int32
sl_sql_int32(int column)
{
	return DatumGetInt32(sl_sql_column(column).value);
}

/* The extension's tables have one owner: the user who created the extension. */
static Oid
table_owner(void)
{
	Oid relid = get_relname_relid("event", get_namespace_oid("seatlock", false));
	Relation rel = RelationIdGetRelation(relid);
	Oid owner;

	if (!RelationIsValid(rel))
		elog(ERROR, "could not open table \"seatlock.event\"");
	owner = rel->rd_rel->relowner;
	RelationClose(rel);
	return owner;
}
