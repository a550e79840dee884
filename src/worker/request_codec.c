/*-------------------------------------------------------------------------
 *
 * request_codec.c
 *		Requests and answers as bytes, to travel between processes.
 *
 * What travels is listed once, for both ways: each code_ function writes the value
 * that it is given, or reads one, and returns what it wrote or read.  A text is its
 * length and its bytes with the closing zero; length -1 is NULL.  Whatever the bytes
 * say, no more of them is read than there are, and a number that means something is
 * one that it may be.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "worker/request_codec.h"

typedef struct Wire
{
	StringInfo bytes;
	bool reading;
} Wire;

/* what an answer begins with */
enum answer_kind
{
	ANSWER_RESULT,
	ANSWER_ERROR,
	NUM_ANSWER_KINDS
};

static int32
code_int(const Wire *wire, int32 value)
{
	if (wire->reading)
		return (int32) pq_getmsgint(wire->bytes, sizeof(value));
	pq_sendint32(wire->bytes, (uint32) value);
	return value;
}

/* A number below a bound, none below 0. */
static int
code_below(const Wire *wire, int value, int bound)
{
	value = code_int(wire, value);
	if (value < 0 || value >= bound)
		elog(ERROR, "unexpected number %d in a request or an answer", value);
	return value;
}

/* How many elements follow: each takes a few bytes, so there are no more than bytes left. */
static int
code_count(const Wire *wire, int value)
{
	return code_below(wire, value,
					  wire->reading ? wire->bytes->len - wire->bytes->cursor : PG_INT32_MAX);
}

static int64
code_int64(const Wire *wire, int64 value)
{
	if (wire->reading)
		return pq_getmsgint64(wire->bytes);
	pq_sendint64(wire->bytes, (uint64) value);
	return value;
}

static void
code_token(const Wire *wire, pg_uuid_t *token)
{
	if (wire->reading)
		pq_copymsgbytes(wire->bytes, (char *) token->data, UUID_LEN);
	else
		pq_sendbytes(wire->bytes, (const char *) token->data, UUID_LEN);
}

static char *
code_text(const Wire *wire, const char *text)
{
	/* what is there before a text is read may be anything */
	bool is_null = wire->reading || text == NULL;
	int length = code_int(wire, is_null ? -1 : (int) strlen(text));

	if (length < 0)
		return NULL;
	if (wire->reading)
		return pnstrdup(pq_getmsgbytes(wire->bytes, length + 1), length);
	pq_sendbytes(wire->bytes, text, length + 1);
	return unconstify(char *, text);
}

