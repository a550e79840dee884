/*-------------------------------------------------------------------------
 *
 * args.c
 *		Arguments of SQL functions, checked and named in errors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/errors.h"
#include "base/name.h"

/*
 * Direct table access passes none of the executor's guards, and with SQL they
 * would come too late: the contract puts 25006 before any other check.
 */
void
sl_arg_require_writable(const char *verb)
{
	PreventCommandIfReadOnly(verb);
	PreventCommandIfParallelMode(verb);
	PreventCommandDuringRecovery(verb);
}

/*
 * The length of a text is looked at before it is fetched: one that is stored
 * out of line, or compressed, may be a gigabyte.
 */
static void
check_length(FunctionCallInfo fcinfo, int argno, const char *argument, Size max_length)
{
	if (toast_raw_datum_size(PG_GETARG_DATUM(argno)) > max_length + VARHDRSZ)
		sl_error_too_long(argument, (int) max_length);
}

/* NULL pointer when null */
static char *
optional_text(FunctionCallInfo fcinfo, int argno, const char *argument, Size max_length)
{
	if (PG_ARGISNULL(argno))
		return NULL;
	check_length(fcinfo, argno, argument, max_length);
	return text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

/* neither null nor empty */
static char *
required_text(FunctionCallInfo fcinfo, int argno, const char *argument, Size max_length)
{
	char *text = optional_text(fcinfo, argno, argument, max_length);

	if (text == NULL)
		sl_error_null_argument(argument);
	if (text[0] == '\0')
		sl_error_empty_argument(argument);
	return text;
}

char *
sl_arg_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	return required_text(fcinfo, argno, argument, SL_MAX_NAME_LENGTH);
}

char *
sl_arg_optional_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	return PG_ARGISNULL(argno) ? NULL : sl_arg_name(fcinfo, argno, argument);
}

char *
sl_arg_shown_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	char *name = sl_arg_name(fcinfo, argno, argument);

	if (sl_name_has_control(name))
		sl_error_control_character(argument);
	return name;
}

char *
sl_arg_plan_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	const char *name = sl_arg_name(fcinfo, argno, argument);
	char *trimmed;
	size_t length = sl_name_trim(&name, strlen(name));

	if (length == 0)
		sl_error_empty_argument(argument);
	trimmed = pnstrdup(name, length);
	if (sl_name_has_control(trimmed))
		sl_error_control_character(argument);
	return trimmed;
}

int
sl_arg_positive(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	if (PG_ARGISNULL(argno))
		sl_error_null_argument(argument);
	return sl_arg_optional_positive(fcinfo, argno, argument, 1);
}

int
sl_arg_optional_number(FunctionCallInfo fcinfo, int argno, const char *argument, int least,
					   int fallback)
{
	int64 value;

	if (PG_ARGISNULL(argno))
		return fallback;
	value = PG_GETARG_INT64(argno);
	if (value < least || value > PG_INT32_MAX)
		sl_error_out_of_range(argument, value, least);
	return (int) value;
}

int
sl_arg_optional_positive(FunctionCallInfo fcinfo, int argno, const char *argument, int fallback)
{
	return sl_arg_optional_number(fcinfo, argno, argument, 1, fallback);
}

void
sl_arg_not_built(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	if (!PG_ARGISNULL(argno))
		sl_error_not_built(argument);
}

char *
sl_arg_optional_text(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	return optional_text(fcinfo, argno, argument, SL_MAX_TEXT_LENGTH);
}

char *
sl_arg_label(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	return required_text(fcinfo, argno, argument, SL_MAX_LABEL_LENGTH);
}

SeatList
sl_arg_seats(FunctionCallInfo fcinfo, int argno)
{
	char *text = optional_text(fcinfo, argno, "seats", SL_MAX_LIST_LENGTH);

	if (text == NULL)
		sl_error_null_argument("seats");
	return sl_seat_list_parse(text, "seats");
}

SeatList
sl_arg_seat_labels(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	if (PG_ARGISNULL(argno))
		sl_error_null_argument(argument);
	check_length(fcinfo, argno, argument, SL_MAX_LIST_LENGTH);
	return sl_seat_list_from_array(PG_GETARG_ARRAYTYPE_P(argno), argument);
}
