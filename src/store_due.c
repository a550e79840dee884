/*-------------------------------------------------------------------------
 *
 * store_due.c
 *		The live holds of all events, read piece by piece.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/itemptr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "store_due.h"
#include "store_sql.h"

/* a millisecond or two of work */
#define BLOCKS_PER_PIECE 128

static Datum
column(uint64 row, int number)
{
	bool isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &isnull);
}

static uint32
table_blocks(SqlScope *scope)
{
	(void) sl_sql_run(scope,
					  "SELECT pg_catalog.pg_relation_size('seatlock.hold')"
					  " OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::int8",
					  0, NULL);
	return (uint32) DatumGetInt64(column(0, 1));
}

static void
visit_piece(SqlScope *scope, uint32 first_block, void (*visit)(const DueHold *hold))
{
	ItemPointerData first;
	ItemPointerData end;
	SqlArg args[2];
	uint64 count;

	ItemPointerSet(&first, first_block, 0);
	ItemPointerSet(&end, first_block + BLOCKS_PER_PIECE, 0);
	args[0] = sql_arg(TIDOID, PointerGetDatum(&first));
	args[1] = sql_arg(TIDOID, PointerGetDatum(&end));
	count = sl_sql_run(scope,
					   "SELECT expires_at, event_id, token FROM seatlock.hold"
					   " WHERE ctid OPERATOR(pg_catalog.>=) $1"
					   " AND ctid OPERATOR(pg_catalog.<) $2"
					   " AND state OPERATOR(pg_catalog.=) 'h'",
					   2, args);
	for (uint64 i = 0; i < count; i++)
	{
		DueHold hold;

		hold.expires_at = DatumGetTimestampTz(column(i, 1));
		hold.event_id = DatumGetInt32(column(i, 2));
		hold.token = *DatumGetUUIDP(column(i, 3));
		visit(&hold);
	}
}

uint32
sl_store_read_due(uint32 first_block, void (*visit)(const DueHold *hold))
{
	SqlScope scope;
	uint32 num_blocks;

	sl_sql_begin(&scope, true);
	num_blocks = table_blocks(&scope);
	if (first_block < num_blocks)
		visit_piece(&scope, first_block, visit);
	sl_sql_end(&scope);
	return first_block + BLOCKS_PER_PIECE < num_blocks ? first_block + BLOCKS_PER_PIECE : 0;
}
