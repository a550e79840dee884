/*-------------------------------------------------------------------------
 *
 * store_request.c
 *		Request keys: what a successful call answered.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store_table.h"

/* columns of request, counted from 0 */
enum request_column
{
	REQUEST_EVENT_ID,
	REQUEST_KEY,
	REQUEST_VERB,
	REQUEST_FINGERPRINT,
	REQUEST_OUTCOME,
	REQUEST_TOKEN,
	REQUEST_TOGETHER,
	REQUEST_SEATS,
	REQUEST_CREATED_AT,
	NUM_REQUEST_COLUMNS
};

bool
sl_store_find_request(Store *store, int32 event_id, const char *key, RequestRow *request)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;
	char *outcome;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_text(&keys[1], 2, key);
	slot = sl_table_find(store, INDEX_REQUEST_KEY, keys, 2);
	if (slot == NULL)
		return false;

	slot_getallattrs(slot);
	request->verb = TextDatumGetCString(slot->tts_values[REQUEST_VERB]);
	request->fingerprint = DatumGetByteaPCopy(slot->tts_values[REQUEST_FINGERPRINT]);
	outcome = TextDatumGetCString(slot->tts_values[REQUEST_OUTCOME]);
	if (!sl_words_find_outcome(outcome, &request->outcome))
		elog(ERROR, "unexpected outcome \"%s\" of request key \"%s\"", outcome, key);
	request->token = *DatumGetUUIDP(slot->tts_values[REQUEST_TOKEN]);
	request->together =
		slot->tts_isnull[REQUEST_TOGETHER] ? -1 : DatumGetBool(slot->tts_values[REQUEST_TOGETHER]);
	request->seats = sl_datum_to_int32_array(slot->tts_values[REQUEST_SEATS], &request->num_seats);
	return true;
}

void
sl_store_insert_request(Store *store, int32 event_id, const char *key, TimestampTz now,
						const RequestRow *request)
{
	Datum values[NUM_REQUEST_COLUMNS];
	bool nulls[NUM_REQUEST_COLUMNS] = {false};

	values[REQUEST_EVENT_ID] = Int32GetDatum(event_id);
	values[REQUEST_KEY] = CStringGetTextDatum(key);
	values[REQUEST_VERB] = CStringGetTextDatum(request->verb);
	values[REQUEST_FINGERPRINT] = PointerGetDatum(request->fingerprint);
	values[REQUEST_OUTCOME] = CStringGetTextDatum(sl_words_outcome(request->outcome));
	values[REQUEST_TOKEN] = UUIDPGetDatum(&request->token);
	values[REQUEST_TOGETHER] = BoolGetDatum(request->together == 1);
	nulls[REQUEST_TOGETHER] = (request->together < 0);
	values[REQUEST_SEATS] = sl_datum_int32_array(request->num_seats, request->seats);
	values[REQUEST_CREATED_AT] = TimestampTzGetDatum(now);
	sl_table_insert(store, TABLE_REQUEST, values, nulls);
}
