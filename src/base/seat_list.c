/*-------------------------------------------------------------------------
 *
 * seat_list.c
 *		The seats argument: a set of labels and guids.
 *
 * One text form serves every client: a JSON array, a PostgreSQL array literal
 * or a single label.  The server's own lexer and parser read the first two;
 * what they refuse is raised again as 22023, the one SQLSTATE for a malformed
 * argument.
 *
 * A caller may send anything, so nothing is taken out of the text that
 * is larger than it was in there: a number is the label as it is written, and
 * never a value, which nine bytes could make 131 kB long; elements are counted
 * and measured before they are copied; and all labels together are one copy of
 * the text.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "lib/qunique.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/grow.h"
#include "base/name.h"
#include "base/seat_list.h"

/* room for so many labels at first, where they are counted only as they come */
#define FIRST_LABELS 16

/* what a guid stands in, and the least that it takes in JSON, with a comma */
#define GUID_HEAD "{\"guid\": \""
#define GUID_TAIL "\"}"
#define MIN_GUID_LENGTH 13

/* A list in the making; text is the room that is left for its labels. */
typedef struct ListMaker
{
	SeatList list;
	int max_labels;
	char *text;
	const char *argument;
} ListMaker;

pg_noreturn static void error_malformed(const char *argument, const char *what);

static void
error_malformed(const char *argument, const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" has a malformed list of seats", argument),
					errdetail_internal("%s", what)));
}

static void
check_count(int num_labels, const char *argument)
{
	if (num_labels > SL_MAX_SEATS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"%s\" names too many seats", argument),
						errdetail("At most %d seats are allowed in one call.", SL_MAX_SEATS)));
}

/* For labels that take so many bytes in all, with a closing zero each. */
static void
begin_list(ListMaker *maker, int max_labels, Size num_bytes, const char *argument)
{
	maker->list.num_labels = 0;
	maker->list.labels = palloc(sizeof(char *) * max_labels);
	maker->max_labels = max_labels;
	maker->text = palloc(num_bytes);
	maker->argument = argument;
}

/* Begin the next label of the list: append_bytes() goes on with it. */
static void
begin_label(ListMaker *maker)
{
	SeatList *list = &maker->list;

	check_count(list->num_labels + 1, maker->argument);
	list->labels = grow_array(list->labels, list->num_labels, &maker->max_labels, sizeof(char *));
	list->labels[list->num_labels++] = maker->text;
}

static void
append_bytes(ListMaker *maker, const char *bytes, Size length)
{
	memcpy(maker->text, bytes, length);
	maker->text += length;
}

static void
append_label(ListMaker *maker, const char *label, Size length)
{
	if (length == 0)
		error_malformed(maker->argument, "A seat label is empty.");
	if (length > SL_MAX_LABEL_LENGTH)
		error_malformed(maker->argument,
						psprintf("A seat label has more than %d bytes.", SL_MAX_LABEL_LENGTH));
	begin_label(maker);
	append_bytes(maker, label, length);
	append_bytes(maker, "", 1);
}

static void
append_guid(ListMaker *maker, const char *guid, Size length)
{
	if (length == 0)
		error_malformed(maker->argument, "A guid is empty.");
	if (length > SL_MAX_NAME_LENGTH)
		error_malformed(maker->argument,
						psprintf("A guid has more than %d bytes.", SL_MAX_NAME_LENGTH));
	begin_label(maker);
	append_bytes(maker, GUID_HEAD, strlen(GUID_HEAD));
	append_bytes(maker, guid, length);
	append_bytes(maker, GUID_TAIL, strlen(GUID_TAIL) + 1);
}

char *
sl_seat_list_find_guid(const char *label)
{
	Size length = strlen(label);
	Size head = strlen(GUID_HEAD);
	Size tail = strlen(GUID_TAIL);

	if (length < head + tail || memcmp(label, GUID_HEAD, head) != 0 ||
		strcmp(label + length - tail, GUID_TAIL) != 0)
		return NULL;
	return pnstrdup(label + head, length - head - tail);
}

static int
compare_labels(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static SeatList
finish_list(ListMaker *maker)
{
	SeatList list = maker->list;

	if (list.num_labels == 0)
		sl_error_empty_argument(maker->argument);
	qsort(list.labels, list.num_labels, sizeof(char *), compare_labels);
	list.num_labels = (int) qunique(list.labels, list.num_labels, sizeof(char *), compare_labels);
	return list;
}

SeatList
sl_seat_list_from_array(ArrayType *array, const char *argument)
{
	ListMaker maker;
	Datum *elements;
	bool *nulls;
	int n;

	if (ARR_NDIM(array) > 1)
		error_malformed(argument, "An array of seats must have one dimension.");
	check_count(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)), argument);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	/* an element's header is longer than the closing zero that it needs here */
	begin_list(&maker, Max(n, 1), VARSIZE(array), argument);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			error_malformed(argument, "A seat is null.");
		append_label(&maker, VARDATA_ANY(elements[i]), VARSIZE_ANY_EXHDR(elements[i]));
	}
	pfree(elements);
	pfree(nulls);
	return finish_list(&maker);
}

/* The next token of a JSON text. */
static JsonTokenType
next_token(JsonLexContext *lex, const char *argument)
{
	JsonParseErrorType error = json_lex(lex);

	if (error != JSON_SUCCESS)
		error_malformed(argument, json_errdetail(error, lex));
	return lex->token_type;
}

