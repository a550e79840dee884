/*-------------------------------------------------------------------------
 *
 * args.c
 *		Arguments of SQL functions, checked and named in errors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "args.h"
#include "errors.h"

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

char *
sl_arg_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	char *name = sl_arg_optional_name(fcinfo, argno, argument);

	if (name == NULL)
		sl_error_null_argument(argument);
	return name;
}

char *
sl_arg_optional_name(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	char *name;

	if (PG_ARGISNULL(argno))
		return NULL;
	name = text_to_cstring(PG_GETARG_TEXT_PP(argno));
	if (name[0] == '\0')
		sl_error_empty_argument(argument);
	if (strlen(name) > SL_MAX_NAME_LENGTH)
		sl_error_too_long(argument, SL_MAX_NAME_LENGTH);
	return name;
}

int
sl_arg_positive(FunctionCallInfo fcinfo, int argno, const char *argument)
{
	if (PG_ARGISNULL(argno))
		sl_error_null_argument(argument);
	return sl_arg_optional_positive(fcinfo, argno, argument, 1);
}

int
sl_arg_optional_positive(FunctionCallInfo fcinfo, int argno, const char *argument, int fallback)
{
	int value;

	if (PG_ARGISNULL(argno))
		return fallback;
	value = PG_GETARG_INT32(argno);
	if (value < 1)
		sl_error_not_positive(argument, value);
	return value;
}

char *
sl_arg_optional_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

char *
sl_arg_token(FunctionCallInfo fcinfo, int argno)
{
	char *token = sl_arg_optional_text(fcinfo, argno);

	if (token == NULL)
		sl_error_null_argument("token");
	if (token[0] == '\0')
		sl_error_empty_argument("token");
	return token;
}

SeatList
sl_arg_seats(FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		sl_error_null_argument("seats");
	return sl_seat_list_parse(text_to_cstring(PG_GETARG_TEXT_PP(argno)), "seats");
}
