/*-------------------------------------------------------------------------
 *
 * args.h
 *		Arguments of SQL functions, checked and named in errors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_ARGS_H
#define SEATLOCK_ARGS_H

#include "fmgr.h"

#include "base/seat_list.h"

/*
 * First thing in every function that writes: 25006 in a read-only transaction
 * and on a standby.  verb is named in the error.
 */
extern void sl_arg_require_writable(const char *verb);
/* required: 22023 when null, empty or longer than SL_MAX_NAME_LENGTH */
extern char *sl_arg_name(FunctionCallInfo fcinfo, int argno, const char *argument);
/* the same for a name that is given to something: no control character */
extern char *sl_arg_shown_name(FunctionCallInfo fcinfo, int argno, const char *argument);
/* the same for what a plan names, trimmed as the seats argument is: labels are made of it */
extern char *sl_arg_plan_name(FunctionCallInfo fcinfo, int argno, const char *argument);
/* optional: NULL pointer when null; 22023 when empty or too long */
extern char *sl_arg_optional_name(FunctionCallInfo fcinfo, int argno, const char *argument);
/* numbers are bigint in SQL, so that any driver's integer finds them, and int here: else 22023 */
/* required and at least 1 */
extern int sl_arg_positive(FunctionCallInfo fcinfo, int argno, const char *argument);
/* optional: fallback when null; 22023 when below least */
extern int sl_arg_optional_number(FunctionCallInfo fcinfo, int argno, const char *argument,
								  int least, int fallback);
/* the same, at least 1 */
extern int sl_arg_optional_positive(FunctionCallInfo fcinfo, int argno, const char *argument,
									int fallback);
/* an argument of a version to come: 0A000 unless it is null */
extern void sl_arg_not_built(FunctionCallInfo fcinfo, int argno, const char *argument);

/* any text of up to SL_MAX_TEXT_LENGTH: an order reference, a reason; NULL pointer when null */
extern char *sl_arg_optional_text(FunctionCallInfo fcinfo, int argno, const char *argument);
/* one seat, as it is written */
extern char *sl_arg_label(FunctionCallInfo fcinfo, int argno, const char *argument);
extern SeatList sl_arg_seats(FunctionCallInfo fcinfo, int argno);
extern SeatList sl_arg_seat_labels(FunctionCallInfo fcinfo, int argno, const char *argument);

#endif /* SEATLOCK_ARGS_H */