/* The token is not what must stand here. */
static void
refuse_token(JsonLexContext *lex, JsonParseErrorType expected, const char *argument)
{
	if (lex->token_type == JSON_TOKEN_END)
		expected = JSON_EXPECTED_MORE;
	error_malformed(argument, json_errdetail(expected, lex));
}

/* {"guid": "..."}, whose opening brace was read: nothing else may stand in the object. */
static void
append_object(ListMaker *maker, JsonLexContext *lex)
{
	static const char *const what =
		"An object in the JSON array must have one key, \"guid\", and a string for it.";

	if (next_token(lex, maker->argument) != JSON_TOKEN_STRING ||
		strcmp(lex->strval->data, "guid") != 0 ||
		next_token(lex, maker->argument) != JSON_TOKEN_COLON ||
		next_token(lex, maker->argument) != JSON_TOKEN_STRING)
		error_malformed(maker->argument, what);
	append_guid(maker, lex->strval->data, lex->strval->len);
	if (next_token(lex, maker->argument) != JSON_TOKEN_OBJECT_END)
		error_malformed(maker->argument, what);
}

static void
append_json(ListMaker *maker, JsonLexContext *lex)
{
	switch (lex->token_type)
	{
		case JSON_TOKEN_STRING:
			append_label(maker, lex->strval->data, lex->strval->len);
			break;
		case JSON_TOKEN_NUMBER:
			append_label(maker, lex->token_start, lex->token_terminator - lex->token_start);
			break;
		case JSON_TOKEN_NULL:
			error_malformed(maker->argument, "A seat is null.");
			break;
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
		case JSON_TOKEN_ARRAY_START:
			error_malformed(maker->argument,
							"Only strings, numbers and guids may stand in the JSON array.");
			break;
		case JSON_TOKEN_OBJECT_START:
			append_object(maker, lex);
			break;
		default:
			refuse_token(lex, JSON_EXPECTED_JSON, maker->argument);
	}
}

/*
 * No string or number is longer than its text, closing zero and all: it has quotes,
 * or a comma.  A guid may be, by the blank that its name has.
 */
static SeatList
list_from_json(const char *text, Size length, const char *argument)
{
	JsonLexContext *lex = makeJsonLexContextCstringLen(NULL, unconstify(char *, text), (int) length,
													   GetDatabaseEncoding(), true);
	ListMaker maker;
	JsonTokenType token;

	begin_list(&maker, FIRST_LABELS, length + length / MIN_GUID_LENGTH, argument);
	(void) next_token(lex, argument); /* the opening bracket */
	token = next_token(lex, argument);
	while (token != JSON_TOKEN_ARRAY_END)
	{
		CHECK_FOR_INTERRUPTS();
		append_json(&maker, lex);
		token = next_token(lex, argument);
		if (token == JSON_TOKEN_COMMA)
		{
			if (next_token(lex, argument) == JSON_TOKEN_ARRAY_END)
				refuse_token(lex, JSON_EXPECTED_JSON, argument);
		}
		else if (token != JSON_TOKEN_ARRAY_END)
			refuse_token(lex, JSON_EXPECTED_ARRAY_NEXT, argument);
	}
	if (next_token(lex, argument) != JSON_TOKEN_END)
		refuse_token(lex, JSON_EXPECTED_END, argument);
	return finish_list(&maker);
}

/* How many elements an array literal has at most: array_in makes room for them all. */
static int
count_elements(const char *text, Size length)
{
	bool quoted = false;
	int count = 1;

	for (Size i = 0; i < length; i++)
	{
		if (text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (text[i] == ',' && !quoted)
			count++;
	}
	return count;
}

static SeatList
list_from_literal(const char *text, Size length, const char *argument)
{
	Datum array;

	check_count(count_elements(text, length), argument);
	array = OidInputFunctionCall(F_ARRAY_IN, pnstrdup(text, length), TEXTOID, -1);
	return sl_seat_list_from_array(DatumGetArrayTypeP(array), argument);
}

/*
 * Read a list and raise what the server's code refuses as 22023, which is what
 * our own checks raise.  The error is always raised again, so nothing that was
 * left behind needs cleaning up here.
 */
static SeatList
read_list(SeatList (*reader)(const char *, Size, const char *), const char *text, Size length,
		  const char *argument)
{
	MemoryContext context = CurrentMemoryContext;
	SeatList list = {0};

	PG_TRY();
	{
		list = reader(text, length, argument);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode == ERRCODE_INVALID_PARAMETER_VALUE ||
			(ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION &&
			 error->sqlerrcode != ERRCODE_FEATURE_NOT_SUPPORTED &&
			 error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED))
			PG_RE_THROW();
		FlushErrorState();
		error_malformed(argument, error->detail != NULL ? error->detail : error->message);
	}
	PG_END_TRY();
	return list;
}

SeatList
sl_seat_list_parse(const char *text, const char *argument)
{
	Size length = sl_name_trim(&text, strlen(text));
	ListMaker maker;

	if (length == 0)
		sl_error_empty_argument(argument);
	if (length > SL_MAX_LIST_LENGTH)
		sl_error_too_long(argument, SL_MAX_LIST_LENGTH);
	if (text[0] == '[')
		return read_list(list_from_json, text, length, argument);
	if (text[0] == '{')
		return read_list(list_from_literal, text, length, argument);
	begin_list(&maker, 1, length + 1, argument);
	append_label(&maker, text, length);
	return finish_list(&maker);
}
