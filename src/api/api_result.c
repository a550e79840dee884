/*-------------------------------------------------------------------------
 *
 * api_result.c
 *		A claim_result row from a verb's answer, and the same as JSON.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "api/api_result.h"
#include "base/clock.h"
#include "base/rows.h"
#include "store/event_cache.h"
#include "verbs/verbs.h"

/* columns of claim_result */
enum result_column
{
	RESULT_OK,
	RESULT_OUTCOME,
	RESULT_TOKEN,
	RESULT_EXPIRES_AT,
	RESULT_EXPIRES_IN_SECONDS,
	RESULT_RETRY_AFTER_MS,
	RESULT_SEATS,
	RESULT_CONFLICTS,
	RESULT_REPLAYED,
	RESULT_TOGETHER,
	RESULT_ORDER_REF,
	NUM_RESULT_COLUMNS
};

/* by these names JSON has them, in this order */
static const struct
{
	const char *name;
	Oid type;
} columns[NUM_RESULT_COLUMNS] = {
	{"ok", BOOLOID},
	{"outcome", TEXTOID},
	{"token", TEXTOID},
	{"expires_at", TIMESTAMPTZOID},
	{"expires_in_seconds", INT4OID},
	{"retry_after_ms", INT4OID},
	{"seats", JSONBOID},
	{"conflicts", JSONBOID},
	{"replayed", BOOLOID},
	{"together", BOOLOID},
	{"order_ref", TEXTOID},
};

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, text);
	value.val.string.len = (int) strlen(text);
	pushJsonbValue(state, token, &value);
}

static Datum
seats_to_jsonb(const ClaimResult *result)
{
	JsonbParseState *state = NULL;
	JsonbValue *array;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < result->num_seats; i++)
		push_string(&state, WJB_ELEM, result->seats[i]);
	array = pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(array));
}

static void
push_conflict(JsonbParseState **state, const Conflict *conflict, TimestampTz now)
{
	JsonbValue value;

	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY, "seat");
	push_string(state, WJB_VALUE, conflict->label);
	push_string(state, WJB_KEY, "reason");
	push_string(state, WJB_VALUE, sl_vocabulary_reason(conflict->reason));
	push_string(state, WJB_KEY, "seconds_left");
	value.type = jbvNull;
	if (conflict->until != 0)
	{
		int seconds = sl_clock_seconds_left(now, conflict->until);

		value.type = jbvNumeric;
		value.val.numeric =
			DatumGetNumeric(DirectFunctionCall1(int4_numeric, Int32GetDatum(seconds)));
	}
	pushJsonbValue(state, WJB_VALUE, &value);
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

static Datum
conflicts_to_jsonb(const ClaimResult *result)
{
	JsonbParseState *state = NULL;
	JsonbValue *array;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < result->num_conflicts; i++)
		push_conflict(&state, &result->conflicts[i], result->now);
	array = pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(array));
}

static void
set_expiry(const ClaimResult *result, Datum *values, bool *nulls)
{
	bool none = (result->expires_at == 0);

	nulls[RESULT_EXPIRES_AT] = none;
	nulls[RESULT_EXPIRES_IN_SECONDS] = none;
	if (none)
		return;
	values[RESULT_EXPIRES_AT] = TimestampTzGetDatum(result->expires_at);
	values[RESULT_EXPIRES_IN_SECONDS] =
		Int32GetDatum(sl_clock_seconds_left(result->now, result->expires_at));
}

TupleDesc
sl_result_describe(FunctionCallInfo fcinfo)
{
	return sl_rows_describe(fcinfo, NUM_RESULT_COLUMNS);
}

static void
set_columns(const ClaimResult *result, Datum *values, bool *nulls)
{
	memset(nulls, false, sizeof(bool) * NUM_RESULT_COLUMNS);
	values[RESULT_OK] = BoolGetDatum(outcome_is_success(result->outcome));
	values[RESULT_OUTCOME] = CStringGetTextDatum(sl_vocabulary_outcome(result->outcome));
	nulls[RESULT_TOKEN] = !result->have_token;
	if (result->have_token)
		values[RESULT_TOKEN] = CStringGetTextDatum(
			DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&result->token))));
	set_expiry(result, values, nulls);
	nulls[RESULT_RETRY_AFTER_MS] = (result->retry_after_ms < 0);
	values[RESULT_RETRY_AFTER_MS] = Int32GetDatum(result->retry_after_ms);
	values[RESULT_SEATS] = seats_to_jsonb(result);
	values[RESULT_CONFLICTS] = conflicts_to_jsonb(result);
	values[RESULT_REPLAYED] = BoolGetDatum(result->replayed);
	nulls[RESULT_TOGETHER] = (result->together < 0);
	values[RESULT_TOGETHER] = BoolGetDatum(result->together == 1);
	nulls[RESULT_ORDER_REF] = result->order_ref == NULL;
	if (result->order_ref != NULL)
		values[RESULT_ORDER_REF] = CStringGetTextDatum(result->order_ref);
}

Datum
sl_result_form(TupleDesc tupdesc, const ClaimResult *result)
{
	Datum values[NUM_RESULT_COLUMNS];
	bool nulls[NUM_RESULT_COLUMNS];

	set_columns(result, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

Datum
sl_result_to_datum(FunctionCallInfo fcinfo, const ClaimResult *result)
{
	return sl_result_form(sl_result_describe(fcinfo), result);
}

/* The same of what is asked for, carried out and counted. */
Datum
sl_result_run(FunctionCallInfo fcinfo, const ClaimRequest *request)
{
	const ClaimResult *result = sl_call_run(request, NULL);

	sl_stat_count(sl_event_cache_stat(result), request->verb, result);
	return sl_result_to_datum(fcinfo, result);
}

static void
append_value(StringInfo json, Oid type, Datum value)
{
	switch (type)
	{
		case BOOLOID:
			appendStringInfoString(json, DatumGetBool(value) ? "true" : "false");
			break;
		case INT4OID:
			appendStringInfo(json, "%d", DatumGetInt32(value));
			break;
		case TIMESTAMPTZOID:
			escape_json(json, JsonEncodeDateTime(NULL, value, type, NULL));
			break;
		case JSONBOID:
			(void) JsonbToCString(json, &DatumGetJsonbP(value)->root, 0);
			break;
		default:
			escape_json(json, TextDatumGetCString(value));
	}
}

/*
 * What row_to_json makes of the row, for callers that are no SQL clients; without
 * its look-ups in the catalog, which would cost more than the rest.
 */
char *
sl_result_to_json(const ClaimResult *result)
{
	Datum values[NUM_RESULT_COLUMNS];
	bool nulls[NUM_RESULT_COLUMNS];
	StringInfoData json;

	set_columns(result, values, nulls);
	initStringInfo(&json);
	for (int i = 0; i < NUM_RESULT_COLUMNS; i++)
	{
		appendStringInfo(&json, "%c\"%s\":", i == 0 ? '{' : ',', columns[i].name);
		if (nulls[i])
			appendStringInfoString(&json, "null");
		else
			append_value(&json, columns[i].type, values[i]);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}
