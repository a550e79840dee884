/*-------------------------------------------------------------------------
 *
 * store_read.c
 *		The reads: rows of an event as they stand now.
 *
 * All of them read with the caller's snapshot and write nothing, so they
 * answer in a read-only transaction and on a standby.  A hold that has lapsed
 * is free from that moment, recorded or not: every read compares expires_at
 * with a time that the caller of this file takes from the one clock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "nodes/params.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store_read.h"

static ParamListInfo make_params(int nargs, const SqlArg *args);
static int32 find_seat(SqlScope *scope, int32 event_id, const char *event, const char *seat);

/*
 * The rows go straight from the executor into the result's tuplestore, which
 * spills to disk, so an event of any size needs no more than work_mem.
 */
void
sl_store_read_rows(SqlScope *scope, ReturnSetInfo *result, const char *query, int nargs,
				   const SqlArg *args)
{
	SPIExecuteOptions options = {0};
	int status;

	options.params = make_params(nargs, args);
	options.read_only = scope->read_only;
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false, result->setDesc,
									"rows of the read do not match its columns");
	status = SPI_execute_extended(query, &options);
	if (status < 0)
		elog(ERROR, "statement failed with %s: %s", SPI_result_code_string(status), query);
	options.dest->rDestroy(options.dest);
}

static ParamListInfo
make_params(int nargs, const SqlArg *args)
{
	ParamListInfo params = makeParamList(nargs);

	for (int i = 0; i < nargs; i++)
	{
		params->params[i].value = args[i].value;
		params->params[i].isnull = args[i].isnull;
		/* the values are good for this one execution: let it plan for them */
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = args[i].type;
	}
	return params;
}

void
sl_store_read_seat_map(ReturnSetInfo *result, const char *event, TimestampTz now)
{
	SqlScope scope;
	SqlArg args[2];

	sl_sql_begin(&scope, true);
	args[0] = sql_arg(INT4OID, Int32GetDatum(sl_sql_find_event(&scope, event)));
	args[1] = sql_arg(TIMESTAMPTZOID, TimestampTzGetDatum(now));
	sl_store_read_rows(&scope, result,
					   "SELECT s.label, n.name, s.row_label, s.seat_number, c.name,"
					   "       CASE WHEN st.status = 'b' THEN 'booked'"
					   "            WHEN st.status = 'n' THEN 'not_for_sale'"
					   "            WHEN st.status = 'h' AND st.expires_at > $2 THEN 'held'"
					   "            ELSE 'free' END,"
					   "       st.version, s.x, s.y"
					   "  FROM seatlock.seat s"
					   "  JOIN seatlock.seat_state st USING (event_id, seat_no)"
					   "  JOIN seatlock.event_section n USING (event_id, section_no)"
					   "  JOIN seatlock.event_category c USING (event_id, category_no)"
					   " WHERE s.event_id = $1"
					   " ORDER BY s.seat_no",
					   2, args);
	sl_sql_end(&scope);
}

/*
 * Blocks: in seat order, each seat that cannot continue the block before it
 * (it is not free, or another run, section or category begins) starts a new
 * island; the free seats of an island are one block.
 */
void
sl_store_read_availability(ReturnSetInfo *result, const char *event, TimestampTz now)
{
	SqlScope scope;
	SqlArg args[2];

	sl_sql_begin(&scope, true);
	args[0] = sql_arg(INT4OID, Int32GetDatum(sl_sql_find_event(&scope, event)));
	args[1] = sql_arg(TIMESTAMPTZOID, TimestampTzGetDatum(now));
	sl_store_read_rows(
		&scope, result,
		"WITH place AS ("
		"  SELECT s.seat_no, s.section_no, s.category_no, s.run_no,"
		"         CASE WHEN st.status = 'h' AND st.expires_at <= $2 THEN 'f' ELSE st.status END"
		"           AS status"
		"    FROM seatlock.seat s"
		"    JOIN seatlock.seat_state st USING (event_id, seat_no)"
		"   WHERE s.event_id = $1),"
		" edge AS ("
		"  SELECT *, status <> 'f' OR (section_no, category_no, run_no) IS DISTINCT FROM"
		"           (lag(section_no) OVER w, lag(category_no) OVER w, lag(run_no) OVER w)"
		"           AS starts"
		"    FROM place WINDOW w AS (ORDER BY seat_no)),"
		" island AS ("
		"  SELECT *, count(*) FILTER (WHERE starts) OVER (ORDER BY seat_no) AS island_no"
		"    FROM edge),"
		" block AS ("
		"  SELECT section_no, category_no, count(*) AS capacity,"
		"         count(*) FILTER (WHERE status = 'f') AS num_free,"
		"         count(*) FILTER (WHERE status = 'h') AS num_held,"
		"         count(*) FILTER (WHERE status = 'b') AS num_booked,"
		"         count(*) FILTER (WHERE status = 'n') AS num_not_for_sale"
		"    FROM island GROUP BY section_no, category_no, island_no)"
		" SELECT n.name, c.name, sum(b.capacity)::integer, sum(b.num_free)::integer,"
		"        sum(b.num_held)::integer, sum(b.num_booked)::integer,"
		"        sum(b.num_not_for_sale)::integer,"
		"        (CASE WHEN n.general_admission THEN sum(b.num_free)"
		"              ELSE max(b.num_free) END)::integer"
		"   FROM block b"
		"   JOIN seatlock.event_section n ON n.event_id = $1 AND n.section_no = b.section_no"
		"   JOIN seatlock.event_category c ON c.event_id = $1 AND c.category_no = b.category_no"
		"  GROUP BY n.section_no, n.name, n.general_admission, c.category_no, c.name"
		"  ORDER BY n.section_no, c.category_no",
		2, args);
	sl_sql_end(&scope);
}

/* No index leads from a seat to its changes: it would cost every claim. */
void
sl_store_read_seat_history(ReturnSetInfo *result, const char *event, const char *seat)
{
	SqlScope scope;
	SqlArg args[2];
	int32 event_id;

	sl_sql_begin(&scope, true);
	event_id = sl_sql_find_event(&scope, event);
	args[0] = sql_arg(INT4OID, Int32GetDatum(event_id));
	args[1] = sql_arg(INT4OID, Int32GetDatum(find_seat(&scope, event_id, event, seat)));
	sl_store_read_rows(&scope, result,
					   "SELECT seq, changed_at, action,"
					   "       CASE action WHEN 'held' THEN 'held' WHEN 'extended' THEN 'held'"
					   "                   WHEN 'booked' THEN 'booked'"
					   "                   WHEN 'blocked' THEN 'not_for_sale'"
					   "                   ELSE 'free' END,"
					   "       versions[array_position(seats, $2)], token::text, holder, actor"
					   "  FROM seatlock.change"
					   " WHERE event_id = $1 AND $2 = ANY (seats)"
					   " ORDER BY seq",
					   2, args);
	sl_sql_end(&scope);
}

static int32
find_seat(SqlScope *scope, int32 event_id, const char *event, const char *seat)
{
	SqlArg args[2];
	bool isnull;

	args[0] = sql_arg(INT4OID, Int32GetDatum(event_id));
	args[1] = sql_arg(TEXTOID, CStringGetTextDatum(seat));
	if (sl_sql_run(scope, "SELECT seat_no FROM seatlock.seat WHERE event_id = $1 AND label = $2", 2,
				   args) == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("seat \"%s\" of event \"%s\" does not exist", seat, event)));
	return DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}
