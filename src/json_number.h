/*-------------------------------------------------------------------------
 *
 * json_number.h
 *		Numbers in JSON from outside: bounded before anything is made of them.
 *
 * "1e131071" is eight bytes, and 131 kilobytes when it is written out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_JSON_NUMBER_H
#define SEATLOCK_JSON_NUMBER_H

#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/* Does it lie between -limit and limit, with at most so many decimals? */
static inline bool
json_number_is_within(Numeric number, int64 limit, int max_decimals)
{
	Datum value = NumericGetDatum(number);
	Datum size = DirectFunctionCall1(numeric_abs, value);

	return DatumGetBool(
			   DirectFunctionCall2(numeric_le, size, NumericGetDatum(int64_to_numeric(limit)))) &&
		   DatumGetInt32(DirectFunctionCall1(numeric_scale, value)) <= max_decimals;
}

#endif /* SEATLOCK_JSON_NUMBER_H */
