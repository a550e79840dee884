/*-------------------------------------------------------------------------
 *
 * request_codec.c
 *		Requests and answers as bytes, to travel between processes.
 *
 * Both ends are processes of one server that run the same library, so numbers
 * travel as they lie in memory.  A text is its length and its bytes with the
 * closing zero; length -1 is NULL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "worker/request_codec.h"

typedef struct Packer
{
	char *data;
	Size room;
	Size size;
	bool full;
} Packer;

/* what an answer begins with */
enum answer_kind
{
	ANSWER_RESULT,
	ANSWER_ERROR
};

static void
pack_bytes(Packer *packer, const void *bytes, Size size)
{
	if (packer->full || packer->size + size > packer->room)
	{
		packer->full = true;
		return;
	}
	memcpy(packer->data + packer->size, bytes, size);
	packer->size += size;
}

static void
pack_byte(Packer *packer, uint8 value)
{
	pack_bytes(packer, &value, sizeof(value));
}

static void
pack_int(Packer *packer, int32 value)
{
	pack_bytes(packer, &value, sizeof(value));
}

static void
pack_text(Packer *packer, const char *text)
{
	int32 length = text == NULL ? -1 : (int32) strlen(text);

	pack_int(packer, length);
	if (text != NULL)
		pack_bytes(packer, text, length + 1);
}

static Size
packed_size(const Packer *packer)
{
	return packer->full ? 0 : packer->size;
}

static void
unpack_bytes(const char **data, void *bytes, Size size)
{
	memcpy(bytes, *data, size);
	*data += size;
}

static uint8
unpack_byte(const char **data)
{
	uint8 value;

	unpack_bytes(data, &value, sizeof(value));
	return value;
}

static int32
unpack_int(const char **data)
{
	int32 value;

	unpack_bytes(data, &value, sizeof(value));
	return value;
}

static char *
unpack_text(const char **data)
{
	int32 length = unpack_int(data);
	char *text;

	if (length < 0)
		return NULL;
	text = palloc(length + 1);
	unpack_bytes(data, text, length + 1);
	return text;
}

Size
sl_request_codec_pack_request(char *data, Size room, const ClaimRequest *request)
{
	Packer packer = {.data = data, .room = room};

	pack_text(&packer, request->verb);
	pack_text(&packer, request->actor);
	pack_text(&packer, request->event);
	pack_text(&packer, request->holder);
	pack_int(&packer, request->ttl_seconds);
	pack_text(&packer, request->token);
	pack_text(&packer, request->request_key);
	pack_int(&packer, request->quantity);
	pack_text(&packer, request->section);
	pack_text(&packer, request->category);
	pack_int(&packer, request->adjacency);
	pack_int(&packer, request->seats.num_labels);
	for (int i = 0; i < request->seats.num_labels; i++)
		pack_text(&packer, request->seats.labels[i]);
	return packed_size(&packer);
}

ClaimRequest *
sl_request_codec_unpack_request(const char *data)
{
	ClaimRequest *request = palloc0(sizeof(ClaimRequest));

	request->verb = unpack_text(&data);
	request->actor = unpack_text(&data);
	request->event = unpack_text(&data);
	request->holder = unpack_text(&data);
	request->ttl_seconds = unpack_int(&data);
	request->token = unpack_text(&data);
	request->request_key = unpack_text(&data);
	request->quantity = unpack_int(&data);
	request->section = unpack_text(&data);
	request->category = unpack_text(&data);
	request->adjacency = (Adjacency) unpack_int(&data);
	request->seats.num_labels = unpack_int(&data);
	request->seats.labels = palloc(sizeof(char *) * Max(request->seats.num_labels, 1));
	for (int i = 0; i < request->seats.num_labels; i++)
		request->seats.labels[i] = unpack_text(&data);
	return request;
}

Size
sl_request_codec_pack_result(char *data, Size room, const ClaimResult *result)
{
	Packer packer = {.data = data, .room = room};

	pack_int(&packer, ANSWER_RESULT);
	/* the lists behind the pointers follow */
	pack_bytes(&packer, result, sizeof(*result));
	pack_text(&packer, result->order_ref);
	for (int i = 0; i < result->num_seats; i++)
		pack_text(&packer, result->seats[i]);
	for (int i = 0; i < result->num_conflicts; i++)
	{
		const Conflict *conflict = &result->conflicts[i];

		pack_byte(&packer, conflict->reason);
		pack_bytes(&packer, &conflict->until, sizeof(conflict->until));
		pack_text(&packer, conflict->label);
	}
	return packed_size(&packer);
}

static ClaimResult *
unpack_result(const char *data)
{
	ClaimResult *result = palloc(sizeof(ClaimResult));
	Conflict *conflicts;

	unpack_bytes(&data, result, sizeof(*result));
	result->order_ref = unpack_text(&data);
	result->seats = palloc(sizeof(char *) * Max(result->num_seats, 1));
	for (int i = 0; i < result->num_seats; i++)
		result->seats[i] = unpack_text(&data);
	conflicts = palloc(sizeof(Conflict) * Max(result->num_conflicts, 1));
	for (int i = 0; i < result->num_conflicts; i++)
	{
		conflicts[i].reason = (ConflictReason) unpack_byte(&data);
		unpack_bytes(&data, &conflicts[i].until, sizeof(conflicts[i].until));
		conflicts[i].label = unpack_text(&data);
	}
	result->conflicts = conflicts;
	return result;
}

/* A text of an error, NULL when room is short: it is for people, not for programs. */
static void
pack_message(Packer *packer, const char *text)
{
	Size room = packer->room - packer->size;

	if (text != NULL && strlen(text) + 4 * sizeof(int32) > room)
		text = NULL;
	pack_text(packer, text);
}

Size
sl_request_codec_pack_error(char *data, Size room, const ErrorData *error)
{
	Packer packer = {.data = data, .room = room};

	pack_int(&packer, ANSWER_ERROR);
	pack_int(&packer, error->sqlerrcode);
	pack_message(&packer, error->message);
	pack_message(&packer, error->detail);
	pack_message(&packer, error->hint);
	Assert(!packer.full);
	return packer.size;
}

static void
raise_error(const char *data)
{
	int sqlerrcode = unpack_int(&data);
	char *message = unpack_text(&data);
	char *detail = unpack_text(&data);
	char *hint = unpack_text(&data);

	ereport(ERROR, (errcode(sqlerrcode),
					errmsg_internal("%s", message != NULL ? message : "the request failed"),
					detail != NULL ? errdetail_internal("%s", detail) : 0,
					hint != NULL ? errhint("%s", hint) : 0));
}

ClaimResult *
sl_request_codec_unpack_result(const char *data)
{
	if (unpack_int(&data) == ANSWER_ERROR)
		raise_error(data);
	return unpack_result(data);
}
