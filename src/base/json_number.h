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
	Datum bound = NumericGetDatum(int64_to_numeric(limit));
	bool is_within = DatumGetBool(DirectFunctionCall2(numeric_le, size, bound)) &&
					 DatumGetInt32(DirectFunctionCall1(numeric_scale, value)) <= max_decimals;

	pfree(DatumGetPointer(size));
	pfree(DatumGetPointer(bound));
	return is_within;
}

#endif /* SEATLOCK_JSON_NUMBER_H */
