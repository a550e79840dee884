/*-------------------------------------------------------------------------
 *
 * seat_list.c
 *		The seats argument: a set of labels.
 *
 * One text form serves every client: a JSON array, a PostgreSQL array literal
 * or a single label.  The server's own parsers read the first two; what they
 * refuse is raised again as 22023, the one SQLSTATE for a malformed argument.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/qunique.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "errors.h"
#include "json_number.h"
#include "seat_list.h"

/* labels that are written as numbers */
#define MAX_NUMBER_LABEL INT64CONST(1000000000000000000)
#define MAX_LABEL_DECIMALS 18

static void error_malformed(const char *argument, const char *what) pg_attribute_noreturn();

static void
error_malformed(const char *argument, const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" has a malformed list of seats", argument),
					errdetail_internal("%s", what)));
}

static int
compare_labels(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
append_label(SeatList *list, char *label, const char *argument)
{
	if (label[0] == '\0')
		error_malformed(argument, "A seat label is empty.");
	list->labels[list->num_labels++] = label;
}

static SeatList
make_list(int max_labels, const char *argument)
{
	SeatList list;

	if (max_labels == 0)
		sl_error_empty_argument(argument);
	if (max_labels > SL_MAX_SEATS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"%s\" names too many seats", argument),
						errdetail("At most %d seats are allowed in one call.", SL_MAX_SEATS)));
	list.num_labels = 0;
	list.labels = palloc(sizeof(char *) * max_labels);
	return list;
}

static SeatList
finish_list(SeatList list)
{
	qsort(list.labels, list.num_labels, sizeof(char *), compare_labels);
	list.num_labels = (int) qunique(list.labels, list.num_labels, sizeof(char *), compare_labels);
	return list;
}

SeatList
sl_seat_list_from_array(ArrayType *array, const char *argument)
{
	SeatList list;
	Datum *elements;
	bool *nulls;
	int n;

	if (ARR_NDIM(array) > 1)
		error_malformed(argument, "An array of seats must have one dimension.");
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	list = make_list(n, argument);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			error_malformed(argument, "A seat is null.");
		append_label(&list, TextDatumGetCString(elements[i]), argument);
	}
	return finish_list(list);
}

/* A number is a label as it is written out, without an exponent: so it has few digits. */
static char *
label_from_number(Numeric number, const char *argument)
{
	if (!json_number_is_within(number, MAX_NUMBER_LABEL, MAX_LABEL_DECIMALS))
		error_malformed(argument, "A number in the JSON array has too many digits.");
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
}

static char *
label_from_json(const JsonbValue *value, const char *argument)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return label_from_number(value->val.numeric, argument);
		case jbvNull:
			error_malformed(argument, "A seat is null.");
			break;
		default:
			error_malformed(argument, "Only strings and numbers may stand in the JSON array.");
	}
	return NULL;
}

static SeatList
list_from_json(Jsonb *json, const char *argument)
{
	JsonbIterator *it;
	JsonbValue value;
	SeatList list;

	list = make_list((int) JB_ROOT_COUNT(json), argument);
	it = JsonbIteratorInit(&json->root);
	(void) JsonbIteratorNext(&it, &value, true);
	while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
		append_label(&list, label_from_json(&value, argument), argument);
	return finish_list(list);
}

/*
 * Run one of the server's input functions and raise what it refuses as 22023.
 * The error is always raised again, so nothing that the parser left behind
 * needs cleaning up here.  Statement_too_complex is a list nested too deep.
 */
static Datum
parse_with(Oid input_function, char *text, const char *argument)
{
	MemoryContext context = CurrentMemoryContext;
	Datum result;

	PG_TRY();
	{
		result = OidInputFunctionCall(input_function, text, TEXTOID, -1);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION &&
			error->sqlerrcode != ERRCODE_STATEMENT_TOO_COMPLEX &&
			error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
		error_malformed(argument, error->detail != NULL ? error->detail : error->message);
	}
	PG_END_TRY();
	return result;
}

static char *
trim(const char *text)
{
	const char *end = text + strlen(text);

	while (isspace((unsigned char) *text))
		text++;
	while (end > text && isspace((unsigned char) end[-1]))
		end--;
	return pnstrdup(text, end - text);
}

SeatList
sl_seat_list_parse(const char *text, const char *argument)
{
	char *trimmed = trim(text);
	SeatList list;

	switch (trimmed[0])
	{
		case '\0':
			sl_error_empty_argument(argument);
			break;
		case '[':
			return list_from_json(DatumGetJsonbP(parse_with(F_JSONB_IN, trimmed, argument)),
								  argument);
		case '{':
			return sl_seat_list_from_array(
				DatumGetArrayTypeP(parse_with(F_ARRAY_IN, trimmed, argument)), argument);
		default:
			break;
	}
	list = make_list(1, argument);
	append_label(&list, trimmed, argument);
	return list;
}
