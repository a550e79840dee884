/*-------------------------------------------------------------------------
 *
 * store_plan.c
 *		Venues: a name, and the layout that the next event will have.
 *
 * Lock protocol: the row of seatlock.venue guards the venue's layout.  A command
 * that adds to a venue updates that row, one that makes an event of it holds it FOR
 * SHARE, one that drops it holds it FOR UPDATE, each until the transaction ends.
 * Adding is an update and no mere lock, so that a REPEATABLE READ caller whose
 * snapshot is older gets 40001 and not half a venue.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "base/errors.h"
#include "store/store_layout_grow.h"
#include "store/store_plan.h"
#include "store/store_sequence.h"

void
sl_store_plan_create(SqlScope *scope, const char *venue, const SeatingPlan *plan, LabelRule rule)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));
	int32 layout_id;

	sl_store_sequences_check(scope);
	if (sl_sql_run(scope,
				   "INSERT INTO seatlock.venue (name) VALUES ($1)"
				   " ON CONFLICT (name) DO NOTHING RETURNING layout_id",
				   1, &arg) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("venue \"%s\" already exists", venue)));
	layout_id = sl_sql_int32(1);
	sl_store_layout_create(scope, layout_id, rule);
	sl_store_layout_extend(scope, layout_id, venue, plan);
}

void
sl_store_plan_extend(SqlScope *scope, const char *venue, const SeatingPlan *plan)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));
	int32 layout_id;
	SqlArg id;

	sl_store_sequences_check(scope);
	/* one statement makes the venue or locks it, also when others do the same */
	sl_sql_run(scope,
			   "INSERT INTO seatlock.venue AS v (name) VALUES ($1)"
			   " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING layout_id",
			   1, &arg);
	layout_id = sl_sql_int32(1);
	id = sql_arg(INT4OID, Int32GetDatum(layout_id));
	if (sl_sql_run(scope, "SELECT FROM seatlock.layout WHERE layout_id" EQ "$1", 1, &id) == 0)
		sl_store_layout_create(scope, layout_id, LABELS_SHORT);
	sl_store_layout_extend(scope, layout_id, venue, plan);
}

uint64
sl_store_plan_drop(SqlScope *scope, const char *venue)
{
	SqlArg arg = sql_arg(TEXTOID, CStringGetTextDatum(venue));
	int32 layout_id;

	/* waits for a create_event that takes its layout */
	if (sl_sql_run(scope,
				   "SELECT venue_id, layout_id FROM seatlock.venue WHERE name" EQ "$1 FOR UPDATE",
				   1, &arg) == 0)
		sl_error_no_venue(venue);
	arg = sql_arg(INT4OID, Int32GetDatum(sl_sql_int32(1)));
	layout_id = sl_sql_int32(2);
	/* whose event an older snapshot would not show */
	if (sl_sql_run_latest(scope,
						  "SELECT name::pg_catalog.text FROM seatlock.event WHERE venue_id" EQ "$1"
						  " ORDER BY event_id LIMIT 1",
						  1, &arg) > 0)
		ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						errmsg("venue \"%s\" is in use by event \"%s\"", venue,
							   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
						errhint("Drop its events first.")));
	sl_sql_run(scope, "DELETE FROM seatlock.venue WHERE venue_id" EQ "$1", 1, &arg);
	return sl_store_layout_leave(scope, layout_id);
}
