/*-------------------------------------------------------------------------
 *
 * store_request.c
 *		Request keys: what a successful call answered.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/table.h"

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
	REQUEST_PREVIOUS_KEY,
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
	if (!sl_vocabulary_find_outcome(outcome, &request->outcome))
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
	values[REQUEST_OUTCOME] = CStringGetTextDatum(sl_vocabulary_outcome(request->outcome));
	values[REQUEST_TOKEN] = UUIDPGetDatum(&request->token);
	values[REQUEST_TOGETHER] = BoolGetDatum(request->together == 1);
	nulls[REQUEST_TOGETHER] = (request->together < 0);
	values[REQUEST_SEATS] = sl_datum_int32_array(request->num_seats, request->seats);
	values[REQUEST_CREATED_AT] = TimestampTzGetDatum(now);
	nulls[REQUEST_PREVIOUS_KEY] = (request->previous_key == NULL);
	values[REQUEST_PREVIOUS_KEY] =
		request->previous_key == NULL ? (Datum) 0 : CStringGetTextDatum(request->previous_key);
	sl_table_insert(store, TABLE_REQUEST, values, nulls);
}

/* The request with this key, a text; NULL when there is none, or it is not older than that. */
static TupleTableSlot *
find_old(Store *store, int32 event_id, Datum key, TimestampTz before)
{
	ScanKeyData keys[2];
	TupleTableSlot *slot;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_text_datum(&keys[1], 2, key);
	slot = sl_table_find(store, INDEX_REQUEST_KEY, keys, 2);
	if (slot == NULL)
		return NULL;
	slot_getallattrs(slot);
	return DatumGetTimestampTz(slot->tts_values[REQUEST_CREATED_AT]) < before ? slot : NULL;
}

bool
sl_store_request_is_old(Store *store, int32 event_id, Datum key, TimestampTz before)
{
	return find_old(store, event_id, key, before) != NULL;
}

/*
 * Remove the requests of a token that are older than that, from the one with
 * this key back.  Nothing is allocated: there may be millions.
 */
void
sl_store_prune_requests(Store *store, int32 event_id, Datum newest, TimestampTz before)
{
	union
	{
		text previous;
		char bytes[VARHDRSZ + SL_MAX_NAME_LENGTH];
	} copy;
	Datum key = newest;
	TupleTableSlot *slot;

	while ((slot = find_old(store, event_id, key, before)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (!sl_table_delete(store, TABLE_REQUEST, &slot->tts_tid) ||
			slot->tts_isnull[REQUEST_PREVIOUS_KEY])
			break;
		/* the next look-up takes the row from under it */
		key = slot->tts_values[REQUEST_PREVIOUS_KEY];
		if (VARSIZE_ANY(key) > sizeof(copy))
			elog(ERROR, "unexpected length of a request key");
		memcpy(&copy, DatumGetPointer(key), VARSIZE_ANY(key));
		key = PointerGetDatum(&copy);
	}
}

/*
 * Let no repetition match the requests of a token any more, from the one with
 * this key back: what is compared with, which was made of the holder's name too,
 * goes, and the keys stay taken.  The token's hold was pinned, so nobody else is
 * removing them.
 */
void
sl_store_void_requests(Store *store, int32 event_id, const char *newest)
{
	const char *key = newest;

	while (key != NULL)
	{
		ScanKeyData keys[2];
		TupleTableSlot *slot;
		Datum values[NUM_REQUEST_COLUMNS];
		bool nulls[NUM_REQUEST_COLUMNS];
		ItemPointerData tid;

		CHECK_FOR_INTERRUPTS();
		sl_key_int32(&keys[0], 1, event_id);
		sl_key_text(&keys[1], 2, key);
		slot = sl_table_find(store, INDEX_REQUEST_KEY, keys, 2);
		if (slot == NULL)
			break;
		slot_getallattrs(slot);
		memcpy(values, slot->tts_values, sizeof(values));
		memcpy(nulls, slot->tts_isnull, sizeof(nulls));
		key =
			nulls[REQUEST_PREVIOUS_KEY] ? NULL : TextDatumGetCString(values[REQUEST_PREVIOUS_KEY]);
		values[REQUEST_FINGERPRINT] = PointerGetDatum(cstring_to_text(""));
		tid = slot->tts_tid;
		sl_table_update(store, TABLE_REQUEST, &tid, values, nulls);
	}
}
