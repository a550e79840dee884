/*-------------------------------------------------------------------------
 *
 * store_change.c
 *		The change history, as written; store_feed.c reads it.
 *
 * seq and fence make the feed complete.  A writer has its transaction id
 * before it takes seq, and notes the next free transaction id after: so every
 * transaction that ever took a lower seq has an id below this row's fence.
 * The reader returns a row only when no such writer is still open.  Reversing
 * either step would let a poller skip a row for ever.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "store_table.h"

/* columns of change, counted from 0 */
enum change_column
{
	CHANGE_EVENT_ID,
	CHANGE_SEQ,
	CHANGE_FENCE,
	CHANGE_CHANGED_AT,
	CHANGE_ACTION,
	CHANGE_TOKEN,
	CHANGE_HOLDER,
	CHANGE_ORDER_REF,
	CHANGE_REASON,
	CHANGE_ACTOR,
	CHANGE_SEATS,
	CHANGE_VERSIONS,
	NUM_CHANGE_COLUMNS
};

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = (text == NULL);
	values[column] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

void
sl_store_insert_change(Store *store, int32 event_id, TimestampTz now, const ChangeRow *change)
{
	Datum values[NUM_CHANGE_COLUMNS];
	bool nulls[NUM_CHANGE_COLUMNS] = {false};

	(void) GetTopFullTransactionId(); /* before seq, see above */
	values[CHANGE_SEQ] = Int64GetDatum(nextval_internal(sl_table_change_sequence(), false));
	values[CHANGE_FENCE] = FullTransactionIdGetDatum(ReadNextFullTransactionId());

	values[CHANGE_EVENT_ID] = Int32GetDatum(event_id);
	values[CHANGE_CHANGED_AT] = TimestampTzGetDatum(now);
	set_text(values, nulls, CHANGE_ACTION, sl_words_action(change->action));
	values[CHANGE_TOKEN] = UUIDPGetDatum(change->token);
	nulls[CHANGE_TOKEN] = (change->token == NULL);
	set_text(values, nulls, CHANGE_HOLDER, change->holder);
	set_text(values, nulls, CHANGE_ORDER_REF, change->order_ref);
	set_text(values, nulls, CHANGE_REASON, change->reason);
	set_text(values, nulls, CHANGE_ACTOR,
			 change->actor != NULL ? change->actor : GetUserNameFromId(GetUserId(), false));
	values[CHANGE_SEATS] = sl_datum_int32_array(change->num_seats, change->seats);
	values[CHANGE_VERSIONS] = sl_datum_int64_array(change->num_seats, change->versions);
	sl_table_insert(store, TABLE_CHANGE, values, nulls);
}
