/*-------------------------------------------------------------------------
 *
 * verdict.c
 *		The answer of a verb as JSON, for callers that are no SQL clients.
 *
 * An object with the columns of claim_result by their names.  An error, which
 * SQL would raise, is the outcome "error" with its SQLSTATE and message.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "redis/verdict.h"

static void
append_bool(StringInfo json, const char *name, bool value)
{
	appendStringInfo(json, "\"%s\":%s", name, value ? "true" : "false");
}

/* With the comma before it; a negative number is null. */
static void
append_number(StringInfo json, const char *name, int value)
{
	if (value < 0)
		appendStringInfo(json, ",\"%s\":null", name);
	else
		appendStringInfo(json, ",\"%s\":%d", name, value);
}

static void
append_token(StringInfo json, const ClaimResult *result)
{
	if (result->have_token)
		appendStringInfo(
			json, ",\"token\":\"%s\"",
			DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&result->token))));
	else
		appendStringInfoString(json, ",\"token\":null");
}

static void
append_expiry(StringInfo json, const ClaimResult *result)
{
	if (result->expires_at == 0)
		appendStringInfoString(json, ",\"expires_at\":null");
	else
		appendStringInfo(json, ",\"expires_at\":\"%s\"",
						 JsonEncodeDateTime(NULL, TimestampTzGetDatum(result->expires_at),
											TIMESTAMPTZOID, NULL));
	append_number(json, "expires_in_seconds",
				  result->expires_at == 0 ? -1
										  : sl_clock_seconds_left(result->now, result->expires_at));
}

static void
append_order(StringInfo json, const ClaimResult *result)
{
	appendStringInfoString(json, ",\"order_ref\":");
	if (result->order_ref == NULL)
		appendStringInfoString(json, "null");
	else
		escape_json(json, result->order_ref);
}

static void
append_seats(StringInfo json, const ClaimResult *result)
{
	appendStringInfoString(json, ",\"seats\":[");
	for (int i = 0; i < result->num_seats; i++)
	{
		if (i > 0)
			appendStringInfoChar(json, ',');
		escape_json(json, result->seats[i]);
	}
	appendStringInfoChar(json, ']');
}

static void
append_conflicts(StringInfo json, const ClaimResult *result)
{
	appendStringInfoString(json, ",\"conflicts\":[");
	for (int i = 0; i < result->num_conflicts; i++)
	{
		const Conflict *conflict = &result->conflicts[i];

		appendStringInfoString(json, i > 0 ? ",{\"seat\":" : "{\"seat\":");
		escape_json(json, conflict->label);
		appendStringInfo(json, ",\"reason\":\"%s\"", sl_vocabulary_reason(conflict->reason));
		append_number(json, "seconds_left",
					  conflict->until == 0 ? -1
										   : sl_clock_seconds_left(result->now, conflict->until));
		appendStringInfoChar(json, '}');
	}
	appendStringInfoChar(json, ']');
}

char *
sl_verdict_of_result(const ClaimResult *result)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	append_bool(&json, "ok", outcome_is_success(result->outcome));
	appendStringInfo(&json, ",\"outcome\":\"%s\"", sl_vocabulary_outcome(result->outcome));
	append_token(&json, result);
	append_expiry(&json, result);
	append_number(&json, "retry_after_ms", result->retry_after_ms);
	append_seats(&json, result);
	append_conflicts(&json, result);
	appendStringInfoChar(&json, ',');
	append_bool(&json, "replayed", result->replayed);
	if (result->together < 0)
		appendStringInfoString(&json, ",\"together\":null");
	else
	{
		appendStringInfoChar(&json, ',');
		append_bool(&json, "together", result->together == 1);
	}
	append_order(&json, result);
	appendStringInfoChar(&json, '}');
	return json.data;
}

char *
sl_verdict_of_error(int sqlerrcode, const char *message)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"ok\":false,\"outcome\":\"error\",\"sqlstate\":\"%s\",\"message\":",
					 unpack_sql_state(sqlerrcode));
	escape_json(&json, message);
	appendStringInfoChar(&json, '}');
	return json.data;
}