static void
code_texts(const Wire *wire, int *count, char ***texts)
{
	*count = code_count(wire, *count);
	if (wire->reading)
		*texts = palloc(sizeof(char *) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		(*texts)[i] = code_text(wire, (*texts)[i]);
}

static void
code_buyer(const Wire *wire, ClaimRequest *request)
{
	request->holder = code_text(wire, request->holder);
	request->ttl_seconds = code_int(wire, request->ttl_seconds);
	request->token = code_text(wire, request->token);
	request->request_key = code_text(wire, request->request_key);
}

static void
code_request(const Wire *wire, ClaimRequest *request)
{
	request->verb = (Verb) code_below(wire, request->verb, NUM_VERBS);
	request->actor = code_text(wire, request->actor);
	request->event = code_text(wire, request->event);
	switch (request->verb)
	{
		case VERB_CLAIM:
			code_buyer(wire, request);
			code_texts(wire, &request->seats.num_labels, &request->seats.labels);
			return;
		case VERB_CLAIM_BEST:
			code_buyer(wire, request);
			request->quantity = code_int(wire, request->quantity);
			request->section = code_text(wire, request->section);
			request->category = code_text(wire, request->category);
			request->adjacency =
				(Adjacency) code_below(wire, request->adjacency, ADJACENCY_ANY + 1);
			return;
		case VERB_CONFIRM:
		case VERB_EXTEND:
		case VERB_RELEASE:
		case VERB_SET_HOLDER:
		case VERB_BOOK:
		case VERB_CANCEL:
		case VERB_BLOCK:
		case VERB_UNBLOCK:
		case VERB_RENAME_HOLDER:
		case VERB_EXPIRE:
		case NUM_VERBS:
			break;
	}
	elog(ERROR, "%s does not travel", sl_vocabulary_verb(request->verb));
}

void
sl_request_codec_pack_request(StringInfo bytes, const ClaimRequest *request)
{
	Wire wire = {.bytes = bytes};
	ClaimRequest copy = *request;

	code_request(&wire, &copy);
}

static StringInfoData
bytes_to_read(const char *data, Size size)
{
	return (StringInfoData){.data = unconstify(char *, data), .len = (int) size};
}

ClaimRequest *
sl_request_codec_unpack_request(const char *data, Size size)
{
	StringInfoData bytes = bytes_to_read(data, size);
	Wire wire = {.bytes = &bytes, .reading = true};
	ClaimRequest *request = palloc0(sizeof(ClaimRequest));

	code_request(&wire, request);
	return request;
}

static void
code_conflicts(const Wire *wire, ClaimResult *result)
{
	Conflict *conflicts;

	result->num_conflicts = code_count(wire, result->num_conflicts);
	conflicts = palloc0(sizeof(Conflict) * Max(result->num_conflicts, 1));
	if (!wire->reading && result->num_conflicts > 0)
		memcpy(conflicts, result->conflicts, sizeof(Conflict) * result->num_conflicts);
	for (int i = 0; i < result->num_conflicts; i++)
	{
		conflicts[i].reason = (ConflictReason) code_below(wire, conflicts[i].reason, NUM_REASONS);
		conflicts[i].until = code_int64(wire, conflicts[i].until);
		conflicts[i].label = code_text(wire, conflicts[i].label);
	}
	result->conflicts = conflicts;
}

/* What the caller itself shows or asks for; what is to be counted, the worker counts. */
static void
code_result(const Wire *wire, ClaimResult *result)
{
	result->outcome = (Outcome) code_below(wire, result->outcome, NUM_OUTCOMES);
	result->now = code_int64(wire, result->now);
	result->have_token = code_below(wire, result->have_token, 2);
	code_token(wire, &result->token);
	result->expires_at = code_int64(wire, result->expires_at);
	result->order_ref = code_text(wire, result->order_ref);
	result->retry_after_ms = code_int(wire, result->retry_after_ms);
	code_texts(wire, &result->num_seats, &result->seats);
	code_conflicts(wire, result);
	result->replayed = code_below(wire, result->replayed, 2);
	result->together = code_int(wire, result->together);
	result->event_table = (Oid) code_int(wire, (int32) result->event_table);
	result->event_id = code_int(wire, result->event_id);
	result->spared = code_int(wire, result->spared);
}

void
sl_request_codec_pack_result(StringInfo bytes, const ClaimResult *result)
{
	Wire wire = {.bytes = bytes};
	ClaimResult copy = *result;

	pq_sendint32(bytes, ANSWER_RESULT);
	code_result(&wire, &copy);
}

/* A text of an error, left out when room is short: it is for people, not for programs. */
static const char *
that_has_room(const StringInfoData *bytes, Size room, const char *text)
{
	bool fits = text != NULL && bytes->len + strlen(text) + 4 * sizeof(int32) <= room;

	return fits ? text : NULL;
}

void
sl_request_codec_pack_error(StringInfo bytes, Size room, const ErrorData *error)
{
	Wire wire = {.bytes = bytes};

	pq_sendint32(bytes, ANSWER_ERROR);
	pq_sendint32(bytes, (uint32) error->sqlerrcode);
	(void) code_text(&wire, that_has_room(bytes, room, error->message));
	(void) code_text(&wire, that_has_room(bytes, room, error->detail));
	(void) code_text(&wire, that_has_room(bytes, room, error->hint));
	Assert(bytes->len <= room);
}

static void
raise_error(const Wire *wire)
{
	int sqlerrcode = code_int(wire, 0);
	char *message = code_text(wire, NULL);
	char *detail = code_text(wire, NULL);
	char *hint = code_text(wire, NULL);

	ereport(ERROR, (errcode(sqlerrcode),
					errmsg_internal("%s", message != NULL ? message : "the request failed"),
					detail != NULL ? errdetail_internal("%s", detail) : 0,
					hint != NULL ? errhint("%s", hint) : 0));
}

ClaimResult *
sl_request_codec_unpack_result(const char *data, Size size)
{
	StringInfoData bytes = bytes_to_read(data, size);
	Wire wire = {.bytes = &bytes, .reading = true};
	ClaimResult *result = palloc0(sizeof(ClaimResult));

	if (code_below(&wire, ANSWER_RESULT, NUM_ANSWER_KINDS) == ANSWER_ERROR)
		raise_error(&wire);
	code_result(&wire, result);
	return result;
}
