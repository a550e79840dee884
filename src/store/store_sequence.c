/*-------------------------------------------------------------------------
 *
 * store_sequence.c
 *		The sequences, held against the numbers that the tables have.
 *
 * Logical replication brings rows and leaves sequences where they were.  Numbers
 * of venues, layouts and events would be given twice, or again, which the caches
 * could not bear; numbers of changes would come after higher ones, which the feed
 * could not.  Each is refused where it would be drawn: what set-up draws here,
 * that of changes in store_change.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "base/errors.h"
#include "store/store_sequence.h"

/* in the order in which they are locked; those that set-up draws from first */
static const struct
{
	const char *name;
	const char *highest; /* what the tables have */
} sequences[] = {
	{"venue_id_seq", "SELECT pg_catalog.max(venue_id) FROM seatlock.venue"},
	{"layout_id_seq", "SELECT GREATEST((SELECT pg_catalog.max(layout_id) FROM seatlock.layout),"
					  " (SELECT pg_catalog.max(layout_id) FROM seatlock.venue))"},
	{"event_id_seq", "SELECT pg_catalog.max(event_id) FROM seatlock.event"},
	{"change_seq", "SELECT pg_catalog.max(seq) FROM seatlock.change"},
};
#define NUM_SETUP_SEQUENCES 3

/* The last number that was drawn, and the highest that is in use; 0: none. */
static void
read_sequence(SqlScope *scope, int number, int64 *last, int64 *highest)
{
	/* the sequence, which is not under the snapshot, after the rows, which are */
	const char *query =
		psprintf("SELECT COALESCE((%s)::pg_catalog.int8, 0::pg_catalog.int8), last_value,"
				 " is_called FROM seatlock.%s",
				 sequences[number].highest, sequences[number].name);

	sl_sql_run_latest(scope, query, 0, NULL);
	*highest = DatumGetInt64(sl_sql_column(1).value);
	*last = DatumGetInt64(sl_sql_column(2).value);
	if (!DatumGetBool(sl_sql_column(3).value))
		(*last)--;
}

void
sl_store_sequences_check(SqlScope *scope)
{
	for (int i = 0; i < NUM_SETUP_SEQUENCES; i++)
	{
		int64 last;
		int64 highest;

		read_sequence(scope, i, &last, &highest);
		if (last < highest)
			sl_error_sequence_behind(sequences[i].name, last, highest);
	}
}

/* Set a sequence forward if it is behind; nobody else draws from it meanwhile. */
static void
advance(SqlScope *scope, int number, ReturnSetInfo *result)
{
	int64 last;
	int64 highest;
	Datum values[4];
	bool nulls[4] = {false};
	SqlArg args[2];

	read_sequence(scope, number, &last, &highest);
	if (last < highest)
	{
		args[0] =
			sql_arg(TEXTOID, CStringGetTextDatum(psprintf("seatlock.%s", sequences[number].name)));
		args[1] = sql_arg(INT8OID, Int64GetDatum(highest));
		sl_sql_run(scope, "SELECT pg_catalog.setval($1::pg_catalog.regclass, $2)", 2, args);
	}
	values[0] = CStringGetTextDatum(sequences[number].name);
	values[1] = Int64GetDatum(highest);
	values[2] = Int64GetDatum(last);
	values[3] = Int64GetDatum(highest);
	nulls[3] = last >= highest;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * A transaction that draws a number keeps a lock on the sequence until it ends:
 * so under a lock that is against it, all numbers that were drawn are in rows that
 * are seen, and nobody draws one before the sequence has been set.
 */
void
sl_store_sequences_sync(ReturnSetInfo *result)
{
	SqlScope scope;

	sl_sql_begin(&scope, SQL_ON_WHOLE_TABLES);
	for (int i = 0; i < lengthof(sequences); i++)
		LockRelationOid(get_relname_relid(sequences[i].name, get_namespace_oid("seatlock", false)),
						ShareRowExclusiveLock);
	for (int i = 0; i < lengthof(sequences); i++)
		advance(&scope, i, result);
	sl_sql_end(&scope);
}
