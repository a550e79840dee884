/*-------------------------------------------------------------------------
 *
 * errors.c
 *		Errors that more than one room raises, each with its SQLSTATE.
 *
 * Clients branch on the SQLSTATE alone; the texts are for people.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/errors.h"

void
sl_error_no_event(const char *event)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("event \"%s\" does not exist", event)));
}

void
sl_error_no_venue(const char *venue)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("venue \"%s\" does not exist", venue)));
}

void
sl_error_no_section(const char *section, const char *event)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("section \"%s\" of event \"%s\" does not exist", section, event)));
}

void
sl_error_no_category(const char *category, const char *event)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("category \"%s\" of event \"%s\" does not exist", category, event)));
}

void
sl_error_null_argument(const char *argument)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" must not be null", argument)));
}

void
sl_error_empty_argument(const char *argument)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" must not be empty", argument)));
}

void
sl_error_too_long(const char *argument, int max_bytes)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" is too long", argument),
					errdetail("At most %d bytes are allowed.", max_bytes)));
}

void
sl_error_control_character(const char *argument)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("argument \"%s\" must not have control characters", argument)));
}

void
sl_error_out_of_range(const char *argument, int64 value, int least)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					value < least ? errmsg("argument \"%s\" must be at least %d, not " INT64_FORMAT,
										   argument, least, value)
								  : errmsg("argument \"%s\" must be at most %d, not " INT64_FORMAT,
										   argument, PG_INT32_MAX, value)));
}

void
sl_error_not_built(const char *argument)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("argument \"%s\" is not supported yet", argument), errhint("Leave it out.")));
}

void
sl_error_not_preloaded(const char *function, const char *more)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("%s needs seatlock in shared_preload_libraries", function),
					errdetail("It was not there when the server started."),
					errhint("Add seatlock to shared_preload_libraries in postgresql.conf, and "
							"restart the server.%s",
							more)));
}

void
sl_error_other_version(const char *what, int num_known, int num_found)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
		 errmsg("%s is not of this version of seatlock", what),
		 num_known == num_found
			 ? errdetail("One of its columns is of another type, or was dropped.")
			 : errdetail("This library knows %d columns of it, there are %d.", num_known,
						 num_found),
		 errhint("After an upgrade, restart the server and run ALTER EXTENSION seatlock UPDATE. "
				 "Columns of seatlock's own tables and types must stay as they are.")));
}

void
sl_error_sequence_behind(const char *sequence, int64 last, int64 highest)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
		 errmsg("sequence \"seatlock.%s\" is behind the tables", sequence),
		 errdetail("It is at " INT64_FORMAT ", the tables have " INT64_FORMAT
				   ". Logical replication brings rows, and no sequences.",
				   last, highest),
		 errhint("Once no more rows come from the other server, run seatlock.sync_sequences().")));
}

void
sl_error_fill_group_too_large(ErrorData *error, const char *verb)
{
	memset(error, 0, sizeof(*error));
	error->elevel = ERROR;
	error->sqlerrcode = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	error->message = pstrdup("the request is too large to be decided in a group");
	error->hint = psprintf("Use %s() for so many seats.", verb);
}

void
sl_error_group_too_large(const char *verb)
{
	ErrorData error;

	sl_error_fill_group_too_large(&error, verb);
	ereport(ERROR, (errcode(error.sqlerrcode), errmsg_internal("%s", error.message),
					errhint("%s", error.hint)));
}

/* An error that has nothing to do with the request: later it may go well. */
bool
sl_error_is_transient(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'): /* serialization */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'): /* no resources */
		case MAKE_SQLSTATE('5', '5', '0', '0', '0'): /* not now */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'): /* cancelled */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'): /* the system's */
			return true;
		default:
			return false;
	}
}
